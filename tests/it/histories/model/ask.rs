//! Which rows are asked about, and which answers are recorded.

use std::collections::BTreeSet;

use stillgood::{DecisionId, LinkKind, UseError, VaultError, Verdict};

use super::{DAY, Decided, Logged, Model, id, key, time};
use crate::histories::step::Who;

impl Model {
    /// What `ask` gives: rows, and for each those that say otherwise.
    pub(in crate::histories) fn ask(
        &mut self,
        decision: &Decided,
        by: Who,
        at: i64,
    ) -> Result<Vec<(usize, Vec<usize>)>, VaultError> {
        let mut rows: Vec<usize> = vec![];
        for ruled in &decision.rulings {
            if !rows.contains(&ruled.row) {
                rows.push(ruled.row);
            }
        }
        let mut questions = self.questions(decision, &rows, at, false);
        questions.truncate(decision.asks);
        if questions.is_empty() {
            return Ok(questions);
        }
        self.may_say(by, "ask", at)?;
        if by == Who::Owner {
            // It writes rows too, and the owner's key is no writer's.
            return Err(VaultError::NotAllowed { name: key(by), what: "write", at: time(at) });
        }
        let mut change = self.begin();
        for (row, _) in &questions {
            let found = change.rows.get_mut(row).unwrap();
            (found.asked, found.put_off) = (Some(at), false);
            change.touched.insert(*row);
        }
        self.commit(change, None);
        let led = questions.iter().map(|(row, _)| (*row, self.rows[row].generation)).collect();
        self.log.push(Logged::Ask(decision.id, led));
        Ok(questions)
    }

    /// What `waiting` gives.
    pub(in crate::histories) fn waiting(&self, at: i64) -> Vec<(DecisionId, usize)> {
        let (mut known, mut waiting) = (BTreeSet::new(), vec![]);
        for decision in self.decisions.iter().rev().filter(|decision| decision.at + 7 * DAY >= at) {
            let rows: Vec<usize> =
                decision.rulings.iter().map(|ruled| ruled.row).filter(|row| known.insert(*row)).collect();
            let questions = self.questions(decision, &rows, at, true);
            waiting.extend(questions.into_iter().map(|(row, _)| (decision.id, row)));
        }
        waiting
    }

    fn questions(&self, decision: &Decided, rows: &[usize], at: i64, unless_put_off: bool) -> Vec<(usize, Vec<usize>)> {
        let (mut questions, mut settled) = (vec![], BTreeSet::new());
        for row in rows {
            let (Some((number, ruled)), Some(known)) = (decision.on(*row), self.rows.get(row)) else { continue };
            let against = known.tied(LinkKind::Contradicts);
            let open = ruled.verdict == Verdict::ReEarn
                && ruled.answerable
                && ruled.judged == Some(known.saying)
                && (!ruled.contradicted || !against.is_empty())
                && known.last_earned() <= decision.at
                && !known.denied;
            if !open {
                continue;
            }
            let recently = known.asked.is_some_and(|asked| at - asked < 14 * DAY);
            if recently && (known.put_off || !unless_put_off) {
                // Who was asked about one side of a contradiction was asked about the other.
                settled.extend(against);
            } else if !known.changes_too_fast(at) && !self.answered.contains(&(decision.id, number)) {
                questions.push((!ruled.settles, number, *row, against));
            }
        }
        questions.sort();
        questions.retain(|(_, _, row, against)| {
            let first = !settled.contains(row);
            settled.extend(against.iter().copied());
            first
        });
        questions.into_iter().map(|(_, _, row, against)| (row, against)).collect()
    }

    /// Whether it is new.
    pub(in crate::histories) fn record(
        &mut self,
        decision: &Decided,
        rows: &[usize],
        answer: usize,
        again: bool,
        by: Who,
        at: i64,
    ) -> Result<(usize, bool), VaultError> {
        if by != Who::Device {
            return Err(VaultError::NotAllowed { name: key(by), what: "record answers", at: time(at) });
        }
        if at < decision.at {
            return Err(UseError::TooEarly.into());
        }
        let mut numbers = BTreeSet::new();
        for row in rows {
            let Some((number, _)) = decision.on(*row) else { return Err(UseError::OtherRow(id(*row)).into()) };
            numbers.insert(number);
        }
        let earlier = self.uses.entry(answer).or_default();
        for (other, placed) in earlier.iter() {
            if *other == decision.id {
                let same = *placed == numbers;
                return if same { Ok((numbers.len(), false)) } else { Err(UseError::OtherRows.into()) };
            }
            if !again {
                let error = UseError::AnotherDecision(*other).into();
                return Err(error);
            }
        }
        earlier.push((decision.id, numbers.clone()));
        self.log.push(Logged::Use(decision.id, numbers.clone()));
        Ok((numbers.len(), true))
    }

    /// Which text it shows.
    pub(in crate::histories) fn look(&mut self, row: usize, by: Who, at: i64) -> Result<usize, VaultError> {
        self.may_say(by, "ask", at)?;
        let Some(known) = self.rows.get(&row) else { return Err(VaultError::UnknownRow(id(row))) };
        self.log.push(Logged::Opening((row, known.generation)));
        Ok(known.text)
    }
}
