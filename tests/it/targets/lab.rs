//! The keys of the vault in `docs/formats.md`, and sealed parts made from that page alone: whatever plaintext a fuzzer
//! thinks of, under a seal that holds.

use std::sync::LazyLock;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use data_encoding::HEXLOWER;
use minicbor::{Decoder, Encoder};
use stillgood::{Digest, Identity, KeyRing, Keys, Note, Signer, Timestamp, Verifier};

/// Signs as owner, writer and decider.
pub(super) static DEVICE: LazyLock<Signer> = LazyLock::new(|| {
    let pem = include_str!("../../fixtures/python-vault/device.pem");
    Signer::from_pem(pem, &vkey(include_str!("../../fixtures/python-vault/device.vkey"))).unwrap()
});

/// Opens the vault.
pub(super) static IDENTITY: LazyLock<Identity> =
    LazyLock::new(|| Identity::from_pem(include_str!("../../fixtures/python-vault/identity.pem")).unwrap());

/// The keys of both epochs, from the key ring that the page shows.
pub(super) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let blocks = include_str!("../../../docs/formats.md").split("```\n");
    let mut notes = blocks.filter_map(|block| block.parse::<Note>().ok());
    let ring = notes.find_map(|note| KeyRing::open(&note, &owner()).ok()).unwrap();
    ring.unlock(&IDENTITY).unwrap()
});

/// The vault's owner, of whom no secret is here.
pub(super) fn owner() -> Verifier {
    vkey(include_str!("../../fixtures/python-vault/owner.vkey"))
}

fn vkey(file: &str) -> Verifier {
    file.trim_end().parse().unwrap()
}

/// The time at which everything is judged.
pub(super) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

const VAULT: &str = "b3fad6d05dad87f5baa52c6507d75582";
/// Derived from the keys of epochs 1 and 2 for heads, for bodies, and for evidence.
const DERIVED: [[&str; 3]; 2] = [
    [
        "e0e617f1e6758588de35d9da5d6ff2e537c9128650d896441f08f34ef05afa66",
        "8a68cfeda92a1ab97df74e3ea2cda9785f66c668e8c4dfba402129a7ae47efbc",
        "8563ba3cbe0fb43c2cd277320b8dec89fa61d8fe7a26a5d3b65570a470f018a7",
    ],
    [
        "d0826db74726c27b7714d31292fafd586ff082dcc20656824f8f11ec2e337557",
        "86ac88b6cb3b1840a0ef53e64fbf2fdfd0e6703d8c8a9ddd7ede0f91ed364e86",
        "eeb28d683c823131b9a0a3db89e2c074dda3b2f5974e32db531a0574dcb16681",
    ],
];

pub(super) const HEAD: u64 = 0;
pub(super) const BODY: u64 = 1;
pub(super) const EVIDENCE: u64 = 2;

/// A sealed part as it stands, its ciphertext still closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Sealed<'a> {
    pub(super) part: u64,
    pub(super) epoch: u64,
    pub(super) hint: &'a [u8],
    pub(super) name: &'a str,
    pub(super) generation: u64,
    pub(super) nonce: &'a [u8],
    pub(super) ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// The eight items, leniently: other encodings of the same items are read, too.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Decoder::new(bytes);
        if from.array().ok()?? != 8 || from.u64().ok()? != 1 {
            return None;
        }
        Some(Sealed {
            part: from.u64().ok()?,
            epoch: from.u64().ok()?,
            hint: from.bytes().ok()?,
            name: from.str().ok()?,
            generation: from.u64().ok()?,
            nonce: from.bytes().ok()?,
            ciphertext: from.bytes().ok()?,
        })
    }

    /// Its one encoding.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Encoder::new(vec![]);
        out.array(8).and_then(|out| out.u64(1)?.u64(self.part)?.u64(self.epoch)?.bytes(self.hint)).unwrap();
        out.str(self.name).and_then(|out| out.u64(self.generation)?.bytes(self.nonce)?.bytes(self.ciphertext)).unwrap();
        out.into_writer()
    }

    fn cipher(&self) -> Option<Aes256Gcm> {
        let epoch = DERIVED.get(usize::try_from(self.epoch).ok()?.checked_sub(1)?)?;
        let key = HEXLOWER.decode(epoch.get(usize::try_from(self.part).ok()?)?.as_bytes()).unwrap();
        Aes256Gcm::new_from_slice(&key).ok()
    }

    fn aad(&self) -> Vec<u8> {
        let mut out = Encoder::new(vec![]);
        let vault = HEXLOWER.decode(VAULT.as_bytes()).unwrap();
        out.array(6).and_then(|out| out.str("stillgood/part/v1")?.u64(self.part)?.bytes(&vault)).unwrap();
        out.u64(self.epoch).and_then(|out| out.str(self.name)?.u64(self.generation)).unwrap();
        out.into_writer()
    }

    /// The same around this plaintext, sealed.
    pub(super) fn around(&self, plaintext: &[u8]) -> Vec<u8> {
        let nonce: [u8; 12] = self.nonce.try_into().unwrap();
        let payload = Payload { msg: plaintext, aad: &self.aad() };
        let ciphertext = self.cipher().unwrap().encrypt(&nonce.into(), payload).unwrap();
        Sealed { ciphertext: &ciphertext, ..self.clone() }.write()
    }

    /// What was sealed.
    pub(super) fn open(&self) -> Option<Vec<u8>> {
        let nonce: [u8; 12] = self.nonce.try_into().ok()?;
        self.cipher()?.decrypt(&nonce.into(), Payload { msg: self.ciphertext, aad: &self.aad() }).ok()
    }
}

/// This plaintext, sealed under epoch 2. The nonce is always the same one, which is fit for tests only.
pub(super) fn seal(part: u64, name: &str, generation: u64, plaintext: &[u8]) -> Vec<u8> {
    let (hint, nonce) = ([0xe8, 0xa8, 0xcc, 0x18], [7; 12]);
    Sealed { part, epoch: 2, hint: &hint, name, generation, nonce: &nonce, ciphertext: &[] }.around(plaintext)
}

/// What a sealed part of ours holds.
pub(super) fn plaintext(sealed: &[u8]) -> Vec<u8> {
    Sealed::read(sealed).and_then(|sealed| sealed.open()).expect("stillgood sealed it by the page")
}

/// A place below `length`, always the same one for the same bytes.
pub(super) fn place(bytes: &[u8], length: usize) -> usize {
    let [a, b, c, d, ..] = *Digest::of(bytes).as_bytes();
    u32::from_be_bytes([a, b, c, d]) as usize % length.max(1)
}

/// The text with one character of it another one.
pub(super) fn altered(text: &str) -> String {
    let at = place(text.as_bytes(), text.chars().count());
    let other = |c| if c == 'a' { 'b' } else { 'a' };
    text.chars().enumerate().map(|(n, c)| if n == at { other(c) } else { c }).collect()
}
