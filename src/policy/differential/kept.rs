//! The inputs that a fuzzer kept of this comparison. What a fuzzer found once stays found.

use super::bugs::BUGS;
use super::compare;
use crate::policy::bug::with;

/// Name and content of each; none in the package as it is published, which goes without them.
fn kept() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/differential");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: the seeds of the fuzz targets are not here");
        return vec![];
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn programs_and_the_interpreter_agree_on_every_kept_input() {
    let kept = kept();
    let taken = kept.iter().filter(|(name, bytes)| compare(bytes).unwrap_or_else(|what| panic!("{name}\n{what}")));
    let taken = taken.count();
    assert!(kept.is_empty() || (taken >= 3 && kept.len() - taken >= 3), "{taken} of {} seeds are taken", kept.len());
}

/// They reach what can go wrong.
#[test]
fn the_kept_inputs_find_every_bug_on_purpose() {
    let kept = kept();
    let missed = BUGS.iter().filter(|bug| with(**bug, || kept.iter().all(|(_, bytes)| compare(bytes).is_ok())));
    let missed: Vec<_> = missed.collect();
    assert!(kept.is_empty() || missed.is_empty(), "{missed:?}");
}
