//! The ways to the vault file: for writing, beside processes that may be writing, or as a file that nobody changes.

use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{StoreError, Stored, header};

/// The file opened for writing; `None` where it can only be read. A file or folder that is marked read-only is never
/// written, whoever runs this. A failure that could pass is an error: it makes no handle that can only read for ever.
pub(super) fn for_writing(path: &Path) -> Stored<Option<Connection>> {
    let is_marked = |path: &Path| std::fs::metadata(path).is_ok_and(|file| file.permissions().readonly());
    if is_marked(path) || path.parent().is_some_and(is_marked) {
        return Ok(None);
    }
    match File::options().write(true).open(path) {
        Err(error) if is_refusal(error.kind()) => return Ok(None),
        Err(error) => return Err(StoreError::Io { path: path.display().to_string(), kind: error.kind() }),
        Ok(_) => {}
    }
    match connect(path, Way::Write) {
        Ok(connection) => Ok(Some(connection)),
        // The file could be written, and its log could not be made beside it.
        Err(error) if is_about_the_place(&error) && takes_no_files(path) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A reader of a file that this process can write.
pub(super) fn beside_writers(path: &Path) -> Stored<Connection> {
    Ok(connect(path, Way::Write)?)
}

/// Runs `work` on a file that this process cannot write. Others may: so each time the way is found anew, and where it was
/// that of a file that nobody changes, `work` counts only if nobody did.
pub(super) fn only_reading<T, E: From<StoreError>>(
    path: &Path,
    work: impl Fn(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    const TRIES: u32 = 10;
    /// Longer than a tick of the clock that files are stamped with, in which two changes look like one.
    const PAUSE: Duration = Duration::from_millis(20);
    for _ in 0..TRIES {
        let before = Unchanged::now(path)?;
        if before.as_ref().is_some_and(|file| file.modified_within(PAUSE)) {
            std::thread::sleep(PAUSE);
            continue;
        }
        let way = if before.is_some() { Way::ReadAlone } else { Way::Read };
        let outcome = connect(path, way).map_err(|error| StoreError::from(error).into());
        let outcome = outcome.and_then(|mut connection| work(&mut connection));
        let holds = match before {
            Some(before) => Unchanged::now(path)? == Some(before),
            // SQLite's locks held; but the log may have gone just before it was opened.
            None => outcome.is_ok() || has_log(path),
        };
        if holds {
            return outcome;
        }
        std::thread::sleep(PAUSE);
    }
    Err(StoreError::Busy.into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Write,
    /// Beside processes that may be writing.
    Read,
    /// As a file that nobody changes: the only way where the log's files cannot be made. SQLite then takes no lock, sees no
    /// log, and never asks whether the file is still the same. Whoever goes this way asks: [`Unchanged`].
    ReadAlone,
}

fn connect(path: &Path, way: Way) -> rusqlite::Result<Connection> {
    let mut connection = match way {
        Way::Write => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | NO_MUTEX)?,
        Way::Read => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | NO_MUTEX)?,
        Way::ReadAlone => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | NO_MUTEX;
            Connection::open_with_flags(unchanging(path), flags)?
        }
    };
    connection.busy_handler(Some(wait_for_writer))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is taken out is overwritten, in the file as in its log.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

const NO_MUTEX: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// Waits five seconds in all for another process that writes. It looks often: who looks seldom finds a busy writer between
/// two transactions only by luck.
fn wait_for_writer(tries: i32) -> bool {
    const SOON: i32 = 1_000;
    const LATER: i32 = 400;
    let wait = if tries < SOON { 1 } else { 10 };
    std::thread::sleep(Duration::from_millis(wait));
    tries < SOON + LATER
}

/// The path as SQLite's URI for a file that nobody changes; whatever could mean something in a URI is escaped.
fn unchanging(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    let path: String =
        bytes.map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") }).collect();
    format!("file:{path}?immutable=1")
}

/// While any process has the vault open, its log is there; and one that was killed leaves it.
fn has_log(path: &Path) -> bool {
    // What cannot be asked counts as there: then SQLite's locks are used, or nothing is read.
    ["-wal", "-journal"].iter().any(|log| header::beside(path, log).try_exists().unwrap_or(true))
}

/// What the system says of a file that nobody has open with SQLite. Equal before and after: nobody wrote in between.
#[derive(PartialEq, Eq)]
struct Unchanged {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and when either was last changed, where the system says so: times that nobody can set.
    inode: Option<(u64, u64, i64, i64)>,
}

impl Unchanged {
    /// `None` where somebody has it open.
    fn now(path: &Path) -> Stored<Option<Self>> {
        if has_log(path) {
            return Ok(None);
        }
        let file = std::fs::metadata(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => StoreError::Missing(path.display().to_string()),
            kind => StoreError::Io { path: path.display().to_string(), kind },
        })?;
        Ok(Some(Unchanged { length: file.len(), modified: file.modified().ok(), inode: inode(&file) }))
    }

    fn modified_within(&self, span: Duration) -> bool {
        self.modified.and_then(|time| time.elapsed().ok()).is_some_and(|passed| passed < span)
    }
}

#[cfg(unix)]
fn inode(file: &Metadata) -> Option<(u64, u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((file.dev(), file.ino(), file.ctime(), file.ctime_nsec()))
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> Option<(u64, u64, i64, i64)> {
    None
}

/// SQLite could not make or open a file, which can pass, or be because of the folder.
fn is_about_the_place(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// Whether the folder of the vault refuses a new file. It is asked by making one, since rights are more than a mode.
fn takes_no_files(path: &Path) -> bool {
    let mut attempt = [0; 4];
    getrandom::fill(&mut attempt).expect("the operating system gives random bytes");
    let probe: PathBuf = header::beside(path, &format!(".{:08x}.new", u32::from_be_bytes(attempt)));
    match File::options().write(true).create_new(true).open(&probe) {
        Ok(_) => {
            let _ = std::fs::remove_file(&probe);
            false
        }
        Err(error) => is_refusal(error.kind()),
    }
}

fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn written(path: &Path, number: u32) -> Connection {
        let connection = Connection::open(path).unwrap();
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS n (n); DELETE FROM n;";
        connection.execute_batch(sql).unwrap();
        connection.execute("INSERT INTO n VALUES (?1)", [number]).unwrap();
        connection
    }

    fn number(connection: &Connection) -> Stored<u32> {
        Ok(connection.query_row("SELECT n FROM n", [], |row| row.get(0))?)
    }

    #[test]
    fn what_was_read_while_another_wrote_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for stays_open in [true, false] {
            drop(written(&path, 1));
            let (runs, writer) = (Cell::new(0), Cell::new(None));
            let read = only_reading(&path, |connection| {
                let number = number(connection)?;
                runs.set(runs.get() + 1);
                if runs.get() == 1 {
                    writer.set(Some(written(&path, 2)).filter(|_| stays_open));
                }
                Ok::<_, StoreError>(number)
            });
            assert_eq!((read, runs.get()), (Ok(2), 2), "{stays_open}");
        }
    }

    #[test]
    fn who_never_finds_one_state_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        drop(written(&path, 0));
        let last = Cell::new(0);
        let read = only_reading(&path, |connection| {
            let number = number(connection)?;
            last.set(number + 1);
            drop(written(&path, number + 1));
            Ok::<_, StoreError>(number)
        });
        assert_eq!(read, Err(StoreError::Busy));
        assert!(last.get() > 1);
    }
}
