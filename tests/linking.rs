//! The complete flow of a link, against a stand-in for Ratio and Plaid.

use crate::support;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use ratio_bank::plaid::Navigation;
use ratio_bank::{
    Client, Environment, ErrorKind, LinkKind, LinkRecord, LinkToken, Polling, PublicToken, Session,
};
use ratio_bank::{SessionToken, UserId, WalletId};
use ratio_sandbox::{Clock, Document, Persona, Rotation, Sandbox, User, operation};
use serde_json::{Value, json};

fn at_once() -> Polling {
    Polling::default().attempts(3).interval(Duration::ZERO)
}

fn client(sandbox: &Sandbox) -> Client {
    Client::builder(Environment::at(sandbox.url()).unwrap())
        .client_id(sandbox.client_id())
        .client_secret(sandbox.client_secret())
        .build()
        .unwrap()
}

fn session(sandbox: &Sandbox, user: &User) -> Session {
    client(sandbox).session(
        UserId::new(user.id()).unwrap(),
        SessionToken::new(user.session_token()),
    )
}

/// The navigation of a webview when the person is done.
fn connected(public_token: &str) -> Navigation {
    Navigation::parse(&format!("plaidlink://connected?public_token={public_token}")).unwrap()
}

#[tokio::test]
async fn a_bank_is_linked_broken_relinked_paid_from_and_deleted() {
    let sandbox = support::stand_in().start().await.unwrap();
    let user = sandbox.user();
    let session = session(&sandbox, &user);

    let link = session.request_bank_link().await.unwrap();
    assert_eq!(link.kind(), LinkKind::New);
    assert!(link.webview_url().reveal().contains("isWebview=true"));
    let Navigation::Connected(success) = connected(&sandbox.plaid().complete(link.token()).unwrap()) else {
        panic!("a success");
    };
    let bank = session.activate_bank_link(success).await.unwrap().id.unwrap();
    session.wait_for_bank(&bank, at_once()).await.unwrap();

    let mut order = support::order();
    order.wallet = WalletId::new(user.wallet_id()).unwrap();
    session.initiate_ach(&bank, &order).await.unwrap();

    sandbox.break_link(bank.as_str()).unwrap();
    assert!(
        session
            .initiate_ach(&bank, &order)
            .await
            .unwrap_err()
            .is_login_required()
    );
    let link = session.request_bank_relink(&bank).await.unwrap();
    assert_eq!(link.kind(), LinkKind::Relink);
    let public_token = sandbox.plaid().complete(link.token()).unwrap();
    let activations = sandbox.request_count(operation::ACTIVATE_BANK_LINK).unwrap();
    session
        .finish_bank_link(link.record(), PublicToken::new(public_token))
        .await
        .unwrap();
    assert_eq!(
        sandbox.request_count(operation::ACTIVATE_BANK_LINK).unwrap(),
        activations
    );
    session.initiate_ach(&bank, &order).await.unwrap();

    session.delete_bank(&bank).await.unwrap();
    assert!(
        session
            .get_user()
            .await
            .unwrap()
            .connected_bank_accounts
            .is_empty()
    );
    assert_eq!(sandbox.ledger().transfers().len(), 2);
    assert!(sandbox.contract_violations().is_empty());
}

#[tokio::test]
async fn a_second_bank_is_already_linked() {
    let sandbox = support::stand_in().start().await.unwrap();
    let session = session(&sandbox, &sandbox.user());
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let link = session.request_bank_link().await.unwrap();
        tokens.push(sandbox.plaid().complete(link.token()).unwrap());
    }
    session
        .activate_bank_link(PublicToken::new(tokens.remove(0)))
        .await
        .unwrap();
    let error = session
        .activate_bank_link(PublicToken::new(tokens.remove(0)))
        .await
        .unwrap_err();
    assert!(error.is_already_linked(), "{error}");
    assert!(!error.may_have_executed());
}

#[tokio::test]
async fn a_declined_bank_ends_the_wait() {
    let sandbox = support::stand_in().start().await.unwrap();
    let session = session(&sandbox, &sandbox.user());
    let link = session.request_bank_link().await.unwrap();
    let public_token = sandbox
        .plaid()
        .persona(Persona::Bad)
        .complete(link.token())
        .unwrap();
    let bank = session
        .activate_bank_link(PublicToken::new(public_token))
        .await
        .unwrap()
        .id
        .unwrap();
    let reads = sandbox.request_count(operation::GET_USER).unwrap();
    let error = session
        .wait_for_bank(&bank, at_once().attempts(50))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ratio_bank::ErrorKind::Declined);
    assert!(sandbox.request_count(operation::GET_USER).unwrap() - reads < 50);
}

#[tokio::test]
async fn a_wait_ends_at_its_deadline() {
    // While time stands still, a verification that takes an hour never ends.
    let clock = Clock::still_at("2023-01-01T00:00:00Z").unwrap();
    let sandbox = support::stand_in()
        .clock(clock)
        .verification_delay(Duration::from_secs(60 * 60))
        .start()
        .await
        .unwrap();
    let session = session(&sandbox, &sandbox.user());
    let bank = support::linked_bank(&session, &sandbox).await;
    let polling = Polling::default()
        .attempts(u32::MAX)
        .interval(Duration::from_secs(60 * 60))
        .deadline(Duration::from_millis(1));
    let error = session.wait_for_bank(&bank, polling).await.unwrap_err();
    assert_eq!(error.kind(), ratio_bank::ErrorKind::NotReady);
    assert!(!error.is_declined() && !error.may_have_executed());
}

#[tokio::test]
async fn a_relink_without_its_bank_activates_nothing() {
    let sandbox = support::stand_in().start().await.unwrap();
    let session = session(&sandbox, &sandbox.user());
    let link = session.request_bank_link().await.unwrap();
    let stored = serde_json::to_string(link.record())
        .unwrap()
        .replace("new", "relink");
    let record: LinkRecord = serde_json::from_str(&stored).unwrap();
    let error = session
        .finish_bank_link(&record, PublicToken::new("public"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ratio_bank::ErrorKind::InvalidInput);
    assert_eq!(sandbox.request_count(operation::ACTIVATE_BANK_LINK).unwrap(), 0);
}

#[tokio::test]
async fn a_link_that_was_started_in_one_process_is_finished_in_another() {
    let sandbox = support::stand_in().start().await.unwrap();
    let user = sandbox.user();
    let link = session(&sandbox, &user).request_bank_link().await.unwrap();
    let (record, secret) = (
        serde_json::to_string(link.record()).unwrap(),
        link.token().to_owned(),
    );
    assert!(!record.contains(&secret), "the record may be stored anywhere");

    let record: LinkRecord = serde_json::from_str(&record).unwrap();
    let link = LinkToken::restore(record, secret);
    let public_token = PublicToken::new(sandbox.plaid().complete(link.token()).unwrap());
    let bank = session(&sandbox, &user)
        .finish_bank_link(link.record(), public_token)
        .await
        .unwrap();
    assert!(bank.id.is_some());
}

#[tokio::test]
async fn a_link_tells_its_latest_expiry_by_the_clients_clock() {
    let sandbox = support::stand_in().start().await.unwrap();
    let user = sandbox.user();
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let session = Client::builder(Environment::at(sandbox.url()).unwrap())
        .client_id(sandbox.client_id())
        .client_secret(sandbox.client_secret())
        .clock(move || now)
        .build()
        .unwrap()
        .session(
            UserId::new(user.id()).unwrap(),
            SessionToken::new(user.session_token()),
        );
    let link = session.request_bank_link().await.unwrap();
    assert_eq!(link.expires_at(), now + Duration::from_secs(4 * 60 * 60));
    assert!(!link.record().is_expired(now) && link.record().is_expired(link.expires_at()));

    let public_token = PublicToken::new(sandbox.plaid().complete(link.token()).unwrap());
    let bank = session
        .finish_bank_link(link.record(), public_token)
        .await
        .unwrap()
        .id
        .unwrap();
    sandbox.break_link(bank.as_str()).unwrap();
    let relink = session.request_bank_relink(&bank).await.unwrap();
    assert_eq!(relink.expires_at(), now + Duration::from_secs(30 * 60));
}

#[tokio::test]
async fn a_thousand_calls_a_hundred_at_once_survive_a_token_that_rotates_with_every_answer() {
    const AT_ONCE: usize = 100;
    let sandbox = support::stand_in().start().await.unwrap();
    let user = sandbox.user();
    sandbox.rotate_tokens(Rotation::EveryAnswer);
    let stored = Arc::new(Mutex::new(None));
    let store = Arc::clone(&stored);
    let session = Client::builder(Environment::at(sandbox.url()).unwrap())
        .client_id(sandbox.client_id())
        .client_secret(sandbox.client_secret())
        .on_session_refresh(move |_, token| *store.lock().unwrap() = Some(token.reveal().to_owned()))
        // The timeouts must not depend on how busy the machine is.
        .attempt_timeout(support::EVER)
        .deadline(support::EVER)
        .build()
        .unwrap()
        .session(
            UserId::new(user.id()).unwrap(),
            SessionToken::new(user.session_token()),
        );

    for _ in 0..1000 / AT_ONCE {
        let calls: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let session = session.clone();
                tokio::spawn(async move { session.get_user().await.map(drop) })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
    }
    assert_ne!(session.token().reveal(), user.session_token());
    assert_eq!(
        stored.lock().unwrap().as_deref(),
        Some(session.token().reveal()),
        "the store has the newest"
    );
    // The last token is valid, even if the old one has expired by now.
    session.get_user().await.unwrap();
}

#[tokio::test]
async fn one_caller_after_the_other_never_sends_an_older_token_than_it_was_given() {
    let sandbox = support::stand_in().start().await.unwrap();
    let user = sandbox.user();
    sandbox.rotate_tokens(Rotation::EveryAnswerRevokingTheOld);
    let session = session(&sandbox, &user);
    // Each old token is refused, so a single stale one would fail the test.
    for _ in 0..100 {
        session.get_user().await.unwrap();
    }
}

#[tokio::test]
async fn a_later_version_of_the_api_is_read_as_far_as_it_can_be() {
    let mut later: Value = serde_json::from_str(support::PINNED).unwrap();
    // The response has more properties, and a request requires more than this client can know.
    later["components"]["schemas"]["User"]["properties"]["mood"] = json!({"type": "string"});
    later["paths"]["/v1/users/{userId}/banks:requestLink"]["post"]["requestBody"] = json!({
        "required": true,
        "content": {"application/json": {"schema": {
            "type": "object", "required": ["mood"], "properties": {"mood": {"type": "string"}}
        }}}
    });
    let later = Document::parse(later.to_string()).unwrap();
    let sandbox = Sandbox::builder().document(later).start().await.unwrap();
    let session = session(&sandbox, &sandbox.user());
    session.get_user().await.unwrap();
    let refused = session.request_bank_link().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Status, "{refused}");
}
