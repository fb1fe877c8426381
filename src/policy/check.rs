//! The rules of the profile: names, codes, where an opinion may stand, what a file that reads a box may say.

mod aging;
mod allow;
mod calls;
mod cost;
mod fresher;
mod unused;

use std::collections::{BTreeSet, HashSet};

pub(super) use aging::{Aged, Clocks};
pub(super) use allow::allow;
pub(super) use cost::{MOST_DEPTH, MOST_PARTS, cost, too_large};
#[cfg(test)]
pub(super) use fresher::Searched;
pub(super) use fresher::fresher;
pub(super) use unused::unused;

use super::diagnostic::{Place, Problem};
use super::syntax::{Block, Expr, Function, Kind, Policy, Stmt};
use crate::evidence::BoxKind;
use crate::facts::Schema;

/// What the checker learned of a policy that has no errors.
pub(super) struct Learned {
    /// It contains a `live`, so its opinion vouches.
    pub(super) vouches: bool,
    /// The places of the facts that it names.
    pub(super) facts: BTreeSet<usize>,
}

/// The roots of facts.
pub(super) const ROOTS: [&str; 4] = ["row", "candidate", "request", "param"];
const OPINIONS: [(&str, usize); 4] = [("live", 1), ("background", 1), ("stale", 2), ("re_earn", 2)];
const NEEDS: [(&str, usize); 6] =
    [("confirmation", 0), ("observation", 0), ("recheck", 1), ("settle", 0), ("request", 1), ("nothing", 0)];
const SPANS: [(&str, usize); 3] = [("days", 1), ("hours", 1), ("minutes", 1)];
/// The clocks: every `live` stands under a condition on one of them.
const CLOCKS: [&str; 2] = ["row.unconfirmed_for", "row.survival"];

pub(super) fn check(policy: &Policy, schema: &Schema, params: &BTreeSet<&str>, problems: &mut Vec<Problem>) -> Learned {
    let mut checker =
        Checker { policy, schema, params, problems, lives: vec![], boxes: vec![], checked: HashSet::new() };
    checker.functions();
    let mut scope = Scope { names: vec![], sees_facts: true };
    checker.block(&policy.body, Position { tail: true, clocked: false }, &mut scope);
    // What no call reaches says nothing.
    let vouches = !checker.lives.is_empty();
    checker.functions_never_called();
    checker.boxes_and_live();
    Learned { vouches, facts: policy.paths().into_iter().filter_map(|path| schema.place(path)).collect() }
}

/// Every parameter that the policy names.
pub(super) fn params(policy: &Policy) -> impl Iterator<Item = String> {
    policy.paths().into_iter().filter_map(|path| path.strip_prefix("param.")).map(str::to_owned)
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Position {
    /// Its value is the value of the policy or function.
    tail: bool,
    /// A condition on a clock decides whether it is reached.
    clocked: bool,
}

const VALUE: Position = Position { tail: false, clocked: false };

struct Scope {
    /// Each name, and whether what it is bound to depends on a clock. The last of a name counts.
    names: Vec<(String, bool)>,
    /// Functions see no facts; they are given as arguments.
    sees_facts: bool,
}

struct Checker<'a> {
    policy: &'a Policy,
    schema: &'a Schema,
    params: &'a BTreeSet<&'a str>,
    problems: &'a mut Vec<Problem>,
    lives: Vec<Place>,
    boxes: Vec<(BoxKind, Place)>,
    /// Functions checked already: name, whether a clock decides the call, and which arguments depend on one.
    checked: HashSet<(String, bool, Vec<bool>)>,
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem::error(code, place, message, Some(fix.into())));
    }

    fn functions(&mut self) {
        let policy = self.policy;
        let mut names = HashSet::new();
        for function in &policy.functions {
            self.bindable(&function.name, function.place);
            if !names.insert(&function.name) {
                self.error(
                    "duplicate-function",
                    function.place,
                    format!("`{}` is defined twice", function.name),
                    "give one of them another name",
                );
            }
            for param in &function.params {
                self.bindable(param, function.place);
            }
            if self.calls(function, &function.name, &mut HashSet::new()) {
                self.error(
                    "recursion",
                    function.place,
                    format!("`{}` calls itself", function.name),
                    "write the steps out",
                );
            }
        }
    }

    /// Whether `function` reaches a call of `wanted`.
    fn calls<'f>(&'f self, function: &'f Function, wanted: &str, seen: &mut HashSet<&'f str>) -> bool {
        let mut called = vec![];
        function.body.visit(&mut |expr| {
            if let Kind::Call(name, _) = &expr.kind {
                called.push(name.as_str());
            }
        });
        called.into_iter().any(|name| {
            name == wanted
                || (seen.insert(name) && self.function(name).is_some_and(|next| self.calls(next, wanted, seen)))
        })
    }

    fn function(&self, name: &str) -> Option<&Function> {
        self.policy.functions.iter().find(|function| function.name == name)
    }

    fn mentions_clock(&self, expr: &Expr, scope: &Scope) -> bool {
        let mut found = false;
        expr.visit(&mut |expr| {
            found |= match &expr.kind {
                Kind::Path(path) => CLOCKS.contains(&path.as_str()),
                Kind::Name(name) => {
                    scope.names.iter().rfind(|(known, _)| known == name).is_some_and(|(_, clock)| *clock)
                }
                _ => false,
            };
        });
        found
    }

    /// Whether evaluating this can give an opinion.
    fn gives_opinion(&self, expr: &Expr) -> bool {
        let mut found = false;
        expr.visit(&mut |expr| {
            if let Kind::Call(name, _) = &expr.kind {
                found |= is_one_of(&OPINIONS, name) || self.function_gives_opinion(name, &mut HashSet::new());
            }
        });
        found
    }

    fn function_gives_opinion(&self, name: &str, seen: &mut HashSet<String>) -> bool {
        let Some(function) = self.function(name) else { return false };
        if !seen.insert(name.to_owned()) {
            return false;
        }
        let mut found = false;
        function.body.visit(&mut |expr| {
            if let Kind::Call(name, _) = &expr.kind {
                found |= is_one_of(&OPINIONS, name) || self.function_gives_opinion(name, seen);
            }
        });
        found
    }

    fn block(&mut self, block: &Block, at: Position, scope: &mut Scope) {
        let outer = scope.names.len();
        let mut at = at;
        for (number, statement) in block.0.iter().enumerate() {
            let last = number + 1 == block.0.len();
            match statement {
                Stmt::Bind { name, value, place, .. } => {
                    self.bindable(name, *place);
                    self.expr(value, VALUE, scope);
                    let clock = self.mentions_clock(value, scope);
                    scope.names.push((name.clone(), clock));
                }
                Stmt::Return(value) => {
                    self.expr(value, Position { tail: true, ..at }, scope);
                }
                Stmt::Expr(expr) => {
                    self.expr(expr, Position { tail: at.tail && last, ..at }, scope);
                    // `if row.survival < x { return … }`: what follows stands under that condition too.
                    at.clocked |= self.ends_by_clock(expr, scope);
                }
            }
        }
        scope.names.truncate(outer);
    }

    /// Whether a clock decides if the policy or function ends in this statement.
    fn ends_by_clock(&self, expr: &Expr, scope: &Scope) -> bool {
        match &expr.kind {
            Kind::If(condition, then, otherwise) => {
                let ends = then.always_returns() || otherwise.as_ref().is_some_and(Block::always_returns);
                ends && self.mentions_clock(condition, scope)
            }
            Kind::Switch(on, arms) => {
                arms.iter().any(|arm| arm.value.always_returns()) && self.mentions_clock(on, scope)
            }
            _ => false,
        }
    }

    fn expr(&mut self, expr: &Expr, at: Position, scope: &mut Scope) {
        match &expr.kind {
            Kind::Literal(_) | Kind::Decimal(_) | Kind::Unit | Kind::Refused => {}
            Kind::Name(name) => self.name(name, expr.place, scope),
            Kind::Path(path) => {
                self.path(path, expr.place, scope);
                self.guarded(path, expr.place);
            }
            Kind::List(items) => {
                self.error("list-outside-in", expr.place, "a list stands only after `in`", "write `fact in [..]`");
                self.values(items, scope);
            }
            Kind::In(parts) => match parts.as_slice() {
                [Expr { kind: Kind::List(items), .. }, value] => {
                    if items.iter().any(|item| !matches!(item.kind, Kind::Literal(_))) {
                        self.error(
                            "list-of-literals",
                            expr.place,
                            "a list after `in` holds literals only",
                            "compare with `==`",
                        );
                    }
                    self.expr(value, VALUE, scope);
                }
                other => self.values(other, scope),
            },
            Kind::Operator(sign, parts) => {
                let with_unit = parts.iter().any(|part| matches!(part.kind, Kind::Unit));
                if with_unit && matches!(sign.as_str(), "==" | "!=") {
                    self.unguarded(parts, scope);
                } else {
                    self.values(parts, scope);
                }
            }
            Kind::Coalesce(parts) => {
                if let Some((default, optional)) = parts.split_last() {
                    self.unguarded(optional, scope);
                    self.expr(default, VALUE, scope);
                }
            }
            Kind::And(parts) | Kind::Or(parts) => self.values(parts, scope),
            Kind::If(condition, then, otherwise) => {
                self.expr(condition, VALUE, scope);
                let at = Position { clocked: at.clocked || self.mentions_clock(condition, scope), ..at };
                self.block(then, at, scope);
                if let Some(otherwise) = otherwise {
                    self.block(otherwise, at, scope);
                }
            }
            Kind::Switch(on, arms) => {
                self.expr(on, VALUE, scope);
                let at = Position { clocked: at.clocked || self.mentions_clock(on, scope), ..at };
                for arm in arms {
                    self.expr(&arm.value, at, scope);
                }
            }
            Kind::Block(block) => self.block(block, at, scope),
            Kind::Call(name, args) => self.call(name, args, expr, at, scope),
        }
    }

    fn values(&mut self, exprs: &[Expr], scope: &mut Scope) {
        for expr in exprs {
            self.expr(expr, VALUE, scope);
        }
    }

    /// Where an absent fact is allowed: before `??`, or compared with `()`.
    fn unguarded(&mut self, exprs: &[Expr], scope: &mut Scope) {
        for expr in exprs {
            match &expr.kind {
                Kind::Path(path) => self.path(path, expr.place, scope),
                _ => self.expr(expr, VALUE, scope),
            }
        }
    }

    fn guarded(&mut self, path: &str, place: Place) {
        if self.schema.fact(path).is_some_and(|fact| fact.optional) {
            let fix = format!("write `{path} ?? default`");
            self.error("optional-fact", place, format!("`{path}` can be absent"), fix);
        }
    }

    fn name(&mut self, name: &str, place: Place, scope: &Scope) {
        if scope.names.iter().any(|(known, _)| known == name) {
            return;
        }
        if ROOTS.contains(&name) {
            let fix = if scope.sees_facts {
                format!("name one of its facts: `{name}.…`")
            } else {
                "pass the fact as an argument".into()
            };
            return self.error("not-a-value", place, format!("`{name}` is no value"), fix);
        }
        let builtin = OPINIONS.iter().chain(&NEEDS).chain(&SPANS).map(|(known, _)| *known);
        if builtin.clone().any(|known| known == name) {
            let written = match name {
                "live" | "background" => format!("{name}(\"code\")"),
                "stale" | "re_earn" => format!("{name}(\"code\", confirmation())"),
                "days" | "hours" | "minutes" => format!("{name}(14)"),
                _ => format!("{name}()"),
            };
            return self.error(
                "missing-parentheses",
                place,
                format!("`{name}` is called"),
                format!("write `{written}`"),
            );
        }
        let known = scope.names.iter().map(|(known, _)| known.as_str()).chain(builtin);
        let fix = match name {
            "True" | "TRUE" | "yes" => "write `true`".to_owned(),
            "False" | "FALSE" | "no" => "write `false`".to_owned(),
            "None" | "none" | "NULL" | "Null" | "undefined" => "a fact that is absent is `()`".to_owned(),
            _ if self.schema.place(&format!("row.{name}")).is_some() => format!("write `row.{name}`"),
            _ if self.is_word(name) => format!("a text stands in quotes: `\"{name}\"`"),
            _ => nearest(name, known)
                .map_or("bind it with `let` first".to_owned(), |near| format!("did you mean `{near}`?")),
        };
        self.error("unknown-name", place, format!("there is no `{name}` here"), fix);
    }

    /// Whether any fact can be this word.
    fn is_word(&self, name: &str) -> bool {
        self.schema.facts().iter().filter_map(|fact| fact.words).any(|words| words.contains(&name))
    }

    fn path(&mut self, path: &str, place: Place, scope: &Scope) {
        if !scope.sees_facts {
            return self.error("fact-in-function", place, "a function sees no facts", "pass the fact as an argument");
        }
        if let Some(param) = path.strip_prefix("param.") {
            if !self.params.contains(param) {
                let near = nearest(param, self.params.iter().copied());
                let fix =
                    near.map_or("declare it in set.toml".to_owned(), |near| format!("did you mean `param.{near}`?"));
                self.error("unknown-param", place, format!("there is no parameter `{param}`"), fix);
            }
            return;
        }
        let Some(fact) = self.schema.fact(path) else {
            let near = nearest(path, self.schema.facts().iter().map(|fact| fact.name.as_ref()));
            let fix = near.map_or("see `stillgood policy facts`".to_owned(), |near| format!("did you mean `{near}`?"));
            return self.error("unknown-fact", place, format!("there is no fact `{path}`"), fix);
        };
        if let Some(kind) = fact.evidence_box() {
            self.boxes.push((kind, place));
        }
    }

    /// Checks a function's body, once for each way in which a clock can reach it.
    fn body(&mut self, name: &str, clocked: bool, clocks: Vec<bool>) {
        let policy = self.policy;
        let Some(function) = policy.functions.iter().find(|function| function.name == name) else { return };
        if self.calls_itself(name) || !self.checked.insert((name.to_owned(), clocked, clocks.clone())) {
            return;
        }
        // A call with too few arguments was refused; the others are still names.
        let clocks = clocks.into_iter().chain(std::iter::repeat(false));
        let names = function.params.iter().cloned().zip(clocks).collect();
        // An opinion is the value of its function here; whether the call loses it was said at the call.
        self.block(&function.body, Position { tail: true, clocked }, &mut Scope { names, sees_facts: false });
    }

    fn functions_never_called(&mut self) {
        let policy = self.policy;
        for function in &policy.functions {
            if !self.checked.iter().any(|(name, ..)| *name == function.name) {
                // No call says whether a clock decides: only the rest is asked.
                self.body(&function.name, true, vec![true; function.params.len()]);
            }
        }
    }

    fn calls_itself(&self, name: &str) -> bool {
        self.function(name).is_some_and(|function| self.calls(function, name, &mut HashSet::new()))
    }

    fn bindable(&mut self, name: &str, place: Place) {
        let builtin = OPINIONS.iter().chain(&NEEDS).chain(&SPANS).any(|(known, _)| *known == name);
        if builtin || ROOTS.contains(&name) || name == "contains" {
            self.error("shadows", place, format!("`{name}` has a meaning already"), "choose another name");
        }
    }

    fn boxes_and_live(&mut self) {
        let mut boxes = std::mem::take(&mut self.boxes);
        if let (Some((kind, _)), false) = (boxes.first().copied(), self.lives.is_empty()) {
            for place in std::mem::take(&mut self.lives) {
                let message = format!("a file that reads the {} box may not say `live`", kind.name());
                self.error(
                    "live-reads-box",
                    place,
                    message,
                    "evidence can only hold back; say live in a file of its own",
                );
                self.lives.push(place);
            }
        }
        boxes.retain(|(kind, _)| *kind != BoxKind::Binding);
        if let Some((first, _)) = boxes.first().copied()
            && let Some((other, place)) = boxes.iter().find(|(kind, _)| *kind != first).copied()
        {
            let message = format!("this file reads the {} box and the {} box", first.name(), other.name());
            self.error("two-boxes", place, message, "one file per box: no box speaks for another");
        }
    }
}

fn is_one_of(list: &[(&str, usize)], name: &str) -> bool {
    list.iter().any(|(known, _)| *known == name)
}

/// The known name most like this one, if any is close.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let close = known.map(|known| (strsim::jaro_winkler(name, known), known)).filter(|(likeness, _)| *likeness > 0.8);
    close.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known)
}
