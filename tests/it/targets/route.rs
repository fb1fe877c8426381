//! Key configurations, heartbeats, claimed routes, labels and blob ids, as they come.

use stillgood::artifact::{BlobId, BlobIdError, is_moving, label_in};
use stillgood::attestation::EnclaveKey;
use stillgood::route::{RouteClaim, SignedHeartbeat, SignedKeyConfig};

/// A key that nobody signs with any more: of `tests/vectors/evidence.json`.
const KEY: &str = include_str!("../../vectors/enclave-key.pem");

pub(super) fn target(bytes: &[u8]) -> bool {
    let key = EnclaveKey::from_pem(KEY).unwrap();
    let mut taken = false;
    if let Ok(config) = SignedKeyConfig::from_json(bytes) {
        taken = true;
        assert!(config.verify(&key).is_err(), "nobody signed it");
    }
    if let Ok(heartbeat) = SignedHeartbeat::from_json(bytes) {
        taken = true;
        assert!(heartbeat.verify(&key).is_err(), "nobody signed it");
        let ours = SignedHeartbeat { tee_id: key.tee_id(), ..heartbeat };
        assert!(ours.verify(&key).is_err(), "nobody signed it");
    }
    if let Ok(claim) = RouteClaim::from_json(bytes) {
        taken = true;
        let written = format!(r#"{{"path": "{}", "rewritten": "{}"}}"#, claim.path.name(), claim.rewritten.name());
        assert_eq!(RouteClaim::from_json(written.as_bytes()), Ok(claim));
    }
    if let Ok(label) = label_in(bytes) {
        taken = true;
        let written = serde_json::json!({ "model": label }).to_string();
        assert_eq!(label_in(written.as_bytes()).as_ref(), Ok(&label));
        let _ = is_moving(&label);
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = is_moving(&text);
    if let Ok(id) = text.parse::<BlobId>() {
        taken = true;
        assert_eq!(id.as_str(), text, "a blob id has one form");
        assert_eq!(BlobId::of_model(&text, [&id]), Err(BlobIdError::OfASettlement));
    }
    taken
}
