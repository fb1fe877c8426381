//! What a request or a server says about settlement: claims, and nothing else.

use std::fmt;
use std::str::FromStr;

use super::super::SettlementRung;
use super::super::artifact::BlobId;
use super::{SettlementMode, word};
use crate::text::hex;

/// The hash of a transaction: 32 bytes. Its text is `0x` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TransactionHash([u8; 32]);

/// A text that is no transaction hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `0x` and 64 lower-case hexadecimal digits")]
pub struct TransactionHashError;

impl TransactionHash {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for TransactionHash {
    type Err = TransactionHashError;
    fn from_str(text: &str) -> Result<Self, TransactionHashError> {
        word(text).map(TransactionHash).ok_or(TransactionHashError)
    }
}

impl fmt::Display for TransactionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex(&self.0))
    }
}

/// What was said about the settlement of one run. Nobody signs any of it: a gateway that lacks a part settles in another mode
/// without a word, and a hash can be named before its transaction is sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Announcement {
    /// What the request asked for.
    pub mode: Option<SettlementMode>,
    /// The transaction that the server named.
    pub transaction: Option<TransactionHash>,
    /// The blob into which the settlement was written. It is not the model's:
    /// [`BlobId::of_model`] refuses it as one.
    pub blob_id: Option<BlobId>,
}

/// Why headers are no announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementError {
    /// A header that is there twice.
    #[error("`{0}` is there twice")]
    Twice(&'static str),
    /// A mode that there is not.
    #[error("`x-settlement-type` is not batch, individual or private")]
    OtherMode,
    /// Not a hash.
    #[error("`x-settlement-tx-hash` is not `0x` and 64 lower-case hexadecimal digits")]
    NotATransaction,
    /// Not a blob id.
    #[error("`x-settlement-walrus-blob-id` is not the unpadded base64url of 32 bytes")]
    NotABlobId,
}

/// On the request, in any case of letters.
const MODE: &str = "x-settlement-type";
/// On the response.
const TRANSACTION: &str = "x-settlement-tx-hash";
/// On the response, of an individual settlement.
const BLOB_ID: &str = "x-settlement-walrus-blob-id";

impl Announcement {
    /// From the headers of a request and its response, name and value; others may stand among them. Names count in any case
    /// of letters, and so does the mode, as the gateway reads it.
    ///
    /// # Errors
    /// [`AnnouncementError`].
    ///
    /// ```
    /// use stillgood::settlement::{Announcement, SettlementMode};
    /// use stillgood::SettlementRung;
    /// let said = Announcement::from_headers([("X-SETTLEMENT-TYPE", "batch"), ("date", "today")])?;
    /// assert_eq!((said.mode, said.rung()), (Some(SettlementMode::Batch), SettlementRung::Requested));
    /// # Ok::<(), stillgood::settlement::AnnouncementError>(())
    /// ```
    pub fn from_headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, AnnouncementError> {
        let mut said = Announcement::default();
        for (name, value) in headers {
            let value = value.trim_matches([' ', '\t']);
            if name.eq_ignore_ascii_case(MODE) {
                let mode = SettlementMode::from_name(&value.to_ascii_lowercase());
                once(&mut said.mode, MODE, mode.ok_or(AnnouncementError::OtherMode)?)?;
            } else if name.eq_ignore_ascii_case(TRANSACTION) {
                let hash = value.parse().map_err(|_| AnnouncementError::NotATransaction)?;
                once(&mut said.transaction, TRANSACTION, hash)?;
            } else if name.eq_ignore_ascii_case(BLOB_ID) {
                let id = value.parse().map_err(|_| AnnouncementError::NotABlobId)?;
                once(&mut said.blob_id, BLOB_ID, id)?;
            }
        }
        Ok(said)
    }

    /// How far up the ladder this reaches, as a claim.
    pub fn rung(&self) -> SettlementRung {
        match (self.transaction, self.mode) {
            (Some(_), _) => SettlementRung::Announced,
            (None, Some(SettlementMode::Batch | SettlementMode::Individual)) => SettlementRung::Requested,
            (None, Some(SettlementMode::Private) | None) => SettlementRung::None,
        }
    }
}

fn once<T>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), AnnouncementError> {
    if place.replace(value).is_some() { Err(AnnouncementError::Twice(name)) } else { Ok(()) }
}
