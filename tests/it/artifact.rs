//! Labels in requests, labels that move, and blob ids that are a model's or are not.

use stillgood::Artifact;
use stillgood::artifact::{BlobId, BlobIdError, ModelLabelError, is_moving, label_in, signed_label};
use stillgood::attestation::{EnclaveKey, MOST_RESPONSE, SignedResponse};
use stillgood::settlement::Announcement;

use crate::settlement::{key, named, run, shared_vectors, text, vectors};

#[test]
fn a_request_names_its_model_at_the_top_and_once() {
    let vectors = vectors();
    run(&vectors, "labels", 19, |vector| match label_in(text(vector, "request").as_bytes()) {
        Ok(label) => label,
        Err(error) => named(&error),
    });
    assert_eq!(label_in(b"{\"messages\": \"\xff\", \"model\": \"m\"}"), Err(ModelLabelError::NotJson));
    let long = vec![b' '; MOST_RESPONSE + 1];
    assert_eq!(label_in(&long), Err(ModelLabelError::TooLong));
}

#[test]
fn a_label_is_signed_with_the_request_it_stands_in() {
    let vectors = vectors();
    let signed = SignedResponse::from_json(text(&vectors, "response").as_bytes()).unwrap();
    let response = signed.verify(&key(&vectors, "key")).unwrap();
    let request = text(&vectors, "request");
    assert_eq!(signed_label(&response, request.as_bytes()).as_deref(), Ok(text(&vectors, "label")));
    let other = request.replace(text(&vectors, "label"), "gpt-5");
    assert_eq!(label_in(other.as_bytes()).as_deref(), Ok("gpt-5"));
    assert_eq!(signed_label(&response, other.as_bytes()), Err(ModelLabelError::NotSigned));
    assert_eq!(signed_label(&response, format!("{request} ").as_bytes()), Err(ModelLabelError::NotSigned));
}

#[test]
fn a_blob_id_is_a_models_or_refused_for_its_one_defect() {
    let vectors = vectors();
    let header = [("x-settlement-walrus-blob-id", text(&vectors, "settlement_blob_id"))];
    let said = Announcement::from_headers(header).unwrap();
    run(&vectors, "blob_ids", 10, |vector| {
        let text = text(vector, "text");
        let artifact = Artifact { label: None, blob_id: Some(text.to_owned()) };
        assert_eq!(artifact.is_legal(), text.parse::<BlobId>().is_ok(), "{text}: a head takes what is a blob id");
        match BlobId::of_model(text, &said.blob_id) {
            Ok(id) => {
                assert_eq!((id.as_str(), id.to_string()), (text, text.to_owned()));
                "blob id".to_owned()
            }
            Err(error) => named(&error),
        }
    });
    // Where nobody says that it is a settlement's, its form does not.
    assert!(BlobId::of_model(text(&vectors, "settlement_blob_id"), []).is_ok());
    assert_eq!(BlobId::of_model("", &said.blob_id), Err(BlobIdError::NotABlobId));
}

#[test]
fn a_label_that_says_it_moves_is_no_version() {
    for moving in [
        "chatgpt-4o-latest",
        "claude-3-5-sonnet-latest",
        "anthropic/claude-3-7-sonnet-LATEST",
        "llama3.1:latest",
        "model@latest",
        "gpt-4o-2024-08-06-latest",
        "gemini-flash-lite-latest",
        "o1-preview",
        "gpt-4.5-preview",
        "gpt-4-turbo-preview",
        "gemini-3-pro-image-preview",
        "gemini-2.0-flash-preview-image-generation",
        "model-preview-13-40",
        "model-preview-1999",
        "model-preview-00000000",
    ] {
        assert!(is_moving(moving), "{moving}");
    }
    for still in [
        "gpt-4.1",
        "gpt-4o",
        "gpt-4o-2024-08-06",
        "gpt-4.1-2025-04-14",
        "claude-3-5-sonnet-20241022",
        "o1-preview-2024-09-12",
        "gpt-4-1106-preview",
        "gpt-4-0125-preview",
        "gemini-2.5-flash-preview-05-20",
        "gemini-2.5-flash-preview-09-2025",
        "previewer",
        "latestness-1",
        "gemini-2.0-flash-001",
        "",
    ] {
        assert!(!is_moving(still), "{still}");
    }
}

#[test]
fn the_labels_of_the_program_that_enclaves_run_are_signed() {
    let Some(vectors) = shared_vectors() else { return };
    let key = EnclaveKey::from_pem(text(&vectors["signing_key"], "public_key_pem")).unwrap();
    let mut labels = vec![];
    for vector in vectors["tee_response_current"].as_array().unwrap() {
        let signed = SignedResponse::from_json(vector["response"].to_string().as_bytes()).unwrap();
        let canonical = text(vector, "canonical_request_utf8").as_bytes();
        labels.push(signed_label(&signed.verify(&key).unwrap(), canonical).unwrap());
    }
    assert_eq!(labels, ["gpt-4.1", "claude-haiku-4-5", "gpt-5", "gpt-4.1"]);
}
