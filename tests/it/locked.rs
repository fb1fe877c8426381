//! Keys under a passphrase: what opens them, and what nobody should even try to open.

use serde_json::Value;
use stillgood::{Identity, KeyFileError, Passphrase, PassphraseError, Signer, Verifier};

use crate::support::file;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/locked-keys.json")).unwrap()
}

fn passphrase() -> Passphrase {
    Passphrase::new(vectors()["passphrase"].as_str().unwrap()).unwrap()
}

/// The fixture's key of this name as it is without a passphrase.
fn open(name: &str) -> String {
    std::fs::read_to_string(file("tests/fixtures/vault/keys").join(name)).unwrap()
}

fn vkey(name: &str) -> Verifier {
    open(&name.replace(".pem", ".vkey")).trim_end().parse().unwrap()
}

/// Opened with this passphrase: the key as it is without.
fn opened(name: &str, locked: &str, passphrase: &Passphrase) -> Result<String, KeyFileError> {
    let pem = match name {
        "identity.pem" => Identity::from_locked_pem(locked, passphrase)?.to_pem(),
        name => Signer::from_locked_pem(locked, passphrase, &vkey(name))?.to_pem(),
    };
    Ok(pem.to_string())
}

#[test]
fn every_vector_opens_with_its_passphrase_and_no_other() {
    let all = vectors();
    let vectors = all["opens"].as_array().unwrap();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let [name, locked, comment] = ["key", "locked", "comment"].map(|field| vector[field].as_str().unwrap());
        assert_eq!(opened(name, locked, &passphrase()), Ok(open(name)), "{comment}");
        for other in ["pass phrase", "pass phrase – für Schlüssel ", "Pass phrase – für Schlüssel"] {
            let other = Passphrase::new(other).unwrap();
            assert_eq!(opened(name, locked, &other), Err(KeyFileError::WrongPassphrase), "{comment}");
        }
        // Without one, it is not asked what kind of key it is.
        assert_eq!(Identity::from_pem(locked).err(), Some(KeyFileError::Locked), "{comment}");
    }
}

/// Also without a passphrase: nobody is asked for one that would be of no use, and nothing is derived.
#[test]
fn hostile_locks_are_refused_before_any_work() {
    let all = vectors();
    let vectors = all["refused"].as_array().unwrap();
    assert_eq!(vectors.len(), 25);
    for vector in vectors {
        let [defect, error, locked] = ["defect", "error", "locked"].map(|field| vector[field].as_str().unwrap());
        let (with, without) = match error {
            "OtherLock" => (KeyFileError::OtherLock, KeyFileError::OtherLock),
            "TooMuchWork" => (KeyFileError::TooMuchWork, KeyFileError::TooMuchWork),
            "WrongPassphrase" => (KeyFileError::WrongPassphrase, KeyFileError::Locked),
            other => panic!("{other}"),
        };
        assert_eq!(Identity::from_locked_pem(locked, &passphrase()).err(), Some(with), "{defect}");
        assert_eq!(Identity::from_pem(locked).err(), Some(without), "{defect}");
    }
}

/// Cheap ones, many of them: about one in 256 ends in right padding, and must read like the others.
#[test]
fn a_wrong_passphrase_reads_the_same_whatever_comes_out() {
    let all = vectors();
    let locked = all["opens"][3]["locked"].as_str().unwrap();
    for number in 0..2_000 {
        let wrong = Passphrase::new(&number.to_string()).unwrap();
        assert_eq!(Identity::from_locked_pem(locked, &wrong).err(), Some(KeyFileError::WrongPassphrase), "{number}");
    }
}

#[test]
fn a_damaged_locked_key_never_opens_to_another_signing_key() {
    let all = vectors();
    let locked = all["opens"][2]["locked"].as_str().unwrap();
    let (mut refused, vkey) = (0, vkey("device.pem"));
    for place in 38..locked.len() - 37 {
        let changed = if locked.as_bytes()[place] == b'A' { "B" } else { "A" };
        let mut damaged = locked.to_owned();
        damaged.replace_range(place..place + 1, changed);
        // Within the key's 32 bytes the padding is right, and its vkey shows the damage.
        assert!(Signer::from_locked_pem(&damaged, &passphrase(), &vkey).is_err(), "character {place}");
        refused += 1;
    }
    assert!(refused > 200);
}

#[test]
fn what_is_written_opens_and_only_as_what_it_is() {
    let (locked_with, identity) = (Passphrase::new("correct horse").unwrap(), Identity::generate());
    let locked = identity.to_locked_pem(&locked_with);
    assert!(locked.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    assert_eq!(Identity::from_locked_pem(&locked, &locked_with).unwrap().to_pem(), identity.to_pem());
    let error = Signer::from_locked_pem(&locked, &locked_with, &vkey("device.pem")).err();
    assert_eq!(error, Some(KeyFileError::OtherAlgorithm));
    let open = identity.to_pem();
    assert_eq!(Identity::from_locked_pem(&open, &locked_with).err(), Some(KeyFileError::NotLocked));
    assert_eq!(Identity::from_locked_pem("", &locked_with).err(), Some(KeyFileError::NotPem));
    for cut in 0..locked.trim_end().len() {
        assert_eq!(Identity::from_pem(&locked[..cut]).err(), Some(KeyFileError::NotPem), "{cut} bytes");
    }
}

#[test]
fn a_passphrase_is_one_line_that_somebody_can_type() {
    let error = |text: &str| Passphrase::new(text).err();
    assert_eq!(error(""), Some(PassphraseError::Empty));
    assert_eq!(error(&"é".repeat(512)), None);
    assert_eq!(error(&format!("{}x", "é".repeat(512))), Some(PassphraseError::TooLong));
    for bad in ["one\n", "one\r", "on\te", "one\0", "\u{1b}[A", "one\u{85}"] {
        assert_eq!(error(bad), Some(PassphraseError::ControlCharacter), "{bad:?}");
    }
    assert_eq!(error(" "), None);
}
