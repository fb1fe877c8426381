//! Leaves, proofs and batches: our own with one defect each, and a batch of OpenGradient's form made with its own tree.

use std::fmt::Debug;

use data_encoding::BASE64;
use serde_json::{Value, json};
use stillgood::attestation::{EnclaveKey, SignedResponse};
use stillgood::settlement::{
    Announcement, Batch, BatchError, LeafField, LeafSignature, MOST_BATCH, MOST_PROOF, Proof, ProofError, Root,
    SettlementMode,
};
use stillgood::{SettlementRung, Timestamp};

use crate::support::{shared, time};

/// Ours, of `tests/second/make_settlement.py`.
pub(crate) fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/settlement.json")).unwrap()
}

/// OpenGradient's form.
pub(crate) fn shared_vectors() -> Option<Value> {
    Some(serde_json::from_slice(&shared("vectors/opengradient.json")?).unwrap())
}

/// Runs a list of vectors; each has a name and the outcome that is expected.
pub(crate) fn run(vectors: &Value, list: &str, count: usize, outcome: impl Fn(&Value) -> String) {
    let list = vectors[list].as_array().unwrap();
    assert_eq!(list.len(), count);
    let wrong: Vec<String> = list
        .iter()
        .map(|vector| (vector, outcome(vector)))
        .filter(|(vector, found)| vector["expected"] != **found)
        .map(|(vector, found)| format!("{}: expected {}, found {found}", vector["name"], vector["expected"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An error as the vectors name it: `Field:teeId` for `Field("teeId")`.
pub(crate) fn named(error: &impl Debug) -> String {
    format!("{error:?}").replace("(\"", ":").replace("\")", "")
}

pub(crate) fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{vector} has no {name}"))
}

pub(crate) fn key(vectors: &Value, name: &str) -> EnclaveKey {
    EnclaveKey::from_der(&BASE64.decode(text(vectors, name).as_bytes()).unwrap()).unwrap()
}

fn response(vectors: &Value) -> SignedResponse {
    SignedResponse::from_json(text(vectors, "response").as_bytes()).unwrap()
}

fn root(vector: &Value) -> Root {
    text(vector, "root").parse().unwrap()
}

#[test]
fn a_leaf_is_included_or_refused_for_its_one_defect() {
    let vectors = vectors();
    let (response, key) = (response(&vectors), key(&vectors, "key"));
    run(&vectors, "proofs", 106, |vector| {
        let proof = Proof::of(&response, text(vector, "file").as_bytes());
        match proof.and_then(|proof| proof.verify(&response, &root(vector))) {
            Ok(included) => {
                assert_eq!(included.root(), root(vector));
                assert_eq!(included.leaf().is_of(&response), Ok(()));
                format!("included, {:?}", included.leaf().signature(&key))
            }
            Err(ProofError::OtherResponse(mismatch)) => {
                let names: Vec<&str> = mismatch.fields().iter().map(|field| field.name()).collect();
                let names = names.join(", ");
                assert!(mismatch.to_string().ends_with(&names), "{mismatch}");
                format!("OtherResponse:{names}")
            }
            Err(error) => named(&error),
        }
    });
}

#[test]
fn a_batch_hangs_together_or_is_refused_for_its_one_defect() {
    let vectors = vectors();
    run(&vectors, "batches", 40, |vector| match Batch::from_json(text(vector, "file").as_bytes()) {
        Ok(batch) => format!("batch of {}", batch.leaves().count()),
        Err(error) => named(&error),
    });
}

#[test]
fn headers_are_an_announcement_or_refused_for_their_one_defect() {
    let vectors = vectors();
    run(&vectors, "announcements", 18, |vector| {
        let headers: Vec<(String, String)> = serde_json::from_value(vector["headers"].clone()).unwrap();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        match Announcement::from_headers(headers) {
            Ok(said) => {
                assert!(said.transaction.is_none_or(|hash| hash.to_string().parse() == Ok(hash)));
                let mode = said.mode.map(|mode| mode.name());
                let hash = said.transaction.map(|_| "transaction");
                let blob = said.blob_id.as_ref().map(|_| "blob");
                [Some(said.rung().name()), mode, hash, blob].into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
            Err(error) => named(&error),
        }
    });
}

#[test]
fn a_leaf_hashes_as_solidity_encodes_it() {
    let vectors = vectors();
    let proof = Proof::from_json(text(&vectors["proofs"][0], "file").as_bytes()).unwrap();
    assert_eq!(Root::from_bytes(proof.leaf().hash()).to_string(), text(&vectors, "leaf_hash"));
}

#[test]
fn a_root_that_nobody_gave_is_only_the_word_of_the_file() {
    let vectors = vectors();
    let response = response(&vectors);
    for vector in &vectors["proofs"].as_array().unwrap()[..2] {
        let proof = Proof::of(&response, text(vector, "file").as_bytes()).unwrap();
        let consistent = proof.verify_as_claimed(&response).unwrap();
        assert_eq!((consistent.claimed_root(), proof.claimed_root()), (root(&vectors), root(&vectors)));
        assert_eq!(consistent.leaf(), proof.leaf());
        let other = Root::from_bytes([7; 32]);
        assert_eq!(proof.verify(&response, &other), Err(ProofError::OtherRoot));
        // Whoever read the proof for one response cannot hold it against another.
        let later = SignedResponse { seconds: response.seconds + 1, ..response.clone() };
        assert!(matches!(proof.verify(&later, &root(&vectors)), Err(ProofError::OtherResponse(_))));
        assert!(matches!(proof.verify_as_claimed(&later), Err(ProofError::OtherResponse(_))));
    }
}

#[test]
fn the_signature_in_a_leaf_is_held_against_one_key() {
    let vectors = vectors();
    let leaf = Proof::from_json(text(&vectors["proofs"][0], "file").as_bytes()).unwrap().leaf().clone();
    assert_eq!(leaf.signature(&key(&vectors, "key")), LeafSignature::Holds);
    assert_eq!(leaf.signature(&key(&vectors, "other_key")), LeafSignature::OtherKey);
    let later = stillgood::settlement::Leaf { seconds: leaf.seconds + 1, ..leaf.clone() };
    assert_eq!(later.signature(&key(&vectors, "key")), LeafSignature::DoesNotHold);
    assert_eq!(later.is_of(&response(&vectors)).unwrap_err().fields(), [LeafField::Timestamp]);
}

#[test]
fn of_several_leaves_the_signed_one_is_proved() {
    let vectors = vectors();
    let vector = vectors["proofs"].as_array().unwrap();
    let thrice = vector.iter().find(|vector| vector["name"] == "good_batch_with_the_leaf_thrice").unwrap();
    let batch = Batch::from_json(text(thrice, "file").as_bytes()).unwrap();
    let response = response(&vectors);
    assert_eq!(batch.leaves().filter(|leaf| leaf.is_of(&response).is_ok()).count(), 3);
    let proof = batch.proof_of(&response).unwrap();
    assert_eq!(proof.leaf().signature(&key(&vectors, "key")), LeafSignature::Holds);
    assert!(proof.verify(&response, &batch.claimed_root()).is_ok());
}

#[test]
fn what_is_too_long_is_not_read() {
    let vectors = vectors();
    let (response, proof) = (response(&vectors), text(&vectors["proofs"][0], "file"));
    let padded = |length: usize| format!("{proof}{}", " ".repeat(length - proof.len())).into_bytes();
    assert!(Proof::of(&response, &padded(MOST_PROOF)).is_ok());
    assert_eq!(Proof::of(&response, &padded(MOST_PROOF + 1)), Err(ProofError::TooLong));
    assert_eq!(Proof::of(&response, &padded(MOST_BATCH + 1)), Err(ProofError::TooLong));
    assert_eq!(Batch::from_json(&padded(MOST_BATCH + 1)), Err(BatchError::TooLong));
}

#[test]
fn a_settlement_is_due_by_its_mode() {
    let answered = time("2026-02-12T18:00:00Z");
    assert_eq!(SettlementMode::Individual.due(answered), Some(time("2026-02-12T19:00:00Z")));
    assert_eq!(SettlementMode::Batch.due(answered), Some(time("2026-02-12T18:15:00Z")));
    assert_eq!(SettlementMode::Private.due(answered), None);
    assert_eq!(SettlementMode::default(), SettlementMode::Batch);
    let end = Timestamp::from_millis(253_402_300_799_999).unwrap();
    assert_eq!(SettlementMode::Individual.due(end), Some(end));
    assert_eq!(Announcement::default().rung(), SettlementRung::None);
}

#[test]
fn a_batch_of_opengradients_form_includes_its_responses() {
    let Some(vectors) = shared_vectors() else { return };
    let batch = &vectors["merkle_batch"];
    let key = EnclaveKey::from_pem(text(&vectors["signing_key"], "public_key_pem")).unwrap();
    let dump = batch["dump"].to_string();
    let read = Batch::from_json(dump.as_bytes()).unwrap();
    assert_eq!(read.claimed_root(), root(batch));

    // Every proof that OpenZeppelin's own code made of it.
    let proofs = batch["proofs"].as_array().unwrap();
    assert_eq!((proofs.len(), read.leaves().count()), (5, 5));
    let mut signatures = vec![];
    for (proof, leaf) in proofs.iter().zip(read.leaves()) {
        assert_eq!(Root::from_bytes(leaf.hash()).to_string(), text(proof, "leaf_hash"));
        let index = usize::try_from(proof["index"].as_u64().unwrap()).unwrap();
        let file = json!({
            "root": batch["root"],
            "leaf": batch["dump"]["values"][index]["value"],
            "proof": proof["proof"],
        });
        let simple = Proof::from_json(file.to_string().as_bytes()).unwrap();
        assert_eq!(simple.leaf(), leaf);
        let of_it = SignedResponse {
            request_hash: leaf.input_hash,
            output_hash: leaf.output_hash,
            seconds: leaf.seconds,
            signature: [0; 256],
            tee_id: leaf.tee_id,
        };
        assert!(simple.verify(&of_it, &root(batch)).is_ok());
        signatures.push(leaf.signature(&key));
    }
    // Every one is included, and one of them holds no signature.
    let [holds, placeholder] = [LeafSignature::Holds, LeafSignature::Placeholder];
    assert_eq!(signatures, [holds, holds, holds, holds, placeholder]);

    // The responses beside it, each found by what it is.
    let mut included = 0;
    for vector in vectors["tee_response_current"].as_array().unwrap() {
        let response = SignedResponse::from_json(vector["response"].to_string().as_bytes()).unwrap();
        let Ok(proof) = Proof::of(&response, dump.as_bytes()) else { continue };
        assert_eq!(proof.verify(&response, &root(batch)).unwrap().leaf().seconds, response.seconds);
        included += 1;
        let later = SignedResponse { seconds: response.seconds + 1, ..response };
        assert_eq!(Proof::of(&later, dump.as_bytes()), Err(ProofError::NotInBatch));
    }
    assert_eq!(included, 4);
}
