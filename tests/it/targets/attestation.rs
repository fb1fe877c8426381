//! Attestation documents, responses of both forms, and the keys of enclaves, as they come.

use stillgood::attestation::{Document, EnclaveKey, SignedLegacyResponse, SignedResponse, TeeId};

/// A key that nobody signs with any more: of `tests/vectors/evidence.json`.
const KEY: &str = include_str!("../../vectors/enclave-key.pem");

pub(super) fn target(bytes: &[u8]) -> bool {
    let key = EnclaveKey::from_pem(KEY).unwrap();
    let mut taken = false;
    if let Ok(document) = Document::read(bytes) {
        taken = true;
        if let Ok(genuine) = document.verify() {
            assert_eq!((genuine.at(), genuine.verified_at()), (document.claimed_at(), document.claimed_at()));
            let _ = genuine.binds(key.clone());
        }
    }
    if let Ok(other) = EnclaveKey::from_der(bytes) {
        taken = true;
        assert_eq!(other.as_der(), bytes, "a key has one encoding");
        assert_eq!(other.tee_id().to_string().parse::<TeeId>(), Ok(other.tee_id()));
    }
    if let Ok(signed) = SignedResponse::from_json(bytes) {
        taken = true;
        if signed.verify(&key).is_ok() {
            let later = SignedResponse { seconds: signed.seconds ^ 1, ..signed };
            assert!(later.verify(&key).is_err(), "one second is another one");
        }
    }
    let unsigned = SignedLegacyResponse { message: bytes.to_vec(), signature: [0; 256] };
    assert!(unsigned.verify(&key).is_err(), "nobody signed it");
    taken
}
