//! Sealing and opening: X25519 identities, epoch keys, sealed heads and bodies. Every AES and X25519 call is below here.
//!
//! Straight lines and named constants; the formulas are those of `docs/formats.md`, "Epoch keys" and "Sealed parts".

mod identity;
mod keys;
mod part;
mod ring;

pub use identity::{Identity, Recipient};
pub use keys::Keys;
pub(crate) use part::Plaintext;
pub use part::{OpenError, SealedBody, SealedEvidence, SealedHead};
pub use ring::{KeyRing, ListedVerifier, RingError, Roles, UnlockError};

#[cfg(feature = "vault")]
pub(crate) use keys::Marked;
pub(crate) use keys::{Salts, Seed, commitment};
#[cfg(feature = "vault")]
pub(crate) use part::{SealedRulings, ciphertext_of, epoch_of, generation_of};
