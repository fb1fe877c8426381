//! From facts that were watched to a table: discrete-time survival with shrinkage from cell to attribute to all attributes.

use std::collections::BTreeMap;

use super::personal::to_four_places;
use super::{ANY, Attribute, Curve, DAY, Shape, SurvivalTable, Tenure};
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

/// Facts at risk at the beginning of a step, and how many of them ended in it.
#[derive(Clone, Copy, Default)]
struct Cell {
    at_risk: f64,
    ended: f64,
}

/// One cell for each step.
type Row = Vec<Cell>;
/// One row for each tenure.
type Cells = Vec<Row>;
/// For each tenure the chance to end in each step, for what had held until then.
type Hazards = Vec<Vec<f64>>;

/// An attribute's cells: known tenures, and tenures of at least so long.
#[derive(Clone)]
struct Counts {
    known: Cells,
    at_least: Cells,
}

/// The same of chances to end.
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
    /// makes no difference.
    pub fn table(&self, watched: &[Watched], fallback: &SurvivalTable) -> SurvivalTable {
        let fit = Fit { shape: in_order(&self.shape), ..self.clone() };
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
        let facts = |watches: &[&Watched]| {
            let all: f64 = watches.iter().map(|one| one.weight).sum();
            let ended = watches.iter().filter(|one| !matches!(one.outcome, Outcome::Held { .. }));
            let ended: f64 = ended.map(|one| one.weight).sum();
            (all.round() as u64, ended.round() as u64)
        };
        let mut attributes: Vec<Attribute> = each
            .iter()
            .zip(by_name.values())
            .map(|((name, chances), watches)| fit.attribute(name, chances, facts(watches)))
            .collect();
        let all = by_name.values().map(|watches| facts(watches)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        attributes.retain(|attribute| &*attribute.name != ANY);
        attributes.push(fit.attribute(ANY, &pool, all));
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
        let mut pool = self.no_counts();
        let mut counts = vec![];
        for (place, (name, watches)) in watched.iter().enumerate() {
            let before = before.and_then(|before| before.get(place)).map(|(_, chances)| chances);
            let one = self.count(watches, before);
            let facts: f64 = watches.iter().map(|one| one.weight).sum();
            let share = (self.most_of_one / facts).min(1.0);
            for (pooled, counted) in [(&mut pool.known, &one.known), (&mut pool.at_least, &one.at_least)] {
                for (pooled, counted) in pooled.iter_mut().flatten().zip(counted.iter().flatten()) {
                    pooled.at_risk += share * counted.at_risk;
                    pooled.ended += share * counted.ended;
                }
            }
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

    /// Counts by tenure and step.
    fn count(&self, watches: &[&Watched], before: Option<&Chances>) -> Counts {
        let mut counts = self.no_counts();
        for one in watches {
            let (Tenure::Known(tenure) | Tenure::AtLeast(tenure)) = one.tenure;
            let band = Shape::band(&self.shape.tenures, tenure);
            if matches!(one.tenure, Tenure::Known(_)) {
                let chances = before.and_then(|before| before.known.get(band));
                let cells = self.cells(one, chances.map(Vec::as_slice));
                counts.known.get_mut(band).into_iter().for_each(|row| add(row, &cells));
            }
            let chances = before.and_then(|before| before.at_least.get(band));
            let cells = self.cells(one, chances.map(Vec::as_slice));
            counts.at_least.iter_mut().take(band + 1).for_each(|row| add(row, &cells));
        }
        counts
    }

    /// What one watch adds to each step.
    fn cells(&self, one: &Watched, chances: Option<&[f64]>) -> Row {
        let steps = &self.shape.steps;
        let ends = steps.iter().skip(1).map(|end| Some(*end)).chain([None]);
        let begins = steps.iter().copied().zip(ends);
        match one.outcome {
            Outcome::Ended { after } => {
                let cell = |(begin, end): (Span, Option<Span>)| Cell {
                    at_risk: if after > begin || begin == Span::ZERO { one.weight } else { 0.0 },
                    ended: match end {
                        Some(end) if after > end => 0.0,
                        _ if after > begin || begin == Span::ZERO => one.weight,
                        _ => 0.0,
                    },
                };
                begins.map(cell).collect()
            }
            Outcome::Held { until } => {
                let cell = |(begin, end): (Span, Option<Span>)| {
                    let reached = match end {
                        Some(end) if until >= end => 1.0,
                        _ if until > begin => 0.5,
                        _ => 0.0,
                    };
                    Cell { at_risk: one.weight * reached, ended: 0.0 }
                };
                begins.map(cell).collect()
            }
            Outcome::EndedBefore { asked_after } => self.spread(one.weight, asked_after, chances),
        }
    }

    /// A change at an unknown time before it was asked about: over the steps until then, as likely in each as these chances
    /// make it, or evenly in time where there are none.
    fn spread(&self, weight: f64, asked_after: Span, chances: Option<&[f64]>) -> Row {
        let steps = &self.shape.steps;
        let mut left = 1.0;
        let mut likely: Vec<f64> = vec![];
        for (place, begin) in steps.iter().enumerate() {
            let watched = (asked_after.millis() - begin.millis()).max(i64::from(place == 0)) as f64;
            let whole = steps.get(place + 1).map_or(watched, |end| (end.millis() - begin.millis()) as f64);
            let share = (watched / whole).clamp(0.0, 1.0);
            likely.push(match chances.and_then(|chances| chances.get(place)) {
                Some(chance) => {
                    let ends = left * chance;
                    left -= ends;
                    ends * share
                }
                None => whole * share,
            });
        }
        let all: f64 = likely.iter().sum();
        if all <= 0.0 {
            // The curve holds it to be impossible until then.
            return self.spread_evenly(weight, asked_after);
        }
        let mut at_risk = weight;
        let cell = |likely: f64| {
            let ended = weight * likely / all;
            let cell = Cell { at_risk: at_risk.max(ended), ended };
            at_risk -= ended;
            cell
        };
        likely.into_iter().map(cell).collect()
    }

    fn spread_evenly(&self, weight: f64, asked_after: Span) -> Row {
        self.spread(weight, asked_after, None)
    }

    /// The chance to end in each step, of whatever a table knows nothing of.
    fn hazards_of(&self, table: &SurvivalTable) -> Vec<f64> {
        let steps = table.attribute(ANY).map(|any| &*any.at_least).or_else(|| {
            let place = super::place(crate::row::Kind::Semantic, None);
            table.curves.get(place).map(|curve| &*curve.steps)
        });
        let at = |step: &Span| {
            let chance = steps.and_then(|steps| steps.get(Shape::band(&table.shape.steps, *step)));
            f64::from(chance.copied().unwrap_or(Score::ONE).millionths().max(1))
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

    fn no_counts(&self) -> Counts {
        let cells = vec![vec![Cell::default(); self.shape.steps.len()]; self.shape.tenures.len()];
        Counts { known: cells.clone(), at_least: cells }
    }

    fn attribute(&self, name: &str, chances: &Chances, (facts, ended): (u64, u64)) -> Attribute {
        let curves = |hazards: &Hazards| hazards.iter().flat_map(|row| curve(row)).collect();
        Attribute {
            name: name.into(),
            source: "".into(),
            facts,
            ended: ended.min(facts),
            known: curves(&chances.known),
            at_least: curves(&chances.at_least),
        }
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

fn add(row: &mut Row, cells: &[Cell]) {
    for (row, cell) in row.iter_mut().zip(cells) {
        row.at_risk += cell.at_risk;
        row.ended += cell.ended;
    }
}

/// Whole days, ascending, the first at zero, at most 64.
fn in_order(shape: &Shape) -> Shape {
    let in_order = |spans: &[Span]| {
        let mut days: Vec<i64> = spans.iter().map(|span| span.millis() / DAY).filter(|days| *days > 0).collect();
        days.push(0);
        days.sort_unstable();
        days.dedup();
        days.truncate(64);
        days.into_iter().filter_map(Span::days).collect()
    };
    Shape { steps: in_order(&shape.steps), tenures: in_order(&shape.tenures) }
}
