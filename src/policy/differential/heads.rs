//! Rows as they stand in vaults: a program says the same of a head as of the values of its facts, which the interpreter sees.

use super::grammar::{self, TEXTS, Written};
use super::{Dice, World};
use crate::evidence::{Artifact, Attached, Boxes, Finding, Found, How, PaymentRung, Private, SettlementRung};
use crate::facts::{FactKind, Facts, Inputs, Value};
use crate::id::Digest;
use crate::policy::program::{Frame, Machine};
use crate::policy::sandbox::Failure;
use crate::policy::source::{Given, RowSource};
use crate::request::{About, Candidate, KeyValue, Request, Route};
use crate::row::{Category, Draft, Head, Kind, LinkKind, MadeBy, Origin, Parents};
use crate::score::Score;
use crate::survival::SurvivalTable;
use crate::time::{Span, Timestamp};

const POLICIES: u64 = 2_000;
const ROWS: u64 = 10;

impl Dice {
    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(60).then(|| make(self))
    }

    fn word(&mut self) -> String {
        (*self.of(&TEXTS)).to_owned()
    }

    /// A number on which the policy's comparisons turn, or a span of some days.
    fn near(&mut self, policy: &Written) -> i64 {
        match policy.numbers.as_slice() {
            numbers if !numbers.is_empty() && self.chance(60) => {
                self.of(numbers).saturating_add(self.below(3) as i64 - 1)
            }
            _ => (self.below(2_000) as i64 - 200) * 3_600_000,
        }
    }

    fn score(&mut self, policy: &Written) -> Score {
        let millionths = self.near(policy).rem_euclid(1_000_001) as u32;
        Score::from_millionths(millionths).unwrap()
    }

    fn time(&mut self, policy: &Written, at: Timestamp) -> Timestamp {
        at.plus(Span::from_millis(-(self.near(policy) % (400 * 365 * 86_400_000))))
    }

    fn finding(&mut self, policy: &Written, at: Timestamp) -> Finding {
        Finding { state: *self.of(Found::ALL), as_of: self.maybe(|dice| dice.time(policy, at)) }
    }

    fn artifact(&mut self) -> Artifact {
        Artifact { label: self.maybe(Dice::word), blob_id: self.maybe(Dice::word) }
    }

    fn boxes(&mut self, policy: &Written, at: Timestamp) -> Boxes {
        let mut boxes = Boxes::default();
        macro_rules! attach {
            ($($name:ident: |$dice:ident| $detail:expr),+ $(,)?) => {$(
                boxes.$name = self.maybe(|$dice| Attached { finding: $dice.finding(policy, at), detail: $detail });
            )+};
        }
        attach! {
            binding: |dice| *dice.of(How::ALL),
            attestation: |dice| *dice.of(crate::evidence::Code::ALL),
            mode: |dice| *dice.of(crate::evidence::Mode::ALL),
            settlement: |dice| (*dice.of(SettlementRung::ALL), dice.maybe(|dice| dice.time(policy, at))),
            payment: |dice| *dice.of(PaymentRung::ALL),
            route: |dice| *dice.of(Private::ALL),
            artifact: |dice| dice.artifact(),
            data: |dice| dice.maybe(|dice| dice.time(policy, at)),
        }
        boxes
    }

    fn head(&mut self, policy: &Written, at: Timestamp) -> Head {
        let stated_at = self.time(policy, at);
        let mut draft = Draft::new("m1".parse().unwrap(), "text", stated_at, *self.of(Kind::ALL)).unwrap();
        let traits = &mut draft.traits;
        (0..self.below(4)).for_each(|_| traits.categories.insert(*self.of(Category::ALL)));
        traits.tags.extend((0..self.below(4)).filter_map(|_| self.word().parse().ok()));
        traits.source = self.word().parse().unwrap_or_else(|_| traits.source.clone());
        traits.origin = *self.of(Origin::ALL);
        traits.subject = self.word().parse().ok();
        traits.attribute = self.word().parse().ok();
        traits.importance = self.maybe(|dice| dice.score(policy));
        traits.valid_from = self.maybe(|dice| dice.time(policy, at));
        traits.valid_until = self.maybe(|dice| dice.time(policy, at));
        draft.boxes = self.boxes(policy, at).into();
        let mut head = Head::first(&draft, stated_at);
        for kind in [LinkKind::SupersededBy, LinkKind::Contradicts] {
            if self.chance(30) {
                head.links.add(kind, "m2".parse().unwrap(), MadeBy::Owner).unwrap();
            }
        }
        Head {
            confirmed_at: self.maybe(|dice| dice.time(policy, at)),
            confirmations: self.below(9) as u64,
            denied: self.chance(30),
            asked_at: self.maybe(|dice| dice.time(policy, at)),
            edited: self.chance(30),
            parents: *self.of(Parents::ALL),
            body: Digest::from_bytes([0; 32]),
            ..head
        }
    }

    fn request(&mut self, policy: &Written, at: Timestamp) -> Request {
        let mut request = Request::at(at);
        request.about = *self.of(About::ALL);
        request.purpose = self.maybe(Dice::word);
        request.route = self.maybe(|dice| *dice.of(Route::ALL));
        request.artifact = self.artifact();
        for name in ["urgent", "budget", "balance", "patience", "grace", "trust", "doubt", "audience", "voice", "tone"]
        {
            let value = match name {
                "urgent" => KeyValue::Bool(self.chance(50)),
                "budget" | "balance" => KeyValue::Int(self.near(policy)),
                "patience" | "grace" => KeyValue::Span(Span::from_millis(self.near(policy))),
                "trust" | "doubt" => KeyValue::Score(self.score(policy)),
                "audience" => KeyValue::Set((0..self.below(4)).map(|_| self.word()).collect()),
                _ => KeyValue::Text(self.word()),
            };
            if self.chance(60) {
                request.keys.insert(name.to_owned(), value);
            }
        }
        request
    }
}

#[test]
fn programs_say_the_same_of_a_head_as_of_the_values_of_its_facts() {
    let world = World::of(grammar::SET);
    let survival = SurvivalTable::from_toml(include_str!("../../../policies/survival.toml")).unwrap();
    let at: Timestamp = "2026-02-12T18:00:00Z".parse().unwrap();
    let all = (0..world.schema.facts().len()).collect();
    let (mut frame, mut policies, mut opinions) = (Frame::default(), 0, 0);
    for seed in 0..POLICIES {
        let written = Written::from_seed(seed, &world.schema);
        let Ok(policy) = world.compile(&written.source) else { continue };
        policies += 1;
        let mut dice = Dice::of_seed(!seed);
        for rank in 1..=ROWS {
            let (head, request) = (dice.head(&written, at), dice.request(&written, at));
            let candidate = Candidate {
                rerank: dice.maybe(|dice| dice.score(&written)),
                distance: dice.maybe(|dice| dice.score(&written)),
                asked: dice.chance(30),
                ..Candidate::of("m1".parse().unwrap())
            };
            let inputs = Inputs {
                head: &head,
                request: &request,
                candidate: &candidate,
                rank: rank as usize,
                survival: &survival,
            };
            let facts = world.schema.read(&inputs, &all);
            let (row, given) =
                (RowSource { schema: &world.schema, inputs: &inputs }, Given { schema: &world.schema, facts: &facts });
            let mut of_row = Machine::<_, true>::new(&policy.program, &row, &mut frame);
            let said = (of_row.run(0).map(Option::<&_>::cloned).map_err(Failure::from), of_row.read());
            let mut of_facts = Machine::<_, true>::new(&policy.program, &given, &mut frame);
            let expected = (of_facts.run(0).map(Option::<&_>::cloned).map_err(Failure::from), of_facts.read());
            assert_eq!(said, expected, "seed {seed}\n{}\n{facts:?}", written.source);
            opinions += u64::from(matches!(said.0, Ok(Some(_))));
        }
    }
    assert!(policies > POLICIES * 9 / 10 && opinions > policies * ROWS / 3, "{policies} policies, {opinions} opinions");
}

/// A request may say more than Rhai would let a script build.
#[test]
fn long_texts_are_compared_like_others() {
    let world = World::of(grammar::SET);
    let source =
        "let voice = request.voice ?? \"\";\nif voice == row.source { background(\"a\") } else { background(\"b\") }";
    let policy = world.compile(source).unwrap();
    let value = |fact: &crate::facts::Fact| match fact.kind {
        FactKind::Text => Value::Text("y".repeat(100_000).into()),
        _ => fact.default_value(),
    };
    let facts = Facts::all(world.schema.facts().iter().map(value).collect());
    let said = world.ask(&policy, &facts, &mut Frame::default()).unwrap();
    assert_eq!(said.unwrap().unwrap().code, "a");
}
