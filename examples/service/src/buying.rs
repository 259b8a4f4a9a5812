//! Buying with a linked bank.

use std::time::Duration;

use axum::http::StatusCode;
use ratio_bank::AchOrder;

use crate::customers::Customer;
use crate::orders::{Order, State};
use crate::problem::{Problem, code_of};
use crate::random;
use crate::ratio;
use crate::service::Service;
use crate::settling;

/// Maximum pause between two attempts. An outcome that cannot be stored is retried for about half a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The fields of the order form.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wish {
    /// The permanent id of the order: 32 hex digits that the page or app generated.
    pub(crate) order_id: String,
    pub(crate) bank_id: String,
    /// Dollars, as a decimal number.
    pub(crate) amount: String,
    pub(crate) currency: String,
}

impl Service {
    /// Places an order once, however often it is requested, and returns its state.
    pub(crate) async fn buy(&self, customer: &Customer, wish: &Wish) -> Result<Order, Problem> {
        if !random::is_name(&wish.order_id) {
            return Err(Problem::bad_request("the order's id is not 32 hex digits"));
        }
        // An order that cannot be sent is refused before it is stored.
        let order = Order {
            id: wish.order_id.clone(),
            customer_id: customer.id.clone(),
            bank_id: wish.bank_id.clone(),
            wallet_id: customer.wallet_id.clone(),
            amount: wish.amount.clone(),
            currency: wish.currency.clone(),
            state: State::Sending,
            reason: None,
            placed_at: 0,
        };
        let ach = settling::ach(&order)?;
        ratio::bank(&wish.bank_id)?;
        if self.orders().place(&order).await? {
            let (service, ach) = (self.clone(), ach.clone());
            // Money is moving, so the outcome must be stored even if the app disconnects.
            let sending = self
                .tasks()
                .spawn(async move { service.send(&order, &ach).await });
            sending.await.expect("sending an order does not panic")?;
        } else {
            self.settle_unclear_orders_of(Some(&customer.id)).await;
        }
        let placed = self.orders().find(&customer.id, &wish.order_id).await?;
        let is_the_same = (&placed.bank_id, &placed.currency) == (&wish.bank_id, &wish.currency)
            && placed.amount.parse() == Ok(ach.amount);
        if is_the_same {
            Ok(placed)
        } else {
            // The response with the other order would look like a success of this one.
            Err(Problem::new(
                StatusCode::CONFLICT,
                "ORDER_ID_TAKEN",
                "this id names another order; make up a new one",
            ))
        }
    }

    /// Sends an order that was just stored. Called only once for each order.
    async fn send(&self, order: &Order, ach: &AchOrder) -> Result<(), Problem> {
        let talk = self.talk_as(&order.customer_id).await?;
        let sent = talk
            .session
            .initiate_ach(&ratio::bank(&order.bank_id)?, ach)
            .await;
        let item_id = match &sent {
            Ok(item) => item.id.as_ref(),
            // Ratio accepted it, but little else of its response arrived.
            Err(error) => error.activity_id(),
        };
        let (state, reason) = match &sent {
            Ok(_) => (State::Accepted, None),
            Err(_) if item_id.is_some() => (State::Accepted, None),
            Err(error) if error.may_have_executed() => (State::Unclear, None),
            Err(error) => (State::Refused, code_of(error)),
        };
        // This comes before anything else can fail.
        let item_id = item_id.and_then(ratio::item);
        self.write_down(&order.id, state, reason, item_id).await?;
        let _ = talk.end(sent).await?;
        Ok(())
    }

    /// Stores an outcome, with retries if the database is unavailable, since a lost outcome has to be searched for.
    async fn write_down(
        &self,
        id: &str,
        state: State,
        reason: Option<&str>,
        item_id: Option<&str>,
    ) -> Result<(), Problem> {
        let mut pause = Duration::from_millis(100);
        loop {
            match self.orders().answered(id, state, reason, item_id).await {
                Err(problem) if problem.is_passing_by() && pause < LONGEST_PAUSE => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                written => return written,
            }
        }
    }
}
