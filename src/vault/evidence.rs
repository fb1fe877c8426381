//! The evidence that is kept with a row, and how more of it comes in.

use super::change::Change;
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
        let part = reader.evidence(head.row.as_str(), head.generation)?;
        let opened = part.ok_or(OpenError::Damaged).and_then(|(generation, sealed)| {
            let sealed = SealedEvidence::from_bytes(sealed);
            let evidence = sealed.open(&self.keys, head)?;
            // The column says which part is the newest.
            if sealed.generation() == Some(generation) { Ok(evidence) } else { Err(OpenError::Damaged) }
        });
        opened.map_err(|error| VaultError::Row { row: head.row.clone(), error })
    }
}

impl Change<'_, '_> {
    /// The evidence of a row as this transaction has it so far.
    pub(super) fn kept(&mut self, row: &RowId) -> Result<Option<Evidence>, VaultError> {
        let (vault, writer) = (self.vault, self.writer);
        let Some(pending) = self.row(row)? else { return Ok(None) };
        match &pending.evidence {
            Some(evidence) => Ok(Some(evidence.clone())),
            None => vault.evidence_of(writer, &pending.head).map(Some),
        }
    }

    /// Keeps the pieces that came with a draft of this text, and fills the row's boxes. Whether any of them is new.
    pub(super) fn attach(
        &mut self,
        row: &RowId,
        pieces: &[Material],
        text: &str,
        now: Timestamp,
    ) -> Result<bool, VaultError> {
        let Some(evidence) = self.keep(row, pieces, Known::Stays, now)? else { return Ok(false) };
        #[cfg(feature = "evidence")]
        {
            let vault = self.vault;
            if let Some(pending) = self.row(row)? {
                vault.fill(pending, text, &evidence, now);
            }
        }
        #[cfg(not(feature = "evidence"))]
        let _ = (text, evidence);
        Ok(true)
    }

    /// Keeps these pieces with a row; all that it has then, or `None` where none of them is new. A piece that is kept already is
    /// left where it is, or counts as attached last.
    pub(super) fn keep(
        &mut self,
        row: &RowId,
        pieces: &[Material],
        known: Known,
        now: Timestamp,
    ) -> Result<Option<Evidence>, VaultError> {
        if pieces.is_empty() {
            return Ok(None);
        }
        let mut evidence = self.kept(row)?.unwrap_or_default();
        let Some(pending) = self.row(row)? else { return Ok(None) };
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
        if !any {
            return Ok(None);
        }
        // An answer that was not there before may be what the changed text was made from. Nothing else may.
        pending.head.edited &= !answered;
        pending.evidence = Some(evidence.clone());
        pending.touched = true;
        Ok(Some(evidence))
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
