//! Targets for a fuzzer: each takes any bytes, and says what must hold of them. `fuzz/` runs them on bytes that a fuzzer
//! makes up, [`crate::seeds`] on those that are kept.
//!
//! What stands under a signature or a seal is signed or sealed by the target itself, with the throwaway keys of
//! `docs/formats.md`, so that a fuzzer gets behind it.

mod attestation;
mod bundle;
mod entry;
mod facts;
mod head;
mod import;
mod lab;
mod material;
mod note;
mod payment;
mod policy;
mod request;
mod ring;
mod route;
mod sealed_part;
mod settlement;
mod survival;
mod table;

/// Panics where something does not hold. Gives whether the bytes were taken: where none ever is, nothing was tested.
type Target = fn(&[u8]) -> bool;

/// Each target by its name.
pub(crate) const ALL: &[(&str, Target)] = &[
    ("attestation", attestation::target),
    ("bundle", bundle::target),
    // What it runs is no part of the public interface: without a fuzzer the library's own tests run it.
    #[cfg(fuzzing)]
    ("differential", stillgood::compare_policies),
    ("entry", entry::target),
    ("facts", facts::target),
    ("head", head::target),
    ("import", import::target),
    ("material", material::target),
    ("note", note::target),
    ("payment", payment::target),
    ("policy", policy::target),
    ("request", request::target),
    ("ring", ring::target),
    ("route", route::target),
    ("sealed_part", sealed_part::target),
    ("settlement", settlement::target),
    ("survival", survival::target),
    ("table", table::target),
];

/// The target of this name.
pub(crate) fn named(name: &str) -> Target {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("there is no target {name}")).1
}
