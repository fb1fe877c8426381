//! The response that is attached, in either form, read and not verified.

use crate::evidence::attestation::{SignedLegacyResponse, SignedResponse};

/// A response of either form, read and not verified.
pub(super) enum Answer {
    Current(SignedResponse),
    Older(SignedLegacyResponse),
}

impl Answer {
    pub(super) fn current(text: &[u8]) -> Result<Self, String> {
        SignedResponse::from_json(text).map(Answer::Current).map_err(|error| error.to_string())
    }

    pub(super) fn older(text: &[u8]) -> Result<Self, String> {
        SignedLegacyResponse::from_json(text).map(Answer::Older).map_err(|error| error.to_string())
    }
}
