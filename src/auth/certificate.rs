//! The names of a client certificate. That an authority vouches for it was seen in the handshake.

use std::fmt;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A subject alternative name, as openssl writes it: `URI:floatrate:collector:tax-510400`, `DNS:tax.example`,
/// `email:zhang.wei@agency.example`. Names of different kinds are never the same, whatever their text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum San {
    /// A name of the domain name system, in small letters.
    Dns(String),
    /// An address of mail.
    Email(String),
    /// A URI, byte for byte.
    Uri(String),
}

impl San {
    /// Reads what openssl's notation says. Wildcards are for servers; as a caller's name they would be many.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()) && !name.contains('*');
        match kind {
            _ if !plain => None,
            "DNS" => Some(Self::Dns(name.to_ascii_lowercase())),
            "email" => Some(Self::Email(name.to_owned())),
            "URI" => Some(Self::Uri(name.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Email(name) => write!(f, "email:{name}"),
            Self::Uri(name) => write!(f, "URI:{name}"),
        }
    }
}

/// The alternative names of a certificate in DER that can be a caller's; none where it cannot be read. The common name
/// is no name: it has no kind, and every authority fills it in another way.
#[must_use]
pub fn sans(der: &[u8]) -> Vec<San> {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Vec::new() };
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let names = extension.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(San::Dns(name.to_ascii_lowercase())),
        GeneralName::RFC822Name(name) => Some(San::Email((*name).to_owned())),
        GeneralName::URI(name) => Some(San::Uri((*name).to_owned())),
        _ => None,
    });
    names.collect()
}
