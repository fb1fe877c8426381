//! An attribute that has one value at a time: which row takes the place of which, and which contradict.

use stillgood::{Draft, LinkKind, MadeBy, Origin};

use super::{after, confirm, decide_at, deny, holds, ties, value};
use crate::support::{Home, now, row};

#[test]
fn an_attribute_with_one_value_at_a_time() {
    use LinkKind::{Contradicts, SupersededBy};
    let cases = [
        ("the user, ten days later", "Faro", 10, Origin::User, true, Some(SupersededBy)),
        ("the user, a day later", "Faro", 19, Origin::User, true, Some(SupersededBy)),
        ("the user, on the same day", "Faro", 20, Origin::User, true, Some(Contradicts)),
        ("the user, of earlier days", "Faro", 30, Origin::User, true, None),
        ("the assistant, later", "Faro", 10, Origin::Assistant, true, Some(Contradicts)),
        ("somebody, later", "Faro", 10, Origin::Unknown, true, Some(Contradicts)),
        ("the same, later", "Porto", 10, Origin::User, true, None),
        ("one of many values, later", "Faro", 10, Origin::User, false, None),
    ];
    for (case, text, days, origin, single, expected) in cases {
        // In two imports, and in one, in either order.
        let (old, new) = (value("old", "Porto", 20, Origin::User, true), value("new", text, days, origin, single));
        for imports in
            [vec![vec![old.clone()], vec![new.clone()]], vec![vec![old.clone(), new.clone()]], vec![vec![new, old]]]
        {
            let home = Home::new();
            imports.iter().for_each(|drafts| home.add(drafts));
            let is_multiple = !single && imports.len() == 1;
            let tie = ties(&home, "old").first().map(|(kind, to, by)| (*kind, to.clone(), *by));
            // What was said earlier is replaced, whichever of the two comes first.
            let expected = if case.ends_with("of earlier days") { Some(LinkKind::Supersedes) } else { expected };
            let expected = expected.map(|kind| (kind, "new".to_owned(), MadeBy::Rule));
            // A record that says it has one value ties those that do not say so.
            if is_multiple {
                assert!(matches!(tie, Some((SupersededBy, ..))), "{case}: {tie:?}");
            } else {
                assert_eq!(tie, expected, "{case}, in {} imports", imports.len());
            }
            holds(&home);
        }
    }
}

#[test]
fn what_was_confirmed_since_is_contradicted_not_replaced() {
    for (confirmed, expected) in
        [(15, LinkKind::SupersededBy), (10, LinkKind::SupersededBy), (9, LinkKind::Contradicts)]
    {
        let home = Home::new();
        home.add(&[value("old", "Porto", 20, Origin::User, true)]);
        confirm(&home, "old", after(-confirmed));
        home.add(&[value("new", "Faro", 10, Origin::User, true)]);
        assert_eq!(ties(&home, "old"), [(expected, "new".into(), MadeBy::Rule)], "confirmed {confirmed} days ago");
        holds(&home);
    }
}

#[test]
fn retired_values_do_not_count() {
    let home = Home::new();
    home.add(&[value("denied", "Porto", 30, Origin::User, true)]);
    deny(&home, "denied", now());
    home.add(&[value("a", "Braga", 20, Origin::User, true)]);
    home.add(&[value("b", "Faro", 10, Origin::User, true)]);
    home.add(&[value("c", "Lisbon", 10, Origin::Assistant, true)]);
    let replaced = |other: &str| (LinkKind::SupersededBy, other.to_owned(), MadeBy::Rule);
    // What is history is replaced again, so that whoever confirms it later takes the place of all that came since.
    assert_eq!(ties(&home, "denied"), ["a", "b"].map(replaced));
    let replaces = (LinkKind::Supersedes, "denied".to_owned(), MadeBy::Rule);
    assert_eq!(ties(&home, "a"), [replaces, replaced("b")]);
    assert_eq!(ties(&home, "c"), [(LinkKind::Contradicts, "b".into(), MadeBy::Rule)]);
    // The same import again ties nothing anew.
    let before = home.vault.pin().unwrap();
    home.add(&[value("c", "Lisbon", 10, Origin::Assistant, true), value("b", "Faro", 10, Origin::User, true)]);
    assert_eq!(home.vault.pin().unwrap(), before);
    holds(&home);
}

/// Where the user lives, in three imports: Porto, then Rome, then Berlin.
fn chain() -> Home {
    let home = Home::new();
    again(&home);
    home
}

fn again(home: &Home) {
    for (id, text, days) in [("porto", "Porto", 30), ("rome", "Rome", 20), ("berlin", "Berlin", 10)] {
        home.add(&[value(id, text, days, Origin::User, true)]);
    }
}

const CHAIN: [&str; 3] = ["porto", "rome", "berlin"];

/// Which of the chain's rows are live.
fn live(home: &Home) -> Vec<String> {
    decide_at(home, &CHAIN, now()).live.into_iter().map(|found| found.row.to_string()).collect()
}

#[test]
fn what_is_confirmed_of_a_chain_of_values_takes_the_place_of_all_that_came_since() {
    let tie = |kind, other: &str, by| (kind, other.to_owned(), by);
    let replaced = |other, by| tie(LinkKind::SupersededBy, other, by);
    let replaces = |other, by| tie(LinkKind::Supersedes, other, by);
    let (rule, owner) = (MadeBy::Rule, MadeBy::Owner);
    let home = chain();
    assert_eq!(ties(&home, "porto"), [replaced("berlin", rule), replaced("rome", rule)]);
    assert_eq!(ties(&home, "rome"), [replaces("porto", rule), replaced("berlin", rule)]);
    assert_eq!(ties(&home, "berlin"), [replaces("porto", rule), replaces("rome", rule)]);
    assert_eq!(live(&home), ["berlin"]);
    assert_eq!(confirm(&home, "porto", now()).settled, ["berlin", "rome"].map(row));
    assert_eq!(ties(&home, "porto"), [replaces("berlin", owner), replaces("rome", owner)]);
    // What was between the two others is as it was.
    assert_eq!(ties(&home, "rome"), [replaced("berlin", rule), replaced("porto", owner)]);
    assert_eq!(ties(&home, "berlin"), [replaces("rome", rule), replaced("porto", owner)]);
    assert_eq!(live(&home), ["porto"]);
    // The same records again bring nothing back.
    let before = home.vault.pin().unwrap();
    again(&home);
    assert_eq!(home.vault.pin().unwrap(), before);
    // Whichever is confirmed next is the only one.
    for id in ["rome", "berlin", "porto", "berlin"] {
        confirm(&home, id, now());
        assert_eq!(live(&home), [id]);
    }
    holds(&home);
}

#[test]
fn what_is_denied_of_a_chain_of_values_brings_nothing_back() {
    let home = chain();
    assert_eq!(deny(&home, "berlin", now()).settled, []);
    assert_eq!(live(&home), [""; 0]);
    assert_eq!(confirm(&home, "rome", now()).settled, [row("berlin")]);
    assert_eq!(live(&home), ["rome"]);
    holds(&home);
}

/// Of the rows of one subject and attribute the latest 512 are looked at, the one that was stated among them.
#[test]
fn an_import_looks_at_the_latest_512_values() {
    for (same, is_tied) in [(510, true), (511, false), (600, false)] {
        let home = Home::new();
        // What says the same is tied to nothing, and takes a place all the same.
        let mut rows: Vec<Draft> =
            (0..same).map(|n| value(&format!("r{n}"), "Porto", 20, Origin::User, false)).collect();
        rows.push(value("old", "Faro", 30, Origin::User, false));
        home.add(&rows);
        home.add(&[value("new", "Porto", 10, Origin::User, true)]);
        let expected = [(LinkKind::SupersededBy, "new".to_owned(), MadeBy::Rule)];
        assert_eq!(ties(&home, "old"), &expected[..usize::from(is_tied)], "behind {same}");
        assert_eq!(ties(&home, "new").len(), usize::from(is_tied));
        holds(&home);
    }
}

#[test]
fn a_value_is_tied_to_the_latest_256_and_to_no_more() {
    let home = Home::new();
    // The first was stated last.
    let said = |n: i64| value(&format!("r{n}"), &format!("town {n}"), 20 + n, Origin::User, false);
    home.add(&(0..300).map(said).collect::<Vec<_>>());
    home.add(&[value("new", "Porto", 10, Origin::User, true)]);
    for n in 0..300 {
        let expected = [(LinkKind::SupersededBy, "new".to_owned(), MadeBy::Rule)];
        assert_eq!(ties(&home, &format!("r{n}")), &expected[..usize::from(n < 256)], "r{n}");
    }
    assert_eq!(ties(&home, "new").len(), 256);
    // It is full: what comes later is not tied to it, and finds those behind it.
    home.add(&[value("later", "Faro", 5, Origin::User, true)]);
    assert_eq!(ties(&home, "new").len(), 256);
    let later: Vec<String> = ties(&home, "later").into_iter().map(|(_, other, _)| other).collect();
    assert!(later.len() == 256 && !later.contains(&"new".to_owned()) && later.contains(&"r255".to_owned()));
    holds(&home);
}
