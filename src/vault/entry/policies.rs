//! A change of policies: from here on decisions are made with another set.

use std::fmt;

use super::{line_or_dash, vault_and_time};
use crate::decision::SetName;
use crate::id::{Digest, VaultId};
use crate::text::{fields, is_name, number, optional};
use crate::time::Timestamp;

pub(in crate::vault) const POLICIES: &str = "stillgood/policies/v1";

pub(in crate::vault) struct PoliciesNote {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) at: Timestamp,
    pub(in crate::vault) set: SetName,
    /// Digest of the set before.
    pub(in crate::vault) before: Option<Digest>,
}

impl PoliciesNote {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let (vault, at) = vault_and_time(&mut lines)?;
        let [name, version, digest] = fields(lines.next()?)?;
        let before = optional(lines.next()?, |digest| digest.parse().ok())?;
        let set = SetName { name: name.to_owned(), version: number(version)?, digest: digest.parse().ok()? };
        is_name(name).then_some(PoliciesNote { vault, at, set, before })
    }
}

impl fmt::Display for PoliciesNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoliciesNote { vault, at, set: SetName { name, version, digest }, before } = self;
        write!(f, "{POLICIES}\n{vault}\n{at}\n{name} {version} {digest}\n")?;
        line_or_dash(f, before.as_ref())
    }
}
