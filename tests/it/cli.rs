//! The program as its user sees it: every verb, every way to get it wrong, and what it says then.
#![cfg(feature = "cli")]

mod access;
mod answers;
mod bad_decisions;
mod bad_exports;
mod bad_keys;
mod bad_lines;
#[cfg(unix)]
mod bad_places;
mod bad_policies;
mod bad_records;
mod bad_searches;
mod bad_vaults;
mod command_line;
mod decide;
mod desk;
mod earning;
mod evaluate;
mod evidence;
mod fit;
mod forgetting;
mod import;
mod keys;
mod log;
#[cfg(unix)]
mod passphrase;
mod policy;
mod samples;
#[cfg(unix)]
mod shell;
mod show;
mod story;
mod streams;
mod tryout;
mod verify;

use std::fs;

/// As many golden files there are. One that no test reads, or that was forgotten, shows here.
const GOLDENS: usize = 1049;

/// Every memory in these tests holds this word; no message on standard error ever does.
const SECRET: &str = "Lisbon";

#[test]
fn every_golden_file_is_counted() {
    let files = fs::read_dir(desk::folder()).expect("the golden files").count();
    assert_eq!(files, GOLDENS, "golden files in {}", desk::folder().display());
}
