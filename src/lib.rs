#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "vault")]
mod answer;
mod cbor;
mod decision;
mod evidence;
mod facts;
mod gate;
mod id;
#[cfg(feature = "import")]
pub mod import;
mod keyfile;
#[cfg(feature = "measure")]
pub mod measure;
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

/// For the fuzzer alone, which runs on what only the library sees: whether a policy made of these bytes was taken.
///
/// # Panics
/// Where programs and the interpreter disagree.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn compare_policies(bytes: &[u8]) -> bool {
    policy::differential::compared(bytes)
}

#[cfg(feature = "vault")]
pub use answer::{AnswerDigest, AnswerError};
pub use decision::{Decision, Durability, Header, Judged, Ruling, SetName, SignedDecision, VerifyError, View};
pub use evidence::{
    Artifact, Attached, Attachments, BoxKind, Boxes, Code, Evidence, EvidenceFull, Finding, Found, How, Kept,
    MOST_MATERIAL, Material, MaterialError, MaterialKind, Mode, PaymentRung, Private, Saying, SettlementRung, State,
};
#[cfg(feature = "evidence")]
pub use evidence::{artifact, attestation, examine, payment, route, settlement, statement};
pub use facts::{Fact, FactKind, OverTime, Schema, Value};
pub use gate::{DecideError, Fault, Gate, IllegalRow, Memory, Retrieval, SealedRow};
pub use id::{DecisionId, Digest, IdError, KeyName, RowId, VaultId};
pub use keyfile::{KeyFileError, Passphrase, PassphraseError};
pub use note::{Note, NoteError, Signer, Verifier, VkeyError};
pub use policy::{
    CaseError, CaseOutcome, Diagnostic, Evaluator, Files, LoadError, PersonalTable, Place, Policy, PolicySet, Problem,
    Provenance, Severity, TableError,
};
pub use request::{About, Candidate, KeyValue, Occasion, Offered, Request, Route};
pub use row::{
    Body, BodyError, Categories, Category, Draft, Head, Kind, Label, LabelError, LinkKind, Links, MadeBy, Origin,
    OwnLink, Parents, Source, Tag, TextCommitment, TooManyLinks, Traits,
};
pub use score::{Score, ScoreError};
pub use seal::{
    Identity, KeyRing, Keys, ListedVerifier, OpenError, Recipient, RingError, Roles, SealedBody, SealedEvidence,
    SealedHead, UnlockError,
};
#[cfg(feature = "vault")]
pub use store::{StoreError, Sweep};
pub use survival::{
    CurveDefect, Experience, Fit, Key, Outcome, Shape, Shift, Shifts, Standing, SurvivalError, SurvivalTable, Tenure,
    Watched,
};
pub use time::{Span, SpanError, TimeError, Timestamp};
#[cfg(all(feature = "evidence", feature = "vault"))]
pub use vault::Rechecked;
#[cfg(feature = "vault")]
pub use vault::{
    Added, Again, Answer, EarnError, Earned, Earning, Entry, Event, ForgetError, Forgotten, Inputs, Lived, Observation,
    ObservedIn, Opened, Pin, PinError, Placed, Progress, Question, Report, Steering, UseError, Used, Vault, VaultError,
    VaultFinding, Word,
};
pub use verdict::{Need, Opinion, ParseVerdictError, Reason, Stance, Verdict};
