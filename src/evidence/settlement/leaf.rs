//! One leaf of a batch: what was settled of one response.

use data_encoding::HEXLOWER;
use serde_json::value::RawValue;

use super::super::attestation::{EnclaveKey, ResponseError, SignedResponse, TeeId};
use super::super::keccak::keccak256;
use super::word;
use crate::text::number;

/// One leaf of a batch, as it stands in the tree. Nothing in it is known to be so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Which key is said to have signed. Where a response named none, the gateway puts in a fixed one.
    pub tee_id: TeeId,
    /// The hash of the request. Where a response named none, the gateway puts in SHA-256 of the bytes that it received.
    pub input_hash: [u8; 32],
    /// The hash of the output. Where a response named none, the gateway puts in SHA-256 of the bytes that it sent.
    pub output_hash: [u8; 32],
    /// What stands where the signature should, of any length.
    pub signature: Vec<u8>,
    /// Whole seconds since 1970.
    pub seconds: u64,
}

/// Why a JSON value is no leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not a list of five.
    #[error("a leaf is a list of five: teeId, inputHash, outputHash, teeSignature, timestamp")]
    NotFive,
    /// A field in another form.
    #[error("the leaf's `{0}` is not in the form that it has")]
    Field(&'static str),
}

/// A field in which a leaf and a response can differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LeafField {
    /// `teeId`, in the response `tee_id`.
    TeeId,
    /// `inputHash`, in the response `tee_request_hash`.
    InputHash,
    /// `outputHash`, in the response `tee_output_hash`.
    OutputHash,
    /// `timestamp`, in the response `tee_timestamp`.
    Timestamp,
}

impl LeafField {
    /// The name in the leaf.
    pub const fn name(self) -> &'static str {
        match self {
            LeafField::TeeId => "teeId",
            LeafField::InputHash => "inputHash",
            LeafField::OutputHash => "outputHash",
            LeafField::Timestamp => "timestamp",
        }
    }
}

/// Where a leaf differs from a response that it should be of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the leaf is of another response: it has another {}", self.names())]
pub struct LeafMismatch {
    differing: Vec<LeafField>,
}

impl LeafMismatch {
    /// Every field that differs, at least one.
    pub fn fields(&self) -> &[LeafField] {
        &self.differing
    }

    fn names(&self) -> String {
        self.differing.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
    }
}

/// What stands in a leaf where a signature should. No root says anything about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeafSignature {
    /// No signature: nothing, zeros only, or any number of bytes but 256. A gateway that has none sends `0x`, of which the
    /// facilitator, taking it for base64, makes the one byte `d3`.
    Placeholder,
    /// The key signed the leaf's hashes and time.
    Holds,
    /// 256 bytes that are no signature of these hashes and this time by this key.
    DoesNotHold,
    /// 256 bytes, and the leaf names another key than the one it was held against.
    OtherKey,
}

impl Leaf {
    /// From the JSON list that OpenZeppelin's dump has: four texts of `0x` and lower-case hexadecimal digits, and the time as
    /// a number or its decimal text.
    pub(super) fn read(fields: &[&RawValue]) -> Result<Self, LeafError> {
        let [tee_id, input_hash, output_hash, signature, seconds] = fields else { return Err(LeafError::NotFive) };
        let hash = |name, value: &RawValue| text(value).and_then(|text| word(&text)).ok_or(LeafError::Field(name));
        let signature = text(signature).and_then(|text| bytes(&text)).ok_or(LeafError::Field("teeSignature"))?;
        let seconds = match seconds.get() {
            quoted if quoted.starts_with('"') => text(seconds).and_then(|text| number(&text)),
            digits => number(digits),
        };
        Ok(Leaf {
            tee_id: TeeId::from_bytes(hash("teeId", tee_id)?),
            input_hash: hash("inputHash", input_hash)?,
            output_hash: hash("outputHash", output_hash)?,
            signature,
            seconds: seconds.ok_or(LeafError::Field("timestamp"))?,
        })
    }

    /// Its hash in the tree: Keccak-256, twice, of `abi.encode(bytes32, bytes32, bytes32, bytes, uint256)`. What is hashed first
    /// has 192 bytes or more and an inner node 64, and that it is hashed twice keeps them apart in any case.
    ///
    /// Source: "Contract ABI Specification" of Solidity, "Formal Specification of the Encoding".
    pub fn hash(&self) -> [u8; 32] {
        const HIGH: [u8; 24] = [0; 24];
        // Where the one field of varying length begins: after five words.
        const OFFSET: u64 = 5 * 32;
        let length = self.signature.len();
        let zeros = vec![0; length.next_multiple_of(32) - length];
        let encoded = keccak256(&[
            self.tee_id.as_bytes(),
            &self.input_hash,
            &self.output_hash,
            &HIGH,
            &OFFSET.to_be_bytes(),
            &HIGH,
            &self.seconds.to_be_bytes(),
            &HIGH,
            &(length as u64).to_be_bytes(),
            &self.signature,
            &zeros,
        ]);
        keccak256(&[&encoded])
    }

    /// Whether the leaf is of this response: the same key's name, hashes and second. What stands for the signature plays no
    /// part; see [`Self::signature`].
    ///
    /// # Errors
    /// [`LeafMismatch`], with every field that differs.
    pub fn is_of(&self, response: &SignedResponse) -> Result<(), LeafMismatch> {
        let same = [
            (LeafField::TeeId, self.tee_id == response.tee_id),
            (LeafField::InputHash, self.input_hash == response.request_hash),
            (LeafField::OutputHash, self.output_hash == response.output_hash),
            (LeafField::Timestamp, self.seconds == response.seconds),
        ];
        let differing: Vec<LeafField> = same.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect();
        if differing.is_empty() { Ok(()) } else { Err(LeafMismatch { differing }) }
    }

    /// Whether this key signed what the leaf says, as it signs responses.
    pub fn signature(&self, key: &EnclaveKey) -> LeafSignature {
        let Ok(signature) = <[u8; 256]>::try_from(self.signature.as_slice()) else { return LeafSignature::Placeholder };
        if signature == [0; 256] {
            return LeafSignature::Placeholder;
        }
        let signed = SignedResponse {
            request_hash: self.input_hash,
            output_hash: self.output_hash,
            seconds: self.seconds,
            signature,
            tee_id: self.tee_id,
        };
        match signed.verify(key) {
            Ok(_) => LeafSignature::Holds,
            Err(ResponseError::OtherKey) => LeafSignature::OtherKey,
            Err(_) => LeafSignature::DoesNotHold,
        }
    }
}

/// A JSON text; `None` for any other value.
pub(super) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// `0x` and hexadecimal digits, as many as there are.
fn bytes(text: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(text.strip_prefix("0x")?.as_bytes()).ok()
}
