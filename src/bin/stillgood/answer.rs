//! An answer on the command line: a file with its text, standard input, or its digest.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use stillgood::{AnswerDigest, AnswerError};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::{called, plain};
use crate::unlock::PassphraseFrom;

/// The digest of what is named: of the file's text, or of what `-` brings; or the digest itself, where there is no such
/// file.
pub(crate) fn digest_of(given: &str, passphrase: &PassphraseFrom) -> Result<AnswerDigest, Failure> {
    let is_there = given == "-" || std::fs::symlink_metadata(Path::new(given)).is_ok();
    if let (false, Ok(digest)) = (is_there, given.parse()) {
        return Ok(digest);
    }
    let bytes = bytes_of(given, passphrase, AnswerDigest::MOST_BYTES).map_err(|failure| match is_there {
        true => failure,
        false => failure.hint(
            "an answer is a file with its text, `-` for standard input, or its digest: 64 hexadecimal digits in lower case",
        ),
    })?;
    AnswerDigest::of(&bytes).map_err(|error| {
        let name = called(given);
        Failure::cannot(match error {
            AnswerError::Empty => format!("{name}: there is nothing in it but white space"),
            AnswerError::TooLong => format!("{name} is longer than 16 MiB"),
        })
    })
}

/// The content of a file, or of standard input for `-`, of at most so many bytes, whole MiB. No more than one byte beyond that
/// is read.
pub(crate) fn bytes_of(given: &str, passphrase: &PassphraseFrom, most: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(vec![]);
    let read = if given == "-" {
        passphrase.spares_stdin()?;
        std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut bytes)
    } else {
        File::open(given).and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
    };
    let length = read.map_err(|error| Failure::cannot(format!("cannot read {}: {}", called(given), plain(&error))))?;
    if length > most {
        return Err(Failure::cannot(format!("{} is longer than {} MiB", called(given), most >> 20)));
    }
    Ok(bytes)
}
