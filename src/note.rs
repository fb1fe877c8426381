//! Signed notes (<https://c2sp.org/signed-note>) with Ed25519 signatures (RFC 8032). Knows nothing of what they say.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use pkcs8::der::zeroize::Zeroizing;
use sha2::{Digest as _, Sha256};

use crate::id::{Digest, KeyName};
use crate::keyfile::{self, KeyFileError, Passphrase};
use crate::text::{base64, hex, unbase64};

/// A text with signature lines. Holds what was read or signed, byte for byte; verified or not.
///
/// ```
/// use stillgood::{Note, Signer};
/// let signer = Signer::generate("example.org/device".parse()?);
/// let note = signer.sign("hello\n")?;
/// let read: Note = note.to_string().parse()?;
/// assert_eq!(read.verify(&signer.verifier())?, "hello\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    whole: String,
    text_len: usize,
    signatures: Vec<SignatureLine>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct SignatureLine {
    name: KeyName,
    hash: [u8; 4],
    signature: Vec<u8>,
}

/// Why a note cannot be read, signed or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not the form of a signed note.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// No signature line of this key.
    #[error("the note is not signed by `{0}`")]
    NotSignedBy(KeyName),
    /// There is a signature line of this key, and it is wrong.
    #[error("the signature of `{0}` is wrong")]
    WrongSignature(KeyName),
}

const MOST_BYTES: usize = 1_048_576;
const MOST_SIGNATURES: usize = 16;

impl Note {
    /// The text, if this key signed it.
    ///
    /// # Errors
    /// [`NoteError::NotSignedBy`] and [`NoteError::WrongSignature`].
    pub fn verify(&self, verifier: &Verifier) -> Result<&str, NoteError> {
        let mine: Vec<_> =
            self.signatures.iter().filter(|line| line.name == verifier.name && line.hash == verifier.hash()).collect();
        let [line] = mine.as_slice() else {
            return Err(NoteError::NotSignedBy(verifier.name.clone()));
        };
        let wrong = || NoteError::WrongSignature(verifier.name.clone());
        let signature = Signature::from_slice(&line.signature).map_err(|_| wrong())?;
        verifier.key.verify_strict(self.unverified_text().as_bytes(), &signature).map_err(|_| wrong())?;
        Ok(self.unverified_text())
    }

    /// The text as it stands, whoever signed it.
    pub fn unverified_text(&self) -> &str {
        self.whole.get(..self.text_len).expect("cut at a line end")
    }

    /// Names and key hashes of the signature lines, in order; not verified.
    pub fn unverified_signers(&self) -> impl Iterator<Item = (&KeyName, [u8; 4])> {
        self.signatures.iter().map(|line| (&line.name, line.hash))
    }

    /// The whole note: text, empty line, signature lines.
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// SHA-256 of the whole note.
    pub fn digest(&self) -> Digest {
        Digest::of(self.whole.as_bytes())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(whole: &str) -> Result<Self, NoteError> {
        if whole.len() > MOST_BYTES {
            return Err(NoteError::Malformed("longer than 1 MiB"));
        }
        // The last empty line parts text and signatures: signature lines are never empty.
        let split = whole.rfind("\n\n").ok_or(NoteError::Malformed("no empty line before the signatures"))?;
        let (text, rest) = whole.split_at(split + 1);
        check_text(text)?;
        let lines = rest.strip_prefix('\n').and_then(|rest| rest.strip_suffix('\n'));
        let lines = lines.ok_or(NoteError::Malformed("the last line does not end"))?;
        let signatures = lines.split('\n').map(SignatureLine::parse).collect::<Option<Vec<_>>>();
        let signatures = signatures.ok_or(NoteError::Malformed("a signature line has another form"))?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(NoteError::Malformed("more than 16 signature lines"));
        }
        Ok(Note { whole: whole.to_owned(), text_len: text.len(), signatures })
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(NoteError::Malformed("the text holds a control character"));
    }
    if !text.ends_with('\n') || text == "\n" || text.ends_with("\n\n") {
        return Err(NoteError::Malformed("the text does not end with a full line"));
    }
    Ok(())
}

impl SignatureLine {
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = unbase64(encoded)?;
        let (hash, signature) = bytes.split_first_chunk::<4>()?;
        (!signature.is_empty()).then_some(())?;
        Some(SignatureLine { name: name.parse().ok()?, hash: *hash, signature: signature.to_vec() })
    }
}

/// The public half of a signing key, and its name. Its text form is a vkey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verifier {
    name: KeyName,
    key: VerifyingKey,
}

/// A text that is no vkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one vkey: name+hash+key")]
pub struct VkeyError;

impl Verifier {
    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The 32 public bytes.
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    fn hash(&self) -> [u8; 4] {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(self.name.as_str())
            .chain_update(b"\n\x01")
            .chain_update(self.key.as_bytes())
            .finalize()
            .into();
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: Vec<u8> = std::iter::once(1).chain(*self.key.as_bytes()).collect();
        write!(f, "{}+{}+{}", self.name, hex(&self.hash()), base64(&key))
    }
}

impl FromStr for Verifier {
    type Err = VkeyError;

    fn from_str(text: &str) -> Result<Self, VkeyError> {
        let parse = || {
            let (name, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            let bytes: [u8; 33] = unbase64(key)?.try_into().ok()?;
            let (_, key) = bytes.split_first_chunk::<1>()?;
            let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            // One encoding per point: what it decompressed to, compressed again.
            let canonical = key.to_edwards().compress().to_bytes() == *key.as_bytes();
            let verifier = Verifier { name: name.parse().ok()?, key };
            // Writing it again checks hash, algorithm byte and encoding at once.
            (canonical && !verifier.key.is_weak() && verifier.to_string() == text).then_some(verifier)
        };
        parse().ok_or(VkeyError)
    }
}

/// A signing key and its name. The secret is wiped on drop and never shown.
pub struct Signer {
    name: KeyName,
    key: SigningKey,
}

impl Signer {
    /// Signs a text. Ed25519 is deterministic: the same text gives the same note.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] for a text that a note cannot hold.
    pub fn sign(&self, text: &str) -> Result<Note, NoteError> {
        check_text(text)?;
        let signature = self.key.sign(text.as_bytes());
        let hash = self.verifier().hash();
        let line: Vec<u8> = hash.into_iter().chain(signature.to_bytes()).collect();
        let whole = format!("{text}\n— {} {}\n", self.name, base64(&line));
        if whole.len() > MOST_BYTES {
            return Err(NoteError::Malformed("longer than 1 MiB"));
        }
        let signatures =
            vec![SignatureLine { name: self.name.clone(), hash, signature: signature.to_bytes().to_vec() }];
        Ok(Note { whole, text_len: text.len(), signatures })
    }

    /// The public half.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// A new key from the operating system's random source.
    pub fn generate(name: KeyName) -> Self {
        Signer { name, key: SigningKey::from_bytes(&keyfile::random_secret()) }
    }

    /// The key in a PKCS#8 PEM file (RFC 8410), under the name in its vkey.
    ///
    /// # Errors
    /// [`KeyFileError`] where the file is none, holds another algorithm, or is not the vkey's other half.
    pub fn from_pem(pem: &str, verifier: &Verifier) -> Result<Self, KeyFileError> {
        Self::of_secret(keyfile::read_secret(pem, keyfile::ED25519)?, verifier)
    }

    /// The same from a file under a passphrase, for which [`from_pem`](Self::from_pem) says [`KeyFileError::Locked`].
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem), and where the passphrase does not open the file.
    pub fn from_locked_pem(pem: &str, passphrase: &Passphrase, verifier: &Verifier) -> Result<Self, KeyFileError> {
        Self::of_secret(keyfile::read_locked_secret(pem, passphrase, keyfile::ED25519)?, verifier)
    }

    fn of_secret(secret: Zeroizing<[u8; 32]>, verifier: &Verifier) -> Result<Self, KeyFileError> {
        let signer = Signer { name: verifier.name.clone(), key: SigningKey::from_bytes(&secret) };
        if signer.verifier() == *verifier { Ok(signer) } else { Err(KeyFileError::NotThisPublicKey) }
    }

    /// The key as PKCS#8 PEM. Wiped when dropped.
    pub fn to_pem(&self) -> Zeroizing<String> {
        keyfile::write_secret(&Zeroizing::new(self.key.to_bytes()), keyfile::ED25519)
    }

    /// The key as PKCS#8 PEM under a passphrase. Takes a fifth of a second, and 16 MiB.
    pub fn to_locked_pem(&self, passphrase: &Passphrase) -> String {
        keyfile::write_locked_secret(&Zeroizing::new(self.key.to_bytes()), passphrase, keyfile::ED25519)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer { name: "example.org/device".parse().unwrap(), key: SigningKey::from_bytes(&[7; 32]) }
    }

    #[test]
    fn hostile_notes_are_refused() {
        let good = signer().sign("one\ntwo\n").unwrap().to_string();
        assert!(good.parse::<Note>().is_ok());
        let line = good.lines().last().unwrap();
        for (defect, bad) in [
            ("tab", good.replace("one", "o\te")),
            ("crlf", good.replace('\n', "\r\n")),
            ("no_signature", "one\n\n".to_owned()),
            ("no_last_line_end", good.trim_end().to_owned()),
            ("no_empty_line", good.replace("\n\n", "\n")),
            ("two_empty_lines", good.replace("\n\n", "\n\n\n")),
            ("plain_hyphen", good.replace('—', "-")),
            ("empty_text", format!("\n{line}\n")),
            ("missing_padding", good.replace("=\n", "\n")),
            ("seventeen_signatures", format!("one\n\n{}", format!("{line}\n").repeat(17))),
            ("next_line_control", good.replace("one", "o\u{85}e")),
        ] {
            assert!(bad.parse::<Note>().is_err(), "{defect}");
        }
    }

    #[test]
    fn what_is_signed_can_be_read_up_to_the_longest_note() {
        let around = signer().sign("a\n").unwrap().as_str().len() - "a\n".len();
        let longest = format!("{}\n", "a".repeat(MOST_BYTES - around - 1));
        let note = signer().sign(&longest).unwrap();
        assert_eq!(note.as_str().parse::<Note>(), Ok(note));
        assert_eq!(signer().sign(&format!("a{longest}")), Err(NoteError::Malformed("longer than 1 MiB")));
    }

    #[test]
    fn foreign_signatures_are_passed_over_and_own_ones_must_hold() {
        let (mine, other) = (signer(), Signer::generate("example.org/other".parse().unwrap()));
        let note = mine.sign("one\n").unwrap();
        let foreign = other.sign("one\n").unwrap();
        let line = |note: &Note| note.as_str().lines().last().unwrap().to_owned();
        let both: Note = format!("{note}{}\n", line(&foreign)).parse().unwrap();
        assert_eq!(both.verify(&mine.verifier()), Ok("one\n"));
        assert_eq!(both.verify(&other.verifier()), Ok("one\n"));
        assert!(matches!(note.verify(&other.verifier()), Err(NoteError::NotSignedBy(_))));
        let twice: Note = format!("{note}{}\n", line(&note)).parse().unwrap();
        assert!(matches!(twice.verify(&mine.verifier()), Err(NoteError::NotSignedBy(_))));
        let moved: Note = note.to_string().replace("one", "two").parse().unwrap();
        assert!(matches!(moved.verify(&mine.verifier()), Err(NoteError::WrongSignature(_))));
    }

    #[test]
    fn a_vkey_has_one_text_form() {
        let vkey = signer().verifier().to_string();
        assert_eq!(vkey.parse::<Verifier>().unwrap(), signer().verifier());
        let weak =
            Verifier { name: "x".parse().unwrap(), key: VerifyingKey::from_bytes(&[0; 32]).unwrap() }.to_string();
        for bad in [
            vkey.to_uppercase(),
            vkey.replace("example", "exampel"),
            format!("{vkey}\n"),
            weak,
            vkey.replacen('+', "++", 1),
        ] {
            assert_eq!(bad.parse::<Verifier>(), Err(VkeyError), "{bad}");
        }
    }
}
