//! Exports of other systems: every draft is one that a vault takes.

use stillgood::import::memsync;
use stillgood::{Draft, RowId, SealedRow, Timestamp};

use super::lab::{KEYS, now};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(imported) = memsync::read(bytes, now()) else { return false };
    for draft in &imported.drafts {
        taken(draft);
    }
    let records: Vec<usize> = imported.refused.iter().map(|refusal| refusal.record).collect();
    assert!(records.is_sorted_by(|a, b| a < b), "each record is refused once, in order");
    assert!(records.last().is_none_or(|last| (1..=records.len() + imported.drafts.len()).contains(last)));
    for refusal in &imported.refused {
        assert!(!refusal.to_string().contains(char::is_control), "a refusal is one line: {refusal:?}");
    }
    !imported.drafts.is_empty()
}

fn taken(draft: &Draft) {
    assert_eq!(draft.row.as_str().parse::<RowId>().as_ref(), Ok(&draft.row));
    assert!((1..=1_048_576).contains(&draft.body.text().len()));
    let Draft { traits, stated_at, updated_at, .. } = draft;
    for time in [Some(*stated_at), *updated_at, traits.valid_from, traits.valid_until].into_iter().flatten() {
        assert_eq!(Timestamp::from_millis(time.millis()), Ok(time));
        assert!(("0001".."9999~").contains(&time.to_string().as_str()));
    }
    if let Some(details) = draft.body.details() {
        assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(details).is_ok());
    }
    let sealed = SealedRow::seal(&KEYS, draft).expect("a vault takes it");
    let head = sealed.head.open(&KEYS, &draft.row).expect("its head opens");
    let body = sealed.body.expect("it has a body").open(&KEYS, &head).expect("its body opens");
    assert!(body == draft.body && head.traits == *traits && head.stated_at == *stated_at);
}
