//! Instructions of one decision, and of policies alone, counted by callgrind: repeatable where times are not.
//! `cargo bench --bench instructions`.
//!
//! A run of one decision is taken from a run of eleven; what remains is ten decisions and nothing of the start. The
//! counts are compared with `benches/instructions.txt`; more than 3 % above one of them fails. `STILLGOOD_BLESS=1`
//! writes the file anew. Callgrind knows no SHA instructions, so hashing weighs more here than in a time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that panics has failed"
)]

mod rows;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use stillgood::{Attachments, PolicySet, View};

/// What is decided about 100 rows: by which set, whether with every box filled, and whether by policies alone.
const RUNS: [&str; 6] = ["shut", "all-live", "shipped", "shipped-boxes", "policies-six", "policies-shipped"];
const MARGIN: f64 = 1.03;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [run, times] => decide(run, times.parse().unwrap()),
        _ => return compare(),
    }
    ExitCode::SUCCESS
}

/// Decides about 100 rows, so many times.
fn decide(run: &str, times: usize) {
    let set = match run {
        "shut" => PolicySet::shut(),
        "all-live" => rows::all_live(),
        "policies-six" => rows::six(),
        _ => PolicySet::builtin(),
    };
    let home = rows::Home::new();
    let boxes = if run == "shipped-boxes" { rows::boxes() } else { Attachments::default() };
    let (keys, rows) = home.sealed_with(100, &boxes);
    let request = rows::request(100, 100);
    if run.starts_with("policies") {
        let heads = rows::heads(&keys, &rows, &request);
        return (0..times).for_each(|_| drop(black_box(rows::verdicts(&set, &heads, &request))));
    }
    let gate = home.gate(set);
    for _ in 0..times {
        black_box(gate.decide(&keys, &request, &View::Unpinned, &rows).unwrap());
    }
}

fn compare() -> ExitCode {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: valgrind is not installed");
        return ExitCode::SUCCESS;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let recorded = std::fs::read_to_string(&file).unwrap_or_default();
    let mut counted = String::new();
    let mut worse = false;
    for run in RUNS {
        let count = (instructions(run, 11) - instructions(run, 1)) / 10;
        let known = |line: &str| line.strip_prefix(run)?.strip_prefix(' ')?.parse().ok();
        let before: Option<u64> = recorded.lines().find_map(known);
        let verdict = match before {
            Some(before) if count as f64 > before as f64 * MARGIN => "more than recorded",
            Some(before) if (count as f64) < before as f64 / MARGIN => "fewer than recorded: record it anew",
            Some(_) => "as recorded",
            None => "not recorded",
        };
        worse |= matches!(verdict, "more than recorded" | "not recorded");
        println!("{run:<18}{count:>12} instructions to decide about 100 rows, {verdict}");
        counted.push_str(&format!("{run} {count}\n"));
    }
    if std::env::var_os("STILLGOOD_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&file, counted).unwrap();
        worse = false;
    }
    if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What callgrind counts for a whole run.
fn instructions(run: &str, times: usize) -> u64 {
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args([run, &times.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&counted.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("callgrind says no count:\n{said}"))
}
