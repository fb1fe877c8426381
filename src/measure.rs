//! How good chances are on facts that are known: labelled rows by a fixed protocol, what others do beside what stillgood does,
//! and what goes wrong where the input is wrong.

mod baselines;
mod diagram;
mod draws;
pub mod facts;
mod listed;
pub mod metrics;
mod perturb;
mod protocol;
mod shipped;

pub use diagram::{costs, reliability};
pub use metrics::ranking::Bin;
pub use protocol::Sample;

use crate::survival::{Fit, SurvivalTable};
use baselines::Method;
use metrics::bootstrap::{Intervals, Resamples, difference, intervals, less};
use metrics::ranking::Ranking;
use metrics::{Figures, Metrics};
use shipped::Tables;

/// What came out for one sample.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Each method, ours last.
    pub methods: Vec<Measured>,
    /// The table, where what it is read from is wrong or missing.
    pub perturbed: Vec<(String, Metrics)>,
    /// Methods that learn, asked up to a quarter of the span earlier or later: not on the days on which steps begin.
    pub at_other_times: Vec<(String, Metrics)>,
    /// The table, fitted on other facts alone, by their name.
    pub elsewhere: Vec<(String, Metrics)>,
    /// What becomes of methods that count retrievals where each counts a thousandfold.
    pub inflated: Vec<(String, Metrics)>,
    /// Whether the table's chances are the same then, to the last bit. They are not read from retrievals.
    pub same_when_inflated: bool,
    /// Each attribute of a hundred rows or more as if it had never been seen, at most the twenty with the most rows. Empty where
    /// a table was given.
    pub unseen: Vec<Unseen>,
}

/// One method.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What it is called.
    pub name: String,
    /// Over all rows.
    pub metrics: Metrics,
    /// Of each figure, by drawing subjects again.
    pub intervals: Intervals,
    /// Figures less those of the method to beat, and the intervals of that; `None` for that method, and where it is absent.
    pub difference: Option<(Figures, Intervals)>,
    /// The bins of its calibration, with the interval of the share that held.
    pub bins: Vec<(Bin, Option<[f64; 2]>)>,
    /// For each hundredth asked about: that share, the stale among those left live, those that held among those asked about.
    pub curve: Vec<[f64; 3]>,
}

impl Measured {
    /// Whether it is stillgood's own.
    pub fn is_ours(&self) -> bool {
        self.name.starts_with(shipped::TABLE)
    }
}

/// One attribute's rows.
#[derive(Clone, Debug)]
pub struct Unseen {
    /// The attribute.
    pub attribute: String,
    /// By a table that was fitted on the other folds.
    pub seen: Metrics,
    /// By a table that was fitted on all other attributes.
    pub unseen: Metrics,
}

/// The method that ours is compared with.
pub const TO_BEAT: &str = baselines::TO_BEAT;

/// Why nothing is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EvaluateError {
    /// Not one row of which it is known whether it held.
    #[error("nothing in it can be measured: no fact has a known beginning and end")]
    NoRows,
    /// All subjects fall into one fold, and no table was given.
    #[error("all its subjects fall into one fold, and each fold is measured by what others teach")]
    OneFold,
}

/// Measures every method. Without a table, ours is fitted on the folds that it is not measured on; the same holds for every
/// other method that learns. `others` are samples that ours is fitted on too, to be measured on this one.
///
/// # Errors
/// [`EvaluateError`] where there is nothing to measure.
pub fn evaluate(
    sample: &Sample,
    table: Option<&SurvivalTable>,
    others: &[(String, &Sample)],
) -> Result<Evaluation, EvaluateError> {
    if sample.rows() == 0 {
        return Err(EvaluateError::NoRows);
    }
    let tables = match table {
        Some(table) => Tables::given(table),
        None if sample.can_be_learned_from() => Tables::fitted(sample),
        None => return Err(EvaluateError::OneFold),
    };
    let ours = shipped::methods(sample, &tables);
    let of_table = ours.iter().find(|method| method.name == shipped::TABLE).map_or(&[][..], |method| &method.chances);
    let (inflated, same_when_inflated) = perturb::inflated(sample, &tables, of_table);
    let unseen = if table.is_some() { vec![] } else { unseen(sample, of_table) };
    let perturbed = perturb::all(sample, &tables).iter().map(|method| one(sample, method)).collect();
    let elsewhere = others.iter().map(|(name, other)| {
        let Method { chances, .. } = shipped::by_itself(sample, &Tables::elsewhere(other));
        one(sample, &Method::new(name, chances))
    });
    Ok(Evaluation {
        at_other_times: at_other_times(sample, &tables),
        perturbed,
        elsewhere: elsewhere.collect(),
        inflated: inflated.iter().map(|method| one(sample, method)).collect(),
        same_when_inflated,
        unseen,
        methods: measured(sample, baselines::all(sample).into_iter().chain(ours).collect()),
    })
}

/// The table that is fitted on all facts of these samples, with attributes named as the shipped table does, and with the part
/// of that which was set by hand for what the samples know nothing of. Where only years are known, days within them are drawn.
pub fn fit(samples: &[&Sample]) -> SurvivalTable {
    let mut watched: Vec<_> =
        samples.iter().flat_map(|sample| sample.watched(protocol::Days::Drawn, |_| true)).collect();
    for one in &mut watched {
        one.attribute = SurvivalTable::attribute_name(&one.attribute).to_owned();
    }
    let by_hand = SurvivalTable::by_hand();
    Fit::default().table(&watched, &by_hand).with_attributes_of(&by_hand)
}

/// What a table gives by itself.
pub fn of_table(sample: &Sample, table: &SurvivalTable) -> Metrics {
    let tables = Tables::given(table);
    one(sample, &shipped::by_itself(sample, &tables)).1
}

fn ranking(sample: &Sample, method: &Method) -> Ranking {
    Ranking::new(&method.chances, sample.all_rows().iter().map(|row| (row.subject, row.held)))
}

fn one(sample: &Sample, method: &Method) -> (String, Metrics) {
    (method.name.clone(), ranking(sample, method).metrics())
}

fn measured(sample: &Sample, methods: Vec<Method>) -> Vec<Measured> {
    let resamples = Resamples::of(sample.subjects());
    let drawn: Vec<_> = methods
        .into_iter()
        .map(|method| {
            let ranking = ranking(sample, &method);
            let figures = resamples.figures(&ranking);
            (method.name, ranking, figures)
        })
        .collect();
    let to_beat = drawn.iter().find(|(name, ..)| name == TO_BEAT);
    let measure = |(name, ranking, figures): &(String, Ranking, Vec<Figures>)| {
        let metrics = ranking.metrics();
        let difference = to_beat.filter(|(other, ..)| other != name).map(|(_, other, drawn)| {
            (difference(&metrics.figures(), &other.metrics().figures()), intervals(&less(figures, drawn)))
        });
        let bins = ranking.bins();
        let of_bins = resamples.of_bins(ranking, &bins);
        let bins = bins.into_iter().zip(of_bins).collect();
        let (name, intervals) = (name.clone(), intervals(figures));
        Measured { name, metrics, intervals, difference, bins, curve: ranking.curve() }
    };
    drawn.iter().map(measure).collect()
}

fn at_other_times(sample: &Sample, tables: &Tables) -> Vec<(String, Metrics)> {
    if !sample.is_of_facts() || !sample.can_be_learned_from() {
        return vec![];
    }
    let moved = sample.at_other_times();
    let methods = baselines::learned(&moved).into_iter().chain(shipped::methods(&moved, tables));
    methods.map(|method| one(&moved, &method)).collect()
}

fn unseen(sample: &Sample, seen: &[f64]) -> Vec<Unseen> {
    let each = perturb::unseen(sample).into_iter().map(|(attribute, places, chances)| {
        let rows = || places.iter().filter_map(|place| sample.all_rows().get(*place));
        let of_rows = || rows().map(|row| (row.subject, row.held));
        let seen: Vec<f64> = places.iter().filter_map(|place| seen.get(*place).copied()).collect();
        Unseen {
            attribute,
            seen: Ranking::new(&seen, of_rows()).metrics(),
            unseen: Ranking::new(&chances, of_rows()).metrics(),
        }
    });
    each.filter(|one| one.seen.rows > 0).collect()
}

#[cfg(test)]
mod tests;
