//! The settlement box: did the run reach a chain? A ladder of five rungs, [`SettlementRung`](crate::SettlementRung), and
//! never one bit.
//!
//! | rung | what is at hand |
//! |---|---|
//! | none | nothing, or the mode `private` |
//! | requested | an [`Announcement`] with a mode: somebody asked for it |
//! | announced | an [`Announcement`] with a transaction hash, which can be named before anything was sent |
//! | included | [`Included`]: a [`Leaf`] of the response, under a root that the caller gave |
//! | anchored | the chain's event was seen; nothing here can see it |
//!
//! [`Proof::of`] reads a file for one response, [`Proof::verify`] takes no other's leaf and holds it against a root.
//! Whether the leaf is signed is a question of its own, [`Leaf::signature`]: the chain checks no signature of a batch, and a
//! leaf may hold a placeholder.
//!
//! What none of this proves: that the root is on a chain, unless the caller read it there; that the answer is right.
//!
//! Source: `OpenGradient/x402` for what a gateway hands in, `OpenGradient/inference-facilitator` for leaves and batches,
//! `OpenGradient/og-evm` for the contracts, `OpenZeppelin/merkle-tree` for `standard-v1`.

mod announcement;
mod batch;
mod leaf;
mod proof;

use super::words;
use crate::text::unhex;
use crate::time::{Span, Timestamp};

pub use announcement::{Announcement, AnnouncementError, TransactionHash, TransactionHashError};
pub use batch::{Batch, BatchError, MOST_BATCH};
pub use leaf::{Leaf, LeafError, LeafField, LeafMismatch, LeafSignature};
pub use proof::{Consistent, Included, MOST_PROOF, MOST_SIBLINGS, Proof, ProofError, Root, RootError};

words!(
    /// How a run is to be settled, in the word of the header `x-settlement-type`.
    SettlementMode {
        /// As a leaf of a Merkle tree whose root goes to the chain; what happens where no mode was named.
        Batch = "batch",
        /// In a transaction of its own.
        Individual = "individual",
        /// Not at all: only the payment is.
        Private = "private",
    }
);

/// The contract takes no individual settlement of a response that is older than an hour: `MAX_INFERENCE_AGE`.
const INDIVIDUAL: Span = Span::from_millis(3600 * 1000);
/// A batch is closed when its first leaf is this old, at the latest. Twenty leaves, or five minutes without a new one, close it
/// earlier; a transaction that fails begins the wait anew, so that this is when it should be there, not when it must.
const BATCH: Span = Span::from_millis(15 * 60 * 1000);

impl SettlementMode {
    /// When the settlement of a response is due, from the response's own time: an hour later where it is individual, after
    /// which the contract refuses it; 15 minutes later in a batch. `None` where it is private: nothing is sent, so that
    /// nothing can be late.
    pub fn due(self, answered: Timestamp) -> Option<Timestamp> {
        match self {
            SettlementMode::Individual => Some(answered.plus(INDIVIDUAL)),
            SettlementMode::Batch => Some(answered.plus(BATCH)),
            SettlementMode::Private => None,
        }
    }
}

/// 32 bytes as the chain writes them: `0x` and 64 lower-case hexadecimal digits.
fn word(text: &str) -> Option<[u8; 32]> {
    unhex(text.strip_prefix("0x")?)
}
