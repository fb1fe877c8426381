//! A use: which rows of a decision stood in the prompt of an answer.

use std::fmt;

use super::{Marking, vault_and_time};
use crate::id::{DecisionId, VaultId};
use crate::text::{fields, number};
use crate::time::Timestamp;

pub(super) const LABEL: &str = "stillgood/use/v1";
/// So many rows at most.
pub(in crate::vault) const MOST_PLACED: usize = 4_096;

pub(in crate::vault) struct Use {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) at: Timestamp,
    pub(in crate::vault) decision: DecisionId,
    /// Of the answer's digest.
    pub(in crate::vault) answer: Marking,
    /// Numbers of rulings, from 1, ascending.
    pub(in crate::vault) placed: Vec<u64>,
}

impl Use {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let (vault, at) = vault_and_time(&mut lines)?;
        let decision = lines.next()?.parse().ok()?;
        let [epoch, mark] = fields(lines.next()?)?;
        let placed = match lines.next()? {
            "-" => vec![],
            numbers => numbers.split(',').map(number).collect::<Option<Vec<u64>>>()?,
        };
        let sorted = placed.first().is_none_or(|first| *first >= 1) && placed.is_sorted_by(|a, b| a < b);
        let answer = Marking::parse(epoch, mark)?;
        (sorted && placed.len() <= MOST_PLACED).then_some(Use { vault, at, decision, answer, placed })
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Use { vault, at, decision, answer, placed } = self;
        let numbers: Vec<String> = placed.iter().map(u64::to_string).collect();
        let numbers = if numbers.is_empty() { "-".to_owned() } else { numbers.join(",") };
        write!(f, "{LABEL}\n{vault}\n{at}\n{decision}\n{answer}\n{numbers}\n")
    }
}
