//! What stands in a vault file beyond what is read to decide: `verify` asks for all of it.

use rusqlite::Connection;

use super::{SCHEMA, Stored};

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
