//! Survival tables of a person: as they come, and signed by an owner.

use stillgood::{PersonalTable, SurvivalTable, TableError};

use super::lab::{DEVICE, altered, owner};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if let Ok(read) = text.parse::<PersonalTable>() {
        assert_eq!(read.to_string(), text, "what is read is what was written");
    }
    let Ok(note) = DEVICE.sign(text) else { return false };
    let table: PersonalTable = match note.as_str().parse() {
        Ok(table) => table,
        Err(TableError::Note(error)) => panic!("what is signed can be read: {error}"),
        Err(_) => return false,
    };
    let made = table.provenance();
    let first = format!("stillgood/survival/v1\n{}\n{}\n{} {}\n", made.vault, made.at, made.confirmed, made.changed);
    let toml = text.strip_prefix(&first).expect("each line has one form");
    assert_eq!(SurvivalTable::from_toml(toml).as_ref(), Ok(table.table()));
    assert_eq!(SurvivalTable::from_toml(&table.table().to_toml()).as_ref(), Ok(table.table()));
    // Written anew it may be longer than a note.
    if let Ok(again) = PersonalTable::sign(&DEVICE, made, table.table()) {
        assert_eq!((again.table(), again.provenance()), (table.table(), made));
        let note = again.note();
        assert!(note.verify(&DEVICE.verifier()).is_ok() && note.verify(&owner()).is_err(), "of another key");
        let altered = altered(note.as_str()).parse::<PersonalTable>();
        let holds = |table: PersonalTable| table.note().verify(&DEVICE.verifier()).is_ok();
        assert!(!altered.is_ok_and(holds), "one character is another one");
    }
    true
}
