//! ECDSA over P-384 with SHA-384. The five signatures of a document are noted while its path is built, and then checked
//! together, on as many threads as the machine has cores: one takes most of a millisecond.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use p384::ecdsa::signature::Verifier as _;
use p384::ecdsa::{DerSignature, Signature, VerifyingKey};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

/// How the two numbers of a signature are written.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// As two integers in DER, in certificates (RFC 5758 §3.2).
    Der,
    /// As 48 bytes each, in COSE (RFC 9053 §2.1).
    Fixed,
}

/// A signature that was read, and whether it holds not asked yet.
pub(super) struct Check {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

impl Check {
    /// `key` is a point as SEC 1 §2.3.3 writes it; off the curve and the point at infinity are refused.
    pub(super) fn new(form: Form, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Self, InvalidSignature> {
        let signature = match form {
            Form::Der => DerSignature::from_bytes(signature).and_then(Signature::try_from),
            Form::Fixed => Signature::from_slice(signature),
        };
        Ok(Check {
            key: VerifyingKey::from_sec1_bytes(key).map_err(|_| InvalidSignature)?,
            message: message.to_vec(),
            signature: signature.map_err(|_| InvalidSignature)?,
        })
    }

    pub(super) fn holds(&self) -> bool {
        self.key.verify(&self.message, &self.signature).is_ok()
    }
}

/// Notes every signature that it is asked about, and says yes to all that can be read. Whoever uses it asks
/// [`all_hold`] afterwards, and believes nothing before.
pub(super) struct Noted {
    form: Form,
    checks: Mutex<Vec<Check>>,
}

impl Noted {
    pub(super) fn new(form: Form) -> Self {
        Noted { form, checks: Mutex::default() }
    }

    pub(super) fn into_checks(self) -> Vec<Check> {
        self.checks.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ecdsa-with-SHA384")
    }
}

impl SignatureVerificationAlgorithm for Noted {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let check = Check::new(self.form, key, message, signature)?;
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).push(check);
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P384
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA384
    }
}

/// Whether all of them hold. Where no thread can be had, this one does the work.
pub(super) fn all_hold(checks: &[Check]) -> bool {
    let (next, all) = (AtomicUsize::new(0), AtomicBool::new(true));
    let work = || {
        while let Some(check) = checks.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !check.holds() {
                all.store(false, Ordering::Relaxed);
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 1..cores.min(checks.len()) {
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    all.into_inner()
}
