//! Signed-in customers, and the Ratio session that the service holds for each of them.
//!
//! A customer signs in with a session token that Ratio's own sign-in (a code by text message and a wallet's signature)
//! gave to the app. Ratio rotates that token. The replica that receives a new one stores it here, so that the others
//! use it too.

use ratio_bank::SessionToken;
use sha2::{Digest, Sha256};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::database::Database;
use crate::problem::Problem;
use crate::random;
use crate::seal::{Place, Seal};

/// Lifetime of a cookie.
pub(crate) const SIGN_IN_SECONDS: i64 = 12 * 60 * 60;

/// A person who uses this service.
#[derive(Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) ratio_user_id: String,
    /// The wallet that receives purchases.
    pub(crate) wallet_id: String,
}

impl Customer {
    fn read(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            ratio_user_id: row.try_get(1)?,
            wallet_id: row.try_get(2)?,
        })
    }
}

/// The token of a customer's session at Ratio, and its version.
#[derive(Clone)]
pub(crate) struct KeptToken {
    pub(crate) token: SessionToken,
    pub(crate) version: i64,
}

/// The tables `customers` and `sign_ins`.
#[derive(Clone)]
pub(crate) struct Customers {
    pub(crate) database: Database,
    pub(crate) seal: Seal,
}

impl Customers {
    /// Signs in a Ratio user whom Ratio has just confirmed. Returns the customer's id and the value of the cookie.
    pub(crate) async fn sign_in(
        &self,
        ratio_user_id: &str,
        wallet_id: &str,
        token: &SessionToken,
    ) -> Result<(String, String), Problem> {
        let cookie = format!("{}{}", random::name(), random::name());
        let database = &self.database;
        let new_id = random::name();
        let seal = |id: &str| self.seal.close(token_of(id), token.reveal().as_bytes());
        // The transaction begins with a write, so that two sign-ins of one user wait for each other.
        let mut transaction = database.pool().begin().await?;
        database
            .query(
                "INSERT INTO customers (id, ratio_user_id, wallet_id, session_token) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (ratio_user_id) DO NOTHING",
            )
            .bind(new_id.clone())
            .bind(ratio_user_id.to_owned())
            .bind(wallet_id.to_owned())
            .bind(seal(&new_id))
            .execute(&mut *transaction)
            .await?;
        let id: String = database
            .query("SELECT id FROM customers WHERE ratio_user_id = $1")
            .bind(ratio_user_id.to_owned())
            .fetch_one(&mut *transaction)
            .await?
            .try_get(0)?;
        database
            .query(
                "UPDATE customers SET wallet_id = $2, session_token = $3, token_version = token_version + 1
                 WHERE id = $1",
            )
            .bind(id.clone())
            .bind(wallet_id.to_owned())
            .bind(seal(&id))
            .execute(&mut *transaction)
            .await?;
        database
            .query("DELETE FROM sign_ins WHERE expires_at <= {now}")
            .execute(&mut *transaction)
            .await?;
        database
            .query(
                "INSERT INTO sign_ins (cookie_sha256, customer_id, expires_at) VALUES ($1, $2, {now} + $3)",
            )
            .bind(digest(&cookie))
            .bind(id.clone())
            .bind(SIGN_IN_SECONDS)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok((id, cookie))
    }

    /// The customer of a cookie, if it is still valid.
    pub(crate) async fn by_cookie(&self, cookie: &str) -> Result<Option<Customer>, Problem> {
        let found = self
            .database
            .query(
                "SELECT id, ratio_user_id, wallet_id FROM sign_ins
                 JOIN customers ON customers.id = customer_id
                 WHERE cookie_sha256 = $1 AND expires_at > {now}",
            )
            .bind(digest(cookie))
            .fetch_optional(self.database.pool())
            .await?;
        Ok(found.as_ref().map(Customer::read).transpose()?)
    }

    /// Makes a cookie invalid.
    pub(crate) async fn sign_out(&self, cookie: &str) -> Result<(), Problem> {
        self.database
            .query("DELETE FROM sign_ins WHERE cookie_sha256 = $1")
            .bind(digest(cookie))
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// The customer with this id and the token of their Ratio session.
    pub(crate) async fn with_token(&self, id: &str) -> Result<(Customer, KeptToken), Problem> {
        let row = self
            .database
            .query(
                "SELECT id, ratio_user_id, wallet_id, session_token, token_version FROM customers WHERE id = $1",
            )
            .bind(id.to_owned())
            .fetch_one(self.database.pool())
            .await?;
        let customer = Customer::read(&row)?;
        let sealed: Vec<u8> = row.try_get(3)?;
        let token = self.seal.open_text(token_of(&customer.id), &sealed)?;
        let kept = KeptToken {
            token: SessionToken::new(token),
            version: row.try_get(4)?,
        };
        Ok((customer, kept))
    }

    /// Stores the token that replaced `before`. If another replica has stored one meanwhile, the token with the later
    /// expiry stays.
    pub(crate) async fn rotate(
        &self,
        id: &str,
        mut before: KeptToken,
        token: &SessionToken,
    ) -> Result<(), Problem> {
        let sealed = self.seal.close(token_of(id), token.reveal().as_bytes());
        loop {
            let replace = self
                .database
                .query(
                    "UPDATE customers SET session_token = $2, token_version = token_version + 1
                     WHERE id = $1 AND token_version = $3",
                )
                .bind(id.to_owned())
                .bind(sealed.clone())
                .bind(before.version);
            if self.database.change(replace).await? {
                return Ok(());
            }
            (_, before) = self.with_token(id).await?;
            if before.token.expires_at() >= token.expires_at() {
                return Ok(());
            }
        }
    }
}

fn token_of(id: &str) -> Place<'_> {
    Place {
        column: "customers.session_token",
        row: id,
    }
}

fn digest(cookie: &str) -> Vec<u8> {
    // The cookie has 256 random bits, so a plain hash is as hard to reverse as a slow one.
    Sha256::digest(cookie.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;
    use crate::clock::Clock;
    use crate::seal::SealKey;

    async fn customers(folder: &tempfile::TempDir) -> Customers {
        let path = folder.path().join("service.db");
        Customers {
            database: Database::open(path.to_str().unwrap(), &Clock::database())
                .await
                .unwrap(),
            seal: Seal::new(&SealKey::random()),
        }
    }

    /// A token that is valid until this time.
    fn until(expires_at: u32) -> SessionToken {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{expires_at}}}"#));
        SessionToken::new(format!("eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl"))
    }

    #[tokio::test]
    async fn of_two_tokens_that_came_at_once_the_one_that_is_good_for_longer_stays() {
        let folder = tempfile::tempdir().unwrap();
        let customers = customers(&folder).await;
        let kept = async |id: &str| customers.with_token(id).await.unwrap().1;
        for (first, second, stays) in [(200, 300, 300), (300, 200, 300), (300, 300, 300)] {
            let (id, _) = customers.sign_in("user", "wallet", &until(100)).await.unwrap();
            // Two replicas asked Ratio with the same token, and each received another one.
            let (one, other) = (kept(&id).await, kept(&id).await);
            customers.rotate(&id, one, &until(first)).await.unwrap();
            customers.rotate(&id, other, &until(second)).await.unwrap();
            assert_eq!(kept(&id).await.token.reveal(), until(stays).reveal());
        }
        // It is unknown which of two opaque tokens is newer, so the stored one stays.
        let (id, _) = customers
            .sign_in("user", "wallet", &SessionToken::new("a"))
            .await
            .unwrap();
        let (one, other) = (kept(&id).await, kept(&id).await);
        customers.rotate(&id, one, &SessionToken::new("b")).await.unwrap();
        customers
            .rotate(&id, other, &SessionToken::new("c"))
            .await
            .unwrap();
        assert_eq!(kept(&id).await.token.reveal(), "b");
    }

    #[tokio::test]
    async fn who_signs_in_anew_is_the_same_customer_and_an_older_token_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let customers = customers(&folder).await;
        let (id, cookie) = customers.sign_in("user", "wallet", &until(100)).await.unwrap();
        let (_, before) = customers.with_token(&id).await.unwrap();
        let (again, other) = customers.sign_in("user", "another", &until(400)).await.unwrap();
        assert_eq!(id, again);
        customers.rotate(&id, before, &until(200)).await.unwrap();
        let (customer, kept) = customers.with_token(&id).await.unwrap();
        assert_eq!(customer.wallet_id, "another");
        assert_eq!(kept.token.reveal(), until(400).reveal());
        for cookie in [cookie, other] {
            assert_eq!(customers.by_cookie(&cookie).await.unwrap().unwrap().id, id);
        }
        assert!(customers.by_cookie("nobody's").await.unwrap().is_none());
    }
}
