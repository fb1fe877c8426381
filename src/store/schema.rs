//! The tables of version 1: `docs/formats.md`, "Vault file".

pub(super) const USER_VERSION: i64 = 1;

pub(super) const SCHEMA: &str = "
CREATE TABLE rings (version INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE vault_heads (sequence INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE row_sum (only INTEGER PRIMARY KEY CHECK (only = 1), state BLOB NOT NULL) STRICT;
CREATE TABLE heads (row TEXT PRIMARY KEY, generation INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE old_heads (row TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY (row, generation)) STRICT, WITHOUT ROWID;
CREATE TABLE bodies (row TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL,
                     UNIQUE (row, generation)) STRICT;
CREATE TABLE evidence (row TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL,
                       UNIQUE (row, generation)) STRICT;
CREATE TABLE decisions (id TEXT PRIMARY KEY, note TEXT NOT NULL, rulings BLOB NOT NULL) STRICT;
CREATE TABLE log_entries (log INTEGER NOT NULL, idx INTEGER NOT NULL, entry TEXT NOT NULL,
                          PRIMARY KEY (log, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE log_nodes (log INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
                        PRIMARY KEY (log, level, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE log_keys (key BLOB NOT NULL, log INTEGER NOT NULL, idx INTEGER NOT NULL,
                       PRIMARY KEY (key, log, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE seals (epoch INTEGER PRIMARY KEY, reserved INTEGER NOT NULL) STRICT;
";
