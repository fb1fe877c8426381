//! What an earning or a forgetting makes of rows, and who may say it when.

use std::collections::BTreeSet;

use stillgood::{EarnError, ForgetError, LinkKind, MadeBy, Parents, VaultError, Word};

use super::{Blind, Change, DAY, Decided, DidEarn, Logged, Model, id, key, time};
use crate::histories::step::{Who, text};

impl Model {
    /// How many sealed parts go, and how many rows are marked.
    pub(in crate::histories) fn forget(&mut self, row: usize, by: Who) -> Result<(usize, usize), VaultError> {
        if by != Who::Owner {
            return Err(ForgetError::NotOwner(key(by)).into());
        }
        let Some(known) = self.rows.get(&row) else {
            return Err(match self.gone.contains_key(&row) {
                true => ForgetError::Already(id(row)).into(),
                false => VaultError::UnknownRow(id(row)),
            });
        };
        let parts = (known.generation - known.first + 1) as usize + known.said.len();
        self.gone.insert(row, known.generation);
        self.log.push(Logged::Forgetting(known.generation));
        let mut change = self.begin();
        change.unsettled.insert(row);
        Ok((parts, self.commit(change, Some(row))))
    }

    #[expect(clippy::too_many_arguments, reason = "an earning has as many sides")]
    pub(in crate::histories) fn earn(
        &mut self,
        row: usize,
        word: Word,
        text_now: usize,
        decision: Option<&Decided>,
        by: Who,
        at: i64,
        now: i64,
    ) -> Result<DidEarn, VaultError> {
        let name = || key(by).parse().unwrap();
        let puts_off = matches!(word, Word::DontKnow | Word::Later);
        let is_owners = matches!(word, Word::Confirm | Word::Correct | Word::Deny);
        if by == Who::Stranger {
            return Err(EarnError::UnknownKey { name: name() }.into());
        }
        if by == Who::Device && is_owners {
            return Err(EarnError::NotOwner { name: name() }.into());
        }
        if at > now {
            return Err(EarnError::Postdated { at: time(at) }.into());
        }
        if puts_off && decision.is_none() {
            return Err(EarnError::NotAsked(id(row)).into());
        }
        let Some(before) = self.rows.get(&row).cloned() else { return Err(VaultError::UnknownRow(id(row))) };
        if at < before.last_earned() || puts_off && before.asked.is_some_and(|asked| at < asked) {
            return Err(EarnError::TooEarly { row: id(row), at: time(at) }.into());
        }
        let mut answered = None;
        if let Some(decision) = decision {
            let until = decision.at + 7 * DAY;
            if at < decision.at || at > until {
                return Err(EarnError::Expired { decided: time(decision.at), until: time(until) }.into());
            }
            let judged = decision.on(row).and_then(|(number, ruled)| Some((number, ruled.judged?)));
            let Some((number, saying)) = judged else { return Err(EarnError::OtherRow(id(row)).into()) };
            if saying != before.saying {
                return Err(EarnError::OtherText(id(row)).into());
            }
            if is_owners {
                if self.answered.contains(&(decision.id, number)) {
                    return Err(EarnError::AnsweredAlready(id(row)).into());
                }
                answered = Some((decision.id, number));
            }
        }
        if word == Word::Observe && text_now == 0 && self.uses.contains_key(&0) {
            return Err(EarnError::OwnWords.into());
        }
        if word == Word::Correct && text(before.text) == text(text_now) {
            return Err(EarnError::SameText(id(row)).into());
        }
        let kinds: &[LinkKind] = match word {
            Word::Deny => &[LinkKind::Contradicts],
            Word::Confirm | Word::Correct => &[LinkKind::Contradicts, LinkKind::SupersededBy],
            _ => &[],
        };
        let tied: BTreeSet<usize> = kinds.iter().flat_map(|kind| before.tied(*kind)).collect();
        for other in tied {
            if self.rows.get(&other).is_some_and(|known| at < known.last_earned()) {
                return Err(EarnError::TooEarly { row: id(other), at: time(at) }.into());
            }
        }
        self.answered.extend(answered);
        let mut change = self.begin();
        let found = change.rows.get_mut(&row).unwrap();
        match word {
            Word::Confirm => {
                found.confirmed = Some(at);
                // It holds now, whatever end or beginning its record named.
                found.valid_from = found.valid_from.filter(|from| *from <= at);
                found.valid_until = found.valid_until.filter(|until| *until > at);
                found.confirmations += u64::from(self.blind != Blind::Confirmations);
            }
            Word::Correct => {
                self.sayings += 1;
                (found.text, found.saying, found.stated) = (text_now, self.sayings, at);
                found.corrected = Some(self.sayings);
                found.said.push((at, self.sayings, text_now));
                (found.confirmed, found.confirmations, found.observed) = (Some(at), 1, None);
                (found.valid_from, found.valid_until) = (None, None);
                found.cleared = found.began.clone();
                (found.by_user, found.owners_labels) = (true, true);
            }
            Word::Deny => found.denied = true,
            Word::DontKnow | Word::Later => (found.asked, found.put_off) = (Some(at), true),
            Word::Observe => found.observed = Some(at),
            Word::Recheck => {}
        }
        let mut settled = vec![];
        if is_owners {
            settled = settle_ties(&mut change, row, word);
        }
        if matches!(word, Word::Confirm | Word::Correct) {
            let found = change.rows.get_mut(&row).unwrap();
            found.denied = false;
            if found.parents == Parents::Changed {
                found.parents = Parents::Intact;
            }
            change.spoken_for.insert(row);
            change.unsettled.extend(&settled);
        }
        if matches!(word, Word::Correct | Word::Deny) {
            change.unsettled.insert(row);
        }
        change.touched.insert(row);
        change.touched.extend(&settled);
        if !puts_off && self.blind != Blind::Earnings {
            let tied = before.links.keys().map(|(_, other)| *other);
            self.freed.extend(tied.chain([row]));
        }
        let dependants = self.commit(change, None);
        let led = |row: &usize| (*row, self.rows[row].generation);
        let others = settled.iter().map(led).collect();
        self.log.push(Logged::Earning(word, at, decision.map(|decision| decision.id), led(&row), others));
        Ok(DidEarn { generation: self.rows[&row].generation, settled, dependants })
    }
}

/// Rows whose tie to this one the owner's word settles.
fn settle_ties(change: &mut Change, row: usize, word: Word) -> Vec<usize> {
    let found = change.rows.get_mut(&row).unwrap();
    let kinds: &[LinkKind] = match word {
        Word::Deny => &[LinkKind::Contradicts],
        _ => &[LinkKind::Contradicts, LinkKind::SupersededBy],
    };
    let mut others: Vec<usize> = kinds.iter().flat_map(|kind| found.tied(*kind)).collect();
    others.sort_unstable();
    others.dedup();
    for other in &others {
        for kind in kinds {
            found.links.remove(&(*kind, *other));
        }
        let kind = if word == Word::Deny { LinkKind::SupersededBy } else { LinkKind::Supersedes };
        found.links.insert((kind, *other), MadeBy::Owner);
    }
    others.retain(|other| {
        let Some(found) = change.rows.get_mut(other) else { return false };
        let contradicts = found.links.remove(&(LinkKind::Contradicts, row)).is_some();
        if word == Word::Deny {
            if contradicts {
                found.links.insert((LinkKind::Supersedes, row), MadeBy::Owner);
            }
            return contradicts;
        }
        let supersedes = found.links.remove(&(LinkKind::Supersedes, row)).is_some();
        if contradicts || supersedes {
            found.links.insert((LinkKind::SupersededBy, row), MadeBy::Owner);
        }
        contradicts || supersedes
    });
    others
}
