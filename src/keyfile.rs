//! Keys at rest: PKCS#8 and SubjectPublicKeyInfo in PEM, as RFC 8410 has them and `openssl pkey` reads them.

use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::zeroize::Zeroizing;
use pkcs8::der::{Decode, Encode, EncodePem, pem};
use pkcs8::spki::SubjectPublicKeyInfo;
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef};

/// Why a key file cannot be used. Never says anything of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not PEM, or not a key in it.
    #[error("not a key in PEM form")]
    NotPem,
    /// A key for something else.
    #[error("the key is of another kind")]
    OtherAlgorithm,
    /// Encrypted under a passphrase.
    #[error("the key is locked with a passphrase, which this version does not read")]
    Locked,
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

pub(crate) fn read_secret(text: &str, algorithm: ObjectIdentifier) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let (label, der) = pem::decode_vec(text.as_bytes()).map_err(|_| KeyFileError::NotPem)?;
    let der = Zeroizing::new(der);
    match label {
        "PRIVATE KEY" => {}
        "ENCRYPTED PRIVATE KEY" => return Err(KeyFileError::Locked),
        _ => return Err(KeyFileError::NotPem),
    }
    let info = PrivateKeyInfoRef::from_der(&der).map_err(|_| KeyFileError::NotPem)?;
    if info.algorithm.oid != algorithm || info.algorithm.parameters.is_some() {
        return Err(KeyFileError::OtherAlgorithm);
    }
    let inner = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| KeyFileError::NotPem)?;
    let secret: &[u8; 32] = inner.as_bytes().try_into().map_err(|_| KeyFileError::NotPem)?;
    Ok(Zeroizing::new(*secret))
}

pub(crate) fn write_secret(secret: &Zeroizing<[u8; 32]>, algorithm: ObjectIdentifier) -> Zeroizing<String> {
    const FIXED: &str = "a key of 32 bytes always encodes";
    let inner = OctetStringRef::new(secret.as_slice()).expect(FIXED);
    let der = Zeroizing::new(inner.to_der().expect(FIXED));
    let algorithm = AlgorithmIdentifierRef { oid: algorithm, parameters: None };
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&der).expect(FIXED));
    let whole = Zeroizing::new(info.to_der().expect(FIXED));
    Zeroizing::new(pem::encode_string("PRIVATE KEY", LineEnding::LF, &whole).expect(FIXED))
}

pub(crate) fn write_public(key: &[u8; 32], algorithm: ObjectIdentifier) -> String {
    const FIXED: &str = "a key of 32 bytes always encodes";
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
        assert_eq!(read_secret(&pem.replace("PRIVATE", "ENCRYPTED PRIVATE"), ED25519), Err(KeyFileError::Locked));
        assert_eq!(read_secret("", ED25519), Err(KeyFileError::NotPem));
    }
}
