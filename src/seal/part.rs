//! Sealed parts: a head, a body, evidence, or the stored rulings of a decision, each under AES-256-GCM with its place as AAD.

use std::{fmt, mem};

use aes_gcm::aead::{Aead, AeadInOut, Payload};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::keys::{Keys, Part, PartKey};
use crate::cbor::{Malformed, Read, Reader, Sink, Writer, encodes};
use crate::evidence::Evidence;
#[cfg(feature = "vault")]
use crate::id::DecisionId;
use crate::id::{Digest, RowId, is_row_id};
use crate::row::{Body, Head};
use crate::text::unhex;

/// Why a sealed part did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Sealed under a key that these keys do not hold.
    #[error("not our key")]
    NotOurKey,
    /// A part of another row, or another part.
    #[error("not this row")]
    NotThisRow,
    /// Not what was sealed.
    #[error("damaged")]
    Damaged,
    /// An earlier generation than the one expected.
    #[error("older than seen")]
    OlderThanSeen,
}

impl From<Malformed> for OpenError {
    fn from(Malformed: Malformed) -> Self {
        OpenError::Damaged
    }
}

const VERSION: u64 = 1;
const RULINGS: u64 = Part::Rulings as u64;
/// Generations stay below 2^53.
const MOST_COUNT: u64 = 1 << 53;
/// The tag of AES-256-GCM.
const TAG: usize = 16;
const MOST_HEAD: usize = 65_536;
const MOST_BODY: usize = 8_388_608;
const MOST_EVIDENCE: usize = 8_388_608;
#[cfg(feature = "vault")]
const MOST_RULINGS: usize = 67_108_864;

macro_rules! sealed {
    ($(#[$doc:meta])* $visible:vis $name:ident, $most:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        $visible struct $name(Vec<u8>);

        impl $name {
            /// From bytes kept elsewhere. They are checked when opened.
            $visible fn from_bytes(bytes: Vec<u8>) -> Self {
                $name(bytes)
            }

            /// The bytes to keep.
            $visible fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            fn checked(&self) -> Result<&[u8], OpenError> {
                if self.0.len() > $most { Err(OpenError::Damaged) } else { Ok(&self.0) }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

sealed!(
    /// A sealed head.
    pub SealedHead,
    MOST_HEAD
);
sealed!(
    /// A sealed body.
    pub SealedBody,
    MOST_BODY
);
sealed!(
    /// The sealed evidence of a row.
    pub SealedEvidence,
    MOST_EVIDENCE
);
#[cfg(feature = "vault")]
sealed!(
    /// The sealed leaves of a decision.
    pub(crate) SealedRulings,
    MOST_RULINGS
);

impl SealedHead {
    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Seals a head under the newest epoch.
    pub fn seal(keys: &Keys, head: &Head) -> Self {
        SealedHead(seal(keys, Part::Head, head.row.as_str(), head.generation, &head.to_bytes()))
    }

    /// Opens the head of this row.
    ///
    /// # Errors
    /// [`OpenError`]: whatever is wrong with it.
    pub fn open(&self, keys: &Keys, row: &RowId) -> Result<Head, OpenError> {
        self.open_with(keys, row, &mut Plaintext::default()).map(|head| *head)
    }

    /// The same, where many are opened one after the other.
    pub(crate) fn open_with(
        &self,
        keys: &Keys,
        row: &RowId,
        plaintext: &mut Plaintext,
    ) -> Result<Box<Head>, OpenError> {
        let generation = open(keys, Part::Head, row.as_str(), None, self.checked()?, plaintext)?;
        let head = Head::from_bytes(&plaintext.bytes, row)?;
        if head.generation != generation {
            return Err(OpenError::Damaged);
        }
        Ok(head)
    }

    /// The epoch it says it is sealed under; `None` if it has another form.
    pub fn epoch(&self) -> Option<u64> {
        epoch_of(&self.0)
    }
}

/// The epoch that a sealed part of any kind says it is sealed under; `None` if it has another form.
pub(crate) fn epoch_of(sealed: &[u8]) -> Option<u64> {
    Envelope::read(sealed, None).ok().map(|envelope| envelope.epoch)
}

/// The generation that stands in clear; `None` if it has another form.
#[cfg(feature = "vault")]
pub(crate) fn generation_of(sealed: &[u8]) -> Option<u64> {
    Envelope::read(sealed, None).ok().map(|envelope| envelope.generation)
}

/// What nothing but this part holds of its bytes: all of them, if it has another form.
#[cfg(feature = "vault")]
pub(crate) fn ciphertext_of(sealed: &[u8]) -> &[u8] {
    Envelope::read(sealed, None).map_or(sealed, |envelope| envelope.ciphertext)
}

impl SealedBody {
    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Seals a body under the newest epoch, for the head of this generation.
    pub fn seal(keys: &Keys, row: &RowId, generation: u64, body: &Body) -> Self {
        SealedBody(seal(keys, Part::Body, row.as_str(), generation, &body.to_bytes()))
    }

    /// Opens the body that this head names.
    ///
    /// # Errors
    /// [`OpenError`]: whatever is wrong with it.
    pub fn open(&self, keys: &Keys, head: &Head) -> Result<Body, OpenError> {
        self.open_with(keys, head, &mut Plaintext::default())
    }

    /// The same, where many are opened one after the other.
    pub(crate) fn open_with(&self, keys: &Keys, head: &Head, plaintext: &mut Plaintext) -> Result<Body, OpenError> {
        let (row, generation) = (head.row.as_str(), Some(head.body_generation));
        open(keys, Part::Body, row, generation, self.checked()?, plaintext)?;
        let body = Body::from_bytes(&plaintext.bytes)?;
        // The tag shows that a holder of the key sealed it here; the head's digest shows that it is the one.
        if self.digest() != head.body || !head.text.is_of(body.text()) {
            return Err(OpenError::Damaged);
        }
        Ok(body)
    }
}

impl SealedEvidence {
    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Seals the evidence of a row under the newest epoch, for the head of this generation.
    pub fn seal(keys: &Keys, row: &RowId, generation: u64, evidence: &Evidence) -> Self {
        SealedEvidence(seal(keys, Part::Evidence, row.as_str(), generation, &evidence.to_bytes()))
    }

    /// The generation that stands in clear; `None` if it has another form.
    #[cfg(feature = "vault")]
    pub(crate) fn generation(&self) -> Option<u64> {
        Envelope::read(&self.0, None).ok().map(|envelope| envelope.generation)
    }

    /// Opens the evidence that this head names.
    ///
    /// # Errors
    /// [`OpenError`]: whatever is wrong with it.
    pub fn open(&self, keys: &Keys, head: &Head) -> Result<Evidence, OpenError> {
        let mut plaintext = Plaintext::default();
        let generation = open(keys, Part::Evidence, head.row.as_str(), None, self.checked()?, &mut plaintext)?;
        let evidence = Evidence::from_bytes(&plaintext.bytes, generation)?;
        if generation > head.generation || head.evidence != Some(self.digest()) {
            return Err(OpenError::Damaged);
        }
        Ok(evidence)
    }
}

#[cfg(feature = "vault")]
impl SealedRulings {
    pub(crate) fn seal(keys: &Keys, decision: DecisionId, plaintext: &[u8]) -> Self {
        SealedRulings(seal(keys, Part::Rulings, &decision.to_string(), 0, plaintext))
    }

    pub(crate) fn open(&self, keys: &Keys, decision: DecisionId) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut plaintext = Plaintext::default();
        open(keys, Part::Rulings, &decision.to_string(), Some(0), self.checked()?, &mut plaintext)?;
        Ok(plaintext.bytes)
    }

    /// The epoch it says it is sealed under; `None` if it has another form.
    pub(crate) fn epoch(&self) -> Option<u64> {
        epoch_of(&self.0)
    }
}

fn seal(keys: &Keys, part: Part, name: &str, generation: u64, plaintext: &[u8]) -> Vec<u8> {
    let epoch = keys.newest();
    let mut nonce = [0; 12];
    getrandom::fill(&mut nonce).expect("the operating system gives random bytes");
    let key = epoch.part(part);
    let aad = aad(vec![], key, name, generation);
    let payload = Payload { msg: plaintext, aad: &aad };
    let ciphertext = key.cipher.encrypt(&nonce.into(), payload).expect("far below 64 GiB");
    let envelope = Envelope {
        part: part as u64,
        epoch: epoch.epoch.into(),
        hint: epoch.hint(),
        name,
        generation,
        nonce,
        ciphertext: &ciphertext,
    };
    envelope.to_bytes()
}

/// Room for one plaintext after the other. It is wiped when it is dropped, and when it must grow.
#[derive(Default)]
pub(crate) struct Plaintext {
    bytes: Zeroizing<Vec<u8>>,
    /// For what the tag covers beside it, which is no secret.
    aad: Vec<u8>,
}

impl Plaintext {
    /// The bytes in it, to be opened there.
    fn holding(&mut self, bytes: &[u8]) -> &mut Vec<u8> {
        if self.bytes.capacity() < bytes.len() {
            // Not `reserve`, which would leave the last plaintext behind, unwiped.
            self.bytes = Zeroizing::new(Vec::with_capacity(bytes.len().next_power_of_two()));
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        &mut self.bytes
    }
}

/// Leaves the plaintext in `plaintext`; the generation in clear.
fn open(
    keys: &Keys,
    part: Part,
    name: &str,
    expected: Option<u64>,
    bytes: &[u8],
    plaintext: &mut Plaintext,
) -> Result<u64, OpenError> {
    let envelope = Envelope::read(bytes, Some(name))?;
    if envelope.part != part as u64 || envelope.name != name {
        return Err(OpenError::NotThisRow);
    }
    let epoch = keys.epoch(envelope.epoch).ok_or(OpenError::NotOurKey)?;
    if !bool::from(epoch.hint().ct_eq(&envelope.hint)) {
        return Err(OpenError::NotOurKey);
    }
    match expected {
        Some(expected) if envelope.generation < expected => return Err(OpenError::OlderThanSeen),
        Some(expected) if envelope.generation > expected => return Err(OpenError::Damaged),
        _ => {}
    }
    let key = epoch.part(part);
    let aad = aad(mem::take(&mut plaintext.aad), key, name, envelope.generation);
    let bytes = plaintext.holding(envelope.ciphertext);
    let opened = key.cipher.decrypt_in_place(&envelope.nonce.into(), &aad, bytes);
    plaintext.aad = aad;
    opened.map_err(|_| OpenError::Damaged)?;
    Ok(envelope.generation)
}

/// What the tag covers beside the plaintext, in place of what `room` holds.
fn aad(room: Vec<u8>, key: &PartKey, name: &str, generation: u64) -> Vec<u8> {
    let mut aad = Writer::after(&key.aad, room);
    aad.text(name).uint(generation);
    aad.finish()
}

/// What stands around a ciphertext, in clear.
#[derive(PartialEq, Eq)]
struct Envelope<'a> {
    part: u64,
    epoch: u64,
    hint: [u8; 4],
    name: &'a str,
    generation: u64,
    nonce: [u8; 12],
    ciphertext: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::array_of(8, self.ciphertext.len() + 256);
        self.write(&mut out);
        out.finish()
    }

    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.uint(VERSION).uint(self.part).uint(self.epoch).bytes(&self.hint).text(self.name);
        out.uint(self.generation).bytes(&self.nonce).bytes(self.ciphertext);
    }

    /// What stands in these bytes. `expected` is a name of the right form, of whose part they should be.
    fn read(bytes: &'a [u8], expected: Option<&'a str>) -> Read<Self> {
        let mut from = Reader::new(bytes);
        from.array(8)?;
        if from.uint()? != VERSION {
            return Err(Malformed);
        }
        let envelope = Envelope {
            part: from.uint()?,
            epoch: from.uint()?,
            hint: from.fixed()?,
            name: match expected {
                Some(name) => from.text_like(name)?,
                None => from.text()?,
            },
            generation: from.uint()?,
            nonce: from.fixed()?,
            ciphertext: from.bytes()?,
        };
        from.end()?;
        debug_assert!(encodes(bytes, 8, |out| envelope.write(out)), "one encoding per value");
        envelope.is_sound(expected).then_some(envelope).ok_or(Malformed)
    }

    /// The form of what stands in clear comes first: only then is it a part of something else.
    fn is_sound(&self, expected: Option<&str>) -> bool {
        let named = match self.part {
            RULINGS => unhex::<16>(self.name).is_some() && self.generation == 0,
            0..RULINGS => {
                (expected == Some(self.name) || is_row_id(self.name)) && (1..MOST_COUNT).contains(&self.generation)
            }
            _ => false,
        };
        named && (1..=u32::MAX.into()).contains(&self.epoch) && self.ciphertext.len() >= TAG
    }
}
