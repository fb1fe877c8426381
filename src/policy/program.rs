//! A policy as a program: a typed tree, evaluated on one row without asking for memory.
//!
//! Every value is a number. A span is its milliseconds, a score its millionths, `true` is 1; a text or set is a handle,
//! which names a constant of the program (from 0 up) or a fact (below 0). An opinion is its place among the program's,
//! from 1 up, and 0 is none.

mod until;

use super::diagnostic::Place;
use super::lower::{Bug, bug};
use crate::facts::{OverTime, Read};
use crate::verdict::Opinion;

/// A checked policy, ready to run.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) root: Node,
    /// How many names it binds.
    pub(super) locals: usize,
    pub(super) opinions: Vec<Opinion>,
    pub(super) texts: Vec<String>,
    pub(super) sets: Vec<std::sync::Arc<[String]>>,
    /// Where arithmetic stands that can fail.
    pub(super) places: Vec<Place>,
}

#[derive(Debug)]
pub(super) enum Node {
    Const(i64),
    Local(usize),
    /// A number, span, score, or yes or no, which is there.
    Number(Fact),
    /// The handle of a text or set, which is there.
    Handle(Fact),
    /// Whether a fact is there; or, the other way round, whether it is not.
    Present(Fact, bool),
    /// A fact that is a number, or what stands for it where it is absent.
    NumberOr(Fact, Box<Node>),
    /// A text or set, or what stands for it.
    HandleOr(Fact, Box<Node>),
    Negate(Box<Node>, Spot),
    Not(Box<Node>),
    /// A number of so many milliseconds each.
    Span(i64, Box<Node>, Spot),
    Arithmetic(Operation, Box<[Node; 2]>, Spot),
    /// Two numbers; `timed` where time alone can change what comes out.
    Compare(Sign, Box<[Node; 2]>, Timed),
    /// Two texts; or, the other way round, whether they differ.
    SameText(Box<[Node; 2]>, bool),
    All(Box<[Node]>),
    Any(Box<[Node]>),
    OneOf(Box<Node>, Box<[i64]>),
    OneOfTexts(Box<Node>, Box<[i64]>),
    /// A set, and a text that may be in it.
    Within(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Switch(Box<Switch>),
    /// The value of the last.
    Block(Box<[Node]>),
    Let(usize, Box<Node>, Timed),
    Return(Box<Node>),
    /// The body of a function, which catches its `return`.
    Call(Box<Node>),
}

impl Default for Node {
    fn default() -> Self {
        Node::Const(0)
    }
}

/// A fact by its place in the schema, and how it moves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) place: u16,
    pub(super) over_time: OverTime,
}

/// Whether time alone can change a value.
pub(super) type Timed = bool;

/// A place in [`Program::places`].
pub(super) type Spot = u32;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    Equal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

#[derive(Debug)]
pub(super) struct Switch {
    pub(super) on: Node,
    /// The labels are handles of texts.
    pub(super) texts: bool,
    pub(super) arms: Vec<(Vec<i64>, Node)>,
    pub(super) rest: Node,
}

impl Sign {
    pub(super) fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Sign::Equal => a == b,
            Sign::Different => a != b,
            Sign::Less => a < b,
            Sign::AtMost => a <= b,
            Sign::Greater => a > b,
            Sign::AtLeast => a >= b,
        }
    }
}

/// Where a program finds the facts of one row, by their places in the schema.
pub(super) trait Source {
    /// A number, span, score, or yes or no; `None` where it is absent.
    fn number(&self, place: usize) -> Option<i64>;
    fn text(&self, place: usize) -> Option<&str>;
    fn is_present(&self, place: usize) -> bool;
    /// Whether a set holds a word.
    fn holds(&self, place: usize, word: &str) -> bool;
    /// In how many milliseconds, if ever, a fact that goes by steps can take its next one.
    fn next_step(&self, place: usize) -> Option<i64>;
}

/// Why a program gives no opinion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stopped {
    Overflow(Place),
    DivisionByZero(Place),
}

/// What one row needs while programs run on it: used again for the next.
#[derive(Default)]
pub(super) struct Frame {
    /// The values of names, and how fast each moves.
    locals: Vec<(i64, Motion)>,
}

/// How much a value gains each millisecond; `None` where nobody worked it out.
type Motion = Option<i64>;

/// Programs of one set at work on one row.
/// `TIMED` is whether anybody asks for how long what it says stands.
pub(super) struct Machine<'m, S, const TIMED: bool = true> {
    source: &'m S,
    frame: &'m mut Frame,
    read: Read,
    /// In how many milliseconds the first comparison comes out otherwise.
    soonest: i64,
    interrupted: Interrupted,
    /// How fast the value moves that was returned last.
    returned: Motion,
}

/// What ended an evaluation before its end.
#[derive(Clone, Copy)]
enum Interrupted {
    Returned(i64),
    Failed(Stopped),
}

/// The evaluation ended before its end; the machine knows why.
struct Interrupt;

type Evaluated = Result<i64, Interrupt>;

/// Beyond this, time alone might make a sum overflow.
const FAR: u64 = 1 << 61;

impl<'m, S: Source, const TIMED: bool> Machine<'m, S, TIMED> {
    pub(super) fn new(source: &'m S, frame: &'m mut Frame) -> Self {
        Machine {
            source,
            frame,
            read: Read::default(),
            soonest: i64::MAX,
            interrupted: Interrupted::Returned(0),
            returned: Some(0),
        }
    }

    /// The facts that were read so far.
    pub(super) fn read(&self) -> Read {
        self.read
    }

    /// In how many milliseconds, at the earliest, any of what was said so far can change; 0 where nobody worked it out,
    /// `None` for never.
    pub(super) fn soonest(&self) -> Option<i64> {
        (self.soonest < i64::MAX).then_some(self.soonest)
    }

    /// The program's opinion of the row, or none.
    pub(super) fn run<'p>(&mut self, program: &'p Program) -> Result<Option<&'p Opinion>, Stopped> {
        if self.frame.locals.len() < program.locals {
            self.frame.locals.resize(program.locals, (0, Some(0)));
        }
        let value = match self.value(program, &program.root) {
            Ok(value) => value,
            Err(Interrupt) => match self.interrupted {
                Interrupted::Returned(value) => value,
                Interrupted::Failed(why) => return Err(why),
            },
        };
        Ok(usize::try_from(value).ok().and_then(|place| program.opinions.get(place.checked_sub(1)?)))
    }

    fn note(&mut self, fact: Fact) -> usize {
        let place = usize::from(fact.place);
        self.read.note(place);
        if TIMED
            && fact.over_time == OverTime::Step
            && let Some(after) = self.source.next_step(place)
        {
            self.soonest = self.soonest.min(after);
        }
        place
    }

    /// What a node comes to. Half of all nodes have none below them: for these nothing is called.
    #[inline(always)]
    fn value(&mut self, program: &Program, node: &Node) -> Evaluated {
        match node {
            Node::Const(value) => Ok(*value),
            Node::Local(place) => Ok(self.frame.locals.get(*place).map_or(0, |(value, _)| *value)),
            Node::Number(fact) => {
                let place = self.note(*fact);
                Ok(self.source.number(place).unwrap_or(0))
            }
            Node::Handle(fact) => Ok(!(self.note(*fact) as i64)),
            inner => self.inner(program, inner),
        }
    }

    /// What a node comes to that has others below it. The rarer ones stand apart: the less this keeps on the stack, the faster
    /// it calls itself.
    #[inline(never)]
    fn inner(&mut self, program: &Program, node: &Node) -> Evaluated {
        match node {
            Node::NumberOr(fact, default) => {
                let place = self.note(*fact);
                match self.source.number(place) {
                    Some(value) => Ok(value),
                    None => self.value(program, default),
                }
            }
            Node::Compare(sign, parts, timed) => {
                let [a, b] = &**parts;
                let (left, right) = (self.value(program, a)?, self.value(program, b)?);
                if *timed && TIMED {
                    self.time(program, *sign, (a, left), (b, right));
                }
                Ok(i64::from(sign.holds(left, right)))
            }
            Node::Not(of) => Ok(1 - self.value(program, of)?),
            Node::All(parts) => {
                for part in parts {
                    if self.value(program, part)? == 0 {
                        return Ok(0);
                    }
                }
                Ok(1)
            }
            Node::Any(parts) => {
                for part in parts {
                    if self.value(program, part)? != 0 {
                        return Ok(1);
                    }
                }
                Ok(0)
            }
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let taken = if self.value(program, condition)? == 0 { otherwise } else { then };
                self.value(program, taken)
            }
            Node::HandleOr(fact, default) => {
                let place = self.note(*fact);
                if self.source.is_present(place) { Ok(!(place as i64)) } else { self.value(program, default) }
            }
            Node::Present(fact, wanted) => {
                let place = self.note(*fact);
                Ok(i64::from(self.source.is_present(place) == *wanted))
            }
            rarer => self.rarer(program, rarer),
        }
    }

    #[inline(never)]
    fn rarer(&mut self, program: &Program, node: &Node) -> Evaluated {
        Ok(match node {
            Node::Negate(of, spot) => {
                let value = self.value(program, of)?;
                self.checked(program, value.checked_neg(), *spot)?
            }
            Node::Span(unit, of, spot) => {
                let value = self.value(program, of)?;
                self.checked(program, value.checked_mul(*unit), *spot)?
            }
            Node::Arithmetic(operation, parts, spot) => self.arithmetic(program, *operation, parts, *spot)?,
            Node::SameText(parts, wanted) => {
                let [a, b] = &**parts;
                let (a, b) = (self.value(program, a)?, self.value(program, b)?);
                i64::from(is_same(self.text(program, a), self.text(program, b)) == *wanted)
            }
            Node::OneOf(of, values) => {
                let value = self.value(program, of)?;
                i64::from(values.contains(&value))
            }
            Node::OneOfTexts(of, values) => {
                let value = self.value(program, of)?;
                let text = self.text(program, value);
                i64::from(values.iter().any(|known| is_same(self.text(program, *known), text)))
            }
            Node::Within(parts) => {
                let [set, word] = &**parts;
                let (set, word) = (self.value(program, set)?, self.value(program, word)?);
                i64::from(self.holds(program, set, word))
            }
            Node::Switch(switch) => {
                let on = self.value(program, &switch.on)?;
                let taken = self.arm(program, switch, on);
                self.value(program, taken)?
            }
            Node::Block(nodes) => {
                let mut last = 0;
                for node in nodes {
                    last = self.value(program, node)?;
                }
                last
            }
            Node::Let(place, value, timed) => {
                let bound = self.value(program, value)?;
                let motion = if *timed && TIMED { self.motion(program, value) } else { Some(0) };
                if let Some(local) = self.frame.locals.get_mut(*place) {
                    *local = (bound, motion);
                }
                0
            }
            Node::Return(value) => {
                let returned = self.value(program, value)?;
                if TIMED {
                    self.returned = self.motion(program, value);
                }
                self.interrupted = Interrupted::Returned(returned);
                return Err(Interrupt);
            }
            Node::Call(body) => match (self.value(program, body), self.interrupted) {
                (Ok(value), _) | (Err(Interrupt), Interrupted::Returned(value)) => value,
                (Err(Interrupt), Interrupted::Failed(_)) => return Err(Interrupt),
            },
            common => return self.inner(program, common),
        })
    }

    fn checked(&mut self, program: &Program, value: Option<i64>, spot: Spot) -> Evaluated {
        match value {
            Some(value) => Ok(value),
            None if bug(Bug::OverflowPasses) => Ok(0),
            None => self.fail(program, Stopped::Overflow, spot),
        }
    }

    #[cold]
    fn fail(&mut self, program: &Program, why: fn(Place) -> Stopped, spot: Spot) -> Evaluated {
        let nowhere = Place { line: 1, column: 1 };
        self.interrupted = Interrupted::Failed(why(program.places.get(spot as usize).copied().unwrap_or(nowhere)));
        // Later the numbers may be smaller.
        self.soonest = 0;
        Err(Interrupt)
    }

    fn arithmetic(&mut self, program: &Program, operation: Operation, parts: &[Node; 2], spot: Spot) -> Evaluated {
        let [a, b] = parts;
        let (a, b) = (self.value(program, a)?, self.value(program, b)?);
        let result = match operation {
            Operation::Add => a.checked_add(b),
            Operation::Subtract => a.checked_sub(b),
            Operation::Multiply => a.checked_mul(b),
            Operation::Divide | Operation::Remainder if b == 0 => {
                return self.fail(program, Stopped::DivisionByZero, spot);
            }
            Operation::Divide => a.checked_div(b),
            Operation::Remainder => a.checked_rem(b),
        };
        if result.is_some_and(|result| result.unsigned_abs() > FAR) {
            self.soonest = 0;
        }
        self.checked(program, result, spot)
    }

    fn arm<'p>(&mut self, program: &Program, switch: &'p Switch, on: i64) -> &'p Node {
        let is_it = |label: &i64| {
            if switch.texts { is_same(self.text(program, *label), self.text(program, on)) } else { *label == on }
        };
        let found = switch.arms.iter().position(|(labels, _)| labels.iter().any(is_it));
        let found = found.map(|place| place + usize::from(bug(Bug::NextArm)));
        found.and_then(|place| switch.arms.get(place)).map_or(&switch.rest, |(_, node)| node)
    }

    fn text<'t>(&'t self, program: &'t Program, handle: i64) -> &'t str {
        match usize::try_from(handle) {
            Ok(constant) => program.texts.get(constant).map_or("", String::as_str),
            Err(_) => self.source.text(!handle as usize).unwrap_or(""),
        }
    }

    fn holds(&self, program: &Program, set: i64, word: i64) -> bool {
        let word = self.text(program, word);
        match usize::try_from(set) {
            Ok(constant) => program.sets.get(constant).is_some_and(|set| set.iter().any(|known| known == word)),
            Err(_) => self.source.holds(!set as usize, word),
        }
    }
}

fn is_same(a: &str, b: &str) -> bool {
    a == b || bug(Bug::CaseIgnored) && a.eq_ignore_ascii_case(b)
}
