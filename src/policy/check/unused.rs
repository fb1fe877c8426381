//! What a policy says to no effect: statements that nothing reaches, functions nobody calls, names nobody reads, and two
//! opinions that nobody can tell apart. Warnings all, and said only of a file without errors.

use std::collections::HashSet;

use super::OPINIONS;
use crate::policy::diagnostic::{Place, Problem};
use crate::policy::syntax::{Block, Expr, Kind, Policy, Stmt, Value};

pub(in crate::policy) fn unused(policy: &Policy, problems: &mut Vec<Problem>) {
    let mut finder = Finder { problems, names: vec![] };
    finder.functions(policy);
    finder.opinions(policy);
    for body in policy.bodies() {
        finder.block(body);
    }
}

/// A name bound by `let` or `const`.
struct Bound<'p> {
    name: &'p str,
    place: Place,
    read: bool,
}

struct Finder<'a, 'p> {
    problems: &'a mut Vec<Problem>,
    /// The names that can be read here. The last of a name counts.
    names: Vec<Bound<'p>>,
}

impl<'p> Finder<'_, 'p> {
    fn warn(&mut self, code: &'static str, place: Place, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem::warning(code, place, message, Some(fix.into())));
    }

    /// Functions that no call reaches from the policy itself.
    fn functions(&mut self, policy: &'p Policy) {
        let mut reached = HashSet::new();
        let mut bodies = vec![&policy.body];
        while let Some(body) = bodies.pop() {
            body.visit(&mut |expr| {
                let Kind::Call(name, _) = &expr.kind else { return };
                if reached.insert(name) {
                    bodies.extend(policy.functions.iter().filter(|one| one.name == *name).map(|one| &one.body));
                }
            });
        }
        for function in policy.functions.iter().filter(|one| !one.name.starts_with('_')) {
            if !reached.contains(&function.name) {
                let message = format!("nothing calls the function `{}`", function.name);
                self.warn("unused-function", function.place, message, "call it, or remove it");
            }
        }
    }

    /// A reason names its policy, opinion and code: two branches that share all of it look the same in every decision.
    fn opinions(&mut self, policy: &'p Policy) {
        let mut said: Vec<(&str, String, Place)> = vec![];
        for body in policy.bodies() {
            body.visit(&mut |expr| {
                let Kind::Call(name, args) = &expr.kind else { return };
                if OPINIONS.iter().any(|(known, _)| known == name) {
                    said.push((name, args.iter().map(written).collect::<Vec<_>>().join(", "), expr.place));
                }
            });
        }
        said.sort_by_key(|(.., place)| *place);
        for (number, (name, args, place)) in said.iter().enumerate() {
            let earlier = said.iter().take(number).find(|(other, same, _)| other == name && same == args);
            if let Some((.., first)) = earlier {
                let message = format!("`{name}({args})` stands in line {} too", first.line);
                let fix = "give each branch its own code, so that a decision says which one spoke";
                self.warn("duplicate-code", *place, message, fix);
            }
        }
    }

    fn block(&mut self, block: &'p Block) {
        let outer = self.names.len();
        let mut ended = false;
        for statement in &block.0 {
            if ended {
                let place = statement.place();
                let fix = "remove it, or put a condition around the `return` before it";
                self.warn("unreachable", place, "nothing gets here: what stands before always returns", fix);
                // One is enough; what follows it is not reached for the same reason.
                ended = false;
            }
            match statement {
                Stmt::Bind { name, value, place, .. } => {
                    self.expr(value);
                    self.names.push(Bound { name, place: *place, read: false });
                }
                Stmt::Return(value) => self.expr(value),
                Stmt::Expr(expr) => self.expr(expr),
            }
            ended |= statement.always_returns();
        }
        for Bound { name, place, read } in self.names.split_off(outer) {
            if !read && !name.starts_with('_') {
                let fix = format!("use it, remove it, or call it `_{name}`");
                self.warn("unused-name", place, format!("nothing reads `{name}`"), fix);
            }
        }
    }

    fn expr(&mut self, expr: &'p Expr) {
        match &expr.kind {
            Kind::Literal(_) | Kind::Decimal(_) | Kind::Unit | Kind::Path(_) | Kind::Refused => {}
            Kind::Name(name) => {
                if let Some(bound) = self.names.iter_mut().rfind(|bound| bound.name == name) {
                    bound.read = true;
                }
            }
            Kind::List(parts)
            | Kind::Call(_, parts)
            | Kind::Operator(_, parts)
            | Kind::In(parts)
            | Kind::And(parts)
            | Kind::Or(parts)
            | Kind::Coalesce(parts) => parts.iter().for_each(|part| self.expr(part)),
            Kind::If(condition, then, otherwise) => {
                self.expr(condition);
                self.block(then);
                otherwise.iter().for_each(|otherwise| self.block(otherwise));
            }
            Kind::Switch(on, arms) => {
                self.expr(on);
                arms.iter().for_each(|arm| self.expr(&arm.value));
            }
            Kind::Block(block) => self.block(block),
        }
    }
}

/// A code or a need as it is written.
fn written(argument: &Expr) -> String {
    match &argument.kind {
        Kind::Literal(Value::Text(text)) => format!("\"{text}\""),
        Kind::Call(name, args) => format!("{name}({})", args.iter().map(written).collect::<String>()),
        _ => String::new(),
    }
}
