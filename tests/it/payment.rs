//! A permit and receipts of both formats, made by the programs that servers and payers run.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use stillgood::PaymentRung;
use stillgood::payment::{
    Address, JwsError, PERMIT2, Permit, PermitError, ReceiptError, ReceiptKey, SignedBy, SignedReceipt, UPTO_PROXY,
};

use crate::support::{shared, time};

fn vector(name: &str) -> Option<Value> {
    let vectors: Value = serde_json::from_slice(&shared("vectors/opengradient.json")?).unwrap();
    Some(vectors[name].clone())
}

fn address(value: &Value) -> Address {
    value.as_str().unwrap().parse().unwrap()
}

fn permit(json: &Value) -> Permit {
    Permit::from_json(json.to_string().as_bytes()).unwrap()
}

fn receipt(json: &Value) -> Result<SignedReceipt, ReceiptError> {
    SignedReceipt::from_json(json.to_string().as_bytes())
}

#[test]
fn a_permit_of_a_payer_says_what_it_allows() {
    let Some(vector) = vector("x402_upto_permit2_authorization") else { return };
    let (payer, message) = (address(&vector["signer"]), &vector["typed_data"]["message"]);
    let authorised = permit(&vector).verify(payer).unwrap();
    assert_eq!((authorised.rung(), authorised.payer()), (PaymentRung::Authorised, payer));
    assert_eq!((authorised.chain_id(), authorised.spender()), (8453, UPTO_PROXY));
    assert_eq!(address(&vector["typed_data"]["domain"]["verifyingContract"]), PERMIT2);
    assert_eq!(authorised.token(), address(&message["permitted"]["token"]));
    assert_eq!(authorised.recipient(), address(&message["witness"]["to"]));
    assert_eq!(authorised.facilitator(), address(&message["witness"]["facilitator"]));
    assert_eq!(authorised.at_most().to_string(), message["permitted"]["amount"].to_string());
    assert_eq!(authorised.deadline().to_string(), message["deadline"].to_string());
    assert!(authorised.is_open_at(time("2026-02-12T18:00:00Z")));
    assert!(!authorised.is_open_at(time("2026-03-01T12:00:00Z")));
    assert_eq!(permit(&vector).verify(PERMIT2), Err(PermitError::NotThePayer));
}

#[test]
fn the_same_permit_as_it_is_sent_is_the_same() {
    let Some(vector) = vector("x402_upto_permit2_authorization") else { return };
    let payer = address(&vector["signer"]);
    let mut authorization = vector["typed_data"]["message"].clone();
    authorization["from"] = vector["signer"].clone();
    let sent = json!({
        "x402Version": 2,
        "accepted": { "scheme": "upto", "network": "eip155:8453" },
        "payload": { "signature": vector["signature"], "permit2Authorization": authorization },
    });
    assert_eq!(permit(&sent).verify(payer), permit(&vector).verify(payer));
    assert_eq!(permit(&sent).verify(PERMIT2), Err(PermitError::FromAnother));
    let mut elsewhere = sent.clone();
    elsewhere["accepted"]["network"] = "eip155:84532".into();
    assert_eq!(permit(&elsewhere).verify(payer), Err(PermitError::NotThePayer));
}

#[test]
fn a_permit_with_anything_changed_is_another_accounts() {
    let Some(vector) = vector("x402_upto_permit2_authorization") else { return };
    let payer = address(&vector["signer"]);
    for (place, value) in [
        ("/domain/chainId", json!(1)),
        ("/message/permitted/token", json!(PERMIT2.to_string())),
        ("/message/permitted/amount", json!(100_000_000_000_000_001_u64)),
        ("/message/spender", json!(PERMIT2.to_string())),
        ("/message/nonce", json!(2)),
        ("/message/deadline", json!(1_770_919_971)),
        ("/message/witness/to", json!(PERMIT2.to_string())),
        ("/message/witness/facilitator", json!(PERMIT2.to_string())),
        ("/message/witness/validAfter", json!(1)),
    ] {
        let mut changed = vector.clone();
        *changed["typed_data"].pointer_mut(place).unwrap() = value;
        assert_eq!(permit(&changed).verify(payer), Err(PermitError::NotThePayer), "{place}");
    }
}

#[test]
fn a_receipt_of_an_account_holds_under_that_account_alone() {
    let Some(vector) = vector("x402_receipt_eip712") else { return };
    let signer = address(&vector["signer"]);
    let signed = receipt(&vector["receipt"]).unwrap();
    let held = signed.verify_under(ReceiptKey::Account(signer)).unwrap();
    assert_eq!((held.rung(), held.issued_at()), (PaymentRung::Receipted, time("2026-02-12T17:56:10Z")));
    assert!(held.is_of(address(&vector["receipt"]["payload"]["payer"])) && held.chain_id() == Some(8453));
    assert_eq!(signed.verify_under(ReceiptKey::Account(PERMIT2)), Err(ReceiptError::NotTheSigner));

    // Without a key of the caller's nothing is known: changed bytes lead to some account just so.
    let recovered = signed.verify().unwrap();
    assert_eq!((recovered.rung(), recovered.signed_by()), (PaymentRung::None, SignedBy::Recovered(signer)));
    let mut changed = vector["receipt"].clone();
    changed["payload"]["payer"] = PERMIT2.to_string().into();
    let changed = receipt(&changed).unwrap();
    assert!(matches!(changed.verify().unwrap().signed_by(), SignedBy::Recovered(other) if other != signer));
    assert_eq!(changed.verify_under(ReceiptKey::Account(signer)), Err(ReceiptError::NotTheSigner));
}

#[test]
fn a_receipt_as_a_jws_holds_under_its_key_alone() {
    let Some(vector) = vector("x402_receipt_jws") else { return };
    let public = HEXLOWER.decode(vector["public_key_ed25519_hex"].as_str().unwrap().as_bytes()).unwrap();
    let key = ReceiptKey::Ed25519(public.try_into().unwrap());
    let signed = receipt(&vector["receipt"]).unwrap();
    assert_eq!(signed.verify().unwrap().signed_by(), SignedBy::Named(key));
    let held = signed.verify_under(key).unwrap();
    assert_eq!((held.rung(), held.signed_by()), (PaymentRung::Receipted, SignedBy::Given(key)));
    assert_eq!((held.resource_url(), held.transaction()), ("https://api.example.com/resource", None));
    assert_eq!(held.issued_at(), time("2026-02-12T17:56:10Z"));
    assert_eq!(signed.verify_under(ReceiptKey::Ed25519([1; 32])), Err(ReceiptError::Jws(JwsError::OtherKey)));
    assert_eq!(signed.verify_under(ReceiptKey::Account(PERMIT2)), Err(ReceiptError::OtherKind));
}
