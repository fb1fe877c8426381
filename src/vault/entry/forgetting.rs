//! A forgetting: a row is gone. It names no id; whoever has the id and can open the vault finds it.

use std::fmt;

use super::{Marking, vault_and_time};
use crate::id::VaultId;
use crate::text::{fields, number};
use crate::time::Timestamp;

pub(in crate::vault) const FORGETTING: &str = "stillgood/forgetting/v1";

pub(in crate::vault) struct Forgetting {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) at: Timestamp,
    /// Of the row's id.
    pub(in crate::vault) row: Marking,
    /// That of its last head.
    pub(in crate::vault) generation: u64,
}

impl Forgetting {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let (vault, at) = vault_and_time(&mut lines)?;
        let [epoch, mark] = fields(lines.next()?)?;
        let generation = number(lines.next()?).filter(|generation| *generation >= 1)?;
        Some(Forgetting { vault, at, row: Marking::parse(epoch, mark)?, generation })
    }
}

impl fmt::Display for Forgetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Forgetting { vault, at, row, generation } = self;
        write!(f, "{FORGETTING}\n{vault}\n{at}\n{row}\n{generation}\n")
    }
}
