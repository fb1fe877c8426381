//! What a server says of a payment in a header. Nobody signed it.

use super::error::ReceiptError;
use super::members::{MemberError, Members, as_number, as_text};
use super::number::Uint256;
use super::receipt::SignedReceipt;
use crate::evidence::PaymentRung;
use crate::text::unbase64;

/// Longer headers are not read.
const MOST_HEADER: usize = 128 << 10;

/// The header `PAYMENT-RESPONSE`, in older versions `X-PAYMENT-RESPONSE`: what somebody says, and whoever stands between
/// could have written. There is nothing to verify, so that no other type comes of it but by [`Self::receipt`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentClaim {
    /// Whether it is said to have succeeded.
    pub success: bool,
    /// Where, in whatever form the server uses.
    pub network: Option<String>,
    /// The transaction that is said to be it; none where there is none yet.
    pub transaction: Option<String>,
    /// Who is said to have paid.
    pub payer: Option<String>,
    /// How much is said to have been taken, in the token's smallest unit.
    pub amount: Option<Uint256>,
    /// Why it is said to have failed.
    pub error: Option<String>,
    receipt: Option<String>,
}

/// Why a header is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Longer than any header is.
    #[error("a payment header has at most {MOST_HEADER} bytes")]
    TooLong,
    /// In another encoding.
    #[error("the header is not base64")]
    NotBase64,
    /// Not a JSON object, or with a member twice.
    #[error("the header is not one JSON object with each member once")]
    NotJson,
    /// A member that is missing, or of another form.
    #[error(transparent)]
    Member(#[from] MemberError),
}

impl PaymentClaim {
    /// Reads the header: base64 of a JSON object with `success`, and perhaps `network`, `transaction`, `payer`, `amount`
    /// (or `settledAmount`), `errorReason`, and a receipt. Other members are not read.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub fn from_header(header: &str) -> Result<Self, ClaimError> {
        if header.len() > MOST_HEADER {
            return Err(ClaimError::TooLong);
        }
        let bytes = unbase64(header).ok_or(ClaimError::NotBase64)?;
        let mut all = Members::read(&bytes).ok_or(ClaimError::NotJson)?;
        let success = all.truth("success")?;
        let receipt = receipt_in(&mut all)?;
        let mut text = |name| {
            let text = all.optional(name).map(|value| as_text(name, value)).transpose()?;
            Ok::<_, MemberError>(text.filter(|text| !text.is_empty()))
        };
        let (network, transaction, payer) = (text("network")?, text("transaction")?, text("payer")?);
        let error = text("errorReason")?;
        let mut number = |name| all.optional(name).map(|value| as_number(name, value)).transpose();
        let amount = number("amount")?.or(number("settledAmount")?);
        Ok(PaymentClaim { success, network, transaction, payer, amount, error, receipt })
    }

    /// How far the payment is said to have got: settled where a transaction is named, queued where it is yet to come.
    pub fn claimed_rung(&self) -> PaymentRung {
        match (self.success, &self.transaction) {
            (true, Some(_)) => PaymentRung::Settled,
            (true, None) => PaymentRung::Queued,
            (false, _) => PaymentRung::None,
        }
    }

    /// The receipt that came with the header, where one did (x402's extension `offer-receipt`).
    ///
    /// # Errors
    /// As [`SignedReceipt::from_json`].
    pub fn receipt(&self) -> Result<Option<SignedReceipt>, ReceiptError> {
        self.receipt.as_deref().map(|text| SignedReceipt::from_json(text.as_bytes())).transpose()
    }
}

/// The text of `extensions["offer-receipt"].info.receipt`.
fn receipt_in(all: &mut Members<'_>) -> Result<Option<String>, MemberError> {
    let mut at = all.optional("extensions");
    for name in ["offer-receipt", "info", "receipt"] {
        let Some(value) = at else { return Ok(None) };
        at = Members::read(value.get().as_bytes()).ok_or(MemberError::NotAnObject("extensions"))?.optional(name);
    }
    Ok(at.map(|value| value.get().to_owned()))
}
