//! Certificates and tokens for tests, made by openssl.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use floatrate::auth::{Algorithm, Role};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// An authority, a server's certificate, a client's for each role, a `stranger`'s whose name is not configured; and
/// keys of tokens: `ES256.key` and `ES256.pub` and so on, and one that is not configured, `wrong`.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let ec = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        folder.openssl(&format!("req -x509 {ec} -keyout ca.key -out ca.pem -days 2 -subj /CN=ca"));
        let roles = Role::ALL.map(|role| (role.name(), format!("URI:floatrate:{}", role.name())));
        let others =
            [("server", "DNS:localhost".to_owned()), ("stranger", "URI:floatrate:stranger".to_owned())];
        for (name, san) in roles.into_iter().chain(others) {
            folder.write("san", format!("subjectAltName={san}\n").as_bytes());
            folder.openssl(&format!("req {ec} -keyout {name}.key -out csr -subj /CN={name}"));
            folder.openssl(&format!(
                "x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out {name}.pem"
            ));
        }
        for (name, algorithm) in [
            ("ES256", "EC -pkeyopt ec_paramgen_curve:prime256v1"),
            ("RS256", "RSA -pkeyopt rsa_keygen_bits:2048"),
            ("EdDSA", "ED25519"),
            ("wrong", "EC -pkeyopt ec_paramgen_curve:prime256v1"),
        ] {
            folder.openssl(&format!("genpkey -algorithm {algorithm} -out {name}.key"));
            folder.openssl(&format!("pkey -in {name}.key -pubout -out {name}.pub"));
        }
        folder.write("HS256.pub", b"a secret of thirty-two bytes, or more\n");
        folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn openssl(&self, arguments: &str) {
        let mut openssl = Command::new("openssl");
        let ran = openssl.args(arguments.split(' ')).current_dir(self.0.path()).output().unwrap();
        assert!(ran.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// A token that the key of its head's algorithm has signed.
    pub(super) fn token(&self, head: &Value, claims: &Value) -> String {
        self.signed_by(head["alg"].as_str().unwrap(), head, claims)
    }

    /// A token that a key has signed, whatever its head says.
    pub(super) fn signed_by(&self, key: &str, head: &Value, claims: &Value) -> String {
        use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
        use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
        let message = message(head, claims);
        let random = ring::rand::SystemRandom::new();
        if key == "HS256" {
            let secret = std::fs::read(self.path("HS256.pub")).unwrap();
            return with_secret(&message, secret.trim_ascii_end());
        }
        self.openssl(&format!("pkey -in {key}.key -outform DER -out key.der"));
        let der = std::fs::read(self.path("key.der")).unwrap();
        let signature = match key {
            "RS256" => {
                // openssl writes the inner form of RSA keys with `-outform DER`, as ring reads it by `from_der`.
                let pair = RsaKeyPair::from_der(&der).or_else(|_| RsaKeyPair::from_pkcs8(&der)).unwrap();
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
                signature
            }
            "EdDSA" => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
                pair.sign(message.as_bytes()).as_ref().to_vec()
            }
            _ => {
                self.openssl(&format!("pkcs8 -topk8 -nocrypt -in {key}.key -outform DER -out key.der"));
                let der = std::fs::read(self.path("key.der")).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random).unwrap();
                pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token of HS256 whose secret is the public key of a name, which is also the key that the head names.
    pub(super) fn signed_by_public_key(&self, name: &str, claims: &Value) -> String {
        let secret = std::fs::read(self.path(&format!("{name}.pub"))).unwrap();
        with_secret(&message(&json!({"alg": "HS256", "kid": name}), claims), &secret)
    }

    /// A token without a signature.
    pub(super) fn unsigned(&self, head: &Value, claims: &Value) -> String {
        format!("{}.", message(head, claims))
    }
}

/// A token of HS256 with a secret.
pub(crate) fn signed(secret: &[u8], head: &Value, claims: &Value) -> String {
    with_secret(&message(head, claims), secret)
}

fn message(head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(head), part(claims))
}

fn with_secret(message: &str, secret: &[u8]) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, message.as_bytes())))
}

/// The head of a token for the configured key of an algorithm.
pub(super) fn head(algorithm: Algorithm) -> Value {
    json!({"alg": algorithm.name(), "typ": "JWT", "kid": algorithm.name()})
}

/// The claims of a token that lives for ten minutes more.
pub(super) fn claims(roles: &[&str]) -> Value {
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    json!({"sub": "li.na", "aud": "floatrate", "exp": now + 600, "roles": roles, "regions": ["510400"]})
}
