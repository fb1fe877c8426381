//! SQLite's own file layer with a listener between: what concerns a watched folder goes through its recorder.
//!
//! The files are real, so locks and shared memory are those of every day. Nothing is ever synced: what a sync would have
//! kept is reckoned in `disk`, and no test cuts real power.
#![allow(unsafe_code, reason = "SQLite's file layer is an interface of C")]

use std::ffi::{CStr, OsStr};
use std::os::raw::{c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rusqlite::ffi;

use crate::disk::Op;
use crate::recorder::{Call, Recorder};

/// SQLite's layer. It lives as long as the process.
#[derive(Clone, Copy)]
struct Real(*mut ffi::sqlite3_vfs);

// SAFETY: SQLite calls its layer from every thread.
unsafe impl Send for Real {}
// SAFETY: as above.
unsafe impl Sync for Real {}

static REAL: OnceLock<Real> = OnceLock::new();

/// Makes this layer the default of the process.
pub(crate) fn install() {
    REAL.get_or_init(|| {
        // SAFETY: null asks for the default layer, which SQLite keeps for ever; so do we with ours.
        unsafe {
            let real = ffi::sqlite3_vfs_find(std::ptr::null());
            assert!(!real.is_null());
            // Paths, time and chance are the real layer's, which reads no field that differs.
            let mut ours = *real;
            ours.zName = c"recording".as_ptr();
            ours.szOsFile = c_int::try_from(size_of::<File>()).unwrap();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            let code = ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
            assert_eq!(code, ffi::SQLITE_OK);
            Real(real)
        }
    });
}

fn real() -> *mut ffi::sqlite3_vfs {
    REAL.get().expect("the layer is called after it was made").0
}

/// What SQLite keeps of an open file. Begins as `sqlite3_file` does.
#[repr(C)]
struct File {
    methods: *const ffi::sqlite3_io_methods,
    inner: *mut Inner,
}

struct Inner {
    /// Room for the real layer's own `sqlite3_file`.
    real: Box<[u64]>,
    watched: Option<Watched>,
}

struct Watched {
    recorder: Arc<Recorder>,
    file: usize,
    /// The folder is synced with the first sync of a journal that was opened to be made, as the real layer does.
    folder_is_due: bool,
}

impl Inner {
    fn real(&mut self) -> *mut ffi::sqlite3_file {
        self.real.as_mut_ptr().cast()
    }
}

/// A method of the real file.
macro_rules! real_method {
    ($file:expr, $method:ident $(, $value:expr)*) => {{
        let file = $file;
        ((*(*file).pMethods).$method.expect("the real layer has it"))(file $(, $value)*)
    }};
}

/// SAFETY: `file` is one that `open` filled and `close` has not emptied.
unsafe fn inner<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Inner {
    // SAFETY: as the caller promises; SQLite uses one file from one thread at a time.
    unsafe { &mut *(*file.cast::<File>()).inner }
}

fn path<'a>(name: *const c_char) -> &'a Path {
    // SAFETY: SQLite passes paths that end in zero.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes room for `szOsFile` bytes; the real layer gets as much as it asks for, zeroed and aligned.
    unsafe {
        let file = file.cast::<File>();
        (*file).methods = std::ptr::null();
        let words = usize::try_from((*real()).szOsFile).unwrap().div_ceil(8);
        let mut inner = Box::new(Inner { real: vec![0; words].into_boxed_slice(), watched: None });
        let mut opened = || (*real()).xOpen.unwrap()(real(), name, inner.real(), flags, out);
        let found = if name.is_null() { None } else { Recorder::of(path(name)) };
        let code = match found {
            None => opened(),
            Some((recorder, name)) => {
                let mut number = 0;
                let code = recorder.act(Call::Open, &mut opened, || (), |noted| number = noted.opened(&name));
                let journal = flags & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL) != 0;
                let folder_is_due = journal && flags & ffi::SQLITE_OPEN_CREATE != 0;
                inner.watched = Some(Watched { recorder, file: number, folder_is_due });
                code
            }
        };
        if code == ffi::SQLITE_OK {
            *file = File { methods: &METHODS, inner: Box::into_raw(inner) };
        }
        code
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: passed on as it came.
    let deleted = || unsafe { (*real()).xDelete.unwrap()(real(), name, 0) };
    match Recorder::of(path(name)) {
        None => deleted(),
        Some((recorder, name)) => recorder.act(
            Call::Delete,
            deleted,
            || (),
            |noted| {
                noted.deleted(&name);
                if sync_folder != 0 {
                    noted.op(Op::SyncFolder);
                }
            },
        ),
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the last call for this file; the box is the one that `open` let go.
    unsafe {
        let mut inner = Box::from_raw((*file.cast::<File>()).inner);
        (*file.cast::<File>()).methods = std::ptr::null();
        real_method!(inner.real(), xClose)
    }
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, len: c_int, at: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let Inner { real, watched } = inner(file);
        let real = real.as_mut_ptr().cast::<ffi::sqlite3_file>();
        let work = || real_method!(real, xRead, to, len, at);
        watched.as_ref().map_or_else(work, |watched| watched.recorder.act(Call::Read, work, || (), |_| ()))
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, len: c_int, at: i64) -> c_int {
    // SAFETY: passed on as it came; the bytes are SQLite's for the time of the call.
    unsafe {
        let Inner { real, watched } = inner(file);
        let real = real.as_mut_ptr().cast::<ffi::sqlite3_file>();
        let work = || real_method!(real, xWrite, from, len, at);
        let Some(Watched { recorder, file, .. }) = watched else { return work() };
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(len).unwrap());
        let op = Op::Write { file: *file, at: usize::try_from(at).unwrap(), bytes: bytes.to_vec() };
        // A write that fails may have begun.
        let half = || {
            real_method!(real, xWrite, from, len / 2, at);
        };
        recorder.act(Call::Write, work, half, |noted| noted.op(op))
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let Inner { real, watched } = inner(file);
        let real = real.as_mut_ptr().cast::<ffi::sqlite3_file>();
        let work = || real_method!(real, xTruncate, len);
        let Some(Watched { recorder, file, .. }) = watched else { return work() };
        let op = Op::Truncate { file: *file, len: usize::try_from(len).unwrap() };
        recorder.act(Call::Truncate, work, || (), |noted| noted.op(op))
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: an open file.
    let Inner { watched, .. } = unsafe { inner(file) };
    let Some(Watched { recorder, file, folder_is_due }) = watched else { return ffi::SQLITE_OK };
    recorder.act(
        Call::Sync,
        || ffi::SQLITE_OK,
        || (),
        |noted| {
            noted.op(Op::Sync { file: *file });
            if std::mem::take(folder_is_due) {
                noted.op(Op::SyncFolder);
            }
        },
    )
}

unsafe extern "C" fn share(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let Inner { real, watched } = inner(file);
        let real = real.as_mut_ptr().cast::<ffi::sqlite3_file>();
        let work = || real_method!(real, xShmMap, page, size, extend, out);
        watched.as_ref().map_or_else(work, |watched| watched.recorder.act(Call::Share, work, || (), |_| ()))
    }
}

unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, op: c_int, value: *mut c_void) -> c_int {
    if [ffi::SQLITE_FCNTL_SIZE_HINT, ffi::SQLITE_FCNTL_CHUNK_SIZE, ffi::SQLITE_FCNTL_MMAP_SIZE].contains(&op) {
        // These would change a file behind the recorder's back.
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: passed on as it came.
    unsafe { real_method!(inner(file).real(), xFileControl, op, value) }
}

/// Calls that are passed on as they come.
macro_rules! passed_on {
    ($($name:ident = $method:ident($($value:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $value: $kind)*) -> $out {
            // SAFETY: passed on as it came.
            unsafe { real_method!(inner(file).real(), $method $(, $value)*) }
        }
    )*};
}

passed_on! {
    file_size = xFileSize(out: *mut i64) -> c_int;
    lock = xLock(level: c_int) -> c_int;
    unlock = xUnlock(level: c_int) -> c_int;
    is_reserved = xCheckReservedLock(out: *mut c_int) -> c_int;
    sector_size = xSectorSize() -> c_int;
    characteristics = xDeviceCharacteristics() -> c_int;
    lock_shared = xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    barrier = xShmBarrier() -> ();
    unshare = xShmUnmap(delete: c_int) -> c_int;
}

/// Version 2: without memory maps of the files.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(is_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(share),
    xShmLock: Some(lock_shared),
    xShmBarrier: Some(barrier),
    xShmUnmap: Some(unshare),
    xFetch: None,
    xUnfetch: None,
};
