//! A row's boxes for a person: one below the other with what each shows and does not, or side by side over several rows.

use std::fmt::Write as _;

use crate::failure::visible;
use serde_json::{Map, Value as Json, json};
use stillgood::{BoxKind, Boxes, RowId, Saying, Timestamp};

/// What was noticed while a row's evidence was examined.
pub(crate) type Noticed<'a> = &'a [(BoxKind, String)];

/// Each box that holds something: its state, what it shows, what it does not, and what was noticed.
pub(crate) fn in_words(boxes: &Boxes, noticed: Noticed<'_>, at: Timestamp) -> String {
    let mut text = String::new();
    for (kind, saying) in held(boxes, at) {
        let mut state = saying.state.name().to_owned();
        for more in saying.detail.map(str::to_owned).into_iter().chain(own(boxes, kind)) {
            state.push_str(", ");
            state.push_str(&more);
        }
        let as_of = saying.as_of.map(|as_of| format!(", as of {as_of}")).unwrap_or_default();
        put(&mut text, format!("{:<12} {state}{as_of}", kind.name()));
        put(&mut text, format!("  shown      {}", saying.shown));
        put(&mut text, format!("  not shown  {}", saying.not_shown));
        for (_, said) in noticed.iter().filter(|(of, _)| *of == kind) {
            // One line each, whatever it quotes.
            put(&mut text, format!("  noticed    {}", visible(said)));
        }
    }
    for (_, said) in noticed.iter().filter(|(kind, _)| boxes.finding(*kind).is_none()) {
        put(&mut text, format!("noticed      {}", visible(said)));
    }
    if text.is_empty() {
        put(&mut text, "no box is filled by this alone".to_owned());
    }
    text
}

/// The same as JSON. What was noticed is left out where nothing was examined.
pub(crate) fn as_json(boxes: &Boxes, noticed: Option<Noticed<'_>>, at: Timestamp) -> Json {
    let one = |(kind, saying): (BoxKind, Saying)| {
        let mut json = json!({
            "state": saying.state.name(),
            "as_of": saying.as_of.map(|as_of| as_of.to_string()),
            "detail": saying.detail,
            "carries": own(boxes, kind),
            "shown": saying.shown,
            "not_shown": saying.not_shown,
        });
        if let (Some(noticed), Some(members)) = (noticed, json.as_object_mut()) {
            let said = noticed.iter().filter(|(of, _)| *of == kind).map(|(_, said)| said.as_str());
            members.insert("noticed".to_owned(), said.collect());
        }
        (kind.name().to_owned(), json)
    };
    Json::Object(held(boxes, at).map(one).collect::<Map<_, _>>())
}

/// The state of each box of several rows, a row a line; nothing where none holds anything.
pub(crate) fn side_by_side(rows: &[(&RowId, &Boxes)], at: Timestamp) -> String {
    let rows: Vec<_> = rows.iter().filter(|(_, boxes)| held(boxes, at).next().is_some()).collect();
    let mut text = String::new();
    if rows.is_empty() {
        return text;
    }
    let width = rows.iter().map(|(row, _)| row.as_str().chars().count()).max().unwrap_or(0).clamp(3, 24);
    let line = |name: &str, cells: Vec<&str>| {
        let cells = cells.iter().zip(BoxKind::ALL).map(|(cell, kind)| format!("{cell:<width$}", width = column(kind)));
        format!("{name:<width$}  {}", cells.collect::<Vec<_>>().join(" ")).trim_end().to_owned()
    };
    put(&mut text, line("row", BoxKind::ALL.iter().map(|kind| kind.name()).collect()));
    for (row, boxes) in rows {
        let states = BoxKind::ALL.iter().map(|kind| match boxes.finding(*kind) {
            None => "-",
            Some(_) => boxes.state_at(*kind, at).name(),
        });
        put(&mut text, line(row.as_str(), states.collect()));
    }
    text
}

/// What the boxes of rows held at the time of a decision: side by side, and of one row that is asked about in full too.
pub(crate) fn then(rows: &[(&RowId, &Boxes)], at: Timestamp, in_full: bool) -> String {
    let table = side_by_side(rows, at);
    if table.is_empty() {
        return "\nevidence then: nothing was attached\n".to_owned();
    }
    let mut text = format!("\nevidence then, each box for itself:\n{table}");
    if in_full {
        for (_, boxes) in rows {
            text.push_str(&format!("\n{}", in_words(boxes, &[], at)));
        }
        text.push_str("\nwhat is noticed of it now, `stillgood recheck` says\n");
    }
    text
}

/// The longest state has twelve letters, and no name more.
fn column(kind: BoxKind) -> usize {
    if kind == BoxKind::Data { 0 } else { 12 }
}

fn held(boxes: &Boxes, at: Timestamp) -> impl Iterator<Item = (BoxKind, Saying)> {
    BoxKind::ALL.into_iter().filter_map(move |kind| Some((kind, boxes.saying(kind, at)?)))
}

/// What a box carries in words or times of its own.
fn own(boxes: &Boxes, kind: BoxKind) -> Vec<String> {
    let mut all = vec![];
    match kind {
        BoxKind::Settlement => {
            let due = boxes.settlement.as_ref().and_then(|attached| attached.detail.1);
            all.extend(due.map(|due| format!("due {due}")));
        }
        BoxKind::Artifact => {
            if let Some(attached) = &boxes.artifact {
                all.extend(attached.detail.label.as_ref().map(|label| format!("label {label}")));
                all.extend(attached.detail.blob_id.as_ref().map(|blob| format!("blob id {blob}")));
            }
        }
        BoxKind::Data => {
            let until = boxes.data.as_ref().and_then(|attached| attached.detail);
            all.extend(until.map(|until| format!("fresh until {until}")));
        }
        _ => {}
    }
    all
}

fn put(text: &mut String, line: String) {
    writeln!(text, "{line}").expect("writing to memory cannot fail");
}
