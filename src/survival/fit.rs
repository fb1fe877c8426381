//! From facts that were watched to a table: discrete-time survival with shrinkage from cell to attribute to all attributes.

mod count;

use std::collections::BTreeMap;

use count::{Cell, Cells, Counts, Row};

use super::file::{MOST_ATTRIBUTES, MOST_BYTES, MOST_STEPS};
use super::moment::Moment;
use super::personal::to_four_places;
use super::{ANY, Attribute, Curve, DAY, Shape, SurvivalTable, Tenure, place};
use crate::row::{Kind, Label};
use crate::score::Score;
use crate::time::Span;

/// One fact, watched from some moment in its life.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Which property of its subject it gives.
    pub attribute: String,
    /// How long it had held at that moment.
    pub tenure: Tenure,
    /// As how many facts it counts: one that is watched from 16 moments counts a sixteenth each time. What is not above 0
    /// counts for nothing.
    pub weight: f64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a fact that was watched, in time since the watch began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It ended.
    Ended {
        /// After so long.
        after: Span,
    },
    /// It ended at an unknown time before somebody asked.
    EndedBefore {
        /// After so long.
        asked_after: Span,
    },
    /// It still held when it was last seen.
    Held {
        /// So long after.
        until: Span,
    },
}

/// How facts become a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Where steps and tenures begin.
    pub shape: Shape,
    /// As many changes, and as many facts at risk in a cell, what is more general counts against what was watched there.
    pub strength: f64,
    /// As how many facts an attribute counts at most among all attributes.
    pub most_of_one: f64,
}

impl Default for Fit {
    /// The standard shape, a strength of 4, and 200 facts.
    fn default() -> Self {
        Fit { shape: Shape::standard(), strength: 4.0, most_of_one: 200.0 }
    }
}

/// How often changes at unknown times are spread anew.
const ROUNDS: usize = 20;

/// For each tenure the chance to end in each step, for what had held until then.
type Hazards = Vec<Vec<f64>>;

/// Chances to end: of known tenures, and of tenures of at least so long.
struct Chances {
    known: Hazards,
    at_least: Hazards,
}

impl Fit {
    /// The table of what was watched. Curves by kind and category are those of `fallback`; attributes are those that were
    /// watched, and `*` for all others.
    ///
    /// A fact counts in each step that it reached; one that was last seen in a step counts half there. For curves of tenures of
    /// at least so long, all watches count that had held so long. The chance to end in a step, for what had held until
    /// then, is (k·q + d)/(k + n), with d ended of n at risk, k the strength and q what is expected there: of all attributes
    /// together, times the attribute's relative rate, times that of the tenure in it, each (k + D)/(k + E) with D changes seen
    /// and E expected (a Gamma prior on the rate, a Beta prior on the chance). Changes at an unknown time are spread over
    /// the steps as the curve of the round before says, in 20 rounds (an expectation-maximisation). The order of `watched`
    /// makes no difference. Of more than 999 attributes, or more than a file
    /// can hold (about 650 in the standard shape), those with the fewest facts are read as `*`, as are names that no label is.
    pub fn table(&self, watched: &[Watched], fallback: &SurvivalTable) -> SurvivalTable {
        let fit = Fit {
            shape: in_order(&self.shape),
            strength: self.strength.max(f64::MIN_POSITIVE.sqrt()),
            most_of_one: self.most_of_one.max(0.0),
        };
        let mut by_name: BTreeMap<&str, Vec<&Watched>> = BTreeMap::new();
        for one in watched.iter().filter(|one| one.weight > 0.0 && one.weight.is_finite()) {
            by_name.entry(&one.attribute).or_default().push(one);
        }
        for watches in by_name.values_mut() {
            // Sums of floating-point numbers depend on their order.
            watches
                .sort_by(|a, b| (a.tenure, a.outcome).cmp(&(b.tenure, b.outcome)).then(a.weight.total_cmp(&b.weight)));
        }
        let base = fit.hazards_of(fallback);
        let unsure = watched.iter().any(|one| matches!(one.outcome, Outcome::EndedBefore { .. }));
        let (mut pool, mut each) = fit.round(&by_name, None, &base);
        for _ in 0..if unsure { ROUNDS } else { 0 } {
            (pool, each) = fit.round(&by_name, Some(&each), &base);
        }
        let every: Vec<&Watched> = by_name.values().flatten().copied().collect();
        let mut attributes: Vec<Attribute> = each
            .iter()
            .zip(by_name.values())
            .filter(|((name, _), _)| *name != ANY && name.parse::<Label>().is_ok())
            .map(|((name, chances), watches)| attribute(name, chances, facts(watches)))
            .collect();
        attributes.sort_by(|a, b| b.facts.cmp(&a.facts).then_with(|| a.name.cmp(&b.name)));
        attributes.truncate(most_attributes(&fit.shape) - 1);
        attributes.push(attribute(ANY, &pool, facts(&every)));
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        let curves = fallback.curves.iter().map(|curve| curve.at(&fallback.shape.steps, &fit.shape.steps));
        let curves: Vec<Curve> = curves.collect();
        SurvivalTable { shape: fit.shape, attributes, curves, made: None }
    }

    /// One round: counts, with changes at unknown times spread by the chances of the round before, and what they give.
    fn round<'a>(
        &self,
        watched: &BTreeMap<&'a str, Vec<&Watched>>,
        before: Option<&Vec<(&'a str, Chances)>>,
        base: &[f64],
    ) -> (Chances, Vec<(&'a str, Chances)>) {
        let mut pool = Counts::none(&self.shape);
        let mut counts = vec![];
        for (place, (name, watches)) in watched.iter().enumerate() {
            let before = before.and_then(|before| before.get(place)).map(|(_, chances)| chances);
            let one = Counts::of(watches, &self.shape, before);
            let facts: f64 = watches.iter().map(|one| one.weight).sum();
            pool.add(&one, (self.most_of_one / facts).min(1.0));
            counts.push((*name, one));
        }
        let pooled = self.pooled(&pool, base);
        let each = counts.into_iter().map(|(name, counts)| (name, self.shrunk(&counts, &pooled))).collect();
        (pooled, each)
    }

    /// The prior of all attributes: each tenure drawn towards what holds of all tenures.
    fn pooled(&self, pool: &Counts, base: &[f64]) -> Chances {
        let none = vec![];
        // Every watch had held for at least no time.
        let all = pool.at_least.first().unwrap_or(&none);
        let all: Vec<f64> = all.iter().zip(base).map(|(cell, base)| self.towards(*base, *cell)).collect();
        let rows = |cells: &Cells| cells.iter().map(|row| self.row(row, &all, 1.0)).collect();
        Chances { known: rows(&pool.known), at_least: rows(&pool.at_least) }
    }

    /// The chances of one attribute, drawn towards those of all.
    fn shrunk(&self, counts: &Counts, pooled: &Chances) -> Chances {
        let rate = |cells: &[Row], towards: &[Vec<f64>]| {
            let (mut ended, mut expected) = (0.0, 0.0);
            for (row, towards) in cells.iter().zip(towards) {
                let (d, e) = changes(row, towards);
                (ended, expected) = (ended + d, expected + e);
            }
            (self.strength + ended) / (self.strength + expected)
        };
        let rows = |cells: &Cells, towards: &Hazards, rate: f64| {
            cells.iter().zip(towards).map(|(row, towards)| self.row(row, towards, rate)).collect()
        };
        // The first row counts every watch once; later ones count some of them again.
        let overall = rate(counts.at_least.get(..1).unwrap_or_default(), &pooled.at_least);
        let of_known = if counts.known.iter().flatten().any(|cell| cell.at_risk > 0.0) {
            rate(&counts.known, &pooled.known)
        } else {
            overall
        };
        Chances {
            known: rows(&counts.known, &pooled.known, of_known),
            at_least: rows(&counts.at_least, &pooled.at_least, overall),
        }
    }

    /// One tenure: what is expected, times a rate of its own that lies near `rate`, drawn towards by each cell.
    fn row(&self, row: &Row, expected: &[f64], rate: f64) -> Vec<f64> {
        let (ended, changes) = changes(row, expected);
        let rate = (self.strength + ended) / (self.strength / rate + changes);
        let cells = row.iter().zip(expected);
        cells.map(|(cell, q)| self.towards(1.0 - (-rate * cumulative(*q)).exp(), *cell)).collect()
    }

    /// The chance to end in a cell, between what is expected and what was seen.
    fn towards(&self, expected: f64, cell: Cell) -> f64 {
        (self.strength * expected + cell.ended) / (self.strength + cell.at_risk)
    }

    /// The chance to end in each step, of whatever a table knows nothing of.
    fn hazards_of(&self, table: &SurvivalTable) -> Vec<f64> {
        let steps = table.attribute(ANY).map(|any| &*any.at_least).or_else(|| {
            let place = place(Kind::Semantic, None);
            table.curves.get(place).map(|curve| &*curve.steps)
        });
        let at = |step: &Span| {
            let chance = steps.map_or(Score::ONE, |curve| Moment::at(&table.shape.steps, *step).exact(curve));
            f64::from(chance.millionths().max(1))
        };
        let chances: Vec<f64> = self.shape.steps.iter().map(at).collect();
        let mut hazards: Vec<f64> = chances
            .windows(2)
            .map(|pair| match pair {
                [now, next] => 1.0 - next / now,
                _ => 0.0,
            })
            .collect();
        // Nothing is read after the last step.
        hazards.push(hazards.last().copied().unwrap_or(0.0));
        hazards
    }
}

/// As how many facts these watches count, and how many of them ended.
fn facts(watches: &[&Watched]) -> (u64, u64) {
    let weight = |one: &&Watched| one.weight;
    let ended = watches.iter().copied().filter(|one| !matches!(one.outcome, Outcome::Held { .. }));
    let (all, ended): (f64, f64) = (watches.iter().map(weight).sum(), ended.map(|one| one.weight).sum());
    // What every reader can hold; and one that ended is one that was watched.
    let whole = |count: f64| count.round().min((1u64 << 53) as f64) as u64;
    (whole(all), whole(ended).min(whole(all)))
}

fn attribute(name: &str, chances: &Chances, (facts, ended): (u64, u64)) -> Attribute {
    let curves = |hazards: &Hazards| hazards.iter().flat_map(|row| curve(row)).collect();
    Attribute {
        name: name.into(),
        source: if name == ANY { "all attributes together" } else { "counted" }.into(),
        facts,
        ended,
        known: curves(&chances.known),
        at_least: curves(&chances.at_least),
    }
}

/// The chance to have held until each step begins.
fn curve(hazards: &[f64]) -> impl Iterator<Item = Score> {
    hazards.iter().scan(1.0, |left, hazard| {
        let chance = to_four_places(*left);
        *left *= 1.0 - hazard.clamp(0.0, 1.0);
        Some(chance)
    })
}

/// Changes seen in a row, and expected in it.
fn changes(row: &Row, expected: &[f64]) -> (f64, f64) {
    let cells = row.iter().zip(expected);
    cells.fold((0.0, 0.0), |(d, e), (cell, q)| (d + cell.ended, e + cell.at_risk * cumulative(*q)))
}

/// The cumulative hazard of a chance to end.
fn cumulative(chance: f64) -> f64 {
    -(1.0 - chance).max(1e-9).ln()
}

/// How many attributes of this shape there can be in a file.
fn most_attributes(shape: &Shape) -> usize {
    // `0.1234,` in each curve, and two characters around it; and whatever else is said of it and before it.
    let curves = 2 * shape.tenures.len() * (7 * shape.steps.len() + 3);
    ((MOST_BYTES - (256 << 10)) / (curves + 700)).min(MOST_ATTRIBUTES)
}

/// Whole days, ascending, the first at zero, at most 64.
fn in_order(shape: &Shape) -> Shape {
    let in_order = |spans: &[Span]| {
        let mut days: Vec<i64> = spans.iter().map(|span| span.millis() / DAY).filter(|days| *days > 0).collect();
        days.push(0);
        days.sort_unstable();
        days.dedup();
        days.truncate(MOST_STEPS);
        days.into_iter().filter_map(Span::days).collect()
    };
    Shape { steps: in_order(&shape.steps), tenures: in_order(&shape.tenures) }
}
