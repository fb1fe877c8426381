//! Which rows are asked about, in which order, and how often.

use stillgood::{Earning, MadeBy, OwnLink, Question, Request, Retrieval, Signer, Timestamp, VaultError, Verdict};

use super::{after, answered, decide_at, deny, forget, holds, plus};
use crate::support::{Home, draft, now, request, row};

fn asked(questions: &[Question]) -> Vec<&str> {
    questions.iter().map(|question| question.row.as_str()).collect()
}

/// A retrieval that allows so many questions.
fn asking(home: &Home, rows: &[&str], at: Timestamp, asks: usize) -> Retrieval {
    home.vault.decide(&home.gate(), &Request { at, asks, ..request(rows) }).unwrap()
}

#[test]
fn contradictions_are_asked_first_and_nobody_twice_in_fourteen_days() {
    let home = Home::new();
    home.add(&[draft("faded", "one", 3_700), draft("fresh", "two", 1), draft("a", "three", 1), draft("b", "four", 1)]);
    home.add(&[draft("gone", "five", 3_700), draft("denied", "six", 3_700)]);
    deny(&home, "denied", now());
    home.vault.link(&home.device, &row("b"), OwnLink::Contradicts, &row("a"), MadeBy::Rule, now()).unwrap();
    let rows = ["denied", "faded", "fresh", "nobody", "a", "b", "gone"];
    let retrieval = asking(&home, &rows, now(), 9);
    forget(&home, "gone").unwrap();
    let stranger = Signer::generate("test/device".parse().unwrap());
    assert!(matches!(home.vault.ask(&stranger, &retrieval, now()), Err(VaultError::NotAllowed { what: "ask", .. })));
    // One question settles a contradiction: the first of the two is asked about.
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["a", "faded"]);
    let questions = home.vault.ask(&home.device, &retrieval, now()).unwrap();
    assert_eq!(asked(&questions), ["a", "faded"]);
    assert_eq!(questions[0].against, [row("b")]);
    assert_eq!((questions[0].at, questions[0].until, questions[0].decision), (now(), after(7), retrieval.id));
    assert_eq!(
        questions[0].reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["contradicted:unsettled=settle"]
    );
    assert_eq!(home.vault.row(&row("a")).unwrap().asked_at, Some(now()));
    // Who was asked about one side was asked about the other; nobody is again, and yet they may answer.
    assert!(home.vault.ask(&home.device, &retrieval, now()).unwrap().is_empty());
    assert_eq!(asked(&home.vault.waiting(after(7)).unwrap()), ["a", "faded"]);
    assert!(home.vault.waiting(plus(after(7), 1)).unwrap().is_empty(), "it cannot be answered any more");
    let early = plus(after(14), -1);
    let retrieval = asking(&home, &rows, early, 9);
    assert!(home.vault.ask(&home.device, &retrieval, early).unwrap().is_empty());
    assert_eq!(asked(&home.vault.ask(&home.device, &retrieval, after(14)).unwrap()), ["a", "faded"]);
    holds(&home);
}

#[test]
fn no_more_is_asked_than_the_request_allows() {
    let home = Home::new();
    home.add(&[draft("x", "one", 3_700), draft("y", "two", 3_700), draft("z", "three", 3_700)]);
    for (millis, asks, expected) in [(0, 0, &[][..]), (1, 1, &["x"]), (2, 1, &["y"]), (3, 5, &["z"])] {
        let retrieval = asking(&home, &["x", "y", "z"], plus(now(), millis), asks);
        assert_eq!(asked(&home.vault.ask(&home.device, &retrieval, plus(now(), millis)).unwrap()), expected);
    }
}

#[test]
fn who_put_it_off_is_not_waited_for() {
    let home = Home::new();
    home.add(&[draft("a", "one", 3_700), draft("b", "two", 3_700), draft("c", "three", 1)]);
    let retrieval = asking(&home, &["a", "b"], now(), 2);
    home.vault.ask(&home.device, &retrieval, now()).unwrap();
    answered(&home, "a", Earning::Later, &retrieval, now()).unwrap();
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["b"]);
    // Also where something else became of the row since.
    home.vault.link(&home.device, &row("c"), OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["b"]);
    answered(&home, "b", Earning::Confirm, &retrieval, now()).unwrap();
    assert!(home.vault.waiting(now()).unwrap().is_empty());
}

#[test]
fn a_decision_of_a_clock_that_is_behind_hides_no_other() {
    let home = Home::new();
    home.add(&[draft("a", "one", 3_700)]);
    decide_at(&home, &["a"], now());
    decide_at(&home, &[], after(-8));
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["a"]);
}

#[test]
fn what_changes_too_fast_is_held_but_not_asked_about() {
    let ended = |id: &str, text: &str, days: i64| {
        let mut draft = draft(id, text, days);
        draft.traits.valid_until = Some(after(-1));
        draft
    };
    // First said 30 days ago: with two changes it changes every 15 days, with three every 10.
    for (texts, expected) in
        [(&[30][..], true), (&[30, 3], true), (&[30, 20, 3], true), (&[27, 20, 3], false), (&[30, 20, 10, 3], false)]
    {
        let home = Home::new();
        for days in texts {
            home.add(&[ended("a", &format!("text {days}"), *days)]);
        }
        let retrieval = decide_at(&home, &["a"], now());
        assert_eq!(retrieval.rulings[0].verdict, Verdict::ReEarn);
        assert_eq!(retrieval.rulings[0].reasons[0].to_string(), "expired:ended=confirmation");
        assert_eq!(home.vault.waiting(now()).unwrap().len(), usize::from(expected), "{texts:?}");
        assert_eq!(home.vault.ask(&home.device, &retrieval, now()).unwrap().len(), usize::from(expected), "{texts:?}");
    }
}

#[test]
fn looking_at_a_row_is_logged_and_changes_nothing() {
    let home = Home::new();
    home.add(&[draft("a", "text", 3_700)]);
    let before = home.vault.row(&row("a")).unwrap();
    let stranger = Signer::generate("test/device".parse().unwrap());
    assert!(matches!(
        home.vault.question(&stranger, &row("a"), now()),
        Err(VaultError::NotAllowed { what: "ask", .. })
    ));
    assert!(matches!(home.vault.question(&home.device, &row("b"), now()), Err(VaultError::UnknownRow(_))));
    assert_eq!(home.vault.pin().unwrap().log_size, 0);
    let opened = home.vault.question(&home.device, &row("a"), now()).unwrap();
    assert_eq!((opened.body.text(), &opened.head), ("text", &before));
    assert_eq!(home.vault.row(&row("a")).unwrap(), before);
    let log = home.vault.log().unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].event, stillgood::Event::Opening { at: now(), row: Some(row("a")) });
    holds(&home);
}
