//! Fitted rates of ending: one for all, one for each attribute, one for each attribute and tenure.

use std::collections::HashMap;

use super::super::protocol::{Days, Row, Sample, Statement, YEAR};
use crate::survival::{Outcome, Shape, Tenure};
use crate::time::Span;

/// A stretch of a fact's life that was watched, in years since it began.
#[derive(Clone, Copy)]
pub(super) struct Spell {
    attribute: usize,
    /// When the watch began.
    from: f64,
    /// When it was over.
    until: f64,
    /// Whether the fact had ended then.
    ended: bool,
    /// As how many facts it counts.
    weight: f64,
}

/// How the statements of the other folds went on, each from the moments in it from which the table watches it. Together these
/// count as one fact: questions find a short fact as often as a long one.
pub(super) fn spells(sample: &Sample, fold: u8) -> Vec<Spell> {
    let watches = |one: &Statement| {
        let attribute = one.attribute;
        sample
            .watch(Days::FirstAndLast, one)
            .into_iter()
            .map(move |one| Spell::of(attribute, one.tenure, one.outcome, one.weight))
    };
    outside(sample, fold).flat_map(watches).collect()
}

/// The same, each watched once and from its beginning, as life tables are made.
pub(super) fn whole_spells(sample: &Sample, fold: u8) -> Vec<Spell> {
    let spell = |one: &Statement| {
        let began = one.began.unwrap_or(one.stated);
        Spell::of(one.attribute, Tenure::Known(Span::ZERO), one.truth.since(began), 1.0)
    };
    outside(sample, fold).map(spell).collect()
}

fn outside(sample: &Sample, fold: u8) -> impl Iterator<Item = &Statement> {
    sample.all_statements().iter().filter(move |one| sample.fold(one.subject) != fold)
}

impl Spell {
    /// What ended at an unknown time before a question counts as ended halfway.
    fn of(attribute: usize, tenure: Tenure, outcome: Outcome, weight: f64) -> Self {
        let from = tenure_of(tenure);
        let (length, ended) = match outcome {
            Outcome::Ended { after } => (after, true),
            Outcome::Held { until } => (until, false),
            Outcome::EndedBefore { asked_after } => (Span::from_millis(asked_after.millis() / 2), true),
        };
        let until = Span::from_millis(from.millis().saturating_add(length.millis()));
        Spell { attribute, from: years(from), until: years(until), ended, weight }
    }

    /// What it shows of the years from `begin` to `end`.
    fn within(self, begin: f64, end: f64) -> Seen {
        let years = (self.until.min(end) - self.from.max(begin)).max(0.0);
        let ended = self.ended && begin < self.until && self.until <= end;
        Seen { ended: self.weight * f64::from(ended), years: self.weight * years }
    }

    fn whole(self) -> Seen {
        Seen { ended: self.weight * f64::from(self.ended), years: self.weight * (self.until - self.from) }
    }
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

fn years(span: Span) -> f64 {
    span.millis() as f64 / YEAR
}

fn tenure_of(tenure: Tenure) -> Span {
    let (Tenure::Known(span) | Tenure::AtLeast(span)) = tenure;
    span
}

/// The same rate for everything.
pub(super) struct OneHazard(f64);

impl OneHazard {
    pub(super) fn fit(spells: &[Spell]) -> Self {
        OneHazard(whole(spells).rate())
    }

    pub(super) fn chance(&self, row: &Row) -> f64 {
        (-self.0 * years(row.gap())).exp()
    }
}

fn whole(spells: &[Spell]) -> Seen {
    let mut seen = Seen::default();
    spells.iter().for_each(|spell| seen.add(spell.whole()));
    seen
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
        (-self.each.get(&row.attribute).copied().unwrap_or(self.all) * years(row.gap())).exp()
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
                let part = spell.within(begin, end);
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
        let from = years(tenure_of(row.tenure));
        let until = from + years(row.gap());
        let inside = stretches(&self.bands).map(|(begin, end)| (until.min(end) - from.max(begin)).max(0.0));
        (-inside.zip(rates).map(|(years, rate)| years * rate).sum::<f64>()).exp()
    }
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
            each.entry(spell.attribute).or_default().push(spell.until);
        }
        let all = Tail::of(each.values().flatten().copied().collect());
        Lengths { all, each: each.into_iter().map(|(name, lengths)| (name, Tail::of(lengths))).collect() }
    }

    pub(super) fn chance(&self, row: &Row) -> f64 {
        let (from, until) = (years(tenure_of(row.tenure)), years(tenure_of(row.tenure)) + years(row.gap()));
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
