//! Keys under a passphrase: PBES2 of PKCS #5 (RFC 8018) with scrypt (RFC 7914) and AES-256-CBC, inside PKCS#8.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::zeroize::Zeroizing;
use pkcs8::der::{Decode, Encode, Reader, SliceReader};
use pkcs8::pkcs5::pbes2::{self, Kdf, Pbkdf2Prf, ScryptParams};
use pkcs8::pkcs5::{self, scrypt};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef};
use sha2::Sha256;

use super::{KeyFileError, MOST_ROUNDS, MOST_WORK};

/// What keys at rest are locked with: 1 to 1,024 bytes of text in one line. Wiped on drop and never shown.
///
/// Nothing is trimmed and no character is replaced by an equal one: other bytes are another passphrase.
///
/// ```
/// use stillgood::{KeyFileError, Passphrase, Signer};
/// let signer = Signer::generate("example.org/device".parse()?);
/// let passphrase = Passphrase::new("correct horse battery staple")?;
/// let pem = signer.to_locked_pem(&passphrase);
/// assert_eq!(Signer::from_pem(&pem, &signer.verifier()).err(), Some(KeyFileError::Locked));
/// let read = Signer::from_locked_pem(&pem, &passphrase, &signer.verifier())?;
/// assert_eq!(read.verifier(), signer.verifier());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Passphrase(Zeroizing<String>);

/// Why a text is no passphrase. Never says anything of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// It would lock nothing.
    #[error("the passphrase is empty")]
    Empty,
    /// More than anybody types.
    #[error("the passphrase is longer than {} bytes", Passphrase::MOST_BYTES)]
    TooLong,
    /// Such as a line end, which nobody could type.
    #[error("the passphrase holds a control character, such as the line end of another system")]
    ControlCharacter,
}

impl Passphrase {
    /// The longest one, in bytes of UTF-8.
    pub const MOST_BYTES: usize = 1_024;

    /// A copy of this text. Wiping the text itself is the caller's part.
    ///
    /// # Errors
    /// [`PassphraseError`] where it is empty, too long, or not one line of text.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        match text {
            "" => Err(PassphraseError::Empty),
            long if long.len() > Self::MOST_BYTES => Err(PassphraseError::TooLong),
            text if text.contains(char::is_control) => Err(PassphraseError::ControlCharacter),
            text => Ok(Passphrase(Zeroizing::new(text.to_owned()))),
        }
    }
}

/// 2^14 is the most with r = 8 for which stock openssl, which stops at 32 MiB, does not have to be told to take more.
const LOG_N: u8 = 14;
const R: u32 = 8;
/// Makes up for the small N.
const P: u32 = 5;

type Aes256CbcEncryptor = cbc::Encryptor<aes::Aes256>;
type Aes256CbcDecryptor = cbc::Decryptor<aes::Aes256>;

/// An EncryptedPrivateKeyInfo (DER) around this PrivateKeyInfo, with new salt and IV.
pub(super) fn lock(plain: &[u8], passphrase: &Passphrase) -> Vec<u8> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    for fresh in [&mut salt, &mut iv] {
        getrandom::fill(fresh).expect("the operating system gives random bytes");
    }
    lock_with(plain, passphrase, &salt, iv)
}

fn lock_with(plain: &[u8], passphrase: &Passphrase, salt: &[u8; 16], iv: [u8; 16]) -> Vec<u8> {
    const FIXED: &str = "fixed lengths and parameters";
    let work = scrypt::Params::new(LOG_N, R, P).expect(FIXED);
    let kdf = Kdf::Scrypt(ScryptParams::from_params_and_salt(work, salt).expect(FIXED));
    let key = derive(&kdf, passphrase).expect(FIXED);
    // Padding always adds something, up to a whole block.
    let mut sealed = Zeroizing::new([plain, [0; 16].as_slice()].concat());
    let encryptor = Aes256CbcEncryptor::new_from_slices(key.as_slice(), &iv).expect(FIXED);
    let sealed = encryptor.encrypt_padded::<Pkcs7>(&mut sealed, plain.len()).expect(FIXED);
    let scheme = pbes2::Parameters { kdf, encryption: pbes2::EncryptionScheme::Aes256Cbc { iv } };
    let encrypted_data = OctetStringRef::new(sealed).expect(FIXED);
    EncryptedPrivateKeyInfoRef { encryption_algorithm: scheme.into(), encrypted_data }.to_der().expect(FIXED)
}

/// An EncryptedPrivateKeyInfo that can be opened, given the passphrase, with a bounded amount of work.
pub(super) struct Lock<'a> {
    kdf: Kdf,
    iv: [u8; 16],
    sealed: &'a [u8],
}

impl<'a> Lock<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, KeyFileError> {
        // In two steps, so that an unknown algorithm is told from what is no key at all.
        let (algorithm, sealed) = parts(der).map_err(|_| KeyFileError::NotPem)?;
        let scheme = pkcs5::EncryptionScheme::try_from(algorithm).map_err(|_| KeyFileError::OtherLock)?;
        let Some(pbes2::Parameters { kdf, encryption: pbes2::EncryptionScheme::Aes256Cbc { iv } }) = scheme.pbes2()
        else {
            return Err(KeyFileError::OtherLock);
        };
        check(kdf)?;
        Ok(Lock { kdf: kdf.clone(), iv: *iv, sealed })
    }

    /// The PrivateKeyInfo inside. Whatever is wrong with the padding, it is the passphrase.
    pub(super) fn open(&self, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        let key = derive(&self.kdf, passphrase)?;
        let mut opened = Zeroizing::new(self.sealed.to_vec());
        let decryptor = Aes256CbcDecryptor::new_from_slices(key.as_slice(), &self.iv).expect("32 and 16 bytes");
        let length = decryptor.decrypt_padded::<Pkcs7>(&mut opened).map_err(|_| KeyFileError::WrongPassphrase)?.len();
        opened.truncate(length);
        Ok(opened)
    }
}

fn parts(der: &[u8]) -> Result<(AlgorithmIdentifierRef<'_>, &[u8]), pkcs8::der::Error> {
    let mut reader = SliceReader::new(der)?;
    let parts = reader.sequence(|inner| {
        Ok::<_, pkcs8::der::Error>((
            AlgorithmIdentifierRef::decode(inner)?,
            <&OctetStringRef>::decode(inner)?.as_bytes(),
        ))
    })?;
    reader.finish()?;
    Ok(parts)
}

/// Strong enough, possible, and not more work than we are willing to do. Checked before anything is derived.
fn check(kdf: &Kdf) -> Result<(), KeyFileError> {
    if kdf.key_length().is_some_and(|length| length != 32) {
        return Err(KeyFileError::OtherLock);
    }
    match kdf {
        Kdf::Scrypt(ScryptParams { cost_parameter: n, block_size: r, parallelization: p, .. }) => {
            if !n.is_power_of_two() || *n < 2 || *r == 0 || *p == 0 {
                return Err(KeyFileError::OtherLock);
            }
            let work = n.checked_mul((*r).into()).and_then(|work| work.checked_mul((*p).into()));
            work.filter(|work| *work <= MOST_WORK).map(drop).ok_or(KeyFileError::TooMuchWork)
        }
        Kdf::Pbkdf2(params) => match (params.prf, params.iteration_count) {
            (Pbkdf2Prf::HmacWithSha256, 1..=MOST_ROUNDS) => Ok(()),
            (Pbkdf2Prf::HmacWithSha256, 1..) => Err(KeyFileError::TooMuchWork),
            _ => Err(KeyFileError::OtherLock),
        },
        _ => Err(KeyFileError::OtherLock),
    }
}

/// Passphrase and key are wiped. What scrypt used as scratch memory is given back without: its library offers no way.
fn derive(kdf: &Kdf, passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut key = Zeroizing::new([0; 32]);
    let passphrase = passphrase.0.as_bytes();
    match kdf {
        Kdf::Scrypt(params) => {
            let work = scrypt::Params::try_from(params).map_err(|_| KeyFileError::OtherLock)?;
            scrypt::scrypt(passphrase, params.salt.as_ref(), &work, key.as_mut_slice())
                .map_err(|_| KeyFileError::OtherLock)?;
        }
        Kdf::Pbkdf2(params) => {
            pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, params.salt.as_ref(), params.iteration_count, key.as_mut_slice())
        }
        _ => return Err(KeyFileError::OtherLock),
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyfile::{ED25519, LOCKED, read_secret, secret_to_der};
    use pkcs8::LineEnding;
    use pkcs8::der::pem;

    /// The other implementation makes the same bytes, and the package `cryptography` opens them.
    #[test]
    fn a_locked_key_is_as_the_vector_has_it() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/locked-keys.json")).unwrap();
        let passphrase = Passphrase::new(vectors["passphrase"].as_str().unwrap()).unwrap();
        let secret = read_secret(include_str!("../../tests/fixtures/vault/keys/device.pem"), ED25519).unwrap();
        let (salt, iv) = (std::array::from_fn(|i| i as u8), std::array::from_fn(|i| 16 + i as u8));
        let locked = lock_with(&secret_to_der(&secret, ED25519), &passphrase, &salt, iv);
        let locked = pem::encode_string(LOCKED, LineEnding::LF, &locked).unwrap();
        assert_eq!(locked, vectors["opens"][0]["locked"].as_str().unwrap());
    }

    #[test]
    fn salt_and_iv_are_new_each_time() {
        let passphrase = Passphrase::new("x").unwrap();
        let locks = [lock(b"plain", &passphrase), lock(b"plain", &passphrase)];
        let [one, two] = locks.each_ref().map(|der| Lock::read(der).unwrap());
        assert!(one.iv != two.iv && one.kdf != two.kdf && one.sealed != two.sealed);
    }
}
