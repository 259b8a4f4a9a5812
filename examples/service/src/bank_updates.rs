//! What Ratio's webhook has said, so that every replica knows that a bank changed.
//!
//! A webhook says *that* something changed; how the bank stands is read from Ratio. Its body is
//! therefore not kept.

use ratio_bank::webhook::WebhookEvent;
use rusqlite::params;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::database::Database;
use crate::problem::Problem;

/// The table `bank_updates`.
#[derive(Clone)]
pub(crate) struct BankUpdates {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
}

impl BankUpdates {
    /// Writes an update down; `false` when this very delivery was written down before, or names nobody.
    pub(crate) async fn record(&self, event: &WebhookEvent) -> Result<bool, Problem> {
        let Some(user) = &event.user_id else {
            return Ok(false);
        };
        let ratio_user_id = user.as_str().to_owned();
        let signed = Sha256::digest(&event.delivery).to_vec();
        let now = self.clock.seconds();
        let inserted = self
            .database
            .run(move |connection| {
                connection.execute(
                    "INSERT INTO bank_updates (signed_sha256, ratio_user_id, received_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (signed_sha256) DO NOTHING",
                    params![signed, ratio_user_id, now],
                )
            })
            .await?;
        Ok(inserted == 1)
    }

    /// A number that grows with every update of this user's banks.
    pub(crate) async fn version(&self, ratio_user_id: &str) -> Result<i64, Problem> {
        let ratio_user_id = ratio_user_id.to_owned();
        let version = self
            .database
            .run(move |connection| {
                connection.query_row(
                    "SELECT coalesce(max(id), 0) FROM bank_updates WHERE ratio_user_id = ?1",
                    [ratio_user_id],
                    |row| row.get(0),
                )
            })
            .await?;
        Ok(version)
    }
}
