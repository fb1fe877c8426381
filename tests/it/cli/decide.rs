//! `decide`, with the policies that come with the program.

use std::fs;
use std::process::Stdio;

use serde_json::json;

use super::desk::Desk;
use crate::support::skip;

#[test]
fn decide() {
    let desk = Desk::full_vault();
    desk.answers("decide-file", "decide v.sgv --keys keys search.json");
    desk.answers("decide-pipe", "cat search.json | decide v.sgv --keys keys");
    desk.answers("decide-standard-input", "decide v.sgv --keys keys - < two.json");
    desk.answers("decide-all", "decide v.sgv --keys keys --all");
    desk.answers("decide-keep-bio", "decide v.sgv --keys keys --keep-bio --save bio.json search.json");
    desk.answers("show-kept-bio", "show bio.json");
    desk.answers("decide-save", "decide v.sgv --keys keys --save d.json two.json");
    desk.done("verify d.json --verifier keys/device.vkey");
    desk.answers("decide-save-again", "decide v.sgv --keys keys --save d.json search.json");
    assert_eq!(desk.done("show d.json --json").json()["rulings"].as_array().expect("rulings").len(), 9);
    desk.put("none.json", r#"{"memories": []}"#);
    desk.answers("decide-nothing-found", "decide v.sgv --keys keys none.json");
    desk.answers("verify-vault-after-decisions", "verify v.sgv --keys keys");
}

#[test]
fn decide_as_of_another_time() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    desk.answers("decide-at", "decide v.sgv --keys keys --at 2002-06-01T00:00:00Z --save then.json search.json");
    desk.answers("show-what-if", "show then.json");
    desk.answers("decide-at-offset", "decide v.sgv --keys keys --at 2002-06-01T02:00:00+02:00 two.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    desk.cannot("decide-at-a-word", "decide v.sgv --keys keys --at yesterday two.json");
    desk.cannot("decide-at-a-day", "decide v.sgv --keys keys --at 2002-06-01 two.json");
    desk.cannot("decide-at-nothing", "decide v.sgv --keys keys --at '' two.json");
    desk.cannot("decide-at-year-0", "decide v.sgv --keys keys --at 0000-06-01T00:00:00Z two.json");
}

#[test]
fn decide_with_a_request() {
    let desk = Desk::full_vault();
    desk.put("boat.json", r#"[{"id": "boat", "rerank_score": 0.9}]"#);
    desk.answers("decide-about-past", "decide v.sgv --keys keys --request about=past boat.json");
    desk.answers("decide-about-plan", "decide v.sgv --keys keys --request about=plan boat.json");
    desk.answers("decide-purpose", "decide v.sgv --keys keys --request purpose=work two.json");
    desk.answers("decide-purpose-words", "decide v.sgv --keys keys --request 'purpose=a day at the beach' two.json");
    desk.answers("decide-route", "decide v.sgv --keys keys --request route=private two.json");
    let model = format!("--request artifact.label=llama --request artifact.blob_id={}", "A".repeat(43));
    desk.answers("decide-artifact", &format!("decide v.sgv --keys keys {model} two.json"));

    let before = desk.content("v.sgv");
    desk.cannot("decide-about-unknown", "decide v.sgv --keys keys --request about=tomorrow two.json");
    desk.cannot("decide-route-unknown", "decide v.sgv --keys keys --request route=public two.json");
    desk.cannot("decide-unknown-key", "decide v.sgv --keys keys --request audience=guests two.json");
    desk.cannot("decide-request-no-value", "decide v.sgv --keys keys --request about two.json");
    desk.cannot("decide-request-no-key", "decide v.sgv --keys keys --request =now two.json");
    desk.cannot("decide-request-empty", "decide v.sgv --keys keys --request '' two.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

/// The line says which of the settings it means.
#[test]
fn decide_with_a_bad_artifact_or_no_purpose() {
    let desk = Desk::full_vault();
    for setting in ["artifact.blob_id=abc", "artifact.label=", "purpose="] {
        let ran = desk.refuses(&format!("decide v.sgv --keys keys --request {setting} two.json"));
        assert!(ran.stderr.contains(setting), "{}", ran.stderr);
    }
}

#[test]
fn decide_on_nothing_fit() {
    let desk = Desk::full_vault();
    desk.put("empty", "").put("empty.json", "").put("shopping.txt", "Lisbon, tea, a lock\n");
    desk.put("shape.json", r#"{"answer": "Lisbon"}"#);
    let before = desk.content("v.sgv");
    desk.cannot("decide-no-vault", "decide w.sgv --keys keys two.json");
    desk.cannot("decide-an-empty-file", "decide empty --keys keys two.json");
    desk.cannot("decide-other-keys", "decide v.sgv --keys other two.json");
    desk.cannot("decide-no-key-folder", "decide v.sgv --keys nowhere two.json");
    desk.cannot("decide-no-file", "decide v.sgv --keys keys nowhere.json");
    desk.cannot("decide-garbage", "decide v.sgv --keys keys shopping.txt");
    desk.refuses("decide v.sgv --keys keys empty.json");
    desk.cannot("decide-unknown-shape", "decide v.sgv --keys keys shape.json");
    desk.refuses("cat empty.json | decide v.sgv --keys keys");
    desk.refuses("decide v.sgv --keys keys");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

/// One bad candidate refuses the whole request: the answer would look complete.
#[test]
fn decide_bad_candidates() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let cases = [
        ("id-space", json!({"id": "a b", "memory": "Lisbon"})),
        ("id-newline", json!({"id": "birth\nlive", "memory": "Lisbon"})),
        ("id-missing", json!({"memory": "Lisbon"})),
        ("rerank-above-1", json!({"id": "jazz", "rerank_score": 1.5})),
        ("rerank-below-0", json!({"id": "jazz", "rerank_score": -0.1})),
        ("rerank-text", json!({"id": "jazz", "rerank_score": "high"})),
        ("distance-above-1", json!({"id": "jazz", "vector_distance": 2})),
        ("memory-list", json!({"id": "jazz", "memory": ["Lisbon"]})),
    ];
    for (case, bad) in cases {
        desk.put("search.json", json!({"memories": [{"id": "birth"}, bad]}).to_string());
        desk.cannot(&format!("decide-{case}"), "decide v.sgv --keys keys --save d.json search.json");
    }
    desk.put("search.json", r#"{"memories": [{"id": "birth"}, "jazz"]}"#);
    desk.refuses("decide v.sgv --keys keys --save d.json search.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    assert!(!desk.path("d.json").exists());
}

#[test]
fn decide_saves_nowhere() {
    let desk = Desk::full_vault();
    desk.cannot("decide-save-nowhere", "decide v.sgv --keys keys --save nowhere/d.json two.json");
}

/// A name in the wrong place must not cost the vault, or the only copy of a key.
#[test]
fn decide_saves_over_nothing_it_needs() {
    let desk = Desk::full_vault();
    for file in ["v.sgv", "keys/device.pem"] {
        let before = desk.bytes(file);
        let ran = desk.run(&format!("decide v.sgv --keys keys --save {file} two.json"));
        assert!(desk.bytes(file).get(..16) == before.get(..16), "{file} was replaced");
        ran.failed(2);
    }
}

/// A pipeline decides without the key that may confirm and deny.
#[test]
fn decide_without_the_owners_key() {
    let desk = Desk::full_vault();
    fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.answers("decide-without-owner", "decide v.sgv --keys keys two.json");
    fs::remove_file(desk.path("keys/device.pem")).expect("it is there");
    desk.cannot("decide-without-device", "decide v.sgv --keys keys two.json");
    fs::remove_file(desk.path("keys/identity.pem")).expect("it is there");
    desk.cannot("decide-without-identity", "decide v.sgv --keys keys two.json");
}

#[test]
fn decide_at_a_terminal_with_no_file() {
    let desk = Desk::full_vault();
    let inner = format!("{} decide v.sgv --keys keys", env!("CARGO_BIN_EXE_stillgood"));
    let mut script = std::process::Command::new("script");
    script.current_dir(desk.path("")).args(["-qec", &inner, "/dev/null"]).stdin(Stdio::null());
    match script.output() {
        Ok(output) if cfg!(target_os = "linux") => {
            let shown = String::from_utf8(output.stdout).expect("text").replace('\r', "");
            let expected = "stillgood: no candidates: expected FILE, `-`, or a search response on standard input\n\
                            hint: --all decides about every row of the vault\n";
            assert_eq!((output.status.code(), shown.as_str()), (Some(2), expected));
        }
        _ => skip("needs `script` of util-linux, which makes a terminal"),
    }
}

/// Text that nobody judged does not stand beside text that was.
#[test]
fn decide_prints_the_vaults_text_and_no_other() {
    let desk = Desk::new();
    desk.done("keygen --name me --out keys");
    desk.done("init v.sgv --keys keys");
    let row = r#"{"id": "a", "memory": "I live in Porto.", "type": "semantic", "created_at": "2026-01-01T00:00:00Z"}"#;
    desk.put("rows.json", row);
    desk.done("import v.sgv --keys keys rows.json");
    desk.put("two.json", r#"{"memories": [{"id": "a", "memory": "I live in Porto.", "content": "smuggled"}]}"#);
    desk.refuses("decide v.sgv --keys keys two.json");
    desk.put("null.json", r#"{"memories": [{"id": "a", "memory": null, "content": "smuggled"}]}"#);
    let ran = desk.done("decide v.sgv --keys keys null.json");
    assert!(!ran.stdout.contains("smuggled") && ran.stdout.contains("text-differs"), "{}", ran.stdout);
    desk.put("none.json", r#"{"memories": [{"id": "a", "score": 1}]}"#);
    let ran = desk.done("decide v.sgv --keys keys none.json");
    assert!(ran.stdout.contains("I live in Porto."), "{}", ran.stdout);
}

/// The same text under any other name is no better: it stands apart from the rows, and with a held row nowhere.
#[test]
fn decide_passes_a_candidates_other_fields_apart() {
    let desk = Desk::full_vault();
    let search = json!([
        {"id": "birth", "memory": null, "rerank_score": 0.9, "text": "smuggled", "stillgood": {"verdict": "smuggled"}},
        {"memory_id": "jazz", "content": "I like the jazz of Lisbon.", "vector_distance": 0.2, "metadata": {"data": "smuggled"}},
        {"id": "flu", "rerank_score": 0.9, "text": "with a held row"},
        {"id": "ghost", "text": "with a held row"},
        {"id": "tea", "rerank_score": 0.9, "memory": "I drink tea in Lisbon.", "text": "with a row held further on"},
        {"id": "tea", "rerank_score": 0.9, "memory": "I drink coffee in Lisbon.", "text": "with a held row"},
    ]);
    desk.put("search.json", search.to_string());
    let ran = desk.answers("decide-other-fields", "decide v.sgv --keys keys search.json");
    assert!(!ran.stdout.contains("with a "), "{}", ran.stdout);
    let answer = ran.json();
    for (block, names) in [
        ("memories", ["id", "memory", "rerank_score", "stillgood"].as_slice()),
        ("background", &["content", "memory", "memory_id", "stillgood", "vector_distance"]),
    ] {
        let row = answer[block][0].as_object().expect("a row");
        assert_eq!(row.keys().map(String::as_str).collect::<Vec<_>>(), names, "{block}");
        assert!(!answer[block].to_string().contains("smuggled"), "{block}");
    }
    assert_eq!(answer["background"][0]["content"], "I like the jazz of Lisbon.");
    let apart = json!({"memories": [
        {"id": "birth", "text": "smuggled", "stillgood": {"verdict": "smuggled"}},
        {"id": "jazz", "metadata": {"data": "smuggled"}},
    ]});
    assert_eq!(answer["unjudged"], apart);
}

/// Who reads the answer learns whether the vault knows of it.
#[test]
fn decide_says_whether_the_decision_is_stored() {
    let desk = Desk::full_vault();
    for (options, stored) in [("", true), ("--at 2002-06-01T00:00:00Z", false)] {
        let ran = desk.done(&format!("decide v.sgv --keys keys {options} two.json"));
        assert_eq!(ran.json()["stored"], stored, "{options}");
    }
}
