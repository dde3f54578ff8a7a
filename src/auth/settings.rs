//! What the configuration says of identity, checked but for the files that it names.

use super::{Algorithm, Caller, San};
use std::path::PathBuf;

/// Who is known, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether a caller of this machine without credentials may name itself all the same.
    pub open_loopback: bool,
    /// Callers by a name of their certificate.
    pub certificates: Vec<(San, Caller)>,
    /// Keys that sign tokens.
    pub keys: Vec<KeyFile>,
    /// What tokens have to say.
    pub claims: Expected,
}

/// A key that signs tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Its name in the head of a token.
    pub kid: String,
    /// The one algorithm that it is used with.
    pub algorithm: Algorithm,
    /// A public key as PEM; for HS256 a secret.
    pub file: PathBuf,
}

/// What every token has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its `iss`; None: any, or none.
    pub issuer: Option<String>,
    /// Its `aud`, or one of them.
    pub audience: String,
    /// Longest life of a token, in seconds: from `iat` to `exp`, or from now where it has no `iat`.
    pub life_seconds: i64,
}

/// The audience where the configuration names none.
pub const AUDIENCE: &str = "floatrate";
/// Longest life of a token, in seconds, where the configuration says nothing.
pub const LIFE_SECONDS: i64 = 24 * 60 * 60;

impl Default for Settings {
    /// Nobody is known yet.
    fn default() -> Self {
        Self {
            open_loopback: false,
            certificates: Vec::new(),
            keys: Vec::new(),
            claims: Expected { issuer: None, audience: AUDIENCE.to_owned(), life_seconds: LIFE_SECONDS },
        }
    }
}
