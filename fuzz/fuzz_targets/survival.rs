#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stillgood_fuzz::run("survival", bytes));
