//! What the service is told from outside.

use std::fmt;
use std::sync::Arc;

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

/// A secret from the environment. It does not print.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself. Whoever calls this answers for where it goes.
    pub fn reveal(&self) -> &str {
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
