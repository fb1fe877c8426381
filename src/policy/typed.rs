//! A policy with every type known: a tree whose values are all numbers.
//!
//! A span is its milliseconds, a score its millionths, `true` is 1; a text or set is a handle, which names a constant of the
//! program (from 0 up) or a fact (below 0). An opinion is its place among the program's, from 1 up, and 0 is none.

use super::program::{Fact, Operation, Sign, Spot};

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
    /// Two numbers.
    Compare(Sign, Box<[Node; 2]>),
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
    Let(usize, Box<Node>),
    Return(Box<Node>),
    /// The body of a function, which catches its `return`.
    Call(Box<Node>),
}

impl Default for Node {
    fn default() -> Self {
        Node::Const(0)
    }
}

#[derive(Debug)]
pub(super) struct Switch {
    pub(super) on: Node,
    /// The labels are handles of texts.
    pub(super) texts: bool,
    pub(super) arms: Vec<(Vec<i64>, Node)>,
    pub(super) rest: Node,
}
