//! Evidence that real programs made, told by its content and examined: each piece for what it shows, and for no more.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use stillgood::attestation::{CodeList, ListedCode, Pcrs};
use stillgood::examine::{Case, Examination};
use stillgood::{
    BoxKind, Code, Evidence, How, Material, MaterialKind, PaymentRung, Private, SettlementRung, State, Timestamp,
};

use crate::support::{Home, draft, row, shared, time};

fn vectors() -> Option<Value> {
    Some(serde_json::from_slice(&shared("vectors/opengradient.json")?).unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A saved file, told by its content.
fn recognised(file: impl AsRef<[u8]>, expected: MaterialKind) -> Material {
    let material = Material::recognise(file.as_ref()).unwrap();
    assert_eq!(material.kind(), expected);
    material
}

fn saved(value: &Value, expected: MaterialKind) -> Material {
    recognised(value.to_string(), expected)
}

fn key(vectors: &Value) -> Material {
    recognised(text(&vectors["signing_key"]["public_key_pem"]), MaterialKind::Key)
}

/// Whose key it is nobody said: of another enclave.
fn another_key() -> Material {
    recognised(include_str!("../vectors/enclave-key.pem"), MaterialKind::Key)
}

fn document() -> Option<Material> {
    Some(recognised(shared("vectors/nitro-attestation.b64")?, MaterialKind::Document))
}

fn at() -> Timestamp {
    time("2026-02-12T18:05:00Z")
}

fn examined(text: &str, pieces: &[Material], codes: Option<&CodeList>) -> Examination {
    let mut evidence = Evidence::default();
    for piece in pieces {
        evidence.attach(piece.clone(), at(), 1).unwrap();
    }
    Case { text, evidence: &evidence, body_generation: 1, codes, at: at() }.examine()
}

/// The boxes in which anything is, and their states.
fn states(found: &Examination) -> Vec<(BoxKind, State)> {
    let all = BoxKind::ALL.into_iter().map(|kind| (kind, found.boxes.state_at(kind, at())));
    all.filter(|(_, state)| *state != State::Absent).collect()
}

fn notices(found: &Examination, kind: BoxKind, words: &str) -> bool {
    found.noticed.iter().any(|(of, said)| *of == kind && said.contains(words))
}

#[test]
fn a_real_response_is_bound_and_labelled_and_no_document_says_whose_key_signed() {
    let Some(vectors) = vectors() else { return };
    let mut seen = 0;
    for answer in vectors["tee_response_current"].as_array().unwrap() {
        let response = saved(&answer["response"], MaterialKind::Response);
        let request = recognised(text(&answer["canonical_request_utf8"]), MaterialKind::Request);
        let output = text(&answer["signed_output_utf8"]);
        let attached = Material::new(MaterialKind::Output, output.as_bytes().to_vec()).unwrap();
        let pieces = [response, request, key(&vectors), attached];
        let expected = [
            (BoxKind::Binding, State::Verified),
            (BoxKind::Attestation, State::Claimed),
            (BoxKind::Mode, State::Claimed),
            (BoxKind::Artifact, State::Verified),
        ];
        let home = Home::new();
        home.add(&[draft("m1", output, 0)]);
        let kept = home.vault.attach(&home.device, &row("m1"), &pieces, at()).unwrap();
        let found = examined(output, &pieces, None);
        for found in [&kept, &found] {
            assert_eq!(states(found), expected, "{}", answer["name"]);
            assert_eq!(found.boxes.binding.as_ref().unwrap().detail, How::Verbatim);
            let artifact = &found.boxes.artifact.as_ref().unwrap().detail;
            assert_eq!(artifact.label.as_deref(), answer["request_body"]["model"].as_str());
            assert!(notices(found, BoxKind::Attestation, "no document says"));
        }
        // Without the output its text is in the response, but for calls of tools, which are signed in another text.
        let bound = examined(output, &pieces[..3], None).boxes.state_at(BoxKind::Binding, at());
        assert_eq!(bound, if answer["name"] == "tool_calls" { State::Claimed } else { State::Verified });

        let other = examined(output, &[pieces[0].clone(), another_key()], None);
        assert_eq!(other.boxes.state_at(BoxKind::Attestation, at()), State::Contradicted);
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn a_real_document_is_genuine_whoever_lists_its_code_and_names_another_key() {
    let (Some(vectors), Some(document)) = (vectors(), document()) else { return };
    let measured = |of: &Value, from: &str, until: Option<&str>| {
        let pcr = |name: &str| HEXLOWER.decode(text(&of[name]).trim_start_matches("0x").as_bytes()).unwrap();
        let [pcr0, pcr1, pcr2] = ["pcr0", "pcr1", "pcr2"].map(|name| pcr(name).try_into().unwrap());
        CodeList(vec![ListedCode { pcrs: Pcrs { pcr0, pcr1, pcr2 }, from: time(from), until: until.map(time) }])
    };
    let (real, published) = (&vectors["nitro_attestation"], &vectors["pcr_hash"][0]);
    let lists = [
        (None, Code::Unknown, "no list"),
        (Some(measured(published, "2025-01-01T00:00:00Z", None)), Code::Unlisted, "not on your list"),
        (Some(measured(real, "2026-02-12T00:00:00Z", Some("2026-02-13T00:00:00Z"))), Code::Listed, "is on your list"),
        (Some(measured(real, "2026-02-13T00:00:00Z", None)), Code::Unlisted, "not on your list"),
        (
            Some(measured(real, "2026-01-01T00:00:00Z", Some("2026-02-12T00:00:00Z"))),
            Code::Unlisted,
            "not on your list",
        ),
    ];
    for (list, expected, words) in &lists {
        let found = examined("4", std::slice::from_ref(&document), list.as_ref());
        let attestation = found.boxes.attestation.as_ref().unwrap();
        assert_eq!(states(&found), [(BoxKind::Attestation, State::Claimed)]);
        assert_eq!(attestation.detail, *expected);
        assert!(notices(&found, BoxKind::Attestation, "the document is genuine"));
        assert!(notices(&found, BoxKind::Attestation, words), "{words}");
        assert!(notices(&found, BoxKind::Attestation, "nothing ties the document to the row"));
    }
    // Both hold, and they do not belong together.
    let answer = &vectors["tee_response_current"][1];
    let pieces = [saved(&answer["response"], MaterialKind::Response), key(&vectors), document];
    let found = examined(text(&answer["signed_output_utf8"]), &pieces, lists[2].0.as_ref());
    let attestation = found.boxes.attestation.as_ref().unwrap();
    assert_eq!(
        (found.boxes.state_at(BoxKind::Attestation, at()), attestation.detail),
        (State::Contradicted, Code::Listed)
    );
    assert_eq!(found.boxes.state_at(BoxKind::Mode, at()), State::Claimed);
    assert!(notices(&found, BoxKind::Attestation, "names another signing key"));
}

#[test]
fn a_real_response_of_the_older_form_is_bound_by_its_own_text() {
    let (Some(vectors), Some(document)) = (vectors(), document()) else { return };
    let old = &vectors["legacy_v0_response"];
    let message = text(&old["signed_message_utf8"]);
    let response =
        saved(&json!({ "signed_message": message, "signature": old["signature_b64"] }), MaterialKind::LegacyResponse);
    let request = recognised(text(&old["canonical_request_utf8"]), MaterialKind::Request);
    let key = recognised(text(&old["public_key_pem"]), MaterialKind::Key);
    let members: Value = serde_json::from_str(message).unwrap();
    let output = text(&members["message"]["content"]);
    let pieces = [response.clone(), request, key.clone()];
    let found = examined(output, &pieces, None);
    let expected = [
        (BoxKind::Binding, State::Verified),
        (BoxKind::Attestation, State::Claimed),
        (BoxKind::Mode, State::Claimed),
        (BoxKind::Artifact, State::Verified),
    ];
    assert_eq!(states(&found), expected);
    assert!(notices(&found, BoxKind::Attestation, "no document says"));
    let state = |pieces: &[Material]| examined(output, pieces, None).boxes.state_at(BoxKind::Attestation, at());
    assert_eq!(state(&[response.clone(), another_key()]), State::Contradicted);
    assert_eq!(state(&[response, key, document]), State::Contradicted);
}

#[test]
fn a_real_heartbeat_and_key_configuration_are_their_keys_and_show_no_route() {
    let Some(vectors) = vectors() else { return };
    let beat = &vectors["heartbeat"];
    let file =
        |timestamp: i64| json!({ "teeId": beat["tee_id"], "timestamp": timestamp, "signature": beat["signature_b64"] });
    let seconds = beat["timestamp"].as_i64().unwrap();
    let response = saved(&vectors["tee_response_current"][0]["response"], MaterialKind::Response);
    // It speaks of the key, and never of the row.
    for (timestamp, words) in [(seconds, "the key was in use at"), (seconds + 1, "the heartbeat is not looked at")] {
        let pieces = [response.clone(), key(&vectors), saved(&file(timestamp), MaterialKind::Heartbeat)];
        let found = examined("Hello!", &pieces, None);
        assert_eq!(found.boxes.state_at(BoxKind::Attestation, at()), State::Claimed);
        assert!(notices(&found, BoxKind::Attestation, words), "{words}");
    }
    let config = saved(&vectors["ohttp_config"], MaterialKind::KeyConfig);
    for (key, expected, words) in [
        (key(&vectors), State::Claimed, "nobody shows that it is an enclave's"),
        (another_key(), State::Contradicted, "names another key"),
    ] {
        let found = examined("Hello!", &[config.clone(), key], None);
        assert_eq!(found.boxes.state_at(BoxKind::Route, at()), expected);
        assert_eq!(found.boxes.route.as_ref().unwrap().detail, Private::Unknown);
        assert!(notices(&found, BoxKind::Route, words), "{:?}", found.noticed);
    }
}

#[test]
fn real_proofs_are_of_their_responses_under_a_root_that_somebody_gives() {
    let Some(vectors) = vectors() else { return };
    let batch = &vectors["merkle_batch"];
    let statement =
        |root: &Value| saved(&json!({ "by": "me", "settlement": { "root": root } }), MaterialKind::Statement);
    let dump = saved(&batch["dump"], MaterialKind::Proof);
    let proof = |at: usize| {
        let leaf = &batch["dump"]["values"][at]["value"];
        saved(
            &json!({ "root": batch["root"], "leaf": leaf, "proof": batch["proofs"][at]["proof"] }),
            MaterialKind::Proof,
        )
    };
    let responses: Vec<_> = vectors["tee_response_current"].as_array().unwrap().iter().collect();
    let settled = |response: &Value, pieces: &[Material]| {
        let mut all = vec![saved(response, MaterialKind::Response), key(&vectors)];
        all.extend_from_slice(pieces);
        let found = examined("Hello!", &all, None);
        (found.boxes.state_at(BoxKind::Settlement, at()), found.boxes.settlement.as_ref().unwrap().detail.0, found)
    };
    for (at, answer) in responses.iter().enumerate() {
        let response = &answer["response"];
        for file in [&dump, &proof(at)] {
            let (state, rung, found) = settled(response, &[file.clone(), statement(&batch["root"])]);
            assert_eq!((state, rung), (State::Verified, SettlementRung::Included), "{}", answer["name"]);
            assert!(notices(&found, BoxKind::Settlement, "the signature in the leaf"));
            let (state, _, found) = settled(response, std::slice::from_ref(file));
            assert_eq!(state, State::Claimed);
            assert!(notices(&found, BoxKind::Settlement, "nobody says"));
            let other = settled(response, &[file.clone(), statement(&batch["proofs"][at]["leaf_hash"])]);
            assert_eq!(other.0, State::Contradicted);
        }
        // The next response's, and last the leaf with a placeholder, of which no response is here.
        let other = settled(response, &[proof(at + 1), statement(&batch["root"])]);
        assert_eq!(other.0, State::Contradicted);
    }
    assert_eq!(responses.len(), 4);
}

#[test]
fn real_permits_and_receipts_are_signed_by_whoever_is_named() {
    let Some(vectors) = vectors() else { return };
    let (permit, account, jws) =
        (&vectors["x402_upto_permit2_authorization"], &vectors["x402_receipt_eip712"], &vectors["x402_receipt_jws"]);
    let stranger = json!("0x000000000022d473030f116ddee9f6b43ac78ba3");
    let said = |payment: Value| saved(&json!({ "by": "me", "payment": payment }), MaterialKind::Statement);
    let signed =
        saved(&json!({ "typed_data": permit["typed_data"], "signature": permit["signature"] }), MaterialKind::Permit);
    let by_account = saved(&account["receipt"], MaterialKind::Receipt);
    let by_key = saved(&jws["receipt"], MaterialKind::Receipt);
    let cases = [
        (signed.clone(), json!({ "payer": permit["signer"] }), State::Verified, PaymentRung::Authorised),
        (signed, json!({ "payer": stranger }), State::Verified, PaymentRung::NotThePayer),
        (by_account.clone(), json!({ "receipt_signer": account["signer"] }), State::Verified, PaymentRung::Receipted),
        (by_account.clone(), json!({ "receipt_signer": stranger }), State::Contradicted, PaymentRung::None),
        (by_account, json!({}), State::Claimed, PaymentRung::None),
        (
            by_key.clone(),
            json!({ "receipt_signer": jws["public_key_ed25519_hex"] }),
            State::Verified,
            PaymentRung::Receipted,
        ),
        (by_key.clone(), json!({ "receipt_signer": "00".repeat(32) }), State::Contradicted, PaymentRung::None),
        // Under the key that it names itself.
        (by_key, json!({}), State::Claimed, PaymentRung::Receipted),
    ];
    for (piece, payment, state, rung) in cases {
        let shown = payment.to_string();
        let found = examined("Hello!", &[piece, said(payment)], None);
        assert_eq!(states(&found), [(BoxKind::Payment, state)], "{shown}");
        assert_eq!(found.boxes.payment.as_ref().unwrap().detail, rung, "{shown}");
    }
}

#[test]
fn a_real_document_is_told_in_base64_and_as_bytes() {
    let (Some(document), Some(file)) = (document(), shared("vectors/nitro-attestation.b64")) else { return };
    let joined: Vec<u8> = file.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(&joined).unwrap();
    assert_eq!(document, recognised(&bytes, MaterialKind::Document));
    assert_eq!(document.bytes(), bytes);
}
