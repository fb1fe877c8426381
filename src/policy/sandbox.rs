//! Rhai's interpreter, with nothing in it but what a policy may use. No file, clock, print, sleep or eval is reachable:
//! the engine starts empty, and every function is listed by a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rhai::{AST, Array, Dynamic, Engine, EvalAltResult, ImmutableString, OptimizationLevel, Scope as RhaiScope, Token};

use super::diagnostic::Place;
use super::program::Stopped;
use crate::evidence::BoxKind;
use crate::facts::{Facts, Read, Schema, Value};
use crate::score::Score;
use crate::time::Span;
use crate::verdict::{Need, Opinion, Stance};

/// Steps that one policy may take on one row. The profile has no loops, so only a very long file comes near.
const MOST_STEPS: u64 = 100_000;

const OVERFLOWS: &str = "it overflows";
const DIVIDES_BY_ZERO: &str = "it divides by zero";

/// Why a policy gave no opinion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// It failed on this row; one line, without any of the row's text.
    Error(String),
    /// It took too many steps.
    OverBudget,
}

impl From<Stopped> for Failure {
    fn from(why: Stopped) -> Self {
        let (what, Place { line, column }) = match why {
            Stopped::Overflow(place) => (OVERFLOWS, place),
            Stopped::DivisionByZero(place) => (DIVIDES_BY_ZERO, place),
        };
        Failure::Error(format!("{what} at {line}:{column}"))
    }
}

/// The facts of one candidate as the interpreter sees them, and a note of which were read.
pub(crate) struct Reading {
    schema: Arc<Schema>,
    facts: Facts,
    params: Arc<Params>,
    read: [AtomicU64; 4],
}

/// A set's parameters by name.
pub(crate) type Params = std::collections::BTreeMap<String, Value>;

impl Reading {
    pub(crate) fn new(schema: Arc<Schema>, facts: Facts, params: Arc<Params>) -> Arc<Self> {
        Arc::new(Reading { schema, facts, params, read: Default::default() })
    }

    /// The facts that were read so far.
    pub(crate) fn read(&self) -> Read {
        let mut read = Read::default();
        for place in 0..Read::MOST {
            let bits = self.read.get(place / 64).map_or(0, |bits| bits.load(Ordering::Relaxed));
            if bits >> (place % 64) & 1 == 1 {
                read.note(place);
            }
        }
        read
    }

    fn note(&self, place: usize) {
        if let Some(word) = self.read.get(place / 64) {
            word.fetch_or(1 << (place % 64), Ordering::Relaxed);
        }
    }
}

/// `row`, `row.binding`, `candidate`, `request` or `param` in a script.
#[derive(Clone)]
struct Root {
    reading: Arc<Reading>,
    path: ImmutableString,
}

type Fallible<T> = Result<T, Box<EvalAltResult>>;

impl Root {
    fn property(&mut self, name: &str) -> Fallible<Dynamic> {
        let path = format!("{}.{name}", self.path);
        if let Some(param) = path.strip_prefix("param.") {
            return self
                .reading
                .params
                .get(param)
                .map(dynamic)
                .ok_or_else(|| format!("there is no parameter `{param}`").into());
        }
        if let Some(place) = self.reading.schema.place(&path) {
            let value = self.reading.facts.get(place).map(dynamic);
            let value = value.ok_or_else(|| format!("the fact `{path}` was not read"))?;
            self.reading.note(place);
            return Ok(value);
        }
        let inner = format!("{path}.");
        if self.reading.schema.facts().iter().any(|fact| fact.name.starts_with(&inner)) {
            return Ok(Dynamic::from(Root { reading: Arc::clone(&self.reading), path: path.into() }));
        }
        Err(format!("there is no fact `{path}`").into())
    }
}

fn dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Absent => Dynamic::UNIT,
        Value::Text(text) => Dynamic::from(ImmutableString::from(text.as_ref())),
        Value::Bool(yes) => Dynamic::from(*yes),
        Value::Int(number) => Dynamic::from(*number),
        Value::Span(span) => Dynamic::from(*span),
        Value::Score(score) => Dynamic::from(*score),
        Value::Set(words) => Dynamic::from(Words(Arc::clone(words))),
    }
}

#[derive(Clone)]
struct Words(Arc<[String]>);

/// The empty engine with our functions, and every limit set.
pub(super) fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    // Not `set_strict_variables`: the checker knows every name, and says more than that it is unknown.
    engine.set_fail_on_invalid_map_property(true);
    engine.set_max_operations(MOST_STEPS);
    // Functions do not recurse, so calls nest no deeper than there are functions.
    engine.set_max_call_levels(64);
    engine.set_max_expr_depths(64, 64);
    // Nothing builds a text. Those of requests and parameters may be long, and are compared like any other.
    engine.set_max_string_size(0);
    engine.set_max_array_size(256);
    engine.set_max_map_size(16);
    engine.set_max_functions(64);
    engine.set_max_variables(16_384);
    engine.set_max_modules(0);
    engine.set_max_strings_interned(0);
    for symbol in ["eval", "import", "export", "print", "debug"] {
        engine.disable_symbol(symbol);
    }
    name_private(&mut engine);
    register_types(&mut engine);
    register_opinions(&mut engine);
    register_operators(&mut engine);
    refuse_other_types(&mut engine);
    engine
}

/// `private` is a word of Rhai's, and the name of a fact: `row.route.private`. After a dot it is a name.
#[expect(deprecated, reason = "it is not deprecated, says Rhai, but may change; a test reads every fact")]
fn name_private(engine: &mut Engine) {
    // An engine reads one file at a time.
    let after_dot = AtomicBool::new(false);
    engine.on_parse_token(move |token, _, _| {
        let is_name = after_dot.swap(token == Token::Period, Ordering::Relaxed) && token == Token::Private;
        if is_name { Token::Identifier(Box::new("private".into())) } else { token }
    });
}

fn register_types(engine: &mut Engine) {
    engine.register_type_with_name::<Root>("facts");
    engine.register_type_with_name::<Span>("span");
    engine.register_type_with_name::<Score>("score");
    engine.register_type_with_name::<Words>("set");
    engine.register_type_with_name::<Need>("need");
    engine.register_type_with_name::<Opinion>("opinion");
    engine.register_indexer_get(|root: &mut Root, name: &str| root.property(name));
}

fn register_opinions(engine: &mut Engine) {
    let opinion = |stance, code: ImmutableString, need| Opinion { stance, code: code.to_string(), need };
    engine.register_fn("live", move |code: ImmutableString| opinion(Stance::Live, code, None));
    engine.register_fn("background", move |code: ImmutableString| opinion(Stance::Background, code, None));
    engine.register_fn("stale", move |code: ImmutableString, need: Need| opinion(Stance::Stale, code, Some(need)));
    engine.register_fn("re_earn", move |code: ImmutableString, need: Need| opinion(Stance::ReEarn, code, Some(need)));
    engine.register_fn("confirmation", || Need::Confirmation);
    engine.register_fn("observation", || Need::Observation);
    engine.register_fn("settle", || Need::Settle);
    engine.register_fn("nothing", || Need::Nothing);
    engine.register_fn("recheck", |name: ImmutableString| -> Fallible<Need> {
        BoxKind::from_name(&name).map(Need::Recheck).ok_or_else(|| format!("there is no box `{name}`").into())
    });
    engine.register_fn("request", |field: ImmutableString| -> Fallible<Need> {
        if Need::is_field(&field) {
            Ok(Need::Request(field.to_string()))
        } else {
            Err("not a field of a request".into())
        }
    });
}

fn register_operators(engine: &mut Engine) {
    let span = |span: Option<Span>| -> Fallible<Span> { span.ok_or_else(|| OVERFLOWS.into()) };
    engine.register_fn("days", move |n: i64| span(Span::days(n)));
    engine.register_fn("hours", move |n: i64| span(Span::hours(n)));
    engine.register_fn("minutes", move |n: i64| span(Span::minutes(n)));
    engine.register_fn("+", move |a: Span, b: Span| span(a.millis().checked_add(b.millis()).map(Span::from_millis)));
    engine.register_fn("-", move |a: Span, b: Span| span(a.millis().checked_sub(b.millis()).map(Span::from_millis)));
    engine.register_fn("*", move |a: Span, n: i64| span(a.millis().checked_mul(n).map(Span::from_millis)));
    engine.register_fn("*", move |n: i64, a: Span| span(a.millis().checked_mul(n).map(Span::from_millis)));
    engine.register_fn("-", move |a: Span| span(a.millis().checked_neg().map(Span::from_millis)));
    engine.register_fn("-", |n: i64| -> Fallible<i64> { n.checked_neg().ok_or_else(|| OVERFLOWS.into()) });
    engine.register_fn("!", |yes: bool| !yes);
    macro_rules! comparisons {
        ($a:ty, $b:ty, $convert:expr) => {
            engine.register_fn("==", |a: $a, b: $b| -> Fallible<bool> { Ok($convert(a, b).map(|(a, b)| a == b)?) });
            engine.register_fn("!=", |a: $a, b: $b| -> Fallible<bool> { Ok($convert(a, b).map(|(a, b)| a != b)?) });
            engine.register_fn("<", |a: $a, b: $b| -> Fallible<bool> { Ok($convert(a, b).map(|(a, b)| a < b)?) });
            engine.register_fn("<=", |a: $a, b: $b| -> Fallible<bool> { Ok($convert(a, b).map(|(a, b)| a <= b)?) });
            engine.register_fn(">", |a: $a, b: $b| -> Fallible<bool> { Ok($convert(a, b).map(|(a, b)| a > b)?) });
            engine.register_fn(">=", |a: $a, b: $b| -> Fallible<bool> { Ok($convert(a, b).map(|(a, b)| a >= b)?) });
        };
    }
    comparisons!(Span, Span, |a, b| Ok::<_, String>((a, b)));
    comparisons!(Score, Score, |a, b| Ok::<_, String>((a, b)));
    comparisons!(Score, f64, |a, b| decimal(b).map(|b| (a, b)));
    comparisons!(f64, Score, |a, b| decimal(a).map(|a| (a, b)));
    // Where a default stands for a score that is absent.
    comparisons!(f64, f64, |a, b| Ok::<_, String>((decimal(a)?, decimal(b)?)));
    engine.register_fn("contains", |words: &mut Words, word: ImmutableString| {
        words.0.iter().any(|known| *known == *word)
    });
    engine.register_fn("contains", |list: &mut Array, value: Dynamic| -> Fallible<bool> {
        for item in list.iter() {
            if is_same(item, &value)? {
                return Ok(true);
            }
        }
        Ok(false)
    });
}

/// Rhai takes a comparison of different types for false. Here it is an error, so that a slip holds a row back and never
/// lets one through.
fn refuse_other_types(engine: &mut Engine) {
    // Only then are these asked before Rhai's own answer.
    engine.set_fast_operators(false);
    macro_rules! refuse {
        ($($a:ty, $b:ty;)+) => {$(
            for sign in ["==", "!=", "<", "<=", ">", ">="] {
                engine.register_fn(sign, |_: $a, _: $b| -> Fallible<bool> { other_types() });
                engine.register_fn(sign, |_: $b, _: $a| -> Fallible<bool> { other_types() });
            }
        )+};
    }
    macro_rules! refuse_nothing {
        ($($a:ty;)+) => {$(
            for sign in ["<", "<=", ">", ">="] {
                engine.register_fn(sign, |_: $a, (): ()| -> Fallible<bool> { other_types() });
                engine.register_fn(sign, |(): (), _: $a| -> Fallible<bool> { other_types() });
            }
        )+};
    }
    refuse! {
        Span, Score; Span, Words; Span, i64; Span, f64; Span, bool; Span, ImmutableString;
        Score, Words; Score, i64; Score, bool; Score, ImmutableString;
        Words, i64; Words, f64; Words, bool; Words, ImmutableString; Words, Words;
        i64, f64; i64, bool; i64, ImmutableString; f64, bool; f64, ImmutableString; bool, ImmutableString;
    }
    refuse_nothing! { Span; Score; Words; i64; f64; bool; ImmutableString; (); }
}

fn other_types() -> Fallible<bool> {
    Err("it compares values of different types".into())
}

/// A decimal literal as a score: the shortest decimal that gives this float, of at most six places.
pub(super) fn decimal(value: f64) -> Result<Score, String> {
    let text = value.to_string();
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    if places > 6 {
        return Err("a score has at most six decimal places".into());
    }
    text.parse().map_err(|error: crate::score::ScoreError| error.to_string())
}

/// `in` over a literal list: texts, numbers, or yes and no; never across types.
fn is_same(item: &Dynamic, value: &Dynamic) -> Fallible<bool> {
    if item.is_string() && value.is_string() {
        return Ok(item.clone().into_immutable_string()? == value.clone().into_immutable_string()?);
    }
    if let (Ok(a), Ok(b)) = (item.as_int(), value.as_int()) {
        return Ok(a == b);
    }
    if let (Ok(a), Ok(b)) = (item.as_bool(), value.as_bool()) {
        return Ok(a == b);
    }
    Err(format!("`in` compares {} with {}", kind_of(item), kind_of(value)).into())
}

/// A value's type by the name that the table of facts has for it, not by Rust's.
fn kind_of(value: &Dynamic) -> &'static str {
    match value.type_name() {
        "string" => "text",
        "i64" => "int",
        "f64" => "decimal",
        "array" => "list",
        _ if value.is::<Span>() => "span",
        _ if value.is::<Score>() => "score",
        _ if value.is::<Words>() => "set",
        _ if value.is::<Need>() => "need",
        _ if value.is::<Root>() => "facts",
        name => name,
    }
}

/// One policy on one candidate: its opinion, or none.
pub(super) fn run(engine: &Engine, ast: &AST, reading: &Arc<Reading>) -> Result<Option<Opinion>, Failure> {
    let mut scope = RhaiScope::new();
    for root in super::check::ROOTS {
        scope.push_constant(root, Root { reading: Arc::clone(reading), path: root.into() });
    }
    let value = engine.eval_ast_with_scope::<Dynamic>(&mut scope, ast).map_err(|error| failure(&error))?;
    if value.is_unit() {
        return Ok(None);
    }
    let found = kind_of(&value);
    value.try_cast::<Opinion>().map(Some).ok_or_else(|| Failure::Error(format!("its value is no opinion but {found}")))
}

fn failure(error: &EvalAltResult) -> Failure {
    if matches!(error.unwrap_inner(), EvalAltResult::ErrorTooManyOperations(_)) {
        return Failure::OverBudget;
    }
    // Inside a function the place is there, not at the call.
    let inner = error.unwrap_inner();
    let position = inner.position();
    let what = match inner {
        // Our own errors carry our own words, which name facts, not values.
        EvalAltResult::ErrorRuntime(what, _) => what.to_string(),
        EvalAltResult::ErrorArithmetic(what, _) if is_by_zero(what) => DIVIDES_BY_ZERO.to_owned(),
        EvalAltResult::ErrorArithmetic(..) => OVERFLOWS.to_owned(),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => format!("there is no `{signature}`"),
        EvalAltResult::ErrorMismatchOutputType(..) | EvalAltResult::ErrorMismatchDataType(..) => {
            "a value has another type".to_owned()
        }
        _ => "it does not evaluate".to_owned(),
    };
    match (position.line(), position.position()) {
        (Some(line), Some(column)) => Failure::Error(format!("{what} at {line}:{column}")),
        _ => Failure::Error(what),
    }
}

/// Of a remainder Rhai says the same for both failures; the divisor tells them apart.
fn is_by_zero(what: &str) -> bool {
    what.contains("by zero") && (!what.contains("or overflow") || what.ends_with("% 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every function that a script can call by name, beside Rhai's own operators. It grows only on purpose.
    #[test]
    fn nothing_else_is_callable() {
        let engine = engine();
        let reading = Reading::new(Arc::new(Schema::builtin()), Facts::all(vec![]), Arc::default());
        for attempt in [
            "sleep(1)",
            "exit()",
            "print(\"a\")",
            "debug(1)",
            "eval(\"1\")",
            "parse_json(\"{}\")",
            "timestamp()",
            "rand()",
            "open(\"/etc/passwd\")",
            "import \"a\" as b",
            "\"a\".len()",
            "[1].len()",
            "[1].push(2)",
            "\"a\".to_upper()",
            "blob()",
            "parse_int(\"1\")",
            "type_of(1).len()",
            "range(1, 2)",
            "abs(1)",
            "max(1, 2)",
            "[1, 2].sort()",
            "#{a: 1}.keys()",
            "\"a\".split()",
            "1.to_string()",
        ] {
            let outcome = engine.compile(attempt).ok().map(|ast| run(&engine, &ast, &reading));
            assert!(!matches!(outcome, Some(Ok(_))), "{attempt} is callable");
        }
    }

    #[test]
    fn every_fact_can_be_named() {
        let schema = Schema::builtin();
        for fact in schema.facts() {
            let policy = format!("if {} == () {{ background(\"absent\") }}", fact.name);
            let mut problems = vec![];
            let parsed = crate::policy::syntax::parse(&engine(), &policy, &mut problems);
            assert!(parsed.is_some(), "{problems:?}");
            let values = schema.facts().iter().map(|fact| fact.default_value()).collect();
            let reading = Reading::new(Arc::new(schema.clone()), Facts::all(values), Arc::default());
            run(&engine(), &engine().compile(policy).unwrap(), &reading).unwrap();
            assert_eq!(reading.read().places().collect::<Vec<_>>(), [schema.place(&fact.name).unwrap()]);
        }
    }

    #[test]
    fn literal_decimals_are_exact() {
        assert_eq!(decimal(0.1).unwrap().millionths(), 100_000);
        assert_eq!(decimal(0.123456).unwrap().millionths(), 123_456);
        assert!(decimal(0.1234567).is_err());
        assert!(decimal(1.5).is_err());
        assert!(decimal(0.1 + 0.2).is_err());
    }

    #[test]
    fn values_of_different_types_are_never_compared() {
        let engine = engine();
        let reading = Reading::new(Arc::new(Schema::builtin()), Facts::all(vec![]), Arc::default());
        let values = ["days(1)", "1", "0.5", "true", "\"a\""];
        for (place, a) in values.iter().enumerate() {
            for (other, b) in values.iter().enumerate().filter(|(other, _)| *other != place) {
                for sign in ["==", "!=", "<", "<=", ">", ">="] {
                    let policy = format!("if {a} {sign} {b} {{ live(\"x\") }} else {{ live(\"y\") }}");
                    let outcome = run(&engine, &engine.compile(&policy).unwrap(), &reading);
                    assert!(matches!(outcome, Err(Failure::Error(_))), "{place} {other} {policy}: {outcome:?}");
                }
            }
            for sign in ["<", "<=", ">", ">="] {
                for policy in [format!("{a} {sign} ()"), format!("() {sign} {a}")] {
                    let policy = format!("if {policy} {{ live(\"x\") }} else {{ live(\"y\") }}");
                    let outcome = run(&engine, &engine.compile(&policy).unwrap(), &reading);
                    assert!(matches!(outcome, Err(Failure::Error(_))), "{policy}: {outcome:?}");
                }
            }
        }
    }

    #[test]
    fn a_failure_names_types_as_the_table_of_facts_does() {
        let engine = engine();
        let reading = Reading::new(Arc::new(Schema::builtin()), Facts::all(vec![]), Arc::default());
        for (policy, what) in [
            ("days(1)", "its value is no opinion but span"),
            ("1", "its value is no opinion but int"),
            ("0.5", "its value is no opinion but decimal"),
            ("\"a\"", "its value is no opinion but text"),
            ("[1]", "its value is no opinion but list"),
            ("row", "its value is no opinion but facts"),
            ("settle()", "its value is no opinion but need"),
            ("days(1) in [1]", "`in` compares int with span at 1:9"),
        ] {
            let outcome = run(&engine, &engine.compile(policy).unwrap(), &reading);
            assert_eq!(outcome, Err(Failure::Error(what.into())), "{policy}");
        }
    }

    #[test]
    fn arithmetic_fails_where_it_stands() {
        let engine = engine();
        let reading = Reading::new(Arc::new(Schema::builtin()), Facts::all(vec![]), Arc::default());
        for (policy, what) in [
            ("1 / 0", "it divides by zero at 1:3"),
            ("1 % 0", "it divides by zero at 1:3"),
            ("(-9223372036854775807 - 1) / -1", "it overflows at 1:28"),
            ("(-9223372036854775807 - 1) % -1", "it overflows at 1:28"),
            ("fn f(n) {\n  9223372036854775807 + n\n}\nf(1)", "it overflows at 2:23"),
            ("fn f(n) {\n  days(n)\n}\nfn g(n) {\n  f(n)\n}\ng(9223372036854775807)", "it overflows at 2:3"),
        ] {
            let outcome = run(&engine, &engine.compile(policy).unwrap(), &reading);
            assert_eq!(outcome, Err(Failure::Error(what.into())), "{policy}");
        }
    }

    #[test]
    fn a_long_policy_runs_out_of_steps_and_says_so() {
        let mut engine = engine();
        engine.set_max_operations(50);
        let reading = Reading::new(Arc::new(Schema::builtin()), Facts::all(vec![]), Arc::default());
        let ast = engine.compile(format!("if {} {{ live(\"x\") }}", ["1 + 1 == 3"; 40].join(" || "))).unwrap();
        assert_eq!(run(&engine, &ast, &reading), Err(Failure::OverBudget));
    }
}
