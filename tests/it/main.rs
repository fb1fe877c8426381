//! Tests of the public interface, one module per thing that a user would notice.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod access;
#[cfg(feature = "evidence")]
mod artifact;
#[cfg(feature = "evidence")]
mod attestation;
mod cases;
mod cli;
mod concurrent;
mod diagnostics;
mod evidence_page;
mod evidence_parts;
mod formats;
mod fresher;
mod gate;
mod holding_back;
mod hostile;
mod locked;
mod openssl;
#[cfg(feature = "evidence")]
mod payment;
mod policies;
mod primitives;
#[cfg(feature = "evidence")]
mod route;
mod scenarios;
mod second;
mod seeds;
#[cfg(feature = "evidence")]
mod settlement;
mod share;
mod structure;
mod support;
mod targets;
mod until;
mod vault;
