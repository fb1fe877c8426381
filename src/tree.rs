//! Merkle trees of RFC 6962 §2.1: roots, inclusion and consistency.
//!
//! Everything is built from the hashes of complete subtrees, node (level, index) covering the leaves from
//! index · 2^level up to (index + 1) · 2^level. A store that keeps those nodes can give any root or proof with a
//! handful of reads.

use sha2::{Digest as _, Sha256};

/// A node's hash.
pub type Hash = [u8; 32];

/// The hash of one leaf: SHA-256(0x00 ‖ leaf).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a whole tree given its leaves; of no leaves, SHA-256 of nothing.
///
/// ```
/// use stillgood::tree::{leaf_hash, node_hash, root};
/// assert_eq!(root([b"a", b"b"]), node_hash(&leaf_hash(b"a"), &leaf_hash(b"b")));
/// ```
pub fn root<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Hash {
    // The complete subtrees so far, largest first: (level, hash).
    let mut peaks: Vec<(u32, Hash)> = Vec::new();
    for leaf in leaves {
        let mut node = (0, leaf_hash(leaf.as_ref()));
        while let Some((_, left)) = peaks.pop_if(|(level, _)| *level == node.0) {
            node = (node.0 + 1, node_hash(&left, &node.1));
        }
        peaks.push(node);
    }
    fold(peaks.into_iter().map(|(_, hash)| hash))
}

/// Joins the peaks of a tree, largest first, into its root.
fn fold(peaks: impl DoubleEndedIterator<Item = Hash>) -> Hash {
    peaks.rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(|| Sha256::digest([]).into())
}

/// The complete subtrees that make up the first `size` leaves, largest first, as (level, index).
fn peaks(size: u64) -> impl DoubleEndedIterator<Item = (u32, u64)> {
    (0..64).rev().filter(move |level| size >> level & 1 == 1).map(move |level| (level, (size >> level) - 1))
}

/// The root of the first `size` leaves, from stored nodes. `None` if `node` lacks one.
pub fn root_at(size: u64, node: impl FnMut(u32, u64) -> Option<Hash>) -> Option<Hash> {
    let mut node = node;
    let hashes = peaks(size).map(|(level, index)| node(level, index)).collect::<Option<Vec<_>>>()?;
    Some(fold(hashes.into_iter()))
}

/// The nodes that become complete when leaf number `index` is appended: (level, index, hash), leaf first.
/// `None` if `node` lacks a left neighbour.
pub fn appended(index: u64, leaf: Hash, node: impl FnMut(u32, u64) -> Option<Hash>) -> Option<Vec<(u32, u64, Hash)>> {
    let mut node = node;
    let mut new = vec![(0, index, leaf)];
    let (mut level, mut at, mut hash) = (0, index, leaf);
    while at & 1 == 1 {
        hash = node_hash(&node(level, at - 1)?, &hash);
        (level, at) = (level + 1, at >> 1);
        new.push((level, at, hash));
    }
    Some(new)
}

/// The hash of the leaves `from` up to `to` (RFC 6962's MTH over that range), from stored nodes.
fn range(from: u64, to: u64, node: &mut impl FnMut(u32, u64) -> Option<Hash>) -> Option<Hash> {
    let size = to - from;
    if size.is_power_of_two() {
        let level = size.trailing_zeros();
        return node(level, from >> level);
    }
    let split = from + split_of(size);
    Some(node_hash(&range(from, split, node)?, &range(split, to, node)?))
}

/// The largest power of two below `size`, which is at least 2.
fn split_of(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The audit path of leaf `index` in a tree of `size` leaves, nearest first (RFC 6962 §2.1.1).
/// `None` if there is no such leaf, or `node` lacks a node.
pub fn inclusion(index: u64, size: u64, node: impl FnMut(u32, u64) -> Option<Hash>) -> Option<Vec<Hash>> {
    let mut node = node;
    if index >= size {
        return None;
    }
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let split = from + split_of(to - from);
        if index < split {
            path.push(range(split, to, &mut node)?);
            to = split;
        } else {
            path.push(range(from, split, &mut node)?);
            from = split;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether the path shows that `leaf` is number `index` of the tree of `size` leaves with this root.
pub fn is_included(leaf: Hash, index: u64, size: u64, root: &Hash, path: &[Hash]) -> bool {
    fn climb(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
        if size == 1 {
            return path.is_empty().then_some(leaf);
        }
        let (last, rest) = path.split_last()?;
        let split = split_of(size);
        if index < split {
            Some(node_hash(&climb(leaf, index, split, rest)?, last))
        } else {
            Some(node_hash(last, &climb(leaf, index - split, size - split, rest)?))
        }
    }
    index < size && climb(leaf, index, size, path).is_some_and(|computed| computed == *root)
}

/// The consistency proof from the first `old` leaves to the first `new` (RFC 6962 §2.1.2).
/// `None` unless 0 < `old` ≤ `new`, or if `node` lacks a node.
pub fn consistency(old: u64, new: u64, node: impl FnMut(u32, u64) -> Option<Hash>) -> Option<Vec<Hash>> {
    let mut node = node;
    if old == 0 || old > new {
        return None;
    }
    let (mut from, mut to, mut whole) = (0, new, true);
    let mut path = Vec::new();
    while old != to {
        let split = from + split_of(to - from);
        if old <= split {
            path.push(range(split, to, &mut node)?);
            to = split;
        } else {
            path.push(range(from, split, &mut node)?);
            from = split;
            whole = false;
        }
    }
    if !whole {
        path.push(range(from, to, &mut node)?);
    }
    path.reverse();
    Some(path)
}

/// Whether the path shows that the tree of `old` leaves is a beginning of the tree of `new` leaves.
pub fn is_consistent(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    /// Gives the roots of both trees, over the same range.
    fn climb(old: u64, new: u64, whole: bool, old_root: &Hash, path: &[Hash]) -> Option<(Hash, Hash)> {
        if old == new {
            if whole {
                return path.is_empty().then_some((*old_root, *old_root));
            }
            let [only] = path else { return None };
            return Some((*only, *only));
        }
        let (last, rest) = path.split_last()?;
        let split = split_of(new);
        if old <= split {
            let (first, second) = climb(old, split, whole, old_root, rest)?;
            Some((first, node_hash(&second, last)))
        } else {
            let (first, second) = climb(old - split, new - split, false, old_root, rest)?;
            Some((node_hash(last, &first), node_hash(last, &second)))
        }
    }
    0 < old && old <= new && climb(old, new, true, old_root, path).is_some_and(|roots| roots == (*old_root, *new_root))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn leaves(size: u64) -> Vec<Vec<u8>> {
        (0..size).map(|n| n.to_be_bytes().to_vec()).collect()
    }

    fn nodes(size: u64) -> HashMap<(u32, u64), Hash> {
        let mut nodes = HashMap::new();
        for (index, leaf) in leaves(size).iter().enumerate() {
            let new = appended(index as u64, leaf_hash(leaf), |level, at| nodes.get(&(level, at)).copied()).unwrap();
            nodes.extend(new.into_iter().map(|(level, at, hash)| ((level, at), hash)));
        }
        nodes
    }

    /// RFC 6962's definition, word for word.
    fn defined(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => leaf_hash(leaf),
            more => {
                let (left, right) = more.split_at(split_of(more.len() as u64) as usize);
                node_hash(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn roots_follow_the_definition_at_every_size() {
        let nodes = nodes(70);
        for size in 0..=70 {
            let expected = defined(&leaves(size));
            assert_eq!(root(leaves(size)), expected);
            assert_eq!(root_at(size, |level, at| nodes.get(&(level, at)).copied()), Some(expected));
        }
    }

    #[test]
    fn proofs_hold_for_what_they_show_and_for_nothing_else() {
        let nodes = nodes(33);
        let node = |level, at| nodes.get(&(level, at)).copied();
        for size in 1..=33_u64 {
            let whole = root(leaves(size));
            for index in 0..size {
                let leaf = leaf_hash(&leaves(size)[index as usize]);
                let path = inclusion(index, size, node).unwrap();
                assert!(is_included(leaf, index, size, &whole, &path));
                assert!(!is_included(leaf_hash(b"other"), index, size, &whole, &path));
                assert!(!is_included(leaf, index + 1, size, &whole, &path) || size == 1);
                assert!(!is_included(leaf, index, size, &leaf_hash(b"other"), &path));
            }
            for old in 1..=size {
                let before = root(leaves(old));
                let path = consistency(old, size, node).unwrap();
                assert!(is_consistent(old, &before, size, &whole, &path), "{old} {size}");
                assert!(!is_consistent(old, &leaf_hash(b"other"), size, &whole, &path));
                assert!(!is_consistent(old, &before, size, &leaf_hash(b"other"), &path));
                let longer: Vec<Hash> = path.iter().copied().chain([[0; 32]]).collect();
                assert!(!is_consistent(old, &before, size, &whole, &longer));
            }
        }
    }
}
