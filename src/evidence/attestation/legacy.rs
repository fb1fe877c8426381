//! A chat response of the older form: a JSON text, signed whole, with the longest salt there is.
//!
//! It is a form of its own. What is signed is a JSON object and never 32 bytes, and the salt has another length, so that no
//! signature of one form holds in the other.

use serde::Deserialize;
use serde_json::Value;

use super::key::{EnclaveKey, Salt};
use super::response::MOST_RESPONSE;
use crate::id::Digest;
use crate::text::unbase64;
use crate::time::Timestamp;

/// A response of the older form, read and not verified: the text that was signed, and the signature.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedLegacyResponse {
    /// The bytes that were signed. They must have been kept.
    pub message: Vec<u8>,
    /// RSA-PSS over them.
    pub signature: [u8; 256],
}

/// A response of the older form that a key signed. Nothing in it names the key, and the request's hash is SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct LegacyResponse {
    content: Option<String>,
    model: String,
    request_hash: Digest,
    at: Timestamp,
}

impl std::fmt::Debug for LegacyResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LegacyResponse({})", self.at)
    }
}

/// Why a response of the older form is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LegacyError {
    /// Longer than any response is.
    #[error("a response has at most {MOST_RESPONSE} bytes")]
    TooLong,
    /// Not the text that was signed, and its signature.
    #[error("the response is not a JSON object of signed_message and signature, base64 of 256 bytes")]
    NotJson,
    /// Not the five members.
    #[error("the signed text is not a JSON object of finish_reason, message, model, request_hash and timestamp")]
    NotLegacy,
    /// A signature with the salt of the current form.
    #[error("the signature has a salt of 32 bytes, as responses of the current form have it")]
    CurrentSalt,
    /// A signature of something else, or by another key.
    #[error("the signature does not hold")]
    NotSigned,
}

/// All that is signed, and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(rename = "finish_reason")]
    _finish_reason: Value,
    message: Message,
    model: String,
    request_hash: String,
    timestamp: String,
}

/// What is read of the message. It may have more, such as calls of tools.
#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

// What was signed may be the memory's text, and `Debug` ends up in logs.
impl std::fmt::Debug for SignedLegacyResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedLegacyResponse({} bytes)", self.message.len())
    }
}

/// A saved response: the text that was signed, kept as it was, and the signature beside it.
#[derive(Deserialize)]
struct Saved {
    signed_message: String,
    signature: String,
}

impl SignedLegacyResponse {
    /// Reads a saved response, a JSON object with the text that was signed as `signed_message` and base64 as `signature`;
    /// verifies nothing.
    ///
    /// # Errors
    /// [`LegacyError::TooLong`] or [`LegacyError::NotJson`].
    pub fn from_json(text: &[u8]) -> Result<Self, LegacyError> {
        if text.len() > MOST_RESPONSE {
            return Err(LegacyError::TooLong);
        }
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(LegacyError::NotJson);
        }
        let saved: Saved = serde_json::from_slice(text).map_err(|_| LegacyError::NotJson)?;
        let signature =
            unbase64(&saved.signature).and_then(|bytes| bytes.try_into().ok()).ok_or(LegacyError::NotJson)?;
        Ok(SignedLegacyResponse { message: saved.signed_message.into_bytes(), signature })
    }

    /// The text of the answer as it stands in what should be signed. Nobody need have signed it.
    pub fn output(&self) -> Option<String> {
        self.members()?.message.content
    }

    /// Whether these are the bytes of the request whose hash stands there: SHA-256. Nobody need have signed it.
    pub fn names_request(&self, canonical: &[u8]) -> bool {
        self.members().is_some_and(|members| members.request_hash.parse() == Ok(Digest::of(canonical)))
    }

    /// When the answer was given, as it stands there.
    pub fn claimed_at(&self) -> Option<Timestamp> {
        self.members()?.timestamp.parse().ok()
    }

    fn members(&self) -> Option<Members> {
        serde_json::from_slice(&self.message).ok()
    }

    /// Verifies that this key signed the response.
    ///
    /// # Errors
    /// [`LegacyError`].
    pub fn verify(&self, key: &EnclaveKey) -> Result<LegacyResponse, LegacyError> {
        if self.message.len() > MOST_RESPONSE {
            return Err(LegacyError::TooLong);
        }
        if !self.message.starts_with(b"{") {
            return Err(LegacyError::NotLegacy);
        }
        let members: Members = serde_json::from_slice(&self.message).map_err(|_| LegacyError::NotLegacy)?;
        let request_hash = members.request_hash.parse().map_err(|_| LegacyError::NotLegacy)?;
        let at = members.timestamp.parse().map_err(|_| LegacyError::NotLegacy)?;
        if !key.signed(&self.message, &self.signature, Salt::Longest) {
            let current = key.signed(&self.message, &self.signature, Salt::OfTheHash);
            return Err(if current { LegacyError::CurrentSalt } else { LegacyError::NotSigned });
        }
        Ok(LegacyResponse { content: members.message.content, model: members.model, request_hash, at })
    }
}

impl LegacyResponse {
    /// When it was signed, by the signer's clock.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The label of the model in the answer.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether these are the bytes of the canonical request: SHA-256.
    pub fn signs_request(&self, canonical: &[u8]) -> bool {
        Digest::of(canonical) == self.request_hash
    }

    /// Whether this is the text of the answer.
    pub fn signs_output(&self, output: &str) -> bool {
        self.content.as_deref() == Some(output)
    }
}
