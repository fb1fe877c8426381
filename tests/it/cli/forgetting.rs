//! `forget`, and what is said of forgotten rows afterwards.

use super::desk::Desk;

/// Two rows, which an export brings again.
const EXPORT: &str = r#"[
  {"id": "tea", "memory": "I drink tea in Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-01T00:00:00Z"},
  {"id": "cat", "memory": "I have a cat from Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-02T00:00:00Z"}
]"#;

fn desk() -> Desk {
    let desk = Desk::empty_vault();
    desk.put("rows.json", EXPORT).put("said.json", r#"{"by": "the pipeline", "mode": "tee"}"#);
    desk.done("import v.sgv --keys keys rows.json");
    desk
}

#[test]
fn forget() {
    let desk = desk();
    desk.done("attach v.sgv --keys keys --row tea said.json");
    desk.answers("forget", "forget v.sgv --keys keys --row tea");
    desk.says_no("forget-twice", "forget v.sgv --keys keys --row tea");
    desk.answers("forget-import", "import v.sgv --keys keys rows.json");
    desk.answers("forget-import-too", "import v.sgv --keys keys --forgotten-too rows.json");
    let json = desk.done("forget v.sgv --keys keys --row tea --json").json();
    assert_eq!((&json["row"], &json["dependants"]), (&"tea".into(), &0.into()));
    assert!(json["parts"].as_u64() >= Some(2) && json["bytes_searched"].as_u64() > Some(0), "{json}");
    desk.answers("forget-log", "log v.sgv --keys keys");
    desk.done("verify v.sgv --keys keys");
    let file = desk.bytes("v.sgv");
    assert!(!file.windows(3).any(|bytes| bytes == b"tea"), "nothing in the file names the row");
}

#[test]
fn forget_in_vain() {
    let desk = desk();
    let before = desk.content("v.sgv");
    desk.cannot("bad-forget-unknown-row", "forget v.sgv --keys keys --row nobody");
    desk.cannot("bad-forget-row-no-id", "forget v.sgv --keys keys --row 'my tea'");
    desk.cannot("bad-forget-no-row", "forget v.sgv --keys keys");
    desk.cannot("bad-forget-no-keys", "forget v.sgv --row tea");
    desk.cannot("bad-forget-other-keys", "forget v.sgv --keys other --row tea");
    std::fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.cannot("bad-forget-no-owner", "forget v.sgv --keys keys --row tea");
    assert_eq!(desk.content("v.sgv"), before, "nothing was written");
}

/// Somebody reads the vault for as long as the files are to be cleared: the row is forgotten, its bytes may stay.
#[test]
fn another_process_holds_the_file() {
    let desk = desk();
    let other = rusqlite::Connection::open(desk.path("v.sgv")).expect("a database");
    other.execute_batch("BEGIN; SELECT count(*) FROM heads;").expect("it reads");
    let ran = desk.run("forget v.sgv --keys keys --row tea");
    ran.failed(2);
    desk.golden("forget-in-use", &ran);
    drop(other);
    desk.says_no("forget-in-use-again", "forget v.sgv --keys keys --row tea");
    desk.done("verify v.sgv --keys keys");
}
