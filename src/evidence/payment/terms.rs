//! What a receipt says, and its one canonical form.

use serde::Serialize;

use super::error::ReceiptError;
use super::members::{MemberError, Members, as_text};
use super::typed_data::receipt_hash;
use crate::time::Timestamp;

/// What stands in a receipt. The members are in the order of RFC 8785 §3.2.3, and of the kinds that `serde_json` writes as
/// RFC 8785 §3.2.2 does: texts without control characters, and whole numbers below 2^53: no time within the calendar has more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terms {
    pub(super) issued_at: u64,
    pub(super) network: String,
    pub(super) payer: String,
    pub(super) resource_url: String,
    /// Empty or absent where there is none; in the canonical form these differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transaction: Option<String>,
    version: u64,
}

impl Terms {
    pub(super) fn read(mut payload: Members<'_>) -> Result<Self, ReceiptError> {
        let version = payload.count("version")?;
        if version != 1 {
            return Err(ReceiptError::OtherVersion);
        }
        let transaction = payload.value("transaction").ok();
        let terms = Terms {
            issued_at: payload.count("issuedAt")?,
            network: payload.text("network")?,
            payer: payload.text("payer")?,
            resource_url: payload.text("resourceUrl")?,
            transaction: transaction.map(|value| as_text("transaction", value)).transpose()?,
            version,
        };
        payload.end("version")?;
        if terms.issued().is_none() {
            return Err(MemberError::TooLarge("issuedAt").into());
        }
        if !is_network(&terms.network) {
            return Err(ReceiptError::NotANetwork);
        }
        for (name, text) in [("payer", &terms.payer), ("resourceUrl", &terms.resource_url)] {
            if text.is_empty() {
                return Err(MemberError::Missing(name).into());
            }
        }
        Ok(terms)
    }

    /// When it was issued; `None` past the year 9999.
    pub(super) fn issued(&self) -> Option<Timestamp> {
        let millis = i64::try_from(self.issued_at).ok()?.checked_mul(1000)?;
        Timestamp::from_millis(millis).ok()
    }

    /// As RFC 8785 writes it.
    pub(super) fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers are JSON")
    }

    /// The hash that an account signs. It has a text for the transaction always.
    pub(super) fn hash(&self) -> Option<[u8; 32]> {
        let transaction = self.transaction.as_deref()?;
        Some(receipt_hash(&self.network, &self.resource_url, &self.payer, self.issued_at, transaction))
    }
}

/// Whether this is a network in the form of CAIP-2: `namespace:reference`.
fn is_network(text: &str) -> bool {
    text.split_once(':').is_some_and(|(namespace, reference)| {
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let any = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (3..=8).contains(&namespace.len())
            && namespace.bytes().all(small)
            && (1..=32).contains(&reference.len())
            && reference.bytes().all(any)
    })
}
