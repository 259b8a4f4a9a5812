//! Excessive requests are refused, and the stand-in keeps running.

use ratio_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::caller::{Caller, code};

#[tokio::test]
async fn a_text_that_is_too_long_to_keep_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let token = |length: usize| json!({"publicToken": "x".repeat(length)});
    let greedy = caller.post("/banks:activateLink", token(5_000)).await;
    assert_eq!(code(&greedy).1, "INVALID_BODY");
    let unknown = caller.post("/banks:activateLink", token(4_000)).await;
    assert_eq!(code(&unknown).1, "INVALID_PUBLIC_TOKEN");
}

#[tokio::test]
async fn a_body_that_is_too_large_to_read_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let body = json!({"publicToken": "x".repeat(2 << 20)});
    let answer = caller.send(Method::POST, "/banks:activateLink", Some(body)).await;
    assert_eq!(code(&answer), (413, "INVALID_BODY"));
    assert_eq!(caller.send(Method::GET, "", None).await.0, 200);
}
