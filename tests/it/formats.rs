//! `docs/formats.md` says what the program does.

use std::fmt::Write as _;

use stillgood::Schema;

use crate::support::matches_page;

#[test]
fn the_table_of_facts_is_the_schema() {
    let mut table = String::from("\n| fact | type | can be absent |\n|---|---|---|\n");
    for fact in Schema::builtin().facts() {
        let absent = if fact.optional { "yes" } else { "" };
        writeln!(table, "| `{}` | {} | {absent} |", fact.name, fact.kind.name()).unwrap();
    }
    table.push('\n');
    matches_page("docs/formats.md", "facts", &table);
}
