//! `log`.

use super::desk::Desk;

#[test]
fn log() {
    let (desk, id) = Desk::decided();
    desk.answers("log", "log v.sgv --keys keys");
    desk.answers("log-of-the-file", "log v.sgv");
    desk.answers("log-json", "log v.sgv --keys keys --json");
    desk.answers("log-of-the-file-json", "log v.sgv --json");
    desk.put("mine/set.toml", "name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n");
    desk.done("decide v.sgv --keys keys --policies mine two.json");
    desk.put("answer.txt", "Peanuts, in Lisbon.");
    desk.done(&format!("used v.sgv --keys keys --decision {id} answer.txt"));
    desk.answers("log-of-two-sets", "log v.sgv --keys keys");
    desk.done("init empty.sgv --keys keys");
    desk.answers("log-empty", "log empty.sgv");
}

#[test]
fn log_of_no_vault() {
    let (desk, _) = Desk::decided();
    desk.put("shopping.txt", "Lisbon, tea, a lock\n");
    desk.cannot("log-no-file", "log nowhere.sgv");
    desk.cannot("log-no-vault", "log shopping.txt");
    desk.cannot("log-a-decision", "log d.json");
    desk.cannot("log-a-folder", "log keys");
    desk.cannot("log-other-keys", "log v.sgv --keys other");
    desk.cannot("log-passphrase-without-keys", "log v.sgv --passphrase-fd 3");
    desk.cannot("log-of-nothing", "log");
}
