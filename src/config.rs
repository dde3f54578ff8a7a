//! The service's configuration: a file, then the environment, then the command line. Read once, before any port is
//! bound; nothing reads the environment later.

mod database;
mod identity;

pub use database::DatabaseUrl;

use crate::auth::settings::Settings;
use crate::workdays::Calendar;
use identity::GivenIdentity;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything that `floatrate serve` can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address of gRPC.
    pub listen: SocketAddr,
    /// Address of HTTP: metrics and health.
    pub console: SocketAddr,
    /// Folder of plans; None: those that come with floatrate.
    pub plan_dir: Option<PathBuf>,
    /// Days off and weekend days worked, for deadlines in working days; it knows no year where no file is given.
    pub calendar: Calendar,
    /// The database.
    pub database: DatabaseUrl,
    /// Certificates; None: only loopback.
    pub tls: Option<Tls>,
    /// Who is known; None: callers of this machine, who name themselves.
    pub identity: Option<Settings>,
    /// Limits.
    pub limits: Limits,
}

/// Certificates, as PEM files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Authorities whose clients are let in.
    pub client_ca: PathBuf,
}

/// Limits of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest message, in bytes, in and out.
    pub message_bytes: usize,
    /// Pieces of work in flight; more are refused with a hint when to come back.
    pub in_flight: usize,
    /// Threads that rate.
    pub threads: usize,
    /// Longest time for calls in flight to end after SIGTERM.
    pub drain: Duration,
    /// How long after SIGTERM connections stay open, so that whoever looks at health sees it; part of `drain`.
    pub notice: Duration,
    /// Longest time for a TLS handshake.
    pub handshake: Duration,
    /// Age at which a connection is asked to reconnect.
    pub connection_age: Duration,
    /// Time between keepalive pings on an idle connection.
    pub keepalive: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 50051)),
            console: SocketAddr::from(([127, 0, 0, 1], 8080)),
            plan_dir: None,
            calendar: Calendar::default(),
            database: DatabaseUrl::default(),
            tls: None,
            identity: None,
            limits: Limits {
                message_bytes: 16 << 20,
                in_flight: 16 * threads,
                threads,
                drain: Duration::from_secs(20),
                notice: Duration::from_secs(1),
                handshake: Duration::from_secs(10),
                connection_age: Duration::from_secs(30 * 60),
                keepalive: Duration::from_secs(60),
            },
        }
    }
}

/// The file's and the environment's shape: everything may be left out. Not shown for debugging: it holds the database's
/// address.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    listen: Option<String>,
    console: Option<String>,
    plan_dir: Option<PathBuf>,
    calendar: Option<PathBuf>,
    database: Option<String>,
    tls: Option<Tls>,
    identity: Option<GivenIdentity>,
    #[serde(default)]
    limits: GivenLimits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenLimits {
    message_bytes: Option<usize>,
    in_flight: Option<usize>,
    threads: Option<usize>,
    drain_seconds: Option<u64>,
    notice_seconds: Option<u64>,
    handshake_seconds: Option<u64>,
    connection_age_seconds: Option<u64>,
    keepalive_seconds: Option<u64>,
}

/// The variables of the environment that are read.
pub const VARIABLES: [&str; 11] = [
    "FLOATRATE_CALENDAR",
    "FLOATRATE_LISTEN",
    "FLOATRATE_CONSOLE",
    "FLOATRATE_PLAN_DIR",
    "FLOATRATE_DATABASE",
    "FLOATRATE_TLS_CERTIFICATE",
    "FLOATRATE_TLS_KEY",
    "FLOATRATE_TLS_CLIENT_CA",
    "FLOATRATE_IN_FLIGHT",
    "FLOATRATE_THREADS",
    "FLOATRATE_DRAIN_SECONDS",
];

impl Config {
    /// Reads the configuration. `listen`, `console` and `database` are the command line's.
    ///
    /// # Errors
    ///
    /// Every mistake, one a line.
    pub fn read(
        file: Option<&Path>,
        environment: &BTreeMap<String, String>,
        listen: Option<&str>,
        console: Option<&str>,
        database: Option<&str>,
    ) -> Result<Self, String> {
        let mut mistakes = Vec::new();
        let mut given = Given::default();
        if let Some(path) = file {
            match std::fs::read_to_string(path) {
                Err(why) => mistakes.push(format!("{}: {why}", path.display())),
                Ok(text) => match toml::from_str::<Given>(&text) {
                    Ok(read) => given = read,
                    Err(why) => mistakes.push(told(path, &text, &why)),
                },
            }
        }
        overlay(&mut given, environment, &mut mistakes);
        let mut config = Self::default();
        let listen = listen.map(str::to_owned).or(given.listen);
        let console = console.map(str::to_owned).or(given.console);
        for (name, text, place) in
            [("listen", listen, &mut config.listen), ("console", console, &mut config.console)]
        {
            match text.as_deref().map(str::parse) {
                None => {}
                Some(Ok(address)) => *place = address,
                Some(Err(_)) => mistakes.push(format!(
                    "{name} is \"{}\": expected an address and port like 127.0.0.1:50051",
                    text.unwrap_or_default()
                )),
            }
        }
        config.plan_dir = given.plan_dir;
        if let Some(path) = &given.calendar {
            match std::fs::read_to_string(path) {
                Err(why) => mistakes.push(format!("calendar {}: {why}", path.display())),
                Ok(text) => match Calendar::parse(&text) {
                    Ok(calendar) => config.calendar = calendar,
                    Err(found) => {
                        mistakes.extend(found.iter().map(|m| format!("calendar {}: {m}", path.display())));
                    }
                },
            }
        }
        if let Some(text) = database.map(str::to_owned).or(given.database) {
            match DatabaseUrl::parse(&text) {
                Ok(url) => config.database = url,
                Err(why) => mistakes.push(why),
            }
        }
        config.tls = given.tls;
        config.identity = given.identity.map(|identity| identity.check(&mut mistakes));
        let limits = &mut config.limits;
        let l = &given.limits;
        let mut number = |name: &str, value: Option<u64>, range: std::ops::RangeInclusive<u64>| {
            value.filter(|v| {
                let fits = range.contains(v);
                if !fits {
                    mistakes.push(format!(
                        "limits.{name} is {v}: expected {} to {}",
                        range.start(),
                        range.end()
                    ));
                }
                fits
            })
        };
        let size = |value: Option<usize>| value.and_then(|v| u64::try_from(v).ok());
        let as_size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        if let Some(v) = number("message_bytes", size(l.message_bytes), 1 << 16..=1 << 28) {
            limits.message_bytes = as_size(v);
        }
        if let Some(v) = number("threads", size(l.threads), 1..=1024) {
            limits.threads = as_size(v);
            limits.in_flight = 16 * limits.threads;
        }
        if let Some(v) = number("in_flight", size(l.in_flight), 1..=100_000) {
            limits.in_flight = as_size(v);
        }
        if let Some(v) = number("drain_seconds", l.drain_seconds, 0..=3600) {
            limits.drain = Duration::from_secs(v);
        }
        if let Some(v) = number("notice_seconds", l.notice_seconds, 0..=600) {
            limits.notice = Duration::from_secs(v);
        }
        if let Some(v) = number("handshake_seconds", l.handshake_seconds, 1..=600) {
            limits.handshake = Duration::from_secs(v);
        }
        if let Some(v) = number("connection_age_seconds", l.connection_age_seconds, 1..=86_400) {
            limits.connection_age = Duration::from_secs(v);
        }
        if let Some(v) = number("keepalive_seconds", l.keepalive_seconds, 1..=3600) {
            limits.keepalive = Duration::from_secs(v);
        }
        config.check_openness(&mut mistakes);
        if !config.console.ip().is_loopback() {
            mistakes.push(format!(
                "console is {}, which other machines can reach: metrics and health are served without credentials. Use 127.0.0.1 and a proxy",
                config.console
            ));
        }
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes.join("\n")) }
    }

    /// Nobody is let in by accident: what other machines can reach has TLS and knows its callers.
    fn check_openness(&self, mistakes: &mut Vec<String>) {
        let known = self.identity.as_ref();
        let nobody = known.is_none_or(|i| i.certificates.is_empty() && i.keys.is_empty());
        if !self.listen.ip().is_loopback() {
            let listen = format!("listen is {}, which other machines can reach, and", self.listen);
            if self.tls.is_none() {
                mistakes.push(format!(
                    "{listen} there is no [tls]: records would travel in the clear and anybody could call. Give certificate, key and client_ca, or listen on 127.0.0.1"
                ));
            }
            if nobody {
                mistakes.push(format!(
                    "{listen} [identity] names nobody: give [[identity.certificate]] or [[identity.key]], or listen on 127.0.0.1"
                ));
            }
            if known.is_some_and(|identity| identity.open_loopback) {
                mistakes.push(format!(
                    "{listen} identity.open_loopback is true: a proxy on this machine would let everybody in by their own word"
                ));
            }
        } else if known.is_some_and(|identity| !identity.open_loopback) && nobody {
            mistakes.push(
                "[identity] names nobody, so nobody could call: give [[identity.certificate]] or [[identity.key]], or leave [identity] out"
                    .to_owned(),
            );
        }
        if known.is_some_and(|i| !i.certificates.is_empty()) && self.tls.is_none() {
            mistakes.push(
                "[[identity.certificate]] is given and there is no [tls]: no client could show one"
                    .to_owned(),
            );
        }
    }
}

/// A mistake in the file's form. Its line is shown, but for the one with the database's address.
fn told(path: &Path, text: &str, why: &toml::de::Error) -> String {
    let line =
        why.span().and_then(|at| text.get(..at.start)).map_or(1, |before| before.matches('\n').count() + 1);
    let shown = text.lines().nth(line - 1).unwrap_or_default();
    if shown.contains("://") || shown.trim_start().starts_with("database") {
        return format!("{}: line {line}: {}", path.display(), why.message());
    }
    format!("{}: {why}", path.display())
}

/// Puts the environment over the file.
fn overlay(given: &mut Given, environment: &BTreeMap<String, String>, mistakes: &mut Vec<String>) {
    for name in environment.keys().filter(|n| n.starts_with("FLOATRATE_")) {
        if !VARIABLES.contains(&name.as_str()) {
            mistakes
                .push(format!("{name} is not a variable of floatrate; there are {}", VARIABLES.join(", ")));
        }
    }
    let text = |name: &str| environment.get(name).filter(|v| !v.is_empty()).cloned();
    given.listen = text("FLOATRATE_LISTEN").or(given.listen.take());
    given.console = text("FLOATRATE_CONSOLE").or(given.console.take());
    given.plan_dir = text("FLOATRATE_PLAN_DIR").map(PathBuf::from).or(given.plan_dir.take());
    given.calendar = text("FLOATRATE_CALENDAR").map(PathBuf::from).or(given.calendar.take());
    given.database = text("FLOATRATE_DATABASE").or(given.database.take());
    let tls = ["FLOATRATE_TLS_CERTIFICATE", "FLOATRATE_TLS_KEY", "FLOATRATE_TLS_CLIENT_CA"].map(text);
    match tls {
        [None, None, None] => {}
        [Some(certificate), Some(key), Some(client_ca)] => {
            given.tls =
                Some(Tls { certificate: certificate.into(), key: key.into(), client_ca: client_ca.into() });
        }
        _ => mistakes.push(
            "FLOATRATE_TLS_CERTIFICATE, _KEY and _CLIENT_CA are given together or not at all".to_owned(),
        ),
    }
    let mut number = |name: &str| -> Option<u64> {
        let text = text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            mistakes.push(format!("{name} is \"{text}\": expected a whole number"));
        }
        value
    };
    let size = |v: u64| usize::try_from(v).unwrap_or(usize::MAX);
    given.limits.in_flight = number("FLOATRATE_IN_FLIGHT").map(size).or(given.limits.in_flight);
    given.limits.threads = number("FLOATRATE_THREADS").map(size).or(given.limits.threads);
    given.limits.drain_seconds = number("FLOATRATE_DRAIN_SECONDS").or(given.limits.drain_seconds);
}

#[cfg(test)]
mod tests;
