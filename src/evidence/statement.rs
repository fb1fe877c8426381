//! What somebody says of a row's evidence, and nobody can check: kept as said, by whom. It fills a box with a claim at most.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::artifact::BlobId;
use super::payment::{Address, ReceiptKey};
use super::route::RouteClaim;
use super::settlement::{Root, SettlementMode, TransactionHash};
use crate::text::unhex;
use crate::time::{CLOCKS_DIFFER, Span, Timestamp};

/// What somebody says. JSON of this form, where every member but `by` may be left out, and none may be added:
///
/// ```json
/// {"by": "my pipeline",
///  "mode": "tee",
///  "settlement": {"mode": "batch", "transaction": "0x…", "blob_id": "…", "root": "0x…", "seen": {"network": "eip155:8453", "block": 30000000, "at": "2026-02-12T18:20:00Z"}},
///  "payment": {"payer": "0x…", "receipt_signer": "0x…", "settled": {"network": "eip155:8453", "block": 30000001, "at": "2026-02-12T18:21:00Z"}},
///  "route": {"path": "private", "rewritten": "no"},
///  "artifact": {"label": "gpt-4.1-2025-04-14", "blob_id": "…"},
///  "data": {"source": "https://example.org/rates", "fetched_at": "2026-02-12T18:00:00Z", "fresh_for": "6 hours"},
///  "code": {"approved": {"network": "eip155:8453", "block": 30000000, "at": "2026-02-12T18:20:00Z"}}}
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Who says it: 1 to 128 bytes without control characters.
    pub by: String,
    /// How the model ran: `vanilla`, `zkml` or `tee`.
    pub mode: Option<SaidMode>,
    /// What is said of the settlement.
    pub settlement: Option<SaidSettlement>,
    /// What is said of the payment.
    pub payment: Option<SaidPayment>,
    /// Which way the request took.
    pub route: Option<RouteClaim>,
    /// Which model it was.
    pub artifact: Option<SaidArtifact>,
    /// Where fetched data came from.
    pub data: Option<SaidData>,
    /// Who approves of the enclave's code.
    pub code: Option<SaidCode>,
}

/// Why bytes are no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not JSON of that form.
    #[error("not a statement: {0}")]
    NotAStatement(String),
    /// Nobody says it.
    #[error("`by` is not 1 to 128 bytes without control characters")]
    By,
    /// `fresh_for` beside `fresh_until`, or without `fetched_at`.
    #[error("`data` needs `fetched_at` with `fresh_for`, and has no `fresh_until` beside it")]
    Fresh,
}

/// How the model ran, as said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SaidMode {
    /// Plain inference.
    Vanilla,
    /// With a zero-knowledge proof. No client is given one.
    Zkml,
    /// In an enclave.
    Tee,
}

/// A settlement, as said.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidSettlement {
    /// `private`, `batch` or `individual`.
    #[serde(default, deserialize_with = "said")]
    pub mode: Option<SettlementMode>,
    /// The transaction's hash.
    #[serde(default, deserialize_with = "said")]
    pub transaction: Option<TransactionHash>,
    /// Where the settled data lie. It names no model.
    #[serde(default, deserialize_with = "said")]
    pub blob_id: Option<BlobId>,
    /// The root of the batch, from where the speaker trusts it to be right: a proof is held against it.
    #[serde(default, deserialize_with = "said")]
    pub root: Option<Root>,
    /// The chain event was seen.
    pub seen: Option<Seen>,
}

/// A payment, as said.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidPayment {
    /// Whose payment the authorisation should be.
    #[serde(default, deserialize_with = "said")]
    pub payer: Option<Address>,
    /// Who is known to sign receipts: an account, or an Ed25519 key in 64 hexadecimal digits.
    #[serde(default, deserialize_with = "said")]
    pub receipt_signer: Option<ReceiptKey>,
    /// Accepted for charging.
    #[serde(default)]
    pub queued: bool,
    /// The transfer was seen.
    pub settled: Option<Seen>,
}

/// A model, as said.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidArtifact {
    /// What was asked for.
    pub label: Option<String>,
    /// What it was: a Walrus blob id.
    pub blob_id: Option<String>,
}

/// Fetched data, as said.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidData {
    /// Where from.
    pub source: Option<String>,
    /// When, RFC 3339.
    #[serde(default, deserialize_with = "said")]
    pub fetched_at: Option<Timestamp>,
    /// For how long it is fresh, from then on, such as `6 hours`.
    #[serde(default, deserialize_with = "said")]
    pub fresh_for: Option<Span>,
    /// Until when it is fresh, RFC 3339.
    #[serde(default, deserialize_with = "said")]
    pub fresh_until: Option<Timestamp>,
    /// What was fetched, if that is not the whole output.
    pub content: Option<String>,
    /// Where the answer says it has it from.
    #[serde(default)]
    pub citations: Vec<String>,
}

/// Approval of code, as said.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidCode {
    /// A registry listed it.
    pub approved: Option<Seen>,
}

/// What somebody saw on a chain.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Which chain, in the form of CAIP-2: `eip155:8453`.
    #[serde(deserialize_with = "said")]
    pub network: Network,
    /// As of which block.
    pub block: u64,
    /// When, RFC 3339.
    #[serde(deserialize_with = "said")]
    pub at: Timestamp,
}

/// A chain's name in the form of CAIP-2: a namespace of 3 to 8 letters and digits, `:`, and a reference of 1 to 32.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Network(String);

/// A text that is no name of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a network such as `eip155:8453`")]
pub struct NetworkError;

impl std::str::FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (space, reference) = text.split_once(':').ok_or(NetworkError)?;
        let plain =
            |part: &str, more: &[u8]| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
        let sizes = (3..=8).contains(&space.len()) && (1..=32).contains(&reference.len());
        (sizes && plain(space, b"-") && plain(reference, b"-_")).then(|| Network(text.to_owned())).ok_or(NetworkError)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// What was fetched may be the memory's text, and `Debug` ends up in logs.
impl fmt::Debug for SaidData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SaidData({:?}, {:?})", self.fetched_at, self.fresh_until())
    }
}

impl Seen {
    /// Whether it lies ahead: nobody saw that.
    pub(super) fn is_to_come(&self, at: Timestamp) -> bool {
        self.at.since(at) > CLOCKS_DIFFER
    }
}

impl SaidData {
    /// The end of its freshness; `None` where nobody says one.
    pub fn fresh_until(&self) -> Option<Timestamp> {
        self.fresh_until.or_else(|| Some(self.fetched_at?.plus(self.fresh_for?)))
    }
}

/// A time or a span, from its text.
fn said<'de, D: Deserializer<'de>, T: FromText>(from: D) -> Result<T, D::Error> {
    T::from_text(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// What is read from one text.
trait FromText: Sized {
    fn from_text(text: &str) -> Result<Self, String>;
}

/// The same where it may be left out.
impl<T: FromText> FromText for Option<T> {
    fn from_text(text: &str) -> Result<Self, String> {
        T::from_text(text).map(Some)
    }
}

macro_rules! parsed {
    ($($type:ty),+) => {$(
        impl FromText for $type {
            fn from_text(text: &str) -> Result<Self, String> {
                text.parse().map_err(|error: <$type as std::str::FromStr>::Err| error.to_string())
            }
        }
    )+};
}
parsed!(Timestamp, Span, Root, TransactionHash, BlobId, Address, Network);

impl FromText for ReceiptKey {
    fn from_text(text: &str) -> Result<Self, String> {
        let key = text.parse().map(ReceiptKey::Account).ok().or_else(|| unhex(text).map(ReceiptKey::Ed25519));
        key.ok_or_else(|| {
            "expected an account, `0x` and 40 hexadecimal digits, or an Ed25519 key, 64 of them".to_owned()
        })
    }
}

impl FromText for SettlementMode {
    fn from_text(text: &str) -> Result<Self, String> {
        SettlementMode::from_name(text).ok_or_else(|| format!("expected one of {}", SettlementMode::NAMES.join(", ")))
    }
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn from_json(text: &[u8]) -> Result<Self, StatementError> {
        let statement: Statement = serde_json::from_slice(text)
            .map_err(|error| StatementError::NotAStatement(crate::text::json_mistake(&error)))?;
        if !(1..=128).contains(&statement.by.len()) || statement.by.chars().any(char::is_control) {
            return Err(StatementError::By);
        }
        let unclear =
            |data: &SaidData| data.fresh_for.is_some() && (data.fresh_until.is_some() || data.fetched_at.is_none());
        if statement.data.as_ref().is_some_and(unclear) {
            return Err(StatementError::Fresh);
        }
        Ok(statement)
    }
}
