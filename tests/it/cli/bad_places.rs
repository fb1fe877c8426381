//! Where nothing can be read, written or said: full disks, closed streams, no rights.

use std::fs;

use super::desk::{Desk, Ran};
use crate::support::skip;

/// The program says in one line that it could not, and nothing on standard output.
fn cannot(desk: &Desk, case: &str, ran: &Ran) {
    ran.failed(2);
    assert_eq!(ran.stdout, "", "{case}: standard output");
    desk.golden(case, ran);
}

/// As on a full disk, for whoever may not mount one: no file may grow, and the signal that says so is ignored.
const NO_ROOM: &str = "trap '' XFSZ; ulimit -f 0; ";

#[test]
fn files_that_may_not_grow() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    desk.put("more.json", super::samples::LIST);
    let names = desk.names(".");
    let run = |case: &str, line: &str| cannot(&desk, case, &desk.shell(&format!("{NO_ROOM}{line}")));
    run("bad-room-import", "stillgood import v.sgv --keys keys more.json");
    run("bad-room-decide", "stillgood decide v.sgv --keys keys two.json");
    run("bad-room-save", "stillgood decide v.sgv --keys keys --at 2025-01-01T00:00:00Z --save d.json two.json");
    run("bad-room-init", "stillgood init w.sgv --keys keys");
    run("bad-room-keygen", "stillgood keygen --name me --out more");
    assert!(desk.names("more").is_empty(), "no half of the keys");
    let left = desk.names(".").into_iter().filter(|name| name != "more" && !name.starts_with("v.sgv-"));
    assert_eq!(left.collect::<Vec<_>>(), names, "but for the log of the vault");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    desk.done("import v.sgv --keys keys more.json");
}

/// The vault opens, and then there is no room for the decision: not a row is handed over.
#[test]
fn a_decision_that_cannot_be_stored() {
    let desk = Desk::full_vault();
    // Long enough not to fit below either size that shells count in, 512 or 1024 bytes.
    let unknown: Vec<String> = (0..3_000).map(|n| format!(r#"{{"id": "nobody-{n}"}}"#)).collect();
    desk.put("long.json", format!(r#"[{{"id": "birth"}}, {}]"#, unknown.join(",")));
    let (before, pins) = (desk.content("v.sgv"), pins(&desk));
    let script = "trap '' XFSZ; ulimit -f 128; stillgood decide v.sgv --keys keys --save d.json long.json";
    cannot(&desk, "bad-room-decision", &desk.shell(script));
    assert!(!desk.path("d.json").exists(), "nothing was saved");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    assert_eq!(pins, self::pins(&desk), "and nothing is remembered of it");
    desk.done("decide v.sgv --keys keys --save d.json long.json");
}

/// What the key folder remembers of the vault.
fn pins(desk: &Desk) -> Vec<String> {
    let names = desk.names("keys").into_iter().filter(|name| name.ends_with(".pin"));
    names.map(|name| desk.text(&format!("keys/{name}"))).collect()
}

/// The same on a disk that is full, which says so itself.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full() {
    let desk = Desk::full_vault();
    desk.put("more.json", super::samples::LIST);
    fs::create_dir(desk.path("disk")).expect("a folder");
    // Filled to the last page after the vault was copied onto it; checked when there is room again.
    let full = "mount -t tmpfs -o size=400k tmpfs disk; cp v.sgv keys/*.pin disk; cat /dev/zero >disk/fill 2>&-; ";
    let check = "; code=$?; rm disk/fill; stillgood verify disk/v.sgv --keys keys >after; cmp -s before after || echo changed; ls disk; exit $code";
    desk.put("before", desk.done("verify v.sgv --keys keys").stdout);
    let run = |case: &str, line: &str, left: &str| {
        let Some(ran) = desk.mounting(&format!("{full}{line}{check}")) else { return };
        ran.failed(2);
        assert_eq!(
            ran.stdout.lines().filter(|name| !name.ends_with(".pin")).collect::<Vec<_>>().join(" "),
            left,
            "{case}"
        );
        desk.golden(case, &Ran { line: line.to_owned(), stdout: String::new(), ..ran });
    };
    run("bad-disk-import", "stillgood import disk/v.sgv --keys keys more.json", "v.sgv");
    run("bad-disk-decide", "stillgood decide disk/v.sgv --keys keys two.json", "v.sgv");
    run("bad-disk-init", "stillgood init disk/w.sgv --keys keys", "v.sgv");
    run("bad-disk-keygen", "stillgood keygen --name me --out disk/more", "more v.sgv");
    run(
        "bad-disk-save",
        "stillgood decide v.sgv --keys keys --at 2025-01-01T00:00:00Z --save disk/d.json two.json",
        "v.sgv",
    );
}

/// Nothing can be said: the exit code says so, and what was done stays done.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full() {
    let desk = Desk::full_vault();
    desk.put("more.json", super::samples::LIST);
    let run = |case: &str, line: &str| cannot(&desk, case, &desk.shell(&format!("{line} >/dev/full")));
    run("bad-output-help", "stillgood --help");
    run("bad-output-version", "stillgood --version");
    run("bad-output-verify", "stillgood verify v.sgv --keys keys");
    run("bad-output-import", "stillgood import v.sgv --keys keys more.json");
    run("bad-output-init", "stillgood init w.sgv --keys keys");
    assert!(desk.done("import v.sgv --keys keys more.json").stdout.contains("1 as they were"));
    desk.done("verify w.sgv --keys keys");

    let entries = || desk.content("v.sgv")[7]["checked"].as_u64().expect("a number");
    let before = entries();
    run("bad-output-decide", "stillgood decide v.sgv --keys keys two.json");
    // With it stands that it is the first by these policies.
    assert_eq!(entries(), before + 2, "it is stored");
    run("bad-output-decide-as-of", "stillgood decide v.sgv --keys keys --at 2025-01-01T00:00:00Z two.json");
    assert_eq!(entries(), before + 2, "it is not stored");
}

/// Closed from the beginning: nobody asked to be told anything. A reader that goes away later is the same.
#[test]
fn streams_that_are_closed() {
    let desk = Desk::full_vault();
    let entries = || desk.content("v.sgv")[7]["checked"].as_u64().expect("a number");
    let before = entries();
    for (case, script, code) in [
        ("output", "stillgood decide v.sgv --keys keys --save d.json two.json >&-", 0),
        ("input", "stillgood decide v.sgv --keys keys <&-", 2),
        ("input-of-import", "stillgood import v.sgv --keys keys - <&-", 2),
        ("errors", "stillgood import v.sgv --keys keys nowhere.json 2>&-", 2),
        ("everything", "stillgood import v.sgv --keys keys nowhere.json <&- >&- 2>&-", 2),
        ("reader-after-a-line", "stillgood decide v.sgv --keys keys search.json | head -1", 0),
    ] {
        let ran = desk.shell(script);
        assert_eq!(ran.code, Some(code), "{case}");
        ran.plain();
        desk.golden(&format!("bad-stream-{case}"), &ran);
    }
    // With the first stands that it is the first by these policies.
    assert_eq!(entries(), before + 3, "what was decided is stored, whoever heard of it");
    desk.done("verify d.json --verifier keys/device.vkey");
}

/// A decision takes the place of an earlier one, and of nothing else.
#[test]
fn places_to_save() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    desk.put("diary.txt", "Dear diary, Lisbon was wet.\n").put("empty", "");
    // As root, a device itself would be replaced by a file. This is only a link to one.
    std::os::unix::fs::symlink("/dev/null", desk.path("device")).expect("a link");
    let places = [
        ("folder", "keys"),
        ("folder-with-slash", "keys/"),
        ("diary", "diary.txt"),
        ("search", "two.json"),
        ("key", "keys/owner.pem"),
        ("vault", "v.sgv"),
        ("log", "v.sgv-wal"),
        ("below-a-file", "a.json/d.json"),
        ("device", "device"),
        ("standard-output", "-"),
    ];
    for (case, place) in places {
        let content = fs::read(desk.path(place)).ok();
        desk.cannot(&format!("bad-save-{case}"), &format!("decide v.sgv --keys keys --save {place} two.json"));
        assert_eq!(fs::read(desk.path(place)).ok(), content, "{place}");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    // An empty file is nobody's, and an earlier decision is there to be replaced.
    desk.done("decide v.sgv --keys keys --save empty two.json");
    desk.done("decide v.sgv --keys keys --save empty search.json");
}

#[test]
fn places_without_rights() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    desk.put("shut/a.json", super::samples::SHAPE_A).put("policies/set.toml", "");
    let run = |case: &str, line: &str| {
        if let Some(ran) = desk.without_rights(line) {
            cannot(&desk, &format!("bad-rights-{case}"), &ran);
        }
    };
    let closed = |name: &str, mode: u32| {
        desk.open_to_all();
        desk.mode(name, mode);
    };
    closed("a.json", 0);
    run("export", "import v.sgv --keys keys a.json");
    closed("shut", 0);
    run("export-in-a-folder", "import v.sgv --keys keys shut/a.json");
    run("save-in-a-shut-folder", "decide v.sgv --keys keys --at 2025-01-01T00:00:00Z --save shut/d.json two.json");
    run("keygen-in-a-shut-folder", "keygen --name me --out shut/keys");
    run("init-in-a-shut-folder", "init shut/v.sgv --keys keys");
    closed("shut", 0o555);
    run("save", "decide v.sgv --keys keys --at 2025-01-01T00:00:00Z --save shut/d.json two.json");
    run("keygen", "keygen --name me --out shut");
    run("init", "init shut/v.sgv --keys keys");
    closed("two.json", 0);
    run("search", "decide v.sgv --keys keys two.json");
    closed("keys", 0);
    run("key-folder", "decide v.sgv --keys keys search.json");
    closed("keys/device.pem", 0);
    run("device-key", "decide v.sgv --keys keys search.json");
    closed("policies", 0);
    run("policies", "policy check policies");
    closed("policies/set.toml", 0);
    run("set", "policy check policies");
    closed("v.sgv", 0);
    run("vault", "decide v.sgv --keys keys search.json");
    run("vault-verify", "verify v.sgv --keys keys");
    desk.open_to_all();
    assert_eq!(desk.names("shut"), ["a.json"], "nothing was made");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
}

/// Stopped while it writes: nothing of the import is there, and it can be done again.
#[test]
fn an_import_that_is_interrupted() {
    const ROWS: u64 = 100;
    let desk = Desk::empty_vault();
    let text = "x".repeat(64 << 10);
    let record = |n: u64| {
        format!(r#"{{"id": "m{n}", "memory": "{text}", "type": "semantic", "created_at": "2005-01-01T00:00:00Z"}}"#)
    };
    desk.put("export.json", format!("[{}]", (0..ROWS).map(record).collect::<Vec<_>>().join(",")));
    let before = desk.content("v.sgv");
    let whole = ROWS * text.len() as u64;
    // Told by the log beside the vault, which grows to the size of all texts before anything in it counts.
    for (signal, written) in [("INT", whole / 10), ("TERM", whole * 5 / 8)] {
        let mut child =
            desk.program().args(["import", "v.sgv", "--keys", "keys", "export.json"]).spawn().expect("it starts");
        while fs::metadata(desk.path("v.sgv-wal")).map_or(0, |log| log.len()) < written {
            if child.try_wait().expect("it is ours").is_some() {
                return skip("the import was over before it could be interrupted: this machine is too fast");
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let kill = std::process::Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(kill.is_ok_and(|kill| kill.success()), "`kill`");
        let status = child.wait().expect("it ends");
        if status.success() {
            return skip("the import was over before the signal reached it: this machine is too fast, or too busy");
        }
        assert_eq!(status.code(), None, "{signal} ended it");
        assert_eq!(desk.content("v.sgv"), before, "{signal}: nothing was imported");
    }
    desk.answers("bad-interrupted-import-again", "import v.sgv --keys keys export.json");
    assert_eq!(desk.names("."), ["export.json", "keys", "other", "v.sgv"], "nothing is left");
}
