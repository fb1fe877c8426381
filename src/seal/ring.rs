//! The key ring: who may open, write and decide. A note of the owner; nothing in it is used before it verifies.

use std::fmt;

use zeroize::Zeroizing;

use super::identity::{Identity, Recipient, STANZA_LEN};
use super::keys::{EpochKeys, Keys, new_epoch_key};
use crate::id::{Digest, VaultId};
use crate::note::{Note, NoteError, Signer, Verifier};
use crate::text::{base64, fields, hex, number, optional, or_dash, unbase64, unhex};
use crate::time::Timestamp;

const LABEL: &str = "stillgood/key-ring/v1";

/// A verified key ring.
#[derive(Clone, Debug)]
pub struct KeyRing {
    note: Note,
    /// Whose signature on the note was verified.
    owner: Verifier,
    content: Content,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Content {
    vault: VaultId,
    version: u64,
    previous: Option<Digest>,
    recipients: Vec<(Recipient, Timestamp)>,
    verifiers: Vec<ListedVerifier>,
    epochs: Vec<([u8; 32], Timestamp)>,
    /// Sorted by epoch, then recipient.
    stanzas: Vec<(u32, Recipient, [u8; STANZA_LEN])>,
}

/// A key in the ring, with what it may do and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedVerifier {
    /// The key.
    pub verifier: Verifier,
    /// What it may do.
    pub roles: Roles,
    /// From this time on.
    pub since: Timestamp,
    /// Up to, not at, this time.
    pub until: Option<Timestamp>,
}

/// What a listed key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Roles {
    /// Add rows and sign vault heads.
    Writer,
    /// Sign decisions.
    Decider,
    /// Both.
    WriterAndDecider,
}

impl Roles {
    const ALL: [Roles; 3] = [Roles::Writer, Roles::Decider, Roles::WriterAndDecider];

    /// Whether it may add rows and sign vault heads.
    pub const fn may_write(self) -> bool {
        matches!(self, Roles::Writer | Roles::WriterAndDecider)
    }

    /// Whether it may sign decisions.
    pub const fn may_decide(self) -> bool {
        matches!(self, Roles::Decider | Roles::WriterAndDecider)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Roles::Writer => "writer",
            Roles::Decider => "decider",
            Roles::WriterAndDecider => "writer,decider",
        })
    }
}

impl ListedVerifier {
    /// Whether the key holds its roles at this time.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Why a key ring is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// Not signed by the owner that the caller named.
    #[error("the key ring: {0}")]
    Note(#[from] NoteError),
    /// Signed, but not of the form of a key ring.
    #[error("the key ring has another form than version 1")]
    Malformed,
}

/// Why a key ring does not unlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// Nothing in it is sealed to this identity.
    #[error("the vault is not sealed to this identity")]
    NotARecipient,
    /// A stanza of ours does not open, or holds another key than its epoch commits to.
    #[error("the key ring is damaged at epoch {0}")]
    Damaged(u32),
}

impl KeyRing {
    /// A new ring: version 1, one recipient, one verifier, one epoch with a new key.
    pub fn create(owner: &Signer, vault: VaultId, recipient: Recipient, device: ListedVerifier, at: Timestamp) -> Self {
        let key = new_epoch_key();
        let content = Content {
            vault,
            version: 1,
            previous: None,
            recipients: vec![(recipient, at)],
            verifiers: vec![device],
            epochs: vec![(EpochKeys::derive(&key, vault, 1).commitment, at)],
            stanzas: vec![(1, recipient, recipient.seal_stanza(&key, vault, 1))],
        };
        let note = owner.sign(&content.to_string()).expect("the text of a ring is a note's text");
        KeyRing { note, owner: owner.verifier(), content }
    }

    /// Reads a ring, if this owner signed it.
    ///
    /// # Errors
    /// [`RingError`].
    pub fn open(note: &Note, owner: &Verifier) -> Result<Self, RingError> {
        let text = note.verify(owner)?;
        let content = Content::parse(text).ok_or(RingError::Malformed)?;
        Ok(KeyRing { note: note.clone(), owner: owner.clone(), content })
    }

    /// The keys of every epoch, for one recipient. Done once, before anything is decided.
    ///
    /// # Errors
    /// [`UnlockError`].
    pub fn unlock(&self, identity: &Identity) -> Result<Keys, UnlockError> {
        let Content { vault, epochs, stanzas, .. } = &self.content;
        let recipient = identity.recipient();
        let mine: Vec<_> = stanzas.iter().filter(|(_, to, _)| *to == recipient).collect();
        if mine.is_empty() {
            return Err(UnlockError::NotARecipient);
        }
        let opened = mine.iter().zip(epochs).map(|((epoch, _, stanza), (commitment, _))| {
            let key: Zeroizing<[u8; 32]> =
                identity.open_stanza(stanza, *vault, *epoch).ok_or(UnlockError::Damaged(*epoch))?;
            let keys = EpochKeys::derive(&key, *vault, *epoch);
            // AES-GCM commits to no key: without this a crafted stanza could open to a second one.
            if keys.commitment == *commitment { Ok(keys) } else { Err(UnlockError::Damaged(*epoch)) }
        });
        Ok(Keys::new(*vault, self.owner.clone(), opened.collect::<Result<_, _>>()?))
    }

    /// The vault it is of.
    pub fn vault(&self) -> VaultId {
        self.content.vault
    }

    /// Counts the changes of the ring, from 1.
    pub fn version(&self) -> u64 {
        self.content.version
    }

    /// Digest of the ring before this one; `None` in version 1.
    pub fn previous(&self) -> Option<Digest> {
        self.content.previous
    }

    /// Whether the epochs of an earlier ring stand here as they stood there.
    #[cfg(feature = "vault")]
    pub(crate) fn keeps_epochs_of(&self, earlier: &KeyRing) -> bool {
        self.content.epochs.starts_with(&earlier.content.epochs)
    }

    /// The keys that may write or decide.
    pub fn verifiers(&self) -> &[ListedVerifier] {
        &self.content.verifiers
    }

    /// The entry of this key that holds at a time, if any.
    pub fn listed_at(&self, verifier: &Verifier, at: Timestamp) -> Option<&ListedVerifier> {
        self.content.verifiers.iter().find(|listed| listed.verifier == *verifier && listed.holds_at(at))
    }

    /// The signed note.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// SHA-256 of the whole note.
    pub fn digest(&self) -> Digest {
        self.note.digest()
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{LABEL}")?;
        writeln!(f, "vault {}", self.vault)?;
        writeln!(f, "version {} {}", self.version, or_dash(self.previous.as_ref()))?;
        for (recipient, since) in &self.recipients {
            writeln!(f, "recipient {} {since}", hex(recipient.as_bytes()))?;
        }
        for ListedVerifier { verifier, roles, since, until } in &self.verifiers {
            writeln!(f, "verifier {roles} {since} {} {verifier}", or_dash(until.as_ref()))?;
        }
        for (epoch, (commitment, since)) in self.epochs.iter().enumerate() {
            writeln!(f, "epoch {} {} {since}", epoch + 1, hex(commitment))?;
        }
        for (epoch, recipient, stanza) in &self.stanzas {
            writeln!(f, "stanza {epoch} {} {}", hex(recipient.as_bytes()), base64(stanza))?;
        }
        Ok(())
    }
}

impl Content {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        (lines.next()? == LABEL).then_some(())?;
        let vault = lines.next()?.strip_prefix("vault ")?.parse().ok()?;
        let [version, previous] = fields(lines.next()?.strip_prefix("version ")?)?;
        let previous = optional(previous, |digest| digest.parse().ok())?;
        let mut content = Content {
            vault,
            version: number(version)?,
            previous,
            recipients: vec![],
            verifiers: vec![],
            epochs: vec![],
            stanzas: vec![],
        };
        for line in lines {
            let (kind, rest) = line.split_once(' ')?;
            match kind {
                "recipient" => content.recipients.push(parse_recipient(rest)?),
                "verifier" => content.verifiers.push(parse_verifier(rest)?),
                "epoch" => content.epochs.push(parse_epoch(rest)?),
                "stanza" => content.stanzas.push(parse_stanza(rest)?),
                _ => return None,
            }
        }
        // Writing it again checks the order of kinds, the numbering of epochs, and every field's one form.
        (content.is_sound() && content.to_string() == text).then_some(content)
    }

    fn is_sound(&self) -> bool {
        let expected = (1..)
            .zip(&self.epochs)
            .flat_map(|(epoch, _)| self.recipients.iter().map(move |(recipient, _)| (epoch, *recipient)));
        !self.recipients.is_empty()
            && !self.verifiers.is_empty()
            && !self.epochs.is_empty()
            && self.version >= 1
            && self.previous.is_none() == (self.version == 1)
            && self.recipients.is_sorted_by(|(a, _), (b, _)| a < b)
            && self.verifiers.is_sorted_by(|a, b| a.verifier.to_string() < b.verifier.to_string())
            && self.verifiers.iter().all(|listed| listed.until.is_none_or(|until| listed.since < until))
            && self.stanzas.iter().map(|(epoch, recipient, _)| (*epoch, *recipient)).eq(expected)
    }
}

fn parse_recipient(rest: &str) -> Option<(Recipient, Timestamp)> {
    let [key, since] = fields(rest)?;
    Some((Recipient::from_bytes(unhex(key)?)?, Timestamp::from_canonical(since)?))
}

fn parse_verifier(rest: &str) -> Option<ListedVerifier> {
    let [roles, since, until, vkey] = fields(rest)?;
    Some(ListedVerifier {
        verifier: vkey.parse().ok()?,
        roles: Roles::ALL.into_iter().find(|known| known.to_string() == roles)?,
        since: Timestamp::from_canonical(since)?,
        until: optional(until, Timestamp::from_canonical)?,
    })
}

fn parse_epoch(rest: &str) -> Option<([u8; 32], Timestamp)> {
    let [_numbered_by_place, commitment, since] = fields(rest)?;
    Some((unhex(commitment)?, Timestamp::from_canonical(since)?))
}

fn parse_stanza(rest: &str) -> Option<(u32, Recipient, [u8; STANZA_LEN])> {
    let [epoch, recipient, stanza] = fields(rest)?;
    let epoch = u32::try_from(number(epoch)?).ok()?;
    Some((epoch, Recipient::from_bytes(unhex(recipient)?)?, unbase64(stanza)?.try_into().ok()?))
}
