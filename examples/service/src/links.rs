//! Runs through Plaid Link: where each one stands, and who may move it on.
//!
//! ```text
//!   open ──▶ connected ──▶ finished      the customer linked (or repaired) a bank
//!    │  ▲        │
//!    ▼  │        └───────▶ failed        Ratio refused it for good
//!   left ──▶ connected                   they left after all; a success that comes late still counts
//! ```
//!
//! Every arrow is one `UPDATE` that names the state it leaves, so that of two replicas, two tabs or a
//! repeated message exactly one wins. A late exit finds no open run and changes nothing. What a replica
//! was doing when it died is picked up by another when its claim runs out.

use rusqlite::{OptionalExtension, Row, params};

use crate::clock::Clock;
use crate::database::Database;
use crate::problem::Problem;
use crate::random;
use crate::seal::{Place, Seal};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// The customer has the link token and may be in Plaid Link.
    Open,
    /// The customer is done in Plaid Link; Ratio has not confirmed yet.
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
            // The table's CHECK leaves only this one.
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
    /// Why it was left or failed, as a code.
    pub(crate) reason: Option<String>,
}

const COLUMNS: &str = "id, customer_id, repairs_bank, state, reason";

impl Link {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            customer_id: row.get(1)?,
            repairs_bank: row.get(2)?,
            state: State::read(row.get_ref(3)?.as_str()?),
            reason: row.get(4)?,
        })
    }
}

/// The right to finish a run, for a while.
pub(crate) struct Claim {
    pub(crate) link: Link,
    /// The token to activate with; a repair has none.
    pub(crate) public_token: Option<String>,
    /// How often it was claimed, this time included. After the first, Ratio may know the token already.
    pub(crate) attempts: i64,
}

/// The table `links`.
#[derive(Clone)]
pub(crate) struct Links {
    pub(crate) database: Database,
    pub(crate) seal: Seal,
    pub(crate) clock: Clock,
}

impl Links {
    /// Writes down a run that is about to be handed to the customer.
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
        let now = self.clock.seconds();
        let row = link.clone();
        self.database
            .run(move |connection| {
                connection.execute(
                    "INSERT INTO links (id, customer_id, repairs_bank, state, in_flight, begun_at)
                     VALUES (?1, ?2, ?3, 'open', ?4, ?5)",
                    params![row.id, row.customer_id, row.repairs_bank, sealed, now],
                )
            })
            .await?;
        Ok(link)
    }

    /// The customer's run with this id. Another customer's is not found.
    pub(crate) async fn find(&self, customer_id: &str, id: &str) -> Result<Link, Problem> {
        let (customer_id, id) = (customer_id.to_owned(), id.to_owned());
        self.database
            .run(move |connection| {
                connection
                    .query_row(
                        &format!("SELECT {COLUMNS} FROM links WHERE id = ?1 AND customer_id = ?2"),
                        [id, customer_id],
                        Link::read,
                    )
                    .optional()
            })
            .await?
            .ok_or_else(|| Problem::not_found("there is no such link"))
    }

    /// The run that the customer began last and has not ended: the one a bank's page comes back to.
    pub(crate) async fn latest_open(&self, customer_id: &str) -> Result<Option<Link>, Problem> {
        let customer_id = customer_id.to_owned();
        let found = self
            .database
            .run(move |connection| {
                connection
                    .query_row(
                        &format!(
                            "SELECT {COLUMNS} FROM links WHERE customer_id = ?1 AND state = 'open'
                             ORDER BY begun_at DESC, rowid DESC LIMIT 1"
                        ),
                        [customer_id],
                        Link::read,
                    )
                    .optional()
            })
            .await?;
        Ok(found)
    }

    /// What [`begin`](Self::begin) was given, until the run is over.
    pub(crate) async fn in_flight(&self, id: &str) -> Result<Option<Vec<u8>>, Problem> {
        let row = id.to_owned();
        let sealed: Option<Vec<u8>> = self
            .database
            .run(move |connection| {
                connection.query_row("SELECT in_flight FROM links WHERE id = ?1", [row], |row| {
                    row.get(0)
                })
            })
            .await?;
        let opened = sealed
            .map(|sealed| self.seal.open(in_flight_of(id), &sealed))
            .transpose()?;
        Ok(opened)
    }

    /// Records that the customer is done in Plaid Link, before anything is done about it: from here on
    /// the run gets finished whatever happens to this process. Only the first success is kept.
    pub(crate) async fn connect(&self, id: &str, public_token: Option<&str>) -> Result<bool, Problem> {
        let sealed = public_token.map(|token| self.seal.close(public_token_of(id), token.as_bytes()));
        self.change(
            "UPDATE links SET state = 'connected', reason = NULL, public_token = ?2
             WHERE id = ?1 AND state IN ('open', 'left')",
            id,
            sealed,
        )
        .await
    }

    /// Records that the customer left. After a success this changes nothing.
    pub(crate) async fn leave(&self, id: &str, reason: &str) -> Result<bool, Problem> {
        self.change(
            "UPDATE links SET state = 'left', reason = ?2 WHERE id = ?1 AND state = 'open'",
            id,
            reason.to_owned(),
        )
        .await
    }

    /// Claims a connected run that nobody is finishing, for `seconds`.
    pub(crate) async fn claim(&self, id: &str, seconds: i64) -> Result<Option<Claim>, Problem> {
        let now = self.clock.seconds();
        let row = id.to_owned();
        let claimed = self
            .database
            .run(move |connection| {
                connection
                    .query_row(
                        &format!(
                            "UPDATE links SET claimed_until = ?2, attempts = attempts + 1
                             WHERE id = ?1 AND state = 'connected'
                               AND (claimed_until IS NULL OR claimed_until <= ?3)
                             RETURNING {COLUMNS}, public_token, attempts"
                        ),
                        params![row, now + seconds, now],
                        |row| {
                            let sealed: Option<Vec<u8>> = row.get(5)?;
                            let attempts: i64 = row.get(6)?;
                            Ok((Link::read(row)?, sealed, attempts))
                        },
                    )
                    .optional()
            })
            .await?;
        let Some((link, sealed, attempts)) = claimed else {
            return Ok(None);
        };
        let public_token = sealed
            .map(|sealed| self.seal.open_text(public_token_of(id), &sealed))
            .transpose()?;
        Ok(Some(Claim {
            link,
            public_token,
            attempts,
        }))
    }

    /// Gives a claim back: somebody else, or we later, will try again.
    pub(crate) async fn release(&self, id: &str) -> Result<(), Problem> {
        self.change(
            "UPDATE links SET claimed_until = ?2 WHERE id = ?1",
            id,
            None::<i64>,
        )
        .await?;
        Ok(())
    }

    /// Records that the bank is linked. The tokens are worthless now and forgotten.
    pub(crate) async fn finish(&self, id: &str) -> Result<bool, Problem> {
        self.change(
            "UPDATE links SET state = 'finished', reason = ?2, in_flight = NULL, public_token = NULL
             WHERE id = ?1 AND state = 'connected'",
            id,
            None::<String>,
        )
        .await
    }

    /// Records that Ratio refused for good.
    pub(crate) async fn fail(&self, id: &str, reason: &str) -> Result<bool, Problem> {
        self.change(
            "UPDATE links SET state = 'failed', reason = ?2, in_flight = NULL, public_token = NULL
             WHERE id = ?1 AND state = 'connected'",
            id,
            reason.to_owned(),
        )
        .await
    }

    /// Connected runs that nobody is finishing; of one customer, or of all.
    pub(crate) async fn unfinished(&self, customer_id: Option<&str>) -> Result<Vec<String>, Problem> {
        let customer_id = customer_id.map(str::to_owned);
        let now = self.clock.seconds();
        let ids = self
            .database
            .run(move |connection| {
                connection
                    .prepare(
                        "SELECT id FROM links
                         WHERE state = 'connected' AND (claimed_until IS NULL OR claimed_until <= ?1)
                           AND (?2 IS NULL OR customer_id = ?2)
                         ORDER BY begun_at",
                    )?
                    .query_map(params![now, customer_id], |row| row.get(0))?
                    .collect()
            })
            .await?;
        Ok(ids)
    }

    /// Whether a run of the customer's waits for Ratio's word.
    pub(crate) async fn is_confirming(&self, customer_id: &str) -> Result<bool, Problem> {
        let customer_id = customer_id.to_owned();
        let confirming = self
            .database
            .run(move |connection| {
                connection.query_row(
                    "SELECT EXISTS (SELECT 1 FROM links WHERE customer_id = ?1 AND state = 'connected')",
                    [customer_id],
                    |row| row.get(0),
                )
            })
            .await?;
        Ok(confirming)
    }

    /// How many runs stand where.
    pub(crate) async fn counts(&self) -> Result<Vec<(String, i64)>, Problem> {
        let counts = self
            .database
            .run(|connection| {
                connection
                    .prepare("SELECT state, count(*) FROM links GROUP BY state ORDER BY state")?
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .await?;
        Ok(counts)
    }

    /// Runs an `UPDATE` of one row and says whether it found the row in the state it names.
    async fn change(
        &self,
        sql: &'static str,
        id: &str,
        value: impl rusqlite::ToSql + Send + 'static,
    ) -> Result<bool, Problem> {
        let id = id.to_owned();
        let changed = self
            .database
            .run(move |connection| connection.execute(sql, params![id, value]))
            .await?;
        Ok(changed == 1)
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
