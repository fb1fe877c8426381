//! A chat response of the current form: two hashes and a time, signed.

use serde::Deserialize;
use serde_json::Value;

use super::super::keccak::keccak256;
use super::key::{EnclaveKey, Salt, TeeId};
use crate::evidence::How;
use crate::text::{unbase64, unhex};
use crate::time::Timestamp;

/// Longer responses are not read.
pub const MOST_RESPONSE: usize = 16 << 20;

/// The five members of a response that belong to its signature, read and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedResponse {
    /// Keccak-256 of the canonical request.
    pub request_hash: [u8; 32],
    /// Keccak-256 of the output.
    pub output_hash: [u8; 32],
    /// Whole seconds since 1970, by the enclave's clock.
    pub seconds: u64,
    /// RSA-PSS over the three above.
    pub signature: [u8; 256],
    /// Which key is said to have signed.
    pub tee_id: TeeId,
}

/// A response that a key signed.
///
/// The signature covers two hashes and a time. It covers no user, chain, finish reason, usage, citation or image, and the
/// model in the request is the one that was asked for. That the key is an enclave's is for
/// [`BoundKey`](super::BoundKey) to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    request_hash: [u8; 32],
    output_hash: [u8; 32],
    at: Timestamp,
    tee_id: TeeId,
}

/// Why a response is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// Longer than any response is.
    #[error("a response has at most {MOST_RESPONSE} bytes")]
    TooLong,
    /// Not a JSON object, or with one of the five members twice.
    #[error("the response is not one JSON object with each member once")]
    NotJson,
    /// A member that is not there.
    #[error("the response has no `{0}`")]
    Missing(&'static str),
    /// Not 64 digits.
    #[error("`{0}` is not 64 lower-case hexadecimal digits without a prefix")]
    NotAHash(&'static str),
    /// Not `0x` and 64 digits.
    #[error("`tee_id` is not `0x` and 64 lower-case hexadecimal digits")]
    NotATeeId,
    /// A time in another form.
    #[error("`tee_timestamp` is not a whole number of seconds since 1970")]
    NotSeconds,
    /// Not 256 bytes.
    #[error("`tee_signature` is not base64 of 256 bytes")]
    NotASignature,
    /// Another key's name.
    #[error("the response names another key")]
    OtherKey,
    /// A signature with the salt of the older form.
    #[error("the signature has a salt of 222 bytes, as responses of the older form have it")]
    LegacySalt,
    /// A signature of something else, or by another key.
    #[error("the signature does not hold")]
    NotSigned,
}

/// Which came first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// The key was named in a document before it signed the response.
    DocumentFirst,
    /// Within one second; responses tell no finer time.
    SameSecond,
    /// The response is older than the document that names its key.
    ResponseFirst,
}

impl Order {
    pub(super) fn of(document: Timestamp, response: Timestamp) -> Self {
        match document.millis().div_euclid(1000).cmp(&response.millis().div_euclid(1000)) {
            std::cmp::Ordering::Less => Order::DocumentFirst,
            std::cmp::Ordering::Equal => Order::SameSecond,
            std::cmp::Ordering::Greater => Order::ResponseFirst,
        }
    }
}

/// The members that are read. Others may stand beside them.
#[derive(Deserialize)]
struct Members {
    tee_signature: Option<Value>,
    tee_request_hash: Option<Value>,
    tee_output_hash: Option<Value>,
    tee_timestamp: Option<Value>,
    tee_id: Option<Value>,
}

impl SignedResponse {
    /// Reads the response to a chat request, a JSON object; verifies nothing.
    ///
    /// # Errors
    /// The variants of [`ResponseError`] up to [`NotASignature`](ResponseError::NotASignature).
    pub fn from_json(text: &[u8]) -> Result<Self, ResponseError> {
        if text.len() > MOST_RESPONSE {
            return Err(ResponseError::TooLong);
        }
        // A list would be read as members without names.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(ResponseError::NotJson);
        }
        let members: Members = serde_json::from_slice(text).map_err(|_| ResponseError::NotJson)?;
        let hash = |name, value: Option<Value>| {
            let value = value.ok_or(ResponseError::Missing(name))?;
            value.as_str().and_then(unhex).ok_or(ResponseError::NotAHash(name))
        };
        let signature = members.tee_signature.ok_or(ResponseError::Missing("tee_signature"))?;
        let seconds = members.tee_timestamp.ok_or(ResponseError::Missing("tee_timestamp"))?;
        let tee_id = members.tee_id.ok_or(ResponseError::Missing("tee_id"))?;
        Ok(SignedResponse {
            request_hash: hash("tee_request_hash", members.tee_request_hash)?,
            output_hash: hash("tee_output_hash", members.tee_output_hash)?,
            seconds: seconds.as_u64().ok_or(ResponseError::NotSeconds)?,
            signature: signature
                .as_str()
                .and_then(unbase64)
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(ResponseError::NotASignature)?,
            tee_id: tee_id.as_str().and_then(|text| text.parse().ok()).ok_or(ResponseError::NotATeeId)?,
        })
    }

    /// Whether these are the bytes of the request whose hash the response carries. Nobody need have signed it.
    pub fn names_request(&self, canonical: &[u8]) -> bool {
        keccak256(&[canonical]) == self.request_hash
    }

    /// Whether this is the output whose hash the response carries, byte for byte. Nobody need have signed it.
    pub fn names_output(&self, output: &str) -> bool {
        keccak256(&[output.as_bytes()]) == self.output_hash
    }

    /// What is signed: Keccak-256 of both hashes and the time as 32 bytes, most significant first.
    fn message(&self) -> [u8; 32] {
        keccak256(&[&self.request_hash, &self.output_hash, &[0; 24], &self.seconds.to_be_bytes()])
    }

    /// Verifies that this key signed the response.
    ///
    /// # Errors
    /// [`OtherKey`](ResponseError::OtherKey), [`LegacySalt`](ResponseError::LegacySalt),
    /// [`NotSigned`](ResponseError::NotSigned), or [`NotSeconds`](ResponseError::NotSeconds) for a time beyond the year 9999.
    pub fn verify(&self, key: &EnclaveKey) -> Result<Response, ResponseError> {
        if self.tee_id != key.tee_id() {
            return Err(ResponseError::OtherKey);
        }
        let millis = i64::try_from(self.seconds).ok().and_then(|seconds| seconds.checked_mul(1000));
        let at = millis.and_then(|millis| Timestamp::from_millis(millis).ok()).ok_or(ResponseError::NotSeconds)?;
        let message = self.message();
        if !key.signed(&message, &self.signature, Salt::OfTheHash) {
            let legacy = key.signed(&message, &self.signature, Salt::Longest);
            return Err(if legacy { ResponseError::LegacySalt } else { ResponseError::NotSigned });
        }
        Ok(Response { request_hash: self.request_hash, output_hash: self.output_hash, at, tee_id: self.tee_id })
    }
}

impl Response {
    /// When it was signed, to the second, by the enclave's clock.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The key that signed it.
    pub fn tee_id(&self) -> TeeId {
        self.tee_id
    }

    /// Whether these are the bytes of the canonical request. They must have been kept: their form changed several times,
    /// so that they cannot be made again from the request.
    pub fn signs_request(&self, canonical: &[u8]) -> bool {
        keccak256(&[canonical]) == self.request_hash
    }

    /// Whether this is the output, byte for byte.
    pub fn signs_output(&self, output: &str) -> bool {
        keccak256(&[output.as_bytes()]) == self.output_hash
    }

    /// The binding box: how a row's text relates to the output that was signed.
    ///
    /// [`How::Verbatim`] and [`How::Substring`] are found by comparing bytes; of any other text nothing is known but what
    /// its writer says, [`How::Unknown`] here. A substring may be as short as one word, and a piece can say what the whole
    /// does not.
    ///
    /// `None` where the output is not the one that was signed.
    pub fn relation(&self, output: &str, row: &str) -> Option<How> {
        self.signs_output(output).then_some(How::of(row, output))
    }
}

impl How {
    /// How a row's text relates to an output, by their bytes; [`How::Unknown`] where it does not stand in it.
    pub fn of(row: &str, output: &str) -> How {
        match row {
            "" => How::Unknown,
            _ if row == output => How::Verbatim,
            _ if output.contains(row) => How::Substring,
            _ => How::Unknown,
        }
    }
}
