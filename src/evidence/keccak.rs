//! Keccak-256, the hash of the responses and of the chain: Keccak as it was before SHA-3 changed the padding, so that it is
//! not SHA3-256.

use sha3::{Digest as _, Keccak256};

/// Keccak-256 of these parts, one after the other: 32 bytes.
///
/// Source: the Keccak submission of 2011, rate 1088 bits, padding `01`; Ethereum's yellow paper calls it KEC.
///
/// ```
/// let nothing = stillgood::attestation::keccak256(&[]);
/// assert_eq!(nothing[..4], [0xC5, 0xD2, 0x46, 0x01]);
/// ```
pub fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Keccak256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
