//! The policies of a set as a program: steps with jumps forward, run on one row without asking for memory.
//!
//! Values stand in numbered slots, as the numbers of the typed tree.

mod machine;
mod until;

use std::sync::Arc;

pub(super) use machine::{Frame, Machine, Source, Stopped};

use super::bug::{Bug, bug};
use super::diagnostic::Place;
use crate::facts::OverTime;
use crate::verdict::Opinion;

/// Checked policies, ready to run.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// Where each policy begins.
    pub(super) starts: Vec<Target>,
    /// How many slots the largest of them needs.
    pub(super) slots: usize,
    pub(super) opinions: Vec<Opinion>,
    pub(super) texts: Vec<String>,
    pub(super) sets: Vec<Arc<[String]>>,
    /// Texts that are compared with each other.
    pub(super) pairs: Vec<[Text; 2]>,
    /// Numbers, or handles of texts, that stand in one list.
    pub(super) lists: Vec<Box<[i64]>>,
    /// Where arithmetic stands that can fail.
    pub(super) places: Vec<Place>,
}

/// One step of a program. What asks something goes to another step where the answer is the branch's, and on to the next where
/// it is not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The policy ends with this opinion; 0 is none.
    Give(i64),
    /// The policy ends with the opinion in a slot.
    GiveSlot(Slot),
    Go(Skip),
    Set(Slot, i64),
    /// The first becomes the second.
    Copy(Slot, Slot),
    Number(Slot, Fact),
    /// Goes there with the fact; on, where it is absent.
    NumberOr(Slot, Fact, Skip),
    Handle(Slot, Fact),
    /// As [`Step::NumberOr`], with a text or set.
    HandleOr(Slot, Fact, Skip),
    Negate(Slot, Spot),
    /// So many milliseconds each.
    Span(Slot, i64, Spot),
    /// The first becomes what comes of the others.
    Calculate(Operation, Slot, [Slot; 2], Spot),
    /// The first becomes what comes of the second and a number.
    CalculateWith(Operation, Slot, Slot, i64, Spot),
    IfTrue(Slot, Branch),
    IfPresent(Fact, Branch),
    /// A fact and a number; what is answered where the fact is absent.
    IfFact(Sign, Fact, i64, Absent, Branch),
    /// A fact that is there, and a slot.
    IfFactSlot(Sign, Fact, Slot, Branch),
    If(Sign, Slot, Slot, Branch),
    /// Whether a fact of a closed list is one of these words; what is answered where it is absent.
    IfWord(Fact, Words, Absent, Branch),
    /// Whether a set from a closed list holds one of these words.
    IfHolds(Fact, Words, Branch),
    IfSameTexts(Index, Branch),
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

/// A place in [`Program::steps`].
pub(super) type Target = u32;

/// So many steps are skipped: programs only go forward. A policy that skips more than there are says nothing.
pub(super) type Skip = u32;

/// A place in [`Program::places`].
pub(super) type Spot = u32;

/// A place in one of the program's tables.
pub(super) type Index = u32;

/// Where to go when the answer is this.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    pub(super) when: bool,
    pub(super) skip: Skip,
}

impl Branch {
    /// Where it goes on this answer, if not on to the next step.
    #[inline(always)]
    fn on(self, answer: bool) -> Option<Skip> {
        (answer == self.when).then_some(self.skip)
    }
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
        self as u8 >> (a.cmp(&b) as i8 + 1) & 1 == 1
    }

    /// For a number that only falls: the comparison comes out otherwise once it is less than this, and not before. `None` for
    /// never.
    pub(super) fn flips_below(self, falling: i64, with: i64) -> Option<i64> {
        match (self, falling.cmp(&with)) {
            (_, std::cmp::Ordering::Less) => None,
            (Sign::AtLeast | Sign::Less, _) | (Sign::Equal | Sign::Different, std::cmp::Ordering::Equal) => Some(with),
            (Sign::Greater | Sign::AtMost, std::cmp::Ordering::Equal) => None,
            (_, std::cmp::Ordering::Greater) => with.checked_add(1),
        }
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

/// Some words of a closed list: one bit for each, the first lowest.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Words(u64);

impl Words {
    /// A list that is longer is none.
    pub(super) const MOST: usize = 64;

    pub(super) fn from_bits(bits: impl Into<u64>) -> Self {
        Words(bits.into())
    }

    /// Those words of a list that are meant.
    pub(super) fn of(list: &[&str], is_meant: impl Fn(&str) -> bool) -> Self {
        let meant = list.iter().take(Words::MOST).enumerate().filter(|(_, word)| is_meant(word));
        Words(meant.fold(0, |bits, (place, _)| bits | 1 << place))
    }

    /// Whether the word at this place of the list is among them.
    #[inline(always)]
    pub(super) fn has(self, place: u8) -> bool {
        self.0.checked_shr(place.into()).is_some_and(|bits| bits & 1 == 1)
    }

    /// Those of either.
    pub(super) fn with(self, other: Words) -> Self {
        Words(self.0 | other.0)
    }

    /// Whether any word is in both.
    pub(super) fn meet(self, other: Words) -> bool {
        self.0 & other.0 != 0
    }
}

pub(super) fn is_same(a: &str, b: &str) -> bool {
    a == b || bug(Bug::CaseIgnored) && a.eq_ignore_ascii_case(b)
}
