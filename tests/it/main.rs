//! Tests of the public interface, one module per thing that a user would notice.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod access;
mod artifact;
mod attestation;
mod cases;
mod cli;
mod concurrent;
mod diagnostics;
mod earning;
mod evidence_page;
mod evidence_parts;
mod examinations;
mod fit;
mod formats;
mod fresher;
mod gate;
mod histories;
mod holding_back;
mod hostile;
mod labels;
mod locked;
mod openssl;
mod payment;
mod policies;
mod primitives;
mod route;
mod scenarios;
mod second;
mod seeds;
mod settlement;
mod share;
mod structure;
mod support;
mod targets;
mod until;
mod vault;
