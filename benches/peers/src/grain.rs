//! Rhai's bytecode machine, which Rhai calls Grain.
//!
//! Timed: a run of the whole program, on one machine for all rows, with a scope that holds the row, and its number read.

use rhai::Scope;
use rhai::grain::{Compiler, Program, Vm};
use stillgood::Verdict;

use crate::engine::{Engine, verdict_of};
use crate::rows::Row;
use crate::walker::scope;

pub(crate) struct Grain<'a> {
    vm: Vm<'a>,
    program: Program<'static>,
    scopes: Vec<Scope<'static>>,
}

impl<'a> Grain<'a> {
    pub(crate) fn new(engine: &'a rhai::Engine, rows: &[Row]) -> Self {
        let program = Compiler::new().compile(&engine.compile(include_str!("../plain.rhai")).unwrap());
        assert_eq!(program.residual_count(), 0, "nothing is left to the tree walker");
        Grain { vm: Vm::new(engine), program, scopes: rows.iter().map(scope).collect() }
    }
}

impl Engine for Grain<'_> {
    fn name(&self) -> &str {
        "Rhai, bytecode machine"
    }

    fn package(&self) -> Option<&str> {
        Some("rhai")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        let value = self.vm.eval_with_scope(&mut self.scopes[row], &self.program).unwrap();
        verdict_of(value.as_int().unwrap())
    }
}
