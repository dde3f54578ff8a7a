//! Keys that sign tokens. A key is used with its own algorithm and no other, whatever a token's head says.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::{hmac, signature as ring_signature};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use signature::Verifier;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Shortest secret of HS256, in bytes: the length of what it makes.
const SECRET_BYTES_MIN: usize = 32;
/// Shortest modulus of RS256, in bits.
const MODULUS_BITS_MIN: usize = 2048;
/// id-Ed25519, of RFC 8410.
const ED25519: &str = "1.3.101.112";
/// prime256v1, of RFC 5480.
const P256: &str = "1.2.840.10045.3.1.7";

/// An algorithm of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256.
    Es256,
    /// RSA with PKCS #1 padding.
    Rs256,
    /// Ed25519.
    EdDsa,
    /// A secret that both sides have: who can check a token can make one.
    Hs256,
}

impl Algorithm {
    /// All.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::EdDsa, Self::Hs256];

    /// Its name in configuration and tokens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// The algorithm of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The library's word.
    pub(super) const fn jwt(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }
}

/// A key with its algorithm. What it shows of itself for debugging holds no secret.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub algorithm: Algorithm,
    pub decoding: DecodingKey,
}

impl Key {
    /// Reads a key file's bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with them, without a byte of theirs.
    pub fn read(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, String> {
        // Before any token is looked at. Nobody else in this process installs one.
        let _ = PROVIDER.install_default();
        let decoding = match algorithm {
            Algorithm::Hs256 => DecodingKey::from_secret(secret(bytes)?),
            _ => public(algorithm, bytes)?,
        };
        Ok(Self { algorithm, decoding })
    }
}

/// A secret: the file without one line end.
fn secret(bytes: &[u8]) -> Result<&[u8], String> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"-----BEGIN") {
        return Err(
            "is PEM, and HS256 takes a secret: a public key as a secret would let anybody sign".to_owned()
        );
    }
    if line.len() < SECRET_BYTES_MIN {
        return Err(format!(
            "holds {} bytes: a secret of HS256 has at least {SECRET_BYTES_MIN}; make one with `openssl rand -hex 32`",
            line.len()
        ));
    }
    Ok(line)
}

/// A public key in PEM (`BEGIN PUBLIC KEY`), as the bytes that ring takes.
fn public(algorithm: Algorithm, pem: &[u8]) -> Result<DecodingKey, String> {
    let wanted = |what: &str| format!("{} takes {what}", algorithm.name());
    let info = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| {
        "is no public key in PEM (`BEGIN PUBLIC KEY`); `openssl pkey -in key.pem -pubout` writes one"
            .to_owned()
    })?;
    let read = SubjectPublicKeyInfo::from_der(&info);
    let Ok((_, info)) = read else { return Err("is no public key that can be read".to_owned()) };
    let bytes = info.subject_public_key.data.as_ref();
    match algorithm {
        Algorithm::Es256 => {
            let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
            let on_curve = curve.is_some_and(|curve| curve.to_id_string() == P256);
            if !(on_curve && bytes.len() == 65 && bytes[0] == 4) {
                return Err(wanted("a key on prime256v1, not compressed"));
            }
            Ok(DecodingKey::from_ec_der(bytes))
        }
        Algorithm::EdDsa => {
            if info.algorithm.algorithm.to_id_string() != ED25519 || bytes.len() != 32 {
                return Err(wanted("a key of Ed25519"));
            }
            Ok(DecodingKey::from_ed_der(bytes))
        }
        Algorithm::Rs256 | Algorithm::Hs256 => match info.parsed() {
            Ok(PublicKey::RSA(key)) if key.key_size() >= MODULUS_BITS_MIN => {
                Ok(DecodingKey::from_rsa_der(bytes))
            }
            _ => Err(wanted("an RSA key of at least 2048 bits")),
        },
    }
}

/// The library's door to ring. Nothing here signs.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_: &jsonwebtoken::Algorithm, _: &EncodingKey| Err(unsupported()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

fn unsupported() -> Error {
    ErrorKind::InvalidAlgorithm.into()
}

fn verifier(algorithm: &jsonwebtoken::Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let algorithm = Algorithm::ALL.into_iter().find(|known| known.jwt() == *algorithm);
    let algorithm = algorithm.filter(|a| a.jwt().family() == key.family()).ok_or_else(unsupported)?;
    Ok(Box::new(Ring { algorithm, key: key.try_get_as_bytes()?.to_vec() }))
}

/// Verifies with ring.
struct Ring {
    algorithm: Algorithm,
    key: Vec<u8>,
}

impl Verifier<Vec<u8>> for Ring {
    fn verify(&self, message: &[u8], given: &Vec<u8>) -> Result<(), signature::Error> {
        let public: &'static dyn ring_signature::VerificationAlgorithm = match self.algorithm {
            Algorithm::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
                return hmac::verify(&key, message, given).map_err(|_| signature::Error::new());
            }
            Algorithm::Es256 => &ring_signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::Rs256 => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::EdDsa => &ring_signature::ED25519,
        };
        let key = ring_signature::UnparsedPublicKey::new(public, &self.key);
        key.verify(message, given).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Ring {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.algorithm.jwt()
    }
}
