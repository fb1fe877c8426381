//! Sealed heads, bodies and evidence as they come, and bodies and evidence of any plaintext.

use std::sync::LazyLock;

use minicbor::Decoder;
use stillgood::{
    Draft, Evidence, Head, Kind, RowId, SealedBody, SealedEvidence, SealedHead, SealedRow, TextCommitment,
};

use super::lab::{BODY, EVIDENCE, HEAD, KEYS, Sealed, now, place, plaintext, seal};

pub(super) fn target(bytes: &[u8]) -> bool {
    let came = as_it_came(bytes);
    let is_body = as_body(bytes);
    as_evidence(bytes) || is_body || came
}

/// What opens is, byte for byte, what the page's own sealer makes of the same plaintext.
fn as_it_came(bytes: &[u8]) -> bool {
    let head = SealedHead::from_bytes(bytes.to_vec());
    let read = Sealed::read(bytes);
    if read.as_ref().is_none_or(|read| read.write() != bytes) {
        assert_eq!(head.epoch(), None, "it has another form");
    }
    let Some(read) = read else { return false };
    let Ok(row) = read.name.parse::<RowId>() else { return false };
    let inside = read.open();
    let opened = match read.part {
        HEAD => head.open(&KEYS, &row).is_ok(),
        BODY => opens_as_body(bytes, &row, read.generation, inside.as_deref()).is_some(),
        EVIDENCE => opens_as_evidence(bytes, &row, read.generation).is_some(),
        _ => {
            assert!(head.open(&KEYS, &row).is_err(), "it is another part");
            false
        }
    };
    if opened {
        assert_eq!(inside.map(|inside| read.around(&inside)).as_deref(), Some(bytes));
    }
    opened
}

fn as_body(bytes: &[u8]) -> bool {
    let row: RowId = "row".parse().unwrap();
    let sealed = seal(BODY, "row", 1, bytes);
    let Some(body) = opens_as_body(&sealed, &row, 1, Some(bytes)) else { return false };
    assert_eq!(plaintext(SealedBody::seal(&KEYS, &row, 1, &body).as_bytes()), bytes, "a body has one encoding");
    let mut broken = sealed;
    let at = place(bytes, broken.len());
    broken[at] ^= 1;
    assert!(opens_as_body(&broken, &row, 1, Some(bytes)).is_none(), "one bit is another one");
    true
}

fn as_evidence(bytes: &[u8]) -> bool {
    let row: RowId = "row".parse().unwrap();
    let sealed = seal(EVIDENCE, "row", 3, bytes);
    let Some(evidence) = opens_as_evidence(&sealed, &row, 3) else { return false };
    let again = SealedEvidence::seal(&KEYS, &row, 3, &evidence);
    assert_eq!(plaintext(again.as_bytes()), bytes, "evidence has one encoding");
    let mut attached = Evidence::default();
    for kept in evidence.iter() {
        attached.attach(kept.material.clone(), kept.attached_at, kept.body_generation).unwrap();
    }
    assert_eq!(attached, evidence, "it could have been attached piece by piece");
    let mut broken = sealed;
    let at = place(bytes, broken.len());
    broken[at] ^= 1;
    assert!(opens_as_evidence(&broken, &row, 3).is_none(), "one bit is another one");
    true
}

static SOME_HEAD: LazyLock<Head> = LazyLock::new(|| {
    let draft = Draft::new("row".parse().unwrap(), "text", now(), Kind::Semantic).unwrap();
    SealedRow::seal(&KEYS, &draft).unwrap().head.open(&KEYS, &draft.row).unwrap()
});

/// Opens a body for a head that names it: its digest, and the text that it holds or would hold.
fn opens_as_body(sealed: &[u8], row: &RowId, generation: u64, plaintext: Option<&[u8]>) -> Option<stillgood::Body> {
    let text = plaintext.and_then(|plaintext| {
        let mut from = Decoder::new(plaintext);
        from.array().and_then(|_| from.str()).ok()
    });
    let sealed = SealedBody::from_bytes(sealed.to_vec());
    let head = Head {
        row: row.clone(),
        generation,
        body: sealed.digest(),
        body_generation: generation,
        text: TextCommitment::new([7; 32], text.unwrap_or_default()),
        ..SOME_HEAD.clone()
    };
    let body = sealed.open(&KEYS, &head).ok()?;
    assert_eq!(Some(body.text()), text);
    Some(body)
}

/// Opens evidence for a head of the same generation that names it.
fn opens_as_evidence(sealed: &[u8], row: &RowId, generation: u64) -> Option<Evidence> {
    let sealed = SealedEvidence::from_bytes(sealed.to_vec());
    let head = Head { row: row.clone(), generation, evidence: Some(sealed.digest()), ..SOME_HEAD.clone() };
    let evidence = sealed.open(&KEYS, &head).ok()?;
    let other = Head { evidence: None, ..head };
    assert!(sealed.open(&KEYS, &other).is_err(), "a head names it, or it does not open");
    Some(evidence)
}
