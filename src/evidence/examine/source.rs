//! What was attached to one text, read once: every box looks at the same pieces.

use serde_json::Value as Json;

use super::answer::Answer;
use super::{Case, Verify};
use crate::evidence::artifact::BlobId;
use crate::evidence::attestation::{
    Document, DocumentError, EnclaveKey, Genuine, KeyError, LegacyError, Order, Pcrs, Response, ResponseError,
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
    /// Every statement, the last one first: each speaks of what no later one does.
    pub(super) statements: Vec<Result<Statement, StatementError>>,
    /// What headers say of the settlement.
    pub(super) announced: Option<Result<Announcement, AnnouncementError>>,
    /// The document, genuine at its own time, or not.
    pub(super) document: Option<Result<Attested, DocumentError>>,
    /// What an enclave's signature is worth here.
    pub(super) standing: Standing,
}

/// A document that is genuine, as far as a row is concerned.
pub(super) struct Attested {
    document: Genuine,
    /// What the caller's list says of its code.
    pub(super) code: Code,
}

impl Attested {
    /// What it measured.
    pub(super) fn pcrs(&self) -> &Pcrs {
        self.document.pcrs()
    }

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
        let all = |kind| case.evidence.last_first(kind, case.body_generation).map(Material::bytes);
        let last = |kind| all(kind).next();
        let response = last(MaterialKind::Response);
        let mut source = Source {
            case,
            answer: response.map(Answer::current).or_else(|| last(MaterialKind::LegacyResponse).map(Answer::older)),
            json: response.and_then(|text| serde_json::from_slice(text).ok()),
            key: last(MaterialKind::Key).map(EnclaveKey::from_der),
            statements: all(MaterialKind::Statement).map(Statement::from_json).collect(),
            announced: all(MaterialKind::Headers).find(|text| speaks_of_settlement(text)).map(announcement),
            document: last(MaterialKind::Document).map(|bytes| attested(bytes, case, verify)),
            standing: Standing::Nothing,
        };
        source.standing = source.weigh();
        source
    }

    /// The last piece of a kind that was attached to this text.
    pub(super) fn piece(&self, kind: MaterialKind) -> Option<&'a [u8]> {
        self.case.evidence.last_first(kind, self.case.body_generation).next().map(Material::bytes)
    }

    /// What the last statement that speaks of it says, and who.
    pub(super) fn said<T>(&self, of: impl Fn(&Statement) -> Option<T>) -> Option<(&str, T)> {
        self.statements.iter().flatten().find_map(|said| Some((said.by.as_str(), of(said)?)))
    }

    /// The value of a header, by its name in lower case, from the last headers that have it.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let all = self.case.evidence.last_first(MaterialKind::Headers, self.case.body_generation);
        let mut lines = all.flat_map(|headers| fields(headers.bytes()));
        lines.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The blobs that settlements are said to be in, which are no model's.
    pub(super) fn settlement_blobs(&self) -> Vec<BlobId> {
        let said = self.statements.iter().flatten().filter_map(|said| said.settlement.as_ref()?.blob_id.clone());
        let announced = self.announced.as_ref().and_then(|announced| announced.as_ref().ok()?.blob_id.clone());
        said.chain(announced).collect()
    }

    /// Document and response are weighed each for itself: what does not hold weighs more than what cannot be read, and that more
    /// than what is missing.
    fn weigh(&self) -> Standing {
        let document = match &self.document {
            None => Ok(None),
            Some(Ok(attested)) => Ok(Some(&attested.document)),
            Some(Err(error)) if is_unread(error) => Err(Standing::Malformed(error.to_string())),
            Some(Err(error)) => Err(Standing::Refuted(error.to_string())),
        };
        match (document, self.signed_response()) {
            (Err(refuted @ Standing::Refuted(_)), _) | (_, Err(refuted @ Standing::Refuted(_))) => refuted,
            (Err(unread), _) | (Ok(_), Err(unread @ Standing::Malformed(_))) => unread,
            (Ok(_), Err(incomplete)) => incomplete,
            (Ok(None), Ok(None)) => Standing::Nothing,
            (Ok(Some(_)), Ok(None)) => {
                Standing::Incomplete("nothing ties the document to the row: there is no response")
            }
            (Ok(None), Ok(Some(_))) => Standing::Incomplete("no document says whose key signed the response"),
            (Ok(Some(document)), Ok(Some(signed))) => match document.binds(signed.key) {
                Ok(bound) => Standing::Holds(signed.response.and_then(|response| bound.order(&response))),
                Err(error) => Standing::Refuted(error.to_string()),
            },
        }
    }

    /// When the key was in use, by a heartbeat; or why nothing is known of it. It says nothing of the row.
    pub(super) fn heartbeat(&self) -> Option<Result<Timestamp, String>> {
        let text = self.piece(MaterialKind::Heartbeat)?;
        let Some(Ok(key)) = &self.key else { return Some(Err("there is no key to check it with".to_owned())) };
        let verified = SignedHeartbeat::from_json(text).and_then(|heartbeat| heartbeat.verify(key));
        Some(verified.map(|heartbeat| heartbeat.at()).map_err(|error| error.to_string()))
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

/// The header lines of a text, name and value. What is no such line is passed over: a status, or the empty one at the end.
fn fields(text: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let lines = std::str::from_utf8(text).unwrap_or_default().lines().filter(|line| !line.starts_with("HTTP/"));
    lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}

/// Whether there is a header about settlement among these.
fn speaks_of_settlement(text: &[u8]) -> bool {
    fields(text).any(|(name, _)| name.to_ascii_lowercase().starts_with("x-settlement-"))
}

fn announcement(text: &[u8]) -> Result<Announcement, AnnouncementError> {
    Announcement::from_headers(fields(text))
}

/// The document, genuine at its own time, and what the caller's list says of its code.
fn attested(bytes: &[u8], case: &Case<'_>, verify: Verify<'_>) -> Result<Attested, DocumentError> {
    let document = verify(&Document::read(bytes)?)?;
    let code = case.codes.map_or(Code::Unknown, |list| document.code(list).into());
    Ok(Attested { document, code })
}

/// Whether a document was not read, rather than read and refused.
fn is_unread(error: &DocumentError) -> bool {
    use DocumentError::{Doubled, Field, Missing, NotPayload, NotSign1, TooLong, UnknownField};
    matches!(error, TooLong | NotSign1 | NotPayload | UnknownField | Missing(_) | Doubled(_) | Field(_))
}

/// A response whose signature holds.
struct Verified {
    /// Under this key.
    key: EnclaveKey,
    /// What it signs, where it is of the current form.
    response: Option<Response>,
}
