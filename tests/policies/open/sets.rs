//! What the checker should say of whole sets and large files, and does not yet. No target picks this file up; each test
//! belongs into `tests/it/policies.rs` once it passes.

use std::time::{Duration, Instant};

use stillgood::{Diagnostic, Files, PolicySet};

fn set(more: &str, name: &str, source: &str) -> Files {
    Files::from([
        ("set.toml".into(), format!("name = \"test\"\nversion = 1\n{more}").into_bytes()),
        ("holds.rhai".into(), b"// Holds.\nif row.survival >= 0.5 { live(\"holds\") }".to_vec()),
        ("holds.cases.json".into(), b"[]".to_vec()),
        (format!("{name}.rhai"), source.into()),
        (format!("{name}.cases.json"), b"[]".to_vec()),
    ])
}

fn found(files: &Files) -> Vec<Diagnostic> {
    PolicySet::check(files).1
}

/// Twenty short functions, each calling the one before it twice: a check per call is a million checks.
#[test]
fn functions_are_checked_in_time_that_grows_with_the_text() {
    let calls: String = (1..20).map(|n| format!("fn f{n}(x) {{ f{0}(x) && f{0}(x) }}\n", n - 1)).collect();
    let start = Instant::now();
    found(&set("", "own", &format!("// Own.\nfn f0(x) {{ x }}\n{calls}if f19(row.denied) {{ background(\"a\") }}")));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

/// The engine allows 16 calls and 256 variables at a time; more fail on every row, and should fail the check.
#[test]
fn limits_of_the_engine_are_errors_of_the_checker() {
    let calls: String = (1..18).map(|n| format!("fn f{n}(x) {{ f{}(x) }}\n", n - 1)).collect();
    let deep = format!("// Own.\nfn f0(x) {{ x }}\n{calls}if f17(row.denied) {{ background(\"a\") }}");
    assert!(!found(&set("", "own", &deep)).is_empty(), "calls");
    let lets: String = (0..300).map(|n| format!("let a{n} = {n};\n")).collect();
    assert!(!found(&set("", "own", &format!("// Own.\n{lets}background(\"a\")"))).is_empty(), "variables");
}

/// Each diagnostic carries its whole line: 3,000 in one line of 12,000 characters are 36 MB, and it grows squared.
#[test]
fn diagnostics_of_one_file_have_a_bound() {
    let all = found(&set("", "own", &format!("// Own.\n{}", "abc;".repeat(3_000))));
    let bytes: usize = all.iter().filter_map(|one| one.source_line.as_ref()).map(String::len).sum();
    assert!(bytes < 1_000_000, "{bytes} bytes of source lines in {} diagnostics", all.len());
}

/// `docs/formats.md`, "Policy set digest": every `.rhai` file, `set.toml`, and `survival.toml`.
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
    for name in ["about", "purpose", "route", "occasion", "artifact"] {
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
    for name in ["set.toml", "survival.toml"] {
        let mut files = set("", "own", "// Own.");
        let table = include_bytes!("../../../policies/survival.toml").to_vec();
        let text = files.get(name).cloned().unwrap_or(table);
        files.insert(name.into(), [b"# \xff\n".to_vec(), text].concat());
        assert!(!found(&files).is_empty(), "{name}");
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

/// A policy without a case is a policy without a test, whether the file is missing or empty.
#[test]
fn an_empty_cases_file_is_a_warning_too() {
    assert!(!found(&set("", "own", "// Own.\nif row.denied { background(\"a\") }")).is_empty());
}
