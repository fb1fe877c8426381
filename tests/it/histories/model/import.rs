//! What an import makes of rows, and which ties it brings.

use std::collections::{BTreeMap, BTreeSet};

use stillgood::{Added, LinkKind, MadeBy, OwnLink, Parents, VaultError};

use super::{Change, DAY, HOUR, Model, Row, id};
use crate::histories::step::{Said, millis, text, words};

impl Model {
    pub(in crate::histories) fn import(&mut self, said: &[Said], hour: i64) -> Result<Added, VaultError> {
        let now = millis(hour);
        let mut change = self.begin();
        let (mut added, mut stated, mut freed) = (Added::default(), vec![], BTreeSet::new());
        for (place, draft) in said.iter().enumerate() {
            if said[place + 1..].iter().any(|later| later.row == draft.row) {
                added.repeated += 1;
                continue;
            }
            let said_at = now - draft.ago * HOUR;
            let valid = |hours: Option<i64>| hours.map(|hours| said_at + hours * HOUR);
            let first = |stated: i64, saying: u64, generation: u64| Row {
                text: draft.text,
                saying,
                stated,
                confirmed: None,
                confirmations: 0,
                denied: false,
                observed: None,
                asked: None,
                put_off: false,
                parents: Parents::None,
                links: BTreeMap::new(),
                by_user: draft.by_user,
                owners_labels: false,
                only: draft.only,
                valid_from: valid(draft.valid_from),
                valid_until: valid(draft.valid_until),
                generation,
                first: generation + 1,
                corrected: None,
                began: valid(draft.valid_from).into_iter().collect(),
                cleared: vec![],
                said: vec![(stated, saying, draft.text)],
            };
            let Some(known) = change.rows.get_mut(&draft.row) else {
                let gone = self.gone.get(&draft.row).copied();
                if gone.is_some() && !draft.even_if_forgotten {
                    added.forgotten += 1;
                    continue;
                }
                added.new += 1;
                self.sayings += 1;
                let mut new = first(said_at.min(now), self.sayings, gone.unwrap_or(0));
                // The ties that other rows kept to it stand on its side, too.
                for (other, known) in change.rows.iter().filter(|_| gone.is_some()) {
                    for ((kind, _), by) in known.links.iter().filter(|((_, tied), _)| *tied == draft.row) {
                        let kind = match kind {
                            LinkKind::Supersedes => LinkKind::SupersededBy,
                            LinkKind::SupersededBy => LinkKind::Supersedes,
                            LinkKind::Contradicts => LinkKind::Contradicts,
                            LinkKind::DependsOn => LinkKind::HasDependant,
                            LinkKind::HasDependant => LinkKind::DependsOn,
                        };
                        new.links.insert((kind, *other), *by);
                        if kind == LinkKind::DependsOn {
                            new.parents = Parents::Changed;
                        }
                    }
                }
                change.rows.insert(draft.row, new);
                change.touched.insert(draft.row);
                freed.insert(draft.row);
                stated.push(draft);
                continue;
            };
            if words(known.text) == words(draft.text) {
                let before = known.clone();
                (known.valid_from, known.valid_until) = (valid(draft.valid_from), valid(draft.valid_until));
                if let Some(confirmed) = known.confirmed {
                    known.valid_from = known.valid_from.filter(|from| *from <= confirmed);
                    known.valid_until = known.valid_until.filter(|until| *until > confirmed);
                }
                if known.corrected == Some(known.saying) && known.valid_from != before.valid_from {
                    known.valid_from = known.valid_from.filter(|from| !known.cleared.contains(from));
                }
                if !known.owners_labels {
                    (known.by_user, known.only) = (draft.by_user, draft.only);
                }
                if *known == before {
                    added.unchanged += 1;
                } else {
                    added.relabelled += 1;
                    known.began.extend(known.valid_from);
                    change.touched.insert(draft.row);
                    freed.insert(draft.row);
                }
                continue;
            }
            // What the owner corrected does not come back by itself, and what was said before is as old as it was then.
            let others = known.said.iter().rev().filter(|(_, saying, _)| *saying != known.saying);
            let once = others.clone().find(|(.., old)| words(*old) == words(draft.text)).map(|(stated, ..)| *stated);
            let overruled = known.corrected == Some(known.saying) && once.is_some();
            let said_now = said_at.min(now);
            let is_old = once.is_some_and(|once| said_now <= once) || said_now < known.last_earned();
            if overruled || is_old {
                added.older += 1;
                continue;
            }
            let stated_then = once.unwrap_or(said_now);
            added.changed += 1;
            self.sayings += 1;
            let old = known.clone();
            *known = Row { said: old.said, ..first(stated_then, self.sayings, old.generation) };
            known.began.extend(old.began);
            known.said.push((known.stated, self.sayings, draft.text));
            (known.denied, known.links, known.parents) = (old.denied, old.links, old.parents);
            (known.asked, known.put_off, known.first) = (old.asked, old.put_off, old.first);
            change.touched.insert(draft.row);
            change.unsettled.insert(draft.row);
            freed.insert(draft.row);
            stated.push(draft);
        }
        for draft in said {
            if let Some((kind, other)) = draft.link
                && !self.was_forgotten(&change, draft.row)
                && self.was_forgotten(&change, other)
                && kind == OwnLink::DependsOn
            {
                let found = change.rows.get_mut(&draft.row).unwrap();
                if found.parents != Parents::Changed {
                    found.parents = Parents::Changed;
                    change.touched.insert(draft.row);
                }
            }
            if let Some((kind, other)) = draft.link
                && !self.was_forgotten(&change, draft.row)
                && !self.was_forgotten(&change, other)
            {
                self.tie(&mut change, draft.row, kind, other, MadeBy::Record)?;
            }
        }
        self.settle_single(&mut change, stated, now)?;
        self.commit(change, None);
        self.freed = freed;
        Ok(added)
    }

    /// Where an attribute has one value, a user's row stated a day later supersedes, any other contradicts.
    fn settle_single(&self, change: &mut Change, stated: Vec<&Said>, now: i64) -> Result<(), VaultError> {
        let mut single: Vec<&Said> = stated.into_iter().filter(|draft| draft.only.is_some()).collect();
        single.sort_by_key(|draft| (now - draft.ago * HOUR, draft.row));
        let mut current: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, known) in &change.rows {
            if let Some(only) = known.only {
                current.entry(only).or_default().push(*row);
            }
        }
        for draft in single {
            let mut others = draft.only.and_then(|only| current.remove(&only)).unwrap_or_default();
            // The latest first: what it makes history of, nothing else contradicts.
            others.sort_by_key(|other| std::cmp::Reverse((change.rows[other].stated, *other)));
            let mut still = vec![];
            for other in others.drain(..) {
                if other == draft.row {
                    still.push(other);
                    continue;
                }
                still.push(other);
                let (new, old) = (change.rows[&draft.row].clone(), change.rows[&other].clone());
                let kinds = [LinkKind::Supersedes, LinkKind::SupersededBy, LinkKind::Contradicts];
                let is_tied = kinds.iter().any(|kind| new.links.contains_key(&(*kind, other)));
                if is_tied || text(old.text) == text(draft.text) {
                    continue;
                }
                let new_is_later = old.stated <= new.stated;
                let (later, earlier) = if new_is_later { (&new, &old) } else { (&old, &new) };
                let replaces =
                    later.by_user && later.stated - earlier.stated >= DAY && earlier.last_earned() <= later.stated;
                if !replaces && (new.is_retired() || old.is_retired()) || later.is_retired() {
                    continue;
                }
                let (from, to) = if new_is_later { (draft.row, other) } else { (other, draft.row) };
                let kind = if replaces { OwnLink::Supersedes } else { OwnLink::Contradicts };
                self.tie(change, from, kind, to, MadeBy::Rule)?;
            }
            current.insert(draft.only.unwrap_or_default(), still);
        }
        Ok(())
    }

    fn tie(&self, change: &mut Change, row: usize, kind: OwnLink, other: usize, by: MadeBy) -> Result<(), VaultError> {
        let refused = |what| Err(VaultError::Refused { row: id(row), what });
        if row == other {
            return refused("a row has no link to itself");
        }
        if self.was_forgotten(change, row) {
            return refused("it was forgotten, and has no links");
        }
        if self.was_forgotten(change, other) {
            return refused("it has a link to a row that was forgotten");
        }
        if !change.rows.contains_key(&row) || !change.rows.contains_key(&other) {
            return refused("it has a link to a row that is not there");
        }
        let (own, others) = kind.both_sides();
        let mut made = false;
        for (row, kind, to) in [(row, own, other), (other, others, row)] {
            let found = change.rows.get_mut(&row).unwrap();
            let is_new = !found.links.contains_key(&(kind, to));
            let was_superseded = !found.tied(LinkKind::SupersededBy).is_empty();
            if kind == LinkKind::DependsOn && found.parents == Parents::None {
                found.parents = Parents::Intact;
            }
            if is_new {
                made = true;
                found.links.insert((kind, to), by);
                change.touched.insert(row);
                if kind == LinkKind::SupersededBy && !was_superseded {
                    change.unsettled.insert(row);
                }
            }
        }
        if kind == OwnLink::DependsOn && made {
            let parent = &change.rows[&other];
            let superseded = !parent.tied(LinkKind::SupersededBy).is_empty();
            let stands = !parent.denied && !superseded && parent.parents != Parents::Changed;
            let found = change.rows.get_mut(&row).unwrap();
            let replaces_it = found.links.contains_key(&(LinkKind::Supersedes, other));
            if !stands && !replaces_it && found.parents != Parents::Changed {
                found.parents = Parents::Changed;
                change.touched.insert(row);
                change.unsettled.insert(row);
            }
        }
        Ok(())
    }

    pub(in crate::histories) fn link(&mut self, row: usize, kind: OwnLink, other: usize) -> Result<(), VaultError> {
        let mut change = self.begin();
        self.tie(&mut change, row, kind, other, MadeBy::Owner)?;
        self.commit(change, None);
        Ok(())
    }
}
