//! A JWS in its compact form (RFC 7515 §7.1), signed by Ed25519 (RFC 8037 §3.1) and by nothing else.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, VerifyingKey};

use super::error::JwsError;
use super::key;
use super::members::Members;

/// A JWS, read and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Jws {
    /// Header and payload as they stand, with the point between them: what is signed.
    message: String,
    signature: [u8; 64],
    /// The key that its header names, where it names one in itself.
    named: Option<[u8; 32]>,
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| JwsError::NotBase64Url)
}

impl Jws {
    /// The JWS, and its payload.
    pub(super) fn read(text: &str) -> Result<(Self, Vec<u8>), JwsError> {
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::NotThreeParts);
        };
        let named = read_header(&decode(header)?)?;
        let bytes = decode(payload)?;
        let signature = decode(signature)?.try_into().map_err(|_| JwsError::NotASignature)?;
        Ok((Jws { message: format!("{header}.{payload}"), signature, named }, bytes))
    }

    /// The key that its header names.
    pub(super) fn named(&self) -> Result<[u8; 32], JwsError> {
        self.named.ok_or(JwsError::NoKeyNamed)
    }

    /// Verifies the signature under this key. A header that names another is refused, whoever signed.
    pub(super) fn verify(&self, key: &[u8; 32]) -> Result<(), JwsError> {
        if self.named.is_some_and(|named| named != *key) {
            return Err(JwsError::OtherKey);
        }
        let key = VerifyingKey::from_bytes(key).map_err(|_| JwsError::NotSigned)?;
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(self.message.as_bytes(), &signature).map_err(|_| JwsError::NotSigned)
    }
}

/// The key that the header names, where it does. A header says nothing but `alg`, `kid`, and perhaps the same key as `jwk`.
fn read_header(bytes: &[u8]) -> Result<Option<[u8; 32]>, JwsError> {
    let mut header = Members::read(bytes).ok_or(JwsError::NotAHeader)?;
    let algorithm = header.text("alg").map_err(|_| JwsError::OtherAlgorithm)?;
    match algorithm.as_str() {
        "EdDSA" => {}
        none if none.eq_ignore_ascii_case("none") => return Err(JwsError::Unsigned),
        _ => return Err(JwsError::OtherAlgorithm),
    }
    if header.value("crit").is_ok() {
        return Err(JwsError::Critical);
    }
    if ["jku", "x5u", "x5c", "x5t", "x5t#S256"].into_iter().any(|name| header.value(name).is_ok()) {
        return Err(JwsError::OwnKey);
    }
    let named = key::of_kid(&header.text("kid").map_err(|_| JwsError::NoKid)?)?;
    if let Ok(jwk) = header.value("jwk") {
        let brought = key::of_jwk(jwk.get().as_bytes());
        if brought.is_none() || brought != named {
            return Err(JwsError::OwnKey);
        }
    }
    header.end("alg").map_err(|_| JwsError::UnknownHeader)?;
    Ok(named)
}
