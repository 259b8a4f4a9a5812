//! What the service is told from outside: environment variables, read once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::{env, fmt};

use crate::seal::SealKey;

/// Everything the service needs to know to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// `PUBLIC_URL`: where customers reach the service, without a path.
    pub public_url: String,
    /// `DATABASE`: `postgres://…`, which may hold a password, or the path of the `SQLite` file that all replicas share.
    pub database: Secret,
    /// `SEAL_KEY`: what seals tokens in the database; the same for all replicas.
    pub seal_key: SealKey,
    /// `RATIO_URL`: Ratio's API, or a stand-in for it.
    pub ratio_url: String,
    /// `RATIO_CLIENT_ID`.
    pub client_id: String,
    /// `RATIO_CLIENT_SECRET`; not asked for by the pinned document.
    pub client_secret: Option<Secret>,
    /// `RATIO_WEBHOOK_SECRET`; without it, webhooks are refused.
    pub webhook_secret: Option<Secret>,
    /// `PLAID_URL`: what serves Plaid Link, without a path.
    pub plaid_url: String,
    /// `CLAIM_SECONDS`: how long a replica may take to finish a link before another one steps in.
    /// Longer than the longest call to Ratio.
    pub claim_seconds: i64,
    /// Makes up a customer to try the service with. Only ever set next to a stand-in.
    pub guest: Option<Guest>,
}

/// Plaid's own address.
pub const PLAID_URL: &str = "https://cdn.plaid.com";

/// Where the service listens unless `LISTEN` says otherwise.
pub const LISTEN: &str = "127.0.0.1:3000";

/// How long a claim lasts unless told otherwise.
const CLAIM_SECONDS: i64 = 60;

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a variable is missing or cannot be read; the error names it.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(&|name| env::var(name).ok())
    }

    /// Reads variables from somewhere else, as a test does.
    ///
    /// # Errors
    /// When a variable is missing or cannot be read; the error names it.
    pub fn from_variables(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name, what: &str| {
            get(name).ok_or_else(|| ConfigError {
                name,
                why: format!("is not set; it is {what}"),
            })
        };
        let address = |value: String| value.trim_end_matches('/').to_owned();
        let seal_key = required(
            "SEAL_KEY",
            "what seals tokens in the database: `openssl rand -base64 32`",
        )?;
        Ok(Self {
            public_url: address(get("PUBLIC_URL").unwrap_or_else(|| format!("http://{LISTEN}"))),
            database: Secret(get("DATABASE").unwrap_or_else(|| "service.db".to_owned())),
            seal_key: SealKey::from_base64(&seal_key).map_err(|error| ConfigError {
                name: "SEAL_KEY",
                why: format!("cannot be used: {error}"),
            })?,
            ratio_url: address(required("RATIO_URL", "Ratio's API")?),
            client_id: required("RATIO_CLIENT_ID", "who the product is at Ratio")?,
            client_secret: get("RATIO_CLIENT_SECRET").map(Secret),
            webhook_secret: get("RATIO_WEBHOOK_SECRET").map(Secret),
            plaid_url: address(get("PLAID_URL").unwrap_or_else(|| PLAID_URL.to_owned())),
            claim_seconds: match get("CLAIM_SECONDS") {
                None => CLAIM_SECONDS,
                Some(text) => text
                    .parse()
                    .ok()
                    .filter(|&seconds| seconds > 0)
                    .ok_or(ConfigError {
                        name: "CLAIM_SECONDS",
                        why: "is not a positive number".to_owned(),
                    })?,
            },
            guest: None,
        })
    }

    /// Reads `LISTEN`.
    ///
    /// # Errors
    /// When it is not an address with a port.
    pub fn listen_from_env() -> Result<SocketAddr, ConfigError> {
        env::var("LISTEN")
            .as_deref()
            .unwrap_or(LISTEN)
            .parse()
            .map_err(|_| ConfigError {
                name: "LISTEN",
                why: format!("is not an address with a port, such as {LISTEN}"),
            })
    }
}

/// A secret from the environment. It does not print.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Makes up somebody to sign in as.
#[derive(Clone)]
pub struct Guest(pub(crate) Arc<dyn Fn() -> Credentials + Send + Sync>);

impl Guest {
    /// `make` is called each time somebody asks to look around.
    pub fn new(make: impl Fn() -> Credentials + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guest")
    }
}

/// What a person signs in with: what Ratio's own sign-in gave their app.
#[derive(Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The user's id at Ratio.
    pub user_id: String,
    /// The token of the user's session at Ratio.
    pub session_token: String,
    /// The wallet that purchases go to.
    pub wallet_id: String,
}

/// A variable that is missing or cannot be read.
#[derive(Debug)]
pub struct ConfigError {
    name: &'static str,
    why: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {} {}", self.name, self.why)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(changes: &[(&str, &str)]) -> Result<Config, String> {
        let key = SealKey::random().to_base64();
        let base = [
            ("SEAL_KEY", key.as_str()),
            ("RATIO_URL", "http://127.0.0.1:1/"),
            ("RATIO_CLIENT_ID", "id"),
        ];
        let get = |name: &str| {
            let value = changes
                .iter()
                .chain(&base)
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value);
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        Config::from_variables(&get).map_err(|error| error.to_string())
    }

    #[test]
    fn three_variables_are_enough_and_addresses_lose_their_slash() {
        let config = variables(&[]).unwrap();
        assert_eq!(config.ratio_url, "http://127.0.0.1:1");
        assert_eq!(config.plaid_url, PLAID_URL);
        assert!(config.guest.is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            variables(&[("RATIO_URL", "")]).unwrap_err(),
            "the environment variable RATIO_URL is not set; it is Ratio's API"
        );
        assert!(
            variables(&[("SEAL_KEY", "short")])
                .unwrap_err()
                .contains("SEAL_KEY cannot be used")
        );
        assert!(
            variables(&[("CLAIM_SECONDS", "0")])
                .unwrap_err()
                .contains("CLAIM_SECONDS")
        );
    }

    #[test]
    fn secrets_do_not_print() {
        let config = variables(&[
            ("RATIO_WEBHOOK_SECRET", "canary"),
            ("DATABASE", "postgres://service:canary@db/service"),
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("canary"));
    }
}
