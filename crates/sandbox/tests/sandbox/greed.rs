//! Who asks for too much gets no more, and the stand-in lives on.

use ratio_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::caller::{Caller, code};

#[tokio::test]
async fn a_text_that_is_too_long_to_keep_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller {
        sandbox: &sandbox,
        user: &user,
    };
    let wallet = |name: String| json!({"address": format!("0x{}", "0a".repeat(20)), "network": "ETHEREUM", "name": name});
    let greedy = caller.post("/wallets", wallet("x".repeat(5_000))).await;
    assert_eq!(code(&greedy), (400, "INVALID_BODY"));
    assert_eq!(caller.post("/wallets", wallet("x".repeat(4_000))).await.0, 201);
}

#[tokio::test]
async fn a_body_that_is_too_large_to_read_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller {
        sandbox: &sandbox,
        user: &user,
    };
    let body = json!({"publicToken": "x".repeat(2 << 20)});
    let answer = caller.send(Method::POST, "/banks:activateLink", Some(body)).await;
    assert_eq!(code(&answer), (413, "INVALID_BODY"));
    assert_eq!(caller.send(Method::GET, "", None).await.0, 200);
}

#[tokio::test]
async fn a_user_has_only_so_many_wallets() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller {
        sandbox: &sandbox,
        user: &user,
    };
    let connect = async |n: usize| {
        let wallet = json!({"address": format!("0x{n:040x}"), "network": "ETHEREUM"});
        caller.post("/wallets", wallet).await
    };
    // One is there from the beginning.
    for n in 1..100 {
        assert_eq!(connect(n).await.0, 201, "{n}");
    }
    assert_eq!(code(&connect(100).await), (429, "EXCEEDS_LIMIT"));
}
