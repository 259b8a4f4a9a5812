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
    /// Stores an update, and removes updates of the same user that are older than a day. Returns `false` if this
    /// delivery was stored before, or names no user.
    ///
    /// A delivery is accepted for minutes only, so one that was removed cannot come again. The latest update stays, since
    /// [`version`](Self::version) must not fall.
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
        if !self.database.change(insert).await? {
            return Ok(false);
        }
        self.database
            .query("DELETE FROM bank_updates WHERE ratio_user_id = $1 AND received_at < {now} - 86400")
            .bind(user.as_str().to_owned())
            .execute(self.database.pool())
            .await?;
        Ok(true)
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

#[cfg(test)]
mod tests {
    use ratio_bank::webhook::{WebhookVerifier, sign};

    use super::*;
    use crate::scratch::Scratch;

    #[tokio::test]
    async fn updates_are_kept_for_a_day_and_the_version_never_falls() {
        let scratch = Scratch::new().await;
        let updates = BankUpdates {
            database: scratch.database.clone(),
        };
        let verifier = WebhookVerifier::new("secret").unwrap();
        let mut before = 0;
        for nth in 0..100 {
            scratch.pass(3700);
            let now = updates.database.now().await.unwrap();
            let at = now
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_secs()
                .to_string();
            for user in ["user", "another"] {
                let body = format!(r#"{{"event":"BANK_UPDATED","userId":"{user}","nth":{nth}}}"#);
                let signature = sign("secret", &at, body.as_bytes());
                let event = verifier.verify(&signature, &at, body.as_bytes(), now).unwrap();
                assert!(updates.record(&event).await.unwrap());
                assert!(!updates.record(&event).await.unwrap(), "it was stored before");
            }
            let version = updates.version("user").await.unwrap();
            assert!(version > before);
            before = version;
        }
        let kept = updates.database.query("SELECT ratio_user_id FROM bank_updates");
        assert_eq!(updates.database.ids(kept).await.unwrap().len(), 2 * 24);
    }
}
