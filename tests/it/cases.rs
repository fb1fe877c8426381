//! Cases say until when a ruling stands, and from when that is counted.

use stillgood::{CaseError, CaseOutcome, Files, PolicySet};

const SET: &str = "name = \"cases\"\nversion = 1\n";
const HOLDS: &str = "// Live for a month after somebody confirmed it.
if row.unconfirmed_for < days(30) { live(\"holds\") } else { stale(\"old\", confirmation()) }
";
const ENDED: &str = "// Nothing holds beyond its end.
if (row.expires_in ?? days(1)) <= days(0) { re_earn(\"ended\", nothing()) }
";
const FETCHED: &str = "// Fetched data lapses.
if row.data.state == \"lapsed\" { background(\"lapsed\") }
";

fn run(file: &str, cases: &str) -> Result<Vec<CaseOutcome>, CaseError> {
    let mut files: Files = [("set.toml", SET), ("holds.rhai", HOLDS), ("ended.rhai", ENDED), ("fetched.rhai", FETCHED)]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into();
    files.insert(file.to_owned(), cases.as_bytes().to_vec());
    let set = PolicySet::from_files(&files).unwrap();
    let outcomes = set.run_cases(&files);
    assert_eq!(outcomes, set.interpreted().run_cases(&files), "until when, programs say for both");
    outcomes
}

/// What the one row of a set's case is said to be, with `until` asked for.
fn said(row: &str) -> String {
    let case = format!(
        r#"[{{"name": "a", "at": "2026-03-01T12:00:00Z", "rows": [{{"row": {row}}}], "expect": [{{"verdict": "live", "reasons": [], "until": "-"}}]}}]"#
    );
    run("set.cases.json", &case).unwrap()[0].said.clone()
}

#[test]
fn a_set_s_case_says_until_when_its_rulings_stand() {
    // The month is over, the end comes, the data lapses: whichever is first.
    let stands = "live holds:holds until ";
    assert_eq!(said("{}"), format!("{stands}2026-03-31T12:00:00.000Z"));
    assert_eq!(said(r#"{"unconfirmed_for": "29 days"}"#), format!("{stands}2026-03-02T12:00:00.000Z"));
    assert_eq!(said(r#"{"expires_in": "6 hours"}"#), format!("{stands}2026-03-01T18:00:00.000Z"));
    assert_eq!(
        said(r#"{"data.state": "verified", "data.fresh_for": "1 hour"}"#),
        format!("{stands}2026-03-01T13:00:00.000Z")
    );
    // What has no deadline, or was found false, does not lapse.
    assert_eq!(said(r#"{"data.state": "verified"}"#), format!("{stands}2026-03-31T12:00:00.000Z"));
    assert_eq!(
        said(r#"{"data.state": "malformed", "data.fresh_for": "1 hour"}"#),
        format!("{stands}2026-03-31T12:00:00.000Z")
    );
    // All is past.
    let past = r#"{"unconfirmed_for": "40 days", "expires_in": "-1 days", "data.state": "lapsed", "data.fresh_for": "-1 hours"}"#;
    assert_eq!(said(past), "re-earn ended:ended=nothing until -");
}

#[test]
fn until_is_compared_where_it_is_expected() {
    let case = |at: &str, until: &str| {
        let file = format!(
            r#"[{{"name": "a", {at} "rows": [{{}}, {{"row": {{"unconfirmed_for": "40 days"}}}}],
               "expect": [{{"verdict": "live", "reasons": ["holds:holds"]{until}}},
                          {{"verdict": "background", "reasons": ["holds:old"]}}]}}]"#
        );
        let outcomes = run("set.cases.json", &file).unwrap();
        assert_eq!(outcomes.len(), 1);
        outcomes[0].passed()
    };
    let at = r#""at": "2026-03-01T12:00:00Z","#;
    assert!(case("", "") && case(at, ""), "a case need not say until when");
    assert!(case(at, r#", "until": "2026-03-31T12:00:00Z""#));
    assert!(case(at, r#", "until": "2026-03-31T14:00:00+02:00""#), "any RFC 3339 time");
    assert!(!case(at, r#", "until": "2026-03-31T12:00:01Z""#));
    assert!(!case(at, r#", "until": "-""#) && !case("", r#", "until": "-""#));

    let own = |expect: &str, row: &str| {
        let file = format!(r#"[{{"name": "a", "at": "2026-03-01T12:00:00Z", "row": {row}, "expect": {expect}}}]"#);
        let outcome = run("holds.cases.json", &file).unwrap().remove(0);
        (outcome.passed(), outcome.said)
    };
    let (passed, said) = own(r#"{"opinion": "live", "code": "holds", "until": "2026-03-31T12:00:00Z"}"#, "{}");
    assert!(passed, "{said}");
    // Of this policy alone: another one's clock is not its own.
    let (passed, said) =
        own(r#"{"opinion": "live", "code": "holds", "until": "2026-03-31T12:00:00Z"}"#, r#"{"expires_in": "1 hours"}"#);
    assert!(passed, "{said}");
    let old = r#"{"opinion": "stale", "code": "old", "needs": "confirmation", "until": "-"}"#;
    assert!(own(old, r#"{"unconfirmed_for": "31 days"}"#).0);
    assert_eq!(own("null", "{}"), (false, "live holds".to_owned()));
}

/// A misspelt word would be one that no policy asks for.
#[test]
fn words_of_a_closed_list_are_its_words() {
    let case = |row: &str| run("holds.cases.json", &format!(r#"[{{"name": "a", "row": {row}, "expect": null}}]"#));
    assert!(case(r#"{"categories": ["health", "travel"], "tags": ["helth"]}"#).is_ok());
    let refused = case(r#"{"categories": ["health", "helth"]}"#).unwrap_err();
    assert!(
        refused.what.starts_with("`a`: `row.categories`: `helth` is none of its words: identity, "),
        "{}",
        refused.what
    );
}

/// Ages grow: what is calculated from one can overflow later, whether or not anything compares it.
#[test]
fn a_ruling_ends_where_time_alone_makes_its_policy_fail() {
    for (number, until) in [
        ("row.age * 4000000", "2098-01-25T23:56:49.214Z"),
        ("-(row.age * 4000000)", "2098-01-25T23:56:49.214Z"),
        ("row.age * 4000000 * 4000000", "2026-01-01T00:09:36.461Z"),
        ("row.age * 4000", "-"),
        ("days(100000000000)", "-"),
    ] {
        let files: Files = [
            ("set.toml", SET.to_owned()),
            ("own.rhai", format!("// Own.\nlet number = {number};\nbackground(\"a\")")),
            (
                "own.cases.json",
                format!(
                    r#"[{{"name": "a", "at": "2026-01-01T00:00:00Z", "row": {{"age": "{}"}},
                        "expect": {{"opinion": "background", "code": "a", "until": "{until}"}}}}]"#,
                    if until.starts_with("2026") { "0 days" } else { "365 days" }
                ),
            ),
        ]
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
        .into();
        let outcome = PolicySet::from_files(&files).unwrap().run_cases(&files).unwrap().remove(0);
        assert_eq!(outcome.said, outcome.expected, "{number}");
    }
}

#[test]
fn a_wrong_time_is_told_in_one_line() {
    let wrong = [
        (
            "set",
            r#"[{"name": "a", "at": "noon", "rows": [], "expect": []}]"#,
            "`a`: `at`: expected a time such as 2026-02-12T18:00:00Z",
        ),
        (
            "set",
            r#"[{"name": "a", "at": "2026-02-30T18:00:00Z", "rows": [], "expect": []}]"#,
            "`a`: `at`: there is no such day, hour or offset",
        ),
        (
            "set",
            r#"[{"name": "a", "at": "-", "rows": [], "expect": []}]"#,
            "`a`: `at`: expected a time such as 2026-02-12T18:00:00Z",
        ),
        (
            "set",
            r#"[{"name": "a", "at": 5, "rows": [], "expect": []}]"#,
            "invalid type: integer `5`, expected a string at line 1 column 22",
        ),
        (
            "set",
            r#"[{"name": "a", "rows": [{}], "expect": [{"verdict": "live", "reasons": [], "until": "2026-03-31T12:00:00Z"}]}]"#,
            "`a`: `until` is a time, so the case needs `at`, the time at which it is asked",
        ),
        (
            "set",
            r#"[{"name": "a", "rows": [{}], "expect": [{"verdict": "live", "reasons": [], "until": "never"}]}]"#,
            "`a`: `until`: expected a time such as 2026-02-12T18:00:00Z, or `-` for ever",
        ),
        (
            "set",
            r#"[{"name": "a", "at": "2026-03-01T12:00:00Z", "at": "-", "rows": [], "expect": []}]"#,
            "duplicate field `at` at line 1 column 49",
        ),
        (
            "holds",
            r#"[{"name": "a", "at": "", "expect": null}]"#,
            "`a`: `at`: expected a time such as 2026-02-12T18:00:00Z",
        ),
        (
            "holds",
            r#"[{"name": "a", "expect": {"opinion": "live", "code": "a", "until": "99999-01-01T00:00:00Z"}}]"#,
            "`a`: `until`: expected a time such as 2026-02-12T18:00:00Z, or `-` for ever",
        ),
    ];
    for (file, cases, expected) in wrong {
        let error = run(&format!("{file}.cases.json"), cases).unwrap_err();
        assert_eq!(error.to_string(), format!("{file}.cases.json: {expected}"), "{cases}");
    }
}
