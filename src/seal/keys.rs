//! What an unlocked vault can do: the keys of each epoch, one per purpose, and the keystream of decision salts.

use std::fmt;

use aes::Aes256;
use aes_gcm::{Aes256Gcm, KeyInit};
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cbor::{self, Writer};
use crate::id::{Digest, VaultId};
use crate::keyfile;
use crate::note::Verifier;

/// The unlocked keys of one vault. Made by [`KeyRing::unlock`](super::KeyRing::unlock); wiped on drop, never shown.
pub struct Keys {
    pub(super) vault: VaultId,
    owner: Verifier,
    /// Epoch 1 first, without a gap.
    epochs: Vec<EpochKeys>,
}

impl Keys {
    pub(super) fn new(vault: VaultId, owner: Verifier, epochs: Vec<EpochKeys>) -> Self {
        Keys { vault, owner, epochs }
    }

    /// The vault they open.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The owner against whose key the vault's key ring was verified.
    pub fn owner(&self) -> &Verifier {
        &self.owner
    }

    /// The newest epoch, under which everything new is sealed.
    pub fn newest_epoch(&self) -> u32 {
        self.newest().epoch
    }

    pub(super) fn newest(&self) -> &EpochKeys {
        self.epochs.last().expect("a key ring has at least one epoch")
    }

    pub(super) fn epoch(&self, epoch: u64) -> Option<&EpochKeys> {
        self.epochs.get(usize::try_from(epoch).ok()?.checked_sub(1)?)
    }

    /// The secret behind decision ids and salts, of one epoch.
    #[cfg(feature = "vault")]
    pub(crate) fn disclosure_of(&self, epoch: u64) -> Option<&Disclosure> {
        self.epoch(epoch).map(|keys| &keys.disclosure)
    }

    /// The secret behind decision ids and salts, of the newest epoch.
    pub(crate) fn disclosure(&self) -> &Disclosure {
        &self.newest().disclosure
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} epochs of vault {})", self.epochs.len(), self.vault)
    }
}

/// The parts of `docs/formats.md`, "Sealed parts"; the discriminant is the number there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Head = 0,
    Body = 1,
    Evidence = 2,
    Rulings = 3,
}

/// Everything derived from one epoch key.
pub(super) struct EpochKeys {
    pub(super) epoch: u32,
    pub(super) commitment: [u8; 32],
    head: PartKey,
    body: PartKey,
    evidence: PartKey,
    rulings: PartKey,
    disclosure: Disclosure,
}

/// What parts of one kind are sealed with.
pub(super) struct PartKey {
    pub(super) cipher: Aes256Gcm,
    /// What tags cover beside the plaintext, up to the name: the same for every part.
    pub(super) aad: Vec<u8>,
}

impl EpochKeys {
    pub(super) fn derive(key: &[u8; 32], vault: VaultId, epoch: u32) -> Self {
        let derived = |purpose| derive(key, purpose, vault, epoch);
        let part = |purpose, part: Part| {
            let mut aad = Writer::array(6);
            aad.text("stillgood/part/v1").uint(part as u64).bytes(vault.as_bytes()).uint(epoch.into());
            PartKey { cipher: Aes256Gcm::new((&*derived(purpose)).into()), aad: aad.finish() }
        };
        EpochKeys {
            epoch,
            commitment: *derived("commitment"),
            head: part("head", Part::Head),
            body: part("body", Part::Body),
            evidence: part("evidence", Part::Evidence),
            rulings: part("rulings", Part::Rulings),
            disclosure: Disclosure(derived("disclosure")),
        }
    }

    pub(super) fn part(&self, part: Part) -> &PartKey {
        match part {
            Part::Head => &self.head,
            Part::Body => &self.body,
            Part::Evidence => &self.evidence,
            Part::Rulings => &self.rulings,
        }
    }

    /// The first 4 bytes of the commitment: tells "not our key" from "damaged".
    pub(super) fn hint(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.commitment;
        [a, b, c, d]
    }
}

/// A new epoch key.
pub(super) fn new_epoch_key() -> Zeroizing<[u8; 32]> {
    keyfile::random_secret()
}

/// HKDF-Expand-SHA256(epoch key, CBOR["stillgood/derive/v1", purpose, vault id, epoch], 32).
fn derive(key: &[u8; 32], purpose: &str, vault: VaultId, epoch: u32) -> Zeroizing<[u8; 32]> {
    let mut info = Writer::array(4);
    info.text("stillgood/derive/v1").text(purpose).bytes(vault.as_bytes()).uint(epoch.into());
    expand(key, &info.finish())
}

fn expand(key: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    let hkdf = Hkdf::<Sha256>::from_prk(key).expect("a key of one hash length");
    hkdf.expand(info, out.as_mut_slice()).expect("one hash length");
    out
}

/// The secret behind decision ids and salts.
#[derive(Clone)]
pub(crate) struct Disclosure(Zeroizing<[u8; 32]>);

/// What a decision's id and salts come from: 32 bytes that only recipients can compute.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Seed(pub(crate) [u8; 32]);

/// One leaf's two salts: the one in the leaf, and the one of its commitment.
#[derive(Clone, Copy)]
pub(crate) struct Salts {
    pub(crate) leaf: [u8; 16],
    pub(crate) commitment: [u8; 16],
}

/// SHA-256(CBOR["stillgood/commitment/v1", salt, SHA-256(content)]).
pub(crate) fn commitment(salt: &[u8; 16], content: &Digest) -> Digest {
    let bytes = cbor::short(3, |out| {
        out.text("stillgood/commitment/v1").bytes(salt).bytes(content.as_bytes());
    });
    Digest::of(bytes.as_bytes())
}

/// What a mark stands for: `docs/formats.md`, "Marks".
#[cfg(feature = "vault")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Marked {
    /// The digest of a text.
    Text,
    /// A row's id.
    Row,
}

#[cfg(feature = "vault")]
impl Marked {
    const fn purpose(self) -> &'static str {
        match self {
            Marked::Text => "text",
            Marked::Row => "row",
        }
    }
}

impl Disclosure {
    /// A name for the content that only recipients can make: a commitment under a salt that follows from the content.
    #[cfg(feature = "vault")]
    pub(crate) fn mark(&self, what: Marked, content: &[u8]) -> Digest {
        let mut input = Writer::array(3);
        input.text("stillgood/mark/v1").text(what.purpose()).bytes(content);
        let Seed([salt @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _]) = self.seed(&input.finish());
        commitment(&salt, &Digest::of(content))
    }

    /// HMAC-SHA256(D, cores).
    pub(crate) fn seed(&self, cores: &[u8]) -> Seed {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_slice()).expect("any key length");
        mac.update(cores);
        Seed(mac.finalize().into_bytes().into())
    }

    /// The keystream of a decision, cut into the salts of its leaves.
    pub(crate) fn salts(&self, seed: &Seed, leaves: usize) -> Vec<Salts> {
        let mut info = Writer::array(2);
        info.text("stillgood/salts/v1").bytes(&seed.0);
        let key = expand(&self.0, &info.finish());
        let mut stream = vec![0; leaves * 32];
        Ctr128BE::<Aes256>::new((&*key).into(), &[0; 16].into()).apply_keystream(&mut stream);
        let salts = stream.as_chunks::<16>().0.as_chunks::<2>().0.iter();
        salts.map(|[leaf, commitment]| Salts { leaf: *leaf, commitment: *commitment }).collect()
    }
}
