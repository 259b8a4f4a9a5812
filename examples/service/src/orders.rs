//! Purchases: stored before they are sent, and sent at most once.
//!
//! ```text
//!   sending ──▶ accepted           Ratio took it
//!      │    ──▶ refused            Ratio refused it: no money moves
//!      ▼
//!   unclear ──▶ accepted           its item was found
//!           ──▶ absent             it was looked for long enough and is not there
//!
//!   absent  ──▶ accepted           Ratio's answer came after all, to a process that had been stopped meanwhile
//! ```
//!
//! The page generates the order's id when it shows the form, so a double click, a reload or a retrying app names the
//! same order. Only the process that inserts the row sends the order. Without a response, it is unknown whether the
//! money moves: the order is `unclear`, is searched for (see `settling.rs`), and is never sent again. Every arrow is
//! one `UPDATE` that names the state it leaves.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::database::Database;
use crate::problem::Problem;

/// Time after which a process that was sending counts as dead, with its outcome lost.
const SENDING_SECONDS: i64 = 5 * 60;
/// Time from a missing response to the first search for the order. Ratio normally has the order by then.
const FIRST_LOOK_SECONDS: i64 = 30;
/// Maximum number of searches for an order. Each pause is twice the one before, so the last search comes after an hour.
const MOST_LOOKS: i64 = 8;

/// Time after which the last search is made again, if it concluded nothing because its process died.
const LAST_LOOK_SECONDS: i64 = 5 * 60;

/// Tolerance for clocks that differ: an item that seems older than the order by up to this time may belong to it.
const CLOCKS_APART_SECONDS: i64 = 10 * 60;

/// The state of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Stored. The request is in progress, or its process died.
    Sending,
    /// Ratio accepted it.
    Accepted,
    /// Ratio refused it: no money moves.
    Refused,
    /// There was no response, so money may move.
    Unclear,
    /// There was no response, and Ratio's activity does not list the order an hour later. As far as is known, no money
    /// moves.
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
    /// The permanent id, chosen by the caller.
    pub(crate) id: String,
    pub(crate) customer_id: String,
    pub(crate) bank_id: String,
    pub(crate) wallet_id: String,
    /// Dollars, as a decimal number.
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) state: State,
    /// The code of the reason why it was refused or stays unclear. An unclear order without a code is still searched
    /// for.
    pub(crate) reason: Option<String>,
    /// Seconds since 1970 by the database's clock; 0 before it is stored.
    pub(crate) placed_at: i64,
}

/// The right to search for an unclear order once.
pub(crate) struct Look {
    pub(crate) order: Order,
    /// Whether this is the last search.
    pub(crate) is_last: bool,
}

const COLUMNS: &str = "id, customer_id, bank_id, wallet_id, amount, currency, state, reason, placed_at";

impl Order {
    fn read(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            customer_id: row.try_get(1)?,
            bank_id: row.try_get(2)?,
            wallet_id: row.try_get(3)?,
            amount: row.try_get(4)?,
            currency: row.try_get(5)?,
            state: match row.try_get::<String, _>(6)?.as_str() {
                "sending" => State::Sending,
                "accepted" => State::Accepted,
                "refused" => State::Refused,
                "absent" => State::Absent,
                // The table's CHECK allows no other state.
                _ => State::Unclear,
            },
            reason: row.try_get(7)?,
            placed_at: row.try_get(8)?,
        })
    }
}

/// The table `orders`.
#[derive(Clone)]
pub(crate) struct Orders {
    pub(crate) database: Database,
}

impl Orders {
    /// Stores an order. `true` means that it is new, and that only the caller sends it.
    pub(crate) async fn place(&self, order: &Order) -> Result<bool, Problem> {
        let place = self
            .database
            .query(&format!(
                "INSERT INTO orders (id, customer_id, bank_id, wallet_id, amount, currency, state, look_at, placed_at)
                 VALUES ($1, $2, $3, $4, $5, $6, 'sending', {{now}} + {SENDING_SECONDS}, {{now}})
                 ON CONFLICT (id) DO NOTHING"
            ))
            .bind(order.id.clone())
            .bind(order.customer_id.clone())
            .bind(order.bank_id.clone())
            .bind(order.wallet_id.clone())
            .bind(order.amount.clone())
            .bind(order.currency.clone());
        Ok(self.database.change(place).await?)
    }

    /// Records the outcome of sending the order, with the id of Ratio's item if there is one.
    ///
    /// Ratio's answer outweighs what searches concluded before it came: that the order is absent, or that its item
    /// belongs to an order that looks the same. That order is then searched for again.
    pub(crate) async fn answered(
        &self,
        id: &str,
        state: State,
        reason: Option<&str>,
        item_id: Option<&str>,
    ) -> Result<(), Problem> {
        let answered = || {
            self.database
                .query(&format!(
                    "UPDATE orders SET state = $2, reason = $3, item_id = $4, look_at = {{now}} + {FIRST_LOOK_SECONDS}
                     WHERE id = $1 AND (state IN ('sending', 'unclear') OR state = 'absent' AND $2 = 'accepted')"
                ))
                .bind(id.to_owned())
                .bind(state.name())
                .bind(reason.map(str::to_owned))
                .bind(item_id.map(str::to_owned))
        };
        match self.database.change(answered()).await {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                let take_back = self.database.query(&format!(
                    "UPDATE orders SET state = 'unclear', reason = NULL, item_id = NULL, looks = 0,
                                       look_at = {{now}} + {FIRST_LOOK_SECONDS}
                     WHERE item_id = $1"
                ));
                self.database
                    .change(take_back.bind(item_id.map(str::to_owned)))
                    .await?;
                self.database.change(answered()).await?;
            }
            changed => drop(changed?),
        }
        Ok(())
    }

    /// The ids of orders to search for now, of one customer or of all. They include orders whose process died while
    /// sending.
    pub(crate) async fn to_look_for(&self, customer_id: Option<&str>) -> Result<Vec<String>, Problem> {
        let to_look_for = self.database.query(
            "SELECT id FROM orders
             WHERE state IN ('sending', 'unclear') AND look_at <= {now}
               AND (CAST($1 AS TEXT) IS NULL OR customer_id = $1)
             ORDER BY look_at, id LIMIT 100",
        );
        let to_look_for = to_look_for.bind(customer_id.map(str::to_owned));
        Ok(self.database.ids(to_look_for).await?)
    }

    /// Takes the right to search for an order, unless another replica has taken it.
    pub(crate) async fn claim_look(&self, id: &str) -> Result<Option<Look>, Problem> {
        let claimed = self
            .database
            .query(&format!(
                "UPDATE orders
                 SET state = 'unclear',
                     looks = CASE WHEN looks < {MOST_LOOKS} THEN looks + 1 ELSE looks END,
                     look_at = {{now}} + CASE WHEN looks + 1 < {MOST_LOOKS}
                                             THEN {FIRST_LOOK_SECONDS} << CAST(looks AS INTEGER)
                                             ELSE {LAST_LOOK_SECONDS} END
                 WHERE id = $1 AND state IN ('sending', 'unclear') AND look_at <= {{now}}
                 RETURNING {COLUMNS}, looks"
            ))
            .bind(id.to_owned())
            .fetch_optional(self.database.pool())
            .await?;
        let Some(row) = claimed else {
            return Ok(None);
        };
        Ok(Some(Look {
            order: Order::read(&row)?,
            is_last: row.try_get::<i64, _>(9)? >= MOST_LOOKS,
        }))
    }

    /// Gives back a search that could not be made, until the customer signs in again.
    pub(crate) async fn put_off_look(&self, id: &str) -> Result<(), Problem> {
        let put_off = self
            .database
            .query("UPDATE orders SET looks = looks - 1, look_at = NULL WHERE id = $1 AND state = 'unclear'");
        self.database.change(put_off.bind(id.to_owned())).await?;
        Ok(())
    }

    /// Schedules the searches that were given back, since the customer has signed in.
    pub(crate) async fn take_up_looks(&self, customer_id: &str) -> Result<(), Problem> {
        let take_up = self.database.query(&format!(
            "UPDATE orders SET look_at = {{now}}
             WHERE customer_id = $1 AND state = 'unclear' AND look_at IS NULL AND looks < {MOST_LOOKS}"
        ));
        self.database.change(take_up.bind(customer_id.to_owned())).await?;
        Ok(())
    }

    /// The known items of the customer's orders.
    pub(crate) async fn items(&self, customer_id: &str) -> Result<Vec<String>, Problem> {
        let items = self
            .database
            .query("SELECT item_id FROM orders WHERE customer_id = $1 AND item_id IS NOT NULL");
        Ok(self.database.ids(items.bind(customer_id.to_owned())).await?)
    }

    /// Whether an item that looks like this order may belong to another order of the customer, of that time or later:
    /// one that Ratio accepted without naming its item, or one whose answer is still awaited.
    pub(crate) async fn has_rival(&self, order: &Order) -> Result<bool, Problem> {
        let rivals = self.database.query(&format!(
            "SELECT id FROM orders WHERE customer_id = $1 AND state IN ('accepted', 'sending') AND item_id IS NULL
             AND bank_id = $2 AND currency = $3 AND placed_at >= $4 - {CLOCKS_APART_SECONDS} LIMIT 1"
        ));
        let rivals = rivals
            .bind(order.customer_id.clone())
            .bind(order.bank_id.clone())
            .bind(order.currency.clone())
            .bind(order.placed_at);
        Ok(!self.database.ids(rivals).await?.is_empty())
    }

    /// Settles an unclear order by the item that was found. An item of another order settles nothing.
    pub(crate) async fn found(&self, id: &str, item_id: &str) -> Result<(), Problem> {
        let found = self
            .database
            .query(
                "UPDATE orders SET state = 'accepted', item_id = $2, reason = NULL, look_at = NULL
                 WHERE id = $1 AND state = 'unclear'",
            )
            .bind(id.to_owned())
            .bind(item_id.to_owned());
        match self.database.change(found).await {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(()),
            changed => Ok(changed.map(drop)?),
        }
    }

    /// Ends the search: the order is absent, or stays unclear for this reason.
    pub(crate) async fn stop_looking(&self, id: &str, state: State, reason: &str) -> Result<(), Problem> {
        let stop = self
            .database
            .query(
                "UPDATE orders SET state = $2, reason = $3, look_at = NULL WHERE id = $1 AND state = 'unclear'",
            )
            .bind(id.to_owned())
            .bind(state.name())
            .bind(reason.to_owned());
        self.database.change(stop).await?;
        Ok(())
    }

    /// The customer's order with this id. Orders of other customers are not found.
    pub(crate) async fn find(&self, customer_id: &str, id: &str) -> Result<Order, Problem> {
        let found = self
            .database
            .query(&format!(
                "SELECT {COLUMNS} FROM orders WHERE id = $1 AND customer_id = $2"
            ))
            .bind(id.to_owned())
            .bind(customer_id.to_owned())
            .fetch_optional(self.database.pool())
            .await?
            .ok_or_else(|| Problem::not_found("there is no such order"))?;
        Ok(Order::read(&found)?)
    }

    /// The customer's latest orders, newest first.
    pub(crate) async fn latest(&self, customer_id: &str) -> Result<Vec<Order>, Problem> {
        let rows = self
            .database
            .query(&format!(
                "SELECT {COLUMNS} FROM orders WHERE customer_id = $1
                 ORDER BY placed_at DESC, {{row}} DESC LIMIT 10"
            ))
            .bind(customer_id.to_owned())
            .fetch_all(self.database.pool())
            .await?;
        let orders: sqlx::Result<_> = rows.iter().map(Order::read).collect();
        Ok(orders?)
    }

    /// The number of orders in each state.
    pub(crate) async fn counts(&self) -> Result<Vec<(String, i64)>, Problem> {
        let rows = self
            .database
            .query("SELECT state, count(*) FROM orders GROUP BY state ORDER BY state")
            .fetch_all(self.database.pool())
            .await?;
        let counts: sqlx::Result<_> = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect();
        Ok(counts?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// These orders, which look the same and have no answer, of the customer.
    async fn unclear(scratch: &Scratch, ids: &[&str]) -> Orders {
        let orders = Orders {
            database: scratch.database.clone(),
        };
        for id in ids {
            let order = Order {
                id: (*id).to_owned(),
                customer_id: scratch.customer_id.clone(),
                bank_id: "bank".to_owned(),
                wallet_id: "wallet".to_owned(),
                amount: "25".to_owned(),
                currency: "ETH".to_owned(),
                state: State::Sending,
                reason: None,
                placed_at: 0,
            };
            assert!(orders.place(&order).await.unwrap());
            orders.answered(id, State::Unclear, None, None).await.unwrap();
        }
        orders
    }

    #[tokio::test]
    async fn an_answer_that_comes_late_outweighs_what_was_concluded_without_it() {
        let scratch = Scratch::new().await;
        let orders = unclear(&scratch, &["first", "second"]).await;
        let customer_id = &scratch.customer_id;
        // Ratio lists one item, which may be either's.
        orders.found("first", "item").await.unwrap();
        orders
            .stop_looking("second", State::Absent, "NOT_FOUND")
            .await
            .unwrap();
        orders
            .answered("second", State::Accepted, None, Some("item"))
            .await
            .unwrap();
        let state = async |id: &str| orders.find(customer_id, id).await.unwrap().state;
        assert_eq!(
            (state("first").await, state("second").await),
            (State::Unclear, State::Accepted)
        );
        assert_eq!(orders.items(customer_id).await.unwrap(), ["item"]);
        // An order that is settled stays so.
        orders
            .answered("second", State::Refused, None, None)
            .await
            .unwrap();
        assert_eq!(state("second").await, State::Accepted);
    }

    #[tokio::test]
    async fn the_last_search_is_made_again_if_its_process_dies() {
        let scratch = Scratch::new().await;
        let orders = unclear(&scratch, &["order"]).await;
        let customer_id = &scratch.customer_id;
        for search in 1..=MOST_LOOKS + 2 {
            scratch.pass(3 * 3600);
            let look = orders.claim_look("order").await.unwrap().unwrap();
            assert_eq!(look.is_last, search >= MOST_LOOKS, "{search}");
            assert!(
                orders.claim_look("order").await.unwrap().is_none(),
                "it is claimed"
            );
        }
        // It can still be put off and taken up.
        orders.put_off_look("order").await.unwrap();
        scratch.pass(3 * 3600);
        assert!(
            orders.claim_look("order").await.unwrap().is_none(),
            "it is put off"
        );
        orders.take_up_looks(customer_id).await.unwrap();
        assert!(orders.claim_look("order").await.unwrap().unwrap().is_last);
        orders
            .stop_looking("order", State::Absent, "NOT_FOUND")
            .await
            .unwrap();
        scratch.pass(3 * 3600);
        assert!(
            orders.claim_look("order").await.unwrap().is_none(),
            "it is settled"
        );
    }
}
