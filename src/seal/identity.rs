//! X25519 key pairs, and sealing an epoch key to one of them with HPKE (RFC 9180).

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::cbor::Writer;
use crate::id::VaultId;
use crate::keyfile::{self, KeyFileError, Passphrase};

/// An X25519 secret that opens vaults. Wiped on drop and never shown.
pub struct Identity(StaticSecret);

/// The public half of an [`Identity`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Recipient([u8; 32]);

/// enc (32 bytes) ‖ ct (48 bytes).
pub(super) const STANZA_LEN: usize = 80;

impl Identity {
    /// A new identity from the operating system's random source.
    pub fn generate() -> Self {
        Identity(StaticSecret::from(*keyfile::random_secret()))
    }

    /// The identity in a PKCS#8 PEM file (RFC 8410).
    ///
    /// # Errors
    /// [`KeyFileError`] where the file is none, or holds a key for something else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyFileError> {
        Ok(Identity(StaticSecret::from(*keyfile::read_secret(pem, keyfile::X25519)?)))
    }

    /// The same from a file under a passphrase, for which [`from_pem`](Self::from_pem) says [`KeyFileError::Locked`].
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem), and where the passphrase does not open the file.
    pub fn from_locked_pem(pem: &str, passphrase: &Passphrase) -> Result<Self, KeyFileError> {
        Ok(Identity(StaticSecret::from(*keyfile::read_locked_secret(pem, passphrase, keyfile::X25519)?)))
    }

    /// The identity as PKCS#8 PEM. Wiped when dropped.
    pub fn to_pem(&self) -> Zeroizing<String> {
        keyfile::write_secret(&Zeroizing::new(self.0.to_bytes()), keyfile::X25519)
    }

    /// The identity as PKCS#8 PEM under a passphrase. Takes a fifth of a second, and 16 MiB.
    pub fn to_locked_pem(&self, passphrase: &Passphrase) -> String {
        keyfile::write_locked_secret(&Zeroizing::new(self.0.to_bytes()), passphrase, keyfile::X25519)
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient(PublicKey::from(&self.0).to_bytes())
    }

    /// Opens a stanza: the epoch key, if it was sealed to this identity for this vault and epoch.
    pub(super) fn open_stanza(&self, stanza: &[u8], vault: VaultId, epoch: u32) -> Option<Zeroizing<[u8; 32]>> {
        let (enc, ct) = stanza.split_first_chunk::<32>()?;
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.0.as_bytes()).ok()?;
        let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).ok()?;
        let info = stanza_info(vault, epoch, &self.recipient());
        let mut context =
            setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &enc, &info).ok()?;
        let plaintext = Zeroizing::new(context.open(ct, b"").ok()?);
        Some(Zeroizing::new(plaintext.as_slice().try_into().ok()?))
    }
}

impl Recipient {
    /// From its 32 public bytes.
    ///
    /// `None` for a point of small order or in a second encoding: nothing sealed to it would be secret.
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        const P: [u8; 32] = {
            let mut p = [0xFF; 32];
            p[0] = 0xED;
            p[31] = 0x7F;
            p
        };
        let canonical = bytes.iter().rev().lt(P.iter().rev());
        let strong = StaticSecret::from([1; 32]).diffie_hellman(&PublicKey::from(bytes)).was_contributory();
        (canonical && strong).then_some(Recipient(bytes))
    }

    /// Its 32 public bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// SubjectPublicKeyInfo PEM (RFC 8410), as `identity.pub` holds it.
    pub fn to_pem(&self) -> String {
        keyfile::write_public(&self.0, keyfile::X25519)
    }

    pub(super) fn seal_stanza(&self, key: &[u8; 32], vault: VaultId, epoch: u32) -> [u8; STANZA_LEN] {
        const CHECKED: &str = "the recipient was checked when it was made";
        let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.0).expect(CHECKED);
        let info = stanza_info(vault, epoch, self);
        let mut random = rand_core::UnwrapErr(getrandom::SysRng);
        let (enc, mut context) = setup_sender_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            &info,
            &mut random,
        )
        .expect(CHECKED);
        let ct = context.seal(key, b"").expect("one short message");
        let stanza: Vec<u8> = enc.to_bytes().iter().copied().chain(ct).collect();
        stanza.try_into().expect("32 and 48 bytes")
    }
}

fn stanza_info(vault: VaultId, epoch: u32, recipient: &Recipient) -> Vec<u8> {
    let mut info = Writer::array(4);
    info.text("stillgood/stanza/v1").bytes(vault.as_bytes()).uint(epoch.into()).bytes(&recipient.0);
    info.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stanza_opens_for_its_identity_vault_and_epoch_only() {
        let (mine, other) = (Identity::generate(), Identity::generate());
        let (here, there) = (VaultId::from_bytes([1; 16]), VaultId::from_bytes([2; 16]));
        let stanza = mine.recipient().seal_stanza(&[9; 32], here, 3);
        assert_eq!(mine.open_stanza(&stanza, here, 3).as_deref(), Some(&[9; 32]));
        assert!(mine.open_stanza(&stanza, here, 4).is_none());
        assert!(mine.open_stanza(&stanza, there, 3).is_none());
        assert!(other.open_stanza(&stanza, here, 3).is_none());
        assert!(mine.open_stanza(&stanza[..79], here, 3).is_none());
        let mut low_order = stanza;
        low_order[..32].fill(0);
        assert!(mine.open_stanza(&low_order, here, 3).is_none());
    }

    #[test]
    fn weak_and_doubly_encoded_recipients_are_refused() {
        let mut one_over_p = [0xFF; 32];
        (one_over_p[0], one_over_p[31]) = (0xEE, 0x7F);
        let mut high_bit = *Identity::generate().recipient().as_bytes();
        high_bit[31] |= 0x80;
        for bad in [[0; 32], one_over_p, [0xFF; 32], high_bit] {
            assert!(Recipient::from_bytes(bad).is_none());
        }
    }
}
