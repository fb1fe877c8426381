//! Every kept input of every fuzz target holds, without a fuzzer. What a fuzzer found once stays found.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{file, skip};
use crate::targets;

/// The names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The package as it is published goes without the folder.
fn is_here() -> bool {
    let here = file("fuzz").exists();
    if !here {
        skip("the seeds of the fuzz targets are not here");
    }
    here
}

fn seeds_hold(target: &str) {
    if !is_here() {
        return;
    }
    let folder = file("fuzz/corpus").join(target);
    let names = names(&folder);
    let taken = names.iter().filter(|name| {
        // Shown where the target panics.
        println!("fuzz/corpus/{target}/{name}");
        targets::named(target)(&std::fs::read(folder.join(name)).unwrap())
    });
    let taken = taken.count();
    assert!(taken >= 3 && names.len() - taken >= 3, "{taken} of {} seeds are taken", names.len());
}

macro_rules! seeds {
    ($($target:ident)+) => {
        $(#[test]
        fn $target() {
            seeds_hold(stringify!($target));
        })+

        #[test]
        fn every_target_has_a_fuzzer_and_seeds() {
            let mut tested = BTreeSet::from([$(stringify!($target).to_owned()),+]);
            assert_eq!(tested, targets::ALL.iter().map(|(name, _)| (*name).to_owned()).collect());
            // Its seeds are tested inside the library.
            tested.insert("differential".to_owned());
            if is_here() {
                assert_eq!(tested, names(&file("fuzz/corpus")));
                let with_a_fuzzer = tested.iter().map(|name| format!("{name}.rs")).collect();
                assert_eq!(names(&file("fuzz/fuzz_targets")), with_a_fuzzer);
            }
        }
    };
}

seeds! {
    attestation bundle entry facts head import material note payment policy request ring route sealed_part settlement
    survival table
}
