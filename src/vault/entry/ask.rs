//! An ask: somebody is asked about rows. And an opening: a row's text was opened for the owner to look at.

use std::fmt;

use super::{HeadName, Move, vault_and_time};
use crate::id::{DecisionId, VaultId};
use crate::text::fields;
use crate::time::Timestamp;

pub(super) const LABEL: &str = "stillgood/ask/v1";
pub(super) const OPENING: &str = "stillgood/opening/v1";
/// So many questions at once at most.
pub(in crate::vault) const MOST_ASKED: usize = 64;

pub(in crate::vault) struct Ask {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) at: Timestamp,
    pub(in crate::vault) decision: DecisionId,
    /// One for each row, in the order of the questions.
    pub(in crate::vault) moves: Vec<Move>,
}

impl Ask {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let (vault, at) = vault_and_time(&mut lines)?;
        let decision = lines.next()?.parse().ok()?;
        let moves = lines.map(Move::parse).collect::<Option<Vec<_>>>()?;
        (1..=MOST_ASKED).contains(&moves.len()).then_some(Ask { vault, at, decision, moves })
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ask { vault, at, decision, moves } = self;
        write!(f, "{LABEL}\n{vault}\n{at}\n{decision}\n")?;
        moves.iter().try_for_each(|moved| moved.fmt(f))
    }
}

pub(in crate::vault) struct Opening {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) at: Timestamp,
    pub(in crate::vault) head: HeadName,
}

impl Opening {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let (vault, at) = vault_and_time(&mut lines)?;
        let [generation, digest] = fields(lines.next()?)?;
        Some(Opening { vault, at, head: HeadName::parse(generation, digest)? })
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Opening { vault, at, head } = self;
        write!(f, "{OPENING}\n{vault}\n{at}\n{head}\n")
    }
}
