//! The key to which requests to an enclave are sealed on the private path, and the enclave's signature over it.

use serde::Deserialize;
use serde_json::Value;

use super::super::attestation::{EnclaveKey, Salt, TeeId};
use super::super::keccak::keccak256;
use super::MOST_ROUTE;
use crate::text::{unbase64, unhex};

/// A key configuration, read and not verified. Its ids, its public key and its bytes agree with each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedKeyConfig {
    tee_id: TeeId,
    key_id: u8,
    kdf_id: u16,
    aead_id: u16,
    public_key: [u8; 32],
    key_config: Vec<u8>,
    signature: [u8; 256],
}

/// A key configuration that an enclave's key signed.
///
/// It proves that this key vouches for that one. It has no time, and does not say that any request was sealed to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyConfig {
    tee_id: TeeId,
    key_id: u8,
    public_key: [u8; 32],
    key_config: Vec<u8>,
}

/// Why a key configuration is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyConfigError {
    /// Longer than any configuration is.
    #[error("a key configuration has at most {MOST_ROUTE} bytes")]
    TooLong,
    /// Not a JSON object, or with one of its members twice.
    #[error("the key configuration is not one JSON object with each member once")]
    NotJson,
    /// A member that is not there.
    #[error("the key configuration has no `{0}`")]
    Missing(&'static str),
    /// A member in another form.
    #[error("the key configuration's `{0}` is not in the form that it has")]
    Field(&'static str),
    /// Another key encapsulation.
    #[error("the key configuration's `kem_id` is not 32, X25519")]
    OtherKem,
    /// Bytes that say something else than the members beside them.
    #[error("the key configuration's bytes are not those of its ids and its public key")]
    Disagrees,
    /// A hash beside it that is not its own.
    #[error("`signature_hash` is not the hash of the key configuration")]
    OtherHash,
    /// Another key's name.
    #[error("the key configuration names another key")]
    OtherKey,
    /// A signature of something else, or by another key.
    #[error("the signature does not hold")]
    NotSigned,
}

/// The members that are read. Others may stand beside them.
#[derive(Deserialize)]
struct Members {
    tee_id: Option<Value>,
    key_id: Option<Value>,
    kem_id: Option<Value>,
    kdf_id: Option<Value>,
    aead_id: Option<Value>,
    public_key: Option<Value>,
    key_config: Option<Value>,
    signature: Option<Value>,
    signature_hash: Option<Value>,
}

/// DHKEM(X25519, HKDF-SHA256), RFC 9180 §7.1.
const X25519: u16 = 0x0020;
/// What the signed hash begins with, hashed.
const DOMAIN: &[u8] = b"OPENGRADIENT_TEE_OHTTP_CONFIG_V1";

impl SignedKeyConfig {
    /// Reads a configuration as a gateway publishes it: `tee_id`, the four ids of RFC 9180 and RFC 9458 as numbers,
    /// `public_key` in 64 hexadecimal digits, `key_config` (RFC 9458 §3.1) and `signature` in base64, and, if it is there, the
    /// hash that is signed as `signature_hash`.
    ///
    /// A configuration lists one pair of algorithms, the one it names. Were there more, a client could take another.
    ///
    /// # Errors
    /// The variants of [`KeyConfigError`] up to [`OtherHash`](KeyConfigError::OtherHash).
    pub fn from_json(text: &[u8]) -> Result<Self, KeyConfigError> {
        if text.len() > MOST_ROUTE {
            return Err(KeyConfigError::TooLong);
        }
        // A list would be read as members without names.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(KeyConfigError::NotJson);
        }
        let members: Members = serde_json::from_slice(text).map_err(|_| KeyConfigError::NotJson)?;
        let kem_id: u16 = number("kem_id", members.kem_id)?;
        let config = SignedKeyConfig {
            tee_id: read("tee_id", members.tee_id, |text| text.parse().ok())?,
            key_id: number("key_id", members.key_id)?,
            kdf_id: number("kdf_id", members.kdf_id)?,
            aead_id: number("aead_id", members.aead_id)?,
            public_key: read("public_key", members.public_key, unhex)?,
            key_config: read("key_config", members.key_config, unbase64)?,
            signature: read("signature", members.signature, |text| unbase64(text)?.try_into().ok())?,
        };
        if kem_id != X25519 {
            return Err(KeyConfigError::OtherKem);
        }
        if config.key_config != config.encoded() {
            return Err(KeyConfigError::Disagrees);
        }
        if let Some(hash) = members.signature_hash {
            let named: [u8; 32] = read("signature_hash", Some(hash), |text| unhex(text.strip_prefix("0x")?))?;
            if named != config.hash() {
                return Err(KeyConfigError::OtherHash);
            }
        }
        Ok(config)
    }

    /// The bytes that ids and public key make (RFC 9458 §3.1): key id, KEM id, public key, the length of what follows, and
    /// the one pair of KDF id and AEAD id.
    fn encoded(&self) -> Vec<u8> {
        let pair = [self.kdf_id.to_be_bytes(), self.aead_id.to_be_bytes()].concat();
        let length = (pair.len() as u16).to_be_bytes();
        [&[self.key_id], X25519.to_be_bytes().as_slice(), &self.public_key, &length, &pair].concat()
    }

    /// What is signed: Keccak-256 of eight words, as `TEERegistryV2.computeOHTTPConfigHash` of `OpenGradient/og-evm` has it.
    fn hash(&self) -> [u8; 32] {
        const HIGH: [u8; 24] = [0; 24];
        let low = |id: u16| u64::from(id).to_be_bytes();
        keccak256(&[
            &keccak256(&[DOMAIN]),
            self.tee_id.as_bytes(),
            &HIGH,
            &low(self.key_id.into()),
            &HIGH,
            &low(X25519),
            &HIGH,
            &low(self.kdf_id),
            &HIGH,
            &low(self.aead_id),
            &keccak256(&[&self.public_key]),
            &keccak256(&[&self.key_config]),
        ])
    }

    /// Verifies that this key signed the configuration.
    ///
    /// # Errors
    /// [`OtherKey`](KeyConfigError::OtherKey) or [`NotSigned`](KeyConfigError::NotSigned).
    pub fn verify(&self, key: &EnclaveKey) -> Result<KeyConfig, KeyConfigError> {
        if self.tee_id != key.tee_id() {
            return Err(KeyConfigError::OtherKey);
        }
        if !key.signed(&self.hash(), &self.signature, Salt::OfTheHash) {
            return Err(KeyConfigError::NotSigned);
        }
        Ok(KeyConfig {
            tee_id: self.tee_id,
            key_id: self.key_id,
            public_key: self.public_key,
            key_config: self.key_config.clone(),
        })
    }
}

fn read<T>(
    name: &'static str,
    value: Option<Value>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, KeyConfigError> {
    let value = value.ok_or(KeyConfigError::Missing(name))?;
    value.as_str().and_then(parse).ok_or(KeyConfigError::Field(name))
}

fn number<T: TryFrom<u64>>(name: &'static str, value: Option<Value>) -> Result<T, KeyConfigError> {
    let value = value.ok_or(KeyConfigError::Missing(name))?;
    value.as_u64().and_then(|number| number.try_into().ok()).ok_or(KeyConfigError::Field(name))
}

impl KeyConfig {
    /// The key that signed it.
    pub fn tee_id(&self) -> TeeId {
        self.tee_id
    }

    /// Which of the enclave's configurations it is.
    pub fn key_id(&self) -> u8 {
        self.key_id
    }

    /// The X25519 key that requests are sealed to.
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The configuration in the bytes of RFC 9458 §3.1.
    pub fn as_bytes(&self) -> &[u8] {
        &self.key_config
    }
}
