//! Bugs on purpose, which only the tests switch on: the comparison with the interpreter must find each.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bug {
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
pub(super) const fn bug(_: Bug) -> bool {
    false
}

#[cfg(test)]
pub(super) use on_purpose::{bug, with};

#[cfg(test)]
mod on_purpose {
    use std::cell::Cell;

    use super::Bug;

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
}
