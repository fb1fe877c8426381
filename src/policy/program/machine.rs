//! Runs programs on one row.

use super::until::{Value, motion, slope};
use super::{Branch, Fact, Index, Operation, Program, Sign, Slot, Spot, Step, Target, Text, Words, is_same};
use crate::facts::{OverTime, Read};
use crate::policy::diagnostic::Place;
use crate::policy::lower::{Bug, bug};
use crate::verdict::Opinion;

/// Where a program finds the facts of one row, by their places in the schema.
pub(in crate::policy) trait Source {
    /// A number, span, score, or yes or no; `None` where it is absent.
    fn number(&self, place: usize) -> Option<i64>;
    fn text(&self, place: usize) -> Option<&str>;
    fn is_present(&self, place: usize) -> bool;
    /// Whether a text of a closed list is one of these words; `None` where it is absent.
    fn is_one_of(&self, place: usize, words: &Words) -> Option<bool>;
    /// Whether a set holds a word.
    fn holds(&self, place: usize, word: &str) -> bool;
    /// Whether a set of words from a closed list holds one of these.
    fn holds_one_of(&self, place: usize, words: &Words) -> bool;
    /// In how many milliseconds, if ever, a fact that goes by steps can take its next one.
    fn next_step(&self, place: usize) -> Option<i64>;
}

/// Why a program gives no opinion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) enum Stopped {
    Overflow(Place),
    DivisionByZero(Place),
}

/// What one row needs while programs run on it: used again for the next.
#[derive(Default)]
pub(in crate::policy) struct Frame {
    slots: Vec<Value>,
}

/// Programs of one set at work on one row.
/// `NOTED` is whether anybody asks which facts were read, and for how long what they say stands.
pub(in crate::policy) struct Machine<'m, S, const NOTED: bool = true> {
    source: &'m S,
    frame: &'m mut Frame,
    read: Read,
    /// In how many milliseconds the first comparison comes out otherwise.
    soonest: i64,
}

/// Beyond this, time alone might make a sum overflow.
const FAR: u64 = 1 << 61;

impl<'m, S: Source, const NOTED: bool> Machine<'m, S, NOTED> {
    pub(in crate::policy) fn new(source: &'m S, frame: &'m mut Frame) -> Self {
        Machine { source, frame, read: Read::default(), soonest: i64::MAX }
    }

    /// The facts that were read so far.
    pub(in crate::policy) fn read(&self) -> Read {
        self.read
    }

    /// In how many milliseconds, at the earliest, any of what was said so far can change; 0 where nobody worked it out,
    /// `None` for never.
    pub(in crate::policy) fn soonest(&self) -> Option<i64> {
        (self.soonest < i64::MAX).then_some(self.soonest)
    }

    /// The program's opinion of the row, or none.
    pub(in crate::policy) fn run<'p>(&mut self, program: &'p Program) -> Result<Option<&'p Opinion>, Stopped> {
        if self.frame.slots.len() < program.slots {
            self.frame.slots.resize(program.slots, Value::default());
        }
        let mut at: usize = 0;
        while let Some(step) = program.steps.get(at) {
            at += 1;
            match *step {
                Step::Give(opinion) => return Ok(given(program, opinion)),
                Step::GiveSlot(slot) => return Ok(given(program, self.get(slot).is)),
                Step::Go(to) => at = to as usize,
                Step::Set(slot, value) => self.set(slot, Value::still(value)),
                Step::Copy(slot, from) => self.set(slot, self.get(from)),
                Step::Number(slot, fact) => {
                    let number = self.number(fact).unwrap_or(0);
                    self.set(slot, Value { is: number, moves: Some(slope(fact)) });
                }
                Step::NumberOr(slot, fact, to) => {
                    if let Some(number) = self.number(fact) {
                        self.set(slot, Value { is: number, moves: Some(slope(fact)) });
                        at = to as usize;
                    }
                }
                Step::Handle(slot, fact) => {
                    let place = self.note(fact);
                    self.set(slot, Value::still(!(place as i64)));
                }
                Step::HandleOr(slot, fact, to) => {
                    let place = self.note(fact);
                    if self.source.is_present(place) {
                        self.set(slot, Value::still(!(place as i64)));
                        at = to as usize;
                    }
                }
                Step::Negate(slot, spot) => {
                    let Value { is, moves } = self.get(slot);
                    let is = self.checked(program, is.checked_neg(), spot)?;
                    self.set(slot, Value { is, moves: moves.and_then(i64::checked_neg) });
                }
                Step::Span(slot, unit, spot) => {
                    let is = self.checked(program, self.get(slot).is.checked_mul(unit), spot)?;
                    self.set(slot, Value::still(is));
                }
                Step::Calculate(operation, slot, with, spot) => self.calculate(program, operation, slot, with, spot)?,
                Step::IfTrue(slot, branch) => follow(branch, self.get(slot).is != 0, &mut at),
                Step::IfPresent(fact, branch) => {
                    let place = self.note(fact);
                    follow(branch, self.source.is_present(place), &mut at);
                }
                Step::IfFact(sign, fact, value, absent, branch) => {
                    let answer = match self.number(fact) {
                        Some(number) => self.compare_fact(sign, fact, number, Value::still(value)),
                        None => absent,
                    };
                    follow(branch, answer, &mut at);
                }
                Step::IfFactSlot(sign, fact, slot, branch) => {
                    let number = self.number(fact).unwrap_or(0);
                    let answer = self.compare_fact(sign, fact, number, self.get(slot));
                    follow(branch, answer, &mut at);
                }
                Step::If(sign, a, b, branch) => {
                    let answer = self.compare(sign, self.get(a), self.get(b));
                    follow(branch, answer, &mut at);
                }
                Step::IfWord(fact, words, absent, branch) => {
                    let place = self.note(fact);
                    let words = program.words.get(usize::from(words));
                    let is_it = words.and_then(|words| self.source.is_one_of(place, words));
                    follow(branch, is_it.unwrap_or(absent), &mut at);
                }
                Step::IfHolds(fact, words, branch) => {
                    let place = self.note(fact);
                    let words = program.words.get(usize::from(words));
                    follow(branch, words.is_some_and(|words| self.source.holds_one_of(place, words)), &mut at);
                }
                Step::IfSameText(a, b, branch) => {
                    self.note_text(a);
                    self.note_text(b);
                    follow(branch, is_same(self.text(program, a), self.text(program, b)), &mut at);
                }
                Step::IfOneOf(slot, list, branch) => {
                    let value = self.get(slot).is;
                    follow(branch, list_of(program, list).contains(&value), &mut at);
                }
                Step::IfOneOfTexts(text, list, branch) => {
                    self.note_text(text);
                    let text = self.text(program, text);
                    let mut texts = list_of(program, list).iter().map(|handle| self.handled(program, *handle));
                    follow(branch, texts.any(|known| is_same(known, text)), &mut at);
                }
                Step::IfWithin(set, word, branch) => {
                    let answer = self.within(program, self.get(set).is, self.get(word).is);
                    follow(branch, answer, &mut at);
                }
            }
        }
        Ok(None)
    }

    #[inline(always)]
    fn get(&self, slot: Slot) -> Value {
        self.frame.slots.get(usize::from(slot)).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn set(&mut self, slot: Slot, value: Value) {
        if let Some(known) = self.frame.slots.get_mut(usize::from(slot)) {
            *known = value;
        }
    }

    #[inline(always)]
    fn note(&mut self, fact: Fact) -> usize {
        let place = usize::from(fact.place);
        if NOTED {
            self.read.note(place);
            if fact.over_time == OverTime::Step {
                self.note_step(place);
            }
        }
        place
    }

    fn note_step(&mut self, place: usize) {
        if let Some(after) = self.source.next_step(place) {
            self.soonest = self.soonest.min(after);
        }
    }

    fn note_text(&mut self, text: Text) {
        if let Text::Fact(place) | Text::FactOr(place, _) = text
            && NOTED
        {
            self.read.note(place.into());
            self.note_step(place.into());
        }
    }

    #[inline(always)]
    fn number(&mut self, fact: Fact) -> Option<i64> {
        let place = self.note(fact);
        self.source.number(place)
    }

    #[inline(always)]
    fn compare(&mut self, sign: Sign, a: Value, b: Value) -> bool {
        if NOTED && let Some(after) = sign.flips_after(a, b) {
            self.soonest = self.soonest.min(after);
        }
        sign.holds(a.is, b.is)
    }

    #[inline(always)]
    fn compare_fact(&mut self, sign: Sign, fact: Fact, number: i64, with: Value) -> bool {
        self.compare(sign, Value { is: number, moves: Some(slope(fact)) }, with)
    }

    fn checked(&mut self, program: &Program, value: Option<i64>, spot: Spot) -> Result<i64, Stopped> {
        match value {
            Some(value) => Ok(value),
            None if bug(Bug::OverflowPasses) => Ok(0),
            None => Err(self.failed(program, Stopped::Overflow, spot)),
        }
    }

    #[cold]
    fn failed(&mut self, program: &Program, why: fn(Place) -> Stopped, spot: Spot) -> Stopped {
        // Later the numbers may be smaller.
        self.soonest = 0;
        why(program.places.get(spot as usize).copied().unwrap_or(Place { line: 1, column: 1 }))
    }

    fn calculate(
        &mut self,
        program: &Program,
        operation: Operation,
        slot: Slot,
        with: Slot,
        spot: Spot,
    ) -> Result<(), Stopped> {
        let (a, b) = (self.get(slot), self.get(with));
        if b.is == 0 && matches!(operation, Operation::Divide | Operation::Remainder) {
            return Err(self.failed(program, Stopped::DivisionByZero, spot));
        }
        let is = self.checked(program, operation.of(a.is, b.is), spot)?;
        if is.unsigned_abs() > FAR {
            self.soonest = 0;
        }
        let moves = if NOTED { motion(operation, a, b) } else { None };
        self.set(slot, Value { is, moves });
        Ok(())
    }

    fn text<'t>(&'t self, program: &'t Program, text: Text) -> &'t str {
        let constant = |place: Index| program.texts.get(usize::from(place)).map_or("", String::as_str);
        match text {
            Text::Const(place) => constant(place),
            Text::Fact(place) => self.source.text(place.into()).unwrap_or(""),
            Text::FactOr(place, or) => self.source.text(place.into()).unwrap_or_else(|| constant(or)),
            Text::Slot(slot) => self.handled(program, self.get(slot).is),
        }
    }

    fn handled<'t>(&'t self, program: &'t Program, handle: i64) -> &'t str {
        match usize::try_from(handle) {
            Ok(constant) => program.texts.get(constant).map_or("", String::as_str),
            Err(_) => self.source.text(!handle as usize).unwrap_or(""),
        }
    }

    fn within(&self, program: &Program, set: i64, word: i64) -> bool {
        let word = self.handled(program, word);
        match usize::try_from(set) {
            Ok(constant) => program.sets.get(constant).is_some_and(|set| set.iter().any(|known| known == word)),
            Err(_) => self.source.holds(!set as usize, word),
        }
    }
}

fn given(program: &Program, opinion: i64) -> Option<&Opinion> {
    usize::try_from(opinion).ok().and_then(|place| program.opinions.get(place.checked_sub(1)?))
}

fn list_of(program: &Program, list: Index) -> &[i64] {
    program.lists.get(usize::from(list)).map_or(&[], |list| list)
}

#[inline(always)]
fn follow(branch: Branch, answer: bool, at: &mut usize) {
    if answer == branch.when {
        *at = branch.to as Target as usize;
    }
}
