//! Pieces of evidence as they come, told by their content and examined together.
//!
//! What may be verified of bytes that a fuzzer makes up: that a text stands in an output, or a label in a request, whose hash a
//! response carries; that a leaf stands under a root that a statement gives; that an account or a key signed a permit or a
//! receipt. Nothing else: that an enclave signed takes a document of AWS's, and nobody but AWS makes one.

use std::cell::Cell;

use stillgood::attestation::{CodeList, Listing, SignedLegacyResponse, SignedResponse};
use stillgood::examine::{Case, Examination};
use stillgood::payment::{Permit, ReceiptKey, SignedReceipt};
use stillgood::settlement::Proof;
use stillgood::statement::Statement;
use stillgood::{BoxKind, Evidence, Found, Material, MaterialKind, PaymentRung, Timestamp};

/// Stands between two pieces.
const BETWEEN: &[u8] = b"\n%%\n";
/// The row's text, which the seeds' output has.
const TEXT: &str = "rose by 3 %";

pub(super) fn target(bytes: &[u8]) -> bool {
    let at: Timestamp = "2026-02-12T18:05:00Z".parse().unwrap();
    let codes = CodeList::from_json(bytes).ok();
    if let Some(CodeList(all)) = &codes {
        for listed in all {
            let list = CodeList(vec![listed.clone()]);
            assert_eq!(list.look_up(&listed.pcrs, listed.from), Listing::Listed, "its first moment");
            assert!(
                listed.until.is_none_or(|until| list.look_up(&listed.pcrs, until) == Listing::OutOfDate),
                "its end"
            );
        }
    }
    let said = Statement::from_json(bytes).ok();
    assert!(said.is_none() || Material::recognise(bytes).is_ok(), "what says `by` is a piece of evidence");

    let taken = Cell::new(codes.is_some());
    let mut evidence = Evidence::default();
    for piece in pieces(bytes) {
        let known = Material::recognise(piece);
        taken.set(taken.get() || known.is_ok());
        let Ok(material) = known.or_else(|_| Material::new(MaterialKind::Output, piece.to_vec())) else { continue };
        evidence.attach(material, at, 1).unwrap();
    }
    let case = Case { text: TEXT, evidence: &evidence, body_generation: 1, codes: codes.as_ref(), at };
    let found = case.examine();
    assert_eq!(found, case.examine(), "nothing but the case decides");
    only_what_may_be_is_verified(&found, &evidence);

    // The same bytes under every kind, whether they look like it or not.
    for kind in MaterialKind::ALL {
        let mut alone = Evidence::default();
        let Ok(material) = Material::new(*kind, bytes.to_vec()) else { continue };
        alone.attach(material, at, 1).unwrap();
        let found = Case { evidence: &alone, ..case }.examine();
        only_what_may_be_is_verified(&found, &alone);
    }
    taken.get()
}

/// Up to three pieces.
fn pieces(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = vec![];
    while let Some(at) = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN).filter(|_| pieces.len() < 2)
    {
        let (piece, rest) = bytes.split_at(at);
        pieces.push(piece);
        bytes = rest.strip_prefix(BETWEEN).unwrap();
    }
    pieces.push(bytes);
    pieces
}

fn only_what_may_be_is_verified(found: &Examination, evidence: &Evidence) {
    let last =
        |kind| evidence.iter().filter(|kept| kept.material.kind() == kind).last().map(|kept| kept.material.bytes());
    let response = last(MaterialKind::Response).and_then(|text| SignedResponse::from_json(text).ok());
    let older = last(MaterialKind::LegacyResponse).and_then(|text| SignedLegacyResponse::from_json(text).ok());
    for kind in BoxKind::ALL {
        if found.boxes.finding(kind).is_none_or(|finding| finding.state != Found::Verified) {
            continue;
        }
        match kind {
            BoxKind::Attestation | BoxKind::Mode | BoxKind::Data => panic!("no enclave signed this: {found:?}"),
            BoxKind::Route => panic!("nobody can verify a route: {found:?}"),
            BoxKind::Binding => assert!(response.is_some() || older.is_some(), "{found:?}"),
            BoxKind::Artifact => {
                let request = last(MaterialKind::Request).unwrap();
                let names = |bytes: &[u8]| match (&response, &older) {
                    (Some(response), _) => response.names_request(bytes),
                    (None, older) => older.as_ref().is_some_and(|older| older.names_request(bytes)),
                };
                assert!(names(request) || names(request.trim_ascii_end()), "{found:?}");
            }
            BoxKind::Settlement => {
                let roots = said(evidence).filter_map(|said| said.settlement?.root);
                let response = response.as_ref().unwrap();
                let proof = Proof::of(response, last(MaterialKind::Proof).unwrap()).unwrap();
                assert!(roots.into_iter().any(|root| proof.verify(response, &root).is_ok()), "{found:?}");
            }
            BoxKind::Payment => payment_is_signed(found, evidence, &last),
        }
    }
}

/// The bytes of the last piece of a kind.
type Last<'e> = dyn Fn(MaterialKind) -> Option<&'e [u8]> + 'e;

/// What the statements among the pieces say, each for itself.
fn said(evidence: &Evidence) -> impl Iterator<Item = Statement> {
    let all = evidence.iter().filter(|kept| kept.material.kind() == MaterialKind::Statement);
    all.filter_map(|kept| Statement::from_json(kept.material.bytes()).ok())
}

fn payment_is_signed(found: &Examination, evidence: &Evidence, last: &Last<'_>) {
    // A permit or a receipt may stand in a header; what headers bring is fuzzed as `payment`.
    if last(MaterialKind::Headers).is_some() {
        return;
    }
    // Of several statements the last one that says it counts; which one that is, is not asked again here.
    let payers: Vec<_> = said(evidence).filter_map(|said| said.payment?.payer).collect();
    let signers: Vec<_> = said(evidence).filter_map(|said| said.payment?.receipt_signer).collect();
    let permit = last(MaterialKind::Permit).and_then(|text| Permit::from_json(text).ok());
    let signer = permit.as_ref().and_then(|permit| permit.signer().ok());
    let holds = match found.boxes.payment.as_ref().unwrap().detail {
        PaymentRung::NotThePayer => signer.is_some() && payers.iter().any(|payer| Some(*payer) != signer),
        PaymentRung::Authorised => {
            signer.is_some_and(|signer| permit.unwrap().from() == Some(signer) || payers.contains(&signer))
        }
        PaymentRung::Receipted => {
            let receipt = SignedReceipt::from_json(last(MaterialKind::Receipt).unwrap()).unwrap();
            let recipient = signer.and_then(|signer| permit.as_ref()?.verify(signer).ok());
            let recipient = recipient.map(|authorised| ReceiptKey::Account(authorised.recipient()));
            let mut verified = signers.into_iter().chain(recipient).map(|key| receipt.verify_under(key));
            verified.any(|receipt| receipt.is_ok())
        }
        PaymentRung::None | PaymentRung::Queued | PaymentRung::Settled => false,
    };
    assert!(holds, "{found:?}");
}
