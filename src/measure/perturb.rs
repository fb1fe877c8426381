//! How much the table's chances suffer where what they are read from is wrong, missing, or tampered with.

use super::baselines::{Method, Repeats, access};
use super::draws::Draws;
use super::protocol::{Days, Row, Sample};
use super::shipped::{Tables, as_number, by_itself, standing};
use crate::survival::{Fit, Standing, SurvivalTable, Tenure};
use crate::time::Span;

/// In milliseconds.
const DAY: f64 = 86_400_000.0;

/// Each perturbation by its name, and the chances under it.
pub(super) fn all(sample: &Sample, tables: &Tables) -> Vec<Method> {
    let each = |name: &str, chance: &dyn Fn(usize, &Row) -> f64| {
        Method::new(name, sample.all_rows().iter().enumerate().map(|(place, row)| chance(place, row)).collect())
    };
    let missing = |row: &Row| Standing { attribute: None, ..standing(sample, row) };
    let wrong = |place: usize, row: &Row| {
        let other = other(&mut Draws::of("wrong attribute", place), row.attribute, sample.attributes().count());
        sample.standing(other, row.tenure)
    };
    let is_hit = |purpose: &str, place: usize| Draws::of(purpose, place).share() < 0.2;
    let chance = |row: &Row, of: &Standing<'_>| tables.chance(sample, row, of);
    vec![
        each("clocks up to a day off", &|place, row| {
            let skewed = skewed(place, row);
            chance(&skewed, &standing(sample, &skewed))
        }),
        each("attribute missing in 20 of 100 rows", &|place, row| {
            let of = if is_hit("missing", place) { missing(row) } else { standing(sample, row) };
            chance(row, &of)
        }),
        each("attribute missing in all rows", &|_, row| chance(row, &missing(row))),
        each("another attribute in 20 of 100 rows", &|place, row| {
            let of = if is_hit("wrong", place) { wrong(place, row) } else { standing(sample, row) };
            chance(row, &of)
        }),
        each("another attribute in all rows", &|place, row| chance(row, &wrong(place, row))),
    ]
}

/// The chances where each retrieval counts a thousandfold: those of the methods that count them, and whether the table's are
/// the same to the last bit.
pub(super) fn inflated(sample: &Sample, tables: &Tables, before: &[f64]) -> (Vec<Method>, bool) {
    let after = by_itself(sample, tables).chances;
    let same = after.iter().zip(before).all(|(after, before)| after.to_bits() == before.to_bits());
    (access::methods(sample, Repeats::Thousandfold).into(), same)
}

/// Stated and asked by clocks that are each up to a day fast or slow, evenly. What is true stays as it is.
fn skewed(place: usize, row: &Row) -> Row {
    let mut draws = Draws::of("skew", place);
    let mut off = || Span::from_millis(((2.0 * draws.share() - 1.0) * DAY) as i64);
    let (stated, asked) = (row.stated.plus(off()), row.asked.plus(off()));
    let tenure = match row.tenure {
        Tenure::Known(held_for) => {
            let later = held_for.millis().saturating_add(stated.since(row.stated).millis());
            Tenure::Known(Span::from_millis(later.max(0)))
        }
        at_least @ Tenure::AtLeast(_) => at_least,
    };
    Row { stated, asked, tenure, ..row.clone() }
}

/// Another attribute than this one, each as likely; the same where there is no other.
fn other(draws: &mut Draws, attribute: usize, attributes: usize) -> usize {
    let drawn = draws.below(attributes.saturating_sub(1));
    match attributes {
        0 | 1 => attribute,
        _ if drawn < attribute => drawn,
        _ => drawn + 1,
    }
}

/// Attributes with fewer rows are not looked at by themselves: their figures would say little.
const FEWEST: usize = 100;
/// At most so many are, those with the most rows: each costs a fit.
const MOST: usize = 20;

/// For attributes with many rows, in their order, the chances of these from a table that was fitted on all others, and their
/// places.
pub(super) fn unseen(sample: &Sample) -> Vec<(String, Vec<usize>, Vec<f64>)> {
    let by_hand = SurvivalTable::by_hand();
    let rows = sample.rows_of_attributes();
    let mut attributes: Vec<usize> = (0..rows.len()).filter(|one| rows.get(*one) >= Some(&FEWEST)).collect();
    attributes.sort_by_key(|one| std::cmp::Reverse(rows.get(*one)));
    attributes.truncate(MOST);
    attributes.sort_unstable();
    let each = attributes.into_iter().map(|attribute| {
        let name = sample.attribute(attribute).to_owned();
        let table =
            Fit::default().table(&sample.watched(Days::FirstAndLast, |one| one.attribute != attribute), &by_hand);
        let rows = sample.all_rows().iter().enumerate().filter(|(_, row)| row.attribute == attribute);
        let (places, chances) =
            rows.map(|(place, row)| (place, as_number(table.chance(&standing(sample, row), row.gap())))).unzip();
        (name, places, chances)
    });
    each.collect()
}
