//! A real attestation document, a real response of the older form, and responses made by the program that enclaves run.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;
use stillgood::attestation::{
    BindingError, CodeList, Document, DocumentError, EnclaveKey, Genuine, LegacyError, ListedCode, Listing, Pcrs,
    ResponseError, SignedLegacyResponse, SignedResponse, TeeId, keccak256,
};
use stillgood::{How, Span, Timestamp};

use crate::support::{shared, time};

fn vectors() -> Option<Value> {
    Some(serde_json::from_slice(&shared("vectors/opengradient.json")?).unwrap())
}

fn document() -> Option<Vec<u8>> {
    let mut text = shared("vectors/nitro-attestation.b64")?;
    text.retain(|byte| !byte.is_ascii_whitespace());
    Some(BASE64.decode(&text).unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(text(value).strip_prefix("0x").unwrap_or(text(value)).as_bytes()).unwrap()
}

fn pcrs(value: &Value) -> Pcrs {
    let [pcr0, pcr1, pcr2] = ["pcr0", "pcr1", "pcr2"].map(|name| hex(&value[name]).try_into().unwrap());
    Pcrs { pcr0, pcr1, pcr2 }
}

fn genuine() -> Option<Genuine> {
    Some(Document::read(&document()?).unwrap().verify().unwrap())
}

#[test]
fn a_real_document_is_genuine_at_its_own_time_and_not_now() {
    let (Some(bytes), Some(vectors)) = (document(), vectors()) else { return };
    let real = &vectors["nitro_attestation"];
    let document = Document::read(&bytes).unwrap();
    let genuine = document.verify().unwrap();
    assert_eq!(genuine.at().millis(), real["timestamp_ms"].as_i64().unwrap());
    assert_eq!(genuine.verified_at(), genuine.at());
    assert_eq!(genuine.nonce().unwrap(), hex(&real["nonce_hex"]));

    let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).unwrap();
    let told = document.verify_at(at(real["verify_at_unix"].as_i64().unwrap())).unwrap();
    assert_eq!((told.at(), told.verified_at()), (genuine.at(), time("2026-02-12T18:00:00Z")));
    let (begin, end) = (time(text(&real["leaf_not_before"])), time(text(&real["leaf_not_after"])));
    let second = Span::from_millis(1000);
    assert!(document.verify_at(begin).is_ok() && document.verify_at(end).is_ok());
    assert_eq!(document.verify_at(begin.plus(Span::from_millis(-1))), Err(DocumentError::NotYetValid));
    assert_eq!(document.verify_at(end.plus(second)), Err(DocumentError::Expired));
    assert_eq!(document.verify_at(time("2026-11-23T00:00:00Z")), Err(DocumentError::Expired));
    assert_eq!(document.verify_at(time("1960-01-01T00:00:00Z")), Err(DocumentError::NotYetValid));
}

#[test]
fn a_real_document_without_one_byte_of_it_is_not_genuine() {
    let Some(bytes) = document() else { return };
    for at in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let outcome = Document::read(&changed).and_then(|document| document.verify());
        assert!(outcome.is_err(), "byte {at}");
    }
}

#[test]
fn the_code_of_a_real_document_is_on_a_list_only_with_all_three_measurements() {
    let (Some(genuine), Some(vectors)) = (genuine(), vectors()) else { return };
    assert_eq!(*genuine.pcrs(), pcrs(&vectors["nitro_attestation"]));
    assert_eq!(genuine.pcrs().hash().to_vec(), hex(&vectors["nitro_attestation"]["pcr_hash"]));
    let published = &vectors["pcr_hash"][0];
    let listed = ListedCode { pcrs: pcrs(published), from: time("2020-01-01T00:00:00Z"), until: None };
    assert_eq!(listed.pcrs.hash().to_vec(), hex(&published["pcr_hash"]));
    // The kernel is the same, and nothing follows from that.
    assert_eq!(listed.pcrs.pcr1, genuine.pcrs().pcr1);
    assert_eq!(genuine.code(&CodeList(vec![listed.clone()])), Listing::Unlisted);
    let ours = ListedCode { pcrs: *genuine.pcrs(), ..listed };
    assert_eq!(genuine.code(&CodeList(vec![ours])), Listing::Listed);
}

#[test]
fn a_real_document_names_a_key_that_is_not_ours() {
    let (Some(genuine), Some(vectors)) = (genuine(), vectors()) else { return };
    let real = &vectors["nitro_attestation"];
    let named = [
        [0x12, 0x20].to_vec(),
        hex(&real["user_data_tls_cert_sha256"]),
        [0x12, 0x20].to_vec(),
        hex(&real["user_data_signing_key_sha256"]),
    ];
    assert_eq!(genuine.user_data().unwrap(), named.concat());
    for key in [&vectors["signing_key"], &vectors["legacy_v0_response"]] {
        let key = EnclaveKey::from_pem(text(&key["public_key_pem"])).unwrap();
        assert_eq!(genuine.binds(key), Err(BindingError::OtherKey));
    }
}

#[test]
fn responses_of_the_current_form_verify() {
    let Some(vectors) = vectors() else { return };
    let key = EnclaveKey::from_pem(text(&vectors["signing_key"]["public_key_pem"])).unwrap();
    assert_eq!(key.as_der(), hex(&vectors["signing_key"]["spki_der_hex"]));
    let id: TeeId = text(&vectors["signing_key"]["tee_id"]).parse().unwrap();
    assert_eq!(key.tee_id(), id);
    let legacy_key = EnclaveKey::from_pem(text(&vectors["legacy_v0_response"]["public_key_pem"])).unwrap();
    let responses = vectors["tee_response_current"].as_array().unwrap();
    assert_eq!(responses.len(), 4);
    for vector in responses {
        let name = &vector["name"];
        let signed = SignedResponse::from_json(vector["response"].to_string().as_bytes()).unwrap();
        let response = signed.verify(&key).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(response.at().millis(), vector["response"]["tee_timestamp"].as_i64().unwrap() * 1000);
        let output = text(&vector["signed_output_utf8"]);
        assert!(response.signs_request(text(&vector["canonical_request_utf8"]).as_bytes()), "{name}");
        assert_eq!(response.relation(output, output), Some(How::Verbatim), "{name}");
        assert!(!response.signs_output(&format!("{output}\n")), "{name}");
        assert_eq!(signed.verify(&legacy_key), Err(ResponseError::OtherKey));

        let later = SignedResponse { seconds: signed.seconds + 1, ..signed.clone() };
        assert_eq!(later.verify(&key), Err(ResponseError::NotSigned), "{name}");
        let message = [&signed.request_hash[..], &signed.output_hash, &[0; 24], &signed.seconds.to_be_bytes()];
        assert_eq!(keccak256(&message).to_vec(), hex(&vector["msg_hash_hex"]), "{name}");
    }
}

#[test]
fn a_response_of_the_older_form_verifies_in_its_own_way_alone() {
    let Some(vectors) = vectors() else { return };
    let vector = &vectors["legacy_v0_response"];
    let key = EnclaveKey::from_pem(text(&vector["public_key_pem"])).unwrap();
    let signature: [u8; 256] = BASE64.decode(text(&vector["signature_b64"]).as_bytes()).unwrap().try_into().unwrap();
    let message = text(&vector["signed_message_utf8"]).as_bytes().to_vec();
    let signed = SignedLegacyResponse { message, signature };
    let response = signed.verify(&key).unwrap();
    assert!(response.signs_request(text(&vector["canonical_request_utf8"]).as_bytes()));
    assert!(response.signs_output("Hello! How can I assist you today? \u{1f60a}"));
    assert_eq!((response.model(), response.at()), ("gpt-4.1-2025-04-14", time(text(&vector["timestamp"]))));

    let mut changed = signed.clone();
    changed.message[200] ^= 1;
    assert!(matches!(changed.verify(&key), Err(LegacyError::NotSigned | LegacyError::NotLegacy)));
    let other = EnclaveKey::from_pem(text(&vectors["signing_key"]["public_key_pem"])).unwrap();
    assert_eq!(signed.verify(&other), Err(LegacyError::NotSigned));

    // Dressed as a response of the current form it is none.
    let dressed = SignedResponse {
        request_hash: hex(&vector["request_hash_sha256"]).try_into().unwrap(),
        output_hash: keccak256(&["Hello! How can I assist you today? \u{1f60a}".as_bytes()]),
        seconds: 1_765_873_226,
        signature,
        tee_id: key.tee_id(),
    };
    assert_eq!(dressed.verify(&key), Err(ResponseError::NotSigned));
}
