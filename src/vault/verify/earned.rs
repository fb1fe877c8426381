//! Whether every head follows from the one before it: what only an earning may change, an earning changed.

use super::log::{Kind, Log, Moved, Place};
use crate::id::{DecisionId, Digest};
use crate::row::{Head, LinkKind, Parents};
use crate::seal::SealedHead;
use crate::store::Reader;
use crate::time::Timestamp;
use crate::tree;
use crate::vault::earn::effect;
use crate::vault::entry::{HeadName, Word};
use crate::vault::{Vault, VaultError, stored_decision};

impl Vault {
    /// What is wrong with how a head follows from the one before it, if anything is; for an entry that answers a ruling on another
    /// row or text, that entry. `docs/formats.md`, "Earning".
    pub(super) fn wrongly_earned(
        &self,
        reader: &Reader<'_>,
        sealed: &SealedHead,
        head: &Head,
        before: Option<&(SealedHead, Head)>,
        log: &Log,
    ) -> Result<Option<Wrong>, VaultError> {
        let said = log.moves.get(&sealed.digest());
        let Some((last_sealed, last)) = before else {
            // Where the one before it does not open, that is what is wrong.
            let blank = earned(head) == (None, 0, false, None, None) && said.is_none();
            let wrong = !blank && head.previous.is_none();
            return Ok(wrong.then_some(Wrong::Head("begins with what only an entry of the log can say")));
        };
        let Some(Moved { place, moved, kind, at }) = said else {
            return Ok(
                is_unearned(last, head).then_some(Wrong::Head("changes what only an entry of the log can change"))
            );
        };
        if moved.from != (HeadName { generation: last.generation, digest: last_sealed.digest() }) {
            return Ok(Some(NOT_MADE));
        }
        let follows = |mut expected: Head, spoken_for: bool| {
            expected.generation = head.generation;
            expected.previous = head.previous;
            if head.parents == Parents::Changed && !spoken_for {
                expected.parents = Parents::Changed;
            }
            expected == *head
        };
        let mut expected = last.clone();
        let holds = match *kind {
            Kind::Ask => {
                expected.asked_at = Some(*at);
                follows(expected, true)
            }
            Kind::Earning { word, challenge } => {
                if let Some((decision, leaf)) = challenge
                    && !self.is_about(reader, decision, leaf, last)?
                {
                    return Ok(Some(Wrong::Answer(*place)));
                }
                effect::apply(word, *at, &mut expected);
                match word {
                    Word::Correct => {
                        (expected.text, expected.body) = (head.text, head.body);
                        expected.body_generation = head.generation;
                    }
                    Word::Recheck => (expected.boxes, expected.edited) = (head.boxes.clone(), head.edited),
                    _ => {}
                }
                let text_changed = head.text != last.text;
                let asked = last.asked_at.filter(|_| word.puts_off());
                let in_time = *at >= last.last_earned() && asked.is_none_or(|asked| *at >= asked);
                in_time && text_changed == (word == Word::Correct) && follows(expected, word.speaks_for())
            }
            // Which of the rows that it is tied to: only one of them gives this head.
            Kind::Settled { word } => last.links.iter().any(|(_, row, _)| {
                let mut expected = last.clone();
                effect::settle(word, row, &mut expected) && follows(expected, false)
            }),
        };
        Ok((!holds).then_some(NOT_MADE))
    }

    /// Whether the ruling with this leaf hash is about the row of this head, and its text.
    fn is_about(
        &self,
        reader: &Reader<'_>,
        decision: DecisionId,
        leaf: Digest,
        head: &Head,
    ) -> Result<bool, VaultError> {
        // Whether it is there at all, the log's own check says.
        let Ok(signed) = stored_decision(reader, &self.keys, decision) else { return Ok(true) };
        let Ok(read) = signed.read_unverified() else { return Ok(true) };
        let leaves = signed.unverified_leaves().iter().skip(1);
        let ruling = leaves.zip(&read.rulings).find(|(line, _)| tree::leaf_hash(line.as_bytes()) == *leaf.as_bytes());
        let Some((_, ruling)) = ruling else { return Ok(false) };
        Ok(ruling.row == head.row && self.as_judged(reader, ruling)?.is_some_and(|then| then.text == head.text))
    }
}

/// What only an earning changes.
type Earned = (Option<i64>, u64, bool, Option<i64>, Option<i64>);

fn earned(head: &Head) -> Earned {
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    (millis(head.confirmed_at), head.confirmations, head.denied, millis(head.observed_at), millis(head.asked_at))
}

/// What is wrong.
pub(super) enum Wrong {
    /// With the head.
    Head(&'static str),
    /// With the entry of this number: it answers no ruling on this row as it stood.
    Answer(Place),
}

const NOT_MADE: Wrong = Wrong::Head("is not what its entry makes of the one before it");

/// Whether a head that no entry speaks of differs from the one before it in what only an entry can change.
fn is_unearned(last: &Head, head: &Head) -> bool {
    let (_, _, denied, _, asked) = earned(last);
    let expected = if head.text == last.text { earned(last) } else { (None, 0, denied, None, asked) };
    let kept = |kind| last.links.of(kind).all(|row| head.links.has(kind, row));
    let settled = match last.parents {
        Parents::Changed => head.parents != Parents::Changed,
        Parents::Intact => head.parents == Parents::None,
        Parents::None => false,
    };
    let restated = head.text == last.text && head.stated_at != last.stated_at;
    earned(head) != expected || restated || !kept(LinkKind::SupersededBy) || !kept(LinkKind::Contradicts) || settled
}
