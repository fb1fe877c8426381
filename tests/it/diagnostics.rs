//! What a stranger is told. Twenty-five policies with a mistake each, and beside each the whole text of what the checker
//! says of it; twenty-five policies that look odd and are right, of which it says nothing.
//!
//! `STILLGOOD_BLESS=1` writes the golden texts anew; read them as one who never saw a policy before.

use std::collections::BTreeSet;
use std::fs;

use stillgood::{Files, PolicySet};

use crate::support::file;

/// A set around one policy. Its parameters and request keys are read by the policy that vouches.
fn around(name: &str, source: Vec<u8>, cases: Vec<u8>) -> Files {
    let vouches = "// Live while it holds.\nif row.survival >= param.holds && param.patience > days(0) && (request.audience ?? \"\") != \"-\" { live(\"holds\") }\n";
    Files::from([
        ("set.toml".into(), fs::read(file("tests/policies/mistakes/set.toml")).unwrap()),
        ("vouches.rhai".into(), vouches.into()),
        ("vouches.cases.json".into(), br#"[{"name": "faded", "row": {"survival": 0.0}, "expect": null}]"#.to_vec()),
        (format!("{name}.rhai"), source),
        (format!("{name}.cases.json"), cases),
    ])
}

/// The policies of a folder, by name.
fn policies(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(file("tests/policies").join(folder)).unwrap();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.unwrap().file_name().to_str().unwrap().strip_suffix(".rhai").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn each_of_twenty_five_mistakes_is_told_so_that_a_stranger_can_act() {
    let folder = file("tests/policies/mistakes");
    let mut said = BTreeSet::new();
    let mut failed = vec![];
    for name in policies("mistakes") {
        let source = fs::read(folder.join(format!("{name}.rhai"))).unwrap();
        let found = PolicySet::check(&around(&name, source, b"[{\"name\": \"a\", \"expect\": null}]".to_vec())).1;
        let text: String = found.iter().map(|one| format!("{one}\n")).collect();
        let golden = folder.join(format!("{name}.txt"));
        if std::env::var_os("STILLGOOD_BLESS").is_some() {
            fs::write(&golden, &text).unwrap();
        }
        if fs::read_to_string(&golden).unwrap_or_default() != text {
            failed.push(format!("{name}, now:\n{text}"));
        }
        if found.len() != 1 || found.iter().any(|one| one.problem.fix.is_none() || one.source_line.is_none()) {
            failed.push(format!("{name}: expected one finding, with its line and what to do:\n{text}"));
        }
        if !found.iter().all(|one| said.insert((one.problem.code, one.problem.message.clone()))) {
            failed.push(format!("{name}: another file is told the same:\n{text}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(said.len(), 25);
}

#[test]
fn of_twenty_five_odd_policies_nothing_is_said() {
    let folder = file("tests/policies/odd");
    let names = policies("odd");
    let mut failed = vec![];
    for name in &names {
        let [source, cases] = ["rhai", "cases.json"].map(|end| fs::read(folder.join(format!("{name}.{end}"))).unwrap());
        let files = around(name, source, cases);
        let (set, found) = PolicySet::check(&files);
        failed.extend(found.iter().map(|one| format!("{one}")));
        let outcomes = set.map(|set| set.run_cases(&files).unwrap()).unwrap_or_default();
        for case in outcomes.iter().filter(|case| !case.passed()) {
            failed.push(format!("{name}, {}: {} ≠ {}", case.name, case.said, case.expected));
        }
        if outcomes.len() < 3 {
            failed.push(format!("{name}: at least two cases"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(names.len(), 25);
}

/// The whole set: parameters, file names, cases, and where each is shown.
#[test]
fn what_is_wrong_with_a_set_is_told_too() {
    let set = b"name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n\n[param.hols]\ntype = \"score\"\nvalue = 0.7\nmeaning = \"m\"\n";
    let files = Files::from([
        ("set.toml".into(), set.to_vec()),
        ("denied.rhai".into(), b"// Denied.\nif row.denied { re_earn(\"denied\", nothing()) }\n".to_vec()),
        ("denid.cases.json".into(), b"[]".to_vec()),
    ]);
    let text = |files: &Files| PolicySet::check(files).1.iter().map(|one| format!("{one}\n")).collect::<String>();
    assert_eq!(
        text(&files),
        "\
denid.cases.json: warning[no-policy-for-cases]: there is no policy `denid.rhai`
  hint: did you mean `denied.cases.json`?
denied.rhai: warning[no-cases]: there are no cases in `denied.cases.json`
  hint: write down what it should say of three rows
set.toml:5:1: warning[unused-param]: no policy reads the parameter `hols`
  | [param.hols]
  | ^
  hint: did you mean `holds`?
"
    );
    let policy = b"// Mine.\nif row.edited { background(\"edited\") }\n".to_vec();
    let files = Files::from([
        ("set.toml".into(), b"name = \"mine\"\nversion = 1\n".to_vec()),
        ("Mine.rhai".into(), policy.clone()),
        ("Mine.cases.json".into(), b"[1]".to_vec()),
        ("MINE.rhai".into(), policy.clone()),
        ("MINE.cases.json".into(), b"[1]".to_vec()),
        ("Alone.rhai".into(), policy),
        ("Alone.cases.json".into(), b"[1]".to_vec()),
    ]);
    assert_eq!(
        text(&files),
        "\
Alone.rhai: error[file-name]: the file's name has capital letters
  hint: call it `alone.rhai`
MINE.rhai: error[file-name]: `MINE.rhai` and `Mine.rhai` differ only in capital letters
  hint: keep one of them, with a name in small letters
Mine.rhai: error[file-name]: `Mine.rhai` and `MINE.rhai` differ only in capital letters
  hint: keep one of them, with a name in small letters
"
    );
}

/// A key that requests can say and no policy reads, of this set or of its base.
#[test]
fn a_request_key_that_nobody_reads_is_told() {
    let found = |policy: &str, base: &str| {
        let set = format!(
            "name = \"mine\"\nversion = 1\n{base}\n[request.audience]\ntype = \"text\"\nmeaning = \"who will hear it\"\n"
        );
        let files = Files::from([
            ("set.toml".into(), set.into_bytes()),
            ("mine.rhai".into(), policy.as_bytes().to_vec()),
            ("mine.cases.json".into(), b"[1]".to_vec()),
        ]);
        PolicySet::check(&files).1.iter().map(|one| format!("{one}\n")).collect::<String>()
    };
    let unread = "\
set.toml:4:1: warning[unused-key]: no policy reads the request key `audience`
  | [request.audience]
  | ^
  hint: read it as `request.audience ?? default`, or remove it
";
    let base = "base = \"stillgood\"";
    let asks = "// Asks.\nif row.survival < 0.5 { re_earn(\"a\", request(\"audience\")) }\n";
    assert_eq!(found(asks, base), unread, "what is asked for and not read is not heard");
    let lives = "// Lives.\nif row.survival > 0.5 { live(\"a\") }\n";
    assert_eq!(found(lives, ""), unread);
    assert_eq!(found("// Reads.\nif request.audience == () { background(\"a\") }\n", base), "");
    // A policy with errors might read it.
    assert!(!found("// Broken.\nif request.audience { background(\"a\") }\n", base).contains("unused-key"));
}

/// A `return` of nothing has its place, and a word of the trade is explained where it first stands.
#[test]
fn places_and_words() {
    let said = |policy: &str| {
        let found = PolicySet::check(&around("own", format!("// Own.\n{policy}").into_bytes(), b"[1]".to_vec())).1;
        let said = |one: &stillgood::Diagnostic| {
            let place = one.place.map_or((0, 0), |place| (place.line, place.column));
            format!("{}:{} {} {}", place.0, place.1, one.problem.code, one.problem.message)
        };
        found.iter().map(said).collect::<Vec<_>>()
    };
    let unreachable = "unreachable nothing gets here: what stands before always returns";
    assert_eq!(said("if row.denied { return; }\nreturn;\n  return;\n"), [format!("4:3 {unreachable}")]);
    assert_eq!(
        said("fn f(a) { if a { return true; }\n return; }\nif f(row.denied) { background(\"a\") }"),
        ["3:2 type this function returns nothing here and bool elsewhere"]
    );
    assert_eq!(
        said("let _span = row.age / row.age;\nif row.age < 3 { background(\"a\") }"),
        [
            "2:21 type two spans (lengths of time) cannot be divided",
            "3:12 type span (a length of time) cannot be compared with int",
        ]
    );
    assert_eq!(said("fn span(x) { x }\n"), ["2:4 unused-function nothing calls the function `span`"]);
}

/// Editors count UTF-16 code units from 0: `😀` is two of them, `ß` one.
#[test]
fn ranges_are_counted_as_editors_count() {
    let source = "// Own.\nif row.source == \"ß😀\" && row.denid { background(\"a\") }\n";
    let found = PolicySet::check(&around("own", source.into(), b"[1]".to_vec())).1;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place.map(|place| (place.line, place.column)), Some((2, 29)));
    assert_eq!(found[0].range, [(1, 26), (1, 35)]);
}

/// What the parser says, in its words or in ours, stands inside the file; what to do is said of every common mistake.
#[test]
fn what_a_syntax_error_most_likely_means() {
    let cases = [
        ("if row.denied == true", "2:22 put"),
        ("if row.denied {", "2:16 the `{` at 2:15 is not closed: add `}`"),
        ("if row.denied { background(\"a\") }}", "2:34 remove it"),
        ("if (row.denied { background(\"a\") }", "2:16 the `(` at 2:4 is not closed: add `)`"),
        ("if row.kind in [\"a\" { background(\"a\") }", "2:21 the `[` at 2:16 is not closed: add `]`"),
        ("background(\"a\"", "2:15 the `(` at 2:11 is not closed: add `)`"),
        ("if not row.denied { background(\"a\") }", "2:4 write `!`, or `!in` for `not in`"),
        ("if row.denied or row.edited { background(\"a\") }", "2:15 write `||`"),
        ("if row.denied { background(\"a\") } elseif row.edited { background(\"b\") }", "2:35 write `else if`"),
        ("if row.kind === \"a\" { background(\"a\") }", "2:13 write `==` to compare"),
        ("if row.subject == nil { background(\"a\") }", "2:19 a fact"),
        ("if row.denied then background(\"a\")", "2:15 put what follows between `{` and `}`"),
        ("if row.denied: background(\"a\")", "2:14 put what follows between `{` and `}`"),
        ("if row.denied background(\"a\")", "2:15 put what the condition decides between `{` and `}`"),
        ("if row.age > 3 hours { background(\"a\") }", "2:14 write `hours(3)`"),
        ("if row.age > 2 weeks { background(\"a\") }", "2:14 write `days(7 * 2)`"),
        ("if row.age > 14d { background(\"a\") }", "2:14 write `days(14)`"),
        ("var limit = 3;", "2:1 write `let`"),
        ("def f(x) { x }", "2:1 a function begins with `fn`"),
        ("# A comment.", "2:1 a comment begins with `//`"),
        ("row.denied ? background(\"a\") : background(\"b\")", "2:12 write `if condition { .. } else { .. }`"),
        ("if row.kind == “a” { background(\"a\") }", "2:16 use straight double quotes: `\"`"),
        ("switch row.kind { episodic => background(\"a\") }", "2:19 a label is a text"),
        ("match row.kind { \"episodic\" => background(\"a\") }", "2:1 write `switch"),
        ("if row.kind <> \"a\" { background(\"a\") }", "2:14 compare with `!=`"),
        ("let limit = ;", "2:13 "),
        ("if row.age > { background(\"a\") }\n\n\n", "2:"),
        ("let a = 3 +\n\n\n", "2:"),
        ("print(\"a\")", "2:1 a policy has no `print`; see `stillgood policy facts`"),
    ];
    let mut failed = vec![];
    for (policy, expected) in cases {
        let source = format!("// Own.\n{policy}");
        let found = PolicySet::check(&around("own", source.into(), b"[1]".to_vec())).1;
        let said: Vec<String> = found
            .iter()
            .filter_map(|one| {
                let place = one.place?;
                Some(format!("{}:{} {}", place.line, place.column, one.problem.fix.as_deref()?))
            })
            .collect();
        if found.len() != 1 || !said.iter().all(|said| said.starts_with(expected)) || said.is_empty() {
            failed.push(format!(
                "expected {expected}\n{}",
                found.iter().map(|one| format!("{one}\n")).collect::<String>()
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
