//! A policy's text as a tree of our own: the only place that names the types of Rhai's syntax tree, which may change in
//! any release. What lies outside the profile becomes a diagnostic here.

mod labels;
mod mistakes;
mod names;

use labels::Labels;
use rhai::{ASTFlags, ASTNode, Engine, Expr as Rhai, FnCallExpr, Position, Stmt as RhaiStmt, StmtBlock};

use super::diagnostic::{Place, Problem};

/// One policy: its own functions, and the expression that is its value.
pub(super) struct Policy {
    pub(super) functions: Vec<Function>,
    pub(super) body: Block,
}

impl Policy {
    /// The body of each function, and of the policy.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &Block> {
        self.functions.iter().map(|function| &function.body).chain([&self.body])
    }

    /// Every dotted name in it, whether or not a row takes it there.
    pub(super) fn paths(&self) -> Vec<&str> {
        let mut paths = vec![];
        for body in self.bodies() {
            body.visit(&mut |expr| {
                if let Kind::Path(path) = &expr.kind {
                    paths.push(path.as_str());
                }
            });
        }
        paths
    }
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) params: Vec<String>,
    pub(super) body: Block,
    pub(super) place: Place,
}

pub(super) struct Block(pub(super) Vec<Stmt>);

pub(super) enum Stmt {
    /// `let` or `const`.
    Bind {
        name: String,
        value: Expr,
        constant: bool,
        place: Place,
    },
    Return(Expr),
    Expr(Expr),
}

pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

pub(super) enum Kind {
    Literal(Value),
    /// A number with a decimal point.
    Decimal(f64),
    Unit,
    List(Vec<Expr>),
    /// A dotted name: `row.kind`.
    Path(String),
    /// A name bound by `let`, `const` or a parameter.
    Name(String),
    Call(String, Vec<Expr>),
    /// An operator of the profile, by its sign.
    Operator(String, Vec<Expr>),
    /// `x in list`: the list, then the value.
    In(Vec<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// `??`
    Coalesce(Vec<Expr>),
    If(Box<Expr>, Block, Option<Block>),
    Switch(Box<Expr>, Vec<Arm>),
    Block(Block),
    /// What lies outside the profile, and was said so.
    Refused,
}

/// A literal that a policy can name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Text(String),
    Int(i64),
    Bool(bool),
}

/// One arm of a `switch`; the last may have no label, and is the rest.
pub(super) struct Arm {
    pub(super) labels: Vec<Label>,
    pub(super) value: Expr,
}

#[derive(Clone)]
pub(super) struct Label {
    pub(super) value: Value,
    pub(super) place: Place,
}

impl Stmt {
    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        match self {
            Stmt::Bind { place, .. } => *place,
            Stmt::Return(expr) | Stmt::Expr(expr) => expr.place,
        }
    }

    /// Whether the policy or function certainly ends in it.
    pub(super) fn always_returns(&self) -> bool {
        match self {
            Stmt::Return(_) => true,
            Stmt::Bind { .. } => false,
            Stmt::Expr(expr) => expr.always_returns(),
        }
    }
}

impl Block {
    /// Every expression in it, outermost first.
    pub(super) fn visit<'e>(&'e self, visit: &mut impl FnMut(&'e Expr)) {
        for statement in &self.0 {
            match statement {
                Stmt::Bind { value: expr, .. } | Stmt::Return(expr) | Stmt::Expr(expr) => expr.visit(visit),
            }
        }
    }

    /// Whether the policy or function certainly ends inside it.
    pub(super) fn always_returns(&self) -> bool {
        self.0.iter().any(Stmt::always_returns)
    }
}

impl Expr {
    /// This and every expression in it, outermost first.
    pub(super) fn visit<'e>(&'e self, visit: &mut impl FnMut(&'e Expr)) {
        visit(self);
        match &self.kind {
            Kind::Literal(_) | Kind::Decimal(_) | Kind::Unit | Kind::Name(_) | Kind::Path(_) | Kind::Refused => {}
            Kind::List(parts) | Kind::Call(_, parts) | Kind::Operator(_, parts) | Kind::In(parts) => {
                parts.iter().for_each(|part| part.visit(visit));
            }
            Kind::And(parts) | Kind::Or(parts) | Kind::Coalesce(parts) => {
                parts.iter().for_each(|part| part.visit(visit));
            }
            Kind::If(condition, then, otherwise) => {
                condition.visit(visit);
                then.visit(visit);
                otherwise.iter().for_each(|otherwise| otherwise.visit(visit));
            }
            Kind::Switch(on, arms) => {
                on.visit(visit);
                arms.iter().for_each(|arm| arm.value.visit(visit));
            }
            Kind::Block(block) => block.visit(visit),
        }
    }

    /// Whether the policy or function certainly ends inside it.
    pub(super) fn always_returns(&self) -> bool {
        match &self.kind {
            Kind::If(_, then, Some(otherwise)) => then.always_returns() && otherwise.always_returns(),
            // An arm without labels is the rest.
            Kind::Switch(_, arms) => {
                arms.iter().any(|arm| arm.labels.is_empty()) && arms.iter().all(|arm| arm.value.always_returns())
            }
            Kind::Block(block) => block.always_returns(),
            _ => false,
        }
    }
}

/// Parses a policy. `None` where a problem was found; all problems are in the list.
pub(super) fn parse(engine: &Engine, source: &str, problems: &mut Vec<Problem>) -> Option<(Policy, rhai::AST)> {
    let before = problems.len();
    let ast = match engine.compile(source) {
        Ok(ast) => ast,
        Err(error) => {
            problems.push(mistakes::mistake(&error, source));
            return None;
        }
    };
    let mut reader =
        TreeReader { problems, labels: Labels::of(engine, source), names: names::functions(engine, source) };
    let body = reader.block(ast.statements());
    let functions = reader.functions(&ast);
    (problems.len() == before).then_some((Policy { functions, body }, ast))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str().trim_end_matches('.'))
}

pub(super) fn place(position: Position) -> Place {
    Place { line: position.line().unwrap_or(1), column: position.position().unwrap_or(1) }
}

/// Signs of the profile's operators.
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "!"];

struct TreeReader<'a> {
    problems: &'a mut Vec<Problem>,
    labels: Labels,
    /// Where functions are named, in the order of the text.
    names: Vec<(String, Position)>,
}

impl TreeReader<'_> {
    fn outside(&mut self, position: Position, what: &str, fix: &str) -> Expr {
        let fix = (!fix.is_empty()).then(|| fix.to_owned());
        self.problems.push(Problem::error("not-in-profile", place(position), format!("a policy has no {what}"), fix));
        Expr { kind: Kind::Refused, place: place(position) }
    }

    /// The functions with their bodies. Rhai exports no name for a function's body, but walks its statements after those
    /// of the script, so each is put back by its place between the body's braces.
    fn functions(&mut self, ast: &rhai::AST) -> Vec<Function> {
        let mut functions: Vec<(Function, Position, Position)> = vec![];
        for def in ast.iter_fn_def() {
            let (start, end) = (def.body.start_position(), def.body.end_position());
            if def.name.starts_with("anon$") {
                // A closure, refused where it stands.
                continue;
            }
            if def.this_type.is_some() {
                self.outside(start, "methods", "use a function with an argument");
            }
            let params = def.params.iter().map(ToString::to_string).collect();
            let named = self.names.iter().rfind(|(name, at)| *name == def.name.as_str() && *at < start);
            let place = place(named.map_or(start, |(_, at)| *at));
            functions.push((Function { name: def.name.to_string(), params, body: Block(vec![]), place }, start, end));
        }
        let mut top_level = ast.statements().len();
        ast.walk(&mut |path| {
            let [ASTNode::Stmt(statement)] = path else { return true };
            if top_level > 0 {
                top_level -= 1;
                return true;
            }
            let at = statement.position();
            let home = functions.iter_mut().find(|(_, start, end)| (*start..=*end).contains(&at));
            if let Some((function, ..)) = home
                && let Some(statement) = self.statement(statement)
            {
                function.body.0.push(statement);
            }
            true
        });
        // Rhai keeps them by hash: the order of the text is the one that repeats.
        functions.sort_by_key(|(function, ..)| function.place);
        functions.into_iter().map(|(function, ..)| function).collect()
    }

    fn block(&mut self, statements: &[RhaiStmt]) -> Block {
        Block(statements.iter().filter_map(|statement| self.statement(statement)).collect())
    }

    fn inner(&mut self, block: &StmtBlock) -> Block {
        self.block(block.statements())
    }

    fn statement(&mut self, statement: &RhaiStmt) -> Option<Stmt> {
        let expr = match statement {
            // What a closure captures; the closure itself is refused where it stands.
            RhaiStmt::Noop(_) | RhaiStmt::Share(_) => return None,
            RhaiStmt::Var(bound, flags, position) => {
                let (name, value, _) = &**bound;
                if flags.contains(ASTFlags::EXPORTED) {
                    self.outside(*position, "exports", "");
                }
                return Some(Stmt::Bind {
                    name: name.name.to_string(),
                    value: self.expr(value),
                    constant: flags.contains(ASTFlags::CONSTANT),
                    place: place(name.pos),
                });
            }
            RhaiStmt::Return(value, flags, position) => {
                if flags.contains(ASTFlags::BREAK) {
                    self.outside(*position, "`throw`", "give an opinion");
                }
                // A `return` of nothing returns what has no value, and so has a place.
                let nothing = || Expr { kind: Kind::Unit, place: place(*position) };
                return Some(Stmt::Return(value.as_ref().map_or_else(nothing, |value| self.expr(value))));
            }
            RhaiStmt::Expr(expr) => self.expr(expr),
            RhaiStmt::FnCall(call, position) => self.call(call, *position),
            RhaiStmt::Block(block) => Expr { kind: Kind::Block(self.inner(block)), place: place(block.position()) },
            RhaiStmt::If(flow, position) => {
                let condition = Box::new(self.expr(&flow.expr));
                let then = self.inner(&flow.body);
                let otherwise = (!flow.branch.statements().is_empty()).then(|| self.inner(&flow.branch));
                Expr { kind: Kind::If(condition, then, otherwise), place: place(*position) }
            }
            RhaiStmt::Switch(switch, position) => self.switch(switch, *position),
            RhaiStmt::While(_, position) | RhaiStmt::Do(_, _, position) | RhaiStmt::For(_, position) => self.outside(
                *position,
                "loops",
                "a policy sees one row; compare its facts, or write `\"word\" in row.tags`",
            ),
            RhaiStmt::BreakLoop(_, _, position) => self.outside(*position, "loops", ""),
            RhaiStmt::TryCatch(_, position) => {
                self.outside(*position, "`try`", "an error makes the row re-earn; let it")
            }
            RhaiStmt::Assignment(assigned) => {
                self.outside(assigned.1.lhs.position(), "assignments", "bind a new name with `let`")
            }
            RhaiStmt::Import(_, position) => self.outside(*position, "imports", ""),
            RhaiStmt::Export(_, position) => self.outside(*position, "exports", ""),
            other => self.outside(other.position(), "statement of this kind", ""),
        };
        Some(Stmt::Expr(expr))
    }

    fn switch(&mut self, switch: &(Rhai, rhai::SwitchCasesCollection), position: Position) -> Expr {
        let (on, cases) = switch;
        let on = Box::new(self.expr(on));
        if !cases.ranges.is_empty() {
            self.outside(position, "ranges", "compare with `<` and `>=`");
        }
        if cases.cases.iter().any(|(_, blocks)| blocks.blocks.len() > 1) {
            self.outside(position, "`switch` labels that stand twice", "join their arms");
        }
        let labels = self.labels.at(position).to_vec();
        if labels.len() != cases.expressions.len() {
            return self.outside(
                position,
                "`switch` of this form",
                "put texts, whole numbers, `true` or `false` before `=>`",
            );
        }
        let arms = cases.expressions.iter().zip(labels).map(|(arm, labels)| {
            let is_plain = matches!(arm.lhs, Rhai::BoolConstant(true, _));
            if !is_plain {
                self.outside(arm.lhs.position(), "conditions on `switch` arms", "use `if`");
            }
            let value = self.expr(&arm.rhs);
            if is_plain && labels.is_none() {
                let (what, fix) =
                    ("`switch` labels of this kind", "a label is a text, a whole number, `true` or `false`");
                self.outside(arm.rhs.position(), what, fix);
            }
            Arm { labels: labels.unwrap_or_default(), value }
        });
        Expr { kind: Kind::Switch(on, arms.collect()), place: place(position) }
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Rhai>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn expr(&mut self, expr: &Rhai) -> Expr {
        let at = expr.position();
        let kind = match expr {
            Rhai::BoolConstant(yes, _) => Kind::Literal(Value::Bool(*yes)),
            Rhai::IntegerConstant(number, _) => Kind::Literal(Value::Int(*number)),
            Rhai::FloatConstant(number, _) => Kind::Decimal(**number),
            Rhai::Unit(_) => Kind::Unit,
            Rhai::StringConstant(text, _) => Kind::Literal(Value::Text(text.to_string())),
            Rhai::Array(items, _) => Kind::List(self.all(items.iter())),
            Rhai::Variable(variable, ..) => {
                if !variable.2.is_empty() {
                    return self.outside(at, "modules", "");
                }
                Kind::Name(variable.1.to_string())
            }
            Rhai::Dot(..) => match self.path(expr) {
                Some(path) => Kind::Path(path),
                None => {
                    return self.outside(
                        at,
                        "calls or lookups on a value",
                        "write `fact in [..]`, or `word in row.tags`",
                    );
                }
            },
            Rhai::Stmt(block) => match block.statements() {
                [RhaiStmt::If(..) | RhaiStmt::Switch(..)] => {
                    let Block(mut only) = self.inner(block);
                    match only.pop() {
                        Some(Stmt::Expr(expr)) => return expr,
                        _ => Kind::Unit,
                    }
                }
                _ => Kind::Block(self.inner(block)),
            },
            Rhai::FnCall(call, _) => return self.call(call, at),
            Rhai::And(parts, _) => Kind::And(self.all(parts.iter())),
            Rhai::Or(parts, _) => Kind::Or(self.all(parts.iter())),
            Rhai::Coalesce(parts, _) => Kind::Coalesce(self.all(parts.iter())),
            Rhai::CharConstant(..) => return self.outside(at, "single characters", "use double quotes"),
            Rhai::InterpolatedString(..) => {
                return self.outside(at, "built texts", "a text is a literal in double quotes");
            }
            Rhai::Map(..) => return self.outside(at, "maps", ""),
            Rhai::ThisPtr(_) => return self.outside(at, "`this`", ""),
            Rhai::Index(..) => return self.outside(at, "indexing", "write `row.kind`"),
            Rhai::MethodCall(..) => return self.outside(at, "method calls", ""),
            Rhai::DynamicConstant(..) => {
                return self.outside(at, "closures", "use a named function");
            }
            _ => return self.outside(at, "expression of this kind", ""),
        };
        Expr { kind, place: place(at) }
    }

    /// `a.b.c`, however it is nested.
    fn path(&mut self, expr: &Rhai) -> Option<String> {
        match expr {
            Rhai::Variable(variable, ..) if variable.2.is_empty() => Some(variable.1.to_string()),
            Rhai::Property(property, _) => Some(property.2.to_string()),
            Rhai::Dot(both, flags, _) if !flags.contains(ASTFlags::NEGATED) => {
                Some(format!("{}.{}", self.path(&both.lhs)?, self.path(&both.rhs)?))
            }
            _ => None,
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) -> Expr {
        if !call.namespace.is_empty() {
            return self.outside(position, "modules", "");
        }
        if call.capture_parent_scope {
            return self.outside(position, "calls with `!`", "pass facts as arguments");
        }
        let args = self.all(call.args.iter());
        let name = call.name.as_str();
        let kind = match name {
            "contains" if args.len() == 2 => Kind::In(args),
            _ if OPERATORS.contains(&name) => Kind::Operator(name.to_owned(), args),
            _ if call.op_token.is_some() => return self.outside(position, &format!("operator `{name}`"), ""),
            _ => Kind::Call(name.to_owned(), args),
        };
        Expr { kind, place: place(position) }
    }
}
