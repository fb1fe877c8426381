//! The program as its user sees it: every verb, every way to get it wrong, and what it says then.
#![cfg(feature = "cli")]

mod access;
mod desk;
#[cfg(unix)]
mod passphrase;

use std::fs;
use std::process::Stdio;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::support::skip;
use desk::{Desk, Ran};

/// As many golden files there are. One that no test reads, or that was forgotten, shows here.
const GOLDENS: usize = 256;

/// Every memory in these tests holds this word; no message on standard error ever does.
const SECRET: &str = "Lisbon";

/// A search response, which is also an export. Said so long ago that the verdicts do not change from now on.
const SHAPE_A: &str = r#"{
  "user_bio": "Comes from Lisbon.",
  "memories": [
    {"id": "birth", "memory": "I was born in Lisbon.", "categories": ["identity"], "type": "semantic",
     "vector_distance": 0.1, "rerank_score": 0.9, "source": "chat", "created_at": "2000-01-01T00:00:00Z"},
    {"id": "jazz", "memory": "I like the jazz of Lisbon.", "categories": ["interests"], "type": "semantic",
     "vector_distance": 0.2, "rerank_score": 0.8, "source": "chat", "created_at": "2000-01-02T00:00:00Z"},
    {"id": "flu", "memory": "I have the flu in Lisbon.", "categories": ["health"], "type": "episodic",
     "vector_distance": 0.3, "source": "chat", "created_at": "2000-01-03T00:00:00Z"}
  ]
}"#;

/// What storing answers.
const SHAPE_B: &str = r#"{
  "success": true,
  "memories_created": 2,
  "memories": [
    {"id": "tea", "memory": "I drink tea in Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-01T00:00:00Z"},
    {"id": "quiet", "memory": "I once whispered in Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-02T00:00:00Z"}
  ]
}"#;

/// Updates and integrations, one record a line.
const SHAPE_C: &str = r#"{"memory_id": "boat", "content": "I rent a boat in Lisbon.", "category": "identity", "memory_type": "semantic", "importance": 0.5, "metadata": {"valid_until": "2003-01-01T00:00:00Z", "mood": "calm"}, "created_at": "2002-01-01T00:00:00Z", "updated_at": "2002-02-01T00:00:00Z"}
{"memory_id": "flat", "content": "I rent a flat in Lisbon.", "category": "identity", "memory_type": "semantic", "metadata": {"valid_from": "9000-01-01T00:00:00Z"}, "created_at": "2002-01-02T00:00:00Z"}

{"memory_id": "gift", "content": "I hide a gift in Lisbon.", "category": "private", "memory_type": "semantic", "created_at": "2002-01-03T00:00:00Z"}
"#;

/// A page of the list.
const LIST: &str = r#"{
  "data": [
    {"id": "cat", "memory": "I have a cat from Lisbon.", "categories": [], "type": "semantic", "created_at": "2004-01-01 00:00:00"}
  ],
  "pagination": {"page": 1, "page_size": 10, "total_items": 1, "total_pages": 1, "has_next": false, "has_previous": false}
}"#;

/// One row of every fate, as a search brings them.
const SEARCH: &str = r#"{
  "user_bio": "Comes from Lisbon.",
  "took_ms": 12,
  "memories": [
    {"id": "birth", "memory": "I was born in Lisbon.", "rerank_score": 0.95, "agent_id": "a1"},
    {"id": "jazz", "memory": "I like the jazz of Lisbon.", "vector_distance": 0.2},
    {"id": "flu", "memory": "I have the flu in Lisbon.", "rerank_score": 0.9},
    {"id": "tea", "memory": "I drink coffee in Lisbon.", "rerank_score": 0.8},
    {"memory_id": "boat", "content": "I rent a boat in Lisbon.", "rerank_score": 0.7},
    {"id": "flat", "rerank_score": 0.6},
    {"id": "gift", "memory": "I hide a gift in Lisbon.", "rerank_score": 0.5},
    {"id": "ghost", "memory": "I saw a ghost in Lisbon.", "rerank_score": 0.4},
    {"id": "quiet", "memory": "I once whispered in Lisbon.", "rerank_score": 0.05}
  ]
}"#;

/// Two rows, where the answer as a whole is not the point.
const TWO: &str = r#"[{"id": "birth", "rerank_score": 0.9}, {"id": "gift", "rerank_score": 0.9}]"#;

impl Desk {
    /// Keys, other keys, and an empty vault `v.sgv`.
    fn empty_vault() -> Self {
        let desk = Desk::new();
        desk.done("keygen --name example.org/me --out keys");
        desk.done("keygen --name example.org/other --out other");
        desk.done("init v.sgv --keys keys");
        desk
    }

    /// The same, and rows in it.
    fn full_vault() -> Self {
        let desk = Desk::empty_vault();
        desk.put("a.json", SHAPE_A).put("b.json", SHAPE_B).put("c.jsonl", SHAPE_C);
        desk.put("search.json", SEARCH).put("two.json", TWO);
        for export in ["a.json", "b.json", "c.jsonl"] {
            desk.done(&format!("import v.sgv --keys keys {export}"));
        }
        desk
    }

    /// The same, and a decision in `d.json`; returns its id too.
    fn decided() -> (Self, String) {
        let desk = Desk::full_vault();
        let answer = desk.done("decide v.sgv --keys keys --save d.json search.json").json();
        let id = answer["decision"].as_str().expect("an id").to_owned();
        (desk, id)
    }

    /// What a vault holds: how many vault heads, rows, log entries and so on.
    fn content(&self, vault: &str) -> Json {
        self.done(&format!("verify {vault} --keys keys --json")).json()["findings"].clone()
    }
}

impl Ran {
    fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).expect("JSON on standard output")
    }
}

#[test]
fn every_golden_file_is_counted() {
    let files = fs::read_dir(desk::folder()).expect("the golden files").count();
    assert_eq!(files, GOLDENS, "golden files in {}", desk::folder().display());
}

#[test]
fn help() {
    let desk = Desk::new();
    desk.answers("help", "--help");
    desk.answers("version", "--version");
    desk.answers("help-decide", "decide --help");
    // No failure of a verb: the help itself, where it does not get into a pipe.
    for (case, line) in [("no-arguments", ""), ("policy-no-arguments", "policy")] {
        let ran = desk.run(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
        ran.plain();
        desk.golden(case, &ran);
    }
}

#[test]
fn command_lines_that_do_not_parse() {
    let desk = Desk::new();
    desk.cannot("unknown-verb", "remember");
    desk.cannot("misspelt-verb", "improt v.sgv");
    desk.cannot("misspelt-option", "decide v.sgv --keys keys --keep-boi");
    desk.refuses("init v.sgv --keys keys --colour");
    desk.cannot("init-without-keys", "init v.sgv");
    desk.cannot("init-without-anything", "init");
    desk.cannot("import-without-file", "import v.sgv --keys keys");
    desk.cannot("decide-without-keys", "decide v.sgv --all");
    desk.cannot("decide-keys-without-value", "decide v.sgv --keys");
    desk.cannot("decide-all-and-file", "decide v.sgv --keys keys --all search.json");
    desk.cannot("show-vault-without-keys", "show d.json --vault v.sgv");
    desk.cannot("keygen-without-name", "keygen --out keys");
    desk.cannot("import-from-unknown", "import v.sgv --keys keys --from diary export.json");
    desk.cannot("try-misplaced-folder", "try demo");
    desk.cannot("policy-misspelt-verb", "policy chek policies");
    assert_eq!(desk.names(""), [""; 0], "nothing was made");
}

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
    assert!(ran.stderr.contains("`nowhere/v.sgv`"), "{}", ran.stderr);
}

#[test]
fn import() {
    let desk = Desk::empty_vault();
    desk.put("a.json", SHAPE_A).put("b.json", SHAPE_B).put("c.jsonl", SHAPE_C).put("list.json", LIST);
    desk.answers("import-shape-a", "import v.sgv --keys keys a.json");
    desk.answers("import-shape-b", "import v.sgv --keys keys b.json");
    desk.answers("import-shape-c-lines", "import v.sgv --keys keys c.jsonl");
    desk.answers("import-list", "import v.sgv --keys keys list.json");
    desk.answers("import-again", "import v.sgv --keys keys --from memsync a.json");
    desk.answers("import-again-from-a-pipe", "cat c.jsonl | import v.sgv --keys keys -");
    desk.answers("import-again-from-standard-input", "import v.sgv --keys keys - < b.json");
    desk.put("a.json", SHAPE_A.replace("have the flu", "had the flu"));
    desk.answers("import-changed-text", "import v.sgv --keys keys a.json");
    desk.put("a.json", SHAPE_A.replace("have the flu", "had the flu").replace("\"health\"", "\"travel\""));
    desk.answers("import-changed-labels", "import v.sgv --keys keys a.json");
    desk.put("none.json", r#"{"memories": []}"#);
    desk.answers("import-nothing", "import v.sgv --keys keys none.json");
    desk.answers("verify-vault", "verify v.sgv --keys keys");
    desk.answers("verify-vault-json", "verify v.sgv --keys keys --json");
}

#[test]
fn import_into_nothing_fit() {
    let desk = Desk::empty_vault();
    desk.put("a.json", SHAPE_A).put("empty", "");
    desk.cannot("import-no-vault", "import w.sgv --keys keys a.json");
    desk.cannot("import-into-an-empty-file", "import empty --keys keys a.json");
    desk.cannot("import-other-keys", "import v.sgv --keys other a.json");
    desk.cannot("import-no-key-folder", "import v.sgv --keys nowhere a.json");
    assert_eq!(desk.names("."), ["a.json", "empty", "keys", "other", "v.sgv"], "nothing was made");
    assert_eq!(desk.text("empty"), "");
}

#[test]
fn import_of_what_is_no_export() {
    let desk = Desk::empty_vault();
    let before = desk.content("v.sgv");
    desk.put("shopping.txt", "Lisbon, tea, a lock\n")
        .put("short.json", r#"{"memories": [{"id": "m1", "memory": "Lisbon"#);
    desk.put("empty.json", "").put("bytes.json", [0xff, 0xfe, 0]).put("number.json", "7");
    desk.put("shape.json", r#"{"notes": [{"text": "Lisbon"}]}"#);
    desk.cannot("import-no-file", "import v.sgv --keys keys nowhere.json");
    desk.cannot("import-a-folder", "import v.sgv --keys keys keys");
    desk.cannot("import-garbage", "import v.sgv --keys keys shopping.txt");
    desk.cannot("import-truncated", "import v.sgv --keys keys short.json");
    desk.refuses("import v.sgv --keys keys empty.json");
    desk.cannot("import-not-utf-8", "import v.sgv --keys keys bytes.json");
    desk.cannot("import-a-number", "import v.sgv --keys keys number.json");
    desk.cannot("import-unknown-shape", "import v.sgv --keys keys shape.json");
    desk.cannot("import-unknown-shape-from-a-pipe", "cat shape.json | import v.sgv --keys keys -");
    desk.cannot("import-a-vault", "import v.sgv --keys keys v.sgv");
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
}

/// A good record with one field replaced; `null` leaves it out.
fn bad_record(field: &str, value: Json) -> String {
    let good = json!({"id": "good", "memory": "I live in Lisbon.", "type": "semantic", "categories": ["identity"],
                      "created_at": "2005-01-01T00:00:00Z"});
    let mut bad = good.clone();
    bad["id"] = "bad".into();
    match value {
        Json::Null => _ = bad.as_object_mut().expect("an object").remove(field),
        value => bad[field] = value,
    }
    json!({"memories": [good, bad]}).to_string()
}

#[test]
fn import_bad_records() {
    let cases = [
        ("id-newline", "id", json!("first\nsecond")),
        ("id-space", "id", json!("my cat")),
        ("id-missing", "id", Json::Null),
        ("id-empty", "id", json!("")),
        ("id-number", "id", json!(7)),
        ("memory-missing", "memory", Json::Null),
        ("memory-list", "memory", json!(["Lisbon"])),
        ("category-unknown", "categories", json!(["identity", "sport"])),
        ("category-text", "categories", json!("identity")),
        ("type-unknown", "type", json!("opinion")),
        ("type-missing", "type", Json::Null),
        ("date-bad", "created_at", json!("yesterday")),
        ("date-day-only", "created_at", json!("2005-01-01")),
        ("date-missing", "created_at", Json::Null),
        ("date-year-0", "created_at", json!("0000-01-01T00:00:00Z")),
        ("date-year-10000", "created_at", json!("10000-01-01T00:00:00Z")),
        ("importance-above-1", "importance", json!(1.5)),
        ("importance-text", "importance", json!("high")),
        ("tags-bad", "metadata", json!({"tags": ["Two Words"]})),
        ("end-bad", "metadata", json!({"valid_until": "some day"})),
    ];
    let desk = Desk::empty_vault();
    let before = desk.content("v.sgv");
    for (case, field, value) in &cases {
        desk.put("export.json", bad_record(field, value.clone()));
        desk.cannot(&format!("import-{case}"), "import v.sgv --keys keys export.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
    // Asked to, it takes the good one; the second time it is there already.
    for (number, (case, field, value)) in cases.iter().enumerate() {
        desk.put("export.json", bad_record(field, value.clone()));
        let ran = desk.run("import v.sgv --keys keys --keep-going export.json");
        ran.plain();
        assert_eq!(ran.code, Some(0), "{case}");
        assert!(ran.stderr.starts_with("export.json: record 2, field `"), "{case}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{case}: {}", ran.stderr);
        let counts = if number == 0 {
            "1 new, 0 changed, 0 with new labels, 0"
        } else {
            "0 new, 0 changed, 0 with new labels, 1"
        };
        assert_eq!(ran.stdout, format!("{counts} as they were, 1 refused\n"), "{case}");
    }
}

#[test]
fn import_several_bad_records() {
    let desk = Desk::empty_vault();
    let mut lines = SHAPE_C.to_owned();
    for number in 1..=22 {
        lines.push_str(&format!(
            "{{\"memory_id\": \"bad {number}\", \"content\": \"Lisbon\", \"memory_type\": \"semantic\", \"created_at\": \"2005-01-01T00:00:00Z\"}}\n"
        ));
    }
    desk.put("c.jsonl", lines);
    let before = desk.content("v.sgv");
    desk.cannot("import-many-bad", "import v.sgv --keys keys c.jsonl");
    desk.cannot("import-many-bad-from-a-pipe", "cat c.jsonl | import v.sgv --keys keys -");
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
    let ran = desk.run("import v.sgv --keys keys --keep-going c.jsonl");
    assert_eq!(ran.code, Some(0));
    ran.plain();
    desk.golden("import-keep-going", &ran);
}

/// What is said to come from the future was said now at the latest.
#[test]
fn import_from_the_future() {
    let desk = Desk::empty_vault();
    desk.put("export.json", bad_record("created_at", json!("9999-12-31T23:59:59.999Z")));
    desk.answers("import-date-year-9999", "import v.sgv --keys keys export.json");
    desk.put("search.json", r#"[{"id": "bad"}]"#);
    desk.answers("decide-date-year-9999", "decide v.sgv --keys keys search.json");
    desk.answers("import-date-year-9999-again", "import v.sgv --keys keys export.json");
}

/// The length given is not that of the memory but of its JSON.
#[test]
fn import_empty_memory() {
    let desk = Desk::empty_vault();
    desk.put("export.json", bad_record("memory", json!("")));
    let ran = desk.refuses("import v.sgv --keys keys export.json");
    assert!(!ran.stderr.contains("2 bytes long"), "{}", ran.stderr);
}

/// A line that is no JSON has no field, and is not line 1.
#[test]
fn import_broken_line() {
    let desk = Desk::empty_vault();
    desk.put("c.jsonl", SHAPE_C.replace("\"memory_id\": \"gift\", \"content", "\"memory_id\": \"gift, \"content"));
    let ran = desk.refuses("import v.sgv --keys keys c.jsonl");
    assert!(ran.stderr.contains("(line 4)"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("field `record`") && !ran.stderr.contains("at line 1"), "{}", ran.stderr);
}

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
fn decide_with_a_bad_artifact() {
    let desk = Desk::full_vault();
    for setting in ["artifact.blob_id=abc", "artifact.label="] {
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

const SET: &str = r#"name = "house"
version = 3
base = "stillgood"

[param.patience]
type = "span"
value = "9000 days"
meaning = "older rows stay in the background"

[request.audience]
type = "text"
meaning = "who will hear the answer"
"#;

const AUDIENCE: &str = r#"// What I like is not told in front of guests.
if (request.audience ?? "family") == "guests" && "interests" in row.categories {
    stale("not-for-guests", request("audience"))
}
"#;

const AUDIENCE_CASES: &str = r#"[
  {"name": "in the family", "row": {"categories": ["interests"]}, "expect": null},
  {"name": "with guests", "row": {"categories": ["interests"]}, "request": {"audience": "guests"},
   "expect": {"opinion": "stale", "code": "not-for-guests", "needs": "request.audience"}}
]
"#;

const PATIENCE: &str = r#"// A row that nobody confirmed for very long stays in the background.
if row.unconfirmed_for > param.patience { background("long-ago") }
"#;

const PATIENCE_CASES: &str = r#"[
  {"name": "said now", "expect": null},
  {"name": "said long ago", "row": {"unconfirmed_for": "9001 days"}, "expect": {"opinion": "background", "code": "long-ago"}}
]
"#;

impl Desk {
    /// A policy set of one's own, in `house`.
    fn with_policies(self) -> Self {
        self.put("house/set.toml", SET);
        self.put("house/audience.rhai", AUDIENCE).put("house/audience.cases.json", AUDIENCE_CASES);
        self.put("house/patience.rhai", PATIENCE).put("house/patience.cases.json", PATIENCE_CASES);
        self
    }

    /// The same set with two mistakes in it.
    fn with_wrong_policies(self) -> Self {
        let desk = self.with_policies();
        desk.put("house/audience.rhai", AUDIENCE.replace("row.categories", "row.category"));
        desk.put("house/patience.rhai", PATIENCE.replace("param.patience", "param.patients"));
        desk
    }
}

#[test]
fn decide_with_own_policies() {
    let desk = Desk::full_vault().with_policies();
    desk.put("jazz.json", r#"[{"id": "birth", "rerank_score": 0.9}, {"id": "jazz", "rerank_score": 0.9}]"#);
    desk.answers("decide-policies", "decide v.sgv --keys keys --policies house --save d.json jazz.json");
    desk.answers("show-own-policies", "show d.json");
    desk.answers(
        "decide-policies-key",
        "decide v.sgv --keys keys --policies house --request audience=guests --at 2003-01-01T00:00:00Z jazz.json",
    );
    desk.put("house/set.toml", SET.replace("\"text\"", "\"int\""));
    desk.put("house/audience.rhai", AUDIENCE.replace("\"family\"", "1").replace("\"guests\"", "7"));
    desk.cannot(
        "decide-policies-key-type",
        "decide v.sgv --keys keys --policies house --request audience=guests jazz.json",
    );
}

#[test]
fn decide_with_wrong_policies() {
    let desk = Desk::full_vault().with_wrong_policies();
    let before = desk.content("v.sgv");
    desk.refuses("decide v.sgv --keys keys --policies house two.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

#[test]
fn policies_that_are_not_there() {
    let desk = Desk::full_vault();
    for folder in ["nowhere", "two.json"] {
        desk.refuses(&format!("policy check {folder}"));
        desk.refuses(&format!("decide v.sgv --keys keys --policies {folder} two.json"));
    }
}

#[test]
fn policy() {
    let desk = Desk::new().with_policies();
    desk.answers("policy-facts", "policy facts");
    desk.answers("policy-check", "policy check house");
    desk.answers("policy-check-json", "policy check house --json");
    desk.put(
        "house/patience.rhai",
        PATIENCE.trim_start_matches("// A row that nobody confirmed for very long stays in the background.\n"),
    );
    fs::remove_file(desk.path("house/patience.cases.json")).expect("it is there");
    desk.answers("policy-check-warnings", "policy check house");
    desk.answers("policy-check-warnings-json", "policy check house --json");
}

#[test]
fn policy_mistakes() {
    let desk = Desk::new().with_wrong_policies();
    desk.reports_no("policy-check-errors", "policy check house");
    desk.reports_no("policy-check-errors-json", "policy check house --json");
    let desk = Desk::new().with_policies();
    desk.put("house/audience.cases.json", AUDIENCE_CASES.replace("\"guests\"", "\"family\""));
    desk.put("house/patience.cases.json", PATIENCE_CASES.replace("9001 days", "9000 days"));
    desk.reports_no("policy-check-failed", "policy check house");
    desk.reports_no("policy-check-failed-json", "policy check house --json");
    desk.put("house/audience.cases.json", AUDIENCE_CASES.replace("\"categories\"", "\"category\""));
    desk.run("policy check house").failed(1);
    desk.put("house/audience.cases.json", AUDIENCE_CASES.replace("\"stale\"", "\"rotten\""));
    desk.run("policy check house").failed(1);
}

/// A mistake of form is told in the words of the format, not of the program.
#[test]
fn policy_mistakes_of_form() {
    let desk = Desk::new().with_policies();
    for cases in [r#"["with guests"]"#, r#"[{"name": "with guests", "expect": "stale"}]"#] {
        desk.put("house/audience.cases.json", cases);
        desk.run("policy check house").failed(1);
    }
    let desk = Desk::new().with_policies();
    desk.put("house/set.toml", format!("{SET}\n[param]\nbound = 3\n").replace("[param.patience]", "[param.other]"));
    desk.run("policy check house").failed(1);
}

#[test]
fn show() {
    let (desk, id) = Desk::decided();
    desk.answers("show", "show d.json");
    desk.answers("show-row", "show d.json --row flu");
    desk.answers("show-json", "show d.json --json");
    desk.answers("show-row-json", "show d.json --row flu --json");
    desk.answers("show-id", &format!("show {id} --vault v.sgv --keys keys"));
    desk.answers("show-id-row", &format!("show {id} --vault v.sgv --keys keys --row gift"));
    desk.says_no("show-no-such-row", "show d.json --row cat");
    desk.cannot("show-row-no-id", "show d.json --row 'my cat'");
}

#[test]
fn show_what_is_no_decision() {
    let (desk, id) = Desk::decided();
    desk.put("shopping.txt", "Lisbon, tea, a lock\n").put("empty", "");
    desk.says_no("show-garbage", "show shopping.txt");
    desk.says_no("show-empty", "show empty");
    desk.says_no("show-a-vault", "show v.sgv");
    desk.says_no("show-a-search", "show search.json");
    desk.cannot("show-no-file", "show nowhere.json");
    desk.cannot("show-other-keys", &format!("show {id} --vault v.sgv --keys other"));
    // Whether an unknown decision is a "no" is for the program to say; that it says it well, for us.
    let ran = desk.run(&format!("show {} --vault v.sgv --keys keys", "0".repeat(32)));
    ran.failed(ran.code.expect("it ended by itself"));
    assert!(ran.stdout.is_empty() && matches!(ran.code, Some(1 | 2)));
}

#[test]
fn verify_decision() {
    let (desk, id) = Desk::decided();
    let vkey = desk.text("keys/device.vkey").trim_end().to_owned();
    desk.answers("verify-with-file", "verify d.json --verifier keys/device.vkey");
    desk.answers("verify-with-line", &format!("verify d.json --verifier {vkey}"));
    desk.answers("verify-json", "verify d.json --verifier keys/device.vkey --json");
    desk.answers("verify-id", &format!("verify {id} --vault v.sgv --keys keys --verifier keys/device.vkey"));
    desk.put("windows.vkey", format!("{vkey}\r\n"));
    desk.done("verify d.json --verifier windows.vkey");

    desk.says_no("verify-other-key", "verify d.json --verifier other/device.vkey");
    desk.says_no("verify-owners-key", "verify d.json --verifier keys/owner.vkey");
    desk.cannot("verify-no-verifier", "verify d.json");
    desk.cannot("verify-verifier-is-a-word", "verify d.json --verifier me");
    desk.cannot("verify-verifier-is-a-secret", "verify d.json --verifier keys/device.pem");
    desk.cannot("verify-no-file", "verify nowhere.json --verifier keys/device.vkey");
    desk.put("shopping.txt", "Lisbon, tea, a lock\n").put("empty", "");
    desk.says_no("verify-garbage", "verify shopping.txt --verifier keys/device.vkey");
    desk.says_no("verify-empty", "verify empty --verifier keys/device.vkey");
    desk.refuses(&format!("verify {id} --verifier keys/device.vkey"));

    // The right key by another name. The hash covers the name, so it is another hash.
    let key = vkey.splitn(3, '+').nth(2).expect("name, hash and key");
    let key_bytes = BASE64.decode(key.as_bytes()).expect("base64");
    let name = "example.org/you/device";
    let hash = Sha256::digest([format!("{name}\n").as_bytes(), &key_bytes].concat());
    desk.put("renamed.vkey", format!("{name}+{}+{key}\n", HEXLOWER.encode(&hash[..4])));
    desk.says_no("verify-other-name", "verify d.json --verifier renamed.vkey");
    // Another name with the old hash is no vkey at all.
    desk.put("forged.vkey", vkey.replace("example.org/me", "example.org/you"));
    desk.cannot("verify-name-without-its-hash", "verify d.json --verifier forged.vkey");
}

#[test]
fn verify_tampered_decision() {
    let (desk, _) = Desk::decided();
    let good: Json = serde_json::from_str(&desk.text("d.json")).expect("JSON");
    let tampered = |case: &str, tamper: &dyn Fn(&mut Json)| {
        let mut bad = good.clone();
        tamper(&mut bad);
        desk.put("d.json", bad.to_string());
        desk.says_no(&format!("verify-{case}"), "verify d.json --verifier keys/device.vkey");
    };
    let edit = |text: &mut Json, from: &str, to: &str| {
        let old = text.as_str().expect("text");
        assert!(old.contains(from), "{from} in {old}");
        *text = old.replacen(from, to, 1).into();
    };
    tampered("verdict-changed", &|bad| edit(&mut bad["leaves"][3], " re-earn ", " live "));
    tampered("row-changed", &|bad| edit(&mut bad["leaves"][3], " flu ", " birth "));
    tampered("time-changed", &|bad| edit(&mut bad["leaves"][0], "decision-header/v1 2", "decision-header/v1 3"));
    tampered("ruling-left-out", &|bad| _ = bad["leaves"].as_array_mut().expect("leaves").pop());
    tampered("rulings-swapped", &|bad| bad["leaves"].as_array_mut().expect("leaves").swap(1, 2));
    tampered("no-rulings", &|bad| bad["leaves"] = json!([]));
    tampered("name-changed", &|bad| edit(&mut bad["note"], "— example.org/me", "— example.org/you"));
    tampered("first-line-changed", &|bad| edit(&mut bad["note"], "/decision/v1/", "/decision/v2/"));
    tampered("member-added", &|bad| bad["verified"] = true.into());
    tampered("signature-changed", &|bad| {
        let note = bad["note"].as_str().expect("text");
        let (before, signature) = note.trim_end().rsplit_once(' ').expect("a signature");
        // Past the key hash, and not among the last bits.
        let (hash, rest) = signature.split_at(20);
        let other = if rest.starts_with('A') { "B" } else { "A" };
        bad["note"] = format!("{before} {hash}{other}{}\n", rest.get(1..).expect("base64")).into();
    });
}

#[test]
fn verify_vault() {
    let (desk, _) = Desk::decided();
    desk.answers("verify-vault-decided", "verify v.sgv --keys keys");
    desk.cannot("verify-vault-no-keys", "verify v.sgv");
    desk.cannot("verify-vault-other-keys", "verify v.sgv --keys other");
    desk.cannot("verify-vault-no-key-folder", "verify v.sgv --keys nowhere");
    desk.cannot("verify-no-vault", "verify nowhere.sgv --keys keys");
    let change = |file: &str, sql: &str| {
        desk.copy("v.sgv", file);
        let vault = rusqlite::Connection::open(desk.path(file)).expect("the vault");
        vault.execute_batch(sql).expect("a change");
    };
    change("body.sgv", "UPDATE bodies SET sealed = zeroblob(90) WHERE row = 'flu'");
    desk.reports_no("verify-vault-body-changed", "verify body.sgv --keys keys");
    desk.reports_no("verify-vault-body-changed-json", "verify body.sgv --keys keys --json");
    change("row.sgv", "DELETE FROM heads WHERE row = 'flu'");
    desk.reports_no("verify-vault-row-missing", "verify row.sgv --keys keys");
    change("log.sgv", "DELETE FROM decisions");
    desk.reports_no("verify-vault-decision-missing", "verify log.sgv --keys keys");
    change("version.sgv", "PRAGMA user_version = 2");
    desk.cannot("vault-of-another-version", "decide version.sgv --keys keys two.json");
}

#[test]
fn vaults_that_are_none() {
    let desk = Desk::full_vault();
    desk.put(
        "diary.txt",
        "Dear diary, today I was in Lisbon again, and it rained all day long; so I stayed at home.\n".repeat(20),
    );
    let other = rusqlite::Connection::open(desk.path("other.db")).expect("a database");
    other.execute_batch("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('Lisbon')").expect("a table");
    other.close().expect("closed");
    desk.cannot("import-into-another-database", "import other.db --keys keys a.json");
    desk.cannot("decide-another-database", "decide other.db --keys keys two.json");
    desk.cannot("verify-another-database", "verify other.db --keys keys");
    desk.cannot("import-into-a-text", "import diary.txt --keys keys a.json");
    desk.cannot("decide-a-text", "decide diary.txt --keys keys two.json");
    // Shorter than the header of a database.
    desk.put("note.txt", "Lisbon\n");
    desk.cannot("decide-a-short-text", "decide note.txt --keys keys two.json");
}

/// With keys and no verifier, a vault was meant: a missing verifier is not what is wrong.
#[test]
fn verify_of_what_is_neither() {
    let desk = Desk::full_vault();
    desk.put("diary.txt", "Dear diary\n").put("empty", "");
    for file in ["diary.txt", "empty"] {
        let ran = desk.run(&format!("verify {file} --keys keys"));
        ran.failed(ran.code.expect("it ended by itself"));
        assert!(!ran.stderr.contains("--verifier is missing"), "{}", ran.stderr);
    }
}

/// The pin in the key folder remembers the newest state that was seen.
#[test]
fn an_older_copy_put_back() {
    let (desk, id) = Desk::decided();
    desk.copy("v.sgv", "old.sgv");
    desk.done("decide v.sgv --keys keys two.json");
    desk.copy("v.sgv", "new.sgv");
    desk.copy("old.sgv", "v.sgv");
    desk.cannot("older-copy-decide", "decide v.sgv --keys keys two.json");
    desk.cannot("older-copy-import", "import v.sgv --keys keys a.json");
    desk.says_no("older-copy-verify", "verify v.sgv --keys keys");
    desk.cannot("older-copy-show", &format!("show {id} --vault v.sgv --keys keys"));
    desk.copy("new.sgv", "v.sgv");
    desk.done("decide v.sgv --keys keys two.json");

    // Two copies went different ways.
    desk.copy("new.sgv", "v.sgv");
    let pins: Vec<String> = desk.names("keys").into_iter().filter(|name| name.ends_with(".pin")).collect();
    let [pin] = pins.as_slice() else { panic!("one pin, not {pins:?}") };
    fs::remove_file(desk.path(&format!("keys/{pin}"))).expect("it is there");
    desk.done("decide v.sgv --keys keys search.json");
    desk.done("decide v.sgv --keys keys search.json");
    desk.copy("v.sgv", "ours.sgv");
    desk.copy("new.sgv", "v.sgv");
    fs::rename(desk.path(&format!("keys/{pin}")), desk.path("our.pin")).expect("a pin");
    for _ in 0..3 {
        desk.done("decide v.sgv --keys keys two.json");
    }
    desk.copy("our.pin", &format!("keys/{pin}"));
    desk.cannot("forked-copy", "decide v.sgv --keys keys two.json");

    desk.put(&format!("keys/{pin}"), "not a pin\n");
    desk.copy("ours.sgv", "v.sgv");
    desk.cannot("broken-pin", "decide v.sgv --keys keys two.json");
}

#[test]
fn r#try() {
    let desk = Desk::new();
    desk.answers("try", "try");
    assert_eq!(desk.names(""), [""; 0], "nothing is left");
}

#[test]
fn try_and_keep() {
    let desk = Desk::new();
    desk.answers("try-keep", "try --keep demo");
    assert_eq!(desk.names("demo"), ["decision.json", "keys", "search.json", "vault.sgv"]);
    desk.answers("try-kept-show", "show demo/decision.json");
    desk.answers("try-kept-verify", "verify demo/decision.json --verifier demo/keys/device.vkey");
    desk.done("decide demo/vault.sgv --keys demo/keys --save answer.json demo/search.json");
    desk.answers("try-kept-show-answer", "show answer.json");
    desk.answers("try-kept-verify-vault", "verify demo/vault.sgv --keys demo/keys");
    desk.cannot("try-keep-again", "try --keep demo");
}

/// As in `stillgood policy facts | head -1`: no failure, and nothing said.
#[test]
fn a_reader_that_went_away() {
    let desk = Desk::full_vault();
    for arguments in [
        &["policy", "facts"][..],
        &["try"],
        &["--help"],
        &["decide", "v.sgv", "--keys", "keys", "search.json"],
        &["verify", "v.sgv", "--keys", "keys"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = desk.program().args(arguments).stdout(writer).output().expect("it ends");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    // Nobody reads what went wrong either: the exit code stands.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = desk.program().arg("remember").stderr(writer).status().expect("it ends");
    assert_eq!(status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let desk = Desk::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there on Linux");
    let output = desk.program().args(["policy", "facts"]).stdout(full).output().expect("it ends");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(2), "stillgood: cannot write the output: the disk is full\n")
    );
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
