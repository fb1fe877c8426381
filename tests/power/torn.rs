//! A power cut while the first page of the vault file was being written.

use crate::cut::{a_day, revive};
use crate::disk::{Disk, Left, Op};
use crate::inspect::Inspector;

/// The file's first bytes say that it is a vault. They were read before SQLite could mend them from its log, and the
/// vault was refused for ever as "not a vault".
#[test]
fn a_vault_whose_first_page_was_torn_opens_from_its_log() {
    let done = a_day();
    let mut inspector = Inspector::new(&done.trust);
    let dir = tempfile::tempdir().unwrap();
    let mut disk = Disk::of(&done.recording.before);
    let vault = 0;
    assert_eq!(done.recording.before.keys().collect::<Vec<_>>(), ["v.sgv"]);
    let mut torn = 0;
    for op in &done.recording.ops {
        disk.apply(op);
        let Op::Write { file, at: 0, bytes } = op else { continue };
        if *file != vault {
            continue;
        }
        for rubbish in [0_u8, 0xff] {
            for from in [0, 16, 68, 100] {
                let mut image = disk.left(Left::Nothing);
                image.get_mut("v.sgv").unwrap()[from..bytes.len()].fill(rubbish);
                revive(dir.path(), &image, |path| inspector.look(path, None)).unwrap();
                torn += 1;
            }
        }
    }
    assert!(torn > 0, "a checkpoint writes the first page");
}

/// Only a log that holds a vault makes an odd file one.
#[test]
fn no_other_file_is_touched_for_the_log_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let trust = a_day().trust;
    let other = rusqlite::Connection::open(dir.path().join("other")).unwrap();
    other.pragma_update(None, "journal_mode", "WAL").unwrap();
    other.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
    for (main, log) in
        [(b"a list\n".to_vec(), std::fs::read(dir.path().join("other-wal")).unwrap()), (vec![0; 4_096], vec![])]
    {
        let path = dir.path().join("list");
        std::fs::write(&path, &main).unwrap();
        std::fs::write(dir.path().join("list-wal"), &log).unwrap();
        let refused = Inspector::new(&trust).look(&path, None).unwrap_err();
        assert!(refused.ends_with("is not a vault"), "{refused}");
        assert_eq!((std::fs::read(&path).unwrap(), std::fs::read(dir.path().join("list-wal")).unwrap()), (main, log));
    }
}
