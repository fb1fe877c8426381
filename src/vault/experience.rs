//! What the owner learned of their rows: so long after it was last earned a row still held, or had changed. Uses, questions and
//! observations say nothing of that, and are not looked at.

use super::entry::{Said, Word};
use super::{Vault, VaultError};
use crate::id::{Digest, RowId};
use crate::note::Note;
use crate::row::{Head, LinkKind, MadeBy};
use crate::seal::SealedHead;
use crate::store::Reader;
use crate::survival::{Experience, Standing, Tenure};
use crate::time::{Span, Timestamp};

/// Of two words that contradict each other within so long the later one counts: a minute.
const SLIP: Span = Span::from_millis(60_000);
/// A confirmation sooner than this after the last word about a row says nothing: a day.
const TOO_SOON: Span = Span::from_millis(86_400_000);

/// What a vault's owner lived through.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lived {
    /// In the order of the rows' ids, and of each row's words.
    pub experience: Vec<Experience>,
    /// How many heads do not open. What was said of them is left out.
    pub unopened: u64,
}

impl Lived {
    /// How often a row still held.
    pub fn confirmed(&self) -> u64 {
        self.experience.len() as u64 - self.changed()
    }

    /// How often a row had changed.
    pub fn changed(&self) -> u64 {
        self.experience.iter().filter(|one| one.changed).count() as u64
    }
}

impl Vault {
    /// What became of the vault's rows, as far as the owner said so, or a later value took a row's place.
    ///
    /// A confirmation says that the row still held since it was last spoken of, else stated; a denial or correction, that it had
    /// changed. So does a later value of an attribute that has one at a time, at the time when it was stated. Of a confirmation
    /// and another word about the same text within a minute the later counts. A confirmation within a day says nothing, and the
    /// time runs on; nor does another word about a text that was denied, until it is confirmed.
    ///
    /// # Errors
    /// [`VaultError`] where the vault cannot be read. A head that does not open is counted.
    pub fn experience(&self) -> Result<Lived, VaultError> {
        self.store.read(|reader| {
            self.head(reader)?;
            let mut lived = Lived::default();
            for row in reader.row_ids()? {
                match row.parse::<RowId>() {
                    Ok(row) => self.live_through(reader, &row, &mut lived)?,
                    Err(_) => lived.unopened += 1,
                }
            }
            Ok(lived)
        })
    }

    /// Adds what became of one row.
    fn live_through(&self, reader: &Reader<'_>, row: &RowId, lived: &mut Lived) -> Result<(), VaultError> {
        let stored = reader.old_heads(row.as_str())?.into_iter().chain(reader.head(row.as_str())?);
        let mut walk: Option<Walk> = None;
        for (_, sealed) in stored {
            let sealed = SealedHead::from_bytes(sealed);
            let Ok(head) = sealed.open(&self.keys, row) else {
                lived.unopened += 1;
                continue;
            };
            let digest = sealed.digest();
            walk = Some(match walk.filter(|walk| head.previous == Some(walk.digest)) {
                // The first head, or the one after a gap: what was said before is known by its times alone.
                None => Walk::from(digest, head),
                Some(mut walk) => {
                    match self.owners_word(reader, &digest, &walk.digest)? {
                        Some((word, at)) => walk.hear(word, at, &mut lived.experience),
                        None if head.text != walk.head.text => walk.restate(&head),
                        None => {}
                    }
                    Walk { digest, head, ..walk }
                }
            });
        }
        let Some(walk) = walk.filter(|walk| !walk.state.gone) else { return Ok(()) };
        if let Some(at) = self.replaced_at(reader, &walk.head)? {
            lived.experience.push(walk.learned(at, true));
        }
        Ok(())
    }

    /// What the owner said of a row to lead from one head to the other, and when.
    fn owners_word(
        &self,
        reader: &Reader<'_>,
        to: &Digest,
        from: &Digest,
    ) -> Result<Option<(Word, Timestamp)>, VaultError> {
        let entries = reader.entries_of(to.as_bytes())?;
        Ok(entries.iter().find_map(|(_, entry)| {
            let note: Note = entry.parse().ok()?;
            let Some(Said::Earning(said)) = Said::parse(&note) else { return None };
            let moved = said.moves.first()?;
            let is_it = said.vault == self.id() && moved.to.digest == *to && moved.from.digest == *from;
            let is_owners = is_it && said.word.is_owners() && note.verify(&self.owner).is_ok();
            is_owners.then_some((said.word, said.at))
        }))
    }

    /// When the first value was stated that a rule put in the place of this row's.
    fn replaced_at(&self, reader: &Reader<'_>, head: &Head) -> Result<Option<Timestamp>, VaultError> {
        let mut first: Option<Timestamp> = None;
        for (kind, other, by) in head.links.iter() {
            if (kind, by) != (LinkKind::SupersededBy, MadeBy::Rule) {
                continue;
            }
            // What was corrected since said then what it said then. A row that was forgotten says nothing.
            let heads = reader.old_heads(other.as_str())?.into_iter().chain(reader.head(other.as_str())?);
            let opened = heads.filter_map(|(_, sealed)| SealedHead::from_bytes(sealed).open(&self.keys, other).ok());
            let tied = opened.into_iter().find(|other| other.links.has(LinkKind::Supersedes, &head.row));
            first = first.into_iter().chain(tied.map(|tied| tied.stated_at)).min();
        }
        Ok(first)
    }
}

/// One row's story so far.
struct Walk {
    digest: Digest,
    head: Head,
    state: State,
    /// The last word that counted, when it was said, and how the row stood before it.
    last: Option<(Word, Timestamp, State)>,
}

/// How a row stands.
#[derive(Clone, Copy)]
struct State {
    /// When it was last spoken of, else stated.
    since: Timestamp,
    /// It is known not to hold any more.
    gone: bool,
}

impl Walk {
    fn from(digest: Digest, head: Head) -> Self {
        let state = State { since: head.last_earned(), gone: head.denied };
        Walk { digest, head, state, last: None }
    }

    /// What was learned at this time of the row as its last head has it: by that it was judged until then. How long it had held
    /// counts up to where the time begins, which is not always where the head was last earned.
    fn learned(&self, at: Timestamp, changed: bool) -> Experience {
        let Standing { attribute, kind, categories, .. } = Standing::of(&self.head);
        let held = |beginning| self.state.since.since(beginning).max(Span::ZERO);
        let tenure = match self.head.traits.valid_from {
            Some(beginning) => Tenure::Known(held(beginning)),
            None => Tenure::AtLeast(held(self.head.stated_at)),
        };
        let after = at.since(self.state.since).max(Span::ZERO);
        Experience { attribute: attribute.map(str::to_owned), kind, categories, tenure, after, changed }
    }

    /// The owner says something of the text that the last head has.
    fn hear(&mut self, word: Word, at: Timestamp, lived: &mut Vec<Experience>) {
        let otherwise = self.last.is_some_and(|(last, ..)| (last == Word::Confirm) != (word == Word::Confirm));
        if let Some((_, said, before)) = self.last.take_if(|_| otherwise)
            && at.since(said) <= SLIP
        {
            lived.pop();
            self.state = before;
        }
        let (before, changed) = (self.state, word != Word::Confirm);
        let is_news = if changed { !before.gone } else { at.since(before.since) >= TOO_SOON };
        if is_news {
            lived.push(self.learned(at, changed));
            self.state.since = at;
            self.last = Some((word, at, before));
        }
        self.state.gone = word == Word::Deny;
        if word == Word::Correct {
            // From here on it is about another text.
            self.state.since = at;
            self.last = None;
        }
    }

    /// The row's record says something else now.
    fn restate(&mut self, head: &Head) {
        *self = Walk::from(self.digest, head.clone());
    }
}
