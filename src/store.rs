//! Bytes in, bytes out: the vault file. Knows tables and transactions, not what the bytes mean.
//!
//! One writer connection behind a lock, and readers that each take a connection of their own, so that deciding waits for
//! nobody. Every reader sees one state of the vault from its first read on.

mod connect;
mod erase;
mod header;
mod inventory;
mod log;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

pub use erase::Sweep;
pub(crate) use erase::Traces;
use header::APPLICATION_ID;
use schema::{SCHEMA, USER_VERSION};

/// 3.51.3: the first without the WAL-reset bug. Before 3.51, moreover, it would harm that we open and close the database
/// file ourselves ([`header::is_ours`], [`connect::for_writing`]): POSIX then drops every lock that this process holds on
/// it, those of SQLite's other connections too. Since then SQLite notices (`unixIsSharingShmNode`).
const OLDEST_SQLITE: i32 = 3_051_003;
/// Idle readers kept for the next retrieval.
const MOST_IDLE: usize = 32;

/// Why the vault file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such file.
    #[error("there is no vault at `{0}`")]
    Missing(String),
    /// There is a file already.
    #[error("`{0}` exists already")]
    Exists(String),
    /// A file, but not a vault.
    #[error("`{0}` is not a vault")]
    NotAVault(String),
    /// A vault of another format version.
    #[error("`{path}` is a vault of format {found}; this program reads format 1")]
    OtherVersion {
        /// The file.
        path: String,
        /// The version it names.
        found: i64,
    },
    /// Another process is writing, and was not done in five seconds.
    #[error("the vault is busy: another process was writing to it for five seconds")]
    Busy,
    /// The file, or where it lies, cannot be written.
    #[error("the vault can only be read")]
    ReadOnly,
    /// The operating system refused.
    #[error("cannot use `{path}`: {kind}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// Something that must be there is not, or has another form.
    #[error("the vault file is damaged: {0}")]
    Damaged(&'static str),
    /// The database failed.
    #[error("the vault file cannot be used: {0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                StoreError::Damaged("the database says so")
            }
            // Words of our own: SQLite's could quote a statement, and a statement could hold a row's id.
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::Failed("the disk is full".into()),
            Some(rusqlite::ErrorCode::ReadOnly) => StoreError::ReadOnly,
            Some(rusqlite::ErrorCode::CannotOpen) => StoreError::Failed("it cannot be opened".into()),
            Some(rusqlite::ErrorCode::PermissionDenied) => StoreError::Failed("permission denied".into()),
            Some(rusqlite::ErrorCode::SystemIoFailure) => {
                StoreError::Failed("reading or writing failed; the disk may be full".into())
            }
            Some(_) => StoreError::Failed("the database failed".into()),
            None => StoreError::Damaged("a value has another type"),
        }
    }
}

type Stored<T> = Result<T, StoreError>;

/// The vault file.
pub(crate) struct Store {
    path: PathBuf,
    /// `None` where the file can only be read.
    writer: Option<Mutex<Connection>>,
    /// Readers of a file that can be written. Where it cannot, each read finds its own way to it.
    idle: Mutex<Vec<Connection>>,
    bodies_read: AtomicU64,
}

impl Store {
    /// A new vault file. It is made beside its place and moved there whole, so that a vault is never half made.
    pub(crate) fn create<E: From<StoreError>>(
        path: &Path,
        fill: impl FnOnce(&Writer<'_>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let exists = |path: &Path| StoreError::Exists(path.display().to_string());
        // SQLite would read the log or journal of an earlier vault of this name into the new one.
        for taken in [path.to_owned(), header::beside(path, "-wal"), header::beside(path, "-journal")] {
            if taken.exists() {
                return Err(exists(&taken).into());
            }
        }
        // A name of its own, so that what an interrupted attempt left stands in nobody's way, and two attempts neither.
        let mut attempt = [0; 4];
        getrandom::fill(&mut attempt).expect("the operating system gives random bytes");
        let beside = header::beside(path, &format!(".{:08x}.new", u32::from_be_bytes(attempt)));
        // Created by us or not at all: an existing file is never written to.
        std::fs::OpenOptions::new().write(true).create_new(true).open(&beside).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(&beside),
            kind => StoreError::Io { path: path.display().to_string(), kind },
        })?;
        let made = Store::make(&beside, fill);
        let moved = made.and_then(|()| {
            // A hard link fails where the name is taken; a rename would replace it.
            std::fs::hard_link(&beside, path).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => exists(path).into(),
                kind => StoreError::Io { path: path.display().to_string(), kind }.into(),
            })
        });
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Nothing is lost if it stays, and nobody waits for its name.
            let _ = std::fs::remove_file(header::beside(&beside, suffix));
        }
        moved?;
        sync_folder(path);
        Ok(Store::open(path)?)
    }

    fn make<E: From<StoreError>>(path: &Path, fill: impl FnOnce(&Writer<'_>) -> Result<(), E>) -> Result<(), E> {
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        connection.pragma_update(None, "user_version", USER_VERSION).map_err(failed)?;
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(SCHEMA).map_err(failed)?;
        fill(&Writer { reader: Reader { transaction: &transaction, bodies_read: &AtomicU64::new(0) } })?;
        transaction.commit().map_err(failed)?;
        // The log is folded into the file, which is synced: it can be moved alone.
        connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").map_err(failed)?;
        connection.close().map_err(|(_, error)| failed(error))
    }

    /// An existing vault file.
    pub(crate) fn open(path: &Path) -> Stored<Self> {
        let shown = path.display().to_string();
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(StoreError::Failed(format!("SQLite {} is older than 3.51.3", rusqlite::version())));
        }
        if !path.exists() {
            return Err(StoreError::Missing(shown));
        }
        // A folder, a device: nothing that could be opened without harm.
        if !path.is_file() {
            return Err(StoreError::NotAVault(shown));
        }
        // From the first bytes, so that SQLite is never let near a file that is not ours.
        let io = |error: std::io::Error| StoreError::Io { path: shown.clone(), kind: error.kind() };
        if !header::is_ours(path).map_err(io)? {
            return Err(StoreError::NotAVault(shown));
        }
        // Readers connect later, perhaps from another working folder.
        let path = &path.canonicalize().map_err(io)?;
        let sound = |connection: &Connection| {
            if number(connection, "application_id")? != APPLICATION_ID {
                return Err(StoreError::NotAVault(shown.clone()));
            }
            let found = number(connection, "user_version")?;
            if found != USER_VERSION {
                return Err(StoreError::OtherVersion { path: shown.clone(), found });
            }
            if !inventory::has_our_tables(connection)? {
                return Err(StoreError::NotAVault(shown.clone()));
            }
            Ok(())
        };
        let writer = connect::for_writing(path)?;
        if let Some(connection) = &writer {
            sound(connection)?;
            let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            const FULL: i64 = 2;
            if journal != "wal" || number(connection, "synchronous")? != FULL {
                return Err(StoreError::Failed("it does not keep WAL and synchronous=FULL".into()));
            }
        } else {
            connect::only_reading(path, |connection| sound(connection))?;
        }
        Ok(Store {
            path: path.to_owned(),
            writer: writer.map(Mutex::new),
            idle: Mutex::new(vec![]),
            bodies_read: AtomicU64::new(0),
        })
    }

    /// Whether the file can be written.
    pub(crate) fn is_writable(&self) -> bool {
        self.writer.is_some()
    }

    /// Runs `work` on one unchanging state of the vault; more than once where that state turns out not to have been one.
    pub(crate) fn read<T, E: From<StoreError>>(&self, work: impl Fn(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let work = |connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(StoreError::from)?;
            work(&Reader { transaction: &transaction, bodies_read: &self.bodies_read })
        };
        if !self.is_writable() {
            return connect::only_reading(&self.path, work);
        }
        let mut connection = match lock(&self.idle).pop() {
            Some(connection) => connection,
            None => connect::beside_writers(&self.path)?,
        };
        let outcome = work(&mut connection);
        let mut idle = lock(&self.idle);
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
        outcome
    }

    /// Runs `work` and commits, or leaves the vault as it was.
    pub(crate) fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = lock(self.writer.as_ref().ok_or(StoreError::ReadOnly)?);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let done = work(&Writer { reader: Reader { transaction: &transaction, bodies_read: &self.bodies_read } })?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// How many sealed bodies were handed out since the file was opened.
    pub(crate) fn bodies_read(&self) -> u64 {
        self.bodies_read.load(Ordering::Relaxed)
    }
}

/// Makes the file's name last through a power cut, where the system lets a folder be synced.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// A panic in another thread leaves no half-done work behind: transactions roll back.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(connection: &Connection, pragma: &str) -> Stored<i64> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

/// One state of the vault.
pub(crate) struct Reader<'a> {
    transaction: &'a Transaction<'a>,
    bodies_read: &'a AtomicU64,
}

impl Reader<'_> {
    pub(crate) fn ring(&self) -> Stored<String> {
        self.one_text("SELECT note FROM rings ORDER BY version DESC LIMIT 1")?
            .ok_or(StoreError::Damaged("there is no key ring"))
    }

    pub(crate) fn rings(&self) -> Stored<Vec<(u64, String)>> {
        self.rows("SELECT version, note FROM rings ORDER BY version")
    }

    pub(crate) fn vault_head(&self) -> Stored<String> {
        self.one_text("SELECT note FROM vault_heads ORDER BY sequence DESC LIMIT 1")?
            .ok_or(StoreError::Damaged("there is no vault head"))
    }

    pub(crate) fn vault_head_at(&self, sequence: u64) -> Stored<Option<String>> {
        let mut statement = self.transaction.prepare_cached("SELECT note FROM vault_heads WHERE sequence = ?1")?;
        Ok(statement.query_row([signed(sequence)?], |row| row.get(0)).optional()?)
    }

    pub(crate) fn vault_heads(&self) -> Stored<Vec<(u64, String)>> {
        self.rows("SELECT sequence, note FROM vault_heads ORDER BY sequence")
    }

    pub(crate) fn row_sum(&self) -> Stored<Vec<u8>> {
        let state = self.transaction.query_row("SELECT state FROM row_sum", [], |row| row.get(0)).optional()?;
        state.ok_or(StoreError::Damaged("there is no row sum"))
    }

    /// The current head of a row, and its generation as stored.
    pub(crate) fn head(&self, row: &str) -> Stored<Option<(u64, Vec<u8>)>> {
        let mut statement = self.transaction.prepare_cached("SELECT generation, sealed FROM heads WHERE row = ?1")?;
        Ok(statement.query_row([row], |row| Ok((unsigned(row, 0)?, row.get(1)?))).optional()?)
    }

    /// All current heads: row, generation, sealed.
    pub(crate) fn heads(&self, mut each: impl FnMut(String, u64, Vec<u8>)) -> Stored<()> {
        let mut statement =
            self.transaction.prepare_cached("SELECT row, generation, sealed FROM heads ORDER BY row")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, unsigned(row, 1)?, row.get(2)?);
        }
        Ok(())
    }

    /// The heads of a row before the current one, oldest first, each with its generation as stored.
    pub(crate) fn old_heads(&self, row: &str) -> Stored<Vec<(u64, Vec<u8>)>> {
        let sql = "SELECT generation, sealed FROM old_heads WHERE row = ?1 ORDER BY generation";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map([row], |row| Ok((unsigned(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All heads of a row, oldest first, the current one last, each with its generation as stored.
    pub(crate) fn heads_of(&self, row: &str) -> Stored<Vec<(u64, Vec<u8>)>> {
        let mut heads = self.old_heads(row)?;
        heads.extend(self.head(row)?);
        Ok(heads)
    }

    pub(crate) fn row_ids(&self) -> Stored<Vec<String>> {
        let mut statement = self.transaction.prepare_cached("SELECT row FROM heads ORDER BY row")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The one door through which sealed bodies leave the store. It counts.
    pub(crate) fn body(&self, row: &str, generation: u64) -> Stored<Option<Vec<u8>>> {
        self.bodies_read.fetch_add(1, Ordering::Relaxed);
        let mut statement =
            self.transaction.prepare_cached("SELECT sealed FROM bodies WHERE row = ?1 AND generation = ?2")?;
        Ok(statement.query_row(params![row, signed(generation)?], |row| row.get(0)).optional()?)
    }

    /// Generation and bytes of the sealed evidence of a row that is of the greatest generation up to this one.
    pub(crate) fn evidence(&self, row: &str, generation: u64) -> Stored<Option<(u64, Vec<u8>)>> {
        let sql = "SELECT generation, sealed FROM evidence WHERE row = ?1 AND generation <= ?2
                   ORDER BY generation DESC LIMIT 1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let part = statement.query_row(params![row, signed(generation)?], |row| Ok((unsigned(row, 0)?, row.get(1)?)));
        Ok(part.optional()?)
    }

    /// Note and sealed rulings of a decision.
    pub(crate) fn decision(&self, id: &str) -> Stored<Option<(String, Vec<u8>)>> {
        let mut statement = self.transaction.prepare_cached("SELECT note, rulings FROM decisions WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    pub(crate) fn decision_ids(&self) -> Stored<Vec<String>> {
        let mut statement = self.transaction.prepare_cached("SELECT id FROM decisions ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn one_text(&self, sql: &str) -> Stored<Option<String>> {
        Ok(self.transaction.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
    }

    fn rows(&self, sql: &str) -> Stored<Vec<(u64, String)>> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((unsigned(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// A state of the vault that is being changed.
pub(crate) struct Writer<'a> {
    reader: Reader<'a>,
}

impl<'a> std::ops::Deref for Writer<'a> {
    type Target = Reader<'a>;
    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl Writer<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Stored<usize> {
        Ok(self.reader.transaction.prepare_cached(sql)?.execute(values)?)
    }

    pub(crate) fn put_ring(&self, version: u64, note: &str) -> Stored<()> {
        self.run("INSERT INTO rings VALUES (?1, ?2)", params![signed(version)?, note]).map(drop)
    }

    pub(crate) fn put_vault_head(&self, sequence: u64, note: &str, row_sum: &[u8]) -> Stored<()> {
        self.run("INSERT INTO vault_heads VALUES (?1, ?2)", params![signed(sequence)?, note])?;
        self.run("INSERT INTO row_sum VALUES (1, ?1) ON CONFLICT DO UPDATE SET state = ?1", params![row_sum]).map(drop)
    }

    /// Makes this the row's current head; the one before it becomes an old head.
    pub(crate) fn put_head(&self, row: &str, generation: u64, sealed: &[u8]) -> Stored<()> {
        self.run("INSERT INTO old_heads SELECT row, generation, sealed FROM heads WHERE row = ?1", [row])?;
        let sql = "INSERT INTO heads VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET generation = ?2, sealed = ?3";
        self.run(sql, params![row, signed(generation)?, sealed]).map(drop)
    }

    pub(crate) fn put_body(&self, row: &str, generation: u64, sealed: &[u8]) -> Stored<()> {
        self.run("INSERT INTO bodies VALUES (?1, ?2, ?3)", params![row, signed(generation)?, sealed]).map(drop)
    }

    pub(crate) fn put_evidence(&self, row: &str, generation: u64, sealed: &[u8]) -> Stored<()> {
        self.run("INSERT INTO evidence VALUES (?1, ?2, ?3)", params![row, signed(generation)?, sealed]).map(drop)
    }

    pub(crate) fn put_decision(&self, id: &str, note: &str, rulings: &[u8]) -> Stored<()> {
        self.run("INSERT INTO decisions VALUES (?1, ?2, ?3)", params![id, note, rulings]).map(drop)
    }

    pub(crate) fn reserve_seals(&self, epoch: u32, seals: u64) -> Stored<()> {
        let sql = "INSERT INTO seals VALUES (?1, ?2) ON CONFLICT DO UPDATE SET reserved = reserved + ?2";
        self.run(sql, params![epoch, signed(seals)?]).map(drop)
    }
}

/// SQLite's integers are signed; a negative one is nothing of ours.
fn unsigned(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// SQLite's integers are signed.
fn signed(number: u64) -> Stored<i64> {
    i64::try_from(number).map_err(|_| StoreError::Damaged("a number is too large"))
}
