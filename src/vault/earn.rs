//! Earnings: signed events that alone make a row fresher, or retire it.

pub(super) mod effect;

use super::change::{Change, Moves};
use super::entry::{EarningNote, Marking, ObservedIn, Said, Seen, Word, marks};
use super::{Vault, VaultError, ruling_on};
use crate::answer::AnswerDigest;
use crate::id::{DecisionId, Digest, KeyName, RowId};
use crate::note::Signer;
use crate::row::{Body, Head, TextCommitment};
use crate::seal::Marked;
use crate::store::Reader;
use crate::time::{Span, Timestamp};
use crate::tree;

/// So long after a decision its rulings can be answered: seven days.
pub(super) const ANSWERED_WITHIN: Span = Span::from_millis(7 * 86_400_000);

/// What somebody says of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Earning {
    /// It still holds. What contradicted or replaced it is replaced by it.
    Confirm,
    /// It says something else: this.
    Correct(Body),
    /// It is wrong. What contradicted it is contradicted by it no longer.
    Deny,
    /// Whoever was asked does not know.
    DontKnow,
    /// Whoever was asked does not want to say now.
    Later,
    /// It was seen again from another side. Clears no need for confirmation.
    Observe(Observation),
}

/// Where a row was seen again, and what was seen there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Observation {
    /// Where.
    pub source: ObservedIn,
    /// What was seen. The text of an answer that is recorded here is no observation: the assistant repeats itself.
    pub seen: AnswerDigest,
}

/// An earning on its way into a vault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The row.
    pub row: RowId,
    /// What is said of it.
    pub earning: Earning,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it; `None` for whoever the signing key is named after.
    pub who: Option<KeyName>,
    /// The decision that they were looking at. Must be one of this vault that ruled on the row.
    pub decision: Option<DecisionId>,
}

impl Answer {
    /// An earning that nobody asked for.
    pub fn to(row: RowId, earning: Earning, at: Timestamp) -> Self {
        Answer { row, earning, at, who: None, decision: None }
    }
}

/// What an earning did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Earned {
    /// The row.
    pub row: RowId,
    /// Generation of its new head.
    pub generation: u64,
    /// Rows that it replaced, or contradicts no longer.
    pub settled: Vec<RowId>,
    /// How many rows were marked because something they depend on changed.
    pub dependants: usize,
}

/// Why an earning is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EarnError {
    /// The owner alone may confirm, correct and deny.
    #[error("the key `{name}` is not the owner's; only the owner may confirm, correct or deny a row")]
    NotOwner {
        /// The key's name.
        name: KeyName,
    },
    /// Neither the owner's key nor one of the key ring.
    #[error("the key `{name}` is unknown to this vault")]
    UnknownKey {
        /// The key's name.
        name: KeyName,
    },
    /// Dated after the machine's clock.
    #[error("the earning is dated {at}, which is later than now")]
    Postdated {
        /// When it says that it was said.
        at: Timestamp,
    },
    /// Dated before what it is about.
    #[error("row `{row}` was stated, confirmed or asked about later than {at}")]
    TooEarly {
        /// The row.
        row: RowId,
        /// When it says that it was said.
        at: Timestamp,
    },
    /// The decision did not rule on the row, or found no head of it.
    #[error("the decision did not judge row `{0}`")]
    OtherRow(RowId),
    /// The row says something else now than it did for the decision.
    #[error("row `{0}` says something else since that decision")]
    OtherText(RowId),
    /// The decision is too old, or later than the earning.
    #[error("the decision of {decided} could be answered up to {until}")]
    Expired {
        /// When it was made.
        decided: Timestamp,
        /// Up to when it could be answered.
        until: Timestamp,
    },
    /// The decision's ruling was answered before.
    #[error("what the decision asked about row `{0}` was answered already")]
    AnsweredAlready(RowId),
    /// Nobody was asked, and it says nothing but that there is no answer.
    #[error("nobody was asked about row `{0}`: name the decision")]
    NotAsked(RowId),
    /// The text that was observed is an answer that is recorded here.
    #[error("what was seen is an answer of the assistant, and the assistant repeating itself is no observation")]
    OwnWords,
    /// A correction that says what the row says.
    #[error("row `{0}` says that already; confirm it instead")]
    SameText(RowId),
}

impl Earning {
    const fn word(&self) -> Word {
        match self {
            Earning::Confirm => Word::Confirm,
            Earning::Correct(_) => Word::Correct,
            Earning::Deny => Word::Deny,
            Earning::DontKnow => Word::DontKnow,
            Earning::Later => Word::Later,
            Earning::Observe(_) => Word::Observe,
        }
    }
}

impl Vault {
    /// Records what somebody says of a row, and changes its head by it. The signer is the owner; for what is observed, put off
    /// or not known also a key of the key ring. `now` is the clock's: nothing can be said later than that.
    ///
    /// # Errors
    /// [`VaultError::Earn`], [`VaultError::UnknownRow`] and others: nothing was written.
    pub fn earn(
        &self,
        signer: &Signer,
        writer: &Signer,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<Earned, VaultError> {
        let word = answer.earning.word();
        self.may_say(signer, word, answer.at)?;
        if answer.at > now {
            return Err(EarnError::Postdated { at: answer.at }.into());
        }
        if word.puts_off() && answer.decision.is_none() {
            return Err(EarnError::NotAsked(answer.row.clone()).into());
        }
        let done = self.change(writer, now, 4, |change| change.earn(signer, answer))?;
        let moved = done.moves.get(&answer.row).ok_or_else(|| VaultError::UnknownRow(answer.row.clone()))?;
        Ok(Earned {
            row: answer.row.clone(),
            generation: moved.to.generation,
            settled: done.value,
            dependants: done.dependants,
        })
    }

    /// Whether this key may say this word at that time.
    fn may_say(&self, signer: &Signer, word: Word, at: Timestamp) -> Result<(), VaultError> {
        let (key, name) = (signer.verifier(), signer.verifier().name().clone());
        let is_owner = key == self.owner;
        let is_known = self.ring.listed_at(&key, at).is_some();
        match (is_owner, is_known) {
            (true, _) => Ok(()),
            (_, true) if word.is_owners() => Err(EarnError::NotOwner { name }.into()),
            (_, true) => Ok(()),
            (false, false) => Err(EarnError::UnknownKey { name }.into()),
        }
    }
}

impl<'s> Change<'_, 's> {
    /// Applies an earning to its row, and to the rows whose tie to it that settles; which these are.
    fn earn(&mut self, signer: &'s Signer, answer: &'s Answer) -> Result<Vec<RowId>, VaultError> {
        let Answer { row, earning, at, who, decision } = answer;
        let word = earning.word();
        let Some(pending) = self.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
        let before = pending.head.clone();
        let asked = before.asked_at.filter(|_| word.puts_off());
        if *at < before.last_earned() || asked.is_some_and(|asked| *at < asked) {
            return Err(EarnError::TooEarly { row: row.clone(), at: *at }.into());
        }
        let challenge = decision.map(|decision| self.challenge(decision, word, *at, &before)).transpose()?;
        let seen = match earning {
            Earning::Observe(observation) => Some(self.seen_text(observation)?),
            _ => None,
        };
        let Some(pending) = self.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
        effect::apply(word, *at, &mut pending.head);
        pending.touched = true;
        if let Earning::Correct(body) = earning {
            if before.text.is_of(body.text()) {
                return Err(EarnError::SameText(row.clone()).into());
            }
            pending.head.text = TextCommitment::of(body.text());
            pending.body = Some(body.clone());
        }
        let settled = self.settle_ties(word, *at, row, &before)?;
        if word.speaks_for() {
            self.speak_for(row);
        }
        if matches!(word, Word::Correct | Word::Deny) {
            self.unsettle(row);
        }
        let vault = self.vault.id();
        let (who, at) = (who.clone().unwrap_or_else(|| signer.verifier().name().clone()), *at);
        let (row, others) = (row.clone(), settled.clone());
        self.say(signer, move |moves: &Moves| {
            let mut settled: Vec<_> = others.iter().filter_map(|row| moves.get(row).copied()).collect();
            settled.sort_by_key(|moved| moved.from.digest);
            let moves = moves.get(&row).copied().into_iter().chain(settled).collect();
            Some(Said::Earning(EarningNote { vault, word, at, who, challenge, seen, moves }))
        });
        Ok(settled)
    }

    /// Settles the ties of rows to this one, in their heads.
    fn settle_ties(&mut self, word: Word, at: Timestamp, row: &RowId, before: &Head) -> Result<Vec<RowId>, VaultError> {
        let mut settled = vec![];
        for other in effect::settled_by(word, before) {
            // A row that was forgotten, or does not open, is held back by itself.
            let Some(pending) = self.sound_row(&other)? else { continue };
            if at < pending.head.last_earned() {
                return Err(EarnError::TooEarly { row: other, at }.into());
            }
            if effect::settle(word, row, &mut pending.head) {
                pending.touched = true;
                settled.push(other.clone());
                if word != Word::Deny {
                    self.unsettle(&other);
                }
            }
        }
        Ok(settled)
    }

    /// The leaf hash of the ruling that is answered, if it can be answered now.
    fn challenge(
        &self,
        decision: DecisionId,
        word: Word,
        at: Timestamp,
        head: &Head,
    ) -> Result<(DecisionId, Digest), VaultError> {
        let row = &head.row;
        let (signed, read) = self.vault.stored(self.writer, decision)?;
        let decided = read.header.at;
        let until = decided.plus(ANSWERED_WITHIN);
        if !(decided..=until).contains(&at) {
            return Err(EarnError::Expired { decided, until }.into());
        }
        let (place, ruling) = ruling_on(&read, row).ok_or_else(|| EarnError::OtherRow(row.clone()))?;
        if ruling.judged.is_none() {
            return Err(EarnError::OtherRow(row.clone()).into());
        }
        if self.vault.as_judged(self.writer, ruling)?.is_none_or(|then| then.text != head.text) {
            return Err(EarnError::OtherText(row.clone()).into());
        }
        let leaf = signed.unverified_leaves().get(place).map(|leaf| tree::leaf_hash(leaf.as_bytes()));
        let leaf = Digest::from_bytes(leaf.ok_or_else(|| EarnError::OtherRow(row.clone()))?);
        if !word.puts_off() && word != Word::Observe && was_answered(self.writer, &leaf)? {
            return Err(EarnError::AnsweredAlready(row.clone()).into());
        }
        Ok((decision, leaf))
    }

    /// What was seen, if it is not an answer of the assistant.
    fn seen_text(&self, observation: &Observation) -> Result<Seen, VaultError> {
        let content = observation.seen.as_bytes();
        for mark in marks(&self.vault.keys, Marked::Text, content) {
            let entries = self.writer.entries_of(mark.as_bytes())?;
            if !entries.is_empty() {
                return Err(EarnError::OwnWords.into());
            }
        }
        Ok(Seen { source: observation.source, text: Marking::of(&self.vault.keys, Marked::Text, content) })
    }
}

/// Whether this head is what a correction made.
pub(super) fn was_corrected(reader: &Reader<'_>, head: &Digest) -> Result<bool, VaultError> {
    let found = Said::found_by(reader, head.as_bytes())?;
    Ok(found.iter().any(|(_, said)| matches!(said, Said::Earning(earning) if earning.word == Word::Correct)))
}

/// Whether somebody confirmed, corrected or denied the row in answer to this ruling.
pub(super) fn was_answered(reader: &Reader<'_>, leaf: &Digest) -> Result<bool, VaultError> {
    let found = Said::found_by(reader, leaf.as_bytes())?;
    Ok(found.iter().any(|(_, said)| matches!(said, Said::Earning(earning) if earning.word.is_owners())))
}
