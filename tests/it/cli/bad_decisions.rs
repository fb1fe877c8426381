//! Decisions that are none, and rows and keys to look at them with that are none.

use serde_json::{Value as Json, json};

use super::desk::Desk;

#[test]
fn bundles() {
    let (desk, _) = Desk::decided();
    let text = desk.text("d.json");
    let good: Json = serde_json::from_str(&text).expect("JSON");
    let with = |member: &str, value: Json| {
        let mut bad = good.clone();
        bad[member] = value;
        bad.to_string()
    };
    let open = text.trim_end().strip_suffix('}').expect("an object").to_owned();
    let leaves = good["leaves"].as_array().expect("leaves").iter();
    let broken: Vec<String> = leaves.map(|leaf| format!("{}\n", leaf.as_str().expect("text"))).collect();
    let cases: &[(&str, Vec<u8>)] = &[
        ("cut", text[..200].into()),
        ("byte-order-mark", format!("\u{feff}{text}").into()),
        ("nul-at-the-end", format!("{text}\0").into()),
        ("utf-8-broken", [b"\xff", text.as_bytes()].concat()),
        ("brackets-100000", "[".repeat(100_000).into()),
        ("member-nested-100000", format!("{open}, \"more\": {}", "[".repeat(100_000)).into()),
        ("note-twice", format!("{open}, \"note\": \"\"}}").into()),
        ("note-missing", json!({"leaves": []}).to_string().into()),
        ("note-number", with("note", json!(5)).into()),
        ("note-empty", with("note", json!("")).into()),
        ("note-escape-sequence", with("note", json!("\u{1b}[2J")).into()),
        ("note-longer-than-1-mebibyte", with("note", json!("x".repeat(2 << 20))).into()),
        ("leaves-text", with("leaves", json!("Lisbon")).into()),
        ("leaves-numbers", with("leaves", json!([1, 2])).into()),
        ("leaf-with-line-end", with("leaves", json!(broken)).into()),
        ("leaf-of-10-megabytes", with("leaves", json!(["x".repeat(10_000_000)])).into()),
        ("number-too-large", b"{\"note\": 1e999, \"leaves\": []}".into()),
        ("longer-than-64-mebibytes", with("note", json!("x".repeat(65 << 20))).into()),
        ("null", b"null".into()),
    ];
    for (case, bundle) in cases {
        desk.put("bad.json", bundle);
        desk.cannot(&format!("bad-bundle-{case}-show"), "show bad.json");
        desk.says_no(&format!("bad-bundle-{case}-verify"), "verify bad.json --verifier keys/device.vkey");
    }
}

#[test]
fn rows_to_show() {
    let (desk, _) = Desk::decided();
    desk.cannot("bad-row-line-end", "show d.json --row 'a\nb'");
    desk.cannot("bad-row-escape-sequence", "show d.json --row '\u{1b}[2Jflu'");
    desk.cannot("bad-row-right-to-left-override", "show d.json --row 'a\u{202e}b'");
    desk.cannot("bad-row-zero-width-space", "show d.json --row 'flu\u{200b}'");
    desk.cannot("bad-row-tag-letter", "show d.json --row 'flu\u{e0041}'");
    desk.cannot("bad-row-empty", "show d.json --row ''");
    desk.cannot("bad-row-10000-bytes", &format!("show d.json --row {}", "x".repeat(10_000)));
    desk.says_no("bad-row-other-capitals", "show d.json --row FLU");
}

#[test]
fn decisions_to_find() {
    let (desk, id) = Desk::decided();
    desk.cannot("bad-decision-folder", "show keys");
    desk.cannot("bad-decision-empty-name", "show ''");
    desk.cannot("bad-decision-name-with-line-end", "show 'a\nb'");
    desk.cannot("bad-decision-id-without-vault", &format!("show {}", "0".repeat(32)));
    desk.cannot("bad-decision-id-short", &format!("show {} --vault v.sgv --keys keys", "0".repeat(31)));
    desk.cannot("bad-decision-id-in-capitals", &format!("show {} --vault v.sgv --keys keys", "AB".repeat(16)));
    desk.says_no("bad-decision-id-unknown", &format!("show {} --vault v.sgv --keys keys", "0".repeat(32)));
    desk.says_no(
        "bad-decision-id-unknown-verify",
        &format!("verify {} --vault v.sgv --keys keys --verifier keys/device.vkey", "0".repeat(32)),
    );
    desk.cannot("bad-decision-id-vault-of-others", &format!("show {id} --vault v.sgv --keys other"));
}

#[test]
fn verifiers() {
    let (desk, _) = Desk::decided();
    let vkey = desk.text("keys/device.vkey").trim_end().to_owned();
    let verify = |verifier: &str| format!("verify d.json --verifier {verifier}");
    desk.cannot("bad-verifier-cut", &verify(&vkey[..vkey.len() - 3]));
    desk.cannot("bad-verifier-a-letter-more", &verify(&format!("{vkey}x")));
    desk.cannot("bad-verifier-other-name", &verify(&vkey.replace("/me/", "/you/")));
    desk.cannot("bad-verifier-pluses", &verify("++"));
    desk.cannot("bad-verifier-line-end", &verify("'a\nb+0+0'"));
    desk.cannot("bad-verifier-escape-sequence", &verify("'\u{1b}[2J+0+0'"));
    desk.cannot("bad-verifier-empty", &verify("''"));
    desk.cannot("bad-verifier-a-folder", &verify("keys"));
    desk.cannot("bad-verifier-identity", &verify("keys/identity.pub"));
    desk.put("empty", "").put("two.vkey", format!("{vkey}\n{vkey}\n")).put("space.vkey", format!(" {vkey}\n"));
    desk.put("bom.vkey", format!("\u{feff}{vkey}\n")).put("bytes.vkey", [0xff, 0xfe]);
    desk.cannot("bad-verifier-file-empty", &verify("empty"));
    desk.cannot("bad-verifier-file-of-two", &verify("two.vkey"));
    desk.cannot("bad-verifier-file-with-space", &verify("space.vkey"));
    desk.cannot("bad-verifier-file-byte-order-mark", &verify("bom.vkey"));
    desk.cannot("bad-verifier-file-of-bytes", &verify("bytes.vkey"));
}
