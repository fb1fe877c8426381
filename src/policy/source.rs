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

    fn text(&self, place: usize) -> Option<&str> {
        self.fact(place)?.text(self.inputs)
    }

    fn is_present(&self, place: usize) -> bool {
        self.fact(place).is_some_and(|fact| fact.is_present(self.inputs))
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

    fn list(&self, place: usize) -> &'static [&'static str] {
        self.schema.facts().get(place).and_then(|fact| fact.words).unwrap_or_default()
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

    fn word(&self, place: usize) -> Option<u8> {
        let text = self.text(place)?;
        let found = self.list(place).iter().position(|word| *word == text);
        Some(found.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX))
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        match self.value(place) {
            ValueRef::Set(words) => words.holds(word),
            _ => false,
        }
    }

    fn words(&self, place: usize) -> Words {
        Words::of(self.list(place), |word| self.holds(place, word))
    }

    fn next_step(&self, _: usize) -> Option<i64> {
        Some(0)
    }
}
