//! Forgetting a row: every sealed byte of it goes, and a note that names no id stays.

use super::change::{Change, name_of};
use super::entry::{FORGETTING, Forgetting, HeadName, MOST_GONE, Marking, Said, marks};
use super::{Vault, VaultError};
use crate::id::RowId;
use crate::note::Signer;
use crate::seal::{Marked, ciphertext_of, generation_of};
use crate::store::{Reader, StoreError, Sweep, Traces};
use crate::time::Timestamp;

/// What forgetting did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// How many sealed parts are gone: heads, bodies and evidence.
    pub parts: usize,
    /// How many rows were marked because something they depend on is gone.
    pub dependants: usize,
    /// How many bytes of files were searched for what is gone.
    pub bytes: u64,
}

/// Why a row is not forgotten, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForgetError {
    /// The owner alone may forget.
    #[error("the key `{0}` is not the owner's; only the owner may forget a row")]
    NotOwner(String),
    /// It was forgotten before. The files were swept again.
    #[error("row `{0}` was forgotten already")]
    Already(RowId),
    /// The row is forgotten, and another process holds the file open: bytes of it may still stand beside it.
    #[error(
        "row `{0}` is forgotten, but another process uses the vault: its bytes may still stand in the vault's files"
    )]
    InUse(RowId),
    /// The row is forgotten, and its bytes are still found.
    #[error("row `{row}` is forgotten, but bytes of it still stand in `{file}`")]
    Left {
        /// The row.
        row: RowId,
        /// Where.
        file: String,
    },
}

impl Vault {
    /// Forgets a row: all generations of its head, body and evidence are taken out, the file is written anew, and the vault's
    /// files are searched for what was taken out. What depends on it is marked. A note stays that names no id, so that the row
    /// does not come back with the next import, and past decisions can say what became of it.
    ///
    /// # Errors
    /// [`VaultError::UnknownRow`]; [`VaultError::Forget`], of which [`ForgetError::InUse`] and [`ForgetError::Left`] say that
    /// the row is forgotten all the same.
    pub fn forget(
        &self,
        owner: &Signer,
        writer: &Signer,
        row: &RowId,
        now: Timestamp,
        progress: &(dyn Fn(Sweep) + Sync),
    ) -> Result<Forgotten, VaultError> {
        if owner.verifier() != self.owner {
            return Err(ForgetError::NotOwner(owner.verifier().name().to_string()).into());
        }
        let already = self.row_is_gone(row)?;
        let mut forgotten = Forgotten { parts: 0, dependants: 0, bytes: 0 };
        let mut traces = Traces::default();
        if !already {
            traces = self.store.read(|reader| self.traces(reader, row))?;
            let done = self.change(writer, now, 8, |change| change.forget(owner, row, now))?;
            (forgotten.parts, forgotten.dependants) = (done.value, done.dependants);
        }
        match self.store.sweep(progress) {
            Err(StoreError::Busy) => return Err(ForgetError::InUse(row.clone()).into()),
            other => other?,
        }
        let (bytes, found) = self.store.scan(&traces, progress)?;
        forgotten.bytes = bytes;
        match found {
            Some(file) => Err(ForgetError::Left { row: row.clone(), file: file.display().to_string() }.into()),
            None if already => Err(ForgetError::Already(row.clone()).into()),
            None => Ok(forgotten),
        }
    }

    /// The last generation of a row, if it was forgotten and not added again.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn forgotten(&self, row: &RowId) -> Result<Option<u64>, VaultError> {
        self.store.read(|reader| match reader.head(row.as_str())? {
            Some(_) => Ok(None),
            None => self.forgotten_in(reader, row),
        })
    }

    /// The generation up to which a row was forgotten, whether or not it was added again.
    pub(super) fn forgotten_in(&self, reader: &Reader<'_>, row: &RowId) -> Result<Option<u64>, VaultError> {
        if reader.last_entry_of(FORGETTING.as_bytes())?.is_none() {
            return Ok(None);
        }
        let mut last = None;
        for mark in marks(&self.keys, Marked::Row, row.as_str().as_bytes()) {
            for (note, said) in Said::found_by(reader, mark.as_bytes())? {
                if let Said::Forgetting(said) = said
                    && note.verify(&self.owner).is_ok()
                {
                    last = last.max(Some(said.generation));
                }
            }
        }
        Ok(last)
    }

    fn row_is_gone(&self, row: &RowId) -> Result<bool, VaultError> {
        self.store.read(|reader| {
            if reader.head(row.as_str())?.is_some() {
                return Ok(false);
            }
            match self.forgotten_in(reader, row)? {
                Some(_) => Ok(true),
                None => Err(VaultError::UnknownRow(row.clone())),
            }
        })
    }

    /// The bytes of a row that nothing but the row holds: the ciphertext of each part.
    fn traces(&self, reader: &Reader<'_>, row: &RowId) -> Result<Traces, VaultError> {
        let mut traces = Traces::default();
        reader.parts_of(row.as_str(), |part| traces.add(ciphertext_of(part)))?;
        Ok(traces)
    }
}

impl<'s> Change<'_, 's> {
    fn forget(&mut self, owner: &'s Signer, row: &'s RowId, now: Timestamp) -> Result<usize, VaultError> {
        let stored = self.writer.head(row.as_str())?;
        let (generation, sealed) = stored.ok_or_else(|| VaultError::UnknownRow(row.clone()))?;
        stands_beside_its_own(row, generation, &sealed)?;
        let mut parts = 0;
        self.writer.parts_of(row.as_str(), |_| parts += 1)?;
        let heads = self.named_heads(row)?;
        self.erase(row, name_of(generation, &sealed))?;
        let said = Forgetting {
            vault: self.vault.id(),
            at: now,
            row: Marking::of(&self.vault.keys, Marked::Row, row.as_str().as_bytes()),
            generation,
            heads,
        };
        self.say(owner, move |_| Some(Said::Forgetting(said)));
        Ok(parts)
    }

    /// The heads of a row that entries of the log name: without the forgetting nobody could tell that they were ever there.
    fn named_heads(&self, row: &RowId) -> Result<Vec<HeadName>, VaultError> {
        let mut named = vec![];
        for (generation, sealed) in self.writer.heads_of(row.as_str())? {
            let head = name_of(generation, &sealed);
            if !self.writer.entries_of(head.digest.as_bytes())?.is_empty() {
                stands_beside_its_own(row, generation, &sealed)?;
                named.push(head);
            }
        }
        if named.len() > MOST_GONE {
            return Err(VaultError::Refused {
                row: row.clone(),
                what: "more was said of it than one forgetting can name",
            });
        }
        Ok(named)
    }

    /// The generation up to which a row was forgotten.
    pub(super) fn forgotten(&mut self, row: &RowId) -> Result<Option<u64>, VaultError> {
        if self.nothing_was_forgotten()? {
            return Ok(None);
        }
        self.vault.forgotten_in(self.writer, row)
    }

    /// Whether a row was forgotten, and is not there.
    pub(super) fn was_forgotten(&mut self, row: &RowId) -> Result<bool, VaultError> {
        Ok(!self.nothing_was_forgotten()? && self.sound_row(row)?.is_none() && self.forgotten(row)?.is_some())
    }

    /// Asked once for a transaction: an import asks about each of its rows.
    fn nothing_was_forgotten(&self) -> Result<bool, VaultError> {
        if let Some(known) = self.nothing_forgotten.get() {
            return Ok(*known);
        }
        let nothing = self.writer.last_entry_of(FORGETTING.as_bytes())?.is_none();
        Ok(*self.nothing_forgotten.get_or_init(|| nothing))
    }
}

/// The generation beside a head is no part of what is sealed, and somebody may have changed it. A forgetting that named another
/// would be no forgetting to whoever reads it.
fn stands_beside_its_own(row: &RowId, generation: u64, sealed: &[u8]) -> Result<(), VaultError> {
    if generation_of(sealed).is_some_and(|named| named != generation) || !(1..1 << 53).contains(&generation) {
        return Err(VaultError::Damaged(format!("row `{row}` stands beside another generation than it names")));
    }
    Ok(())
}
