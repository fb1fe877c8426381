//! What an earning makes of a head: applied when it is written, and applied again when it is checked. `docs/formats.md`,
//! "Earning".

use crate::id::RowId;
use crate::row::{Head, LinkKind, MadeBy, Origin, Parents};
use crate::time::Timestamp;
use crate::vault::entry::Word;

/// What the word makes of the head of the row it is about. For a correction text and body are the caller's to set, for what
/// was examined again the boxes.
pub(in crate::vault) fn apply(word: Word, at: Timestamp, head: &mut Head) {
    match word {
        Word::Confirm => {
            head.confirmed_at = Some(at);
            head.confirmations = head.confirmations.saturating_add(1);
            // What is confirmed holds now, whatever end or beginning its record named.
            head.traits.valid_from = head.traits.valid_from.filter(|from| *from <= at);
            head.traits.valid_until = head.traits.valid_until.filter(|until| *until > at);
            stand(head);
        }
        Word::Correct => {
            head.stated_at = at;
            head.confirmed_at = Some(at);
            head.confirmations = 1;
            head.observed_at = None;
            head.traits.valid_from = None;
            head.traits.valid_until = None;
            head.traits.origin = Origin::User;
            head.traits.labels_by = MadeBy::Owner;
            head.edited = false;
            head.boxes = Default::default();
            head.evidence = None;
            stand(head);
        }
        Word::Deny => {
            head.denied = true;
            for row in others(head, LinkKind::Contradicts) {
                head.links.remove(LinkKind::Contradicts, &row);
                head.links.put(LinkKind::SupersededBy, row, MadeBy::Owner);
            }
        }
        Word::DontKnow | Word::Later => head.asked_at = Some(at),
        Word::Observe => head.observed_at = Some(at),
        Word::Recheck => {}
    }
}

/// The owner stands by the row: what contradicted or replaced it is replaced by it.
fn stand(head: &mut Head) {
    head.denied = false;
    if head.parents == Parents::Changed {
        head.parents = Parents::Intact;
    }
    for kind in [LinkKind::Contradicts, LinkKind::SupersededBy] {
        for row in others(head, kind) {
            head.links.remove(kind, &row);
            head.links.put(LinkKind::Supersedes, row, MadeBy::Owner);
        }
    }
}

/// The rows whose tie to this one the word settles.
pub(in crate::vault) fn settled_by(word: Word, head: &Head) -> Vec<RowId> {
    let kinds: &[LinkKind] = match word {
        Word::Confirm | Word::Correct => &[LinkKind::Contradicts, LinkKind::SupersededBy],
        Word::Deny => &[LinkKind::Contradicts],
        Word::DontKnow | Word::Later | Word::Observe | Word::Recheck => &[],
    };
    let mut rows: Vec<RowId> = kinds.iter().flat_map(|kind| others(head, *kind)).collect();
    rows.sort();
    rows.dedup();
    rows
}

/// What the word, said of `row`, makes of the head of a row that is tied to it. Whether there was such a tie.
pub(in crate::vault) fn settle(word: Word, row: &RowId, head: &mut Head) -> bool {
    match word {
        Word::Confirm | Word::Correct => {
            let kinds = [LinkKind::Contradicts, LinkKind::Supersedes];
            let tied = kinds.into_iter().filter(|kind| head.links.remove(*kind, row)).count() > 0;
            if tied {
                head.links.put(LinkKind::SupersededBy, row.clone(), MadeBy::Owner);
            }
            tied
        }
        // The two are not both confirmed later: whoever confirms the one then replaces the other.
        Word::Deny => {
            let tied = head.links.remove(LinkKind::Contradicts, row);
            if tied {
                head.links.put(LinkKind::Supersedes, row.clone(), MadeBy::Owner);
            }
            tied
        }
        Word::DontKnow | Word::Later | Word::Observe | Word::Recheck => false,
    }
}

fn others(head: &Head, kind: LinkKind) -> Vec<RowId> {
    head.links.of(kind).cloned().collect()
}
