//! The evidence that is kept with a row, and how more of it comes in.

use std::collections::HashSet;

use super::verify::Finding;
use super::write::Change;
use super::{Vault, VaultError};
use crate::evidence::{Evidence, EvidenceFull, Material};
use crate::id::{Digest, RowId};
use crate::row::Head;
use crate::seal::{OpenError, SealedEvidence};
use crate::store::Reader;
use crate::time::Timestamp;

/// Row, generation and digest of the evidence parts that heads name; no generation where the row has none that old.
pub(super) type NamedParts = HashSet<(String, Option<u64>, Digest)>;

impl Vault {
    /// The evidence that is kept with a row, in the order in which it was attached.
    ///
    /// # Errors
    /// [`VaultError::UnknownRow`], or why it does not open.
    pub fn evidence(&self, row: &RowId) -> Result<Evidence, VaultError> {
        let head = self.row(row)?;
        self.store.read(|reader| self.evidence_of(reader, &head))
    }

    pub(super) fn evidence_of(&self, reader: &Reader<'_>, head: &Head) -> Result<Evidence, VaultError> {
        if head.evidence.is_none() {
            return Ok(Evidence::default());
        }
        let part = reader.evidence(head.row.as_str(), head.generation)?;
        let opened = part.ok_or(OpenError::Damaged).and_then(|(generation, sealed)| {
            let sealed = SealedEvidence::from_bytes(sealed);
            let evidence = sealed.open(&self.keys, head)?;
            // The column says which part is the newest.
            if sealed.generation() == Some(generation) { Ok(evidence) } else { Err(OpenError::Damaged) }
        });
        opened.map_err(|error| VaultError::Row { row: head.row.clone(), error })
    }

    /// Whether the evidence that a head names is there, and opens. One part is named by many heads, and opened once.
    pub(super) fn verify_evidence(
        &self,
        reader: &Reader<'_>,
        head: &Head,
        parts: &mut NamedParts,
        finding: &mut Finding,
    ) -> Result<(), VaultError> {
        let Some(digest) = head.evidence else { return Ok(()) };
        let row = &head.row;
        let generation = reader.evidence_up_to(row.as_str(), head.generation)?;
        if !parts.insert((row.to_string(), generation, digest)) {
            return Ok(());
        }
        finding.checked += 1;
        if generation.is_none() {
            finding.wrong(format!("row `{row}`: there is no evidence"));
            return Ok(());
        }
        match self.evidence_of(reader, head) {
            Err(VaultError::Row { row, error }) => finding.wrong(format!("row `{row}`: {error}")),
            other => drop(other?),
        }
        Ok(())
    }
}

impl Change<'_> {
    /// The evidence of a row as this transaction has it so far.
    pub(super) fn kept(&mut self, row: &RowId) -> Result<Option<Evidence>, VaultError> {
        let (vault, writer) = (self.vault, self.writer);
        let Some(pending) = self.row(row)? else { return Ok(None) };
        match &pending.evidence {
            Some(evidence) => Ok(Some(evidence.clone())),
            None => vault.evidence_of(writer, &pending.head).map(Some),
        }
    }

    /// Keeps these pieces with a row of this text, and fills its boxes. A piece that is kept already is left where it is, or
    /// counts as attached last. Whether anything changed.
    pub(super) fn attach(
        &mut self,
        row: &RowId,
        pieces: &[Material],
        known: Known,
        text: &str,
        now: Timestamp,
    ) -> Result<bool, VaultError> {
        if pieces.is_empty() {
            return Ok(false);
        }
        let mut evidence = self.kept(row)?.unwrap_or_default();
        let vault = self.vault;
        let Some(pending) = self.row(row)? else { return Ok(false) };
        let body_generation = pending.body_generation();
        let (mut any, mut answered) = (false, false);
        for piece in pieces {
            let kept = evidence.iter().find(|kept| kept.material == *piece).map(|kept| kept.body_generation);
            match kept {
                None => answered |= piece.kind().is_answer(),
                Some(generation) if generation == body_generation && known == Known::Stays => continue,
                Some(_) => {}
            }
            let refused = |EvidenceFull| VaultError::Refused { row: row.clone(), what: EvidenceFull::TEXT };
            evidence.attach(piece.clone(), now, body_generation).map_err(refused)?;
            any = true;
        }
        if any {
            // An answer that was not there before may be what the changed text was made from. Nothing else may.
            pending.head.edited &= !answered;
            #[cfg(feature = "evidence")]
            drop(vault.fill(pending, text, &evidence, now));
            #[cfg(not(feature = "evidence"))]
            let _ = (text, vault);
            pending.head.earning = None;
            pending.evidence = Some(evidence);
            pending.touched = true;
        }
        Ok(any)
    }
}

/// What becomes of a piece that is kept already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It stays where it is: an export says the same again.
    Stays,
    /// It counts as attached last: somebody asks for it.
    #[cfg_attr(not(feature = "evidence"), expect(dead_code, reason = "only what examines attaches again"))]
    ComesLast,
}
