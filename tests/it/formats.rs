//! `docs/formats.md` says what the program does.

use std::fmt::Write as _;

use stillgood::Schema;

use crate::support::file;

#[test]
fn the_table_of_facts_is_the_schema() {
    let mut table = String::from("\n| fact | type | can be absent |\n|---|---|---|\n");
    for fact in Schema::builtin().facts() {
        let absent = if fact.optional { "yes" } else { "" };
        writeln!(table, "| `{}` | {} | {absent} |", fact.name, fact.kind.name()).unwrap();
    }
    table.push('\n');
    let path = file("docs/formats.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let parts: Vec<&str> = page.split("<!-- facts -->").collect();
    assert_eq!(parts.len(), 3, "the table stands between two marks");
    if std::env::var_os("STILLGOOD_BLESS").is_some() {
        std::fs::write(&path, [parts[0], &table, parts[2]].join("<!-- facts -->")).unwrap();
    } else {
        assert_eq!(parts[1], table);
    }
}
