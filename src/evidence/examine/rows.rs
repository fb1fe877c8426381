//! Whole rows, one difference each: `tests/vectors/examinations.json`, under a root of its own.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::Deserialize;

use super::*;
use crate::evidence::attestation::tests::Root;
use crate::evidence::{Attachments, Material, MaterialKind};

/// The good row, and the others by their differences.
#[derive(Deserialize)]
pub(super) struct Rows {
    roots: serde_json::Value,
    at: String,
    text: String,
    codes: String,
    pieces: BTreeMap<String, Piece>,
    expected: BTreeMap<String, String>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    text: Option<String>,
    /// `None` for the good row's list, `Some(None)` for none.
    #[serde(default, deserialize_with = "stated")]
    codes: Option<Option<String>>,
    at: Option<String>,
    body_generation: Option<u64>,
    pieces: BTreeMap<String, Option<Piece>>,
    expected: BTreeMap<String, String>,
    noticed: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    later: Vec<Later>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Later {
    at: String,
    states: BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    Bytes { base64: String },
}

fn stated<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// One row, ready to be examined.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) pieces: BTreeMap<MaterialKind, Vec<u8>>,
    pub(super) codes: Option<CodeList>,
    pub(super) at: Timestamp,
    pub(super) body_generation: u64,
}

/// What is attached, without its bytes.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.pieces.keys()).finish()
    }
}

fn kind(name: &str) -> MaterialKind {
    MaterialKind::from_name(name).unwrap_or_else(|| panic!("there is no kind {name}"))
}

fn bytes(piece: &Piece) -> Vec<u8> {
    match piece {
        Piece::Text(text) => text.clone().into_bytes(),
        Piece::Bytes { base64 } => BASE64.decode(base64.as_bytes()).unwrap(),
    }
}

impl Rows {
    pub(super) fn read() -> Self {
        serde_json::from_str(include_str!("../../../tests/vectors/examinations.json")).unwrap()
    }

    pub(super) fn root(&self) -> Root {
        Root::of(&serde_json::json!({ "roots": self.roots }), "root")
    }

    pub(super) fn good(&self) -> Row {
        Row {
            text: self.text.clone(),
            pieces: self.pieces.iter().map(|(name, piece)| (kind(name), bytes(piece))).collect(),
            codes: Some(CodeList::from_json(self.codes.as_bytes()).unwrap()),
            at: self.at.parse().unwrap(),
            body_generation: 1,
        }
    }

    fn row(&self, vector: &Vector) -> Row {
        let mut row = self.good();
        for (name, piece) in &vector.pieces {
            match piece {
                Some(piece) => row.pieces.insert(kind(name), bytes(piece)),
                None => row.pieces.remove(&kind(name)),
            };
        }
        row.text = vector.text.clone().unwrap_or(row.text);
        if let Some(codes) = &vector.codes {
            row.codes = codes.as_ref().map(|codes| CodeList::from_json(codes.as_bytes()).unwrap());
        }
        row.at = vector.at.as_ref().map_or(row.at, |at| at.parse().unwrap());
        row.body_generation = vector.body_generation.unwrap_or(1);
        row
    }

    /// The pieces of the vectors that have one piece in place of the good row's, and nothing else.
    pub(super) fn replacements(&self) -> Vec<(String, MaterialKind, Vec<u8>)> {
        let of = |vector: &Vector| {
            let mut pieces = vector.pieces.iter();
            let (name, piece) = pieces.next()?;
            let alone = pieces.next().is_none();
            alone.then_some((vector.name.clone(), kind(name), bytes(piece.as_ref()?)))
        };
        self.vectors.iter().filter_map(of).collect()
    }
}

impl Row {
    /// Examined with its pieces in the order of their kinds.
    pub(super) fn examined(&self, root: &Root) -> Examination {
        let pieces: Vec<_> = self.pieces.iter().map(|(kind, bytes)| (*kind, bytes.as_slice())).collect();
        self.examined_of(&pieces, root)
    }

    /// The same with these pieces, in this order.
    pub(super) fn examined_of(&self, pieces: &[(MaterialKind, &[u8])], root: &Root) -> Examination {
        let mut evidence = Evidence::default();
        for (kind, bytes) in pieces {
            evidence.attach(Material::new(*kind, bytes.to_vec()).unwrap(), self.at, 1).unwrap();
        }
        let case = Case {
            text: &self.text,
            evidence: &evidence,
            body_generation: self.body_generation,
            codes: self.codes.as_ref(),
            at: self.at,
        };
        case.examine_under(&|document| document.verify_under(&root.anchor(), document.claimed_at()))
    }
}

/// A box in one line: its state, what it alone carries, and the time it speaks of where that is another.
fn described(boxes: &Attachments, kind: BoxKind, at: Timestamp) -> String {
    fn or_dash<T: ToString>(value: Option<T>) -> String {
        value.map_or("-".to_owned(), |value| value.to_string())
    }
    let Some(finding) = boxes.finding(kind) else { return "absent".to_owned() };
    let detail = match kind {
        BoxKind::Binding => boxes.binding.as_ref().unwrap().detail.name().to_owned(),
        BoxKind::Attestation => boxes.attestation.as_ref().unwrap().detail.name().to_owned(),
        BoxKind::Mode => boxes.mode.as_ref().unwrap().detail.name().to_owned(),
        BoxKind::Settlement => {
            let (rung, due) = boxes.settlement.as_ref().unwrap().detail;
            rung.name().to_owned() + &due.map_or(String::new(), |due| format!(" due {due}"))
        }
        BoxKind::Payment => boxes.payment.as_ref().unwrap().detail.name().to_owned(),
        BoxKind::Route => boxes.route.as_ref().unwrap().detail.name().to_owned(),
        BoxKind::Artifact => {
            let artifact = &boxes.artifact.as_ref().unwrap().detail;
            format!("{} {}", or_dash(artifact.label.as_ref()), or_dash(artifact.blob_id.as_ref()))
        }
        BoxKind::Data => boxes.data.as_ref().unwrap().detail.map_or("-".to_owned(), |until| format!("until {until}")),
    };
    let as_of = if finding.as_of == Some(at) { String::new() } else { format!(" as of {}", or_dash(finding.as_of)) };
    format!("{} {detail}{as_of}", boxes.state_at(kind, at).name())
}

/// All that is not as expected of one vector, in lines.
fn wrong(rows: &Rows, vector: &Vector, root: &Root) -> Vec<String> {
    let (row, name) = (rows.row(vector), &vector.name);
    let found = row.examined(root);
    let mut wrong = vec![];
    for kind in BoxKind::ALL {
        let expected = vector.expected.get(kind.name()).unwrap_or(&rows.expected[kind.name()]);
        let shown = described(&found.boxes, kind, row.at);
        if shown != *expected {
            let noticed: Vec<_> = found.noticed.iter().filter(|(of, _)| *of == kind).map(|(_, said)| said).collect();
            wrong.push(format!("{name}, {}: expected `{expected}`, found `{shown}` {noticed:?}", kind.name()));
        }
    }
    for (of, words) in &vector.noticed {
        let of = BoxKind::from_name(of).unwrap();
        for word in words {
            if !found.noticed.iter().any(|(kind, said)| *kind == of && said.contains(word.as_str())) {
                wrong.push(format!("{name}, {}: `{word}` is not among {:?}", of.name(), found.noticed));
            }
        }
    }
    for Later { at, states } in &vector.later {
        for (of, expected) in states {
            let state = found.boxes.state_at(BoxKind::from_name(of).unwrap(), at.parse().unwrap()).name();
            if state != expected {
                wrong.push(format!("{name}, {of} at {at}: expected {expected}, found {state}"));
            }
        }
    }
    wrong
}

#[test]
fn a_row_with_one_difference_differs_in_the_boxes_it_concerns_and_in_no_other() {
    let rows = Rows::read();
    let root = rows.root();
    assert_eq!((rows.vectors.len(), rows.expected.len(), rows.pieces.len()), (127, 8, 11));
    let wrong: Vec<String> = rows.vectors.iter().flat_map(|vector| wrong(&rows, vector, &root)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every box but that of the route, which is claimed at most, is verified somewhere, and refuted somewhere.
    for kind in BoxKind::ALL {
        let says = |state: &str| {
            let mut others = rows.vectors.iter().filter_map(|vector| vector.expected.get(kind.name()));
            rows.expected[kind.name()].starts_with(state) || others.any(|expected| expected.starts_with(state))
        };
        assert_eq!((says("verified"), says("contradicted")), (kind != BoxKind::Route, true), "{}", kind.name());
    }
}

#[test]
fn every_piece_of_the_good_row_is_told_by_its_content() {
    let row = Rows::read().good();
    for (kind, bytes) in &row.pieces {
        let saved = match kind {
            MaterialKind::Key => {
                let text = pkcs8::der::pem::encode_string("PUBLIC KEY", Default::default(), bytes).unwrap();
                text.into_bytes()
            }
            _ => bytes.clone(),
        };
        let material = Material::recognise(&saved).unwrap();
        assert_eq!((material.kind(), material.bytes()), (*kind, bytes.as_slice()));
    }
}
