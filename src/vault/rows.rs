//! Rows as they are stored: heads by id, by generation, or as a ruling judged them, and the bodies that they name.

use super::{Vault, VaultError};
use crate::decision::Ruling;
use crate::id::RowId;
use crate::row::{Body, Head};
use crate::seal::{OpenError, SealedBody, SealedHead};
use crate::store::{Reader, StoreError};

impl Vault {
    /// The ids of all rows, ascending.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn rows(&self) -> Result<Vec<RowId>, VaultError> {
        let ids = self.store.read(|reader| reader.row_ids())?;
        ids.iter().map(|id| id.parse().map_err(|_| VaultError::Damaged("a row id has another form".into()))).collect()
    }

    /// The head of one row, opened.
    ///
    /// # Errors
    /// [`VaultError::UnknownRow`], or why it does not open.
    pub fn row(&self, row: &RowId) -> Result<Head, VaultError> {
        let stored = self.store.read(|reader| reader.head(row.as_str()))?;
        self.opened(row, stored.map(|(_, sealed)| sealed))
    }

    /// The head of one row as it was at a generation, opened: what a ruling was about.
    ///
    /// # Errors
    /// [`VaultError::UnknownRow`] where there is no such head, or why it does not open.
    pub fn row_at(&self, row: &RowId, generation: u64) -> Result<Head, VaultError> {
        self.opened(row, self.store.read(|reader| reader.head_of(row.as_str(), generation))?)
    }

    fn opened(&self, row: &RowId, sealed: Option<Vec<u8>>) -> Result<Head, VaultError> {
        let sealed = SealedHead::from_bytes(sealed.ok_or_else(|| VaultError::UnknownRow(row.clone()))?);
        sealed.open(&self.keys, row).map_err(|error| VaultError::Row { row: row.clone(), error })
    }

    /// The head of a row as it is now, where it is there and opens.
    pub(super) fn current(&self, reader: &Reader<'_>, row: &RowId) -> Result<Option<Head>, VaultError> {
        let sealed = reader.head(row.as_str())?.map(|(_, sealed)| SealedHead::from_bytes(sealed));
        Ok(sealed.and_then(|sealed| sealed.open(&self.keys, row).ok()))
    }

    /// The head that a ruling judged, where it is there as it was and opens.
    pub(super) fn as_judged(&self, reader: &Reader<'_>, ruling: &Ruling) -> Result<Option<Head>, VaultError> {
        Ok(judged(reader, ruling)?.and_then(|sealed| sealed.open(&self.keys, &ruling.row).ok()))
    }

    /// The body that a head names, or why it does not open.
    pub(super) fn body_of(&self, reader: &Reader<'_>, head: &Head) -> Result<Result<Body, OpenError>, VaultError> {
        let sealed = reader.body(head.row.as_str(), head.body_generation)?;
        Ok(sealed.ok_or(OpenError::Damaged).and_then(|bytes| SealedBody::from_bytes(bytes).open(&self.keys, head)))
    }
}

/// The sealed head that a ruling judged, where it is there as it was.
pub(super) fn judged(reader: &Reader<'_>, ruling: &Ruling) -> Result<Option<SealedHead>, StoreError> {
    let Some(judged) = ruling.judged else { return Ok(None) };
    let sealed = reader.head_of(ruling.row.as_str(), judged.generation)?.map(SealedHead::from_bytes);
    Ok(sealed.filter(|sealed| sealed.digest() == judged.head))
}
