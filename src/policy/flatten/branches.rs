//! Conditions as branches. Where a fact is compared with what is known, one step does it.

use super::{Branch, Fact, Flattening, Index, Node, Sign, Slot, Step, Target, Text, Words};
use crate::policy::program::is_same;

impl Flattening<'_> {
    /// Goes to the target when that is the answer, and on when it is not.
    pub(super) fn branch(&mut self, node: &Node, when: bool, to: Target) {
        let branch = Branch { when, skip: to };
        match node {
            Node::Const(value) => {
                if (*value != 0) == when {
                    self.step(Step::Go(to));
                }
            }
            Node::Not(of) => self.branch(of, !when, to),
            Node::All(parts) => self.several(parts, false, when, to),
            Node::Any(parts) => self.several(parts, true, when, to),
            Node::Present(fact, wanted) => {
                self.step(Step::IfPresent(*fact, Branch { when: when == *wanted, skip: to }));
            }
            Node::Compare(sign, parts) => self.compare(*sign, parts, branch),
            Node::SameText(parts, wanted) => {
                let [a, b] = &**parts;
                self.same_text(a, b, Branch { when: when == *wanted, skip: to });
            }
            Node::OneOf(of, values) => {
                let list = self.list(values);
                self.with_value(of, |this, slot| this.step(Step::IfOneOf(slot, list, branch)));
            }
            Node::OneOfTexts(of, texts) => self.one_of_texts(of, texts, branch),
            Node::Within(parts) => {
                let [set, word] = &**parts;
                self.within(set, word, branch);
            }
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let (no, done) = (self.target(), self.target());
                self.branch(condition, false, no);
                self.branch(then, when, to);
                self.step(Step::Go(done));
                self.reach(no);
                self.branch(otherwise, when, to);
                self.reach(done);
            }
            other => self.with_value(other, |this, slot| this.step(Step::IfTrue(slot, branch))),
        }
    }

    /// Parts of which the first whose answer is `ends` is the answer of all.
    fn several(&mut self, parts: &[Node], ends: bool, when: bool, to: Target) {
        if ends && let Some((fact, words)) = self.held_words(parts) {
            return self.step(Step::IfHolds(fact, words, Branch { when, skip: to }));
        }
        let Some((last, parts)) = parts.split_last() else { return };
        let on = self.target();
        for part in parts {
            self.branch(part, ends, if when == ends { to } else { on });
        }
        self.branch(last, when, to);
        self.reach(on);
    }

    fn compare(&mut self, sign: Sign, parts: &[Node; 2], branch: Branch) {
        let [a, b] = parts;
        let step = match (fact(a), a, fact(b), b) {
            (Some((fact, default)), _, _, Node::Const(value)) => {
                Step::IfFact(sign, fact, *value, sign.holds(default, *value), branch)
            }
            (_, Node::Const(value), Some((fact, default)), _) => {
                Step::IfFact(sign.mirrored(), fact, *value, sign.holds(*value, default), branch)
            }
            (_, Node::Number(fact), _, Node::Local(place)) => Step::IfFactSlot(sign, *fact, *place as Slot, branch),
            (_, Node::Local(place), _, Node::Number(fact)) => {
                Step::IfFactSlot(sign.mirrored(), *fact, *place as Slot, branch)
            }
            _ => {
                return self.with_value(a, |this, a| {
                    this.with_value(b, |this, b| this.step(Step::If(sign, a, b, branch)));
                });
            }
        };
        self.step(step);
    }

    fn same_text(&mut self, a: &Node, b: &Node, branch: Branch) {
        for (one, other) in [(a, b), (b, a)] {
            if let Node::Const(handle) = other
                && self.is_word(one, &[*handle], branch)
            {
                return;
            }
        }
        match (text(a), text(b)) {
            (Some(a), Some(b)) => self.same_texts([a, b], branch),
            // The first is read before anything is done for the second.
            _ => self.with_value(a, |this, a| {
                this.with_text(b, |this, b| this.same_texts([Text::Slot(a), b], branch));
            }),
        }
    }

    fn same_texts(&mut self, pair: [Text; 2], branch: Branch) {
        self.program.pairs.push(pair);
        self.step(Step::IfSameTexts((self.program.pairs.len() - 1) as Index, branch));
    }

    fn one_of_texts(&mut self, of: &Node, texts: &[i64], branch: Branch) {
        if !self.is_word(of, texts, branch) {
            let list = self.list(texts);
            self.with_text(of, |this, text| this.step(Step::IfOneOfTexts(text, list, branch)));
        }
    }

    /// Asks in one step whether a fact of a closed list is one of these texts; whether that could be done.
    fn is_word(&mut self, node: &Node, texts: &[i64], branch: Branch) -> bool {
        let (fact, absent) = match node {
            Node::Handle(fact) => (*fact, false),
            Node::HandleOr(fact, default) => match **default {
                Node::Const(default) => (*fact, self.are_same(default, texts)),
                _ => return false,
            },
            _ => return false,
        };
        let words = self.words(fact, texts);
        if let Some(words) = words {
            self.step(Step::IfWord(fact, words, absent, branch));
        }
        words.is_some()
    }

    fn are_same(&self, handle: i64, texts: &[i64]) -> bool {
        self.text(handle).is_some_and(|text| self.is_among(text, texts))
    }

    fn is_among(&self, text: &str, texts: &[i64]) -> bool {
        texts.iter().filter_map(|handle| self.text(*handle)).any(|one| is_same(one, text))
    }

    fn text(&self, handle: i64) -> Option<&str> {
        self.program.texts.get(usize::try_from(handle).ok()?).map(String::as_str)
    }

    /// These texts as words of the fact's closed list; `None` where one of them is not, or there is no list.
    pub(super) fn words(&self, fact: Fact, texts: &[i64]) -> Option<Words> {
        let list = self.schema.facts().get(usize::from(fact.place))?.words?;
        let are_words = texts.iter().all(|text| self.text(*text).is_some_and(|text| list.contains(&text)));
        (are_words && list.len() <= Words::MOST).then(|| Words::of(list, |word| self.is_among(word, texts)))
    }

    /// Does something with a text, which needs a slot only where it is neither a constant nor a fact.
    fn with_text(&mut self, node: &Node, work: impl FnOnce(&mut Self, Text)) {
        match text(node) {
            Some(text) => work(self, text),
            None => self.with_value(node, |this, slot| work(this, Text::Slot(slot))),
        }
    }

    /// The words that these parts ask for, where each asks whether one and the same set holds one: one step asks for all.
    fn held_words(&self, parts: &[Node]) -> Option<(Fact, Words)> {
        let mut parts = parts.iter().map(|part| self.held_word(part));
        let (fact, first) = parts.next()??;
        let words = parts.try_fold(first, |words, part| {
            part.filter(|(other, _)| other.place == fact.place).map(|(_, more)| words.with(more))
        });
        words.map(|words| (fact, words))
    }

    /// `"word" in set`, or that and `"word" in constant`, which is known here.
    fn held_word(&self, part: &Node) -> Option<(Fact, Words)> {
        match part {
            Node::Within(parts) => match &**parts {
                [Node::Handle(fact), Node::Const(word)] => Some((*fact, self.words(*fact, &[*word])?)),
                _ => None,
            },
            Node::All(parts) => match &**parts {
                [held, Node::Within(known)] => {
                    let (fact, words) = self.held_word(held)?;
                    Some((fact, if self.is_known_within(known)? { words } else { Words::default() }))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a constant set holds a constant text; `None` where either is something else.
    fn is_known_within(&self, parts: &[Node; 2]) -> Option<bool> {
        let [Node::Const(set), Node::Const(word)] = parts else { return None };
        let (set, word) = (self.program.sets.get(usize::try_from(*set).ok()?)?, self.text(*word)?);
        Some(set.iter().any(|known| known == word))
    }

    fn within(&mut self, set: &Node, word: &Node, branch: Branch) {
        if let (Node::Handle(fact), Node::Const(word)) = (set, word)
            && let Some(words) = self.words(*fact, &[*word])
        {
            return self.step(Step::IfHolds(*fact, words, branch));
        }
        self.with_value(set, |this, set| {
            this.with_value(word, |this, word| this.step(Step::IfWithin(set, word, branch)));
        });
    }
}

/// A fact that is a number, and the constant that stands for it where it is absent.
fn fact(node: &Node) -> Option<(Fact, i64)> {
    match node {
        Node::Number(fact) => Some((*fact, 0)),
        Node::NumberOr(fact, default) => match **default {
            Node::Const(default) => Some((*fact, default)),
            _ => None,
        },
        _ => None,
    }
}

/// A constant or fact that is a text.
fn text(node: &Node) -> Option<Text> {
    match node {
        Node::Const(handle) => Index::try_from(*handle).ok().map(Text::Const),
        Node::Handle(fact) => Some(Text::Fact(fact.place)),
        Node::HandleOr(fact, default) => match **default {
            Node::Const(handle) => Index::try_from(handle).ok().map(|or| Text::FactOr(fact.place, or)),
            _ => None,
        },
        _ => None,
    }
}
