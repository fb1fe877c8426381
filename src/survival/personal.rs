//! One person's own rates: how much faster or slower than the table says their rows change, shrunk towards the table.

use std::collections::BTreeMap;

use super::moment::Moment;
use super::{Attribute, Curve, Standing, SurvivalTable, Tenure};
use crate::row::{Categories, Category, Kind};
use crate::score::Score;
use crate::time::Span;

/// One thing that a person learned of a row: so long after it was last earned it still held, or had changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experience {
    /// Which property of its subject the row gives.
    pub attribute: Option<String>,
    /// A lasting fact, or something that happened.
    pub kind: Kind,
    /// Its categories.
    pub categories: Categories,
    /// How long it had held when it was last earned before.
    pub tenure: Tenure,
    /// The time between that earning and this one.
    pub after: Span,
    /// Whether it had changed by then.
    pub changed: bool,
}

impl Experience {
    /// What the table needs to know of the row.
    pub fn standing(&self) -> Standing<'_> {
        let Experience { attribute, kind, categories, tenure, .. } = self;
        Standing { attribute: attribute.as_deref(), kind: *kind, categories: *categories, tenure: *tenure }
    }
}

/// Which curves a row is read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Those of an attribute; `*` for all that the table does not list.
    Attribute(String),
    /// That of a kind and category; of several categories the one that fades fastest, `None` where there is none.
    Kind(Kind, Option<Category>),
}

/// How the curves of one key shift for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// Whose curves.
    pub of: Key,
    /// How often such a row still held.
    pub confirmed: u64,
    /// How often one had changed.
    pub changed: u64,
    /// How many changes the table led to expect in the time that was watched.
    pub expected: f64,
    /// How many times as fast such rows change: each chance is raised to this power.
    pub factor: f64,
}

/// How a person's curves shift.
#[derive(Clone, Debug, PartialEq)]
pub struct Shifts {
    overall: f64,
    each: Vec<Shift>,
}

/// As much as so many changes, seen and expected, speaks for the table.
const STRENGTH: f64 = 8.0;

impl Shifts {
    /// For curves of which the person has no experience: how many times as fast their other rows change. 1 for somebody
    /// without any experience.
    pub fn overall(&self) -> f64 {
        self.overall
    }

    /// For curves of which the person has experience, ascending by key.
    pub fn each(&self) -> &[Shift] {
        &self.each
    }

    /// How many times as fast rows of this key change.
    pub fn factor(&self, key: &Key) -> f64 {
        self.each
            .binary_search_by(|shift| shift.of.cmp(key))
            .ok()
            .and_then(|place| self.each.get(place))
            .map_or(self.overall, |shift| shift.factor)
    }
}

impl SurvivalTable {
    /// The curves that a row of this standing is read from so long after it was last earned.
    pub fn key(&self, of: &Standing<'_>, unconfirmed_for: Span) -> Key {
        match of.attribute.and_then(|name| self.attribute(name)) {
            Some(attribute) => Key::Attribute(attribute.name.to_string()),
            None => {
                let curve = self.fastest(of, Moment::at(&self.shape.steps, unconfirmed_for));
                Key::Kind(of.kind, curve.and_then(|(curve, _)| curve.category))
            }
        }
    }

    /// How this person's curves differ from the table, by a Gamma prior on the rate: with c changes seen and e expected of a
    /// key, and C and E of all other keys, the factor is (8 + c) / (8 / u + e) with u = (8 + C) / (8 + E).
    ///
    /// A row that still held counts as −ln p expected changes, p its chance by the table, and one that changed at an unknown
    /// time before as the mean of that over the times at which it can have changed; each as 1 at most. So somebody whose rows
    /// change as the table says has on average as many changes as expected, and n experiences, whatever they say, give a
    /// factor between (1 + n/16)⁻² and (1 + n/16)²: five between 0.58 and 1.73.
    pub fn shifts(&self, lived: &[Experience]) -> Shifts {
        let mut lived: Vec<(Key, bool, f64)> = lived.iter().map(|one| self.exposure(one)).collect();
        // Sums of floating-point numbers depend on their order.
        lived.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        let mut each: BTreeMap<Key, (u64, u64, f64)> = BTreeMap::new();
        for (key, changed, exposure) in lived {
            let (confirmations, changes, expected) = each.entry(key).or_default();
            *if changed { changes } else { confirmations } += 1;
            *expected += exposure;
        }
        let all = each.values().fold((0, 0.0), |(changed, expected), one| (changed + one.1, expected + one.2));
        let rate = |changed: u64, expected: f64| (STRENGTH + changed as f64) / (STRENGTH + expected.max(0.0));
        let shift = |(of, (confirmed, changed, expected)): (Key, (u64, u64, f64))| {
            let others = rate(all.0 - changed, all.1 - expected);
            let factor = (STRENGTH + changed as f64) / (STRENGTH / others + expected);
            Shift { of, confirmed, changed, expected, factor }
        };
        Shifts { overall: rate(all.0, all.1), each: each.into_iter().map(shift).collect() }
    }

    /// The table with each chance raised to the power that the person's experience gives its curves: 1 where there is no
    /// experience at all. Rounded to four places; what never changes stays so.
    #[must_use]
    pub fn shifted(&self, shifts: &Shifts) -> Self {
        let attribute = |attribute: &Attribute| {
            let factor = shifts.factor(&Key::Attribute(attribute.name.to_string()));
            let power = |chances: &[Score]| chances.iter().map(|chance| power(*chance, factor)).collect();
            Attribute { known: power(&attribute.known), at_least: power(&attribute.at_least), ..attribute.clone() }
        };
        let curve = |curve: &Curve| {
            let factor = shifts.factor(&Key::Kind(curve.kind, curve.category));
            Curve { steps: curve.steps.iter().map(|chance| power(*chance, factor)).collect(), ..curve.clone() }
        };
        SurvivalTable {
            shape: self.shape.clone(),
            attributes: self.attributes.iter().map(attribute).collect(),
            curves: self.curves.iter().map(curve).collect(),
            made: self.made.clone(),
        }
    }

    /// [`Self::chance`] in the table that [`Self::shifted`] would make, without making it.
    pub fn chance_shifted(&self, of: &Standing<'_>, unconfirmed_for: Span, shifts: &Shifts) -> Score {
        let moment = Moment::at(&self.shape.steps, unconfirmed_for);
        let level = |curve: &[Score], key: Key| {
            let factor = shifts.factor(&key);
            moment.level_of(curve, |chance| power(chance, factor))
        };
        match of.attribute.and_then(|name| self.attribute(name)) {
            Some(attribute) => {
                level(attribute.curve(&self.shape, of.tenure), Key::Attribute(attribute.name.to_string()))
            }
            None => {
                let chances = self.curves_of(of).map(|curve| level(&curve.steps, Key::Kind(of.kind, curve.category)));
                chances.min().unwrap_or(Score::ZERO)
            }
        }
    }

    /// This person's table, and by how much which curves shifted. See [`Self::shifts`].
    #[must_use]
    pub fn personal(&self, lived: &[Experience]) -> (Self, Vec<Shift>) {
        let shifts = self.shifts(lived);
        (self.shifted(&shifts), shifts.each)
    }

    /// Whose curves an experience is about, whether it is a change, and as how many expected changes it counts.
    fn exposure(&self, lived: &Experience) -> (Key, bool, f64) {
        let of = lived.standing();
        let chance = f64::from(self.chance(&of, lived.after).millionths()) / 1e6;
        let held = (-chance.ln()).min(1.0);
        let exposure = match lived.changed {
            // As much as keeps both together at the chance of a change, 1 − p.
            true if chance < 1.0 => 1.0 - chance * held / (1.0 - chance),
            true => 0.0,
            false => held,
        };
        (self.key(&of, lived.after), lived.changed, exposure.max(0.0))
    }
}

/// A chance raised to a power above 0, to four places. A factor of 1 leaves it as it is.
fn power(chance: Score, factor: f64) -> Score {
    if factor == 1.0 || chance == Score::ONE || chance == Score::ZERO {
        return chance;
    }
    to_four_places((f64::from(chance.millionths()) / 1e6).powf(factor))
}

/// The nearest score of four places, half to even.
pub(super) fn to_four_places(chance: f64) -> Score {
    let tenths = (chance.clamp(0.0, 1.0) * 1e4).round_ties_even() as u32;
    Score::from_millionths(tenths * 100).unwrap_or(Score::ONE)
}
