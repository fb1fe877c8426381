//! stillgood
mod cbor;
mod decision;
mod evidence;
mod facts;
mod gate;
mod id;
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
pub use facts::{Fact, FactKind, OverTime, Schema, Value};
pub use gate::*;
pub use policy::{CaseError, CaseOutcome, Diagnostic, Files, LoadError, Place, Policy, PolicySet, Problem, Severity};
pub use request::*;
pub use survival::*;
pub use evidence::*;
pub use id::*;
pub use keyfile::KeyFileError;
pub use note::*;
pub use row::*;
pub use score::*;
pub use seal::*;
pub use time::*;
pub use verdict::*;
#[cfg(feature = "vault")]
pub use store::StoreError;
#[cfg(feature = "vault")]
pub use vault::*;
