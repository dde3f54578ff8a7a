//! `[identity]`: certificates and keys, with every mistake at once.

use crate::auth::settings::{KeyFile, Settings};
use crate::auth::{Algorithm, Caller, How, NAME_CHARS_MAX, Regions, Role, San, is_name};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Longest life that a token may be allowed, in seconds: 90 days.
const LIFE_SECONDS_MAX: i64 = 90 * 24 * 60 * 60;
/// Shortest, so that clocks may differ: a minute.
const LIFE_SECONDS_MIN: i64 = 60;

/// The file's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenIdentity {
    open_loopback: Option<bool>,
    issuer: Option<String>,
    audience: Option<String>,
    token_life_seconds: Option<i64>,
    #[serde(default)]
    certificate: Vec<GivenCertificate>,
    #[serde(default)]
    key: Vec<GivenKey>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenCertificate {
    san: String,
    name: String,
    roles: Vec<String>,
    regions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenKey {
    kid: String,
    algorithm: String,
    file: PathBuf,
}

impl GivenIdentity {
    /// What it says, with what cannot be used left out and told in `mistakes`.
    pub(super) fn check(self, mistakes: &mut Vec<String>) -> Settings {
        let mut settings =
            Settings { open_loopback: self.open_loopback.unwrap_or(false), ..Settings::default() };
        let mut sans = BTreeSet::new();
        for (index, given) in self.certificate.into_iter().enumerate() {
            let at = format!("identity.certificate[{index}]");
            let entry = given.check(&at, mistakes);
            let Some((san, caller)) = entry else { continue };
            if sans.insert(san.clone()) {
                settings.certificates.push((san, caller));
            } else {
                mistakes.push(format!(
                    "{at}.san is `{san}`, which an earlier certificate has: give each name once"
                ));
            }
        }
        let mut kids = BTreeSet::new();
        for (index, given) in self.key.into_iter().enumerate() {
            let at = format!("identity.key[{index}]");
            if !is_word(&given.kid) {
                mistakes.push(format!(
                    "{at}.kid is \"{}\": expected 1 to {NAME_CHARS_MAX} visible ASCII characters",
                    given.kid
                ));
            } else if !kids.insert(given.kid.clone()) {
                mistakes.push(format!(
                    "{at}.kid is `{}`, which an earlier key has: give each name once",
                    given.kid
                ));
            }
            match Algorithm::of_name(&given.algorithm) {
                Some(algorithm) => {
                    settings.keys.push(KeyFile { kid: given.kid, algorithm, file: given.file })
                }
                None => mistakes.push(format!(
                    "{at}.algorithm is \"{}\": expected one of {}",
                    given.algorithm,
                    Algorithm::ALL.map(Algorithm::name).join(", ")
                )),
            }
        }
        for (name, text) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if text.as_ref().is_some_and(String::is_empty) {
                mistakes.push(format!("identity.{name} is empty: give a text or leave it out"));
            }
        }
        settings.claims.issuer = self.issuer;
        settings.claims.audience = self.audience.unwrap_or(settings.claims.audience);
        match self.token_life_seconds {
            Some(life) if !(LIFE_SECONDS_MIN..=LIFE_SECONDS_MAX).contains(&life) => mistakes.push(format!(
                "identity.token_life_seconds is {life}: expected {LIFE_SECONDS_MIN} to {LIFE_SECONDS_MAX}"
            )),
            Some(life) => settings.claims.life_seconds = life,
            None => {}
        }
        settings
    }
}

impl GivenCertificate {
    fn check(self, at: &str, mistakes: &mut Vec<String>) -> Option<(San, Caller)> {
        let before = mistakes.len();
        let san = San::parse(&self.san);
        if san.is_none() {
            mistakes.push(format!(
                "{at}.san is \"{}\": expected `URI:`, `DNS:` or `email:` and a name without blanks and `*`",
                self.san
            ));
        }
        if !is_name(&self.name) {
            mistakes.push(format!(
                "{at}.name is \"{}\": expected 1 to {NAME_CHARS_MAX} visible characters without parentheses",
                self.name
            ));
        }
        let (mut roles, unknown) = (BTreeSet::new(), Role::names());
        for role in &self.roles {
            match Role::of_name(role) {
                Some(role) => drop(roles.insert(role)),
                None => mistakes.push(format!("{at}.roles has \"{role}\": expected some of {unknown}")),
            }
        }
        if self.roles.is_empty() {
            mistakes.push(format!("{at}.roles is empty: expected some of {unknown}"));
        }
        let regions = Regions::of(self.regions.iter().map(String::as_str));
        if let Err(bad) = &regions {
            let is = if bad.is_empty() { "is empty".to_owned() } else { format!("has \"{bad}\"") };
            mistakes.push(format!(
                "{at}.regions {is}: expected codes of six digits (GB/T 2260); \"000000\" is everywhere"
            ));
        }
        let regions = regions.ok()?;
        let caller = Caller { name: self.name, roles, regions, how: How::Certificate };
        (mistakes.len() == before).then_some((san?, caller))
    }
}

fn is_word(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
