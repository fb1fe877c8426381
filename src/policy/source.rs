//! Where programs find facts: in a row as it stands, or in values that a case gives.

use super::program::{Source, Words};
use crate::facts::{Fact, Facts, Inputs, Schema, SetRef, ValueRef};

/// The facts of one candidate, read when they are asked for.
pub(super) struct RowSource<'a> {
    pub(super) schema: &'a Schema,
    pub(super) inputs: &'a Inputs<'a>,
}

impl RowSource<'_> {
    fn fact(&self, place: usize) -> Option<&Fact> {
        self.schema.facts().get(place)
    }
}

impl Source for RowSource<'_> {
    #[inline(always)]
    fn number(&self, place: usize) -> Option<i64> {
        self.schema.number(place, self.inputs)
    }

    #[inline(always)]
    fn text(&self, place: usize) -> Option<&str> {
        self.schema.text(place, self.inputs)
    }

    fn is_present(&self, place: usize) -> bool {
        self.schema.is_present(place, self.inputs)
    }

    #[inline(always)]
    fn word(&self, place: usize) -> Option<u8> {
        self.schema.word(place, self.inputs)
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        self.fact(place).and_then(|fact| fact.set(self.inputs)).is_some_and(|set| set.holds(word))
    }

    fn words(&self, place: usize) -> Words {
        match self.fact(place).and_then(|fact| fact.set(self.inputs)) {
            Some(SetRef::Categories(categories)) => Words::from_bits(categories.bits()),
            _ => Words::default(),
        }
    }

    fn next_step(&self, place: usize) -> Option<i64> {
        let next = self.fact(place)?.next_step(self.inputs)?;
        Some(next.since(self.inputs.request.at).millis())
    }

    fn falls_below(&self, place: usize, number: i64) -> Option<i64> {
        let falls = self.fact(place)?.falls_below(self.inputs, number)?;
        Some(falls.since(self.inputs.request.at).millis())
    }

    fn list(&self, place: usize) -> &'static [&'static str] {
        self.schema.list(place)
    }
}

/// Values as they are given; nothing is known of their next steps, so none is promised.
pub(super) struct Given<'a> {
    pub(super) schema: &'a Schema,
    pub(super) facts: &'a Facts,
}

impl<'a> Given<'a> {
    fn value(&self, place: usize) -> ValueRef<'a> {
        self.facts.get(place).map_or(ValueRef::Absent, ValueRef::from)
    }
}

impl Source for Given<'_> {
    fn number(&self, place: usize) -> Option<i64> {
        self.value(place).number()
    }

    fn text(&self, place: usize) -> Option<&str> {
        match self.value(place) {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_present(&self, place: usize) -> bool {
        !matches!(self.value(place), ValueRef::Absent)
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        match self.value(place) {
            ValueRef::Set(words) => words.holds(word),
            _ => false,
        }
    }

    fn next_step(&self, _: usize) -> Option<i64> {
        Some(0)
    }

    fn list(&self, place: usize) -> &'static [&'static str] {
        self.schema.list(place)
    }
}
