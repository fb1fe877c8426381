//! Reading input, writing output: standard streams, and files that appear whole or not at all.

use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use stillgood::Timestamp;
use zeroize::Zeroizing;

use crate::failure::{Failure, plain_kind, visible};

/// Exports and search responses are at most this long: 256 MiB.
const MOST_INPUT: u64 = 256 << 20;
/// Keys and pins are at most this long.
const MOST_TEXT: u64 = 1 << 20;

/// Writes lines for a person to standard output, with nothing in them that moves the cursor or hides.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let lines: String = text
        .split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => visible(line) + "\n",
            None => visible(line),
        })
        .collect();
    write(&lines)
}

/// A reader that went away is no failure.
fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::cannot(format!("cannot write the output: {}", plain(&error))))
        }
        _ => Ok(()),
    }
}

/// Writes JSON to standard output, readably.
pub(crate) fn print_json(json: &Json) -> Result<(), Failure> {
    write(&format!("{json:#}\n"))
}

/// The content of a file, or of standard input for `-`.
pub(crate) fn read(path: &str) -> Result<Vec<u8>, Failure> {
    let bytes = if path == "-" { read_from(std::io::stdin().lock()) } else { read_file(Path::new(path)) };
    let bytes = bytes.map_err(|error| Failure::cannot(format!("cannot read {}: {}", called(path), plain(&error))))?;
    if bytes.len() as u64 > MOST_INPUT {
        let failure = Failure::cannot(format!("{} is longer than 256 MiB", called(path)));
        return Err(failure.hint("split it into several"));
    }
    Ok(bytes)
}

/// The content of a file, or more of it than any input may hold.
pub(crate) fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    read_from(std::fs::File::open(path)?)
}

fn read_from(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![];
    from.take(MOST_INPUT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a small file: a key, a pin.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST_TEXT + 1).read_to_string(&mut text))
        .map_err(|error| Failure::cannot(format!("cannot read `{}`: {}", path.display(), plain(&error))))?;
    if text.len() as u64 > MOST_TEXT {
        return Err(Failure::cannot(format!("`{}` is longer than 1 MiB", path.display())));
    }
    Ok(text)
}

/// Writes a file whole or not at all, replacing what was there.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    persist(path, content, |file, path| file.persist(path).map(drop).map_err(|error| error.error))
}

/// Writes a new file whole or not at all.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), Failure> {
    persist(path, content, |file, path| file.persist_noclobber(path).map(drop).map_err(|error| error.error))
}

/// Replaces files. All are written and synced before the first one takes its place: what can go wrong goes wrong then.
pub(crate) fn replace_all(files: &[(PathBuf, Zeroizing<String>)]) -> Result<(), Failure> {
    let written: Vec<_> =
        files.iter().map(|(path, content)| written_beside(path, content.as_bytes())).collect::<Result<_, _>>()?;
    for (file, (path, _)) in written.into_iter().zip(files) {
        file.persist(path).map_err(|error| unwritten(path, &error.error))?;
        sync(folder_of(path));
    }
    Ok(())
}

fn persist(
    path: &Path,
    content: &[u8],
    place: impl FnOnce(tempfile::NamedTempFile, &Path) -> std::io::Result<()>,
) -> Result<(), Failure> {
    place(written_beside(path, content)?, path).map_err(|error| unwritten(path, &error))?;
    sync(folder_of(path));
    Ok(())
}

/// The folder that a path lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Temporary files are readable by their owner only, and stay so.
fn written_beside(path: &Path, content: &[u8]) -> Result<tempfile::NamedTempFile, Failure> {
    let written = tempfile::NamedTempFile::new_in(folder_of(path)).and_then(|mut file| {
        file.write_all(content)?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    written.map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::cannot(format!("cannot write `{}`: {}", path.display(), plain(error)))
}

/// Makes the names in a folder last through a power cut, where the system lets a folder be synced.
pub(crate) fn sync(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// The operating system's words without its number.
pub(crate) fn plain(error: &std::io::Error) -> String {
    plain_kind(error.kind())
}

/// `1 record`, `2 records`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// How an input is called in messages.
pub(crate) fn called(path: &str) -> String {
    if path == "-" { "standard input".into() } else { format!("`{path}`") }
}

/// Whether standard input comes from a pipe or file.
pub(crate) fn stdin_is_piped() -> bool {
    !std::io::stdin().is_terminal()
}

/// The machine's clock.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.ok().and_then(|since| i64::try_from(since.as_millis()).ok());
    millis
        .and_then(|millis| Timestamp::from_millis(millis).ok())
        .ok_or_else(|| Failure::cannot("the machine's clock is before 1970"))
}
