//! What the log's entries say, both ways: `docs/formats.md`, "Log". Who signed one is the reader's to ask.

mod ask;
mod earning;
mod forgetting;
mod policies;
mod usage;

use std::fmt;

pub(super) use ask::{Ask, MOST_ASKED, Opening};
pub(super) use earning::{EarningNote, Seen};
pub use earning::{ObservedIn, Word};
pub(super) use forgetting::{FORGETTING, Forgetting, MOST_GONE};
pub(super) use policies::{POLICIES, PoliciesNote};
pub(super) use usage::{MOST_PLACED, Use};

use super::VaultError;
use crate::id::{Digest, VaultId};
use crate::note::Note;
use crate::seal::{Keys, Marked};
use crate::store::Reader;
use crate::text::{fields, number, or_dash};
use crate::time::Timestamp;

/// An entry that is no decision.
pub(super) enum Said {
    Use(Use),
    Ask(Ask),
    Opening(Opening),
    Earning(EarningNote),
    Policies(PoliciesNote),
    Forgetting(Forgetting),
}

impl Said {
    /// Reads an entry; `None` for another kind, or another form.
    pub(super) fn parse(note: &Note) -> Option<Self> {
        let text = note.unverified_text();
        let (label, lines) = text.split_once('\n')?;
        let said = match label {
            usage::LABEL => Said::Use(Use::parse(lines)?),
            ask::LABEL => Said::Ask(Ask::parse(lines)?),
            ask::OPENING => Said::Opening(Opening::parse(lines)?),
            earning::LABEL => Said::Earning(EarningNote::parse(lines)?),
            POLICIES => Said::Policies(PoliciesNote::parse(lines)?),
            FORGETTING => Said::Forgetting(Forgetting::parse(lines)?),
            _ => return None,
        };
        // Writing it again checks every field's one form.
        (said.to_string() == text).then_some(said)
    }

    /// The entries that can be found by this, oldest first, but for those of another kind or form. One that is no note is
    /// damage.
    pub(super) fn found_by(reader: &Reader<'_>, key: &[u8]) -> Result<Vec<(Note, Self)>, VaultError> {
        let mut found = vec![];
        for (_, entry) in reader.entries_of(key)? {
            let note: Note = entry.parse().map_err(|error| VaultError::Note { what: "log entry", error })?;
            found.extend(Said::parse(&note).map(|said| (note, said)));
        }
        Ok(found)
    }

    /// The vault it names.
    pub(super) fn vault(&self) -> VaultId {
        match self {
            Said::Use(said) => said.vault,
            Said::Ask(said) => said.vault,
            Said::Opening(said) => said.vault,
            Said::Earning(said) => said.vault,
            Said::Policies(said) => said.vault,
            Said::Forgetting(said) => said.vault,
        }
    }

    /// When it was said.
    pub(super) fn at(&self) -> Timestamp {
        match self {
            Said::Use(said) => said.at,
            Said::Ask(said) => said.at,
            Said::Opening(said) => said.at,
            Said::Earning(said) => said.at,
            Said::Policies(said) => said.at,
            Said::Forgetting(said) => said.at,
        }
    }

    /// Whether the owner alone may say it.
    pub(super) fn is_owners(&self) -> bool {
        match self {
            Said::Earning(said) => said.word.is_owners(),
            Said::Forgetting(_) => true,
            _ => false,
        }
    }

    /// The epoch of the mark that it makes.
    pub(super) fn epoch(&self) -> Option<u32> {
        match self {
            Said::Use(said) => Some(said.answer.epoch),
            Said::Earning(said) => said.seen.map(|seen| seen.text.epoch),
            Said::Forgetting(said) => Some(said.row.epoch),
            Said::Ask(_) | Said::Opening(_) | Said::Policies(_) => None,
        }
    }

    /// The heads that it moves.
    pub(super) fn moves(&self) -> &[Move] {
        match self {
            Said::Ask(said) => &said.moves,
            Said::Earning(said) => &said.moves,
            _ => &[],
        }
    }

    /// What it can be found by.
    pub(super) fn keys(&self) -> Vec<&[u8]> {
        let moved = self.moves().iter().map(|moved| moved.to.digest.as_bytes().as_slice());
        match self {
            Said::Use(said) => vec![said.answer.mark.as_bytes(), said.decision.as_bytes()],
            Said::Ask(_) => moved.collect(),
            Said::Opening(said) => vec![said.head.digest.as_bytes()],
            Said::Earning(said) => {
                moved.chain(said.challenge.iter().map(|(_, leaf)| leaf.as_bytes().as_slice())).collect()
            }
            Said::Policies(_) => vec![POLICIES.as_bytes()],
            Said::Forgetting(said) => vec![said.row.mark.as_bytes(), FORGETTING.as_bytes()],
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Use(said) => said.fmt(f),
            Said::Ask(said) => said.fmt(f),
            Said::Opening(said) => said.fmt(f),
            Said::Earning(said) => said.fmt(f),
            Said::Policies(said) => said.fmt(f),
            Said::Forgetting(said) => said.fmt(f),
        }
    }
}

/// A sealed head: its generation and digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct HeadName {
    pub(super) generation: u64,
    pub(super) digest: Digest,
}

impl HeadName {
    fn parse(generation: &str, digest: &str) -> Option<Self> {
        let generation = number(generation).filter(|generation| *generation >= 1)?;
        Some(HeadName { generation, digest: digest.parse().ok()? })
    }
}

impl fmt::Display for HeadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.generation, self.digest)
    }
}

/// From a sealed head to the one that follows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Move {
    pub(super) from: HeadName,
    pub(super) to: HeadName,
}

impl Move {
    fn parse(line: &str) -> Option<Self> {
        let [from, from_digest, to, to_digest] = fields(line)?;
        let (from, to) = (HeadName::parse(from, from_digest)?, HeadName::parse(to, to_digest)?);
        (from.generation + 1 == to.generation).then_some(Move { from, to })
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.from, self.to)
    }
}

/// A name that only recipients can make, and the epoch under which it was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Marking {
    pub(super) epoch: u32,
    pub(super) mark: Digest,
}

impl Marking {
    /// The newest name for this content.
    pub(super) fn of(keys: &Keys, what: Marked, content: &[u8]) -> Self {
        Marking { epoch: keys.newest_epoch(), mark: keys.disclosure().mark(what, content) }
    }

    fn parse(epoch: &str, mark: &str) -> Option<Self> {
        let epoch = number(epoch).and_then(|epoch| u32::try_from(epoch).ok()).filter(|epoch| *epoch >= 1)?;
        Some(Marking { epoch, mark: mark.parse().ok()? })
    }
}

impl fmt::Display for Marking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.epoch, self.mark)
    }
}

/// All names that this content can have: one under each epoch.
pub(super) fn marks(keys: &Keys, what: Marked, content: &[u8]) -> impl Iterator<Item = Digest> {
    let epochs = 1..=u64::from(keys.newest_epoch());
    epochs.filter_map(move |epoch| Some(keys.disclosure_of(epoch)?.mark(what, content)))
}

/// Vault and time, as the second and third line of most entries have them.
fn vault_and_time<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<(VaultId, Timestamp)> {
    Some((lines.next()?.parse().ok()?, Timestamp::from_canonical(lines.next()?)?))
}

/// The value, or `-`; then a line end.
fn line_or_dash<T: fmt::Display>(f: &mut fmt::Formatter<'_>, value: Option<&T>) -> fmt::Result {
    writeln!(f, "{}", or_dash(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Signer;
    use crate::store::Store;

    #[test]
    fn what_can_be_found_is_read_and_what_is_no_note_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create::<VaultError>(&dir.path().join("a.vault"), |_| Ok(())).unwrap();
        let key = Signer::generate("me/owner".parse().unwrap());
        let (vault, at) = (VaultId::from_bytes([7; 16]), Timestamp::from_millis(0).unwrap());
        let head = HeadName { generation: 1, digest: Digest::of(b"head") };
        let opening = key.sign(&Said::Opening(Opening { vault, at, head }).to_string()).unwrap();
        let other_kind = key.sign("stillgood/other/v1\n").unwrap();
        store
            .write(|writer| {
                writer.append(1, opening.as_str(), &[b"read"])?;
                writer.append(1, other_kind.as_str(), &[b"read", b"passed over"])?;
                writer.append(1, "no note", &[b"damage"])
            })
            .unwrap();
        let found = |key: &[u8]| store.read(|reader| Said::found_by(reader, key));
        assert!(matches!(found(b"read").unwrap().as_slice(), [(note, Said::Opening(_))] if *note == opening));
        assert!(found(b"passed over").unwrap().is_empty());
        assert!(found(b"nothing").unwrap().is_empty());
        assert!(matches!(found(b"damage"), Err(VaultError::Note { what: "log entry", .. })));
    }
}
