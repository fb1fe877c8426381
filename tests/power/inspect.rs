//! A vault after an accident, as its owner finds it: opened, checked, and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::types::Value;
use stillgood::{DecisionId, Identity, Pin, RowId, Vault, Verifier};

/// What the owner has at hand.
pub(crate) struct Trust {
    pub(crate) owner: Verifier,
    pub(crate) device: Verifier,
    pub(crate) identity: Identity,
}

/// What is in a vault that verifies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    /// Every row and its generation, in order.
    pub(crate) rows: Vec<(RowId, u64)>,
    /// Every decision; each opens and verifies.
    pub(crate) decisions: BTreeSet<DecisionId>,
    /// How many seals are reserved.
    pub(crate) reserved: u64,
    /// Of each sealed part, eight bytes of its nonce.
    pub(crate) nonces: BTreeSet<u64>,
}

/// Opens vaults with what the owner has, checks all of each, and says what is in it; or what is wrong.
pub(crate) struct Inspector<'a> {
    trust: &'a Trust,
    /// What was in the tables, and what that was found to be. The same content is not verified twice.
    known: Vec<(Content, Found)>,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(trust: &'a Trust) -> Self {
        Inspector { trust, known: vec![] }
    }

    pub(crate) fn look(&mut self, path: &Path, pin: Option<&Pin>) -> Result<Found, String> {
        let Trust { owner, identity, .. } = self.trust;
        let vault = Vault::open(path, owner, identity, pin).map_err(|error| format!("open: {error}"))?;
        let connection = rusqlite::Connection::open(path).unwrap();
        let sound: rusqlite::Result<String> = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
        if sound.as_deref() != Ok("ok") {
            return Err(format!("integrity: {sound:?}"));
        }
        let content = content(&connection).map_err(|error| format!("sql: {error}"))?;
        if let Some((_, found)) = self.known.iter().find(|(known, _)| *known == content) {
            return Ok(found.clone());
        }
        let found = self.verify(&vault, &content)?;
        self.known.push((content, found.clone()));
        Ok(found)
    }

    fn verify(&self, vault: &Vault, content: &Content) -> Result<Found, String> {
        let report = vault.verify().map_err(|error| format!("verify: {error}"))?;
        if !report.holds() {
            let wrong: Vec<_> = report.findings.iter().flat_map(|finding| &finding.wrong).collect();
            return Err(format!("verify: {wrong:?}"));
        }
        let mut decisions = BTreeSet::new();
        for row in &content["decisions"] {
            let id: DecisionId = text(&row[0]).parse().unwrap();
            let signed = vault.decision(id).map_err(|error| format!("decision {id}: {error}"))?;
            let decision = signed.verify(&self.trust.device).map_err(|error| format!("decision {id}: {error}"))?;
            assert_eq!(decision.id, id);
            decisions.insert(id);
        }
        let sealed = ["heads", "old_heads", "bodies", "decisions"].iter().flat_map(|table| &content[*table]);
        let nonces: BTreeSet<u64> = sealed.map(|row| nonce(text(&row[0]), blob(&row[2]))).collect();
        let reserved = content["seals"].iter().map(|row| number(&row[1])).sum();
        if reserved < nonces.len() as u64 {
            return Err(format!("{} sealed parts, and {reserved} seals reserved", nonces.len()));
        }
        Ok(Found { rows: rows_of(vault), decisions, reserved, nonces })
    }
}

/// The rows of every table.
type Content = BTreeMap<String, Vec<Vec<Value>>>;

fn content(connection: &rusqlite::Connection) -> rusqlite::Result<Content> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let rows = |table: String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        Ok((table, rows.collect::<rusqlite::Result<_>>()?))
    };
    tables.into_iter().map(rows).collect()
}

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { panic!("a text, not {value:?}") }
}

fn blob(value: &Value) -> &[u8] {
    if let Value::Blob(bytes) = value { bytes } else { panic!("bytes, not {value:?}") }
}

fn number(value: &Value) -> u64 {
    if let Value::Integer(number) = value { number.unsigned_abs() } else { panic!("a number, not {value:?}") }
}

/// Every row and its generation, in order.
pub(crate) fn rows_of(vault: &Vault) -> Vec<(RowId, u64)> {
    let rows = vault.rows().unwrap().into_iter();
    rows.map(|row| (row.clone(), vault.row(&row).unwrap().generation)).collect()
}

/// `docs/formats.md`, "Sealed parts": nine bytes, the name, a generation of one byte, then the nonce of twelve.
fn nonce(name: &str, sealed: &[u8]) -> u64 {
    let header = if name.len() < 24 { 1 } else { 2 };
    let at = 9 + header + name.len() + 1;
    assert_eq!((&sealed[9 + header..at - 1], sealed[at]), (name.as_bytes(), NONCE));
    u64::from_be_bytes(sealed[at + 1..at + 9].try_into().unwrap())
}

/// The byte before a nonce: a byte string of twelve.
pub(crate) const NONCE: u8 = 0x4c;
