//! How far a decision is from its limit. `cargo bench --bench floor`.
//!
//! The limit, or floor, is the cryptography of the same decision on the same bytes: the same ciphers, hashes and one
//! signature, back to back, with nothing between them. Floor and decision take turns in one run, so that what slows one
//! slows the other; the ratio of their medians is what counts, not the times.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that panics has failed"
)]

mod rows;

use std::hint::black_box;
use std::time::{Duration, Instant};

use aes::cipher::{KeyIvInit, StreamCipher};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, Mac};
use minicbor::Decoder;
use sha2::{Digest, Sha256};
use stillgood::{Gate, PolicySet, Retrieval, SealedRow, View};

const CANDIDATES: usize = 100;
const ROUNDS: usize = 400;

/// A ciphertext, and what its tag covers beside it.
struct Sealed {
    nonce: [u8; 12],
    aad: Vec<u8>,
    ciphertext: Vec<u8>,
}

/// The inputs of every cryptographic operation of one decision, of the lengths that the decision really has.
struct Floor {
    cipher: Aes256Gcm,
    signer: SigningKey,
    opened: Vec<Sealed>,
    hashed: Vec<Vec<u8>>,
    authenticated: Vec<u8>,
    keystream: usize,
    signed: Vec<u8>,
}

/// How many bytes the policies of a set make of the row at this place: what they read goes into one digest for each row.
type Facts = fn(usize) -> usize;

impl Floor {
    /// The operations of `retrieval`, which decided about `rows`; `facts` is how many bytes the facts of each row have.
    fn of(retrieval: &Retrieval, rows: &[&SealedRow], facts: Facts) -> Self {
        let cipher = Aes256Gcm::new(&[7; 32].into());
        let mut floor = Floor {
            cipher,
            signer: SigningKey::from_bytes(&[9; 32]),
            opened: vec![],
            hashed: vec![],
            authenticated: vec![],
            keystream: 0,
            signed: retrieval
                .decision
                .note()
                .lines()
                .take(3)
                .flat_map(|line| [line.as_bytes(), b"\n"].concat())
                .collect(),
        };
        for (place, (row, ruling)) in rows.iter().zip(&retrieval.rulings).enumerate() {
            floor.open(row.head.as_bytes());
            // The sealed head, the facts that were read of it, and the commitment to them.
            floor.hashed.extend([row.head.as_bytes().to_vec(), vec![1; facts(place)], vec![2; 76]]);
            if let (true, Some(body)) = (ruling.opened, &row.body) {
                let text = floor.open(body.as_bytes()) - 4;
                // The sealed body, which the head names by its digest, and the commitment to its text.
                floor.hashed.extend([body.as_bytes().to_vec(), vec![3; 18 + 32 + text]]);
            }
        }
        let leaves = retrieval.decision.unverified_leaves();
        for leaf in leaves {
            // Its Merkle hash; its part of the decision's id, a line without its salt; an inner node, but for the first.
            floor.hashed.push([b"\0", leaf.as_bytes()].concat());
            floor.authenticated.extend(leaf.as_bytes().iter().skip(32));
            floor.hashed.push(vec![4; 65]);
        }
        floor.hashed.pop();
        // The request: id, score and what else a candidate may say; and the commitment to it.
        floor.hashed.extend([vec![5; 24 + 20 * rows.len()], vec![2; 76]]);
        floor.keystream = 32 * leaves.len();
        floor
    }

    /// Adds the opening of a part; the length of its plaintext.
    fn open(&mut self, part: &[u8]) -> usize {
        let mut from = Decoder::new(part);
        from.array().unwrap();
        (0..4).for_each(|_| from.skip().unwrap());
        let name = from.str().unwrap().len();
        (0..2).for_each(|_| from.skip().unwrap());
        let sealed = from.bytes().unwrap().len();
        let (nonce, aad, plaintext) = ([5; 12], vec![6; 40 + name], vec![8; sealed - 16]);
        let payload = Payload { msg: &plaintext, aad: &aad };
        let ciphertext = self.cipher.encrypt(&nonce.into(), payload).unwrap();
        self.opened.push(Sealed { nonce, aad, ciphertext });
        plaintext.len()
    }

    fn run(&self) {
        for Sealed { nonce, aad, ciphertext } in &self.opened {
            black_box(self.cipher.decrypt(nonce.into(), Payload { msg: ciphertext, aad }).unwrap());
        }
        for bytes in &self.hashed {
            black_box(Sha256::digest(bytes));
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&[1; 32]).unwrap();
        mac.update(&self.authenticated);
        black_box(mac.finalize().into_bytes());
        let mut key = [0; 32];
        hkdf::Hkdf::<Sha256>::from_prk(&[3; 32]).unwrap().expand(&[4; 54], &mut key).unwrap();
        let mut stream = vec![0; self.keystream];
        ctr::Ctr128BE::<aes::Aes256>::new(&key.into(), &[0; 16].into()).apply_keystream(&mut stream);
        black_box(stream);
        black_box(self.signer.sign(&self.signed));
    }
}

fn main() {
    let home = rows::Home::new();
    let (keys, rows) = home.sealed(CANDIDATES);
    let request = rows::request(CANDIDATES, CANDIDATES);
    let wanted: Vec<&SealedRow> = request.candidates.iter().map(|candidate| &rows[&candidate.row]).collect();
    let head_bytes: usize = wanted.iter().map(|row| row.head.as_bytes().len()).sum();
    let body_bytes: usize = wanted.iter().filter_map(|row| Some(row.body.as_ref()?.as_bytes().len())).sum();
    println!(
        "{CANDIDATES} candidates; a sealed head has {} bytes, a sealed body {}",
        head_bytes / CANDIDATES,
        body_bytes / CANDIDATES
    );
    println!("{:<34}{:>10}{:>12}{:>8}", "policies", "floor", "decide", "ratio");
    // The lengths are those of these rows. By the shipped set they are 424 to 473, and two in nine fit into one block less.
    let sets: [(&str, PolicySet, Facts); 3] = [
        ("none: no body opened", PolicySet::shut(), |_| 55),
        ("one: every body opened", rows::all_live(), |_| 90),
        ("the shipped set", PolicySet::builtin(), |place| if place % 9 < 2 { 426 } else { 437 }),
    ];
    for (name, set, facts) in sets {
        let gate: Gate = home.gate(set);
        let decide = || gate.decide(&keys, &request, &View::Unpinned, &rows).unwrap();
        let floor = Floor::of(&decide(), &wanted, facts);
        let (mut floors, mut decides) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            floors.push(timed(|| floor.run()));
            decides.push(timed(|| drop(black_box(decide()))));
        }
        let (floor, decide) = (median(floors), median(decides));
        let ratio = decide.as_secs_f64() / floor.as_secs_f64();
        println!("{name:<34}{:>7} µs{:>9} µs{ratio:>8.2}", floor.as_micros(), decide.as_micros());
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
