//! An enclave's word that it ran at a time.

use serde::Deserialize;
use serde_json::Value;

use super::super::attestation::{EnclaveKey, Salt, TeeId};
use super::super::keccak::keccak256;
use super::MOST_ROUTE;
use crate::text::{number, unbase64};
use crate::time::Timestamp;

/// A heartbeat, read and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedHeartbeat {
    /// Which key is said to have signed.
    pub tee_id: TeeId,
    /// Whole seconds since 1970, by the enclave's clock.
    pub seconds: u64,
    /// RSA-PSS over the two above.
    pub signature: [u8; 256],
}

/// A heartbeat that a key signed: whoever had the key had it then, by that one's clock. It names no contract and no code, and a
/// copy of it holds as long as the original.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heartbeat {
    tee_id: TeeId,
    at: Timestamp,
}

/// Why a heartbeat is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeartbeatError {
    /// Longer than any heartbeat is.
    #[error("a heartbeat has at most {MOST_ROUTE} bytes")]
    TooLong,
    /// Not a JSON object, or with one of the three members twice.
    #[error("the heartbeat is not one JSON object with each member once")]
    NotJson,
    /// A member that is not there.
    #[error("the heartbeat has no `{0}`")]
    Missing(&'static str),
    /// A member in another form.
    #[error("the heartbeat's `{0}` is not in the form that it has")]
    Field(&'static str),
    /// Another key's name.
    #[error("the heartbeat names another key")]
    OtherKey,
    /// A signature of something else, or by another key.
    #[error("the signature does not hold")]
    NotSigned,
}

/// The members that are read. Others may stand beside them.
#[derive(Deserialize)]
struct Members {
    #[serde(rename = "teeId", alias = "tee_id")]
    tee_id: Option<Value>,
    timestamp: Option<Value>,
    signature: Option<Value>,
}

impl SignedHeartbeat {
    /// Reads a heartbeat as a gateway sends it: `teeId`, `timestamp` as a number of seconds or its decimal text, and
    /// `signature` in base64.
    ///
    /// # Errors
    /// The variants of [`HeartbeatError`] up to [`Field`](HeartbeatError::Field).
    pub fn from_json(text: &[u8]) -> Result<Self, HeartbeatError> {
        if text.len() > MOST_ROUTE {
            return Err(HeartbeatError::TooLong);
        }
        // A list would be read as members without names.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(HeartbeatError::NotJson);
        }
        let members: Members = serde_json::from_slice(text).map_err(|_| HeartbeatError::NotJson)?;
        let tee_id = members.tee_id.ok_or(HeartbeatError::Missing("teeId"))?;
        let timestamp = members.timestamp.ok_or(HeartbeatError::Missing("timestamp"))?;
        let signature = members.signature.ok_or(HeartbeatError::Missing("signature"))?;
        let seconds = timestamp.as_u64().or_else(|| number(timestamp.as_str()?));
        Ok(SignedHeartbeat {
            tee_id: tee_id.as_str().and_then(|text| text.parse().ok()).ok_or(HeartbeatError::Field("teeId"))?,
            seconds: seconds.ok_or(HeartbeatError::Field("timestamp"))?,
            signature: signature
                .as_str()
                .and_then(unbase64)
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(HeartbeatError::Field("signature"))?,
        })
    }

    /// Verifies that this key signed the heartbeat: Keccak-256 of its own name and the time as 32 bytes, most significant
    /// first.
    ///
    /// # Errors
    /// [`OtherKey`](HeartbeatError::OtherKey), [`NotSigned`](HeartbeatError::NotSigned), or
    /// [`Field`](HeartbeatError::Field) for a time beyond the year 9999.
    pub fn verify(&self, key: &EnclaveKey) -> Result<Heartbeat, HeartbeatError> {
        if self.tee_id != key.tee_id() {
            return Err(HeartbeatError::OtherKey);
        }
        let millis = i64::try_from(self.seconds).ok().and_then(|seconds| seconds.checked_mul(1000));
        let at = millis.and_then(|millis| Timestamp::from_millis(millis).ok());
        let message = keccak256(&[self.tee_id.as_bytes(), &[0; 24], &self.seconds.to_be_bytes()]);
        if !key.signed(&message, &self.signature, Salt::OfTheHash) {
            return Err(HeartbeatError::NotSigned);
        }
        Ok(Heartbeat { tee_id: self.tee_id, at: at.ok_or(HeartbeatError::Field("timestamp"))? })
    }
}

impl Heartbeat {
    /// The key that signed it.
    pub fn tee_id(&self) -> TeeId {
        self.tee_id
    }

    /// When it was signed, to the second, by the enclave's clock.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}
