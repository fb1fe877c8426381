//! The log: entries, the tree over them, and what they can be found by.

use rusqlite::{OptionalExtension, params};

use super::{Reader, StoreError, Stored, Writer, signed, unsigned};
use crate::tree::{self, Hash};

impl Reader<'_> {
    pub(crate) fn log_size(&self, log: u64) -> Stored<u64> {
        let mut statement = self.transaction.prepare_cached("SELECT max(idx) FROM log_entries WHERE log = ?1")?;
        let last: Option<i64> = statement.query_row([signed(log)?], |row| row.get(0))?;
        Ok(last.map_or(0, |last| last.unsigned_abs() + 1))
    }

    /// The root of the log's first `size` entries; `None` if nodes are missing.
    pub(crate) fn log_root(&self, log: u64, size: u64) -> Stored<Option<Hash>> {
        let mut failed = None;
        let root = tree::root_at(size, |level, index| {
            self.log_node(log, level, index).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        });
        failed.map_or(Ok(root), Err)
    }

    fn log_node(&self, log: u64, level: u32, index: u64) -> Stored<Option<Hash>> {
        let mut statement =
            self.transaction.prepare_cached("SELECT hash FROM log_nodes WHERE log = ?1 AND level = ?2 AND idx = ?3")?;
        let hash: Option<Vec<u8>> =
            statement.query_row(params![signed(log)?, level, signed(index)?], |row| row.get(0)).optional()?;
        hash.map(|hash| hash.try_into().map_err(|_| StoreError::Damaged("a log node has another length"))).transpose()
    }

    /// The entries of a log in order, each with its number as stored.
    pub(crate) fn log_entries(&self, log: u64) -> Stored<Vec<(u64, String)>> {
        let mut statement =
            self.transaction.prepare_cached("SELECT idx, entry FROM log_entries WHERE log = ?1 ORDER BY idx")?;
        let rows = statement.query_map([signed(log)?], |row| Ok((unsigned(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The entries that can be found by this, oldest first, each with its number.
    pub(crate) fn entries_of(&self, key: &[u8]) -> Stored<Vec<(u64, String)>> {
        let sql = "SELECT idx, entry FROM log_keys JOIN log_entries USING (log, idx) WHERE key = ?1 ORDER BY log, idx";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let rows = statement.query_map([key], |row| Ok((unsigned(row, 0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest of them.
    pub(crate) fn last_entry_of(&self, key: &[u8]) -> Stored<Option<String>> {
        let sql = "SELECT entry FROM log_keys JOIN log_entries USING (log, idx) WHERE key = ?1
                   ORDER BY log DESC, idx DESC LIMIT 1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The entries of a log from the newest on, until `work` has seen enough.
    pub(crate) fn entries_backwards(
        &self,
        log: u64,
        mut work: impl FnMut(u64, String) -> std::ops::ControlFlow<()>,
    ) -> Stored<()> {
        let sql = "SELECT idx, entry FROM log_entries WHERE log = ?1 ORDER BY idx DESC";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut rows = statement.query([signed(log)?])?;
        while let Some(row) = rows.next()? {
            if work(unsigned(row, 0)?, row.get(1)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What entries can be found by: key and number, of every log, in order.
    pub(crate) fn log_keys(&self) -> Stored<Vec<(Vec<u8>, u64, u64)>> {
        let mut statement =
            self.transaction.prepare_cached("SELECT key, log, idx FROM log_keys ORDER BY key, log, idx")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?, unsigned(row, 2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Appends an entry, with the nodes that it completes and what it can be found by.
    pub(crate) fn append(&self, log: u64, entry: &str, keys: &[&[u8]]) -> Stored<()> {
        let index = self.log_size(log)?;
        let mut failed = None;
        let nodes = tree::appended(index, tree::leaf_hash(entry.as_bytes()), |level, at| {
            self.log_node(log, level, at).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        self.run("INSERT INTO log_entries VALUES (?1, ?2, ?3)", params![signed(log)?, signed(index)?, entry])?;
        for (level, at, hash) in nodes.ok_or(StoreError::Damaged("a log node is missing"))? {
            self.run(
                "INSERT INTO log_nodes VALUES (?1, ?2, ?3, ?4)",
                params![signed(log)?, level, signed(at)?, hash.as_slice()],
            )?;
        }
        for key in keys {
            // An entry may name one thing twice.
            self.run("INSERT OR IGNORE INTO log_keys VALUES (?1, ?2, ?3)", params![key, signed(log)?, signed(index)?])?;
        }
        Ok(())
    }
}
