//! Permits, receipts, headers and costs, as they come, and the texts of addresses and numbers.

use stillgood::payment::{
    Address, CostBlock, Decimal, PaymentClaim, Permit, PermitError, ReceiptKey, SignedBy, SignedReceipt, Uint256,
};

pub(super) fn target(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let mut taken = false;
    if let Ok(permit) = Permit::from_json(bytes) {
        taken = true;
        if let Ok(signer) = permit.signer() {
            match permit.verify(signer) {
                Ok(authorised) => assert_eq!(authorised.payer(), signer),
                Err(error) => assert!(error == PermitError::FromAnother && permit.from() != Some(signer)),
            }
            let other = Address::from_bytes(signer.as_bytes().map(|byte| !byte));
            assert!(permit.verify(other).is_err(), "a permit has one payer");
        }
    }
    if let Ok(receipt) = SignedReceipt::from_json(bytes) {
        taken = true;
        receipt_holds(&receipt);
    }
    if let Ok(claim) = PaymentClaim::from_header(text) {
        taken = true;
        if let Ok(Some(receipt)) = claim.receipt() {
            receipt_holds(&receipt);
        }
    }
    if let Ok(block) = CostBlock::from_json(bytes) {
        taken = true;
        if let Ok(cost) = block.clone().check() {
            let parts = block.prompt_tokens + block.completion_tokens;
            assert_eq!(parts + cost.other_tokens(), block.total_tokens);
            assert_eq!(cost.charged(), block.cost_opg);
        }
    }
    if let Ok(address) = text.parse::<Address>() {
        taken = true;
        assert!(address.to_string().eq_ignore_ascii_case(text), "an address has one text, but for its case");
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    if let Ok(number) = text.parse::<Uint256>() {
        taken = true;
        assert_eq!(number.to_string(), text, "a number has one text");
    }
    if let Some(decimal) = Decimal::parse(text) {
        taken = true;
        assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal), "a decimal has one text");
    }
    taken
}

fn receipt_holds(receipt: &SignedReceipt) {
    for nobody in [ReceiptKey::Ed25519([7; 32]), ReceiptKey::Account(Address::from_bytes([7; 20]))] {
        assert!(receipt.verify_under(nobody).is_err(), "nobody signed it");
    }
    if let Ok(verified) = receipt.verify() {
        let key = match verified.signed_by() {
            SignedBy::Named(key) => key,
            SignedBy::Recovered(account) => ReceiptKey::Account(account),
            SignedBy::Given(_) => panic!("nobody gave a key"),
        };
        let under = receipt.verify_under(key).unwrap();
        assert_eq!((under.signed_by(), under.issued_at()), (SignedBy::Given(key), verified.issued_at()));
    }
}
