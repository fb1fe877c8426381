//! Policies: `.rhai` files that each answer one question about a row, and the set that decides together.

mod cases;
mod check;
mod diagnostic;
#[cfg(test)]
mod differential;
mod evaluate;
mod flatten;
mod load;
mod lower;
mod program;
mod sandbox;
mod set;
mod source;
mod syntax;
mod typed;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rhai::{AST, Engine};

pub use cases::{CaseError, CaseOutcome};
pub use diagnostic::{Diagnostic, Place, Problem, Severity};
pub use evaluate::Evaluator;
pub(crate) use evaluate::Said;
pub(crate) use sandbox::Failure;

use crate::facts::Schema;
use crate::id::Digest;
use crate::request::Candidate;
use crate::score::Score;
use crate::survival::SurvivalTable;
use crate::verdict::{Need, Opinion, Reason, Stance, Verdict};

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
    survival: SurvivalTable,
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

    /// The set in a folder: `set.toml`, every `*.rhai`, and `survival.toml` if there is one.
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

    /// From this relevance on, a candidate is relevant.
    pub fn relevant_from(&self) -> Score {
        self.0.relevant_from
    }

    /// Whether a candidate matters to the question: it was asked for by name, or fits well enough.
    pub(crate) fn is_relevant(&self, candidate: &Candidate) -> bool {
        candidate.asked || candidate.relevance().is_some_and(|score| score >= self.relevant_from())
    }
}

/// What one policy said of a row: an opinion, none, or why it failed.
pub(crate) type Opined<'a> = (&'a Policy, Result<Option<Cow<'a, Opinion>>, Failure>);

/// Many opinions become one verdict: the strictest wins, and every reason at that strictness stands, the core's first,
/// then by file name.
pub(crate) fn rule(core: Vec<Reason>, opinions: &[Opined<'_>], relevant: bool) -> (Verdict, Vec<Reason>) {
    let (verdict, reasons) = Reasons::default().rule(&core, opinions, relevant);
    (verdict, reasons.to_vec())
}

/// The reasons of many rows. Most have theirs in common with another, so each list is made once and shared.
#[derive(Default)]
pub(crate) struct Reasons(Vec<Arc<[Reason]>>);

impl Reasons {
    /// With more lists than this, finding one costs more than making it.
    const MOST: usize = 64;

    /// As [`rule`].
    pub(crate) fn rule(
        &mut self,
        core: &[Reason],
        opinions: &[Opined<'_>],
        relevant: bool,
    ) -> (Verdict, Arc<[Reason]>) {
        let mut given: Vec<(Verdict, Because<'_>)> =
            core.iter().map(|reason| (Verdict::ReEarn, reason.into())).collect();
        let mut vouched = false;
        for (policy, said) in opinions {
            let one = match said {
                Ok(None) => continue,
                Ok(Some(opinion)) => {
                    vouched |= policy.vouches;
                    let verdict = opinion.stance.verdict(relevant);
                    let need = opinion.need.as_ref().filter(|_| verdict == Verdict::ReEarn);
                    (verdict, Because { policy: &policy.id, code: &opinion.code, need })
                }
                Err(Failure::Error(_)) => (Verdict::ReEarn, (&POLICY_ERROR).into()),
                Err(Failure::OverBudget) => (Verdict::ReEarn, (&OVER_BUDGET).into()),
            };
            if !given.contains(&one) {
                given.push(one);
            }
        }
        if !vouched {
            given.insert(core.len(), (Verdict::ReEarn, (&UNVOUCHED).into()));
        }
        let strictest = given.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::ReEarn);
        let kept = given.iter().filter(|(verdict, _)| *verdict == strictest).map(|(_, because)| *because);
        (strictest, self.shared(kept))
    }

    /// The list of this reason alone.
    pub(crate) fn only(&mut self, reason: &Reason) -> Arc<[Reason]> {
        self.shared(std::iter::once(reason.into()))
    }

    fn shared<'r>(&mut self, reasons: impl Iterator<Item = Because<'r>> + Clone) -> Arc<[Reason]> {
        let same = |list: &[Reason]| {
            let mut rest = reasons.clone();
            list.iter().all(|reason| rest.next().is_some_and(|because| because.is(reason))) && rest.next().is_none()
        };
        if let Some(known) = self.0.iter().find(|list| same(list)) {
            return Arc::clone(known);
        }
        let new: Arc<[Reason]> = reasons.map(Because::to_reason).collect();
        if self.0.len() < Reasons::MOST {
            self.0.push(Arc::clone(&new));
        }
        new
    }
}

static UNVOUCHED: Reason = Reason::unvouched();
static POLICY_ERROR: Reason = Reason::policy_error();
static OVER_BUDGET: Reason = Reason::over_budget();

/// A reason, before it is known whether it is new.
#[derive(Clone, Copy, PartialEq)]
struct Because<'a> {
    policy: &'a str,
    code: &'a str,
    need: Option<&'a Need>,
}

impl<'a> From<&'a Reason> for Because<'a> {
    fn from(reason: &'a Reason) -> Self {
        Because { policy: &reason.policy, code: &reason.code, need: reason.need.as_ref() }
    }
}

impl Because<'_> {
    fn is(self, reason: &Reason) -> bool {
        self == Because::from(reason)
    }

    fn to_reason(self) -> Reason {
        let Because { policy, code, need } = self;
        Reason { policy: policy.to_owned().into(), code: code.to_owned().into(), need: need.cloned() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_reasons_are_shared_and_many_different_ones_are_told_apart() {
        let mut reasons = Reasons::default();
        let damaged = reasons.only(&Reason::damaged());
        assert!(Arc::ptr_eq(&damaged, &reasons.only(&Reason::damaged())));
        for code in 0..2 * Reasons::MOST {
            let reason = Reason { code: format!("c{code}").into(), ..Reason::damaged() };
            assert_eq!(*reasons.only(&reason), [reason]);
        }
        assert!(Arc::ptr_eq(&damaged, &reasons.only(&Reason::damaged())));
        let other_need = Reason { need: Some(Need::Settle), ..Reason::damaged() };
        assert_eq!(*reasons.only(&other_need), [other_need]);
    }
}
