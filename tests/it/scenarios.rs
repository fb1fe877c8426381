//! The eight scenarios: what is true of a row is not what gets read into it. Each is a file of cases in `tests/scenarios`, with
//! a twin that stays live; what cases cannot say (what is stored, opened, kept) is asked of a vault.

use std::collections::HashMap;

use stillgood::{
    About, Artifact, Attached, Boxes, Code, DecisionId, Draft, Earning, Files, Finding, Found, How, OwnLink, PolicySet,
    Private, Request, Retrieval, Route, RowId, Ruling, SealedHead, SealedRow, SettlementRung, Span, Timestamp, Verdict,
    View,
};

use crate::support::{Home, draft, earn, file, now, request, row};

const SCENARIOS: [&str; 8] =
    ["1-live-data", "2-route", "3-badge", "4-receipt", "5-answer-first", "6-old-row", "7-judgement", "8-same-label"];

// The cases.

#[test]
fn every_scenario_comes_out_as_its_cases_say() {
    let mut found: Vec<String> = std::fs::read_dir(file("tests/scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, SCENARIOS.map(|name| format!("{name}.json")));
    let (set, mut rulings) = (PolicySet::builtin(), 0);
    for name in SCENARIOS {
        let cases = std::fs::read(file("tests/scenarios").join(format!("{name}.json"))).unwrap();
        // They are cases of a whole set, and run as such.
        let files = Files::from([("set.cases.json".to_owned(), cases)]);
        for set in [&set, &set.interpreted()] {
            for outcome in set.run_cases(&files).unwrap() {
                assert_eq!(outcome.said, outcome.expected, "{name}, {}", outcome.name);
                rulings += outcome.said.split("; ").count();
            }
        }
    }
    println!("{rulings} rulings, by programs and by the interpreter");
}

#[test]
fn every_scenario_says_all_of_each_ruling_and_has_a_twin_that_stays_live() {
    for name in SCENARIOS {
        let cases = std::fs::read(file("tests/scenarios").join(format!("{name}.json"))).unwrap();
        let cases: Vec<serde_json::Value> = serde_json::from_slice(&cases).unwrap();
        let (mut twins, mut held) = (0, 0);
        for case in &cases {
            let said = case["name"].as_str().unwrap();
            let expected = case["expect"].as_array().unwrap();
            assert_eq!(expected.len(), case["rows"].as_array().unwrap().len(), "{name}, {said}");
            for ruling in expected {
                let reasons = ruling["reasons"].as_array().unwrap();
                assert!(ruling["until"].is_string() && !reasons.is_empty(), "{name}, {said}: {ruling}");
            }
            let is_live = |ruling: &serde_json::Value| ruling["verdict"] == "live";
            if said.contains("twin") {
                twins += 1;
                assert!(expected.iter().all(is_live), "{name}, {said}");
            } else {
                held += expected.iter().filter(|ruling| !is_live(ruling)).count();
            }
        }
        assert!(twins > 0 && held > 0, "{name}: {twins} twins, {held} rows that are not live");
        for pair in ["before", "after"].iter().filter(|_| "4568".contains(&name[..1])) {
            assert!(cases.iter().any(|case| case["name"].as_str().unwrap().starts_with(pair)), "{name}: {pair}");
        }
    }
}

// Through a vault.

fn minutes(minutes: i64) -> Span {
    Span::minutes(minutes).unwrap()
}

fn attached<T>(state: Found, detail: T) -> Option<Attached<T>> {
    Some(Attached { finding: Finding { state, as_of: Some(now()) }, detail })
}

/// A row said two days ago, with these boxes.
fn with(id: &str, boxes: Boxes) -> Draft {
    Draft { boxes: boxes.into(), ..draft(id, &format!("What {id} says."), 2) }
}

fn signed() -> Boxes {
    Boxes { binding: attached(Found::Verified, How::Verbatim), ..Boxes::default() }
}

fn asked_at(at: Timestamp, rows: &[&str]) -> Request {
    Request { at, ..request(rows) }
}

/// Verdict, reasons and until of each ruling.
fn said(rulings: &[Ruling]) -> Vec<String> {
    let one = |ruling: &Ruling| {
        let reasons: Vec<String> = ruling.reasons.iter().map(ToString::to_string).collect();
        let until = ruling.until.map_or("-".to_owned(), |until| until.to_string());
        format!("{} {} {}", ruling.verdict, reasons.join(","), until)
    };
    rulings.iter().map(one).collect()
}

/// What a vault keeps of a decision, verified.
fn kept(home: &Home, id: DecisionId) -> Vec<Ruling> {
    home.vault.decision(id).unwrap().verify(&home.device.verifier()).unwrap().rulings
}

/// 1.
#[test]
fn fetched_data_is_live_until_its_freshness_ends_and_no_longer() {
    let home = Home::new();
    let fresh_until = now().plus(minutes(30));
    let fetched = |state| Boxes { data: attached(state, Some(fresh_until)), ..signed() };
    home.add(&[with("attested", fetched(Found::Verified)), with("unattested", fetched(Found::Claimed))]);
    let decide = |at| home.vault.decide(&home.gate(), &asked_at(at, &["attested", "unattested"])).unwrap();
    let first = decide(now());
    assert_eq!(
        said(&first.rulings),
        [format!("live holds:holds {fresh_until}"), format!("background data:unattested {fresh_until}")]
    );
    assert_eq!(first.until, Some(fresh_until));
    assert_eq!(decide(fresh_until.plus(Span::from_millis(-1))).live.len(), 1);
    let then = decide(fresh_until);
    let verdicts: Vec<String> = said(&then.rulings).iter().map(|said| said.split(' ').take(2).collect()).collect();
    assert_eq!(verdicts, ["re-earndata:not-fresh=recheck.data", "re-earndata:not-fresh=recheck.data"]);
}

/// 2.
#[test]
fn a_row_of_another_route_stays_sealed_where_the_private_one_is_demanded() {
    let home = Home::new();
    let by = |private| Boxes { route: attached(Found::Claimed, private), ..signed() };
    home.add(&[with("other", by(Private::No)), with("private", by(Private::Yes)), draft("typed", "I said so.", 2)]);
    let rows = ["other", "private", "typed"];
    let decide = |route| home.vault.decide(&home.gate(), &Request { route, ..request(&rows) }).unwrap();
    let before = home.vault.bodies_read();
    let private = decide(Some(Route::Private));
    let stored = kept(&home, private.id);
    let verdicts: Vec<Verdict> = stored.iter().map(|ruling| ruling.verdict).collect();
    assert_eq!(verdicts, [Verdict::ReEarn, Verdict::Live, Verdict::Live]);
    assert_eq!(
        stored[0].reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["route:not-private=request.route"]
    );
    assert_eq!(stored.iter().map(|ruling| ruling.opened).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(home.vault.bodies_read() - before, 2, "the third body was not even read");
    // That it was private is what somebody says, and is never shown as more.
    let route = private.live[0].head.boxes.route.as_ref().unwrap();
    assert_eq!((route.finding.state, route.detail), (Found::Claimed, Private::Yes));
    assert_eq!([decide(Some(Route::Any)).live.len(), decide(None).live.len()], [3, 3]);
}

fn settlement(state: Found, rung: SettlementRung, due: Timestamp) -> Boxes {
    Boxes { settlement: attached(state, (rung, Some(due))), ..signed() }
}

/// The rows of a vault as a caller with a store of its own would keep them.
fn sealed(home: &Home, id: &str) -> HashMap<RowId, SealedRow> {
    let keys = home.vault.ring().unlock(&home.identity).unwrap();
    let head = home.vault.row(&row(id)).unwrap();
    HashMap::from([(row(id), SealedRow { head: SealedHead::seal(&keys, &head), body: None })])
}

/// 5.
#[test]
fn an_old_decision_still_shows_what_was_known_when_the_proof_had_not_arrived() {
    let home = Home::new();
    let (due, later) = (now().plus(minutes(15)), now().plus(minutes(5)));
    home.add(&[with("a", settlement(Found::Claimed, SettlementRung::Requested, due))]);
    let (keys, rows) = (home.vault.ring().unlock(&home.identity).unwrap(), sealed(&home, "a"));
    let first = home.vault.decide(&home.gate(), &asked_at(now(), &["a"])).unwrap();
    let pending = format!("background settlement:pending {due}");
    assert_eq!(said(&first.rulings), [pending.as_str()]);

    home.add(&[with("a", settlement(Found::Verified, SettlementRung::Included, due))]);
    let second = home.vault.decide(&home.gate(), &asked_at(later, &["a"])).unwrap();
    assert_eq!(said(&second.rulings), ["live holds:holds 2029-09-03T12:00:00.000Z"]);

    // The old decision stands as it was signed.
    assert_eq!(home.vault.decision(first.id).unwrap().to_json(), first.decision.to_json());
    let old = kept(&home, first.id);
    assert_eq!(said(&old), [pending.as_str()]);
    let generation = |ruling: &Ruling| ruling.judged.unwrap().generation;
    assert_eq!((generation(&old[0]), generation(&second.rulings[0])), (1, 2));
    assert_ne!(old[0].judged.unwrap().head, second.rulings[0].judged.unwrap().head);

    // Asked again about the row as it was: the same bytes, now as then. About the row as it is: another answer.
    let replay = |rows: &HashMap<RowId, SealedRow>| -> Retrieval {
        home.gate().decide(&keys, &asked_at(now(), &["a"]), &View::Unpinned, rows).unwrap()
    };
    let replayed = replay(&rows);
    assert_eq!(said(&replayed.rulings), [pending.as_str()]);
    assert_eq!(replayed.rulings[0].judged.unwrap().facts, first.rulings[0].judged.unwrap().facts);
    assert_eq!(replay(&rows).decision.to_json(), replayed.decision.to_json());
    assert_eq!(replay(&sealed(&home, "a")).rulings[0].verdict, Verdict::Live);
}

/// 4, and 5 without a proof.
#[test]
fn a_settlement_without_proof_is_checked_again_from_its_deadline_on() {
    let home = Home::new();
    let due = now().plus(minutes(60));
    home.add(&[
        with("late", settlement(Found::Claimed, SettlementRung::Announced, due)),
        with("settled", settlement(Found::Verified, SettlementRung::Included, due)),
    ]);
    for (at, expected) in [(due.plus(Span::from_millis(-1)), Verdict::Background), (due, Verdict::ReEarn)] {
        let retrieval = home.vault.decide(&home.gate(), &asked_at(at, &["late", "settled"])).unwrap();
        assert_eq!([retrieval.rulings[0].verdict, retrieval.rulings[1].verdict], [expected, Verdict::Live], "{at}");
    }
}

/// 6.
#[test]
fn a_thousand_retrievals_change_no_byte_of_what_is_said_of_an_old_row_and_one_confirmation_does() {
    let home = Home::new();
    let mut old = draft("old", "We met at the harbour.", 1_600);
    old.traits.kind = stillgood::Kind::Episodic;
    home.add(&[old]);
    let gate = home.gate();
    let decide = |minute: i64| home.vault.decide(&gate, &asked_at(now().plus(minutes(minute)), &["old"])).unwrap();
    let last = 1_001;
    let before = decide(last);
    assert!(said(&before.rulings)[0].starts_with("re-earn holds:faded=confirmation "), "{:?}", before.rulings);
    for minute in 1..=1_000 {
        assert_eq!(decide(minute).rulings[0].verdict, Verdict::ReEarn);
    }
    let after = decide(last);
    assert_eq!(after.decision.to_json(), before.decision.to_json());
    assert_eq!(after.rulings, before.rulings);
    // Where it does not matter, nobody is asked.
    let mut request = asked_at(now(), &["old"]);
    request.candidates[0].rerank = Some("0.3".parse().unwrap());
    let aside = home.vault.decide(&gate, &request).unwrap();
    assert!(said(&aside.rulings)[0].starts_with("background holds:faded "), "{:?}", aside.rulings);
    // Where the past is asked about, it is what happened then.
    let past = home.vault.decide(&gate, &Request { about: About::Past, ..asked_at(now(), &["old"]) }).unwrap();
    assert!(said(&past.rulings)[0].starts_with("live holds:past "), "{:?}", past.rulings);

    let yesterday = now().plus(Span::days(-1).unwrap());
    earn(&home.vault, &home.owner, &home.device, "old", Earning::Confirm, yesterday).unwrap();
    assert_eq!(decide(last).rulings[0].verdict, Verdict::Live);
}

/// 7.
#[test]
fn an_attestation_settles_nothing_that_people_disagree_on() {
    let home = Home::new();
    let attested = || Boxes { attestation: attached(Found::Verified, Code::Listed), ..signed() };
    let mut one = with("one", attested());
    _ = one.links.insert((OwnLink::Contradicts, row("other")));
    home.add(&[with("other", Boxes::default()), one, with("denied", attested()), with("twin", attested())]);
    earn(&home.vault, &home.owner, &home.device, "denied", Earning::Deny, now()).unwrap();
    let retrieval = home.vault.decide(&home.gate(), &request(&["one", "other", "denied", "twin"])).unwrap();
    let reasons: Vec<String> = said(&kept(&home, retrieval.id));
    let reason = |place: usize| reasons[place].split(' ').nth(1).unwrap();
    assert_eq!(
        [0, 1, 2, 3].map(reason),
        ["contradicted:unsettled=settle", "contradicted:unsettled=settle", "denied:denied=nothing", "holds:holds"]
    );
    assert_eq!(retrieval.live.len(), 1);
}

fn blob(of: u8) -> Option<String> {
    Some(data_encoding::BASE64URL_NOPAD.encode(&[of; 32]))
}

/// 8.
#[test]
fn one_label_is_two_artifacts_where_the_model_behind_it_changed() {
    let home = Home::new();
    let label = || Some("chat-latest".to_owned());
    let by = |blob_id| Boxes { artifact: attached(Found::Claimed, Artifact { label: label(), blob_id }), ..signed() };
    home.add(&[with("tuesday", by(blob(1))), with("thursday", by(blob(2))), with("some-day", by(None))]);
    let rows = ["tuesday", "thursday", "some-day"];
    let decide = |artifact| home.vault.decide(&home.gate(), &Request { artifact, ..request(&rows) }).unwrap();
    let verdicts = |retrieval: &Retrieval| -> Vec<String> {
        said(&retrieval.rulings).iter().map(|said| said.split(' ').nth(1).unwrap().to_owned()).collect()
    };
    let (changed, unknown) = ("artifact:artifact-changed=recheck.artifact", "artifact:artifact-unknown");
    let of_tuesday = decide(Artifact { label: label(), blob_id: blob(1) });
    assert_eq!(verdicts(&of_tuesday), ["holds:holds", changed, unknown]);
    let of_thursday = decide(Artifact { label: label(), blob_id: blob(2) });
    assert_eq!(verdicts(&of_thursday), [changed, "holds:holds", unknown]);
    assert_eq!(verdicts(&decide(Artifact { label: label(), blob_id: None })), [unknown; 3]);
    // Who asks for no model gets all three, and sees that they are not of one.
    let all = decide(Artifact::default());
    let artifacts: Vec<Artifact> =
        all.live.iter().map(|memory| memory.head.boxes.artifact.clone().unwrap().detail).collect();
    assert!(artifacts.iter().all(|artifact| artifact.label == label()));
    assert_eq!(artifacts.into_iter().map(|artifact| artifact.blob_id).collect::<Vec<_>>(), [blob(1), blob(2), None]);
}

// On an edit.

/// What was attached to another text says nothing of this one, and until the owner confirms it, it is nobody's.
#[test]
fn a_binding_that_is_lost_is_made_good_by_the_owner_s_word_alone() {
    let home = Home::new();
    let boxes = Boxes { binding: attached(Found::Contradicted, How::Unknown), ..Boxes::default() };
    home.add(&[with("a", boxes)]);
    let at = now().plus(minutes(1));
    let decide = || home.vault.decide(&home.gate(), &asked_at(at, &["a"])).unwrap().rulings.remove(0);
    let reasons = |ruling: &Ruling| ruling.reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(reasons(&decide()), ["binding:not-the-signed-text=confirmation"]);
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, at).unwrap();
    assert_eq!(decide().verdict, Verdict::Live);
}
