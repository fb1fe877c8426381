//! `earn`.

use std::fs;

use super::desk::Desk;

const V: &str = "demo/vault.sgv --keys demo/keys";

impl Desk {
    /// The rows that wait for an answer.
    fn waiting(&self) -> Vec<String> {
        let waiting = self.done(&format!("earn {V} --json")).json()["waiting"].clone();
        let rows = waiting.as_array().expect("a list").iter();
        rows.map(|question| question["row"].as_str().expect("an id").to_owned()).collect()
    }

    /// Decides about every row, whatever text a search has of it.
    fn decided_on_all(&self) -> String {
        let answer = self.done(&format!("decide {V} --request purpose=planning --all")).json();
        answer["decision"].as_str().expect("an id").to_owned()
    }

    /// How often a text was opened for the owner.
    fn openings(&self) -> usize {
        let log = self.done(&format!("log {V} --json")).json();
        log["entries"].as_array().expect("a list").iter().filter(|entry| entry["event"] == "opening").count()
    }
}

#[test]
fn earn_one_row() {
    let (desk, id) = Desk::tried();
    assert_eq!(desk.waiting(), ["m07", "m11", "m13"]);
    desk.put("correction.txt", "I have a fondue set of my own.\n").put("seen.txt", "We made fondue in Lisbon.");
    desk.answers("earn-correct", &format!("earn {V} --row m13 --correct correction.txt"));
    desk.answers("earn-deny-one-side", &format!("earn {V} --row m07 --deny"));
    desk.answers("earn-later", &format!("earn {V} --row m11 --later"));
    assert_eq!(desk.waiting(), [""; 0]);
    desk.answers("earn-nothing-waits", &format!("earn {V}"));
    // What was put off can be answered all the same, and what nobody asked about can be said.
    desk.answers("earn-confirm-json", &format!("earn {V} --row m11 --confirm --decision {id} --json"));
    desk.answers("earn-unasked", &format!("earn {V} --row m01 --confirm --who me/myself"));
    desk.answers("earn-observe", &format!("earn {V} --row m01 --observe document --seen seen.txt"));
    desk.answers("earn-observe-piped", &format!("cat seen.txt | earn {V} --row m02 --observe thread --seen -"));
    let again = desk.decided_on_all();
    for row in ["m08", "m11", "m13"] {
        assert_eq!(desk.verdict(&again, row), "live", "{row}");
    }
    assert_eq!(desk.openings(), 0, "no text was opened for anybody");
    desk.answers("earn-log", &format!("log {V}"));
    desk.done(&format!("verify {V}"));
}

#[test]
fn what_a_pipeline_may_say() {
    let (desk, _) = Desk::tried();
    fs::remove_file(desk.path("demo/keys/owner.pem")).expect("it is there");
    desk.answers("earn-dont-know", &format!("earn {V} --row m11 --dont-know"));
    desk.done(&format!("earn {V} --row m13 --later"));
    desk.done(&format!("earn {V} --row m01 --observe data --seen {}", "a".repeat(64)));
    desk.put("text", "Another text.");
    for (case, said) in [("confirm", "--confirm"), ("deny", "--deny"), ("correct", "--correct text")] {
        desk.cannot(&format!("bad-earn-{case}-no-owner"), &format!("earn {V} --row m07 {said}"));
    }
    assert_eq!(desk.waiting(), ["m07"]);
    let Some(ran) = desk.talks(&format!("earn {V}"), &[]) else { return };
    assert_eq!((ran.code, desk.openings()), (Some(2), 0));
    desk.golden("talk-no-owner", &ran);
}

#[test]
fn earn_in_vain() {
    let (desk, id) = Desk::tried();
    desk.put("same.txt", "I had the flu when I last planned a dinner.\n").put("empty", " \n");
    desk.put("image", b"\x89PNG\r\n\x1a\n\0\xff")
        .put("long", vec![b'a'; (1 << 20) + 1])
        .put("large", vec![b'a'; 17 << 20]);
    desk.put("answer.txt", "Sardines, as in Lisbon.").put("right", "\n");
    desk.put("only.json", r#"[{"id": "m01", "rerank_score": 0.9}]"#);
    let other = desk.done(&format!("decide {V} only.json")).json()["decision"].as_str().expect("an id").to_owned();
    desk.done(&format!("used {V} --decision {id} answer.txt"));
    let before = desk.done(&format!("log {V} --json")).json();
    let earn = format!("earn {V} --row m11");
    desk.cannot("bad-earn-unknown-row", &format!("earn {V} --row nobody --confirm"));
    desk.cannot("bad-earn-row-no-id", &format!("earn {V} --row 'm 1' --confirm"));
    desk.cannot("bad-earn-unknown-decision", &format!("{earn} --confirm --decision {}", "0".repeat(32)));
    desk.cannot("bad-earn-no-decision-id", &format!("{earn} --confirm --decision mine"));
    desk.cannot("bad-earn-other-row", &format!("{earn} --confirm --decision {other}"));
    desk.cannot("bad-earn-not-asked", &format!("earn {V} --row m01 --later"));
    desk.cannot("bad-earn-same-text", &format!("{earn} --correct same.txt"));
    desk.cannot("bad-earn-correct-empty", &format!("{earn} --correct empty"));
    desk.cannot("bad-earn-correct-image", &format!("{earn} --correct image"));
    desk.cannot("bad-earn-correct-long", &format!("{earn} --correct long"));
    desk.cannot("bad-earn-correct-large", &format!("{earn} --correct large"));
    desk.cannot("bad-earn-correct-no-file", &format!("{earn} --correct nowhere"));
    desk.cannot("bad-earn-correct-stdin-twice", &format!("cat right | {earn} --passphrase-fd 0 --correct -"));
    desk.cannot("bad-earn-observe-no-seen", &format!("{earn} --observe thread"));
    desk.cannot("bad-earn-seen-no-observe", &format!("{earn} --confirm --seen same.txt"));
    desk.cannot("bad-earn-observe-assistant", &format!("{earn} --observe assistant --seen same.txt"));
    desk.cannot("bad-earn-observe-unknown", &format!("{earn} --observe dream --seen same.txt"));
    desk.cannot("bad-earn-observe-own-words", &format!("{earn} --observe user --seen answer.txt"));
    desk.cannot("bad-earn-two-words", &format!("{earn} --confirm --deny"));
    desk.cannot("bad-earn-no-word", &earn);
    desk.cannot("bad-earn-no-row", &format!("earn {V} --confirm"));
    desk.cannot("bad-earn-decision-no-row", &format!("earn {V} --decision {id}"));
    desk.cannot("bad-earn-who", &format!("{earn} --confirm --who 'my self'"));
    desk.cannot("bad-earn-no-keys", "earn demo/vault.sgv");
    assert_eq!(desk.done(&format!("log {V} --json")).json(), before, "nothing was written");
    desk.done(&format!("{earn} --confirm --decision {id}"));
    desk.cannot("bad-earn-replayed", &format!("{earn} --confirm --decision {id}"));
    desk.cannot("bad-earn-replayed-deny", &format!("{earn} --deny --decision {id}"));
    desk.done(&format!("verify {V}"));
}

const ASKED: &str = "[q]uit: ";

#[test]
fn a_terminal_is_asked_row_by_row() {
    let (desk, _) = Desk::tried();
    let said = [
        (ASKED, "what?\n"),
        (ASKED, "n\n"),
        (ASKED, "c\n"),
        ("on one line: ", "\n"),
        (ASKED, "c\n"),
        ("on one line: ", "I had the flu when I last planned a dinner.\n"),
        (ASKED, "c\n"),
        ("on one line: ", "I had a cold when I last planned a dinner.\n"),
        (ASKED, "l\n"),
    ];
    let Some(ran) = desk.talks(&format!("earn {V}"), &said) else { return };
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    desk.golden("talk", &ran);
    assert_eq!(desk.waiting(), [""; 0]);
    assert_eq!(desk.openings(), 4, "each text that was shown was logged");
    let again = desk.decided_on_all();
    assert_eq!(desk.verdict(&again, "m08"), "live");
    assert_eq!(desk.verdict(&again, "m11"), "live");
    // The search still brings the old text.
    assert_eq!(desk.verdict(&desk.decided_again(), "m11"), "re-earn");
    desk.done(&format!("verify {V}"));
}

#[test]
fn a_terminal_that_goes_away_in_the_middle() {
    for (case, said, end) in [("ended", "d\n", "\x04"), ("hung-up", "l\n", "HANG UP"), ("quit", "Yes\n", "q\n")] {
        let (desk, _) = Desk::tried();
        let Some(ran) = desk.talks(&format!("earn {V}"), &[(ASKED, said), (ASKED, end)]) else { return };
        desk.golden(&format!("talk-{case}"), &ran);
        assert_eq!(ran.code, Some(if case == "quit" { 0 } else { 2 }), "{case}");
        assert_eq!(desk.waiting(), ["m11", "m13"], "{case}: what was answered stays");
        desk.done(&format!("verify {V}"));
    }
}
