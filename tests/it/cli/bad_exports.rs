//! Exports that are no JSON, too much JSON, or JSON that two readers would read differently.

use super::desk::Desk;
use crate::support::now;

const RECORD: &str =
    r#"{"id": "m1", "memory": "I live in Lisbon.", "type": "semantic", "created_at": "2005-01-01T00:00:00Z"}"#;

/// The record with another member before its end.
fn with(member: &str) -> String {
    format!("{}, {member}}}", RECORD.strip_suffix('}').expect("an object"))
}

fn nested(depth: usize) -> String {
    with(&format!("\"metadata\": {{\"deep\": {}{}}}", "[".repeat(depth), "]".repeat(depth)))
}

#[test]
fn exports_that_are_no_json() {
    let desk = Desk::empty_vault();
    let before = desk.content("v.sgv");
    let utf_16: Vec<u8> = [0xfeff].into_iter().chain(RECORD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let cases: &[(&str, Vec<u8>)] = &[
        ("nothing-but-space", b" \n\t\n".into()),
        ("cut-in-a-text", RECORD[..30].into()),
        ("cut-in-a-list", format!("[{RECORD},").into()),
        ("brackets-100000", "[".repeat(100_000).into()),
        ("byte-order-mark", format!("\u{feff}{RECORD}").into()),
        ("utf-16", utf_16),
        ("utf-8-broken", [&RECORD.as_bytes()[..24], b"\xff", &RECORD.as_bytes()[24..]].concat()),
        ("nul-at-the-end", format!("{RECORD}\0").into()),
        ("nul-in-a-text", RECORD.replace("live", "\0").into()),
        ("two-documents-on-a-line", format!("{RECORD} {RECORD}").into()),
        ("not-a-number", with("\"importance\": NaN").into()),
        ("comment", format!("// mine\n{RECORD}").into()),
        ("null", b"null".into()),
        ("text", b"\"Lisbon\"".into()),
        ("memories-null", b"{\"memories\": null}".into()),
        ("memories-an-object", format!("{{\"memories\": {RECORD}}}").into()),
        ("memories-twice", format!("{{\"memories\": [], \"memories\": [{RECORD}]}}").into()),
        ("memories-and-data", format!("{{\"memories\": [], \"data\": [{RECORD}]}}").into()),
        ("records-1000001", format!("[{}1]", "1,".repeat(1_000_000)).into()),
        (
            "members-10001",
            format!("{{{}\"memory\": 1}}", (0..10_000).map(|n| format!("\"{n}\":1,")).collect::<String>()).into(),
        ),
    ];
    for (case, export) in cases {
        desk.put("export.json", export);
        desk.cannot(&format!("bad-export-{case}"), "import v.sgv --keys keys export.json");
    }
    desk.cannot("bad-export-from-a-pipe", "cat export.json | import v.sgv --keys keys -");
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
}

/// Where only a record is wrong, it is named, and the others can be had.
#[test]
fn exports_with_a_record_that_is_not_read() {
    let desk = Desk::empty_vault();
    let before = desk.content("v.sgv");
    let mebibyte = "x".repeat(1 << 20);
    let cases: &[(&str, String)] = &[
        ("key-twice", with("\"memory\": \"I live in Porto.\"")),
        ("key-twice-further-down", with("\"metadata\": {\"tags\": [], \"tags\": [\"home\"]}")),
        ("key-twice-and-private", with("\"from Lisbon to Porto\": 1, \"from Lisbon to Porto\": 2")),
        ("number-too-large", with("\"importance\": 1e999")),
        ("number-too-long", with(&format!("\"importance\": {}", "9".repeat(5_000)))),
        ("half-a-character", RECORD.replace("live", "\\ud800")),
        ("nested-128", nested(126)),
        ("nested-100000", nested(100_000)),
        ("values-200001", with(&format!("\"metadata\": {{\"m\": [{}1]}}", "1,".repeat(200_000)))),
        ("text-1-byte-too-long", RECORD.replace("I live in Lisbon.", &format!("x{mebibyte}"))),
        ("text-of-16-mebibytes", RECORD.replace("I live in Lisbon.", &mebibyte.repeat(16))),
        ("details-too-long", with(&format!("\"metadata\": {{\"diary\": \"{mebibyte}\"}}"))),
        ("details-of-16-mebibytes", with(&format!("\"metadata\": {{\"diary\": \"{}\"}}", mebibyte.repeat(16)))),
        ("a-list", "[]".into()),
        ("a-long-word", format!("\"{}\"", "Lisbon".repeat(20))),
    ];
    for (case, record) in cases {
        desk.put("export.json", format!("[\n  {},\n  {record}\n]", RECORD.replace("m1", "good")));
        desk.cannot(&format!("bad-record-{case}"), "import v.sgv --keys keys export.json");
        if *case == "a-list" {
            // As a line of its own it is a list of no records.
            continue;
        }
        desk.put("export.jsonl", format!("{}\n{record}\n", RECORD.replace("m1", "good")));
        let ran = desk.refuses("import v.sgv --keys keys export.jsonl");
        assert!(ran.stderr.starts_with("export.jsonl: record 2 (line 2)"), "{case}: {}", ran.stderr);
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was imported");
}

/// The place of a bad record is found from that of the one before: counted from the beginning of the text, 200,000 of them
/// would take hours.
#[test]
fn bad_records_200000() {
    let bad = |list: &str| format!("[{list}\n 1e999]");
    for (many, last) in [(1, "line 4 column 6"), (200_000, "line 200003 column 6")] {
        let whole = bad(&"1e999,\n".repeat(many)).replacen('[', "[\n", 1);
        let imported = stillgood::import::memsync::read(whole.as_bytes(), now()).expect("a list");
        assert_eq!(imported.refused.len(), many + 1);
        assert_eq!(imported.refused[many].why, format!("a number is out of range at {last}"));
        // The same on the second line of an export in lines.
        let lines = format!("{RECORD}\n{}\n", bad(&"1e999,".repeat(many)).replace('\n', ""));
        let imported = stillgood::import::memsync::read(lines.as_bytes(), now()).expect("lines");
        assert_eq!((imported.drafts.len(), imported.refused.len()), (1, many + 1));
        let column = 6 * many + 7;
        assert_eq!(imported.refused[many].why, format!("a number is out of range at column {column}"));
    }
}

/// The longest text and the deepest record that are taken.
#[test]
fn exports_at_the_bounds() {
    let desk = Desk::empty_vault();
    let longest = RECORD.replace("I live in Lisbon.", &"x".repeat(1 << 20));
    // Every letter written as six.
    let escaped = longest.replace("m1", "m2").replace('x', "\\u0078");
    for (export, report) in [(longest, "1 new"), (escaped, "1 new"), (nested(125).replace("m1", "m3"), "1 new")] {
        desk.put("export.json", export);
        let ran = desk.done("import v.sgv --keys keys export.json");
        assert!(ran.stdout.starts_with(report), "{}", ran.stdout);
    }
}

/// A text of 100 MB is not copied before it is refused: the file itself is all that is held.
#[cfg(target_os = "linux")]
#[test]
fn a_text_of_100_megabytes() {
    let desk = Desk::empty_vault();
    desk.put("export.json", RECORD.replace("I live in Lisbon.", &"x".repeat(100_000_000)));
    // Address space, not memory in use: with the file, the program and its stacks, two copies do not fit.
    let ran = desk.shell("ulimit -v 250000; stillgood import v.sgv --keys keys export.json");
    ran.failed(2);
    desk.golden("bad-record-text-of-100-megabytes", &ran);
}

/// Larger input is not read to its end: a device has none.
#[cfg(target_os = "linux")]
#[test]
fn input_without_an_end() {
    let desk = Desk::full_vault();
    std::os::unix::fs::symlink("/dev/zero", desk.path("endless")).expect("a link");
    desk.cannot("bad-export-endless", "import v.sgv --keys keys endless");
    desk.cannot("bad-search-endless", "decide v.sgv --keys keys endless");
    desk.cannot("bad-vault-endless", "decide endless --keys keys two.json");
    std::fs::remove_file(desk.path("keys/device.vkey")).expect("it is there");
    std::os::unix::fs::symlink("/dev/zero", desk.path("keys/device.vkey")).expect("a link");
    desk.cannot("bad-key-endless", "decide v.sgv --keys keys two.json");
    std::fs::create_dir(desk.path("house")).expect("a folder");
    std::os::unix::fs::symlink("/dev/zero", desk.path("house/set.toml")).expect("a link");
    desk.cannot("bad-policies-endless", "policy check house");
}
