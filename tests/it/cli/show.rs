//! `show`.

use super::desk::Desk;

#[test]
fn show() {
    let (desk, id) = Desk::decided();
    desk.answers("show", "show d.json");
    desk.answers("show-row", "show d.json --row flu");
    desk.answers("show-json", "show d.json --json");
    desk.answers("show-row-json", "show d.json --row flu --json");
    desk.answers("show-id", &format!("show {id} --vault v.sgv --keys keys"));
    desk.answers("show-id-row", &format!("show {id} --vault v.sgv --keys keys --row gift"));
    desk.says_no("show-no-such-row", "show d.json --row cat");
    desk.cannot("show-row-no-id", "show d.json --row 'my cat'");
}

#[test]
fn show_what_is_no_decision() {
    let (desk, id) = Desk::decided();
    desk.put("shopping.txt", "Lisbon, tea, a lock\n").put("empty", "");
    desk.cannot("show-garbage", "show shopping.txt");
    desk.cannot("show-empty", "show empty");
    desk.cannot("show-a-vault", "show v.sgv");
    desk.cannot("show-a-search", "show search.json");
    desk.cannot("show-no-file", "show nowhere.json");
    desk.cannot("show-other-keys", &format!("show {id} --vault v.sgv --keys other"));
    // Whether an unknown decision is a "no" is for the program to say; that it says it well, for us.
    let ran = desk.run(&format!("show {} --vault v.sgv --keys keys", "0".repeat(32)));
    ran.failed(ran.code.expect("it ended by itself"));
    assert!(ran.stdout.is_empty() && matches!(ran.code, Some(1 | 2)));
}
