//! Random policies: blocks, statements, opinions and functions. Nearly all of them pass the checker.

use std::collections::BTreeSet;

use super::Dice;
use crate::facts::{FactKind, Schema};

/// Parameters and request keys of every type.
pub(super) const SET: &str = r#"
name = "differential"
version = 1
param.holds = { type = "score", value = 0.5, meaning = "a score" }
param.fades = { type = "score", value = 0.2, meaning = "a score" }
param.limit = { type = "span", value = "14 days", meaning = "a span" }
param.few = { type = "int", value = -2, meaning = "a number" }
param.many = { type = "int", value = 4611686018427387904, meaning = "a number" }
param.strict = { type = "bool", value = true, meaning = "yes or no" }
param.who = { type = "text", value = "owner", meaning = "a word" }
param.words = { type = "set", value = ["home", "work"], meaning = "words" }
request.urgent = { type = "bool", meaning = "yes or no" }
request.budget = { type = "int", meaning = "a number" }
request.balance = { type = "int", meaning = "a number" }
request.patience = { type = "span", meaning = "a span" }
request.grace = { type = "span", meaning = "a span" }
request.trust = { type = "score", meaning = "a score" }
request.doubt = { type = "score", meaning = "a score" }
request.audience = { type = "set", meaning = "words" }
request.voice = { type = "text", meaning = "a word" }
request.tone = { type = "text", meaning = "a word" }
"#;

pub(super) const TEXTS: [&str; 10] =
    ["work", "Work", "WORK", "home", "personal", "private", "owner", "", "ünï", "a \"b\""];

/// Names are few, so that they hide each other.
pub(super) const NAMES: [&str; 5] = ["a", "b", "c", "x", "limit"];

/// Everything that a policy can be made of, as it is counted.
#[rustfmt::skip]
pub(super) const CONSTRUCTS: [&str; 80] = [
    "let", "const", "shadowing", "name", "decimal const", "nested block", "block as value", "if", "else", "else if",
    "if as value", "switch", "switch as value", "switch on text", "switch on int", "switch on bool", "label below zero",
    "several labels", "`_` arm", "no `_` arm", "early return", "return in a switch arm", "return inside let",
    "return of nothing", "return at the end", "code after return", "return in a function", "semicolon after the value",
    "value that nobody wants", "live", "background", "stale", "re_earn", "function", "function of several parameters",
    "function gives an opinion", "function calls function", "parameter of the name of a function", "&&", "||", "!",
    "chain without brackets", "== of text", "!= of text", "== of bool", "!= of bool", "comparison of ints",
    "comparison of spans", "comparison of scores", "decimal on the right", "decimal on the left", "score parameter",
    "==", "!=", "<", "<=", ">", ">=", "+", "- of two", "*", "/", "%", "unary minus", "span + span", "span - span",
    "span * int", "int * span", "days, hours, minutes of an expression", "in a list of texts", "in a list of ints",
    "in a list of bools", "in a set", "!in", "??",
    "?? twice", "?? with a decimal", "== ()", "!= ()", "number near the end",
];

/// What a value is, as far as the writer must know.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Type {
    Text,
    /// Text of a closed list.
    Word(&'static [&'static str]),
    Bool,
    Int,
    Span,
    Score,
    Decimal,
    Set,
}

/// What a block gives.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Gives {
    Opinion,
    Value(Type),
}

#[derive(Clone)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) params: Vec<Type>,
    pub(super) gives: Gives,
}

pub(super) struct FactName {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) optional: bool,
}

/// A policy, what is in it, and the values with which it compares.
pub(super) struct Written {
    pub(super) source: String,
    pub(super) constructs: BTreeSet<&'static str>,
    pub(super) numbers: Vec<i64>,
    pub(super) texts: Vec<String>,
}

impl Written {
    /// The same policy for the same seed.
    #[cfg(test)]
    pub(super) fn from_seed(seed: u64, schema: &Schema) -> Self {
        Written::by(Dice::of_seed(seed), schema).0
    }

    /// The policy that the dice decide, and the dice.
    pub(super) fn by(mut dice: Dice, schema: &Schema) -> (Self, Dice) {
        let vouches = dice.chance(40);
        let (vouching, own) = (vouches, ["settlement", "payment", "route", "artifact", "data"][dice.below(5)]);
        let facts = schema.facts().iter().filter(|fact| match fact.evidence_box() {
            Some(kind) => !vouching && (kind.name() == own || kind.name() == "binding"),
            None => true,
        });
        let facts = facts.map(|fact| {
            let kind = match (fact.kind, fact.words) {
                (FactKind::Text, Some(words)) => Type::Word(words),
                (FactKind::Text, None) => Type::Text,
                (FactKind::Bool, _) => Type::Bool,
                (FactKind::Int, _) => Type::Int,
                (FactKind::Span, _) => Type::Span,
                (FactKind::Score, _) => Type::Score,
                (FactKind::Set, _) => Type::Set,
            };
            FactName { name: fact.name.to_string(), kind, optional: fact.optional }
        });
        let mut writer = Writer {
            facts: facts.collect(),
            vouches,
            written: Written {
                source: String::new(),
                constructs: BTreeSet::new(),
                numbers: vec![-2, 500_000, 200_000, 14 * 86_400_000],
                texts: vec![],
            },
            dice,
            names: vec![],
            functions: vec![],
            inside: None,
            clocked: false,
            returns: true,
        };
        let mut source = "// Made up.\n".to_owned();
        for _ in 0..*writer.dice.of(&[0, 0, 1, 2, 3]) {
            source += &writer.function();
        }
        source += &writer.block(Gives::Opinion, 3);
        (Written { source, ..writer.written }, writer.dice)
    }
}

pub(super) struct Writer {
    pub(super) facts: Vec<FactName>,
    pub(super) vouches: bool,
    pub(super) written: Written,
    pub(super) dice: Dice,
    pub(super) names: Vec<(String, Type)>,
    pub(super) functions: Vec<Function>,
    /// What the function at hand gives; none for the policy itself.
    pub(super) inside: Option<Gives>,
    /// A condition on a clock stands above.
    pub(super) clocked: bool,
    /// Whether a `return` may stand here.
    pub(super) returns: bool,
}

impl Writer {
    pub(super) fn mark(&mut self, construct: &'static str) {
        debug_assert!(CONSTRUCTS.contains(&construct), "{construct}");
        self.written.constructs.insert(construct);
    }

    fn function(&mut self) -> String {
        self.mark("function");
        let name = format!("f{}", self.functions.len());
        let gives = match self.dice.below(7) {
            0..=2 => Gives::Opinion,
            3 => Gives::Value(Type::Int),
            4 => Gives::Value(Type::Bool),
            5 => Gives::Value(Type::Span),
            _ => Gives::Value(*self.dice.of(&[Type::Score, Type::Text])),
        };
        let kinds = [Type::Int, Type::Bool, Type::Span, Type::Text, Type::Score];
        let mut params: Vec<Type> = (0..self.dice.below(4)).map(|_| *self.dice.of(&kinds)).collect();
        let mut names: Vec<String> = NAMES.iter().take(params.len()).map(|name| (*name).to_owned()).collect();
        if params.len() > 1 {
            self.mark("function of several parameters");
            if self.dice.chance(25) {
                self.mark("parameter of the name of a function");
                names[1] = name.clone();
            }
        }
        let needs_clock = gives == Gives::Value(Type::Score) || gives == Gives::Opinion && self.vouches;
        if needs_clock || params.contains(&Type::Score) || self.dice.chance(50) {
            params.insert(0, Type::Score);
            names.insert(0, "clock".to_owned());
        }
        self.names = names.iter().cloned().zip(params.iter().copied()).collect();
        self.inside = Some(gives);
        let body = self.block(gives, 2);
        self.inside = None;
        self.names.clear();
        self.functions.push(Function { name: name.clone(), params, gives });
        format!("fn {name}({}) {{\n{body}\n}}\n", names.join(", "))
    }

    pub(super) fn opinion(&mut self) -> String {
        let code = *self.dice.of(&["one", "two", "three-3"]);
        let needs =
            ["confirmation()", "observation()", "recheck(\"mode\")", "settle()", "request(\"purpose\")", "nothing()"];
        let need = *self.dice.of(&needs);
        let live = self.vouches && self.clocked;
        match self.dice.below(if live { 6 } else { 3 }) {
            0 => {
                self.mark("background");
                format!("background(\"{code}\")")
            }
            1 => {
                self.mark("stale");
                format!("stale(\"{code}\", {need})")
            }
            2 => {
                self.mark("re_earn");
                format!("re_earn(\"{code}\", {need})")
            }
            _ => {
                self.mark("live");
                format!("live(\"{code}\")")
            }
        }
    }

    /// An opinion or none, as the value of a block.
    pub(super) fn opinion_value(&mut self, depth: usize) -> String {
        if depth == 0 {
            return if self.dice.chance(90) { self.opinion() } else { String::new() };
        }
        let calls = self.callable(Gives::Opinion);
        if !calls.is_empty() && self.dice.chance(40) {
            let function = self.dice.of(&calls).clone();
            self.mark("function gives an opinion");
            return self.call(&function);
        }
        match self.dice.below(10) {
            0..=5 => self.opinion_if(depth),
            6..=7 => {
                self.mark("switch");
                let (on, labels) = self.switched(depth);
                let first = self.arm(depth);
                let rest = if self.dice.chance(60) {
                    self.mark("`_` arm");
                    format!("_ => {}", self.arm(depth))
                } else {
                    self.mark("no `_` arm");
                    String::new()
                };
                format!("switch {on} {{\n{labels} => {first},\n{rest}\n}}")
            }
            8 => {
                self.mark("nested block");
                format!("{{\n{}\n}}", self.block(Gives::Opinion, depth - 1))
            }
            _ => self.opinion(),
        }
    }

    fn arm(&mut self, depth: usize) -> String {
        if self.dice.chance(50) { self.opinion() } else { format!("{{ {} }}", self.block(Gives::Opinion, depth - 1)) }
    }

    fn opinion_if(&mut self, depth: usize) -> String {
        self.mark("if");
        let (condition, clock) = self.clock_or_condition(depth);
        let clocked = self.under(clock);
        let then = self.block(Gives::Opinion, depth - 1);
        let mut text = format!("if {condition} {{\n{then}\n}}");
        let mut depth = depth;
        while depth > 1 && self.dice.chance(50) {
            depth -= 1;
            self.mark("else if");
            let (condition, _) = self.clock_or_condition(depth);
            let then = self.block(Gives::Opinion, depth - 1);
            text += &format!(" else if {condition} {{\n{then}\n}}");
        }
        if self.dice.chance(60) {
            self.mark("else");
            text += &format!(" else {{\n{}\n}}", self.block(Gives::Opinion, depth - 1));
        }
        self.clocked = clocked;
        text
    }

    /// Goes under a condition; whether one on a clock stood above before.
    pub(super) fn under(&mut self, clock: bool) -> bool {
        let before = self.clocked;
        self.clocked |= clock;
        before
    }

    /// A condition, and whether it is one on a clock.
    pub(super) fn clock_or_condition(&mut self, depth: usize) -> (String, bool) {
        if self.vouches && self.inside.unwrap_or(Gives::Opinion) == Gives::Opinion && self.dice.chance(60) {
            let clock = if self.inside.is_some() { "clock" } else { "row.survival" };
            let sign = *self.dice.of(&[">=", ">", "<", "<="]);
            return (format!("{clock} {sign} {}", self.decimal()), true);
        }
        (self.value(Type::Bool, depth), false)
    }
}
