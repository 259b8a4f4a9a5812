//! Purchases: written down before they are sent, and sent at most once.
//!
//! The page makes up the order's id when it shows the form, so a double click, a reload or a retrying
//! app names the same order. Only who inserts the row sends it. When no answer came, nobody knows
//! whether the money moves: the order stays `unclear` until a person looks, and is never sent again.

use rusqlite::{OptionalExtension, Row, params};

use crate::clock::Clock;
use crate::database::Database;
use crate::problem::Problem;

/// After this long, whoever was sending is gone and took the outcome along.
const SENDING_SECONDS: i64 = 5 * 60;

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
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unclear => "unclear",
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
    /// Dollars, as a decimal number.
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) state: State,
    /// Why it was refused, as a code.
    pub(crate) reason: Option<String>,
}

const COLUMNS: &str = "id, customer_id, bank_id, amount, currency, state, reason";

impl Order {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            customer_id: row.get(1)?,
            bank_id: row.get(2)?,
            amount: row.get(3)?,
            currency: row.get(4)?,
            state: match row.get_ref(5)?.as_str()? {
                "sending" => State::Sending,
                "accepted" => State::Accepted,
                "refused" => State::Refused,
                // The table's CHECK leaves only this one.
                _ => State::Unclear,
            },
            reason: row.get(6)?,
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
                    "INSERT INTO orders (id, customer_id, bank_id, amount, currency, state, placed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, 'sending', ?6) ON CONFLICT (id) DO NOTHING",
                    params![
                        order.id,
                        order.customer_id,
                        order.bank_id,
                        order.amount,
                        order.currency,
                        now
                    ],
                )
            })
            .await?;
        Ok(inserted == 1)
    }

    /// Records how the one sending ended.
    pub(crate) async fn settle(&self, id: &str, state: State, reason: Option<&str>) -> Result<(), Problem> {
        let (id, reason) = (id.to_owned(), reason.map(str::to_owned));
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE orders SET state = ?2, reason = ?3 WHERE id = ?1 AND state IN ('sending', 'unclear')",
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
        let long_ago = self.clock.seconds() - SENDING_SECONDS;
        let orders = self
            .database
            .run(move |connection| {
                connection.execute(
                    "UPDATE orders SET state = 'unclear'
                     WHERE customer_id = ?1 AND state = 'sending' AND placed_at < ?2",
                    params![customer_id, long_ago],
                )?;
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
