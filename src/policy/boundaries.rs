//! The values on which a policy turns: for each fact the constants that it meets in comparisons, what lies beside them, and
//! what else it can be. Whoever looks for a row of which something is not true tries these first.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::sandbox::{self, Params};
use super::syntax::{Block, Expr, Kind, Policy, Stmt, Value as Literal};
use crate::facts::{Fact, FactKind, Schema, Value};
use crate::score::Score;
use crate::time::Span;

/// A day, an hour, a minute in milliseconds, by the names that policies have for them.
const UNITS: [(&str, i64); 3] = [("days", DAY), ("hours", 3_600_000), ("minutes", 60_000)];
const DAY: i64 = 86_400_000;
const ORDER: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
/// Sums and products of constants are tried where they are this few.
const MOST_COMBINED: usize = 8;
/// Stand for every text that no policy names: two, so that they can differ.
const OTHERS: [&str; 2] = ["other", "another"];

/// So many parts of comparisons are looked at, wherever names lead: a file of one question has some hundred.
const MOST_MENTIONS: usize = 20_000;

/// The constants that each fact meets, by its place in the schema; whether those of every comparison are among them.
pub(super) struct Boundaries(BTreeMap<usize, Constants>, bool);

/// What stands in one comparison, or meets one fact in any.
#[derive(Clone, Default)]
struct Constants {
    /// By type, as numbers stand in programs: milliseconds, millionths.
    ints: BTreeSet<i64>,
    spans: BTreeSet<i64>,
    scores: BTreeSet<i64>,
    texts: BTreeSet<String>,
}

/// One comparison: the facts and constants on either side of it.
#[derive(Default)]
struct Comparison {
    facts: BTreeSet<usize>,
    constants: Constants,
    calculated: bool,
    /// Numbers become spans in it.
    counted: bool,
}

/// What names stand for: everything that any binding or call gives them, wherever it stands.
struct Names<'p> {
    policy: &'p Policy,
    schema: &'p Schema,
    params: &'p Params,
    bound: HashMap<&'p str, Vec<&'p Expr>>,
    /// How many parts may still be looked at.
    left: Cell<usize>,
}

/// A name can mean both.
#[derive(PartialEq, Eq, Hash)]
enum Meant {
    Value,
    Function,
}

/// The names that were looked into: none is looked into twice.
type Seen<'e> = HashSet<(Meant, &'e str)>;

impl Boundaries {
    pub(super) fn of(policy: &Policy, schema: &Schema, params: &Params) -> Self {
        let names = Names::of(policy, schema, params);
        let mut known = BTreeMap::<usize, Constants>::new();
        for body in policy.bodies() {
            body.visit(&mut |expr| {
                let mut comparison = Comparison::default();
                match &expr.kind {
                    Kind::Operator(sign, parts) if ORDER.contains(&sign.as_str()) => {
                        parts.iter().for_each(|part| names.mention(part, &mut comparison, &mut HashSet::new()));
                    }
                    Kind::In(parts) => {
                        parts.iter().for_each(|part| names.mention(part, &mut comparison, &mut HashSet::new()));
                    }
                    Kind::Switch(on, arms) => {
                        names.mention(on, &mut comparison, &mut HashSet::new());
                        let labels = arms.iter().flat_map(|arm| &arm.labels);
                        labels.for_each(|label| comparison.constants.literal(&label.value));
                    }
                    _ => return,
                }
                if comparison.facts.len() > 1 {
                    // A fact beside another: what one can be, the other can meet.
                    let words = comparison.facts.iter().filter_map(|place| schema.facts().get(*place)?.words);
                    let words = words.flat_map(|words| words.iter().take(OTHERS.len()));
                    comparison.constants.texts.extend(words.map(|word| (*word).to_owned()));
                }
                let constants = comparison.constants();
                for place in comparison.facts {
                    known.entry(place).or_default().extend(&constants);
                }
            });
        }
        Boundaries(known, names.left.get() > 0)
    }

    /// Whether every comparison was looked at.
    pub(super) fn are_all(&self) -> bool {
        self.1
    }

    /// Values of a fact, one for each way in which the policy can take it; the default first.
    pub(super) fn values(&self, place: usize, fact: &Fact) -> Vec<Value> {
        let none = Constants::default();
        let met = self.0.get(&place).unwrap_or(&none);
        let beside = |numbers: &BTreeSet<i64>, others: &[i64]| -> BTreeSet<i64> {
            let numbers =
                numbers.iter().flat_map(|number| [number.saturating_sub(1), *number, number.saturating_add(1)]);
            numbers.chain(others.iter().copied()).collect()
        };
        let mut values: Vec<Value> = match fact.kind {
            FactKind::Bool => vec![Value::Bool(false), Value::Bool(true)],
            FactKind::Text => met.words(fact).into_iter().map(|word| Value::Text(word.into())).collect(),
            FactKind::Set => {
                let words = met.words(fact);
                let one = words.iter().map(|word| Value::Set([word.clone()].into()));
                one.chain([Value::Set([].into()), Value::Set(words.iter().cloned().collect())]).collect()
            }
            FactKind::Int => beside(&met.ints, &[0, 1]).into_iter().map(Value::Int).collect(),
            FactKind::Span => {
                beside(&met.spans, &[0, DAY]).into_iter().map(|millis| Value::Span(Span::from_millis(millis))).collect()
            }
            FactKind::Score => {
                let numbers = beside(&met.scores, &[0, 1_000_000]).into_iter();
                let scores = numbers.filter_map(|number| Score::from_millionths(u32::try_from(number).ok()?).ok());
                scores.map(Value::Score).collect()
            }
        };
        let default = fact.default_value();
        values.retain(|value| *value != default);
        values.insert(0, default);
        values
    }
}

impl Constants {
    fn extend(&mut self, other: &Constants) {
        self.ints.extend(&other.ints);
        self.spans.extend(&other.spans);
        self.scores.extend(&other.scores);
        self.texts.extend(other.texts.iter().cloned());
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Text(text) => _ = self.texts.insert(text.clone()),
            Literal::Int(number) => _ = self.ints.insert(*number),
            Literal::Bool(_) => {}
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Int(number) => _ = self.ints.insert(*number),
            Value::Span(span) => _ = self.spans.insert(span.millis()),
            Value::Score(score) => _ = self.scores.insert(score.millionths().into()),
            Value::Text(text) => _ = self.texts.insert(text.to_string()),
            Value::Set(words) => self.texts.extend(words.iter().cloned()),
            Value::Bool(_) | Value::Absent => {}
        }
    }

    /// The words that matter of a fact's list, or the texts that it meets, and two that it does not.
    fn words(&self, fact: &Fact) -> BTreeSet<String> {
        let Some(words) = fact.words else {
            return self.texts.iter().cloned().chain(OTHERS.map(str::to_owned)).collect();
        };
        let is_met = |word: &&&str| self.texts.contains(**word);
        let met = words.iter().filter(is_met);
        met.chain(words.iter().filter(|word| !is_met(word)).take(OTHERS.len())).map(|word| (*word).to_owned()).collect()
    }
}

impl Comparison {
    /// What facts meet here: with arithmetic also what its constants come to, two by two.
    fn constants(&self) -> Constants {
        let mut all = self.constants.clone();
        let Constants { ints, spans, .. } = &self.constants;
        if self.calculated {
            for numbers in [(ints, &mut all.ints), (spans, &mut all.spans)] {
                for a in numbers.0.iter().take(MOST_COMBINED) {
                    numbers.1.insert(a.saturating_neg());
                    for b in numbers.0.iter().take(MOST_COMBINED) {
                        numbers.1.extend([a.saturating_add(*b), a.saturating_sub(*b)]);
                    }
                }
            }
            for by in ints.iter().take(MOST_COMBINED) {
                for (numbers, into) in [(ints, &mut all.ints), (spans, &mut all.spans)] {
                    let numbers = numbers.iter().take(MOST_COMBINED);
                    into.extend(
                        numbers
                            .flat_map(|number| [Some(number.saturating_mul(*by)), number.checked_div(*by)])
                            .flatten(),
                    );
                }
            }
        }
        if self.counted {
            let whole = |span: &i64| UNITS.map(|(_, unit)| span.checked_div(unit));
            all.ints.extend(spans.iter().take(MOST_COMBINED).flat_map(whole).flatten());
        }
        all
    }
}

impl<'p> Names<'p> {
    fn of(policy: &'p Policy, schema: &'p Schema, params: &'p Params) -> Self {
        let mut bound = HashMap::<&str, Vec<&Expr>>::new();
        for body in policy.bodies() {
            binds(body, &mut bound);
            body.visit(&mut |expr| {
                match &expr.kind {
                    Kind::If(_, then, otherwise) => {
                        binds(then, &mut bound);
                        otherwise.iter().for_each(|otherwise| binds(otherwise, &mut bound));
                    }
                    Kind::Block(block) => binds(block, &mut bound),
                    Kind::Call(name, args) => {
                        for function in policy.functions.iter().filter(|function| function.name == *name) {
                            for (param, arg) in function.params.iter().zip(args) {
                                bound.entry(param).or_default().push(arg);
                            }
                        }
                    }
                    _ => {}
                };
            });
        }
        Names { policy, schema, params, bound, left: Cell::new(MOST_MENTIONS) }
    }

    /// Adds what the value of an expression is made of.
    fn mention<'e>(&'e self, expr: &'e Expr, into: &mut Comparison, seen: &mut Seen<'e>) {
        let Some(left) = self.left.get().checked_sub(1) else { return };
        self.left.set(left);
        match &expr.kind {
            Kind::Literal(literal) => into.constants.literal(literal),
            Kind::Decimal(number) => {
                into.constants.scores.extend(sandbox::decimal(*number).ok().map(|score| i64::from(score.millionths())));
            }
            Kind::Path(path) => match path.strip_prefix("param.") {
                Some(param) => self.params.get(param).into_iter().for_each(|value| into.constants.value(value)),
                None => into.facts.extend(self.schema.place(path)),
            },
            Kind::Name(name) => {
                if seen.insert((Meant::Value, name)) {
                    let bound = self.bound.get(name.as_str()).into_iter().flatten();
                    bound.for_each(|expr| self.mention(expr, into, seen));
                }
            }
            Kind::Call(name, args) => self.call(name, args, into, seen),
            Kind::Operator(sign, parts) => {
                into.calculated |= !ORDER.contains(&sign.as_str());
                parts.iter().for_each(|part| self.mention(part, into, seen));
            }
            Kind::List(parts) | Kind::Coalesce(parts) => {
                parts.iter().for_each(|part| self.mention(part, into, seen));
            }
            Kind::If(_, then, otherwise) => {
                self.last(then, into, seen);
                otherwise.iter().for_each(|otherwise| self.last(otherwise, into, seen));
            }
            Kind::Switch(_, arms) => arms.iter().for_each(|arm| self.mention(&arm.value, into, seen)),
            Kind::Block(block) => self.last(block, into, seen),
            Kind::Unit | Kind::In(_) | Kind::And(_) | Kind::Or(_) | Kind::Refused => {}
        }
    }

    fn call<'e>(&'e self, name: &'e str, args: &'e [Expr], into: &mut Comparison, seen: &mut Seen<'e>) {
        let unit = UNITS.iter().find(|(known, _)| *known == name);
        match (unit, args) {
            (Some((_, unit)), [Expr { kind: Kind::Literal(Literal::Int(number)), .. }]) => {
                into.constants.spans.insert(number.saturating_mul(*unit));
            }
            (Some(_), _) => {
                into.counted = true;
                args.iter().for_each(|arg| self.mention(arg, into, seen));
            }
            (None, _) => {
                for function in self.policy.functions.iter().filter(|function| function.name == name) {
                    if seen.insert((Meant::Function, name)) {
                        self.last(&function.body, into, seen);
                        function.body.visit(&mut |expr| {
                            if let Kind::If(_, Block(then), _) = &expr.kind
                                && let Some(Stmt::Return(value)) = then.last()
                            {
                                self.mention(value, into, seen);
                            }
                        });
                    }
                }
            }
        }
    }

    /// The value of a block.
    fn last<'e>(&'e self, block: &'e Block, into: &mut Comparison, seen: &mut Seen<'e>) {
        if let Some(Stmt::Expr(value) | Stmt::Return(value)) = block.0.last() {
            self.mention(value, into, seen);
        }
    }
}

fn binds<'p>(block: &'p Block, bound: &mut HashMap<&'p str, Vec<&'p Expr>>) {
    for statement in &block.0 {
        if let Stmt::Bind { name, value, .. } = statement {
            bound.entry(name).or_default().push(value);
        }
    }
}
