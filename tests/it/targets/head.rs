//! Heads: a plaintext of any kind, sealed under the right key; and what the shipped set says of whatever opens.

use std::collections::HashMap;
use std::sync::LazyLock;

use minicbor::Decoder;
use stillgood::{
    Candidate, Gate, Head, PolicySet, Request, Retrieval, RowId, SealedHead, SealedRow, Signer, Timestamp, Verdict,
    View,
};

use super::lab::{DEVICE, HEAD, KEYS, now, place, plaintext, seal};

static GATE: LazyLock<Gate> =
    LazyLock::new(|| Gate::new(PolicySet::builtin(), Signer::from_pem(&DEVICE.to_pem(), &DEVICE.verifier()).unwrap()));

pub(super) fn target(bytes: &[u8]) -> bool {
    let (name, generation) = named(bytes).unwrap_or(("row", 1));
    let Ok(row) = name.parse::<RowId>() else { return false };
    let sealed = seal(HEAD, name, generation, bytes);
    let mut broken = sealed.clone();
    broken[place(bytes, sealed.len())] ^= 1;
    assert!(SealedHead::from_bytes(broken).open(&KEYS, &row).is_err(), "one bit is another one");
    let sealed = SealedHead::from_bytes(sealed);
    let Ok(head) = sealed.open(&KEYS, &row) else { return false };
    assert_eq!(plaintext(SealedHead::seal(&KEYS, &head).as_bytes()), bytes, "a head has one encoding");
    judged(&head, sealed);
    true
}

/// Row id and generation, as a head's first two items have them.
fn named(bytes: &[u8]) -> Option<(&str, u64)> {
    let mut from = Decoder::new(bytes);
    from.array().ok()?;
    Some((from.str().ok()?, from.u64().ok()?))
}

fn judged(head: &Head, sealed: SealedHead) {
    let digest = sealed.digest();
    let rows = HashMap::from([(head.row.clone(), SealedRow { head: sealed, body: None })]);
    let retrieval = decided(head, now(), &rows);
    let ruling = &retrieval.rulings[0];
    let signed = &retrieval.decision.verify(&DEVICE.verifier()).unwrap().rulings[0];
    assert_eq!((&signed.row, signed.verdict, &signed.reasons), (&head.row, ruling.verdict, &ruling.reasons));
    assert_eq!(signed.judged.as_ref().map(|judged| judged.head), Some(digest));
    assert!(retrieval.faults.is_empty(), "the shipped set fails on no row: {:?}", retrieval.faults);
    if ruling.verdict == Verdict::Live {
        assert!(!head.denied && head.last_earned() <= now());
    }
    let Some(until) = ruling.until else { return };
    assert!(until >= now());
    if until == now() {
        return;
    }
    let before = Timestamp::from_millis(until.millis() - 1).unwrap();
    let then = &decided(head, before, &rows).rulings[0];
    assert_eq!((then.verdict, &then.reasons), (ruling.verdict, &ruling.reasons), "it holds until {until}");
}

fn decided(head: &Head, at: Timestamp, rows: &HashMap<RowId, SealedRow>) -> Retrieval {
    let request = Request { candidates: vec![Candidate::of(head.row.clone())], ..Request::at(at) };
    GATE.decide(&KEYS, &request, &View::Unpinned, rows).unwrap()
}
