//! An attribute that has one value at a time: which row takes the place of which, and which contradict.

use stillgood::{LinkKind, MadeBy, Origin};

use super::{after, confirm, deny, holds, ties, value};
use crate::support::{Home, now};

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
