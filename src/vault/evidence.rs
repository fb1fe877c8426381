//! The evidence that is kept with a row, and how more of it comes in.

use super::write::Change;
use super::{Vault, VaultError};
use crate::evidence::{Evidence, EvidenceFull, Material};
use crate::id::RowId;
use crate::row::Head;
use crate::seal::{OpenError, SealedEvidence};
use crate::store::Reader;
use crate::time::Timestamp;

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
        let failed = |error| VaultError::Row { row: head.row.clone(), error };
        let sealed = reader.evidence(head.row.as_str(), head.generation)?.ok_or_else(|| failed(OpenError::Damaged))?;
        SealedEvidence::from_bytes(sealed).open(&self.keys, head).map_err(failed)
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

    /// Keeps these pieces with a row of this text, and fills its boxes. Whether any of them is new.
    pub(super) fn attach(
        &mut self,
        row: &RowId,
        pieces: &[Material],
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
        let mut any = false;
        for piece in pieces {
            if evidence.iter().any(|kept| kept.material == *piece && kept.body_generation == body_generation) {
                continue;
            }
            let refused = |error: EvidenceFull| VaultError::Refused { row: row.clone(), what: error.as_str() };
            evidence.attach(piece.clone(), now, body_generation).map_err(refused)?;
            any = true;
        }
        if any {
            #[cfg(feature = "evidence")]
            {
                pending.head.boxes = vault.examine(text, &evidence, body_generation, now).boxes;
            }
            #[cfg(not(feature = "evidence"))]
            let _ = (text, vault);
            pending.head.edited = false;
            pending.head.earning = None;
            pending.evidence = Some(evidence);
            pending.touched = true;
        }
        Ok(any)
    }
}
