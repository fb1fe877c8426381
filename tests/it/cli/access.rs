//! A vault that can only be read, and one that another process is writing.

use std::fs;

use super::desk::Desk;

/// A vault with rows, marked read-only.
fn read_only() -> Desk {
    let desk = Desk::full_vault();
    let path = desk.path("v.sgv");
    let mut permissions = fs::metadata(&path).expect("a file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("its owner may");
    desk
}

#[test]
fn decide_where_nothing_can_be_stored() {
    let desk = read_only();
    let before = (desk.bytes("v.sgv"), desk.names("."), desk.names("keys"));
    desk.cannot("decide-read-only", "decide v.sgv --keys keys search.json");
    desk.answers("decide-unlogged", "decide v.sgv --keys keys --unlogged two.json");
    assert_eq!((desk.bytes("v.sgv"), desk.names("."), desk.names("keys")), before);
    desk.done("decide v.sgv --keys keys --unlogged --save d.json two.json");
    desk.answers("show-unlogged", "show d.json");
    desk.done("verify d.json --verifier keys/device.vkey");
    desk.done("verify v.sgv --keys keys");
    desk.cannot("decide-unlogged-as-of", "decide v.sgv --keys keys --unlogged --at 2026-01-01T00:00:00Z two.json");
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|known| known.uid() == 0)
}

/// The folder of another user: the file may be written, and its log cannot be made.
#[cfg(unix)]
#[test]
fn a_file_that_can_be_written_in_a_folder_that_cannot() {
    let desk = Desk::full_vault();
    desk.open_to_all();
    // Whoever is not root has no folder of another user here, and closes its own.
    desk.mode(".", if is_root() { 0o755 } else { 0o555 });
    let names = desk.names(".");
    let runs = [
        ("decide v.sgv --keys keys --unlogged two.json", 0, ""),
        ("verify v.sgv --keys keys", 0, ""),
        ("decide v.sgv --keys keys two.json", 2, "the vault can only be read"),
    ];
    for (line, code, says) in runs {
        let Some(ran) = desk.without_rights(line) else { return };
        assert_eq!(ran.code, Some(code), "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{line}: {}", ran.stderr);
    }
    desk.mode(".", 0o777);
    assert_eq!(desk.names("."), names);
    let ran = desk.without_rights("decide v.sgv --keys keys two.json").expect("it ran before");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn decide_unlogged_where_decisions_are_stored() {
    let desk = Desk::full_vault();
    desk.cannot("decide-unlogged-writable", "decide v.sgv --keys keys --unlogged two.json");
}

#[test]
fn import_where_nothing_can_be_stored() {
    let desk = read_only();
    desk.put("more.json", super::samples::SHAPE_B.replace("tea", "new"));
    let before = desk.bytes("v.sgv");
    desk.cannot("import-read-only", "import v.sgv --keys keys more.json");
    assert_eq!(desk.bytes("v.sgv"), before);
}

#[test]
fn a_vault_that_another_process_is_writing() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let other = rusqlite::Connection::open(desk.path("v.sgv")).expect("the vault file");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    desk.cannot("decide-busy", "decide v.sgv --keys keys two.json");
    desk.cannot("import-busy", "import v.sgv --keys keys a.json");
    drop(other);
    assert_eq!(desk.content("v.sgv"), before);
}
