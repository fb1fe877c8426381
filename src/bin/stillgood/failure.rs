//! How the program ends when it does not end well: one line, perhaps a hint, and an exit code.
//!
//! 1: the answer is no. 2: there is no answer.

use std::fmt::Display;
use std::io::ErrorKind;
use std::process::ExitCode;

/// One line for standard error, and the exit code.
pub(crate) struct Failure {
    code: u8,
    line: String,
    hint: Option<String>,
}

impl Failure {
    /// The answer is no.
    pub(crate) fn no(line: impl Display) -> Self {
        Failure { code: 1, line: line.to_string(), hint: None }
    }

    /// There is no answer.
    pub(crate) fn cannot(line: impl Display) -> Self {
        Failure { code: 2, line: line.to_string(), hint: None }
    }

    /// The same, where nothing was asked that could be answered with no.
    pub(crate) fn unanswered(self) -> Self {
        Failure { code: 2, ..self }
    }

    /// What to do next.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// The same hint as that one has, if it has one.
    pub(crate) fn hint_of(mut self, other: Failure) -> Self {
        self.hint = other.hint;
        self
    }

    /// Says it, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let Failure { code, line, hint } = self;
        // A closed standard error changes nothing about the exit code.
        if !line.is_empty() {
            let line = one_line(&line);
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("stillgood: {line}\n"));
        }
        if let Some(hint) = hint {
            let hint = one_line(&hint);
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("hint: {hint}\n"));
        }
        ExitCode::from(code)
    }
}

/// A message on one line, whatever input it quotes: nothing that moves the cursor or hides, and no more than is read.
fn one_line(text: &str) -> String {
    const MOST: usize = 1_000;
    const TAIL: usize = 300;
    let shown = visible(text);
    let length = shown.chars().count();
    if length <= MOST {
        return shown;
    }
    // The beginning names the input, the end says what is wrong with it.
    let (head, tail) = (shown.chars().take(MOST - TAIL), shown.chars().skip(length - TAIL));
    head.chain(" … ".chars()).chain(tail).collect()
}

/// The text with every control, separator and invisible character but the space written out, as `\u{1b}`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // What an id may not hold, a message may not hold either: there is one list of such characters.
        let hides =
            !c.is_ascii_graphic() && c != ' ' && c.encode_utf8(&mut [0; 4]).parse::<stillgood::RowId>().is_err();
        if hides { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

fn is_missing(error: std::io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
}

/// What the operating system said, in plain words.
pub(crate) fn plain_kind(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "there is no such file or folder".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::AlreadyExists => "it exists already".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        ErrorKind::NotADirectory => "it is not a folder".into(),
        ErrorKind::StorageFull => "the disk is full".into(),
        ErrorKind::ReadOnlyFilesystem => "it is read-only".into(),
        ErrorKind::FileTooLarge => "it is too large".into(),
        ErrorKind::InvalidData => "it is not text in UTF-8".into(),
        other => other.to_string(),
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
        match error.kind() {
            DisplayHelp | DisplayVersion => match error.print() {
                Err(full) if full.kind() != ErrorKind::BrokenPipe => {
                    Failure::cannot(format!("cannot write the output: {}", plain_kind(full.kind())))
                }
                _ => Failure { code: 0, line: String::new(), hint: None },
            },
            DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = error.print();
                Failure { code: 2, line: String::new(), hint: None }
            }
            _ => {
                let text = error.render().to_string();
                let mut parts = text
                    .lines()
                    .take_while(|line| !line.starts_with("Usage:"))
                    .map(str::trim)
                    .filter(|line| !line.is_empty());
                let first =
                    parts.next().unwrap_or("the command line is wrong").trim_start_matches("error: ").to_owned();
                let rest: Vec<&str> = parts.filter(|line| !line.starts_with("For more")).collect();
                let (tips, details): (Vec<&str>, Vec<&str>) =
                    rest.into_iter().partition(|line| line.starts_with("tip:"));
                let line = if details.is_empty() { first } else { format!("{first} {}", details.join(" ")) };
                let (line, tips) = (in_our_style(&line), tips.iter().filter(|tip| !tip.contains("as a value")));
                let tip = tips.map(|tip| in_our_style(tip.trim_start_matches("tip:").trim())).next();
                let tip = tip.unwrap_or_else(|| {
                    "`stillgood --help` lists the verbs, `stillgood VERB --help` their options".to_owned()
                });
                Failure::cannot(line).hint(tip)
            }
        }
    }
}

/// Input in backticks, as everywhere.
fn in_our_style(text: &str) -> String {
    text.replace('\'', "`").replace("unrecognized", "unknown")
}

impl From<stillgood::LoadError> for Failure {
    fn from(error: stillgood::LoadError) -> Self {
        match error {
            stillgood::LoadError::Unreadable { path, .. }
                if std::fs::symlink_metadata(&path).is_err_and(is_missing) =>
            {
                Failure::cannot(format!("there is no folder `{path}`"))
            }
            stillgood::LoadError::Unreadable { path, kind: std::io::ErrorKind::Unsupported } => {
                Failure::cannot(format!("`{path}` is no file"))
            }
            stillgood::LoadError::Unreadable { path, kind } => {
                Failure::cannot(format!("cannot read `{path}`: {}", plain_kind(kind)))
            }
            refused @ stillgood::LoadError::Refused(_) => Failure::cannot(refused),
        }
    }
}

impl From<stillgood::VaultError> for Failure {
    fn from(error: stillgood::VaultError) -> Self {
        use stillgood::{EarnError, ForgetError, PinError, StoreError, UseError, VaultError};
        let failure = match &error {
            VaultError::Store(StoreError::Io { path, kind }) => {
                Failure::cannot(format!("cannot use `{path}`: {}", plain_kind(*kind)))
            }
            VaultError::UnknownDecision(_) | VaultError::Forget(ForgetError::Already(_)) => Failure::no(&error),
            _ => Failure::cannot(&error),
        };
        match error {
            VaultError::Store(StoreError::Missing(_)) => failure.hint("`stillgood init VAULT --keys DIR` makes one"),
            VaultError::Store(StoreError::Exists(path)) if path.ends_with("-wal") || path.ends_with("-journal") => {
                failure.hint(
                    "it belongs to an earlier vault of this name, and may hold part of it; move it away to begin anew",
                )
            }
            VaultError::Store(StoreError::Exists(_)) => failure.hint("choose another name; nothing is overwritten"),
            VaultError::Store(StoreError::OtherVersion { found, .. }) if found > 1 => {
                failure.hint("it was made by a later version of stillgood")
            }
            VaultError::NotAllowed { .. } => failure.hint("is this the device key that the vault was made with?"),
            VaultError::Decide(stillgood::DecideError::TooManyCandidates) => failure.hint("let the search bring fewer"),
            VaultError::Decide(
                stillgood::DecideError::OtherVaultsTable { .. } | stillgood::DecideError::ForeignTable(_),
            ) => failure.hint(
                "`stillgood fit VAULT --keys DIR --write POLICIES` makes one for this vault; without its survival.note the set decides by \
                 survival.toml",
            ),
            VaultError::Store(StoreError::Busy) => failure.hint("wait until it is done, then try again"),
            VaultError::Store(StoreError::ReadOnly) => {
                failure.hint("the file is marked read-only, or lies where nothing can be written")
            }
            VaultError::Unlock(_) | VaultError::Ring(_) => {
                failure.hint("is this the key folder that the vault was made with?")
            }
            VaultError::Pin(PinError::OlderThanSeen { .. } | PinError::Forked) => failure.hint(
                "an older copy was put back, or another copy changed; if you went back on purpose, remove the vault's \
                 .pin file from the key folder: until there is a new one, no older copy is noticed",
            ),
            VaultError::Decide(stillgood::DecideError::UnknownKey(_)) => {
                failure.hint("`stillgood policy facts` lists the request's keys")
            }
            VaultError::Earn(EarnError::AnsweredAlready(_)) => {
                failure.hint("nothing was written; without --decision you say it unasked")
            }
            VaultError::Earn(EarnError::Expired { .. } | EarnError::OtherText(_)) => {
                failure.hint("decide again, or leave out --decision: nobody need have asked")
            }
            VaultError::Earn(EarnError::OtherRow(_)) | VaultError::Use(UseError::OtherRow(_)) => {
                failure.hint("`stillgood show DECISION --vault VAULT --keys DIR` lists its rows")
            }
            VaultError::Earn(EarnError::NotAsked(_)) => {
                failure.hint("--decision ID; `stillgood earn VAULT --keys DIR` lists what waits")
            }
            VaultError::Earn(EarnError::NotOwner { .. } | EarnError::UnknownKey { .. }) => {
                failure.hint("is this the key folder that the vault was made with?")
            }
            VaultError::Use(UseError::AnotherDecision(_)) => {
                failure.hint("--again records it under this decision too: short answers are given more than once")
            }
            VaultError::Use(UseError::OtherRows) => failure.hint("what is recorded stands; nothing changed"),
            VaultError::Use(UseError::TooMany) => failure.hint("--row names those that stood in the prompt"),
            VaultError::Forget(ForgetError::InUse(_)) => {
                failure.hint("when the other process has ended, the same command clears the files; it says then that the row was forgotten")
            }
            VaultError::Forget(ForgetError::Left { .. }) => {
                failure.hint("the same command clears the files again; if that does not help, a new vault does")
            }
            VaultError::Damaged(_) | VaultError::Store(StoreError::Damaged(_)) => {
                failure.hint("`stillgood verify VAULT --keys DIR` checks all that can be read; a backup is what helps")
            }
            _ => failure,
        }
    }
}
