//! What depends on a row that changed is marked, each row once.

use stillgood::{MadeBy, OwnLink, Parents};

use super::{confirm, correction, deny, holds};
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
