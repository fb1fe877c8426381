//! What survives: a power cut at every write, a disk that fails or is full, a kill at any moment.
//!
//! A binary of its own, because the wrapped file layer of `vfs` becomes SQLite's default in this process. The product
//! opens its vaults through it without knowing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod create;
mod cut;
mod disk;
mod faults;
mod inspect;
mod kill;
mod lies;
mod made;
mod recorder;
#[path = "../it/support.rs"]
#[allow(dead_code, reason = "the other tests need more of it")]
mod support;
mod torn;
mod vfs;
