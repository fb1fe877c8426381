//! Whether every head follows from the one before it: what only an earning may change, an earning changed.

use super::entries::{Kind, Log, Moved};
use crate::id::{DecisionId, Digest};
use crate::row::{Head, LinkKind, Parents};
use crate::seal::SealedHead;
use crate::store::Reader;
use crate::tree;
use crate::vault::earn::effect;
use crate::vault::entry::{HeadName, Word};
use crate::vault::{Vault, VaultError, stored_decision};

impl Vault {
    /// What is wrong with how a head follows from the one before it, if anything is. `docs/formats.md`, "Earning".
    pub(super) fn wrongly_earned(
        &self,
        reader: &Reader<'_>,
        sealed: &SealedHead,
        head: &Head,
        before: Option<&(SealedHead, Head)>,
        log: &Log,
    ) -> Result<Option<&'static str>, VaultError> {
        let said = log.moves.get(&sealed.digest());
        let Some((last_sealed, last)) = before else {
            let blank = earned(head) == (None, 0, false, None, None) && said.is_none();
            return Ok((!blank).then_some("is the first, and is confirmed, denied, observed or asked about already"));
        };
        let Some(Moved { moved, kind, at }) = said else {
            return Ok(unearned(last, head));
        };
        if moved.from != (HeadName { generation: last.generation, digest: last_sealed.digest() }) {
            return Ok(Some("is what an earning made of another head"));
        }
        let follows = |mut expected: Head| {
            expected.generation = head.generation;
            expected.previous = head.previous;
            if head.parents == Parents::Changed {
                expected.parents = Parents::Changed;
            }
            expected == *head
        };
        let mut expected = last.clone();
        let holds = match *kind {
            Kind::Ask => {
                expected.asked_at = Some(*at);
                follows(expected)
            }
            Kind::Earning { word, challenge } => {
                if let Some((decision, leaf)) = challenge
                    && !self.is_about(reader, decision, leaf, last)?
                {
                    return Ok(Some("is an earning in answer to a ruling on another row or text"));
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
                in_time && text_changed == (word == Word::Correct) && follows(expected)
            }
            // Which of the rows that it is tied to: only one of them gives this head.
            Kind::Settled { word } => last.links.iter().any(|(_, row, _)| {
                let mut expected = last.clone();
                effect::settle(word, row, &mut expected) && follows(expected)
            }),
        };
        Ok((!holds).then_some("is not what its earning makes of the one before it"))
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
        let Some((_, ruling)) = ruling else { return Ok(true) };
        let Some(judged) = ruling.judged.filter(|_| ruling.row == head.row) else { return Ok(false) };
        let then = reader.head_of(head.row.as_str(), judged.generation)?.map(SealedHead::from_bytes);
        let then = then.and_then(|sealed| sealed.open(&self.keys, &head.row).ok());
        Ok(then.is_some_and(|then| then.text == head.text))
    }
}

/// What only an earning changes.
type Earned = (Option<i64>, u64, bool, Option<i64>, Option<i64>);

fn earned(head: &Head) -> Earned {
    let millis = |time: Option<crate::time::Timestamp>| time.map(crate::time::Timestamp::millis);
    (millis(head.confirmed_at), head.confirmations, head.denied, millis(head.observed_at), millis(head.asked_at))
}

/// What is wrong with a head that no entry speaks of.
fn unearned(last: &Head, head: &Head) -> Option<&'static str> {
    let (_, _, denied, _, asked) = earned(last);
    let expected = if head.text == last.text { earned(last) } else { (None, 0, denied, None, asked) };
    if earned(head) != expected {
        return Some("is confirmed, denied, observed or asked about by no earning");
    }
    let kept = |kind| last.links.of(kind).all(|row| head.links.has(kind, row));
    if !kept(LinkKind::SupersededBy) || !kept(LinkKind::Contradicts) {
        return Some("is superseded or contradicted no longer, by no earning");
    }
    let loosened = match last.parents {
        Parents::Changed => head.parents != Parents::Changed,
        Parents::Intact => head.parents == Parents::None,
        Parents::None => false,
    };
    loosened.then_some("has settled parents, by no earning")
}
