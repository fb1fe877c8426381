//! The attestation box: did an enclave sign the answer, and which code ran in it? Everything is checked offline.
//!
//! Three steps, each with a type of its own, so that none can be left out unseen:
//!
//! 1. [`Document::read`] and [`Document::verify`] give a [`Genuine`] document: the Nitro system of AWS wrote it.
//! 2. [`Genuine::binds`] gives a [`BoundKey`]: the document names this signing key. [`Genuine::code`] says whether its
//!    code is on the caller's dated list; being genuine and being listed are two facts.
//! 3. [`SignedResponse::verify`] gives a [`Response`]: that key signed these hashes. [`LegacyResponse`] is another form
//!    with its own rules, and neither is read as the other.
//!
//! What none of this proves: that the answer is right or was good when given, that the listed code does what its authors
//! say, that the model was the one whose label the request carries, or that anybody approves of the code today.
//!
//! ```
//! use stillgood::attestation::{Document, DocumentError};
//! assert_eq!(Document::read(b"no document").err(), Some(DocumentError::NotSign1));
//! ```

mod bound;
mod chain;
mod code;
mod document;
mod error;
mod key;
mod legacy;
mod payload;
mod response;
mod signatures;
#[cfg(test)]
pub(super) mod tests;

pub use super::keccak::keccak256;
pub use bound::{BindingError, BoundKey};
pub use chain::AWS_NITRO_ROOT_SHA256;
pub use code::{CodeList, CodeListError, ListedCode, Listing, Pcrs};
pub use document::{Document, Genuine};
pub use error::{DocumentError, MOST_DOCUMENT};
pub(super) use key::Salt;
pub use key::{EnclaveKey, KeyError, TeeId, TeeIdError};
pub use legacy::{LegacyError, LegacyResponse, SignedLegacyResponse};
pub use response::{MOST_RESPONSE, Order, Response, ResponseError, SignedResponse};
