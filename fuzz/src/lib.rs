//! The targets, as the project's tests have them in `tests/it/targets`.

#[path = "../../tests/it"]
mod it {
    pub(crate) mod targets;
}

/// Runs a target on what the fuzzer made up.
pub fn run(target: &str, bytes: &[u8]) {
    it::targets::named(target)(bytes);
}
