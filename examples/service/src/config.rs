//! The configuration of the service.

use std::fmt;
use std::sync::Arc;

use crate::seal::SealKey;

/// All settings that the service needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// `PUBLIC_URL`: the address at which customers reach the service, without a path.
    pub public_url: String,
    /// `DATABASE`: `postgres://…`, which may hold a password, or the path of the `SQLite` file that all replicas share.
    pub database: Secret,
    /// `SEAL_KEY`: the key that seals tokens in the database; the same for all replicas.
    pub seal_key: SealKey,
    /// `RATIO_URL`: Ratio's API, or a stand-in for it.
    pub ratio_url: String,
    /// `RATIO_CLIENT_ID`.
    pub client_id: String,
    /// `RATIO_CLIENT_SECRET`; the pinned document does not require it.
    pub client_secret: Option<Secret>,
    /// `RATIO_WEBHOOK_SECRET`; without it, webhooks are refused.
    pub webhook_secret: Option<Secret>,
    /// `PLAID_URL`: the server of Plaid Link, without a path.
    pub plaid_url: String,
    /// `CLAIM_SECONDS`: the time that a replica has to finish a link before another one takes over. Each
    /// call to Ratio may take a quarter of it, but at least 6 seconds.
    pub claim_seconds: i64,
    /// Creates a customer to try the service with. Only set together with a stand-in.
    pub guest: Option<Guest>,
}

/// A secret from the environment. Debug output does not show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself. The caller is responsible for where it goes.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Creates a customer to sign in as.
#[derive(Clone)]
pub struct Guest(pub(crate) Arc<dyn Fn() -> Credentials + Send + Sync>);

impl Guest {
    /// `make` is called for each guest.
    pub fn new(make: impl Fn() -> Credentials + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guest")
    }
}

/// The credentials with which a person signs in, as Ratio's own sign-in gave them to their app.
#[derive(Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The user's id at Ratio.
    pub user_id: String,
    /// The token of the user's session at Ratio.
    pub session_token: String,
    /// The wallet that receives purchases.
    pub wallet_id: String,
}
