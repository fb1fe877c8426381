//! One answer from end to end: decided, recorded, explained, a row earned back, decided again, forgotten, told by the log.

use super::desk::Desk;

impl Desk {
    /// What `try` leaves in `demo`, and a decision of it; returns its id too.
    pub(super) fn tried() -> (Self, String) {
        let desk = Desk::new();
        desk.done("try --keep demo");
        let id = desk.decided_again();
        (desk, id)
    }

    /// Decides about what the search of `try` brought.
    pub(super) fn decided_again(&self) -> String {
        let line = "decide demo/vault.sgv --keys demo/keys --request purpose=planning demo/search.json";
        self.done(line).json()["decision"].as_str().expect("an id").to_owned()
    }

    /// What became of a row in a decision of `demo`.
    pub(super) fn verdict(&self, decision: &str, row: &str) -> String {
        let line = format!("show {decision} --vault demo/vault.sgv --keys demo/keys --row {row} --json");
        self.done(&line).json()["rulings"][0]["verdict"].as_str().expect("a verdict").to_owned()
    }
}

#[test]
fn from_an_answer_to_its_memories_and_back_into_use() {
    let (desk, id) = Desk::tried();
    assert_eq!(desk.verdict(&id, "m11"), "re-earn");
    desk.answers("story-1-used", &format!("used demo/vault.sgv --keys demo/keys --decision {id} demo/answer.txt"));
    desk.answers("story-2-why", "why demo/vault.sgv --keys demo/keys demo/answer.txt");
    desk.answers("story-3-waiting", "earn demo/vault.sgv --keys demo/keys");
    desk.answers("story-4-earn", "earn demo/vault.sgv --keys demo/keys --row m11 --confirm");
    desk.answers("story-5-earn-one-side", "earn demo/vault.sgv --keys demo/keys --row m08 --confirm");
    let again = desk.decided_again();
    assert_eq!(desk.verdict(&again, "m11"), "live");
    assert_eq!(desk.verdict(&again, "m08"), "live");
    assert_eq!(desk.verdict(&again, "m07"), "re-earn");
    desk.answers("story-6-show", &format!("show {again} --vault demo/vault.sgv --keys demo/keys"));
    desk.done("earn demo/vault.sgv --keys demo/keys --row m17 --deny");
    desk.answers("story-7-forget", "forget demo/vault.sgv --keys demo/keys --row m16");
    desk.answers("story-8-why-since", "why demo/vault.sgv --keys demo/keys demo/answer.txt");
    desk.answers("story-9-log", "log demo/vault.sgv --keys demo/keys");
    desk.answers("story-9-log-of-the-file", "log demo/vault.sgv");
    desk.answers("story-9-show-forgotten", &format!("show {id} --vault demo/vault.sgv --keys demo/keys"));
    desk.answers("story-9-show-forgotten-row", &format!("show {id} --vault demo/vault.sgv --keys demo/keys --row m16"));
    let ran = desk.done(&format!("show {id} --vault demo/vault.sgv --keys demo/keys --json"));
    assert_eq!(ran.json()["forgotten"], serde_json::json!(["m16"]));
    desk.done("verify demo/vault.sgv --keys demo/keys");
}
