//! `policy`, and `decide` with policies of one's own.

use std::fs;

use super::desk::Desk;

const SET: &str = r#"name = "house"
version = 3
base = "stillgood"

[param.patience]
type = "span"
value = "9000 days"
meaning = "older rows stay in the background"

[request.audience]
type = "text"
meaning = "who will hear the answer"
"#;

const AUDIENCE: &str = r#"// What I like is not told in front of guests.
if (request.audience ?? "family") == "guests" && "interests" in row.categories {
    stale("not-for-guests", request("audience"))
}
"#;

const AUDIENCE_CASES: &str = r#"[
  {"name": "in the family", "row": {"categories": ["interests"]}, "expect": null},
  {"name": "with guests", "row": {"categories": ["interests"]}, "request": {"audience": "guests"},
   "expect": {"opinion": "stale", "code": "not-for-guests", "needs": "request.audience"}}
]
"#;

const PATIENCE: &str = r#"// A row that nobody confirmed for very long stays in the background.
if row.unconfirmed_for > param.patience { background("long-ago") }
"#;

const PATIENCE_CASES: &str = r#"[
  {"name": "said now", "expect": null},
  {"name": "said long ago", "row": {"unconfirmed_for": "9001 days"}, "expect": {"opinion": "background", "code": "long-ago"}}
]
"#;

impl Desk {
    /// A policy set of one's own, in `house`.
    fn with_policies(self) -> Self {
        self.put("house/set.toml", SET);
        self.put("house/audience.rhai", AUDIENCE).put("house/audience.cases.json", AUDIENCE_CASES);
        self.put("house/patience.rhai", PATIENCE).put("house/patience.cases.json", PATIENCE_CASES);
        self
    }

    /// The same set with two mistakes in it.
    fn with_wrong_policies(self) -> Self {
        let desk = self.with_policies();
        desk.put("house/audience.rhai", AUDIENCE.replace("row.categories", "row.category"));
        desk.put("house/patience.rhai", PATIENCE.replace("param.patience", "param.patients"));
        desk
    }
}

#[test]
fn decide_with_own_policies() {
    let desk = Desk::full_vault().with_policies();
    desk.put("jazz.json", r#"[{"id": "birth", "rerank_score": 0.9}, {"id": "jazz", "rerank_score": 0.9}]"#);
    desk.answers("decide-policies", "decide v.sgv --keys keys --policies house --save d.json jazz.json");
    desk.answers("show-own-policies", "show d.json");
    desk.answers(
        "decide-policies-key",
        "decide v.sgv --keys keys --policies house --request audience=guests --at 2003-01-01T00:00:00Z jazz.json",
    );
    desk.put("house/set.toml", SET.replace("\"text\"", "\"int\""));
    desk.put("house/audience.rhai", AUDIENCE.replace("\"family\"", "1").replace("\"guests\"", "7"));
    desk.cannot(
        "decide-policies-key-type",
        "decide v.sgv --keys keys --policies house --request audience=guests jazz.json",
    );
}

/// What fails at a row holds it, and is said where a pipeline's owner looks.
#[test]
fn decide_with_a_policy_that_fails() {
    let desk = Desk::full_vault().with_policies();
    desk.put(
        "house/fails.rhai",
        "// Divides by zero where it was never confirmed.\nif 7 / row.confirmations > 3 { background(\"x\") }\n",
    );
    desk.warns("decide-policies-fault", "decide v.sgv --keys keys --policies house two.json");
}

#[test]
fn decide_with_wrong_policies() {
    let desk = Desk::full_vault().with_wrong_policies();
    let before = desk.content("v.sgv");
    desk.refuses("decide v.sgv --keys keys --policies house two.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

#[test]
fn policies_that_are_not_there() {
    let desk = Desk::full_vault();
    for folder in ["nowhere", "two.json"] {
        desk.refuses(&format!("policy check {folder}"));
        desk.refuses(&format!("decide v.sgv --keys keys --policies {folder} two.json"));
    }
}

/// A link that leads to itself, as a folder or as a file of one.
#[cfg(unix)]
#[test]
fn links_that_lead_in_circles() {
    let desk = Desk::full_vault().with_policies();
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, desk.path(at)).expect("a link");
    link("circle", "circle");
    desk.refuses("policy check circle");
    // Folders in a circle are not entered.
    link(".", "house/house");
    desk.done("policy check house");
    link("often.rhai", "house/often.rhai");
    desk.refuses("policy check house");
    desk.refuses("decide v.sgv --keys keys --policies house two.json");
}

#[test]
fn policy() {
    let desk = Desk::new().with_policies();
    desk.answers("policy-facts", "policy facts");
    desk.answers("policy-check", "policy check house");
    desk.answers("policy-check-json", "policy check house --json");
    desk.put(
        "house/patience.rhai",
        PATIENCE.trim_start_matches("// A row that nobody confirmed for very long stays in the background.\n"),
    );
    fs::remove_file(desk.path("house/patience.cases.json")).expect("it is there");
    desk.answers("policy-check-warnings", "policy check house");
    desk.answers("policy-check-warnings-json", "policy check house --json");
}

#[test]
fn policy_mistakes() {
    let desk = Desk::new().with_wrong_policies();
    desk.reports_no("policy-check-errors", "policy check house");
    desk.reports_no("policy-check-errors-json", "policy check house --json");
    let desk = Desk::new().with_policies();
    desk.put("house/audience.cases.json", AUDIENCE_CASES.replace("\"guests\"", "\"family\""));
    desk.put("house/patience.cases.json", PATIENCE_CASES.replace("9001 days", "9000 days"));
    desk.reports_no("policy-check-failed", "policy check house");
    desk.reports_no("policy-check-failed-json", "policy check house --json");
    desk.put("house/audience.cases.json", AUDIENCE_CASES.replace("\"categories\"", "\"category\""));
    desk.run("policy check house").failed(1);
    desk.put("house/audience.cases.json", AUDIENCE_CASES.replace("\"stale\"", "\"rotten\""));
    desk.run("policy check house").failed(1);
}

/// What a policy does on a case is told in plain words, and one policy is not "1 policies".
#[test]
fn a_case_on_which_the_policy_fails() {
    let desk = Desk::new();
    desk.put("one/set.toml", "name = \"one\"\nversion = 1\n");
    desk.put(
        "one/often.rhai",
        "// Divides by nothing.\nif row.confirmations % row.confirmations == 0 { background(\"often\") }\n",
    );
    desk.put("one/often.cases.json", r#"[{"name": "by nothing", "expect": null}]"#);
    desk.reports_no("policy-check-case-fails", "policy check one");
}

/// A mistake of form is told in the words of the format, not of the program.
#[test]
fn policy_mistakes_of_form() {
    let desk = Desk::new().with_policies();
    for cases in [r#"["with guests"]"#, r#"[{"name": "with guests", "expect": "stale"}]"#] {
        desk.put("house/audience.cases.json", cases);
        desk.run("policy check house").failed(1);
    }
    let desk = Desk::new().with_policies();
    desk.put("house/set.toml", format!("{SET}\n[param]\nbound = 3\n").replace("[param.patience]", "[param.other]"));
    desk.run("policy check house").failed(1);
}
