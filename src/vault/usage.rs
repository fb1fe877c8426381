//! The last step of a retrieval: which rows stood in the prompt of which answer, and the way back from the answer.

use std::collections::{BTreeSet, HashMap};

use super::entry::{MOST_PLACED, Marking, Said, Use, marks};
use super::log::Entry;
use super::rows::judged;
use super::{Vault, VaultError, stored_decision, strictest};
use crate::answer::AnswerDigest;
use crate::decision::{Decision, Judged, Ruling};
use crate::id::{DecisionId, KeyName, RowId};
use crate::note::{Note, Signer};
use crate::row::{Body, Head};
use crate::seal::Marked;
use crate::store::Reader;
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// Whether an answer that is recorded under another decision may be recorded under this one too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// It is refused.
    No,
    /// Short answers are given more than once.
    Yes,
}

/// What was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    /// The decision.
    pub decision: DecisionId,
    /// How many rows were placed.
    pub placed: usize,
    /// Whether it was not recorded before.
    pub new: bool,
}

/// Why a use is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UseError {
    /// The decision ruled on no such row.
    #[error("the decision says nothing of row `{0}`")]
    OtherRow(RowId),
    /// The answer is recorded under another decision.
    #[error("the answer is recorded under decision `{0}` already")]
    AnotherDecision(DecisionId),
    /// The answer is recorded under this decision, with other rows.
    #[error("the answer is recorded under this decision already, with other rows")]
    OtherRows,
    /// More than 4,096 rows.
    #[error("more than 4096 rows in one prompt")]
    TooMany,
    /// An answer cannot be given before the decision.
    #[error("the answer is dated before the decision")]
    TooEarly,
}

/// One record of an answer: the decision before it, and the rows of it that stood in the prompt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Steering {
    /// When it was recorded.
    pub at: Timestamp,
    /// Whose key recorded it.
    pub by: KeyName,
    /// The decision; its signature holds.
    pub decision: Decision,
    /// The rows that stood in the prompt, in the decision's order.
    pub placed: Vec<Placed>,
}

/// A row that stood in the prompt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// What was decided about it.
    pub ruling: Ruling,
    /// The row as it was judged.
    pub inputs: Inputs,
    /// What was said of it since, oldest first.
    pub since: Vec<Entry>,
}

/// The row as a ruling judged it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inputs {
    /// It is still there.
    Known {
        /// Its head as it was then.
        head: Box<Head>,
        /// Its text as it was then; `None` where it does not open any more, or was held back: that text stays sealed.
        body: Option<Body>,
    },
    /// It was forgotten since.
    Forgotten,
    /// No head of it opened then.
    None,
    /// It was there then, and is not now, though nobody forgot it.
    Missing,
}

impl Vault {
    /// Records which rows of a decision stood in the prompt of an answer. Recording the same again changes nothing. A row that
    /// was held back can be recorded too: that it stood there all the same is what somebody will want to know.
    ///
    /// # Errors
    /// [`VaultError::Use`], [`VaultError::UnknownDecision`] and others: nothing was recorded.
    pub fn used(
        &self,
        device: &Signer,
        decision: DecisionId,
        placed: &[RowId],
        answer: &AnswerDigest,
        at: Timestamp,
        again: Again,
    ) -> Result<Used, VaultError> {
        // The owner's key records no uses: whoever builds prompts has a key of its own.
        if self.ring.listed_at(&device.verifier(), at).is_none() {
            let name = device.verifier().name().to_string();
            return Err(VaultError::NotAllowed { name, what: "record answers", at });
        }
        self.store.write(|writer| {
            let (_, read) = self.stored(writer, decision)?;
            if at < read.header.at {
                return Err(UseError::TooEarly.into());
            }
            let rulings = strictest(&read).into_iter().map(|(number, ruling)| (&ruling.row, number as u64));
            let of_row: HashMap<&RowId, u64> = rulings.collect();
            let numbers =
                placed.iter().map(|row| of_row.get(row).copied().ok_or_else(|| UseError::OtherRow(row.clone())));
            let numbers: BTreeSet<u64> = numbers.collect::<Result<_, _>>()?;
            if numbers.len() > MOST_PLACED {
                return Err(UseError::TooMany.into());
            }
            let placed: Vec<u64> = numbers.into_iter().collect();
            let used = |new| Used { decision, placed: placed.len(), new };
            for (_, earlier) in self.uses(writer, answer)? {
                match (earlier.decision == decision, again) {
                    (true, _) if earlier.placed == placed => return Ok(used(false)),
                    (true, _) => return Err(UseError::OtherRows.into()),
                    (false, Again::No) => return Err(UseError::AnotherDecision(earlier.decision).into()),
                    (false, Again::Yes) => {}
                }
            }
            let answer = Marking::of(&self.keys, Marked::Text, answer.as_bytes());
            let said = Said::Use(Use { vault: self.id(), at, decision, answer, placed: placed.clone() });
            super::change::append(writer, self.head(writer)?.log, device, &said)?;
            Ok(used(true))
        })
    }

    /// Which memories steered this answer: every record of it, oldest first. Empty where nobody recorded it; that says nothing
    /// about what steered it.
    ///
    /// # Errors
    /// [`VaultError`]; [`VaultError::Damaged`] where a record or its decision is not signed by a key of the key ring.
    pub fn why(&self, answer: &AnswerDigest) -> Result<Vec<Steering>, VaultError> {
        self.store.read(|reader| {
            let mut steering = vec![];
            for (note, said) in self.uses(reader, answer)? {
                let damaged = |what: &str| VaultError::Damaged(format!("the record of an answer {what}"));
                let by =
                    self.recorded_by(&note, said.at).ok_or_else(|| damaged("is signed by no key of the key ring"))?;
                let decision = self.verified(reader, said.decision)?;
                let mut placed = vec![];
                for number in &said.placed {
                    let place = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
                    let ruling = place.and_then(|place| decision.rulings.get(place));
                    let ruling = ruling.ok_or_else(|| damaged("names a ruling that the decision does not have"))?;
                    placed.push(self.placed(reader, ruling)?);
                }
                steering.push(Steering { at: said.at, by, decision, placed });
            }
            Ok(steering)
        })
    }

    /// The row that a ruling is about, as it was judged.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn inputs(&self, ruling: &Ruling) -> Result<Inputs, VaultError> {
        self.store.read(|reader| self.inputs_of(reader, ruling))
    }

    fn placed(&self, reader: &Reader<'_>, ruling: &Ruling) -> Result<Placed, VaultError> {
        let mut inputs = self.inputs_of(reader, ruling)?;
        // What was held back stays sealed, wherever it was placed.
        if let (Verdict::ReEarn, Inputs::Known { body, .. }) = (ruling.verdict, &mut inputs) {
            *body = None;
        }
        let since = match &inputs {
            Inputs::Known { head, .. } => self.since(reader, head)?,
            _ => vec![],
        };
        Ok(Placed { ruling: ruling.clone(), inputs, since })
    }

    fn inputs_of(&self, reader: &Reader<'_>, ruling: &Ruling) -> Result<Inputs, VaultError> {
        let Some(Judged { generation, .. }) = ruling.judged else { return Ok(Inputs::None) };
        let row = &ruling.row;
        let Some(sealed) = judged(reader, ruling)? else {
            let forgotten = self.forgotten_in(reader, row)?.is_some_and(|last| last >= generation);
            return Ok(if forgotten { Inputs::Forgotten } else { Inputs::Missing });
        };
        let head = sealed.open(&self.keys, row).map_err(|error| VaultError::Row { row: row.clone(), error })?;
        let body = self.body_of(reader, &head)?.ok();
        Ok(Inputs::Known { head: Box::new(head), body })
    }

    /// The records of an answer, as they stand.
    fn uses(&self, reader: &Reader<'_>, answer: &AnswerDigest) -> Result<Vec<(Note, Use)>, VaultError> {
        let mut uses = vec![];
        for mark in marks(&self.keys, Marked::Text, answer.as_bytes()) {
            for (note, said) in Said::found_by(reader, mark.as_bytes())? {
                if let Said::Use(said) = said {
                    uses.push((note, said));
                }
            }
        }
        Ok(uses)
    }

    /// A decision of this vault, signed by a key that may decide.
    fn verified(&self, reader: &Reader<'_>, id: DecisionId) -> Result<Decision, VaultError> {
        let signed = stored_decision(reader, &self.keys, id)?;
        let deciders = self.ring.verifiers().iter().filter(|listed| listed.roles.may_decide());
        let decision = deciders.into_iter().find_map(|listed| signed.verify(&listed.verifier).ok());
        decision.ok_or_else(|| VaultError::Damaged(format!("no decider of the key ring signed decision `{id}`")))
    }

    /// Whose key signed the record of an answer: one that held any role at that time. To be the owner's is no role.
    fn recorded_by(&self, note: &Note, at: Timestamp) -> Option<KeyName> {
        let mut listed = self.ring.verifiers().iter().filter(|listed| listed.holds_at(at));
        let signer = listed.find(|listed| note.verify(&listed.verifier).is_ok())?;
        Some(signer.verifier.name().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Gate;
    use crate::policy::PolicySet;
    use crate::request::Request;
    use crate::seal::Identity;
    use crate::vault::change::append;

    #[test]
    fn the_record_of_an_answer_is_of_a_listed_key_and_never_the_owners() {
        let dir = tempfile::tempdir().unwrap();
        let owner = Signer::generate("me/owner".parse().unwrap());
        let device = Signer::generate("me/device".parse().unwrap());
        let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let vault = Vault::create(&dir.path().join("a.vault"), &owner, &Identity::generate(), &device, at).unwrap();
        let gate = Gate::new(PolicySet::builtin(), device);
        let decision = vault.decide(&gate, &Request::at(at)).unwrap().id;
        let record = |signer: &Signer, answer: &AnswerDigest| {
            let answer = Marking::of(&vault.keys, Marked::Text, answer.as_bytes());
            let said = Said::Use(Use { vault: vault.id(), at, decision, answer, placed: vec![] });
            let written = vault.store.write(|writer| append(writer, vault.head(writer)?.log, signer, &said));
            written.unwrap();
        };
        let (by_device, by_owner) = (AnswerDigest::of(b"Rice.").unwrap(), AnswerDigest::of(b"Noodles.").unwrap());
        record(gate.signer(), &by_device);
        record(&owner, &by_owner);
        let steering = vault.why(&by_device).unwrap();
        assert_eq!(steering.iter().map(|record| record.by.as_str()).collect::<Vec<_>>(), ["me/device"]);
        let said = "the record of an answer is signed by no key of the key ring";
        assert_eq!(vault.why(&by_owner), Err(VaultError::Damaged(said.to_owned())));
        let log = vault.verify().unwrap().findings.into_iter().find(|finding| finding.check == "log").unwrap();
        assert_eq!(log.wrong, ["entry 3 is not signed by a key that may say it"]);
    }
}
