//! One sum over each row's current head, in any order, so that an old row under the newest vault head is noticed.
//!
//! LtHash with 1,024 numbers of 16 bits (Bellare and Micciancio 1997; Lewi et al. 2019): `docs/formats.md`, "Vault head".

use sha2::{Digest as _, Sha256};

use crate::cbor::Writer;
use crate::id::{Digest, RowId};

const LANES: usize = 1_024;
const LABEL: &str = "stillgood/row-sum/v1";

/// How many rows there are, and their sum.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RowSum {
    pub(super) count: u64,
    state: Vec<u8>,
}

impl RowSum {
    /// Of no rows.
    pub(super) fn empty() -> Self {
        RowSum { count: 0, state: vec![0; LANES * 2] }
    }

    /// As stored; `None` if it has another length.
    pub(super) fn from_state(count: u64, state: Vec<u8>) -> Option<Self> {
        (state.len() == LANES * 2).then_some(RowSum { count, state })
    }

    pub(super) fn state(&self) -> &[u8] {
        &self.state
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of(&self.state)
    }

    pub(super) fn add(&mut self, row: &RowId, generation: u64, head: &Digest) {
        self.count += 1;
        self.change(row, generation, head, u16::wrapping_add);
    }

    pub(super) fn remove(&mut self, row: &RowId, generation: u64, head: &Digest) {
        self.count = self.count.saturating_sub(1);
        self.change(row, generation, head, u16::wrapping_sub);
    }

    fn change(&mut self, row: &RowId, generation: u64, head: &Digest, with: fn(u16, u16) -> u16) {
        let mut out = Writer::array(4);
        out.text(LABEL).text(row.as_str()).uint(generation).bytes(head.as_bytes());
        let seed = Sha256::digest(out.finish());
        for (block, numbers) in (0_u8..64).zip(self.state.as_chunks_mut::<32>().0) {
            let element: [u8; 32] = Sha256::new()
                .chain_update(LABEL)
                .chain_update(b"\n")
                .chain_update(seed)
                .chain_update([block])
                .finalize()
                .into();
            for (number, other) in numbers.as_chunks_mut::<2>().0.iter_mut().zip(element.as_chunks::<2>().0) {
                *number = with(u16::from_le_bytes(*number), u16::from_le_bytes(*other)).to_le_bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_knows_no_order_and_forgets_what_is_taken_out() {
        let (a, b): (RowId, RowId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let (x, y) = (Digest::of(b"x"), Digest::of(b"y"));
        let mut one = RowSum::empty();
        one.add(&a, 1, &x);
        one.add(&b, 1, &y);
        let mut other = RowSum::empty();
        other.add(&b, 1, &y);
        other.add(&a, 2, &x);
        assert!(one != other);
        other.remove(&a, 2, &x);
        other.add(&a, 1, &x);
        assert!(one == other);
        other.remove(&a, 1, &x);
        other.remove(&b, 1, &y);
        assert!(other == RowSum::empty());
    }
}
