//! The route box: which way did the request take? Who sent it says so, and nobody can check it: a [`RouteClaim`] is never
//! more than claimed.
//!
//! Two things beside it are signed by the enclave's key, and can be checked: the [`KeyConfig`] to which requests are sealed
//! on the private path, and a [`Heartbeat`]. Neither proves that a request took that path.

mod claim;
mod heartbeat;
mod key_config;

pub use claim::{Path, Rewritten, RouteClaim, RouteClaimError};
pub use heartbeat::{Heartbeat, HeartbeatError, SignedHeartbeat};
pub use key_config::{KeyConfig, KeyConfigError, SignedKeyConfig};

/// Longer files are not read, in bytes.
pub const MOST_ROUTE: usize = 64 << 10;
