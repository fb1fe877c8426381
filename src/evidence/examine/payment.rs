//! Payment: who allowed it, who says that it was made, and whether its sums hold. It raises nothing else.

use super::source::Source;
use super::{Notes, found};
use crate::evidence::payment::{
    Address, Authorised, CostBlock, CostError, PaymentClaim, Permit, PermitError, ReceiptKey, SignedBy, SignedReceipt,
};
use crate::evidence::{Attached, Found, MaterialKind, PaymentRung};

/// What is known so far: the highest rung that was checked, the highest that was said, and what went wrong.
#[derive(Default)]
struct Tally {
    any: bool,
    /// Another account than the named payer signed the permit: then no receipt says more of this payment.
    of_another: bool,
    verified: Option<PaymentRung>,
    claimed: Option<PaymentRung>,
    refuted: bool,
    unread: bool,
}

impl Tally {
    fn verified(&mut self, rung: PaymentRung) {
        self.verified = self.verified.max(Some(rung));
    }

    fn claimed(&mut self, rung: PaymentRung) {
        self.claimed = self.claimed.max(Some(rung));
    }
}

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<PaymentRung>> {
    let at = source.case.at;
    let any = source.said(|said| said.payment.as_ref().map(drop)).is_some();
    let mut tally = Tally { any, ..Tally::default() };
    let payer = source.said(|said| said.payment.as_ref()?.payer).map(|(_, payer)| payer);
    let authorised = permit(source, payer, notes, &mut tally);
    let payer = payer.or(authorised.as_ref().map(Authorised::payer));
    let known = source.said(|said| said.payment.as_ref()?.receipt_signer).map(|(_, signer)| signer);
    // Whoever was to be paid may say that they were, and the payer signed who that is.
    let recipient = authorised.as_ref().map(|authorised| ReceiptKey::Account(authorised.recipient()));
    receipts(source, (known, recipient), payer, notes, &mut tally);
    cost(source, authorised.as_ref(), notes, &mut tally);
    if source.said(|said| said.payment.as_ref()?.queued.then_some(())).is_some() {
        tally.claimed(PaymentRung::Queued);
    }
    if let Some((by, seen)) =
        source.said(|said| said.payment.as_ref()?.settled.clone().filter(|seen| !seen.is_to_come(at)))
    {
        tally.claimed(PaymentRung::Settled);
        notes.add(format!(
            "{by} says that the transfer was seen on {} as of block {}, at {}: a claim",
            seen.network, seen.block, seen.at
        ));
    }
    match tally {
        Tally { any: false, .. } => None,
        Tally { refuted: true, of_another: true, .. } => found(Found::Contradicted, at, PaymentRung::NotThePayer),
        Tally { of_another: true, .. } => found(Found::Verified, at, PaymentRung::NotThePayer),
        Tally { refuted: true, verified, .. } => found(Found::Contradicted, at, verified.unwrap_or_default()),
        Tally { verified: Some(rung), .. } => found(Found::Verified, at, rung),
        Tally { unread: true, .. } => found(Found::Malformed, at, PaymentRung::None),
        Tally { claimed, .. } => found(Found::Claimed, at, claimed.unwrap_or_default()),
    }
}

/// The permit, attached or in a header of the request; what the payer allowed.
fn permit(source: &Source<'_>, payer: Option<Address>, notes: &mut Notes, tally: &mut Tally) -> Option<Authorised> {
    let header = || source.header("payment-signature").or_else(|| source.header("x-payment"));
    let attached = source.piece(MaterialKind::Permit).map(Permit::from_json);
    let permit = match attached.or_else(|| header().map(Permit::from_header))? {
        Err(error) => {
            (tally.any, tally.unread) = (true, true);
            notes.add(error.to_string());
            return None;
        }
        Ok(permit) => permit,
    };
    tally.any = true;
    let Some(signer) = permit.from().or(payer) else {
        notes.add("nobody says who the payer is, so that the permit's signature says nothing");
        tally.claimed(PaymentRung::None);
        return None;
    };
    match permit.verify(signer) {
        Err(PermitError::NotThePayer) if permit.from().is_none() => {
            notes.add("another account than the named payer signed the permit");
            tally.of_another = true;
            None
        }
        Err(error) => {
            notes.add(error.to_string());
            tally.refuted = true;
            None
        }
        Ok(authorised) => {
            if payer.is_some_and(|payer| payer != authorised.payer()) {
                notes.add("another account than the named payer signed the permit");
                tally.of_another = true;
                return None;
            }
            notes.add(format!(
                "{} allowed at most {} of the token's smallest unit",
                authorised.payer(),
                authorised.at_most()
            ));
            tally.verified(PaymentRung::Authorised);
            Some(authorised)
        }
    }
}

/// The receipt that is attached, and what a header says; that may bring a receipt of its own.
fn receipts(
    source: &Source<'_>,
    (known, recipient): (Option<ReceiptKey>, Option<ReceiptKey>),
    payer: Option<Address>,
    notes: &mut Notes,
    tally: &mut Tally,
) {
    let header = source.header("payment-response").or_else(|| source.header("x-payment-response"));
    let claim = header.map(PaymentClaim::from_header);
    let mut found = source.piece(MaterialKind::Receipt).map(SignedReceipt::from_json);
    match claim {
        None => {}
        Some(Err(error)) => {
            (tally.any, tally.unread) = (true, true);
            notes.add(error.to_string());
        }
        Some(Ok(claim)) => {
            tally.any = true;
            tally.claimed(claim.claimed_rung());
            notes.add("what the header PAYMENT-RESPONSE says is unsigned");
            found = found.or_else(|| claim.receipt().transpose());
        }
    }
    let receipt = match found {
        None => return,
        Some(Err(error)) => {
            (tally.any, tally.unread) = (true, true);
            notes.add(error.to_string());
            return;
        }
        Some(Ok(receipt)) => receipt,
    };
    tally.any = true;
    let by_recipient = recipient.and_then(|key| receipt.verify_under(key).ok());
    let verified = match (known, by_recipient) {
        (Some(key), _) => receipt.verify_under(key),
        (None, Some(receipt)) => Ok(receipt),
        (None, None) => receipt.verify(),
    };
    let receipt = match verified {
        Err(error) => {
            notes.add(error.to_string());
            tally.refuted = true;
            return;
        }
        Ok(receipt) => receipt,
    };
    match receipt.signed_by() {
        SignedBy::Given(_) => tally.verified(receipt.rung()),
        SignedBy::Named(_) => {
            notes.add("the receipt's signature holds under the key that it names itself, which anybody can make");
            tally.claimed(receipt.rung());
        }
        SignedBy::Recovered(signer) => {
            notes.add(format!(
                "the receipt's signature leads to {signer}; nobody says whether that is the right account"
            ));
            tally.claimed(receipt.rung());
        }
    }
    if payer.is_some_and(|payer| !receipt.is_of(payer)) {
        notes.add("the receipt is another payer's");
        tally.refuted = true;
    }
}

/// The sums in the response, and whether they stay within what was allowed.
fn cost(source: &Source<'_>, authorised: Option<&Authorised>, notes: &mut Notes, tally: &mut Tally) {
    let Some(response) = source.piece(MaterialKind::Response) else { return };
    let has_cost = source.json.as_ref().is_some_and(|answer| answer.get("opengradient").is_some());
    if !has_cost {
        return;
    }
    tally.any = true;
    match CostBlock::from_json(response).map(CostBlock::check) {
        Ok(Ok(cost)) => {
            if authorised.is_some_and(|authorised| cost.charged() > authorised.at_most()) {
                notes.add("more is charged than the payer allowed");
                tally.refuted = true;
            }
        }
        Ok(Err(error)) => {
            notes.add(error.to_string());
            tally.refuted = true;
        }
        Err(error @ CostError::Member(_)) => notes.add(error.to_string()),
        Err(error) => {
            notes.add(error.to_string());
            tally.unread = true;
        }
    }
}
