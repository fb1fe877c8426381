//! Rows for a policy: mostly values on which its comparisons turn.

use std::collections::BTreeSet;

use super::Dice;
use super::grammar::{TEXTS, Written};
use crate::facts::{Fact, FactKind, Facts, Schema, Value};
use crate::score::Score;
use crate::time::Span;

/// A row with a random value of every fact that the policy names; the others have their default.
pub(super) fn random(dice: &mut Dice, schema: &Schema, named: &BTreeSet<usize>, policy: &Written) -> Facts {
    let value = |(place, fact): (usize, &Fact)| match named.contains(&place) {
        true => random_value(dice, fact, policy),
        false => fact.default_value(),
    };
    Facts::all(schema.facts().iter().enumerate().map(value).collect())
}

fn random_value(dice: &mut Dice, fact: &Fact, policy: &Written) -> Value {
    if fact.optional && dice.chance(35) {
        return Value::Absent;
    }
    match fact.kind {
        FactKind::Text => Value::Text(word(dice, fact, policy).into()),
        FactKind::Bool => Value::Bool(dice.chance(50)),
        FactKind::Int => Value::Int(number(dice, policy)),
        FactKind::Span => Value::Span(Span::from_millis(number(dice, policy))),
        FactKind::Score => {
            let millionths = if dice.chance(50) { number(dice, policy) } else { (dice.throw() % 1_000_001) as i64 };
            let millionths = u32::try_from(millionths.clamp(0, 1_000_000)).unwrap();
            Value::Score(Score::from_millionths(millionths).unwrap())
        }
        FactKind::Set => {
            let words: BTreeSet<String> = (0..dice.below(5)).map(|_| word(dice, fact, policy)).collect();
            Value::Set(words.into_iter().collect())
        }
    }
}

fn word(dice: &mut Dice, fact: &Fact, policy: &Written) -> String {
    match fact.words {
        Some(words) if dice.chance(85) => (*dice.of(words)).to_owned(),
        _ if dice.chance(50) && !policy.texts.is_empty() => dice.of(&policy.texts).clone(),
        _ => (*dice.of(&TEXTS)).to_owned(),
    }
}

/// A number of the policy or beside one; a small one; one at the ends of what there is.
fn number(dice: &mut Dice, policy: &Written) -> i64 {
    let beside = dice.below(3) as i64 - 1;
    match dice.below(20) {
        0 => *dice.of(&[i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1]),
        1 => dice.throw() as i64,
        2 => beside,
        3..=6 => dice.below(21) as i64 - 10,
        7..=9 => (dice.below(2_000) as i64 - 200) * 3_600_000,
        _ if policy.numbers.is_empty() => 0,
        _ => dice.of(&policy.numbers).saturating_add(beside),
    }
}
