//! An earning: what somebody said of a row, and which heads that moved.

use std::fmt;

use super::{Marking, Move};
use crate::evidence::words;
use crate::id::{DecisionId, Digest, KeyName, VaultId};
use crate::row::Links;
use crate::text::fields;
use crate::time::Timestamp;

pub(super) const LABEL: &str = "stillgood/earning/v1";

words!(
    /// What kind of earning it is.
    Word {
        /// It still holds.
        Confirm = "confirm",
        /// It says something else now.
        Correct = "correct",
        /// It is wrong.
        Deny = "deny",
        /// Whoever was asked does not know.
        DontKnow = "dont-know",
        /// Whoever was asked did not want to say now.
        Later = "later",
        /// It was seen again from another side.
        Observe = "observe",
        /// Its evidence was examined again.
        Recheck = "recheck",
    }
);
words!(
    /// Where a row was seen again. What the assistant says itself is no such place.
    ObservedIn {
        /// In another conversation.
        Thread = "thread",
        /// The user said it again.
        User = "user",
        /// In a document.
        Document = "document",
        /// In external data that was verified.
        Data = "data",
    }
);

impl Word {
    /// Whether the owner alone may say it.
    pub(in crate::vault) const fn is_owners(self) -> bool {
        matches!(self, Word::Confirm | Word::Correct | Word::Deny)
    }

    /// Whether the owner stands by the row with it.
    pub(in crate::vault) const fn speaks_for(self) -> bool {
        matches!(self, Word::Confirm | Word::Correct)
    }

    /// Whether it only says that there is no answer yet.
    pub(in crate::vault) const fn puts_off(self) -> bool {
        matches!(self, Word::DontKnow | Word::Later)
    }
}

/// The content of an earning's note.
pub(in crate::vault) struct EarningNote {
    pub(in crate::vault) vault: VaultId,
    pub(in crate::vault) word: Word,
    pub(in crate::vault) at: Timestamp,
    pub(in crate::vault) who: KeyName,
    /// The decision they were looking at, and the leaf hash of its ruling on the row.
    pub(in crate::vault) challenge: Option<(DecisionId, Digest)>,
    pub(in crate::vault) seen: Option<Seen>,
    /// That of the row itself, then those of the rows whose tie to it was settled.
    pub(in crate::vault) moves: Vec<Move>,
}

/// What was observed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::vault) struct Seen {
    pub(in crate::vault) source: ObservedIn,
    pub(in crate::vault) text: Marking,
}

impl EarningNote {
    pub(super) fn parse(lines: &str) -> Option<Self> {
        let mut lines = lines.lines();
        let vault = lines.next()?.parse().ok()?;
        let [word, at] = fields(lines.next()?)?;
        let (word, at) = (Word::from_name(word)?, Timestamp::from_canonical(at)?);
        let who = lines.next()?.parse().ok()?;
        let challenge = match fields(lines.next()?)? {
            ["-", "-"] => None,
            [decision, leaf] => Some((decision.parse().ok()?, leaf.parse().ok()?)),
        };
        let seen = match fields(lines.next()?)? {
            ["-", "-", "-"] => None,
            [source, epoch, mark] => {
                Some(Seen { source: ObservedIn::from_name(source)?, text: Marking::parse(epoch, mark)? })
            }
        };
        let moves = lines.map(Move::parse).collect::<Option<Vec<_>>>()?;
        let (_, settled) = moves.split_first()?;
        let settles = matches!(word, Word::Confirm | Word::Correct | Word::Deny) || settled.is_empty();
        let sound = settles
            && settled.len() <= Links::MOST
            && settled.is_sorted_by(|a, b| a.from.digest < b.from.digest)
            && seen.is_some() == (word == Word::Observe)
            && (challenge.is_some() || !word.puts_off());
        sound.then_some(EarningNote { vault, word, at, who, challenge, seen, moves })
    }
}

impl fmt::Display for EarningNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EarningNote { vault, word, at, who, challenge, seen, moves } = self;
        write!(f, "{LABEL}\n{vault}\n{} {at}\n{who}\n", word.name())?;
        match challenge {
            Some((decision, leaf)) => writeln!(f, "{decision} {leaf}")?,
            None => writeln!(f, "- -")?,
        }
        match seen {
            Some(Seen { source, text }) => writeln!(f, "{} {text}", source.name())?,
            None => writeln!(f, "- - -")?,
        }
        moves.iter().try_for_each(|moved| moved.fmt(f))
    }
}
