//! The control API: what the handle can do, without the handle.

use ratio_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

async fn control(sandbox: &Sandbox, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = reqwest::Client::new().request(method, format!("{}/_sandbox{path}", sandbox.url()));
    let request = if let Some(body) = body {
        request.json(&body)
    } else {
        request
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn call(sandbox: &Sandbox, method: Method, user: &Value, path: &str, body: Value) -> (u16, Value) {
    let url = format!(
        "{}/v1/users/{}{path}",
        sandbox.url(),
        user["id"].as_str().unwrap()
    );
    let request = reqwest::Client::new()
        .request(method, url)
        .header("ratio-client-id", sandbox.client_id());
    let response = request
        .bearer_auth(user["sessionToken"].as_str().unwrap())
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn a_story_can_be_told_over_http_alone() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let post = async |path, body| control(&sandbox, Method::POST, path, Some(body)).await;
    let put = async |path: &str, body| control(&sandbox, Method::PUT, path, Some(body)).await;

    let (_, guide) = control(&sandbox, Method::GET, "", None).await;
    assert_eq!(guide["operations"].as_array().unwrap().len(), 30);
    // What the guide shows can be sent as it is.
    for kind in guide["faultKinds"].as_array().unwrap() {
        assert_eq!(post("/faults", json!({ "kind": kind })).await.0, 200, "{kind}");
    }
    assert_eq!(control(&sandbox, Method::DELETE, "/faults", None).await.0, 200);
    assert_eq!(post("/users", json!({})).await.0, 200);
    let (_, user) = post("/users", json!({"kyc": "IN_REVIEW"})).await;
    let id = user["id"].as_str().unwrap();
    assert_eq!(
        put(&format!("/users/{id}/kyc"), json!({"kyc": "APPROVED"}))
            .await
            .0,
        200
    );

    let (_, link) = call(&sandbox, Method::POST, &user, "/banks:requestLink", json!({})).await;
    let visit = json!({"linkToken": link["linkToken"], "persona": "bad", "institution": "ins_127287"});
    let (_, visited) = post("/plaid", visit.clone()).await;
    let (_, bank) = call(&sandbox, Method::POST, &user, "/banks:activateLink", visited).await;
    let bank = bank["bankAccount"]["id"].as_str().unwrap().to_owned();
    assert_eq!(post("/plaid", visit).await.0, 409);
    let status = async || {
        let (_, user) = call(&sandbox, Method::GET, &user, "", json!({})).await;
        let bank = &user["connectedBankAccounts"][0];
        (
            bank["linkStatus"].as_str().unwrap().to_owned(),
            bank["verificationStatus"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(status().await, ("INACTIVE".to_owned(), "DECLINED".to_owned()));
    for (state, expected) in [
        ("approved", ("ACTIVE", "APPROVED")),
        ("broken", ("LOGIN_REQUIRED", "APPROVED")),
    ] {
        assert_eq!(put(&format!("/banks/{bank}/{state}"), json!({})).await.0, 200);
        assert_eq!(status().await, (expected.0.to_owned(), expected.1.to_owned()));
    }

    assert_eq!(put(&format!("/users/{id}/flag"), json!({})).await.0, 200);
    assert_eq!(
        call(&sandbox, Method::POST, &user, "/banks:requestLink", json!({}))
            .await
            .0,
        403
    );
    assert_eq!(
        control(&sandbox, Method::DELETE, &format!("/users/{id}/flag"), None)
            .await
            .0,
        200
    );

    let fault =
        json!({"operation": "GET /v1/users/{userId}", "kind": {"status": {"status": 503}}, "times": 1});
    assert_eq!(post("/faults", fault).await.0, 200);
    assert_eq!(call(&sandbox, Method::GET, &user, "", json!({})).await.0, 503);

    assert_eq!(post("/clock", json!({"advanceSeconds": 300})).await.0, 200);
    assert_eq!(call(&sandbox, Method::GET, &user, "", json!({})).await.0, 401);
    let (_, user) = post(&format!("/users/{id}/session"), json!({})).await;
    assert_eq!(call(&sandbox, Method::GET, &user, "", json!({})).await.0, 200);

    assert_eq!(
        control(&sandbox, Method::GET, "/ledger", None).await.1["balanced"],
        true
    );
    assert_eq!(
        control(&sandbox, Method::GET, "/violations", None).await.1,
        json!([])
    );
}

#[tokio::test]
async fn a_mistake_is_answered_with_what_there_is() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    for (method, path, body, status) in [
        (Method::GET, "/nothing", json!({}), 404),
        (Method::PUT, "/banks/none/broken", json!({}), 404),
        (Method::PUT, "/banks/none/sideways", json!({}), 404),
        (Method::POST, "/faults", json!({"kind": "explode"}), 400),
        (Method::POST, "/faults", json!({"kind": "stall", "tmies": 2}), 400),
        (
            Method::POST,
            "/faults",
            json!({"operation": "GET /x", "kind": "stall"}),
            404,
        ),
        (Method::POST, "/plaid", json!({"linkToken": "none"}), 409),
    ] {
        let (found, answer) = control(&sandbox, method, path, Some(body)).await;
        assert_eq!(found, status, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
}

#[tokio::test]
async fn people_are_told_what_this_is_and_programs_too() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let answer = reqwest::get(format!("{}/", sandbox.url())).await.unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(answer.text().await.unwrap().contains("Nothing of it is real"));

    let answer = reqwest::get(format!("{}/_sandbox", sandbox.url())).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let text = answer.text().await.unwrap();
    assert!(text.lines().count() > 20, "a person can read it: {text}");
    let guide: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(guide["logins"][0]["username"], "custom_ratio_good");
    assert_eq!(guide["clientSecret"], sandbox.client_secret());
}
