//! Calls: opinions, spans, and the file's own functions, written out where they are called.

use super::{Lowering, Type, Typed};
use crate::evidence::BoxKind;
use crate::policy::bug::{Bug, bug};
use crate::policy::diagnostic::Place;
use crate::policy::stance_of;
use crate::policy::syntax::{Expr, Kind, Stmt, Value as Literal};
use crate::policy::typed::Node;
use crate::verdict::{Need, Opinion, Stance};

/// The spans that a policy can name, and their milliseconds.
const UNITS: [(&str, i64); 3] = [("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000)];

impl Lowering<'_> {
    pub(super) fn call(&mut self, name: &str, args: &[Expr], place: Place) -> Typed {
        if let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) {
            return self.span(name, *unit, args, place);
        }
        match stance_of(name) {
            Some(stance) => self.opinion(stance, args),
            None => self.own(name, args),
        }
    }

    fn span(&mut self, name: &str, unit: i64, args: &[Expr], place: Place) -> Typed {
        let [number] = args else { return Typed::new(Node::default(), Type::Span) };
        let value = self.expr(number, false);
        if value.kind == Type::Never {
            return value;
        }
        if value.kind != Type::Int {
            let message = format!("`{name}` takes a whole number, not {}", value.kind.name());
            self.mistyped(value.kind, number.place, message, format!("write `{name}(14)`"));
            return Typed::new(Node::default(), Type::Span);
        }
        let node = match value.node {
            Node::Const(number) if number.checked_mul(unit).is_some() => Node::Const(number.saturating_mul(unit)),
            Node::Const(_) => {
                self.error("overflow", number.place, "this span is longer than any can be", "write a smaller number");
                return Typed::new(Node::default(), Type::Span);
            }
            node => Node::Span(unit, Box::new(node), self.spot(place)),
        };
        Typed::new(node, Type::Span)
    }

    fn opinion(&mut self, stance: Stance, args: &[Expr]) -> Typed {
        // What else stands for a code was refused.
        let Some(code) = literal(args.first()) else { return Typed::unknown() };
        let opinion = Opinion { stance, code: code.to_owned(), need: args.get(1).and_then(need) };
        self.program.opinions.push(opinion);
        Typed::new(Node::Const(self.program.opinions.len() as i64), Type::Opinion)
    }

    /// One of the file's own functions. It sees its arguments and nothing else.
    fn own(&mut self, name: &str, args: &[Expr]) -> Typed {
        let args: Vec<(Typed, Place)> = args.iter().map(|arg| (self.expr(arg, false), arg.place)).collect();
        let policy = self.policy;
        let Some(function) = policy.functions.iter().find(|function| function.name == name) else {
            return Typed::unknown();
        };
        let calls_itself = self.calls.iter().any(|caller| caller == name);
        if calls_itself || function.params.len() != args.len() || self.too_long {
            return Typed::unknown();
        }
        let outer = std::mem::take(&mut self.locals);
        let mut nodes = vec![];
        for ((value, at), param) in args.into_iter().zip(&function.params) {
            self.refuse_decimal(&value, at);
            if value.kind == Type::Unit {
                self.mistyped(value.kind, at, "there is no value to give", "give a value");
            }
            let place = self.bind(param, &value);
            nodes.push(Node::Let(place, Box::new(value.node)));
        }
        self.calls.push(name.to_owned());
        let returns = std::mem::replace(&mut self.returns, Type::Never);
        let body = self.block(&function.body, false);
        let returned = std::mem::replace(&mut self.returns, returns);
        self.calls.pop();
        self.locals = outer;
        let last = function.body.0.last().map_or(function.place, Stmt::place);
        let kind = self.either(returned, body.kind, last, false);
        let caught = returned != Type::Never && !bug(Bug::ReturnLeavesFunctionAndPolicy);
        let body_node = if caught { Node::Call(Box::new(body.node)) } else { body.node };
        nodes.push(body_node);
        Typed::new(Node::Block(nodes.into()), kind)
    }
}

fn literal(arg: Option<&Expr>) -> Option<&str> {
    match arg.map(|arg| &arg.kind) {
        Some(Kind::Literal(Literal::Text(text))) => Some(text),
        _ => None,
    }
}

/// A need as it is written; what is wrong with it is said by the checker.
fn need(need: &Expr) -> Option<Need> {
    let Kind::Call(name, args) = &need.kind else { return None };
    Some(match name.as_str() {
        "confirmation" => Need::Confirmation,
        "observation" => Need::Observation,
        "settle" => Need::Settle,
        "nothing" => Need::Nothing,
        "recheck" => Need::Recheck(BoxKind::from_name(literal(args.first())?)?),
        "request" => Need::Request(literal(args.first())?.to_owned()),
        _ => return None,
    })
}
