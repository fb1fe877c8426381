//! Attaching evidence to a row and examining it again: here the boxes are filled, and never in a retrieval.

use super::{Vault, VaultError};
use crate::evidence::attestation::CodeList;
use crate::evidence::examine::{Case, Examination};
use crate::evidence::{Evidence, Material};
use crate::id::RowId;
use crate::note::Signer;
use crate::row::{Body, Head};
use crate::seal::{OpenError, SealedBody};
use crate::store::Reader;
use crate::time::Timestamp;

/// What became of one row that was examined again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rechecked {
    /// The row.
    pub row: RowId,
    /// What its evidence shows now, or why it does not open; then its boxes stand as they were.
    pub examination: Result<Examination, OpenError>,
    /// Whether a box changed, but for when it was looked at.
    pub changed: bool,
}

impl Vault {
    /// The same vault, which holds the code of attested enclaves against this list from now on. Without a list nothing is
    /// said about code.
    #[must_use]
    pub fn accepting(self, codes: CodeList) -> Self {
        Vault { codes: Some(codes), ..self }
    }

    /// Keeps pieces of evidence with a row, and fills its boxes from all that is kept with it. The row's body is opened, to
    /// compare its text.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was written. [`VaultError::UnknownRow`]; [`VaultError::Refused`] where a row has too much of
    /// it already.
    pub fn attach(
        &self,
        writer: &Signer,
        row: &RowId,
        pieces: &[Material],
        now: Timestamp,
    ) -> Result<Examination, VaultError> {
        self.change(writer, now, 2, |change| {
            let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
            let head = pending.head.clone();
            let failed = |error| VaultError::Row { row: row.clone(), error };
            let text = self.text_of(change.writer, &head)?.map_err(failed)?;
            change.attach(row, pieces, text.text(), now)?;
            let evidence = change.kept(row)?.unwrap_or_default();
            let examination = self.examine(text.text(), &evidence, head.body_generation, now);
            let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
            if pending.head.boxes != examination.boxes {
                pending.head.boxes = examination.boxes.clone();
                pending.head.earning = None;
                pending.touched = true;
            }
            Ok(examination)
        })
    }

    /// Examines the evidence of these rows again, or of all that have some, and fills their boxes anew. A row whose evidence
    /// or body does not open is left as it is.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was written. [`VaultError::UnknownRow`] for a row that is not there.
    pub fn recheck(
        &self,
        writer: &Signer,
        rows: Option<&[RowId]>,
        now: Timestamp,
    ) -> Result<Vec<Rechecked>, VaultError> {
        let rows = match rows {
            Some(rows) => rows.to_vec(),
            None => self.rows()?,
        };
        self.change(writer, now, rows.len() as u64, |change| {
            let mut done = vec![];
            for row in rows {
                let Some(pending) = change.row(&row)? else { return Err(VaultError::UnknownRow(row)) };
                let head = pending.head.clone();
                if head.evidence.is_none() {
                    continue;
                }
                let opened = match change.kept(&row) {
                    Err(VaultError::Row { error, .. }) => Err(error),
                    Err(other) => return Err(other),
                    Ok(evidence) => {
                        self.text_of(change.writer, &head)?.map(|body| (evidence.unwrap_or_default(), body))
                    }
                };
                let examination =
                    opened.map(|(evidence, body)| self.examine(body.text(), &evidence, head.body_generation, now));
                let mut changed = false;
                if let (Ok(examination), Some(pending)) = (&examination, change.row(&row)?)
                    && pending.head.boxes != examination.boxes
                {
                    changed = pending.head.boxes.undated() != examination.boxes.undated();
                    pending.head.boxes = examination.boxes.clone();
                    pending.head.earning = None;
                    pending.touched = true;
                }
                done.push(Rechecked { row, examination, changed });
            }
            Ok(done)
        })
    }

    pub(super) fn examine(&self, text: &str, evidence: &Evidence, body_generation: u64, at: Timestamp) -> Examination {
        Case { text, evidence, body_generation, codes: self.codes.as_ref(), at }.examine()
    }

    fn text_of(&self, reader: &Reader<'_>, head: &Head) -> Result<Result<Body, OpenError>, VaultError> {
        let sealed = reader.body(head.row.as_str(), head.body_generation)?;
        Ok(sealed.ok_or(OpenError::Damaged).and_then(|bytes| SealedBody::from_bytes(bytes).open(&self.keys, head)))
    }
}
