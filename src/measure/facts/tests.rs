use super::*;

fn facts(text: &str) -> Facts {
    match read(text.as_bytes()) {
        Ok(Content::Facts(facts)) => facts,
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn wrong(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn facts_with_dates_hold_before_their_end() {
    let read = facts(
        r#"{"domain": "d", "subject": "Italy", "attribute": "President of Italy", "value": "v", "start": "1999-05-18", "start_precision": "day", "end": "2006-05-15", "end_precision": "day"}

{"subject": "Italy", "attribute": "President of the Republic of X", "start": "0001", "end": null}
{"subject": "Italy", "attribute": "home", "start": "2020-02", "end": "2020-12", "value": null}
{"subject": "Italy", "attribute": "home", "start": "2020-02-03T04:05:06Z", "end": null, "seen": "2021"}"#,
    );
    let shown: Vec<(usize, &str, Timestamp, End)> =
        read.facts.iter().map(|fact| (fact.line, fact.attribute.as_str(), fact.from, fact.end)).collect();
    assert_eq!(
        shown,
        [
            (0, "President", at("1999-05-18T00:00:00Z"), End::At(at("2006-05-15T00:00:00Z"))),
            (
                2,
                "President of the Republic of X",
                at("0001-01-01T00:00:00Z"),
                End::SeenUntil(at("2023-12-01T00:00:00Z"))
            ),
            (3, "home", at("2020-02-01T00:00:00Z"), End::At(at("2021-01-01T00:00:00Z"))),
            (4, "home", at("2020-02-03T04:05:06Z"), End::SeenUntil(at("2021-01-01T00:00:00Z"))),
        ]
    );
}

#[test]
fn an_attribute_loses_its_subject_alone() {
    let of = |attribute: &str, subject: &str| without_subject(attribute, subject).to_owned();
    assert_eq!(of("President of Italy", "Italy"), "President");
    assert_eq!(of("President of the United States", "United States of America"), "President");
    assert_eq!(of("President of Isle of Man", "Isle of Man"), "President");
    for (attribute, subject) in [
        ("head of marketing", "s17"),
        ("head of market", "marketing"),
        ("owner of car", "carl"),
        ("head of ", "x"),
        ("of", "of"),
    ] {
        assert_eq!(of(attribute, subject), attribute);
    }
}

#[test]
fn facts_with_years_hold_to_the_end_of_the_last() {
    let line = |start: &str, end: &str| {
        format!(
            r#"{{"subject": "Q1", "property": "P39", "attribute": "position held", "value": "Q2", "start_year": {start}, "end_year": {end}, "split": "train"}}"#
        )
    };
    let lines =
        [("1926", "1929"), ("null", "1929"), ("1926", "null"), ("1926", "1926"), ("1927", "1926"), ("9998", "9999")];
    let read = facts(&lines.map(|(start, end)| line(start, end)).join("\n"));
    assert_eq!(read.left_out, LeftOut { without_start: 1, ends_first: 2, without_end: 1, unseen: 0 });
    assert_eq!(read.left_out.sum(), 4);
    let ends: Vec<End> = read.facts.iter().map(|fact| fact.end).collect();
    assert_eq!(ends, [End::At(at("1930-01-01T00:00:00Z")), End::At(at("9999-12-31T23:59:59.999Z"))]);
    assert_eq!(read.facts[1].line, 5);
}

#[test]
fn what_cannot_be_used_is_counted_once() {
    let line =
        |start: &str, end: &str| format!(r#"{{"subject": "s", "attribute": "a", "start": {start}, "end": {end}}}"#);
    let lines = [
        line("null", "null"),
        line(r#""2020""#, r#""2019""#),
        line(r#""2020""#, r#""2020""#),
        line(r#""2023-12-01""#, "null"),
        line(r#""2023-11-30""#, "null"),
    ];
    let read = facts(&lines.join("\n"));
    assert_eq!(read.left_out, LeftOut { without_start: 1, ends_first: 2, without_end: 0, unseen: 1 });
    assert_eq!(read.facts.len(), 1);
}

#[test]
fn what_stands_twice_counts_twice() {
    let line = r#"{"subject": "s", "attribute": "a", "start": "2000", "end": "2001"}"#;
    assert_eq!(facts(&[line; 3].join("\r\n")).facts.len(), 3);
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let good = r#"{"subject": "s", "attribute": "a", "start": "2000", "end": "2001"}"#;
    let labels =
        |more: &str| format!(r#"{{"subject": "s", "attribute": "a", "stated": "2020", "asked": "2021"{more}}}"#);
    for (text, expected) in [
        (String::new(), "it is empty"),
        ("\n \n".into(), "it is empty"),
        ("{}".into(), "line 1: neither a fact nor a labelled row: no `start`, `start_year` or `stated`"),
        ("[1]\n".into(), "line 1: a list: expected one object a line, with nothing around them"),
        (r#"["s", "a", "2000", "2001"]"#.into(), "line 1: a list: expected one object a line"),
        ("[\n".into(), "line 1: a list: expected one object a line"),
        ("7".into(), "line 1: expected an object"),
        (format!("\u{feff}{good}"), "line 1: a byte order mark: save the file as UTF-8 without one"),
        ("{\n".into(), "line 1: not JSON: it ends too early; each object stands on one line"),
        (format!("{good}\n{{"), "line 2: not JSON: it ends too early"),
        (
            format!("{good}\n\n{}", labels("")),
            "line 3: a labelled row with `stated`, but line 1 is a fact with `start`: a file holds one shape",
        ),
        (
            format!("\n{}\n{good}", labels(r#", "held": true"#)),
            "line 3: a fact with `start`, but line 2 is a labelled row",
        ),
        (good.replace('}', r#", "stated": "2020"}"#), "line 1: unknown field `start`"),
        (format!("{good}\n{}", good.replace('}', r#", "stated": "2020"}"#)), "line 2: unknown field `stated`"),
        (labels(""), "line 1: missing field `held`"),
        (labels(r#", "held": 1"#), "line 1: `held` is `1`, expected `true` or `false`"),
        (labels(r#", "held": "yes""#), "line 1: `held` is `\"yes\"`, expected `true` or `false`"),
        (labels(r#", "held": null"#), "line 1: `held` is `null`, expected `true` or `false`"),
        (
            labels(r#", "held": true, "parent_changed": 0"#),
            "line 1: `parent_changed` is `0`, expected `true`, `false` or `null`",
        ),
        (good.replace("\"a\"", "null"), "line 1: `attribute` is `null`, expected a text"),
        (good.replace("\"s\"", "[\"s\"]"), "line 1: `subject` is a list, expected a text"),
        (good.replace("\"2001\"", "2001"), "line 1: `end` is `2001`, expected a text or `null`"),
        (labels(r#", "held": true, "held": true"#), "line 1: duplicate field `held`"),
        (labels(r#", "held": true, "weight": 2"#), "line 1: unknown field `weight`"),
        (good.replace("2001", "2001-02-30"), "line 1: `end` is `2001-02-30`: there is no such day"),
        (good.replace("\"2001\"", "\"soon\""), "line 1: `end` is `soon`: expected a time"),
        (good.replace(r#", "end": "2001""#, ""), "line 1: missing field `end`"),
        (good.replace("\"2000\"", "\"0000\""), "line 1: `start` is `0000`: a time lies within"),
        (good.replace("\"s\"", "\"\""), "line 1: `subject` is no label"),
        (good.replace("\"a\"", "\"a\\u0007\""), "line 1: `attribute` is no label"),
        (good.replace("\"a\"", "\" of s\""), "line 1: `attribute` is no label"),
        (
            r#"{"subject": "s", "attribute": "a", "start_year": 0, "end_year": 3}"#.into(),
            "line 1: `start_year` is 0: a year lies within 1 and 9999",
        ),
        (
            r#"{"subject": "s", "attribute": "a", "start_year": 1999.5, "end_year": 3}"#.into(),
            "line 1: `start_year` is `1999.5`, expected a whole number or `null`",
        ),
        (format!("{good}\n{}", "[".repeat(300)), "line 2: "),
        (labels(r#", "held": true"#).replace("2021", "2019"), "line 1: it is asked about before it is stated"),
    ] {
        let said = wrong(&text);
        assert!(said.starts_with(expected), "{text}: {said}");
        assert!(!said.contains('\n'), "{said}");
    }
    assert_eq!(read(b"\x7fELF\xff\xfe").unwrap_err().to_string(), "line 1: not text in UTF-8");
}

#[test]
fn a_line_has_a_greatest_length() {
    let line = |bytes: usize| {
        let rest = r#"{"subject": "s", "attribute": "a", "start": "2000", "end": "2001", "value": ""}"#;
        rest.replace("\"\"}", &format!("\"{}\"}}", "v".repeat(bytes - rest.len())))
    };
    assert_eq!(facts(&line(1 << 20)).facts.len(), 1);
    assert_eq!(wrong(&line((1 << 20) + 1)), "line 1: longer than 1 MiB");
    assert_eq!(wrong(&"\n".repeat(2_000_001)), "it is longer than 256 MiB, or than 2,000,000 lines");
}

#[test]
fn labelled_rows_are_as_they_say() {
    let text = r#"{"subject": "s", "attribute": "a", "stated": "2020-01-01", "asked": "2020-01-01T00:00:00Z", "held": true}
{"subject": "s", "attribute": "a of s", "stated": "2020", "asked": "2021-06", "held": false, "parent_changed": true}"#;
    let Ok(Content::Labelled(rows)) = read(text.as_bytes()) else { panic!("labelled") };
    assert_eq!((rows[0].stated, rows[0].held, rows[0].parent_changed), (rows[0].asked, true, None));
    assert_eq!((rows[1].attribute.as_str(), rows[1].parent_changed), ("a of s", Some(true)));
    assert_eq!(rows[1].asked, at("2021-06-01T00:00:00Z"));
}
