//! An attestation document, unverified and verified.

use super::bound::{BindingError, BoundKey};
use super::chain::{self, AWS_NITRO, Anchor};
use super::code::{CodeList, Listing, Pcrs};
use super::error::DocumentError;
use super::key::EnclaveKey;
use super::payload::{Payload, Sign1};
use crate::time::Timestamp;

/// An attestation document that was read and not verified: nothing it says is known to be so.
///
/// ```no_run
/// use stillgood::attestation::Document;
/// let bytes = std::fs::read("attestation.bin")?;
/// let genuine = Document::read(&bytes)?.verify()?;
/// println!("written by the Nitro system at {}", genuine.at());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Document<'a> {
    envelope: Sign1<'a>,
    payload: Payload<'a>,
}

/// A document that the Nitro system of AWS wrote: its signature holds, and its certificates did at one time.
///
/// It proves what the hypervisor measured and what the enclave gave it to repeat. It does not prove that the code is any
/// good, that it still runs, or that its time is right: whoever gets hold of a signing key can write an earlier time, and no
/// list of withdrawn certificates was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Genuine {
    at: Timestamp,
    verified_at: Timestamp,
    module: String,
    pcrs: Pcrs,
    user_data: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
}

impl<'a> Document<'a> {
    /// Reads a document; verifies nothing.
    ///
    /// # Errors
    /// The variants of [`DocumentError`] from [`TooLong`](DocumentError::TooLong) to
    /// [`DebugMode`](DocumentError::DebugMode).
    pub fn read(bytes: &'a [u8]) -> Result<Self, DocumentError> {
        let envelope = Sign1::read(bytes)?;
        let payload = Payload::read(envelope.payload)?;
        if payload.pcrs.is_nothing() {
            return Err(DocumentError::DebugMode);
        }
        Ok(Document { envelope, payload })
    }

    /// When the document says it was written.
    pub fn claimed_at(&self) -> Timestamp {
        self.payload.at
    }

    /// Verifies signature and certificates at the time that the document says it was written. Its signer's certificate
    /// lives for three hours, so that later no document could be verified otherwise.
    ///
    /// # Errors
    /// The variants of [`DocumentError`] from [`OtherRoot`](DocumentError::OtherRoot) on.
    pub fn verify(&self) -> Result<Genuine, DocumentError> {
        self.verify_at(self.payload.at)
    }

    /// As [`Self::verify`], at a time of the caller's: of a retrieval, say, to see that the certificates still hold.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_at(&self, at: Timestamp) -> Result<Genuine, DocumentError> {
        self.verify_under(&AWS_NITRO, at)
    }

    /// Under a root of the caller's, who is a test or the function above: [`Anchor`] is not known outside.
    pub(in crate::evidence) fn verify_under(
        &self,
        anchor: &Anchor<'_>,
        at: Timestamp,
    ) -> Result<Genuine, DocumentError> {
        let Payload { certificate, bundle, .. } = &self.payload;
        let message = self.envelope.message();
        chain::verify(anchor, bundle, certificate, at, &message, &self.envelope.signature)?;
        Ok(Genuine {
            at: self.payload.at,
            verified_at: at,
            module: self.payload.module.to_owned(),
            pcrs: self.payload.pcrs,
            user_data: self.payload.user_data.map(<[u8]>::to_vec),
            nonce: self.payload.nonce.map(<[u8]>::to_vec),
        })
    }
}

impl Genuine {
    /// When it was written, by its own word.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// At which time its certificates were held to be valid.
    pub fn verified_at(&self) -> Timestamp {
        self.verified_at
    }

    /// The module of the hypervisor that wrote it, for example `i-0340e0cb833504eb6-enc019c12d31f78864d`.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The code that was measured. That the document is genuine says nothing about whether anybody accepts it.
    pub fn pcrs(&self) -> &Pcrs {
        &self.pcrs
    }

    /// What a challenger gave the enclave to repeat, if anything.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// What the enclave put in, if anything; [`Self::binds`] reads it.
    pub fn user_data(&self) -> Option<&[u8]> {
        self.user_data.as_deref()
    }

    /// Whether the code was on the caller's list when the document was written.
    pub fn code(&self, list: &CodeList) -> Listing {
        list.look_up(&self.pcrs, self.at)
    }

    /// Whether the document names this signing key.
    ///
    /// # Errors
    /// [`BindingError`] where it names no key, or another.
    pub fn binds(&self, key: EnclaveKey) -> Result<BoundKey, BindingError> {
        BoundKey::new(self.user_data(), self.at, key)
    }
}
