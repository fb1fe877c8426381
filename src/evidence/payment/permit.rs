//! A payer's permit: Permit2's `permitWitnessTransferFrom`, as x402's scheme `upto` has it.

use serde_json::value::RawValue;

use super::address::Address;
use super::members::{MemberError, Members, as_text};
use super::number::Uint256;
use super::signature::{AccountSignature, SignatureError};
use super::typed_data::PermitTerms;
use crate::evidence::PaymentRung;
use crate::text::unbase64;
use crate::time::Timestamp;

/// The contract Permit2, the same on every chain.
pub const PERMIT2: Address = Address::from_bytes([
    0x00, 0x00, 0x00, 0x00, 0x00, 0x22, 0xD4, 0x73, 0x03, 0x0F, 0x11, 0x6D, 0xDE, 0xE9, 0xF6, 0xB4, 0x3A, 0xC7, 0x8B,
    0xA3,
]);

/// x402's own contract for the scheme `upto`, which pays the recipient that the payer signed, and asks for the facilitator.
/// A permit with another [`Authorised::spender`] allows what that contract does.
pub const UPTO_PROXY: Address = Address::from_bytes([
    0x40, 0x20, 0xA4, 0xF3, 0xB7, 0xB9, 0x0C, 0xCA, 0x42, 0x3B, 0x9F, 0xAB, 0xCC, 0x0C, 0xE5, 0x7C, 0x6C, 0x24, 0x00,
    0x02,
]);

/// Longer permits are not read.
const MOST_PERMIT: usize = 64 << 10;

/// A permit, read and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permit {
    terms: PermitTerms,
    from: Option<Address>,
    signature: AccountSignature,
}

/// What a payer signed. It may be used once, for this much or less; whether it was, only the chain knows, and whether the
/// payer has the money, too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorised {
    payer: Address,
    terms: PermitTerms,
}

/// Why a permit is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    /// Longer than any permit is.
    #[error("a permit has at most {MOST_PERMIT} bytes")]
    TooLong,
    /// A header that is not base64.
    #[error("the header is not base64")]
    NotBase64,
    /// Not a JSON object, or with a member twice.
    #[error("the permit is not one JSON object with each member once")]
    NotJson,
    /// Neither of the two shapes, or both.
    #[error("expected either `payload`, as x402 sends it, or `typed_data`")]
    NotAPermit,
    /// A member that is missing, unknown, or of another form.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// Another scheme of x402.
    #[error("the payment is not of the scheme `upto`")]
    OtherScheme,
    /// A network that is no Ethereum chain.
    #[error("the network is not `eip155:` and the number of a chain")]
    NotAChain,
    /// A domain that is not Permit2's.
    #[error("the domain is not the one of Permit2: its name, a chain and its contract, and no version")]
    OtherDomain,
    /// A signature that names nobody.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The permit says that it is from another account.
    #[error("the permit is from another account than this payer")]
    FromAnother,
    /// Another account signed it, or signed something else.
    #[error("this payer did not sign the permit")]
    NotThePayer,
}

impl Permit {
    /// Reads a permit; verifies nothing. It has either of two shapes:
    ///
    /// * what x402 sends: `accepted` with `scheme` and `network`, and `payload` with `signature` and `permit2Authorization`;
    /// * the typed data itself: `typed_data` with `domain` and `message`, and `signature`.
    ///
    /// Numbers stand as they are or in quotes. What is beside these members is not read; within them nothing may be that is
    /// not signed, but for `from`.
    ///
    /// # Errors
    /// The variants of [`PermitError`] up to [`Signature`](PermitError::Signature).
    pub fn from_json(text: &[u8]) -> Result<Self, PermitError> {
        if text.len() > MOST_PERMIT {
            return Err(PermitError::TooLong);
        }
        let mut all = Members::read(text).ok_or(PermitError::NotJson)?;
        match (all.optional("payload"), all.optional("typed_data")) {
            (Some(payload), None) => Permit::of_payment(all, payload),
            (None, Some(data)) => Permit::of_typed_data(all, data),
            _ => Err(PermitError::NotAPermit),
        }
    }

    /// Reads the header `PAYMENT-SIGNATURE` or `X-PAYMENT` of a request: [`Self::from_json`] in base64.
    ///
    /// # Errors
    /// As [`Self::from_json`], and [`PermitError::NotBase64`].
    pub fn from_header(header: &str) -> Result<Self, PermitError> {
        if header.len() > MOST_PERMIT * 2 {
            return Err(PermitError::TooLong);
        }
        Permit::from_json(&unbase64(header).ok_or(PermitError::NotBase64)?)
    }

    fn of_payment(mut all: Members<'_>, payload: &RawValue) -> Result<Self, PermitError> {
        let mut accepted = all.object("accepted")?;
        if accepted.text("scheme")? != "upto" {
            return Err(PermitError::OtherScheme);
        }
        let network = accepted.text("network")?;
        let chain_id = chain_of(&network).ok_or(PermitError::NotAChain)?;
        let mut payload = Members::read(payload.get().as_bytes()).ok_or(MemberError::NotAnObject("payload"))?;
        let mut message = payload.object("permit2Authorization")?;
        let from = message.address("from")?;
        let terms = read_terms(chain_id, message)?;
        let signature = AccountSignature::read(&payload.text("signature")?)?;
        payload.end("permit2Authorization")?;
        Ok(Permit { terms, from: Some(from), signature })
    }

    fn of_typed_data(mut all: Members<'_>, data: &RawValue) -> Result<Self, PermitError> {
        let mut data = Members::read(data.get().as_bytes()).ok_or(MemberError::NotAnObject("typed_data"))?;
        let mut domain = data.object("domain")?;
        let (name, contract) = (domain.text("name")?, domain.address("verifyingContract")?);
        let chain_id =
            domain.number("chainId")?.to_u64().filter(|number| *number != 0).ok_or(PermitError::NotAChain)?;
        if name != "Permit2" || contract != PERMIT2 || domain.end("name").is_err() {
            return Err(PermitError::OtherDomain);
        }
        let terms = read_terms(chain_id, data.object("message")?)?;
        data.end("message")?;
        let signature = AccountSignature::read(&all.text("signature")?)?;
        Ok(Permit { terms, from: None, signature })
    }

    /// The account that the permit says it is from, where it says so. That is not signed.
    pub fn from(&self) -> Option<Address> {
        self.from
    }

    /// The account that signed exactly this. Were anything changed, it would be another account, and no error: a signer says
    /// nothing until it is compared, which [`Self::verify`] does.
    ///
    /// # Errors
    /// [`SignatureError::NoKey`].
    pub fn signer(&self) -> Result<Address, SignatureError> {
        self.signature.signer(&self.terms.hash(&PERMIT2))
    }

    /// Verifies that this payer signed the permit.
    ///
    /// # Errors
    /// [`PermitError::FromAnother`], [`PermitError::NotThePayer`], or [`PermitError::Signature`].
    pub fn verify(&self, payer: Address) -> Result<Authorised, PermitError> {
        if self.from.is_some_and(|from| from != payer) {
            return Err(PermitError::FromAnother);
        }
        if self.signer()? != payer {
            return Err(PermitError::NotThePayer);
        }
        Ok(Authorised { payer, terms: self.terms.clone() })
    }
}

/// The message: in the wire's shape without `from`, in the typed data's as it is.
fn read_terms(chain_id: u64, mut message: Members<'_>) -> Result<PermitTerms, MemberError> {
    let mut permitted = message.object("permitted")?;
    let mut witness = message.object("witness")?;
    let terms = PermitTerms {
        chain_id,
        token: permitted.address("token")?,
        amount: permitted.number("amount")?,
        spender: message.address("spender")?,
        nonce: read_nonce(message.value("nonce")?)?,
        deadline: message.number("deadline")?,
        to: witness.address("to")?,
        facilitator: witness.address("facilitator")?,
        valid_after: witness.number("validAfter")?,
    };
    permitted.end("token")?;
    witness.end("facilitator")?;
    message.end("permitted")?;
    Ok(terms)
}

/// A number, which x402's own example writes as `0x` and 64 hexadecimal digits.
fn read_nonce(value: &RawValue) -> Result<Uint256, MemberError> {
    if value.get().starts_with("\"0x") {
        let text = as_text("nonce", value).map_err(|_| MemberError::NotANumber("nonce"))?;
        let bytes = text.strip_prefix("0x").and_then(crate::text::unhex).ok_or(MemberError::NotANumber("nonce"))?;
        return Ok(Uint256::from_be_bytes(bytes));
    }
    super::members::as_number("nonce", value)
}

/// The chain of a network in the form of CAIP-2: `eip155:` and its number, which is not 0.
pub(super) fn chain_of(network: &str) -> Option<u64> {
    let number: Uint256 = network.strip_prefix("eip155:")?.parse().ok()?;
    number.to_u64().filter(|number| *number != 0)
}

impl Authorised {
    /// How far that is: the payer signed, and no more.
    pub fn rung(&self) -> PaymentRung {
        PaymentRung::Authorised
    }

    /// The account that signed.
    pub fn payer(&self) -> Address {
        self.payer
    }

    /// The chain (EIP-155), such as 8453 for Base.
    pub fn chain_id(&self) -> u64 {
        self.terms.chain_id
    }

    /// The contract of the token that may be taken.
    pub fn token(&self) -> Address {
        self.terms.token
    }

    /// The most that may be taken, in the token's smallest unit.
    pub fn at_most(&self) -> Uint256 {
        self.terms.amount
    }

    /// The contract that may take it; [`UPTO_PROXY`] keeps to the recipient.
    pub fn spender(&self) -> Address {
        self.terms.spender
    }

    /// Whom it is for.
    pub fn recipient(&self) -> Address {
        self.terms.to
    }

    /// Who may have it taken.
    pub fn facilitator(&self) -> Address {
        self.terms.facilitator
    }

    /// The number that makes a permit count once.
    pub fn nonce(&self) -> Uint256 {
        self.terms.nonce
    }

    /// From when, in seconds since 1970, that second included.
    pub fn valid_after(&self) -> Uint256 {
        self.terms.valid_after
    }

    /// Until when, in seconds since 1970, that second included. It may lie past every calendar.
    pub fn deadline(&self) -> Uint256 {
        self.terms.deadline
    }

    /// Whether it may be taken at this time.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        u64::try_from(at.millis().div_euclid(1000))
            .map(Uint256::from)
            .is_ok_and(|second| self.terms.valid_after <= second && second <= self.terms.deadline)
    }
}
