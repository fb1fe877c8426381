//! The payment box: who allowed a payment, and who says that it was made? Everything is checked offline.
//!
//! Four kinds of material, each with a type of its own, and none is read as another:
//!
//! 1. [`Permit::from_json`] and [`Permit::verify`] give [`Authorised`]: this payer signed that up to so much may be taken,
//!    by whom, for whom, and until when. Nothing was taken by that.
//! 2. [`SignedReceipt::from_json`] and [`SignedReceipt::verify_under`] give a [`Receipt`]: that key signed these terms.
//!    [`SignedReceipt::verify`] does without a key of the caller's, and [`Receipt::signed_by`] says so.
//! 3. [`PaymentClaim::from_header`] reads what a server says of a payment. Nobody signed it, and nothing makes it more.
//! 4. [`CostBlock::from_json`] and [`CostBlock::check`] give a [`Cost`]: its sum and product hold. Nobody signed it either.
//!
//! What none of this proves: that money moved, that the signer of a receipt may speak for the resource, that a price was
//! fair, or that an answer was given, is right, or came from where it says. A payment speaks of nothing but itself.
//!
//! Sources: EIP-712 and EIP-55; Permit2's `permitWitnessTransferFrom`; x402, its scheme `upto` on EVM, its extension
//! `offer-receipt` and its HTTP transport; RFC 7515, RFC 8037 and RFC 8785.
//!
//! ```
//! use stillgood::payment::{Permit, PermitError};
//! assert_eq!(Permit::from_json(b"no permit").err(), Some(PermitError::NotJson));
//! ```

mod address;
mod claim;
mod cost;
mod decimal;
mod error;
mod jws;
mod key;
mod members;
mod number;
mod permit;
mod receipt;
mod signature;
mod terms;
#[cfg(test)]
mod tests;
mod typed_data;

pub use address::{Address, AddressError};
pub use claim::{ClaimError, PaymentClaim};
pub use cost::{Cost, CostBlock, CostError};
pub use decimal::Decimal;
pub use error::{JwsError, ReceiptError};
pub use members::MemberError;
pub use number::{NumberError, Uint256};
pub use permit::{Authorised, PERMIT2, Permit, PermitError, UPTO_PROXY};
pub use receipt::{Receipt, ReceiptKey, SignedBy, SignedReceipt};
pub use signature::SignatureError;
