//! The key that an enclave signs responses with, and its name.

use std::fmt;
use std::str::FromStr;

use pkcs8::spki::{DecodePublicKey as _, EncodePublicKey as _};
use rsa::PublicKey;
use rsa::pss::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts as _;
use sha2::Sha256;

use super::super::keccak::keccak256;
use crate::text::{hex, unhex};

/// An enclave's public signing key: RSA with 2048 bits and the exponent 65537.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnclaveKey {
    key: PublicKey,
    der: Vec<u8>,
}

/// Why bytes are no signing key of an enclave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a public RSA key.
    #[error("not a public RSA key in the form of SubjectPublicKeyInfo")]
    NotAKey,
    /// Another size or exponent.
    #[error("expected an RSA key of 2048 bits with the exponent 65537")]
    OtherSize,
    /// The same key in another encoding, which would have another name.
    #[error("the key is not encoded in its one canonical form")]
    NotCanonical,
}

/// The name of an enclave's key: Keccak-256 of its SubjectPublicKeyInfo. Its text is `0x` and 64 lower-case hexadecimal
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TeeId([u8; 32]);

impl TeeId {
    /// From its bytes; every value is legal.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        TeeId(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A text that is no name of an enclave's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `0x` and 64 lower-case hexadecimal digits")]
pub struct TeeIdError;

impl FromStr for TeeId {
    type Err = TeeIdError;
    fn from_str(text: &str) -> Result<Self, TeeIdError> {
        text.strip_prefix("0x").and_then(unhex).map(TeeId).ok_or(TeeIdError)
    }
}

impl fmt::Display for TeeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex(&self.0))
    }
}

/// How long the salt of a signature is. A signature holds for one length only.
#[derive(Clone, Copy)]
pub(in crate::evidence) enum Salt {
    /// 32 bytes, as long as the hash: responses of the current form.
    OfTheHash = 32,
    /// 222 bytes, the most that fits: responses of the older form.
    Longest = 222,
}

impl EnclaveKey {
    /// From a SubjectPublicKeyInfo in DER (RFC 8017 §A.1, RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        // A key of 2048 bits has 294 bytes.
        if der.len() > 1024 {
            return Err(KeyError::OtherSize);
        }
        let key = PublicKey::from_public_key_der(der).map_err(|_| KeyError::NotAKey)?;
        if key.n().bit_width() != 2048 || key.e_bytes().as_ref() != [1, 0, 1] {
            return Err(KeyError::OtherSize);
        }
        let canonical = key.to_public_key_der().map_err(|_| KeyError::NotAKey)?;
        if canonical.as_bytes() != der {
            return Err(KeyError::NotCanonical);
        }
        Ok(EnclaveKey { key, der: der.to_vec() })
    }

    /// From PEM with the label `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        if text.len() > 4096 {
            return Err(KeyError::OtherSize);
        }
        match pkcs8::der::pem::decode_vec(text.as_bytes()) {
            Ok(("PUBLIC KEY", der)) => EnclaveKey::from_der(&der),
            _ => Err(KeyError::NotAKey),
        }
    }

    /// The SubjectPublicKeyInfo, as DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The key's name: Keccak-256 of [`Self::as_der`].
    pub fn tee_id(&self) -> TeeId {
        TeeId(keccak256(&[&self.der]))
    }

    /// Whether this is a signature of these bytes: RSASSA-PSS (RFC 8017 §8.1), SHA-256 in the hash and in MGF1, and a salt
    /// of that length.
    pub(in crate::evidence) fn signed(&self, message: &[u8], signature: &[u8; 256], salt: Salt) -> bool {
        let key = VerifyingKey::<Sha256>::new_with_salt_len(self.key.clone(), salt as usize);
        Signature::try_from(signature.as_slice()).is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }
}
