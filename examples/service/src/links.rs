//! Runs through Plaid Link: their states, and the changes between them.
//!
//! ```text
//!   open ──▶ connected ──▶ finished      the customer linked (or repaired) a bank
//!    │  ▲        │
//!    ▼  │        └───────▶ failed        Ratio refused it for good
//!   left ──▶ connected                   they left after all; a success that comes late still counts
//! ```
//!
//! Every arrow is one `UPDATE` that names the state it leaves. Of two replicas, two tabs or a repeated message, exactly
//! one therefore wins. A late exit finds no open run and changes nothing. If a replica dies, another one continues its
//! work when its claim expires.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::database::Database;
use crate::problem::Problem;
use crate::random;
use crate::seal::{Place, Seal};

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// The customer has the link token and may be in Plaid Link.
    Open,
    /// The customer completed Plaid Link; Ratio has not confirmed yet.
    Connected,
    /// The bank is linked, or works again.
    Finished,
    /// The customer left Plaid Link.
    Left,
    /// Ratio refused.
    Failed,
}

impl State {
    fn read(text: &str) -> Self {
        match text {
            "open" => Self::Open,
            "connected" => Self::Connected,
            "finished" => Self::Finished,
            "left" => Self::Left,
            // The table's CHECK allows no other state.
            _ => Self::Failed,
        }
    }
}

/// One run through Plaid Link.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) id: String,
    pub(crate) customer_id: String,
    /// The bank that is being repaired; `None` when a new one is being linked.
    pub(crate) repairs_bank: Option<String>,
    pub(crate) state: State,
    /// The code of the reason why it was left or failed.
    pub(crate) reason: Option<String>,
}

const COLUMNS: &str = "id, customer_id, repairs_bank, state, reason";

impl Link {
    fn read(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            customer_id: row.try_get(1)?,
            repairs_bank: row.try_get(2)?,
            state: State::read(&row.try_get::<String, _>(3)?),
            reason: row.try_get(4)?,
        })
    }
}

/// The right to finish a run, for a limited time.
pub(crate) struct Claim {
    pub(crate) link: Link,
    /// The token to activate with; a repair has none.
    pub(crate) public_token: Option<String>,
    /// The number of claims, including this one. After the first, Ratio may know the token already.
    pub(crate) attempts: i64,
}

/// The table `links`.
#[derive(Clone)]
pub(crate) struct Links {
    pub(crate) database: Database,
    pub(crate) seal: Seal,
}

impl Links {
    /// Stores a run that is about to be handed to the customer.
    pub(crate) async fn begin(
        &self,
        customer_id: &str,
        repairs_bank: Option<&str>,
        in_flight: &[u8],
    ) -> Result<Link, Problem> {
        let link = Link {
            id: random::name(),
            customer_id: customer_id.to_owned(),
            repairs_bank: repairs_bank.map(str::to_owned),
            state: State::Open,
            reason: None,
        };
        let sealed = self.seal.close(in_flight_of(&link.id), in_flight);
        self.database
            .query(
                "INSERT INTO links (id, customer_id, repairs_bank, state, in_flight, begun_at)
                 VALUES ($1, $2, $3, 'open', $4, {now})",
            )
            .bind(link.id.clone())
            .bind(link.customer_id.clone())
            .bind(link.repairs_bank.clone())
            .bind(sealed)
            .execute(self.database.pool())
            .await?;
        Ok(link)
    }

    /// The customer's run with this id. Runs of other customers are not found.
    pub(crate) async fn find(&self, customer_id: &str, id: &str) -> Result<Link, Problem> {
        let found = self
            .database
            .query(&format!(
                "SELECT {COLUMNS} FROM links WHERE id = $1 AND customer_id = $2"
            ))
            .bind(id.to_owned())
            .bind(customer_id.to_owned())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or_else(|| Problem::not_found("there is no such link"))?;
        Ok(Link::read(&found)?)
    }

    /// The customer's latest run that has not ended, to which a bank's page returns.
    pub(crate) async fn latest_open(&self, customer_id: &str) -> Result<Option<Link>, Problem> {
        let found = self
            .database
            .query(&format!(
                "SELECT {COLUMNS} FROM links WHERE customer_id = $1 AND state = 'open'
                 ORDER BY begun_at DESC, {{row}} DESC LIMIT 1"
            ))
            .bind(customer_id.to_owned())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(found.as_ref().map(Link::read).transpose()?)
    }

    /// The id of the latest run of a Ratio user.
    pub(crate) async fn latest_of(&self, ratio_user_id: &str) -> Result<Option<String>, Problem> {
        let latest = self.database.query(
            "SELECT links.id FROM links JOIN customers ON customers.id = customer_id
             WHERE ratio_user_id = $1 ORDER BY begun_at DESC, links.{row} DESC LIMIT 1",
        );
        let latest = latest.bind(ratio_user_id.to_owned());
        Ok(self.database.ids(latest).await?.pop())
    }

    /// The bytes that [`begin`](Self::begin) received, until the run is over.
    pub(crate) async fn in_flight(&self, id: &str) -> Result<Option<Vec<u8>>, Problem> {
        let row = self
            .database
            .query("SELECT in_flight FROM links WHERE id = $1")
            .bind(id.to_owned())
            .fetch_one(self.database.pool())
            .await?;
        let sealed: Option<Vec<u8>> = row.try_get(0)?;
        let opened = sealed
            .map(|sealed| self.seal.open(in_flight_of(id), &sealed))
            .transpose()?;
        Ok(opened)
    }

    /// Records that the customer completed Plaid Link, before any other action. From here on, the run will be finished
    /// even if this process dies. Only the first success is kept.
    pub(crate) async fn connect(&self, id: &str, public_token: Option<&str>) -> Result<bool, Problem> {
        let sealed = public_token.map(|token| self.seal.close(public_token_of(id), token.as_bytes()));
        let connect = self.database.query(
            "UPDATE links SET state = 'connected', reason = NULL, public_token = $2
             WHERE id = $1 AND state IN ('open', 'left')",
        );
        Ok(self
            .database
            .change(connect.bind(id.to_owned()).bind(sealed))
            .await?)
    }

    /// Records that the customer left. After a success this changes nothing.
    pub(crate) async fn leave(&self, id: &str, reason: &str) -> Result<bool, Problem> {
        let leave = self
            .database
            .query("UPDATE links SET state = 'left', reason = $2 WHERE id = $1 AND state = 'open'")
            .bind(id.to_owned())
            .bind(reason.to_owned());
        Ok(self.database.change(leave).await?)
    }

    /// Claims a connected run that no replica is finishing, for `seconds`.
    pub(crate) async fn claim(&self, id: &str, seconds: i64) -> Result<Option<Claim>, Problem> {
        let claimed = self
            .database
            .query(&format!(
                "UPDATE links SET claimed_until = {{now}} + $2, attempts = attempts + 1
                 WHERE id = $1 AND state = 'connected' AND (claimed_until IS NULL OR claimed_until <= {{now}})
                 RETURNING {COLUMNS}, public_token, attempts"
            ))
            .bind(id.to_owned())
            .bind(seconds)
            .fetch_optional(self.database.pool())
            .await?;
        let Some(row) = claimed else {
            return Ok(None);
        };
        let (link, sealed) = (Link::read(&row)?, row.try_get::<Option<Vec<u8>>, _>(5)?);
        let public_token = sealed
            .map(|sealed| self.seal.open_text(public_token_of(id), &sealed))
            .transpose()?;
        Ok(Some(Claim {
            link,
            public_token,
            attempts: row.try_get(6)?,
        }))
    }

    /// Gives a claim back, so that this or another replica can try again. If the claim has expired and another replica
    /// has made its own, that one stays.
    pub(crate) async fn release(&self, claim: &Claim) -> Result<(), Problem> {
        let release = self
            .database
            .query("UPDATE links SET claimed_until = NULL WHERE id = $1 AND attempts = $2")
            .bind(claim.link.id.clone())
            .bind(claim.attempts);
        self.database.change(release).await?;
        Ok(())
    }

    /// Records that the bank is linked, which is so whoever found it out. The tokens have no use any more and are
    /// deleted.
    pub(crate) async fn finish(&self, id: &str) -> Result<bool, Problem> {
        let finish = self.database.query(
            "UPDATE links SET state = 'finished', reason = NULL, in_flight = NULL, public_token = NULL
             WHERE id = $1 AND state = 'connected'",
        );
        Ok(self.database.change(finish.bind(id.to_owned())).await?)
    }

    /// Records that Ratio refused permanently, unless the claim has expired and another replica has made its own: the
    /// refusal may be due to what that replica did.
    pub(crate) async fn fail(&self, claim: &Claim, reason: &str) -> Result<bool, Problem> {
        let fail = self
            .database
            .query(
                "UPDATE links SET state = 'failed', reason = $3, in_flight = NULL, public_token = NULL
                 WHERE id = $1 AND state = 'connected' AND attempts = $2",
            )
            .bind(claim.link.id.clone())
            .bind(claim.attempts)
            .bind(reason.to_owned());
        Ok(self.database.change(fail).await?)
    }

    /// Connected runs that no replica is finishing: of one customer, or those of all customers that began within a day.
    /// An older one waits for its customer's next visit, since only a new sign-in can help it.
    pub(crate) async fn unfinished(&self, customer_id: Option<&str>) -> Result<Vec<String>, Problem> {
        let unfinished = self.database.query(
            "SELECT id FROM links
             WHERE state = 'connected' AND (claimed_until IS NULL OR claimed_until <= {now})
               AND (customer_id = $1 OR CAST($1 AS TEXT) IS NULL AND begun_at > {now} - 86400)
             ORDER BY begun_at, id",
        );
        let unfinished = unfinished.bind(customer_id.map(str::to_owned));
        Ok(self.database.ids(unfinished).await?)
    }

    /// Whether a run of the customer waits for Ratio's confirmation.
    pub(crate) async fn is_confirming(&self, customer_id: &str) -> Result<bool, Problem> {
        let confirming = self
            .database
            .query("SELECT 1 FROM links WHERE customer_id = $1 AND state = 'connected' LIMIT 1")
            .bind(customer_id.to_owned())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(confirming.is_some())
    }

    /// The number of runs in each state.
    pub(crate) async fn counts(&self) -> Result<Vec<(String, i64)>, Problem> {
        let rows = self
            .database
            .query("SELECT state, count(*) FROM links GROUP BY state ORDER BY state")
            .fetch_all(self.database.pool())
            .await?;
        let counts: sqlx::Result<_> = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect();
        Ok(counts?)
    }
}

fn in_flight_of(id: &str) -> Place<'_> {
    Place {
        column: "links.in_flight",
        row: id,
    }
}

fn public_token_of(id: &str) -> Place<'_> {
    Place {
        column: "links.public_token",
        row: id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn links(scratch: &Scratch) -> Links {
        Links {
            database: scratch.database.clone(),
            seal: scratch.seal.clone(),
        }
    }

    #[tokio::test]
    async fn a_claim_that_has_expired_takes_nothing_from_the_next_one() {
        let scratch = Scratch::new().await;
        let (links, customer) = (links(&scratch), &scratch.customer_id);
        let link = links.begin(customer, None, b"in flight").await.unwrap();
        assert!(links.connect(&link.id, Some("token")).await.unwrap());

        let slow = links.claim(&link.id, 60).await.unwrap().unwrap();
        assert!(links.claim(&link.id, 60).await.unwrap().is_none());
        scratch.pass(61);
        let next = links.claim(&link.id, 60).await.unwrap().unwrap();
        links.release(&slow).await.unwrap();
        assert!(
            links.claim(&link.id, 60).await.unwrap().is_none(),
            "it is claimed"
        );
        assert!(!links.fail(&slow, "ALREADY_EXISTS_BANK").await.unwrap());
        links.release(&next).await.unwrap();
        let last = links.claim(&link.id, 60).await.unwrap().unwrap();
        assert!(links.fail(&last, "INVALID_PUBLIC_TOKEN").await.unwrap());
        assert!(!links.finish(&link.id).await.unwrap(), "it is over");
    }

    #[tokio::test]
    async fn a_run_that_is_a_day_old_waits_for_its_customer() {
        let scratch = Scratch::new().await;
        let (links, customer) = (links(&scratch), &scratch.customer_id);
        let link = links.begin(customer, None, b"in flight").await.unwrap();
        assert!(links.connect(&link.id, Some("token")).await.unwrap());
        let unfinished = async |of: Option<&str>| links.unfinished(of).await.unwrap().len();
        for (seconds, of_all) in [(86_000, 1), (500, 0)] {
            scratch.pass(seconds);
            assert_eq!(unfinished(None).await, of_all);
            assert_eq!(unfinished(Some(customer)).await, 1);
            assert_eq!(unfinished(Some("another")).await, 0);
        }
    }
}
