//! Policies: what the shipped set says of itself, what the checker lets in and what it refuses, that nothing outside can
//! be reached, and that no text can harm the one who checks it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use stillgood::{Diagnostic, Files, LoadError, PolicySet, Reason, Severity, Verdict};

use crate::support::file;

/// A policy that vouches, so that a set around one tested file is a whole set. It reads every parameter and request key.
const HOLDS: &str = "// Live while it holds, whatever the other parameters are, and whatever the request says.
let others = param.strict || param.few < 0 || param.limit > days(0) || param.who == \"\" || \"home\" in param.words
    || (request.urgent ?? true) || (request.budget ?? 0) > 0 || (request.patience ?? days(1)) > days(0)
    || (request.trust ?? 0.5) > 0.1 || \"a\" in (request.audience ?? param.words) || (request.voice ?? \"\") == \"\";
if row.survival >= param.holds && others { live(\"holds\") }
";

/// One case that every policy here passes: the row has faded, and nothing else is known of it.
const CASE: &[u8] = br#"[{"name": "faded", "row": {"survival": 0.0}, "expect": null}]"#;

/// The set around one tested file: `tests/policies/set.toml`, and a policy that vouches.
fn around(policy: &str, source: &[u8], cases: &[u8]) -> Files {
    let mut files = Files::new();
    files.insert("set.toml".into(), include_bytes!("../policies/set.toml").to_vec());
    files.insert("vouches.rhai".into(), HOLDS.into());
    files.insert("vouches.cases.json".into(), CASE.to_vec());
    files.insert(format!("{policy}.rhai"), source.to_vec());
    files.insert(format!("{policy}.cases.json"), cases.to_vec());
    files
}

/// Name without `.rhai`, and content, of every policy in a folder of `tests/policies`.
fn policies_in(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(file("tests/policies").join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".rhai") {
            found.push((name.to_owned(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// `file:line:column severity[code]`, without place where the whole file is meant.
fn brief(found: &[Diagnostic]) -> Vec<String> {
    let place = |d: &Diagnostic| d.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    found.iter().map(|d| format!("{}{} {}[{}]", d.file, place(d), d.problem.severity, d.problem.code)).collect()
}

fn shown(found: &[Diagnostic]) -> String {
    found.iter().map(|diagnostic| format!("\n{diagnostic}")).collect()
}

// The shipped set.

fn shipped() -> Files {
    PolicySet::read_files(&file("policies")).unwrap()
}

#[test]
fn the_shipped_set_has_nothing_to_complain_of_and_its_cases_pass() {
    let files = shipped();
    let (set, found) = PolicySet::check(&files);
    assert!(found.is_empty(), "{}", shown(&found));
    let set = set.unwrap();
    assert_eq!(set.digest(), PolicySet::builtin().digest());
    assert_eq!(set.digest(), PolicySet::from_dir(&file("policies")).unwrap().digest());
    let outcomes = set.run_cases(&files).unwrap();
    for outcome in &outcomes {
        assert!(outcome.passed(), "{}: {}: {} ≠ {}", outcome.file, outcome.name, outcome.said, outcome.expected);
    }
    let with_cases: BTreeSet<&str> = outcomes.iter().map(|outcome| outcome.file.as_str()).collect();
    assert_eq!(with_cases.len(), set.policies().len() + 1, "one cases file per policy, and one for the set");
    assert_eq!(PolicySet::builtin().run_cases(&files).unwrap(), outcomes);
}

#[test]
fn every_shipped_policy_begins_with_its_rule_in_one_sentence() {
    for policy in PolicySet::builtin().policies() {
        let first = policy.source().lines().next().unwrap_or_default();
        let sentence = first.strip_prefix("// ").unwrap_or_else(|| panic!("{} has no first comment", policy.id()));
        assert!(sentence.ends_with('.') && sentence.split(' ').count() >= 5, "{}: {sentence}", policy.id());
    }
}

/// `opinion code need` of every opinion in a policy's text; each is a branch of its own.
fn branches(source: &str) -> Vec<String> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut found = vec![];
    for opinion in ["live", "background", "stale", "re_earn"] {
        for (at, start) in code.match_indices(&format!("{opinion}(\"")) {
            let rest = &code[at + start.len()..];
            let (code, rest) = rest.split_once('"').unwrap();
            let need = rest.strip_prefix(", ").map(|rest| {
                let (name, rest) = rest.split_once('(').unwrap();
                let (argument, _) = rest.split_once(')').unwrap();
                if argument.is_empty() { name.to_owned() } else { format!("{name}.{}", argument.replace('"', "")) }
            });
            found.push(format!("{opinion} {code} {}", need.unwrap_or_default()));
        }
    }
    found
}

#[test]
fn every_branch_of_the_shipped_policies_has_a_case() {
    let files = shipped();
    let builtin = PolicySet::builtin();
    assert_eq!(builtin.policies().len(), files.keys().filter(|name| name.ends_with(".rhai")).count());
    for policy in builtin.policies() {
        let cases = &files[&format!("{}.cases.json", policy.id())];
        let cases: Vec<serde_json::Value> = serde_json::from_slice(cases).unwrap();
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let expected = cases.iter().map(|case| &case["expect"]).filter(|expect| !expect.is_null());
        let expected: BTreeSet<String> =
            expected.map(|e| format!("{} {} {}", word(&e["opinion"]), word(&e["code"]), word(&e["needs"]))).collect();
        let branches = branches(policy.source());
        assert_eq!(expected, branches.iter().cloned().collect(), "{}", policy.id());
        assert_eq!(
            expected.len(),
            branches.len(),
            "{}: two branches look alike, so cases cannot tell them",
            policy.id()
        );
        let silent = cases.iter().any(|case| case["expect"].is_null());
        assert_eq!(silent, !policy.vouches(), "{}: only the policy that vouches always speaks", policy.id());
    }
}

#[test]
fn in_the_shipped_set_one_policy_vouches() {
    let set = PolicySet::builtin();
    let vouching: Vec<&str> = set.policies().iter().filter(|policy| policy.vouches()).map(|p| p.id()).collect();
    assert_eq!(vouching, ["holds"]);
    assert_eq!((set.name(), set.version()), ("stillgood", 1));
}

// The digest, by `docs/formats.md`, "Policy set digest".

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn digest_by_the_rule(name_and_version: &str, base: &str, files: &Files) -> String {
    let mut text = format!("stillgood/policy-set/v1\n{name_and_version}\n{base}\n");
    for (name, content) in files {
        if name.ends_with(".rhai") || ["set.toml", "survival.toml", "survival.note"].contains(&name.as_str()) {
            text += &format!("{name} {}\n", sha256(content));
        }
    }
    sha256(text.as_bytes())
}

#[test]
fn the_digest_of_a_set_follows_the_rule_in_the_formats() {
    let builtin = PolicySet::builtin().digest().to_string();
    assert_eq!(builtin, digest_by_the_rule("stillgood 1", "-", &shipped()));

    let mut files = around("own", b"// Own.\nif row.denied { background(\"a\") }", CASE);
    let own = PolicySet::from_files(&files).unwrap().digest().to_string();
    assert_eq!(own, digest_by_the_rule("test 7", "-", &files));
    files.insert("set.cases.json".into(), b"[]".to_vec());
    assert_eq!(PolicySet::from_files(&files).unwrap().digest().to_string(), own, "cases are no part of it");
    files.insert("own.rhai".into(), b"// Own.\nif row.denied { background(\"a\") }\n".to_vec());
    let longer = PolicySet::from_files(&files).unwrap().digest().to_string();
    assert_ne!(longer, own, "a line feed is a part of it");
    assert_eq!(longer, digest_by_the_rule("test 7", "-", &files));

    let on_top = Files::from([
        ("set.toml".into(), b"name = \"mine\"\nversion = 3\nbase = \"stillgood\"\n".to_vec()),
        ("survival.toml".into(), shipped()["survival.toml"].clone()),
        ("denied.rhai".into(), b"// None.\n".to_vec()),
    ]);
    let set = PolicySet::from_files(&on_top).unwrap();
    assert_eq!(set.digest().to_string(), digest_by_the_rule("mine 3", &builtin, &on_top));
    assert_eq!(set.policies().len(), PolicySet::builtin().policies().len(), "a file of the same name takes its place");
}

// Wrong and right files.

/// What a file in `tests/policies/wrong` says of itself: `// expect: CODE at LINE:COLUMN`, and perhaps `// hint: FIX`.
fn expectations(source: &str) -> Vec<(String, Option<String>)> {
    let mut found: Vec<(String, Option<String>)> = vec![];
    for line in source.lines() {
        if let Some(expect) = line.strip_prefix("// expect: ") {
            found.push((expect.to_owned(), None));
        } else if let Some(hint) = line.strip_prefix("// hint: ") {
            found.last_mut().unwrap().1 = Some(hint.to_owned());
        } else {
            break;
        }
    }
    found
}

#[test]
fn wrong_policies_are_refused_where_they_are_wrong() {
    let policies = policies_in("wrong");
    let mut failed = vec![];
    for (name, source) in &policies {
        let files = around(name, source, CASE);
        let source = std::str::from_utf8(source).unwrap();
        let expected = expectations(source);
        assert!(!expected.is_empty(), "{name} does not say what is expected");
        let (set, found) = PolicySet::check(&files);
        let came: Vec<(String, Option<String>)> = found
            .iter()
            .zip(&expected)
            .map(|(d, (_, hint))| {
                let place = d.place.map(|place| format!("{}:{}", place.line, place.column)).unwrap_or_default();
                (format!("{} at {place}", d.problem.code), hint.as_ref().and_then(|_| d.problem.fix.clone()))
            })
            .collect();
        let in_the_file = found.iter().all(|d| d.file == format!("{name}.rhai"));
        let shown_line =
            |d: &Diagnostic| source.lines().nth(d.place.unwrap().line - 1).map(|line| line.chars().take(300).collect());
        let lines = found.iter().all(|d| d.source_line == shown_line(d));
        if came != expected || found.len() != expected.len() || !in_the_file || !lines || set.is_some() {
            failed.push(format!("{name}: expected {expected:?}{}", shown(&found)));
        } else if !matches!(PolicySet::from_files(&files), Err(LoadError::Refused(all)) if all == found) {
            failed.push(format!("{name} is loaded"));
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), policies.len(), failed.join("\n\n"));
    assert_eq!(policies.len(), 175);
}

#[test]
fn right_policies_are_let_in_and_say_what_their_cases_expect() {
    let policies = policies_in("right");
    let mut failed = vec![];
    for (name, source) in &policies {
        let cases = std::fs::read(file("tests/policies/right").join(format!("{name}.cases.json"))).unwrap();
        let crlf = std::str::from_utf8(source).unwrap().replace('\n', "\r\n").into_bytes();
        for source in [source, &crlf] {
            let files = around(name, source, &cases);
            let (set, found) = PolicySet::check(&files);
            let Some(set) = set.filter(|_| found.is_empty()) else {
                failed.push(format!("{name}:{}", shown(&found)));
                break;
            };
            let outcomes = set.run_cases(&files).unwrap();
            if outcomes.is_empty() {
                failed.push(format!("{name} has no cases"));
            }
            for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
                failed.push(format!("{name}, {}: {} ≠ {}", outcome.name, outcome.said, outcome.expected));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), policies.len(), failed.join("\n"));
    assert_eq!(policies.len(), 47);
}

// Nothing outside can be reached.

/// What a set says of three rows, were they live but for this policy; `None` where the set does not load.
fn verdicts(files: &Files) -> Option<Vec<(Verdict, Vec<Reason>)>> {
    let (set, found) = PolicySet::check(files);
    let errors = found.iter().any(|diagnostic| diagnostic.problem.severity == Severity::Error);
    assert_eq!(set.is_some(), !errors, "loaded and refused at once: {}", shown(&found));
    assert_eq!(PolicySet::from_files(files).is_ok(), set.is_some());
    let rows = r#"[{"name": "three", "rows": [
        {},
        {"row": {"survival": 0.1, "denied": true, "subject": "me", "unconfirmed_for": "100 days", "expires_in": "-1 days"}},
        {"row": {"kind": "episodic", "tags": ["x"], "confirmations": 3}, "candidate": {"relevance": 0.9, "asked": true}}
    ], "expect": []}]"#;
    let cases = Files::from([("set.cases.json".into(), rows.into())]);
    let outcome = set?.run_cases(&cases).unwrap().remove(0);
    let rulings: Vec<(Verdict, Vec<Reason>)> = outcome
        .said
        .split("; ")
        .map(|ruling| {
            let (verdict, reasons) = ruling.split_once(' ').expect("a verdict and its reasons");
            (verdict.parse().unwrap(), reasons.split(',').map(|reason| reason.parse().unwrap()).collect())
        })
        .collect();
    assert_eq!(rulings.len(), 3, "one verdict for each row: {}", outcome.said);
    Some(rulings)
}

#[test]
fn nothing_outside_can_be_reached() {
    // Each would be the value of a policy beside one that says `live`. Refused, or the row must be re-earned.
    const ATTEMPTS: &[&str] = &[
        // Rhai's own words.
        "eval(\"live(\\\"a\\\")\")",
        "let e = eval; background(\"a\")",
        "print(\"a\")",
        "debug(\"a\")",
        "import \"std\" as std; background(\"a\")",
        "import \"/etc/passwd\" as p",
        "export let a = 1",
        "type_of(row)",
        "type_of(row.kind)",
        "row.type_of()",
        "Fn(\"live\")",
        "Fn(\"live\").call(\"a\")",
        "call(Fn(\"live\"), \"a\")",
        "let f = Fn(\"eval\"); f.call(\"1\")",
        "let f = Fn(\"background\").curry(\"a\"); f.call()",
        "curry(Fn(\"background\"), \"a\")",
        "is_def_var(\"row\")",
        "is_def_fn(\"live\", 1)",
        "is_shared(row)",
        "this",
        "fn f() { this } f()",
        "fn f() { this.x = 1; } row.f()",
        "let f = |x| x; f.call(1)",
        "let f = || background(\"a\"); f.call()",
        "live!(\"a\")",
        "global::row",
        "fn f() { global::row } f()",
        // What the standard packages would give.
        "sleep(1)",
        "sleep(0.1)",
        "exit()",
        "exit(background(\"a\"))",
        "parse_json(\"{}\")",
        "timestamp()",
        "elapsed(timestamp())",
        "rand()",
        "parse_int(\"1\")",
        "to_string(row)",
        "row.to_string()",
        "to_debug(row.kind)",
        "blob()",
        "range(1, 100000000)",
        "(1..100000000).sum()",
        "[1, 2].push(3)",
        "\"a\" * 1000000",
        "\"a\" + \"b\"",
        "\"a\" + row.subject",
        "`${row}`",
        "`${row.subject ?? 1}`",
        "#{a: 1}",
        "keys(row)",
        "get(row, \"denied\")",
        "set_denied(row, false)",
        // Files, network, processes, environment.
        "open(\"/etc/passwd\")",
        "open_file(\"/etc/passwd\").read_string()",
        "read_file(\"/etc/passwd\")",
        "File::open(\"/etc/passwd\")",
        "write(\"/tmp/a\", \"b\")",
        "remove_file(\"/tmp/a\")",
        "http_get(\"http://localhost\")",
        "fetch(\"http://localhost\")",
        "exec(\"id\")",
        "system(\"id\")",
        "cmd(\"id\").build().run()",
        "env(\"HOME\")",
        "get_env(\"HOME\")",
        // Facts that nobody gave.
        "row.text",
        "row.body",
        "row.id",
        "row.retrieved",
        "request.at",
        "request.text",
        "candidate.text",
        "param",
        "row",
        "row[\"denied\"]",
        "row.row.row",
        // Changing what is there.
        "row.denied = false",
        "row.survival = 1.0",
        "param.holds = 0.0",
        "request = 3",
        "const row = 3; background(\"a\")",
        // Time without end.
        "loop { }",
        "while true { }",
        "do { } while true",
        "for i in 0..10 { }",
        "fn f() { f() } f()",
        "fn f(x) { g(x) } fn g(x) { f(x) } f(1)",
        "try { sleep(1) } catch { }",
        // An opinion from elsewhere.
        "opinion(\"live\", \"a\")",
        "Opinion(\"live\")",
        "\"live\"",
        "true",
        "()() ",
        "confirmation",
        "confirmation()",
        "days(1)",
        "row.tags",
        "row.kind",
    ];
    for attempt in ATTEMPTS {
        let source = format!("// An attempt.\n{attempt}\n");
        if let Some(rulings) = verdicts(&around("attempt", source.as_bytes(), CASE)) {
            for (verdict, reasons) in rulings {
                assert_eq!(verdict, Verdict::ReEarn, "{attempt} is let in, and a row stays usable");
                let failed = |reason: &Reason| reason.to_string() == "stillgood:policy-error=repair";
                assert!(reasons.iter().any(failed), "{attempt} is let in and does not fail: {reasons:?}");
            }
        }
    }
}

#[test]
fn no_set_gets_at_files_by_its_names() {
    for name in ["../denied", "/etc/passwd", "a/b", "a\\b", "a b", "a\n", "", ".", "..", "Denied", "DENIED", "dénied"]
    {
        let found = PolicySet::check(&around(name, b"// Named oddly.\nbackground(\"a\")", CASE)).1;
        assert_eq!(brief(&found), [format!("{name}.rhai error[file-name]")]);
    }
}

// Any text.

/// A set with nothing but this policy in it.
fn alone(source: &str) -> Files {
    let mut files = around("any", source.as_bytes(), CASE);
    files.remove("vouches.rhai");
    files.remove("vouches.cases.json");
    files.remove("any.cases.json");
    files
}

/// Whatever the text: no panic, and if it loads, one verdict for each row; live only by a clock.
fn any_text_is_judged(source: &str) {
    let Some(rulings) = verdicts(&alone(source)) else { return };
    for (verdict, reasons) in rulings {
        let clock = source.contains("unconfirmed_for") || source.contains("survival");
        assert!(verdict == Verdict::ReEarn || clock, "{verdict} with no clock: {reasons:?}");
        assert!(!reasons.is_empty());
    }
}

const TOKENS: &[&str] = &[
    "if",
    "else",
    "switch",
    "let",
    "const",
    "fn",
    "return",
    "true",
    "false",
    "in",
    "!in",
    "while",
    "loop",
    "for",
    "try",
    "catch",
    "throw",
    "break",
    "import",
    "this",
    "do",
    "{",
    "}",
    "{",
    "}",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    ";",
    ";",
    ",",
    "=>",
    "_",
    "|",
    "||",
    "&&",
    "!",
    "=",
    "==",
    "!=",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "??",
    "?.",
    ".",
    "..",
    "::",
    "#{",
    "`",
    "${",
    "\"",
    "'",
    "//",
    "/*",
    "*/",
    "\n",
    "0",
    "1",
    "-1",
    "0.5",
    "9e99",
    "0x",
    "\"a\"",
    "\"verified\"",
    "'a'",
    "row",
    "row.kind",
    "row.survival",
    "row.unconfirmed_for",
    "row.denied",
    "row.expires_in",
    "row.tags",
    "row.settlement.state",
    "row.binding.how",
    "param.holds",
    "request.urgent",
    "candidate.relevance",
    "x",
    "y",
    "f",
    "f(x)",
    "live(\"a\")",
    "background(\"b\")",
    "stale(\"c\", confirmation())",
    "re_earn(\"d\", nothing())",
    "days(1)",
    "confirmation()",
    "()",
    "é",
    "\u{feff}",
    "\r",
    "\0",
];

const CLOCKS: &[&str] =
    &["row.survival >= 0.5", "row.unconfirmed_for < days(7)", "row.survival < 0.2", "f(row.survival)"];

const CONDITIONS: &[&str] = &[
    "row.denied",
    "!row.edited",
    "row.kind == \"episodic\"",
    "(row.expires_in ?? days(1)) < days(0)",
    "row.subject == ()",
    "\"x\" in row.tags",
    "row.confirmations in [1, 3]",
    "row.confirmations / row.confirmations == 1",
];

const ODD_CONDITIONS: &[&str] = &[
    "x > 1",
    "f(row.denied)",
    "row.kind",
    "3 > \"a\"",
    "row.settlement.state == \"verified\"",
    "row.binding.how == \"verbatim\"",
    "row.expires_in < days(1)",
    "row.survivl > 0.5",
];

const OPINIONS: &[&str] = &[
    "live(\"a\")",
    "live(\"a\");",
    "return live(\"b\")",
    "background(\"c\")",
    "return background(\"d\")",
    "stale(\"e\", confirmation())",
    "re_earn(\"f\", nothing())",
    "g(row.survival >= 0.5)",
    "()",
];

const ODD_OPINIONS: &[&str] = &["g(row.denied)", "3", "return", "background(\"NO\")", "live()", "f(true)"];

/// Whole statements, so that a good part of the files loads.
fn statement() -> impl Strategy<Value = String> {
    use proptest::sample::select;
    let condition = prop_oneof![8 => select(CLOCKS), 4 => select(CONDITIONS), 1 => select(ODD_CONDITIONS)];
    let leaf = prop_oneof![12 => select(OPINIONS), 1 => select(ODD_OPINIONS)].prop_map(str::to_owned);
    let (when, either, arm) = (condition.clone(), condition.clone(), condition.clone());
    let nested = leaf.prop_recursive(3, 12, 3, move |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            3 => (when.clone(), inner).prop_map(|(c, a)| format!("if {c} {{ {a} }}")),
            6 => (either.clone(), two.clone()).prop_map(|(c, (a, b))| format!("if {c} {{ {a} }} else {{ {b} }}")),
            3 => (arm.clone(), two.clone())
                .prop_map(|(c, (a, b))| format!("switch {c} {{ true => {{ {a} }} _ => {{ {b} }} }}")),
            1 => two.prop_map(|(a, b)| format!("{{ {a}; {b} }}")),
        ]
    });
    prop_oneof![
        6 => nested.prop_map(|rule| if rule.starts_with("if") { rule } else { format!("if row.survival > 0.1 {{ {rule} }}") }),
        1 => condition.prop_map(|c| format!("let x = {c}")),
        1 => Just("let x = 2".to_owned()),
    ]
}

/// The functions that the statements may call, before them.
const FUNCTIONS: &str = "fn f(x) { x == true }\nfn g(x) { if x { live(\"h\") } else { background(\"i\") } }\n";

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn printable_text_is_judged(source in "\\PC{0,200}") {
        any_text_is_judged(&source);
    }

    #[test]
    fn any_bytes_are_judged(source in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut files = alone("");
        files.insert("any.rhai".into(), source);
        verdicts(&files);
    }

    #[test]
    fn token_soup_is_judged(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..40)) {
        any_text_is_judged(&tokens.join(" "));
    }

    #[test]
    fn statement_soup_is_judged(statements in proptest::collection::vec(statement(), 1..4)) {
        any_text_is_judged(&format!("{FUNCTIONS}{}", statements.join(";\n")));
    }

    #[test]
    fn any_manifest_is_judged(text in "\\PC{0,100}", line in 0_usize..9) {
        let mut lines: Vec<&str> = include_str!("../policies/set.toml").lines().collect();
        lines.insert(line * 5, &text);
        let mut files = around("own", b"// Own.", CASE);
        files.insert("set.toml".into(), lines.join("\n").into_bytes());
        verdicts(&files);
    }
}

#[test]
fn deep_nesting_is_refused_within_a_small_stack() {
    let nested =
        |open: &str, close: &str, times: usize| format!("// Deep.\n{}1{}", open.repeat(times), close.repeat(times));
    let deep = [
        nested("(", ")", 10_000),
        nested("[", "]", 10_000),
        nested("{", "}", 10_000),
        nested("#{a:", "}", 10_000),
        nested("f(", ")", 10_000),
        nested("`${", "}`", 10_000),
        nested("if true {", "}", 5_000),
        nested("switch 1 {_=>", "}", 4_000),
        nested("!", "", 50_000),
        nested("- ", "", 30_000),
        nested("return ", "", 9_000),
        nested("|x|", "", 20_000),
        nested("", "+1", 30_000),
        nested("", "&&true", 10_000),
        nested("", "??1", 20_000),
        nested("row", ".a", 10_000),
        format!("// Deep.\nrow{}", ".a".repeat(30_000)),
        format!("// Deep.\nrow{}", "[0]".repeat(20_000)),
        format!("// Deep.\nrow{}", ".a()".repeat(15_000)),
        format!("// Deep.\nif false {{}}{}", " else if true {}".repeat(4_000)),
    ];
    for source in &deep {
        let (set, found) = PolicySet::check(&around("deep", source.as_bytes(), CASE));
        let start: String = source.chars().skip(9).take(12).collect();
        assert!(set.is_none(), "{start} is let in");
        assert!(matches!(&*found, [one] if one.problem.code == "syntax"), "{start}: {:?}", brief(&found));
    }
    // Comments may nest: nothing of them remains.
    verdicts(&alone(&format!("// Deep.\n{}{}", "/*".repeat(15_000), "*/".repeat(15_000)))).unwrap();
}

#[test]
fn wide_files_are_judged_at_once() {
    let start = Instant::now();
    let arms: String = (0..2_000).map(|n| format!("{n} => background(\"a\"),")).collect();
    let rules = "if row.denied { return; }\n".repeat(2_000);
    let chain: String = (0..50).map(|n| format!("if row.confirmations == {n} {{ background(\"a\") }} else ")).collect();
    for source in [
        format!("// Wide.\nswitch row.confirmations {{ {arms} }}"),
        format!("// Wide.\n{rules}background(\"a\")"),
        format!("// Wide.\n{}background(\"a\")", ";".repeat(60_000)),
        format!("// Wide.\n{chain} {{ background(\"a\") }}"),
    ] {
        let rulings = verdicts(&around("wide", source.as_bytes(), CASE)).unwrap();
        assert_eq!(rulings[0].0, Verdict::Background, "{:?}", rulings[0].1);
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

// Odd files.

/// The diagnostics of a set in which `odd.rhai` has this content.
fn odd(content: &[u8]) -> Vec<String> {
    brief(&PolicySet::check(&around("odd", content, CASE)).1)
}

#[test]
fn odd_files_are_refused_or_say_nothing() {
    // A file without statements has no opinion.
    assert_eq!(odd(b""), ["odd.rhai warning[no-comment]", "odd.rhai warning[silent]"]);
    assert_eq!(odd(b"\n\n"), ["odd.rhai warning[no-comment]", "odd.rhai warning[silent]"]);
    assert_eq!(odd(b"// Only a comment."), ["odd.rhai warning[silent]"]);
    assert_eq!(odd(b"if row.denied { background(\"a\") }"), ["odd.rhai warning[no-comment]"]);
    for silent in ["", "// Only a comment."] {
        let rulings = verdicts(&around("odd", silent.as_bytes(), CASE)).unwrap();
        assert_eq!(rulings[0].0, Verdict::Live, "the set around it decides");
        let rulings = verdicts(&alone(silent)).unwrap();
        assert_eq!(rulings[0].1[0].to_string(), "stillgood:unvouched=nothing", "nothing vouches");
    }

    // Too long, as a whole or in one line.
    assert_eq!(odd("// Long.\n".repeat(120_000).as_bytes()), ["odd.rhai error[too-long]"]);
    assert_eq!(odd(format!("// {}\nbackground(\"a\")", "a".repeat(70_000)).as_bytes()), ["odd.rhai error[too-long]"]);
    assert_eq!(odd(format!("// {}", "a".repeat(65_533)).as_bytes()), ["odd.rhai error[too-long]"]);
    assert_eq!(odd(format!("// {}", "a".repeat(65_532)).as_bytes()), ["odd.rhai warning[silent]"]);
    // As far as a file may go, places are exact.
    let far = format!("// Far.\n/*{}*/ background(\"A\")", " ".repeat(65_000));
    assert_eq!(odd(far.as_bytes()), ["odd.rhai:2:65017 error[code]"]);
    let low = format!("// Low.{}background(\"A\")", "\n".repeat(65_000));
    assert_eq!(odd(low.as_bytes()), ["odd.rhai:65001:12 error[code]"]);

    // Not text, or not quite.
    assert_eq!(odd(b"// Latin-1: \xe9\n"), ["odd.rhai error[encoding]"]);
    assert_eq!(odd(b"// Cut: \xe6\x97"), ["odd.rhai error[encoding]"]);
    assert_eq!(odd(b"// Surrogate: \xed\xa0\x80"), ["odd.rhai error[encoding]"]);
    for refused in
        ["\u{feff}// Marked.\nbackground(\"a\")", "// Nul.\nback\0ground(\"a\")", "// Space.\n\u{a0}background(\"a\")"]
    {
        assert_eq!(verdicts(&around("odd", refused.as_bytes(), CASE)), None, "{refused:?}");
    }
    let utf16: Vec<u8> = "// Wide.\nbackground(\"a\")".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(verdicts(&around("odd", &utf16, CASE)), None);

    // Lines that end in CR LF count as lines.
    assert_eq!(
        odd(b"// Other system.\r\nif row.denied {\r\n  background(\"A\")\r\n}\r\n"),
        ["odd.rhai:3:14 error[code]"]
    );
}

#[test]
fn a_set_needs_its_manifest_and_policies_with_cases() {
    let whole = around("own", b"// Own.\nbackground(\"own\")", CASE);
    let without = |name: &str| {
        let mut files = whole.clone();
        files.remove(name);
        brief(&PolicySet::check(&files).1)
    };
    assert_eq!(without("no such file"), [""; 0]);
    assert_eq!(without("set.toml"), ["set.toml error[no-set]"]);
    assert_eq!(without("own.cases.json"), ["own.rhai warning[no-cases]"]);
    for empty in ["", "[]", " [ ]\n"] {
        let mut files = whole.clone();
        files.insert("own.cases.json".into(), empty.into());
        assert_eq!(brief(&PolicySet::check(&files).1), ["own.rhai warning[no-cases]"], "{empty:?}");
    }
    let (first, others) = (&without("vouches.rhai")[0], &without("vouches.rhai")[1..]);
    assert_eq!(first, "set.toml warning[nothing-vouches]");
    let (last, unused) = others.split_last().unwrap();
    assert_eq!(last, "vouches.cases.json warning[no-policy-for-cases]");
    let of = |code: &str| unused.iter().filter(|one| one.ends_with(code)).count();
    assert_eq!((unused.len(), of("warning[unused-param]"), of("warning[unused-key]")), (12, 6, 6), "{unused:?}");
    let mut empty = whole.clone();
    empty.retain(|name, _| name == "set.toml");
    assert_eq!(brief(&PolicySet::check(&empty).1), ["set.toml error[no-policies]"]);
    assert!(matches!(PolicySet::from_dir(&file("no/such/folder")), Err(LoadError::Unreadable { .. })));

    let cases = |content: &str| {
        let mut files = whole.clone();
        files.insert("own.cases.json".into(), content.into());
        PolicySet::from_files(&files).unwrap().run_cases(&files).map_err(|error| error.file)
    };
    for bad in [
        "",
        "{}",
        "[{}]",
        "[{\"name\": \"a\", \"expect\": null, \"more\": 1}]",
        "[{\"name\": \"a\", \"row\": {\"knd\": \"episodic\"}, \"expect\": null}]",
        "[{\"name\": \"a\", \"row\": {\"kind\": \"episodc\"}, \"expect\": null}]",
        "[{\"name\": \"a\", \"row\": {\"kind\": null}, \"expect\": null}]",
        // Nobody said what is expected.
        "[{\"name\": \"a\"}]",
        "[{\"name\": \"a\", \"row\": {\"categories\": [\"helth\"]}, \"expect\": null}]",
        // There are no such rows.
        "[{\"name\": \"a\", \"row\": {\"age\": \"1 day\", \"unconfirmed_for\": \"31 days\"}, \"expect\": null}]",
        "[{\"name\": \"a\", \"row\": {\"expires_in\": \"3 days\", \"ended_for\": \"3 days\"}, \"expect\": null}]",
        "[{\"name\": \"a\", \"row\": {\"data.state\": \"verified\", \"data.fresh_for\": \"-3 days\"}, \"expect\": null}]",
        "[{\"name\": \"a\", \"row\": {\"age\": \"3 fortnights\"}, \"expect\": null}]",
        "[{\"name\": \"a\", \"row\": {\"survival\": 1.1}, \"expect\": null}]",
        "[{\"name\": \"a\", \"expect\": {\"opinion\": \"alive\", \"code\": \"a\"}}]",
        "[{\"name\": \"a\", \"expect\": {\"opinion\": \"re_earn\", \"code\": \"a\", \"needs\": \"patience\"}}]",
    ] {
        assert_eq!(cases(bad), Err("own.cases.json".into()), "{bad}");
    }
    let failing = cases("[{\"name\": \"a\", \"expect\": {\"opinion\": \"background\", \"code\": \"a\"}}]").unwrap();
    assert!(!failing[0].passed());
    assert_eq!((failing[0].said.as_str(), failing[0].expected.as_str()), ("background own", "background a"));
}

/// The diagnostics of a set whose `set.toml` has these lines after its name.
fn manifest(lines: &str) -> Vec<Diagnostic> {
    let mut files = Files::from([("own.rhai".into(), b"// Own.\nif row.survival > 0.5 { live(\"a\") }".to_vec())]);
    files.insert("own.cases.json".into(), CASE.to_vec());
    files.insert("set.toml".into(), format!("name = \"test\"\n{lines}\n").into_bytes());
    let (set, mut found) = PolicySet::check(&files);
    found.retain(|one| !matches!(one.problem.code, "unused-param" | "unused-key"));
    assert_eq!(set.is_some(), found.is_empty(), "{lines}");
    found
}

#[test]
fn a_wrong_manifest_is_refused() {
    let param = |kind: &str, more: &str| format!("version = 1\n[param.a]\ntype = \"{kind}\"\nmeaning = \"m\"\n{more}");
    let wrong: Vec<(String, Option<usize>, &str)> = vec![
        // Text that is no manifest: line and words.
        ("garbage ][".into(), Some(2), "expected `=`"),
        (String::new(), Some(1), "missing field `version`"),
        ("version = 1\nauthor = \"me\"".into(), Some(3), "unknown field `author`"),
        ("version = 1\nversion = 2".into(), Some(3), "duplicate key"),
        ("version = \"1\"".into(), Some(2), "expected a whole number"),
        ("version = 1.0".into(), Some(2), "expected a whole number"),
        ("version = -1".into(), Some(2), "`version` lies between 1 and 2^53"),
        // Values out of range.
        ("version = 0".into(), None, "`version` lies between 1 and 2^53 − 1"),
        ("version = 9007199254740992".into(), None, "`version`"),
        ("version = 1\nrelevant_from = 1.000001".into(), None, "`relevant_from`: a score lies between 0 and 1"),
        ("version = 1\nrelevant_from = -0.1".into(), None, "`relevant_from`"),
        ("version = 1\nrelevant_from = nan".into(), None, "`relevant_from`"),
        ("version = 1\nrelevant_from = inf".into(), None, "`relevant_from`"),
        ("version = 1\nbase = \"other\"".into(), None, "there is no base set `other`"),
        // Parameters.
        (param("number", "value = 1"), None, "`param.a`: there is no type `number`"),
        (param("int", "value = \"1\""), None, "`param.a`: expected a value of type int"),
        (param("int", "value = 1.0"), None, "`param.a`: expected a value of type int"),
        (param("bool", "value = 1"), None, "`param.a`: expected a value of type bool"),
        (param("text", "value = 1"), None, "`param.a`: expected a value of type text"),
        (param("score", "value = 1"), None, "`param.a`: expected a value of type score"),
        (param("score", "value = 1.5"), None, "`param.a`: a score lies between 0 and 1"),
        (param("span", "value = 14"), None, "`param.a`: expected a value of type span"),
        (
            param("span", "value = \"14 fortnights\""),
            None,
            "`param.a`: expected a span (a length of time) such as `14 days`",
        ),
        (param("set", "value = \"a\""), None, "`param.a`: expected a value of type set"),
        (param("set", "value = [\"a\", 1]"), None, "`param.a`: expected a value of type set"),
        (param("int", "value = 9\nmax = 8"), None, "`param.a`: the value lies outside"),
        (param("int", "value = 7\nmin = 8"), None, "`param.a`: the value lies outside"),
        (param("score", "value = 0.1\nmin = 0.100001"), None, "`param.a`: the value lies outside"),
        (param("span", "value = \"9 days\"\nmax = \"8 days\""), None, "`param.a`: the value lies outside"),
        (param("int", "value = 7\nmin = \"a\""), None, "`param.a`: expected a value of type int"),
        (param("int", "value = 1\nunit = \"days\""), Some(7), "unknown field `unit`"),
        (param("int", ""), Some(3), "missing field `value`"),
        ("version = 1\n[param.a]\ntype = \"int\"\nvalue = 1".into(), Some(3), "missing field `meaning`"),
        (
            "version = 1\n[param.a]\ntype = \"int\"\nvalue = 1\nmeaning = \" \"".into(),
            None,
            "`param.a`: say what it means",
        ),
        (
            "version = 1\n[param.a-b]\ntype = \"int\"\nvalue = 1\nmeaning = \"m\"".into(),
            None,
            "`param.a-b`: a name is 1 to 48 of",
        ),
        (
            "version = 1\n[param.A]\ntype = \"int\"\nvalue = 1\nmeaning = \"m\"".into(),
            None,
            "`param.A`: a name is 1 to 48 of",
        ),
        (
            "version = 1\n[param.1a]\ntype = \"int\"\nvalue = 1\nmeaning = \"m\"".into(),
            None,
            "`param.1a`: a name is 1 to 48 of",
        ),
        // Keys of the request.
        ("version = 1\n[request.a]\ntype = \"boolean\"\nmeaning = \"m\"".into(), None, "there is no type `boolean`"),
        (
            "version = 1\n[request.a-b]\ntype = \"bool\"\nmeaning = \"m\"".into(),
            None,
            "`request.a-b`: a name is 1 to 48 of",
        ),
        ("version = 1\n[request.a]\ntype = \"bool\"".into(), Some(3), "missing field `meaning`"),
        (
            "version = 1\n[request.a]\ntype = \"bool\"\nmeaning = \"m\"\nvalue = true".into(),
            Some(6),
            "unknown field `value`",
        ),
    ];
    for (lines, line, words) in &wrong {
        let found = manifest(lines);
        let [one] = &*found else { panic!("{lines}: {}", shown(&found)) };
        assert_eq!(one.file, "set.toml");
        assert_eq!(one.place.map(|place| place.line), *line, "{lines}: {one}");
        assert!(one.problem.message.contains(words), "{lines}: {one}");
    }
    let many: String = (0..300).map(|n| format!("[request.k{n}]\ntype = \"int\"\nmeaning = \"m\"\n")).collect();
    assert_eq!(brief(&manifest(&format!("version = 1\n{many}"))), ["set.toml error[too-many-keys]"]);
    for right in
        ["version = 9007199254740991", "version = 1\nrelevant_from = 1.0", &param("score", "value = 0.1\nmin = 0.1")]
    {
        assert!(manifest(right).is_empty(), "{right}");
    }
    for name in ["", "My rules", "Test", "a/b", &"a".repeat(49)] {
        let mut files = around("own", b"// Own.", CASE);
        files.insert("set.toml".into(), format!("name = \"{name}\"\nversion = 1\n").into_bytes());
        let found = PolicySet::check(&files).1;
        assert!(found[0].problem.message.contains("`name` is 1 to 48"), "{}", shown(&found));
    }
}

#[test]
fn a_wrong_survival_table_is_refused() {
    let shipped = String::from_utf8(shipped()["survival.toml"].clone()).unwrap();
    let without_health: Vec<&str> = shipped.split("[[curve]]").filter(|curve| !curve.contains("\"health\"")).collect();
    let again = format!("{shipped}\n[[curve]]{}", shipped.rsplit("[[curve]]").next().unwrap());
    let wrong = [
        (String::new(), "not a survival table: it is empty"),
        ("# nothing".to_owned(), "missing field `days`"),
        ("garbage".to_owned(), "expected `=`"),
        (format!("by = \"me\"\n{shipped}"), "unknown field `by`"),
        (shipped.replacen("[1,0.9999,0.9996,", "[1,0.9996,0.9999,", 1), "a chance never rises with age"),
        (without_health.join("[[curve]]"), "expected one curve for `semantic` and `health`"),
        (again, "expected one curve for `episodic` and `none`"),
        (shipped.replacen("[0,1,", "[1,", 1), "`days` begins with 0 and goes up"),
        (shipped.replacen("[0,1,7,", "[0,7,1,", 1), "`days` begins with 0 and goes up"),
        (shipped.replacen("[0,1,", "[0,1,1,", 1), "`days` begins with 0 and goes up"),
        (shipped.replacen("[0,1,", "[0,1,2,", 1), "one chance for each of `days`"),
        (shipped.replacen("7300]", "999999999999999]", 1), "`days` begins with 0 and goes up"),
        (shipped.replacen("chance = [1,", "chance = [1.01,", 1), "a score lies between 0 and 1"),
        (shipped.replacen("chance = [1,", "chance = [nan,", 1), "`semantic`, `identity`"),
        (shipped.replacen("\"semantic\"", "\"semantc\"", 1), "no such kind"),
        (shipped.replacen("\"health\"", "\"helth\"", 1), "no such category"),
    ];
    for (text, words) in &wrong {
        let mut files = around("own", b"// Own.", CASE);
        files.insert("survival.toml".into(), text.clone().into_bytes());
        let (set, found) = PolicySet::check(&files);
        assert!(set.is_none(), "{words}");
        assert_eq!(brief(&found), ["survival.toml error[survival]"]);
        assert!(found[0].problem.message.contains(words), "{words}: {}", shown(&found));
    }
}

#[test]
fn a_diagnostic_shows_the_line_with_a_caret_and_the_fix() {
    let source = "// Shown.\nif row.subject != () {\n\tif \"日本\" in row.tags { backgrond(\"a\") }\n}\n";
    let found = PolicySet::check(&around("shown", source.as_bytes(), CASE)).1;
    assert_eq!(
        shown(&found),
        "\nshown.rhai:3:24: error[unknown-function]: there is no function `backgrond`\n  |  if \"日本\" in row.tags { backgrond(\"a\") }\n  | \
         \u{20}                      ^\n  hint: did you mean `background`?"
    );
    let refused = PolicySet::from_files(&around("shown", source.as_bytes(), CASE)).unwrap_err().to_string();
    assert!(refused.starts_with("the policy set has errors, the first: shown.rhai:3:24: "), "{refused}");
}

#[test]
fn all_errors_of_all_files_come_at_once_and_in_order() {
    let mut files = around("b", b"// B.\nif row.kin == \"a\" { background(\"A\") }\nbackground(\"c\")", CASE);
    files.insert("a.rhai".into(), b"// A.\nloop { }".to_vec());
    files.insert("C.rhai".into(), b"// C.".to_vec());
    files.insert("c.rhai".into(), b"no comment".to_vec());
    let (set, found) = PolicySet::check(&files);
    assert!(set.is_none());
    assert_eq!(
        brief(&found),
        [
            "C.rhai error[file-name]",
            "C.rhai warning[no-cases]",
            "a.rhai warning[no-cases]",
            "a.rhai:2:1 error[not-in-profile]",
            "b.rhai:2:7 error[unknown-fact]",
            "b.rhai:2:21 error[opinion-dropped]",
            "b.rhai:2:32 error[code]",
            "c.rhai warning[no-cases]",
            "c.rhai:1:4 error[syntax]",
        ]
    );
    let Err(LoadError::Refused(errors)) = PolicySet::from_files(&files) else { panic!("it is loaded") };
    assert!(errors.len() == 6 && errors.iter().all(|d| d.problem.severity == Severity::Error));
}

// Whole sets.

fn set(more: &str, name: &str, source: &str) -> Files {
    Files::from([
        ("set.toml".into(), format!("name = \"test\"\nversion = 1\n{more}").into_bytes()),
        ("holds.rhai".into(), b"// Holds.\nif row.survival >= 0.5 { live(\"holds\") }".to_vec()),
        ("holds.cases.json".into(), CASE.to_vec()),
        (format!("{name}.rhai"), source.into()),
        (format!("{name}.cases.json"), CASE.to_vec()),
    ])
}

fn found(files: &Files) -> Vec<Diagnostic> {
    PolicySet::check(files).1
}

/// Sixty short functions, each calling the one before it twice: written out, they would never end.
#[test]
fn functions_are_checked_in_time_that_grows_with_the_text() {
    let calls: String = (1..60).map(|n| format!("fn f{n}(x) {{ f{0}(x) && f{0}(x) }}\n", n - 1)).collect();
    let policy = format!("// Own.\nfn f0(x) {{ x }}\n{calls}if f59(row.denied) {{ background(\"a\") }}");
    assert_eq!(brief(&found(&set("", "own", &policy))), ["own.rhai:14:4 error[cost]"]);
}

/// A thousand ways of calling one function leave no other unchecked.
#[test]
fn every_function_is_checked_however_many_calls_there_are() {
    let params = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let calls: String = (0..1_024)
        .map(|way| {
            let given = (0..params.len()).map(|place| if way >> place & 1 == 1 { "t" } else { "u" });
            format!("many({});\n", given.collect::<Vec<_>>().join(","))
        })
        .collect();
    let policy = format!(
        "// Own.\nfn many({}) {{ 1 }}\nfn hides() {{ if row.denied {{ x }}; live(\"A B\") }}\n\
         let t = row.unconfirmed_for; let u = row.denied;\n{calls}hides()",
        params.join(", ")
    );
    assert_eq!(
        brief(&found(&set("", "own", &policy))),
        [
            "own.rhai:3:20 error[fact-in-function]",
            "own.rhai:3:30 error[unknown-name]",
            "own.rhai:3:35 error[live-without-clock]",
            "own.rhai:3:40 error[code]",
        ]
    );
}

/// What one name is bound to a thousand times is not looked into for each of a thousand comparisons.
#[test]
fn names_bound_often_and_compared_often_are_looked_into_a_bounded_number_of_times() {
    let start = Instant::now();
    let bound: String = (0..1_500).map(|word| format!("let x = \"w{word}\";")).collect();
    let facts: String = ["row.source", "row.origin", "row.parents"].map(|fact| format!("let x = {fact};")).concat();
    let compared = "x == x;".repeat(3_000);
    let policy = format!("// Own.\n{bound}{facts}{compared}if row.age > days(1) {{ background(\"a\") }}");
    assert!(PolicySet::from_files(&set("", "own", &policy)).is_ok());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// Lists and labels are parts too: a short call of a function full of them is not.
#[test]
fn lists_and_labels_count_where_functions_are_written_out() {
    let words: Vec<String> = (0..200).map(|word| format!("\"{word}\"")).collect();
    for body in
        [format!("x in [{}]", words.join(", ")), format!("switch x {{ {} => true, _ => false }}", words.join(" | "))]
    {
        let policy = |calls: usize| {
            let calls = "f(source);\n".repeat(calls);
            format!("// Own.\nfn f(x) {{ {body} }}\nlet source = row.source;\n{calls}background(\"a\")")
        };
        assert_eq!(brief(&found(&set("", "own", &policy(50)))), [""; 0]);
        assert_eq!(brief(&found(&set("", "own", &policy(100)))), ["own.rhai:104:1 error[cost]"]);
    }
}

/// Each function is no deeper than the parser allows; written out, they stand in each other.
#[test]
fn functions_that_nest_deep_are_refused_within_a_small_stack() {
    let nested = |functions: usize, (open, close): (&str, &str), times: usize| {
        let calls = |n: usize| if n + 1 < functions { format!("f{}(x)", n + 1) } else { "x".to_owned() };
        let body = |n: usize| format!("{}{}{}", open.repeat(times), calls(n), close.repeat(times));
        let all: String = (0..functions).map(|n| format!("fn f{n}(x) {{ {} }}\n", body(n))).collect();
        format!("// Deep.\n{all}if f0(row.denied) {{ background(\"a\") }}")
    };
    let shapes = [("!", ""), ("{", "}"), ("if x {", "} else { x }"), ("x && !(", ")"), ("switch x { _ => ", "}")];
    for shape in shapes {
        let source = nested(10, shape, 10);
        let rulings = verdicts(&around("deep", source.as_bytes(), CASE));
        assert!(rulings.is_some(), "{shape:?}: {:?}", brief(&found(&set("", "deep", &source))));
        let found = found(&set("", "deep", &nested(64, shape, 12)));
        assert!(matches!(&*found, [one] if one.problem.code == "cost"), "{shape:?}: {:?}", brief(&found));
    }
    // Those that call each other in a ring have no end.
    let ring = nested(64, ("!", ""), 50).replace("!x }", "!f0(x) }");
    let found = found(&set("", "deep", &ring));
    assert!(found.iter().any(|one| one.problem.code == "recursion"), "{:?}", brief(&found));
}

/// Each diagnostic carries its whole line: 3,000 in one line of 12,000 characters are 36 MB, and it grows squared.
#[test]
fn diagnostics_of_one_file_have_a_bound() {
    let all = found(&set("", "own", &format!("// Own.\n{}", "abc;".repeat(3_000))));
    let bytes: usize = all.iter().filter_map(|one| one.source_line.as_ref()).map(String::len).sum();
    assert!(bytes < 1_000_000, "{bytes} bytes of source lines in {} diagnostics", all.len());
}

/// `docs/formats.md`, "Policy set digest": every `.rhai` file, `set.toml`, `survival.toml` and `survival.note`.
#[test]
fn other_files_are_no_part_of_the_digest() {
    let mut files = set("", "own", "// Own.");
    let before = PolicySet::from_files(&files).unwrap().digest();
    files.insert("README.md".into(), b"About these rules.".to_vec());
    assert_eq!(PolicySet::from_files(&files).unwrap().digest(), before);
}

/// A declared key must not take the place of a fact that is there, or of the beginning of one.
#[test]
fn request_keys_take_no_fact_s_place() {
    for name in ["about", "purpose", "route", "artifact"] {
        let key = format!("[request.{name}]\ntype = \"text\"\nmeaning = \"m\"\n");
        assert!(!found(&set(&key, "own", "// Own.")).is_empty(), "{name}");
    }
}

/// Its cases would be `set.cases.json`, which are the set's.
#[test]
fn no_policy_is_called_set() {
    assert!(!found(&set("", "set", "// Own.")).is_empty());
}

/// A set on top of the shipped one gives `holds` another type, or a value below its range.
#[test]
fn parameters_of_the_base_keep_type_and_range() {
    for param in ["type = \"text\"\nvalue = \"x\"", "type = \"score\"\nvalue = 0.0"] {
        let text =
            format!("name = \"test\"\nversion = 1\nbase = \"stillgood\"\n[param.holds]\n{param}\nmeaning = \"m\"\n");
        let files = Files::from([("set.toml".into(), text.into_bytes())]);
        assert!(!found(&files).is_empty(), "{param}");
    }
}

/// The set has a policy; it is wrong, and that is said already.
#[test]
fn a_set_whose_only_policy_is_wrong_is_not_without_policies() {
    let mut files = set("", "own", "// Own.\nloop { }");
    files.retain(|name, _| !name.starts_with("holds"));
    let found = found(&files);
    assert!(found.iter().all(|one| one.file == "own.rhai"), "{found:?}");
}

/// What a message quotes from a file goes to a terminal.
#[test]
fn messages_hold_no_control_characters() {
    for character in ["\u{1b}", "\0", "\u{7}", "\u{feff}", "\u{202e}"] {
        let files = set("", "own", &format!("// Own.\nbackground(\"a\") {character}"));
        for one in found(&files) {
            assert!(!one.problem.message.contains(character), "{one}");
        }
    }
}

/// A byte order mark is invisible: only the message can say what is wrong.
#[test]
fn a_byte_order_mark_is_named() {
    let found = found(&set("", "own", "\u{feff}// Own.\nbackground(\"a\")"));
    assert_eq!(found[0].problem.code, "encoding", "{}", found[0]);
}

/// Like policies, manifest and table are UTF-8 or refused.
#[test]
fn manifest_and_table_are_utf_8() {
    let table = include_bytes!("../../policies/survival.toml").as_slice();
    let note = include_bytes!("../fixtures/personal/survival.note").as_slice();
    for (name, content) in [("set.toml", table), ("survival.toml", table), ("survival.note", note)] {
        let mut files = set("", "own", "// Own.");
        let text = files.get(name).cloned().unwrap_or(content.to_vec());
        files.insert(name.into(), text.clone());
        assert!(found(&files).iter().all(|one| one.file != name), "{name}: it loads as it is");
        files.insert(name.into(), [b"# \xff\n".to_vec(), text].concat());
        assert!(found(&files).iter().any(|one| one.file == name), "{name}");
    }
}

/// Text that is shown in another order than it is read, and a line feed that only some editors show.
#[test]
fn no_letters_that_hide_what_a_policy_says() {
    for hidden in
        ["// Own.\n/* \u{202e} */ background(\"a\")", "// Own.\u{2028}background(\"a\")", "// Own.\rbackground(\"a\")"]
    {
        assert!(!found(&set("", "own", hidden)).is_empty(), "{hidden:?}");
    }
}
