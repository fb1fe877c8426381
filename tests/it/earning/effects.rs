//! What a word makes of the row it is said of, and that a retrieval makes nothing of it.

use stillgood::{Added, Draft, MadeBy, Origin, Request, Verdict};

use super::{after, confirm, correction, holds, plus, seen, value};
use crate::support::{Home, draft, earn, now, request, row};

#[test]
fn a_correction_keeps_labels_and_loses_evidence() {
    let home = Home::new();
    let mut record = value("a", "I live in Porto", 10, Origin::Document, true);
    record.traits.tags.insert("home".parse().unwrap());
    record.traits.valid_until = Some(after(30));
    let finding = stillgood::Finding { state: stillgood::Found::Claimed, as_of: None };
    record.boxes.payment = Some(stillgood::Attached { finding, detail: stillgood::PaymentRung::Queued });
    home.add(std::slice::from_ref(&record));
    earn(&home.vault, &home.owner, &home.device, "a", seen("a page"), after(-2)).unwrap();
    confirm(&home, "a", after(-1));
    earn(&home.vault, &home.owner, &home.device, "a", correction("I live in Faro"), now()).unwrap();
    let head = home.vault.row(&row("a")).unwrap();
    assert!(head.text.is_of("I live in Faro") && head.boxes == Default::default() && head.evidence.is_none());
    assert_eq!((head.stated_at, head.confirmed_at, head.confirmations), (now(), Some(now()), 1));
    assert_eq!((head.observed_at, head.edited, head.denied), (None, false, false));
    let traits = head.traits.clone();
    assert_eq!((traits.origin, traits.labels_by, traits.valid_until), (Origin::User, MadeBy::Owner, None));
    assert_eq!((&traits.tags, &traits.subject, &traits.attribute), {
        (&record.traits.tags, &record.traits.subject, &record.traits.attribute)
    });
    // The old record again, also where it says it changed before the correction, changes nothing.
    let before = home.vault.pin().unwrap();
    for updated in [None, Some(plus(now(), -1))] {
        let again = Draft { updated_at: updated, ..record.clone() };
        let added = home.vault.add(&home.device, &[again], now(), &mut |_| ()).unwrap();
        assert_eq!(added, Added { older: 1, ..Added::default() });
    }
    assert_eq!(home.vault.pin().unwrap(), before);
    // A record that has caught up changes no label of the owner's, and no clock.
    let mut caught_up = value("a", "I live in Faro", 0, Origin::Assistant, true);
    caught_up.traits.attribute = Some("another attribute".parse().unwrap());
    let added = home.vault.add(&home.device, &[caught_up], now(), &mut |_| ()).unwrap();
    assert_eq!(added, Added { unchanged: 1, ..Added::default() });
    assert_eq!(home.vault.row(&row("a")).unwrap(), head);
    holds(&home);
}

#[test]
fn a_thousand_retrievals_of_a_stale_row_change_no_byte_of_its_ruling() {
    let home = Home::new();
    home.add(&[draft("a", "text", 3_700)]);
    let gate = home.gate();
    let decide = |at| home.vault.decide(&gate, &Request { at, ..request(&["a"]) }).unwrap();
    let first = decide(now());
    let size = home.vault.pin().unwrap().log_size;
    for _ in 0..500 {
        assert_eq!(decide(now()).decision, first.decision);
    }
    assert_eq!(home.vault.pin().unwrap().log_size, size, "one decision, once");
    let ruling = &first.rulings[0];
    assert_eq!(ruling.verdict, Verdict::ReEarn);
    for hours in 1..500 {
        let later = decide(plus(now(), hours * 3_600_000)).rulings.remove(0);
        let known = |ruling: &stillgood::Ruling| {
            let judged = ruling.judged.unwrap();
            (judged.generation, judged.head, ruling.verdict, ruling.reasons.clone(), ruling.until, ruling.opened)
        };
        assert_eq!(known(&later), known(ruling));
    }
    assert_eq!(home.vault.row(&row("a")).unwrap().generation, 1);
    holds(&home);
}
