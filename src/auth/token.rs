//! Signed tokens (JWT): the signature first, then what the claims say, by a clock that is handed in.

use super::key::Key;
use super::settings::Expected;
use super::{Caller, How, Regions, Role, is_name};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How far the clocks of who signs and who checks may differ, in seconds: a token is taken so long after its `exp`,
/// and so long before its `nbf` and `iat`.
pub const LEEWAY_SECONDS: i64 = 30;
/// Longest token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 8 << 10;

/// Why a token is not taken. For the log; the caller is told that it is not known, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// More than [`TOKEN_BYTES_MAX`] bytes.
    TooLong,
    /// Not three parts of base64 with a head in JSON; or an algorithm that nobody knows, `none` among them.
    Malformed,
    /// The head demands what is not understood here (`crit`).
    Critical,
    /// The head names no key, or one that is not configured.
    UnknownKey,
    /// The head's algorithm is not the key's own.
    OtherAlgorithm,
    /// The signature is not the key's.
    BadSignature,
    /// A claim is missing, twice there, or of another type.
    BadClaims,
    /// `exp` is past.
    Expired,
    /// `nbf` or `iat` is to come.
    NotYet,
    /// It lives longer than the configuration allows.
    LivesTooLong,
    /// `iss` is not the configured issuer.
    Issuer,
    /// `aud` is not us.
    Audience,
    /// `sub` cannot be a caller's name.
    Name,
    /// `roles` is empty or names a role that there is not.
    Roles,
    /// `regions` is empty or names what is no region.
    Regions,
}

/// The claims that are read; a token may hold others.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    roles: Vec<String>,
    regions: Vec<String>,
    aud: Audience,
    iss: Option<String>,
    nbf: Option<i64>,
    iat: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The caller of a token, at `now` in seconds since 1970.
pub(super) fn caller(
    token: &[u8],
    keys: &BTreeMap<String, Key>,
    expected: &Expected,
    now: i64,
) -> Result<Caller, TokenFault> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenFault::TooLong);
    }
    let head = decode_header(token).map_err(|_| TokenFault::Malformed)?;
    if head.crit.is_some() {
        return Err(TokenFault::Critical);
    }
    let key = head.kid.as_deref().and_then(|kid| keys.get(kid)).ok_or(TokenFault::UnknownKey)?;
    if head.alg != key.algorithm.jwt() {
        return Err(TokenFault::OtherAlgorithm);
    }
    // Only the signature is the library's to judge: it has a clock of its own and a leeway of its own.
    let mut validation = Validation::new(key.algorithm.jwt());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let claims = decode::<Claims>(token, &key.decoding, &validation).map_err(|why| match why.kind() {
        ErrorKind::InvalidSignature => TokenFault::BadSignature,
        ErrorKind::InvalidAlgorithm => TokenFault::OtherAlgorithm,
        ErrorKind::Json(_) => TokenFault::BadClaims,
        _ => TokenFault::Malformed,
    })?;
    claims.claims.caller(expected, now)
}

impl Claims {
    fn caller(self, expected: &Expected, now: i64) -> Result<Caller, TokenFault> {
        if now >= self.exp.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenFault::Expired);
        }
        let begins = [self.nbf, self.iat].into_iter().flatten().max();
        if begins.is_some_and(|begins| begins > now.saturating_add(LEEWAY_SECONDS)) {
            return Err(TokenFault::NotYet);
        }
        let born = self.iat.unwrap_or(now);
        let leeway = if self.iat.is_some() { 0 } else { LEEWAY_SECONDS };
        if self.exp.saturating_sub(born) > expected.life_seconds.saturating_add(leeway) {
            return Err(TokenFault::LivesTooLong);
        }
        if expected.issuer.is_some() && self.iss != expected.issuer {
            return Err(TokenFault::Issuer);
        }
        let for_us = match &self.aud {
            Audience::One(one) => *one == expected.audience,
            Audience::Many(many) => many.contains(&expected.audience),
        };
        if !for_us {
            return Err(TokenFault::Audience);
        }
        if !is_name(&self.sub) {
            return Err(TokenFault::Name);
        }
        let roles: Option<BTreeSet<Role>> = self.roles.iter().map(|role| Role::of_name(role)).collect();
        let roles = roles.filter(|roles| !roles.is_empty()).ok_or(TokenFault::Roles)?;
        let regions =
            Regions::of(self.regions.iter().map(String::as_str)).map_err(|_| TokenFault::Regions)?;
        Ok(Caller { name: self.sub, roles, regions, how: How::Token })
    }
}
