//! Runs programs on one row.

use super::until::{Motion, Value, motion, slope};
use super::{Fact, Index, Operation, Program, Sign, Skip, Slot, Spot, Step, Target, Text, Words, is_same};
use crate::facts::{OverTime, Read};
use crate::policy::bug::{Bug, bug};
use crate::policy::diagnostic::Place;
use crate::verdict::Opinion;

/// Where a program finds the facts of one row, by their places in the schema.
pub(in crate::policy) trait Source {
    /// A number, span, score, or yes or no; `None` where it is absent.
    fn number(&self, place: usize) -> Option<i64>;
    fn text(&self, place: usize) -> Option<&str>;
    fn is_present(&self, place: usize) -> bool;
    /// Whether a set holds a word.
    fn holds(&self, place: usize, word: &str) -> bool;
    /// In how many milliseconds, if ever, a fact that goes by steps can take its next one.
    fn next_step(&self, place: usize) -> Option<i64>;
    /// In how many milliseconds, if ever, a number that only falls, and by steps, is less than this. Whoever does not know says when
    /// it takes its next step.
    fn falls_below(&self, place: usize, _number: i64) -> Option<i64> {
        self.next_step(place)
    }

    /// The closed list of words that a text or set can take, if it has one.
    fn list(&self, place: usize) -> &'static [&'static str];

    /// The place of a text in its closed list; one that no list has for any other text, `None` where it is absent.
    fn word(&self, place: usize) -> Option<u8> {
        let text = self.text(place)?;
        let found = self.list(place).iter().position(|word| *word == text);
        Some(found.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX))
    }

    /// The words of its closed list that a set holds.
    fn words(&self, place: usize) -> Words {
        Words::of(self.list(place), |word| self.holds(place, word))
    }
}

/// Why a program gives no opinion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) enum Stopped {
    Overflow(Place),
    DivisionByZero(Place),
}

/// What a policy says of a row, if anything.
pub(in crate::policy) type Opined<'p> = Result<Option<&'p Opinion>, Stopped>;

/// What one row needs while a program runs on it: used again for the next.
#[derive(Default)]
pub(in crate::policy) struct Frame {
    values: Vec<i64>,
    /// How each moves, where anybody asks.
    motions: Vec<Motion>,
}

/// A program at work on one row.
/// `NOTED` is whether anybody asks which facts were read, and for how long what they say stands.
pub(in crate::policy) struct Machine<'p, 'm, S, const NOTED: bool = true> {
    program: &'p Program,
    source: &'m S,
    values: &'m mut [i64],
    motions: &'m mut [Motion],
    read: Read,
    /// In how many milliseconds the first comparison comes out otherwise.
    soonest: i64,
}

/// Within this, time alone makes nothing overflow that moves no faster than [`FAST`]: the calendar has less than 2^49
/// milliseconds.
const FAR: u64 = 1 << 61;
const FAST: i64 = 1 << 12;

impl<'p, 'm, S: Source, const NOTED: bool> Machine<'p, 'm, S, NOTED> {
    #[inline(always)]
    pub(in crate::policy) fn new(program: &'p Program, source: &'m S, frame: &'m mut Frame) -> Self {
        if frame.values.len() < program.slots {
            frame.values.resize(program.slots, 0);
            frame.motions.resize(program.slots, None);
        }
        let Frame { values, motions } = frame;
        Machine { program, source, values, motions, read: Read::default(), soonest: i64::MAX }
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

    /// What one of the policies says of the row.
    #[inline(always)]
    pub(in crate::policy) fn run(&mut self, policy: usize) -> Opined<'p> {
        self.from(self.program.starts.get(policy).copied().unwrap_or(Target::MAX))
    }

    /// The steps that nearly every policy takes stand here, the others apart: the fewer tables this needs, the faster it
    /// begins.
    #[inline(always)]
    fn from(&mut self, start: Target) -> Opined<'p> {
        let mut rest = self.program.steps.get(start as usize..).unwrap_or_default();
        while let [step, next @ ..] = rest {
            rest = next;
            let skipped = match *step {
                Step::Give(opinion) => return Ok(self.given(opinion)),
                Step::Go(skipped) => Some(skipped),
                Step::Set(slot, value) => {
                    self.set(slot, Value::still(value));
                    None
                }
                Step::Number(slot, fact) => {
                    let number = self.number(fact).unwrap_or(0);
                    self.set(slot, Value { is: number, moves: Some(slope(fact)) });
                    None
                }
                Step::IfPresent(fact, branch) => {
                    let place = self.note(fact);
                    branch.on(self.source.is_present(place))
                }
                Step::IfFact(sign, fact, value, absent, branch) => {
                    branch.on(self.compare_fact(sign, fact, Value::still(value)).unwrap_or(absent))
                }
                Step::IfFactSlot(sign, fact, slot, branch) => {
                    let with = self.get(slot);
                    branch.on(self.compare_fact(sign, fact, with).unwrap_or_else(|| sign.holds(0, with.is)))
                }
                Step::If(sign, a, b, branch) => branch.on(self.compare(sign, self.get(a), self.get(b))),
                Step::IfWord(fact, words, absent, branch) => {
                    let place = self.note(fact);
                    branch.on(self.source.word(place).map_or(absent, |word| words.has(word)))
                }
                Step::IfSameTexts(pair, branch) => {
                    let [a, b] = self.program.pairs.get(pair as usize).copied().unwrap_or([Text::Const(0); 2]);
                    self.note_text(a);
                    self.note_text(b);
                    branch.on(is_same(self.text(a), self.text(b)))
                }
                Step::CalculateWith(operation, slot, a, b, spot) => {
                    let result = self.calculate(operation, [self.get(a), Value::still(b)], spot)?;
                    self.set(slot, result);
                    None
                }
                Step::GiveSlot(slot) => return Ok(self.given(self.get(slot).is)),
                ref other => self.rarer(other)?,
            };
            if let Some(skipped) = skipped {
                rest = rest.get(skipped as usize..).unwrap_or_default();
            }
        }
        Ok(None)
    }

    /// How many steps a step skips, if any.
    #[inline(never)]
    fn rarer(&mut self, step: &Step) -> Result<Option<Skip>, Stopped> {
        match *step {
            Step::Copy(slot, from) => self.set(slot, self.get(from)),
            Step::NumberOr(slot, fact, there) => {
                if let Some(number) = self.number(fact) {
                    self.set(slot, Value { is: number, moves: Some(slope(fact)) });
                    return Ok(Some(there));
                }
            }
            Step::Handle(slot, fact) => {
                let place = self.note(fact);
                self.set(slot, Value::still(!(place as i64)));
            }
            Step::HandleOr(slot, fact, there) => {
                let place = self.note(fact);
                if self.source.is_present(place) {
                    self.set(slot, Value::still(!(place as i64)));
                    return Ok(Some(there));
                }
            }
            Step::Negate(slot, spot) => {
                let Value { is, moves } = self.get(slot);
                let is = self.checked(is.checked_neg(), spot)?;
                let result = Value { is, moves: moves.and_then(i64::checked_neg) };
                self.note_overflow(result);
                self.set(slot, result);
            }
            Step::Span(slot, unit, spot) => {
                let is = self.checked(self.get(slot).is.checked_mul(unit), spot)?;
                self.set(slot, Value::still(is));
            }
            Step::Calculate(operation, slot, [a, b], spot) => {
                let result = self.calculate(operation, [self.get(a), self.get(b)], spot)?;
                self.set(slot, result);
            }
            Step::IfTrue(slot, branch) => return Ok(branch.on(self.get(slot).is != 0)),
            Step::IfHolds(fact, words, branch) => {
                let place = self.note(fact);
                return Ok(branch.on(self.source.words(place).meet(words)));
            }
            Step::IfOneOf(slot, list, branch) => {
                let value = self.get(slot).is;
                return Ok(branch.on(self.list(list).contains(&value)));
            }
            Step::IfOneOfTexts(text, list, branch) => {
                self.note_text(text);
                let text = self.text(text);
                let mut texts = self.list(list).iter().map(|handle| self.handled(*handle));
                return Ok(branch.on(texts.any(|known| is_same(known, text))));
            }
            Step::IfWithin(set, word, branch) => {
                return Ok(branch.on(self.within(self.get(set).is, self.get(word).is)));
            }
            // These stand above.
            Step::Give(_)
            | Step::GiveSlot(_)
            | Step::Go(_)
            | Step::Set(..)
            | Step::Number(..)
            | Step::CalculateWith(..)
            | Step::IfPresent(..)
            | Step::IfFact(..)
            | Step::IfFactSlot(..)
            | Step::If(..)
            | Step::IfWord(..)
            | Step::IfSameTexts(..) => {}
        }
        Ok(None)
    }

    #[inline(always)]
    fn get(&self, slot: Slot) -> Value {
        let slot = usize::from(slot);
        let moves = if NOTED { self.motions.get(slot).copied().flatten() } else { None };
        Value { is: self.values.get(slot).copied().unwrap_or(0), moves }
    }

    #[inline(always)]
    fn set(&mut self, slot: Slot, value: Value) {
        let slot = usize::from(slot);
        if let Some(known) = self.values.get_mut(slot) {
            *known = value.is;
        }
        if NOTED && let Some(known) = self.motions.get_mut(slot) {
            *known = value.moves;
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
    fn compare_fact(&mut self, sign: Sign, fact: Fact, with: Value) -> Option<bool> {
        if fact.over_time == OverTime::Step && with.moves == Some(0) {
            return self.compare_step(sign, fact, with.is);
        }
        let number = self.number(fact)?;
        Some(self.compare(sign, Value { is: number, moves: Some(slope(fact)) }, with))
    }

    /// A number that falls by steps, with one that stands still: it comes out otherwise when it has fallen past that, not before.
    fn compare_step(&mut self, sign: Sign, fact: Fact, with: i64) -> Option<bool> {
        let place = usize::from(fact.place);
        let Some(number) = self.source.number(place) else {
            self.note(fact);
            return None;
        };
        if NOTED {
            self.read.note(place);
            if let Some(below) = sign.flips_below(number, with)
                && let Some(after) = self.source.falls_below(place, below)
            {
                self.soonest = self.soonest.min(after);
            }
        }
        Some(sign.holds(number, with))
    }

    fn checked(&mut self, value: Option<i64>, spot: Spot) -> Result<i64, Stopped> {
        match value {
            Some(value) => Ok(value),
            None if bug(Bug::OverflowPasses) => Ok(0),
            None => Err(self.failed(Stopped::Overflow, spot)),
        }
    }

    #[cold]
    fn failed(&mut self, why: fn(Place) -> Stopped, spot: Spot) -> Stopped {
        // Later the numbers may be smaller.
        self.soonest = 0;
        why(self.program.places.get(spot as usize).copied().unwrap_or(Place { line: 1, column: 1 }))
    }

    fn calculate(&mut self, operation: Operation, [a, b]: [Value; 2], spot: Spot) -> Result<Value, Stopped> {
        if b.is == 0 && matches!(operation, Operation::Divide | Operation::Remainder) {
            return Err(self.failed(Stopped::DivisionByZero, spot));
        }
        let is = self.checked(operation.of(a.is, b.is), spot)?;
        let result = Value { is, moves: if NOTED { motion(operation, a, b) } else { None } };
        self.note_overflow(result);
        Ok(result)
    }

    /// What is calculated now may overflow later.
    #[inline(always)]
    fn note_overflow(&mut self, Value { is, moves }: Value) {
        let is_tame = is.unsigned_abs() <= FAR && moves.is_some_and(|slope| (-FAST..=FAST).contains(&slope));
        if NOTED
            && !is_tame
            && let Some(after) = (Value { is, moves }).overflows_after()
        {
            self.soonest = self.soonest.min(after);
        }
    }

    fn text(&self, text: Text) -> &str {
        let constant = |place: Index| self.program.texts.get(place as usize).map_or("", String::as_str);
        match text {
            Text::Const(place) => constant(place),
            Text::Fact(place) => self.source.text(place.into()).unwrap_or(""),
            Text::FactOr(place, or) => self.source.text(place.into()).unwrap_or_else(|| constant(or)),
            Text::Slot(slot) => self.handled(self.get(slot).is),
        }
    }

    fn handled(&self, handle: i64) -> &str {
        match usize::try_from(handle) {
            Ok(constant) => self.program.texts.get(constant).map_or("", String::as_str),
            Err(_) => self.source.text(!handle as usize).unwrap_or(""),
        }
    }

    fn within(&self, set: i64, word: i64) -> bool {
        let word = self.handled(word);
        match usize::try_from(set) {
            Ok(constant) => self.program.sets.get(constant).is_some_and(|set| set.iter().any(|known| known == word)),
            Err(_) => self.source.holds(!set as usize, word),
        }
    }

    #[inline(always)]
    fn given(&self, opinion: i64) -> Option<&'p Opinion> {
        self.program.opinions.get(usize::try_from(opinion).ok()?.checked_sub(1)?)
    }

    fn list(&self, list: Index) -> &'p [i64] {
        self.program.lists.get(list as usize).map_or(&[], |list| list)
    }
}
