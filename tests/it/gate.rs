//! The pure gate: a decision is a function of what it is given, and of nothing else.

use std::collections::HashMap;

use stillgood::{
    Candidate, DecideError, Gate, KeyValue, Offered, PolicySet, Request, RowId, SealedRow, SetName, Verdict, View,
};

use crate::support::{Home, draft, now, request, row};

/// The sealed rows of a vault file, as a caller with a store of its own would keep them.
fn sealed(home: &Home) -> HashMap<RowId, SealedRow> {
    let connection = rusqlite::Connection::open(home.path()).unwrap();
    let sql = "SELECT h.row, h.sealed, b.sealed FROM heads h JOIN bodies b ON b.row = h.row";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?)))
        .unwrap();
    rows.map(|stored| {
        let (id, head, body) = stored.unwrap();
        let (head, body) = (stillgood::SealedHead::from_bytes(head), stillgood::SealedBody::from_bytes(body));
        (row(&id), SealedRow { head, body: Some(body) })
    })
    .collect()
}

fn keys(home: &Home) -> stillgood::Keys {
    home.vault.ring().unlock(&home.identity).unwrap()
}

#[test]
fn the_same_input_gives_the_same_bytes_in_whatever_order_rows_are_kept() {
    let home = Home::new();
    home.add(&(0..30).map(|n| draft(&format!("r{n}"), &format!("text {n}"), n * 120)).collect::<Vec<_>>());
    let ids: Vec<String> = (0..30).map(|n| format!("r{n}")).collect();
    let request = request(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let (keys, rows, gate) = (keys(&home), sealed(&home), home.gate());
    let first = gate.decide(&keys, &request, &View::Unpinned, &rows).unwrap();
    let mut ids: Vec<&RowId> = rows.keys().collect();
    ids.sort();
    for reversed in [false, true] {
        let order: Vec<&RowId> = if reversed { ids.iter().rev().copied().collect() } else { ids.clone() };
        let again: HashMap<RowId, SealedRow> = order.into_iter().map(|id| (id.clone(), rows[id].clone())).collect();
        // Another gate, other unlocked keys: nothing is remembered between decisions.
        let decided = home
            .gate()
            .decide(&home.vault.ring().unlock(&home.identity).unwrap(), &request, &View::Unpinned, &again)
            .unwrap();
        assert_eq!(decided.decision.to_json(), first.decision.to_json());
    }
    let mut moved = request.clone();
    moved.candidates.swap(0, 1);
    let other = gate.decide(&keys, &moved, &View::Unpinned, &rows).unwrap();
    assert_ne!(other.id, first.id);
}

/// Three ways to one answer: a decision by programs, one by the interpreter, and the policies alone.
#[test]
fn programs_the_interpreter_and_an_evaluator_rule_alike() {
    let home = Home::new();
    home.add(&(0..60).map(|n| draft(&format!("r{n}"), &format!("text {n}"), n * 80)).collect::<Vec<_>>());
    let ids: Vec<String> = (0..60).map(|n| format!("r{n}")).collect();
    let mut request = request(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    for (n, candidate) in request.candidates.iter_mut().enumerate() {
        candidate.rerank = (n % 3 > 0).then(|| stillgood::Score::from_millionths(n as u32 * 16_000).unwrap());
    }
    let (keys, rows, set) = (keys(&home), sealed(&home), PolicySet::builtin());
    let device = || stillgood::Signer::from_pem(&home.device.to_pem(), &home.device.verifier()).unwrap();
    let decide = |set: &PolicySet| {
        let gate = Gate::new(set.clone(), device());
        gate.decide(&keys, &request, &View::Unpinned, &rows).unwrap().rulings
    };
    let (programs, interpreter) = (decide(&set), decide(&set.interpreted()));
    let mut verdicts = std::collections::BTreeSet::new();
    for evaluated in [set.clone(), set.interpreted()] {
        let mut evaluator = evaluated.evaluator();
        for (place, candidate) in request.candidates.iter().enumerate() {
            let (by_program, by_interpreter) = (&programs[place], &interpreter[place]);
            assert_eq!(by_program.verdict, by_interpreter.verdict, "{}", candidate.row);
            assert_eq!(by_program.reasons, by_interpreter.reasons, "{}", candidate.row);
            let head = rows[&candidate.row].head.open(&keys, &candidate.row).unwrap();
            let verdict = evaluator.verdict(&head, &request, candidate, place + 1);
            assert_eq!(verdict, by_program.verdict, "{}", candidate.row);
            verdicts.insert(verdict);
        }
    }
    assert_eq!(verdicts.len(), 3, "rows of every verdict");
}

#[test]
fn everything_that_was_decided_on_changes_the_id() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let (keys, rows, gate) = (keys(&home), sealed(&home), home.gate());
    let base = Request { purpose: Some("personal".into()), ..request(&["a"]) };
    let id = |request: &Request, view: &View| gate.decide(&keys, request, view, &rows).unwrap().id;
    let first = id(&base, &View::Unpinned);
    let vary = |change: fn(&mut Request)| {
        let mut request = base.clone();
        change(&mut request);
        id(&request, &View::Unpinned)
    };
    let varied = [
        vary(|request| request.at = request.at.plus(stillgood::Span::from_millis(1))),
        vary(|request| request.about = stillgood::About::Past),
        vary(|request| request.purpose = None),
        vary(|request| request.route = Some(stillgood::Route::Any)),
        vary(|request| request.artifact.label = Some("model".into())),
        vary(|request| request.occasion = stillgood::Occasion::WhatIf),
        vary(|request| _ = request.passed.insert("user_bio".parse().unwrap())),
        vary(|request| request.candidates[0].asked = true),
        vary(|request| request.candidates[0].rerank = None),
        vary(|request| request.candidates[0].offered = Some(Offered::new("text".into()))),
        id(&base, &View::Pinned { sequence: 1, head: stillgood::Digest::of(b"head") }),
    ];
    let mut all: Vec<_> = varied.into_iter().chain([first]).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 12);
}

#[test]
fn a_duplicate_is_ruled_twice_and_its_body_returned_once() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let retrieval = home.gate().decide(&keys(&home), &request(&["a", "a"]), &View::Unpinned, &sealed(&home)).unwrap();
    assert_eq!(retrieval.rulings.len(), 2);
    assert_eq!(retrieval.live.len(), 1);
}

#[test]
fn of_a_row_that_is_offered_twice_the_strictest_ruling_holds_for_its_text() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    for other_first in [true, false] {
        let mut request = request(&["a", "a"]);
        request.candidates[usize::from(!other_first)].offered = Some(Offered::new("another text".into()));
        let retrieval = home.vault.decide(&home.gate(), &request).unwrap();
        assert_eq!((retrieval.live.len(), retrieval.held().count(), retrieval.rulings.len()), (0, 1, 2));
    }
}

#[test]
fn a_body_that_is_not_offered_stays_unopened() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let mut rows = sealed(&home);
    rows.get_mut(&row("a")).unwrap().body = None;
    let retrieval = home.gate().decide(&keys(&home), &request(&["a"]), &View::Unpinned, &rows).unwrap();
    assert_eq!((retrieval.rulings[0].verdict, retrieval.rulings[0].opened), (Verdict::Live, false));
    assert!(retrieval.live[0].body.is_none());
}

#[test]
fn a_head_under_another_id_is_damage() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10), draft("b", "other", 10)]);
    let mut rows = sealed(&home);
    let b = rows[&row("b")].clone();
    rows.insert(row("a"), b);
    let retrieval = home.gate().decide(&keys(&home), &request(&["a"]), &View::Unpinned, &rows).unwrap();
    assert_eq!(retrieval.rulings[0].reasons[0].to_string(), "stillgood:damaged=repair");
    assert_eq!(retrieval.faults[0].what, "the head does not open: not this row");
    assert!(retrieval.rulings[0].judged.is_none());
}

#[test]
fn an_offered_text_is_compared_without_opening_the_body() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10), draft("b", "text", 10)]);
    let mut request = request(&["a", "b"]);
    request.candidates[0].offered = Some(Offered::new("text".into()));
    request.candidates[1].offered = Some(Offered::new("text!".into()));
    let retrieval = home.vault.decide(&home.gate(), &request).unwrap();
    assert_eq!(retrieval.rulings[0].verdict, Verdict::Live);
    assert_eq!(retrieval.rulings[1].reasons[0].to_string(), "stillgood:text-differs=repair");
    assert_eq!(home.vault.bodies_read(), 1);
}

#[test]
fn a_request_that_the_set_does_not_understand_decides_nothing() {
    let home = Home::new();
    let mut request = request(&[]);
    request.keys.insert("mood".into(), KeyValue::Text("good".into()));
    let decided = home.gate().decide(&keys(&home), &request, &View::Unpinned, &HashMap::new());
    assert_eq!(decided.err(), Some(DecideError::UnknownKey("mood".into())));
    request.keys.clear();
    request.artifact.blob_id = Some("short".into());
    let decided = home.gate().decide(&keys(&home), &request, &View::Unpinned, &HashMap::new());
    assert_eq!(decided.err(), Some(DecideError::Artifact));
}

#[test]
fn a_request_without_candidates_is_a_decision_too() {
    let home = Home::new();
    let retrieval = home.vault.decide(&home.gate(), &Request::at(now())).unwrap();
    assert!(retrieval.decision.verify(&home.device.verifier()).unwrap().rulings.is_empty());
    assert_eq!(retrieval.until, None);
}

#[test]
fn a_policy_that_fails_holds_the_row_back_and_says_so() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let files = [
        (
            "set.toml",
            "name = \"mine\"\nversion = 3\nbase = \"stillgood\"\n[request.divisor]\ntype = \"int\"\nmeaning = \"by what to divide\"\n",
        ),
        ("broken.rhai", "// Divides.\nif 10 / (request.divisor ?? 0) > 1 { background(\"large\") }\n"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into_iter().collect();
    let set = PolicySet::from_files(&files).unwrap();
    let device = stillgood::Signer::from_pem(&home.device.to_pem(), &home.device.verifier()).unwrap();
    let gate = Gate::new(set, device);
    let mut request = request(&["a"]);
    let retrieval = home.vault.decide(&gate, &request).unwrap();
    assert_eq!(retrieval.rulings[0].reasons[0].to_string(), "stillgood:policy-error=repair");
    assert_eq!(retrieval.faults[0].what, "policy `broken` failed: it divides by zero at 2:7");
    request.keys.insert("divisor".into(), KeyValue::Int(10));
    let retrieval = home.vault.decide(&gate, &request).unwrap();
    assert_eq!(retrieval.rulings[0].verdict, Verdict::Live);
    let decision = retrieval.decision.verify(gate.verifier()).unwrap();
    let SetName { name, version, digest } = decision.header.set;
    assert_eq!((name.as_str(), version, digest), ("mine", 3, gate.set().digest()));
    request.keys.insert("divisor".into(), KeyValue::Bool(true));
    assert!(home.vault.decide(&gate, &request).is_err());
}

#[test]
fn relevance_decides_whether_anybody_is_asked() {
    let home = Home::new();
    home.add(&[draft("a", "text", 3_700)]);
    let verdict = |change: fn(&mut Candidate)| {
        let mut request = request(&["a"]);
        change(&mut request.candidates[0]);
        home.vault.decide(&home.gate(), &request).unwrap().rulings[0].verdict
    };
    assert_eq!(verdict(|_| ()), Verdict::ReEarn);
    assert_eq!(
        verdict(|candidate| candidate.rerank = stillgood::Score::from_millionths(499_999).ok()),
        Verdict::Background
    );
    assert_eq!(verdict(|candidate| candidate.rerank = None), Verdict::Background);
    assert_eq!(verdict(|candidate| (candidate.rerank, candidate.asked) = (None, true)), Verdict::ReEarn);
    assert_eq!(
        verdict(|candidate| (candidate.rerank, candidate.distance) =
            (None, stillgood::Score::from_millionths(500_000).ok())),
        Verdict::ReEarn
    );
}

#[test]
fn the_sign_for_no_name_is_no_name() {
    let home = Home::new();
    let mut request = request(&["a"]);
    request.passed.insert("-".parse().unwrap());
    let outcome = home.vault.decide(&home.gate(), &request);
    assert!(matches!(outcome, Err(stillgood::VaultError::Decide(stillgood::DecideError::Passed))));
}
