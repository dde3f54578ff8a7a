//! What stands with every change of state: who made it, in which role, and how that is known.

use super::{How, Role};
use std::collections::BTreeSet;
use std::fmt;

/// A caller as it is stored: `name (roles, how)`, where roles are joined by `+` and `all` stands for all of them.
///
/// Text that is stored once is read for ever, so this form does not change. A name has no parentheses, and so the text
/// is read in one way only.
///
/// ```
/// use floatrate::auth::Signature;
/// let text = "张伟 (officer+approver, token)";
/// let signature = Signature::parse(text).unwrap();
/// assert_eq!((signature.name.as_str(), signature.to_string().as_str()), ("张伟", text));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The roles that the caller had, not only the one that allowed the call.
    pub roles: BTreeSet<Role>,
    /// How both were known.
    pub how: How,
}

impl Signature {
    /// Reads what [`Caller::signature`](super::Caller::signature) wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.strip_suffix(')')?.split_once(" (")?;
        let (roles, how) = rest.split_once(", ")?;
        let roles: BTreeSet<Role> = match roles {
            ALL => Role::ALL.into(),
            some => some.split('+').map(Role::of_name).collect::<Option<_>>()?,
        };
        let how = How::ALL.into_iter().find(|known| known.name() == how)?;
        let read = Self { name: name.to_owned(), roles, how };
        (super::is_name(name) && read.to_string() == text).then_some(read)
    }
}

/// Stands for every role.
const ALL: &str = "all";

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.roles.iter().map(|role| role.name()).collect();
        let roles = if names.len() == Role::ALL.len() { ALL.to_owned() } else { names.join("+") };
        write!(f, "{} ({roles}, {})", self.name, self.how.name())
    }
}
