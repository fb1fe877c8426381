//! What others do, to compare with: each method gives every row a chance, and sees no more of it than it says here.

pub(super) mod access;
mod fsrs;
mod hazards;
mod latest;

pub(super) use access::Repeats;
pub(super) use latest::{Later, later};

use super::protocol::{FOLDS, Row, Sample};
use hazards::{ByAttribute, Lengths, LifeTable, OneHazard, Spell, spells, whole_spells};

/// A method's chance for every row, in the order of the rows.
pub(super) struct Method {
    pub(super) name: String,
    pub(super) chances: Vec<f64>,
}

impl Method {
    pub(super) fn new(name: &str, chances: Vec<f64>) -> Self {
        Method { name: name.to_owned(), chances }
    }
}

/// The one to beat.
pub(super) const TO_BEAT: &str = "attribute x tenure";

/// The methods that are compared with, those that learn only where there is something to learn from.
pub(super) fn all(sample: &Sample) -> Vec<Method> {
    let mut methods = unlearned(sample);
    if sample.can_be_learned_from() {
        methods.extend(learned(sample));
    }
    methods
}

fn unlearned(sample: &Sample) -> Vec<Method> {
    let each = |chance: &dyn Fn(&Row) -> f64| sample.all_rows().iter().map(chance).collect::<Vec<_>>();
    let hours = |row: &Row| row.gap().millis() as f64 / 3_600_000.0;
    let live_for = |days: f64| Method {
        name: format!("live for {days} days"),
        chances: each(&|row| if hours(row) <= days * 24.0 { 1.0 } else { 0.0 }),
    };
    let mut methods = vec![
        Method::new("always live", each(&|_| 1.0)),
        // The two decay rates that memory systems for models name most often: 0.995 an hour is that of Park et al.,
        // "Generative agents", 2023, and 0.99 that of the code published with it.
        Method::new("0.995 per hour", each(&|row| 0.995_f64.powf(hours(row)))),
        Method::new("0.99 per hour", each(&|row| 0.99_f64.powf(hours(row)))),
    ];
    methods.extend([30.0, 90.0, 180.0, 365.0].map(live_for));
    methods.extend(access::methods(sample, Repeats::Once));
    let unconfirmed = |row: &Row| fsrs::Memory::first().retrievability(hours(row) / 24.0);
    methods.push(Method::new("FSRS-6, never confirmed", each(&unconfirmed)));
    let latest = later(sample).into_iter().map(|later| if later == Later::Stated { 0.0 } else { 1.0 });
    methods.push(Method::new("latest wins", latest.collect()));
    methods
}

/// Each fitted on the folds that it is not measured on.
pub(super) fn learned(sample: &Sample) -> Vec<Method> {
    let held: Vec<f64> = (0..FOLDS).map(|fold| held_outside(sample, fold)).collect();
    let spells: Vec<Vec<Spell>> = (0..FOLDS).map(|fold| spells(sample, fold)).collect();
    let whole: Vec<Vec<Spell>> = (0..FOLDS).map(|fold| whole_spells(sample, fold)).collect();
    let of_fold = |name: &str, chance: &dyn Fn(usize, &Row) -> f64| {
        let one = |row: &Row| chance(usize::from(sample.fold(row.subject)), row);
        Method::new(name, sample.all_rows().iter().map(one).collect())
    };
    let one: Vec<_> = spells.iter().map(|spells| OneHazard::fit(spells)).collect();
    let by_attribute: Vec<_> = spells.iter().map(|spells| ByAttribute::fit(spells)).collect();
    let of_whole: Vec<_> = whole.iter().map(|spells| LifeTable::fit(spells)).collect();
    let tables: Vec<_> = spells.iter().map(|spells| LifeTable::fit(spells)).collect();
    let mut methods = vec![
        of_fold("the share that held", &|fold, _| held.get(fold).copied().unwrap_or(0.5)),
        of_fold("one hazard", &|fold, row| one.get(fold).map_or(0.5, |fit| fit.chance(row))),
        of_fold("a hazard for each attribute", &|fold, row| by_attribute.get(fold).map_or(0.5, |fit| fit.chance(row))),
    ];
    // Of a labelled row there is nothing else to watch.
    if sample.is_of_facts() {
        let chance = |fold: usize, row: &Row| of_whole.get(fold).map_or(0.5, |fit| fit.chance(row));
        methods.push(of_fold("attribute x tenure, whole facts", &chance));
    }
    methods.push(of_fold(TO_BEAT, &|fold, row| tables.get(fold).map_or(0.5, |fit| fit.chance(row))));
    // How long facts lasted in all is known of facts alone.
    if sample.is_of_facts() {
        let lengths: Vec<_> = whole.iter().map(|spells| Lengths::fit(spells)).collect();
        let chance = |fold: usize, row: &Row| lengths.get(fold).map_or(0.5, |fit| fit.chance(row));
        methods.push(of_fold("lengths of past facts", &chance));
    }
    methods
}

fn held_outside(sample: &Sample, fold: u8) -> f64 {
    let others = || sample.all_rows().iter().filter(|row| sample.fold(row.subject) != fold);
    let (held, rows) = (others().filter(|row| row.held).count(), others().count());
    if rows == 0 { 0.5 } else { held as f64 / rows as f64 }
}
