//! Whether the search for what gets fresher finds it: random policies, each on random rows that get older by random spans.
//! Whatever gets fresher there should have been found.
//!
//! `STILLGOOD_POLICIES=20000 cargo test --release --lib ageing -- --nocapture` looks at that many, and prints how many the
//! search missed.

use super::grammar::{self, Written};
use super::{Dice, World, rows};
use crate::facts::{Facts, OverTime, Value};
use crate::policy::check::{self, Searched};
use crate::policy::program::{Frame, Machine};
use crate::policy::source::Given;
use crate::score::Score;
use crate::time::Span;
use crate::verdict::Stance;

/// Rows for each policy, and how often each gets older.
const ROWS: usize = 200;
const STEPS: usize = 4;
const CENTURY: i64 = 100 * 365 * 86_400_000;

/// How loose an opinion is, by the rule as it stands in the documentation; `None` is no opinion.
fn loosens(before: Option<Stance>, then: Option<Stance>, vouches: bool) -> bool {
    match (before, then) {
        (Some(before), Some(then)) => then < before,
        (Some(before), None) => !(vouches && before == Stance::Live),
        (None, then) => vouches && then.is_some(),
    }
}

impl World {
    /// `None` where the policy fails: the random numbers at the ends of what there is overflow in sums, the search tries none.
    fn stance(&self, policy: &super::Compiled, row: &[Value], frame: &mut Frame) -> Option<Option<Stance>> {
        let facts = Facts::all(row.to_vec());
        let given = Given { schema: &self.schema, facts: &facts };
        let said = Machine::<_, false>::new(&policy.program, &given, frame).run(0);
        said.ok().map(|opinion| opinion.map(|opinion| opinion.stance))
    }

    fn span(&self, row: &[Value], name: &str) -> Option<i64> {
        match row[self.schema.place(name).unwrap()] {
            Value::Span(span) => Some(span.millis()),
            _ => None,
        }
    }

    fn put(&self, row: &mut [Value], name: &str, value: Value) {
        row[self.schema.place(name).unwrap()] = value;
    }

    /// A row that there can be: ages within the calendar, and facts that agree.
    fn row(&self, dice: &mut Dice, policy: &super::Compiled, written: &Written) -> Vec<Value> {
        let given = rows::random(dice, &self.schema, &policy.facts, written);
        let mut row: Vec<Value> =
            (0..self.schema.facts().len()).map(|place| given.get(place).cloned().unwrap()).collect();
        for (fact, value) in self.schema.facts().iter().zip(&mut row) {
            if let (Value::Span(span), true) = (&value, fact.over_time != OverTime::Constant) {
                let millis = span.millis().saturating_abs() % CENTURY;
                let is_age = fact.over_time == OverTime::Age && fact.name != "row.ended_for";
                *value = Value::Span(Span::from_millis(if is_age { millis } else { span.millis() % CENTURY }));
            }
        }
        for (fact, value) in self.schema.facts().iter().zip(&mut row) {
            if let (Value::Text(text), Some(words)) = (&value, fact.words)
                && !words.contains(&text.as_ref())
            {
                *value = Value::Text(words[text.len() % words.len()].into());
            }
        }
        let (age, unconfirmed) = (self.span(&row, "row.age"), self.span(&row, "row.unconfirmed_for"));
        self.put(&mut row, "row.age", Value::Span(Span::from_millis(age.max(unconfirmed).unwrap())));
        let is_named = |name| policy.facts.contains(&self.schema.place(name).unwrap());
        if is_named("row.ended_for") && is_named("row.expires_in") {
            let ended = self.span(&row, "row.expires_in").map(|left| Value::Span(Span::from_millis(-left)));
            self.put(&mut row, "row.ended_for", ended.unwrap_or(Value::Absent));
        }
        row
    }

    /// The row after a while. States of boxes stay, and so does the beginning.
    fn older(&self, row: &[Value], after: i64, dice: &mut Dice) -> Vec<Value> {
        let older = self.schema.facts().iter().zip(row).map(|(fact, value)| match (value, fact.over_time) {
            (Value::Span(span), OverTime::Age) => Value::Span(Span::from_millis(span.millis() + after)),
            (Value::Span(span), OverTime::Left) if fact.name != "row.starts_in" => {
                Value::Span(Span::from_millis(span.millis() - after))
            }
            (Value::Score(score), OverTime::Step) if dice.chance(50) => {
                Value::Score(Score::from_millionths(dice.below(score.millionths() as usize + 1) as u32).unwrap())
            }
            (value, _) => value.clone(),
        });
        older.collect()
    }
}

#[test]
fn what_gets_fresher_is_seldom_missed() {
    let wanted = std::env::var("STILLGOOD_POLICIES").map_or(400, |wanted| wanted.parse::<u64>().unwrap());
    let world = World::of(grammar::SET);
    let mut frame = Frame::default();
    let (mut policies, mut found, mut fresher, mut missed, mut proven) = (0, 0, 0, vec![], 0);
    for seed in 0..wanted {
        let written = Written::from_seed(seed, &world.schema);
        let Ok(policy) = world.compile(&written.source) else { continue };
        policies += 1;
        let searched = check::fresher(
            &policy.tree,
            (&policy.program, 0),
            &world.schema,
            &world.params,
            (&policy.facts, policy.vouches),
        );
        found += u64::from(matches!(searched, Searched::Found(_)));
        let mut dice = Dice::of_seed(!seed);
        let random = (0..ROWS).find_map(|_| {
            let row = world.row(&mut dice, &policy, &written);
            let before = world.stance(&policy, &row, &mut frame)?;
            (0..STEPS).find_map(|_| {
                let after = match written.numbers.as_slice() {
                    _ if dice.chance(30) => dice.below(CENTURY as usize) as i64,
                    [] => 1,
                    numbers => dice.of(numbers).saturating_abs() % CENTURY + 1,
                };
                let then = world.older(&row, after, &mut dice);
                let said = world.stance(&policy, &then, &mut frame)?;
                loosens(before, said, policy.vouches).then(|| (row.clone(), after, before, said))
            })
        });
        let Some((row, after, before, then)) = random else { continue };
        fresher += 1;
        if !matches!(searched, Searched::Found(_)) {
            proven += u64::from(matches!(searched, Searched::Nowhere));
            let row: String = (policy.facts.iter())
                .map(|place| format!("  {} = {}\n", world.schema.facts()[*place].name, row[*place]))
                .collect();
            missed.push(format!("{}\n{row}{before:?}, {after} ms later {then:?}", written.source));
        }
    }
    println!(
        "{policies} policies; the search found {found}, chance {fresher}; of these the search missed {}, and took {proven} of \
         them for proven",
        missed.len()
    );
    for missed in missed.iter().take(std::env::var("STILLGOOD_SHOW").map_or(0, |show| show.parse().unwrap())) {
        println!("{missed}\n");
    }
    assert!(fresher > 50, "{fresher}");
    assert!(missed.len() * 20 <= fresher, "{} of {fresher} missed\n{}", missed.len(), missed.join("\n\n"));
}
