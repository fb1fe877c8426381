//! Whether a file is a vault, told from its bytes, so that SQLite is never let near a file that is not ours.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// "SGV1".
pub(super) const APPLICATION_ID: i64 = 0x5347_5631;

/// The path with something after it, as SQLite names what belongs to a database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Whether a file begins as a vault does. A power cut while SQLite moved its write-ahead log into the file can leave that
/// beginning torn: then the log still holds it whole, and SQLite reads it from there.
///
/// # Errors
/// The file cannot be opened.
pub(super) fn is_ours(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let mut page = [0; HEADER];
    let whole = file.read_exact(&mut page).is_ok() && has_our_marks(&page);
    Ok(whole || log_has_our_header(&beside(path, "-wal")).unwrap_or(false))
}

const HEADER: usize = 72;

/// The magic at 0, the application id at 68.
fn has_our_marks(page: &[u8; HEADER]) -> bool {
    let ours = u32::try_from(APPLICATION_ID).expect("a positive number of 32 bits").to_be_bytes();
    page.starts_with(b"SQLite format 3\0") && page.ends_with(&ours)
}

/// Looks for page 1 in a write-ahead log (<https://sqlite.org/fileformat2.html>, section 4): a header of 32 bytes with
/// the page size at 8, then frames of 24 bytes, which begin with the page's number, and a page each.
fn log_has_our_header(path: &Path) -> std::io::Result<bool> {
    let mut log = BufReader::new(File::open(path)?);
    let mut header = [0; 32];
    log.read_exact(&mut header)?;
    let [.., a, b, c, d] = *header.first_chunk::<12>().expect("32 bytes hold 12");
    let page_size = i64::from(u32::from_be_bytes([a, b, c, d]));
    if !(512..=65_536).contains(&page_size) {
        return Ok(false);
    }
    loop {
        let mut frame = [0; 24];
        log.read_exact(&mut frame)?;
        let skipped = if frame.starts_with(&[0, 0, 0, 1]) {
            let mut page = [0; HEADER];
            log.read_exact(&mut page)?;
            if has_our_marks(&page) {
                return Ok(true);
            }
            HEADER
        } else {
            0
        };
        log.seek(SeekFrom::Current(page_size - skipped as i64))?;
    }
}
