//! A receipt of x402's extension `offer-receipt`: somebody signed that a payment was received.

use super::address::Address;
use super::error::{JwsError, MOST_RECEIPT, ReceiptError};
use super::jws::Jws;
use super::members::{MemberError, Members};
use super::permit::chain_of;
use super::signature::AccountSignature;
use super::terms::Terms;
use crate::evidence::PaymentRung;
use crate::time::Timestamp;

/// A receipt, read and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedReceipt {
    terms: Terms,
    form: Form,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Form {
    Account { signature: AccountSignature, hash: [u8; 32] },
    Jws(Jws),
}

/// A key that signs receipts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReceiptKey {
    /// An account, for receipts of the format `eip712`.
    Account(Address),
    /// A public Ed25519 key (RFC 8032), for receipts of the format `jws`.
    Ed25519([u8; 32]),
}

/// Which key a receipt's signature holds under, from the strongest to the weakest. Whether that key may speak for the
/// resource is never checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignedBy {
    /// The key that the caller gave.
    Given(ReceiptKey),
    /// The key that the receipt itself names. Whoever makes up a receipt names a key of their own; but it was not changed
    /// since.
    Named(ReceiptKey),
    /// The account that its bytes lead to. Bytes that were changed, or made up, lead to one too: nothing was checked.
    Recovered(Address),
}

/// A receipt whose signature was verified, as [`Self::signed_by`] says.
///
/// It says that its signer acknowledged a payment. It does not say how much was paid, and neither that an answer was given
/// nor which.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    terms: Terms,
    issued_at: Timestamp,
    signed_by: SignedBy,
}

impl SignedReceipt {
    /// Reads a receipt, a JSON object with `format`, `signature`, and for `eip712` `payload`; verifies nothing.
    ///
    /// # Errors
    /// The variants of [`ReceiptError`] up to [`Signature`](ReceiptError::Signature).
    pub fn from_json(text: &[u8]) -> Result<Self, ReceiptError> {
        if text.len() > MOST_RECEIPT {
            return Err(ReceiptError::TooLong);
        }
        let mut all = Members::read(text).ok_or(ReceiptError::NotJson)?;
        let format = all.text("format")?;
        let receipt = match format.as_str() {
            "eip712" => SignedReceipt::of_account(&mut all)?,
            "jws" => SignedReceipt::of_jws(&mut all)?,
            _ => return Err(ReceiptError::OtherFormat),
        };
        all.end("format")?;
        Ok(receipt)
    }

    fn of_account(all: &mut Members<'_>) -> Result<Self, ReceiptError> {
        let terms = Terms::read(all.object("payload")?)?;
        let hash = terms.hash().ok_or(MemberError::Missing("transaction"))?;
        let signature = AccountSignature::read(&all.text("signature")?)?;
        Ok(SignedReceipt { terms, form: Form::Account { signature, hash } })
    }

    fn of_jws(all: &mut Members<'_>) -> Result<Self, ReceiptError> {
        if all.value("payload").is_ok() {
            return Err(ReceiptError::TwoPayloads);
        }
        let text: String =
            serde_json::from_str(all.value("signature")?.get()).map_err(|_| MemberError::NotText("signature"))?;
        let (jws, payload) = Jws::read(&text)?;
        let terms = Terms::read(Members::read(&payload).ok_or(JwsError::NotAPayload)?)?;
        if terms.canonical() != payload {
            return Err(JwsError::NotCanonical.into());
        }
        Ok(SignedReceipt { terms, form: Form::Jws(jws) })
    }

    /// Verifies the receipt under the key that it names itself, which anybody could have made.
    ///
    /// A receipt of the format `eip712` names none. Its signature leads to an account, and so do the changed bytes of any
    /// signature: for such a receipt nothing is verified here, and [`SignedBy::Recovered`] says so.
    ///
    /// # Errors
    /// [`JwsError::NoKeyNamed`], [`JwsError::NotSigned`], or [`SignatureError::NoKey`](super::SignatureError::NoKey).
    pub fn verify(&self) -> Result<Receipt, ReceiptError> {
        match &self.form {
            Form::Account { signature, hash } => self.by(SignedBy::Recovered(signature.signer(hash)?)),
            Form::Jws(jws) => {
                let key = jws.named()?;
                jws.verify(&key)?;
                self.by(SignedBy::Named(ReceiptKey::Ed25519(key)))
            }
        }
    }

    /// Verifies the receipt under this key: of a server that the caller knows, say, or of the
    /// [`recipient`](super::Authorised::recipient) that a payer signed.
    ///
    /// # Errors
    /// [`ReceiptError::OtherKind`], [`ReceiptError::NotTheSigner`], [`JwsError::OtherKey`], [`JwsError::NotSigned`], or
    /// [`SignatureError::NoKey`](super::SignatureError::NoKey).
    pub fn verify_under(&self, key: ReceiptKey) -> Result<Receipt, ReceiptError> {
        match (&self.form, key) {
            (Form::Account { signature, hash }, ReceiptKey::Account(account)) => {
                if signature.signer(hash)? != account {
                    return Err(ReceiptError::NotTheSigner);
                }
            }
            (Form::Jws(jws), ReceiptKey::Ed25519(bytes)) => jws.verify(&bytes)?,
            _ => return Err(ReceiptError::OtherKind),
        }
        self.by(SignedBy::Given(key))
    }

    fn by(&self, signed_by: SignedBy) -> Result<Receipt, ReceiptError> {
        let issued_at = self.terms.issued().ok_or(MemberError::TooLarge("issuedAt"))?;
        Ok(Receipt { terms: self.terms.clone(), issued_at, signed_by })
    }
}

impl Receipt {
    /// How far that is: a receipt's signature holds, or nothing is known where no key was there to hold it against.
    pub fn rung(&self) -> PaymentRung {
        match self.signed_by {
            SignedBy::Given(_) | SignedBy::Named(_) => PaymentRung::Receipted,
            SignedBy::Recovered(_) => PaymentRung::None,
        }
    }

    /// Under which key the signature holds.
    pub fn signed_by(&self) -> SignedBy {
        self.signed_by
    }

    /// When it was issued, by the signer's clock.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Where the payment was, in the form of CAIP-2: `eip155:8453`.
    pub fn network(&self) -> &str {
        &self.terms.network
    }

    /// The number of the chain, where the network is an Ethereum chain.
    pub fn chain_id(&self) -> Option<u64> {
        chain_of(&self.terms.network)
    }

    /// Who paid, as the receipt says it; often an address.
    pub fn payer(&self) -> &str {
        &self.terms.payer
    }

    /// What was paid for.
    pub fn resource_url(&self) -> &str {
        &self.terms.resource_url
    }

    /// The transaction, where the receipt names one. It was not looked up.
    pub fn transaction(&self) -> Option<&str> {
        self.terms.transaction.as_deref().filter(|text| !text.is_empty())
    }

    /// Whether it names this payer, in whatever case its address is written.
    pub fn is_of(&self, payer: Address) -> bool {
        self.terms.payer.parse() == Ok(payer)
    }

    /// Whether it was issued from one time until another, both included.
    pub fn is_issued_within(&self, from: Timestamp, until: Timestamp) -> bool {
        (from..=until).contains(&self.issued_at)
    }
}
