//! stillgood
mod cbor;
mod decision;
mod evidence;
mod facts;
mod gate;
mod id;
#[cfg(feature = "import")]
pub mod import;
mod keyfile;
mod note;
mod policy;
mod request;
mod row;
mod score;
mod seal;
#[cfg(feature = "vault")]
mod store;
mod survival;
mod text;
mod time;
pub mod tree;
#[cfg(feature = "vault")]
mod vault;
mod verdict;

pub use decision::{Decision, Durability, Header, Judged, Ruling, SetName, SignedDecision, VerifyError, View};
pub use evidence::*;
pub use facts::{Fact, FactKind, OverTime, Schema, Value};
pub use gate::*;
pub use id::*;
pub use keyfile::KeyFileError;
pub use note::*;
pub use policy::{CaseError, CaseOutcome, Diagnostic, Files, LoadError, Place, Policy, PolicySet, Problem, Severity};
pub use request::*;
pub use row::*;
pub use score::*;
pub use seal::*;
#[cfg(feature = "vault")]
pub use store::StoreError;
pub use survival::*;
pub use time::*;
#[cfg(feature = "vault")]
pub use vault::*;
pub use verdict::*;
