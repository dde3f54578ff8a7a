//! Who may do what: callers, their roles and regions, and the one [`table`] of role and method.
//!
//! Pure: nothing here knows gRPC, a port or a clock. `rpc` asks a [`Directory`] who calls, and the table whether the call
//! is allowed, before it reads the message.

mod certificate;
mod directory;
mod key;
mod region;
mod role;
pub mod settings;
mod signature;
pub mod table;
mod token;

#[cfg(test)]
mod tests;

pub use certificate::{San, sans};
pub use directory::{Carried, Directory, LoadError, Unknown};
pub use key::Algorithm;
pub use region::Regions;
pub use role::Role;
pub use signature::Signature;
pub use token::{LEEWAY_SECONDS, TOKEN_BYTES_MAX, TokenFault};

use std::collections::BTreeSet;
use unicode_width::UnicodeWidthChar;

/// Most characters of a caller's name.
pub const NAME_CHARS_MAX: usize = 64;
/// Name of a caller who gives none.
pub const LOCAL: &str = "local";

/// How a caller is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// By its own word, on this machine. Stored as such; it cannot approve what is law.
    SelfDeclared,
    /// By a client certificate that the configuration names.
    Certificate,
    /// By a token that a configured key has signed.
    Token,
}

impl How {
    /// All, in the order of the weight that they have.
    pub const ALL: [Self; 3] = [Self::SelfDeclared, Self::Certificate, Self::Token];

    /// The word of a signature.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfDeclared => "self-declared",
            Self::Certificate => "certificate",
            Self::Token => "token",
        }
    }
}

/// A person or system that calls.
///
/// ```
/// use floatrate::auth::{Caller, How, Regions, Role};
/// let caller = Caller {
///     name: "zhang.wei".into(),
///     roles: [Role::Officer].into(),
///     regions: Regions::of(["510400"]).unwrap(),
///     how: How::Certificate,
/// };
/// assert!(caller.may_see(Some("510402")) && !caller.may_see(Some("510500")) && !caller.may_see(None));
/// assert_eq!(caller.signature(), "zhang.wei (officer, certificate)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its name; see [`is_name`].
    pub name: String,
    /// What it may do; never empty.
    pub roles: BTreeSet<Role>,
    /// Where.
    pub regions: Regions,
    /// How this is known.
    pub how: How,
}

impl Caller {
    /// A caller of this machine by its own word: without a name [`LOCAL`], without a role all of them, everywhere.
    ///
    /// # Errors
    ///
    /// What is wrong with the name, the role, or both.
    pub fn self_declared(name: Option<&str>, role: Option<&str>) -> Result<Self, Vec<Misdeclared>> {
        let name = name.unwrap_or(LOCAL);
        let roles = role.map_or(Some(Role::ALL.into()), |role| Role::of_name(role).map(|r| [r].into()));
        let mut faults = Vec::new();
        if !is_name(name) {
            faults.push(Misdeclared::Name);
        }
        if roles.is_none() {
            faults.push(Misdeclared::Role);
        }
        match roles {
            Some(roles) if faults.is_empty() => {
                Ok(Self { name: name.to_owned(), roles, regions: Regions::All, how: How::SelfDeclared })
            }
            _ => Err(faults),
        }
    }

    /// Whether the caller may see, and by its role change, what stands in a region. What stands in none belongs to
    /// those who may see everything.
    #[must_use]
    pub fn may_see(&self, region: Option<&str>) -> bool {
        self.regions.covers(region)
    }

    /// Whether anybody but the caller itself vouches for its name. Who is not verified cannot approve what is law.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        !matches!(self.how, How::SelfDeclared)
    }

    /// What is stored with every change of state: name, roles and how they are known, such as
    /// `zhang.wei (officer, certificate)`. [`Signature::parse`] reads it.
    #[must_use]
    pub fn signature(&self) -> String {
        Signature { name: self.name.clone(), roles: self.roles.clone(), how: self.how }.to_string()
    }
}

/// What a caller that names itself got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdeclared {
    /// The name is not one.
    Name,
    /// There is no such role.
    Role,
}

/// Whether a text can be a caller's name: 1 to 64 visible characters, blanks only inside, no parentheses, so that a
/// name cannot pretend to be a [`Signature`].
#[must_use]
pub fn is_name(text: &str) -> bool {
    let visible = |c: char| c.width().is_some_and(|w| w > 0) && !matches!(c, '(' | ')' | '（' | '）');
    let blank_outside = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    let few = (1..=NAME_CHARS_MAX).contains(&text.chars().take(NAME_CHARS_MAX + 1).count());
    few && !blank_outside && text.chars().all(visible)
}
