//! The shipped policies on every row that matters to them: each fact takes every value with which it is compared, those
//! beside it, every word, and none. The files that the checker must let in stand random rows.

use std::collections::BTreeSet;

use super::grammar::Written;
use super::{Compiled, Dice, ROWS, World, rows};
use crate::facts::{Fact, FactKind, Value};
use crate::policy::boundaries::Boundaries;
use crate::policy::program::Frame;
use crate::policy::syntax::{Kind, Value as Literal};
use crate::time::Span;

/// The values that a policy names: numbers as they stand in programs, and texts.
#[derive(Default)]
struct Named {
    numbers: BTreeSet<i64>,
    texts: BTreeSet<String>,
}

impl Named {
    fn of(policy: &Compiled, world: &World) -> Self {
        let mut named = Named::default();
        let bodies = policy.tree.functions.iter().map(|function| &function.body).chain([&policy.tree.body]);
        for body in bodies {
            body.visit(&mut |expr| match &expr.kind {
                Kind::Literal(Literal::Int(number)) => {
                    named.numbers.extend([1, 60_000, 3_600_000, 86_400_000].map(|unit| number.saturating_mul(unit)));
                }
                Kind::Literal(Literal::Text(text)) => _ = named.texts.insert(text.clone()),
                Kind::Decimal(number) => _ = named.numbers.insert((number * 1e6).round() as i64),
                Kind::Path(path) => {
                    if let Some(value) = path.strip_prefix("param.").and_then(|param| world.params.get(param)) {
                        named.add(value);
                    }
                }
                _ => {}
            });
        }
        named
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Int(number) => _ = self.numbers.insert(*number),
            Value::Span(span) => _ = self.numbers.insert(span.millis()),
            Value::Score(score) => _ = self.numbers.insert(score.millionths().into()),
            Value::Text(text) => _ = self.texts.insert(text.to_string()),
            Value::Set(words) => self.texts.extend(words.iter().cloned()),
            Value::Bool(_) | Value::Absent => {}
        }
    }
}

/// Every value of a fact that could make a difference, and the ends of what there is.
fn values(boundaries: &Boundaries, place: usize, fact: &Fact) -> Vec<Value> {
    let mut values = boundaries.values(place, fact);
    let ends = [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX];
    match fact.kind {
        FactKind::Int => values.extend(ends.map(Value::Int)),
        FactKind::Span => values.extend(ends.map(|millis| Value::Span(Span::from_millis(millis)))),
        FactKind::Text | FactKind::Bool | FactKind::Score | FactKind::Set => {}
    }
    values
}

#[test]
fn programs_and_the_interpreter_agree_on_every_row_that_matters_to_the_shipped_policies() {
    let world = World::of(include_str!("../../../policies/set.toml"));
    let mut rows = 0;
    let builtin = crate::PolicySet::builtin();
    for policy in builtin.policies() {
        let compiled = world.compile(policy.source()).unwrap();
        let boundaries = Boundaries::of(&compiled.tree, &world.schema, &world.params);
        let facts = world.schema.facts();
        let mut given = vec![facts.iter().map(Fact::default_value).collect::<Vec<_>>()];
        for place in &compiled.facts {
            let values = values(&boundaries, *place, &facts[*place]);
            let with = |row: Vec<Value>| {
                values.iter().map(move |value| {
                    let mut row = row.clone();
                    row[*place] = value.clone();
                    row
                })
            };
            given = given.into_iter().flat_map(with).collect();
        }
        rows += given.len();
        let mut frame = Frame::default();
        for row in given {
            let said = world.ask(&compiled, &crate::facts::Facts::all(row), &mut frame);
            assert!(said.is_ok(), "{}\n{}", policy.source(), said.unwrap_err());
        }
    }
    println!("{rows} rows");
    assert!(rows > 100, "{rows}");
}

#[test]
fn programs_and_the_interpreter_agree_on_every_right_policy() {
    let world = World::of(include_str!("../../../tests/policies/set.toml"));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies/right");
    let mut frame = Frame::default();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rhai") {
            continue;
        }
        seen += 1;
        let source = std::fs::read_to_string(&path).unwrap();
        let policy = world.compile(&source).unwrap();
        let Named { numbers, texts } = Named::of(&policy, &world);
        let (numbers, texts) = (numbers.into_iter().collect(), texts.into_iter().collect());
        let written = Written { source, constructs: BTreeSet::new(), numbers, texts };
        let mut dice = Dice::of_seed(seen);
        for _ in 0..ROWS {
            let row = rows::random(&mut dice, &world.schema, &policy.facts, &written);
            let said = world.ask(&policy, &row, &mut frame);
            assert!(said.is_ok(), "{}\n{}", path.display(), said.unwrap_err());
        }
    }
    assert!(seen > 40);
}
