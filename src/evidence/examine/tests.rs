//! Whole examinations: which pieces fill which box, and that none fills another's.

use serde_json::Value;

use super::*;
use crate::evidence::attestation::tests::{Root, bytes, vectors};
use crate::evidence::attestation::{CodeList, ListedCode};
use crate::evidence::{Code, How, Material, MaterialKind, Mode, State};
use crate::time::Span;

const AT: &str = "2026-03-01T00:00:00Z";

fn at() -> Timestamp {
    AT.parse().unwrap()
}

/// Evidence of these pieces, attached to the first body.
fn evidence(pieces: &[(MaterialKind, &[u8])]) -> Evidence {
    let mut all = Evidence::default();
    for (kind, bytes) in pieces {
        all.attach(Material::new(*kind, bytes.to_vec()).unwrap(), at(), 1).unwrap();
    }
    all
}

fn examined(vectors: &Value, text: &str, evidence: &Evidence, codes: Option<&CodeList>) -> Examination {
    let root = Root::of(vectors, "root");
    Case { text, evidence, body_generation: 1, codes, at: at() }
        .examine_under(&|document| document.verify_under(&root.anchor(), document.claimed_at()))
}

fn named<'v>(vectors: &'v Value, list: &str, name: &str) -> &'v Value {
    vectors[list].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap()
}

fn states(examination: &Examination) -> Vec<(BoxKind, State)> {
    let all = BoxKind::ALL.into_iter().map(|kind| (kind, examination.boxes.state_at(kind, at())));
    all.filter(|(_, state)| *state != State::Absent).collect()
}

#[test]
fn a_whole_attestation_is_verified_and_each_missing_part_leaves_a_claim() {
    let vectors = vectors();
    let (output, key) = (vectors["output"].as_str().unwrap(), bytes(&vectors["key"]));
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let document = bytes(&named(&vectors, "bindings", "good")["document"]);
    let pieces = [(MaterialKind::Response, response), (MaterialKind::Key, &key), (MaterialKind::Document, &document)];
    let whole = examined(&vectors, output, &evidence(&pieces), None);
    let expected = [BoxKind::Binding, BoxKind::Attestation, BoxKind::Mode].map(|kind| (kind, State::Verified));
    assert_eq!(states(&whole), expected);
    assert_eq!(whole.boxes.binding.as_ref().unwrap().detail, How::Verbatim);
    assert_eq!(whole.boxes.attestation.as_ref().unwrap().detail, Code::Unknown);
    assert_eq!(whole.boxes.mode.as_ref().unwrap().detail, Mode::Tee);
    // As of the document's own time, when it was genuine.
    let made = Timestamp::from_millis(vectors["made"].as_i64().unwrap()).unwrap();
    assert_eq!(whole.boxes.attestation.as_ref().unwrap().finding.as_of, Some(made));
    for left_out in 0..pieces.len() {
        let rest: Vec<_> =
            pieces.iter().enumerate().filter(|(place, _)| *place != left_out).map(|(_, piece)| *piece).collect();
        let found = examined(&vectors, output, &evidence(&rest), None);
        let attestation = found.boxes.state_at(BoxKind::Attestation, at());
        assert_eq!(attestation, State::Claimed, "without {}", pieces[left_out].0.name());
        assert_ne!(found.boxes.state_at(BoxKind::Mode, at()), State::Verified);
        // Whether the row's text is the answer's does not hang on who signed it.
        let bound = if left_out == 0 { State::Absent } else { State::Verified };
        assert_eq!(found.boxes.state_at(BoxKind::Binding, at()), bound);
    }
}

#[test]
fn code_is_held_against_the_list_and_against_no_list_not_at_all() {
    let vectors = vectors();
    let (output, key) = (vectors["output"].as_str().unwrap(), bytes(&vectors["key"]));
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let document = bytes(&named(&vectors, "bindings", "good")["document"]);
    let all =
        evidence(&[(MaterialKind::Response, response), (MaterialKind::Key, &key), (MaterialKind::Document, &document)]);
    let pcr =
        |place: usize| data_encoding::HEXLOWER.decode(vectors["pcrs"][place].as_str().unwrap().as_bytes()).unwrap();
    let pcrs = [0, 1, 2].map(|place| <[u8; 48]>::try_from(pcr(place)).unwrap());
    let [pcr0, pcr1, pcr2] = pcrs;
    let pcrs = crate::evidence::attestation::Pcrs { pcr0, pcr1, pcr2 };
    let made = Timestamp::from_millis(vectors["made"].as_i64().unwrap()).unwrap();
    let listed = |pcrs, from, until| CodeList(vec![ListedCode { pcrs, from, until }]);
    let day = Span::days(1).unwrap();
    let cases = [
        (listed(pcrs, made, None), Code::Listed),
        (listed(pcrs, made.plus(day), None), Code::Unlisted),
        (listed(pcrs, at(), Some(made)), Code::Unlisted),
        // The kernel is the same in every build.
        (listed(crate::evidence::attestation::Pcrs { pcr0: [1; 48], ..pcrs }, made, None), Code::Unlisted),
        (CodeList(vec![]), Code::Unlisted),
    ];
    for (list, expected) in cases {
        let found = examined(&vectors, output, &all, Some(&list));
        let attestation = found.boxes.attestation.as_ref().unwrap();
        assert_eq!((attestation.finding.state, attestation.detail), (Found::Verified, expected), "{list:?}");
    }
}

#[test]
fn every_response_with_a_defect_is_refuted_or_unread_and_no_other_is() {
    let vectors = vectors();
    let (output, key) = (vectors["output"].as_str().unwrap(), bytes(&vectors["key"]));
    let document = bytes(&named(&vectors, "bindings", "good")["document"]);
    let mut seen = 0;
    for vector in vectors["responses"].as_array().unwrap() {
        let response = vector["response"].as_str().unwrap().as_bytes();
        let all = evidence(&[
            (MaterialKind::Response, response),
            (MaterialKind::Key, &key),
            (MaterialKind::Document, &document),
        ]);
        let found = examined(&vectors, output, &all, None).boxes.state_at(BoxKind::Attestation, at());
        let expected = match vector["expected"].as_str().unwrap() {
            signed if signed.starts_with("signed") => State::Verified,
            "OtherKey" | "LegacySalt" | "NotSigned" => State::Contradicted,
            _ => State::Malformed,
        };
        assert_eq!(found, expected, "{} {}", vector["name"], vector["expected"]);
        seen += 1;
    }
    assert_eq!(seen, 48);
}

#[test]
fn a_row_whose_text_changed_lost_its_evidence() {
    let vectors = vectors();
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let all = evidence(&[(MaterialKind::Response, response)]);
    let output = vectors["output"].as_str().unwrap();
    let found = Case { text: output, evidence: &all, body_generation: 2, codes: None, at: at() }.examine();
    assert_eq!(states(&found), [(BoxKind::Binding, State::Contradicted)]);
    let none = Case { text: output, evidence: &Evidence::default(), body_generation: 1, codes: None, at: at() };
    assert_eq!(states(&none.examine()), []);
}

#[test]
fn what_was_attached_to_an_earlier_text_is_not_looked_at() {
    let vectors = vectors();
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let mut both = evidence(&[(MaterialKind::Response, response)]);
    let output = vectors["output"].as_str().unwrap();
    both.attach(Material::new(MaterialKind::Output, output.as_bytes().to_vec()).unwrap(), at(), 2).unwrap();
    let of = |body_generation| Case { text: output, evidence: &both, body_generation, codes: None, at: at() }.examine();
    let later = of(2);
    assert_eq!(states(&later), [(BoxKind::Binding, State::Claimed)]);
    assert!(later.noticed.iter().any(|(kind, said)| *kind == BoxKind::Binding && said.contains("no response")));
    assert_eq!(of(1).boxes.state_at(BoxKind::Binding, at()), State::Verified);
}

#[test]
fn how_the_text_stands_in_the_output_is_found_by_its_bytes() {
    let vectors = vectors();
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let output = vectors["output"].as_str().unwrap();
    let bound = |text: &str, more: &[(MaterialKind, &[u8])]| {
        let mut pieces = vec![(MaterialKind::Response, response)];
        pieces.extend(more);
        let found = examined(&vectors, text, &evidence(&pieces), None).boxes.binding.as_ref().unwrap().clone();
        (found.finding.state, found.detail)
    };
    assert_eq!(bound(output, &[]), (Found::Verified, How::Verbatim));
    assert_eq!(bound("rose by 3 %", &[]), (Found::Verified, How::Substring));
    assert_eq!(bound("Prices are up.", &[]), (Found::Claimed, How::Derived));
    assert_eq!(bound(output, &[(MaterialKind::Output, output.as_bytes())]), (Found::Verified, How::Verbatim));
    let flipped = output.replace('3', "2");
    assert_eq!(bound(&flipped, &[(MaterialKind::Output, flipped.as_bytes())]), (Found::Contradicted, How::Unknown));
    assert_eq!(bound(output, &[(MaterialKind::Output, b"\xff")]), (Found::Claimed, How::Unknown));
}

#[test]
fn a_mode_is_shown_by_an_enclave_alone_and_no_language_model_is_proved() {
    let vectors = vectors();
    let (output, key) = (vectors["output"].as_str().unwrap(), bytes(&vectors["key"]));
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let document = bytes(&named(&vectors, "bindings", "good")["document"]);
    let mode = |pieces: &[(MaterialKind, &[u8])], said: &str| {
        let said = format!(r#"{{"by": "my pipeline", "mode": "{said}"}}"#);
        let mut all = pieces.to_vec();
        all.push((MaterialKind::Statement, said.as_bytes()));
        let found = examined(&vectors, output, &evidence(&all), None).boxes.mode.as_ref().unwrap().clone();
        (found.finding.state, found.detail)
    };
    let whole = [(MaterialKind::Response, response), (MaterialKind::Key, &key), (MaterialKind::Document, &document)];
    assert_eq!(mode(&whole, "tee"), (Found::Verified, Mode::Tee));
    assert_eq!(mode(&whole, "vanilla"), (Found::Contradicted, Mode::Vanilla));
    assert_eq!(mode(&whole, "zkml"), (Found::Contradicted, Mode::Zkml));
    assert_eq!(mode(&whole[..1], "zkml"), (Found::Contradicted, Mode::Zkml));
    assert_eq!(mode(&whole[..1], "vanilla"), (Found::Claimed, Mode::Vanilla));
    assert_eq!(mode(&whole[..1], "tee"), (Found::Claimed, Mode::Tee));
    // Without an answer nobody knows what kind of model it was.
    assert_eq!(mode(&[], "zkml"), (Found::Claimed, Mode::Zkml));
}

#[test]
fn fetched_data_is_attested_by_an_enclave_and_fresh_by_its_own_clock() {
    let vectors = vectors();
    let key = bytes(&vectors["key"]);
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let document = bytes(&named(&vectors, "bindings", "good")["document"]);
    let whole = [(MaterialKind::Response, response), (MaterialKind::Key, &key), (MaterialKind::Document, &document)];
    let data = |pieces: &[(MaterialKind, &[u8])], said: &str| {
        let said = format!(r#"{{"by": "my pipeline", "data": {said}}}"#);
        let mut all = pieces.to_vec();
        all.push((MaterialKind::Statement, said.as_bytes()));
        examined(&vectors, "rose by 3 %", &evidence(&all), None)
    };
    let said =
        r#"{"source": "https://example.org/prices", "fetched_at": "2026-02-12T18:00:00Z", "fresh_for": "18 days"}"#;
    let found = data(&whole, said);
    let held = found.boxes.data.as_ref().unwrap();
    assert_eq!(held.finding.state, Found::Verified);
    assert_eq!(held.finding.as_of, Some("2026-02-12T18:00:00Z".parse().unwrap()));
    assert_eq!(held.detail, Some("2026-03-02T18:00:00Z".parse().unwrap()));
    assert_eq!(found.boxes.state_at(BoxKind::Data, at().plus(Span::hours(42).unwrap())), State::Lapsed);
    assert_eq!(data(&whole[..1], said).boxes.data.as_ref().unwrap().finding.state, Found::Claimed);
    let swapped = said.replace('}', r#", "content": "Prices fell."}"#);
    assert_eq!(data(&whole, &swapped).boxes.data.as_ref().unwrap().finding.state, Found::Contradicted);
    let to_come = said.replace("2026-02-12", "2026-03-02");
    assert_eq!(data(&whole, &to_come).boxes.data.as_ref().unwrap().finding.state, Found::Contradicted);
    // Citations are not signed, whatever they say.
    for cited in ["https://example.org/prices", "https://example.com/other"] {
        let found = data(&whole, &said.replace('}', &format!(r#", "citations": ["{cited}"]}}"#)));
        assert_eq!(found.boxes.data.as_ref().unwrap().finding.state, Found::Verified);
        assert!(found.noticed.iter().any(|(kind, said)| *kind == BoxKind::Data && said.contains("unsigned")));
    }
}

#[test]
fn what_does_not_hold_is_not_covered_up_by_what_cannot_be_read() {
    let vectors = vectors();
    let (output, key) = (vectors["output"].as_str().unwrap(), bytes(&vectors["key"]));
    let forged = named(&vectors, "responses", "time_off_by_one")["response"].as_str().unwrap().as_bytes();
    let state = |more: &[(MaterialKind, &[u8])]| {
        let mut all = vec![(MaterialKind::Response, forged), (MaterialKind::Key, key.as_slice())];
        all.extend(more);
        examined(&vectors, output, &evidence(&all), None).boxes.state_at(BoxKind::Attestation, at())
    };
    assert_eq!(state(&[]), State::Contradicted);
    assert_eq!(state(&[(MaterialKind::Document, b"\x84\x40\x78")]), State::Contradicted);
    assert_eq!(state(&[(MaterialKind::Heartbeat, b"{}")]), State::Contradicted);
}

#[test]
fn statements_and_headers_add_up() {
    let vectors = vectors();
    let output = vectors["output"].as_str().unwrap();
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    let data = br#"{"by": "one", "data": {"fetched_at": "2026-02-12T18:01:00Z", "fresh_for": "6 hours"}}"#;
    let route = br#"{"by": "another", "route": {"path": "private"}, "settlement": {"mode": "individual"}}"#;
    let root = br#"{"by": "a third", "settlement": {"root": "0x0101010101010101010101010101010101010101010101010101010101010101"}}"#;
    let pieces: [(MaterialKind, &[u8]); 7] = [
        (MaterialKind::Response, response),
        (MaterialKind::Statement, data),
        (MaterialKind::Statement, route),
        (MaterialKind::Statement, root),
        (MaterialKind::Statement, br#"{"by": "me", "dta": {}}"#),
        (MaterialKind::Headers, b"x-settlement-type: individual"),
        (MaterialKind::Headers, b"payment-response: e30="),
    ];
    let found = examined(&vectors, output, &evidence(&pieces), None);
    assert_eq!(found.boxes.state_at(BoxKind::Data, at()), State::Lapsed);
    assert_eq!(found.boxes.state_at(BoxKind::Route, at()), State::Claimed);
    assert_eq!(found.boxes.state_at(BoxKind::Payment, at()), State::Malformed);
    // An hour after the answer: the one that says only a root does not take the mode away.
    let due = found.boxes.settlement.as_ref().unwrap().detail.1.unwrap();
    assert_eq!(
        due.since(Timestamp::from_millis(vectors["seconds"].as_i64().unwrap() * 1000).unwrap()),
        Span::hours(1).unwrap()
    );
    assert!(found.noticed.iter().any(|(_, said)| said.starts_with("a statement is not looked at")));
}

#[test]
fn a_line_end_behind_the_output_is_forgiven() {
    let vectors = vectors();
    let output = vectors["output"].as_str().unwrap();
    let response = named(&vectors, "responses", "good")["response"].as_str().unwrap().as_bytes();
    for (end, expected) in [("\n", State::Verified), ("\r\n", State::Verified), (" .", State::Contradicted)] {
        let text = format!("{output}{end}");
        let pieces = [(MaterialKind::Response, response), (MaterialKind::Output, text.as_bytes())];
        let found = examined(&vectors, output, &evidence(&pieces), None);
        assert_eq!(found.boxes.state_at(BoxKind::Binding, at()), expected, "{end:?}");
    }
}
