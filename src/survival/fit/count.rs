//! Facts at risk and facts that ended, by tenure and step.

use super::{Chances, Outcome, Watched};
use crate::survival::{Shape, Tenure};
use crate::time::Span;

/// Facts at risk at the beginning of a step, and how many of them ended in it.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) at_risk: f64,
    pub(super) ended: f64,
}

/// One cell for each step.
pub(super) type Row = Vec<Cell>;
/// One row for each tenure.
pub(super) type Cells = Vec<Row>;

/// What was watched of one attribute, or of all.
pub(super) struct Counts {
    /// By known tenure.
    pub(super) known: Cells,
    /// All that had held for at least so long, known or not: the first row is every watch.
    pub(super) at_least: Cells,
}

impl Counts {
    pub(super) fn none(shape: &Shape) -> Self {
        let cells = vec![vec![Cell::default(); shape.steps.len()]; shape.tenures.len()];
        Counts { known: cells.clone(), at_least: cells }
    }

    /// Counts these watches. Changes at unknown times are spread as `before` says, evenly in time where there is none.
    pub(super) fn of(watches: &[&Watched], shape: &Shape, before: Option<&Chances>) -> Self {
        let mut counts = Counts::none(shape);
        for one in watches {
            let (tenure, cells, chances) = match one.tenure {
                Tenure::Known(tenure) => (tenure, Some(&mut counts.known), before.map(|before| &before.known)),
                Tenure::AtLeast(tenure) => (tenure, None, before.map(|before| &before.at_least)),
            };
            let band = Shape::band(&shape.tenures, tenure);
            let chances = chances.and_then(|chances| chances.get(band)).map(Vec::as_slice);
            let watch = watched(one, shape, chances);
            for cells in cells.into_iter().chain([&mut counts.at_least]) {
                cells.get_mut(band).into_iter().for_each(|row| add(row, &watch, 1.0));
            }
        }
        // What had held for longer had held for so long.
        let mut longer = vec![Cell::default(); shape.steps.len()];
        for row in counts.at_least.iter_mut().rev() {
            add(row, &longer, 1.0);
            longer.clone_from(row);
        }
        counts
    }

    /// Adds others, each as this share of a fact.
    pub(super) fn add(&mut self, other: &Counts, share: f64) {
        let rows = self.known.iter_mut().zip(&other.known).chain(self.at_least.iter_mut().zip(&other.at_least));
        rows.for_each(|(row, other)| add(row, other, share));
    }
}

fn add(row: &mut Row, other: &Row, share: f64) {
    for (cell, other) in row.iter_mut().zip(other) {
        cell.at_risk += share * other.at_risk;
        cell.ended += share * other.ended;
    }
}

/// What one watch adds to each step.
fn watched(one: &Watched, shape: &Shape, chances: Option<&[f64]>) -> Row {
    let cell = |at_risk: f64, ended: f64| Cell { at_risk: one.weight * at_risk, ended: one.weight * ended };
    match one.outcome {
        Outcome::Ended { after } => {
            // What ended as a step began ended in the one before.
            let last = shape.steps.partition_point(|begin| *begin < after).max(1) - 1;
            let step = |place: usize| cell(f64::from(place <= last), f64::from(place == last));
            (0..shape.steps.len()).map(step).collect()
        }
        Outcome::Held { until } => {
            let ends = shape.steps.iter().skip(1).map(Some).chain([None]);
            let step = |(begin, end): (&Span, Option<&Span>)| match end {
                Some(end) if until >= *end => cell(1.0, 0.0),
                _ if until > *begin => cell(0.5, 0.0),
                _ => cell(0.0, 0.0),
            };
            shape.steps.iter().zip(ends).map(step).collect()
        }
        Outcome::EndedBefore { asked_after } => {
            let likely = chances.map(|chances| ends_until(asked_after, &shape.steps, chances));
            // The first round knows no chances; and a curve may hold it to be impossible.
            let likely = likely.filter(|likely| likely.iter().sum::<f64>() > 0.0);
            let likely = likely.unwrap_or_else(|| times_until(asked_after, &shape.steps));
            let all: f64 = likely.iter().sum();
            let mut left: f64 = 1.0;
            let step = |likely: f64| {
                let ended = likely / all;
                let step = cell(left.max(ended), ended);
                left -= ended;
                step
            };
            likely.into_iter().map(step).collect()
        }
    }
}

/// How long of each step lies before the question, in milliseconds. A question at once is in the first step.
fn times_until(asked_after: Span, steps: &[Span]) -> Vec<f64> {
    let asked_after = asked_after.millis().max(1);
    let end = |place: usize| steps.get(place + 1).map_or(asked_after, |end| end.millis().min(asked_after));
    steps.iter().enumerate().map(|(place, begin)| (end(place) - begin.millis()).max(0) as f64).collect()
}

/// How likely it is to end in each step and before the question, with these chances to end in a step, evenly in it.
fn ends_until(asked_after: Span, steps: &[Span], chances: &[f64]) -> Vec<f64> {
    let mut left = 1.0;
    let times = times_until(asked_after, steps);
    let ends = times.into_iter().zip(chances).enumerate().map(|(place, (time, chance))| {
        let length = match (steps.get(place), steps.get(place + 1)) {
            (Some(begin), Some(end)) => (end.millis() - begin.millis()) as f64,
            _ => time,
        };
        let ends = left * chance;
        left -= ends;
        if time > 0.0 { ends * time / length } else { 0.0 }
    });
    ends.collect()
}
