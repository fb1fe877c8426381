//! `used` and `why`.

use serde_json::json;

use super::desk::Desk;

/// A vault of which the words `v.sgv` and `keys` are short for the folder that `try` kept.
const V: &str = "demo/vault.sgv --keys demo/keys";

#[test]
fn used_and_why() {
    let (desk, id) = Desk::tried();
    let used = format!("used {V} --decision {id}");
    desk.put("a.txt", "Lentils.\n").put("b.txt", "No idea.").put("c.txt", "Sardines, in Lisbon.");
    desk.answers("used-rows", &format!("{used} --row m01 --row m04 a.txt"));
    desk.answers("used-again-the-same", &format!("{used} --row m04 --row m01 --row m01 a.txt"));
    desk.answers("used-none", &format!("{used} --none b.txt"));
    desk.answers("why-none", &format!("why {V} b.txt"));
    desk.answers("used-held-back", &format!("{used} --row m08 --row m01 --row m24 c.txt"));
    desk.answers("why-held-back", &format!("why {V} c.txt"));
    // White space at the ends does not count, and neither does where the answer comes from.
    desk.put("copy.txt", " Lentils.\r\n\r\n");
    let answer = desk.done(&format!("why {V} copy.txt --json")).json();
    assert_eq!(answer["records"][0]["placed"].as_array().expect("rows").len(), 2);
    let digest = answer["answer"].as_str().expect("a digest").to_owned();
    assert_eq!(desk.done(&format!("cat a.txt | why {V} - --json")).json(), answer);
    assert_eq!(desk.done(&format!("why {V} {digest} --json")).json(), answer);
    assert_eq!(answer["records"][0]["placed"][0]["memory"], "I cannot eat peanuts.");
    assert_eq!(answer["records"][0]["placed"][1]["verdict"], "background");
    assert_eq!(answer["records"][0]["decision"], id.as_str());
    let by_digest = desk.done(&format!("used {V} --decision {id} --json {}", "0".repeat(64))).json();
    assert_eq!((&by_digest["new"], &by_digest["placed"][0]), (&json!(true), &json!("m01")));
    assert_eq!(by_digest["placed"].as_array().expect("rows").len(), 15);
    desk.done(&format!("cat b.txt | used {V} --decision {id} --none -"));
    desk.done(&format!("verify {V}"));
}

#[test]
fn one_answer_after_two_decisions() {
    let (desk, first) = Desk::tried();
    let second = desk.decided_again();
    desk.put("yes.txt", "Yes.");
    desk.done(&format!("used {V} --decision {first} --row m01 yes.txt"));
    desk.cannot("used-another-decision", &format!("used {V} --decision {second} --row m01 yes.txt"));
    desk.cannot("used-other-rows", &format!("used {V} --decision {first} --row m02 yes.txt"));
    desk.answers("used-again", &format!("used {V} --decision {second} --row m02 --again yes.txt"));
    desk.answers("why-two-decisions", &format!("why {V} yes.txt"));
}

#[test]
fn answers_that_nobody_recorded() {
    let (desk, _) = Desk::tried();
    desk.put("a.txt", "Lentils in Lisbon.\n");
    desk.says_no("why-not-recorded", &format!("why {V} a.txt"));
    desk.reports_no("why-not-recorded-json", &format!("why {V} --json a.txt"));
    desk.says_no("why-not-recorded-digest", &format!("why {V} {}", "a".repeat(64)));
}

#[test]
fn used_and_why_in_vain() {
    let (desk, id) = Desk::tried();
    let before = desk.done(&format!("log {V} --json")).json();
    let used = format!("used {V} --decision {id}");
    desk.put("a.txt", "Lentils in Lisbon.\n").put("empty", "").put("blank", " \r\n\t");
    desk.put("large", vec![b'a'; 17 << 20]).put("right", "\n");
    desk.cannot("bad-used-empty", &format!("{used} empty"));
    desk.cannot("bad-used-blank", &format!("{used} blank"));
    desk.cannot("bad-used-large", &format!("{used} large"));
    desk.cannot("bad-used-no-file", &format!("{used} nowhere.txt"));
    desk.cannot("bad-used-half-a-digest", &format!("{used} {}", "a".repeat(32)));
    desk.cannot("bad-used-folder", &format!("{used} demo"));
    desk.cannot("bad-used-other-row", &format!("{used} --row m99 a.txt"));
    desk.cannot("bad-used-row-no-id", &format!("{used} --row 'm 1' a.txt"));
    desk.cannot("bad-used-row-and-none", &format!("{used} --none --row m01 a.txt"));
    desk.cannot("bad-used-unknown-decision", &format!("used {V} --decision {} a.txt", "0".repeat(32)));
    desk.cannot("bad-used-no-decision-id", &format!("used {V} --decision mine a.txt"));
    desk.cannot("bad-used-no-decision", &format!("used {V} a.txt"));
    desk.cannot("bad-used-no-keys", &format!("used demo/vault.sgv --decision {id} a.txt"));
    desk.cannot("bad-used-no-answer", &used);
    desk.cannot("bad-used-stdin-twice", &format!("cat right | {used} --passphrase-fd 0 -"));
    desk.cannot("bad-why-folder", &format!("why {V} demo"));
    desk.cannot("bad-why-empty", &format!("why {V} empty"));
    desk.cannot("bad-why-large", &format!("cat large | why {V} -"));
    desk.cannot("bad-why-no-keys", "why demo/vault.sgv a.txt");
    desk.cannot("bad-why-no-vault", "why nowhere.sgv --keys demo/keys a.txt");
    desk.cannot("bad-why-stdin-twice", &format!("cat right | why {V} --passphrase-fd 0 -"));
    assert_eq!(desk.done(&format!("log {V} --json")).json(), before, "nothing was written");
}
