//! Why a receipt is not accepted, whichever of its parts is at fault.

use super::members::MemberError;
use super::signature::SignatureError;

/// Longer receipts are not read.
pub(super) const MOST_RECEIPT: usize = 64 << 10;

/// Why a receipt is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Longer than any receipt is.
    #[error("a receipt has at most {MOST_RECEIPT} bytes")]
    TooLong,
    /// Not a JSON object, or with a member twice.
    #[error("the receipt is not one JSON object with each member once")]
    NotJson,
    /// A member that is missing, unknown, or of another form.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// A format that is neither of the two.
    #[error("the receipt's `format` is neither `eip712` nor `jws`")]
    OtherFormat,
    /// A second payload beside the one that is signed.
    #[error("the receipt has a payload beside its JWS")]
    TwoPayloads,
    /// Another version of the payload.
    #[error("the receipt's version is not 1")]
    OtherVersion,
    /// A network in another form than CAIP-2.
    #[error("the receipt's `network` is not of the form `eip155:8453`")]
    NotANetwork,
    /// What is wrong with a JWS.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A signature that names nobody.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A key that signs receipts of the other format.
    #[error("the key is not of the kind that signs such receipts")]
    OtherKind,
    /// Another account signed it, or signed something else.
    #[error("this account did not sign the receipt")]
    NotTheSigner,
}

/// Why a JWS is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Fewer or more than three parts.
    #[error("the JWS has not three parts with points between them")]
    NotThreeParts,
    /// A part in another encoding, with padding, or with stray bits.
    #[error("a part of the JWS is not base64url without padding")]
    NotBase64Url,
    /// A header that is not an object with each member once.
    #[error("the header of the JWS is not a JSON object with each member once")]
    NotAHeader,
    /// `alg` is `none`.
    #[error("the JWS says that nobody signed it")]
    Unsigned,
    /// Another algorithm, or none named.
    #[error("the JWS is not signed by the one algorithm that is accepted, EdDSA")]
    OtherAlgorithm,
    /// A header that wants to be understood.
    #[error("the header of the JWS has `crit`, which asks for more than is known here")]
    Critical,
    /// A key, or a place to get one, that is not the key of `kid`.
    #[error("the header of the JWS brings a key that is not the one its `kid` names")]
    OwnKey,
    /// One more member.
    #[error("the header of the JWS has a member that is not known here")]
    UnknownHeader,
    /// No `kid`.
    #[error("the header of the JWS has no `kid`")]
    NoKid,
    /// A `did:jwk` that is no Ed25519 key.
    #[error("the `kid` of the JWS is a did:jwk of something else than an Ed25519 key")]
    NotAKey,
    /// A payload that is not an object with each member once.
    #[error("the payload of the JWS is not a JSON object with each member once")]
    NotAPayload,
    /// A payload in another form than RFC 8785 gives it.
    #[error("the payload of the JWS is not in its canonical form")]
    NotCanonical,
    /// Not 64 bytes.
    #[error("the signature of the JWS has not 64 bytes")]
    NotASignature,
    /// A `kid` that cannot be resolved without asking somebody.
    #[error("the `kid` of the JWS names no key in itself")]
    NoKeyNamed,
    /// A `kid` of another key than the caller's.
    #[error("the `kid` of the JWS names another key")]
    OtherKey,
    /// Signed by another key, or something else was signed.
    #[error("the signature of the JWS does not hold")]
    NotSigned,
}
