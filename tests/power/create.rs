//! The power goes while a vault is being made: afterwards there is none, or a whole one, and nobody is stuck.

use std::path::Path;

use stillgood::{Identity, Signer, StoreError, Vault, VaultError};

use crate::cut::revive;
use crate::disk::{Left, Op};
use crate::inspect::{Inspector, Trust};
use crate::recorder::Recorder;
use crate::support::now;

struct Keys {
    owner: Signer,
    device: Signer,
    trust: Trust,
}

impl Keys {
    fn new() -> Self {
        crate::vfs::install();
        let (owner, device) =
            (Signer::generate("test/owner".parse().unwrap()), Signer::generate("test/device".parse().unwrap()));
        let trust = Trust { owner: owner.verifier(), device: device.verifier(), identity: Identity::generate() };
        Keys { owner, device, trust }
    }

    fn make(&self, path: &Path) -> Result<Vault, VaultError> {
        Vault::create(path, &self.owner, &self.trust.identity, &self.device, now())
    }
}

#[test]
fn after_a_power_cut_there_is_a_whole_vault_or_none_and_one_can_be_made() {
    let keys = Keys::new();
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::watch(dir.path());
    drop(keys.make(&dir.path().join("v.sgv")).unwrap());
    let mut recording = recorder.finish();
    let is_named = |op: &Op| matches!(op, Op::Name { name, file: Some(_) } if name == "v.sgv");
    let named = recording.ops.iter().position(is_named).expect("the vault gets its name");
    // The library syncs the folder then, not through SQLite, where the recorder would see it.
    recording.ops.insert(named + 1, Op::SyncFolder);
    let others = tempfile::tempdir().unwrap();
    let parts = |at: usize| (0..6).map(move |n| Left::Parts { seed: (100 * at + n) as u64, sector: 512 });
    let (mut whole, mut none, mut leftovers) = (0, 0, 0);
    recording.cuts(
        |_| true,
        |at| [Left::Nothing, Left::Everything].into_iter().chain(parts(at)).collect(),
        |at, left, image| {
            let there = image.contains_key("v.sgv");
            assert!(at > named || !there, "named before it is whole");
            assert!(at <= named + 1 || there, "its name is synced");
            leftovers += usize::from(image.len() > 1);
            revive(others.path(), &image, |path| {
                if there {
                    whole += 1;
                } else {
                    none += 1;
                    let missing = Vault::open(path, &keys.trust.owner, &keys.trust.identity, None).err();
                    assert!(matches!(missing, Some(VaultError::Store(StoreError::Missing(_)))), "{missing:?}");
                    drop(keys.make(path).unwrap_or_else(|error| panic!("{error}, after {at}, {left:?} left")));
                }
                let found = Inspector::new(&keys.trust).look(path, None);
                assert!(found.is_ok_and(|found| found.rows.is_empty()), "after {at}, {left:?} left");
            });
        },
    );
    assert!(whole > 0 && none > 50 && leftovers > 50, "{whole} {none} {leftovers}");
    // What gets the name was synced under the other one: nothing but a name can be lost of it.
    recording.cuts(
        |at| at == named + 1,
        |_| vec![Left::Nothing, Left::Everything],
        |_, left, mut image| {
            if left == Left::Nothing {
                let file = image.keys().find(|name| name.ends_with(".new")).cloned();
                let bytes = file.map(|name| image[&name].clone());
                // SQLite syncs the folder for its journals only, which makes the file's first name last too.
                image = [("v.sgv".to_owned(), bytes.expect("a name that lasts"))].into();
            }
            revive(others.path(), &image, |path| Inspector::new(&keys.trust).look(path, None)).unwrap();
        },
    );
}

/// `X.new` of an interrupted attempt stood in the way of every later one, without a hint.
#[test]
fn what_an_interrupted_attempt_left_is_in_nobodys_way() {
    let keys = Keys::new();
    let dir = tempfile::tempdir().unwrap();
    for name in ["v.sgv.new", "v.sgv.new-wal", "v.sgv.00000000.new"] {
        std::fs::write(dir.path().join(name), "half of it").unwrap();
    }
    keys.make(&dir.path().join("v.sgv")).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["v.sgv", "v.sgv.00000000.new", "v.sgv.new", "v.sgv.new-wal"], "its own leftovers are gone");
    let refused = keys.make(&dir.path().join("v.sgv")).err();
    assert!(matches!(refused, Some(VaultError::Store(StoreError::Exists(_)))), "{refused:?}");
}

/// The log of a vault that somebody removed was read into the new vault of that name.
#[test]
fn no_vault_is_made_beside_the_log_of_an_earlier_one() {
    let keys = Keys::new();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.sgv");
    let log = dir.path().join("v.sgv-wal");
    let vault = keys.make(&path).unwrap();
    vault.add(&keys.device, &[crate::support::draft("a", "text", 1)], now(), &mut |_| ()).unwrap();
    // As after a kill: the log is not yet in the file.
    let bytes = std::fs::read(&log).unwrap();
    drop(vault);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&log, &bytes).unwrap();
    let refused = keys.make(&path).err();
    assert_eq!(refused, Some(VaultError::Store(StoreError::Exists(log.display().to_string()))));
    assert_eq!(std::fs::read(&log).unwrap(), bytes);
    assert!(!path.exists());
}
