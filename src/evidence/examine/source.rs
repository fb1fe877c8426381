//! What was attached to one text, read once: every box looks at the same pieces.

use serde_json::Value as Json;

use super::{Case, Verify};
use crate::evidence::attestation::{
    Document, DocumentError, EnclaveKey, Genuine, KeyError, LegacyError, Order, Response, ResponseError,
    SignedLegacyResponse, SignedResponse,
};
use crate::evidence::statement::{Statement, StatementError};
use crate::evidence::{Code, Material, MaterialKind};
use crate::time::Timestamp;

/// The pieces that belong to the text, the last of each kind.
pub(super) struct Source<'a> {
    pub(super) case: &'a Case<'a>,
    /// A response of the current form.
    pub(super) response: Option<Result<SignedResponse, ResponseError>>,
    /// The same as JSON: what stands in it beside what is signed.
    pub(super) answer: Option<Json>,
    /// The key under which signatures are checked.
    pub(super) key: Option<Result<EnclaveKey, KeyError>>,
    pub(super) statement: Option<Result<Statement, StatementError>>,
    /// A response of the older form.
    pub(super) legacy: Option<Result<SignedLegacyResponse, LegacyError>>,
    /// What an enclave's signature is worth here.
    pub(super) standing: Standing,
}

/// How far the attestation of the answer holds.
pub(super) enum Standing {
    /// Nothing of it is there.
    Nothing,
    /// Something does not parse.
    Malformed(String),
    /// A part is missing, so that nothing is shown; which.
    Incomplete(&'static str, Code),
    /// Something does not hold.
    Refuted(String, Code),
    /// A key that a genuine document names signed the response.
    Holds {
        /// When the document was written.
        at: Timestamp,
        code: Code,
        /// Which came first, for a response of the current form.
        order: Option<Order>,
    },
}

impl<'a> Source<'a> {
    pub(super) fn of(case: &'a Case<'a>, verify: Verify<'_>) -> Self {
        let last = |kind| case.evidence.last(kind, case.body_generation).map(Material::bytes);
        let response = last(MaterialKind::Response);
        let mut source = Source {
            case,
            response: response.map(SignedResponse::from_json),
            answer: response.and_then(|text| serde_json::from_slice(text).ok()),
            key: last(MaterialKind::Key).map(EnclaveKey::from_der),
            statement: last(MaterialKind::Statement).map(Statement::from_json),
            legacy: last(MaterialKind::LegacyResponse).map(SignedLegacyResponse::from_json),
            standing: Standing::Nothing,
        };
        source.standing = source.weigh(verify);
        source
    }

    /// The last piece of a kind that was attached to this text.
    pub(super) fn piece(&self, kind: MaterialKind) -> Option<&'a [u8]> {
        self.case.evidence.last(kind, self.case.body_generation).map(Material::bytes)
    }

    /// The response, if it parses.
    pub(super) fn read_response(&self) -> Option<&SignedResponse> {
        self.response.as_ref()?.as_ref().ok()
    }

    /// The statement, if it parses.
    pub(super) fn said(&self) -> Option<&Statement> {
        self.statement.as_ref()?.as_ref().ok()
    }

    /// The text of the output: as it was attached, else as it stands in the response.
    pub(super) fn output(&self) -> Option<&str> {
        if let Some(bytes) = self.piece(MaterialKind::Output) {
            return std::str::from_utf8(bytes).ok();
        }
        let choice = self.answer.as_ref()?.get("choices")?.get(0)?;
        choice.get("message").and_then(|message| message.get("content")).or(choice.get("text"))?.as_str()
    }

    /// Whether the answer is one to a chat request, so that a language model gave it.
    pub(super) fn is_of_a_chat(&self) -> bool {
        self.legacy.is_some() || self.answer.as_ref().is_some_and(|answer| answer.get("choices").is_some())
    }

    /// Whether the answer points to sources.
    pub(super) fn has_citations(&self) -> bool {
        let Some(answer) = &self.answer else { return false };
        let message = answer.get("choices").and_then(|choices| choices.get(0)).and_then(|choice| choice.get("message"));
        let places = [answer.get("citations"), message.and_then(|message| message.get("annotations"))];
        places.into_iter().flatten().any(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    }

    /// Whether these bytes are the request that the response is of. A line end that an editor put behind them is forgiven.
    pub(super) fn signed_request(&self) -> Option<&'a [u8]> {
        let bytes = self.piece(MaterialKind::Request)?;
        let response = self.read_response()?;
        [bytes, bytes.trim_ascii_end()].into_iter().find(|bytes| response.names_request(bytes))
    }

    fn weigh(&self, verify: Verify<'_>) -> Standing {
        let (document, code) = match self.piece(MaterialKind::Document).map(|bytes| self.genuine(bytes, verify)) {
            None => (None, Code::Unknown),
            Some(Err(error @ (DocumentError::TooLong | DocumentError::NotSign1 | DocumentError::NotPayload))) => {
                return Standing::Malformed(format!("the document: {error}"));
            }
            Some(Err(error)) => return Standing::Refuted(error.to_string(), Code::Unknown),
            Some(Ok((genuine, code))) => (Some(genuine), code),
        };
        let signed = match self.signed_response() {
            Ok(signed) => signed,
            Err(standing) => return standing.with(code),
        };
        let Some(signed) = signed else {
            return if document.is_some() {
                Standing::Incomplete("there is a document and no response, so that nothing ties it to the row", code)
            } else {
                Standing::Nothing
            };
        };
        let Some(document) = document else {
            return Standing::Incomplete("no document says whose key signed the response", code);
        };
        match document.binds(signed.key) {
            Ok(bound) => {
                let order = signed.response.and_then(|response| bound.order(&response));
                Standing::Holds { at: bound.at(), code, order }
            }
            Err(error) => Standing::Refuted(error.to_string(), code),
        }
    }

    /// The document, genuine at its own time, and what the caller's list says of its code.
    fn genuine(&self, bytes: &[u8], verify: Verify<'_>) -> Result<(Genuine, Code), DocumentError> {
        let genuine = verify(&Document::read(bytes)?)?;
        let code = self.case.codes.map_or(Code::Unknown, |list| genuine.code(list).into());
        Ok((genuine, code))
    }

    /// The response of either form that is attached, its signature verified under the key that is attached.
    fn signed_response(&self) -> Result<Option<Verified>, Standing> {
        if self.response.is_none() && self.legacy.is_none() {
            return Ok(None);
        }
        if let Some(Err(error)) = &self.response {
            return Err(Standing::Malformed(error.to_string()));
        }
        let key = match &self.key {
            None => {
                return Err(Standing::Incomplete(
                    "there is no key to check the response's signature with",
                    Code::Unknown,
                ));
            }
            Some(Err(error)) => return Err(Standing::Malformed(format!("the key: {error}"))),
            Some(Ok(key)) => key,
        };
        if let Some(response) = self.read_response() {
            let verified = response.verify(key).map_err(|error| match error {
                // Read, and no time that a calendar has.
                ResponseError::NotSeconds => Standing::Malformed(error.to_string()),
                _ => Standing::Refuted(error.to_string(), Code::Unknown),
            })?;
            return Ok(Some(Verified { key: key.clone(), response: Some(verified) }));
        }
        match &self.legacy {
            Some(Ok(legacy)) => match legacy.verify(key) {
                Ok(_) => Ok(Some(Verified { key: key.clone(), response: None })),
                Err(error @ (LegacyError::TooLong | LegacyError::NotLegacy)) => {
                    Err(Standing::Malformed(error.to_string()))
                }
                Err(error) => Err(Standing::Refuted(error.to_string(), Code::Unknown)),
            },
            Some(Err(error)) => Err(Standing::Malformed(error.to_string())),
            None => Ok(None),
        }
    }
}

/// A response whose signature holds.
struct Verified {
    /// Under this key.
    key: EnclaveKey,
    /// What it signs, where it is of the current form.
    response: Option<Response>,
}

impl Standing {
    fn with(self, code: Code) -> Self {
        match self {
            Standing::Incomplete(what, _) => Standing::Incomplete(what, code),
            Standing::Refuted(why, _) => Standing::Refuted(why, code),
            other => other,
        }
    }
}
