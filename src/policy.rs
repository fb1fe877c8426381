//! Policies: `.rhai` files that each answer one question about a row, and the set that decides together.

mod boundaries;
mod bug;
mod cases;
mod check;
mod diagnostic;
#[cfg(any(test, fuzzing))]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it is made of tests")]
pub(crate) mod differential;
mod evaluate;
mod flatten;
mod load;
mod lower;
mod program;
mod ruling;
mod sandbox;
mod set;
mod source;
mod syntax;
mod table;
mod typed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rhai::{AST, Engine};

pub use cases::{CaseError, CaseOutcome};
pub use diagnostic::{Diagnostic, Place, Problem, Severity};
pub use evaluate::Evaluator;
pub(crate) use evaluate::Said;
pub(crate) use ruling::{Opined, Reasons, rule};
pub(crate) use sandbox::Failure;
pub(crate) use table::NotOurs;
pub use table::{PersonalTable, Provenance, TableError};

use crate::facts::Schema;
use crate::id::Digest;
use crate::request::Candidate;
use crate::score::Score;
use crate::seal::Keys;
use crate::survival::SurvivalTable;
use crate::verdict::Stance;

/// One policy of a set.
#[derive(Clone, Debug)]
pub struct Policy {
    id: String,
    source: String,
    ast: AST,
    vouches: bool,
    /// The places of the facts that it names.
    facts: BTreeSet<usize>,
}

impl Policy {
    /// Its file's name without `.rhai`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it contains a `live`, so that its opinion vouches for a row.
    pub fn vouches(&self) -> bool {
        self.vouches
    }
}

/// The policies that decide together, checked. Cheap to clone, shared between threads.
///
/// ```
/// let set = stillgood::PolicySet::builtin();
/// assert_eq!(set.name(), "stillgood");
/// assert!(set.policies().iter().any(|policy| policy.id() == "holds"));
/// ```
#[derive(Clone, Debug)]
pub struct PolicySet(Arc<Inner>, By);

/// What evaluates the policies of a set.
#[derive(Clone, Copy, Debug)]
enum By {
    Programs,
    Interpreter,
}

#[derive(Debug)]
struct Inner {
    name: String,
    version: u64,
    digest: Digest,
    relevant_from: Score,
    keys: BTreeMap<String, crate::facts::FactKind>,
    schema: Arc<Schema>,
    params: Arc<sandbox::Params>,
    survival: table::Tables,
    /// The places of the facts that any policy names.
    facts: BTreeSet<usize>,
    policies: Vec<Policy>,
    /// The policies in this order.
    program: program::Program,
    engine: Engine,
}

/// The files of a set: name to content. Cases files may be among them.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Why a set does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The folder or one of its files cannot be read.
    #[error("cannot read `{path}`: {kind}")]
    Unreadable {
        /// What was to be read.
        path: String,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// The checker found errors.
    #[error("the policy set has errors, the first: {}", .0.first().map(Diagnostic::in_one_line).unwrap_or_default())]
    Refused(Vec<Diagnostic>),
}

impl PolicySet {
    /// The shipped set.
    pub fn builtin() -> Self {
        PolicySet::from_files(&load::shipped()).expect("the shipped set is checked by the tests")
    }

    /// No policy at all, so that every row is held (`stillgood:unvouched`): a gate that is shut. Also what a decision costs
    /// before any policy is asked.
    pub fn shut() -> Self {
        PolicySet(Arc::new(load::shut()), By::Programs)
    }

    /// The set in a folder: `set.toml`, every `*.rhai`, and `survival.toml` and `survival.note` if there are any.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        PolicySet::from_files(&load::read_dir(dir)?)
    }

    /// The set in these files.
    ///
    /// # Errors
    /// [`LoadError::Refused`] with every error of every file.
    pub fn from_files(files: &Files) -> Result<Self, LoadError> {
        let (set, mut found) = PolicySet::check(files);
        set.ok_or_else(|| {
            found.retain(|diagnostic| diagnostic.problem.severity == Severity::Error);
            LoadError::Refused(found)
        })
    }

    /// Everything the checker has to say, and the set if none of it is an error.
    pub fn check(files: &Files) -> (Option<Self>, Vec<Diagnostic>) {
        let (inner, found) = load::load(files);
        let refused = found.iter().any(|diagnostic| diagnostic.problem.severity == Severity::Error);
        (inner.filter(|_| !refused).map(|inner| PolicySet(Arc::new(inner), By::Programs)), found)
    }

    /// The same set, evaluated by Rhai's own interpreter: much slower, and the reference that programs are compared with.
    /// It gives the same opinions, but does not know for how long they stand.
    #[must_use]
    pub fn interpreted(&self) -> Self {
        PolicySet(Arc::clone(&self.0), By::Interpreter)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its version, which only goes up.
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// Covers name, version and every file: `docs/formats.md`, "Policy set digest".
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// Its policies, by id.
    pub fn policies(&self) -> &[Policy] {
        &self.0.policies
    }

    /// The facts that its policies can read.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// The type of a request key that the set declares.
    pub(crate) fn request_key(&self, key: &str) -> Option<crate::facts::FactKind> {
        self.0.keys.get(key).copied()
    }

    /// The table by which rows are judged: the personal one, else the [prior](Self::prior).
    pub fn survival(&self) -> &SurvivalTable {
        self.0.survival.used()
    }

    /// The table of `survival.toml`, else of the shipped set: what a personal one is fitted from.
    pub fn prior(&self) -> &SurvivalTable {
        self.0.survival.prior()
    }

    /// The table that was fitted to one vault, of `survival.note`. Whether the vault's owner signed it, a gate checks before it
    /// decides.
    pub fn personal(&self) -> Option<&PersonalTable> {
        self.0.survival.personal()
    }

    /// Whether rows of this vault may be judged by the set's table.
    pub(crate) fn check_table(&self, keys: &Keys) -> Result<(), NotOurs> {
        self.0.survival.check(keys)
    }

    /// From this relevance on, a candidate is relevant.
    pub fn relevant_from(&self) -> Score {
        self.0.relevant_from
    }

    /// Whether a candidate matters to the question: it was asked for by name, or fits well enough.
    pub(crate) fn is_relevant(&self, candidate: &Candidate) -> bool {
        candidate.asked || candidate.relevance().is_some_and(|score| score >= self.relevant_from())
    }
}

impl PolicySet {
    /// The files of a folder, for [`Self::check`].
    ///
    /// # Errors
    /// [`LoadError::Unreadable`].
    pub fn read_files(dir: &Path) -> Result<Files, LoadError> {
        load::read_dir(dir)
    }
}

/// The stance in words, for output.
pub(crate) fn stance_of(name: &str) -> Option<Stance> {
    [Stance::Live, Stance::Background, Stance::Stale, Stance::ReEarn].into_iter().find(|stance| stance.name() == name)
}
