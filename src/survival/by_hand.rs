//! The part of a table that was set by hand, from the yearly rates in `by_hand.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::{Attribute, Curve, DAY, Shape, SurvivalTable, kinds};
use crate::row::{Category, Kind};
use crate::score::Score;
use crate::time::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    episodic: f64,
    categories: BTreeMap<String, f64>,
    attributes: BTreeMap<String, f64>,
    names: BTreeMap<String, String>,
}

fn rates() -> &'static Rates {
    static RATES: OnceLock<Rates> = OnceLock::new();
    RATES.get_or_init(|| toml::from_str(include_str!("by_hand.toml")).expect("checked by the tests"))
}

impl SurvivalTable {
    /// The part of the shipped table that was set by hand and not measured: a curve for each kind and category, and one for
    /// each attribute that people tell of and public facts do not.
    pub fn by_hand() -> Self {
        let (rates, shape) = (rates(), Shape::standard());
        let attribute = |(name, rate): (&String, &f64)| {
            let curve = curve(&shape.steps, *rate).repeat(shape.tenures.len());
            Attribute {
                name: name.as_str().into(),
                source: format!("set by hand: {rate} a year").into(),
                facts: 0,
                ended: 0,
                known: curve.clone().into(),
                at_least: curve.into(),
            }
        };
        let of_kind = |(kind, category): (Kind, Option<Category>)| {
            let rate = rates.categories.get(category.map_or("none", Category::name)).copied().unwrap_or_default();
            let rate = if kind == Kind::Episodic { rate * rates.episodic } else { rate };
            let rounded = (rate * 1e6).round() / 1e6;
            let source = format!("set by hand: {rounded} a year").into();
            Curve { kind, category, source, steps: curve(&shape.steps, rate).into() }
        };
        SurvivalTable {
            attributes: rates.attributes.iter().map(attribute).collect(),
            curves: kinds().map(of_kind).collect(),
            shape,
            made: None,
        }
    }

    /// The name under which the shipped table lists what a public source calls so: `school` for `educated at`. Any other name
    /// is its own.
    pub fn attribute_name(public: &str) -> &str {
        rates().names.get(public).map_or(public, String::as_str)
    }
}

/// exp(−rate × years) at each step, to four places. Of more than ten years nothing is said.
fn curve(steps: &[Span], rate: f64) -> Vec<Score> {
    let chance = |step: &Span| {
        let years = (step.millis() as f64 / (DAY as f64 * 365.0)).min(10.0);
        Score::from_millionths((10_000.0 * (-rate * years).exp()).round() as u32 * 100).unwrap_or(Score::ONE)
    };
    steps.iter().map(chance).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_rate_and_every_curve_says_that_it_was_set_by_hand() {
        let mut named: Vec<&str> = rates().categories.keys().map(String::as_str).collect();
        let mut known: Vec<&str> = Category::ALL.iter().map(|category| category.name()).chain(["none"]).collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
        let table = SurvivalTable::by_hand();
        assert_eq!(SurvivalTable::from_toml(&table.to_toml()).as_ref(), Ok(&table));
        let sources = table.attributes.iter().map(|one| &one.source).chain(table.curves.iter().map(|one| &one.source));
        assert!(sources.clone().count() == 33 && sources.clone().all(|source| source.starts_with("set by hand: ")));
    }
}
