//! The labels of an import are few and right: measured on rows that were hand-checked, see `tests/quality/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use stillgood::{Label, Tag};

use crate::support::{file, shared, time};

/// A hand-checked row: what the rules give it, and what it states.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Judged {
    id: String,
    rules: Option<String>,
    right: Option<String>,
}

/// The files of judgements, with how many rows each has, how many of them state an attribute, and how many are given it.
const JUDGED: [(&str, [usize; 3]); 3] =
    [("locomo-sample.json", [100, 9, 7]), ("locomo-fresh.json", [50, 5, 2]), ("locomo-rest.json", [4, 4, 4])];

fn judged(name: &str) -> Vec<Judged> {
    serde_json::from_slice(&std::fs::read(file("tests/quality").join(name)).unwrap()).unwrap()
}

/// The attribute and the tags of a row.
type Given = (Option<Label>, BTreeSet<Tag>);

/// The attribute and tags of every row; `None`, visibly, where the data is absent.
fn imported() -> Option<BTreeMap<String, Given>> {
    let export = shared("data/locomo-memories.jsonl")?;
    let imported = stillgood::import::memsync::read(&export, time("2026-01-13T00:00:00Z")).unwrap();
    let rows = imported.drafts.into_iter();
    Some(rows.map(|draft| (draft.row.to_string(), (draft.traits.attribute, draft.traits.tags))).collect())
}

#[test]
fn no_judged_row_is_given_a_wrong_attribute() {
    for (name, [rows, stating, given]) in JUDGED {
        let judged = judged(name);
        let wrong = judged.iter().filter(|row| row.rules.is_some() && row.rules != row.right);
        assert_eq!(wrong.map(|row| &row.id).collect::<Vec<_>>(), Vec::<&String>::new(), "{name}");
        let states = judged.iter().filter(|row| row.right.is_some()).count();
        let is_given = judged.iter().filter(|row| row.rules.is_some()).count();
        assert_eq!([judged.len(), states], [rows, stating], "{name}");
        assert!(is_given >= given, "{name}: {is_given}");
    }
}

#[test]
fn the_rules_give_each_judged_row_what_its_judgement_says_and_no_row_without_one() {
    let Some(mut rows) = imported() else { return };
    for row in JUDGED.iter().flat_map(|(name, _)| judged(name)) {
        let (attribute, _) = rows.remove(&row.id).unwrap_or_else(|| panic!("{} is not there, or judged twice", row.id));
        assert_eq!(attribute.as_ref().map(Label::as_str), row.rules.as_deref(), "{}", row.id);
    }
    let unjudged = rows.iter().filter(|(_, (attribute, _))| attribute.is_some());
    assert_eq!(unjudged.map(|(id, _)| id).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn the_rules_reach_as_many_rows_as_the_page_says() {
    let Some(rows) = imported() else { return };
    let labelled = rows.values().filter(|(attribute, _)| attribute.is_some()).count();
    let tagged = rows.values().filter(|(_, tags)| !tags.is_empty()).count();
    let page = std::fs::read_to_string(file("tests/quality/README.md")).unwrap();
    println!("of {} rows {labelled} have an attribute, {tagged} a tag", rows.len());
    assert_eq!(rows.len(), 2_541);
    for (line, after) in [("rows of 2,541 with an attribute", labelled), ("rows with a tag", tagged)] {
        let line = page.lines().find(|said| said.contains(line)).unwrap();
        assert!(line.ends_with(&format!("| {after} |")), "{line}: {after}");
    }
}
