//! The policy as a Rust programmer would write it into the program: the lower end of the table.
//!
//! Timed: one call of [`branch`] on a struct.

use std::hint::black_box;

use stillgood::Verdict;

use crate::engine::Engine;
use crate::rows::{DAY, Kind, Row, Rung};

/// The branch that decides about a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Branch {
    Expired,
    OtherModel,
    Unsettled,
    Fresh,
    Ageing,
    Old,
}

impl Branch {
    pub(crate) const ALL: [Branch; 6] =
        [Branch::Expired, Branch::OtherModel, Branch::Unsettled, Branch::Fresh, Branch::Ageing, Branch::Old];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Branch::Expired => "expired",
            Branch::OtherModel => "another model of the same name",
            Branch::Unsettled => "not settled within a day",
            Branch::Fresh => "within the limit",
            Branch::Ageing => "within three times the limit",
            Branch::Old => "beyond",
        }
    }

    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Branch::Fresh => Verdict::Live,
            Branch::Ageing => Verdict::Background,
            Branch::Expired | Branch::OtherModel | Branch::Unsettled | Branch::Old => Verdict::ReEarn,
        }
    }
}

/// The policy.
pub(crate) fn branch(row: &Row) -> Branch {
    if row.expires_in.is_some_and(|left| left <= 0) {
        return Branch::Expired;
    }
    if let (Some(was), Some(is)) = (&row.artifact, &row.asked)
        && was.label == is.label
        && was.blob_id != is.blob_id
    {
        return Branch::OtherModel;
    }
    if !matches!(row.rung, Rung::Included | Rung::Anchored) && row.age > DAY {
        return Branch::Unsettled;
    }
    let limit = match row.kind {
        Kind::Episodic => 14 * DAY,
        Kind::Semantic => 180 * DAY,
    };
    if row.unconfirmed_for <= limit {
        Branch::Fresh
    } else if row.unconfirmed_for <= 3 * limit {
        Branch::Ageing
    } else {
        Branch::Old
    }
}

pub(crate) struct ByHand<'a>(pub(crate) &'a [Row]);

impl Engine for ByHand<'_> {
    fn name(&self) -> &str {
        "Rust, by hand"
    }

    fn package(&self) -> Option<&str> {
        None
    }

    fn decide(&mut self, row: usize) -> Verdict {
        branch(black_box(&self.0[row])).verdict()
    }
}
