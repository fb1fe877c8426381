//! Bugs on purpose, which only the tests switch on: the comparison with the interpreter must find each.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) enum Bug {
    GreaterForAtLeast,
    #[cfg(test)]
    NoShortCircuit,
    OverflowPasses,
    NextArm,
    FirstBinding,
    OuterConst,
    ReturnEndsBlock,
    ReturnLeavesFunctionAndPolicy,
    MinusDropped,
    DefaultAlways,
    FirstItemOnly,
    ElseIfIgnored,
    CaseIgnored,
}

#[cfg(not(test))]
pub(in crate::policy) const fn bug(_: Bug) -> bool {
    false
}

#[cfg(test)]
pub(in crate::policy) use on_purpose::{all_first, bug, with};

#[cfg(test)]
mod on_purpose {
    use std::cell::Cell;

    use super::Bug;
    use crate::policy::typed::Node;

    thread_local! {
        static BUG: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    pub(in crate::policy) fn bug(bug: Bug) -> bool {
        BUG.get() == Some(bug)
    }

    /// Does something with a bug in place.
    pub(in crate::policy) fn with<T>(bug: Bug, work: impl FnOnce() -> T) -> T {
        BUG.set(Some(bug));
        let done = work();
        BUG.set(None);
        done
    }

    /// With the bug, every part of `&&` or `||` is evaluated before the first is looked at.
    pub(in crate::policy) fn all_first(parts: Vec<Node>, names: &mut usize) -> Vec<Node> {
        if !bug(Bug::NoShortCircuit) {
            return parts;
        }
        let first = *names;
        *names += parts.len();
        let mut values: Vec<Node> = (first..*names).map(Node::Local).collect();
        let bound = parts.into_iter().zip(first..).map(|(part, place)| Node::Let(place, Box::new(part)));
        let nodes: Vec<Node> = bound.chain([Node::Local(first)]).collect();
        values[0] = Node::Block(nodes.into());
        values
    }
}
