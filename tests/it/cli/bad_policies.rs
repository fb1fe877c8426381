//! Policy folders that hold no set, and cases files that hold no cases.

use std::fs;

use super::desk::Desk;

const SET: &str = "name = \"house\"\nversion = 3\nbase = \"stillgood\"\n";
const POLICY: &str =
    "// A row that was confirmed often is background.\nif row.confirmations > 3 { background(\"often\") }\n";

#[test]
fn sets() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let cases: &[(&str, Vec<u8>)] = &[
        ("empty", vec![]),
        ("nul", b"\0\0".into()),
        ("utf-8-broken", b"name = \"\xff\"".into()),
        ("byte-order-mark", format!("\u{feff}{SET}").into()),
        ("garbage", b"Lisbon, tea, a lock\n".into()),
        ("key-twice", format!("{SET}version = 4\n").into()),
        ("key-unknown", format!("{SET}colour = \"red\"\n").into()),
        ("nested-100000", format!("{SET}x = {}\n", "[".repeat(100_000)).into()),
        ("name-escape-sequence", SET.replace("house", "\\u001b[2J").into()),
        ("version-0", SET.replace('3', "0").into()),
        ("version-negative", SET.replace('3', "-1").into()),
        ("version-huge", SET.replace('3', "99999999999999999999999").into()),
        ("version-text", SET.replace('3', "\"3\"").into()),
        ("base-unknown", SET.replace("stillgood", "nobody").into()),
        ("relevant-from-2", format!("relevant_from = 2.0\n{SET}").into()),
        ("relevant-from-nan", format!("relevant_from = nan\n{SET}").into()),
        ("relevant-from-infinite", format!("relevant_from = inf\n{SET}").into()),
    ];
    for (case, set) in cases {
        desk.put("house/set.toml", set);
        desk.reports_no(&format!("bad-set-{case}"), "policy check house");
        desk.cannot(&format!("bad-set-{case}-decide"), "decide v.sgv --keys keys --policies house two.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

#[test]
fn folders() {
    let desk = Desk::full_vault();
    fs::create_dir(desk.path("bare")).expect("a folder");
    desk.put("setless/often.rhai", POLICY).put("file", SET);
    desk.put("policy-is-a-folder/set.toml", SET).put("policy-is-a-folder/often.rhai/file", "");
    desk.put("set-is-a-folder/set.toml/file", "");
    for folder in ["bare", "setless"] {
        desk.reports_no(&format!("bad-policies-{folder}"), &format!("policy check {folder}"));
        desk.cannot(
            &format!("bad-policies-{folder}-decide"),
            &format!("decide v.sgv --keys keys --policies {folder} two.json"),
        );
    }
    for folder in ["nowhere", "file", "policy-is-a-folder", "set-is-a-folder"] {
        desk.cannot(&format!("bad-policies-{folder}"), &format!("policy check {folder}"));
        desk.cannot(
            &format!("bad-policies-{folder}-decide"),
            &format!("decide v.sgv --keys keys --policies {folder} two.json"),
        );
    }
}

#[test]
fn policies() {
    let desk = Desk::full_vault();
    let cases: &[(&str, Vec<u8>)] = &[
        ("nul", b"// What?\n\0".into()),
        ("utf-8-broken", b"// What?\n\xff".into()),
        ("cut", b"// What?\nif row.confirmations > 3 {".into()),
        ("right-to-left-override", "// What?\nlive(\"\u{202e}evil\")\n".into()),
        ("nested", format!("// What?\n{}\n", "(".repeat(10_000)).into()),
        ("longer-than-65535", format!("// What?\n\"{}\"\n", "x".repeat(70_000)).into()),
        ("endless", b"// What?\nloop {}\n".into()),
    ];
    for (case, policy) in cases {
        desk.put("house/set.toml", SET).put("house/often.rhai", policy).put("house/often.cases.json", "[]");
        desk.reports_no(&format!("bad-policy-{case}"), "policy check house");
        desk.cannot(&format!("bad-policy-{case}-decide"), "decide v.sgv --keys keys --policies house two.json");
    }
}

#[test]
fn cases() {
    let desk = Desk::new();
    let case = |row: &str| format!("[{{\"name\": \"a row\", \"row\": {row}, \"expect\": null}}]");
    let cases: &[(&str, Vec<u8>)] = &[
        ("empty", vec![]),
        ("garbage", b"Lisbon, tea, a lock\n".into()),
        ("cut", b"[{\"name\":".into()),
        ("utf-8-broken", b"[{\"name\": \"\xff\", \"expect\": null}]".into()),
        ("byte-order-mark", "\u{feff}[]".into()),
        ("nul-at-the-end", b"[]\0".into()),
        ("null", b"null".into()),
        ("an-object", b"{}".into()),
        ("nested-100000", case(&format!("{{\"confirmations\": {}", "[".repeat(100_000))).into()),
        ("name-twice", b"[{\"name\": \"a\", \"name\": \"b\", \"expect\": null}]".into()),
        ("name-missing", b"[{\"expect\": null}]".into()),
        ("fact-twice", case("{\"confirmations\": 1, \"confirmations\": 9}").into()),
        ("fact-unknown", case("{\"colour\": 1}").into()),
        ("number-too-large", case("{\"confirmations\": 1e999}").into()),
        ("number-in-a-text", case("{\"confirmations\": \"nine\"}").into()),
        ("span-of-no-unit", case("{\"unconfirmed_for\": \"5 moons\"}").into()),
    ];
    desk.put("house/set.toml", SET).put("house/often.rhai", POLICY);
    for (case, content) in cases {
        desk.put("house/often.cases.json", content);
        desk.reports_no(&format!("bad-cases-{case}"), "policy check house");
    }
    // A name is shown; what it does to a terminal is not.
    let escape = case("{\"confirmations\": 9}").replace("a row", "\\u001b[2J\\u202e\\nhouse version 3: 0 failed");
    desk.put("house/often.cases.json", escape);
    let ran = desk.reports_no("bad-cases-name-escape-sequence", "policy check house");
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{}", ran.stdout);
    desk.put("house/often.cases.json", "[]").put("house/nobody.cases.json", case("{}"));
    desk.reports_no("bad-cases-of-no-policy", "policy check house");
}
