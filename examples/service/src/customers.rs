//! Who is signed in, and the Ratio session that we hold for them.
//!
//! A customer signs in with a session token that Ratio's own sign-in (a code by text message and a
//! wallet's signature) gave to the app. Ratio rotates that token; whichever replica hears of a new one
//! writes it here, so that the others use it too.

use ratio_bank::SessionToken;
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::database::Database;
use crate::problem::Problem;
use crate::random;
use crate::seal::{Place, Seal};

/// How long a cookie is good for.
pub(crate) const SIGN_IN_SECONDS: i64 = 12 * 60 * 60;

/// A person who uses this service.
#[derive(Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) ratio_user_id: String,
    /// Where purchases go.
    pub(crate) wallet_id: String,
}

impl Customer {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            ratio_user_id: row.get(1)?,
            wallet_id: row.get(2)?,
        })
    }
}

/// The tables `customers` and `sign_ins`.
#[derive(Clone)]
pub(crate) struct Customers {
    pub(crate) database: Database,
    pub(crate) seal: Seal,
    pub(crate) clock: Clock,
}

impl Customers {
    /// Signs a Ratio user in, whom Ratio has just confirmed, and returns their id and the value of their
    /// cookie.
    pub(crate) async fn sign_in(
        &self,
        ratio_user_id: &str,
        wallet_id: &str,
        token: &SessionToken,
    ) -> Result<(String, String), Problem> {
        let cookie = format!("{}{}", random::name(), random::name());
        let digest = digest(&cookie);
        let now = self.clock.seconds();
        let (ratio_user_id, wallet_id) = (ratio_user_id.to_owned(), wallet_id.to_owned());
        let token = token.clone();
        let seal = self.seal.clone();
        let id = self
            .database
            .run(move |connection| {
                // Reads before it writes, so it takes the write lock at once: SQLite cannot wait for it later.
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let known: Option<String> = transaction
                    .query_row("SELECT id FROM customers WHERE ratio_user_id = ?1", [&ratio_user_id], |row| {
                        row.get(0)
                    })
                    .optional()?;
                let id = known.unwrap_or_else(random::name);
                let sealed = seal.close(token_of(&id), token.reveal().as_bytes());
                transaction.execute(
                    "INSERT INTO customers (id, ratio_user_id, wallet_id, session_token) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (id) DO UPDATE
                     SET wallet_id = excluded.wallet_id, session_token = excluded.session_token",
                    params![id, ratio_user_id, wallet_id, sealed],
                )?;
                transaction.execute("DELETE FROM sign_ins WHERE expires_at <= ?1", [now])?;
                transaction.execute(
                    "INSERT INTO sign_ins (cookie_sha256, customer_id, expires_at) VALUES (?1, ?2, ?3)",
                    params![digest, id, now + SIGN_IN_SECONDS],
                )?;
                transaction.commit()?;
                Ok(id)
            })
            .await?;
        Ok((id, cookie))
    }

    /// The customer that a cookie belongs to, if it is still good.
    pub(crate) async fn by_cookie(&self, cookie: &str) -> Result<Option<Customer>, Problem> {
        let digest = digest(cookie);
        let now = self.clock.seconds();
        let found = self
            .database
            .run(move |connection| {
                connection
                    .query_row(
                        "SELECT id, ratio_user_id, wallet_id FROM sign_ins
                         JOIN customers ON customers.id = customer_id
                         WHERE cookie_sha256 = ?1 AND expires_at > ?2",
                        params![digest, now],
                        Customer::read,
                    )
                    .optional()
            })
            .await?;
        Ok(found)
    }

    /// Makes a cookie worthless.
    pub(crate) async fn sign_out(&self, cookie: &str) -> Result<(), Problem> {
        let digest = digest(cookie);
        self.database
            .run(move |connection| {
                connection.execute("DELETE FROM sign_ins WHERE cookie_sha256 = ?1", [digest])
            })
            .await?;
        Ok(())
    }

    /// The customer with this id and the token of their Ratio session.
    pub(crate) async fn with_token(&self, id: &str) -> Result<(Customer, SessionToken), Problem> {
        let id = id.to_owned();
        let (customer, sealed) = self
            .database
            .run(move |connection| {
                connection.query_row(
                    "SELECT id, ratio_user_id, wallet_id, session_token FROM customers WHERE id = ?1",
                    [id],
                    |row| Ok((Customer::read(row)?, row.get::<_, Vec<u8>>(3)?)),
                )
            })
            .await?;
        let token = self.seal.open_text(token_of(&customer.id), &sealed)?;
        Ok((customer, SessionToken::new(token)))
    }

    /// Keeps a token that Ratio has rotated.
    pub(crate) async fn rotate(&self, id: &str, token: &SessionToken) -> Result<(), Problem> {
        let sealed = self.seal.close(token_of(id), token.reveal().as_bytes());
        let id = id.to_owned();
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE customers SET session_token = ?2 WHERE id = ?1",
                    params![id, sealed],
                )
            })
            .await?;
        Ok(())
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
