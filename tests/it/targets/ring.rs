//! Key rings: a text of any kind, signed by an owner.

use stillgood::KeyRing;

use super::lab::{DEVICE, IDENTITY, owner};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(note) = DEVICE.sign(text) else { return false };
    assert!(KeyRing::open(&note, &owner()).is_err(), "signed by another key");
    let Ok(ring) = KeyRing::open(&note, &DEVICE.verifier()) else { return false };
    let previous = ring.previous().map_or("-".to_owned(), |digest| digest.to_string());
    let first = format!("stillgood/key-ring/v1\nvault {}\nversion {} {previous}\n", ring.vault(), ring.version());
    assert!(text.starts_with(&first));
    let kinds = ["recipient", "verifier", "epoch", "stanza"];
    let [recipients, verifiers, epochs, stanzas] = kinds.map(|kind| fields(text, kind));
    let listed = ring.verifiers().iter().map(|listed| {
        let until = listed.until.map_or("-".to_owned(), |until| until.to_string());
        format!("{} {} {until} {}", listed.roles, listed.since, listed.verifier)
    });
    assert!(listed.eq(verifiers.iter().map(|fields| fields.join(" "))));
    assert!(ring.verifiers().iter().all(|listed| listed.until.is_none_or(|until| !listed.holds_at(until))));
    let places = epochs.iter().flat_map(|epoch| recipients.iter().map(move |recipient| [epoch[0], recipient[0]]));
    assert!(places.eq(stanzas.iter().map(|stanza| [stanza[0], stanza[1]])), "a stanza for each epoch and recipient");
    assert!(epochs.iter().zip(1..).all(|(epoch, number)| epoch[0] == number.to_string()));
    let known = recipients.len() + verifiers.len() + epochs.len() + stanzas.len();
    assert_eq!(text.lines().count(), 3 + known, "no line of another kind");
    if let Ok(keys) = ring.unlock(&IDENTITY) {
        assert_eq!((keys.vault(), keys.newest_epoch() as usize), (ring.vault(), epochs.len()));
    }
    true
}

/// The fields of every line of this kind.
fn fields<'t>(text: &'t str, kind: &str) -> Vec<Vec<&'t str>> {
    let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.filter_map(|mut fields| (fields.remove(0) == kind).then_some(fields)).collect()
}
