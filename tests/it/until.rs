//! For how long a ruling stands: up to a millisecond before its `until` nothing about it changes with nothing but time passing,
//! and at it either something does, or it is known to stand for longer.

use std::collections::HashMap;

use stillgood::{
    Attached, Category, Code, Draft, Files, Finding, Found, Gate, Keys, Kind, PolicySet, Request, RowId, Ruling,
    SealedRow, SettlementRung, Signer, Span, Timestamp, View,
};

use crate::share::rows::SplitMix64;
use crate::support::{Home, draft, file, now, request};

/// Policies in which every kind of comparison meets every kind of clock.
const CLOCKS: [(&str, &str); 10] = [
    ("age", "if row.age > days(30) { background(\"a\") } else if row.age == days(3) { background(\"b\") }"),
    ("sum", "if row.age + hours(5) >= days(40) - minutes(1) { background(\"a\") }"),
    ("product", "if row.age * 3 < days(90) || 2 * row.unconfirmed_for >= days(500) { background(\"a\") }"),
    ("both", "if row.age + (row.ended_for ?? days(0)) > days(100) { stale(\"a\", confirmation()) }"),
    (
        "left",
        "if (row.expires_in ?? days(1)) <= days(0) && (row.starts_in ?? -days(1)) < hours(1) { background(\"a\") }",
    ),
    ("minus", "if -row.age != -days(7) { background(\"a\") }"),
    (
        "named",
        "let limit = if row.kind == \"episodic\" { days(14) } else { row.age * 2 };\nlet old = row.unconfirmed_for;\nif old > limit { background(\"a\") }",
    ),
    (
        "function",
        "fn old(age, limit) { if age > limit * 2 { return true } age > limit }\nif old(row.age, days(60)) { background(\"a\") }",
    ),
    (
        "ways",
        "fn way(age, kind) { if kind == \"episodic\" { return age * 2 } if age > days(90) { return days(1) } age }\nif way(row.age, row.kind) > days(50) { background(\"a\") }",
    ),
    (
        "steps",
        "if row.survival < 0.4 { stale(\"a\", confirmation()) } else if row.data.state == \"lapsed\" { background(\"b\") }",
    ),
];

fn set(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> PolicySet {
    let mut all = Files::from([
        ("set.toml".to_owned(), std::fs::read(file("tests/policies/set.toml")).unwrap()),
        ("vouches.rhai".to_owned(), b"// Holds.\nif row.survival >= param.holds { live(\"holds\") }\n".to_vec()),
    ]);
    all.extend(files);
    PolicySet::from_files(&all).unwrap()
}

fn sets() -> Vec<(String, PolicySet)> {
    let mut sets = vec![("the shipped set".to_owned(), PolicySet::builtin())];
    for (name, policy) in CLOCKS {
        let policy = format!("// A clock.\n{policy}\n");
        sets.push((name.to_owned(), set([(format!("{name}.rhai"), policy.into_bytes())])));
    }
    for entry in std::fs::read_dir(file("tests/policies/right")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".rhai") {
            sets.push((name.clone(), set([(name, std::fs::read(path).unwrap())])));
        }
    }
    sets
}

/// Rows of all ages, with beginnings, ends and deadlines around now, and one that is dated ahead.
fn drafts() -> Vec<Draft> {
    let mut random = SplitMix64(7);
    let mut days = |least: i64, most: i64| least + (random.next() % (most - least) as u64) as i64;
    let row = |number: usize| {
        let mut draft = draft(&format!("r{number}"), "text", days(0, 700));
        draft.stated_at = draft.stated_at.plus(Span::from_millis(days(0, 80_000_000)));
        let traits = &mut draft.traits;
        traits.kind = if number.is_multiple_of(2) { Kind::Episodic } else { Kind::Semantic };
        traits.categories.insert(Category::ALL[number % Category::ALL.len()]);
        let mut near = || Some(now().plus(Span::from_millis(days(-9_000_000_000, 9_000_000_000))));
        if number.is_multiple_of(3) {
            traits.valid_until = near();
        }
        if number.is_multiple_of(4) {
            traits.valid_from =
                traits.valid_until.map_or_else(&mut near, |end| Some(end.plus(Span::days(-9).unwrap())));
        }
        let finding = Finding { state: Found::Verified, as_of: Some(draft.stated_at) };
        if number.is_multiple_of(5) {
            draft.boxes.data = Some(Attached { finding, detail: near() });
            draft.boxes.settlement = Some(Attached { finding, detail: (SettlementRung::Announced, near()) });
            draft.boxes.attestation = Some(Attached { finding, detail: Code::Listed });
        }
        draft
    };
    let mut drafts: Vec<Draft> = (0..24).map(row).collect();
    drafts[23].stated_at = now().plus(Span::days(3).unwrap());
    drafts
}

struct Desk {
    gate: Gate,
    keys: Keys,
    rows: HashMap<RowId, SealedRow>,
    request: Request,
}

impl Desk {
    fn ruling(&self, at: Timestamp) -> Ruling {
        let request = Request { at, ..self.request.clone() };
        let retrieval = self.gate.decide(&self.keys, &request, &View::Unpinned, &self.rows).unwrap();
        retrieval.rulings.into_iter().next().unwrap()
    }

    /// What a ruling says, without the facts it was made from, which move with time.
    fn said(&self, at: Timestamp) -> (String, Option<Timestamp>) {
        let Ruling { verdict, reasons, until, .. } = self.ruling(at);
        (format!("{verdict} {reasons:?}"), until)
    }
}

#[test]
fn a_ruling_stands_until_it_says() {
    let home = Home::new();
    let keys = || home.vault.ring().unlock(&home.identity).unwrap();
    let sealed: Vec<(RowId, SealedRow)> =
        drafts().iter().map(|draft| (draft.row.clone(), SealedRow::seal(&keys(), draft).unwrap())).collect();
    let (mut ends, mut changes) = (0, 0);
    for (name, set) in sets() {
        for (id, row) in &sealed {
            let device = Signer::from_pem(&home.device.to_pem(), &home.device.verifier()).unwrap();
            let rows = HashMap::from([(id.clone(), row.clone())]);
            let desk =
                Desk { gate: Gate::new(set.clone(), device), keys: keys(), rows, request: request(&[id.as_str()]) };
            let (mut at, mut now_said) = (now(), desk.said(now()));
            // From one change to the next.
            for _ in 0..6 {
                let (said, until) = &now_said;
                let Some(until) = *until else {
                    for years in [1, 30, 900] {
                        let later = desk.said(at.plus(Span::days(365 * years).unwrap()));
                        assert_eq!(later, now_said, "{name}, {id}: nothing ends it, and {years} years later");
                    }
                    break;
                };
                assert!(until > at, "{name}, {id}: {until} does not lie after {at}");
                let length = until.since(at).millis();
                for before in [1, length / 3, length / 2].into_iter().filter(|before| (1..length).contains(before)) {
                    let before = desk.said(until.plus(Span::from_millis(-before)));
                    assert_eq!(before, now_said, "{name}, {id}: before {until}");
                }
                let then = desk.said(until);
                assert!(then.0 != *said || then.1 != Some(until), "{name}, {id}: at {until} nothing changes: {then:?}");
                assert!(then.1.is_none_or(|next| next >= until), "{name}, {id}: {then:?} at {until}");
                ends += 1;
                changes += usize::from(then.0 != *said);
                (at, now_said) = (until, then);
            }
        }
    }
    println!("{ends} ends looked at, {changes} of them changes");
    assert!(ends > 1_000 && changes > 200, "{ends} ends, {changes} changes");
}
