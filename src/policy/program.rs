//! A policy as a program: steps with jumps forward, run on one row without asking for memory.
//!
//! Values stand in numbered slots, as the numbers of the typed tree.

mod machine;
mod until;

use std::sync::Arc;

pub(super) use machine::{Frame, Machine, Source, Stopped};

use super::diagnostic::Place;
use super::lower::{Bug, bug};
use crate::facts::OverTime;
use crate::verdict::Opinion;

/// A checked policy, ready to run.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// How many slots it needs.
    pub(super) slots: usize,
    pub(super) opinions: Vec<Opinion>,
    pub(super) texts: Vec<String>,
    pub(super) sets: Vec<Arc<[String]>>,
    /// Some words of a fact's closed list.
    pub(super) words: Vec<Words>,
    /// Numbers, or handles of texts, that stand in one list.
    pub(super) lists: Vec<Box<[i64]>>,
    /// Where arithmetic stands that can fail.
    pub(super) places: Vec<Place>,
}

/// One step of a program. What asks something goes to another step where the answer is the branch's, and on to the next where
/// it is not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The program ends with this opinion; 0 is none.
    Give(i64),
    /// The program ends with the opinion in a slot.
    GiveSlot(Slot),
    Go(Target),
    Set(Slot, i64),
    /// The first becomes the second.
    Copy(Slot, Slot),
    Number(Slot, Fact),
    /// Goes there with the fact; on, where it is absent.
    NumberOr(Slot, Fact, Target),
    Handle(Slot, Fact),
    /// As [`Step::NumberOr`], with a text or set.
    HandleOr(Slot, Fact, Target),
    Negate(Slot, Spot),
    /// So many milliseconds each.
    Span(Slot, i64, Spot),
    /// The first becomes what comes of both.
    Calculate(Operation, Slot, Slot, Spot),
    IfTrue(Slot, Branch),
    IfPresent(Fact, Branch),
    /// A fact and a number; what is answered where the fact is absent.
    IfFact(Sign, Fact, i64, Absent, Branch),
    /// A fact that is there, and a slot.
    IfFactSlot(Sign, Fact, Slot, Branch),
    If(Sign, Slot, Slot, Branch),
    /// Whether a fact of a closed list is one of these words.
    IfWord(Fact, Index, Absent, Branch),
    /// Whether a set of a closed list holds one of these words.
    IfHolds(Fact, Index, Branch),
    IfSameText(Text, Text, Branch),
    IfOneOf(Slot, Index, Branch),
    IfOneOfTexts(Text, Index, Branch),
    /// Whether the set in the first slot holds the text in the second.
    IfWithin(Slot, Slot, Branch),
}

/// A fact by its place in the schema, and how it moves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) place: u16,
    pub(super) over_time: OverTime,
}

pub(super) type Slot = u16;

/// A place in [`Program::steps`], always further on.
pub(super) type Target = u32;

/// A place in [`Program::places`].
pub(super) type Spot = u32;

/// A place in one of the program's tables.
pub(super) type Index = u16;

/// Where to go when the answer is this.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    pub(super) when: bool,
    pub(super) to: Target,
}

/// What is answered of a fact that is absent.
pub(super) type Absent = bool;

/// A text: a constant, a fact that is there, a fact or else a constant, or the handle in a slot.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Const(Index),
    Fact(u16),
    FactOr(u16, Index),
    Slot(Slot),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operation {
    /// `None` for what overflows, and for a division by zero.
    pub(super) fn of(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Operation::Add => a.checked_add(b),
            Operation::Subtract => a.checked_sub(b),
            Operation::Multiply => a.checked_mul(b),
            Operation::Divide => a.checked_div(b),
            Operation::Remainder => a.checked_rem(b),
        }
    }
}

/// A comparison, as the orders in which it holds: 1 for less, 2 for equal, 4 for greater.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Sign {
    Less = 1,
    Equal = 2,
    AtMost = 3,
    Greater = 4,
    Different = 5,
    AtLeast = 6,
}

impl Sign {
    #[inline(always)]
    pub(super) fn holds(self, a: i64, b: i64) -> bool {
        let order = u8::from(a < b) | u8::from(a == b) << 1 | u8::from(a > b) << 2;
        self as u8 & order != 0
    }

    /// The same with both sides exchanged.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Sign::Less => Sign::Greater,
            Sign::AtMost => Sign::AtLeast,
            Sign::Greater => Sign::Less,
            Sign::AtLeast => Sign::AtMost,
            same => same,
        }
    }
}

/// Some words of a closed list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Words {
    /// One bit for each of the list's words, the first lowest.
    bits: u64,
    words: Vec<String>,
}

impl Words {
    /// `None` for a list that is too long for the bits.
    pub(super) fn of(list: &[&str], words: Vec<String>) -> Option<Self> {
        let is_among = |word: &str| words.iter().any(|known| is_same(known, word));
        let places = list.iter().enumerate().filter(|(_, word)| is_among(word)).map(|(place, _)| place);
        let bits = places.fold(0, |bits, place| bits | 1 << place);
        (list.len() <= 64).then_some(Words { bits, words })
    }

    #[inline(always)]
    pub(super) fn has_place(&self, place: u8) -> bool {
        self.bits.checked_shr(place.into()).is_some_and(|bits| bits & 1 == 1)
    }

    pub(super) fn bits(&self) -> u64 {
        self.bits
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| is_same(known, word))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }
}

pub(super) fn is_same(a: &str, b: &str) -> bool {
    a == b || bug(Bug::CaseIgnored) && a.eq_ignore_ascii_case(b)
}
