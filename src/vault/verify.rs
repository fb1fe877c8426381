//! Everything that can be checked of a vault by whoever holds an identity: separate findings, never one tick.

mod earned;
mod entries;
mod leftovers;
mod log;

use std::collections::{HashMap, HashSet};

use earned::Wrong;
use leftovers::{NamedParts, Place};
use log::Log;

use super::head::VaultHead;
use super::rowsum::RowSum;
use super::{Vault, VaultError, rows, stored_decision};
use crate::decision::{Decision, View};
use crate::id::{DecisionId, Digest, RowId};
use crate::note::Note;
use crate::request::Occasion;
use crate::row::Head;
use crate::seal::{KeyRing, ListedVerifier, SealedBody, SealedHead};
use crate::store::Reader;
use crate::time::Timestamp;

/// What was checked, and what was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// One per check, in a fixed order.
    pub findings: Vec<Finding>,
    /// How many rulings of stored decisions are about rows, or states of them, that were forgotten since.
    pub forgotten: u64,
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What was checked.
    pub check: &'static str,
    /// How many things were checked.
    pub checked: u64,
    /// What is wrong, one line each; empty if nothing is.
    pub wrong: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.findings.iter().all(|finding| finding.wrong.is_empty())
    }
}

impl Finding {
    pub(super) fn new(check: &'static str) -> Self {
        Finding { check, checked: 0, wrong: vec![] }
    }

    pub(super) fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }
}

impl Vault {
    /// Checks key rings, vault heads, rows, bodies, earnings, log and decisions. Reads every body.
    ///
    /// # Errors
    /// [`VaultError`] where it could not be checked at all.
    pub fn verify(&self) -> Result<Report, VaultError> {
        self.store.read(|reader| {
            let head = self.head(reader)?;
            let rings = self.verify_rings(reader)?;
            let (heads, states) = self.verify_heads(reader, &rings.1)?;
            let mut log = self.verify_log(reader, &head, &rings.1, &states)?;
            let rows = self.verify_rows(reader, &head, &mut log)?;
            let (decisions, forgotten) = self.verify_decisions(reader, &rings.1, &log)?;
            let findings =
                [rings.0, heads].into_iter().chain(rows).chain([log.finding, decisions, self.verify_seals(reader)?]);
            Ok(Report { findings: findings.collect(), forgotten })
        })
    }

    fn verify_rings(&self, reader: &Reader<'_>) -> Result<(Finding, Vec<KeyRing>), VaultError> {
        let mut finding = Finding::new("key rings");
        let mut rings: Vec<KeyRing> = vec![];
        for (version, note) in reader.rings()? {
            finding.checked += 1;
            let ring = note
                .parse::<Note>()
                .map_err(|error| error.to_string())
                .and_then(|note| KeyRing::open(&note, &self.owner).map_err(|error| error.to_string()));
            match ring {
                Err(error) => finding.wrong(format!("version {version}: {error}")),
                Ok(ring) => {
                    let follows = ring.version() == version
                        && ring.version() == rings.len() as u64 + 1
                        && ring.vault() == self.id()
                        && ring.previous() == rings.last().map(KeyRing::digest)
                        && rings.last().is_none_or(|before| ring.keeps_epochs_of(before));
                    if !follows {
                        finding.wrong(format!("version {version} does not follow the one before it"));
                    }
                    rings.push(ring);
                }
            }
        }
        Ok((finding, rings))
    }

    /// Also the log size and time of each.
    fn verify_heads(
        &self,
        reader: &Reader<'_>,
        rings: &[KeyRing],
    ) -> Result<(Finding, Vec<(u64, Timestamp)>), VaultError> {
        let (mut finding, mut states) = (Finding::new("vault heads"), vec![]);
        let mut before: Option<VaultHead> = None;
        let mut newest_ring = 0;
        for (sequence, note) in reader.vault_heads()? {
            finding.checked += 1;
            let parsed = note.parse::<Note>().ok().and_then(|note| {
                VaultHead::parse(&note, RowSum::empty().state().to_vec()).map(|(head, _)| (note, head))
            });
            let Some((note, head)) = parsed else {
                finding.wrong(format!("vault head {sequence} has another form"));
                continue;
            };
            let last = before.as_ref();
            let follows = last.map_or(sequence == 1 && head.previous.is_none(), |last| {
                sequence == last.sequence + 1 && head.previous == Some(last.digest) && head.at >= last.at
            });
            let ring = rings.iter().find(|ring| ring.digest() == head.ring);
            let writers = ring
                .into_iter()
                .flat_map(|ring| ring.verifiers())
                .filter(|listed| listed.roles.may_write() && listed.holds_at(head.at));
            let ring_version = ring.map_or(0, KeyRing::version);
            if !follows || head.sequence != sequence || head.vault != self.id() || ring_version < newest_ring {
                finding.wrong(format!("vault head {sequence} does not follow the one before it"));
            }
            if !writers.into_iter().any(|listed| note.verify(&listed.verifier).is_ok()) {
                finding.wrong(format!("vault head {sequence} is not signed by a writer of its key ring"));
            }
            let (log, size) = last.map_or((0, 0), |last| (last.log, last.log_size));
            let grows = head.log == log && head.log_size >= size || head.log == log + 1;
            if !grows || reader.log_root(head.log, head.log_size)? != Some(head.log_root) {
                finding.wrong(format!("vault head {sequence} names a log that is not there, or one before the last"));
            }
            newest_ring = ring_version;
            states.push((head.log_size, head.at));
            before = Some(head);
        }
        Ok((finding, states))
    }

    fn verify_rows(&self, reader: &Reader<'_>, head: &VaultHead, log: &mut Log) -> Result<[Finding; 5], VaultError> {
        let mut found = ["row sum", "heads", "earnings", "bodies", "evidence"].map(Finding::new);
        let [sum, heads, earned, bodies, evidence] = &mut found;
        let mut rows = RowSum::empty();
        let mut named: HashSet<Place> = HashSet::new();
        let mut parts = NamedParts::new();
        let mut stored = vec![];
        reader.heads(|row, generation, sealed| stored.push((row, generation, sealed)))?;
        for (row, generation, bytes) in stored {
            heads.checked += 1;
            let Ok(id) = row.parse::<RowId>() else {
                heads.wrong("a row has no legal id");
                continue;
            };
            let sealed = SealedHead::from_bytes(bytes);
            rows.add(&id, generation, &sealed.digest());
            let opened = match sealed.open(&self.keys, &id) {
                Err(error) => {
                    heads.wrong(format!("row `{row}`: {error}"));
                    continue;
                }
                Ok(opened) => opened,
            };
            if opened.generation != generation {
                heads.wrong(format!("row `{row}`: the head is of generation {}, not {generation}", opened.generation));
            }
            bodies.checked += 1;
            bodies.wrong.extend(self.body_fault(reader, &opened)?);
            self.verify_evidence(reader, &opened, &mut parts, evidence)?;
            let body = |head: &Head| (head.body_generation, head.body, head.text);
            let current = body(&opened);
            named.insert((row, opened.body_generation));
            for old in self.verify_chain(reader, &id, (&sealed, opened), log, heads, earned)? {
                named.insert((id.to_string(), old.body_generation));
                self.verify_evidence(reader, &old, &mut parts, evidence)?;
                if body(&old) != current {
                    bodies.checked += 1;
                    bodies.wrong.extend(self.body_fault(reader, &old)?);
                }
            }
        }
        leftovers::verify_rows(reader, &named, heads, bodies)?;
        leftovers::verify_evidence(reader, &parts, heads.wrong.is_empty(), evidence)?;
        sum.checked = rows.count;
        if rows.count != head.rows.count || rows.digest() != head.rows.digest() {
            sum.wrong(
                "the rows are not those that the vault head covers: one of them is older, altered, missing or added",
            );
        }
        Ok(found)
    }

    /// What is wrong with the body that a head names, if anything is.
    fn body_fault(&self, reader: &Reader<'_>, head: &Head) -> Result<Option<String>, VaultError> {
        let row = &head.row;
        let body = reader.body(row.as_str(), head.body_generation)?;
        Ok(match body.map(|bytes| SealedBody::from_bytes(bytes).open(&self.keys, head)) {
            None => Some(format!("row `{row}`: there is no body")),
            Some(Err(error)) => Some(format!("row `{row}`: {error}")),
            Some(Ok(_)) => None,
        })
    }

    /// Each head of a row names the one before it, and only an earning changed confirmation or denial. Gives the old ones.
    fn verify_chain(
        &self,
        reader: &Reader<'_>,
        row: &RowId,
        (sealed, current): (&SealedHead, Head),
        log: &mut Log,
        heads: &mut Finding,
        earned: &mut Finding,
    ) -> Result<Vec<Head>, VaultError> {
        let mut before: Option<(SealedHead, Head)> = None;
        let mut chain: Vec<(SealedHead, Head)> = vec![];
        for (generation, old) in reader.old_heads(row.as_str())? {
            let old = SealedHead::from_bytes(old);
            match old.open(&self.keys, row) {
                Ok(head) => {
                    if head.generation != generation {
                        let found = head.generation;
                        heads.wrong(format!("row `{row}`: an older head is of generation {found}, not {generation}"));
                    }
                    chain.push((old, head));
                }
                Err(error) => heads.wrong(format!("row `{row}`: an older head: {error}")),
            }
        }
        let old = chain.iter().map(|(_, head)| head.clone()).collect();
        chain.push((sealed.clone(), current));
        let forgotten = log.forgotten(&self.keys, row);
        for (sealed, head) in chain {
            let last = before.as_ref();
            if head.generation <= forgotten {
                heads.wrong(format!("row `{row}`: generation {} was forgotten", head.generation));
            }
            // A row that was forgotten goes on after its last generation.
            let first = [1, forgotten + 1].contains(&head.generation);
            let follows = last.map_or(first, |(_, last)| head.generation == last.generation + 1)
                && head.previous == last.map(|(sealed, _)| sealed.digest())
                && sealed.epoch() >= last.and_then(|(sealed, _)| sealed.epoch());
            if !follows {
                heads.wrong(format!("row `{row}`: generation {} does not follow the one before it", head.generation));
            }
            earned.checked += u64::from(log.moves.contains_key(&sealed.digest()));
            match self.wrongly_earned(reader, &sealed, &head, last, log)? {
                Some(Wrong::Head(wrong)) => {
                    earned.wrong(format!("row `{row}`: generation {} {wrong}", head.generation));
                }
                Some(Wrong::Answer(place)) => {
                    log.finding.wrong(format!("entry {place} answers no ruling on this row as it stood"));
                }
                None => {}
            }
            before = Some((sealed, head));
        }
        Ok(old)
    }

    /// Also how many rulings have inputs that were forgotten. A decider holds its role at the time of the decision, by the newest ring that lists its key.
    fn verify_decisions(
        &self,
        reader: &Reader<'_>,
        rings: &[KeyRing],
        log: &Log,
    ) -> Result<(Finding, u64), VaultError> {
        let (mut finding, mut forgotten) = (Finding::new("decisions"), 0);
        let mut stored = HashMap::new();
        let listed = newest_listed(rings);
        for id in reader.decision_ids()? {
            finding.checked += 1;
            let Ok(id) = id.parse::<DecisionId>() else {
                finding.wrong("a decision has no legal id");
                continue;
            };
            let verified =
                stored_decision(reader, &self.keys, id).map_err(|error| error.to_string()).and_then(|signed| {
                    stored.insert(id, Digest::of(signed.note().as_bytes()));
                    let signer = listed.iter().find_map(|entry| Some((*entry, signed.verify(&entry.verifier).ok()?)));
                    let (entry, decision) = signer.ok_or("no decider of the key ring signed it")?;
                    let in_time = decision.header.occasion == Occasion::WhatIf || entry.holds_at(decision.header.at);
                    if entry.roles.may_decide() && in_time {
                        Ok(decision)
                    } else {
                        Err("its signer might not decide at that time".into())
                    }
                });
            let verified = match verified {
                Ok(_) if log.unnamed.contains(&id) => Err("it was made with policies that no entry names".into()),
                Ok(decision) => self.names_what_is_here(reader, log, &decision)?.map_or_else(
                    || Err("it names a head that this vault does not have".into()),
                    |gone| {
                        forgotten += gone;
                        Ok(())
                    },
                ),
                Err(error) => Err(error),
            };
            if let Err(error) = verified {
                finding.wrong(format!("decision `{id}`: {error}"));
            }
        }
        let mut all: Vec<&DecisionId> = log.decisions.keys().chain(stored.keys()).collect();
        all.sort();
        all.dedup();
        for id in all.into_iter().filter(|id| log.decisions.get(id) != stored.get(id)) {
            finding.wrong(format!("decision `{id}` is not both stored and logged, by the same note"));
        }
        Ok((finding, forgotten))
    }

    /// Whether the vault head and the heads that a decision names are those of this vault: then how many rulings are about
    /// heads that were forgotten since.
    fn names_what_is_here(
        &self,
        reader: &Reader<'_>,
        log: &Log,
        decision: &Decision,
    ) -> Result<Option<u64>, VaultError> {
        if let View::Pinned { sequence, head } = decision.header.view
            && reader.vault_head_at(sequence)?.map(|note| Digest::of(note.as_bytes())) != Some(head)
        {
            return Ok(None);
        }
        let mut forgotten = 0;
        for ruling in &decision.rulings {
            let Some(judged) = ruling.judged else { continue };
            if rows::judged(reader, ruling)?.is_some() {
                continue;
            }
            if log.forgotten(&self.keys, &ruling.row) < judged.generation {
                return Ok(None);
            }
            forgotten += 1;
        }
        Ok(Some(forgotten))
    }
}

/// Each key by the newest ring that lists it.
fn newest_listed(rings: &[KeyRing]) -> Vec<&ListedVerifier> {
    let mut listed: Vec<&ListedVerifier> = vec![];
    for entry in rings.iter().rev().flat_map(KeyRing::verifiers) {
        if !listed.iter().any(|known| known.verifier == entry.verifier) {
            listed.push(entry);
        }
    }
    listed
}
