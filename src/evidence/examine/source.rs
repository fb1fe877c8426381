//! What was attached to one text, read once: every box looks at the same pieces.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{Case, Verify};
use crate::evidence::artifact::BlobId;
use crate::evidence::attestation::{
    Document, DocumentError, EnclaveKey, Genuine, KeyError, LegacyError, Order, Response, ResponseError,
    SignedLegacyResponse, SignedResponse,
};
use crate::evidence::route::SignedHeartbeat;
use crate::evidence::settlement::{Announcement, AnnouncementError};
use crate::evidence::statement::{Statement, StatementError};
use crate::evidence::{Code, Material, MaterialKind};
use crate::time::Timestamp;

/// The pieces that belong to the text, the last of each kind.
pub(super) struct Source<'a> {
    pub(super) case: &'a Case<'a>,
    /// The response, of the current form where there is one; or why it cannot be read.
    pub(super) answer: Option<Result<Answer, String>>,
    /// A response of the current form as JSON: what stands in it beside what is signed.
    pub(super) json: Option<Json>,
    /// The key under which signatures are checked.
    pub(super) key: Option<Result<EnclaveKey, KeyError>>,
    pub(super) statement: Option<Result<Statement, StatementError>>,
    /// What headers say of the settlement.
    pub(super) announced: Option<Result<Announcement, AnnouncementError>>,
    /// The document, genuine at its own time, or not.
    pub(super) document: Option<Result<Attested, DocumentError>>,
    /// What an enclave's signature is worth here.
    pub(super) standing: Standing,
}

/// A response of either form, read and not verified.
pub(super) enum Answer {
    Current(SignedResponse),
    Older(SignedLegacyResponse),
}

/// What is known of the output that the response names.
pub(super) enum Output<'s> {
    /// This is it. Whether anybody signed the response is another question.
    Named(Cow<'s, str>),
    /// A text is there, and it is another.
    Other,
    /// A text is there, and no response to hold it against.
    Unnamed(&'s str),
    /// A response is there, and no text.
    Missing,
    /// Neither is there.
    Nothing,
}

/// A document that is genuine, as far as a row is concerned.
pub(super) struct Attested {
    document: Genuine,
    /// What the caller's list says of its code.
    pub(super) code: Code,
}

impl Attested {
    /// When it was written, by its own word.
    pub(super) fn at(&self) -> Timestamp {
        self.document.at()
    }
}

/// How far the attestation of the answer holds.
pub(super) enum Standing {
    /// Nothing of it is there.
    Nothing,
    /// Something does not parse.
    Malformed(String),
    /// A part is missing, so that nothing is shown; which.
    Incomplete(&'static str),
    /// Something does not hold.
    Refuted(String),
    /// A key that a genuine document names signed the response. Which came first, for one of the current form.
    Holds(Option<Order>),
}

impl<'a> Source<'a> {
    pub(super) fn of(case: &'a Case<'a>, verify: Verify<'_>) -> Self {
        let last = |kind| case.evidence.last(kind, case.body_generation).map(Material::bytes);
        let response = last(MaterialKind::Response);
        let mut source = Source {
            case,
            answer: response.map(Answer::current).or_else(|| last(MaterialKind::LegacyResponse).map(Answer::older)),
            json: response.and_then(|text| serde_json::from_slice(text).ok()),
            key: last(MaterialKind::Key).map(EnclaveKey::from_der),
            statement: last(MaterialKind::Statement).map(Statement::from_json),
            announced: last(MaterialKind::Headers).map(|text| Announcement::from_headers(fields(text))),
            document: last(MaterialKind::Document).map(|bytes| attested(bytes, case, verify)),
            standing: Standing::Nothing,
        };
        source.standing = source.weigh().unwrap_or_else(|standing| standing);
        source
    }

    /// The last piece of a kind that was attached to this text.
    pub(super) fn piece(&self, kind: MaterialKind) -> Option<&'a [u8]> {
        self.case.evidence.last(kind, self.case.body_generation).map(Material::bytes)
    }

    /// The response, if it parses.
    pub(super) fn read_answer(&self) -> Option<&Answer> {
        self.answer.as_ref()?.as_ref().ok()
    }

    /// The response, if it is of the current form and parses.
    pub(super) fn read_response(&self) -> Option<&SignedResponse> {
        match self.read_answer()? {
            Answer::Current(response) => Some(response),
            Answer::Older(_) => None,
        }
    }

    /// The statement, if it parses.
    pub(super) fn said(&self) -> Option<&Statement> {
        self.statement.as_ref()?.as_ref().ok()
    }

    /// The output, held against the response.
    pub(super) fn output(&self) -> Output<'_> {
        let text = self.text_of_output();
        match self.read_answer() {
            None => text.map_or(Output::Nothing, Output::Unnamed),
            Some(Answer::Current(response)) => match text {
                None => Output::Missing,
                Some(text) if response.names_output(text) => Output::Named(text.into()),
                Some(_) => Output::Other,
            },
            Some(Answer::Older(response)) => match (response.output(), text) {
                (None, _) => Output::Missing,
                (Some(named), Some(text)) if named != text => Output::Other,
                (Some(named), _) => Output::Named(named.into()),
            },
        }
    }

    /// The text of the output: as it was attached, else as it stands in the response beside what is signed.
    fn text_of_output(&self) -> Option<&str> {
        if let Some(bytes) = self.piece(MaterialKind::Output) {
            return std::str::from_utf8(bytes).ok();
        }
        let choice = self.json.as_ref()?.get("choices")?.get(0)?;
        let message = choice.get("message");
        // Where the answer calls tools, the calls are the output, in a text that does not stand in the response.
        let calls = message.and_then(|message| message.get("tool_calls")).and_then(Json::as_array);
        if calls.is_some_and(|calls| !calls.is_empty()) {
            return None;
        }
        message.and_then(|message| message.get("content")).or(choice.get("text"))?.as_str()
    }

    /// The value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let mut all = fields(self.piece(MaterialKind::Headers)?);
        all.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// When the answer was given, by the enclave's clock.
    pub(super) fn answered_at(&self) -> Option<Timestamp> {
        match self.read_answer()? {
            Answer::Current(response) => {
                let millis = i64::try_from(response.seconds).ok()?.checked_mul(1000)?;
                Timestamp::from_millis(millis).ok()
            }
            Answer::Older(response) => response.claimed_at(),
        }
    }

    /// The blobs that settlements are said to be in, which are no model's.
    pub(super) fn settlement_blobs(&self) -> Vec<BlobId> {
        let said = self.said().and_then(|said| said.settlement.as_ref()?.blob_id.clone());
        let announced = self.announced.as_ref().and_then(|announced| announced.as_ref().ok()?.blob_id.clone());
        said.into_iter().chain(announced).collect()
    }

    /// Whether the answer is one to a chat request, so that a language model gave it.
    pub(super) fn is_of_a_chat(&self) -> bool {
        let has_choices = || self.json.as_ref().is_some_and(|answer| answer.get("choices").is_some());
        matches!(self.read_answer(), Some(Answer::Older(_))) || has_choices()
    }

    /// Whether the answer points to sources.
    pub(super) fn has_citations(&self) -> bool {
        let Some(answer) = &self.json else { return false };
        let message = answer.get("choices").and_then(|choices| choices.get(0)).and_then(|choice| choice.get("message"));
        let places = [answer.get("citations"), message.and_then(|message| message.get("annotations"))];
        places.into_iter().flatten().any(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    }

    /// Whether these bytes are the request that the response is of. A line end that an editor put behind them is forgiven.
    pub(super) fn signed_request(&self) -> Option<&'a [u8]> {
        let bytes = self.piece(MaterialKind::Request)?;
        let answer = self.read_answer()?;
        [bytes, bytes.trim_ascii_end()].into_iter().find(|bytes| match answer {
            Answer::Current(response) => response.names_request(bytes),
            Answer::Older(response) => response.names_request(bytes),
        })
    }

    fn weigh(&self) -> Result<Standing, Standing> {
        let document = match &self.document {
            None => None,
            Some(Err(error @ (DocumentError::TooLong | DocumentError::NotSign1 | DocumentError::NotPayload))) => {
                return Err(Standing::Malformed(error.to_string()));
            }
            Some(Err(error)) => return Err(Standing::Refuted(error.to_string())),
            Some(Ok(attested)) => Some(&attested.document),
        };
        self.heartbeat()?;
        Ok(match (document, self.signed_response()?) {
            (None, None) => Standing::Nothing,
            (Some(_), None) => Standing::Incomplete("nothing ties the document to the row: there is no response"),
            (None, Some(_)) => Standing::Incomplete("no document says whose key signed the response"),
            (Some(document), Some(signed)) => match document.binds(signed.key) {
                Ok(bound) => Standing::Holds(signed.response.and_then(|response| bound.order(&response))),
                Err(error) => Standing::Refuted(error.to_string()),
            },
        })
    }

    /// A heartbeat says that the key was in use at a time, and nothing of the row; one that does not hold is a false one.
    fn heartbeat(&self) -> Result<(), Standing> {
        let (Some(text), Some(Ok(key))) = (self.piece(MaterialKind::Heartbeat), &self.key) else { return Ok(()) };
        let heartbeat = SignedHeartbeat::from_json(text).map_err(|error| Standing::Malformed(error.to_string()))?;
        heartbeat.verify(key).map(drop).map_err(|error| Standing::Refuted(error.to_string()))
    }

    /// The response that is attached, its signature verified under the key that is attached.
    fn signed_response(&self) -> Result<Option<Verified>, Standing> {
        let answer = match &self.answer {
            None => return Ok(None),
            Some(Err(why)) => return Err(Standing::Malformed(why.clone())),
            Some(Ok(answer)) => answer,
        };
        let key = match &self.key {
            None => return Err(Standing::Incomplete("there is no key to check the response's signature with")),
            Some(Err(error)) => return Err(Standing::Malformed(error.to_string())),
            Some(Ok(key)) => key.clone(),
        };
        let response = match answer {
            Answer::Current(response) => Some(response.verify(&key).map_err(|error| match error {
                // Read, and no time that a calendar has.
                ResponseError::NotSeconds => Standing::Malformed(error.to_string()),
                _ => Standing::Refuted(error.to_string()),
            })?),
            Answer::Older(response) => {
                response.verify(&key).map_err(|error| match error {
                    LegacyError::TooLong | LegacyError::NotLegacy => Standing::Malformed(error.to_string()),
                    _ => Standing::Refuted(error.to_string()),
                })?;
                None
            }
        };
        Ok(Some(Verified { key, response }))
    }
}

impl Answer {
    fn current(text: &[u8]) -> Result<Self, String> {
        SignedResponse::from_json(text).map(Answer::Current).map_err(|error| error.to_string())
    }

    fn older(text: &[u8]) -> Result<Self, String> {
        SignedLegacyResponse::from_json(text).map(Answer::Older).map_err(|error| error.to_string())
    }
}

/// The header lines of a text, name and value. What is no such line is passed over: a status, or the empty one at the end.
fn fields(text: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let lines = std::str::from_utf8(text).unwrap_or_default().lines().filter(|line| !line.starts_with("HTTP/"));
    lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}

/// The document, genuine at its own time, and what the caller's list says of its code.
fn attested(bytes: &[u8], case: &Case<'_>, verify: Verify<'_>) -> Result<Attested, DocumentError> {
    let document = verify(&Document::read(bytes)?)?;
    let code = case.codes.map_or(Code::Unknown, |list| document.code(list).into());
    Ok(Attested { document, code })
}

/// A response whose signature holds.
struct Verified {
    /// Under this key.
    key: EnclaveKey,
    /// What it signs, where it is of the current form.
    response: Option<Response>,
}
