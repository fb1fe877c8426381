//! The share held back: caution that asks about everything is useless, so it is measured, and kept within bounds.

mod measure;
pub(crate) mod rows;
mod tables;

use std::sync::OnceLock;

use stillgood::{Category, Kind, PolicySet};

use crate::support::{matches_page, now};
use measure::{Decided, Fate, Measure, Shares};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;
const ROWS: usize = 1_000;
const YEAR: i64 = 365 * 86_400_000;

/// A thousand rows for every seed, decided once for all tests.
fn decided() -> &'static [Vec<Decided>] {
    static DECIDED: OnceLock<Vec<Vec<Decided>>> = OnceLock::new();
    DECIDED.get_or_init(|| {
        let measure = Measure::new();
        SEEDS.map(|seed| measure.seal(&rows::rows(seed, ROWS, now())).decide(now())).collect()
    })
}

/// The rows of all seeds.
fn all() -> impl Iterator<Item = &'static Decided> {
    decided().iter().flatten()
}

/// The rows of all seeds whose age in whole years is this.
fn of_age(years: i64) -> Shares {
    Shares::of(all().filter(|row| row.age.millis() / YEAR == years))
}

fn of_kind(kind: Kind) -> Shares {
    Shares::of(all().filter(|row| row.kind == kind))
}

#[test]
fn thirty_to_seventy_in_a_hundred_rows_are_live_and_at_most_ten_are_asked_about() {
    for (seed, decided) in SEEDS.zip(decided()) {
        let shares = Shares::of(decided);
        assert_eq!(shares.rows, ROWS);
        let (live, re_earn) = (shares.count(Fate::Live), shares.count(Fate::ReEarn));
        println!("seed {seed}: of {ROWS} rows {live} are live and {re_earn} to re-earn");
        assert!((300..=700).contains(&live), "seed {seed}: {live} of {ROWS} live");
        assert!(re_earn <= 100, "seed {seed}: {re_earn} of {ROWS} to re-earn");
    }
}

/// Otherwise few would be asked about because few count as relevant.
#[test]
fn the_shipped_set_asks_from_a_relevance_of_at_most_a_half() {
    assert!(PolicySet::builtin().relevant_from().millionths() <= 500_000);
}

#[test]
fn the_older_the_rows_the_fewer_are_live_and_the_more_are_asked_about() {
    let ages: Vec<Shares> = (0..5).map(of_age).collect();
    assert_eq!(ages.iter().map(|shares| shares.rows).sum::<usize>(), ROWS * decided().len());
    for (years, pair) in ages.windows(2).enumerate() {
        let (younger, older) = (&pair[0], &pair[1]);
        assert!(younger.tenths(Fate::Live) > older.tenths(Fate::Live), "live after {years} years and a year later");
        assert!(younger.tenths(Fate::ReEarn) <= older.tenths(Fate::ReEarn), "asked after {years} years, a year later");
    }
}

#[test]
fn what_is_younger_than_a_year_is_seldom_held_back_for_its_age() {
    let young = of_age(0);
    let held = young.tenths(Fate::Aged) + young.tenths(Fate::ReEarn);
    // Some of them are of health or of money, where the set is more careful.
    assert!(held <= 70, "{held} tenths of one per cent");
}

#[test]
fn what_happened_is_live_less_often_than_a_lasting_fact() {
    let (lasting, happened) = (of_kind(Kind::Semantic), of_kind(Kind::Episodic));
    assert_eq!(lasting.rows, happened.rows);
    assert!(lasting.tenths(Fate::Live) > happened.tenths(Fate::Live) + 100);
    assert!(lasting.tenths(Fate::ReEarn) < happened.tenths(Fate::ReEarn));
}

#[test]
fn the_made_up_rows_are_what_the_page_says_they_are() {
    // The first numbers that SplitMix64 gives for this seed, as widely published.
    let mut random = rows::SplitMix64(1_234_567);
    assert_eq!([(); 3].map(|()| random.next()), [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    let made = rows::rows(1, ROWS, now());
    let number = |holds: &dyn Fn(&rows::Made) -> bool| made.iter().filter(|row| holds(row)).count();
    assert_eq!(number(&|row| row.draft.traits.kind == Kind::Semantic), 500);
    for category in Category::ALL {
        let of_one = number(&|row| row.draft.traits.categories.iter().eq([*category]));
        assert!((70..=130).contains(&of_one), "{of_one} of {}", category.name());
    }
    let age = |row: &rows::Made| now().since(row.draft.stated_at);
    assert!(made.iter().all(|row| age(row) >= stillgood::Span::ZERO && age(row) < rows::OLDEST));
    for fifth in 0..5 {
        let of_age = number(&|row| age(row).millis() / YEAR == fifth);
        let relevant = number(&|row| i64::from(row.relevance.millionths().min(999_999)) / 200_000 == fifth);
        assert!([of_age, relevant].iter().all(|number| (160..=240).contains(number)), "{of_age}, {relevant}");
    }
}

#[test]
fn the_tables_of_the_performance_page_are_what_comes_out() {
    let page = "docs/quality.md";
    matches_page(page, "made-up rows", &tables::made_up(decided()));
    // Where the data is absent, `support::shared` has said so.
    if let Some(table) = tables::locomo() {
        matches_page(page, "locomo rows", &table);
    }
}
