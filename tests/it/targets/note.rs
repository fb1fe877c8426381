//! Signed notes, as they come and as they are signed; and vkeys.

use stillgood::{Note, Verifier};

use super::lab::{DEVICE, altered, owner};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if let Ok(vkey) = text.parse::<Verifier>() {
        assert_eq!(vkey.to_string(), text, "a vkey has one text form");
    }
    let device = DEVICE.verifier();
    if let Ok(signed) = DEVICE.sign(text) {
        assert_eq!(signed.as_str().parse::<Note>().as_ref(), Ok(&signed), "what is signed can be read");
        assert_eq!(signed.verify(&device), Ok(text));
        assert!(signed.verify(&owner()).is_err(), "of another key");
        let altered = altered(signed.as_str()).parse::<Note>();
        assert!(!altered.is_ok_and(|note| note.verify(&device).is_ok()), "one character is another one");
    }
    let Ok(note) = text.parse::<Note>() else { return false };
    assert_eq!(note.as_str(), text);
    assert!(text.starts_with(note.unverified_text()));
    assert!((1..=16).contains(&note.unverified_signers().count()));
    if let Ok(said) = note.verify(&device) {
        // Ed25519 signs deterministically, and nobody but us has the key.
        let ours = DEVICE.sign(said).unwrap();
        let ours = ours.as_str().lines().last();
        assert!(said == note.unverified_text() && text.lines().any(|line| Some(line) == ours));
        let (name, hash) = (device.name(), device.to_string());
        let hash = hash.split('+').nth(1);
        let mine = note
            .unverified_signers()
            .filter(|(other, bytes)| *other == name && Some(data_encoding::HEXLOWER.encode(bytes).as_str()) == hash);
        assert_eq!(mine.count(), 1, "one line of the key, not more");
    }
    true
}
