//! What stands in a vault file beyond what is read to decide: `verify` asks for all of it.

use rusqlite::{Connection, OptionalExtension, params};

use super::schema::SCHEMA;
use super::{Reader, Stored, signed, unsigned};

/// Whether the file holds the tables of version 1, and nothing beside them: no trigger, view or index of another hand.
pub(super) fn has_our_tables(connection: &Connection) -> Stored<bool> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let one_form = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found: Vec<String> = found.iter().map(|sql| one_form(sql)).collect();
    let mut ours: Vec<String> = SCHEMA.split(';').map(one_form).filter(|sql| !sql.is_empty()).collect();
    found.sort();
    ours.sort();
    Ok(found == ours)
}

impl Reader<'_> {
    /// The sealed head of one generation, current or old.
    pub(crate) fn head_of(&self, row: &str, generation: u64) -> Stored<Option<Vec<u8>>> {
        let sql = "SELECT sealed FROM heads WHERE row = ?1 AND generation = ?2
                   UNION ALL SELECT sealed FROM old_heads WHERE row = ?1 AND generation = ?2";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row(params![row, signed(generation)?], |row| row.get(0)).optional()?)
    }

    /// Rows of which there are old heads and no current one.
    pub(crate) fn rows_without_head(&self) -> Stored<Vec<String>> {
        let sql = "SELECT DISTINCT row FROM old_heads WHERE row NOT IN (SELECT row FROM heads) ORDER BY row";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Row and generation of every body.
    pub(crate) fn body_places(&self) -> Stored<Vec<(String, u64)>> {
        let mut statement =
            self.transaction.prepare_cached("SELECT row, generation FROM bodies ORDER BY row, generation")?;
        let places = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?;
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// Row and generation of every evidence part.
    pub(crate) fn evidence_places(&self) -> Stored<Vec<(String, u64)>> {
        let mut statement =
            self.transaction.prepare_cached("SELECT row, generation FROM evidence ORDER BY row, generation")?;
        let places = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?;
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// The greatest generation up to this one of which a row has an evidence part.
    pub(crate) fn evidence_up_to(&self, row: &str, generation: u64) -> Stored<Option<u64>> {
        let sql =
            "SELECT generation FROM evidence WHERE row = ?1 AND generation <= ?2 ORDER BY generation DESC LIMIT 1";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row(params![row, signed(generation)?], |row| unsigned(row, 0)).optional()?)
    }

    /// The numbers of the logs that have an entry or a node.
    pub(crate) fn logs(&self) -> Stored<Vec<u64>> {
        let sql = "SELECT log FROM log_entries UNION SELECT log FROM log_nodes ORDER BY log";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let logs = statement.query_map([], |row| unsigned(row, 0))?;
        Ok(logs.collect::<Result<_, _>>()?)
    }

    /// Level, index and hash of every node of a log, in this order.
    pub(crate) fn log_nodes(&self, log: u64) -> Stored<Vec<(i64, i64, Vec<u8>)>> {
        let sql = "SELECT level, idx, hash FROM log_nodes WHERE log = ?1 ORDER BY level, idx";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let nodes = statement.query_map([signed(log)?], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(nodes.collect::<Result<_, _>>()?)
    }

    /// How many seals of an epoch are reserved.
    pub(crate) fn reserved_seals(&self, epoch: u32) -> Stored<u64> {
        let mut statement = self.transaction.prepare_cached("SELECT reserved FROM seals WHERE epoch = ?1")?;
        Ok(statement.query_row([epoch], |row| unsigned(row, 0)).optional()?.unwrap_or(0))
    }

    /// Epoch and reserved seals, as stored.
    pub(crate) fn seals(&self) -> Stored<Vec<(i64, i64)>> {
        let mut statement = self.transaction.prepare_cached("SELECT epoch, reserved FROM seals ORDER BY epoch")?;
        Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// Every head, current and old: row, generation, sealed.
    pub(crate) fn every_head(&self, mut each: impl FnMut(&str, u64, &[u8])) -> Stored<()> {
        let sql = "SELECT row, generation, sealed FROM heads UNION ALL SELECT row, generation, sealed FROM old_heads";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, sealed) = (row.get_ref(0)?.as_str().unwrap_or_default(), row.get_ref(2)?);
            each(id, unsigned(row, 1)?, sealed.as_blob().unwrap_or_default());
        }
        Ok(())
    }

    /// Every sealed part: heads, bodies, evidence and rulings.
    pub(crate) fn sealed_parts(&self, mut each: impl FnMut(&[u8])) -> Stored<()> {
        let sql = "SELECT sealed FROM heads UNION ALL SELECT sealed FROM old_heads
                   UNION ALL SELECT sealed FROM bodies UNION ALL SELECT sealed FROM evidence
                   UNION ALL SELECT rulings FROM decisions";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_blob().unwrap_or_default());
        }
        Ok(())
    }
}
