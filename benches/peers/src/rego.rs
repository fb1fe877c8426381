//! Rego, by regorus and its bytecode machine.
//!
//! Timed: the row's prepared document given to a loaded machine, which copies a pointer, a run from the one entry point, and
//! its number read. The interpreter of the same crate takes about twice as long; it is not in the table.

use std::collections::BTreeMap;

use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use stillgood::Verdict;

use crate::engine::{Engine, verdict_of};
use crate::rows::Row;

pub(crate) struct Machine {
    machine: RegoVM,
    inputs: Vec<Value>,
}

const RULE: &str = "data.six.verdict";

impl Machine {
    pub(crate) fn new(rows: &[Row]) -> Self {
        let mut engine = regorus::Engine::new();
        engine.add_policy("six.rego".into(), include_str!("../six.rego").into()).unwrap();
        let policy = engine.compile_with_entrypoint(&RULE.into()).unwrap();
        let mut machine = RegoVM::new();
        machine.load_program(Compiler::compile_from_policy(&policy, &[RULE]).unwrap());
        Machine { machine, inputs: rows.iter().map(input).collect() }
    }
}

impl Engine for Machine {
    fn name(&self) -> &str {
        "Rego, bytecode machine"
    }

    fn package(&self) -> Option<&str> {
        Some("regorus")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        self.machine.set_input(self.inputs[row].clone());
        verdict_of(self.machine.execute_entry_point_by_index(0).unwrap().as_i64().unwrap())
    }
}

/// A row as the input document.
fn input(row: &Row) -> Value {
    let mut facts: BTreeMap<Value, Value> = BTreeMap::from([
        ("kind".into(), row.kind.name().into()),
        ("age".into(), row.age.into()),
        ("unconfirmed_for".into(), row.unconfirmed_for.into()),
        ("rung".into(), row.rung.name().into()),
    ]);
    facts.extend(row.expires_in.map(|left| ("expires_in".into(), left.into())));
    if let Some(model) = row.artifact {
        facts.extend([("label".into(), model.label.into()), ("blob_id".into(), model.blob_id.into())]);
    }
    if let Some(model) = row.asked {
        facts.extend([("asked_label".into(), model.label.into()), ("asked_blob_id".into(), model.blob_id.into())]);
    }
    facts.into()
}
