//! A public key inside the identifier `did:jwk`, and the one kind that is read: Ed25519 as a JWK (RFC 8037 §2).

use data_encoding::BASE64URL_NOPAD;

use super::error::JwsError;
use super::members::Members;

/// The key that a `kid` names, where it names one in itself: `did:jwk:`, a JWK in base64url, and perhaps `#0`, the one key
/// of such an identifier. `None` for an identifier of another kind, which only somebody else could resolve.
pub(super) fn of_kid(kid: &str) -> Result<Option<[u8; 32]>, JwsError> {
    let Some(encoded) = kid.strip_prefix("did:jwk:") else { return Ok(None) };
    let encoded = encoded.strip_suffix("#0").unwrap_or(encoded);
    let text = BASE64URL_NOPAD.decode(encoded.as_bytes()).map_err(|_| JwsError::NotAKey)?;
    of_jwk(&text).map(Some).ok_or(JwsError::NotAKey)
}

/// The key of `{"kty":"OKP","crv":"Ed25519","x":…}`. `alg` and `use` may say what it is for; nothing else may be there, and
/// `d`, a private key, least of all.
pub(super) fn of_jwk(text: &[u8]) -> Option<[u8; 32]> {
    let mut jwk = Members::read(text)?;
    let (kty, crv) = (jwk.text("kty").ok()?, jwk.text("crv").ok()?);
    let x = BASE64URL_NOPAD.decode(jwk.text("x").ok()?.as_bytes()).ok()?;
    let mut says = |name, expected| match jwk.optional(name) {
        Some(value) => value.get() == expected,
        None => true,
    };
    let fits = says("alg", "\"EdDSA\"") && says("use", "\"sig\"");
    jwk.end("kty").ok()?;
    if fits && kty == "OKP" && crv == "Ed25519" { x.try_into().ok() } else { None }
}
