//! Settles orders without a response. They are searched for in the customer's activity, and never sent again.
//!
//! Every search is claimed, so that only one replica makes it. An order is searched for 8 times within about an hour.
//! If it is found, it is accepted; if it is never found, it counts as absent. If more than one item may be the order, a
//! person has to decide. Among equal orders it does not matter which one an item settles, as long as it settles only
//! one.

use std::time::{Duration, UNIX_EPOCH};

use ratio_bank::{AchKind, AchOrder, ActivityId, FoundOrders, WalletId};

use crate::orders::{Look, Order, State};
use crate::problem::Problem;
use crate::ratio;
use crate::service::Service;

impl Service {
    /// Searches for the unclear orders that are due.
    pub async fn settle_unclear_orders(&self) {
        self.settle_unclear_orders_of(None).await;
    }

    pub(crate) async fn settle_unclear_orders_of(&self, customer_id: Option<&str>) {
        let ids = match self.orders().to_look_for(customer_id).await {
            Ok(ids) => ids,
            Err(problem) => {
                tracing::warn!(code = problem.code, "could not look for unclear orders");
                return;
            }
        };
        for id in ids {
            if let Err(problem) = self.settle(&id).await {
                tracing::warn!(code = problem.code, "an order is not settled yet");
            }
        }
    }

    /// Searches for one order, unless another replica does.
    async fn settle(&self, id: &str) -> Result<(), Problem> {
        let Some(look) = self.orders().claim_look(id).await? else {
            return Ok(());
        };
        let customer_id = &look.order.customer_id;
        let version = async || Ok::<_, Problem>(self.customers().with_token(customer_id).await?.1.version);
        let before = version().await;
        let found = match self.look(&look).await {
            Ok(found) => found,
            Err(problem) if problem.is_signed_out() => {
                self.orders().put_off_look(id).await?;
                // The customer may have signed in while Ratio refused the token before.
                if version().await? != before? {
                    self.orders().take_up_looks(customer_id).await?;
                }
                return Err(problem);
            }
            Err(problem) if look.is_last => {
                self.orders().stop_looking(id, State::Unclear, "NOT_SEEN").await?;
                return Err(problem);
            }
            // The next search was scheduled when this one was claimed.
            Err(problem) => return Err(problem),
        };
        if found.is_empty() {
            if look.is_last {
                self.orders().stop_looking(id, State::Absent, "NOT_FOUND").await?;
            }
        } else if let Some(item) = found.into_one().and_then(|item| item.id)
            && let Some(item_id) = ratio::item(&item)
            && !self.orders().has_rival(&look.order).await?
        {
            self.orders().found(id, item_id).await?;
        } else if look.is_last {
            self.orders()
                .stop_looking(id, State::Unclear, "AMBIGUOUS")
                .await?;
        }
        Ok(())
    }

    /// The items that may be the order, without the items of other orders.
    async fn look(&self, look: &Look) -> Result<FoundOrders, Problem> {
        let order = &look.order;
        let ach = ach(order)?;
        let placed_at = UNIX_EPOCH + Duration::from_secs(order.placed_at.unsigned_abs());
        let talk = self.talk_as(&order.customer_id).await?;
        let found = talk
            .session
            .find_order(&ratio::bank(&order.bank_id)?, &ach, placed_at)
            .await;
        let found = talk.end(found).await??;
        // This is read after the call to Ratio, so that an order that was answered meanwhile has its item.
        let known = self.orders().items(&order.customer_id).await?;
        let known: Vec<_> = known.into_iter().flat_map(ActivityId::new).collect();
        Ok(found.without(&known))
    }
}

/// The order as it was sent.
pub(crate) fn ach(order: &Order) -> Result<AchOrder, Problem> {
    let currency = order.currency.parse();
    Ok(AchOrder::new(
        order.amount.parse().map_err(Problem::bad_request)?,
        currency.map_err(|_| Problem::bad_request("this currency cannot be bought"))?,
        WalletId::new(order.wallet_id.as_str()).map_err(Problem::bad_request)?,
        AchKind::Standard,
    ))
}
