//! The log against its tree, its vault heads and the key ring: every entry is of a known kind, signed by a key that may say
//! it, in its time, and names only what is there. `docs/formats.md`, "Log".

use std::collections::{BTreeSet, HashMap, HashSet};

use super::leftovers;
use super::log::{Kind, Log, Moved, Place};
use crate::decision::{Decision, SetName};
use crate::id::{DecisionId, Digest};
use crate::note::Note;
use crate::seal::{KeyRing, ListedVerifier};
use crate::store::Reader;
use crate::time::Timestamp;
use crate::tree;
use crate::vault::earn::ANSWERED_WITHIN;
use crate::vault::entry::{EarningNote, HeadName, Move, Said};
use crate::vault::head::VaultHead;
use crate::vault::{Vault, VaultError, decision_of, stored_decision};

/// What entries are held against, and what was read of them so far.
struct Around<'a> {
    reader: &'a Reader<'a>,
    listed: Vec<&'a ListedVerifier>,
    /// Log size and time of each vault head, ascending.
    states: &'a [(u64, Timestamp)],
    /// Generation of every head that is there.
    there: HashMap<Digest, u64>,
    /// The heads that forgettings say are gone, and the last of these forgettings.
    gone: HashMap<HeadName, Place>,
    /// The generation up to which rows were forgotten, by their marks.
    forgotten: HashMap<Digest, u64>,
    /// Decision and answer of each use.
    uses: HashSet<(DecisionId, Digest)>,
    /// Rulings that were answered.
    answered: HashSet<Digest>,
}

/// What an entry is found by: key, log and number.
type Key = (Vec<u8>, u64, Place);

/// Which policies decisions are made with, as the log has it.
#[derive(Default)]
struct Policies {
    named: Option<SetName>,
    /// The entry that named them, as long as no decision followed it.
    fresh: Option<Place>,
}

impl Vault {
    /// The log against its nodes and the vault head, and each entry against what it names.
    pub(super) fn verify_log(
        &self,
        reader: &Reader<'_>,
        head: &VaultHead,
        rings: &[KeyRing],
        states: &[(u64, Timestamp)],
    ) -> Result<Log, VaultError> {
        let mut log = Log::new();
        let (places, entries): (Vec<Place>, Vec<String>) = reader.log_entries(head.log)?.into_iter().unzip();
        log.finding.checked = entries.len() as u64;
        let prefix = entries.get(..usize::try_from(head.log_size).unwrap_or(usize::MAX));
        if prefix.map(tree::root) != Some(head.log_root) {
            log.finding.wrong("the log is not the one that the vault head names");
        }
        if places.iter().zip(0..).any(|(place, index)| *place != index) {
            log.finding.wrong("the log's entries are not numbered from 0 without a gap");
        }
        leftovers::verify_logs(reader, head.log, &entries, &mut log.finding)?;
        let notes: Vec<(Place, Option<Note>)> =
            places.into_iter().zip(entries.iter().map(|entry| entry.parse().ok())).collect();
        let mut around = Around::of(reader, rings, states, &notes)?;
        let (mut keys, mut policies, mut all_known) = (BTreeSet::new(), Policies::default(), true);
        for (place, note) in &notes {
            let Some(note) = note else {
                log.finding.wrong(format!("entry {place} is not a note"));
                continue;
            };
            if let Some(named) = decision_of(note.unverified_text(), self.id()) {
                self.verify_decision_entry(&around, (*place, named, note), &mut policies, &mut log)?;
                continue;
            }
            let Some(said) = Said::parse(note).filter(|said| said.vault() == self.id()) else {
                log.finding.wrong(format!("entry {place} is of no known kind"));
                all_known = false;
                continue;
            };
            keys.extend(said.keys().into_iter().map(|key| (key.to_vec(), head.log, *place)));
            policies.end(None, &mut log);
            if !self.may_say_it(&around, note, &said) {
                log.finding.wrong(format!("entry {place} is not signed by a key that may say it"));
                continue;
            }
            if let Some(wrong) = self.wrong_entry(&mut around, *place, &said, &mut policies)? {
                log.finding.wrong(format!("entry {place} {wrong}"));
            }
            if !log.take(*place, &said) {
                log.finding.wrong(format!("entry {place} moves to a head that another entry moves to"));
            }
        }
        policies.end(None, &mut log);
        keys.extend(self.keys_of_other_logs(reader, head.log)?);
        // What cannot be read may be found by anything.
        if all_known && keys.into_iter().collect::<Vec<_>>() != reader.log_keys()? {
            log.finding.wrong("the log's keys are not those of its entries");
        }
        Ok(log)
    }

    /// What the entries of the other logs are found by.
    fn keys_of_other_logs(&self, reader: &Reader<'_>, log: u64) -> Result<Vec<Key>, VaultError> {
        let mut keys = vec![];
        for other in reader.logs()?.into_iter().filter(|other| *other != log) {
            for (place, entry) in reader.log_entries(other)? {
                let said = entry.parse().ok().and_then(|note| Said::parse(&note));
                let said = said.filter(|said| said.vault() == self.id());
                keys.extend(said.iter().flat_map(Said::keys).map(|key| (key.to_vec(), other, place)));
            }
        }
        Ok(keys)
    }

    fn verify_decision_entry(
        &self,
        around: &Around<'_>,
        (place, id, note): (Place, DecisionId, &Note),
        policies: &mut Policies,
        log: &mut Log,
    ) -> Result<(), VaultError> {
        if log.decisions.insert(id, note.digest()).is_some() {
            log.finding.wrong(format!("entry {place} names no decision, or one that is there already"));
        }
        // One that does not open is found elsewhere.
        let Some(decision) = self.readable(around.reader, id)? else {
            policies.fresh = None;
            return Ok(());
        };
        let set = decision.header.set;
        policies.end(Some(&set), log);
        if policies.named.as_ref() != Some(&set) {
            log.unnamed.insert(id);
        }
        Ok(())
    }

    /// Whether one of those who signed it may say that, at that time.
    fn may_say_it(&self, around: &Around<'_>, note: &Note, said: &Said) -> bool {
        if note.verify(&self.owner).is_ok() && !matches!(said, Said::Use(_) | Said::Policies(_)) {
            return true;
        }
        let decides = matches!(said, Said::Policies(_));
        let may = |entry: &&&ListedVerifier| entry.holds_at(said.at()) && (!decides || entry.roles.may_decide());
        !said.is_owners() && around.listed.iter().filter(may).any(|entry| note.verify(&entry.verifier).is_ok())
    }

    /// What is wrong with what an entry says of heads, decisions and times.
    fn wrong_entry(
        &self,
        around: &mut Around<'_>,
        place: Place,
        said: &Said,
        policies: &mut Policies,
    ) -> Result<Option<&'static str>, VaultError> {
        let covering = around.states.iter().find(|(size, _)| *size > place);
        let changes = matches!(said, Said::Earning(_) | Said::Ask(_) | Said::Forgetting(_));
        if changes && covering.is_none_or(|(_, at)| said.at() > *at) {
            return Ok(Some("is later than the vault head that was made with it"));
        }
        if said.epoch().is_some_and(|epoch| self.keys.disclosure_of(epoch.into()).is_none()) {
            return Ok(Some("names an epoch that is not there"));
        }
        let is_there = |head: &HeadName| around.is_there(place, head);
        // Whether the second head follows from the first is asked where rows are.
        let moved = |moved: &Move| match is_there(&moved.to) {
            Some(there) => there || !around.there.contains_key(&moved.from.digest),
            None => false,
        };
        if !said.moves().iter().all(moved) {
            return Ok(Some("names a head that this vault does not have"));
        }
        Ok(match said {
            Said::Use(said) => match self.readable(around.reader, said.decision)? {
                None => Some(NO_DECISION),
                Some(decision) if said.at < decision.header.at => Some("is earlier than its decision"),
                Some(decision) if said.placed.last().is_some_and(|last| *last > decision.rulings.len() as u64) => {
                    Some("names a ruling that its decision does not have")
                }
                Some(_) if !around.uses.insert((said.decision, said.answer.mark)) => {
                    Some("says what another entry says")
                }
                Some(_) => None,
            },
            Said::Policies(said) => {
                let before = policies.named.as_ref().map(|set| set.digest);
                let unchanged = policies.named.as_ref() == Some(&said.set);
                (policies.named, policies.fresh) = (Some(said.set.clone()), Some(place));
                match (unchanged, said.before == before) {
                    (true, _) => Some("names the policies before it"),
                    (_, false) => Some("names other policies before it"),
                    (false, true) => None,
                }
            }
            Said::Earning(said) => self.wrong_challenge(around, said)?,
            Said::Ask(said) => self.readable(around.reader, said.decision)?.is_none().then_some(NO_DECISION),
            Said::Opening(said) => {
                is_there(&said.head).is_none().then_some("names a head that this vault does not have")
            }
            Said::Forgetting(said) => {
                let last = around.forgotten.insert(said.row.mark, said.generation);
                last.is_some_and(|last| said.generation <= last).then_some("says what another entry says")
            }
        })
    }

    fn wrong_challenge(&self, around: &mut Around<'_>, said: &EarningNote) -> Result<Option<&'static str>, VaultError> {
        let Some((id, leaf)) = said.challenge else { return Ok(None) };
        let Some(decision) = self.readable(around.reader, id)? else { return Ok(Some(NO_DECISION)) };
        let decided = decision.header.at;
        Ok(if !(decided..=decided.plus(ANSWERED_WITHIN)).contains(&said.at) {
            Some("answers a decision of another time")
        } else if said.word.is_owners() && !around.answered.insert(leaf) {
            Some("answers what is answered already")
        } else {
            None
        })
    }

    /// A stored decision that opens.
    pub(super) fn readable(&self, reader: &Reader<'_>, id: DecisionId) -> Result<Option<Decision>, VaultError> {
        match stored_decision(reader, &self.keys, id) {
            Ok(signed) => Ok(signed.read_unverified().ok()),
            Err(VaultError::Store(error)) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }
}

const NO_DECISION: &str = "names a decision that this vault does not have";

impl<'a> Around<'a> {
    fn of(
        reader: &'a Reader<'a>,
        rings: &'a [KeyRing],
        states: &'a [(u64, Timestamp)],
        notes: &[(Place, Option<Note>)],
    ) -> Result<Self, VaultError> {
        let mut there = HashMap::new();
        reader.every_head(|_, generation, sealed| {
            there.insert(Digest::of(sealed), generation);
        })?;
        let mut gone = HashMap::new();
        for (place, note) in notes {
            if let Some(Said::Forgetting(said)) = note.as_ref().and_then(Said::parse) {
                gone.extend(said.heads.into_iter().map(|head| (head, *place)));
            }
        }
        Ok(Around {
            reader,
            listed: super::newest_listed(rings),
            states,
            there,
            gone,
            forgotten: HashMap::new(),
            uses: HashSet::new(),
            answered: HashSet::new(),
        })
    }

    /// Whether a head that an entry names is there; `None` where it is not, and no later forgetting says that it is gone.
    fn is_there(&self, place: Place, head: &HeadName) -> Option<bool> {
        match self.there.get(&head.digest) {
            Some(generation) => (*generation == head.generation).then_some(true),
            None => self.gone.get(head).is_some_and(|forgotten| *forgotten > place).then_some(false),
        }
    }
}

impl Policies {
    /// The next entry stands here: a decision with this set, or none. Whoever named policies named them for it.
    fn end(&mut self, decided_with: Option<&SetName>, log: &mut Log) {
        if let Some(place) = self.fresh.take()
            && decided_with != self.named.as_ref()
        {
            log.finding.wrong(format!("entry {place} names policies that the next entry was not decided with"));
        }
    }
}

/// Notes of what an entry moved, for the rows to be held against.
impl Log {
    /// Whether each head is led to once.
    fn take(&mut self, place: Place, said: &Said) -> bool {
        if let Said::Forgetting(said) = said {
            let last = self.forgotten.entry(said.row.mark).or_default();
            *last = (*last).max(said.generation);
        }
        let (at, mut is_new) = (said.at(), true);
        let mut note = |moved: &Move, kind| {
            is_new &= !self.moves.contains_key(&moved.to.digest);
            self.moves.entry(moved.to.digest).or_insert(Moved { place, moved: *moved, kind, at });
        };
        match said {
            Said::Ask(said) => said.moves.iter().for_each(|moved| note(moved, Kind::Ask)),
            Said::Earning(EarningNote { word, challenge, moves, .. }) => {
                let Some((first, settled)) = moves.split_first() else { return false };
                note(first, Kind::Earning { word: *word, challenge: *challenge });
                settled.iter().for_each(|moved| note(moved, Kind::Settled { word: *word }));
            }
            Said::Use(_) | Said::Opening(_) | Said::Policies(_) | Said::Forgetting(_) => {}
        }
        is_new
    }
}
