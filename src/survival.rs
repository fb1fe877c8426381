//! The chance that a row still holds, from a table by kind and category. It falls with time since the last earning,
//! never rises, and knows nothing of how often a row was retrieved.

use serde::Deserialize;

use crate::row::{Category, Head, Kind, Traits};
use crate::score::Score;
use crate::time::{Span, Timestamp};

/// A checked table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurvivalTable {
    /// Where each step begins; the first at zero, ascending.
    from: Vec<Span>,
    /// Each at its [`place`].
    curves: Vec<Curve>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Curve {
    kind: Kind,
    /// `None` for rows without a category.
    category: Option<Category>,
    steps: Vec<Score>,
}

/// Where the curve of a kind and category stands; that of rows without a category comes after those of its kind.
fn place(kind: Kind, category: Option<Category>) -> usize {
    let categories = Category::ALL.len();
    kind as usize * (categories + 1) + category.map_or(categories, |category| category as usize)
}

/// Why a table is refused. One line, for the author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SurvivalError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `days` and `curve`")]
struct File {
    days: Vec<i64>,
    curve: Vec<FileCurve>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `kind`, `category` and `chance`")]
struct FileCurve {
    kind: String,
    category: String,
    chance: Vec<f64>,
}

impl SurvivalTable {
    /// Reads `survival.toml`.
    ///
    /// # Errors
    /// [`SurvivalError`] for a table that rises, leaves the range of a score, or does not cover every kind and category.
    pub fn from_toml(text: &str) -> Result<Self, SurvivalError> {
        let file: File = toml::from_str(text).map_err(|e| SurvivalError(e.message().to_owned()))?;
        let from: Vec<Span> = file.days.iter().filter_map(|days| Span::days(*days)).collect();
        if from.len() != file.days.len() || from.first() != Some(&Span::ZERO) || !from.is_sorted_by(|a, b| a < b) {
            return Err(SurvivalError("`days` begins with 0 and goes up".into()));
        }
        let mut curves = file.curve.iter().map(|curve| curve.check(from.len())).collect::<Result<Vec<_>, _>>()?;
        curves.sort_by_key(|curve| place(curve.kind, curve.category));
        let table = SurvivalTable { from, curves };
        let categories = Category::ALL.iter().copied().map(Some).chain([None]);
        for category in categories {
            for kind in Kind::ALL {
                if table.curves.iter().filter(|curve| curve.kind == *kind && curve.category == category).count() != 1 {
                    let category = category.map_or("none", Category::name);
                    return Err(SurvivalError(format!("expected one curve for `{}` and `{category}`", kind.name())));
                }
            }
        }
        Ok(table)
    }

    /// The chance that the row still holds at this time. With several categories, the one that fades fastest counts.
    pub fn survival(&self, head: &Head, at: Timestamp) -> Score {
        self.chance(&head.traits, at.since(head.last_earned()))
    }

    /// When the chance can next fall with nothing but time passing.
    pub(crate) fn next_step(&self, head: &Head, at: Timestamp) -> Option<Timestamp> {
        let unconfirmed_for = at.since(head.last_earned());
        let next = self.from.get(self.from.partition_point(|from| *from <= unconfirmed_for))?;
        Timestamp::from_millis(head.last_earned().millis().checked_add(next.millis())?).ok()
    }

    fn chance(&self, traits: &Traits, unconfirmed_for: Span) -> Score {
        let step = self.from.partition_point(|from| *from <= unconfirmed_for).saturating_sub(1);
        let chance = |category| self.curves.get(place(traits.kind, category))?.steps.get(step).copied();
        let none = traits.categories.is_empty().then_some(None);
        let categories = none.into_iter().chain(traits.categories.iter().map(Some));
        categories.filter_map(chance).min().unwrap_or(Score::ZERO)
    }
}

impl FileCurve {
    fn check(&self, steps: usize) -> Result<Curve, SurvivalError> {
        let refuse = |why: &str| SurvivalError(format!("curve `{}`, `{}`: {why}", self.kind, self.category));
        let kind = Kind::from_name(&self.kind).ok_or_else(|| refuse("no such kind"))?;
        let category = match self.category.as_str() {
            "none" => None,
            name => Some(Category::from_name(name).ok_or_else(|| refuse("no such category"))?),
        };
        let parsed =
            self.chance.iter().map(|chance| chance.to_string().parse::<Score>()).collect::<Result<Vec<_>, _>>();
        let scores = parsed.map_err(|e| refuse(&e.to_string()))?;
        if scores.len() != steps {
            return Err(refuse("needs one chance for each of `days`"));
        }
        if !scores.is_sorted_by(|a, b| a >= b) {
            return Err(refuse("a chance never rises with age"));
        }
        Ok(Curve { kind, category, steps: scores })
    }
}
