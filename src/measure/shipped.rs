//! stillgood's own chances: read from a table, with and without what is known of the subject, and of later statements.

use std::collections::HashMap;

use super::baselines::{Later, Method, later};
use super::protocol::{Days, FOLDS, Row, Sample, Truth};
use crate::row::{Categories, Kind};
use crate::score::Score;
use crate::survival::{Experience, Fit, Shifts, Standing, SurvivalTable, Tenure};
use crate::time::Timestamp;

/// What a row is that something later replaces.
pub(super) const REPLACED: f64 = 1e-4;

/// An attribute has one value at a time if fewer than this share of its rows still held where a later statement was there: a rule
/// that is wrong more often is none.
const SINGLE: f64 = 0.05;

/// The name of the table by itself.
pub(super) const TABLE: &str = "stillgood";

/// The tables that the rows of each fold are read from.
pub(super) struct Tables {
    of_folds: Vec<SurvivalTable>,
    /// What such a table calls an attribute of the data.
    named: fn(&str) -> &str,
}

impl Tables {
    /// This one for all. It calls attributes as the shipped table does.
    pub(super) fn given(table: &SurvivalTable) -> Self {
        Tables { of_folds: vec![table.clone(); usize::from(FOLDS)], named: SurvivalTable::attribute_name }
    }

    /// One that is fitted on other facts, for all.
    pub(super) fn elsewhere(other: &Sample) -> Self {
        let table = Fit::default().table(&other.watched(Days::FirstAndLast, |_| true), &SurvivalTable::by_hand());
        Tables { of_folds: vec![table; usize::from(FOLDS)], named: |name| name }
    }

    /// For each fold one that is fitted on the others.
    pub(super) fn fitted(sample: &Sample) -> Self {
        let by_hand = SurvivalTable::by_hand();
        let outside = |fold| sample.watched(Days::FirstAndLast, |one| sample.fold(one.subject) != fold);
        let of_folds = (0..FOLDS).map(|fold| Fit::default().table(&outside(fold), &by_hand)).collect();
        Tables { of_folds, named: |name| name }
    }

    /// The chance of a row that may have been altered.
    pub(super) fn chance(&self, sample: &Sample, row: &Row, of: &Standing<'_>) -> f64 {
        self.of(sample, row).map_or(0.5, |table| as_number(table.chance(&self.called(of), row.gap())))
    }

    /// The chance of a row whose subject's owner has experience of their own.
    fn chance_shifted(&self, table: &SurvivalTable, of: &Standing<'_>, row: &Row, shifts: &Shifts) -> f64 {
        as_number(table.chance_shifted(&self.called(of), row.gap(), shifts))
    }

    fn called<'a>(&self, of: &Standing<'a>) -> Standing<'a> {
        Standing { attribute: of.attribute.map(self.named), ..*of }
    }

    fn of(&self, sample: &Sample, row: &Row) -> Option<&SurvivalTable> {
        self.of_folds.get(usize::from(sample.fold(row.subject)))
    }
}

pub(super) fn as_number(score: Score) -> f64 {
    f64::from(score.millionths()) / 1e6
}

/// The table, and nothing else.
pub(super) fn by_itself(sample: &Sample, tables: &Tables) -> Method {
    let chances = sample.all_rows().iter().map(|row| tables.chance(sample, row, &standing(sample, row)));
    Method::new(TABLE, chances.collect())
}

/// The table by itself, with the subject's own history, and with both that and later statements.
pub(super) fn methods(sample: &Sample, tables: &Tables) -> Vec<Method> {
    let Method { chances: table, .. } = by_itself(sample, tables);
    let history = with_history(sample, tables);
    let replaced = with_latest(sample, &table);
    let mut methods = vec![
        Method::new(TABLE, table.clone()),
        Method::new("stillgood, with the subject's history", history),
        Method::new("stillgood, latest wins", replaced),
    ];
    if sample.all_rows().iter().any(|row| row.parent_changed.is_some()) {
        let held_back = sample.all_rows().iter().zip(&table).map(|(row, chance)| match row.parent_changed {
            Some(true) => REPLACED.min(*chance),
            _ => *chance,
        });
        methods.push(Method::new("stillgood, rows of changed parents held back", held_back.collect()));
    }
    methods
}

pub(super) fn standing<'s>(sample: &'s Sample, row: &Row) -> Standing<'s> {
    sample.standing(row.attribute, row.tenure)
}

/// When a row is stated, its owner looks at all that was stated about its subject before: what still holds is confirmed, what does
/// not is found to have changed at some time in between.
fn with_history(sample: &Sample, tables: &Tables) -> Vec<f64> {
    let mut by_subject: HashMap<usize, Vec<Lived>> = HashMap::new();
    for one in sample.all_statements() {
        let (attribute, tenure, stated) = (one.attribute, one.tenure(), one.stated);
        let lived = Lived { attribute, tenure, stated, truth: one.truth, is_of_a_fact: one.began.is_some() };
        by_subject.entry(one.subject).or_default().push(lived);
    }
    let mut chances = vec![];
    for rows in sample.all_rows().chunk_by(|a, b| a.statement == b.statement) {
        let Some((first, table)) = rows.first().and_then(|row| Some((row, tables.of(sample, row)?))) else { continue };
        let lived = by_subject.get(&first.subject).map_or(&[][..], Vec::as_slice);
        let called = |attribute| (tables.named)(sample.attribute(attribute));
        let lived: Vec<Experience> = lived.iter().filter_map(|one| one.until(first.stated, called)).collect();
        let shifts = table.shifts(&lived);
        chances.extend(rows.iter().map(|row| tables.chance_shifted(table, &standing(sample, row), row, &shifts)));
    }
    chances
}

/// A statement as its subject's owner lived through it.
struct Lived {
    attribute: usize,
    tenure: Tenure,
    stated: Timestamp,
    truth: Truth,
    /// What became of a fact its owner sees whenever they look; of a labelled row it is known at its question alone.
    is_of_a_fact: bool,
}

impl Lived {
    /// What its owner had learned of it by this time, if anything.
    fn until<'s>(&self, now: Timestamp, called: impl Fn(usize) -> &'s str) -> Option<Experience> {
        let (looked, changed) = match self.truth {
            _ if self.stated >= now => return None,
            Truth::Ended(over) => (now, over <= now),
            Truth::HeldUntil(seen) if self.is_of_a_fact || seen <= now => (seen.min(now), false),
            Truth::EndedBefore(asked) if asked <= now => (asked, true),
            Truth::HeldUntil(_) | Truth::EndedBefore(_) => return None,
        };
        Some(Experience {
            attribute: Some(called(self.attribute).to_owned()),
            kind: Kind::Semantic,
            categories: Categories::default(),
            tenure: self.tenure,
            after: looked.since(self.stated),
            changed,
        })
    }
}

/// Where a later statement was there, and the other folds show that the attribute has one value at a time, nothing is left.
fn with_latest(sample: &Sample, table: &[f64]) -> Vec<f64> {
    let later = later(sample);
    // For each fold and attribute: how many rows had a later statement, and how many of them held.
    let mut seen: HashMap<(u8, usize), (usize, usize)> = HashMap::new();
    for (row, _) in sample.all_rows().iter().zip(&later).filter(|(_, later)| **later == Later::Stated) {
        let (rows, held) = seen.entry((sample.fold(row.subject), row.attribute)).or_default();
        *rows += 1;
        *held += usize::from(row.held);
    }
    let is_single = |fold: u8, attribute: usize| {
        let others = (0..FOLDS).filter(|other| *other != fold).filter_map(|other| seen.get(&(other, attribute)));
        let (rows, held) = others.fold((0, 0), |(rows, held), one| (rows + one.0, held + one.1));
        rows > 0 && (held as f64) < SINGLE * rows as f64
    };
    let rows = sample.all_rows().iter().zip(&later).zip(table);
    let chance = |((row, later), chance): ((&Row, &Later), &f64)| {
        let replaced = *later == Later::Stated && is_single(sample.fold(row.subject), row.attribute);
        if replaced { REPLACED.min(*chance) } else { *chance }
    };
    rows.map(chance).collect()
}
