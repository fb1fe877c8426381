//! Artifact: the label that was asked for, and the model that it was. Two fields, and neither is shown by the other.

use super::source::Source;
use super::{Notes, found};
use crate::evidence::artifact::{BlobId, BlobIdError, is_moving, label_in};
use crate::evidence::{Artifact, Attached, Found, MaterialKind};

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<Artifact>> {
    let at = source.case.at;
    let label = source.said(|said| said.artifact.as_ref()?.label.clone()).map(|(_, label)| label);
    let blob_id = source.said(|said| said.artifact.as_ref()?.blob_id.clone());
    if let Some((by, _)) = &blob_id {
        notes.add(format!("the blob id is the word of {by}"));
    }
    let blob_id = blob_id.map(|(_, blob_id)| blob_id);
    let mut artifact = Artifact { label, blob_id: None };
    let refused = |artifact: Artifact, state| found(state, at, artifact);
    if !artifact.is_legal() {
        notes.add("the label is not a text of 1 to 256 bytes without control characters");
        return refused(Artifact::default(), Found::Malformed);
    }
    if let Some(text) = blob_id {
        match BlobId::of_model(&text, source.settlement_blobs().iter()) {
            Ok(_) => artifact.blob_id = Some(text),
            Err(error) => {
                notes.add(error.to_string());
                let of_a_settlement = error == BlobIdError::OfASettlement;
                return refused(artifact, if of_a_settlement { Found::Contradicted } else { Found::Malformed });
            }
        }
    }
    let mut state = Found::Claimed;
    if let Some(request) = source.piece(MaterialKind::Request) {
        let signed = source.signed_request();
        if signed.is_none() && source.read_answer().is_some() {
            notes.add("the request is not the one whose hash the response carries");
            return refused(artifact, Found::Contradicted);
        }
        match label_in(signed.unwrap_or(request)) {
            Err(error) => notes.add(error.to_string()),
            Ok(label) if artifact.label.as_ref().is_some_and(|said| *said != label) => {
                notes.add("the request asks for another label than the one that is said");
                artifact.label = Some(label);
                return refused(artifact, Found::Contradicted);
            }
            Ok(label) => {
                artifact.label = Some(label);
                match (signed, &artifact.blob_id) {
                    (Some(_), None) => state = Found::Verified,
                    (Some(_), Some(_)) => notes.add(
                        "the label stands in the request whose hash the response carries; the blob id is only said",
                    ),
                    (None, _) => notes.add("no response says that this request was answered"),
                }
            }
        }
    } else if artifact.label.is_none() {
        // What stands in the response beside what is signed.
        let label = source.json.as_ref().and_then(|answer| answer.get("model")).and_then(|model| model.as_str());
        let named = Artifact { label: label.map(str::to_owned), blob_id: None };
        if named.is_legal() {
            artifact.label = named.label;
        }
    }
    if artifact == Artifact::default() {
        return None;
    }
    if artifact.label.as_ref().is_some_and(|label| is_moving(label)) {
        notes.add("the label moves: it says of itself that another model may stand behind it tomorrow");
    }
    if artifact.blob_id.is_none() {
        notes.add("which model answered is not known, only which was asked for");
    }
    refused(artifact, state)
}
