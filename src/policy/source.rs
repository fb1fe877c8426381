//! Where programs find facts: in a row as it stands, or in values that a case gives.

use super::program::Source;
use crate::facts::{Facts, Inputs, Schema, ValueRef};

/// The facts of one candidate, read when they are asked for.
pub(super) struct RowSource<'a> {
    pub(super) schema: &'a Schema,
    pub(super) inputs: &'a Inputs<'a>,
}

impl<'a> RowSource<'a> {
    pub(super) fn value(&self, place: usize) -> ValueRef<'a> {
        self.schema.facts().get(place).map_or(ValueRef::Absent, |fact| fact.value(self.inputs))
    }
}

impl Source for RowSource<'_> {
    fn number(&self, place: usize) -> Option<i64> {
        self.value(place).number()
    }

    fn text(&self, place: usize) -> Option<&str> {
        text(self.value(place))
    }

    fn is_present(&self, place: usize) -> bool {
        !matches!(self.value(place), ValueRef::Absent)
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        holds(self.value(place), word)
    }

    fn next_step(&self, place: usize) -> Option<i64> {
        let next = self.schema.facts().get(place)?.next_step(self.inputs)?;
        Some(next.since(self.inputs.request.at).millis())
    }
}

/// Given values; nothing is known of their next steps, so none is promised.
impl Source for Facts {
    fn number(&self, place: usize) -> Option<i64> {
        ValueRef::from(self.get(place)?).number()
    }

    fn text(&self, place: usize) -> Option<&str> {
        text(ValueRef::from(self.get(place)?))
    }

    fn is_present(&self, place: usize) -> bool {
        self.get(place).is_some_and(|value| !matches!(ValueRef::from(value), ValueRef::Absent))
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        self.get(place).is_some_and(|value| holds(ValueRef::from(value), word))
    }

    fn next_step(&self, _: usize) -> Option<i64> {
        Some(0)
    }
}

fn text(value: ValueRef<'_>) -> Option<&str> {
    match value {
        ValueRef::Text(text) => Some(text),
        _ => None,
    }
}

fn holds(value: ValueRef<'_>, word: &str) -> bool {
    match value {
        ValueRef::Set(words) => words.holds(word),
        _ => false,
    }
}
