//! A string that cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::tolerant::says_nothing;

/// A secret in a generated request or response. It cannot be printed or compared with `==`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps the secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    /// The secret itself. The caller is responsible for keeping it safe.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.reveal())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = String::deserialize(deserializer)?;
        if says_nothing(&secret) {
            return Err(D::Error::custom("a secret that says nothing is none"));
        }
        Ok(Self::new(secret))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::Secret;

    /// `secrecy` guarantees that the memory is wiped, which its type shows. Our secrets hold nothing else.
    #[test]
    fn secrets_are_wiped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let Secret(inner) = Secret::new("hunter2");
        let inner: SecretString = inner;
        wiped(&inner);
        for (source, held) in [
            (include_str!("token.rs"), "pub struct SessionToken(SecretString);"),
            (include_str!("token.rs"), "pub struct PublicToken(SecretString);"),
            (include_str!("webhook.rs"), "secrets: Vec<SecretString>,"),
            (include_str!("client.rs"), "client_secret: Option<SecretString>,"),
        ] {
            assert!(source.contains(held), "{held} is not held as a secret");
        }
    }
}
