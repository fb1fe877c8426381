//! The versions that a table was made with, from the lock file.

/// The version of a crate, as cargo resolved it.
pub(crate) fn version_of(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let wanted = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.split_once(&wanted).unwrap_or_else(|| panic!("{name} is in the lock file"));
    rest.split('"').next().unwrap_or_default()
}
