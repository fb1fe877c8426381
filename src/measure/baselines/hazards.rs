//! Fitted rates of ending: one for all, one for each attribute, one for each attribute and tenure.

use std::collections::HashMap;

use super::super::protocol::{Row, Sample, Statement, Truth, YEAR};
use crate::survival::{Shape, Tenure};

/// A fact that was watched from its beginning, in years.
#[derive(Clone, Copy)]
pub(super) struct Spell {
    attribute: usize,
    length: f64,
    ended: bool,
}

/// The spells of these statements. Of a labelled row nobody knows the beginning, so it is watched from its statement; if it had
/// changed when it was asked about, it counts as ended halfway.
pub(super) fn spells(sample: &Sample, of: impl Fn(&Statement) -> bool) -> Vec<Spell> {
    let spell = |one: &Statement| {
        let began = one.began.unwrap_or(one.stated);
        let (over, ended) = match one.truth {
            Truth::Ended(over) => (over.since(began).millis() as f64, true),
            Truth::HeldUntil(seen) => (seen.since(began).millis() as f64, false),
            Truth::EndedBefore(asked) => (asked.since(began).millis() as f64 / 2.0, true),
        };
        Spell { attribute: one.attribute, length: over / YEAR, ended }
    };
    sample.all_statements().iter().filter(|one| of(one)).map(spell).collect()
}

/// As much as so many endings speaks for what the wider fit says: the k of a Gamma prior.
const STRENGTH: f64 = 5.0;

/// Endings, and years in which one could have been seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    ended: f64,
    years: f64,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.ended += other.ended;
        self.years += other.years;
    }

    /// Endings per year; one in a thousand years where nothing was seen.
    fn rate(self) -> f64 {
        if self.ended > 0.0 && self.years > 0.0 { self.ended / self.years } else { 1e-3 }
    }

    /// The same, as if [`STRENGTH`] endings at this other rate had been seen too.
    fn shrunk_to(self, rate: f64) -> f64 {
        (self.ended + STRENGTH) / (self.years + STRENGTH / rate)
    }
}

fn years(row: &Row) -> f64 {
    row.gap().millis() as f64 / YEAR
}

/// The same rate for everything.
pub(super) struct OneHazard(f64);

impl OneHazard {
    pub(super) fn fit(spells: &[Spell]) -> Self {
        OneHazard(whole(spells).rate())
    }

    pub(super) fn chance(&self, row: &Row) -> f64 {
        (-self.0 * years(row)).exp()
    }
}

fn whole(spells: &[Spell]) -> Seen {
    let mut seen = Seen::default();
    spells.iter().for_each(|spell| seen.add(spell.whole()));
    seen
}

impl Spell {
    fn whole(self) -> Seen {
        Seen { ended: f64::from(self.ended), years: self.length }
    }
}

/// A rate for each attribute, shrunk to the one of all.
pub(super) struct ByAttribute {
    all: f64,
    each: HashMap<usize, f64>,
}

impl ByAttribute {
    pub(super) fn fit(spells: &[Spell]) -> Self {
        let all = whole(spells).rate();
        let mut seen: HashMap<usize, Seen> = HashMap::new();
        spells.iter().for_each(|spell| seen.entry(spell.attribute).or_default().add(spell.whole()));
        ByAttribute { all, each: seen.into_iter().map(|(name, seen)| (name, seen.shrunk_to(all))).collect() }
    }

    pub(super) fn chance(&self, row: &Row) -> f64 {
        (-self.each.get(&row.attribute).copied().unwrap_or(self.all) * years(row)).exp()
    }
}

/// A life table: for each attribute a rate in each band of the tenure, shrunk to the rate of all attributes in that band, times
/// how much faster or slower the attribute is as a whole.
pub(super) struct LifeTable {
    /// Where the bands begin, in years.
    bands: Vec<f64>,
    all: Vec<f64>,
    each: HashMap<usize, Vec<f64>>,
}

impl LifeTable {
    pub(super) fn fit(spells: &[Spell]) -> Self {
        let bands: Vec<f64> = Shape::standard().tenures.iter().map(|begin| begin.millis() as f64 / YEAR).collect();
        let mut seen = vec![Seen::default(); bands.len()];
        let mut by_attribute: HashMap<usize, Vec<Seen>> = HashMap::new();
        for spell in spells {
            let own = by_attribute.entry(spell.attribute).or_insert_with(|| vec![Seen::default(); bands.len()]);
            for ((all, own), (begin, end)) in seen.iter_mut().zip(own).zip(stretches(&bands)) {
                if spell.length <= begin {
                    break;
                }
                let ended = f64::from(spell.ended && spell.length <= end);
                let part = Seen { ended, years: spell.length.min(end) - begin };
                all.add(part);
                own.add(part);
            }
        }
        let all: Vec<f64> = seen.iter().map(|seen| (seen.ended + 0.5) / (seen.years + 5.0)).collect();
        let rates = |seen: Vec<Seen>| {
            let ended: f64 = seen.iter().map(|seen| seen.ended).sum();
            let expected: f64 = seen.iter().zip(&all).map(|(seen, rate)| seen.years * rate).sum();
            let relative = (ended + STRENGTH) / (expected + STRENGTH);
            seen.iter().zip(&all).map(|(seen, rate)| seen.shrunk_to(relative * rate)).collect()
        };
        let each = by_attribute.into_iter().map(|(name, seen)| (name, rates(seen))).collect();
        LifeTable { bands, all, each }
    }

    pub(super) fn chance(&self, row: &Row) -> f64 {
        let rates = self.each.get(&row.attribute).unwrap_or(&self.all);
        let from = tenure(row);
        let until = from + years(row);
        let inside = stretches(&self.bands).map(|(begin, end)| (until.min(end) - from.max(begin)).max(0.0));
        (-inside.zip(rates).map(|(years, rate)| years * rate).sum::<f64>()).exp()
    }
}

/// How long the fact had held when it was stated, in years.
fn tenure(row: &Row) -> f64 {
    let (Tenure::Known(span) | Tenure::AtLeast(span)) = row.tenure;
    span.millis() as f64 / YEAR
}

/// Each band, and where the next begins.
fn stretches(bands: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    bands.iter().copied().zip(bands.iter().copied().skip(1).chain([f64::INFINITY]))
}

/// How long facts of the attribute lasted that have ended: the share of them, each by one over its length (that is how likely a
/// statement within it falls on any one day), that lasted longer than this one will have when it is asked about. No curve is
/// smoothed, and none is kept: every past fact is.
pub(super) struct Lengths {
    all: Tail,
    each: HashMap<usize, Tail>,
}

/// Lengths in years, ascending, and for each the sum of one over the lengths from there on.
struct Tail(Vec<(f64, f64)>);

impl Lengths {
    pub(super) fn fit(spells: &[Spell]) -> Self {
        let mut each: HashMap<usize, Vec<f64>> = HashMap::new();
        for spell in spells.iter().filter(|spell| spell.ended) {
            each.entry(spell.attribute).or_default().push(spell.length);
        }
        let all = Tail::of(each.values().flatten().copied().collect());
        Lengths { all, each: each.into_iter().map(|(name, lengths)| (name, Tail::of(lengths))).collect() }
    }

    pub(super) fn chance(&self, row: &Row) -> f64 {
        let (from, until) = (tenure(row), tenure(row) + years(row));
        let ((now, _), (then, _)) = (self.all.after(from), self.all.after(until));
        let general = if now > 0.0 { then / now } else { 0.5 };
        let Some(own) = self.each.get(&row.attribute) else { return general };
        let ((now, count), (then, _)) = (own.after(from), own.after(until));
        if count == 0 {
            return general;
        }
        let prior = STRENGTH * now / count as f64;
        (then + prior * general) / (now + prior)
    }
}

impl Tail {
    fn of(mut lengths: Vec<f64>) -> Self {
        lengths.sort_by(f64::total_cmp);
        let mut sum = 0.0;
        let mut tail: Vec<(f64, f64)> = lengths
            .into_iter()
            .rev()
            .map(|length| {
                sum += 1.0 / length;
                (length, sum)
            })
            .collect();
        tail.reverse();
        Tail(tail)
    }

    /// Of lengths above this one the sum of one over each, and how many there are.
    fn after(&self, years: f64) -> (f64, usize) {
        let place = self.0.partition_point(|(length, _)| *length <= years);
        (self.0.get(place).map_or(0.0, |(_, sum)| *sum), self.0.len() - place)
    }
}
