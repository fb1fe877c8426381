//! Rulings, and the decision that signs them: header, leaves, note and bundle, both ways.

mod leaf;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use leaf::Cores;

use crate::id::{DecisionId, Digest, IdError, RowId, VaultId};
use crate::note::{Note, NoteError, Verifier};
use crate::request::Occasion;
use crate::text::{base64, fields, number, unbase64};
use crate::time::Timestamp;
use crate::tree;
use crate::verdict::{Reason, Verdict};

/// One retrieval, decided and verified: read from a note whose signature, root and lines all hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// What holds for all of it.
    pub header: Header,
    /// One ruling per candidate, in request order.
    pub rulings: Vec<Ruling>,
}

/// What holds for a whole decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The time at which the answer was wanted.
    pub at: Timestamp,
    /// Commits to the request.
    pub request: Digest,
    /// Name, version and digest of the policy set.
    pub set: SetName,
    /// The program: `stillgood/…` and `rhai/…`.
    pub program: [String; 2],
    /// The vault.
    pub vault: VaultId,
    /// The vault state that was decided on.
    pub view: View,
    /// How the decision was kept before anything was returned.
    pub durability: Durability,
    /// A retrieval, or a look at another time.
    pub occasion: Occasion,
    /// Names of fields that went on unjudged.
    pub passed: Vec<String>,
}

/// Name, version and digest of a policy set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// Its digest.
    pub digest: Digest,
}

/// Which state of the vault a decision is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// The caller claims none.
    Unpinned,
    /// The state of this vault head.
    Pinned {
        /// Its sequence.
        sequence: u64,
        /// Its digest.
        head: Digest,
    },
}

crate::evidence::words!(
    /// How a decision was kept before anything was returned.
    Durability {
        /// The caller keeps it, or does not.
        None = "none",
        /// Stored and synced.
        Full = "full",
    }
);

/// What was decided about one candidate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ruling {
    /// The candidate's id.
    pub row: RowId,
    /// Generation and digest of the sealed head that was judged; `None` where none opened.
    pub judged: Option<Judged>,
    /// What may happen with the row.
    pub verdict: Verdict,
    /// The time up to which only a change of the row, request or policies changes this; `None` for never.
    pub until: Option<Timestamp>,
    /// Why. At least one. Rulings with the same reasons share them.
    pub reasons: Arc<[Reason]>,
    /// Whether this decision opened the row's body.
    pub opened: bool,
}

/// Which head was judged, and a commitment to the facts that were read from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judged {
    /// Its generation.
    pub generation: u64,
    /// Digest of the sealed head.
    pub head: Digest,
    /// Commits to the facts that policies read.
    pub facts: Digest,
}

/// A decision as it travels: a note over a tree of leaves. Readable only after [`Self::verify`].
///
/// Its JSON form is the bundle: `{"note": …, "leaves": […]}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDecision {
    note: String,
    leaves: Vec<String>,
}

/// Why a decision does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a bundle: one JSON object with `note` and `leaves`.
    #[error("not a decision: expected one JSON object with `note` and `leaves`")]
    NotABundle,
    /// A bundle longer than 64 MiB.
    #[error("not a decision: longer than 64 MiB")]
    TooLong,
    /// The note's form or signature.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Signed, but not as a decision of this key.
    #[error("the note is not a decision of this key")]
    NotADecision,
    /// More or fewer leaves than were signed.
    #[error("{found} leaves, where {signed} were signed")]
    LeafCount {
        /// How many were signed.
        signed: u64,
        /// How many there are.
        found: u64,
    },
    /// The leaves are not the ones that were signed.
    #[error("the leaves are not the ones that were signed")]
    OtherLeaves,
    /// Signed, but a leaf has another form.
    #[error("leaf {0} has another form than version 1")]
    Leaf(usize),
    /// The header is of another decision.
    #[error("the header is of another decision")]
    OtherHeader,
}

/// A bundle is at most this long.
const MOST_BUNDLE: usize = 64 * 1_048_576;

/// Whether a bundle of these leaves can be read again, and so can what a vault stores of them, which is shorter.
pub(crate) fn fits_a_bundle(leaves: &[String]) -> bool {
    // Room for the note, and for the signs and white space around each leaf.
    let most = MOST_BUNDLE - 65_536;
    let plain: usize = leaves.iter().map(|leaf| leaf.len() + 16).sum();
    // Quotes and backslashes are written with a backslash before them: at most twice as long.
    let escaped = |leaf: &String| leaf.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    plain <= most / 2 || plain + leaves.iter().map(escaped).sum::<usize>() <= most
}

impl SignedDecision {
    pub(crate) fn new(note: &Note, leaves: Vec<String>) -> Self {
        SignedDecision { note: note.to_string(), leaves }
    }

    /// Reads a bundle. Nothing is verified yet.
    ///
    /// # Errors
    /// [`VerifyError::NotABundle`], or [`VerifyError::TooLong`] above 64 MiB.
    pub fn from_json(bytes: &[u8]) -> Result<Self, VerifyError> {
        if bytes.len() > MOST_BUNDLE {
            return Err(VerifyError::TooLong);
        }
        // serde reads a struct from an array too, member by member.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(VerifyError::NotABundle);
        }
        serde_json::from_slice(bytes).map_err(|_| VerifyError::NotABundle)
    }

    /// The bundle, with a line end.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("texts always serialise");
        json.push('\n');
        json
    }

    /// The note.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The leaves, header first; not verified.
    pub fn unverified_leaves(&self) -> &[String] {
        &self.leaves
    }

    /// The decision id that the note names; not verified.
    pub fn unverified_id(&self) -> Option<DecisionId> {
        self.note.lines().next()?.rsplit_once('/')?.1.parse().ok()
    }

    /// The decision, if this decider signed it and every leaf is the one that was signed.
    ///
    /// # Errors
    /// [`VerifyError`]: the first thing that does not hold.
    pub fn verify(&self, decider: &Verifier) -> Result<Decision, VerifyError> {
        let note: Note = self.note.parse()?;
        let text = note.verify(decider)?;
        let (vault, id, size, root) = parse_checkpoint(text, decider).ok_or(VerifyError::NotADecision)?;
        if size != self.leaves.len() as u64 {
            return Err(VerifyError::LeafCount { signed: size, found: self.leaves.len() as u64 });
        }
        if tree::root(&self.leaves) != root {
            return Err(VerifyError::OtherLeaves);
        }
        let decision = self.read(id)?;
        if decision.header.vault != vault { Err(VerifyError::OtherHeader) } else { Ok(decision) }
    }

    /// What it says, with nothing verified: for looking at, not for relying on.
    ///
    /// # Errors
    /// [`VerifyError`] where note or leaves have another form.
    pub fn read_unverified(&self) -> Result<Decision, VerifyError> {
        self.note.parse::<Note>()?;
        self.read(self.unverified_id().ok_or(VerifyError::NotADecision)?)
    }

    fn read(&self, id: DecisionId) -> Result<Decision, VerifyError> {
        let (first, others) = self.leaves.split_first().ok_or(VerifyError::NotADecision)?;
        let (header, count) = leaf::parse_header(first).ok_or(VerifyError::Leaf(0))?;
        if count != others.len() as u64 {
            return Err(VerifyError::LeafCount { signed: count.saturating_add(1), found: self.leaves.len() as u64 });
        }
        let rulings =
            others.iter().zip(1..).map(|(line, place)| leaf::parse_ruling(line).ok_or(VerifyError::Leaf(place)));
        Ok(Decision { id, header, rulings: rulings.collect::<Result<_, _>>()? })
    }
}

/// The three lines of a decision's note.
pub(crate) fn checkpoint(decider: &Verifier, vault: VaultId, id: DecisionId, leaves: &[String]) -> String {
    format!("{}/{vault}/decision/v1/{id}\n{}\n{}\n", decider.name(), leaves.len(), base64(&tree::root(leaves)))
}

fn parse_checkpoint(text: &str, decider: &Verifier) -> Option<(VaultId, DecisionId, u64, tree::Hash)> {
    let mut lines = text.lines();
    let [origin, size, root] = [lines.next()?, lines.next()?, lines.next()?];
    if lines.next().is_some() {
        return None;
    }
    let rest = origin.strip_prefix(decider.name().as_str())?.strip_prefix('/')?;
    let (vault, id) = rest.split_once("/decision/v1/")?;
    fields::<1>(origin)?;
    let parsed: Result<_, IdError> = vault.parse().and_then(|vault| Ok((vault, id.parse()?)));
    let (vault, id) = parsed.ok()?;
    Some((vault, id, number(size).filter(|size| *size >= 1)?, unbase64(root)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_that_fits_can_be_read_again() {
        // Quotes, which become twice as long.
        let mut leaves = vec!["\"".repeat(1_048_576); 31];
        let signed = SignedDecision { note: "x".repeat(65_000), leaves: leaves.clone() };
        assert!(fits_a_bundle(&leaves) && SignedDecision::from_json(signed.to_json().as_bytes()).is_ok());
        leaves.push(leaves[0].clone());
        assert!(!fits_a_bundle(&leaves));
        assert!(fits_a_bundle(&vec!["a".repeat(1_048_576); 63]) && !fits_a_bundle(&vec!["a".repeat(1_048_576); 64]));
        // Many short leaves, of which more stands around them than in them.
        assert!(!fits_a_bundle(&vec!["a".to_owned(); 4_000_000]));
    }
}
