//! The certificates of a document: from the key that signed it up to the one root that is trusted.
//!
//! Paths are validated by `webpki` (RFC 5280 §6: names, signatures, dates, basic constraints, path lengths, name
//! constraints, unknown critical extensions). It does not look at key usage, which says nothing more here: only what is
//! marked as an authority may issue.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use pkcs8::der::pem;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert};

use super::error::DocumentError;
use super::signatures::{Form, Noted, all_hold};
use crate::time::Timestamp;

/// SHA-256 of the root certificate that is compiled in, as DER: `CN=aws.nitro-enclaves`, ECDSA P-384, 2019 to 2049.
///
/// Source: "Nitro Enclaves Attestation Process" §2.1 of `aws/aws-nitro-enclaves-nsm-api` and "Verifying the root of trust" of
/// the AWS Nitro Enclaves user guide, which give the certificate as `AWS_NitroEnclaves_Root-G1.zip` and its fingerprint.
pub const AWS_NITRO_ROOT_SHA256: [u8; 32] = [
    0x64, 0x1A, 0x03, 0x21, 0xA3, 0xE2, 0x44, 0xEF, 0xE4, 0x56, 0x46, 0x31, 0x95, 0xD6, 0x06, 0x31, 0x7E, 0xD7, 0xCD,
    0xCC, 0x3C, 0x17, 0x56, 0xE0, 0x98, 0x93, 0xF3, 0xC6, 0x8F, 0x79, 0xBB, 0x5B,
];

/// What chains end in. There is one; tests make others, and nothing outside this folder can.
pub(in crate::evidence) struct Anchor<'a> {
    /// The certificate, as DER.
    pub(super) der: Cow<'a, [u8]>,
    /// The first and the last second of its own validity, in milliseconds since 1970.
    pub(super) valid: [i64; 2],
}

/// The root of AWS Nitro, from 2019-10-28T13:28:05Z to 2049-10-28T14:28:05Z, as AWS publishes it.
pub(super) static AWS_NITRO: LazyLock<Anchor<'static>> = LazyLock::new(|| {
    let (_, der) = pem::decode_vec(include_bytes!("aws-nitro-root.pem"))
        .expect("a test reads the certificate that is compiled in");
    Anchor { der: Cow::Owned(der), valid: [1_572_269_285_000, 2_519_044_085_000] }
});

/// Verifies the chain at a time, and the signature of the document under its end.
///
/// The bundle begins with the root and goes down to the issuer of `leaf` ("Nitro Enclaves Attestation Process" §3.2.3), and
/// nothing in it is left over.
pub(super) fn verify(
    anchor: &Anchor<'_>,
    bundle: &[&[u8]],
    leaf: &[u8],
    at: Timestamp,
    message: &[u8],
    signature: &[u8; 96],
) -> Result<(), DocumentError> {
    let Some((root, issuers)) = bundle.split_first().filter(|(root, _)| **root == anchor.der.as_ref()) else {
        return Err(DocumentError::OtherRoot);
    };
    if at.millis() < anchor.valid[0] {
        return Err(DocumentError::NotYetValid);
    }
    // A certificate is valid through the whole of its last second.
    if at.millis() - 999 > anchor.valid[1] {
        return Err(DocumentError::Expired);
    }
    let seconds = u64::try_from(at.millis() / 1000).map_err(|_| DocumentError::NotYetValid)?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));

    let root = CertificateDer::from(*root);
    let anchors = [anchor_from_trusted_cert(&root).map_err(|_| DocumentError::OtherRoot)?];
    let issuers: Vec<CertificateDer<'_>> = issuers.iter().map(|der| CertificateDer::from(*der)).collect();
    let leaf = CertificateDer::from(leaf);
    let end = EndEntityCert::try_from(&leaf).map_err(|_| DocumentError::BadCertificate)?;
    let certificates = Noted::new(Form::Der);
    let path =
        end.verify_for_usage(&[&certificates], &anchors, &issuers, time, NoPurpose, None, None).map_err(refusal)?;
    // From the leaf upwards, where the bundle goes down.
    let used = path.intermediate_certificates().map(|issuer| issuer.der());
    if !used.eq(issuers.iter().rev().cloned()) {
        return Err(DocumentError::LeftOver);
    }
    let document = Noted::new(Form::Fixed);
    end.verify_signature(&document, message, signature).map_err(|_| DocumentError::NotSigned)?;
    // The path is the whole bundle, and so there was no other to take: what was noted are its own signatures.
    let (mut checks, document) = (certificates.into_checks(), document.into_checks());
    let of_certificates = checks.len();
    if of_certificates <= issuers.len() {
        return Err(DocumentError::BadCertificate);
    }
    checks.extend(document);
    if all_hold(&checks) {
        return Ok(());
    }
    let forged = checks.iter().take(of_certificates).any(|check| !check.holds());
    Err(if forged { DocumentError::ForgedCertificate } else { DocumentError::NotSigned })
}

/// What `webpki` found, in our words.
fn refusal(error: Error) -> DocumentError {
    match error {
        Error::CertExpired { .. } => DocumentError::Expired,
        Error::CertNotValidYet { .. } => DocumentError::NotYetValid,
        Error::UnknownIssuer => DocumentError::LinkMissing,
        Error::InvalidSignatureForPublicKey => DocumentError::ForgedCertificate,
        Error::CaUsedAsEndEntity | Error::EndEntityUsedAsCa | Error::PathLenConstraintViolated => {
            DocumentError::NoAuthority
        }
        _ => DocumentError::BadCertificate,
    }
}

/// Certificates of this chain name no purpose; one that does is for something else.
struct NoPurpose;

impl ExtendedKeyUsageValidator for NoPurpose {
    fn validate(&self, mut purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        if purposes.next().is_some() { Err(Error::MalformedExtensions) } else { Ok(()) }
    }
}
