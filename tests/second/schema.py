"""The tables of a vault file, version 1."""

from forms import need

APPLICATION_ID = 0x53475631
# Name, type, NOT NULL (a primary key always counts as such) and place in the primary key of each column.
TABLES = {
    "rings": "version INTEGER 1 1, note TEXT 1 0",
    "vault_heads": "sequence INTEGER 1 1, note TEXT 1 0",
    "heads": "row TEXT 1 1, generation INTEGER 1 0, sealed BLOB 1 0",
    "old_heads": "row TEXT 1 1, generation INTEGER 1 2, sealed BLOB 1 0",
    "bodies": "row TEXT 1 0, generation INTEGER 1 0, sealed BLOB 1 0",
    "evidence": "row TEXT 1 0, generation INTEGER 1 0, sealed BLOB 1 0",
    "decisions": "id TEXT 1 1, note TEXT 1 0, rulings BLOB 1 0",
    "row_sum": "only INTEGER 1 1, state BLOB 1 0",
    "log_entries": "log INTEGER 1 1, idx INTEGER 1 2, entry TEXT 1 0",
    "log_nodes": "log INTEGER 1 1, level INTEGER 1 2, idx INTEGER 1 3, hash BLOB 1 0",
    "log_keys": "key BLOB 1 1, log INTEGER 1 2, idx INTEGER 1 3",
    "seals": "epoch INTEGER 1 1, reserved INTEGER 1 0",
}
WITHOUT_ROWID = {"heads", "old_heads", "log_entries", "log_nodes", "log_keys"}


def check(path, select):
    """Application id, version, journal mode and tables. `select` runs one query."""
    with open(path, "rb") as file:
        start = file.read(20)
    need(start[:16] == b"SQLite format 3\0", "not an SQLite 3 file")
    need(start[18:20] == b"\2\2", "journal mode is not WAL")
    need(select("PRAGMA application_id") == [(APPLICATION_ID,)], "another application id")
    need(select("PRAGMA user_version") == [(1,)], "unknown version of vault file")
    need(select("PRAGMA integrity_check") == [("ok",)], "SQLite integrity check fails")
    other = select("SELECT name FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL")
    need(not other, "an index, view or trigger")
    found = {row[1]: row for row in select("PRAGMA main.table_list") if row[1] not in ("sqlite_schema", "sqlite_temp_schema")}
    need(set(found) == set(TABLES), "other tables than those of version 1")
    for name, columns in TABLES.items():
        kind, without, strict = found[name][2], found[name][4], found[name][5]
        same = kind == "table" and strict == 1 and without == (name in WITHOUT_ROWID)
        need(same, f"table {name} is of another kind")
        info = select(f"PRAGMA table_info({name})")
        have = ", ".join(f"{r[1]} {r[2]} {r[3] if r[5] == 0 else 1} {r[5]}" for r in info)
        need(have == columns, f"table {name} has other columns")
