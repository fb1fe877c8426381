//! Decisions in a file: as they come, and with their leaves signed anew, so that whatever a leaf may say is read.

use stillgood::tree;
use stillgood::{Decision, Header, Ruling, SignedDecision, View};

use super::lab::{DEVICE, altered, place};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(came) = SignedDecision::from_json(bytes) else { return false };
    assert_eq!(SignedDecision::from_json(came.to_json().as_bytes()).as_ref(), Ok(&came));
    let read = came.read_unverified();
    let device = DEVICE.verifier();
    if let Ok(decision) = came.verify(&device) {
        assert_eq!(read, Ok(decision), "what verifies is what can be looked at");
    }
    let signed = signed(&came, came.unverified_leaves());
    let Ok(decision) = signed.verify(&device) else { return false };
    assert_eq!(signed.unverified_id(), Some(decision.id));
    let again = SignedDecision::from_json(signed.to_json().as_bytes()).unwrap();
    assert_eq!(again.verify(&device).as_ref(), Ok(&decision), "written and read again, it says the same");
    for (leaf, text) in signed.unverified_leaves().iter().zip(texts(&decision)) {
        let salt = leaf.strip_prefix(&text).unwrap_or_else(|| panic!("{leaf} says {text}"));
        assert!(salt.len() == 32 && salt.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    }
    let mut leaves = signed.unverified_leaves().to_vec();
    let at = place(bytes, leaves.len());
    leaves[at] = altered(&leaves[at]);
    assert!(bundle(signed.note(), &leaves).verify(&device).is_err(), "one character is another one");
    assert!(bundle(&altered(signed.note()), signed.unverified_leaves()).verify(&device).is_err());
    true
}

fn bundle(note: &str, leaves: &[String]) -> SignedDecision {
    let json = serde_json::json!({ "note": note, "leaves": leaves });
    SignedDecision::from_json(json.to_string().as_bytes()).unwrap()
}

/// These leaves under a note that holds, of the vault that the header names, and of the id that came.
fn signed(came: &SignedDecision, leaves: &[String]) -> SignedDecision {
    let vault = leaves.first().and_then(|header| header.split(' ').nth(8)).unwrap_or_default();
    let id = came.unverified_id().map_or("-".to_owned(), |id| id.to_string());
    let root = data_encoding::BASE64.encode(&tree::root(leaves));
    let text = format!("{}/{vault}/decision/v1/{id}\n{}\n{root}\n", DEVICE.verifier().name(), leaves.len());
    DEVICE.sign(&text).map_or_else(|_| came.clone(), |note| bundle(note.as_str(), leaves))
}

/// Every leaf up to its salt, by `docs/formats.md`, "Decision".
fn texts(decision: &Decision) -> Vec<String> {
    let header = header(&decision.header, decision.rulings.len());
    std::iter::once(header).chain(decision.rulings.iter().map(ruling)).collect()
}

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

fn header(header: &Header, count: usize) -> String {
    let Header { at, request, set, program: [ours, rhai], vault, view, durability, occasion, passed } = header;
    let (sequence, head) = match view {
        View::Unpinned => ("unpinned".to_owned(), None),
        View::Pinned { sequence, head } => (sequence.to_string(), Some(head)),
    };
    let passed = or_dash(Some(passed.join(",")).filter(|names| !names.is_empty()));
    format!(
        "stillgood/decision-header/v1 {at} {request} {} {} {} {ours} {rhai} {vault} {sequence} {} {} {} {passed} {count} ",
        set.name,
        set.version,
        set.digest,
        or_dash(head.as_ref()),
        durability.name(),
        occasion.name()
    )
}

fn ruling(ruling: &Ruling) -> String {
    let Ruling { row, judged, verdict, until, reasons, opened } = ruling;
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    let judged = judged.as_ref();
    format!(
        "stillgood/ruling/v1 {row} {} {} {verdict} {} {} {} {} ",
        or_dash(judged.map(|judged| judged.generation)),
        or_dash(judged.map(|judged| judged.head)),
        or_dash(until.as_ref()),
        reasons.join(","),
        if *opened { "opened" } else { "sealed" },
        or_dash(judged.map(|judged| judged.facts))
    )
}
