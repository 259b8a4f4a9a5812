//! Tokens: secrets that logs, panics and comparisons cannot reveal.

use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::claims::Claims;
use crate::plaid::MissingPublicToken;
use crate::tolerant::says_nothing;

/// A session's bearer token: a JWT that lives five minutes and is replaced regularly.
///
/// It cannot be printed or compared with `==`.
///
/// ```
/// use ratio_bank::SessionToken;
///
/// let token = SessionToken::new("eyJhbGciOi…");
/// assert_eq!(format!("{token:?}"), "SessionToken([redacted])");
/// ```
#[derive(Clone)]
pub struct SessionToken(SecretString);

impl SessionToken {
    /// Wraps the token that Ratio's authentication returned, without `Bearer`.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    /// The token itself. The caller is responsible for keeping it safe.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The time when the token expires by its own `exp` claim, which is read but not verified. `None` for an opaque
    /// token.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use ratio_bank::SessionToken;
    ///
    /// let token = SessionToken::new("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAzMDB9.c2lnbmF0dXJl");
    /// assert_eq!(token.expires_at(), Some(UNIX_EPOCH + Duration::from_secs(1_700_000_300)));
    /// ```
    pub fn expires_at(&self) -> Option<SystemTime> {
        Claims::of(self.reveal())?.expires_at()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken([redacted])")
    }
}

/// The one-time token that Plaid Link returns when a person has linked a bank. It is valid for 30 minutes.
///
/// It is used up by [`activate_bank_link`](crate::Session::activate_bank_link), which takes it by value: it cannot be
/// cloned, written by `serde`, printed or compared with `==`.
///
/// ```
/// use ratio_bank::PublicToken;
///
/// let token = PublicToken::new("public-sandbox-…");
/// assert_eq!(format!("{token:?}"), "PublicToken([redacted])");
/// ```
///
/// The compiler rejects code that activates twice with one token:
///
/// ```compile_fail,E0382
/// # async fn activate(session: ratio_bank::Session, token: ratio_bank::PublicToken) -> Result<(), ratio_bank::Error> {
/// session.activate_bank_link(token).await?;
/// session.activate_bank_link(token).await?;
/// # Ok(())
/// # }
/// ```
pub struct PublicToken(SecretString);

impl PublicToken {
    /// Wraps the token that Plaid Link returned, without surrounding white space.
    pub fn new(token: impl Into<String>) -> Self {
        let token: String = token.into();
        let trimmed = token.trim();
        let token = if trimmed.len() < token.len() {
            trimmed.to_owned()
        } else {
            token
        };
        Self(SecretString::from(token))
    }

    /// The token itself. The caller is responsible for keeping it safe.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for PublicToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicToken([redacted])")
    }
}

impl<'de> Deserialize<'de> for PublicToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = String::deserialize(deserializer)?;
        if says_nothing(&token) {
            return Err(D::Error::custom(MissingPublicToken));
        }
        Ok(Self::new(token))
    }
}
