//! Random values of every type, as a policy writes them.

use super::grammar::{Function, Gives, TEXTS, Type, Writer};

impl Writer {
    /// A value of this type, in brackets where others could tear it apart.
    pub(super) fn value(&mut self, kind: Type, depth: usize) -> String {
        if depth > 0 && !matches!(kind, Type::Word(_) | Type::Set | Type::Decimal) && self.dice.chance(20) {
            return self.compound(kind, depth - 1);
        }
        if self.dice.chance(30)
            && let Some(name) = self.named(kind)
        {
            return name;
        }
        match kind {
            Type::Text => self.text(),
            Type::Word(_) => self.fact(kind, false).expect("the kind of a fact"),
            Type::Bool => self.bool(depth),
            Type::Int => self.int(depth),
            Type::Span => self.span(depth),
            Type::Score => self.score(),
            Type::Decimal => self.decimal(),
            Type::Set => self.set(),
        }
    }

    /// A name that means a value of this type here.
    pub(super) fn named(&mut self, kind: Type) -> Option<String> {
        let mut known = vec![];
        for (place, (name, of)) in self.names.iter().enumerate() {
            let hidden = self.names[place + 1..].iter().any(|(later, _)| later == name);
            if *of == kind && !hidden {
                known.push(name.clone());
            }
        }
        if known.is_empty() {
            return None;
        }
        self.mark("name");
        Some(self.dice.of(&known).clone())
    }

    /// A fact of this type; where it can be absent, only before `??` or `()`.
    pub(super) fn fact(&mut self, kind: Type, optional: bool) -> Option<String> {
        if self.inside.is_some() {
            return None;
        }
        let known: Vec<&str> = (self.facts.iter())
            .filter(|fact| fact.kind == kind && fact.optional == optional)
            .map(|fact| fact.name.as_str())
            .collect();
        (!known.is_empty()).then(|| (*self.dice.of(&known)).to_owned())
    }

    /// `if`, `switch`, a block or a call, as a value.
    fn compound(&mut self, kind: Type, depth: usize) -> String {
        let calls = self.callable(Gives::Value(kind));
        match self.dice.below(6) {
            0..=1 => {
                self.mark("if as value");
                let (condition, then, otherwise) = (
                    self.value(Type::Bool, depth),
                    self.block(Gives::Value(kind), depth),
                    self.block(Gives::Value(kind), depth),
                );
                format!("(if {condition} {{ {then} }} else {{ {otherwise} }})")
            }
            2 => {
                self.mark("switch as value");
                self.mark("`_` arm");
                let (on, labels) = self.switched(depth);
                let (one, rest) = (self.value(kind, depth), self.value(kind, depth));
                format!("(switch {on} {{ {labels} => {one}, _ => {rest} }})")
            }
            3 => {
                self.mark("block as value");
                format!("({{ {} }})", self.block(Gives::Value(kind), depth + 1))
            }
            _ if !calls.is_empty() => {
                let function = self.dice.of(&calls).clone();
                self.call(&function)
            }
            _ => self.value(kind, depth),
        }
    }

    /// Functions that give this, and for which there are arguments here.
    pub(super) fn callable(&self, gives: Gives) -> Vec<Function> {
        let scores = self.inside.is_none() || self.has_clock();
        let known = self.functions.iter().filter(|function| function.gives == gives);
        known.filter(|function| scores || !function.params.contains(&Type::Score)).cloned().collect()
    }

    /// Functions have a score only where it is given to them; its name is not used again.
    pub(super) fn has_clock(&self) -> bool {
        self.names.iter().any(|(name, _)| name == "clock")
    }

    pub(super) fn call(&mut self, function: &Function) -> String {
        if self.inside.is_some() {
            self.mark("function calls function");
        }
        let clocked = self.vouches && function.gives == Gives::Opinion;
        // The checker takes an opinion inside an argument for lost.
        let returns = self.returns;
        self.returns &= matches!(self.inside, Some(Gives::Value(_)));
        let args: Vec<String> = (function.params.iter().enumerate())
            .map(|(place, kind)| match (place, clocked) {
                (0, true) if self.inside.is_some() => "clock".to_owned(),
                (0, true) => "row.survival".to_owned(),
                _ => self.value(*kind, 1),
            })
            .collect();
        self.returns = returns;
        format!("{}({})", function.name, args.join(", "))
    }

    fn text(&mut self) -> String {
        if self.inside.is_none() {
            match self.dice.below(6) {
                0 => return "row.source".to_owned(),
                1 => return "param.who".to_owned(),
                2..=3 => return self.coalesced(Type::Text, |writer| writer.text_literal()),
                _ => {}
            }
        }
        self.text_literal()
    }

    fn text_literal(&mut self) -> String {
        let text = *self.dice.of(&TEXTS);
        self.written.texts.push(text.to_owned());
        format!("{text:?}")
    }

    /// `fact ?? default`, or `fact ?? fact ?? default`.
    fn coalesced(&mut self, kind: Type, default: impl Fn(&mut Self) -> String) -> String {
        let Some(fact) = self.fact(kind, true) else { return default(self) };
        self.mark("??");
        let default = default(self);
        match self.fact(kind, true) {
            Some(second) if self.dice.chance(40) => {
                self.mark("?? twice");
                format!("({fact} ?? {second} ?? {default})")
            }
            _ => format!("({fact} ?? {default})"),
        }
    }

    fn set(&mut self) -> String {
        if let Some(name) = self.named(Type::Set) {
            return name;
        }
        match self.dice.below(3) {
            0 => "row.tags".to_owned(),
            1 => "param.words".to_owned(),
            _ => {
                self.mark("??");
                let default = *self.dice.of(&["row.tags", "param.words"]);
                format!("(request.audience ?? {default})")
            }
        }
    }

    pub(super) fn decimal(&mut self) -> String {
        let decimals: [(&str, i64); 7] = [
            ("0.0", 0),
            ("1.0", 1_000_000),
            ("0.5", 500_000),
            ("0.25", 250_000),
            ("0.123456", 123_456),
            ("0.000001", 1),
            ("0.9", 900_000),
        ];
        let (text, millionths) = *self.dice.of(&decimals);
        self.written.numbers.push(millionths);
        text.to_owned()
    }

    fn score(&mut self) -> String {
        if self.inside.is_some() {
            // Only by name; without one there is no score to be had.
            return self.named(Type::Score).unwrap_or_else(|| "clock".to_owned());
        }
        match self.dice.below(5) {
            0 => "row.survival".to_owned(),
            1 => {
                self.mark("score parameter");
                (*self.dice.of(&["param.holds", "param.fades"])).to_owned()
            }
            _ => self.coalesced(Type::Score, |writer| match writer.dice.below(3) {
                0 => "row.survival".to_owned(),
                1 => "param.holds".to_owned(),
                _ => {
                    writer.mark("?? with a decimal");
                    writer.decimal()
                }
            }),
        }
    }

    pub(super) fn int_literal(&mut self) -> String {
        let number = if self.dice.chance(25) {
            self.mark("number near the end");
            *self.dice.of(&[
                i64::MAX,
                i64::MAX - 1,
                4_611_686_018_427_387_904,
                3_037_000_500,
                106_751_991_167,
                -i64::MAX,
            ])
        } else {
            self.dice.below(13) as i64 - 4
        };
        self.written.numbers.push(number);
        number.to_string()
    }

    fn int(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.chance(25) {
            if self.inside.is_none() {
                match self.dice.below(6) {
                    0..=1 => return (*self.dice.of(&["row.confirmations", "candidate.rank"])).to_owned(),
                    2 => return (*self.dice.of(&["param.few", "param.few", "param.many"])).to_owned(),
                    3..=4 => return self.coalesced(Type::Int, |writer| writer.int_literal()),
                    _ => {}
                }
            }
            return self.int_literal();
        }
        if self.dice.chance(15) {
            self.mark("unary minus");
            let of = self.value(Type::Int, depth - 1);
            return if of.starts_with(|c: char| c.is_ascii_alphabetic()) {
                format!("-{of}")
            } else {
                format!("-({of})")
            };
        }
        let signs = ["+", "-", "*", "/", "%"];
        let mut text = self.value(Type::Int, depth - 1);
        for _ in 0..=self.dice.below(2) {
            let sign = *self.dice.of(&signs);
            self.mark(if sign == "-" { "- of two" } else { sign });
            text = format!("{text} {sign} {}", self.value(Type::Int, depth - 1));
        }
        format!("({text})")
    }

    fn span(&mut self, depth: usize) -> String {
        let (unit, millis) = *self.dice.of(&[("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000)]);
        if depth == 0 || self.dice.chance(30) {
            if self.inside.is_none() {
                match self.dice.below(6) {
                    0..=1 => return self.fact(Type::Span, false).expect("a span is always there"),
                    2 => return "param.limit".to_owned(),
                    3..=4 => return self.coalesced(Type::Span, |_| format!("{unit}(7)")),
                    _ => {}
                }
            }
            let number = self.dice.below(30) as i64 - 3;
            self.written.numbers.push(number * millis);
            return format!("{unit}({number})");
        }
        let depth = depth - 1;
        match self.dice.below(6) {
            0 => {
                self.mark("unary minus");
                format!("-({})", self.value(Type::Span, depth))
            }
            1 => {
                self.mark("span + span");
                format!("({} + {})", self.value(Type::Span, depth), self.value(Type::Span, depth))
            }
            2 => {
                self.mark("span - span");
                format!("({} - {})", self.value(Type::Span, depth), self.value(Type::Span, depth))
            }
            3 => {
                self.mark("span * int");
                format!("({} * {})", self.value(Type::Span, depth), self.value(Type::Int, depth))
            }
            4 => {
                self.mark("int * span");
                format!("({} * {})", self.value(Type::Int, depth), self.value(Type::Span, depth))
            }
            _ => {
                self.mark("days, hours, minutes of an expression");
                let (number, more) = (self.value(Type::Int, depth), self.dice.below(4));
                // A literal alone could be too long for any span.
                if number.parse::<i64>().is_ok() {
                    format!("{unit}({more})")
                } else {
                    format!("{unit}({number} + {more})")
                }
            }
        }
    }
}
