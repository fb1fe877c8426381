//! From files to a set: what is read, in which order, and what is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use rhai::Engine;

use super::diagnostic::{Diagnostic, Place, Problem, Severity};
use super::program::Program;
use super::sandbox::Params;
use super::set::Manifest;
use super::table::{PersonalTable, TableError, Tables};
use super::{Files, Inner, LoadError, Policy, PolicySet, check, lower, sandbox, syntax};
use crate::facts::{Read, Schema};
use crate::id::Digest;
use crate::score::Score;
use crate::survival::SurvivalTable;
use crate::text::{hex, is_name, or_dash};

/// The shipped set, compiled in.
const SHIPPED: &[(&str, &str)] = &[
    ("artifact.rhai", include_str!("../../policies/artifact.rhai")),
    ("attestation.rhai", include_str!("../../policies/attestation.rhai")),
    ("binding.rhai", include_str!("../../policies/binding.rhai")),
    ("contradicted.rhai", include_str!("../../policies/contradicted.rhai")),
    ("data.rhai", include_str!("../../policies/data.rhai")),
    ("denied.rhai", include_str!("../../policies/denied.rhai")),
    ("expired.rhai", include_str!("../../policies/expired.rhai")),
    ("holds.rhai", include_str!("../../policies/holds.rhai")),
    ("not-yet.rhai", include_str!("../../policies/not-yet.rhai")),
    ("off-topic.rhai", include_str!("../../policies/off-topic.rhai")),
    ("parents.rhai", include_str!("../../policies/parents.rhai")),
    ("private.rhai", include_str!("../../policies/private.rhai")),
    ("route.rhai", include_str!("../../policies/route.rhai")),
    ("set.toml", include_str!("../../policies/set.toml")),
    ("settlement.rhai", include_str!("../../policies/settlement.rhai")),
    ("superseded.rhai", include_str!("../../policies/superseded.rhai")),
    ("survival.toml", include_str!("../../policies/survival.toml")),
];

/// The survival table of a set, and one that was fitted to a vault and takes its place.
const TABLE: &str = "survival.toml";
const PERSONAL: &str = "survival.note";

/// A policy file longer than this is refused: the parser's places end there.
const MOST_SOURCE: usize = 65_535;
/// So many problems of one file are said.
const MOST_PROBLEMS: usize = 50;

/// The shipped set's files, as they stand in `policies/`.
pub(super) fn shipped() -> Files {
    SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// The files of a set in a folder.
pub(super) fn read_dir(dir: &Path) -> Result<Files, LoadError> {
    let unreadable =
        |path: &Path, why: std::io::Error| LoadError::Unreadable { path: path.display().to_string(), kind: why.kind() };
    let mut files = Files::new();
    for entry in std::fs::read_dir(dir).map_err(|why| unreadable(dir, why))? {
        let path = entry.map_err(|why| unreadable(dir, why))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if is_of_a_set(name) || name.ends_with(".cases.json") {
            let content = read(&path).map_err(|why| unreadable(&path, why))?;
            files.insert(name.to_owned(), content);
        }
    }
    Ok(files)
}

/// A file of a set, up to 16 MiB: a device without an end must not fill the memory.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    const MOST: u64 = 16 << 20;
    // A pipe would be waited for.
    let kind = std::fs::metadata(path)?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Err(std::io::ErrorKind::Unsupported.into());
    }
    let mut content = vec![];
    std::fs::File::open(path)?.take(MOST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MOST { Err(std::io::ErrorKind::FileTooLarge.into()) } else { Ok(content) }
}

/// Whether a file is part of a set, and of its digest.
fn is_of_a_set(name: &str) -> bool {
    name.ends_with(".rhai") || ["set.toml", TABLE, PERSONAL].contains(&name)
}

/// The set in these files, and everything that is wrong with it.
pub(super) fn load(files: &Files) -> (Option<Inner>, Vec<Diagnostic>) {
    let mut loader = Loader { files, found: vec![], program: Program::default(), params_read: BTreeSet::new() };
    let inner = loader.load();
    let mut found = loader.found;
    found.sort_by(|a, b| (&a.file, a.place, a.problem.code).cmp(&(&b.file, b.place, b.problem.code)));
    found.dedup();
    (inner, found)
}

/// The set without a policy.
pub(super) fn shut() -> Inner {
    let manifest = Manifest::parse("name = \"shut\"\nversion = 1").expect("a name and a version");
    let survival = include_str!("../../policies/survival.toml");
    Inner {
        digest: digest(&manifest, None, &Files::new()),
        name: manifest.name,
        version: manifest.version,
        relevant_from: Score::ZERO,
        keys: BTreeMap::new(),
        schema: Arc::new(Schema::builtin()),
        params: Arc::default(),
        survival: Tables::new(
            SurvivalTable::from_toml(survival).expect("the shipped table is checked by the tests"),
            None,
        ),
        facts: BTreeSet::new(),
        policies: vec![],
        program: Program::default(),
        engine: sandbox::engine(),
    }
}

struct Loader<'a> {
    files: &'a Files,
    found: Vec<Diagnostic>,
    program: Program,
    /// The parameters that any policy reads.
    params_read: BTreeSet<String>,
}

impl Loader<'_> {
    /// A problem of a whole file.
    fn refuse<T>(&mut self, file: &str, code: &'static str, message: impl Into<String>, fix: &str) -> Option<T> {
        self.found.push(Problem::of_file(code, Severity::Error, message, fix).in_file(file, ""));
        None
    }

    fn warn(&mut self, file: &str, code: &'static str, message: impl Into<String>, fix: &str) {
        self.found.push(Problem::of_file(code, Severity::Warning, message, fix).in_file(file, ""));
    }

    fn load(&mut self) -> Option<Inner> {
        let manifest = self.manifest()?;
        let base = match manifest.base.as_deref() {
            None => None,
            Some("stillgood") => Some(PolicySet::builtin()),
            Some(other) => {
                let message = format!("there is no base set `{other}`");
                return self.refuse("set.toml", "base", message, "the base is `stillgood`, or none");
            }
        };
        let mut all = if base.is_some() { shipped() } else { Files::new() };
        all.extend(self.files.iter().map(|(name, content)| (name.clone(), content.clone())));

        self.cases_without_policy(&all);

        let mut params = sandbox::Params::new();
        if let Some(base) = &base {
            params = (*base.0.params).clone();
            let under =
                Manifest::parse(SHIPPED.iter().find(|(name, _)| *name == "set.toml").map_or("", |(_, text)| text));
            if let Some(what) = under.ok().and_then(|under| manifest.outside(&under)) {
                return self.refuse("set.toml", "set", what, "keep the type and range of the base set's parameter");
            }
        }
        params.extend(manifest.params.clone());
        let schema = self.schema(&manifest)?;
        let survival = Tables::new(self.survival(&all)?, self.personal()?);
        let engine = sandbox::engine();
        let policies = self.policies(&all, &engine, &schema, &params);
        if !self.found.iter().any(|one| one.problem.severity == Severity::Error) {
            self.params_without_reader(&manifest);
            self.keys_without_reader(&manifest, &schema, &policies);
        }
        let relevant_from = manifest.relevant_from.or(base.as_ref().map(PolicySet::relevant_from));
        Some(Inner {
            digest: digest(&manifest, base.as_ref().map(PolicySet::digest), self.files),
            name: manifest.name,
            version: manifest.version,
            relevant_from: relevant_from.unwrap_or(Score::ZERO),
            keys: manifest.keys.into_iter().map(|(name, (kind, _))| (name, kind)).collect(),
            schema: Arc::new(schema),
            params: Arc::new(params),
            survival,
            facts: policies.iter().flat_map(|policy| &policy.facts).copied().collect(),
            policies,
            program: std::mem::take(&mut self.program),
            engine,
        })
    }

    fn manifest(&mut self) -> Option<Manifest> {
        let Some(content) = self.files.get("set.toml") else {
            let fix = "begin it with `name = \"my-rules\"` and `version = 1`";
            return self.refuse("set.toml", "no-set", "there is no set.toml", fix);
        };
        let text = self.utf8("set.toml", content)?;
        match Manifest::parse(text) {
            Ok(manifest) => Some(manifest),
            Err((line, what)) => {
                let problem =
                    Problem::of_file("set", Severity::Error, what, "see policies/set.toml of the shipped set");
                let problem = Problem { place: line.map(|line| Place { line, column: 1 }), ..problem };
                self.found.push(problem.in_file("set.toml", text));
                None
            }
        }
    }

    /// The facts that the set knows: a request key must not take the place of a fact that is there.
    fn schema(&mut self, manifest: &Manifest) -> Option<Schema> {
        let builtin = Schema::builtin();
        let taken = manifest.keys.keys().find(|key| {
            let name = format!("request.{key}");
            builtin.facts().iter().any(|fact| fact.name == name || fact.name.starts_with(&format!("{name}.")))
        });
        if let Some(key) = taken {
            let message = format!("`request.{key}` has a meaning already");
            return self.refuse("set.toml", "shadows", message, "choose another name for the key");
        }
        let schema = Schema::with_keys(&manifest.keys);
        if schema.facts().len() > Read::MOST {
            let fix = format!("at most {}", Read::MOST - builtin.facts().len());
            return self.refuse("set.toml", "too-many-keys", "the set declares too many request keys", &fix);
        }
        Some(schema)
    }

    fn survival(&mut self, all: &Files) -> Option<SurvivalTable> {
        let text = match all.get(TABLE) {
            Some(content) => self.utf8(TABLE, content)?,
            None => include_str!("../../policies/survival.toml"),
        };
        match SurvivalTable::from_toml(text) {
            Ok(table) => Some(table),
            Err(error) => {
                let fix = "see policies/survival.toml of the shipped set";
                self.refuse(TABLE, "survival", error.to_string(), fix)
            }
        }
    }

    /// The table that was fitted to a vault, if there is one. Who signed it is for the gate to ask, which knows the vault.
    fn personal(&mut self) -> Option<Option<PersonalTable>> {
        let Some(content) = self.files.get(PERSONAL) else { return Some(None) };
        let fix = "`stillgood fit VAULT --keys DIR --write DIR` makes it anew";
        let zeros = content.iter().filter(|byte| **byte == 0).count();
        if zeros > 0 {
            // What a power cut leaves of a file that was not written to its end.
            let message = format!(
                "{zeros} of its {} bytes are zero: it was not written to its end, or is damaged",
                content.len()
            );
            return self.refuse(PERSONAL, "encoding", message, fix);
        }
        match self.utf8(PERSONAL, content)?.parse() {
            Ok(table) => Some(Some(table)),
            Err(error) => {
                let error: TableError = error;
                self.refuse(PERSONAL, "survival", error.to_string(), fix)
            }
        }
    }

    fn policies(&mut self, all: &Files, engine: &Engine, schema: &Schema, params: &Params) -> Vec<Policy> {
        let before = self.found.len();
        let mut policies = vec![];
        for (file, content) in all.iter().filter(|(file, _)| file.ends_with(".rhai")) {
            let id = file.strip_suffix(".rhai").unwrap_or_default();
            if !is_name(id) || id == "stillgood" || id == "set" {
                self.file_name(file, id, all);
            } else {
                policies.extend(self.policy(file, content, engine, schema, params));
            }
            self.cases(file, content);
        }
        let refused = self.found.iter().skip(before).any(|one| one.problem.severity == Severity::Error);
        if refused {
            // Said already, and more to the point.
        } else if policies.is_empty() {
            let fix = "add one, or `base = \"stillgood\"`";
            return self.refuse("set.toml", "no-policies", "the set has no policies", fix).unwrap_or_default();
        } else if !policies.iter().any(Policy::vouches) {
            self.warn("set.toml", "nothing-vouches", "no policy of the set says `live`", "every row will be re-earn");
        }
        policies
    }

    /// A parameter that no policy reads: forgotten, or the misspelt name of another. A policy with errors might read it.
    fn params_without_reader(&mut self, manifest: &Manifest) {
        for param in manifest.params.keys() {
            if self.params_read.contains(param) {
                continue;
            }
            let others =
                self.params_read.iter().map(String::as_str).filter(|name| !manifest.params.contains_key(*name));
            let fix = match check::nearest(param, others) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("read it as `param.{param}`, or remove it"),
            };
            self.unread(
                "unused-param",
                &format!("[param.{param}]"),
                format!("no policy reads the parameter `{param}`"),
                &fix,
            );
        }
    }

    /// A request key that no policy reads, of this set or of its base: whoever asks would say it in vain.
    fn keys_without_reader(&mut self, manifest: &Manifest, schema: &Schema, policies: &[Policy]) {
        let is_read = |place: &usize| policies.iter().any(|policy| policy.facts.contains(place));
        for key in manifest.keys.keys() {
            if schema.place(&format!("request.{key}")).is_none_or(|place| !is_read(&place)) {
                let fix = format!("read it as `request.{key} ?? default`, or remove it");
                self.unread(
                    "unused-key",
                    &format!("[request.{key}]"),
                    format!("no policy reads the request key `{key}`"),
                    &fix,
                );
            }
        }
    }

    /// A warning at the line of `set.toml` where something is declared.
    fn unread(&mut self, code: &'static str, header: &str, message: String, fix: &str) {
        let text = self.files.get("set.toml").and_then(|content| std::str::from_utf8(content).ok()).unwrap_or_default();
        let line = text.lines().position(|line| line.trim_start().starts_with(header)).map(|line| line + 1);
        let problem = Problem::of_file(code, Severity::Warning, message, fix);
        let problem = Problem { place: line.map(|line| Place { line, column: 1 }), ..problem };
        self.found.push(problem.in_file("set.toml", text));
    }

    /// Cases that test nothing, because no policy has their name.
    fn cases_without_policy(&mut self, all: &Files) {
        for file in self.files.keys() {
            let Some(id) = file.strip_suffix(".cases.json").filter(|id| *id != "set") else { continue };
            if !all.contains_key(&format!("{id}.rhai")) {
                let policies = all.keys().filter_map(|name| name.strip_suffix(".rhai"));
                let fix = match check::nearest(id, policies) {
                    Some(near) => format!("did you mean `{near}.cases.json`?"),
                    None => "name it after the policy that it tests, or remove it".to_owned(),
                };
                self.warn(file, "no-policy-for-cases", format!("there is no policy `{id}.rhai`"), &fix);
            }
        }
    }

    /// Names are lower case. Some systems take two that differ only in capital letters for one file.
    fn file_name(&mut self, file: &str, id: &str, all: &Files) {
        let twins: Vec<&String> =
            all.keys().filter(|other| *other != file && other.eq_ignore_ascii_case(file)).collect();
        let lower = id.to_ascii_lowercase();
        let (message, fix) = match twins.as_slice() {
            [twin, ..] => (
                format!("`{file}` and `{twin}` differ only in capital letters"),
                "keep one of them, with a name in small letters".to_owned(),
            ),
            [] if is_name(&lower) && lower != id => {
                ("the file's name has capital letters".to_owned(), format!("call it `{lower}.rhai`"))
            }
            [] => (
                "the file's name is no policy id".to_owned(),
                "1 to 48 of a-z, 0-9, `_` and `-`, and not `stillgood` or `set`".to_owned(),
            ),
        };
        self.refuse(file, "file-name", message, &fix).unwrap_or_default()
    }

    /// A policy without a case is a policy without a test. The shipped ones have theirs elsewhere.
    fn cases(&mut self, file: &str, content: &[u8]) {
        let name = file.replace(".rhai", ".cases.json");
        let is_shipped = SHIPPED.iter().any(|(name, text)| *name == file && text.as_bytes() == content);
        let is_empty =
            |cases: &Vec<u8>| cases.is_empty() || serde_json::from_slice::<[serde::de::IgnoredAny; 0]>(cases).is_ok();
        if self.files.get(&name).is_none_or(is_empty) && !is_shipped {
            let fix = "write down what it should say of three rows";
            self.warn(file, "no-cases", format!("there are no cases in `{name}`"), fix);
        }
    }

    fn policy(
        &mut self,
        file: &str,
        content: &[u8],
        engine: &Engine,
        schema: &Schema,
        params: &Params,
    ) -> Option<Policy> {
        let id = file.strip_suffix(".rhai")?;
        if content.len() > MOST_SOURCE {
            let fix = "split it: one question per file";
            return self.refuse(file, "too-long", "the file is longer than 65,535 bytes", fix);
        }
        let source = self.utf8(file, content)?;
        let mut problems = vec![];
        // "Panics are bugs", says the parser's own documentation; here they cost one file.
        let parse = std::panic::AssertUnwindSafe(|| syntax::parse(engine, source, &mut problems));
        let Ok(parsed) = std::panic::catch_unwind(parse) else {
            return self.refuse(file, "syntax", "the parser gave up on this file", "write it more simply");
        };
        let policy = parsed.and_then(|(tree, ast)| {
            if let Some(problem) = check::cost(&tree) {
                problems.push(problem);
                return None;
            }
            let names = params.keys().map(String::as_str).collect();
            let learned = check::check(&tree, schema, &names, &mut problems);
            let (place, opinions) = (self.program.starts.len(), self.program.opinions.len());
            lower::lower(&tree, schema, params, &mut problems, &mut self.program);
            self.params_read.extend(check::params(&tree));
            if problems.is_empty() {
                check::unused(&tree, &mut problems);
                let searched =
                    check::fresher(&tree, (&self.program, place), schema, params, (&learned.facts, learned.vouches));
                check::allow(source, searched, &mut problems);
            }
            if problems.is_empty() && self.program.opinions.len() == opinions {
                let message = "this policy never says anything";
                let fix = "give an opinion, such as `background(\"code\")`, or remove the file";
                problems.push(Problem::of_file("silent", Severity::Warning, message, fix));
            }
            if !source.trim_start().starts_with("//") {
                let message = "the file does not begin with its rule in a comment";
                let fix = "say the rule in one sentence of plain English";
                problems.push(Problem::of_file("no-comment", Severity::Warning, message, fix));
            }
            let (vouches, facts) = (learned.vouches, learned.facts);
            Some(Policy { id: id.to_owned(), source: source.to_owned(), ast, vouches, facts })
        });
        problems.sort_by_key(|problem| (problem.place, problem.code));
        problems.dedup();
        problems.truncate(MOST_PROBLEMS);
        self.found.extend(problems.into_iter().map(|problem| problem.in_file(file, source)));
        policy
    }

    /// The file's text, without letters that hide what it says.
    fn utf8<'t>(&mut self, file: &str, content: &'t [u8]) -> Option<&'t str> {
        let Ok(text) = std::str::from_utf8(content) else {
            return self.refuse(
                file,
                "encoding",
                "the file is not UTF-8",
                "save it as UTF-8 without a byte order mark",
            );
        };
        let Some((at, hidden)) = text.char_indices().find(|(at, c)| is_hidden(*c) || is_lone_return(text, *at)) else {
            return Some(text);
        };
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let message = format!("line {line} holds the hidden character U+{:04X}", u32::from(hidden));
        self.refuse(file, "encoding", message, "remove it; save the file as UTF-8 without a byte order mark")
    }
}

/// Invisible, or changing the direction or the lines that a reader sees.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(u32::from(c), 0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
}

/// A carriage return that no line feed follows.
fn is_lone_return(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.starts_with('\r') && !rest.starts_with("\r\n")
}

/// `docs/formats.md`, "Policy set digest".
fn digest(manifest: &Manifest, base: Option<Digest>, files: &Files) -> Digest {
    let (name, version) = (&manifest.name, manifest.version);
    let mut text = format!("stillgood/policy-set/v1\n{name} {version}\n{}\n", or_dash(base.as_ref()));
    for (name, content) in files.iter().filter(|(name, _)| is_of_a_set(name)) {
        writeln!(text, "{name} {}", hex(Digest::of(content).as_bytes())).expect("writing to memory cannot fail");
    }
    Digest::of(text.as_bytes())
}
