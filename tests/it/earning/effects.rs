//! What a word makes of the row it is said of, and that a retrieval makes nothing of it.

use stillgood::{Added, Body, Draft, MadeBy, Origin, OwnLink, Request, Verdict};

use super::{after, confirm, correction, decide_at, holds, plus, seen, value};
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

/// Also where the record says that it changed since: a record repeats what the owner took back.
#[test]
fn a_corrected_text_does_not_come_back_with_an_import() {
    let home = Home::new();
    let [porto, braga, faro, lisbon] =
        ["I live in Porto", "I live in Braga", "I live in Faro", "I live in Lisbon"].map(|text| draft("a", text, 30));
    home.add(&[porto.clone(), draft("b", "another", 30)]);
    home.add(&[Draft { updated_at: Some(after(-20)), ..braga.clone() }]);
    let correct = |to: &Draft, days| {
        let earning = correction(to.body.text());
        earn(&home.vault, &home.owner, &home.device, "a", earning, after(days)).unwrap();
    };
    let says = |expected: &Draft| {
        let retrieval = decide_at(&home, &["a"], now());
        assert_eq!(retrieval.live[0].body.as_ref().map(Body::text), Some(expected.body.text()));
    };
    // Each record once more, changed later than all that was said of the row.
    let again = |record: &Draft| {
        let record = Draft { updated_at: Some(now()), ..record.clone() };
        home.vault.add(&home.device, &[record], now(), &mut |_| ()).unwrap()
    };
    let comes_back = |records: &[&Draft]| {
        let before = home.vault.pin().unwrap();
        for record in records {
            assert_eq!(again(record), Added { older: 1, ..Added::default() }, "{}", record.body.text());
        }
        assert_eq!(home.vault.pin().unwrap(), before, "nothing is written");
    };
    correct(&faro, -10);
    comes_back(&[&porto, &braga]);
    says(&faro);
    // Nor where the correction's head is not the last one any more.
    home.vault.link(&home.device, &row("b"), OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    confirm(&home, "a", after(-8));
    comes_back(&[&porto, &braga]);
    // Of several corrections, the last counts; it may be to a text that was there before.
    correct(&porto, -5);
    comes_back(&[&braga, &faro]);
    says(&porto);
    assert_eq!(again(&porto), Added { unchanged: 1, ..Added::default() });
    // What it never said is another matter.
    assert_eq!(again(&lisbon), Added { changed: 1, ..Added::default() });
    says(&lisbon);
    holds(&home);
}
