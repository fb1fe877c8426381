//! The chance that a row still holds, from a table by attribute and tenure, else by kind and category. It falls with time
//! since the last earning, never rises, and knows nothing of how often a row was retrieved.

mod by_hand;
mod file;
mod fit;
mod made;
mod moment;
mod personal;

pub use file::{CurveDefect, SurvivalError};
pub use fit::{Fit, Outcome, Watched};
pub use personal::{Experience, Key, Shift, Shifts};

use moment::Moment;

use crate::row::{Categories, Category, Head, Kind};
use crate::score::Score;
use crate::time::{Span, Timestamp};

/// A checked table: for each attribute one curve per tenure, known or at least so long; for everything else one curve per
/// kind and category. A curve gives a chance at each of some times since the last earning; between two it falls evenly by the day,
/// and is read to half a hundredth. It never rises.
///
/// ```
/// use stillgood::{Categories, Kind, Span, Standing, SurvivalTable, Tenure};
/// let table = SurvivalTable::from_toml(include_str!("../policies/survival.toml"))?;
/// let of = Standing { attribute: Some("employer"), kind: Kind::Semantic, categories: Categories::default(), tenure: Tenure::AtLeast(Span::ZERO) };
/// let (fresh, old) = (table.chance(&of, Span::ZERO), table.chance(&of, Span::days(3_650).unwrap()));
/// assert!(old < fresh);
/// # Ok::<(), stillgood::SurvivalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurvivalTable {
    shape: Shape,
    /// Ascending by name, each once.
    attributes: Vec<Attribute>,
    /// Each at its [`place`].
    curves: Vec<Curve>,
    made: Option<Made>,
}

/// The curves of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attribute {
    name: Box<str>,
    source: Box<str>,
    /// How many facts were watched, and how many of them ended; both 0 where it was set by hand.
    facts: u64,
    ended: u64,
    /// The curve of the first tenure, then of the next: steps times tenures chances.
    known: Box<[Score]>,
    /// The same, for tenures of which only the least is known.
    at_least: Box<[Score]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Curve {
    kind: Kind,
    /// `None` for rows without a category.
    category: Option<Category>,
    source: Box<str>,
    steps: Box<[Score]>,
}

/// How a table came about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    command: String,
    from: Vec<String>,
}

/// The name under which the curves of attributes stand that the table does not list.
const ANY: &str = "*";

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Where the curve of a kind and category stands; that of rows without a category comes after those of its kind.
const fn place(kind: Kind, category: Option<Category>) -> usize {
    let categories = Category::ALL.len();
    let place = match category {
        Some(category) => category as usize,
        None => categories,
    };
    kind as usize * (categories + 1) + place
}

/// Every kind and category, `None` for no category, in the order of their places.
fn kinds() -> impl Iterator<Item = (Kind, Option<Category>)> {
    let categories = || Category::ALL.iter().copied().map(Some).chain([None]);
    Kind::ALL.iter().flat_map(move |kind| categories().map(|category| (*kind, category)))
}

/// What the table needs to know of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Which property of its subject the row gives.
    pub attribute: Option<&'a str>,
    /// A lasting fact, or something that happened.
    pub kind: Kind,
    /// Its categories.
    pub categories: Categories,
    /// How long it had held when it was last earned.
    pub tenure: Tenure,
}

/// How long a fact had already held when its row was last earned, else stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tenure {
    /// Exactly so long: its beginning is known.
    Known(Span),
    /// At least so long: since the row was stated, and nobody knows how long before.
    AtLeast(Span),
}

impl Standing<'_> {
    /// The standing of a row. Its tenure is known where its beginning (`valid_from`) is; a beginning in the future counts as
    /// none passed.
    pub fn of(head: &Head) -> Standing<'_> {
        let traits = &head.traits;
        let since = |beginning| head.last_earned().since(beginning).max(Span::ZERO);
        Standing {
            attribute: traits.attribute.as_ref().map(|label| label.as_str()),
            kind: traits.kind,
            categories: traits.categories,
            tenure: match traits.valid_from {
                Some(beginning) => Tenure::Known(since(beginning)),
                None => Tenure::AtLeast(since(head.stated_at)),
            },
        }
    }
}

/// Where the steps of curves and the bands of tenures begin: whole days, ascending, the first at zero, at most 64 of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Times since the last earning.
    pub steps: Vec<Span>,
    /// Tenures. A band reaches to the next.
    pub tenures: Vec<Span>,
}

impl Shape {
    /// Steps of a day up to some years, and tenures of a quarter of a year at first: the shape of the shipped table.
    pub fn standard() -> Self {
        const STEPS: [i64; 20] =
            [0, 1, 7, 14, 30, 60, 90, 180, 270, 365, 545, 730, 913, 1095, 1460, 1825, 2555, 3650, 5475, 7300];
        const TENURES: [i64; 22] = [
            0, 91, 183, 274, 365, 457, 548, 639, 731, 913, 1096, 1278, 1461, 1826, 2192, 2557, 2922, 3653, 4383, 5479,
            7305, 10958,
        ];
        let days = |days: &[i64]| days.iter().filter_map(|days| Span::days(*days)).collect();
        Shape { steps: days(&STEPS), tenures: days(&TENURES) }
    }

    /// The step or band that a time falls into. What lies before the first counts as the first.
    fn band(begins: &[Span], time: Span) -> usize {
        begins.partition_point(|begin| *begin <= time).saturating_sub(1)
    }
}

impl SurvivalTable {
    /// The chance that the row still holds at this time.
    pub fn survival(&self, head: &Head, at: Timestamp) -> Score {
        self.chance(&Standing::of(head), at.since(head.last_earned()))
    }

    /// The chance that a row of this standing still holds so long after it was last earned. With several categories, the one
    /// that fades fastest counts. An attribute that the table does not list is read as `*`, if that is there.
    pub fn chance(&self, of: &Standing<'_>, unconfirmed_for: Span) -> Score {
        let moment = Moment::at(&self.shape.steps, unconfirmed_for);
        match of.attribute.and_then(|name| self.attribute(name)) {
            Some(attribute) => moment.level(attribute.curve(&self.shape, of.tenure)),
            None => self.fastest(of, moment).map_or(Score::ZERO, |(_, chance)| chance),
        }
    }

    /// The labels of the attributes it lists, ascending. `*` stands for all others.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|attribute| &*attribute.name)
    }

    /// Where its steps and tenures begin.
    pub fn shape(&self) -> Shape {
        self.shape.clone()
    }

    /// The same table with the attributes of another that it does not list, read at its own steps and tenures.
    #[must_use]
    pub fn with_attributes_of(mut self, other: &SurvivalTable) -> Self {
        for attribute in &other.attributes {
            if let Err(place) = self.attributes.binary_search_by(|known| known.name.cmp(&attribute.name)) {
                self.attributes.insert(place, attribute.at(&other.shape, &self.shape));
            }
        }
        self
    }

    /// The same table, which says by what command and from what it was made.
    #[must_use]
    pub fn made(mut self, command: &str, from: Vec<String>) -> Self {
        self.made = Some(Made { command: command.to_owned(), from });
        self
    }

    /// When the chance falls next with nothing but time passing.
    pub(crate) fn next_step(&self, head: &Head, at: Timestamp) -> Option<Timestamp> {
        self.falls_below(head, at, self.survival(head, at).millionths().into())
    }

    /// From when on the chance is less than so many millionths, with nothing but time passing; at this time or later.
    pub(crate) fn falls_below(&self, head: &Head, at: Timestamp, millionths: i64) -> Option<Timestamp> {
        let of = Standing::of(head);
        let steps = &self.shape.steps;
        let moment = Moment::at(steps, at.since(head.last_earned()));
        let day = |curve| moment.falls_below(millionths, curve, steps);
        let day = match of.attribute.and_then(|name| self.attribute(name)) {
            Some(attribute) => day(attribute.curve(&self.shape, of.tenure)),
            None => self.curves_of(&of).filter_map(|curve| day(&curve.steps)).min(),
        };
        let falls = head.last_earned().millis().checked_add(day?.checked_mul(DAY)?)?;
        Timestamp::from_millis(falls).ok()
    }

    /// The curves of an attribute, or those of all that are not listed.
    fn attribute(&self, name: &str) -> Option<&Attribute> {
        let find = |name: &str| {
            let place = self.attributes.binary_search_by(|attribute| (*attribute.name).cmp(name)).ok()?;
            self.attributes.get(place)
        };
        find(name).or_else(|| find(ANY))
    }

    /// Of the curves of the row's categories the one with the least chance at this time, and that chance.
    fn fastest(&self, of: &Standing<'_>, moment: Moment) -> Option<(&Curve, Score)> {
        self.curves_of(of).map(|curve| (curve, moment.level(&curve.steps))).min_by_key(|(_, chance)| *chance)
    }

    /// The curves of the row's categories.
    fn curves_of(&self, of: &Standing<'_>) -> impl Iterator<Item = &Curve> {
        let kind = of.kind;
        let none = of.categories.is_empty().then_some(None);
        let categories = none.into_iter().chain(of.categories.iter().map(Some));
        categories.filter_map(move |category| self.curves.get(place(kind, category)))
    }
}

impl Attribute {
    /// The curve of a tenure.
    fn curve(&self, shape: &Shape, tenure: Tenure) -> &[Score] {
        let (curves, tenure) = match tenure {
            Tenure::Known(tenure) => (&self.known, tenure),
            Tenure::AtLeast(tenure) => (&self.at_least, tenure),
        };
        let length = shape.steps.len();
        let begin = Shape::band(&shape.tenures, tenure) * length;
        curves.get(begin..begin + length).unwrap_or_default()
    }

    /// The same curves, read where another shape's steps and tenures begin.
    fn at(&self, own: &Shape, other: &Shape) -> Attribute {
        let read = |tenure: fn(Span) -> Tenure| {
            let curve = |begin: &Span| self.curve(own, tenure(*begin));
            let chance = |begin: &Span, step: &Span| Moment::at(&own.steps, *step).exact(curve(begin));
            other.tenures.iter().flat_map(|begin| other.steps.iter().map(move |step| chance(begin, step))).collect()
        };
        Attribute { known: read(Tenure::Known), at_least: read(Tenure::AtLeast), ..self.clone() }
    }
}

impl Curve {
    /// The same curve, read where other steps begin.
    fn at(&self, own: &[Span], other: &[Span]) -> Curve {
        let read = |step: &Span| Moment::at(own, *step).exact(&self.steps);
        Curve { steps: other.iter().map(read).collect(), ..self.clone() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]
mod tests {
    use super::*;
    use crate::row::Draft;

    fn head(attribute: Option<&str>) -> Head {
        let mut draft =
            Draft::new("m1".parse().unwrap(), "text", Timestamp::from_millis(0).unwrap(), Kind::Episodic).unwrap();
        draft.traits.attribute = attribute.map(|name| name.parse().unwrap());
        draft.traits.categories.insert(Category::Travel);
        Head::first(&draft, draft.stated_at)
    }

    /// The chance stands until it is said to fall and not longer than that, whenever it is asked for.
    #[test]
    fn the_chance_stands_until_it_falls_next() {
        let table = SurvivalTable::from_toml(include_str!("../policies/survival.toml")).unwrap();
        for head in [head(None), head(Some("employer")), head(Some("unheard of"))] {
            let (mut at, mut steps) = (Timestamp::from_millis(-5).unwrap(), 0);
            while let Some(next) = table.next_step(&head, at) {
                assert!(next > at);
                let before = Timestamp::from_millis(next.millis() - 1).unwrap();
                assert_eq!(table.survival(&head, before), table.survival(&head, at));
                assert!(table.survival(&head, next) < table.survival(&head, at));
                (at, steps) = (next, steps + 1);
            }
            assert!((20..=200).contains(&steps), "{steps}: half a hundredth each time");
            assert!(table.survival(&head, Timestamp::from_millis(i64::from(i32::MAX) * 1_000).unwrap()) < Score::ONE);
        }
    }

    #[test]
    fn a_tenure_is_known_where_the_beginning_is_and_else_as_long_as_the_row_was_confirmed() {
        let days = |days: i64| Timestamp::from_millis(days * DAY).unwrap();
        let mut head = head(Some("employer"));
        assert_eq!(Standing::of(&head).tenure, Tenure::AtLeast(Span::ZERO));
        head.confirmed_at = Some(days(100));
        assert_eq!(Standing::of(&head).tenure, Tenure::AtLeast(Span::days(100).unwrap()));
        head.traits.valid_from = Some(days(-265));
        assert_eq!(Standing::of(&head).tenure, Tenure::Known(Span::days(365).unwrap()));
        head.traits.valid_from = Some(days(200));
        assert_eq!(Standing::of(&head).tenure, Tenure::Known(Span::ZERO));
    }
}
