//! Entries of a vault's log in sentences, and as JSON.

use serde_json::{Value as Json, json};
use stillgood::{Entry, Event, KeyName, ObservedIn, RowId, Word};

use crate::output::count;
use crate::words::listed;

/// What the keys add to an entry.
#[derive(Default)]
pub(crate) struct More {
    /// Words for the end of the sentence.
    pub(crate) words: Option<String>,
    /// Members of the JSON.
    pub(crate) json: Vec<(&'static str, Json)>,
}

/// What happened, in a sentence that somebody understands who sees the log for the first time.
pub(crate) fn sentence(entry: &Entry, more: &More) -> String {
    let more = more.words.as_deref().unwrap_or_default();
    match &entry.event {
        Event::Decision { id, rulings } => {
            format!("`{}` decided about {}{more}; decision {id}", entry.signer, count(whole(*rulings), "candidate"))
        }
        Event::Use { decision, placed, .. } => {
            let placed = match placed.len() {
                0 => "no row stood in its prompt".to_owned(),
                rows => format!("{} stood in its prompt{more}", count(rows, "row")),
            };
            format!("`{}` recorded an answer after decision {decision}: {placed}", entry.signer)
        }
        Event::Ask { decision, rows, .. } => {
            let rows: Vec<String> = rows.iter().map(named).collect();
            format!("`{}` asks about {}, held back by decision {decision}", entry.signer, listed(&rows))
        }
        Event::Opening { row, .. } => format!("`{}` opened {} for the owner to look at", entry.signer, named(row)),
        Event::Earning { word, who, decision, source, row, settled, .. } => {
            let mut text = said(*word, &speaker(*word, who, entry), *source, &named(row));
            if *who != entry.signer {
                text.push_str(&format!(", signed by {}", speaker(*word, &entry.signer, entry)));
            }
            if let Some(decision) = decision {
                text.push_str(&format!(", in answer to decision {decision}"));
            }
            let settled: Vec<String> = settled.iter().map(named).collect();
            if !settled.is_empty() {
                text.push_str(&format!("; {}", settles(*word, &listed(&settled))));
            }
            text
        }
        Event::Policies { name, version, digest, before, .. } => {
            let before = before.map(|before| format!(", in place of the set with digest {before}")).unwrap_or_default();
            format!(
                "`{}` decides by the policies `{name}` version {version} from here on, digest {digest}{before}",
                entry.signer
            )
        }
        Event::Forgetting { generation, .. } => format!(
            "the owner `{}` forgot a row, with all that was kept of it; the log does not say which ({} of it had been written)",
            entry.signer,
            count(whole(*generation), "version")
        ),
        Event::Unknown => "an entry of another kind or form; `stillgood verify` says what is wrong".to_owned(),
    }
}

/// What was said of a row since, for somebody who reads of that row. Other rows of the entry have no names here.
pub(crate) fn since(entry: &Entry, row: &RowId) -> String {
    let when = entry.at().map(|at| format!(", {at}")).unwrap_or_default();
    let other = match &entry.event {
        Event::Earning { row: Some(other), .. } => format!("row {other}"),
        _ => "another row".to_owned(),
    };
    match &entry.event {
        Event::Earning { word, who, source, row: about, .. } if about.as_ref() == Some(row) => {
            format!("{}{when}", said(*word, &speaker(*word, who, entry), *source, "it"))
        }
        Event::Earning { word, who, .. } => {
            let who = speaker(*word, who, entry);
            match word {
                Word::Deny => format!("{who} said that {other} is wrong, which contradicted it{when}"),
                Word::Correct => format!("{who} corrected {other}, which took its place{when}"),
                _ => format!("{who} confirmed {other}, which took its place{when}"),
            }
        }
        Event::Ask { decision, .. } => format!("the owner was asked about it after decision {decision}{when}"),
        _ => format!("{}{when}", sentence(entry, &More::default())),
    }
}

/// Whoever spoke. What the owner alone may sign, somebody else may have said.
fn speaker(word: Word, who: &KeyName, entry: &Entry) -> String {
    let is_owners = matches!(word, Word::Confirm | Word::Correct | Word::Deny);
    if is_owners && *who == entry.signer { format!("the owner `{who}`") } else { format!("`{who}`") }
}

/// What somebody said of a row.
fn said(word: Word, who: &str, source: Option<ObservedIn>, row: &str) -> String {
    match word {
        Word::Confirm => format!("{who} confirmed {row}"),
        Word::Correct => format!("{who} corrected {row}, which has another text since"),
        Word::Deny => format!("{who} said that {row} is wrong"),
        Word::DontKnow => format!("{who} was asked about {row} and did not know"),
        Word::Later => format!("{who} was asked about {row} and put it off"),
        Word::Observe => {
            let place = match source {
                Some(ObservedIn::Thread) => "in another conversation",
                Some(ObservedIn::User) => "in what the user said",
                Some(ObservedIn::Document) => "in a document",
                Some(ObservedIn::Data) => "in data that was verified",
                None => "somewhere",
            };
            format!("{who} saw {row} again {place}")
        }
        Word::Recheck => format!("{who} examined the evidence of {row} again, with another outcome"),
    }
}

/// What that did to other rows.
pub(crate) fn settles(word: Word, rows: &str) -> String {
    match word {
        Word::Deny => format!("its place goes to {rows}"),
        _ => format!("it takes the place of {rows}"),
    }
}

/// A row, or that it is gone: the log never held its id.
fn named(row: &Option<RowId>) -> String {
    row.as_ref().map_or_else(|| "a row that was forgotten since".to_owned(), |row| format!("row {row}"))
}

/// The entry as JSON.
pub(crate) fn as_json(entry: &Entry, more: More) -> Json {
    let id = |row: &Option<RowId>| row.as_ref().map(|row| row.as_str().to_owned());
    let mut json = match &entry.event {
        Event::Decision { id, rulings } => {
            json!({"event": "decision", "decision": id.to_string(), "rulings": rulings})
        }
        Event::Use { decision, placed, .. } => {
            json!({"event": "use", "decision": decision.to_string(), "placed": placed})
        }
        Event::Ask { decision, rows, .. } => {
            json!({"event": "ask", "decision": decision.to_string(), "rows": rows.iter().map(id).collect::<Vec<_>>()})
        }
        Event::Opening { row, .. } => json!({"event": "opening", "row": id(row)}),
        Event::Earning { word, who, decision, source, row, settled, .. } => json!({
            "event": "earning",
            "word": word.name(),
            "who": who.as_str(),
            "decision": decision.map(|decision| decision.to_string()),
            "source": source.map(ObservedIn::name),
            "row": id(row),
            "settled": settled.iter().map(id).collect::<Vec<_>>(),
        }),
        Event::Policies { name, version, digest, before, .. } => json!({
            "event": "policies",
            "name": name,
            "version": version,
            "digest": digest.to_string(),
            "before": before.map(|before| before.to_string()),
        }),
        Event::Forgetting { generation, .. } => json!({"event": "forgetting", "generation": generation}),
        Event::Unknown => json!({"event": "unknown"}),
    };
    if let Json::Object(members) = &mut json {
        members.insert("number".to_owned(), entry.index.into());
        members.insert("signer".to_owned(), entry.signer.as_str().into());
        members.insert("at".to_owned(), entry.at().map(|at| at.to_string()).into());
        members.extend(more.json.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    json
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use stillgood::Timestamp;

    use super::*;

    /// What no verb of this program writes is read all the same: a library's questions, and what a later version adds.
    #[test]
    fn entries_that_others_write() {
        let at = Timestamp::from_millis(0).expect("1970");
        let decision = "00000000000000000000000000000000".parse().expect("an id");
        let row: RowId = "m1".parse().expect("an id");
        let who: KeyName = "me/device".parse().expect("a name");
        let entry = |event| Entry { index: 7, signer: who.clone(), event };
        let said = |event| sentence(&entry(event), &More::default());

        let ask = Event::Ask { at, decision, rows: vec![Some(row.clone()), None] };
        assert_eq!(
            said(ask.clone()),
            "`me/device` asks about row m1, a row that was forgotten since, held back by decision \
             00000000000000000000000000000000"
        );
        assert_eq!(as_json(&entry(ask.clone()), More::default())["rows"], json!(["m1", null]));
        assert!(since(&entry(ask), &row).starts_with("the owner was asked about it after decision"));
        let recheck = |row| Event::Earning {
            word: Word::Recheck,
            at,
            who: who.clone(),
            decision: None,
            source: None,
            row,
            settled: vec![],
        };
        assert_eq!(
            since(&entry(recheck(Some(row.clone()))), &row),
            "`me/device` examined the evidence of it again, with another outcome, 1970-01-01T00:00:00.000Z"
        );
        assert!(said(recheck(None)).contains("a row that was forgotten since"));
        assert!(said(Event::Unknown).contains("another kind"));
        let settled = |word, about| Event::Earning {
            word,
            at,
            who: who.clone(),
            decision: None,
            source: None,
            row: about,
            settled: vec![Some(row.clone())],
        };
        let other: RowId = "m2".parse().expect("an id");
        let confirmed = since(&entry(settled(Word::Confirm, Some(other))), &row);
        assert!(confirmed.contains("confirmed row m2, which took its place"));
        assert!(since(&entry(settled(Word::Deny, None)), &row).contains("another row is wrong"));
    }
}
