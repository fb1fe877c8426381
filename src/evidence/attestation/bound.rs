//! The place where a document names a signing key.

use sha2::{Digest as _, Sha256};

use super::key::EnclaveKey;
use super::response::{Order, Response};
use crate::time::Timestamp;

/// Why a document does not bind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// Its `user_data` is not two SHA-256 hashes.
    #[error("the document names no signing key")]
    NoKey,
    /// It names another.
    #[error("the document names another signing key")]
    OtherKey,
}

/// A signing key that a genuine document names.
///
/// The enclave whose code was measured gave this key to be named. That it was made inside, and never left, follows only
/// from what that code does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BoundKey {
    key: EnclaveKey,
    at: Timestamp,
    certificate: [u8; 32],
}

/// Before each of the two hashes: SHA-256, 32 bytes, as multihash writes it.
const SHA256_MULTIHASH: [u8; 2] = [0x12, 0x20];

impl BoundKey {
    /// `user_data` is `12 20`, SHA-256 of the TLS certificate, `12 20`, SHA-256 of the signing key, as nitriding writes it. The
    /// field `public_key` of a document plays no part: it holds the word `dummy`.
    pub(super) fn new(user_data: Option<&[u8]>, at: Timestamp, key: EnclaveKey) -> Result<Self, BindingError> {
        let rest = user_data.and_then(|data| data.strip_prefix(&SHA256_MULTIHASH)).ok_or(BindingError::NoKey)?;
        let (certificate, rest) = rest.split_first_chunk().ok_or(BindingError::NoKey)?;
        let named: &[u8; 32] =
            rest.strip_prefix(&SHA256_MULTIHASH).and_then(|hash| hash.try_into().ok()).ok_or(BindingError::NoKey)?;
        if Sha256::digest(key.as_der()).as_slice() != named {
            return Err(BindingError::OtherKey);
        }
        Ok(BoundKey { key, at, certificate: *certificate })
    }

    /// The key.
    pub fn key(&self) -> &EnclaveKey {
        &self.key
    }

    /// When the document that names it was written, by its own word.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether the document names this TLS certificate, given as DER, too.
    pub fn names_certificate(&self, der: &[u8]) -> bool {
        Sha256::digest(der).as_slice() == self.certificate
    }

    /// Which came first, this document or a response of the same key; `None` for a response of another. Both times are the
    /// word of their writers. A key signs for as long as its enclave runs, so neither order is wrong.
    pub fn order(&self, response: &Response) -> Option<Order> {
        (response.tee_id() == self.key.tee_id()).then(|| Order::of(self.at, response.at()))
    }
}
