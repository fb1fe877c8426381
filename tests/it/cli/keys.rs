//! `keygen` and `init`.

use std::fs;

use super::desk::Desk;

#[test]
fn keygen() {
    let desk = Desk::new();
    desk.answers("keygen", "keygen --name example.org/me --out keys");
    let files = ["device.pem", "device.vkey", "identity.pem", "identity.pub", "owner.pem", "owner.vkey"];
    assert_eq!(desk.names("keys"), files);
    desk.answers("keygen-new-folders", "keygen --name ada --out many/folders/down");
    let before = desk.bytes("keys/owner.pem");
    desk.cannot("keygen-again", "keygen --name example.org/me --out keys");
    assert_eq!(desk.bytes("keys/owner.pem"), before);
    fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.cannot("keygen-over-some-keys", "keygen --name example.org/me --out keys");
    assert_eq!(desk.names("keys"), ["device.pem", "device.vkey", "identity.pem", "identity.pub", "owner.vkey"]);
}

#[test]
fn keygen_bad_names() {
    let desk = Desk::new();
    desk.cannot("keygen-space", "keygen --name 'example.org/my keys' --out keys");
    desk.cannot("keygen-plus", "keygen --name a+b --out keys");
    desk.refuses(&format!("keygen --name {} --out keys", "x".repeat(129)));
    desk.put("file", "a file");
    desk.cannot("keygen-into-a-file", "keygen --name ada --out file");
    assert_eq!(desk.names(""), ["file"], "nothing was made");
}

/// Keys called `/owner` and `/device` would be nobody's.
#[test]
fn keygen_empty_name() {
    let desk = Desk::new();
    desk.refuses("keygen --name '' --out keys");
    assert_eq!(desk.names(""), [""; 0], "nothing was made");
}

#[test]
fn init() {
    let desk = Desk::new();
    desk.done("keygen --name example.org/me --out keys");
    desk.answers("init", "init v.sgv --keys keys");
    assert_eq!(desk.names("."), ["keys", "v.sgv"]);
    assert_eq!(desk.names("keys").iter().filter(|name| name.ends_with(".pin")).count(), 1);
    let before = desk.bytes("v.sgv");
    desk.cannot("init-over-a-vault", "init v.sgv --keys keys");
    assert_eq!(desk.bytes("v.sgv"), before);
    desk.put("diary.txt", "Dear diary");
    desk.cannot("init-over-a-file", "init diary.txt --keys keys");
    assert_eq!(desk.text("diary.txt"), "Dear diary");
    desk.cannot("init-no-key-folder", "init w.sgv --keys nowhere");
    desk.cannot("init-keys-is-a-file", "init w.sgv --keys diary.txt");
    fs::create_dir(desk.path("bare")).expect("a folder");
    desk.cannot("init-empty-key-folder", "init w.sgv --keys bare");
    desk.put("keys/device.pem", "not a key\n");
    desk.cannot("init-broken-key", "init w.sgv --keys keys");
    fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.cannot("init-without-owner", "init w.sgv --keys keys");
    assert_eq!(desk.names("."), ["bare", "diary.txt", "keys", "v.sgv"], "nothing was made");
}

#[test]
fn init_in_a_folder_that_is_not_there() {
    let desk = Desk::empty_vault();
    let ran = desk.refuses("init nowhere/v.sgv --keys keys");
    assert!(ran.stderr.contains("there is no folder `nowhere`"), "{}", ran.stderr);
}
