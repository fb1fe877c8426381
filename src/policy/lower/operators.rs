//! Operators, `in` and `??`: which types each takes, and what it becomes.

use super::{Lowering, Type, Typed};
use crate::facts::FactKind;
use crate::policy::bug::{Bug, bug};
use crate::policy::diagnostic::Place;
use crate::policy::program::{Operation, Sign};
use crate::policy::syntax::{Expr, Kind, Value as Literal};
use crate::policy::typed::Node;

impl Lowering<'_> {
    pub(super) fn operator(&mut self, sign: &str, parts: &[Expr], place: Place) -> Typed {
        match (sign, parts) {
            ("!", [of]) => {
                let of = self.condition(of);
                Typed::new(Node::Not(Box::new(of.node)), Type::Bool)
            }
            ("-", [of]) => self.negate(of, place),
            ("==" | "!=", [fact, Expr { kind: Kind::Unit, .. }] | [Expr { kind: Kind::Unit, .. }, fact]) => {
                self.present(fact, sign == "!=")
            }
            ("==", [a, b]) => self.compare(Sign::Equal, a, b, place),
            ("!=", [a, b]) => self.compare(Sign::Different, a, b, place),
            ("<", [a, b]) => self.compare(Sign::Less, a, b, place),
            ("<=", [a, b]) => self.compare(Sign::AtMost, a, b, place),
            (">", [a, b]) => self.compare(Sign::Greater, a, b, place),
            (">=", [a, b]) if bug(Bug::GreaterForAtLeast) => self.compare(Sign::Greater, a, b, place),
            (">=", [a, b]) => self.compare(Sign::AtLeast, a, b, place),
            ("+", [a, b]) => self.arithmetic(Operation::Add, a, b, place),
            ("-", [a, b]) => self.arithmetic(Operation::Subtract, a, b, place),
            ("*", [a, b]) => self.arithmetic(Operation::Multiply, a, b, place),
            ("/", [a, b]) => self.arithmetic(Operation::Divide, a, b, place),
            ("%", [a, b]) => self.arithmetic(Operation::Remainder, a, b, place),
            _ => {
                self.error("type", place, format!("`{sign}` does not stand here"), "put a value on each side");
                Typed::unknown()
            }
        }
    }

    fn negate(&mut self, of: &Expr, place: Place) -> Typed {
        let value = self.expr(of, false);
        if !matches!(value.kind, Type::Int | Type::Span | Type::Never) {
            let message = format!("`-` takes int or span, not {}", value.kind.name());
            return self.mistyped(value.kind, of.place, message, "leave it out");
        }
        if bug(Bug::MinusDropped) {
            return value;
        }
        let spot = self.spot(place);
        Typed::new(Node::Negate(Box::new(value.node), spot), value.kind)
    }

    fn arithmetic(&mut self, operation: Operation, a: &Expr, b: &Expr, place: Place) -> Typed {
        use Operation::{Add, Multiply, Subtract};
        let (left, right) = (self.expr(a, false), self.expr(b, false));
        let kind = match (operation, left.kind, right.kind) {
            (_, Type::Int, Type::Int) => Type::Int,
            (Add | Subtract, Type::Span, Type::Span) => Type::Span,
            (Multiply, Type::Span, Type::Int) | (Multiply, Type::Int, Type::Span) => Type::Span,
            // It is not calculated, but what stands before the `return` is evaluated.
            (_, Type::Never, _) | (_, _, Type::Never) => Type::Never,
            (_, one, other) => return self.not_calculated(operation, one, other, place),
        };
        let spot = self.spot(place);
        Typed::new(Node::Arithmetic(operation, Box::new([left.node, right.node]), spot), kind)
    }

    fn not_calculated(&mut self, operation: Operation, one: Type, other: Type, place: Place) -> Typed {
        let (sign, done) = match operation {
            Operation::Add => ("+", "added"),
            Operation::Subtract => ("-", "subtracted"),
            Operation::Multiply => ("*", "multiplied"),
            Operation::Divide => ("/", "divided"),
            Operation::Remainder => ("%", "divided"),
        };
        if [one, other].contains(&Type::Unknown) {
            return Typed::unknown();
        }
        let (message, fix) = match (one, other) {
            (Type::Score | Type::Decimal, _) | (_, Type::Score | Type::Decimal) => {
                ("scores are compared, not calculated with".to_owned(), "compare with a parameter or another decimal")
            }
            (Type::Text(_), _) | (_, Type::Text(_)) => {
                ("texts are compared, not built".to_owned(), "write the text out")
            }
            (Type::Span, Type::Int) | (Type::Int, Type::Span) if matches!(sign, "+" | "-") => {
                (format!("span and int cannot be {done}"), "write the number as a span: `days(1)`")
            }
            (Type::Span, Type::Span) => {
                (format!("two spans cannot be {done}"), "compare them, or multiply by a number")
            }
            (one, other) => {
                (format!("{} and {} cannot be {done}", one.name(), other.name()), "calculate with numbers and spans")
            }
        };
        self.mistyped(one, place, message, fix)
    }

    fn compare(&mut self, sign: Sign, a: &Expr, b: &Expr, place: Place) -> Typed {
        let (left, right) = (self.expr(a, false), self.expr(b, false));
        let is_equality = matches!(sign, Sign::Equal | Sign::Different);
        match (left.kind, right.kind) {
            (Type::Text(one), Type::Text(other)) if is_equality => {
                for (words, side) in [(one, b), (other, a)] {
                    self.words_beside(words, side);
                }
                let node = Node::SameText(Box::new([left.node, right.node]), sign == Sign::Equal);
                return Typed::new(node, Type::Bool);
            }
            (Type::Bool, Type::Bool) if is_equality => {}
            (Type::Int, Type::Int) | (Type::Span, Type::Span) | (Type::Score, Type::Score) => {}
            (Type::Score, Type::Decimal) | (Type::Decimal, Type::Score) => {}
            (Type::Never, _) | (_, Type::Never) => {}
            (Type::Decimal, Type::Decimal) => self.refuse_decimal(&left, a.place),
            (one, other) => return self.not_compared(is_equality, one, other, place),
        }
        Typed::new(Node::Compare(sign, Box::new([left.node, right.node])), Type::Bool)
    }

    fn not_compared(&mut self, is_equality: bool, one: Type, other: Type, place: Place) -> Typed {
        if [one, other].contains(&Type::Unknown) {
            return Typed::new(Node::default(), Type::Bool);
        }
        let message = format!("{} cannot be compared with {}", one.name(), other.name());
        let (message, fix) = match (one, other) {
            (Type::Text(_), Type::Text(_)) => ("texts have no order".to_owned(), "compare them with `==` or `!=`"),
            (Type::Bool, Type::Bool) => ("true and false have no order".to_owned(), "compare them with `==` or `!=`"),
            (Type::Set(_), _) | (_, Type::Set(_)) => (message, "ask for a word: `\"word\" in …`"),
            (Type::Span, Type::Int) | (Type::Int, Type::Span) => (message, "write the number as a span: `days(14)`"),
            (Type::Score, Type::Int) | (Type::Int, Type::Score) => {
                (message, "a score lies between 0.0 and 1.0: write it with a decimal point")
            }
            (Type::Unit, _) | (_, Type::Unit) if is_equality => {
                (message, "only a fact that can be absent is compared with `()`")
            }
            _ => (message, "compare values of one type"),
        };
        self.mistyped(one, place, message, fix);
        Typed::new(Node::default(), Type::Bool)
    }

    /// Literal texts on the other side of a closed list of words.
    fn words_beside(&mut self, words: super::Words, side: &Expr) {
        if let (Some(words), Kind::Literal(Literal::Text(text))) = (words, &side.kind) {
            self.is_word(text, words, side.place);
        }
    }

    fn present(&mut self, fact: &Expr, wanted: bool) -> Typed {
        let Kind::Path(path) = &fact.kind else {
            let value = self.expr(fact, false);
            if value.kind == Type::Never {
                return value;
            }
            let message = format!("{} is never absent", value.kind.name());
            self.mistyped(value.kind, fact.place, message, "only a fact is compared with `()`");
            return Typed::new(Node::default(), Type::Bool);
        };
        match self.fact(path) {
            Some((place, fact)) if fact.optional => Typed::new(Node::Present(place, wanted), Type::Bool),
            None if !path.starts_with("param.") => Typed::new(Node::default(), Type::Bool),
            _ => {
                let message = format!("`{path}` is never absent");
                self.error("type", fact.place, message, "compare it with a value of its type");
                Typed::new(Node::default(), Type::Bool)
            }
        }
    }

    pub(super) fn within(&mut self, parts: &[Expr], place: Place) -> Typed {
        let [list, value] = parts else { return Typed::unknown() };
        let Kind::List(items) = &list.kind else { return self.within_set(list, value, place) };
        let of = self.expr(value, false);
        let are_literals = items.iter().all(|item| matches!(item.kind, Kind::Literal(_)));
        if are_literals && !matches!(of.kind, Type::Text(_) | Type::Int | Type::Bool | Type::Never) {
            let message = format!("a list holds texts or numbers, and this is {}", of.kind.name());
            self.mistyped(of.kind, value.place, message, "compare it with `<` and `>=`");
            return Typed::new(Node::default(), Type::Bool);
        }
        let mut constants = vec![];
        for item in items {
            let Kind::Literal(literal) = &item.kind else { continue };
            let Typed { node: Node::Const(constant), kind, .. } = self.literal(literal) else { continue };
            if of.kind.join(kind).is_none() {
                let message = format!("{} in a list for {}", kind.name(), of.kind.name());
                self.mistyped(kind, item.place, message, format!("an item here is {}", of.kind.name()));
            } else if let Type::Text(words) = of.kind {
                self.words_beside(words, item);
            }
            constants.push(constant);
        }
        constants.truncate(if bug(Bug::FirstItemOnly) { 1 } else { items.len() });
        let node = match of.kind {
            Type::Text(_) => Node::OneOfTexts(Box::new(of.node), constants.into()),
            _ => Node::OneOf(Box::new(of.node), constants.into()),
        };
        Typed::new(node, Type::Bool)
    }

    fn within_set(&mut self, set: &Expr, word: &Expr, place: Place) -> Typed {
        let (set, of) = (self.expr(set, false), self.expr(word, false));
        match (set.kind, of.kind) {
            (Type::Set(words), Type::Text(_)) => self.words_beside(words, word),
            (Type::Set(_), other) => {
                let message = format!("a set holds texts, and this is {}", other.name());
                self.mistyped(other, word.place, message, "ask for a text");
            }
            (other, _) => {
                let message = format!("`in` looks into a list or a set, not into {}", other.name());
                self.mistyped(other, place, message, "write `fact in [\"a\", \"b\"]`, or `\"word\" in row.tags`");
            }
        }
        Typed::new(Node::Within(Box::new([set.node, of.node])), Type::Bool)
    }

    /// `fact ?? fact ?? default`: nested from the right.
    pub(super) fn coalesce(&mut self, parts: &[Expr]) -> Typed {
        let Some((default, facts)) = parts.split_last() else { return Typed::unknown() };
        let mut value = self.expr(default, false);
        for part in facts.iter().rev() {
            let Kind::Path(path) = &part.kind else {
                let found = self.expr(part, false);
                if found.kind == Type::Never {
                    value = found;
                    continue;
                }
                let message = format!("{} is never absent", found.kind.name());
                return self.mistyped(found.kind, part.place, message, "only a fact stands before `??`");
            };
            let known = self.fact(path).map(|(place, fact)| (place, fact.kind, fact.words, fact.optional));
            let Some((place, kind, words, optional)) = known else {
                if path.starts_with("param.") {
                    self.error(
                        "type",
                        part.place,
                        format!("`{path}` is never absent"),
                        "leave out `??` and its default",
                    );
                }
                return Typed::unknown();
            };
            if !optional {
                self.error("type", part.place, format!("`{path}` is never absent"), "leave out `??` and its default");
            }
            let of = Type::of(kind, words);
            let Some(joined) = of.join(value.kind) else {
                let message = format!("`{path}` is {}, and its default {}", of.name(), value.kind.name());
                return self.mistyped(
                    value.kind,
                    default.place,
                    message,
                    format!("give a default of type {}", of.name()),
                );
            };
            if let Type::Text(words) = of {
                self.words_beside(words, default);
            }
            if bug(Bug::DefaultAlways) {
                value.kind = joined;
                continue;
            }
            let (fact, or) = (place, Box::new(value.node));
            let node = match kind {
                FactKind::Text | FactKind::Set => Node::HandleOr(fact, or),
                _ => Node::NumberOr(fact, or),
            };
            value = Typed::new(node, joined);
        }
        value
    }
}
