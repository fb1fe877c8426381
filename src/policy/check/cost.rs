//! How long and how deep a policy is with its functions written out where they are called: known before anything walks it so.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::diagnostic::{Place, Problem};
use crate::policy::syntax::{Block, Expr, Kind, Policy, Stmt};

/// A program of more parts would take longer than a row is worth.
pub(in crate::policy) const MOST_PARTS: usize = 20_000;
/// Parts that stand in each other, so that a small stack holds them.
pub(in crate::policy) const MOST_DEPTH: usize = 256;

#[derive(Clone, Copy, Default)]
struct Size {
    parts: usize,
    depth: usize,
}

/// What is said of a policy that is too long or too deep.
pub(in crate::policy) fn too_large(place: Place) -> Problem {
    let message = format!(
        "with its functions written out this file has more than {MOST_PARTS} parts, or more than {MOST_DEPTH} in each other"
    );
    let fix = "ask one question per file, and call functions once";
    Problem::error("cost", place, message, Some(fix.to_owned()))
}

/// The problem with a policy that is too long or too deep.
pub(in crate::policy) fn cost(policy: &Policy) -> Option<Problem> {
    let mut calls = BTreeMap::<&str, BTreeSet<&str>>::new();
    for function in &policy.functions {
        let called = calls.entry(&function.name).or_default();
        function.body.visit(&mut |expr| {
            if let Kind::Call(name, _) = &expr.kind {
                called.insert(name);
            }
        });
    }
    // Those that call themselves are refused elsewhere, and nobody walks into them.
    let is_own = |name: &str| calls.contains_key(name) && !reaches(&calls, name, name, &mut BTreeSet::new());
    let mut sizes = BTreeMap::<&str, Size>::new();
    while let Some(next) = policy.functions.iter().find(|function| {
        let is_known = |name: &&str| sizes.contains_key(name) || !is_own(name);
        !sizes.contains_key(function.name.as_str())
            && calls.get(function.name.as_str()).is_some_and(|called| called.iter().all(is_known))
    }) {
        let size = block(&next.body, &sizes);
        if size.is_too_large() {
            return Some(too_large(next.place));
        }
        sizes.insert(&next.name, size);
    }
    let place = policy.body.0.last().map_or(Place { line: 1, column: 1 }, Stmt::place);
    block(&policy.body, &sizes).is_too_large().then(|| too_large(place))
}

/// Whether a function calls another, or calls one that does.
fn reaches<'p>(
    calls: &BTreeMap<&'p str, BTreeSet<&'p str>>,
    from: &str,
    wanted: &str,
    seen: &mut BTreeSet<&'p str>,
) -> bool {
    let mut called = calls.get(from).into_iter().flatten();
    called.any(|name| *name == wanted || seen.insert(name) && reaches(calls, name, wanted, seen))
}

impl Size {
    fn is_too_large(self) -> bool {
        self.parts > MOST_PARTS || self.depth > MOST_DEPTH
    }

    /// Both, beside each other.
    fn and(self, other: Size) -> Size {
        Size { parts: self.parts.saturating_add(other.parts), depth: self.depth.max(other.depth) }
    }
}

fn block(block: &Block, sizes: &BTreeMap<&str, Size>) -> Size {
    let each = block.0.iter().map(|statement| match statement {
        Stmt::Bind { value: of, .. } | Stmt::Return(of) | Stmt::Expr(of) => expr(of, sizes),
    });
    each.fold(Size::default(), Size::and)
}

fn expr(of: &Expr, sizes: &BTreeMap<&str, Size>) -> Size {
    let all = |parts: &[Expr]| parts.iter().map(|part| expr(part, sizes)).fold(Size::default(), Size::and);
    let inside = match &of.kind {
        Kind::Literal(_) | Kind::Decimal(_) | Kind::Unit | Kind::Name(_) | Kind::Path(_) | Kind::Refused => {
            Size::default()
        }
        Kind::List(parts) | Kind::Operator(_, parts) | Kind::In(parts) => all(parts),
        Kind::And(parts) | Kind::Or(parts) | Kind::Coalesce(parts) => all(parts),
        Kind::Call(name, args) => all(args).and(sizes.get(name.as_str()).copied().unwrap_or_default()),
        Kind::If(condition, then, otherwise) => {
            let otherwise = otherwise.as_ref().map_or(Size::default(), |otherwise| block(otherwise, sizes));
            expr(condition, sizes).and(block(then, sizes)).and(otherwise)
        }
        Kind::Switch(on, arms) => {
            let labels = Size { parts: arms.iter().map(|arm| arm.labels.len()).sum(), depth: 1 };
            let values = arms.iter().map(|arm| expr(&arm.value, sizes)).fold(labels, Size::and);
            expr(on, sizes).and(values)
        }
        Kind::Block(inner) => block(inner, sizes),
    };
    Size { parts: inside.parts.saturating_add(1), depth: inside.depth + 1 }
}
