//! A user's activity, and the search for an order without a response.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::{self, Act, Server, bank, in_virtual_time};
use futures_util::TryStreamExt as _;
use ratio_bank::enums::ActivityStatus;
use ratio_bank::types::ActivityItem;
use ratio_bank::{
    AchKind, AchOrder, ActivityFilter, ActivityId, BankId, Client, Environment, Error, ErrorKind,
};
use ratio_bank::{Session, SessionToken, UserId, WalletId};
use ratio_sandbox::{Clock, Fault, Sandbox, operation};

/// The sandbox's time, which stands still.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(464_592 * 60 * 60)
}

/// A user of the sandbox whose bank is ready.
struct Buyer {
    sandbox: Sandbox,
    session: Session,
    bank: BankId,
    order: AchOrder,
}

impl Buyer {
    async fn new() -> Self {
        let clock = Clock::still_at("2023-01-01T00:00:00Z").unwrap();
        let sandbox = support::stand_in()
            .clock(clock)
            .settlement_delay(Duration::from_secs(60 * 60))
            .start()
            .await
            .unwrap();
        let user = sandbox.user();
        let session = Client::builder(Environment::at(sandbox.url()).unwrap())
            .client_id(sandbox.client_id())
            .client_secret(sandbox.client_secret())
            .max_attempts(1)
            .build()
            .unwrap()
            .session(
                UserId::new(user.id()).unwrap(),
                SessionToken::new(user.session_token()),
            );
        let bank = support::linked_bank(&session, &sandbox).await;
        sandbox.approve(bank.as_str()).unwrap();
        let mut order = support::order();
        order.wallet = WalletId::new(user.wallet_id()).unwrap();
        Self {
            sandbox,
            session,
            bank,
            order,
        }
    }

    async fn buy(&self, order: &AchOrder) -> ActivityId {
        let item = self.session.initiate_ach(&self.bank, order).await.unwrap();
        item.id.unwrap()
    }

    /// Places an order, and loses the response to `fault`.
    async fn buy_in_doubt(&self, order: &AchOrder, fault: Fault) -> Error {
        self.sandbox.inject(operation::INITIATE_ACH, fault).unwrap();
        let error = self.session.initiate_ach(&self.bank, order).await.unwrap_err();
        assert!(error.may_have_executed(), "{error}");
        error
    }

    fn cents(&self, cents: u64) -> AchOrder {
        let mut order = self.order.clone();
        order.amount = ratio_bank::FiatAmount::from_cents(cents).unwrap();
        order
    }
}

fn ids(items: &[ActivityItem]) -> Vec<ActivityId> {
    items.iter().map(|item| item.id.clone().unwrap()).collect()
}

#[tokio::test]
async fn an_activity_prints_how_far_it_was_read_and_not_whose_it_is() {
    let buyer = Buyer::new().await;
    let mut activity = buyer.session.activity(ActivityFilter::new());
    assert_eq!(format!("{activity:?}"), "Activity { pages_read: 0, .. }");
    activity.next_page().await.unwrap();
    assert_eq!(format!("{activity:?}"), "Activity { pages_read: 1, .. }");
}

#[tokio::test]
async fn activity_is_read_page_by_page_and_as_a_stream() {
    let buyer = Buyer::new().await;
    let mut bought = Vec::new();
    for cents in [2000, 2100, 2200] {
        bought.push(buyer.buy(&buyer.cents(cents)).await);
    }
    bought.reverse();
    for (size, pages) in [(1, 3), (2, 2), (3, 1), (100, 1)] {
        let before = buyer.sandbox.request_count(operation::LIST_ACTIVITY).unwrap();
        let filter = ActivityFilter::new().page_size(size);
        let read: Vec<_> = buyer
            .session
            .activity(filter)
            .into_pages()
            .try_concat()
            .await
            .unwrap();
        assert_eq!(ids(&read), bought);
        let after = buyer.sandbox.request_count(operation::LIST_ACTIVITY).unwrap();
        assert_eq!(after - before, pages);
    }
    let mut activity = buyer.session.activity(ActivityFilter::new());
    assert_eq!(activity.next_page().await.unwrap().unwrap().len(), 3);
    assert!(activity.next_page().await.unwrap().is_none());
    assert!(activity.next_page().await.unwrap().is_none());

    let one = buyer.session.activity_item(&bought[2], UNIX_EPOCH).await.unwrap();
    assert_eq!(one.unwrap().id, Some(bought[2].clone()));
    let none = ActivityId::new("nothing").unwrap();
    assert!(
        buyer
            .session
            .activity_item(&none, UNIX_EPOCH)
            .await
            .unwrap()
            .is_none()
    );
    assert!(buyer.sandbox.contract_violations().is_empty());
}

#[tokio::test]
async fn each_filter_is_asked_of_ratio() {
    let buyer = Buyer::new().await;
    buyer.buy(&buyer.cents(2000)).await;
    let hour = Duration::from_secs(60 * 60);
    let other = WalletId::new("other").unwrap();
    let filters = [
        (ActivityFilter::new().since(now()), 1),
        (ActivityFilter::new().since(now() + hour), 0),
        (ActivityFilter::new().until(now()), 1),
        (ActivityFilter::new().until(now() - hour), 0),
        (ActivityFilter::new().wallet(&buyer.order.wallet), 1),
        (ActivityFilter::new().wallet(&other), 0),
        (ActivityFilter::new().crypto_currency("ETH"), 1),
        (ActivityFilter::new().crypto_currency("BTC"), 0),
        (ActivityFilter::new().fiat_status(ActivityStatus::PENDING), 1),
        (ActivityFilter::new().fiat_status(ActivityStatus::COMPLETED), 0),
        (ActivityFilter::new().crypto_status(ActivityStatus::PENDING), 1),
        (ActivityFilter::new().crypto_status(ActivityStatus::COMPLETED), 0),
    ];
    for (at, (filter, found)) in filters.into_iter().enumerate() {
        let items: Vec<_> = buyer
            .session
            .activity(filter)
            .into_pages()
            .try_concat()
            .await
            .unwrap();
        assert_eq!(items.len(), found, "filter {at}");
    }
    let odd: WalletId = serde_json::from_str("\"../w\"").unwrap();
    let mut activity = buyer.session.activity(ActivityFilter::new().wallet(&odd));
    assert_eq!(
        activity.next_page().await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

#[tokio::test]
async fn an_order_without_an_answer_is_found_if_ratio_took_it() {
    let buyer = Buyer::new().await;
    for (cents, fault, taken) in [
        (2001, Fault::reset_after(), true),
        (2002, Fault::truncate(), true),
        (2003, Fault::reset_before(), false),
        (2004, Fault::status(503), false),
    ] {
        let order = buyer.cents(cents);
        let told = format!("{fault:?}");
        buyer.buy_in_doubt(&order, fault).await;
        let found = buyer
            .session
            .find_order(&buyer.bank, &order, now())
            .await
            .unwrap();
        assert_eq!(found.is_empty(), !taken, "{told}");
        assert_eq!(found.into_one().is_some(), taken, "{told}");
    }
    assert_eq!(
        buyer.sandbox.ledger().transfers().len(),
        2,
        "looking buys nothing"
    );
}

#[tokio::test]
async fn an_order_is_told_from_others_by_each_thing_that_it_says() {
    let buyer = Buyer::new().await;
    let order = buyer.cents(2000);
    buyer.buy(&order).await;
    let find = async |bank: &BankId, order: &AchOrder, since| {
        let found = buyer.session.find_order(bank, order, since).await.unwrap();
        assert!(found.possible.is_empty());
        found.same.len()
    };
    assert_eq!(find(&buyer.bank, &order, now()).await, 1);
    // Clocks may differ by five minutes, and no more.
    let minutes = |minutes: u64| now() + Duration::from_secs(minutes * 60);
    assert_eq!(find(&buyer.bank, &order, minutes(5)).await, 1);
    assert_eq!(find(&buyer.bank, &order, minutes(6)).await, 0);
    let other = BankId::new("other").unwrap();
    assert_eq!(find(&other, &order, now()).await, 0);
    let changes: [fn(&mut AchOrder); 4] = [
        |order| order.amount = ratio_bank::FiatAmount::from_cents(2001).unwrap(),
        |order| order.kind = AchKind::Instant,
        |order| order.currency = ratio_bank::CryptoCurrency::Matic,
        |order| order.wallet = WalletId::new("other").unwrap(),
    ];
    for change in changes {
        let mut other = order.clone();
        change(&mut other);
        assert_eq!(find(&buyer.bank, &other, now()).await, 0);
    }
}

#[tokio::test]
async fn of_two_orders_alike_the_known_one_is_left_out() {
    let buyer = Buyer::new().await;
    let order = buyer.cents(2000);
    let known = buyer.buy(&order).await;
    let find = async || {
        buyer
            .session
            .find_order(&buyer.bank, &order, now())
            .await
            .unwrap()
    };
    buyer.buy_in_doubt(&order, Fault::status(502)).await;
    assert!(find().await.without([&known]).is_empty());
    buyer.buy_in_doubt(&order, Fault::reset_after()).await;
    assert_eq!(find().await.same.len(), 2);
    assert!(find().await.into_one().is_none());
    let one = find().await.without([&known]).into_one().unwrap();
    assert_ne!(one.id, Some(known));
}

/// A page with these items that names a next page.
fn page(items: &str, next: &str) -> Act {
    Act::body(200, format!(r#"{{"items":[{items}],"nextPageToken":{next}}}"#))
}

async fn read(server: &Server, filter: ActivityFilter) -> (usize, Result<(), Error>) {
    let mut activity = server.session().activity(filter);
    let mut items = 0;
    loop {
        match activity.next_page().await {
            Ok(Some(page)) => items += page.len(),
            Ok(None) => return (items, Ok(())),
            Err(error) => return (items, Err(error)),
        }
    }
}

#[test]
fn pages_without_end_have_one() {
    in_virtual_time(async {
        let server = Server::start((0..50).map(|at| page("{}", &format!("\"{at}\"")))).await;
        let (items, end) = read(&server, ActivityFilter::new().max_pages(7)).await;
        let error = end.unwrap_err();
        assert_eq!((items, server.count()), (7, 7));
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::PageLimit, Some("list_activity"))
        );

        // A page is repeated, directly or after others.
        for tokens in [&["\"a\"", "\"a\""][..], &["\"a\"", "\"b\"", "\"c\"", "\"a\""]] {
            let server = Server::start(tokens.iter().map(|token| page("{}", token))).await;
            let (items, end) = read(&server, ActivityFilter::new()).await;
            assert_eq!((items, server.count()), (tokens.len(), tokens.len()));
            assert_eq!(end.unwrap_err().kind(), ErrorKind::Unreadable);
        }
        let server = Server::start([page("{}", "\"a\"")]).await;
        let (_, end) = read(&server, ActivityFilter::new().page_token("a")).await;
        assert_eq!(
            (end.unwrap_err().kind(), server.count()),
            (ErrorKind::Unreadable, 1)
        );
        let token = |length| format!("\"{}\"", "x".repeat(length));
        let server = Server::start([page("{}", &token(4096)), page("{}", &token(4097))]).await;
        let (items, end) = read(&server, ActivityFilter::new()).await;
        assert_eq!((items, server.count()), (2, 2));
        assert_eq!(end.unwrap_err().kind(), ErrorKind::Unreadable);

        let server = Server::start((0..200).map(|at| page("", &format!("\"{at}\"")))).await;
        let found = server
            .session()
            .find_order(&bank(), &support::order(), UNIX_EPOCH)
            .await;
        assert_eq!(
            (found.unwrap_err().kind(), server.count()),
            (ErrorKind::PageLimit, 100)
        );
    });
}

#[test]
fn what_names_no_page_is_the_end() {
    in_virtual_time(async {
        for next in ["null", "\"\""] {
            let server = Server::start([page("{},{}", next)]).await;
            let (items, end) = read(&server, ActivityFilter::new()).await;
            assert!(end.is_ok() && items == 2 && server.count() == 1, "{next}");
        }
    });
}

#[test]
fn a_page_is_read_again_after_what_passes_and_its_token_travels_as_it_is() {
    in_virtual_time(async {
        let odd = r#""a b&pageSize=9#/ä%""#;
        let script = [page("{}", odd), Act::status(500), Act::Close, page("{}", "null")];
        let server = Server::start(script).await;
        let (items, end) = read(&server, ActivityFilter::new()).await;
        assert!(end.is_ok() && items == 2, "{end:?}");
        let heads: Vec<_> = server.arrived().into_iter().map(|request| request.head).collect();
        assert!(
            heads[0].starts_with("GET /v1/users/u-1/activity HTTP/1.1"),
            "{}",
            heads[0]
        );
        let token = "pageToken=a+b%26pageSize%3D9%23%2F%C3%A4%25 HTTP/1.1";
        assert!(heads[1].contains(token), "{}", heads[1]);
        assert!(heads[1] == heads[2] && heads[2] == heads[3]);
    });
}

#[test]
fn a_page_that_cannot_be_read_hides_no_order() {
    in_virtual_time(async {
        for body in [
            "{}",
            "[]",
            "<html>",
            r#"{"items":[{"id":"i-1"},null]}"#,
            r#"{"items":["i-1"]}"#,
            r#"{"items":{"id":"i-1"}}"#,
            r#"{"items":[],"nextPageToken":{}}"#,
        ] {
            let server = Server::start([Act::body(200, body)]).await;
            let found = server
                .session()
                .find_order(&bank(), &support::order(), UNIX_EPOCH)
                .await;
            assert_eq!(found.unwrap_err().kind(), ErrorKind::Unreadable, "{body}");
        }
        // An item with almost no information may be the order.
        let server = Server::start([page(r#"{"id":"i-1"}"#, "null")]).await;
        let found = server
            .session()
            .find_order(&bank(), &support::order(), UNIX_EPOCH)
            .await
            .unwrap();
        assert!(found.same.is_empty() && found.possible.len() == 1);
        assert!(found.into_one().is_none());
    });
}

#[test]
fn an_order_is_found_among_items_that_are_not_as_declared() {
    in_virtual_time(async {
        let order = support::order();
        let item = |id: &str, wallet: &str| {
            format!(
                r#"{{"id":"{id}","createTime":"2023-01-01T00:00:00Z","fiat":{{"amount":{},"fundingMethod":"{}",
                    "bankAccount":{{"id":"{}"}}}},"crypto":{{"currency":"{}","wallet":{wallet}}}}}"#,
                order.amount,
                "ACH_ORIGINATED_STANDARD",
                bank().as_str(),
                order.currency,
            )
        };
        // Each document requires an address, and an amount is a number here.
        let wallet = |id: &str| {
            format!(r#"{{"id":"{id}","type":"SOLANA","network":"SOLANA","createTime":"t","updateTime":"t"}}"#)
        };
        let first = page(&item("i-1", &wallet("w-other")), r#""next""#);
        let second = page(&item("i-2", &wallet(order.wallet.as_str())), "null");
        let server = Server::start([first, second]).await;
        let found = server.session().find_order(&bank(), &order, UNIX_EPOCH).await;
        let found = found.unwrap().into_one().unwrap();
        assert_eq!(found.id, ActivityId::new("i-2").ok());
        assert!(found.crypto.unwrap().wallet.is_none(), "it is not as declared");
        assert_eq!(found.fiat.unwrap().dollars(), Some(order.amount));
        assert_eq!(server.count(), 2);
        // A caller who lists the activity receives the error.
        let server = Server::start([page(&item("i-1", &wallet("w-1")), "null")]).await;
        let listed = server.session().activity(ActivityFilter::new()).next_page().await;
        assert_eq!(listed.unwrap_err().kind(), ErrorKind::Unreadable);
    });
}

#[test]
fn an_order_that_two_pages_list_is_one_order() {
    in_virtual_time(async {
        let order = support::order();
        let item = format!(
            r#"{{"id":"i-1","createTime":"2023-01-01T00:00:00Z","fiat":{{"amount":"{}",
                "fundingMethod":"ACH_ORIGINATED_STANDARD","bankAccount":{{"id":"{}"}}}},
                "crypto":{{"currency":"{}","wallet":{{"id":"{}"}}}}}}"#,
            order.amount,
            bank().as_str(),
            order.currency,
            order.wallet.as_str(),
        );
        // A newer item arrived between the two requests, and moved this one to the second page.
        let server = Server::start([page(&item, r#""next""#), page(&item, "null")]).await;
        let found = server.session().find_order(&bank(), &order, UNIX_EPOCH).await;
        assert_eq!(found.unwrap().into_one().unwrap().id, ActivityId::new("i-1").ok());
        // Nobody can tell whether two items without an id are one.
        let nameless = item.replace(r#""id":"i-1","#, "");
        let server = Server::start([page(&nameless, r#""next""#), page(&nameless, "null")]).await;
        let found = server.session().find_order(&bank(), &order, UNIX_EPOCH).await;
        assert_eq!(found.unwrap().same.len(), 2);
    });
}

#[test]
fn a_stream_of_pages_ends_after_an_error() {
    in_virtual_time(async {
        let server = Server::start([page("{}", "\"a\""), Act::status(403)]).await;
        let pages = server.session().activity(ActivityFilter::new()).into_pages();
        let mut pages = std::pin::pin!(pages);
        assert_eq!(pages.try_next().await.unwrap().unwrap().len(), 1);
        assert_eq!(pages.try_next().await.unwrap_err().status(), Some(403));
        assert!(pages.try_next().await.unwrap().is_none());
        assert_eq!(server.count(), 2);
    });
}
