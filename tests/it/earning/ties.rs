//! Ties between rows: each refusal, and which of two rows an earning settles.

use stillgood::{EarnError, Earning, LinkKind, MadeBy, OwnLink, RowId, Signer, Timestamp, VaultError, Verdict};

use super::{after, confirm, correction, decide_at, deny, forget, holds, plus, refused, ties};
use crate::support::{Home, draft, earn, now, row};

#[test]
fn each_refusal_of_a_link() {
    let home = Home::new();
    home.add(&[draft("a", "one", 10), draft("b", "two", 10), draft("gone", "three", 10)]);
    forget(&home, "gone").unwrap();
    for kind in OwnLink::ALL {
        for (from, to, what) in [
            ("a", "a", "a row has no link to itself"),
            ("nobody", "a", "it has a link to a row that is not there"),
            ("a", "nobody", "it has a link to a row that is not there"),
            ("gone", "a", "it was forgotten, and has no links"),
            ("a", "gone", "it has a link to a row that was forgotten"),
        ] {
            refused(&home, VaultError::Refused { row: row(from), what }, || {
                home.vault.link(&home.device, &row(from), *kind, &row(to), MadeBy::Owner, now())
            });
        }
    }
    let stranger = Signer::generate("test/device".parse().unwrap());
    let not_allowed = VaultError::NotAllowed { name: "test/device".into(), what: "write", at: now() };
    refused(&home, not_allowed, || {
        home.vault.link(&stranger, &row("a"), OwnLink::Contradicts, &row("b"), MadeBy::Owner, now())
    });
    // 256, and not one more, on either side.
    home.add(&(0..256).map(|n| draft(&format!("r{n}"), "text", 10)).collect::<Vec<_>>());
    for n in 0..256 {
        let other = row(&format!("r{n}"));
        home.vault.link(&home.device, &other, OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    }
    for (from, to) in [("a", "b"), ("b", "a")] {
        let what = "a row has at most 256 links";
        refused(&home, VaultError::Refused { row: row(from), what }, || {
            home.vault.link(&home.device, &row(from), OwnLink::Contradicts, &row(to), MadeBy::Owner, now())
        });
    }
    // One that stands is no new one.
    home.vault.link(&home.device, &row("r0"), OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    assert_eq!(home.vault.row(&row("a")).unwrap().links.iter().len(), 256);
    holds(&home);
}

fn contradicting() -> Home {
    let home = Home::new();
    home.add(&[draft("a", "one", 10), draft("b", "two", 10), draft("c", "three", 10)]);
    for other in ["b", "c"] {
        home.vault.link(&home.device, &row("a"), OwnLink::Contradicts, &row(other), MadeBy::Rule, now()).unwrap();
    }
    home
}

fn verdicts(home: &Home, at: Timestamp) -> Vec<Verdict> {
    decide_at(home, &["a", "b", "c"], at).rulings.iter().map(|ruling| ruling.verdict).collect()
}

#[test]
fn a_contradiction_is_settled_by_confirming() {
    let home = contradicting();
    assert_eq!(verdicts(&home, now()), [Verdict::ReEarn; 3]);
    assert_eq!(confirm(&home, "a", now()).settled, ["b", "c"].map(row));
    let owner = MadeBy::Owner;
    assert_eq!(ties(&home, "a"), ["b", "c"].map(|other| (LinkKind::Supersedes, other.to_owned(), owner)));
    assert_eq!(ties(&home, "b"), [(LinkKind::SupersededBy, "a".into(), owner)]);
    assert_eq!(verdicts(&home, now()), [Verdict::Live, Verdict::ReEarn, Verdict::ReEarn]);
    // Whoever confirms the other later turns it round.
    assert_eq!(confirm(&home, "b", now()).settled, [row("a")]);
    assert_eq!(ties(&home, "b"), [(LinkKind::Supersedes, "a".into(), owner)]);
    assert_eq!(verdicts(&home, now()), [Verdict::ReEarn, Verdict::Live, Verdict::ReEarn]);
    holds(&home);
}

#[test]
fn a_contradiction_is_settled_by_denying() {
    let home = contradicting();
    assert_eq!(deny(&home, "a", now()).settled, ["b", "c"].map(row));
    let owner = MadeBy::Owner;
    let replaced = |other: &str| (LinkKind::SupersededBy, other.to_owned(), owner);
    assert_eq!(ties(&home, "a"), ["b", "c"].map(replaced));
    assert_eq!(ties(&home, "b"), [(LinkKind::Supersedes, "a".into(), owner)]);
    assert_eq!(verdicts(&home, now()), [Verdict::ReEarn, Verdict::Live, Verdict::Live]);
    // The owner takes it back: it takes the place of the others, and never stands beside them.
    assert_eq!(confirm(&home, "a", now()).settled, ["b", "c"].map(row));
    assert_eq!(verdicts(&home, now()), [Verdict::Live, Verdict::ReEarn, Verdict::ReEarn]);
    holds(&home);
}

#[test]
fn a_tie_to_a_forgotten_row_is_settled_on_its_own_side() {
    let home = contradicting();
    forget(&home, "b").unwrap();
    assert_eq!(confirm(&home, "a", now()).settled, [row("c")]);
    assert!(ties(&home, "a").iter().all(|(kind, ..)| *kind == LinkKind::Supersedes));
    holds(&home);
}

/// An earning changes each row whose tie it settles, and so is not said before what was said of these.
#[test]
fn an_earning_is_refused_where_a_row_that_it_settles_was_earned_later() {
    use OwnLink::{Contradicts, DependsOn, Supersedes};
    // From, to, and whether confirming and denying `a` settles the tie. Correcting settles what confirming does.
    let cases = [
        ("a", Contradicts, "b", true, true),
        ("b", Supersedes, "a", true, false),
        ("a", Supersedes, "b", false, false),
        ("a", DependsOn, "b", false, false),
        ("b", DependsOn, "a", false, false),
    ];
    let later = after(-1);
    let early = plus(later, -1);
    for (from, kind, to, confirming, denying) in cases {
        for (earning, settles) in
            [(Earning::Confirm, confirming), (correction("three"), confirming), (Earning::Deny, denying)]
        {
            for confirmed in [true, false] {
                let home = Home::new();
                home.add(&[draft("a", "one", 10), draft("b", "two", if confirmed { 10 } else { 1 })]);
                if confirmed {
                    confirm(&home, "b", later);
                }
                home.vault.link(&home.device, &row(from), kind, &row(to), MadeBy::Owner, now()).unwrap();
                let say = |at| earn(&home.vault, &home.owner, &home.device, "a", earning.clone(), at);
                let at = if settles {
                    refused(&home, EarnError::TooEarly { row: row("b"), at: early }, || say(early));
                    later
                } else {
                    early
                };
                let expected: &[RowId] = if settles { &[row("b")] } else { &[] };
                assert_eq!(say(at).unwrap().settled, expected, "{from} {kind:?} {to}, {earning:?}");
                holds(&home);
            }
        }
    }
}
