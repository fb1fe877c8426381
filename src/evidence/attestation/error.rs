//! Why a document is not accepted: one word for each defect, from whichever step finds it.

/// Longer documents are not read: 16 384 bytes of content ("Nitro Enclaves Attestation Process" §3.1), and what stands
/// around them.
pub const MOST_DOCUMENT: usize = 16_384 + 128;

/// Why a document is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Longer than any document is.
    #[error("an attestation document has at most {MOST_DOCUMENT} bytes")]
    TooLong,
    /// Not the envelope.
    #[error("not an attestation document: expected COSE_Sign1, and nothing after it")]
    NotSign1,
    /// Something stands outside what is signed.
    #[error("the document has a header that is not signed")]
    OpenHeader,
    /// Another signature algorithm, or one more parameter.
    #[error("the document's signature is not of the one kind that is accepted, ES384")]
    OtherAlgorithm,
    /// The content is not a map of named fields.
    #[error("the document's content is not CBOR of the form that it has")]
    NotPayload,
    /// A field that no such document has.
    #[error("the document has a field that is not known here")]
    UnknownField,
    /// A field that is not there.
    #[error("the document has no `{0}`")]
    Missing(&'static str),
    /// A field that is there twice.
    #[error("the document has `{0}` twice")]
    Doubled(&'static str),
    /// A field of another form or length.
    #[error("the document's `{0}` is not of the form or length that it has")]
    Field(&'static str),
    /// Measurements by another hash.
    #[error("the document's measurements are not by SHA-384")]
    OtherDigest,
    /// Measurements that are all zero.
    #[error("the enclave ran in debug mode: nothing was measured")]
    DebugMode,
    /// The chain begins elsewhere.
    #[error("the document's certificates do not begin with the root of AWS Nitro")]
    OtherRoot,
    /// No path from the signer to the root.
    #[error("a certificate between the signer and the root is missing")]
    LinkMissing,
    /// More certificates than the path, or in another order.
    #[error("the document carries certificates that its path does not use, or not in its order")]
    LeftOver,
    /// A certificate whose time was over.
    #[error("a certificate of the document had expired at that time")]
    Expired,
    /// A certificate whose time had not come.
    #[error("a certificate of the document was not valid yet at that time")]
    NotYetValid,
    /// A certificate that its issuer did not sign.
    #[error("a certificate of the document is not signed by its issuer")]
    ForgedCertificate,
    /// An issuer that is no authority, or too far from the signer; or a signer that is one.
    #[error("a certificate of the document stands where it has no authority to")]
    NoAuthority,
    /// Not a certificate, or of a kind that is not accepted.
    #[error("a certificate of the document is malformed, or not of the kind that is accepted")]
    BadCertificate,
    /// The signature over the document does not hold.
    #[error("the document is not signed by the key of its certificate")]
    NotSigned,
}
