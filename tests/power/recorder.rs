//! Writes down what SQLite tells the disk about the files of one folder, or lets one such call fail.

use std::collections::{BTreeMap, HashMap};
use std::os::raw::c_int;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::disk::{Disk, Image, Left, Op};

/// A folder that is watched.
pub(crate) struct Recorder {
    folder: PathBuf,
    before: Image,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    names: BTreeMap<String, usize>,
    /// Two names of one file are one file.
    inodes: HashMap<u64, usize>,
    files: usize,
    ops: Vec<Op>,
    trap: Option<Trap>,
    calls: usize,
    sprung: bool,
}

/// What the folder held before, and all that was done since.
pub(crate) struct Recording {
    pub(crate) before: Image,
    pub(crate) ops: Vec<Op>,
}

/// Which kind of call it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    Delete,
    Share,
}

/// The call from which on the disk fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trap {
    /// Counted from 0.
    pub(crate) at: usize,
    pub(crate) is_full: bool,
    /// All later calls fail too.
    pub(crate) stays: bool,
}

static WATCHED: Mutex<Vec<Arc<Recorder>>> = Mutex::new(vec![]);

impl Recorder {
    /// Everything that lies there now counts as synced.
    pub(crate) fn watch(folder: &Path) -> Arc<Self> {
        crate::vfs::install();
        let folder = folder.canonicalize().unwrap();
        let before = image_of(&folder);
        let mut state = State::default();
        for name in before.keys() {
            state.file(name, inode(&folder.join(name)));
        }
        let recorder = Arc::new(Recorder { folder, before, state: Mutex::new(state) });
        lock(&WATCHED).push(Arc::clone(&recorder));
        recorder
    }

    /// The one that watches this file, and the file's name there.
    pub(crate) fn of(path: &Path) -> Option<(Arc<Self>, String)> {
        let name = path.file_name()?.to_str()?.to_owned();
        let watched = lock(&WATCHED);
        watched.iter().find(|recorder| path.parent() == Some(&recorder.folder)).map(|found| (Arc::clone(found), name))
    }

    /// Stops watching.
    pub(crate) fn finish(&self) -> Recording {
        lock(&WATCHED).retain(|other| !std::ptr::eq(Arc::as_ptr(other), self));
        Recording { before: self.before.clone(), ops: std::mem::take(&mut lock(&self.state).ops) }
    }

    pub(crate) fn mark(&self, number: usize) {
        lock(&self.state).ops.push(Op::Mark(number));
    }

    pub(crate) fn set(&self, trap: Option<Trap>) {
        let mut state = lock(&self.state);
        state.trap = trap;
        state.calls = 0;
        state.sprung = false;
    }

    /// How many calls there were since the trap was set, and whether one fell in.
    pub(crate) fn calls(&self) -> (usize, bool) {
        let state = lock(&self.state);
        (state.calls, state.sprung)
    }

    /// Does `work`, and writes it down if it succeeds; or fails, after `half` of it.
    pub(crate) fn act(
        &self,
        call: Call,
        work: impl FnOnce() -> c_int,
        half: impl FnOnce(),
        written_down: impl FnOnce(&mut Noted<'_>),
    ) -> c_int {
        let mut state = lock(&self.state);
        let number = state.calls;
        state.calls += 1;
        if let Some(trap) = state.trap.filter(|trap| number == trap.at || trap.stays && number > trap.at) {
            state.sprung = true;
            half();
            return trap.code(call);
        }
        let code = work();
        if code == ffi::SQLITE_OK {
            written_down(&mut Noted { folder: &self.folder, state: &mut state });
        }
        code
    }
}

/// Where a call that succeeded is written down.
pub(crate) struct Noted<'a> {
    folder: &'a Path,
    state: &'a mut State,
}

impl Noted<'_> {
    pub(crate) fn op(&mut self, op: Op) {
        self.state.ops.push(op);
    }

    /// A file was opened under this name; its number.
    pub(crate) fn opened(&mut self, name: &str) -> usize {
        let known = self.state.names.get(name).copied();
        let file = self.state.file(name, inode(&self.folder.join(name)));
        if known != Some(file) {
            self.op(Op::Name { name: name.to_owned(), file: Some(file) });
        }
        file
    }

    pub(crate) fn deleted(&mut self, name: &str) {
        let file = self.state.names.remove(name);
        if !self.state.names.values().any(|other| Some(*other) == file) {
            // Its number may be given to a new file.
            self.state.inodes.retain(|_, other| Some(*other) != file);
        }
        self.op(Op::Name { name: name.to_owned(), file: None });
    }
}

impl State {
    fn file(&mut self, name: &str, inode: u64) -> usize {
        let next = self.files;
        let file = *self.inodes.entry(inode).or_insert(next);
        self.files = self.files.max(file + 1);
        self.names.insert(name.to_owned(), file);
        file
    }
}

impl Trap {
    fn code(self, call: Call) -> c_int {
        match call {
            Call::Open => ffi::SQLITE_CANTOPEN,
            Call::Read => ffi::SQLITE_IOERR_READ,
            Call::Write if self.is_full => ffi::SQLITE_FULL,
            Call::Write => ffi::SQLITE_IOERR_WRITE,
            Call::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Call::Sync => ffi::SQLITE_IOERR_FSYNC,
            Call::Delete => ffi::SQLITE_IOERR_DELETE,
            Call::Share => ffi::SQLITE_IOERR_SHMMAP,
        }
    }
}

impl Recording {
    /// What may be left when the power goes after each number of operations that `chosen` picks.
    pub(crate) fn cuts(
        &self,
        chosen: impl Fn(usize) -> bool,
        lefts: impl Fn(usize) -> Vec<Left>,
        mut each: impl FnMut(usize, Left, Image),
    ) {
        let mut disk = Disk::of(&self.before);
        for done in 0..=self.ops.len() {
            if let Some(op) = done.checked_sub(1).map(|last| &self.ops[last]) {
                disk.apply(op);
            }
            if chosen(done) {
                for left in lefts(done) {
                    each(done, left, disk.left(left));
                }
            }
        }
    }
}

/// The files of a folder. Shared memory is not on the disk.
pub(crate) fn image_of(folder: &Path) -> Image {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file() && !path.to_str().unwrap().ends_with("-shm"));
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap())).collect()
}

fn inode(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().ino()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
