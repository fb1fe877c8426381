//! The artifact box: which model was asked for, and which answered? Two fields, and neither says anything about the other.
//!
//! Offline it can be told whether a label stands in the request that was signed, and whether a blob id has its form. What was
//! loaded under a label, and what lies in a blob, cannot.

use std::fmt;
use std::str::FromStr;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::attestation::{MOST_RESPONSE, Response};
use super::{is_blob_id, is_label};

/// A Walrus blob id: the unpadded base64url of 32 bytes, in its one form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlobId(String);

/// Why a text is no blob id, or not a model's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlobIdError {
    /// Of another form.
    #[error("expected the unpadded base64url of 32 bytes")]
    NotABlobId,
    /// The blob of a settlement.
    #[error("the blob id is a settlement's, not a model's")]
    OfASettlement,
}

impl BlobId {
    /// A blob id that is offered as a model's, refused where it is one of these settlements'.
    ///
    /// Nothing in a blob id says what lies there. A response has one of its settlement in the header
    /// `x-settlement-walrus-blob-id`, and [`Announcement::blob_id`](crate::settlement::Announcement::blob_id) keeps it: give
    /// all that came with the row.
    ///
    /// # Errors
    /// [`BlobIdError`].
    pub fn of_model<'a>(text: &str, settlements: impl IntoIterator<Item = &'a BlobId>) -> Result<Self, BlobIdError> {
        let id: BlobId = text.parse()?;
        if settlements.into_iter().any(|settled| *settled == id) { Err(BlobIdError::OfASettlement) } else { Ok(id) }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobId {
    type Err = BlobIdError;
    fn from_str(text: &str) -> Result<Self, BlobIdError> {
        is_blob_id(text).then(|| BlobId(text.to_owned())).ok_or(BlobIdError::NotABlobId)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a request has no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelLabelError {
    /// Not the bytes whose hash was signed.
    #[error("these are not the bytes of the request that was signed")]
    NotSigned,
    /// Longer than any request is.
    #[error("a request has at most {MOST_RESPONSE} bytes")]
    TooLong,
    /// Not a JSON object.
    #[error("the request is not one JSON object")]
    NotJson,
    /// No member `model`, wherever else the word stands.
    #[error("the request names no `model`")]
    Missing,
    /// Two members `model`: two readers would see two labels.
    #[error("the request names `model` twice")]
    Twice,
    /// A label in another form.
    #[error("the request's `model` is not a text of 1 to 256 bytes without control characters")]
    NotALabel,
}

/// The label that was asked for, in the canonical request of a response that a key signed.
///
/// # Errors
/// [`ModelLabelError`].
pub fn signed_label(response: &Response, canonical: &[u8]) -> Result<String, ModelLabelError> {
    if !response.signs_request(canonical) {
        return Err(ModelLabelError::NotSigned);
    }
    label_in(canonical)
}

/// The label that a request asks for: its member `model`, at the top and once. Whether anybody signed the request is another
/// question; see [`signed_label`].
///
/// # Errors
/// The variants of [`ModelLabelError`] from [`TooLong`](ModelLabelError::TooLong) on.
///
/// ```
/// use stillgood::artifact::{ModelLabelError, label_in};
/// assert_eq!(label_in(br#"{"messages": [], "model": "gpt-4.1"}"#), Ok("gpt-4.1".to_owned()));
/// assert_eq!(label_in(br#"{"messages": [{"model": "gpt-4.1"}]}"#), Err(ModelLabelError::Missing));
/// ```
pub fn label_in(request: &[u8]) -> Result<String, ModelLabelError> {
    if request.len() > MOST_RESPONSE {
        return Err(ModelLabelError::TooLong);
    }
    // What is passed over would not be looked at for this.
    let request = std::str::from_utf8(request).map_err(|_| ModelLabelError::NotJson)?;
    let mut reader = serde_json::Deserializer::from_str(request);
    let found = reader.deserialize_map(TopLevel).map_err(|_| ModelLabelError::NotJson)?;
    reader.end().map_err(|_| ModelLabelError::NotJson)?;
    match found.as_slice() {
        [] => Err(ModelLabelError::Missing),
        [Some(label)] if is_label(label) => Ok(label.clone()),
        [_] => Err(ModelLabelError::NotALabel),
        [_, ..] => Err(ModelLabelError::Twice),
    }
}

/// Every member `model` of an object, `None` where it is no text. Two are enough to know.
struct TopLevel;

impl<'t> Visitor<'t> for TopLevel {
    type Value = Vec<Option<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = vec![];
        // A key may be written with escapes, so that it is read before it is compared.
        while let Some(key) = members.next_key::<String>()? {
            if key != "model" {
                members.next_value::<IgnoredAny>()?;
            } else {
                let value = members.next_value::<&RawValue>()?;
                if found.len() < 2 {
                    found.push(serde_json::from_str(value.get()).ok());
                }
            }
        }
        Ok(found)
    }
}

/// Whether a label says of itself that it moves: `latest` is one of its words, or `preview` is and no date.
///
/// Words are what stands between `-`, `_`, `/`, `:` and `@`, in any case of letters. A date is one word of eight digits
/// (`20241022`) or four (`1106`, month and day), or two or three words, such as `2024-08-06`, `05-20` and `09-2025`. A label that
/// does not say so may move all the same, such as `gpt-4o`; only a blob id is a version.
///
/// ```
/// use stillgood::artifact::is_moving;
/// assert!(is_moving("claude-3-5-sonnet-latest") && is_moving("o1-preview"));
/// assert!(!is_moving("gpt-4o-2024-08-06") && !is_moving("o1-preview-2024-09-12"));
/// ```
pub fn is_moving(label: &str) -> bool {
    let words: Vec<&str> = label.split(['-', '_', '/', ':', '@']).collect();
    let has = |name: &str| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    let dated = || {
        let (in_one, in_two) = (words.iter().any(|word| is_date(word)), words.windows(2).any(is_date_in_two));
        in_one || in_two
    };
    has("latest") || (has("preview") && !dated())
}

fn is_date(word: &str) -> bool {
    match word.len() {
        8 => word.split_at_checked(4).is_some_and(|(year, day)| is_year(year) && is_date(day)),
        4 => word.split_at_checked(2).is_some_and(|(month, day)| is_month(month) && is_day(day)),
        _ => false,
    }
}

/// Month and day, year and month, or month and year.
fn is_date_in_two(words: &[&str]) -> bool {
    match words {
        [one, other] => (is_month(one) && (is_day(other) || is_year(other))) || (is_year(one) && is_month(other)),
        _ => false,
    }
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && digits(word).is_some_and(|year| (2000..2100).contains(&year))
}

fn is_month(word: &str) -> bool {
    word.len() == 2 && digits(word).is_some_and(|month| (1..=12).contains(&month))
}

fn is_day(word: &str) -> bool {
    word.len() == 2 && digits(word).is_some_and(|day| (1..=31).contains(&day))
}

fn digits(word: &str) -> Option<u32> {
    word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok())?
}
