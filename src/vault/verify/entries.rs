//! The log against its tree, its vault heads and the key ring: every entry is of a known kind, signed by a key that may say
//! it, in its time, and says of other things only what is so.

use std::collections::{BTreeSet, HashMap};

use super::Finding;
use crate::decision::Decision;
use crate::id::{DecisionId, Digest};
use crate::note::Note;
use crate::seal::{KeyRing, ListedVerifier};
use crate::store::Reader;
use crate::time::Timestamp;
use crate::tree;
use crate::vault::earn::ANSWERED_WITHIN;
use crate::vault::entry::{EarningNote, Move, Said, Word};
use crate::vault::head::VaultHead;
use crate::vault::{Vault, VaultError, decision_of, leftovers, stored_decision};

/// What the log holds.
pub(super) struct Log {
    pub(super) finding: Finding,
    /// By id, the digest of the entry.
    pub(super) decisions: HashMap<DecisionId, Digest>,
    /// What was said of heads, by the digest of the head that it led to.
    pub(super) moves: HashMap<Digest, Moved>,
}

/// One head, as an entry moved it.
pub(super) struct Moved {
    pub(super) moved: Move,
    pub(super) kind: Kind,
    pub(super) at: Timestamp,
}

/// What moved it.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// It was asked about.
    Ask,
    /// Something was said of it.
    Earning { word: Word, challenge: Option<(DecisionId, Digest)> },
    /// Something was said of a row that it is tied to.
    Settled { word: Word },
}

/// What an entry is held against.
struct Around<'a> {
    reader: &'a Reader<'a>,
    listed: &'a [&'a ListedVerifier],
    /// Log size and time of each vault head, ascending.
    heads: &'a [(u64, Timestamp)],
}

impl Vault {
    /// The log against its nodes and the vault head, and each entry against what it names.
    pub(super) fn verify_log(
        &self,
        reader: &Reader<'_>,
        head: &VaultHead,
        rings: &[KeyRing],
        heads: &[(u64, Timestamp)],
    ) -> Result<Log, VaultError> {
        let mut log = Log { finding: Finding::new("log"), decisions: HashMap::new(), moves: HashMap::new() };
        let (places, entries): (Vec<u64>, Vec<String>) = reader.log_entries(head.log)?.into_iter().unzip();
        log.finding.checked = entries.len() as u64;
        let prefix = entries.get(..usize::try_from(head.log_size).unwrap_or(usize::MAX));
        if prefix.map(tree::root) != Some(head.log_root) {
            log.finding.wrong("the log is not the one that the vault head names");
        }
        if places.iter().zip(0..).any(|(place, index)| *place != index) {
            log.finding.wrong("the log's entries are not numbered from 0 without a gap");
        }
        leftovers::verify_logs(reader, head.log, &entries, &mut log.finding)?;
        let listed = super::newest_listed(rings);
        let around = Around { reader, listed: &listed, heads };
        let between = format!("/{}/decision/v1/", self.id());
        let (mut keys, mut set) = (BTreeSet::new(), None);
        for (index, entry) in (0..).zip(&entries) {
            let Ok(note) = entry.parse::<Note>() else {
                log.finding.wrong(format!("entry {index} is not a note"));
                continue;
            };
            if entry.lines().next().is_some_and(|first| first.contains(&between)) {
                self.verify_decision_entry(&around, index, &note, &set, &mut log)?;
                continue;
            }
            let Some(said) = Said::parse(&note).filter(|said| said.vault() == self.id()) else {
                log.finding.wrong(format!("entry {index} is of no known kind"));
                continue;
            };
            keys.extend(said.keys().into_iter().map(|key| (key.to_vec(), head.log, index)));
            if let Some(wrong) = self.wrong_signer(&around, &note, &said) {
                log.finding.wrong(format!("entry {index} {wrong}"));
                continue;
            }
            if let Some(wrong) = self.wrong_entry(&around, index, &said, &mut set)? {
                log.finding.wrong(format!("entry {index} {wrong}"));
            }
            if !log.take(&said) {
                log.finding.wrong(format!("entry {index} is an earning or ask that stands there already"));
            }
        }
        if keys.into_iter().collect::<Vec<_>>() != reader.log_keys()? {
            log.finding.wrong("what entries are found by is not what they say");
        }
        Ok(log)
    }

    fn verify_decision_entry(
        &self,
        around: &Around<'_>,
        index: u64,
        note: &Note,
        set: &Option<Digest>,
        log: &mut Log,
    ) -> Result<(), VaultError> {
        let id = decision_of(note.unverified_text(), self.id());
        let is_new = id.is_some_and(|id| log.decisions.insert(id, note.digest()).is_none());
        if !is_new {
            log.finding.wrong(format!("entry {index} names no decision, or one that is there already"));
            return Ok(());
        }
        // A decision that does not open is found elsewhere.
        if let Some(decision) = id.map(|id| self.readable(around.reader, id)).transpose()?.flatten()
            && *set != Some(decision.header.set.digest)
        {
            log.finding.wrong(format!("entry {index} is a decision by a set of policies that the log does not name"));
        }
        Ok(())
    }

    fn readable(&self, reader: &Reader<'_>, id: DecisionId) -> Result<Option<Decision>, VaultError> {
        match stored_decision(reader, &self.keys, id) {
            Ok(signed) => Ok(signed.read_unverified().ok()),
            Err(VaultError::Store(error)) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    /// Whether the signer may not say that.
    fn wrong_signer(&self, around: &Around<'_>, note: &Note, said: &Said) -> Option<&'static str> {
        if note.verify(&self.owner).is_ok() {
            return None;
        }
        if said.is_owners() {
            return Some(match said {
                Said::Forgetting(_) => "is a forgetting that the owner did not sign",
                _ => "is an earning that the owner did not sign",
            });
        }
        let decides = matches!(said, Said::Policies(_));
        let may = |entry: &&&ListedVerifier| entry.holds_at(said.at()) && (!decides || entry.roles.may_decide());
        let signed = around.listed.iter().filter(may).any(|entry| note.verify(&entry.verifier).is_ok());
        (!signed).then_some("is signed by no key that might say it then")
    }

    /// What is wrong with what an entry says of decisions and times.
    fn wrong_entry(
        &self,
        around: &Around<'_>,
        index: u64,
        said: &Said,
        set: &mut Option<Digest>,
    ) -> Result<Option<&'static str>, VaultError> {
        // An entry about rows stands in the log before the vault head of its transaction.
        let covering = around.heads.iter().find(|(size, _)| *size > index);
        if matches!(said, Said::Earning(_) | Said::Ask(_) | Said::Forgetting(_))
            && covering.is_none_or(|(_, at)| said.at() > *at)
        {
            return Ok(Some("is dated after the state of the vault that it led to"));
        }
        Ok(match said {
            Said::Use(said) => match self.readable(around.reader, said.decision)? {
                None => Some("is the record of an answer to a decision that is not there"),
                Some(decision) if said.at < decision.header.at => {
                    Some("is the record of an answer before its decision")
                }
                Some(decision) if said.placed.last().is_some_and(|last| *last > decision.rulings.len() as u64) => {
                    Some("places a row that its decision does not have")
                }
                Some(_) => None,
            },
            Said::Policies(said) => {
                let follows = said.before == *set && *set != Some(said.set.digest);
                *set = Some(said.set.digest);
                (!follows).then_some("names another set of policies before it")
            }
            Said::Earning(said) => self.wrong_challenge(around, said)?,
            Said::Ask(said) => match self.readable(around.reader, said.decision)? {
                None => Some("asks after a decision that is not there"),
                Some(_) => None,
            },
            Said::Opening(_) | Said::Forgetting(_) => None,
        })
    }

    fn wrong_challenge(&self, around: &Around<'_>, said: &EarningNote) -> Result<Option<&'static str>, VaultError> {
        let Some((id, leaf)) = said.challenge else { return Ok(None) };
        let Ok(signed) = stored_decision(around.reader, &self.keys, id) else {
            return Ok(Some("answers a decision that is not there"));
        };
        let Ok(decision) = signed.read_unverified() else {
            return Ok(Some("answers a decision that is not there"));
        };
        let hashes = || signed.unverified_leaves().iter().skip(1).map(|leaf| tree::leaf_hash(leaf.as_bytes()));
        if !hashes().any(|hash| hash == *leaf.as_bytes()) {
            return Ok(Some("answers a ruling that its decision does not have"));
        }
        let decided = decision.header.at;
        let in_time = (decided..=decided.plus(ANSWERED_WITHIN)).contains(&said.at);
        Ok((!in_time).then_some("answers a decision out of its time"))
    }
}

impl Log {
    /// Notes what an entry moves. Whether each head is led to once.
    fn take(&mut self, said: &Said) -> bool {
        let (at, mut is_new) = (said.at(), true);
        let mut note = |moved: &Move, kind| {
            is_new &= self.moves.insert(moved.to.digest, Moved { moved: *moved, kind, at }).is_none();
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
