//! The whole story of a linked bank over real sockets, without the client crate.

use ratio_sandbox::{Account, Clock, Document, Kyc, LinkRefusal, Persona, Rotation, Sandbox, TransferStatus};
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::{Caller, code};

#[tokio::test]
async fn a_bank_is_linked_bought_with_broken_repaired_and_deleted() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);

    let public = sandbox.plaid().complete(&caller.link().await).unwrap();
    let (status, activated) = caller.activate(&public).await;
    assert_eq!(status, 200, "{activated}");
    let activated = &activated["bankAccount"];
    assert_eq!(
        (&activated["linkStatus"], &activated["verificationStatus"]),
        (&json!("INACTIVE"), &json!("IN_REVIEW"))
    );
    let bank = caller.bank().await;
    assert_eq!(
        (&bank["linkStatus"], &bank["verificationStatus"]),
        (&json!("ACTIVE"), &json!("APPROVED"))
    );
    let id = bank["id"].as_str().unwrap();

    let (status, bought) = caller.buy(id, "20.00", "STANDARD").await;
    assert_eq!(status, 202, "{bought}");
    assert_eq!(bought["activityItem"]["fiat"]["status"], "PENDING");

    sandbox.break_link(id).unwrap();
    assert_eq!(caller.bank().await["linkStatus"], "LOGIN_REQUIRED");
    assert_eq!(
        code(&caller.buy(id, "20.00", "STANDARD").await),
        (422, "PLAID_LOGIN_ERROR")
    );

    let (status, relink) = caller.post(&format!("/banks/{id}:requestLink"), json!({})).await;
    assert_eq!(status, 200, "{relink}");
    let repaired = sandbox
        .plaid()
        .complete(relink["linkToken"].as_str().unwrap())
        .unwrap();
    assert_eq!(caller.bank().await["linkStatus"], "ACTIVE");
    assert_eq!(
        code(&caller.activate(&repaired).await),
        (409, "ALREADY_EXISTS_BANK")
    );
    assert_eq!(caller.buy(id, "20.00", "INSTANT").await.0, 202);

    let ledger = sandbox.ledger();
    assert_eq!(ledger.transfers().len(), 2);
    assert!(ledger.is_balanced());
    assert_eq!(
        ledger.balance(&Account::Bank(id.to_owned())).to_string(),
        "-40.00"
    );
    assert_eq!(
        ledger
            .balance(&Account::Wallet(user.wallet_id().to_owned()))
            .to_string(),
        "38.00"
    );

    assert_eq!(
        caller.send(Method::DELETE, &format!("/banks/{id}"), None).await,
        (204, Value::Null)
    );
    let again = caller.send(Method::DELETE, &format!("/banks/{id}"), None).await;
    assert_eq!(code(&again), (404, "NOT_FOUND_BANK"));
    assert_eq!(sandbox.contract_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn tokens_are_good_once_and_for_a_while() {
    let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let minutes = |n: u64| std::time::Duration::from_mins(n);
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let link = caller.link().await;
    let public = sandbox.plaid().complete(&link).unwrap();
    assert_eq!(sandbox.plaid().complete(&link), Err(LinkRefusal::Used));
    let late = caller.link().await;

    assert_eq!(caller.activate(&public).await.0, 200);
    let bank = caller.bank().await["id"].as_str().unwrap().to_owned();
    caller.send(Method::DELETE, &format!("/banks/{bank}"), None).await;
    assert_eq!(code(&caller.activate(&public).await).1, "INVALID_PUBLIC_TOKEN");

    sandbox.clock().advance(minutes(4 * 60));
    assert_eq!(sandbox.plaid().complete(&late), Err(LinkRefusal::Expired));
    assert_eq!(
        code(&caller.post("/banks:requestLink", json!({})).await),
        (401, "EXPIRED_AUTHORIZATION")
    );
}

#[tokio::test]
async fn a_public_token_dies_after_half_an_hour() {
    let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let user = sandbox.user();
    let public = sandbox
        .plaid()
        .complete(&Caller::new(&sandbox, &user).link().await)
        .unwrap();
    sandbox.clock().advance(std::time::Duration::from_mins(30));
    let user = sandbox.sign_in(user.id()).unwrap();
    let refused = Caller::new(&sandbox, &user).activate(&public).await;
    assert_eq!(code(&refused).1, "INVALID_PUBLIC_TOKEN");
}

#[tokio::test]
async fn verification_takes_its_time_and_may_end_badly() {
    let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
    let delay = std::time::Duration::from_secs(5);
    let sandbox = Sandbox::builder()
        .clock(clock)
        .verification_delay(delay)
        .start()
        .await
        .unwrap();
    for (persona, verdict) in [(Persona::Good, "APPROVED"), (Persona::Bad, "DECLINED")] {
        let user = sandbox.user();
        let caller = Caller::new(&sandbox, &user);
        let public = sandbox
            .plaid()
            .persona(persona)
            .complete(&caller.link().await)
            .unwrap();
        caller.activate(&public).await;
        assert_eq!(caller.bank().await["verificationStatus"], "IN_REVIEW");
        let bank = caller.bank().await["id"].as_str().unwrap().to_owned();
        assert_eq!(
            code(&caller.buy(&bank, "5", "STANDARD").await),
            (422, "BANK_VERIFICATION_INCOMPLETE")
        );
        sandbox.clock().advance(delay);
        assert_eq!(caller.bank().await["verificationStatus"], verdict);
    }
}

#[tokio::test]
async fn the_bank_of_a_user_without_kyc_stays_in_review() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.new_user().kyc(Kyc::InReview).create();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    assert_eq!(caller.bank().await["verificationStatus"], "IN_REVIEW");
    assert_eq!(
        code(&caller.buy(&bank, "5", "STANDARD").await),
        (422, "USER_KYC_INCOMPLETE")
    );
    sandbox.decide_kyc(user.id(), Kyc::Approved).unwrap();
    assert_eq!(caller.bank().await["verificationStatus"], "APPROVED");
}

#[tokio::test]
async fn a_purchase_ends_as_its_amount_says() {
    use TransferStatus::{Completed, Failed};
    let sandbox = Sandbox::builder().start().await.unwrap();
    for (amount, kind, fiat, crypto) in [
        ("49.99", "STANDARD", Completed, Completed),
        ("49.99", "INSTANT", Completed, Completed),
        ("50.01", "STANDARD", Failed, Failed),
        ("50.01", "INSTANT", Failed, Completed),
        ("123.45", "STANDARD", Failed, Failed),
        ("123.45", "INSTANT", Failed, Failed),
    ] {
        let user = sandbox.user();
        let caller = Caller::new(&sandbox, &user);
        let bank = caller.linked_bank().await;
        assert_eq!(caller.buy(&bank, amount, kind).await.0, 202);
        let ledger = sandbox.ledger();
        let transfer = ledger.transfers().last().unwrap();
        assert_eq!(
            (transfer.fiat, transfer.crypto),
            (fiat, crypto),
            "{amount} {kind}"
        );
        assert!(ledger.is_balanced());
    }
}

#[tokio::test]
async fn limits_hold_for_a_rolling_day() {
    let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    assert_eq!(
        code(&caller.buy(&bank, "5000.01", "STANDARD").await),
        (422, "EXCEEDS_LIMIT_ACH")
    );
    assert_eq!(
        code(&caller.buy(&bank, "3000.01", "INSTANT").await),
        (422, "EXCEEDS_LIMIT_ACH")
    );
    for _ in 0..4 {
        assert_eq!(caller.buy(&bank, "5", "STANDARD").await.0, 202);
    }
    assert_eq!(
        code(&caller.buy(&bank, "5", "STANDARD").await),
        (422, "EXCEEDS_LIMIT_TRANSACTIONS")
    );
    sandbox.clock().advance(std::time::Duration::from_hours(24));
    let user = sandbox.sign_in(user.id()).unwrap();
    assert_eq!(
        Caller::new(&sandbox, &user).buy(&bank, "5", "STANDARD").await.0,
        202
    );
}

#[tokio::test]
async fn a_purchase_that_makes_no_sense_is_refused_by_name() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    for amount in ["0", "-5", "5.001", "five", "1e2"] {
        assert_eq!(
            code(&caller.buy(&bank, amount, "STANDARD").await),
            (400, "INVALID_FIAT_AMOUNT"),
            "{amount}"
        );
    }
    assert_eq!(
        code(&caller.buy(&bank, "5", "LATER").await),
        (400, "INVALID_TYPE")
    );
    assert_eq!(
        code(&caller.buy("nobody", "5", "STANDARD").await),
        (404, "NOT_FOUND_BANK")
    );
    let order = json!({"fiatAmount": "5", "cryptoCurrency": "ETH", "walletId": "w", "type": "STANDARD"});
    assert_eq!(
        code(&caller.post(&format!("/banks/{bank}/ach"), order).await),
        (404, "NOT_FOUND_WALLET")
    );
    assert!(sandbox.ledger().transfers().is_empty());
}

#[tokio::test]
async fn a_flagged_user_may_only_read() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    sandbox.flag(user.id()).unwrap();
    assert_eq!(
        code(&caller.post("/banks:requestLink", json!({})).await),
        (403, "USER_BLOCKED")
    );
    assert_eq!(caller.send(Method::GET, "", None).await.0, 200);
    sandbox.unflag(user.id()).unwrap();
    caller.link().await;
}

#[tokio::test]
async fn a_user_of_another_session_looks_like_none() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (user, other) = (sandbox.user(), sandbox.user());
    let url = format!("{}/v1/users/{}", sandbox.url(), other.id());
    let request = reqwest::Client::new()
        .get(url)
        .header("ratio-client-id", sandbox.client_id());
    let response = request.bearer_auth(user.session_token()).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "NOT_FOUND_USER");
}

#[tokio::test]
async fn credentials_are_judged_first_and_by_name() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let url = format!("{}/v1/users/{}/banks:requestLink", sandbox.url(), user.id());
    let id = sandbox.client_id();
    let another = "00000000-0000-4000-8000-000000000000";
    for (client, token, expected) in [
        (None, None, "MISSING_CLIENT_ID"),
        (Some("me"), None, "INVALID_CLIENT_ID"),
        (Some(another), None, "NOT_FOUND_CLIENT"),
        (Some(&*id), None, "MISSING_AUTHORIZATION"),
        (Some(&*id), Some("nonsense"), "INVALID_AUTHORIZATION"),
    ] {
        let mut request = reqwest::Client::new().post(&url);
        if let Some(client) = client {
            request = request.header("ratio-client-id", client);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.json::<Value>().await.unwrap()["code"], expected);
    }
}

#[tokio::test]
async fn every_answer_carries_a_new_token_when_told_so() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    sandbox.rotate_tokens(Rotation::EveryAnswerRevokingTheOld);
    let user = sandbox.user();
    let url = format!("{}/v1/users/{}", sandbox.url(), user.id());
    let mut token = user.session_token().to_owned();
    for _ in 0..3 {
        let request = reqwest::Client::new()
            .get(&url)
            .header("ratio-client-id", sandbox.client_id());
        let response = request.bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let next = response.headers()["ratio-authentication-refresh"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_ne!(next, token);
        token = next;
    }
    let request = reqwest::Client::new()
        .get(&url)
        .header("ratio-client-id", sandbox.client_id());
    assert_eq!(
        request
            .bearer_auth(user.session_token())
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
}

#[tokio::test]
async fn the_later_document_changes_what_is_asked_and_what_is_told() {
    let sandbox = Sandbox::builder()
        .document(Document::later())
        .start()
        .await
        .unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let url = format!("{}/v1/users/{}/banks:requestLink", sandbox.url(), user.id());
    let old = reqwest::Client::new()
        .post(url)
        .header("ratio-client-id", sandbox.client_id());
    let refused = old.bearer_auth(user.session_token()).send().await.unwrap();
    assert_eq!(
        refused.json::<Value>().await.unwrap()["code"],
        "MISSING_CLIENT_SECRET"
    );
    assert_eq!(
        code(&caller.send(Method::POST, "/banks:requestLink", None).await),
        (404, "INVALID_BODY")
    );

    let bank = caller.linked_bank().await;
    let (status, told) = caller.send(Method::GET, &format!("/banks/{bank}"), None).await;
    assert_eq!((status, &told["linkStatus"]), (200, &json!("ACTIVE")));
    let (status, bought) = caller.buy(&bank, "20", "INSTANT").await;
    assert_eq!(status, 202, "{bought}");
    let crypto = &bought["activityItem"]["crypto"];
    assert_eq!(
        (&crypto["fee"], &crypto["ratioFee"]),
        (&Value::Null, &json!("0.75"))
    );
    assert_eq!(
        (&crypto["wallet"]["network"], &crypto["wallet"]["type"]),
        (&Value::Null, &json!("EVM"))
    );
    assert_eq!(sandbox.contract_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn the_document_is_served_byte_for_byte() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let served = reqwest::get(format!("{}/v1/api-docs", sandbox.url()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(served, ratio_sandbox::documents::EARLIER);
}

#[tokio::test]
async fn it_is_gone_when_it_is_dropped_or_shut_down() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let url = format!("{}/v1/api-docs", sandbox.url());
    sandbox.shutdown().await;
    assert!(reqwest::get(url).await.unwrap_err().is_connect());
}
