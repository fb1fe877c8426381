//! Attaching evidence to a row and examining it again: here the boxes are filled, and never in a retrieval.

use super::change::{Change, Moves, Pending};
use super::entry::{EarningNote, Said, Word};
use super::evidence::Known;
use super::{Vault, VaultError};
use crate::evidence::attestation::CodeList;
use crate::evidence::examine::{Case, Examination};
use crate::evidence::{Attached, Attachments, BoxKind, Evidence, Found, How, Material};
use crate::id::RowId;
use crate::note::Signer;
use crate::seal::OpenError;
use crate::time::Timestamp;

/// What became of one row that was examined again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rechecked {
    /// The row.
    pub row: RowId,
    /// What its evidence shows now, or why it does not open; then its boxes stand as they were.
    pub examination: Result<Examination, OpenError>,
    /// Whether a box changed.
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
        let done = self.change(writer, now, 2, |change| {
            let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
            let head = pending.head.clone();
            let failed = |error| VaultError::Row { row: row.clone(), error };
            let body = self.body_of(change.writer, &head)?.map_err(failed)?;
            change.keep(row, pieces, Known::ComesLast, now)?;
            let evidence = change.kept(row)?.unwrap_or_default();
            let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
            Ok(self.fill(pending, body.text(), &evidence, now))
        });
        Ok(done?.value)
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
        let done = self.change(writer, now, rows.len() as u64, |change| {
            let mut done = vec![];
            for row in &rows {
                let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
                let head = pending.head.clone();
                if head.evidence.is_none() {
                    continue;
                }
                let opened = match change.kept(row) {
                    Err(VaultError::Row { error, .. }) => Err(error),
                    Err(other) => return Err(other),
                    Ok(evidence) => {
                        self.body_of(change.writer, &head)?.map(|body| (evidence.unwrap_or_default(), body))
                    }
                };
                let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
                let before = pending.head.boxes.clone();
                let examination = opened.map(|(evidence, body)| self.fill(pending, body.text(), &evidence, now));
                let changed = pending.head.boxes != before;
                let moved = pending.touched;
                if moved {
                    change.say_rechecked(writer, row, now);
                }
                done.push(Rechecked { row: row.clone(), examination, changed });
            }
            Ok(done)
        });
        Ok(done?.value)
    }

    /// Examines a row's evidence and fills its boxes. What says the same as before was found when it was found first.
    pub(super) fn fill(&self, pending: &mut Pending, text: &str, evidence: &Evidence, at: Timestamp) -> Examination {
        let body_generation = pending.body_generation();
        let mut found = Case { text, evidence, body_generation, codes: self.codes.as_ref(), at }.examine();
        let head = &mut pending.head;
        let is_bound = |bound: &Attached<How>| bound.finding.state == Found::Verified;
        if head.edited && !found.boxes.binding.as_ref().is_some_and(is_bound) {
            let said = "the row's text changed after evidence was attached; attach what is of this text";
            found.boxes = Attachments::of_another_text(at);
            found.noticed = vec![(BoxKind::Binding, said.to_owned())];
        } else {
            head.edited = false;
        }
        found.boxes.keep_times_of(&head.boxes);
        if found.boxes != head.boxes {
            head.boxes = found.boxes.clone();
            pending.touched = true;
        }
        found
    }
}

impl<'s> Change<'_, 's> {
    /// Logs that a row's evidence was examined again, and something came of it.
    fn say_rechecked(&mut self, writer: &'s Signer, row: &RowId, at: Timestamp) {
        let (vault, row) = (self.vault.id(), row.clone());
        self.say(writer, move |moves: &Moves| {
            let moves = vec![*moves.get(&row)?];
            let who = writer.verifier().name().clone();
            Some(Said::Earning(EarningNote { vault, word: Word::Recheck, at, who, challenge: None, seen: None, moves }))
        });
    }
}
