//! The test is tested: a disk or a caller that breaks the rules is found out.

use crate::cut::{Look, a_day, cut_everywhere, revive};
use crate::disk::{Left, Op};
use crate::made::{Done, Said};
use crate::recorder::Recorder;

const QUICK: Look = Look { stride: 1, seeds: 0 };

/// These promises are broken.
fn breaks(done: &Done, promises: &[&str]) {
    let broken = cut_everywhere(done, &QUICK).unwrap_err();
    for promise in promises {
        assert!(broken.iter().any(|broken| broken.contains(promise)), "not found: {promise}, but: {}", broken[0]);
    }
}

#[test]
fn a_disk_that_only_says_it_synced_breaks_every_promise() {
    let mut done = a_day();
    done.recording.ops.retain(|op| !matches!(op, Op::Sync { .. }));
    breaks(&done, &["neither as promised", "seals were used", "older than seen"]);
    // Without a pin, the vault opens: an old one.
    let Done { recording, said, .. } = &mut done;
    recording.ops.retain(|op| !matches!(op, Op::Mark(place) if matches!(said[*place], Said::Pin(_))));
    breaks(&done, &["decisions are lost"]);
}

#[test]
fn a_folder_that_was_not_synced_loses_the_log_and_what_was_promised() {
    let mut done = a_day();
    done.recording.ops.retain(|op| !matches!(op, Op::SyncFolder));
    breaks(&done, &["neither as promised", "seals were used", "older than seen"]);
}

#[test]
fn a_pin_that_is_written_before_its_commit_is_ahead_of_the_vault() {
    let mut done = a_day();
    let Done { recording, said, .. } = &mut done;
    // The first pin after a decision, moved to where the pin before it was.
    let decided = said.iter().position(|said| matches!(said, Said::Decision(_))).unwrap();
    let place = |mark: usize| recording.ops.iter().position(|op| matches!(op, Op::Mark(n) if *n == mark)).unwrap();
    let (earlier, later) = (place(decided - 1), place(decided + 1));
    let pin = recording.ops.remove(later);
    recording.ops.insert(earlier + 1, pin);
    breaks(&done, &["older than seen"]);
}

/// SQLite itself, with each of its promises.
#[test]
fn only_a_full_sync_keeps_every_row() {
    for (synchronous, keeps) in [("OFF", false), ("NORMAL", false), ("FULL", true)] {
        let dir = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(dir.path().join("v.sgv")).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        connection.close().unwrap();
        let recorder = Recorder::watch(dir.path());
        let connection = rusqlite::Connection::open(dir.path().join("v.sgv")).unwrap();
        connection.pragma_update(None, "synchronous", synchronous).unwrap();
        for n in 1..=10 {
            connection.execute("INSERT INTO t VALUES (0)", []).unwrap();
            recorder.mark(n);
        }
        connection.close().unwrap();
        let recording = recorder.finish();
        let other = tempfile::tempdir().unwrap();
        let mut lost = 0;
        let parts = |seed| Left::Parts { seed: seed as u64, sector: 512 };
        recording.cuts(
            |_| true,
            |at| vec![Left::Nothing, Left::Everything, parts(at)],
            |at, left, image| {
                let marks = recording.ops[..at].iter().filter(|op| matches!(op, Op::Mark(_))).count();
                let rows = revive(other.path(), &image, |path| {
                    let connection = rusqlite::Connection::open(path).unwrap();
                    connection.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap()
                });
                let rows = usize::try_from(rows).unwrap();
                assert!(rows >= marks || left != Left::Everything, "what reached the disk is there");
                lost += marks.saturating_sub(rows);
            },
        );
        assert_eq!(lost == 0, keeps, "{synchronous}: {lost} rows lost");
    }
}
