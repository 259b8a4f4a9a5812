//! Everything that can go wrong on purpose, seen from the other end of the socket.

use std::time::Duration;

use ratio_sandbox::{Fault, Sandbox, operation};
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::{Caller, code};

#[tokio::test]
async fn a_reset_before_processing_moves_no_money_and_one_after_does() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    for (fault, executed) in [(Fault::reset_before(), 0), (Fault::reset_after(), 1)] {
        sandbox.inject(operation::INITIATE_ACH, fault).unwrap();
        let order = caller.order("20", "STANDARD");
        let error = caller
            .request(Method::POST, &format!("/banks/{bank}/ach"), Some(order))
            .send()
            .await
            .unwrap_err();
        assert!(is_reset(&error), "{error:?}");
        assert_eq!(sandbox.ledger().transfers().len(), executed);
    }
    assert_eq!(sandbox.request_count(operation::INITIATE_ACH), Ok(2));
    assert!(
        sandbox
            .requests()
            .iter()
            .filter(|seen| seen.operation.ends_with("/ach"))
            .all(|s| s.status.is_none())
    );
}

fn is_reset(error: &reqwest::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return io.kind() == std::io::ErrorKind::ConnectionReset;
        }
        source = error.source();
    }
    false
}

#[tokio::test]
async fn a_status_replaces_the_answer_as_often_as_told() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    sandbox
        .inject(operation::GET_USER, Fault::status(429).retry_after(2).times(2))
        .unwrap();
    for _ in 0..2 {
        let response = caller.request(Method::GET, "", None).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"2".parse().unwrap())
        );
        assert!(response.json::<Value>().await.unwrap()["code"].is_string());
    }
    assert_eq!(caller.send(Method::GET, "", None).await.0, 200);

    sandbox
        .inject(
            operation::ANY,
            Fault::status(502).body(json!("<html>bad gateway</html>")),
        )
        .unwrap();
    let response = caller.request(Method::GET, "", None).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "<html>bad gateway</html>");
}

#[tokio::test]
async fn a_stalled_answer_never_comes_although_the_request_was_carried_out() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    sandbox.inject(operation::DELETE_BANK, Fault::stall()).unwrap();
    let request = caller.request(Method::DELETE, &format!("/banks/{bank}"), None);
    let stalled = tokio::spawn(request.send());
    while sandbox.request_count(operation::DELETE_BANK) == Ok(0) {
        tokio::task::yield_now().await;
    }
    assert_eq!(caller.bank().await, Value::Null);
    assert!(!stalled.is_finished());
    stalled.abort();
}

#[tokio::test]
async fn a_late_answer_has_had_its_effect_when_its_caller_gives_up() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    let late = Fault::latency(Duration::from_mins(1));
    sandbox.inject(operation::INITIATE_ACH, late).unwrap();
    let order = caller.order("20", "STANDARD");
    let given_up = caller
        .request(Method::POST, &format!("/banks/{bank}/ach"), Some(order))
        .timeout(Duration::from_secs(1))
        .send()
        .await
        .unwrap_err();
    assert!(given_up.is_timeout(), "{given_up:?}");
    assert_eq!(sandbox.ledger().transfers().len(), 1);
}

#[tokio::test]
async fn a_truncated_answer_ends_in_the_middle() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    sandbox.inject(operation::GET_USER, Fault::truncate()).unwrap();
    let response = caller.request(Method::GET, "", None).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn an_answer_can_lie_about_its_kind_and_grow() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    sandbox
        .inject(operation::GET_USER, Fault::content_type("text/html"))
        .unwrap();
    let response = caller.request(Method::GET, "", None).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html");
    sandbox
        .inject(operation::GET_USER, Fault::oversized(2_000_000))
        .unwrap();
    let response = caller.request(Method::GET, "", None).send().await.unwrap();
    assert!(response.bytes().await.unwrap().len() > 2_000_000);
}

#[tokio::test]
async fn an_answer_can_come_from_a_later_version() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    caller.linked_bank().await;

    sandbox
        .inject(operation::GET_USER, Fault::unknown_enum())
        .unwrap();
    assert_eq!(caller.bank().await["linkStatus"], "ADDED_LATER");
    sandbox
        .inject(operation::GET_USER, Fault::extra_fields())
        .unwrap();
    assert!(caller.bank().await["addedLater"].is_object());
    sandbox
        .inject(operation::GET_USER, Fault::missing_optional())
        .unwrap();
    assert_eq!(caller.send(Method::GET, "", None).await.1, json!({}));
    assert_eq!(caller.bank().await["linkStatus"], "ACTIVE");
    assert_eq!(sandbox.contract_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_can_be_rotated_with_one_answer() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    sandbox
        .inject(operation::GET_USER, Fault::rotate_token())
        .unwrap();
    let refreshed = async || {
        let response = caller.request(Method::GET, "", None).send().await.unwrap();
        response.headers().contains_key("ratio-authentication-refresh")
    };
    assert!(refreshed().await);
    assert!(!refreshed().await);
}

#[tokio::test]
async fn a_closed_port_refuses_and_opens_again() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let url = format!("{}/v1/api-docs", sandbox.url());
    let pooled = reqwest::Client::new();
    assert_eq!(pooled.get(&url).send().await.unwrap().status(), 200);
    sandbox.refuse_connections(true).await;
    assert!(reqwest::get(&url).await.unwrap_err().is_connect());
    // On a connection that it kept, a client may learn of it only when it has written.
    assert!(pooled.get(&url).send().await.is_err());
    sandbox.refuse_connections(false).await;
    assert_eq!(pooled.get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_fault_for_an_operation_that_is_not_there_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let error = sandbox.inject("GET /v1/nothing", Fault::stall()).unwrap_err();
    assert!(error.to_string().contains("GET /v1/nothing"), "{error}");
    sandbox
        .inject("post /v1/users/{user}/banks:requestLink", Fault::status(503))
        .unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    assert_eq!(
        code(&caller.post("/banks:requestLink", json!({})).await),
        (503, "INJECTED_FAULT")
    );
}

#[tokio::test]
async fn random_faults_come_and_stop_when_cleared() {
    let sandbox = Sandbox::builder().seed(3).start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    sandbox.inject_at_random(1000);
    let mut troubled = 0;
    for _ in 0..20 {
        let whole = match caller.request(Method::GET, "", None).send().await {
            Ok(response) => response.status() == 200 && response.bytes().await.is_ok(),
            Err(_) => false,
        };
        troubled += usize::from(!whole);
    }
    assert!(troubled > 5, "{troubled}");
    sandbox.clear_faults();
    for _ in 0..20 {
        assert_eq!(caller.send(Method::GET, "", None).await.0, 200);
    }
}

#[tokio::test]
async fn a_stalled_request_does_not_hold_up_the_shutdown_for_ever() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    sandbox.inject(operation::GET_USER, Fault::stall()).unwrap();
    let stalled = Caller::new(&sandbox, &user).request(Method::GET, "", None);
    let stalled = tokio::spawn(stalled.send());
    while sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.shutdown().await;
    assert!(stalled.await.unwrap().is_err());
}
