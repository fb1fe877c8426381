//! Random blocks: statements, and a value at the end.

use super::grammar::{Gives, NAMES, Type, Writer};

impl Writer {
    /// Statements and a value, without braces.
    pub(super) fn block(&mut self, gives: Gives, depth: usize) -> String {
        let outer = self.names.len();
        let clocked = self.clocked;
        let mut lines = String::new();
        for _ in 0..self.dice.below(depth + 1) {
            lines += &self.statement(depth);
            lines.push('\n');
        }
        let mut value = match gives {
            Gives::Opinion => self.opinion_value(depth),
            Gives::Value(kind) => self.value(kind, depth),
        };
        if self.returns && self.inside.unwrap_or(Gives::Opinion) == gives && self.dice.chance(8) && !value.is_empty() {
            self.mark("return at the end");
            value = format!("return {value};");
            if self.dice.chance(30) {
                self.mark("code after return");
                value = format!("{value}\nlet late = 1;");
            }
        } else if self.dice.chance(10) && !value.is_empty() {
            self.mark("semicolon after the value");
            value.push(';');
        }
        self.names.truncate(outer);
        self.clocked = clocked;
        lines + &value
    }

    fn statement(&mut self, depth: usize) -> String {
        match self.dice.below(if self.returns { 11 } else { 6 }) {
            0..=3 => self.bind(depth),
            4 => {
                self.mark("nested block");
                let outer = self.names.len();
                let inner: String =
                    (0..=self.dice.below(2)).map(|_| self.statement(depth.saturating_sub(1)) + "\n").collect();
                self.names.truncate(outer);
                format!("{{\n{inner}}}")
            }
            5 => {
                self.mark("value that nobody wants");
                let kind = self.kind();
                format!("{};", self.value(kind, 1))
            }
            6 => {
                self.mark("return in a switch arm");
                self.mark("switch");
                let (on, labels) = self.switched(depth);
                let ends = self.ends(depth);
                let rest = if self.dice.chance(50) { self.ends(1) } else { String::new() };
                self.mark("`_` arm");
                format!("switch {on} {{\n{labels} => {{ {ends} }},\n_ => {{ {rest} }}\n}}")
            }
            _ => {
                self.mark("if");
                self.mark("early return");
                let (condition, clock) = self.clock_or_condition(depth.min(2));
                let clocked = self.under(clock);
                let ends = self.ends(depth.min(2));
                self.clocked = clocked;
                format!("if {condition} {{ {ends} }}")
            }
        }
    }

    /// `return` of what the policy or function gives.
    pub(super) fn ends(&mut self, depth: usize) -> String {
        if self.inside.is_some() {
            self.mark("return in a function");
        }
        match self.inside.unwrap_or(Gives::Opinion) {
            Gives::Opinion if self.dice.chance(12) => {
                self.mark("return of nothing");
                "return;".to_owned()
            }
            Gives::Opinion => format!("return {};", self.opinion()),
            Gives::Value(kind) => format!("return {};", self.value(kind, depth.min(1))),
        }
    }

    fn bind(&mut self, depth: usize) -> String {
        let (mut name, mut kind) = ((*self.dice.of(&NAMES)).to_owned(), self.kind());
        let known: Vec<(String, Type)> = self.names.iter().filter(|(name, _)| name != "clock").cloned().collect();
        if !known.is_empty() && self.dice.chance(50) {
            (name, kind) = self.dice.of(&known).clone();
        }
        let decimal = self.dice.chance(8) || kind == Type::Decimal;
        let value = match kind {
            _ if decimal => {
                self.mark("decimal const");
                kind = Type::Decimal;
                self.decimal()
            }
            Type::Int | Type::Bool | Type::Span | Type::Text | Type::Score if self.returns && self.dice.chance(15) => {
                self.mark("return inside let");
                let (condition, clock) = self.clock_or_condition(1);
                let clocked = std::mem::replace(&mut self.clocked, clock);
                let ends = self.ends(1);
                self.clocked = clocked;
                format!("if {condition} {{ {ends} }} else {{ {} }}", self.value(kind, depth.min(1)))
            }
            _ => self.value(kind, depth),
        };
        if self.names.iter().any(|(known, _)| *known == name) {
            self.mark("shadowing");
        }
        let word = if decimal || self.dice.chance(35) { "const" } else { "let" };
        self.mark(word);
        self.names.push((name.clone(), kind));
        format!("{word} {name} = {value};")
    }

    fn kind(&mut self) -> Type {
        let facts = self.facts.iter().filter(|fact| !fact.optional);
        let words = facts.map(|fact| fact.kind).filter(|kind| matches!(kind, Type::Word(_)));
        let words: Vec<Type> = words.collect();
        match self.dice.below(16) {
            0..=4 => Type::Int,
            5..=7 => Type::Bool,
            8..=10 => Type::Span,
            11..=12 => Type::Text,
            13 if self.inside.is_none() || self.has_clock() => Type::Score,
            14 if self.inside.is_none() => *self.dice.of(&words),
            15 if self.inside.is_none() => Type::Set,
            _ => Type::Int,
        }
    }
}
