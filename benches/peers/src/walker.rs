//! Rhai's tree walker.
//!
//! Timed: the evaluation of a parsed script with a scope that holds the row, and its number read. A function called with the
//! facts as arguments took over one and a half times as long; it is not in the table.

use rhai::{AST, Dynamic, INT, ImmutableString, Scope};
use stillgood::Verdict;

use crate::engine::{Engine, verdict_of};
use crate::rows::Row;

pub(crate) struct Walker<'a> {
    engine: &'a rhai::Engine,
    script: AST,
    scopes: Vec<Scope<'static>>,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(engine: &'a rhai::Engine, rows: &[Row]) -> Self {
        let script = engine.compile(include_str!("../plain.rhai")).unwrap();
        Walker { engine, script, scopes: rows.iter().map(scope).collect() }
    }
}

impl Engine for Walker<'_> {
    fn name(&self) -> &str {
        "Rhai, tree walker"
    }

    fn package(&self) -> Option<&str> {
        Some("rhai")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        verdict_of(self.engine.eval_ast_with_scope::<INT>(&mut self.scopes[row], &self.script).unwrap())
    }
}

/// A row as the variables of the script. A scope is searched from its end: what every row needs stands there.
pub(crate) fn scope(row: &Row) -> Scope<'static> {
    fn text(text: &'static str) -> Dynamic {
        ImmutableString::from(text).into()
    }
    fn or_absent(value: Option<Dynamic>) -> Dynamic {
        value.unwrap_or(Dynamic::UNIT)
    }
    let mut scope = Scope::new();
    for (name, value) in [
        ("unconfirmed_for", row.unconfirmed_for.into()),
        ("kind", text(row.kind.name())),
        ("age", row.age.into()),
        ("rung", text(row.rung.name())),
        ("asked_blob_id", or_absent(row.asked.map(|model| text(model.blob_id)))),
        ("blob_id", or_absent(row.artifact.map(|model| text(model.blob_id)))),
        ("asked_label", or_absent(row.asked.map(|model| text(model.label)))),
        ("label", or_absent(row.artifact.map(|model| text(model.label)))),
        ("expires_in", or_absent(row.expires_in.map(Dynamic::from))),
    ] {
        scope.push_dynamic(name, value);
    }
    scope
}
