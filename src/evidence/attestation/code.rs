//! Which code ran: three measurements of the enclave's image, and the list of those that a person accepts.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde::Deserialize;

use super::super::keccak::keccak256;
use crate::evidence::Code;
use crate::text::json_mistake;
use crate::time::Timestamp;

/// PCR0, PCR1 and PCR2 of a document, SHA-384 each: image, kernel with its first files, application.
///
/// Only all three together name a build: PCR1 is the same in every build that uses the same kernel. Source: "Where to get
/// an enclave's measurements" of the AWS Nitro Enclaves user guide.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pcrs {
    /// The enclave's image.
    pub pcr0: [u8; 48],
    /// The kernel and the first files.
    pub pcr1: [u8; 48],
    /// The application.
    pub pcr2: [u8; 48],
}

impl Pcrs {
    /// Keccak-256 of the three in order: how a registry on a chain names a build.
    pub fn hash(&self) -> [u8; 32] {
        keccak256(&[&self.pcr0, &self.pcr1, &self.pcr2])
    }

    /// All zero, as in an enclave started for debugging, whose memory its owner can read (user guide, "Debug mode").
    pub(super) fn is_nothing(&self) -> bool {
        [self.pcr0, self.pcr1, self.pcr2] == [[0; 48]; 3]
    }
}

/// One build that the caller accepts, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedCode {
    /// The build.
    pub pcrs: Pcrs,
    /// From when on.
    pub from: Timestamp,
    /// Until when, that moment excluded; `None` for no end.
    pub until: Option<Timestamp>,
}

/// The builds that the caller accepts. There is no list of ours: who approves of code is the caller's to say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeList(pub Vec<ListedCode>);

/// What a list says of a build at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// The three measurements are on it, and the time is within the dates.
    Listed,
    /// They are on it with other dates.
    OutOfDate,
    /// They are not on it, whatever single measurement is.
    Unlisted,
}

/// Why a text is no list of code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeListError {
    /// Another form.
    #[error("not a list of code: {0}")]
    NotAList(String),
    /// A measurement of another form.
    #[error("build {0}: a measurement is not 96 hexadecimal digits")]
    NotAMeasurement(usize),
    /// A time of another form.
    #[error("build {0}: a date is not a time such as 2026-02-12T18:00:00Z")]
    NotATime(usize),
    /// A build that is never accepted.
    #[error("build {0}: it ends before it begins")]
    Never(usize),
}

/// One build as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    pcr0: String,
    pcr1: String,
    pcr2: String,
    from: String,
    until: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

impl CodeList {
    /// Reads a list: JSON, an array of `{"pcr0", "pcr1", "pcr2", "from", "until"?, "note"?}`. A measurement is 96
    /// hexadecimal digits, a date RFC 3339; the note is for people.
    ///
    /// # Errors
    /// [`CodeListError`]; builds are counted from 1.
    pub fn from_json(text: &[u8]) -> Result<Self, CodeListError> {
        if !text.trim_ascii_start().starts_with(b"[") {
            return Err(CodeListError::NotAList("expected a list in brackets".to_owned()));
        }
        let written: Vec<Written> =
            serde_json::from_slice(text).map_err(|error| CodeListError::NotAList(json_mistake(&error)))?;
        let read = |(build, number): (&Written, usize)| {
            let pcr = |text: &String| {
                let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
                bytes.ok_or(CodeListError::NotAMeasurement(number))
            };
            let time = |text: &String| text.parse().map_err(|_| CodeListError::NotATime(number));
            let pcrs = Pcrs { pcr0: pcr(&build.pcr0)?, pcr1: pcr(&build.pcr1)?, pcr2: pcr(&build.pcr2)? };
            let listed =
                ListedCode { pcrs, from: time(&build.from)?, until: build.until.as_ref().map(time).transpose()? };
            if listed.until.is_some_and(|until| until <= listed.from) {
                return Err(CodeListError::Never(number));
            }
            Ok(listed)
        };
        written.iter().zip(1..).map(read).collect::<Result<_, _>>().map(CodeList)
    }

    /// What the list says of these three measurements at that time.
    pub fn look_up(&self, pcrs: &Pcrs, at: Timestamp) -> Listing {
        let mut same = self.0.iter().filter(|listed| listed.pcrs == *pcrs).peekable();
        if same.peek().is_none() {
            return Listing::Unlisted;
        }
        let holds = |listed: &ListedCode| listed.from <= at && listed.until.is_none_or(|until| at < until);
        if same.any(holds) { Listing::Listed } else { Listing::OutOfDate }
    }
}

impl From<Listing> for Code {
    /// What the box carries: outside its dates a build is not listed.
    fn from(listing: Listing) -> Self {
        match listing {
            Listing::Listed => Code::Listed,
            Listing::OutOfDate | Listing::Unlisted => Code::Unlisted,
        }
    }
}
