//! What must be so after each step: rows, ties and answers in plain Rust, by the rules of the documentation alone.

use std::collections::{BTreeMap, BTreeSet};

use stillgood::{
    Added, DecisionId, EarnError, ForgetError, LinkKind, MadeBy, OwnLink, Parents, RowId, Timestamp, UseError,
    VaultError, Verdict, Word,
};

use super::step::{Said, Who, millis, name, text};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// A model that is wrong on purpose: what a bug in the vault looks like from the other side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Blind {
    ToNothing,
    ToConfirmations,
    ToDependants,
    /// Invariant 9 then takes every row that an earning made looser for a fault.
    ToWhatEarningsAreFor,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) text: usize,
    /// Which saying of a text, of all that ever were.
    pub(super) saying: u64,
    pub(super) stated: i64,
    pub(super) confirmed: Option<i64>,
    pub(super) confirmations: u64,
    pub(super) denied: bool,
    pub(super) observed: Option<i64>,
    pub(super) asked: Option<i64>,
    /// Whoever was asked last did not answer on purpose.
    pub(super) put_off: bool,
    pub(super) parents: Parents,
    pub(super) links: BTreeMap<(LinkKind, usize), MadeBy>,
    pub(super) by_user: bool,
    pub(super) owners_labels: bool,
    pub(super) only: Option<usize>,
    pub(super) valid_from: Option<i64>,
    pub(super) valid_until: Option<i64>,
    pub(super) generation: u64,
    pub(super) first: u64,
    /// Each text that it had: when it was stated, which saying it was, and which text.
    pub(super) said: Vec<(i64, u64, usize)>,
}

impl Row {
    pub(super) fn last_earned(&self) -> i64 {
        self.confirmed.map_or(self.stated, |confirmed| confirmed.max(self.stated))
    }

    pub(super) fn tied(&self, kind: LinkKind) -> Vec<usize> {
        self.links.keys().filter(|(own, _)| *own == kind).map(|(_, row)| *row).collect()
    }

    fn is_retired(&self) -> bool {
        self.denied || !self.tied(LinkKind::SupersededBy).is_empty()
    }

    /// Nobody is asked about what changes more often than every fourteen days.
    fn changes_too_fast(&self, at: i64) -> bool {
        let changes = self.said.len() as i64 - 1;
        let first = self.said.iter().map(|(stated, ..)| *stated).min().unwrap_or(self.stated);
        changes >= 2 && (at - first) / changes < 14 * DAY
    }
}

/// A ruling, as far as an answer to it is concerned.
#[derive(Clone, Debug)]
pub(super) struct Ruled {
    pub(super) row: usize,
    pub(super) verdict: Verdict,
    /// An answer clears every reason; and whether one of them is a contradiction.
    pub(super) answerable: bool,
    pub(super) settles: bool,
    /// Which saying was judged.
    pub(super) judged: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Decided {
    pub(super) id: DecisionId,
    pub(super) at: i64,
    pub(super) asks: usize,
    pub(super) rulings: Vec<Ruled>,
}

impl Decided {
    /// Number and ruling of a row: the strictest, and of those the first.
    fn on(&self, row: usize) -> Option<(usize, &Ruled)> {
        let ruled = (1..).zip(&self.rulings).filter(|(_, ruled)| ruled.row == row);
        ruled.max_by_key(|(number, ruled)| (ruled.verdict, std::cmp::Reverse(*number)))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    blind: Blind,
    pub(super) rows: BTreeMap<usize, Row>,
    /// Rows that were forgotten, also if they came back: the last generation.
    pub(super) gone: BTreeMap<usize, u64>,
    /// In the order of the log.
    pub(super) decisions: Vec<Decided>,
    /// By answer: decision, numbers of its rulings, in the order of the log.
    pub(super) uses: BTreeMap<usize, Vec<(DecisionId, BTreeSet<usize>)>>,
    answered: BTreeSet<(DecisionId, usize)>,
    sayings: u64,
    /// Rows that the last step may have made looser: by an earning, or because they say something else.
    pub(super) freed: BTreeSet<usize>,
}

/// What an earning did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DidEarn {
    pub(super) generation: u64,
    pub(super) settled: Vec<usize>,
    pub(super) dependants: usize,
}

pub(super) fn id(row: usize) -> RowId {
    name(row).parse().unwrap()
}

pub(super) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// One transaction.
struct Change {
    rows: BTreeMap<usize, Row>,
    touched: BTreeSet<usize>,
    unsettled: BTreeSet<usize>,
    spoken_for: BTreeSet<usize>,
}

impl Model {
    pub(super) fn new(blind: Blind) -> Self {
        Model {
            blind,
            rows: BTreeMap::new(),
            gone: BTreeMap::new(),
            decisions: vec![],
            uses: BTreeMap::new(),
            answered: BTreeSet::new(),
            sayings: 0,
            freed: BTreeSet::new(),
        }
    }

    fn begin(&self) -> Change {
        Change {
            rows: self.rows.clone(),
            touched: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            spoken_for: BTreeSet::new(),
        }
    }

    /// Marks dependants, and counts generations. How many were marked.
    fn commit(&mut self, mut change: Change, without: Option<usize>) -> usize {
        let mut marked = 0;
        let mut next: Vec<usize> = change.unsettled.iter().copied().collect();
        if self.blind == Blind::ToDependants {
            next.clear();
        }
        while let Some(row) = next.pop() {
            let dependants = change.rows.get(&row).map(|row| row.tied(LinkKind::HasDependant)).unwrap_or_default();
            for dependant in dependants {
                if change.spoken_for.contains(&dependant) || change.unsettled.contains(&dependant) {
                    continue;
                }
                let Some(found) = change.rows.get_mut(&dependant) else { continue };
                if found.parents != Parents::Changed && !found.links.contains_key(&(LinkKind::Supersedes, row)) {
                    found.parents = Parents::Changed;
                    change.touched.insert(dependant);
                    marked += 1;
                    next.push(dependant);
                }
            }
        }
        if let Some(row) = without {
            change.rows.remove(&row);
        }
        for row in &change.touched {
            if let Some(found) = change.rows.get_mut(row) {
                found.generation += 1;
            }
        }
        self.rows = change.rows;
        marked
    }

    fn was_forgotten(&self, change: &Change, row: usize) -> bool {
        !change.rows.contains_key(&row) && self.gone.contains_key(&row)
    }

    pub(super) fn import(&mut self, said: &[Said], hour: i64) -> Result<Added, VaultError> {
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
                change.rows.insert(draft.row, first(said_at.min(now), self.sayings, gone.unwrap_or(0)));
                change.touched.insert(draft.row);
                freed.insert(draft.row);
                stated.push(draft);
                continue;
            };
            if text(known.text) == text(draft.text) {
                let before = known.clone();
                (known.valid_from, known.valid_until) = (valid(draft.valid_from), valid(draft.valid_until));
                if !known.owners_labels {
                    (known.by_user, known.only) = (draft.by_user, draft.only);
                }
                if *known == before {
                    added.unchanged += 1;
                } else {
                    added.relabelled += 1;
                    change.touched.insert(draft.row);
                    freed.insert(draft.row);
                }
                continue;
            }
            if said_at.min(now) < known.stated {
                added.older += 1;
                continue;
            }
            added.changed += 1;
            self.sayings += 1;
            let old = known.clone();
            *known = Row { said: old.said, ..first(said_at.min(now), self.sayings, old.generation) };
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
            let mut still = vec![];
            for other in others.drain(..) {
                if other == draft.row {
                    still.push(other);
                    continue;
                }
                let (new, old) = (change.rows[&draft.row].clone(), change.rows[&other].clone());
                if old.is_retired() {
                    continue;
                }
                let kinds = [LinkKind::Supersedes, LinkKind::Contradicts];
                let is_tied = kinds.iter().any(|kind| new.links.contains_key(&(*kind, other)));
                if new.is_retired() || is_tied || text(old.text) == text(draft.text) {
                    still.push(other);
                    continue;
                }
                let new_is_later = old.stated <= new.stated;
                let (later, earlier) = if new_is_later { (&new, &old) } else { (&old, &new) };
                let replaces =
                    later.by_user && later.stated - earlier.stated >= DAY && earlier.last_earned() <= later.stated;
                let (from, to) = if new_is_later { (draft.row, other) } else { (other, draft.row) };
                let kind = if replaces { OwnLink::Supersedes } else { OwnLink::Contradicts };
                self.tie(change, from, kind, to, MadeBy::Rule)?;
                if !replaces || to != other {
                    still.push(other);
                }
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
        for (row, kind, to) in [(row, own, other), (other, others, row)] {
            let found = change.rows.get_mut(&row).unwrap();
            let is_new = !found.links.contains_key(&(kind, to));
            if kind == LinkKind::DependsOn && found.parents == Parents::None {
                found.parents = Parents::Intact;
            }
            if is_new {
                found.links.insert((kind, to), by);
                change.touched.insert(row);
                if kind == LinkKind::SupersededBy {
                    change.unsettled.insert(row);
                }
            }
        }
        Ok(())
    }

    pub(super) fn link(&mut self, row: usize, kind: OwnLink, other: usize) -> Result<(), VaultError> {
        let mut change = self.begin();
        self.tie(&mut change, row, kind, other, MadeBy::Owner)?;
        self.commit(change, None);
        Ok(())
    }

    /// How many sealed parts go, and how many rows are marked.
    pub(super) fn forget(&mut self, row: usize, by: Who) -> Result<(usize, usize), VaultError> {
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
        let mut change = self.begin();
        change.unsettled.insert(row);
        Ok((parts, self.commit(change, Some(row))))
    }

    #[expect(clippy::too_many_arguments, reason = "an earning has as many sides")]
    pub(super) fn earn(
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
        self.answered.extend(answered);
        let mut change = self.begin();
        let found = change.rows.get_mut(&row).unwrap();
        match word {
            Word::Confirm => {
                found.confirmed = Some(at);
                found.confirmations += u64::from(self.blind != Blind::ToConfirmations);
            }
            Word::Correct => {
                self.sayings += 1;
                (found.text, found.saying, found.stated) = (text_now, self.sayings, at);
                found.said.push((at, self.sayings, text_now));
                (found.confirmed, found.confirmations, found.observed) = (Some(at), 1, None);
                (found.valid_from, found.valid_until) = (None, None);
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
        if !puts_off && self.blind != Blind::ToWhatEarningsAreFor {
            let tied = before.links.keys().map(|(_, other)| *other);
            self.freed.extend(tied.chain([row]));
        }
        let dependants = self.commit(change, None);
        Ok(DidEarn { generation: self.rows[&row].generation, settled, dependants })
    }

    /// What `ask` gives: rows, and for each those that say otherwise.
    pub(super) fn ask(&mut self, decision: &Decided, by: Who, at: i64) -> Result<Vec<(usize, Vec<usize>)>, VaultError> {
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
        Ok(questions)
    }

    /// What `waiting` gives.
    pub(super) fn waiting(&self, at: i64) -> Vec<(DecisionId, usize)> {
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
        let mut questions = vec![];
        for row in rows {
            let (Some((number, ruled)), Some(known)) = (decision.on(*row), self.rows.get(row)) else { continue };
            let recently = known.asked.is_some_and(|asked| at - asked < 14 * DAY);
            let wanted = ruled.verdict == Verdict::ReEarn
                && ruled.answerable
                && ruled.judged == Some(known.saying)
                && known.last_earned() <= decision.at
                && !known.denied
                && (!recently || unless_put_off && !known.put_off)
                && !known.changes_too_fast(at)
                && !self.answered.contains(&(decision.id, number));
            if wanted {
                questions.push((!ruled.settles, number, *row, known.tied(LinkKind::Contradicts)));
            }
        }
        questions.sort();
        let mut settled = BTreeSet::new();
        questions.retain(|(_, _, row, against)| {
            let first = !settled.contains(row);
            settled.extend(against.iter().copied());
            first
        });
        questions.into_iter().map(|(_, _, row, against)| (row, against)).collect()
    }

    /// Whether it is new.
    pub(super) fn record(
        &mut self,
        decision: &Decided,
        rows: &[usize],
        answer: usize,
        again: bool,
        by: Who,
        at: i64,
    ) -> Result<(usize, bool), VaultError> {
        self.may_say(by, "record answers", at)?;
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
        Ok((numbers.len(), true))
    }

    pub(super) fn look(&self, row: usize, by: Who, at: i64) -> Result<usize, VaultError> {
        self.may_say(by, "ask", at)?;
        self.rows.get(&row).map(|row| row.text).ok_or_else(|| VaultError::UnknownRow(id(row)))
    }

    fn may_say(&self, by: Who, what: &'static str, at: i64) -> Result<(), VaultError> {
        if by != Who::Stranger {
            return Ok(());
        }
        Err(VaultError::NotAllowed { name: key(by), what, at: time(at) })
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
        if word != Word::Deny {
            found.links.insert((LinkKind::Supersedes, *other), MadeBy::Owner);
        }
    }
    others.retain(|other| {
        let Some(found) = change.rows.get_mut(other) else { return false };
        let contradicts = found.links.remove(&(LinkKind::Contradicts, row)).is_some();
        if word == Word::Deny {
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

/// The name of a key.
pub(super) fn key(who: Who) -> String {
    match who {
        Who::Owner => "test/owner",
        Who::Device => "test/device",
        Who::Stranger => "test/stranger",
    }
    .to_owned()
}
