//! `stillgood decide`: a search response in, the rows that may be used out. Stands between search and prompt in a pipe.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};
use stillgood::import::memsync::{self, Search};
use stillgood::{
    About, Candidate, FactKind, Fault, Gate, KeyValue, Memory, Occasion, PersonalTable, PolicySet, Request, Retrieval,
    Route, RowId, SignedDecision, StoreError, Timestamp, Vault, VaultError,
};

use crate::failure::{Failure, visible};
use crate::keys::KeyFolder;
use crate::output::{called, count, now, print_json, read, read_file, replace, stdin_is_piped};
use crate::unlock::PassphraseFrom;
use crate::words::quoted;

#[derive(clap::Args)]
#[command(after_help = ABOUT_ROWS)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// A folder of policies; without it, the built-in set
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// What the request says: about=now|past|plan, purpose=TEXT, route=any|private, artifact.label=TEXT,
    /// artifact.blob_id=TEXT, or a key that the policy set declares. The built-in set shows rows of the category `private`
    /// for purpose=personal alone, and takes a request without a purpose for one
    #[arg(long = "request", value_name = "KEY=VALUE")]
    request: Vec<String>,
    /// Decide as of this time instead of now, such as 2026-02-12T18:00:00Z or 2026-02-12T19:00:00+01:00; signed as `what-if`
    /// and not stored
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Decide in a vault that can only be read: the decision is not stored, and says so; refused where it could be stored
    #[arg(long, conflicts_with = "at")]
    unlogged: bool,
    /// Write the signed decision to this file; replaces an earlier decision, and nothing else
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Leave `user_bio` where it stands; the decision records it
    #[arg(long)]
    keep_bio: bool,
    /// Decide about every row of the vault; nothing is read from standard input
    #[arg(long, conflicts_with = "file")]
    all: bool,
    /// A MemSync search response, at most 256 MiB and 100000 candidates; `-` or nothing for standard input
    file: Option<String>,
}

const ABOUT_ROWS: &str = "\
A response: {\"memories\":[{\"id\":\"m1\",\"rerank_score\":0.9}]}, or its list alone, or one record a line; `memory_id` and \
`data` are known too. How relevant a candidate is says `rerank_score`, else `vector_distance`; a score under another name is not read. \
A row of the answer holds its id, the vault's text, these scores and what was decided, and nothing else. \
Whatever else came with the search, or with a row that is shown, stands under `unjudged`; \
what came with a held row is left out.

In the answer, `memories` are live, `background` may be shown apart and dated, `held` names the rest and what each needs: \
confirmation, observation (it is seen again), recheck.BOX, settle (a contradiction), request.FIELD (another request), \
repair (something is broken), or nothing (nobody is asked; the owner's own word brings \
back what was denied or replaced, and nothing the rest). `stated_at` is when the row said its text; to say the same again moves nothing. \
`confirmed_at` is when somebody last confirmed it. `faults` are for whoever runs the pipeline. `until` is the \
first time at which the answer can change with nothing but time passing; null if there is none.

A reason is POLICY:CODE. Those of the program itself: stillgood:unknown-row (the vault has no such row), \
stillgood:text-differs (the search brought another text than the vault has: import again, or index again), \
stillgood:from-the-future (dated after the request), stillgood:unvouched (no policy said live), stillgood:damaged, \
stillgood:policy-error, stillgood:over-budget.

A row that is named twice is shown once, where its strictest ruling says. Several responses one after the other are taken \
as one search, and decided as one.

When there is an answer, `stillgood used` records which of the rows stood in its prompt. `stillgood earn` answers what was held.";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let source = match (&args.file, args.all) {
        (_, true) => None,
        (Some(file), false) => Some(file.as_str()),
        (None, false) if stdin_is_piped() => Some("-"),
        (None, false) => {
            let failure = Failure::cannot("no candidates: expected FILE, `-`, or a search response on standard input");
            return Err(failure.hint("--all decides about every row of the vault"));
        }
    };
    if source == Some("-") {
        args.passphrase.spares_stdin()?;
    }
    if let Some(target) = &args.save {
        check_target(target, &args.vault, &args.keys)?;
    }
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let gate = Gate::new(policies(args.policies.as_deref())?, keys.device()?);
    let search = source.map(read_search).transpose()?;
    let request = request(args, &gate, &vault, source, search.as_ref())?;
    let decided = if args.unlogged { vault.decide_unlogged(&gate, &request) } else { vault.decide(&gate, &request) };
    let retrieval = decided.map_err(|error| match error {
        VaultError::Store(StoreError::ReadOnly) => {
            Failure::cannot("the vault can only be read, so the decision cannot be stored")
                .hint("--unlogged decides all the same; the decision says that nobody stored it")
        }
        VaultError::Logged => Failure::from(error).hint("leave out --unlogged"),
        error => error.into(),
    })?;
    let (id, stored) = (retrieval.id, request.occasion == Occasion::Retrieval && !args.unlogged);
    let remembered = if stored { keys.remember(&vault) } else { Ok(()) };
    let delivered = remembered.and_then(|()| deliver(args, retrieval, stored, search.unwrap_or_default()));
    if !stored {
        return delivered;
    }
    // What was decided stays decided, whether or not anybody got it.
    delivered
        .map_err(|failure| failure.hint(format!("decision {id} is stored all the same; decide again for its rows")))
}

/// Hands over what was decided: the decision first, its rows last.
fn deliver(args: &Args, retrieval: Retrieval, stored: bool, search: Search) -> Result<(), Failure> {
    warn_of(&retrieval.faults);
    if let Some(path) = &args.save {
        replace(path, retrieval.decision.to_json().as_bytes())?;
    }
    let mut answer = answer(&retrieval, search, args.keep_bio);
    answer.insert("stored".into(), stored.into());
    print_json(&Json::Object(answer))
}

/// Says on standard error that something is broken, which a pipeline that reads only the rows would not see.
fn warn_of(faults: &[Fault]) {
    let Some(Fault { row, what }) = faults.first() else { return };
    let line = visible(&format!("warning: {}, the first at row `{row}`: {what}", count(faults.len(), "fault")));
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether a decision may be saved there: asked before anything is decided, since a decision cannot be taken back.
fn check_target(target: &Path, vault: &Path, keys: &Path) -> Result<(), Failure> {
    let refuse = |why: &str| Err(Failure::cannot(format!("--save `{}`: {why}", target.display())));
    if target == Path::new("-") {
        return refuse("standard output is for the rows; give a file");
    }
    if target.is_dir() {
        return refuse("it is a folder");
    }
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Some(name)) = (parent.canonicalize(), target.file_name()) else {
        return refuse("there is no such folder");
    };
    if !folder.is_dir() {
        return refuse("there is no such folder");
    }
    let place = folder.join(name);
    let place = place.canonicalize().unwrap_or(place);
    let vault = vault.canonicalize().unwrap_or_else(|_| vault.to_owned());
    let belongs = ["", "-wal", "-shm"].iter().any(|suffix| {
        let mut file = vault.clone().into_os_string();
        file.push(suffix);
        place.as_os_str() == file
    });
    if belongs {
        return refuse("it is the vault");
    }
    if keys.canonicalize().is_ok_and(|keys| place.starts_with(keys)) {
        return refuse("it lies in the key folder");
    }
    // The decision takes the place of what is there: of a device such as /dev/null too, if it may.
    match std::fs::metadata(target) {
        Ok(known) if !known.is_file() => refuse("it is not a file"),
        Ok(known) if known.len() > 0 && !is_decision(target) => {
            let failure = Failure::cannot(format!("--save `{}`: it exists, and is no decision", target.display()));
            Err(failure.hint("choose another name; only an earlier decision is replaced"))
        }
        _ => Ok(()),
    }
}

fn is_decision(path: &Path) -> bool {
    read_file(path).is_ok_and(|bytes| SignedDecision::from_json(&bytes).is_ok())
}

/// The set in this folder, or the built-in one.
pub(crate) fn policies(dir: Option<&Path>) -> Result<PolicySet, Failure> {
    let Some(dir) = dir else { return Ok(PolicySet::builtin()) };
    let set = PolicySet::from_dir(dir).map_err(|error| {
        let refused = matches!(error, stillgood::LoadError::Refused(_));
        let failure = Failure::from(error);
        if refused {
            failure.hint(format!("`stillgood policy check {}` lists every error", dir.display()))
        } else {
            failure
        }
    })?;
    let is_outdated = |table: &PersonalTable| table.table().says_fitted_from(set.prior()) == Some(false);
    if set.personal().is_some_and(is_outdated) && dir.join("survival.toml").exists() {
        let line = format!(
            "warning: survival.note was fitted to another survival.toml than the one beside it, and is decided by; \
             `stillgood policy check {}` says what to do",
            quoted(dir)
        );
        // Standard output is for answers alone.
        let _ = writeln!(std::io::stderr(), "{}", visible(&line));
    }
    Ok(set)
}

fn read_search(source: &str) -> Result<Search, Failure> {
    let name = called(source);
    memsync::search(&read(source)?).map_err(|error| {
        let failure = Failure::cannot(format!("{name}: {error}"));
        failure.hint("expected what MemSync's search answers: {\"memories\": [{\"id\": …, \"memory\": …}, …]}")
    })
}

fn request(
    args: &Args,
    gate: &Gate,
    vault: &Vault,
    source: Option<&str>,
    search: Option<&Search>,
) -> Result<Request, Failure> {
    let mut request = match &args.at {
        None => Request::at(now()?),
        Some(at) => {
            let at: Timestamp = at.parse().map_err(|error| Failure::cannot(format!("--at `{at}`: {error}")))?;
            Request { occasion: Occasion::WhatIf, ..Request::at(at) }
        }
    };
    for (place, setting) in args.request.iter().enumerate() {
        let key = |setting: &str| setting.split('=').next().map(str::to_owned);
        if args.request.iter().take(place).any(|before| key(before) == key(setting)) {
            return Err(Failure::cannot(format!("--request `{setting}`: the key is given twice")));
        }
        set(&mut request, gate.set(), setting)?;
    }
    request.candidates = match search {
        None => vault.rows()?.into_iter().map(Candidate::of).collect(),
        Some(search) => candidates(search, &called(source.unwrap_or("-")))?,
    };
    let has_bio = search.is_some_and(|search| search.rest.contains_key("user_bio"));
    if args.keep_bio && has_bio {
        request.passed.insert("user_bio".parse().expect("a legal name"));
    }
    Ok(request)
}

fn candidates(search: &Search, name: &str) -> Result<Vec<Candidate>, Failure> {
    let candidates = search.records.iter().zip(1..).map(|(record, number)| {
        memsync::candidate(record).map_err(|problem| {
            let value = problem.value.map(|value| format!(" is {value}")).unwrap_or_default();
            Failure::cannot(format!("{name}: record {number}, field `{}`{value}: {}", problem.field, problem.why))
                .hint("the whole request was refused; nothing was decided")
        })
    });
    candidates.collect()
}

/// One `--request KEY=VALUE`.
fn set(request: &mut Request, set: &PolicySet, setting: &str) -> Result<(), Failure> {
    let refuse = |why: String| Failure::cannot(format!("--request `{setting}`: {why}"));
    let (key, value) = setting.split_once('=').ok_or_else(|| refuse("expected KEY=VALUE".into()))?;
    let text = || Some(value.to_owned());
    match key {
        "about" => {
            request.about =
                About::from_name(value).ok_or_else(|| refuse(format!("expected {}", About::NAMES.join(", "))))?
        }
        "route" => {
            request.route =
                Some(Route::from_name(value).ok_or_else(|| refuse(format!("expected {}", Route::NAMES.join(", "))))?)
        }
        "purpose" if value.is_empty() => return Err(refuse("expected text after `=`".into())),
        "purpose" => request.purpose = text(),
        "artifact.label" => {
            request.artifact.label = text();
            if !request.artifact.is_legal() {
                return Err(refuse("expected 1 to 256 bytes without control characters".into()));
            }
        }
        "artifact.blob_id" => {
            request.artifact.blob_id = text();
            if !request.artifact.is_legal() {
                return Err(refuse("expected 43 characters, the base64url of 32 bytes".into()));
            }
        }
        other => {
            let fact = set
                .schema()
                .facts()
                .iter()
                .find(|fact| fact.name == format!("request.{other}") && fact.declared_by_set());
            let fact = fact.ok_or_else(|| {
                refuse("the policy set knows no such key".into()).hint(
                    "about, purpose, route, artifact.label, artifact.blob_id, or one from `[request]` in set.toml",
                )
            })?;
            let value = typed(fact.kind, value).ok_or_else(|| refuse(format!("expected {}", legal(fact.kind))))?;
            request.keys.insert(other.to_owned(), value);
        }
    }
    Ok(())
}

fn typed(kind: FactKind, value: &str) -> Option<KeyValue> {
    match kind {
        FactKind::Text => Some(KeyValue::Text(value.to_owned())),
        FactKind::Bool => value.parse().ok().map(KeyValue::Bool),
        FactKind::Int => value.parse().ok().map(KeyValue::Int),
        FactKind::Span => value.parse().ok().map(KeyValue::Span),
        FactKind::Score => value.parse().ok().map(KeyValue::Score),
        FactKind::Set => Some(KeyValue::Set(value.split(',').map(str::to_owned).collect())),
    }
}

/// How a value of this type is written.
fn legal(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Text => "text",
        FactKind::Bool => "true or false",
        FactKind::Int => "a whole number",
        FactKind::Span => "a span such as `14 days`, `6 hours` or `15 minutes`",
        FactKind::Score => "a number from 0 to 1",
        FactKind::Set => "words with commas between them",
    }
}

/// What the caller reads: live rows under `memories`, everything else apart from them.
fn answer(retrieval: &Retrieval, search: Search, keep_bio: bool) -> Map<String, Json> {
    let Search { records, rest } = search;
    let (kept, mut beside): (Map<_, _>, Map<_, _>) =
        rest.into_iter().partition(|(name, _)| keep_bio && name == "user_bio");
    // With --all there are no records.
    let none = Map::new();
    let record = |memory: &Memory| records.get(memory.place).unwrap_or(&none);
    let shown = |memories: &[Memory], verdict| {
        Json::Array(memories.iter().map(|memory| shown(memory, verdict, record(memory))).collect())
    };
    // What came with a row that is held may hold its text, and is not shown anywhere.
    let rows: Vec<Json> = retrieval
        .live
        .iter()
        .chain(&retrieval.background)
        .filter_map(|memory| unjudged(memory, record(memory)))
        .collect();
    if !rows.is_empty() {
        beside.insert("memories".into(), Json::Array(rows));
    }
    let held: Vec<Json> = retrieval
        .held()
        .map(|held| {
            let needs: Vec<String> =
                held.reasons.iter().filter_map(|reason| reason.need.as_ref()).map(ToString::to_string).collect();
            json!({"id": held.row.as_str(), "reasons": names(&held.reasons), "needs": needs})
        })
        .collect();
    let faults: Vec<Json> =
        retrieval.faults.iter().map(|fault| json!({"id": fault.row.as_str(), "what": fault.what})).collect();
    let mut answer = kept;
    answer.insert("memories".into(), shown(&retrieval.live, "live"));
    answer.insert("background".into(), shown(&retrieval.background, "background"));
    answer.insert("held".into(), Json::Array(held));
    answer.insert("unjudged".into(), Json::Object(beside));
    answer.insert("faults".into(), Json::Array(faults));
    answer.insert("until".into(), retrieval.until.map_or(Json::Null, |until| until.to_string().into()));
    answer.insert("decision".into(), retrieval.id.to_string().into());
    answer
}

/// What the vault and the decision say of a row. Of the candidate's own fields only its id under its name and its scores,
/// which are numbers: whatever else came with it nobody judged.
fn shown(memory: &Memory, verdict: &str, record: &Map<String, Json>) -> Json {
    let mut shown = Map::new();
    let id = Json::from(memory.row.as_str());
    shown
        .extend(IDS.iter().filter(|name| record.get(**name) == Some(&id)).map(|name| ((*name).to_owned(), id.clone())));
    if shown.is_empty() {
        shown.insert("id".into(), id);
    }
    let text = memory.body.as_ref().map_or(Json::Null, |body| body.text().into());
    if record.contains_key("content") {
        shown.insert("content".into(), text.clone());
    }
    shown.insert("memory".into(), text);
    let scores = record.iter().filter(|(name, value)| SCORES.contains(&name.as_str()) && value.is_number());
    shown.extend(scores.map(|(name, score)| (name.clone(), score.clone())));
    let confirmed = memory.head.confirmed_at.map_or(Json::Null, |at| at.to_string().into());
    shown.insert(
        "stillgood".into(),
        json!({"verdict": verdict, "reasons": names(&memory.reasons), "stated_at": memory.head.stated_at.to_string(), "confirmed_at": confirmed}),
    );
    Json::Object(shown)
}

/// What else came with a row that is shown; `None` if nothing did.
fn unjudged(memory: &Memory, record: &Map<String, Json>) -> Option<Json> {
    let known = |name: &str| [&IDS, &TEXTS, &SCORES].iter().any(|names| names.contains(&name));
    let mut rest: Map<_, _> =
        record.iter().filter(|(name, _)| !known(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    if rest.is_empty() {
        return None;
    }
    rest.insert("id".into(), memory.row.as_str().into());
    Some(Json::Object(rest))
}

const IDS: [&str; 2] = ["id", "memory_id"];
const TEXTS: [&str; 2] = ["memory", "content"];
const SCORES: [&str; 2] = ["rerank_score", "vector_distance"];

fn names(reasons: &[stillgood::Reason]) -> Vec<String> {
    reasons.iter().map(|reason| format!("{}:{}", reason.policy, reason.code)).collect()
}

/// A row id from the command line.
pub(crate) fn row_id(text: &str) -> Result<RowId, Failure> {
    text.parse().map_err(|error: stillgood::IdError| Failure::cannot(format!("`{text}` is no row id: {error}")))
}
