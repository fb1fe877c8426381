//! The log as a person reads it: what happened, when, who signed it, and to which rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::entry::{HeadName, ObservedIn, Said, Word};
use super::{Vault, VaultError, decision_of};
use crate::id::{DecisionId, Digest, KeyName, RowId, VaultId};
use crate::note::Note;
use crate::row::Head;
use crate::store::{Reader, Store};
use crate::text::number;
use crate::time::Timestamp;

/// One entry of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its number, from 0.
    pub index: u64,
    /// The name on its first signature line.
    pub signer: KeyName,
    /// What it says.
    pub event: Event,
}

/// What an entry says. A row that was forgotten since is `None`: the log never held its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A retrieval was decided.
    Decision {
        /// Its id.
        id: DecisionId,
        /// How many candidates were ruled on.
        rulings: u64,
    },
    /// An answer was recorded.
    Use {
        /// When.
        at: Timestamp,
        /// The decision before it.
        decision: DecisionId,
        /// Numbers of the rulings, from 1, whose rows stood in the prompt.
        placed: Vec<u64>,
    },
    /// Somebody was asked.
    Ask {
        /// When.
        at: Timestamp,
        /// The decision that held the rows back.
        decision: DecisionId,
        /// The rows.
        rows: Vec<Option<RowId>>,
    },
    /// A row's text was opened for the owner to look at.
    Opening {
        /// When.
        at: Timestamp,
        /// The row.
        row: Option<RowId>,
    },
    /// Somebody said something of a row.
    Earning {
        /// What kind.
        word: Word,
        /// When.
        at: Timestamp,
        /// Who.
        who: KeyName,
        /// The decision that they were looking at.
        decision: Option<DecisionId>,
        /// Where it was observed.
        source: Option<ObservedIn>,
        /// The row.
        row: Option<RowId>,
        /// Rows whose tie to it was settled.
        settled: Vec<Option<RowId>>,
    },
    /// From here on decisions are made with another set of policies.
    Policies {
        /// When.
        at: Timestamp,
        /// Its name.
        name: String,
        /// Its version.
        version: u64,
        /// Its digest.
        digest: Digest,
        /// Digest of the set before.
        before: Option<Digest>,
    },
    /// A row was forgotten.
    Forgetting {
        /// When.
        at: Timestamp,
        /// Generation of its last head.
        generation: u64,
    },
    /// An entry of another kind or form.
    Unknown,
}

impl Entry {
    /// Reads one entry of this vault's log, wherever it came from. Signatures are not checked, and rows have no names:
    /// entries name sealed heads. What cannot be read is [`Event::Unknown`].
    pub fn read(index: u64, entry: &str, vault: VaultId) -> Self {
        read_entry(index, entry, vault, &|_| None)
    }

    /// When it was said; a decision's note does not say it.
    pub fn at(&self) -> Option<Timestamp> {
        match &self.event {
            Event::Use { at, .. }
            | Event::Ask { at, .. }
            | Event::Opening { at, .. }
            | Event::Earning { at, .. }
            | Event::Policies { at, .. }
            | Event::Forgetting { at, .. } => Some(*at),
            Event::Decision { .. } | Event::Unknown => None,
        }
    }
}

impl Vault {
    /// The log, oldest first. Whether it is whole, and who signed it, is for [`Vault::verify`] to say.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn log(&self) -> Result<Vec<Entry>, VaultError> {
        self.store.read(|reader| read_log(reader, self.id(), self.head(reader)?.log))
    }

    /// The log of a vault file, without any key: nothing is checked, not even that it is a log of the vault.
    ///
    /// # Errors
    /// [`VaultError`] where there is no vault file.
    pub fn log_unverified(path: &Path) -> Result<Vec<Entry>, VaultError> {
        let store = Store::open(path)?;
        store.read(|reader| {
            let damaged = || VaultError::Damaged("its vault head has another form".into());
            let head = reader.vault_head()?;
            let mut lines = head.lines().skip(1);
            let vault = lines.next().and_then(|line| line.parse().ok()).ok_or_else(damaged)?;
            let log = lines.nth(3).and_then(|line| number(line.split(' ').next()?)).ok_or_else(damaged)?;
            read_log(reader, vault, log)
        })
    }

    /// What was said of a row since a generation of its head; of the rows that it is tied to, too, where that settled a tie.
    pub(super) fn since(&self, reader: &Reader<'_>, head: &Head) -> Result<Vec<Entry>, VaultError> {
        let mut said: BTreeMap<u64, String> = BTreeMap::new();
        for digest in heads_after(reader, &head.row, head.generation)? {
            said.extend(reader.entries_of(digest.as_bytes())?);
        }
        if said.is_empty() {
            return Ok(vec![]);
        }
        // An earning moves the row itself, and rows that are or were tied to it.
        let now = self.current(reader, &head.row)?;
        let tied = |head: &Head| head.links.iter().map(|(_, row, _)| row.clone()).collect::<BTreeSet<_>>();
        let rows = now.iter().flat_map(&tied).chain(tied(head)).chain([head.row.clone()]);
        let mut of_head: HashMap<Digest, RowId> = HashMap::new();
        for row in rows.collect::<BTreeSet<_>>() {
            of_head.extend(heads_after(reader, &row, 0)?.into_iter().map(|digest| (digest, row.clone())));
        }
        let row_of = |head: &HeadName| of_head.get(&head.digest).cloned();
        let entries = said.iter().map(|(index, entry)| read_entry(*index, entry, self.id(), &row_of));
        Ok(entries.filter(|entry| !matches!(entry.event, Event::Opening { .. })).collect())
    }
}

/// The digests of a row's heads after a generation.
fn heads_after(reader: &Reader<'_>, row: &RowId, generation: u64) -> Result<Vec<Digest>, VaultError> {
    let heads = reader.heads_of(row.as_str())?.into_iter();
    Ok(heads.filter(|(known, _)| *known > generation).map(|(_, sealed)| Digest::of(&sealed)).collect())
}

fn read_log(reader: &Reader<'_>, vault: VaultId, log: u64) -> Result<Vec<Entry>, VaultError> {
    let mut rows: HashMap<Digest, String> = HashMap::new();
    reader.every_head(|row, _, sealed| drop(rows.insert(Digest::of(sealed), row.to_owned())))?;
    let row_of = |head: &HeadName| rows.get(&head.digest)?.parse().ok();
    let entries = reader.log_entries(log)?;
    Ok(entries.iter().map(|(index, entry)| read_entry(*index, entry, vault, &row_of)).collect())
}

fn read_entry(index: u64, entry: &str, vault: VaultId, row_of: &dyn Fn(&HeadName) -> Option<RowId>) -> Entry {
    let unknown = || Entry { index, signer: "-".parse().expect("a legal name"), event: Event::Unknown };
    let Ok(note) = entry.parse::<Note>() else { return unknown() };
    let Some((signer, _)) = note.unverified_signers().next() else { return unknown() };
    let event = event_of(&note, vault, row_of).unwrap_or(Event::Unknown);
    Entry { index, signer: signer.clone(), event }
}

fn event_of(note: &Note, vault: VaultId, row_of: &dyn Fn(&HeadName) -> Option<RowId>) -> Option<Event> {
    let text = note.unverified_text();
    if let Some(id) = decision_of(text, vault) {
        return Some(Event::Decision { id, rulings: number(text.lines().nth(1)?)?.checked_sub(1)? });
    }
    Some(match Said::parse(note).filter(|said| said.vault() == vault)? {
        Said::Use(said) => Event::Use { at: said.at, decision: said.decision, placed: said.placed },
        Said::Ask(said) => {
            let rows = said.moves.iter().map(|moved| row_of(&moved.to)).collect();
            Event::Ask { at: said.at, decision: said.decision, rows }
        }
        Said::Opening(said) => Event::Opening { at: said.at, row: row_of(&said.head) },
        Said::Earning(said) => {
            let mut rows = said.moves.iter().map(|moved| row_of(&moved.to));
            Event::Earning {
                word: said.word,
                at: said.at,
                row: rows.next().flatten(),
                settled: rows.collect(),
                who: said.who,
                decision: said.challenge.map(|(decision, _)| decision),
                source: said.seen.map(|seen| seen.source),
            }
        }
        Said::Policies(said) => Event::Policies {
            at: said.at,
            name: said.set.name,
            version: said.set.version,
            digest: said.set.digest,
            before: said.before,
        },
        Said::Forgetting(said) => Event::Forgetting { at: said.at, generation: said.generation },
    })
}
