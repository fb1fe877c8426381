//! From a typed tree to a program: conditions become jumps, and what is compared with constants needs one step.

mod branches;

use super::bug::{Bug, bug};
use super::program::{Branch, Fact, Index, Program, Sign, Skip, Slot, Step, Target, Text, Words};
use super::typed::{Node, Switch};
use crate::facts::Schema;

/// Where the value of a node goes.
#[derive(Clone, Copy)]
enum Goal {
    Slot(Slot),
    /// Nobody wants it; but facts are read for it, and it may fail.
    Nowhere,
    /// It is the program's opinion.
    Opinion,
}

/// Adds the steps of a tree to a program that has its tables; its first slots are the names that the policy binds.
pub(super) fn flatten(root: &Node, names: usize, program: &mut Program, schema: &Schema) {
    let start = program.steps.len();
    program.starts.push(start as Target);
    program.slots = program.slots.max(names);
    let mut flattening = Flattening { program, schema, targets: vec![], taken: names, returns: vec![] };
    flattening.emit(root, Goal::Opinion);
    flattening.finish(start);
}

struct Flattening<'a> {
    program: &'a mut Program,
    schema: &'a Schema,
    /// Where each target lies, once that is known; until the end, steps name targets by their places here.
    targets: Vec<Target>,
    /// So many slots are in use.
    taken: usize,
    /// Where a function's `return` goes, and with what; innermost last.
    returns: Vec<(Goal, Target)>,
}

impl Flattening<'_> {
    fn step(&mut self, step: Step) {
        self.program.steps.push(step);
    }

    /// A place further on that is not reached yet.
    fn target(&mut self) -> Target {
        self.targets.push(Target::MAX);
        (self.targets.len() - 1) as Target
    }

    /// The target is here.
    fn reach(&mut self, target: Target) {
        if let Some(known) = self.targets.get_mut(target as usize) {
            *known = self.program.steps.len() as Target;
        }
    }

    /// Puts how many steps are skipped in place of where they go. Where nothing would be said, all are.
    fn finish(self, start: usize) {
        let steps = &mut self.program.steps;
        for place in start..steps.len() {
            let skip = |step: &mut Step| step.skip().map(|skip| *skip);
            let Some(target) = steps.get_mut(place).and_then(skip) else { continue };
            let to = self.targets.get(target as usize).copied().unwrap_or(Target::MAX);
            let says_nothing = matches!(steps.get(to as usize), None | Some(Step::Give(0)));
            let skipped = if says_nothing { Skip::MAX } else { to.saturating_sub(place as Target + 1) };
            if let Some(skip) = steps.get_mut(place).and_then(Step::skip) {
                *skip = skipped;
            }
        }
    }

    /// Does something with a slot that is free again afterwards.
    fn with_slot<T>(&mut self, work: impl FnOnce(&mut Self, Slot) -> T) -> T {
        let slot = self.taken as Slot;
        self.taken += 1;
        self.program.slots = self.program.slots.max(self.taken);
        let done = work(self, slot);
        self.taken -= 1;
        done
    }

    /// Does something with the slot in which a node's value stands.
    fn with_value<T>(&mut self, node: &Node, work: impl FnOnce(&mut Self, Slot) -> T) -> T {
        if let Node::Local(place) = node {
            return work(self, *place as Slot);
        }
        self.with_slot(|this, slot| {
            this.emit(node, Goal::Slot(slot));
            work(this, slot)
        })
    }

    fn emit(&mut self, node: &Node, goal: Goal) {
        match node {
            Node::Const(value) => self.set(*value, goal),
            Node::Local(place) => match goal {
                Goal::Slot(slot) => self.step(Step::Copy(slot, *place as Slot)),
                Goal::Nowhere => {}
                Goal::Opinion => self.step(Step::GiveSlot(*place as Slot)),
            },
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let (no, done) = (self.target(), self.target());
                self.branch(condition, false, no);
                self.emit(then, goal);
                self.go(done, goal);
                self.reach(no);
                self.emit(otherwise, goal);
                self.reach(done);
            }
            Node::Switch(switch) => self.switch(switch, goal),
            Node::Block(nodes) => match nodes.split_last() {
                Some((last, nodes)) => {
                    nodes.iter().for_each(|node| self.emit(node, Goal::Nowhere));
                    self.emit(last, goal);
                }
                None => self.set(0, goal),
            },
            Node::Let(place, value) => {
                self.emit(value, Goal::Slot(*place as Slot));
                self.set(0, goal);
            }
            Node::Return(value) => match self.returns.last().copied() {
                Some((goal, end)) => {
                    self.emit(value, goal);
                    self.go(end, goal);
                }
                None => self.emit(value, Goal::Opinion),
            },
            Node::Call(body) => {
                let end = self.target();
                self.returns.push((goal, end));
                self.emit(body, goal);
                self.returns.pop();
                self.reach(end);
            }
            Node::Present(..)
            | Node::Not(_)
            | Node::Compare(..)
            | Node::SameText(..)
            | Node::All(_)
            | Node::Any(_)
            | Node::OneOf(..)
            | Node::OneOfTexts(..)
            | Node::Within(_) => self.answer(node, goal),
            Node::Number(_)
            | Node::Handle(_)
            | Node::NumberOr(..)
            | Node::HandleOr(..)
            | Node::Negate(..)
            | Node::Span(..)
            | Node::Arithmetic(..) => match goal {
                Goal::Slot(slot) => self.value(node, slot),
                Goal::Nowhere => self.with_slot(|this, slot| this.value(node, slot)),
                Goal::Opinion => self.with_slot(|this, slot| {
                    this.value(node, slot);
                    this.step(Step::GiveSlot(slot));
                }),
            },
        }
    }

    fn set(&mut self, value: i64, goal: Goal) {
        match goal {
            Goal::Slot(slot) => self.step(Step::Set(slot, value)),
            Goal::Nowhere => {}
            Goal::Opinion => self.step(Step::Give(value)),
        }
    }

    /// On to what follows, once the goal is reached: after an opinion nothing does.
    fn go(&mut self, to: Target, goal: Goal) {
        if !matches!(goal, Goal::Opinion) {
            self.step(Step::Go(to));
        }
    }

    /// Facts, and what is calculated.
    fn value(&mut self, node: &Node, slot: Slot) {
        match node {
            Node::Number(fact) => self.step(Step::Number(slot, *fact)),
            Node::Handle(fact) => self.step(Step::Handle(slot, *fact)),
            Node::NumberOr(fact, default) => self.or(Step::NumberOr, *fact, default, slot),
            Node::HandleOr(fact, default) => self.or(Step::HandleOr, *fact, default, slot),
            Node::Negate(of, spot) => {
                self.emit(of, Goal::Slot(slot));
                self.step(Step::Negate(slot, *spot));
            }
            Node::Span(unit, of, spot) => {
                self.emit(of, Goal::Slot(slot));
                self.step(Step::Span(slot, *unit, *spot));
            }
            Node::Arithmetic(operation, parts, spot) => {
                let [a, b] = &**parts;
                self.with_value(a, |this, a| match b {
                    Node::Const(b) => this.step(Step::CalculateWith(*operation, slot, a, *b, *spot)),
                    _ => this.with_value(b, |this, b| this.step(Step::Calculate(*operation, slot, [a, b], *spot))),
                });
            }
            other => self.emit(other, Goal::Slot(slot)),
        }
    }

    fn or(&mut self, step: fn(Slot, Fact, Target) -> Step, fact: Fact, default: &Node, slot: Slot) {
        let there = self.target();
        self.step(step(slot, fact, there));
        self.emit(default, Goal::Slot(slot));
        self.reach(there);
    }

    /// A condition whose answer is wanted as a value.
    fn answer(&mut self, node: &Node, goal: Goal) {
        let (no, done) = (self.target(), self.target());
        self.branch(node, false, no);
        self.set(1, goal);
        self.go(done, goal);
        self.reach(no);
        self.set(0, goal);
        self.reach(done);
    }

    fn switch(&mut self, switch: &Switch, goal: Goal) {
        let arms: Vec<Target> = switch.arms.iter().map(|_| self.target()).collect();
        let (rest, done) = (self.target(), self.target());
        let goes = |place: usize| arms.get(place + usize::from(bug(Bug::NextArm))).copied().unwrap_or(rest);
        self.choose(switch, goes);
        self.step(Step::Go(rest));
        for ((_, node), target) in switch.arms.iter().zip(&arms) {
            self.reach(*target);
            self.emit(node, goal);
            self.go(done, goal);
        }
        self.reach(rest);
        self.emit(&switch.rest, goal);
        self.reach(done);
    }

    /// Goes to the first arm with a label of this value.
    fn choose(&mut self, switch: &Switch, goes: impl Fn(usize) -> Target) {
        let labels = switch.arms.iter().map(|(labels, _)| labels).enumerate();
        if let Node::Handle(fact) = &switch.on
            && let Some(arms) = labels.clone().map(|(_, labels)| self.words(*fact, labels)).collect::<Option<Vec<_>>>()
            && !arms.is_empty()
        {
            for (place, words) in arms.into_iter().enumerate() {
                self.step(Step::IfWord(*fact, words, false, Branch { when: true, skip: goes(place) }));
            }
            return;
        }
        self.with_value(&switch.on, |this, slot| {
            for (place, labels) in labels {
                let (list, branch) = (this.list(labels), Branch { when: true, skip: goes(place) });
                this.step(match switch.texts {
                    true => Step::IfOneOfTexts(Text::Slot(slot), list, branch),
                    false => Step::IfOneOf(slot, list, branch),
                });
            }
        });
    }

    fn list(&mut self, values: &[i64]) -> Index {
        self.program.lists.push(values.into());
        (self.program.lists.len() - 1) as Index
    }
}

impl Step {
    fn skip(&mut self) -> Option<&mut Skip> {
        match self {
            Step::Go(skip) | Step::NumberOr(.., skip) | Step::HandleOr(.., skip) => Some(skip),
            Step::IfTrue(_, branch)
            | Step::IfPresent(_, branch)
            | Step::IfFact(.., branch)
            | Step::IfFactSlot(.., branch)
            | Step::If(.., branch)
            | Step::IfWord(.., branch)
            | Step::IfHolds(.., branch)
            | Step::IfSameTexts(.., branch)
            | Step::IfOneOf(.., branch)
            | Step::IfOneOfTexts(.., branch)
            | Step::IfWithin(.., branch) => Some(&mut branch.skip),
            Step::Give(_)
            | Step::GiveSlot(_)
            | Step::Set(..)
            | Step::Copy(..)
            | Step::Number(..)
            | Step::Handle(..)
            | Step::Negate(..)
            | Step::Span(..)
            | Step::Calculate(..)
            | Step::CalculateWith(..) => None,
        }
    }
}
