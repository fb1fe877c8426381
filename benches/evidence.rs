//! What evidence costs where it is examined, and where rows that carry it are decided about. `cargo bench --bench evidence`.
//!
//! Each figure is a median, and each ratio one of two things that took turns in one run. The document is a real one, which
//! is not part of this project: without it the first figure is skipped.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that panics has failed"
)]

mod rows;

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::pss::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use serde_json::Value as Json;
use sha2::Sha256;
use stillgood::attestation::{CodeList, Document, EnclaveKey, SignedResponse};
use stillgood::{PolicySet, RowId, SealedRow, Verdict, View};

const ROUNDS: usize = 400;

fn main() {
    responses();
    decisions();
}

/// A document with its chain and a response; and a response under a key that is known.
fn responses() {
    let vectors: Json = serde_json::from_str(include_str!("../tests/vectors/evidence.json")).unwrap();
    let der = BASE64.decode(vectors["key"].as_str().unwrap().as_bytes()).unwrap();
    let text = vectors["responses"][0]["response"].as_str().unwrap().as_bytes();
    let key = EnclaveKey::from_der(&der).unwrap();
    let verify = || _ = black_box(SignedResponse::from_json(text).unwrap().verify(&key).unwrap());

    let bare = VerifyingKey::<Sha256>::new_with_salt_len(rsa::PublicKey::from_public_key_der(&der).unwrap(), 32);
    let signed = SignedResponse::from_json(text).unwrap();
    let message = stillgood::attestation::keccak256(&[
        &signed.request_hash,
        &signed.output_hash,
        &[0; 24],
        &signed.seconds.to_be_bytes(),
    ]);
    let signature = Signature::try_from(signed.signature.as_slice()).unwrap();
    let [response, floor] = turns([&verify, &|| bare.verify(black_box(&message), &signature).unwrap()]);
    println!("a response, read and verified under a known key  {:>9}", shown(response));
    println!("the bare RSA-PSS verification                    {:>9}", shown(floor));
    println!("ratio                                            {:>9.2}", ratio(response, floor));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/nitro-attestation.b64");
    let Ok(document) = std::fs::read(path) else {
        println!("skipped: a whole attestation needs a real document");
        return;
    };
    let document: Vec<u8> = document.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let document = BASE64.decode(&document).unwrap();
    let whole = || {
        let genuine = Document::read(&document).unwrap().verify().unwrap();
        let key = EnclaveKey::from_der(&der).unwrap();
        black_box(genuine.code(&CodeList::default()));
        // Of another enclave, which is found by the same work.
        black_box(genuine.binds(key.clone()).unwrap_err());
        black_box(SignedResponse::from_json(text).unwrap().verify(&key).unwrap());
    };
    let [whole] = turns([&whole]);
    println!("a whole attestation: document, chain, response   {:>9}", shown(whole));
}

/// Decisions about rows with every box filled, and about the same rows without.
fn decisions() {
    let (bare, filled) = (rows::Home::new(), rows::Home::new());
    let request = rows::request(100, 100);
    for (name, set) in [("no policy", PolicySet::shut()), ("the shipped set", PolicySet::builtin())] {
        let gate = bare.gate(set);
        let (keys, without) = bare.sealed(100);
        let (other, with) = filled.sealed_with(100, &rows::boxes());
        let decide =
            |keys, rows: &HashMap<RowId, SealedRow>| gate.decide(keys, &request, &View::Unpinned, rows).unwrap();
        let verdicts =
            |keys, rows| -> Vec<Verdict> { decide(keys, rows).rulings.iter().map(|ruling| ruling.verdict).collect() };
        assert_eq!(verdicts(&keys, &without), verdicts(&other, &with), "no box holds a row back here");
        let open = |keys, rows: &HashMap<RowId, SealedRow>| {
            rows.iter().for_each(|(id, row)| drop(black_box(row.head.open(keys, id).unwrap())));
        };
        let [filled, none] = turns([&|| open(&other, &with), &|| open(&keys, &without)]);
        let bytes =
            |rows: &HashMap<RowId, SealedRow>| rows.values().map(|row| row.head.as_bytes().len()).sum::<usize>();
        println!(
            "open 100 heads: filled {} ({} bytes), none {} ({} bytes)",
            shown(filled),
            bytes(&with) / 100,
            shown(none),
            bytes(&without) / 100
        );
        let [filled, none] =
            turns([&|| drop(black_box(decide(&other, &with))), &|| drop(black_box(decide(&keys, &without)))]);
        println!(
            "decide(100), {name}: boxes filled {}, none {}, ratio {:.2}",
            shown(filled),
            shown(none),
            ratio(filled, none)
        );
    }
}

/// The median of each piece of work, which take turns.
fn turns<const N: usize>(work: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times = [(); N].map(|()| vec![]);
    for _ in 0..ROUNDS {
        for (work, times) in work.iter().zip(&mut times) {
            let begun = Instant::now();
            work();
            times.push(begun.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

fn ratio(time: Duration, other: Duration) -> f64 {
    time.as_secs_f64() / other.as_secs_f64()
}

fn shown(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}
