//! Asking the owner: which rows, how often, and the row's text for them to look at.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use super::change::{Moves, name_of};
use super::earn::{ANSWERED_WITHIN, was_answered};
use super::entry::{Ask, MOST_ASKED, Opening, Said};
use super::{Vault, VaultError, decision_of, strictest};
use crate::decision::{Decision, Ruling, SignedDecision};
use crate::gate::Retrieval;
use crate::id::{DecisionId, Digest, RowId};
use crate::note::Signer;
use crate::row::{Body, Head, LinkKind};
use crate::seal::SealedHead;
use crate::store::Reader;
use crate::time::{Span, Timestamp};
use crate::tree;
use crate::verdict::{Need, Reason, Verdict};

/// Nobody is asked about a row again within so long: fourteen days. Nor about one whose text changes more often than that:
/// the answer would be old before it was used (Cho and Garcia-Molina 2003).
pub(super) const ASKED_AGAIN: Span = Span::from_millis(14 * 86_400_000);
/// So many decisions are looked through for what waits.
const MOST_DECISIONS: usize = 1_000;

/// A row that waits for an answer of the owner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The row.
    pub row: RowId,
    /// The decision that held it back.
    pub decision: DecisionId,
    /// When that was.
    pub at: Timestamp,
    /// Up to when that decision can be answered.
    pub until: Timestamp,
    /// Why it is held. An answer of the owner clears all of them.
    pub reasons: Vec<Reason>,
    /// Rows that say otherwise, and nobody settled it.
    pub against: Vec<RowId>,
}

/// A row that was opened for the owner.
#[derive(Debug)]
pub struct Opened {
    /// What is known of it.
    pub head: Head,
    /// Its text.
    pub body: Body,
}

impl Vault {
    /// The questions of one retrieval that are worth asking, at most [`Retrieval::asks`], and marks these rows as asked about:
    /// nobody is asked about them again for fourteen days.
    ///
    /// A row is asked about where an answer of the owner clears every reason for which it is held. Contradictions come first,
    /// then rows in the order of the request. What is left out waits; no verdict changes.
    ///
    /// # Errors
    /// [`VaultError::UnknownDecision`] where the decision is not stored here; others: nothing was written.
    pub fn ask(&self, device: &Signer, retrieval: &Retrieval, at: Timestamp) -> Result<Vec<Question>, VaultError> {
        let mut questions = self.store.read(|reader| {
            let (signed, decision) = self.stored(reader, retrieval.id)?;
            let rows: BTreeSet<&RowId> = decision.rulings.iter().map(|ruling| &ruling.row).collect();
            self.questions(reader, (&signed, &decision), &rows, at, Asking::OncePerSpan)
        })?;
        questions.truncate(retrieval.asks.min(MOST_ASKED));
        if questions.is_empty() {
            return Ok(questions);
        }
        self.may_ask(&device.verifier(), at)?;
        self.change(device, at, questions.len() as u64, |change| {
            for Question { row, .. } in &questions {
                let Some(pending) = change.row(row)? else { return Err(VaultError::UnknownRow(row.clone())) };
                pending.head.asked_at = Some(at);
                pending.touched = true;
            }
            let rows: Vec<RowId> = questions.iter().map(|question| question.row.clone()).collect();
            let (vault, decision) = (self.id(), retrieval.id);
            change.say(device, move |moves: &Moves| {
                let moves = rows.iter().filter_map(|row| moves.get(row).copied()).collect();
                Some(Said::Ask(Ask { vault, at, decision, moves }))
            });
            Ok(())
        })?;
        Ok(questions)
    }

    /// What the owner could answer now: rows that the newest decision about them held back within the last seven days, and that
    /// nobody spoke about since. In the order of [`Vault::ask`], decision by decision, the newest first. Marks nothing.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn waiting(&self, at: Timestamp) -> Result<Vec<Question>, VaultError> {
        self.store.read(|reader| {
            let log = self.head(reader)?.log;
            let mut ids = vec![];
            reader.entries_backwards(log, |_, entry| {
                ids.extend(decision_of(&entry, self.id()));
                if ids.len() < MOST_DECISIONS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let (mut known, mut waiting) = (HashSet::new(), vec![]);
            for id in ids {
                let (signed, decision) = self.stored(reader, id)?;
                // Those before it in the log may be later: clocks differ.
                if decision.header.at.plus(ANSWERED_WITHIN) < at {
                    continue;
                }
                let rows = decision.rulings.iter().map(|ruling| &ruling.row);
                let newest: BTreeSet<&RowId> = rows.filter(|row| known.insert((*row).clone())).collect();
                waiting.extend(self.questions(reader, (&signed, &decision), &newest, at, Asking::UnlessPutOff)?);
            }
            Ok(waiting)
        })
    }

    /// Opens a row for the owner to look at. That is logged.
    ///
    /// # Errors
    /// [`VaultError::UnknownRow`], or why it does not open.
    pub fn question(&self, device: &Signer, row: &RowId, at: Timestamp) -> Result<Opened, VaultError> {
        self.may_ask(&device.verifier(), at)?;
        self.store.write(|writer| {
            let stored = writer.head(row.as_str())?;
            let (generation, bytes) = stored.ok_or_else(|| VaultError::UnknownRow(row.clone()))?;
            let named = name_of(generation, &bytes);
            let failed = |error| VaultError::Row { row: row.clone(), error };
            let head = SealedHead::from_bytes(bytes).open(&self.keys, row).map_err(failed)?;
            let body = self.body_of(writer, &head)?.map_err(failed)?;
            let said = Said::Opening(Opening { vault: self.id(), at, head: named });
            super::change::append(writer, self.head(writer)?.log, device, &said)?;
            Ok(Opened { head, body })
        })
    }

    /// Which of these rows of a decision are worth a question.
    fn questions(
        &self,
        reader: &Reader<'_>,
        (signed, decision): (&SignedDecision, &Decision),
        rows: &BTreeSet<&RowId>,
        at: Timestamp,
        asking: Asking,
    ) -> Result<Vec<Question>, VaultError> {
        let (mut questions, mut settled) = (vec![], BTreeSet::<RowId>::new());
        for (place, ruling) in strictest(decision) {
            if !rows.contains(&ruling.row) {
                continue;
            }
            let answerable = |reason: &Reason| matches!(reason.need, Some(Need::Confirmation | Need::Settle));
            if ruling.verdict != Verdict::ReEarn || !ruling.reasons.iter().all(answerable) {
                continue;
            }
            let Some((_, sealed)) = reader.head(ruling.row.as_str())? else { continue };
            let Ok(head) = SealedHead::from_bytes(sealed).open(&self.keys, &ruling.row) else { continue };
            let open = head.last_earned() <= decision.header.at && !head.denied;
            if !open || !self.is_as_judged(reader, &head, ruling)? {
                continue;
            }
            if !self.is_due(reader, &head, at, asking)? {
                // Who was asked about one side of a contradiction was asked about the other.
                settled.extend(head.links.of(LinkKind::Contradicts).cloned());
                continue;
            }
            if self.changes_too_fast(reader, &head, at)? {
                continue;
            }
            let leaf = signed.unverified_leaves().get(place).map(|leaf| tree::leaf_hash(leaf.as_bytes()));
            if leaf.map(Digest::from_bytes).is_none_or(|leaf| was_answered(reader, &leaf).unwrap_or(true)) {
                continue;
            }
            let reasons = ruling.reasons.to_vec();
            let against = head.links.of(LinkKind::Contradicts).cloned().collect();
            let (at, row) = (decision.header.at, ruling.row.clone());
            questions.push(Question {
                row,
                decision: decision.id,
                at,
                until: at.plus(ANSWERED_WITHIN),
                reasons,
                against,
            });
        }
        questions.sort_by_key(|question| !question.reasons.iter().any(|reason| reason.need == Some(Need::Settle)));
        // One answer settles both sides of a contradiction.
        questions.retain(|question| {
            let first = !settled.contains(&question.row);
            settled.extend(question.against.iter().cloned());
            first
        });
        Ok(questions)
    }

    /// Whether the row still says what it said when it was judged, and what contradicted it then was not settled from the
    /// other side.
    fn is_as_judged(&self, reader: &Reader<'_>, head: &Head, ruling: &Ruling) -> Result<bool, VaultError> {
        let then = self.as_judged(reader, ruling)?;
        let contradicted = |head: &Head| head.links.any(LinkKind::Contradicts);
        Ok(then.is_some_and(|then| then.text == head.text && (contradicted(head) || !contradicted(&then))))
    }

    /// Whether nobody was asked about the row lately, or who was asked has not put it off.
    fn is_due(&self, reader: &Reader<'_>, head: &Head, at: Timestamp, asking: Asking) -> Result<bool, VaultError> {
        let recently = head.asked_at.is_some_and(|asked| at.since(asked) < ASKED_AGAIN);
        if !recently || asking == Asking::OncePerSpan {
            return Ok(!recently);
        }
        // Who was asked and has not answered yet may answer now. Since then the head may have changed for other reasons.
        for (_, sealed) in reader.heads_of(head.row.as_str())?.into_iter().rev() {
            let sealed = SealedHead::from_bytes(sealed);
            match sealed.open(&self.keys, &head.row) {
                Ok(opened) if opened.asked_at == head.asked_at => {
                    if put_it_off(reader, &sealed.digest())? {
                        return Ok(false);
                    }
                }
                _ => break,
            }
        }
        Ok(true)
    }

    /// Whether its text changed so often that an answer would be old before it was used.
    fn changes_too_fast(&self, reader: &Reader<'_>, head: &Head, at: Timestamp) -> Result<bool, VaultError> {
        let mut stated = vec![];
        for (_, sealed) in reader.heads_of(head.row.as_str())? {
            if let Ok(head) = SealedHead::from_bytes(sealed).open(&self.keys, &head.row) {
                stated.push((head.stated_at, head.text.commitment));
            }
        }
        let first = stated.iter().map(|(stated, _)| *stated).min().unwrap_or(head.stated_at);
        stated.dedup_by_key(|(_, text)| *text);
        let changes = i64::try_from(stated.len()).unwrap_or(i64::MAX) - 1;
        Ok(changes >= 2 && at.since(first).millis() / changes < ASKED_AGAIN.millis())
    }
}

/// What keeps a question from being asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// That somebody was asked.
    OncePerSpan,
    /// That whoever was asked put it off.
    UnlessPutOff,
}

/// Whether this head is what an answer made of the one before it that said no more than that there is none.
fn put_it_off(reader: &Reader<'_>, digest: &Digest) -> Result<bool, VaultError> {
    let found = Said::found_by(reader, digest.as_bytes())?;
    Ok(found.iter().any(|(_, said)| matches!(said, Said::Earning(earning) if earning.word.puts_off())))
}
