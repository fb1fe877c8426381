//! An account's signature over a hash, and the account that it names: nothing else does.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use super::address::Address;

/// A signature as accounts write it: `r`, `s`, and which of two keys it is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AccountSignature {
    signature: Signature,
    which: RecoveryId,
}

/// Why a signature names no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not 65 bytes in hexadecimal. A contract's signature may be longer, and no program can check it without the chain.
    #[error("the signature is not `0x` and the hexadecimal digits of 65 bytes")]
    NotASignature,
    /// Its last byte is none of those that tell which key.
    #[error("the signature's last byte is not 0, 1, 27 or 28")]
    OtherRecovery,
    /// A number that is zero, or not below the order of the group.
    #[error("the signature's numbers are out of range")]
    OutOfRange,
    /// The larger of the two values that `s` can have (EIP-2).
    #[error("the signature is written in its other form, with a high `s`")]
    HighS,
    /// No key can have made it.
    #[error("the signature is of no key")]
    NoKey,
}

impl AccountSignature {
    /// From `0x` and 130 hexadecimal digits: `r`, `s` (32 bytes each, most significant first) and 0, 1, 27 or 28.
    pub(super) fn read(text: &str) -> Result<Self, SignatureError> {
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 130);
        let bytes = digits.and_then(|digits| data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok());
        let bytes: [u8; 65] = bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(SignatureError::NotASignature)?;
        AccountSignature::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8; 65]) -> Result<Self, SignatureError> {
        let (which, numbers) = bytes.split_last().ok_or(SignatureError::NotASignature)?;
        let is_odd = match which {
            0 | 27 => false,
            1 | 28 => true,
            _ => return Err(SignatureError::OtherRecovery),
        };
        let signature = Signature::from_slice(numbers).map_err(|_| SignatureError::OutOfRange)?;
        if signature.normalize_s() != signature {
            return Err(SignatureError::HighS);
        }
        Ok(AccountSignature { signature, which: RecoveryId::new(is_odd, false) })
    }

    /// The account whose signature of this hash it is. Of another hash it is another account's, nearly always.
    pub(super) fn signer(&self, hash: &[u8; 32]) -> Result<Address, SignatureError> {
        let key =
            VerifyingKey::recover_from_prehash(hash, &self.signature, self.which).map_err(|_| SignatureError::NoKey)?;
        let point = key.to_sec1_point(false);
        let key = point.as_bytes().last_chunk().ok_or(SignatureError::NoKey)?;
        Ok(Address::of_key(key))
    }
}
