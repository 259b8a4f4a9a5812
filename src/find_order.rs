//! Finds out what happened to an order that has no response.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use crate::ach_order::{AchKind, AchOrder, CryptoCurrency, FiatAmount};
use crate::activity::ActivityFilter;
use crate::error::Error;
use crate::generated::enums::FundingMethod;
use crate::generated::types::ActivityItem;
use crate::id::{ActivityId, BankId};
use crate::session::Session;
use crate::timestamp;
use crate::told_item::ToldItem;

/// Maximum difference assumed between the local clock and Ratio's.
const CLOCKS_APART: Duration = Duration::from_secs(5 * 60);
/// Maximum number of pages read. Ratio accepts only a few orders per person and day, so a time window holds far fewer
/// items.
const MOST_PAGES: u32 = 100;

/// The items of a user's activity that may be an order; see [`Session::find_order`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FoundOrders {
    /// Items in which every compared detail is present and equal to the order's.
    pub same: Vec<ActivityItem>,
    /// Items in which some details are missing, and all present ones are equal to the order's. They may be the order.
    pub possible: Vec<ActivityItem>,
}

impl FoundOrders {
    /// Removes the items of orders whose ids are known.
    #[must_use]
    pub fn without<'a>(mut self, known: impl IntoIterator<Item = &'a ActivityId>) -> Self {
        let known: HashSet<_> = known.into_iter().collect();
        let is_new = |item: &ActivityItem| item.id.as_ref().is_none_or(|id| !known.contains(id));
        self.same.retain(is_new);
        self.possible.retain(is_new);
        self
    }

    /// Whether no item was found that may be the order.
    pub fn is_empty(&self) -> bool {
        self.same.is_empty() && self.possible.is_empty()
    }

    /// The order's item, if exactly one item is the [`same`](FoundOrders::same) and no item is only
    /// [`possible`](FoundOrders::possible).
    pub fn into_one(mut self) -> Option<ActivityItem> {
        if self.same.len() == 1 && self.possible.is_empty() {
            self.same.pop()
        } else {
            None
        }
    }
}

impl Session {
    /// Searches the user's activity for an order that was sent at `since` or later and has no response.
    ///
    /// The buyer cannot give an order an id, so it is recognized by its content. An item may be the order if it
    ///
    /// - was created at `since` or later, with a margin of 5 minutes for clocks that differ,
    /// - goes to the order's wallet (Ratio applies these two filters; the rest is compared here),
    /// - comes from `bank`,
    /// - has the order's amount in dollars, regardless of trailing zeros,
    /// - has the order's kind and currency.
    ///
    /// An item with a missing or unknown detail is [`possible`](FoundOrders::possible), not the
    /// [`same`](FoundOrders::same). Statuses are not compared, because an order that failed also counts. An item that
    /// does not conform to the pin is compared by the details that it has. It is returned as far as it can be read: for
    /// example, a wallet without its `network` is left out, although its id was compared.
    ///
    /// # Limits
    ///
    /// - **An empty result is not a refusal.** The order may still be on its way, or not be listed yet. Search again,
    ///   with growing pauses, and give up only after about an hour.
    /// - **Two orders with the same content look the same.** Exclude those whose ids are known
    ///   ([`FoundOrders::without`]): keep the id of each item that [`initiate_ach`](Self::initiate_ach) or
    ///   [`Error::activity_id`] returned. If two items are left, a person has to decide.
    /// - **An error says nothing about the order.**
    ///
    /// # Errors
    /// When Ratio refuses or cannot be reached, when a page cannot be read, or when there are more than 100 pages
    /// ([`ErrorKind::PageLimit`](crate::ErrorKind::PageLimit)); see [`Error`].
    ///
    /// ```no_run
    /// # use std::time::SystemTime;
    /// # use ratio_bank::{AchOrder, ActivityId, BankId, Session};
    /// # async fn f(session: Session, bank: BankId, order: AchOrder, now: SystemTime, known: Vec<ActivityId>)
    /// # -> Result<(), ratio_bank::Error> {
    /// // Written down before the order is sent: the order and the time.
    /// let since = now;
    /// match session.initiate_ach(&bank, &order).await {
    ///     Err(error) if error.may_have_executed() && error.activity_id().is_none() => {
    ///         // Now, and again later.
    ///         let found = session.find_order(&bank, &order, since).await?.without(&known);
    ///         if found.is_empty() {
    ///             println!("not there yet");
    ///         } else if let Some(item) = found.into_one() {
    ///             println!("bought, {:?}", item.fiat.and_then(|fiat| fiat.status));
    ///         } else {
    ///             println!("a person has to look");
    ///         }
    ///     }
    ///     answered => drop(answered?),
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn find_order(
        &self,
        bank: &BankId,
        order: &AchOrder,
        since: SystemTime,
    ) -> Result<FoundOrders, Error> {
        let since = since.checked_sub(CLOCKS_APART).unwrap_or(since);
        let filter = ActivityFilter::new()
            .since(since)
            .wallet(&order.wallet)
            .max_pages(MOST_PAGES);
        let mut activity = self.activity(filter);
        let mut found = FoundOrders::default();
        let mut seen = HashSet::new();
        while let Some(items) = activity.next_told_page().await? {
            for told in items {
                // An item that arrives between two requests moves the others, so a page may repeat some of them.
                if told.item.id.clone().is_some_and(|id| !seen.insert(id)) {
                    continue;
                }
                match compare(&told, bank, order, since) {
                    Some(true) => found.same.push(told.item),
                    None => found.possible.push(told.item),
                    Some(false) => {}
                }
            }
        }
        Ok(found)
    }
}

/// Whether an item is the order. `None` if a detail is missing and all others are equal.
fn compare(item: &ToldItem, bank: &BankId, order: &AchOrder, since: SystemTime) -> Option<bool> {
    let told = [
        item.text("/createTime")
            .and_then(|time| timestamp::parse(&time))
            .map(|time| time >= since),
        item.text("/crypto/wallet/id")
            .map(|id| id == order.wallet.as_str()),
        item.text("/crypto/currency")
            .and_then(|currency| currency.parse::<CryptoCurrency>().ok())
            .map(|currency| currency == order.currency),
        item.text("/fiat/bankAccount/id").map(|id| id == bank.as_str()),
        item.text("/fiat/amount")
            .and_then(|text| amount(&text))
            .map(|amount| amount == order.amount),
        item.text("/fiat/fundingMethod")
            .and_then(|method| is_kind(&FundingMethod::from(method), order.kind)),
    ];
    if told.contains(&Some(false)) {
        Some(false)
    } else {
        (!told.contains(&None)).then_some(true)
    }
}

/// Parses dollars regardless of trailing zeros: `49.5`, `49.50` and `49.5000` are the same amount.
fn amount(text: &str) -> Option<FiatAmount> {
    let text = text.trim();
    let text = if text.contains('.') {
        text.trim_end_matches('0')
    } else {
        text
    };
    text.strip_suffix('.').unwrap_or(text).parse().ok()
}

/// Whether a funding method is that of an order of this kind, or `None` for an unknown method.
fn is_kind(method: &FundingMethod, kind: AchKind) -> Option<bool> {
    let ordered = match kind {
        AchKind::Standard => FundingMethod::ACH_ORIGINATED_STANDARD,
        AchKind::Instant => FundingMethod::ACH_ORIGINATED_INSTANT,
    };
    method.is_known().then(|| *method == ordered)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::WalletId;
    use crate::told_item::ToldItems;

    fn order() -> AchOrder {
        AchOrder::new(
            "49.50".parse().unwrap(),
            CryptoCurrency::Eth,
            WalletId::new("w-1").unwrap(),
            AchKind::Standard,
        )
    }

    fn item() -> Value {
        json!({
            "id": "i-1",
            "createTime": "2022-11-30T00:00:00.000Z",
            "fiat": {
                "amount": "49.5", "fundingMethod": "ACH_ORIGINATED_STANDARD", "bankAccount": {"id": "b-1"},
                "status": "FAILED",
            },
            "crypto": {
                "currency": "ETH",
                "wallet": {"id": "w-1", "createTime": "t", "updateTime": "t", "address": "a", "network": "ETHEREUM"},
            },
        })
    }

    fn compared(item: &Value) -> Option<bool> {
        let page = json!({ "items": [item] });
        let item = &serde_json::from_value::<ToldItems>(page).unwrap().items[0];
        let since = humantime::parse_rfc3339("2022-11-30T00:00:00Z").unwrap();
        compare(item, &BankId::new("b-1").unwrap(), &order(), since)
    }

    #[test]
    fn an_item_is_the_order_if_it_tells_all_that_the_order_says() {
        assert_eq!(compared(&item()), Some(true));
        for (place, other, told) in [
            ("/createTime", json!("2022-11-29T23:59:59.999Z"), Some(false)),
            ("/createTime", json!("2022-11-30T00:00:01Z"), Some(true)),
            ("/createTime", json!("2022-11-30T00:00:00+00:00"), Some(true)),
            ("/createTime", json!("yesterday"), None),
            ("/createTime", Value::Null, None),
            ("/fiat/amount", json!("49.5000"), Some(true)),
            ("/fiat/amount", json!("49.51"), Some(false)),
            ("/fiat/amount", json!("495"), Some(false)),
            ("/fiat/amount", json!("49.505"), None),
            ("/fiat/amount", json!("$49.50"), None),
            ("/fiat/amount", Value::Null, None),
            (
                "/fiat/fundingMethod",
                json!("ACH_ORIGINATED_INSTANT"),
                Some(false),
            ),
            ("/fiat/fundingMethod", json!("ACH_RECEIVED"), Some(false)),
            ("/fiat/fundingMethod", json!("WIRE"), None),
            ("/fiat/bankAccount/id", json!("b-2"), Some(false)),
            ("/fiat/bankAccount", Value::Null, None),
            ("/fiat", Value::Null, None),
            ("/crypto/currency", json!("BTC"), Some(false)),
            // The pin declares any text, so a spelling that no order has says nothing.
            ("/crypto/currency", json!("Ether"), None),
            ("/crypto/currency", json!("eth"), None),
            ("/crypto/currency", Value::Null, None),
            ("/crypto/wallet/id", json!("w-2"), Some(false)),
            ("/crypto/wallet", Value::Null, None),
            ("/id", Value::Null, Some(true)),
            // These do not conform to the pin, but their meaning is plain.
            ("/fiat/amount", json!(49.5), Some(true)),
            ("/fiat/amount", json!(49), Some(false)),
            ("/fiat/amount", json!(["49.50"]), Some(true)),
            ("/fiat/amount", json!(["49.50", "49.50"]), None),
            ("/fiat/bankAccount", json!([{"id": "b-1"}]), Some(true)),
            ("/crypto/wallet", json!({"id": "w-1"}), Some(true)),
            ("/crypto/wallet", json!({"id": "w-2"}), Some(false)),
            ("/crypto/wallet", json!("w-1"), None),
            ("/crypto", json!(true), None),
        ] {
            let mut item = item();
            *item.pointer_mut(place).unwrap() = other.clone();
            assert_eq!(compared(&item), told, "{place} {other}");
        }
        // An item that differs in one detail is another order, even if other details are missing.
        assert_eq!(compared(&json!({"fiat": {"amount": "1"}})), Some(false));
        assert_eq!(compared(&json!({})), None);
    }

    #[test]
    fn an_amount_is_the_same_whatever_zeros_it_is_written_with() {
        for (text, cents) in [
            ("49.5", Some(4950)),
            ("49.50", Some(4950)),
            ("49.500000", Some(4950)),
            ("100", Some(10_000)),
            ("100.000", Some(10_000)),
            ("100.0", Some(10_000)),
            (" 1 ", Some(100)),
            ("49.501", None),
            ("0.000", None),
            ("1e2", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(amount(text).map(FiatAmount::cents), cents, "{text}");
        }
    }

    #[test]
    fn what_is_known_is_left_out_and_one_is_left_or_none() {
        let item = |id: &str| ActivityItem {
            id: Some(ActivityId::new(id).unwrap()),
            ..ActivityItem::default()
        };
        let found = FoundOrders {
            same: vec![item("a"), item("b")],
            possible: vec![item("c")],
        };
        let ids = ["a", "b", "c"].map(|id| ActivityId::new(id).unwrap());
        assert!(found.clone().into_one().is_none());
        assert!(
            found.clone().without(&ids[..1]).into_one().is_none(),
            "one more is possible"
        );
        let one = found.clone().without([&ids[0], &ids[2]]);
        assert_eq!(one.into_one().unwrap().id, Some(ids[1].clone()));
        assert!(
            found.clone().without(&ids[..2]).into_one().is_none(),
            "it is only possible"
        );
        assert!(found.without(&ids).is_empty());
    }
}
