//! Proofs and batches of settlement, and the headers about it, as they come.

use stillgood::attestation::SignedResponse;
use stillgood::settlement::{Announcement, Batch, Leaf, Proof, ProofError, Root};

pub(super) fn target(bytes: &[u8]) -> bool {
    let mut taken = false;
    if let Ok(proof) = Proof::from_json(bytes) {
        taken = true;
        assert_eq!(Proof::of(&response(proof.leaf()), bytes), Ok(proof.clone()), "its own response's");
        holds_for_one_root(&proof);
    }
    if let Ok(batch) = Batch::from_json(bytes) {
        taken = true;
        for leaf in batch.leaves() {
            let proof = batch.proof_of(&response(leaf)).unwrap();
            assert_eq!(proof.leaf().is_of(&response(leaf)), Ok(()));
            assert!(
                proof.verify(&response(leaf), &batch.claimed_root()).is_ok(),
                "a batch that was read hangs together"
            );
            holds_for_one_root(&proof);
        }
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(said) = Announcement::from_headers(text.lines().filter_map(|line| line.split_once(':'))) {
        taken |= said != Announcement::default();
        assert!(said.transaction.is_none_or(|hash| hash.to_string().parse() == Ok(hash)));
    }
    taken
}

/// The response that a leaf would be of.
fn response(leaf: &Leaf) -> SignedResponse {
    SignedResponse {
        request_hash: leaf.input_hash,
        output_hash: leaf.output_hash,
        seconds: leaf.seconds,
        signature: [0; 256],
        tee_id: leaf.tee_id,
    }
}

fn holds_for_one_root(proof: &Proof) {
    let (leaf, root) = (proof.leaf(), proof.claimed_root());
    let outcome = proof.verify(&response(leaf), &root);
    assert_eq!(outcome.is_ok(), proof.verify_as_claimed(&response(leaf)).is_ok());
    assert!(matches!(outcome, Ok(_) | Err(ProofError::NotIncluded)), "{outcome:?}");
    let mut other = *root.as_bytes();
    other[31] ^= 1;
    assert_eq!(proof.verify(&response(leaf), &Root::from_bytes(other)), Err(ProofError::OtherRoot));
    let later = Leaf { seconds: leaf.seconds ^ 1, ..leaf.clone() };
    assert_ne!(later.hash(), leaf.hash(), "one second is another one");
    assert!(matches!(proof.verify(&response(&later), &root), Err(ProofError::OtherResponse(_))));
}
