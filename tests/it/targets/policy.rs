//! Policies: any text as a policy of a set. What loads runs on rows of every kind, and ends.

use std::sync::LazyLock;

use stillgood::{Category, Files, Kind, PolicySet, Severity};

/// Rows, fact by fact, on which whatever loads is run: the default one, and the ends of every range.
const CASES: &[u8] = br#"[
{"name": "default", "expect": null},
{"name": "least", "expect": null, "row": {"age": -9223372036854775808, "unconfirmed_for": -9223372036854775808,
 "confirmations": 0, "importance": 0.0, "survival": 0.0, "expires_in": -9223372036854775808, "starts_in": 0,
 "tags": [], "source": "", "denied": false}, "candidate": {"rank": 1, "relevance": 0.0},
 "request": {"budget": -9223372036854775808, "patience": -9223372036854775808, "urgent": false}},
{"name": "most", "expect": null, "row": {"age": 9223372036854775807, "unconfirmed_for": 9223372036854775807,
 "confirmations": 9223372036854775807, "importance": 1.0, "survival": 1.0, "expires_in": 9223372036854775807,
 "tags": ["a", "b"], "source": "chat", "denied": true, "superseded": true, "contradicted": true, "edited": true,
 "kind": "episodic", "origin": "document", "subject": "user", "categories": ["health", "private"]},
 "candidate": {"rank": 9223372036854775807, "relevance": 1.0, "asked": true},
 "request": {"budget": 9223372036854775807, "urgent": true, "purpose": "personal", "route": "private", "trust": 0.5}}
]"#;

/// The smallest table, since reading the shipped one takes longer than all the rest.
static SURVIVAL: LazyLock<String> = LazyLock::new(|| {
    let categories = Category::NAMES.iter().chain(["none"].iter());
    let pairs = categories.flat_map(|category| Kind::NAMES.iter().map(move |kind| (kind, category)));
    let curve = |(kind, category)| format!("{{kind=\"{kind}\",category=\"{category}\",chance=[1.0]}},");
    format!("days=[0]\ncurve=[{}]\n", pairs.map(curve).collect::<String>())
});

pub(super) fn target(bytes: &[u8]) -> bool {
    let files: Files = [
        ("set.toml", include_bytes!("../../policies/set.toml").as_slice()),
        ("survival.toml", SURVIVAL.as_bytes()),
        ("tried.rhai", bytes),
        ("tried.cases.json", CASES),
    ]
    .map(|(name, content)| (name.to_owned(), content.to_vec()))
    .into();
    let (set, found) = PolicySet::check(&files);
    let errors = found.iter().filter(|diagnostic| diagnostic.problem.severity == Severity::Error).count();
    assert_eq!(set.is_some(), errors == 0, "a set loads if it has no errors");
    for diagnostic in &found {
        assert!(!diagnostic.in_one_line().contains(char::is_control), "{diagnostic:?}");
        assert!(!diagnostic.to_string().is_empty());
    }
    let Some(set) = set else { return false };
    let text = std::str::from_utf8(bytes).expect("a policy is UTF-8");
    assert_eq!(set.policies()[0].source(), text);
    let outcomes = set.run_cases(&files).expect("the cases are of this set");
    assert_eq!(outcomes.len(), 3);
    for outcome in &outcomes {
        let said = outcome.said.as_str();
        let known = ["no opinion", "live ", "background ", "stale ", "re_earn ", "failed: "];
        assert!(known.iter().any(|begin| said.starts_with(begin)), "{said}");
        assert!(!said.contains("::"), "words of Rust: {said}");
        assert!(set.policies()[0].vouches() || !said.starts_with("live "), "only what vouches says live");
    }
    assert_eq!(set.run_cases(&files).as_ref(), Ok(&outcomes), "the same row, the same opinion");
    true
}
