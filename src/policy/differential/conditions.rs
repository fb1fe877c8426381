//! Random conditions, and what a `switch` is on.

use super::grammar::{TEXTS, Type, Writer};

impl Writer {
    pub(super) fn bool(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.dice.below(10) {
                0 => (*self.dice.of(&["true", "false"])).to_owned(),
                1..=2 if self.inside.is_none() => self.fact(Type::Bool, false).expect("there are some"),
                3 if self.inside.is_none() => (*self.dice.of(&["param.strict", "(request.urgent ?? true)"])).to_owned(),
                4 if self.inside.is_none() => self.presence(),
                _ => self.comparison(0),
            };
        }
        let depth = depth - 1;
        match self.dice.below(12) {
            0 => {
                self.mark("!");
                format!("!({})", self.value(Type::Bool, depth))
            }
            1 => {
                self.mark("&&");
                format!("({} && {})", self.value(Type::Bool, depth), self.value(Type::Bool, depth))
            }
            2 => {
                self.mark("||");
                format!("({} || {})", self.value(Type::Bool, depth), self.value(Type::Bool, depth))
            }
            3 => {
                self.mark("chain without brackets");
                let mut text = self.bare_comparison(depth);
                for _ in 0..=self.dice.below(3) {
                    let sign = *self.dice.of(&["&&", "||"]);
                    self.mark(sign);
                    text = format!("{text} {sign} {}", self.bare_comparison(depth));
                }
                format!("({text})")
            }
            4..=5 => self.within(depth),
            6 if self.inside.is_none() => self.presence(),
            _ => self.comparison(depth),
        }
    }

    fn presence(&mut self) -> String {
        let optional: Vec<&str> =
            self.facts.iter().filter(|fact| fact.optional).map(|fact| fact.name.as_str()).collect();
        let (fact, sign) = ((*self.dice.of(&optional)).to_owned(), *self.dice.of(&["==", "!="]));
        self.mark(if sign == "==" { "== ()" } else { "!= ()" });
        if self.dice.chance(20) { format!("(() {sign} {fact})") } else { format!("({fact} {sign} ())") }
    }

    fn comparison(&mut self, depth: usize) -> String {
        format!("({})", self.bare_comparison(depth))
    }

    fn bare_comparison(&mut self, depth: usize) -> String {
        let order = *self.dice.of(&["==", "!=", "<", "<=", ">", ">="]);
        let equality = *self.dice.of(&["==", "!="]);
        let sides = match self.dice.below(10) {
            0..=1 => {
                self.mark(if equality == "==" { "== of text" } else { "!= of text" });
                let (text, words) = self.text_and_words(depth);
                let word = if self.dice.chance(70) {
                    let word = *self.dice.of(&words);
                    self.written.texts.push(word.to_owned());
                    format!("{word:?}")
                } else {
                    self.text_and_words(depth).0
                };
                return if self.dice.chance(30) {
                    format!("{word} {equality} {text}")
                } else {
                    format!("{text} {equality} {word}")
                };
            }
            2 => {
                self.mark(if equality == "==" { "== of bool" } else { "!= of bool" });
                return format!("{} {equality} {}", self.value(Type::Bool, depth), self.value(Type::Bool, depth));
            }
            3..=5 => {
                self.mark("comparison of ints");
                (self.value(Type::Int, depth), self.value(Type::Int, depth))
            }
            6..=7 => {
                self.mark("comparison of spans");
                (self.value(Type::Span, depth), self.value(Type::Span, depth))
            }
            _ if self.inside.is_some() && !self.has_clock() => {
                self.mark("comparison of ints");
                (self.value(Type::Int, depth), self.value(Type::Int, depth))
            }
            _ => {
                self.mark("comparison of scores");
                let score = self.value(Type::Score, depth);
                match self.dice.below(4) {
                    0 => {
                        self.mark("decimal on the left");
                        (self.value(Type::Decimal, 0), score)
                    }
                    1 => (score, self.value(Type::Score, depth)),
                    _ => {
                        self.mark("decimal on the right");
                        (score, self.value(Type::Decimal, 0))
                    }
                }
            }
        };
        self.mark(order);
        format!("{} {order} {}", sides.0, sides.1)
    }

    fn within(&mut self, depth: usize) -> String {
        let sign = if self.dice.chance(35) {
            self.mark("!in");
            "!in"
        } else {
            "in"
        };
        let (value, items): (String, Vec<String>) = match self.dice.below(6) {
            0..=1 if self.inside.is_none() => {
                self.mark("in a set");
                let (mut set, mut words) = (self.value(Type::Set, 0), TEXTS.to_vec());
                if self.dice.chance(40) {
                    (set, words) = ("row.categories".to_owned(), crate::row::Category::NAMES.to_vec());
                }
                let word = *self.dice.of(&words);
                self.written.texts.push(word.to_owned());
                let word = if self.dice.chance(70) { format!("{word:?}") } else { self.text_and_words(depth).0 };
                return format!("({word} {sign} {set})");
            }
            2 => {
                self.mark("in a list of ints");
                let items = (0..self.dice.below(4)).map(|_| self.int_literal()).collect();
                (self.value(Type::Int, depth), items)
            }
            3 => {
                self.mark("in a list of bools");
                let item = *self.dice.of(&["true", "false"]);
                (self.value(Type::Bool, depth), vec![item.to_owned()])
            }
            _ => {
                self.mark("in a list of texts");
                let (text, words) = self.text_and_words(depth);
                let items: Vec<&str> = (0..1 + self.dice.below(3)).map(|_| *self.dice.of(&words)).collect();
                self.written.texts.extend(items.iter().map(|item| (*item).to_owned()));
                (text, items.iter().map(|item| format!("{item:?}")).collect())
            }
        };
        format!("({value} {sign} [{}])", items.join(", "))
    }

    /// What a `switch` is on, and the labels of an arm.
    pub(super) fn switched(&mut self, depth: usize) -> (String, String) {
        let depth = depth.min(1);
        match self.dice.below(4) {
            0 => {
                self.mark("switch on int");
                let mut labels: Vec<i64> = (0..=self.dice.below(2)).map(|_| self.dice.below(7) as i64 - 3).collect();
                labels.sort_unstable();
                labels.dedup();
                if labels[0] < 0 {
                    self.mark("label below zero");
                }
                self.written.numbers.extend(&labels);
                (self.value(Type::Int, depth), self.joined(labels.iter().map(i64::to_string).collect()))
            }
            1 => {
                self.mark("switch on bool");
                let label = *self.dice.of(&["true", "false"]);
                (self.value(Type::Bool, depth), label.to_owned())
            }
            _ => {
                self.mark("switch on text");
                let (on, words) = self.text_and_words(depth);
                let first = self.dice.below(words.len());
                let mut labels = vec![words[first]];
                if words.len() > 2 && self.dice.chance(50) {
                    labels.push(words[(first + 1) % words.len()]);
                }
                self.written.texts.extend(labels.iter().map(|label| (*label).to_owned()));
                (on, self.joined(labels.iter().map(|label| format!("{label:?}")).collect()))
            }
        }
    }

    fn joined(&mut self, labels: Vec<String>) -> String {
        if labels.len() > 1 {
            self.mark("several labels");
        }
        labels.join(" | ")
    }

    /// A text that is no literal, and the words with which it can be compared.
    fn text_and_words(&mut self, depth: usize) -> (String, Vec<&'static str>) {
        let closed = self.facts.iter().filter(|fact| matches!(fact.kind, Type::Word(_)) && !fact.optional);
        let closed: Vec<Type> = closed.map(|fact| fact.kind).collect();
        if self.inside.is_none() && !closed.is_empty() && self.dice.chance(50) {
            let kind = *self.dice.of(&closed);
            if let Type::Word(words) = kind {
                return (self.value(kind, 0), words.to_vec());
            }
        }
        let text = self.value(Type::Text, depth);
        let text =
            if text.starts_with('"') { self.named(Type::Text).unwrap_or(format!("({{ {text} }})")) } else { text };
        (text, TEXTS.to_vec())
    }
}
