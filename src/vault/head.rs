//! The vault head: a writer's note about one state of the vault. And the pin: what a reader remembers of it.

use std::fmt;
use std::str::FromStr;

use super::VaultError;
use super::rowsum::RowSum;
use crate::id::{Digest, VaultId};
use crate::note::{Note, Signer};
use crate::seal::KeyRing;
use crate::store::Reader;
use crate::text::{base64, fields, number, optional, or_dash, unbase64};
use crate::time::Timestamp;
use crate::tree::{self, Hash};

const LABEL: &str = "stillgood/vault-head/v1";
const PIN: &str = "stillgood/pin/v1";

/// A verified vault head.
pub(super) struct VaultHead {
    /// The whole note.
    pub(super) note: String,
    pub(super) digest: Digest,
    pub(super) vault: VaultId,
    pub(super) sequence: u64,
    pub(super) at: Timestamp,
    pub(super) previous: Option<Digest>,
    pub(super) ring: Digest,
    pub(super) log: u64,
    pub(super) log_size: u64,
    pub(super) log_root: Hash,
    pub(super) rows: RowSum,
}

impl VaultHead {
    /// Of a vault without rows; not yet signed.
    pub(super) fn first(ring: &KeyRing, at: Timestamp) -> Self {
        VaultHead {
            note: String::new(),
            digest: Digest::of(b""),
            vault: ring.vault(),
            sequence: 1,
            at,
            previous: None,
            ring: ring.digest(),
            log: 1,
            log_size: 0,
            log_root: tree::root::<&[u8]>([]),
            rows: RowSum::empty(),
        }
    }

    /// The one after this: the same log, another state of it and of the rows; not yet signed.
    pub(super) fn next(&self, ring: &KeyRing, at: Timestamp, log_size: u64, log_root: Hash, rows: RowSum) -> Self {
        VaultHead {
            note: String::new(),
            digest: Digest::of(b""),
            vault: self.vault,
            sequence: self.sequence + 1,
            at,
            previous: Some(self.digest),
            ring: ring.digest(),
            log: self.log,
            log_size,
            log_root,
            rows,
        }
    }

    pub(super) fn sign(&self, writer: &Signer) -> Note {
        writer.sign(&self.text(&self.rows.digest())).expect("a vault head is a note's text")
    }

    fn text(&self, row_sum: &Digest) -> String {
        format!(
            "{LABEL}\n{}\n{} {}\n{}\n{}\n{} {} {}\n{} {row_sum}\n",
            self.vault,
            self.sequence,
            self.at,
            or_dash(self.previous.as_ref()),
            self.ring,
            self.log,
            self.log_size,
            base64(&self.log_root),
            self.rows.count,
        )
    }

    /// Reads a head that a writer of this ring signed. `state` is the row sum as stored.
    pub(super) fn verify(note: &str, ring: &KeyRing, state: Vec<u8>) -> Result<Self, VaultError> {
        let damaged = |what: &str| VaultError::Damaged(format!("the vault head {what}"));
        let parsed: Note = note.parse().map_err(|error| VaultError::Note { what: "head", error })?;
        let (head, sum) = VaultHead::parse(&parsed, state).ok_or_else(|| damaged("has another form"))?;
        if head.vault != ring.vault() {
            return Err(damaged("is of another vault"));
        }
        if head.ring != ring.digest() {
            return Err(damaged("names another key ring"));
        }
        if head.rows.digest() != sum {
            return Err(damaged("names another row sum"));
        }
        let writers = ring.verifiers().iter().filter(|listed| listed.roles.may_write() && listed.holds_at(head.at));
        if !writers.into_iter().any(|listed| parsed.verify(&listed.verifier).is_ok()) {
            return Err(damaged("is not signed by a writer of the key ring"));
        }
        Ok(head)
    }

    /// Reads a head without asking who signed it; also the digest of the row sum that it names.
    pub(super) fn parse(note: &Note, state: Vec<u8>) -> Option<(Self, Digest)> {
        let mut lines = note.unverified_text().lines();
        (lines.next()? == LABEL).then_some(())?;
        let vault = lines.next()?.parse().ok()?;
        let [sequence, at] = fields(lines.next()?)?;
        let previous = optional(lines.next()?, |digest| digest.parse().ok())?;
        let ring = lines.next()?.parse().ok()?;
        let [log, log_size, log_root] = fields(lines.next()?)?;
        let [count, sum] = fields(lines.next()?)?;
        if lines.next().is_some() {
            return None;
        }
        let sequence = number(sequence).filter(|sequence| *sequence >= 1)?;
        let head = VaultHead {
            note: note.to_string(),
            digest: note.digest(),
            vault,
            sequence,
            at: Timestamp::from_canonical(at)?,
            previous,
            ring,
            log: number(log).filter(|log| *log >= 1)?,
            log_size: number(log_size)?,
            log_root: unbase64(log_root)?.try_into().ok()?,
            rows: RowSum::from_state(number(count)?, state)?,
        };
        let sum: Digest = sum.parse().ok()?;
        // Writing it again checks every field's one form.
        let sound = head.previous.is_none() == (sequence == 1) && head.text(&sum) == note.unverified_text();
        sound.then_some((head, sum))
    }
}

/// What a reader keeps outside the vault, so that an older vault is noticed. Its text form is `docs/formats.md`, "Pin".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pin {
    /// The vault.
    pub vault: VaultId,
    /// Its sequence when last seen.
    pub sequence: u64,
    /// Digest of the vault head of that sequence.
    pub head: Digest,
    /// The log's number.
    pub log: u64,
    /// Its size when last seen.
    pub log_size: u64,
    /// Its root at that size.
    pub log_root: Hash,
}

/// Why a vault does not agree with a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Not a pin.
    #[error("not a pin of version 1")]
    Malformed,
    /// A pin of another vault.
    #[error("the pin is of another vault")]
    OtherVault,
    /// An earlier state of the vault.
    #[error("the vault is older than seen: its {what} is at {found}, where {seen} was seen")]
    OlderThanSeen {
        /// `state` or `log`.
        what: &'static str,
        /// The sequence or log size of the vault.
        found: u64,
        /// The one in the pin.
        seen: u64,
    },
    /// Another history.
    #[error("the vault has another history than the one that was seen")]
    Forked,
}

pub(super) fn check_pin(pin: &Pin, head: &VaultHead, reader: &Reader<'_>) -> Result<(), VaultError> {
    if pin.vault != head.vault {
        return Err(PinError::OtherVault.into());
    }
    if head.sequence < pin.sequence {
        return Err(PinError::OlderThanSeen { what: "state", found: head.sequence, seen: pin.sequence }.into());
    }
    let then = reader.vault_head_at(pin.sequence)?.map(|note| Digest::of(note.as_bytes()));
    if then != Some(pin.head) || head.log != pin.log {
        return Err(PinError::Forked.into());
    }
    let size = reader.log_size(pin.log)?;
    if size < pin.log_size {
        return Err(PinError::OlderThanSeen { what: "log", found: size, seen: pin.log_size }.into());
    }
    if reader.log_root(pin.log, pin.log_size)? != Some(pin.log_root) {
        return Err(PinError::Forked.into());
    }
    Ok(())
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{PIN}\n{}\n{} {}\n{} {} {}",
            self.vault,
            self.sequence,
            self.head,
            self.log,
            self.log_size,
            base64(&self.log_root)
        )
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let parse = || {
            let mut lines = text.lines();
            (lines.next()? == PIN).then_some(())?;
            let vault = lines.next()?.parse().ok()?;
            let [sequence, head] = fields(lines.next()?)?;
            let [log, log_size, log_root] = fields(lines.next()?)?;
            let pin = Pin {
                vault,
                sequence: number(sequence).filter(|sequence| *sequence >= 1)?,
                head: head.parse().ok()?,
                log: number(log).filter(|log| *log >= 1)?,
                log_size: number(log_size)?,
                log_root: unbase64(log_root)?.try_into().ok()?,
            };
            (pin.to_string() == text).then_some(pin)
        };
        parse().ok_or(PinError::Malformed)
    }
}
