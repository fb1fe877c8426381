//! From a policy's tree to its program. Every type is known here, so whatever compares, adds or returns values of the wrong
//! one is said here.

mod calls;
#[cfg(test)]
mod eager;
mod operators;

use std::collections::HashMap;
use std::sync::Arc;

use super::bug::{Bug, bug};
use super::check::{MOST_DEPTH, MOST_PARTS, nearest, too_large};
use super::diagnostic::{Place, Problem};
use super::flatten::flatten;
use super::program::{self, Program, Spot};
use super::sandbox::Params;
use super::syntax::{Arm, Block, Expr, Kind, Label, Policy, Stmt, Value as Literal};
use super::typed::{Node, Switch};
use crate::facts::{Fact, FactKind, Schema, Value};

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    /// With the words that it can be, where they are a closed list.
    Text(Words),
    Bool,
    Int,
    Span,
    Score,
    Set(Words),
    /// A number with a decimal point: a score's other side.
    Decimal,
    /// An opinion, or none.
    Opinion,
    /// No value.
    Unit,
    /// Evaluation does not get here: a `return` stands before it.
    Never,
    /// Something is wrong with it, and was said.
    Unknown,
}

type Words = Option<&'static [&'static str]>;

impl Type {
    fn of(kind: FactKind, words: Words) -> Self {
        match kind {
            FactKind::Text => Type::Text(words),
            FactKind::Bool => Type::Bool,
            FactKind::Int => Type::Int,
            FactKind::Span => Type::Span,
            FactKind::Score => Type::Score,
            FactKind::Set => Type::Set(words),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Type::Text(_) => "text",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Span => "span",
            Type::Score => "score",
            Type::Set(_) => "set",
            Type::Decimal => "decimal",
            Type::Opinion => "opinion",
            Type::Unit | Type::Never | Type::Unknown => "nothing",
        }
    }

    /// The type of what is one or the other; `None` where nothing is both.
    fn join(self, other: Type) -> Option<Type> {
        Some(match (self, other) {
            (Type::Never, one) | (one, Type::Never) => one,
            (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
            (Type::Text(a), Type::Text(b)) => Type::Text(if a == b { a } else { None }),
            (Type::Set(a), Type::Set(b)) => Type::Set(if a == b { a } else { None }),
            (Type::Opinion, Type::Unit) | (Type::Unit, Type::Opinion) => Type::Opinion,
            (Type::Score, Type::Decimal) | (Type::Decimal, Type::Score) => Type::Score,
            (one, other) if one == other => one,
            _ => return None,
        })
    }
}

/// A node, and the type of its value.
struct Typed {
    node: Node,
    kind: Type,
}

impl Typed {
    fn new(node: Node, kind: Type) -> Self {
        Typed { node, kind }
    }

    fn unknown() -> Self {
        Typed::new(Node::default(), Type::Unknown)
    }
}

/// A name, where its value stands, and its type.
struct Local {
    name: String,
    place: usize,
    kind: Type,
    /// What can stand in its place at no cost: a constant, or a text or set that is there.
    same: Option<Node>,
}

/// Adds a policy whose names are in order to a program, and problems with types to the list.
pub(super) fn lower(
    policy: &Policy,
    schema: &Schema,
    params: &Params,
    problems: &mut Vec<Problem>,
    program: &mut Program,
) {
    let mut lowering = Lowering {
        policy,
        schema,
        params,
        problems,
        program,
        names: 0,
        locals: vec![],
        returns: Type::Never,
        calls: vec![],
        handles: HashMap::new(),
        nodes: 0,
        depth: 0,
        too_long: false,
    };
    let body = lowering.block(&policy.body, false);
    let last = policy.body.0.last();
    let place = last.map_or(Place { line: 1, column: 1 }, Stmt::place);
    lowering.is_opinion(body.kind, place);
    flatten(&body.node, lowering.names, lowering.program, schema)
}

struct Lowering<'a> {
    policy: &'a Policy,
    schema: &'a Schema,
    params: &'a Params,
    problems: &'a mut Vec<Problem>,
    program: &'a mut Program,
    /// The handles of its texts.
    handles: HashMap<String, i64>,
    /// How many names were bound so far.
    names: usize,
    /// The last of a name counts.
    locals: Vec<Local>,
    /// What the function at hand has returned so far.
    returns: Type,
    /// The functions that are being written out, outermost first; none for the policy itself.
    calls: Vec<String>,
    nodes: usize,
    /// In so many parts the part at hand stands.
    depth: usize,
    too_long: bool,
}

impl Lowering<'_> {
    fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem::error(code, place, message, Some(fix.into())));
    }

    /// Says that a value has another type, unless something worse was said of it.
    fn mistyped(&mut self, found: Type, place: Place, message: impl Into<String>, fix: impl Into<String>) -> Typed {
        // Of an opinion in the wrong place the checker says that it would be lost.
        if !matches!(found, Type::Unknown | Type::Never | Type::Opinion) {
            self.error("type", place, message, fix);
        }
        Typed::unknown()
    }

    fn is_opinion(&mut self, kind: Type, place: Place) {
        if !matches!(kind, Type::Opinion | Type::Unit | Type::Never | Type::Unknown) {
            let message = format!("the value of a policy is an opinion or nothing, not {}", kind.name());
            self.error("no-opinion", place, message, "give an opinion: `background(\"code\")`");
        }
    }

    fn spot(&mut self, place: Place) -> Spot {
        self.program.places.push(place);
        (self.program.places.len() - 1) as Spot
    }

    /// The handle of a text, each kept once.
    fn text(&mut self, text: &str) -> i64 {
        if let Some(known) = self.handles.get(text) {
            return *known;
        }
        let handle = self.program.texts.len() as i64;
        self.program.texts.push(text.to_owned());
        self.handles.insert(text.to_owned(), handle);
        handle
    }

    fn bind(&mut self, name: &str, value: &Typed) -> usize {
        let place = self.names;
        self.names += 1;
        let same = match value.node {
            Node::Const(value) => Some(Node::Const(value)),
            Node::Handle(fact) => Some(Node::Handle(fact)),
            _ => None,
        };
        self.locals.push(Local { name: name.to_owned(), place, kind: value.kind, same });
        place
    }

    /// A block; `discarded` where nobody wants its value.
    fn block(&mut self, block: &Block, discarded: bool) -> Typed {
        let outer = self.locals.len();
        let (mut nodes, mut last, mut ended) = (vec![], Typed::new(Node::default(), Type::Unit), false);
        for (number, statement) in block.0.iter().enumerate() {
            let is_last = number + 1 == block.0.len();
            last = self.statement(statement, discarded || !is_last);
            ended |= last.kind == Type::Never;
            nodes.push(std::mem::take(&mut last.node));
        }
        self.locals.truncate(outer);
        let kind = if ended { Type::Never } else { last.kind };
        let node = match nodes.len() {
            1 => nodes.pop().unwrap_or_default(),
            _ => Node::Block(nodes.into()),
        };
        Typed { node, kind }
    }

    fn statement(&mut self, statement: &Stmt, discarded: bool) -> Typed {
        match statement {
            Stmt::Bind { name, value: expr, constant, .. } => {
                let value = self.expr(expr, false);
                if !constant {
                    self.refuse_decimal(&value, expr.place);
                }
                if value.kind == Type::Unit {
                    self.mistyped(value.kind, expr.place, "there is no value to bind", "bind a value");
                }
                let keeps_outer = bug(Bug::OuterConst) && *constant && self.name(name).kind == value.kind;
                let name = if keeps_outer { "" } else { name };
                let place = self.bind(name, &value);
                // What does not come back binds nothing.
                let kind = if value.kind == Type::Never { Type::Never } else { Type::Unit };
                Typed::new(Node::Let(place, Box::new(value.node)), kind)
            }
            Stmt::Return(expr) => {
                let (value, place) = (self.expr(expr, false), expr.place);
                if self.calls.is_empty() {
                    self.is_opinion(value.kind, place);
                } else {
                    match self.returns.join(value.kind) {
                        Some(kind) => self.returns = kind,
                        None => {
                            let message = format!(
                                "this function returns {} here and {} elsewhere",
                                value.kind.name(),
                                self.returns.name()
                            );
                            self.mistyped(value.kind, place, message, "return values of one type");
                        }
                    }
                }
                let node = if bug(Bug::ReturnEndsBlock) { value.node } else { Node::Return(Box::new(value.node)) };
                Typed::new(node, Type::Never)
            }
            Stmt::Expr(expr) => self.expr(expr, discarded),
        }
    }

    fn expr(&mut self, expr: &Expr, discarded: bool) -> Typed {
        self.nodes += 1;
        // Functions that call themselves: of others it was said before.
        if self.nodes > MOST_PARTS || self.depth >= MOST_DEPTH {
            if !self.too_long {
                self.too_long = true;
                self.problems.push(too_large(expr.place));
            }
            return Typed::unknown();
        }
        self.depth += 1;
        let typed = self.kind(expr, discarded);
        self.depth -= 1;
        typed
    }

    fn kind(&mut self, expr: &Expr, discarded: bool) -> Typed {
        match &expr.kind {
            Kind::Literal(literal) => self.literal(literal),
            Kind::Decimal(number) => self.decimal(*number, expr.place),
            Kind::Unit => Typed::new(Node::default(), Type::Unit),
            Kind::Name(name) => self.name(name),
            Kind::Path(path) => self.path(path),
            Kind::And(parts) => self.logic(parts, Node::All),
            Kind::Or(parts) => self.logic(parts, Node::Any),
            Kind::Operator(sign, parts) => self.operator(sign, parts, expr.place),
            Kind::In(parts) => self.within(parts, expr.place),
            Kind::Coalesce(parts) => self.coalesce(parts),
            Kind::If(condition, then, otherwise) => {
                let condition = self.condition(condition);
                let then = self.block(then, discarded);
                let otherwise = match otherwise {
                    Some(Block(only))
                        if bug(Bug::ElseIfIgnored)
                            && matches!(only[..], [Stmt::Expr(Expr { kind: Kind::If(..), .. })]) =>
                    {
                        Typed::new(Node::default(), then.kind)
                    }
                    Some(otherwise) => self.block(otherwise, discarded),
                    None => Typed::new(Node::default(), Type::Unit),
                };
                let kind = self.either(then.kind, otherwise.kind, expr.place, discarded);
                Typed::new(Node::If(Box::new([condition.node, then.node, otherwise.node])), kind)
            }
            Kind::Switch(on, arms) => self.switch(on, arms, expr.place, discarded),
            Kind::Block(block) => self.block(block, discarded),
            Kind::Call(name, args) => self.call(name, args, expr.place),
            // Said where it was refused.
            Kind::List(_) | Kind::Refused => Typed::unknown(),
        }
    }

    fn literal(&mut self, literal: &Literal) -> Typed {
        match literal {
            Literal::Text(text) => Typed::new(Node::Const(self.text(text)), Type::Text(None)),
            Literal::Int(number) => Typed::new(Node::Const(*number), Type::Int),
            Literal::Bool(yes) => Typed::new(Node::Const(i64::from(*yes)), Type::Bool),
        }
    }

    fn decimal(&mut self, number: f64, place: Place) -> Typed {
        match super::sandbox::decimal(number) {
            Ok(score) => Typed::new(Node::Const(score.millionths().into()), Type::Decimal),
            Err(why) => {
                let why = format!("a number with a decimal point is a score: {why}");
                self.error("decimal", place, why, "write a whole number, or a score of at most six places");
                Typed::unknown()
            }
        }
    }

    /// Decimals stand beside scores, and nowhere else.
    fn refuse_decimal(&mut self, value: &Typed, place: Place) {
        if value.kind == Type::Decimal {
            let fix = "name it with `const`, or write it where a score is compared";
            self.error("decimal", place, "a decimal stands only beside a score", fix);
        }
    }

    fn name(&mut self, name: &str) -> Typed {
        let is_it = |local: &&Local| local.name == name;
        let mut locals = self.locals.iter();
        match if bug(Bug::FirstBinding) { locals.find(is_it) } else { locals.rfind(is_it) } {
            Some(Local { kind, same: Some(Node::Const(value)), .. }) => Typed::new(Node::Const(*value), *kind),
            Some(Local { kind, same: Some(Node::Handle(fact)), .. }) => Typed::new(Node::Handle(*fact), *kind),
            Some(Local { place, kind, .. }) => Typed::new(Node::Local(*place), *kind),
            None => Typed::unknown(),
        }
    }

    fn path(&mut self, path: &str) -> Typed {
        if let Some(param) = path.strip_prefix("param.") {
            return self.params.get(param).map_or_else(Typed::unknown, |value| self.constant(value));
        }
        // One that can be absent stands elsewhere only by mistake.
        let Some((place, fact)) = self.fact(path).filter(|(_, fact)| !fact.optional) else { return Typed::unknown() };
        let node = match fact.kind {
            FactKind::Text | FactKind::Set => Node::Handle(place),
            _ => Node::Number(place),
        };
        Typed::new(node, Type::of(fact.kind, fact.words))
    }

    fn fact(&self, path: &str) -> Option<(program::Fact, &Fact)> {
        let place = self.schema.place(path)?;
        let fact = self.schema.facts().get(place)?;
        let known = program::Fact { place: u16::try_from(place).ok()?, over_time: fact.over_time };
        Some((known, fact))
    }

    fn constant(&mut self, value: &Value) -> Typed {
        let node = match value {
            Value::Text(text) => self.text(text),
            Value::Set(words) => {
                self.program.sets.push(Arc::clone(words));
                (self.program.sets.len() - 1) as i64
            }
            Value::Bool(yes) => i64::from(*yes),
            Value::Int(number) => *number,
            Value::Span(span) => span.millis(),
            Value::Score(score) => score.millionths().into(),
            Value::Absent => 0,
        };
        let kind = value.kind().map_or(Type::Unit, |kind| Type::of(kind, None));
        Typed::new(Node::Const(node), kind)
    }

    fn condition(&mut self, expr: &Expr) -> Typed {
        let value = self.expr(expr, false);
        if !matches!(value.kind, Type::Bool | Type::Never) {
            let fix = match value.kind {
                Type::Span => "compare it: `… > days(14)`",
                Type::Score => "compare it: `… >= 0.5`",
                Type::Int => "compare it: `… > 0`",
                Type::Text(_) => "compare it: `… == \"word\"`",
                Type::Set(_) => "ask for a word: `\"word\" in …`",
                _ => "a condition is true or false",
            };
            let message = format!("a condition is true or false, not {}", value.kind.name());
            return self.mistyped(value.kind, expr.place, message, fix);
        }
        value
    }

    fn logic(&mut self, parts: &[Expr], node: fn(Box<[Node]>) -> Node) -> Typed {
        let parts: Vec<Typed> = parts.iter().map(|part| self.condition(part)).collect();
        let kind = if parts.iter().any(|part| part.kind == Type::Unknown) { Type::Unknown } else { Type::Bool };
        let nodes: Vec<Node> = parts.into_iter().map(|part| part.node).collect();
        #[cfg(test)]
        let nodes = eager::all_first(nodes, &mut self.names);
        Typed::new(node(nodes.into()), kind)
    }

    /// The type of one branch or the other.
    fn either(&mut self, one: Type, other: Type, place: Place, discarded: bool) -> Type {
        match one.join(other) {
            Some(Type::Decimal) => {
                self.refuse_decimal(&Typed::new(Node::default(), Type::Decimal), place);
                Type::Unknown
            }
            Some(kind) => kind,
            None if discarded => Type::Unit,
            None => {
                let message = format!("this gives {} in one branch and {} in another", one.name(), other.name());
                let fix = if [one, other].contains(&Type::Unit) { "add an `else`" } else { "give values of one type" };
                self.error("type", place, message, fix);
                Type::Unknown
            }
        }
    }

    fn switch(&mut self, on: &Expr, arms: &[Arm], place: Place, discarded: bool) -> Typed {
        let value = self.expr(on, false);
        if matches!(value.kind, Type::Span | Type::Score | Type::Set(_) | Type::Decimal | Type::Opinion | Type::Unit) {
            let message = format!("`switch` takes text, int or bool, not {}", value.kind.name());
            self.mistyped(value.kind, on.place, message, "compare it with `if`");
        }
        let (mut lowered, mut rest) = (vec![], Typed::new(Node::default(), Type::Unit));
        let mut kind = Type::Never;
        for arm in arms {
            let labels = arm.labels.iter().map(|label| self.label(&value, label)).collect();
            let given = self.expr(&arm.value, discarded);
            kind = self.either(kind, given.kind, arm.value.place, discarded);
            if arm.labels.is_empty() {
                rest = given;
            } else {
                lowered.push((labels, given.node));
            }
        }
        if !arms.iter().any(|arm| arm.labels.is_empty()) {
            kind = self.either(kind, Type::Unit, place, discarded);
        }
        let texts = matches!(value.kind, Type::Text(_));
        let switch = Switch { on: value.node, texts, arms: lowered, rest: rest.node };
        Typed::new(Node::Switch(Box::new(switch)), kind)
    }

    fn label(&mut self, on: &Typed, label: &Label) -> i64 {
        let Typed { node, kind, .. } = self.literal(&label.value);
        if on.kind.join(kind).is_none() {
            let message = format!("a label of type {}, where {} is switched on", kind.name(), on.kind.name());
            self.mistyped(on.kind, label.place, message, format!("a label here is {}", on.kind.name()));
        } else if let (Type::Text(Some(words)), Literal::Text(text)) = (on.kind, &label.value) {
            self.is_word(text, words, label.place);
        }
        match node {
            Node::Const(value) => value,
            _ => 0,
        }
    }

    /// A text beside one of a closed list.
    fn is_word(&mut self, text: &str, words: &[&'static str], place: Place) {
        if !words.contains(&text) {
            let fix = nearest(text, words.iter().copied())
                .map_or_else(|| "write one of these words".to_owned(), |near| format!("did you mean `{near}`?"));
            self.error("type", place, format!("`{text}` is none of its words: {}", words.join(", ")), fix);
        }
    }
}
