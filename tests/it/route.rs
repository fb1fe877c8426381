//! Key configurations, heartbeats and claimed routes: our own with one defect each, and one of each that the program made which
//! enclaves run.

use serde_json::json;
use stillgood::Found;
use stillgood::attestation::EnclaveKey;
use stillgood::route::{
    HeartbeatError, KeyConfigError, MOST_ROUTE, RouteClaim, RouteClaimError, SignedHeartbeat, SignedKeyConfig,
};

use crate::settlement::{key, named, run, shared_vectors, text, vectors};

#[test]
fn a_key_configuration_is_signed_or_refused_for_its_one_defect() {
    let vectors = vectors();
    let key = key(&vectors, "key");
    run(&vectors, "configs", 46, |vector| {
        let file = text(vector, "file").as_bytes();
        match SignedKeyConfig::from_json(file).and_then(|config| config.verify(&key)) {
            Ok(config) => {
                assert_eq!((config.tee_id(), config.key_id()), (key.tee_id(), 1));
                assert_eq!(config.as_bytes()[3..35], *config.public_key());
                "signed".to_owned()
            }
            Err(error) => named(&error),
        }
    });
}

#[test]
fn a_heartbeat_is_signed_or_refused_for_its_one_defect() {
    let vectors = vectors();
    let key = key(&vectors, "key");
    run(&vectors, "heartbeats", 20, |vector| {
        let file = text(vector, "file").as_bytes();
        match SignedHeartbeat::from_json(file).and_then(|heartbeat| heartbeat.verify(&key)) {
            Ok(heartbeat) => {
                assert_eq!(heartbeat.tee_id(), key.tee_id());
                assert_eq!(heartbeat.at().to_string(), "2026-02-12T17:56:02.000Z");
                "signed".to_owned()
            }
            Err(error) => named(&error),
        }
    });
}

#[test]
fn a_route_is_claimed_and_never_more() {
    let vectors = vectors();
    run(&vectors, "routes", 14, |vector| match RouteClaim::from_json(text(vector, "file").as_bytes()) {
        Ok(claim) => format!("{}, {}: {}", claim.path.name(), claim.rewritten.name(), claim.private().name()),
        Err(error) => named(&error),
    });
    assert_eq!(RouteClaim::FOUND, Found::Claimed);
}

#[test]
fn what_is_too_long_is_not_read() {
    let vectors = vectors();
    let padded = |list: &str, length: usize| {
        let file = text(&vectors[list][0], "file");
        format!("{file}{}", " ".repeat(length - file.len())).into_bytes()
    };
    assert!(RouteClaim::from_json(&padded("routes", MOST_ROUTE)).is_ok());
    assert!(SignedKeyConfig::from_json(&padded("configs", MOST_ROUTE)).is_ok());
    assert!(SignedHeartbeat::from_json(&padded("heartbeats", MOST_ROUTE)).is_ok());
    let longer = MOST_ROUTE + 1;
    assert_eq!(RouteClaim::from_json(&padded("routes", longer)), Err(RouteClaimError::TooLong));
    assert_eq!(SignedKeyConfig::from_json(&padded("configs", longer)), Err(KeyConfigError::TooLong));
    assert_eq!(SignedHeartbeat::from_json(&padded("heartbeats", longer)), Err(HeartbeatError::TooLong));
}

#[test]
fn a_configuration_and_a_heartbeat_of_the_program_that_enclaves_run_are_signed() {
    let Some(vectors) = shared_vectors() else { return };
    let key = EnclaveKey::from_pem(text(&vectors["signing_key"], "public_key_pem")).unwrap();
    let other = EnclaveKey::from_pem(text(&vectors["legacy_v0_response"], "public_key_pem")).unwrap();

    // Its `signature_hash` is compared as it is read.
    let config = SignedKeyConfig::from_json(vectors["ohttp_config"].to_string().as_bytes()).unwrap();
    let verified = config.verify(&key).unwrap();
    let public_key = data_encoding::HEXLOWER.encode(verified.public_key());
    assert_eq!(public_key, text(&vectors["ohttp_config"], "public_key"));
    assert_eq!(named(&config.verify(&other).unwrap_err()), "OtherKey");

    let vector = &vectors["heartbeat"];
    let file =
        json!({"teeId": vector["tee_id"], "timestamp": vector["timestamp"], "signature": vector["signature_b64"]});
    let heartbeat = SignedHeartbeat::from_json(file.to_string().as_bytes()).unwrap();
    assert_eq!(heartbeat.verify(&key).unwrap().at().millis(), vector["timestamp"].as_i64().unwrap() * 1000);
    let later = SignedHeartbeat { seconds: heartbeat.seconds + 1, ..heartbeat.clone() };
    assert_eq!(named(&later.verify(&key).unwrap_err()), "NotSigned");
    assert_eq!(named(&heartbeat.verify(&other).unwrap_err()), "OtherKey");
}
