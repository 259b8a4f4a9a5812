//! Purchases: written down before they are sent, and sent at most once.
//!
//! ```text
//!   sending ──▶ accepted           Ratio took it
//!      │    ──▶ refused            Ratio refused it: no money moves
//!      ▼
//!   unclear ──▶ accepted           its item was found
//!           ──▶ absent             it was looked for long enough and is not there
//! ```
//!
//! The page makes up the order's id when it shows the form, so a double click, a reload or a retrying
//! app names the same order. Only who inserts the row sends it. When no answer came, nobody knows
//! whether the money moves: the order is `unclear`, is looked for (see `settling.rs`), and is never
//! sent again. Every arrow is one `UPDATE` that names the state it leaves.

use rusqlite::{OptionalExtension, Row, params};

use crate::clock::Clock;
use crate::database::Database;
use crate::problem::Problem;

/// After this long, whoever was sending is gone and took the outcome along.
const SENDING_SECONDS: i64 = 5 * 60;
/// From an answer that did not come to the first look for the order: by then Ratio has it, or is late.
const FIRST_LOOK_SECONDS: i64 = 30;
/// How often an order is looked for. Each pause is twice the one before, so that the last look comes after an hour.
const MOST_LOOKS: i64 = 8;

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Written down; the request is on its way, or its process died with it.
    Sending,
    /// Ratio took it.
    Accepted,
    /// Ratio refused it: no money moves.
    Refused,
    /// No answer came: money may move.
    Unclear,
    /// No answer came, and Ratio's activity does not have it an hour later: as far as can be told, no money moves.
    Absent,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unclear => "unclear",
            Self::Absent => "absent",
        }
    }
}

/// One purchase.
#[derive(Clone)]
pub(crate) struct Order {
    /// Chosen by whoever asks for it; names it for good.
    pub(crate) id: String,
    pub(crate) customer_id: String,
    pub(crate) bank_id: String,
    pub(crate) wallet_id: String,
    /// Dollars, as a decimal number.
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) state: State,
    /// Why it was refused or stays unclear, as a code.
    pub(crate) reason: Option<String>,
}

/// The right to look for an unclear order once.
pub(crate) struct Look {
    pub(crate) order: Order,
    /// Seconds since 1970.
    pub(crate) placed_at: i64,
    /// Whether nobody looks again after this.
    pub(crate) is_last: bool,
}

const COLUMNS: &str = "id, customer_id, bank_id, wallet_id, amount, currency, state, reason";

impl Order {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            customer_id: row.get(1)?,
            bank_id: row.get(2)?,
            wallet_id: row.get(3)?,
            amount: row.get(4)?,
            currency: row.get(5)?,
            state: match row.get_ref(6)?.as_str()? {
                "sending" => State::Sending,
                "accepted" => State::Accepted,
                "refused" => State::Refused,
                "absent" => State::Absent,
                // The table's CHECK leaves only this one.
                _ => State::Unclear,
            },
            reason: row.get(7)?,
        })
    }
}

/// The table `orders`.
#[derive(Clone)]
pub(crate) struct Orders {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
}

impl Orders {
    /// Writes an order down. `true` means that it is new and that the caller, and nobody else, sends it.
    pub(crate) async fn place(&self, order: &Order) -> Result<bool, Problem> {
        let order = order.clone();
        let now = self.clock.seconds();
        let inserted = self
            .database
            .run(move |connection| {
                connection.execute(
                    "INSERT INTO orders (id, customer_id, bank_id, wallet_id, amount, currency, state, look_at, placed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'sending', ?7 + ?8, ?7) ON CONFLICT (id) DO NOTHING",
                    params![
                        order.id,
                        order.customer_id,
                        order.bank_id,
                        order.wallet_id,
                        order.amount,
                        order.currency,
                        now,
                        SENDING_SECONDS
                    ],
                )
            })
            .await?;
        Ok(inserted == 1)
    }

    /// Records how the one sending ended, with the id of Ratio's item if there is one.
    pub(crate) async fn answered(
        &self,
        id: &str,
        state: State,
        reason: Option<&str>,
        item_id: Option<&str>,
    ) -> Result<(), Problem> {
        let (id, reason) = (id.to_owned(), reason.map(str::to_owned));
        let item_id = item_id.map(str::to_owned);
        let look_at = self.clock.seconds() + FIRST_LOOK_SECONDS;
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE orders SET state = ?2, reason = ?3, item_id = ?4, look_at = ?5
                     WHERE id = ?1 AND state IN ('sending', 'unclear')",
                    params![id, state.name(), reason, item_id, look_at],
                )
            })
            .await?;
        Ok(())
    }

    /// The ids of orders that are to be looked for now: a customer's, or everybody's. One that was being sent when its
    /// process died is among them.
    pub(crate) async fn to_look_for(&self, customer_id: Option<&str>) -> Result<Vec<String>, Problem> {
        let customer_id = customer_id.map(str::to_owned);
        let now = self.clock.seconds();
        let ids = self
            .database
            .run(move |connection| {
                connection
                    .prepare(
                        "SELECT id FROM orders
                         WHERE state IN ('sending', 'unclear') AND look_at <= ?1
                           AND (?2 IS NULL OR customer_id = ?2)
                         ORDER BY look_at LIMIT 100",
                    )?
                    .query_map(params![now, customer_id], |row| row.get(0))?
                    .collect()
            })
            .await?;
        Ok(ids)
    }

    /// Takes the right to look for an order, unless another replica has taken it.
    pub(crate) async fn claim_look(&self, id: &str) -> Result<Option<Look>, Problem> {
        let id = id.to_owned();
        let now = self.clock.seconds();
        let look = self
            .database
            .run(move |connection| {
                connection
                    .query_row(
                        &format!(
                            "UPDATE orders
                             SET state = 'unclear', looks = looks + 1,
                                 look_at = CASE WHEN looks + 1 < ?3 THEN ?2 + (?4 << looks) END
                             WHERE id = ?1 AND state IN ('sending', 'unclear') AND look_at <= ?2
                             RETURNING {COLUMNS}, placed_at, looks"
                        ),
                        params![id, now, MOST_LOOKS, FIRST_LOOK_SECONDS],
                        |row| {
                            Ok(Look {
                                order: Order::read(row)?,
                                placed_at: row.get(8)?,
                                is_last: row.get::<_, i64>(9)? >= MOST_LOOKS,
                            })
                        },
                    )
                    .optional()
            })
            .await?;
        Ok(look)
    }

    /// Gives a look back that could not be made, until the customer signs in again.
    pub(crate) async fn put_off_look(&self, id: &str) -> Result<(), Problem> {
        let id = id.to_owned();
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE orders SET looks = looks - 1, look_at = NULL WHERE id = ?1 AND state = 'unclear'",
                    [id],
                )
            })
            .await?;
        Ok(())
    }

    /// Looks that were put off can be made: the customer has signed in.
    pub(crate) async fn take_up_looks(&self, customer_id: &str) -> Result<(), Problem> {
        let customer_id = customer_id.to_owned();
        let now = self.clock.seconds();
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE orders SET look_at = ?2
                     WHERE customer_id = ?1 AND state = 'unclear' AND look_at IS NULL AND looks < ?3",
                    params![customer_id, now, MOST_LOOKS],
                )
            })
            .await?;
        Ok(())
    }

    /// The items of the customer's orders that are known.
    pub(crate) async fn items(&self, customer_id: &str) -> Result<Vec<String>, Problem> {
        let customer_id = customer_id.to_owned();
        let items = self
            .database
            .run(move |connection| {
                connection
                    .prepare("SELECT item_id FROM orders WHERE customer_id = ?1 AND item_id IS NOT NULL")?
                    .query_map([customer_id], |row| row.get(0))?
                    .collect()
            })
            .await?;
        Ok(items)
    }

    /// Settles an unclear order by the item that was found. An item that another order has settles nothing.
    pub(crate) async fn found(&self, id: &str, item_id: &str) -> Result<(), Problem> {
        let (id, item_id) = (id.to_owned(), item_id.to_owned());
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE OR IGNORE orders SET state = 'accepted', item_id = ?2, reason = NULL, look_at = NULL
                     WHERE id = ?1 AND state = 'unclear'",
                    [id, item_id],
                )
            })
            .await?;
        Ok(())
    }

    /// Ends the looking: the order is not there, or stays unclear for this reason.
    pub(crate) async fn stop_looking(&self, id: &str, state: State, reason: &str) -> Result<(), Problem> {
        let (id, reason) = (id.to_owned(), reason.to_owned());
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE orders SET state = ?2, reason = ?3, look_at = NULL WHERE id = ?1 AND state = 'unclear'",
                    params![id, state.name(), reason],
                )
            })
            .await?;
        Ok(())
    }

    /// The customer's order with this id. Another customer's is not found.
    pub(crate) async fn find(&self, customer_id: &str, id: &str) -> Result<Order, Problem> {
        let (customer_id, id) = (customer_id.to_owned(), id.to_owned());
        self.database
            .run(move |connection| {
                connection
                    .query_row(
                        &format!("SELECT {COLUMNS} FROM orders WHERE id = ?1 AND customer_id = ?2"),
                        [id, customer_id],
                        Order::read,
                    )
                    .optional()
            })
            .await?
            .ok_or_else(|| Problem::not_found("there is no such order"))
    }

    /// The customer's latest orders, newest first.
    pub(crate) async fn latest(&self, customer_id: &str) -> Result<Vec<Order>, Problem> {
        let customer_id = customer_id.to_owned();
        let orders = self
            .database
            .run(move |connection| {
                connection
                    .prepare(&format!(
                        "SELECT {COLUMNS} FROM orders WHERE customer_id = ?1
                         ORDER BY placed_at DESC, rowid DESC LIMIT 10"
                    ))?
                    .query_map([customer_id], Order::read)?
                    .collect()
            })
            .await?;
        Ok(orders)
    }
}
