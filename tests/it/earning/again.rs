//! Saying the same again is no earning: a row is no fresher for words that it has, or had before.

use stillgood::{Added, Draft, Head, Material, MaterialKind, Timestamp};

use super::{after, confirm, correction, decide_at, deny, earn, holds};
use crate::support::{Home, draft, now, row};

/// A record of row `a`, said a hundred days ago and changed on this day.
fn record(text: &str, changed: i64) -> Draft {
    Draft { updated_at: Some(after(changed)), ..draft("a", text, 100) }
}

fn add(home: &Home, record: &Draft) -> Added {
    home.vault.add(&home.device, std::slice::from_ref(record), now(), &mut |_| ()).unwrap()
}

fn head(home: &Home) -> Head {
    home.vault.row(&row("a")).unwrap()
}

fn text(home: &Home) -> String {
    let retrieval = decide_at(home, &["a"], now());
    let shown = retrieval.live.iter().chain(&retrieval.background).find_map(|memory| memory.body.as_ref());
    shown.map_or("held".to_owned(), |body| body.text().to_owned())
}

const UNCHANGED: Added = Added { unchanged: 1, ..NOTHING };
const CHANGED: Added = Added { changed: 1, ..NOTHING };
const OLDER: Added = Added { older: 1, ..NOTHING };
const NOTHING: Added = Added { new: 0, changed: 0, relabelled: 0, unchanged: 0, repeated: 0, older: 0, forgotten: 0 };

/// A blank more, or a letter in two characters instead of one, was a row of today.
#[test]
fn the_same_words_in_other_characters_change_nothing() {
    let home = Home::new();
    home.add(&[record("I live in \u{c9}vora.", -90)]);
    let stated = head(&home);
    for text in [" I live in \u{c9}vora.\n", "I live  in\u{a0}\u{c9}vora.", "I live in E\u{301}vora."] {
        assert_eq!(add(&home, &record(text, 0)), UNCHANGED, "{text:?}");
        assert_eq!(head(&home), stated, "{text:?}");
    }
    // Nor is a confirmation lost by it, and labels go on changing.
    confirm(&home, "a", after(-10));
    let mut labelled = record("I  live in \u{c9}vora.", 0);
    labelled.traits.tags.insert("home".parse().unwrap());
    assert_eq!(add(&home, &labelled), Added { relabelled: 1, ..NOTHING });
    let confirmed = head(&home);
    assert_eq!((confirmed.confirmed_at, confirmed.stated_at), (Some(after(-10)), stated.stated_at));
    assert_eq!(text(&home), "I live in \u{c9}vora.", "it stands as it was said first");
    // Another mark is another text.
    assert_eq!(add(&home, &record("I live in \u{c9}vora!", 0)), CHANGED);
    assert_eq!(head(&home).stated_at, now());
    holds(&home);
}

/// A record that says something else and then the old text again, or swings between two, was a row of today.
#[test]
fn a_text_that_comes_back_is_as_old_as_it_was() {
    let home = Home::new();
    home.add(&[record("I live in Faro.", -90)]);
    confirm(&home, "a", after(-80));
    assert_eq!(add(&home, &record("I live in Porto.", -50)), CHANGED);
    for (text, changed, stated) in [
        ("I live in Faro.", -30, after(-100)),
        ("I live in Porto.", -20, after(-50)),
        ("I live in  Faro.", -10, after(-100)),
        ("I live in Porto.", 0, after(-50)),
    ] {
        assert_eq!(add(&home, &record(text, changed)), CHANGED, "{text}");
        let head = head(&home);
        assert_eq!((head.stated_at, head.confirmed_at, head.confirmations), (stated, None, 0), "{text}");
        assert_eq!(self::text(&home), text);
    }
    // What it never said is said now.
    assert_eq!(add(&home, &record("I live in Braga.", 0)), CHANGED);
    assert_eq!(head(&home).stated_at, now());
    holds(&home);
}

/// An export of the days between is old, although the text that came back is older.
#[test]
fn an_export_of_earlier_days_changes_nothing_after_a_text_came_back() {
    let home = Home::new();
    home.add(&[record("I live in Faro.", -90)]);
    let porto = record("I live in Porto.", -50);
    assert_eq!(add(&home, &porto), CHANGED);
    assert_eq!(add(&home, &record("I live in Faro.", -30)), CHANGED);
    let before = home.vault.pin().unwrap();
    assert_eq!(add(&home, &porto), OLDER);
    assert_eq!(home.vault.pin().unwrap(), before);
}

#[test]
fn a_corrected_text_does_not_come_back_with_another_blank() {
    let home = Home::new();
    home.add(&[record("I live in Faro.", -90)]);
    earn(&home.vault, &home.owner, &home.device, "a", correction("I live in Porto."), after(-10)).unwrap();
    for again in ["I live in Faro.", "I live  in Faro. "] {
        assert_eq!(add(&home, &record(again, 0)), OLDER, "{again}");
    }
    assert_eq!(text(&home), "I live in Porto.");
    // What the owner denied stays denied, whatever white space stands in it.
    deny(&home, "a", after(-5));
    assert_eq!(add(&home, &record("I live in  Porto.", 0)), UNCHANGED);
    assert!(head(&home).denied);
    holds(&home);
}

/// Evidence speaks of a text byte for byte: then that text comes in, and is no newer for it.
#[test]
fn with_evidence_the_text_that_it_is_of_counts_and_the_clock_stands() {
    let home = Home::new();
    home.add(&[record("I live in Faro.", -90)]);
    let mut proved = record("I live  in Faro.", 0);
    proved.evidence.push(Material::new(MaterialKind::Output, "I live  in Faro.".into()).unwrap());
    assert_eq!(add(&home, &proved), CHANGED);
    assert_eq!((head(&home).stated_at, head(&home).evidence.is_some()), (after(-100), true));
    assert!(head(&home).text.is_of("I live  in Faro."));
    holds(&home);
}

/// A body that is gone cannot be compared; its head still commits to its very text.
#[test]
fn what_cannot_be_opened_cannot_have_the_same_words() {
    for (again, stated) in [("I live  in Faro.", 0), ("I live in Faro.", -100)] {
        let home = Home::new();
        home.add(&[record("I live in Faro.", -90)]);
        home.sql("DELETE FROM bodies");
        assert_eq!(add(&home, &record("I live in Porto.", -50)), CHANGED);
        assert_eq!(add(&home, &record(again, 0)), CHANGED);
        assert_eq!(head(&home).stated_at, after(stated), "{again}");
    }
}

/// A correction says nothing of since when it holds: the old beginning is that of the old text.
#[test]
fn a_beginning_that_a_correction_cleared_does_not_come_back() {
    let began = |text: &str, at: Timestamp| {
        let mut record = record(text, 0);
        record.traits.valid_from = Some(at);
        record
    };
    let home = Home::new();
    home.add(&[began("I live in Faro.", after(-4_000))]);
    earn(&home.vault, &home.owner, &home.device, "a", correction("I live in Porto."), after(-10)).unwrap();
    assert_eq!(add(&home, &began("I live in Porto.", after(-4_000))), UNCHANGED);
    assert_eq!(head(&home).traits.valid_from, None);
    // Another beginning is its record's word, and so is the old one of a text that its record changed.
    assert_eq!(add(&home, &began("I live in Porto.", after(-20))).relabelled, 1);
    assert_eq!(head(&home).traits.valid_from, Some(after(-20)));
    assert_eq!(add(&home, &began("I live in Braga.", after(-4_000))), CHANGED);
    assert_eq!(head(&home).traits.valid_from, Some(after(-4_000)));
    holds(&home);
}

/// However many texts a row had, each comes back as old as it was.
#[test]
fn each_of_ninety_texts_is_found_again() {
    let home = Home::new();
    let town = |town: i64| record(&format!("I live in town {town}."), town - 95);
    home.add(&[town(0)]);
    for change in 1..90 {
        assert_eq!(add(&home, &town(change)), CHANGED);
    }
    // The first text was said when its row was, not when its record changed.
    for (again, stated) in [(0, after(-100)), (1, after(-94)), (50, after(-45)), (89, after(-6))] {
        let text = format!(" I live in town {again}.");
        assert_eq!(add(&home, &record(&text, 0)), CHANGED, "{text}");
        assert_eq!(head(&home).stated_at, stated, "{text}");
    }
    holds(&home);
}
