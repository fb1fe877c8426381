//! Where programs find facts: in a row as it stands, or in values that a case gives.

use super::program::{Source, Words};
use crate::facts::{Fact, Facts, Inputs, Schema, SetRef, ValueRef};

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

impl RowSource<'_> {
    #[inline(always)]
    fn fact(&self, place: usize) -> Option<&Fact> {
        self.schema.facts().get(place)
    }
}

impl Source for RowSource<'_> {
    #[inline(always)]
    fn number(&self, place: usize) -> Option<i64> {
        self.fact(place)?.number(self.inputs)
    }

    fn text(&self, place: usize) -> Option<&str> {
        self.fact(place)?.text(self.inputs)
    }

    fn is_present(&self, place: usize) -> bool {
        self.fact(place).is_some_and(|fact| fact.is_present(self.inputs))
    }

    #[inline(always)]
    fn is_one_of(&self, place: usize, words: &Words) -> Option<bool> {
        self.fact(place)?.place(self.inputs).map(|place| words.has_place(place))
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        self.fact(place).and_then(|fact| fact.set(self.inputs)).is_some_and(|set| set.holds(word))
    }

    fn holds_one_of(&self, place: usize, words: &Words) -> bool {
        let set = self.fact(place).and_then(|fact| fact.set(self.inputs));
        match set {
            Some(SetRef::Categories(categories)) => u64::from(categories.bits()) & words.bits() != 0,
            Some(set) => words.iter().any(|word| set.holds(word)),
            None => false,
        }
    }

    fn next_step(&self, place: usize) -> Option<i64> {
        let next = self.fact(place)?.next_step(self.inputs)?;
        Some(next.since(self.inputs.request.at).millis())
    }
}

/// Given values; nothing is known of their next steps, so none is promised.
impl Source for Facts {
    fn number(&self, place: usize) -> Option<i64> {
        ValueRef::from(self.get(place)?).number()
    }

    fn text(&self, place: usize) -> Option<&str> {
        match ValueRef::from(self.get(place)?) {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_one_of(&self, place: usize, words: &Words) -> Option<bool> {
        self.text(place).map(|text| words.has(text))
    }

    fn is_present(&self, place: usize) -> bool {
        self.get(place).is_some_and(|value| !matches!(ValueRef::from(value), ValueRef::Absent))
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        match self.get(place).map(ValueRef::from) {
            Some(ValueRef::Set(words)) => words.holds(word),
            _ => false,
        }
    }

    fn holds_one_of(&self, place: usize, words: &Words) -> bool {
        words.iter().any(|word| self.holds(place, word))
    }

    fn next_step(&self, _: usize) -> Option<i64> {
        Some(0)
    }
}
