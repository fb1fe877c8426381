//! Key folders in which a key is missing, swapped, of somebody else, or no key.

use std::fs;

use super::desk::Desk;
use crate::support::skip;

/// Keys as OpenSSL makes them; `None`, visibly, without it.
fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    match std::process::Command::new("openssl").args(arguments).output() {
        Ok(output) if output.status.success() => Some(output.stdout),
        _ => {
            skip(&format!("needs `openssl {}`", arguments.join(" ")));
            None
        }
    }
}

#[test]
fn keys_of_others() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let swaps: &[(&str, &[(&str, &str)])] = &[
        ("owner-of-another", &[("other/owner.vkey", "owner.vkey")]),
        ("identity-of-another", &[("other/identity.pem", "identity.pem")]),
        ("device-of-another", &[("other/device.pem", "device.pem"), ("other/device.vkey", "device.vkey")]),
        ("device-secret-of-another", &[("other/device.pem", "device.pem")]),
        ("device-public-of-another", &[("other/device.vkey", "device.vkey")]),
        ("owner-as-device", &[("keys/owner.pem", "device.pem"), ("keys/owner.vkey", "device.vkey")]),
        ("owner-secret-as-device", &[("keys/owner.pem", "device.pem")]),
        ("device-as-owner", &[("keys/device.vkey", "owner.vkey")]),
        ("device-as-identity", &[("keys/device.pem", "identity.pem")]),
        ("identity-as-device", &[("keys/identity.pem", "device.pem")]),
        ("public-as-identity", &[("keys/identity.pub", "identity.pem")]),
        ("public-as-device", &[("keys/device.vkey", "device.pem")]),
        ("secret-as-public", &[("keys/device.pem", "device.vkey")]),
    ];
    for (case, files) in swaps {
        fresh_folder(&desk);
        for (from, to) in *files {
            desk.copy(from, &format!("mixed/{to}"));
        }
        desk.cannot(&format!("bad-keys-{case}-decide"), "decide v.sgv --keys mixed --save d.json two.json");
        desk.refuses("import v.sgv --keys mixed a.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    assert!(!desk.path("d.json").exists());
    // A new vault is not made for keys that do not belong together.
    fresh_folder(&desk);
    desk.copy("other/owner.vkey", "mixed/owner.vkey");
    desk.cannot("bad-keys-owner-of-another-init", "init w.sgv --keys mixed");
    assert!(!desk.path("w.sgv").exists());
}

/// `mixed`: a copy of the key folder.
fn fresh_folder(desk: &Desk) {
    let _ = fs::remove_dir_all(desk.path("mixed"));
    fs::create_dir(desk.path("mixed")).expect("a folder");
    for name in desk.names("keys") {
        desk.copy(&format!("keys/{name}"), &format!("mixed/{name}"));
    }
}

#[test]
fn files_that_are_no_keys() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let (pem, vkey) = (desk.text("keys/device.pem"), desk.text("keys/device.vkey"));
    let pems: &[(&str, Vec<u8>)] = &[
        ("empty", vec![]),
        ("bytes", vec![0xff, 0xfe, 0]),
        ("cut", pem[..60].into()),
        ("twice", [pem.as_bytes(), pem.as_bytes()].concat()),
        ("byte-order-mark", format!("\u{feff}{pem}").into()),
        ("nul-at-the-end", format!("{pem}\0").into()),
        ("certificate", pem.replace("PRIVATE KEY", "CERTIFICATE").into()),
        ("longer-than-1-mebibyte", pem.repeat(10_000).into()),
    ];
    let vkeys: &[(&str, Vec<u8>)] = &[
        ("empty", vec![]),
        ("bytes", vec![0xff, 0xfe, 0]),
        ("cut", vkey[..20].into()),
        ("twice", vkey.repeat(2).into()),
        ("byte-order-mark", format!("\u{feff}{vkey}").into()),
        ("space-before", format!(" {vkey}").into()),
    ];
    for (file, contents) in [("device.pem", pems), ("device.vkey", vkeys)] {
        for (case, content) in contents {
            fresh_folder(&desk);
            desk.put(&format!("mixed/{file}"), content);
            desk.cannot(&format!("bad-{}-{case}", file.replace('.', "-")), "decide v.sgv --keys mixed two.json");
        }
    }
    for file in ["device.pem", "device.vkey", "identity.pem", "owner.vkey"] {
        fresh_folder(&desk);
        let name = file.replace('.', "-");
        fs::remove_file(desk.path(&format!("mixed/{file}"))).expect("it is there");
        desk.cannot(&format!("bad-{name}-missing"), "decide v.sgv --keys mixed two.json");
        fs::create_dir(desk.path(&format!("mixed/{file}"))).expect("a folder");
        desk.cannot(&format!("bad-{name}-a-folder"), "decide v.sgv --keys mixed two.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

#[test]
fn keys_of_another_kind() {
    let desk = Desk::full_vault();
    let kinds: [(&str, &[&str]); 4] = [
        ("rsa", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("rsa-traditional", &["genrsa", "-traditional", "2048"]),
        ("elliptic-traditional", &["ecparam", "-name", "prime256v1", "-genkey", "-noout"]),
        ("ed448", &["genpkey", "-algorithm", "ED448"]),
    ];
    for (kind, arguments) in kinds {
        let Some(key) = openssl(arguments) else { continue };
        for file in ["device.pem", "identity.pem"] {
            fresh_folder(&desk);
            desk.put(&format!("mixed/{file}"), &key);
            desk.cannot(&format!("bad-{}-{kind}", file.replace('.', "-")), "decide v.sgv --keys mixed two.json");
        }
    }
}

/// A name becomes a line of what is signed.
#[test]
fn names_for_keys() {
    let desk = Desk::new();
    desk.cannot("bad-keygen-line-end", "keygen --name 'a\nb' --out keys");
    desk.cannot("bad-keygen-escape-sequence", "keygen --name '\u{1b}[2J' --out keys");
    desk.cannot("bad-keygen-right-to-left-override", "keygen --name 'a\u{202e}b' --out keys");
    desk.cannot("bad-keygen-empty", "keygen --name '' --out keys");
    desk.cannot("bad-keygen-10000-bytes", &format!("keygen --name {} --out keys", "x".repeat(10_000)));
    desk.cannot("bad-keygen-folder-empty", "keygen --name me --out ''");
    assert_eq!(desk.names(""), [""; 0], "nothing was made");
}
