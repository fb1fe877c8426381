//! Entries of a vault's log, as they come, and the same text signed.

use stillgood::{Entry, Event};

use super::lab::{DEVICE, KEYS};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let vault = KEYS.vault();
    let as_it_came = Entry::read(0, text, vault);
    // What is signed is read by what it says, whoever signed it.
    let Ok(signed) =
        DEVICE.sign(text.split("\n\n").next().map(|text| format!("{text}\n")).unwrap_or_default().as_str())
    else {
        return as_it_came.event != Event::Unknown;
    };
    let read = Entry::read(7, signed.as_str(), vault);
    assert_eq!(read.index, 7);
    assert_eq!(read.signer, *DEVICE.verifier().name());
    if read.event == Event::Unknown {
        return false;
    }
    let lines: Vec<&str> = signed.unverified_text().lines().collect();
    if let Event::Decision { id, .. } = read.event {
        assert!(lines[0].ends_with(&format!("/{vault}/decision/v1/{id}")));
    } else {
        assert_eq!(lines[1], vault.to_string(), "an entry of this vault");
        assert!(lines[0].starts_with("stillgood/") && lines[0].ends_with("/v1"));
        let other = Entry::read(7, &signed.as_str().replacen(lines[0], "stillgood/other/v1", 1), vault);
        assert_eq!(other.event, Event::Unknown, "a kind that nobody knows");
    }
    if let Some(at) = read.at() {
        assert!(signed.as_str().contains(&at.to_string()), "it says its time");
    }
    true
}
