//! A whole batch, as OpenZeppelin's `StandardMerkleTree` dumps it: every node, and every leaf with its place.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::attestation::SignedResponse;
use super::leaf::{Leaf, LeafError, text};
use super::proof::{Proof, Root, parent};
use super::word;

/// Longer batches are not read, in bytes. That is room for some three thousand leaves; the facilitator closes a batch at twenty.
pub const MOST_BATCH: usize = 4 << 20;

/// The types of a leaf's fields.
const ENCODING: [&str; 5] = ["bytes32", "bytes32", "bytes32", "bytes", "uint256"];

/// A batch whose nodes and leaves agree with each other, and so with the root in it. That root is only the word of whoever
/// wrote the batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// The root first; below node `i` stand `2i + 1` and `2i + 2`.
    nodes: Vec<[u8; 32]>,
    root: Root,
    leaves: Vec<(Leaf, usize)>,
}

/// Why a file is no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Longer than any batch is.
    #[error("a batch has at most {MOST_BATCH} bytes")]
    TooLong,
    /// Not the four members.
    #[error("the batch is not one JSON object of format, leafEncoding, tree and values, each once")]
    NotABatch,
    /// A tree of another kind.
    #[error("the batch is not in the format `standard-v1`")]
    OtherFormat,
    /// Leaves of other fields, as an older form of the facilitator had them.
    #[error("the batch's leaves are not of bytes32, bytes32, bytes32, bytes and uint256")]
    OtherEncoding,
    /// A node that is no hash.
    #[error("node {0} of the batch is not `0x` and 64 lower-case hexadecimal digits")]
    NotAHash(usize),
    /// A value that is not a leaf with its place.
    #[error("value {0} of the batch is not a leaf and its place in the tree")]
    NotAValue(usize),
    /// A leaf in another form.
    #[error("value {0} of the batch: {1}")]
    Leaf(usize, LeafError),
    /// Not one node less than twice the leaves, or no leaf at all.
    #[error("the batch's tree has another size than its values need")]
    OtherSize,
    /// A leaf in the place of an inner node, of another leaf, or nowhere.
    #[error("value {0} of the batch is in a place where no leaf can be, or another is")]
    OtherPlace(usize),
    /// A leaf that is not the one in the tree.
    #[error("value {0} of the batch is not the leaf in its place in the tree")]
    OtherLeaf(usize),
    /// A node that is not the hash of the two below it.
    #[error("node {0} of the batch is not the hash of the two below it")]
    OtherNode(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'a> {
    format: String,
    #[serde(rename = "leafEncoding")]
    leaf_encoding: Vec<String>,
    #[serde(borrow)]
    tree: Vec<&'a RawValue>,
    #[serde(borrow)]
    values: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Placed<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(rename = "treeIndex")]
    tree_index: usize,
}

impl Batch {
    /// Reads a dump and checks it whole: every leaf is in its place, every node is the hash of the two below it.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn from_json(file: &[u8]) -> Result<Self, BatchError> {
        if file.len() > MOST_BATCH {
            return Err(BatchError::TooLong);
        }
        // A list would be read as members without names, here and below.
        if !file.trim_ascii_start().starts_with(b"{") {
            return Err(BatchError::NotABatch);
        }
        let members: Members<'_> = serde_json::from_slice(file).map_err(|_| BatchError::NotABatch)?;
        if members.format != "standard-v1" {
            return Err(BatchError::OtherFormat);
        }
        if members.leaf_encoding != ENCODING {
            return Err(BatchError::OtherEncoding);
        }
        let count = members.values.len();
        if count == 0 || members.tree.len() != 2 * count - 1 {
            return Err(BatchError::OtherSize);
        }
        let node =
            |(at, node): (usize, &&RawValue)| text(node).and_then(|text| word(&text)).ok_or(BatchError::NotAHash(at));
        let nodes = members.tree.iter().enumerate().map(node).collect::<Result<Vec<_>, _>>()?;
        let root = Root::from_bytes(*nodes.first().ok_or(BatchError::OtherSize)?);
        let leaves = placed(&members.values, &nodes)?;
        let pairs = nodes.get(1..).unwrap_or_default().as_chunks::<2>().0;
        for (at, (node, [left, right])) in nodes.iter().zip(pairs).enumerate() {
            if *node != parent(left, right) {
                return Err(BatchError::OtherNode(at));
            }
        }
        Ok(Batch { nodes, root, leaves })
    }

    /// The root, by the batch's own word.
    pub fn claimed_root(&self) -> Root {
        self.root
    }

    /// The leaves, of which nothing was verified, in the order of the file.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.iter().map(|(leaf, _)| leaf)
    }

    /// The proof for the leaf of this response; `None` where there is no such leaf. Of several, one that repeats the response's
    /// signature goes first.
    pub fn proof_of(&self, response: &SignedResponse) -> Option<Proof> {
        let mut of_it = self.leaves.iter().filter(|(leaf, _)| leaf.is_of(response).is_ok());
        let signed = of_it.clone().find(|(leaf, _)| leaf.signature == response.signature);
        let (leaf, place) = signed.or_else(|| of_it.next())?;
        Some(Proof { root: self.root, leaf: leaf.clone(), siblings: self.siblings(*place)? })
    }

    /// From a leaf's place upwards.
    fn siblings(&self, mut place: usize) -> Option<Vec<[u8; 32]>> {
        let mut siblings = vec![];
        while place > 0 {
            let beside = if place % 2 == 1 { place + 1 } else { place - 1 };
            siblings.push(*self.nodes.get(beside)?);
            place = (place - 1) / 2;
        }
        Some(siblings)
    }
}

/// Every value, where the tree has it. The leaves are the last nodes, and each has one value.
fn placed(values: &[&RawValue], nodes: &[[u8; 32]]) -> Result<Vec<(Leaf, usize)>, BatchError> {
    let inner = values.len() - 1;
    let mut taken = vec![false; nodes.len()];
    let one = |(at, value): (usize, &&RawValue)| {
        let not_a_value = BatchError::NotAValue(at);
        if !value.get().starts_with('{') {
            return Err(not_a_value);
        }
        let Placed { value, tree_index } = serde_json::from_str(value.get()).map_err(|_| not_a_value)?;
        let fields: Vec<&RawValue> = serde_json::from_str(value.get()).map_err(|_| not_a_value)?;
        let leaf = Leaf::read(&fields).map_err(|error| BatchError::Leaf(at, error))?;
        match (nodes.get(tree_index), taken.get_mut(tree_index)) {
            (Some(node), Some(taken)) if tree_index >= inner && !*taken => {
                *taken = true;
                if *node == leaf.hash() { Ok((leaf, tree_index)) } else { Err(BatchError::OtherLeaf(at)) }
            }
            _ => Err(BatchError::OtherPlace(at)),
        }
    };
    values.iter().enumerate().map(one).collect()
}
