//! Settlement: a ladder, never one bit. What was checked comes before what was said, however far that reaches.

use super::source::Source;
use super::{Notes, found};
use crate::evidence::settlement::{BatchError, LeafSignature, Proof, ProofError, Root, SettlementMode};
use crate::evidence::{Attached, Found, MaterialKind, SettlementRung};
use crate::time::Timestamp;

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<(SettlementRung, Option<Timestamp>)>> {
    let at = source.case.at;
    let is_said = source.said(|said| said.settlement.as_ref().map(drop)).is_some();
    let announced = match &source.announced {
        Some(Err(error)) => {
            notes.add(error.to_string());
            return found(Found::Malformed, at, (SettlementRung::None, None));
        }
        Some(Ok(announced)) => announced.clone(),
        None => Default::default(),
    };
    let mode = source.said(|said| said.settlement.as_ref()?.mode).map(|(_, mode)| mode).or(announced.mode);
    let transaction = source.said(|said| said.settlement.as_ref()?.transaction).map(|(_, transaction)| transaction);
    let named = announced.transaction.or(transaction).is_some();
    let seen = source.said(|said| said.settlement.as_ref()?.seen.clone().filter(|seen| !seen.is_to_come(at)));
    let rung = match mode {
        _ if named => SettlementRung::Announced,
        Some(SettlementMode::Batch | SettlementMode::Individual) => SettlementRung::Requested,
        Some(SettlementMode::Private) | None => SettlementRung::None,
    };
    let asked = mode.or(named.then_some(SettlementMode::Batch));
    let due = asked.and_then(|mode| mode.due(source.answered_at()?));
    if named {
        notes.add("a transaction is named, and a name can come before anything is sent");
    }
    if mode == Some(SettlementMode::Private) {
        notes.add("settlement is private: nothing of the answer goes to a chain");
    }
    if let Some((by, seen)) = &seen {
        notes.add(format!(
            "{by} says that the batch was seen on {} as of block {}, at {}: a claim",
            seen.network, seen.block, seen.at
        ));
    }
    if let Some(proof) = source.piece(MaterialKind::Proof) {
        let root = source.said(|said| said.settlement.as_ref()?.root);
        if let Some((by, _)) = &root {
            notes.add(format!("the root is the word of {by}"));
        }
        match prove(source, proof, root.map(|(_, root)| root).as_ref(), notes) {
            Proved::Included => return found(Found::Verified, at, (SettlementRung::Included, due)),
            Proved::Refuted => return found(Found::Contradicted, at, (rung, due)),
            Proved::Unread => return found(Found::Malformed, at, (rung, due)),
            Proved::Nothing => {}
        }
    } else if !is_said && rung == SettlementRung::None && mode.is_none() {
        return None;
    }
    let rung = if seen.is_some() { SettlementRung::Anchored } else { rung };
    found(Found::Claimed, at, (rung, due))
}

enum Proved {
    /// The leaf stands under the given root.
    Included,
    Refuted,
    Unread,
    /// There is no response to hold the proof against, or no root but its own.
    Nothing,
}

/// Whether the leaf of this response stands under the root; and, apart from that, whether the leaf is signed.
fn prove(source: &Source<'_>, file: &[u8], root: Option<&Root>, notes: &mut Notes) -> Proved {
    let Some(response) = source.read_response() else {
        notes.add("there is no response of the current form to hold the proof against");
        return Proved::Nothing;
    };
    let proof = match Proof::of(response, file) {
        Ok(proof) => proof,
        Err(error) => {
            notes.add(error.to_string());
            return match error {
                ProofError::NotInBatch
                | ProofError::OtherResponse(_)
                | ProofError::Batch(BatchError::OtherPlace(_) | BatchError::OtherLeaf(_) | BatchError::OtherNode(_)) => {
                    Proved::Refuted
                }
                _ => Proved::Unread,
            };
        }
    };
    let outcome = match root {
        Some(root) => proof.verify(response, root).map(|_| Proved::Included),
        None => proof.verify_as_claimed(response).map(|_| {
            notes.add("the proof leads to the root that its own file names; whose root that is, nobody says");
            Proved::Nothing
        }),
    };
    match outcome {
        Err(error) => {
            notes.add(error.to_string());
            Proved::Refuted
        }
        Ok(proved) => {
            let signature =
                source.key.as_ref().and_then(|key| key.as_ref().ok()).map(|key| proof.leaf().signature(key));
            notes.add(match signature {
                Some(LeafSignature::Holds) => "the signature in the leaf holds",
                Some(LeafSignature::Placeholder) => "the leaf holds a placeholder, no signature",
                Some(LeafSignature::DoesNotHold) => "the signature in the leaf does not hold, which no chain checks",
                Some(LeafSignature::OtherKey) => "the leaf names another key than the one that is attached",
                None => "there is no key to check the leaf's signature with",
            });
            proved
        }
    }
}
