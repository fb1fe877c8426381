//! The survival table by which a set decides: the one of its files, or one that was fitted to what a person lived through and
//! that the owner of their vault signed.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::id::VaultId;
use crate::note::{Note, NoteError, Signer, Verifier};
use crate::seal::Keys;
use crate::survival::{SurvivalError, SurvivalTable};
use crate::text::{fields, number};
use crate::time::Timestamp;

const LABEL: &str = "stillgood/survival/v1";

/// A survival table fitted to one vault, in a note that the vault's owner signs: `survival.note` of a policies folder.
/// `docs/formats.md`, "Survival table of a person". Whoever signed it is not known before a gate decides with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonalTable {
    note: Note,
    provenance: Provenance,
    table: SurvivalTable,
}

/// Where a personal table comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// The vault whose owner lived through it.
    pub vault: VaultId,
    /// When it was fitted.
    pub at: Timestamp,
    /// How often a row still held; at most 2^53 − 1.
    pub confirmed: u64,
    /// How often a row had changed; at most 2^53 − 1.
    pub changed: u64,
}

/// Why a personal table is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A table of more than 1,047,552 bytes: with head and signature it could be longer than a note.
    #[error("the table has {bytes} bytes, and one of at most {} can be signed", PersonalTable::MOST_BYTES)]
    TooLong {
        /// How many bytes it has, as TOML.
        bytes: usize,
    },
    /// A note of another kind or version, or of another form.
    #[error("the note is no survival table of version 1")]
    Malformed,
    /// What it holds is no survival table.
    #[error(transparent)]
    Table(#[from] SurvivalError),
}

impl PersonalTable {
    /// A table that can be signed has at most so many bytes as TOML: a kibibyte less than a note, which has 1 MiB.
    pub const MOST_BYTES: usize = (1 << 20) - (1 << 10);

    /// Signs a table. The same arguments give the same note.
    ///
    /// # Errors
    /// [`TableError::TooLong`] for a table of more than [`Self::MOST_BYTES`].
    pub fn sign(owner: &Signer, provenance: Provenance, table: &SurvivalTable) -> Result<Self, TableError> {
        let Provenance { vault, at, confirmed, changed } = provenance;
        let toml = table.to_toml();
        if toml.len() > Self::MOST_BYTES {
            return Err(TableError::TooLong { bytes: toml.len() });
        }
        let text = format!("{LABEL}\n{vault}\n{at}\n{confirmed} {changed}\n{}\n", toml.trim_end());
        // Read again, so that whatever is signed can be read.
        PersonalTable::read(owner.sign(&text)?)
    }

    /// Where it comes from, as the note says.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// The table.
    pub fn table(&self) -> &SurvivalTable {
        &self.table
    }

    /// The note.
    pub fn note(&self) -> &Note {
        &self.note
    }

    fn read(note: Note) -> Result<Self, TableError> {
        let (provenance, toml) = header(note.unverified_text()).ok_or(TableError::Malformed)?;
        let table = SurvivalTable::from_toml(toml)?;
        Ok(PersonalTable { note, provenance, table })
    }
}

impl FromStr for PersonalTable {
    type Err = TableError;

    fn from_str(note: &str) -> Result<Self, TableError> {
        PersonalTable::read(note.parse()?)
    }
}

impl fmt::Display for PersonalTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// The lines before the table, and the table's.
fn header(text: &str) -> Option<(Provenance, &str)> {
    let rest = text.strip_prefix(LABEL)?.strip_prefix('\n')?;
    let (vault, rest) = rest.split_once('\n')?;
    let (at, rest) = rest.split_once('\n')?;
    let (counts, toml) = rest.split_once('\n')?;
    let [confirmed, changed] = fields(counts)?;
    let provenance = Provenance {
        vault: vault.parse().ok()?,
        at: Timestamp::from_canonical(at)?,
        confirmed: number(confirmed)?,
        changed: number(changed)?,
    };
    Some((provenance, toml))
}

/// Why nothing is decided by a personal table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotOurs {
    /// It is of this vault.
    Vault(VaultId),
    /// The owner did not sign it.
    Owner(NoteError),
}

/// The tables of a set.
#[derive(Debug)]
pub(super) struct Tables {
    /// That of `survival.toml`, else the shipped one.
    prior: SurvivalTable,
    personal: Option<PersonalTable>,
    /// The owner who was found to have signed the personal one.
    owner: OnceLock<Verifier>,
}

impl Tables {
    pub(super) fn new(prior: SurvivalTable, personal: Option<PersonalTable>) -> Self {
        Tables { prior, personal, owner: OnceLock::new() }
    }

    /// The one by which rows are judged.
    pub(super) fn used(&self) -> &SurvivalTable {
        self.personal.as_ref().map_or(&self.prior, PersonalTable::table)
    }

    pub(super) fn prior(&self) -> &SurvivalTable {
        &self.prior
    }

    pub(super) fn personal(&self) -> Option<&PersonalTable> {
        self.personal.as_ref()
    }

    /// Whether these are the keys of the vault that the personal table is of, and its owner signed it. The signature is
    /// verified once.
    pub(super) fn check(&self, keys: &Keys) -> Result<(), NotOurs> {
        let Some(personal) = &self.personal else { return Ok(()) };
        if personal.provenance.vault != keys.vault() {
            return Err(NotOurs::Vault(personal.provenance.vault));
        }
        if self.owner.get() == Some(keys.owner()) {
            return Ok(());
        }
        personal.note.verify(keys.owner()).map_err(NotOurs::Owner)?;
        // Another thread may have been first.
        let _ = self.owner.set(keys.owner().clone());
        Ok(())
    }
}
