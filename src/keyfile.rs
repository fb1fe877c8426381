//! Keys at rest: PKCS#8 and SubjectPublicKeyInfo in PEM, as RFC 8410 has them and `openssl pkey` reads them.

mod locked;

use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::zeroize::Zeroizing;
use pkcs8::der::{Decode, Encode, EncodePem, pem};
use pkcs8::spki::SubjectPublicKeyInfo;
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef};

use locked::Lock;
pub use locked::{Passphrase, PassphraseError};

/// Why a key file cannot be used. Never says anything of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not PEM, or not a key in it.
    #[error("not a key in PEM form")]
    NotPem,
    /// A key for something else.
    #[error("the key is of another kind")]
    OtherAlgorithm,
    /// Encrypted under a passphrase, and none was given.
    #[error("the key is locked with a passphrase")]
    Locked,
    /// A passphrase was given for a key without one.
    #[error("the key is not locked with a passphrase")]
    NotLocked,
    /// Encrypted in a weak way, or in one that is not known here.
    #[error(
        "the key is locked in a way that is not read here: expected scrypt or PBKDF2-HMAC-SHA256, with AES-256-CBC"
    )]
    OtherLock,
    /// Whoever wrote the file wants more memory or time to be spent than we do.
    #[error(
        "the key's lock asks for too much work: N*r*p of scrypt is at most {MOST_WORK}, rounds of PBKDF2 {MOST_ROUNDS}"
    )]
    TooMuchWork,
    /// Another passphrase, or a damaged file; nobody can tell which.
    #[error("the passphrase does not open the key, or the file is damaged")]
    WrongPassphrase,
    /// Secret and public key do not belong together.
    #[error("the secret key and the public key do not belong together")]
    NotThisPublicKey,
}

/// Ed25519, RFC 8410.
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// X25519, RFC 8410.
pub(crate) const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");

/// 32 bytes from the operating system. Without random bytes nothing here is safe, so failing is fatal.
pub(crate) fn random_secret() -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).expect("the operating system gives random bytes");
    bytes
}

/// N·r·p of scrypt, which is also its memory in units of 128 bytes, or more: 256 MiB, and about a second.
const MOST_WORK: u64 = 1 << 21;
/// Rounds of PBKDF2: some seconds.
const MOST_ROUNDS: u32 = 10_000_000;

const OPEN: &str = "PRIVATE KEY";
const LOCKED: &str = "ENCRYPTED PRIVATE KEY";

/// The secret of a key file without a passphrase.
pub(crate) fn read_secret(text: &str, algorithm: ObjectIdentifier) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    match decode(text)? {
        (OPEN, der) => secret_in(&der, algorithm),
        // Whoever reads `Locked` asks a person for a passphrase: only for a lock that we could open.
        (LOCKED, der) => Lock::read(&der).and(Err(KeyFileError::Locked)),
        _ => Err(KeyFileError::NotPem),
    }
}

/// The secret of a key file under a passphrase.
pub(crate) fn read_locked_secret(
    text: &str,
    passphrase: &Passphrase,
    algorithm: ObjectIdentifier,
) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let (LOCKED, der) = decode(text)? else {
        return read_secret(text, algorithm).and(Err(KeyFileError::NotLocked));
    };
    let opened = Lock::read(&der)?.open(passphrase)?;
    // One wrong passphrase in 256 ends in right padding: that what is inside is no key says the same as wrong padding.
    secret_in(&opened, algorithm).map_err(|error| match error {
        KeyFileError::NotPem => KeyFileError::WrongPassphrase,
        other => other,
    })
}

fn decode(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), KeyFileError> {
    let (label, der) = pem::decode_vec(text.as_bytes()).map_err(|_| KeyFileError::NotPem)?;
    Ok((label, Zeroizing::new(der)))
}

fn secret_in(der: &[u8], algorithm: ObjectIdentifier) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| KeyFileError::NotPem)?;
    if info.algorithm.oid != algorithm || info.algorithm.parameters.is_some() {
        return Err(KeyFileError::OtherAlgorithm);
    }
    let inner = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| KeyFileError::NotPem)?;
    let secret: &[u8; 32] = inner.as_bytes().try_into().map_err(|_| KeyFileError::NotPem)?;
    Ok(Zeroizing::new(*secret))
}

pub(crate) fn write_secret(secret: &Zeroizing<[u8; 32]>, algorithm: ObjectIdentifier) -> Zeroizing<String> {
    let der = secret_to_der(secret, algorithm);
    Zeroizing::new(pem::encode_string(OPEN, LineEnding::LF, &der).expect(FIXED))
}

pub(crate) fn write_locked_secret(
    secret: &Zeroizing<[u8; 32]>,
    passphrase: &Passphrase,
    algorithm: ObjectIdentifier,
) -> String {
    let locked = locked::lock(&secret_to_der(secret, algorithm), passphrase);
    pem::encode_string(LOCKED, LineEnding::LF, &locked).expect(FIXED)
}

const FIXED: &str = "a key of 32 bytes always encodes";

fn secret_to_der(secret: &Zeroizing<[u8; 32]>, algorithm: ObjectIdentifier) -> Zeroizing<Vec<u8>> {
    let inner = OctetStringRef::new(secret.as_slice()).expect(FIXED);
    let der = Zeroizing::new(inner.to_der().expect(FIXED));
    let algorithm = AlgorithmIdentifierRef { oid: algorithm, parameters: None };
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&der).expect(FIXED));
    Zeroizing::new(info.to_der().expect(FIXED))
}

pub(crate) fn write_public(key: &[u8; 32], algorithm: ObjectIdentifier) -> String {
    let subject_public_key = BitStringRef::from_bytes(key).expect(FIXED);
    let info = SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifierRef { oid: algorithm, parameters: None },
        subject_public_key,
    };
    info.to_pem(LineEnding::LF).expect(FIXED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_from_its_file_and_only_as_what_it_is() {
        let secret = random_secret();
        let pem = write_secret(&secret, ED25519);
        assert_eq!(*read_secret(&pem, ED25519).unwrap(), *secret);
        assert_eq!(read_secret(&pem, X25519), Err(KeyFileError::OtherAlgorithm));
        assert_eq!(read_secret(&pem.replace("PRIVATE", "PUBLIC"), ED25519), Err(KeyFileError::NotPem));
        assert_eq!(read_secret(&pem.replace("PRIVATE", "ENCRYPTED PRIVATE"), ED25519), Err(KeyFileError::NotPem));
        assert_eq!(read_secret("", ED25519), Err(KeyFileError::NotPem));
    }
}
