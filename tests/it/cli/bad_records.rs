//! Records of good form with a value that no row can have.

use serde_json::{Value as Json, json};

use super::desk::Desk;
use super::import::bad_record;

/// Each refused with its field and its value, and nothing imported.
fn refused(about: &str, field: &str, cases: &[(&str, Json)]) {
    let desk = Desk::empty_vault();
    let before = desk.content("v.sgv");
    for (case, value) in cases {
        desk.put("export.json", bad_record(field, value.clone()));
        desk.cannot(&format!("bad-{about}-{case}"), "import v.sgv --keys keys export.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
}

#[test]
fn ids() {
    refused(
        "id",
        "id",
        &[
            ("carriage-return", json!("a\rb")),
            ("tab", json!("a\tb")),
            ("escape-sequence", json!("\u{1b}[2Jlive")),
            ("delete", json!("a\u{7f}b")),
            ("next-line", json!("a\u{85}b")),
            ("no-break-space", json!("a\u{a0}b")),
            ("zero-width-space", json!("a\u{200b}b")),
            ("right-to-left-override", json!("a\u{202e}b")),
            ("line-separator", json!("a\u{2028}b")),
            ("byte-order-mark", json!("\u{feff}a")),
            ("tag-letter", json!("a\u{e0041}")),
            ("variation-selector", json!("a\u{fe0f}")),
            ("hangul-filler", json!("a\u{3164}")),
            ("space-at-the-end", json!("a ")),
            ("nul", json!("a\0b")),
            ("129-bytes", json!("x".repeat(129))),
            ("129-bytes-in-fewer-letters", json!("é".repeat(64) + "x")),
            ("10-megabytes", json!("x".repeat(10_000_000))),
            ("a-list", json!(["a"])),
        ],
    );
}

#[test]
fn dates() {
    refused(
        "date",
        "created_at",
        &[
            ("year-0", json!("0000-12-31T23:59:59Z")),
            ("year-0-by-offset", json!("0001-01-01T00:00:00+01:00")),
            ("year-10000-by-offset", json!("9999-12-31T23:59:59-01:00")),
            ("year-10000-signed", json!("+10000-01-01T00:00:00Z")),
            ("year-negative", json!("-0001-01-01T00:00:00Z")),
            ("february-30", json!("2025-02-30T00:00:00Z")),
            ("february-30-without-offset", json!("2025-02-30T00:00:00")),
            ("february-29-of-no-leap-year", json!("2025-02-29T00:00:00Z")),
            ("month-13", json!("2025-13-01T00:00:00Z")),
            ("hour-24", json!("2025-01-01T24:00:00Z")),
            ("second-61", json!("2016-12-31T23:59:61Z")),
            ("offset-24-hours", json!("2025-01-01T00:00:00+24:00")),
            ("offset-99-minutes", json!("2025-01-01T00:00:00+01:99")),
            ("offset-without-colon", json!("2025-01-01T00:00:00+0100")),
            ("offset-short", json!("2025-01-01T00:00:00+01")),
            ("no-seconds", json!("2025-01-01T00:00Z")),
            ("seconds-since-1970", json!(1_577_836_800)),
            ("seconds-as-text", json!("1577836800")),
            ("negative-number", json!(-1)),
            ("true", json!(true)),
            ("empty", json!("")),
            ("line-end", json!("2025-01-01T00:00:00Z\n")),
            ("other-digits", json!("２０２５-01-01T00:00:00Z")),
            ("week", json!("2025-W01-1T00:00:00Z")),
            ("a-story", json!("the day when I came to live by the sea, in the spring of that year")),
        ],
    );
}

#[test]
fn other_dates() {
    let cases = [
        ("year-0", json!("0000-06-01T00:00:00Z")),
        ("february-30", json!("2025-02-30T00:00:00Z")),
        ("a-number", json!(0)),
    ];
    refused("updated", "updated_at", &cases);
    refused("end", "metadata", &cases.map(|(case, value)| (case, json!({"valid_until": value}))));
    refused("begin", "metadata", &[("a-list", json!({"valid_from": [2025, 1, 1]}))]);
}

/// Times that are odd and still times: a leap second, the first and the last, the largest offset.
#[test]
fn dates_that_are_taken() {
    let desk = Desk::empty_vault();
    for (number, date) in [
        "2016-12-31T23:59:60Z",
        "0001-01-01T00:00:00Z",
        "2025-01-01T00:00:00+23:59",
        "2025-01-01T00:00:00-00:00",
        "2025-01-01t00:00:00z",
        "2025-01-01 00:00:00",
        "2025-01-01T00:00:00.123456789123Z",
    ]
    .iter()
    .enumerate()
    {
        desk.put("export.json", bad_record("created_at", json!(date)).replace("\"bad\"", &format!("\"m{number}\"")));
        let ran = desk.done("import v.sgv --keys keys export.json");
        assert!(ran.stdout.contains(if number == 0 { "2 new" } else { "1 new" }), "{date}: {}", ran.stdout);
    }
    // A leap second is the second after it, and nothing said later than now is live.
    desk.put("search.json", r#"[{"id": "m0"}, {"id": "m1"}, {"id": "m2"}]"#);
    desk.answers("bad-date-taken", "decide v.sgv --keys keys --at 2020-01-01T00:00:00Z search.json");
}

#[test]
fn scores() {
    refused(
        "importance",
        "importance",
        &[
            ("below-0", json!(-0.1)),
            ("just-above-1", json!(1.000_000_000_000_1)),
            ("huge", json!(1e300)),
            ("in-a-text", json!("0.5")),
            ("not-a-number", json!("NaN")),
            ("true", json!(true)),
            ("a-list", json!([0.5])),
            ("an-object", json!({"value": 0.5})),
        ],
    );
}

#[test]
fn other_fields() {
    refused("memory", "memory", &[("blank", json!(" \n ")), ("number", json!(7)), ("empty", json!(""))]);
    refused("type", "type", &[("capitals", json!("SEMANTIC")), ("escape-sequence", json!("\u{1b}[2J\u{202e}"))]);
    refused(
        "category",
        "categories",
        &[("null", json!([null])), ("a-story", json!(["my years in Lisbon, and after"]))],
    );
    refused("source", "source", &[("line-end", json!("a\nb")), ("129-bytes", json!("x".repeat(129)))]);
    refused(
        "metadata",
        "metadata",
        &[
            ("a-list", json!([])),
            ("a-text", json!("home")),
            ("subject-empty", json!({"subject": ""})),
            ("subject-line-end", json!({"subject": "a\nb"})),
            ("tag-a-number", json!({"tags": [5]})),
            ("tags-33", json!({"tags": (0..33).map(|n| format!("t{n}")).collect::<Vec<_>>()})),
            ("origin-unknown", json!({"origin": "dream"})),
        ],
    );
    refused("memory-id", "memory_id", &[("another", json!("other")), ("a-number", json!(7))]);
}
