//! The Common Expression Language, by its Rust interpreter.
//!
//! Timed: the evaluation of a parsed expression with a context that holds the row, and its number read where it is. Names
//! without dots, since each dotted one is looked up several times; `Program::execute` copies the value and takes longer.

use std::sync::Arc;

use ::cel::common::types::{CelInt, CelNull, CelString};
use ::cel::common::value::Val;
use ::cel::{Context, Env, Program, Value};
use stillgood::Verdict;

use crate::engine::{Engine, verdict_of};
use crate::rows::Row;

pub(crate) struct Cel {
    program: Program,
    contexts: Vec<Context<'static, 'static>>,
}

impl Cel {
    pub(crate) fn new(rows: &[Row]) -> Self {
        let env = Arc::new(Env::stdlib());
        let program = env.compile(include_str!("../six.cel")).unwrap();
        Cel { program, contexts: rows.iter().map(|row| context(&env, row)).collect() }
    }
}

impl Engine for Cel {
    fn name(&self) -> &str {
        "CEL"
    }

    fn package(&self) -> Option<&str> {
        Some("cel")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        let value = Value::resolve_val(self.program.expression(), &self.contexts[row]).unwrap();
        verdict_of(*value.downcast_ref::<CelInt>().unwrap().inner())
    }
}

/// A row as the variables of the expression.
fn context(env: &Arc<Env>, row: &Row) -> Context<'static, 'static> {
    fn number(number: i64) -> Box<dyn Val> {
        Box::new(CelInt::from(number))
    }
    fn text(text: &'static str) -> Box<dyn Val> {
        Box::new(CelString::from(text))
    }
    fn or_null(value: Option<Box<dyn Val>>) -> Box<dyn Val> {
        value.unwrap_or_else(|| Box::new(CelNull))
    }
    let mut context = Context::with_env(Arc::clone(env));
    for (name, value) in [
        ("expires_in", or_null(row.expires_in.map(number))),
        ("label", or_null(row.artifact.map(|model| text(model.label)))),
        ("blob_id", or_null(row.artifact.map(|model| text(model.blob_id)))),
        ("asked_label", or_null(row.asked.map(|model| text(model.label)))),
        ("asked_blob_id", or_null(row.asked.map(|model| text(model.blob_id)))),
        ("rung", text(row.rung.name())),
        ("age", number(row.age)),
        ("kind", text(row.kind.name())),
        ("unconfirmed_for", number(row.unconfirmed_for)),
    ] {
        context.add_variable_as_val(name, value);
    }
    context
}
