//! What depends on a row that changed is marked, each row once.

use stillgood::{Added, Draft, MadeBy, OwnLink, Parents, Verdict};

use super::{after, confirm, correction, decide_at, deny, holds};
use crate::support::{Home, draft, earn, now, row};

#[test]
fn a_cycle_of_a_thousand_rows_is_marked_once_in_one_transaction() {
    let home = Home::new();
    let rows = (0..1_000).map(|n| {
        let mut draft = draft(&format!("r{n}"), "derived", 10);
        draft.links.insert((OwnLink::DependsOn, row(&format!("r{}", (n + 1) % 1_000))));
        draft
    });
    home.add(&rows.collect::<Vec<_>>());
    let before = home.vault.pin().unwrap();
    assert_eq!(deny(&home, "r500", now()).dependants, 999);
    let pin = home.vault.pin().unwrap();
    assert_eq!((pin.sequence, pin.log_size), (before.sequence + 1, before.log_size + 1));
    for n in 0..1_000 {
        let head = home.vault.row(&row(&format!("r{n}"))).unwrap();
        let expected = if n == 500 { Parents::Intact } else { Parents::Changed };
        assert_eq!((head.parents, head.generation, head.denied), (expected, 2, n == 500), "r{n}");
    }
    // They are marked already.
    assert_eq!(deny(&home, "r500", now()).dependants, 0);
    // The owner speaks for two of them; what lies behind each is marked already, up to the other.
    confirm(&home, "r499", now());
    confirm(&home, "r498", now());
    assert_eq!(deny(&home, "r500", now()).dependants, 2);
    holds(&home);
}

#[test]
fn what_supersedes_its_parent_or_was_just_confirmed_stays_settled() {
    let home = Home::new();
    home.add(&[
        draft("parent", "one", 10),
        draft("heir", "two", 9),
        draft("child", "three", 9),
        draft("grandchild", "four", 9),
    ]);
    let link = |from: &str, kind, to: &str| {
        home.vault.link(&home.device, &row(from), kind, &row(to), MadeBy::Owner, now()).unwrap();
    };
    let parents = |id: &str| home.vault.row(&row(id)).unwrap().parents;
    link("heir", OwnLink::DependsOn, "parent");
    link("child", OwnLink::DependsOn, "parent");
    link("grandchild", OwnLink::DependsOn, "child");
    link("heir", OwnLink::Supersedes, "parent");
    assert_eq!(["heir", "child", "grandchild"].map(parents), [Parents::Intact, Parents::Changed, Parents::Changed]);
    // Confirming the child settles it. The grandchild rests on what changed once: that is asked for itself.
    confirm(&home, "child", now());
    assert_eq!(["child", "grandchild"].map(parents), [Parents::Intact, Parents::Changed]);
    // A correction marks what was derived from the text before it, but not the row itself.
    confirm(&home, "grandchild", now());
    let earned = earn(&home.vault, &home.owner, &home.device, "child", correction("five"), now()).unwrap();
    assert_eq!(earned.dependants, 1);
    assert_eq!(["child", "grandchild"].map(parents), [Parents::Intact, Parents::Changed]);
    // And so does a text that an import changed.
    confirm(&home, "grandchild", now());
    let mut changed = draft("child", "six", 0);
    changed.updated_at = Some(now());
    home.add(&[changed]);
    assert_eq!(parents("grandchild"), Parents::Changed);
    holds(&home);
}

/// Why a row does not stand, or does, when another is tied to it.
#[test]
fn what_is_derived_from_a_row_that_does_not_stand_is_marked_from_the_beginning() {
    let link = |home: &Home, from: &str, kind, to: &str| {
        home.vault.link(&home.device, &row(from), kind, &row(to), MadeBy::Owner, now()).unwrap();
    };
    type Before<'a> = &'a dyn Fn(&Home);
    let denied: Before<'_> = &|home| drop(deny(home, "parent", now()));
    let superseded: Before<'_> = &|home| link(home, "heir", OwnLink::Supersedes, "parent");
    let derived: Before<'_> = &|home| {
        link(home, "parent", OwnLink::DependsOn, "heir");
        deny(home, "heir", now());
    };
    let denied_once: Before<'_> = &|home| {
        deny(home, "parent", now());
        confirm(home, "parent", now());
    };
    let untouched: Before<'_> = &|_| ();
    for (case, before, stands) in [
        ("denied", denied, false),
        ("superseded", superseded, false),
        ("derived from what was denied", derived, false),
        ("denied, and confirmed since", denied_once, true),
        ("untouched", untouched, true),
    ] {
        let expected = if stands { Parents::Intact } else { Parents::Changed };
        let new = |id: &str, parent: &str| {
            let mut draft = draft(id, "derived", 1);
            draft.links.insert((OwnLink::DependsOn, row(parent)));
            draft
        };
        // By a tie of its own, and by the records of one import in either order; what depends on it, too.
        let tied: Before<'_> = &|home| {
            home.add(&[draft("child", "derived", 1), new("grandchild", "child")]);
            link(home, "child", OwnLink::DependsOn, "parent");
        };
        let imported: Before<'_> = &|home| home.add(&[new("child", "parent"), new("grandchild", "child")]);
        let turned: Before<'_> = &|home| home.add(&[new("grandchild", "child"), new("child", "parent")]);
        for (way, add) in [("tied", tied), ("imported", imported), ("imported, turned round", turned)] {
            let home = Home::new();
            home.add(&[draft("parent", "one", 10), draft("heir", "two", 9)]);
            before(&home);
            add(&home);
            let derived = ["child", "grandchild"];
            let heads = derived.map(|id| home.vault.row(&row(id)).unwrap());
            assert_eq!(heads.map(|head| head.parents), [expected; 2], "{case}, {way}");
            let verdict = if stands { Verdict::Live } else { Verdict::ReEarn };
            let rulings = decide_at(&home, &derived, now()).rulings;
            assert!(rulings.iter().all(|ruling| ruling.verdict == verdict), "{case}, {way}: {rulings:?}");
            // Once the owner spoke for it, the same tie again is no new one.
            confirm(&home, "child", now());
            let pin = home.vault.pin().unwrap();
            link(&home, "child", OwnLink::DependsOn, "parent");
            assert_eq!(home.vault.pin().unwrap(), pin);
            assert_eq!(home.vault.row(&row("child")).unwrap().parents, Parents::Intact);
            holds(&home);
        }
    }
    // What takes its place rests on nothing that it was.
    let home = Home::new();
    home.add(&[draft("parent", "one", 10), draft("heir", "two", 9)]);
    superseded(&home);
    link(&home, "heir", OwnLink::DependsOn, "parent");
    assert_eq!(home.vault.row(&row("heir")).unwrap().parents, Parents::Intact);
    holds(&home);
}

/// What a row's parents are, and the generation of its head.
fn parents(home: &Home, id: &str) -> (Parents, u64) {
    let head = home.vault.row(&row(id)).unwrap();
    (head.parents, head.generation)
}

#[test]
fn a_row_and_its_parent_changed_in_one_import_are_written_once_and_the_row_is_marked() {
    let derived = |id: &str, text: &str, days, parent: &str| {
        let mut draft = draft(id, text, days);
        draft.links.insert((OwnLink::DependsOn, row(parent)));
        draft
    };
    let rows =
        |parent: &str, child: &str, days| [draft("parent", parent, days), derived("child", child, days, "parent")];
    for turned in [false, true] {
        let home = Home::new();
        let import = |mut drafts: [Draft; 2]| {
            if turned {
                drafts.reverse();
            }
            home.vault.add(&home.device, &drafts, now(), &mut |_| ()).unwrap()
        };
        import(rows("one", "from one", 10));
        home.add(&[derived("grandchild", "from that", 10, "child"), derived("other", "of its own", 10, "parent")]);
        let all = ["parent", "child", "grandchild", "other"];
        // The tie to the first child is written into the heads of what it ties.
        assert_eq!(
            all.map(|id| parents(&home, id)),
            [(Parents::None, 2), (Parents::Intact, 2), (Parents::Intact, 1), (Parents::Intact, 1)]
        );
        let before = home.vault.pin().unwrap();
        assert_eq!(import(rows("two", "from two", 5)), Added { changed: 2, ..Added::default() });
        assert_eq!(home.vault.pin().unwrap().sequence, before.sequence + 1);
        // A new text of its own does not say that it was made from the parent's new one.
        let marked = [(Parents::None, 3), (Parents::Changed, 3), (Parents::Changed, 2), (Parents::Changed, 2)];
        assert_eq!(all.map(|id| parents(&home, id)), marked);
        let verdicts = decide_at(&home, &all, now()).rulings.iter().map(|ruling| ruling.verdict).collect::<Vec<_>>();
        assert_eq!(verdicts, [Verdict::Live, Verdict::ReEarn, Verdict::ReEarn, Verdict::ReEarn]);
        assert_eq!(import(rows("two", "from two", 5)), Added { unchanged: 2, ..Added::default() });
        assert_eq!(all.map(|id| parents(&home, id)), marked);
        // The child's text alone: the child is not marked because of itself.
        confirm(&home, "child", after(-3));
        confirm(&home, "grandchild", after(-3));
        assert_eq!(import(rows("two", "from two again", 1)), Added { changed: 1, unchanged: 1, ..Added::default() });
        let intact = [(Parents::None, 3), (Parents::Intact, 5), (Parents::Changed, 4), (Parents::Changed, 2)];
        assert_eq!(all.map(|id| parents(&home, id)), intact);
        holds(&home);
    }
}

#[test]
fn rows_that_depend_on_each_other_and_change_in_one_import_are_both_marked() {
    let circle = |one: &str, two: &str, days| {
        [("a", one, "b"), ("b", two, "a")].map(|(id, text, parent)| {
            let mut draft = draft(id, text, days);
            draft.links.insert((OwnLink::DependsOn, row(parent)));
            draft
        })
    };
    let home = Home::new();
    home.add(&circle("one", "two", 10));
    // One alone is not marked because of itself.
    home.add(&circle("three", "two", 8));
    assert_eq!(["a", "b"].map(|id| parents(&home, id)), [(Parents::Intact, 2), (Parents::Changed, 2)]);
    confirm(&home, "b", after(-7));
    home.add(&circle("four", "five", 5));
    assert_eq!(["a", "b"].map(|id| parents(&home, id)), [(Parents::Changed, 3), (Parents::Changed, 4)]);
    holds(&home);
}
