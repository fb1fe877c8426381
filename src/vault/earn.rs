//! Earnings: events that the owner signs, and that alone make a row fresher, or retire it.

use std::fmt;

use super::{Vault, VaultError};
use crate::id::{DecisionId, Digest, RowId, VaultId};
use crate::note::{Note, Signer};
use crate::row::Head;
use crate::text::{fields, number, optional, or_dash};
use crate::time::Timestamp;

const LABEL: &str = "stillgood/earning/v1";

/// What the owner says of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Earning {
    /// It still holds.
    Confirm,
    /// It is wrong.
    Deny,
}

impl fmt::Display for Earning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Earning::Confirm => "confirm",
            Earning::Deny => "deny",
        })
    }
}

/// The content of an earning's note.
pub(super) struct Signed {
    pub(super) vault: VaultId,
    pub(super) earning: Earning,
    pub(super) at: Timestamp,
    pub(super) row: RowId,
    /// The head it was made for.
    pub(super) from: (u64, Digest),
    pub(super) decision: Option<DecisionId>,
}

impl Vault {
    /// The owner confirms or denies a row as it stands. `decision` is the one they were looking at.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was written.
    pub fn earn(
        &self,
        owner: &Signer,
        writer: &Signer,
        row: &RowId,
        earning: Earning,
        at: Timestamp,
        decision: Option<DecisionId>,
    ) -> Result<(), VaultError> {
        if owner.verifier() != self.owner {
            return Err(VaultError::NotAllowed { name: owner.verifier().name().to_string(), what: "earn", at });
        }
        self.change(writer, at, 1, |change| {
            let Some((head, generation, digest)) = change.sealed_before(row)? else {
                return Err(VaultError::UnknownRow(row.clone()));
            };
            if at < head.last_earned() {
                return Err(VaultError::Refused {
                    row: row.clone(),
                    what: "it was stated or confirmed later than that",
                });
            }
            let signed =
                Signed { vault: self.id(), earning, at, row: row.clone(), from: (generation, digest), decision };
            let note = owner.sign(&signed.to_string()).expect("an earning is a note's text");
            signed.apply(head, note.digest());
            change.append(note.to_string());
            Ok(())
        })
    }
}

impl Signed {
    /// What the earning makes of the head it was made for.
    pub(super) fn apply(&self, head: &mut Head, note: Digest) {
        match self.earning {
            Earning::Confirm => {
                head.confirmed_at = Some(self.at);
                head.confirmations = head.confirmations.saturating_add(1);
                head.denied = false;
            }
            Earning::Deny => head.denied = true,
        }
        head.earning = Some(note);
    }

    /// Reads an earning's note; who signed it is the caller's to ask.
    pub(super) fn parse(note: &Note) -> Option<Self> {
        let mut lines = note.unverified_text().lines();
        (lines.next()? == LABEL).then_some(())?;
        let vault = lines.next()?.parse().ok()?;
        let [earning, at] = fields(lines.next()?)?;
        let [row, generation, digest] = fields(lines.next()?)?;
        let decision = optional(lines.next()?, |id| id.parse().ok())?;
        let earning = [Earning::Confirm, Earning::Deny].into_iter().find(|known| known.to_string() == earning)?;
        let at = Timestamp::from_canonical(at)?;
        let signed = Signed {
            vault,
            earning,
            at,
            row: row.parse().ok()?,
            from: (number(generation).filter(|generation| *generation >= 1)?, digest.parse().ok()?),
            decision,
        };
        (signed.to_string() == note.unverified_text()).then_some(signed)
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Signed { vault, earning, at, row, from: (generation, digest), decision } = self;
        writeln!(f, "{LABEL}\n{vault}\n{earning} {at}\n{row} {generation} {digest}\n{}", or_dash(decision.as_ref()))
    }
}
