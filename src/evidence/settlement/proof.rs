//! A proof that a leaf is in a tree of OpenZeppelin's form: pairs are sorted before they are hashed.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::super::attestation::SignedResponse;
use super::super::keccak::keccak256;
use super::batch::{Batch, BatchError, MOST_BATCH};
use super::leaf::{Leaf, LeafError, LeafMismatch, text};
use super::word;
use crate::text::hex;

/// Longer proofs are not read, in bytes.
pub const MOST_PROOF: usize = 64 << 10;
/// A proof has at most so many siblings: of a tree with 2^64 leaves.
pub const MOST_SIBLINGS: usize = 64;

/// The root of a batch. Its text is `0x` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Root([u8; 32]);

/// A text that is no root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `0x` and 64 lower-case hexadecimal digits")]
pub struct RootError;

impl Root {
    /// From its bytes; every value is legal.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Root(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Root {
    type Err = RootError;
    fn from_str(text: &str) -> Result<Self, RootError> {
        word(text).map(Root).ok_or(RootError)
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex(&self.0))
    }
}

/// A proof that was read and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    pub(super) root: Root,
    pub(super) leaf: Leaf,
    pub(super) siblings: Vec<[u8; 32]>,
}

/// The leaf of one response under a root that the caller gave: the rung [`SettlementRung::Included`](crate::SettlementRung::Included).
///
/// That the root is on a chain is the caller's knowledge. What the leaf holds as a signature was not looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Included {
    root: Root,
    leaf: Leaf,
}

/// The leaf of one response under the root that its own file names: only the word of whoever wrote the file. Anybody can write such a file, for
/// any leaf; it is no rung of the ladder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consistent {
    root: Root,
    leaf: Leaf,
}

/// Why a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Longer than any proof is.
    #[error("a proof has at most {MOST_PROOF} bytes")]
    TooLong,
    /// Not the three members.
    #[error("the proof is not one JSON object of root, leaf and proof, each once")]
    NotAProof,
    /// A member that is no hash, or not only hashes.
    #[error("`{0}` is not in `0x` and 64 lower-case hexadecimal digits")]
    NotAHash(&'static str),
    /// More siblings than any proof has.
    #[error("a proof has at most {MOST_SIBLINGS} siblings")]
    TooDeep,
    /// No leaf.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The file is a batch, and not a right one.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The file is a batch without a leaf of the response.
    #[error("the batch has no leaf of the response")]
    NotInBatch,
    /// A leaf of another response.
    #[error(transparent)]
    OtherResponse(#[from] LeafMismatch),
    /// The file names another root than the caller.
    #[error("the proof is for another root")]
    OtherRoot,
    /// Leaf and siblings do not make the root: one of them is wrong, one too many or too few, or they were hashed otherwise.
    #[error("the leaf is not under the root")]
    NotIncluded,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'a> {
    root: String,
    #[serde(borrow)]
    leaf: &'a RawValue,
    #[serde(borrow)]
    proof: Vec<&'a RawValue>,
}

/// What tells a batch from a proof.
#[derive(Deserialize)]
struct Either {
    format: Option<IgnoredAny>,
}

impl Proof {
    /// The proof for one response, from a file of either form: a proof, as [`Self::from_json`] reads it, or a whole batch,
    /// as [`Batch::from_json`] does. No other response's leaf is taken.
    ///
    /// # Errors
    /// The variants of [`ProofError`] up to [`OtherResponse`](ProofError::OtherResponse).
    pub fn of(response: &SignedResponse, file: &[u8]) -> Result<Self, ProofError> {
        if file.len() > MOST_BATCH {
            return Err(ProofError::TooLong);
        }
        if let Ok(Either { format: Some(_) }) = serde_json::from_slice(file) {
            return Batch::from_json(file)?.proof_of(response).ok_or(ProofError::NotInBatch);
        }
        let proof = Proof::from_json(file)?;
        proof.leaf.is_of(response)?;
        Ok(proof)
    }

    /// Reads `{"root": "0x…", "leaf": [teeId, inputHash, outputHash, teeSignature, timestamp], "proof": ["0x…", …]}`, the
    /// siblings from the leaf upwards; verifies nothing.
    ///
    /// # Errors
    /// [`TooLong`](ProofError::TooLong), [`NotAProof`](ProofError::NotAProof), [`NotAHash`](ProofError::NotAHash),
    /// [`TooDeep`](ProofError::TooDeep) or [`Leaf`](ProofError::Leaf).
    pub fn from_json(file: &[u8]) -> Result<Self, ProofError> {
        if file.len() > MOST_PROOF {
            return Err(ProofError::TooLong);
        }
        // A list would be read as members without names.
        if !file.trim_ascii_start().starts_with(b"{") {
            return Err(ProofError::NotAProof);
        }
        let members: Members<'_> = serde_json::from_slice(file).map_err(|_| ProofError::NotAProof)?;
        if members.proof.len() > MOST_SIBLINGS {
            return Err(ProofError::TooDeep);
        }
        let leaf: Vec<&RawValue> = serde_json::from_str(members.leaf.get()).map_err(|_| LeafError::NotFive)?;
        let siblings = members.proof.iter().map(|sibling| text(sibling).and_then(|text| word(&text)));
        Ok(Proof {
            root: members.root.parse().map_err(|_| ProofError::NotAHash("root"))?,
            leaf: Leaf::read(&leaf)?,
            siblings: siblings.collect::<Option<_>>().ok_or(ProofError::NotAHash("proof"))?,
        })
    }

    /// The leaf, of which nothing was verified.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// The root that the file names.
    pub fn claimed_root(&self) -> Root {
        self.root
    }

    /// Verifies that the leaf is of this response, and under a root of the caller's, which should come from the chain and not
    /// from who wrote the proof.
    ///
    /// # Errors
    /// The variants of [`ProofError`] from [`OtherResponse`](ProofError::OtherResponse) on.
    pub fn verify(&self, response: &SignedResponse, root: &Root) -> Result<Included, ProofError> {
        self.leaf.is_of(response)?;
        if self.root != *root {
            return Err(ProofError::OtherRoot);
        }
        let Consistent { root, leaf } = self.verify_as_claimed(response)?;
        Ok(Included { root, leaf })
    }

    /// Verifies that the leaf is of this response, and under the root that the file itself names, where no other is at hand.
    ///
    /// # Errors
    /// [`OtherResponse`](ProofError::OtherResponse) or [`NotIncluded`](ProofError::NotIncluded).
    pub fn verify_as_claimed(&self, response: &SignedResponse) -> Result<Consistent, ProofError> {
        self.leaf.is_of(response)?;
        let root = self.siblings.iter().fold(self.leaf.hash(), |node, sibling| parent(&node, sibling));
        if root != self.root.0 {
            return Err(ProofError::NotIncluded);
        }
        Ok(Consistent { root: self.root, leaf: self.leaf.clone() })
    }
}

/// Keccak-256 of two nodes, the smaller first.
pub(super) fn parent(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    keccak256(&[one.min(other), one.max(other)])
}

impl Included {
    /// The root that the caller gave.
    pub fn root(&self) -> Root {
        self.root
    }

    /// The leaf that is under it.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }
}

impl Consistent {
    /// The root that the file names.
    pub fn claimed_root(&self) -> Root {
        self.root
    }

    /// The leaf that is under it.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }
}
