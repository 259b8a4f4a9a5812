//! Updates from Ratio's webhook, stored so that every replica knows that a bank changed.
//!
//! A webhook only says *that* something changed; the state of the bank is read from Ratio. Its body is therefore not
//! stored.

use ratio_bank::webhook::WebhookEvent;
use sha2::{Digest, Sha256};
use sqlx::Row as _;

use crate::database::Database;
use crate::problem::Problem;

/// The table `bank_updates`.
#[derive(Clone)]
pub(crate) struct BankUpdates {
    pub(crate) database: Database,
}

impl BankUpdates {
    /// Stores an update. Returns `false` if this delivery was stored before, or names no user.
    pub(crate) async fn record(&self, event: &WebhookEvent) -> Result<bool, Problem> {
        let Some(user) = &event.user_id else {
            return Ok(false);
        };
        let insert = self.database.query(
            "INSERT INTO bank_updates (signed_sha256, ratio_user_id, received_at) VALUES ($1, $2, {now})
             ON CONFLICT (signed_sha256) DO NOTHING",
        );
        let insert = insert
            .bind(Sha256::digest(&event.delivery).to_vec())
            .bind(user.as_str().to_owned());
        Ok(self.database.change(insert).await?)
    }

    /// A number that grows with every update of this user's banks.
    pub(crate) async fn version(&self, ratio_user_id: &str) -> Result<i64, Problem> {
        let version = self
            .database
            .query("SELECT coalesce(max(id), 0) FROM bank_updates WHERE ratio_user_id = $1")
            .bind(ratio_user_id.to_owned())
            .fetch_one(self.database.pool())
            .await?;
        Ok(version.try_get(0)?)
    }
}
