//! Policies: `.rhai` files that each answer one question about a row, and the set that decides together.

mod cases;
mod check;
mod diagnostic;
mod sandbox;
mod set;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rhai::{AST, Engine};

pub use cases::{CaseError, CaseOutcome};
pub use diagnostic::{Diagnostic, Place, Problem, Severity};
pub(crate) use sandbox::{Failure, Reading};

use crate::facts::{Facts, Inputs, Schema};
use crate::id::Digest;
use crate::request::{Candidate, Request};
use crate::row::Head;
use crate::score::Score;
use crate::survival::SurvivalTable;
use crate::text::{hex, is_name};
use crate::verdict::{Opinion, Reason, Stance, Verdict};

/// One policy of a set.
#[derive(Clone, Debug)]
pub struct Policy {
    id: String,
    source: String,
    ast: AST,
    vouches: bool,
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
pub struct PolicySet(Arc<Inner>);

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
    policies: Vec<Policy>,
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

/// The shipped set, compiled in.
const SHIPPED: &[(&str, &str)] = &[
    ("contradicted.rhai", include_str!("../policies/contradicted.rhai")),
    ("denied.rhai", include_str!("../policies/denied.rhai")),
    ("expired.rhai", include_str!("../policies/expired.rhai")),
    ("holds.rhai", include_str!("../policies/holds.rhai")),
    ("not-yet.rhai", include_str!("../policies/not-yet.rhai")),
    ("off-topic.rhai", include_str!("../policies/off-topic.rhai")),
    ("private.rhai", include_str!("../policies/private.rhai")),
    ("set.toml", include_str!("../policies/set.toml")),
    ("superseded.rhai", include_str!("../policies/superseded.rhai")),
    ("survival.toml", include_str!("../policies/survival.toml")),
];

/// A policy file longer than this is refused.
const MOST_SOURCE: usize = 65_535;

impl PolicySet {
    /// The shipped set.
    pub fn builtin() -> Self {
        PolicySet::from_files(&shipped()).expect("the shipped set is checked by the tests")
    }

    /// The set in a folder: `set.toml`, every `*.rhai`, and `survival.toml` if there is one.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        PolicySet::from_files(&read_dir(dir)?)
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
        let mut found = vec![];
        let inner = load(files, &mut found);
        found.sort_by(|a, b| (&a.file, a.place, a.problem.code).cmp(&(&b.file, b.place, b.problem.code)));
        found.dedup();
        let refused = found.iter().any(|diagnostic| diagnostic.problem.severity == Severity::Error);
        (inner.filter(|_| !refused).map(|inner| PolicySet(Arc::new(inner))), found)
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

    /// The facts of one candidate.
    pub(crate) fn read(&self, head: &Head, request: &Request, candidate: &Candidate, rank: usize) -> Arc<Reading> {
        let survival = self.0.survival.survival(head, request.at);
        let facts = self.0.schema.read(&Inputs { head, request, candidate, rank, survival });
        self.reading(facts)
    }

    fn reading(&self, facts: Facts) -> Arc<Reading> {
        Reading::new(Arc::clone(&self.0.schema), facts, Arc::clone(&self.0.params))
    }

    /// What every policy says of one candidate.
    pub(crate) fn opinions(&self, reading: &Arc<Reading>) -> Vec<(&Policy, Result<Option<Opinion>, Failure>)> {
        self.0.policies.iter().map(|policy| (policy, sandbox::run(&self.0.engine, &policy.ast, reading))).collect()
    }
}

/// Many opinions become one verdict: the strictest wins, and every reason at that strictness stands, the core's first,
/// then by file name.
pub(crate) fn rule(
    core: Vec<Reason>,
    opinions: &[(&Policy, Result<Option<Opinion>, Failure>)],
    relevant: bool,
) -> (Verdict, Vec<Reason>) {
    let vouched = opinions.iter().any(|(policy, opinion)| policy.vouches && matches!(opinion, Ok(Some(_))));
    let mut reasons: Vec<(Verdict, Reason)> = core.into_iter().map(|reason| (Verdict::ReEarn, reason)).collect();
    if !vouched {
        reasons.push((Verdict::ReEarn, Reason::unvouched()));
    }
    for (policy, opinion) in opinions {
        match opinion {
            Ok(None) => {}
            Ok(Some(opinion)) => {
                let verdict = opinion.stance.verdict(relevant);
                let need = opinion.need.clone().filter(|_| verdict == Verdict::ReEarn);
                reasons.push((verdict, Reason { policy: policy.id.clone(), code: opinion.code.clone(), need }));
            }
            Err(Failure::Error(_)) => reasons.push((Verdict::ReEarn, Reason::policy_error())),
            Err(Failure::OverBudget) => reasons.push((Verdict::ReEarn, Reason::over_budget())),
        }
    }
    let strictest = reasons.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::ReEarn);
    let mut kept: Vec<Reason> = Vec::new();
    for (_, reason) in reasons.into_iter().filter(|(verdict, _)| *verdict == strictest) {
        if !kept.contains(&reason) {
            kept.push(reason);
        }
    }
    (strictest, kept)
}

/// The shipped set's files, as they stand in `policies/`.
fn shipped() -> Files {
    SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn read_dir(dir: &Path) -> Result<Files, LoadError> {
    let unreadable =
        |path: &Path, why: std::io::Error| LoadError::Unreadable { path: path.display().to_string(), kind: why.kind() };
    let mut files = Files::new();
    for entry in std::fs::read_dir(dir).map_err(|why| unreadable(dir, why))? {
        let path = entry.map_err(|why| unreadable(dir, why))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.ends_with(".rhai") || name == "set.toml" || name == "survival.toml" || name.ends_with(".cases.json") {
            let content = std::fs::read(&path).map_err(|why| unreadable(&path, why))?;
            files.insert(name.to_owned(), content);
        }
    }
    Ok(files)
}

impl PolicySet {
    /// The files of a folder, for [`Self::check`].
    ///
    /// # Errors
    /// [`LoadError::Unreadable`].
    pub fn read_files(dir: &Path) -> Result<Files, LoadError> {
        read_dir(dir)
    }
}

fn load(files: &Files, found: &mut Vec<Diagnostic>) -> Option<Inner> {
    let whole = |file: &str, code, severity, message: String, fix: &str| {
        Problem::of_file(code, severity, message, fix).in_file(file, "")
    };
    let Some(manifest) = files.get("set.toml") else {
        found.push(whole(
            "set.toml",
            "no-set",
            Severity::Error,
            "there is no set.toml".into(),
            "begin it with `name = \"my-rules\"` and `version = 1`",
        ));
        return None;
    };
    let manifest = match set::Manifest::parse(&String::from_utf8_lossy(manifest)) {
        Ok(manifest) => manifest,
        Err((line, what)) => {
            let problem = Problem {
                place: line.map(|line| Place { line, column: 1 }),
                ..Problem::of_file("set", Severity::Error, what, "see policies/set.toml of the shipped set")
            };
            found.push(problem.in_file("set.toml", &String::from_utf8_lossy(manifest)));
            return None;
        }
    };
    let base = match manifest.base.as_deref() {
        None => None,
        Some("stillgood") => Some(PolicySet::builtin()),
        Some(other) => {
            found.push(whole(
                "set.toml",
                "base",
                Severity::Error,
                format!("there is no base set `{other}`"),
                "the base is `stillgood`, or none",
            ));
            return None;
        }
    };
    let mut all = if base.is_some() { shipped() } else { Files::new() };
    all.extend(files.iter().map(|(name, content)| (name.clone(), content.clone())));

    let mut params = base.as_ref().map(|base| (*base.0.params).clone()).unwrap_or_default();
    params.extend(manifest.params.clone());
    let schema = Schema::with_keys(&manifest.keys);
    if schema.facts().len() > sandbox::MOST_FACTS {
        found.push(whole(
            "set.toml",
            "too-many-keys",
            Severity::Error,
            "the set declares too many request keys".into(),
            "at most 190",
        ));
        return None;
    }
    let survival = survival(&all, found)?;
    let engine = sandbox::engine();
    let names: BTreeSet<&str> = params.keys().map(String::as_str).collect();
    let mut policies = vec![];
    for (file, content) in all.iter().filter(|(file, _)| file.ends_with(".rhai")) {
        let own = files.contains_key(file);
        policies.extend(compile(file, content, &engine, &schema, &names, found).filter(|_| own || base.is_some()));
        let cases = file.replace(".rhai", ".cases.json");
        if own
            && !files.contains_key(&cases)
            && !SHIPPED.iter().any(|(name, text)| name == file && text.as_bytes() == content)
        {
            found.push(whole(
                file,
                "no-cases",
                Severity::Warning,
                format!("there is no `{cases}`"),
                "write down what it should say of three rows",
            ));
        }
    }
    if policies.is_empty() {
        found.push(whole(
            "set.toml",
            "no-policies",
            Severity::Error,
            "the set has no policies".into(),
            "add one, or `base = \"stillgood\"`",
        ));
    } else if !policies.iter().any(Policy::vouches) {
        found.push(whole(
            "set.toml",
            "nothing-vouches",
            Severity::Warning,
            "no policy of the set says `live`".into(),
            "every row will be re-earn",
        ));
    }
    let relevant_from = manifest.relevant_from.or(base.as_ref().map(PolicySet::relevant_from)).unwrap_or(Score::ZERO);
    Some(Inner {
        digest: digest(&manifest, base.as_ref().map(PolicySet::digest), files),
        name: manifest.name,
        version: manifest.version,
        relevant_from,
        keys: manifest.keys.into_iter().map(|(name, (kind, _))| (name, kind)).collect(),
        schema: Arc::new(schema),
        params: Arc::new(params),
        survival,
        policies,
        engine,
    })
}

fn survival(all: &Files, found: &mut Vec<Diagnostic>) -> Option<SurvivalTable> {
    let text = all
        .get("survival.toml")
        .map_or_else(|| include_str!("../policies/survival.toml").into(), |content| String::from_utf8_lossy(content));
    SurvivalTable::from_toml(&text)
        .map_err(|error| {
            found.push(
                Problem::of_file(
                    "survival",
                    Severity::Error,
                    error.to_string(),
                    "see policies/survival.toml of the shipped set",
                )
                .in_file("survival.toml", ""),
            )
        })
        .ok()
}

fn compile(
    file: &str,
    content: &[u8],
    engine: &Engine,
    schema: &Schema,
    params: &BTreeSet<&str>,
    found: &mut Vec<Diagnostic>,
) -> Option<Policy> {
    let mut refuse = |code, message: &str, fix: &str| {
        found.push(Problem::of_file(code, Severity::Error, message, fix).in_file(file, ""));
        None
    };
    let id = file.strip_suffix(".rhai")?;
    if !is_name(id) || id == "stillgood" {
        return refuse(
            "file-name",
            "the file's name is no policy id",
            "1 to 48 of a-z, 0-9, `_` and `-`, and not `stillgood`",
        );
    }
    if content.len() > MOST_SOURCE {
        return refuse("too-long", "the file is longer than 65,535 bytes", "split it: one question per file");
    }
    let Ok(source) = std::str::from_utf8(content) else {
        return refuse("encoding", "the file is not UTF-8", "save it as UTF-8 without a byte order mark");
    };
    let mut problems = vec![];
    // "Panics are bugs", says the parser's own documentation; here they cost one file.
    let parsed =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| syntax::parse(engine, source, &mut problems)));
    let Ok(parsed) = parsed else {
        return refuse("syntax", "the parser gave up on this file", "write it more simply");
    };
    let policy = parsed.map(|(tree, ast)| {
        let learned = check::check(&tree, schema, params, &mut problems);
        if !source.trim_start().starts_with("//") {
            let message = "the file does not begin with its rule in a comment";
            problems.push(Problem::of_file(
                "no-comment",
                Severity::Warning,
                message,
                "say the rule in one sentence of plain English",
            ));
        }
        Policy { id: id.to_owned(), source: source.to_owned(), ast, vouches: learned.vouches }
    });
    found.extend(problems.into_iter().map(|problem| problem.in_file(file, source)));
    policy
}

/// `docs/formats.md`, "Policy set digest".
fn digest(manifest: &set::Manifest, base: Option<Digest>, files: &Files) -> Digest {
    let mut text = format!(
        "stillgood/policy-set/v1\n{} {}\n{}\n",
        manifest.name,
        manifest.version,
        crate::text::or_dash(base.as_ref())
    );
    for (name, content) in files.iter().filter(|(name, _)| !name.ends_with(".cases.json")) {
        writeln!(text, "{name} {}", hex(Digest::of(content).as_bytes())).expect("writing to memory cannot fail");
    }
    Digest::of(text.as_bytes())
}

/// The stance in words, for output.
pub(crate) fn stance_of(name: &str) -> Option<Stance> {
    [Stance::Live, Stance::Background, Stance::Stale, Stance::ReEarn].into_iter().find(|stance| stance.name() == name)
}
