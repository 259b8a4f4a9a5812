//! The fake: it replaces the server, and everything above the wire is as in production.

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ratio_bank::test_util::{ErrorBuilder, Fake, Reply};
use ratio_bank::types::{ActivityItem, ActivityItems, InitiateAchResponse};
use ratio_bank::{
    AchKind, AchOrder, ActivityFilter, ActivityId, BankId, CryptoCurrency, DriftKind, ErrorKind, FiatAmount,
};
use ratio_bank::{PublicToken, SessionToken, WalletId};

fn bank() -> BankId {
    BankId::new("b-1").unwrap()
}

fn order() -> AchOrder {
    let (dollars, wallet) = (FiatAmount::from_cents(4999), WalletId::new("w-1"));
    AchOrder::new(
        dollars.unwrap(),
        CryptoCurrency::Eth,
        wallet.unwrap(),
        AchKind::Standard,
    )
}

#[tokio::test]
async fn an_order_is_made_once_whatever_the_fake_does() {
    for (reply, kind, may_have_executed) in [
        (Reply::timeout(), ErrorKind::Timeout, true),
        (Reply::connection_lost(), ErrorKind::ConnectionLost, true),
        (Reply::answer(503, ""), ErrorKind::Status, true),
        (Reply::answer(202, "no JSON"), ErrorKind::Unreadable, true),
        (Reply::refused(400, "PLAID_LOGIN_ERROR"), ErrorKind::Status, false),
    ] {
        let fake = Fake::new();
        fake.reply("initiate_ach", reply);
        let error = fake.session().initiate_ach(&bank(), &order()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.may_have_executed()),
            (kind, may_have_executed)
        );
        assert_eq!(fake.calls(), ["initiate_ach"], "{kind:?}");
        assert_eq!(error.is_login_required(), error.code().is_some());
    }
    let fake = Fake::new();
    let mut made = InitiateAchResponse::default();
    made.activity_item = Some(ActivityItem::default());
    fake.reply("initiate_ach", Reply::no_connection());
    fake.reply("initiate_ach", Reply::refused(429, "LIMIT"));
    fake.reply("initiate_ach", Reply::ok(&made));
    fake.session().initiate_ach(&bank(), &order()).await.unwrap();
    assert_eq!(
        fake.calls().len(),
        3,
        "what was certainly not carried out is sent again"
    );
}

#[tokio::test]
async fn replies_go_to_their_operations_in_order() {
    let fake = Fake::new();
    let page = |next: Option<&str>| {
        let mut page = ActivityItems::new(vec![ActivityItem::default()]);
        page.next_page_token = next.map(str::to_owned);
        Reply::ok(&page)
    };
    fake.reply("list_activity", page(Some("2")));
    fake.reply("delete_bank", Reply::answer(204, ""));
    fake.reply("list_activity", page(None));
    let session = fake.session();
    let mut activity = session.activity(ActivityFilter::new());
    let mut items = 0;
    while let Some(page) = activity.next_page().await.unwrap() {
        items += page.len();
    }
    session.delete_bank(&bank()).await.unwrap();
    assert_eq!(items, 2);
    assert_eq!(fake.calls(), ["list_activity", "list_activity", "delete_bank"]);
}

#[tokio::test(start_paused = true)]
async fn headers_are_read_as_any_answers_are() {
    let fake = Fake::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let client = fake
        .client()
        .on_session_refresh(move |_, token| hear.lock().unwrap().push(token.reveal().to_owned()))
        .build()
        .unwrap();
    let session = client.session_with(fake.session().token_store().clone());
    let busy = Reply::refused(429, "LIMIT").header("retry-after", "7");
    fake.reply("request_bank_link", busy);
    let answer = Reply::answer(200, r#"{"linkToken":"link-1"}"#);
    fake.reply(
        "request_bank_link",
        answer.header("ratio-authentication-refresh", "new"),
    );
    let began = tokio::time::Instant::now();
    let link = session.request_bank_link().await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(7));
    assert_eq!(link.token(), "link-1");
    assert_eq!(*heard.lock().unwrap(), ["new"]);
}

#[tokio::test]
#[should_panic(expected = "no reply left to `activate_bank_link`")]
async fn a_request_that_the_test_did_not_expect_is_told() {
    let _ = Fake::new()
        .session()
        .activate_bank_link(PublicToken::new("p"))
        .await;
}

#[test]
#[should_panic(expected = "`buy` is no operation; there are")]
fn a_reply_to_nothing_is_told() {
    Fake::new().reply("buy", Reply::timeout());
}

#[test]
fn an_error_is_made_of_all_that_a_caller_may_ask_of_one() {
    let error = ErrorBuilder::new(ErrorKind::Status)
        .operation("initiate_ach")
        .answered(503, Some("SOME_CODE"))
        .retry_after(Duration::from_secs(3))
        .may_have_executed()
        .activity_id(ActivityId::new("i-1").unwrap())
        .build();
    assert_eq!(error.operation(), Some("initiate_ach"));
    assert_eq!((error.status(), error.code()), (Some(503), Some("SOME_CODE")));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert!(error.may_have_executed());
    assert_eq!(error.activity_id(), ActivityId::new("i-1").ok().as_ref());
    let error = ErrorBuilder::new(ErrorKind::Unreadable).bank_id(bank()).build();
    assert_eq!(error.bank_id(), Some(&bank()));
    let mut account = ratio_bank::types::BankAccount::default();
    account.link_status = Some(ratio_bank::enums::LinkStatus::LOGIN_REQUIRED);
    let error = ErrorBuilder::new(ErrorKind::NotReady)
        .last_account(account)
        .build();
    assert!(error.is_login_required());
}

#[test]
fn what_a_status_means_is_asked_by_name() {
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
        let error = ErrorBuilder::new(ErrorKind::Status)
            .answered(status, None)
            .build();
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.is_unauthorized(), status == 401, "{status}");
        assert_eq!(error.is_rate_limited(), status == 429, "{status}");
        assert!(!error.is_already_linked(), "no operation is told");
        let linking = ErrorBuilder::new(ErrorKind::Status)
            .operation("activate_bank_link")
            .answered(status, None)
            .build();
        assert_eq!(linking.is_already_linked(), status == 409, "{status}");
    }
}

#[test]
fn kinds_of_drift_have_names_for_a_metric() {
    let names = [
        (DriftKind::UnknownField, "unknown-field"),
        (DriftKind::UnknownValue, "unknown-value"),
        (DriftKind::UndeclaredStatus, "undeclared-status"),
        (DriftKind::UnreadableBody, "unreadable-body"),
        (DriftKind::UnusableToken, "unusable-token"),
    ];
    for (kind, name) in names {
        assert_eq!(kind.to_string(), name);
    }
}

#[test]
fn a_tokens_end_is_read_from_its_own_claim_and_not_made_up() {
    let token = |claims: &str| {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
        SessionToken::new(format!("eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJl"))
    };
    let at = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
    for (claims, end) in [
        (r#"{"exp":1700000300}"#, at(1_700_000_300)),
        (r#"{"exp":0}"#, at(0)),
        (r#"{"exp":-1}"#, None),
        (r#"{"exp":"1700000300"}"#, None),
        (r#"{"exp":1e400}"#, None),
        (r#"{"exp":18446744073709551615}"#, None),
        (r#"{"iat":1700000300}"#, None),
        ("[]", None),
        ("", None),
    ] {
        assert_eq!(token(claims).expires_at(), end, "{claims}");
    }
    for opaque in ["", "opaque", "a.b", "a.b.c", "a.b.c.d", "..", "\u{0}.\u{0}.\u{0}"] {
        assert_eq!(SessionToken::new(opaque).expires_at(), None, "{opaque:?}");
    }
}
