//! Who calls, by what a call carries: the one decision over certificate, token and own word.

use super::key::Key;
use super::settings::{Expected, Settings};
use super::token;
use super::{Caller, Misdeclared, San, TokenFault, sans};
use std::collections::BTreeMap;

/// What a call carries of identity. The transport has been passed: loopback, or a handshake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carried<'c> {
    /// Whether the other end is on this machine.
    pub loopback: bool,
    /// The client's certificate, which the handshake has accepted, in DER.
    pub certificate: Option<&'c [u8]>,
    /// The value of `authorization`; the first where there are several.
    pub authorization: Option<&'c [u8]>,
    /// Whether there are several.
    pub doubled: bool,
    /// The name that the caller gives itself.
    pub name: Option<&'c [u8]>,
    /// The role that the caller gives itself.
    pub role: Option<&'c [u8]>,
}

/// Why a caller is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The call carries nothing, and its own word does not count here.
    NoCredentials,
    /// `authorization` is twice there, is not `Bearer` and a token, or no keys are configured.
    Authorization,
    /// The token is not taken.
    Token(TokenFault),
    /// No name of the certificate is configured.
    Certificate,
    /// Names of the certificate are configured for several callers.
    Ambiguous,
    /// Its own word is not well formed.
    Declared(Vec<Misdeclared>),
}

/// Key files that cannot be used, one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError(pub String);

/// Who is known. [`Default`]: nobody, so callers of this machine name themselves.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Whether callers of this machine may name themselves.
    open_loopback: bool,
    certificates: BTreeMap<San, Caller>,
    keys: BTreeMap<String, Key>,
    claims: Expected,
    /// Whether anybody is configured. If not, a certificate says no more than that the handshake was passed.
    configured: bool,
}

impl Default for Directory {
    fn default() -> Self {
        let Settings { claims, .. } = Settings::default();
        Self {
            open_loopback: true,
            certificates: BTreeMap::new(),
            keys: BTreeMap::new(),
            claims,
            configured: false,
        }
    }
}

impl Directory {
    /// Reads the key files of the settings.
    ///
    /// # Errors
    ///
    /// Every file that cannot be read or holds no such key.
    pub fn load(settings: &Settings) -> Result<Self, LoadError> {
        let (mut keys, mut mistakes) = (BTreeMap::new(), Vec::new());
        for key in &settings.keys {
            let read = std::fs::read(&key.file).map_err(|why| format!(": {why}"));
            let read = read.and_then(|bytes| {
                Key::read(key.algorithm, &bytes)
                    .map_err(|why| format!(", of identity.key `{}`, {why}", key.kid))
            });
            match read {
                Ok(read) => drop(keys.insert(key.kid.clone(), read)),
                Err(why) => mistakes.push(format!("{}{why}", key.file.display())),
            }
        }
        if !mistakes.is_empty() {
            return Err(LoadError(mistakes.join("\n")));
        }
        Ok(Self {
            open_loopback: settings.open_loopback,
            certificates: settings.certificates.iter().cloned().collect(),
            keys,
            claims: settings.claims.clone(),
            configured: true,
        })
    }

    /// Whether tokens are taken, so that a client needs no certificate.
    #[must_use]
    pub fn takes_tokens(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Who calls, at `now` in seconds since 1970.
    ///
    /// `authorization` decides alone where it is given: a token that is not taken is refused even beside a good
    /// certificate, and one that is taken names the caller, because it was chosen for this call, while a certificate
    /// may be that of a whole machine. Who holds both could use either, so nothing is gained. A certificate comes
    /// next; the caller's own word counts last, on this machine, and where the configuration allows it.
    ///
    /// # Errors
    ///
    /// Why the caller is not known.
    pub fn identify(&self, carried: &Carried<'_>, now: i64) -> Result<Caller, Unknown> {
        if let Some(authorization) = carried.authorization {
            if carried.doubled || !self.takes_tokens() {
                return Err(Unknown::Authorization);
            }
            let token = bearer(authorization).ok_or(Unknown::Authorization)?;
            return token::caller(token, &self.keys, &self.claims, now).map_err(Unknown::Token);
        }
        if let Some(der) = carried.certificate.filter(|_| self.configured) {
            return self.of_certificate(der);
        }
        if !(carried.loopback && self.open_loopback) {
            return Err(Unknown::NoCredentials);
        }
        // What is not UTF-8 is no name, and an empty text is none either.
        let text = |bytes: Option<&'_ [u8]>| bytes.map(|b| String::from_utf8(b.to_vec()).unwrap_or_default());
        let (name, role) = (text(carried.name), text(carried.role));
        Caller::self_declared(name.as_deref(), role.as_deref()).map_err(Unknown::Declared)
    }

    fn of_certificate(&self, der: &[u8]) -> Result<Caller, Unknown> {
        let mut found: Option<&Caller> = None;
        for caller in sans(der).iter().filter_map(|san| self.certificates.get(san)) {
            if found.is_some_and(|other| other != caller) {
                return Err(Unknown::Ambiguous);
            }
            found = Some(caller);
        }
        found.cloned().ok_or(Unknown::Certificate)
    }
}

/// The token of `Bearer` and a token; the scheme's case does not count (RFC 9110).
fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked(7)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}
