//! What the program that sent a request says about its way.

use serde::Deserialize;

use super::super::{Found, Private, words};
use super::MOST_ROUTE;

words!(
    /// Where a request went first.
    Path {
        /// To the model's provider, without an enclave.
        Provider = "provider",
        /// Sealed, through an OHTTP relay that sees who asks and not what (RFC 9458), to an enclave.
        Private = "private",
        /// Straight to an enclave, which sees who asks.
        Direct = "direct",
    }
);
words!(
    /// Whether the text was changed on the user's machine before it was sent, to take out names, say.
    Rewritten {
        /// Not known.
        Unknown = "unknown",
        /// It was sent as it was.
        No = "no",
        /// It was changed: what an enclave signed is not what the user wrote.
        Locally = "locally",
    }
);

/// The way of one request, by the word of the program that sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "Members")]
pub struct RouteClaim {
    /// Where it went first.
    pub path: Path,
    /// Whether it was changed before.
    pub rewritten: Rewritten,
}

/// Why a text is no claim of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RouteClaimError {
    /// Longer than any claim is.
    #[error("a route has at most {MOST_ROUTE} bytes")]
    TooLong,
    /// Not the members.
    #[error("the route is not one JSON object of path and, if it is known, rewritten, each once")]
    NotARoute,
    /// A path that there is not.
    #[error("the route's `path` is not provider, private or direct")]
    OtherPath,
    /// A word for rewriting that there is not.
    #[error("the route's `rewritten` is not unknown, no or locally")]
    OtherRewritten,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    path: String,
    #[serde(default)]
    rewritten: Option<String>,
}

impl TryFrom<Members> for RouteClaim {
    type Error = RouteClaimError;

    fn try_from(members: Members) -> Result<Self, RouteClaimError> {
        let rewritten = members.rewritten.as_deref().map_or(Some(Rewritten::Unknown), Rewritten::from_name);
        Ok(RouteClaim {
            path: Path::from_name(&members.path).ok_or(RouteClaimError::OtherPath)?,
            rewritten: rewritten.ok_or(RouteClaimError::OtherRewritten)?,
        })
    }
}

impl RouteClaim {
    /// What is known of a route at most: that somebody says so.
    pub const FOUND: Found = Found::Claimed;

    /// Reads `{"path": "private", "rewritten": "locally"}`; the second may be left out.
    ///
    /// # Errors
    /// [`RouteClaimError`].
    pub fn from_json(text: &[u8]) -> Result<Self, RouteClaimError> {
        if text.len() > MOST_ROUTE {
            return Err(RouteClaimError::TooLong);
        }
        // A list would be read as members without names.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(RouteClaimError::NotARoute);
        }
        let members: Members = serde_json::from_slice(text).map_err(|_| RouteClaimError::NotARoute)?;
        members.try_into()
    }

    /// Whether it is said to have taken the private route: only the relay's is one.
    pub fn private(self) -> Private {
        match self.path {
            Path::Private => Private::Yes,
            Path::Provider | Path::Direct => Private::No,
        }
    }
}
