//! Taking a row out of the file, so that none of its bytes stays behind in it or beside it.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::params;

use super::{Reader, Store, StoreError, Stored, Writer, header, lock};

/// How far a sweep is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sweep {
    /// The file is written anew without what was taken out.
    Rewriting {
        /// Bytes written beside the file so far.
        written: u64,
        /// The size of the file.
        bytes: u64,
    },
    /// The files are searched for bytes of what was taken out.
    Scanning {
        /// Bytes read so far.
        read: u64,
        /// All that there are.
        bytes: u64,
    },
}

/// Bytes that must not be found any more.
#[derive(Default)]
pub(crate) struct Traces {
    windows: HashSet<[u8; WINDOW]>,
    /// Which first two bytes begin a window: most places in a file are passed over by this.
    begins: Vec<bool>,
}

/// A piece of twice this length, less one, cannot hide: one window lies in it whole.
const WINDOW: usize = 16;
const CHUNK: usize = 1 << 20;

impl Traces {
    /// Also these bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.begins.resize(1 << 16, false);
        for window in bytes.as_chunks::<WINDOW>().0 {
            if let Some(place) = self.begins.get_mut(place(window)) {
                *place = true;
            }
            self.windows.insert(*window);
        }
    }

    /// How many windows begin in these bytes.
    fn found_in(&self, bytes: &[u8]) -> u64 {
        let is_one = |window: &&[u8]| {
            window.first_chunk::<WINDOW>().is_some_and(|window| {
                self.begins.get(place(window)).copied().unwrap_or(false) && self.windows.contains(window)
            })
        };
        bytes.windows(WINDOW).filter(is_one).count() as u64
    }
}

fn place(window: &[u8; WINDOW]) -> usize {
    let [first, second, ..] = window;
    usize::from(u16::from_le_bytes([*first, *second]))
}

impl Reader<'_> {
    /// Every sealed part of a row: heads, bodies and evidence of every generation.
    pub(crate) fn parts_of(&self, row: &str, mut each: impl FnMut(&[u8])) -> Stored<()> {
        let sql = "SELECT sealed FROM heads WHERE row = ?1 UNION ALL SELECT sealed FROM old_heads WHERE row = ?1
                   UNION ALL SELECT sealed FROM bodies WHERE row = ?1 UNION ALL SELECT sealed FROM evidence WHERE row = ?1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut rows = statement.query([row])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_blob().unwrap_or_default());
        }
        Ok(())
    }
}

impl Writer<'_> {
    /// Takes out every part of a row; how many there were.
    pub(crate) fn erase(&self, row: &str) -> Stored<usize> {
        let mut erased = 0;
        for sql in [
            "DELETE FROM heads WHERE row = ?1",
            "DELETE FROM old_heads WHERE row = ?1",
            "DELETE FROM bodies WHERE row = ?1",
            "DELETE FROM evidence WHERE row = ?1",
        ] {
            erased += self.run(sql, params![row])?;
        }
        Ok(erased)
    }
}

impl Store {
    /// Writes the file anew without what was taken out of it, and empties what lies beside it. [`StoreError::Busy`] where
    /// another process reads the vault; then bytes may stay beside the file until this is done again.
    pub(crate) fn sweep(&self, progress: &(dyn Fn(Sweep) + Sync)) -> Stored<()> {
        let connection = lock(self.writer.as_ref().ok_or(StoreError::ReadOnly)?);
        // Idle readers hold no state of the file, but SQLite waits for none that is not there.
        lock(&self.idle).clear();
        let bytes = size_of(&self.path);
        let beside = header::beside(&self.path, "-wal");
        let done = AtomicBool::new(false);
        let rewritten = std::thread::scope(|scope| {
            let watch = scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    progress(Sweep::Rewriting { written: size_of(&beside).min(bytes), bytes });
                    std::thread::park_timeout(Duration::from_millis(200));
                }
            });
            let rewritten = connection.execute_batch("VACUUM");
            done.store(true, Ordering::Relaxed);
            watch.thread().unpark();
            rewritten
        });
        rewritten?;
        progress(Sweep::Rewriting { written: bytes, bytes });
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
    }

    /// How many bytes the vault's files hold, and the first of them in which a trace was found.
    pub(crate) fn scan(&self, traces: &Traces, progress: &(dyn Fn(Sweep) + Sync)) -> Stored<(u64, Option<PathBuf>)> {
        let files = ["", "-wal", "-shm", "-journal"].map(|suffix| header::beside(&self.path, suffix));
        let bytes = files.iter().map(|file| size_of(file)).sum();
        let mut read = 0;
        for file in files {
            let found = traces_in(&file, traces, |more| {
                read += more;
                progress(Sweep::Scanning { read, bytes });
            })?;
            if found > 0 {
                return Ok((bytes, Some(file)));
            }
        }
        Ok((bytes, None))
    }
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |known| known.len())
}

fn traces_in(path: &Path, traces: &Traces, mut progress: impl FnMut(u64)) -> Stored<u64> {
    let io = |error: std::io::Error| StoreError::Io { path: path.display().to_string(), kind: error.kind() };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(io(error)),
    };
    let (mut found, mut room) = (0, Vec::with_capacity(CHUNK + WINDOW));
    loop {
        // The end of the last chunk stays, so that a window across the cut is seen.
        let kept = room.len().min(WINDOW - 1);
        room.drain(..room.len() - kept);
        let more = (&mut file).take(CHUNK as u64).read_to_end(&mut room).map_err(io)?;
        if more == 0 {
            return Ok(found);
        }
        found += traces.found_in(&room);
        progress(more as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_31_bytes_is_found_wherever_it_lies() {
        let sealed: Vec<u8> = (0..200_u32).map(|n| (n * 37 % 251) as u8).collect();
        let mut traces = Traces::default();
        traces.add(&sealed);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for (from, at) in [(0, 0), (5, 77), (16, CHUNK - 20), (30, CHUNK - 1), (161, CHUNK)] {
            let mut bytes = vec![0xEE; CHUNK + 100];
            bytes[at..at + 31].copy_from_slice(&sealed[from..from + 31]);
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(traces_in(&path, &traces, |_| ()).unwrap(), 1, "{from} {at}");
            bytes[at + 15] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(traces_in(&path, &traces, |_| ()).unwrap(), 0, "half of it: {from} {at}");
        }
    }
}
