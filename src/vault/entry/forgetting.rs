//! A forgetting: a row is gone. It names no id; whoever has the id and can open the vault finds it.

use std::fmt;

use super::{HeadName, Marking, vault_and_time};
use crate::id::VaultId;
use crate::text::{fields, number};
use crate::time::Timestamp;

pub(in crate::vault) const FORGETTING: &str = "stillgood/forgetting/v1";

/// So many heads of one row can be named at most.
pub(in crate::vault) const MOST_GONE: usize = 700;

pub(in crate::vault) struct Forgetting {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) at: Timestamp,
    /// Of the row's id.
    pub(in crate::vault) row: Marking,
    /// That of its last head.
    pub(in crate::vault) generation: u64,
    /// Those of its heads that other entries name, ascending.
    pub(in crate::vault) heads: Vec<HeadName>,
}

impl Forgetting {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let (vault, at) = vault_and_time(&mut lines)?;
        let [epoch, mark] = fields(lines.next()?)?;
        let generation = number(lines.next()?).filter(|generation| *generation >= 1)?;
        let head = |line: &str| fields(line).and_then(|[generation, digest]| HeadName::parse(generation, digest));
        let heads = lines.map(head).collect::<Option<Vec<_>>>()?;
        let sorted = heads.is_sorted_by(|a, b| a.generation < b.generation);
        let within = heads.last().is_none_or(|last| last.generation <= generation);
        let sound = sorted && within && heads.len() <= MOST_GONE;
        sound.then_some(Forgetting { vault, at, row: Marking::parse(epoch, mark)?, generation, heads })
    }
}

impl fmt::Display for Forgetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Forgetting { vault, at, row, generation, heads } = self;
        write!(f, "{FORGETTING}\n{vault}\n{at}\n{row}\n{generation}\n")?;
        heads.iter().try_for_each(|head| writeln!(f, "{head}"))
    }
}
