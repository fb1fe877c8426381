//! `import`: every shape, and every way in which a record can be bad.

use serde_json::{Value as Json, json};
use stillgood::Span;
use stillgood::import::memsync;

use super::desk::Desk;
use super::samples::{LIST, SHAPE_A, SHAPE_B, SHAPE_C};
use crate::support::now;

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
    desk.put("a.json", SHAPE_A.replace("have the flu", "never had the flu").replace("200", "199"));
    let before = desk.content("v.sgv");
    desk.answers("import-older-text", "import v.sgv --keys keys a.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was written");
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
pub(super) fn bad_record(field: &str, value: Json) -> String {
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
        (
            "end-before-begin",
            "metadata",
            json!({"valid_from": "2002-01-02T00:00:00Z", "valid_until": "2002-01-01T00:00:00Z"}),
        ),
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

/// What is dated ahead of this machine's clock would be taken as said now, and be live at once.
#[test]
fn import_from_the_future() {
    let desk = Desk::empty_vault();
    let before = desk.content("v.sgv");
    let year_9999 = json!("9999-12-31T23:59:59.999Z");
    desk.put("export.json", bad_record("updated_at", year_9999.clone()));
    desk.cannot("import-updated-year-9999", "import v.sgv --keys keys export.json");
    desk.put("export.json", bad_record("created_at", year_9999));
    desk.cannot("import-date-year-9999", "import v.sgv --keys keys export.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
    let ran = desk.run("import v.sgv --keys keys --keep-going export.json");
    assert_eq!(ran.stdout, "1 new, 0 changed, 0 with new labels, 0 as they were, 1 refused\n");
    assert!(ran.stderr.ends_with("it lies in the future\n"), "{}", ran.stderr);
}

/// Two machines' clocks are never the same.
#[test]
fn import_from_a_clock_that_is_ahead() {
    let now = now();
    let dated = |minutes| {
        let at = now.plus(Span::minutes(minutes).expect("a span"));
        let imported = memsync::read(bad_record("created_at", json!(at.to_string())).as_bytes(), now).expect("records");
        imported.drafts.len()
    };
    assert_eq!([dated(5), dated(6)], [2, 1]);
}

/// A date that nobody reads must not look as if it had been read.
#[test]
fn import_names_the_fields_that_it_does_not_use() {
    let desk = Desk::empty_vault();
    desk.put(
        "export.json",
        bad_record("superseded_by", json!("m9"))
            .replace("\"superseded_by\"", "\"expires_at\": null, \"agent_id\": \"a\", \"superseded_by\""),
    );
    desk.answers("import-unused-field", "import v.sgv --keys keys export.json");
    let names = (0..10).map(|n| (format!("f{n}"), json!(n)));
    let odd = ["a (1), b", &format!("b\u{1b}[2J\u{202e}{}", "d".repeat(60)), &"c".repeat(10_000)]
        .map(|name| (name.to_owned(), json!(true)));
    let fields: serde_json::Map<_, _> = names.chain(odd).collect();
    desk.put("export.json", bad_record("metadata", fields.into()).replace("\"bad\"", "\"many\""));
    desk.answers("import-unused-fields", "import v.sgv --keys keys export.json");
}

/// What a record lacks is said in one run.
#[test]
fn import_names_all_missing_fields_at_once() {
    let desk = Desk::empty_vault();
    desk.put("export.json", r#"{"memories": [{"text": "Lisbon"}, {"id": "m1", "content": "Lisbon"}]}"#);
    desk.cannot("import-fields-missing", "import v.sgv --keys keys export.json");
}

/// A pipeline imports without the key that may confirm and deny.
#[test]
fn import_without_the_owners_key() {
    let desk = Desk::empty_vault();
    std::fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.put("a.json", SHAPE_A);
    desk.done("import v.sgv --keys keys a.json");
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
