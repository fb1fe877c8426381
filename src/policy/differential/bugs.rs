//! Bugs on purpose: the comparison finds each of them.

use super::tally::Tally;
use crate::policy::bug::{Bug, with};

pub(super) const BUGS: [Bug; 13] = [
    Bug::GreaterForAtLeast,
    Bug::NoShortCircuit,
    Bug::OverflowPasses,
    Bug::NextArm,
    Bug::FirstBinding,
    Bug::OuterConst,
    Bug::ReturnEndsBlock,
    Bug::ReturnLeavesFunctionAndPolicy,
    Bug::MinusDropped,
    Bug::DefaultAlways,
    Bug::FirstItemOnly,
    Bug::ElseIfIgnored,
    Bug::CaseIgnored,
];

/// Enough to meet any of them.
const SEEDS: std::ops::Range<u64> = 0..400;

#[test]
fn every_bug_is_found_and_without_one_nothing_is() {
    for bug in BUGS {
        let found = with(bug, || Tally::take(SEEDS, 1));
        println!("{bug:?}: found after {} pairs", found.pairs);
        assert!(!found.disagreements.is_empty(), "{bug:?} was not found");
    }
    let none = Tally::take(SEEDS, 1);
    assert!(none.disagreements.is_empty(), "{:?}", none.disagreements);
}
