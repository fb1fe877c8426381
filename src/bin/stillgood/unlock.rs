//! Where passphrases come from: a terminal that does not show them, or a file descriptor. Never an argument or variable.

use std::cell::{Cell, OnceCell};
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Read};
use std::path::Path;
use std::rc::Rc;

use stillgood::{Passphrase, PassphraseError};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::plain;
use crate::terminal::Talk;

/// Where the passphrase of locked keys comes from.
#[derive(clap::Args, Default)]
pub(crate) struct PassphraseFrom {
    /// Take the passphrase of the keys from this file descriptor, up to its first line end, instead of asking on the
    /// terminal
    #[arg(long, value_name = "N", requires = "keys", value_parser = number)]
    passphrase_fd: Option<u32>,
}

impl PassphraseFrom {
    /// Opens the file descriptor, if one is named. Nothing is read or asked yet.
    pub(crate) fn open(&self) -> Result<Passphrases, Failure> {
        self.open_or_ask_on(Rc::default())
    }

    /// The same; what has to be asked belongs to this talk, which may go on after it.
    pub(crate) fn open_or_ask_on(&self, talk: Rc<Talk>) -> Result<Passphrases, Failure> {
        let source = self.passphrase_fd.map(|number| Descriptor::open("--passphrase-fd", number)).transpose()?;
        Ok(Passphrases { source, talk: Cell::new(talk), known: OnceCell::new() })
    }

    /// The number, if one is named.
    pub(crate) fn number(&self) -> Option<u32> {
        self.passphrase_fd
    }

    /// For a verb that reads its data from standard input: a passphrase cannot come from there too.
    pub(crate) fn spares_stdin(&self) -> Result<(), Failure> {
        if self.passphrase_fd == Some(0) {
            let failure = Failure::cannot("--passphrase-fd 0: standard input holds the data already");
            return Err(failure.hint("take another one, such as --passphrase-fd 3 3< FILE"));
        }
        Ok(())
    }
}

/// The passphrase of one key folder, asked for when it is first needed.
pub(crate) struct Passphrases {
    source: Option<Descriptor>,
    /// Left once it was used: the terminal must not stay silent while the verb does its work.
    talk: Cell<Rc<Talk>>,
    known: OnceCell<Passphrase>,
}

impl Passphrases {
    /// The passphrase for this file, which is that of every file beside it.
    pub(crate) fn of(&self, file: &Path) -> Result<&Passphrase, Failure> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let passphrase = match &self.source {
            Some(descriptor) => descriptor.passphrase()?,
            None => ask(&self.talk.take(), file)?,
        };
        Ok(self.known.get_or_init(|| passphrase))
    }
}

fn ask(talk: &Talk, file: &Path) -> Result<Passphrase, Failure> {
    let folder = file.parent().unwrap_or(file).display();
    let Some(line) = talk.ask(&format!("passphrase of the keys in `{folder}`: "))? else {
        let file = file.display();
        let failure =
            Failure::cannot(format!("`{file}` is locked with a passphrase, and there is no terminal to ask on"));
        return Err(failure.hint("--passphrase-fd 3 3< FILE takes it from a file descriptor"));
    };
    passphrase(&line)
}

/// A new passphrase from a terminal, typed twice; or how to give it without one.
pub(crate) fn ask_new(talk: &Talk, without: &str) -> Result<Passphrase, Failure> {
    let ask = |prompt: &str| {
        talk.ask(prompt)?.ok_or_else(|| {
            let failure = Failure::cannot("there is no terminal to ask for a new passphrase on");
            failure.hint(format!("{without} takes it from a file descriptor"))
        })
    };
    let line = ask("new passphrase: ")?;
    let new = passphrase(&line)?;
    if *ask("the same again: ")? != *line {
        return Err(Failure::cannot("the two passphrases are not the same"));
    }
    Ok(new)
}

/// The number of a file descriptor, as an option gives it.
pub(crate) fn number(given: &str) -> Result<u32, &'static str> {
    given.parse().map_err(|_| "expected a number, such as 3")
}

/// A file descriptor that the caller opened for us.
pub(crate) struct Descriptor {
    number: u32,
    file: File,
}

impl Descriptor {
    pub(crate) fn open(option: &str, number: u32) -> Result<Self, Failure> {
        let refuse = |why: &str| Failure::cannot(format!("{option} {number}: {why}"));
        if number == 1 || number == 2 {
            return Err(refuse("1 and 2 are for output"));
        }
        let file = file_of(number).map_err(|error| match error.kind() {
            ErrorKind::Unsupported => refuse("file descriptors are not supported on this system"),
            ErrorKind::PermissionDenied => refuse("permission denied"),
            // Linux does not find the name; others say EBADF.
            kind if kind == ErrorKind::NotFound || error.raw_os_error() == Some(9) => {
                refuse("it is not open").hint(format!("open it for this command: {option} {number} {number}< FILE"))
            }
            _ => refuse("it cannot be read"),
        })?;
        if file.is_terminal() {
            let failure = refuse("it is a terminal, which would show the passphrase");
            return Err(failure.hint(format!("without {option} it is asked for, and not shown")));
        }
        Ok(Descriptor { number, file })
    }

    /// What stands before its first line end, or all of it.
    pub(crate) fn passphrase(&self) -> Result<Passphrase, Failure> {
        let (line, _) = until(&self.file, b"\n").map_err(|error| {
            Failure::cannot(format!("cannot read file descriptor {}: {}", self.number, plain(&error)))
        })?;
        passphrase(&line)
    }
}

#[cfg(unix)]
fn file_of(number: u32) -> std::io::Result<File> {
    use std::os::fd::AsFd;
    if number == 0 {
        return Ok(File::from(std::io::stdin().as_fd().try_clone_to_owned()?));
    }
    // Opening its name is the one way from a number to a file that needs no unsafe code.
    let named = |folder: &str| File::open(format!("{folder}/{number}"));
    if Path::new("/dev/fd").exists() { named("/dev/fd") } else { named("/proc/self/fd") }
}

#[cfg(not(unix))]
fn file_of(_: u32) -> std::io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}

/// What is read before one of these bytes, and which of them, if it did not end otherwise. One byte at a time, since
/// what follows is somebody else's, and at most one byte more than a passphrase has.
pub(crate) fn until(mut source: impl Read, ends: &[u8]) -> std::io::Result<(Zeroizing<Vec<u8>>, Option<u8>)> {
    let mut line = Zeroizing::new(Vec::with_capacity(Passphrase::MOST_BYTES + 1));
    while line.len() <= Passphrase::MOST_BYTES {
        let mut buffer = Zeroizing::new([0]);
        match source.read(buffer.as_mut_slice()) {
            Ok(0) => break,
            Ok(_) => {
                let [byte] = *buffer;
                if ends.contains(&byte) {
                    return Ok((line, Some(byte)));
                }
                line.push(byte);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((line, None))
}

fn passphrase(line: &[u8]) -> Result<Passphrase, Failure> {
    // Cut at the bound, it may end within a character.
    if line.len() > Passphrase::MOST_BYTES {
        return Err(Failure::cannot(PassphraseError::TooLong));
    }
    let text = std::str::from_utf8(line).map_err(|_| Failure::cannot("the passphrase is not UTF-8"))?;
    Passphrase::new(text).map_err(Failure::cannot)
}
