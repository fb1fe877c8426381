//! A row that gets older: what each fact says of it after a while, with nothing else changed.

use std::collections::BTreeSet;

use crate::evidence::SettlementRung;
use crate::facts::{FactKind, OverTime, Schema, Value, ValueRef};
use crate::policy::program::Source;
use crate::time::Span;

/// Which facts of a policy move with time, and which say the same thing in two ways.
pub(in crate::policy) struct Clocks {
    /// How much each fact gains in a millisecond.
    slopes: Vec<i64>,
    /// The closed list of each.
    lists: Vec<&'static [&'static str]>,
    /// `row.ended_for`, which alone of all ages begins below zero.
    ended: Option<usize>,
    /// It and `row.expires_in`, each the other below zero.
    end: Option<[usize; 2]>,
    /// The boxes that lapse: state, deadline, and the rung at which they do so no more.
    lapsing: [Option<Lapsing>; 2],
    ages: Option<[usize; 2]>,
}

#[derive(Clone, Copy)]
pub(super) struct Lapsing {
    state: usize,
    deadline: usize,
    rung: Option<usize>,
}

/// One row after so many milliseconds.
pub(in crate::policy) struct Aged<'r> {
    pub(in crate::policy) clocks: &'r Clocks,
    pub(in crate::policy) values: &'r [&'r Value],
    pub(in crate::policy) after: i64,
}

const LAPSED: &str = "lapsed";

impl Clocks {
    /// Of the facts that a policy names. The beginning of a row is held: what was not yet true may become so.
    pub(in crate::policy) fn of(schema: &Schema, named: &BTreeSet<usize>) -> Self {
        let slope = |fact: &crate::facts::Fact| match fact.over_time {
            OverTime::Age => 1,
            OverTime::Left if fact.name != "row.starts_in" => -1,
            _ => 0,
        };
        let place = |name| schema.place(name).filter(|place| named.contains(place));
        let both = |a, b| Some([place(a)?, place(b)?]);
        let lapsing = |state, deadline, rung| {
            let (state, deadline) = (place(state)?, schema.place(deadline)?);
            Some(Lapsing { state, deadline, rung: schema.place(rung) })
        };
        Clocks {
            slopes: schema.facts().iter().map(slope).collect(),
            lists: schema.facts().iter().map(|fact| fact.words.unwrap_or_default()).collect(),
            ended: schema.place("row.ended_for"),
            end: both("row.ended_for", "row.expires_in"),
            lapsing: [
                lapsing("row.settlement.state", "row.settlement.due_in", "row.settlement.rung"),
                lapsing("row.data.state", "row.data.fresh_for", ""),
            ],
            ages: both("row.age", "row.unconfirmed_for"),
        }
    }

    pub(super) fn slope(&self, place: usize) -> i64 {
        self.slopes.get(place).copied().unwrap_or(0)
    }

    /// Whether it is below zero at times: time since what may lie ahead.
    pub(super) fn goes_below_zero(&self, place: usize) -> bool {
        self.slope(place) < 0 || self.ended == Some(place)
    }

    /// The fact that says the same as this one, the other way round.
    pub(super) fn mirrored(&self, place: usize) -> Option<usize> {
        self.end.and_then(|[ended, expires]| (place == ended).then_some(expires))
    }

    /// The facts of which not all values go together.
    pub(super) fn bound(&self) -> impl Iterator<Item = usize> {
        let boxes = self.lapsing.iter().flatten().flat_map(|lapsing| [lapsing.state, lapsing.deadline]);
        self.ages.into_iter().flatten().chain(boxes)
    }

    /// The box whose state this is, if it lapses.
    pub(super) fn lapsing(&self, state: usize) -> Option<Lapsing> {
        self.lapsing.iter().flatten().find(|lapsing| lapsing.state == state).copied()
    }
}

impl Lapsing {
    /// The facts that say whether it has.
    pub(super) fn made_of(self) -> impl Iterator<Item = usize> {
        [self.deadline].into_iter().chain(self.rung)
    }
}

impl Aged<'_> {
    fn value(&self, place: usize) -> &Value {
        self.values.get(place).copied().unwrap_or(&Value::Absent)
    }

    /// Whether there can be such a row: nothing is confirmed before it is said, and what is not there has no age.
    pub(super) fn is_possible(&self) -> bool {
        let confirmed = self.clocks.ages.is_none_or(|[age, unconfirmed]| self.number(unconfirmed) <= self.number(age));
        let boxes =
            self.clocks.lapsing.iter().flatten().all(|Lapsing { state, deadline, .. }| {
                self.text(*state) != Some("absent") || !self.is_present(*deadline)
            });
        confirmed && boxes
    }

    /// Whether the state of a box can still lapse, at a time that nothing in the row says.
    pub(super) fn may_lapse(&self, Lapsing { state, deadline, .. }: Lapsing) -> bool {
        !self.is_present(deadline) && self.stands(state)
    }

    fn stands(&self, state: usize) -> bool {
        matches!(self.value(state), Value::Text(text) if matches!(text.as_ref(), "claimed" | "verified"))
    }

    /// In how many milliseconds the state of a box lapses, by its deadline.
    fn lapses_in(&self, state: usize) -> Option<i64> {
        let Lapsing { deadline, rung, .. } = self.clocks.lapsing(state)?;
        let is_settled = rung.is_some_and(|rung| match self.value(rung) {
            Value::Text(text) => SettlementRung::from_name(text).is_some_and(|rung| rung >= SettlementRung::Included),
            _ => false,
        });
        self.number(deadline).filter(|_| !is_settled && self.stands(state))
    }

    /// What the fact is now, for people.
    pub(super) fn shown(&self, place: usize) -> Value {
        match (self.value(place), self.number(place)) {
            (Value::Span(_), Some(millis)) => Value::Span(Span::from_millis(millis)),
            (value, _) if value.kind() == Some(FactKind::Text) => {
                self.text(place).map_or(Value::Absent, |text| Value::Text(text.to_owned().into()))
            }
            (value, _) => value.clone(),
        }
    }
}

impl Source for Aged<'_> {
    fn number(&self, place: usize) -> Option<i64> {
        if let Some(other) = self.clocks.mirrored(place)
            && *self.value(place) == Value::Absent
        {
            return self.number(other).map(i64::saturating_neg);
        }
        let number = ValueRef::from(self.value(place)).number()?;
        Some(number.saturating_add(self.clocks.slope(place).saturating_mul(self.after)))
    }

    fn text(&self, place: usize) -> Option<&str> {
        match self.value(place) {
            Value::Text(_) if self.lapses_in(place).is_some_and(|left| left <= 0) => Some(LAPSED),
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_present(&self, place: usize) -> bool {
        let mirrored = self.clocks.mirrored(place).is_some_and(|other| *self.value(other) != Value::Absent);
        mirrored || *self.value(place) != Value::Absent
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        matches!(self.value(place), Value::Set(words) if words.iter().any(|known| known == word))
    }

    fn next_step(&self, place: usize) -> Option<i64> {
        self.lapses_in(place).filter(|left| *left > 0)
    }

    fn list(&self, place: usize) -> &'static [&'static str] {
        self.clocks.lists.get(place).copied().unwrap_or_default()
    }
}
