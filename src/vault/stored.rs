//! Decisions as they are stored: the note, and the leaves sealed.

use std::collections::HashMap;

use super::change::append;
use super::entry::{POLICIES, PoliciesNote, Said};
use super::{Vault, VaultError};
use crate::cbor::{Malformed, Reader as CborReader, Writer as CborWriter};
use crate::decision::{Decision, Ruling, SignedDecision};
use crate::gate::{Gate, Retrieval};
use crate::id::{DecisionId, RowId, VaultId};
use crate::note::Note;
use crate::seal::{Keys, Salts, SealedRulings, Seed};
use crate::store::{Reader, Writer};
use crate::text::hex;
use crate::time::Timestamp;

impl Vault {
    /// Note and sealed leaves in one transaction; and before them, where this is the first decision by another set of policies,
    /// a note that says so. An equal id is the same decision, and stored once.
    pub(super) fn keep(
        &self,
        gate: &Gate,
        at: Timestamp,
        retrieval: &Retrieval,
        seed: &[u8; 32],
    ) -> Result<(), VaultError> {
        let Retrieval { id, decision, .. } = retrieval;
        let name = id.to_string();
        self.sealing(1, |writer| {
            if writer.decision(&name)?.is_some() {
                return Ok(());
            }
            let log = self.head(writer)?.log;
            self.note_policies(writer, log, gate, at)?;
            writer.append(log, decision.note(), &[])?;
            let sealed = SealedRulings::seal(&self.keys, *id, &rulings_bytes(seed, decision.unverified_leaves()));
            Ok(writer.put_decision(&name, decision.note(), sealed.as_bytes())?)
        })
    }

    /// A decision of this vault, read.
    pub(super) fn stored(&self, reader: &Reader<'_>, id: DecisionId) -> Result<(SignedDecision, Decision), VaultError> {
        let signed = stored_decision(reader, &self.keys, id)?;
        let other_form = |_| VaultError::Damaged(format!("decision `{id}` has another form"));
        let decision = signed.read_unverified().map_err(other_form)?;
        Ok((signed, decision))
    }

    fn note_policies(&self, writer: &Writer<'_>, log: u64, gate: &Gate, at: Timestamp) -> Result<(), VaultError> {
        let last = writer.last_entry_of(POLICIES.as_bytes())?.and_then(|entry| entry.parse().ok());
        let before = last.and_then(|note| match Said::parse(&note) {
            Some(Said::Policies(said)) => Some(said.set.digest),
            _ => None,
        });
        let set = gate.set_name();
        if before == Some(set.digest) {
            return Ok(());
        }
        append(writer, log, gate.signer(), &Said::Policies(PoliciesNote { vault: self.id(), at, set, before }))
    }
}

/// A decision as it is stored: its note, and its leaves unsealed.
pub(super) fn stored_decision(reader: &Reader<'_>, keys: &Keys, id: DecisionId) -> Result<SignedDecision, VaultError> {
    let (note, rulings) = reader.decision(&id.to_string())?.ok_or(VaultError::UnknownDecision(id))?;
    let damaged = |_| VaultError::Damaged(format!("decision `{id}` does not open"));
    let rulings = SealedRulings::from_bytes(rulings);
    let plaintext = rulings.open(keys, id).map_err(damaged)?;
    let other_form = |Malformed| VaultError::Damaged(format!("decision `{id}` has another form"));
    let (seed, leaves) = parse_rulings(&plaintext).map_err(other_form)?;
    let disclosure =
        rulings.epoch().and_then(|epoch| keys.disclosure_of(epoch)).ok_or(Malformed).map_err(other_form)?;
    let salts = disclosure.salts(&Seed(seed), leaves.len());
    let salted = |(leaf, salts): (&String, &Salts)| leaf.ends_with(&format!(" {}", hex(&salts.leaf)));
    if !seed.starts_with(id.as_bytes()) || !leaves.iter().zip(&salts).all(salted) {
        return Err(VaultError::Damaged(format!("decision `{id}` has the seed or a salt of another")));
    }
    let note: Note = note.parse().map_err(|error| VaultError::Note { what: "decision", error })?;
    Ok(SignedDecision::new(&note, leaves))
}

fn rulings_bytes(seed: &[u8; 32], leaves: &[String]) -> Vec<u8> {
    let mut out = CborWriter::array(3);
    out.text("stillgood/rulings/v1").bytes(seed).nested(leaves.len());
    for leaf in leaves {
        out.text(leaf);
    }
    out.finish()
}

fn parse_rulings(bytes: &[u8]) -> Result<([u8; 32], Vec<String>), Malformed> {
    let mut from = CborReader::new(bytes);
    from.array(3)?;
    if from.text()? != "stillgood/rulings/v1" {
        return Err(Malformed);
    }
    let seed: [u8; 32] = from.fixed()?;
    let count = from.array_up_to(1 << 24)?;
    let leaves = (0..count).map(|_| from.text().map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
    if rulings_bytes(&seed, &leaves) == bytes { Ok((seed, leaves)) } else { Err(Malformed) }
}

/// The strictest ruling of a decision on each of its rows, with its number, from 1; in order of the numbers.
pub(super) fn strictest(decision: &Decision) -> Vec<(usize, &Ruling)> {
    let mut of_row: HashMap<&RowId, (usize, &Ruling)> = HashMap::with_capacity(decision.rulings.len());
    for (number, ruling) in (1..).zip(&decision.rulings) {
        let known = of_row.entry(&ruling.row).or_insert((number, ruling));
        if known.1.verdict < ruling.verdict {
            *known = (number, ruling);
        }
    }
    let mut rulings: Vec<_> = of_row.into_values().collect();
    rulings.sort_by_key(|(number, _)| *number);
    rulings
}

/// The ruling of a decision on this row, and its number, from 1: the strictest, and of those the first.
pub(super) fn ruling_on<'d>(decision: &'d Decision, row: &RowId) -> Option<(usize, &'d Ruling)> {
    let ruled = (1..).zip(&decision.rulings).filter(|(_, ruling)| ruling.row == *row);
    ruled.max_by_key(|(number, ruling)| (ruling.verdict, std::cmp::Reverse(*number)))
}

/// The id of the decision of this vault that an entry is, if it is one.
pub(super) fn decision_of(entry: &str, vault: VaultId) -> Option<DecisionId> {
    let (_, rest) = entry
        .lines()
        .next()?
        .split_once("/decision/v1/")
        .filter(|(origin, _)| origin.rsplit_once('/').is_some_and(|(_, named)| named.parse() == Ok(vault)))?;
    rest.parse().ok()
}
