//! What the Link page asks the sandbox, call by call. The page itself is tried in a browser elsewhere.

use ratio_sandbox::{Clock, Institution, Persona, Sandbox};
use serde_json::{Value, json};

use crate::caller::Caller;

async fn link_api(sandbox: &Sandbox, step: &str, body: Value) -> Value {
    let url = format!("{}/link/visit/{step}", sandbox.url());
    reqwest::Client::new()
        .post(url)
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

fn code(answer: &Value) -> &str {
    answer["error"]["error_code"].as_str().unwrap_or_default()
}

async fn link(sandbox: &Sandbox) -> String {
    let user = sandbox.user();
    Caller { sandbox, user: &user }.link().await
}

#[tokio::test]
async fn a_visit_signs_in_and_ends_with_a_public_token_once() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let token = link(&sandbox).await;
    let opened = link_api(&sandbox, "open", json!({"token": token})).await;
    assert_eq!(
        (
            &opened["repair"],
            opened["institutions"].as_array().unwrap().len()
        ),
        (&json!(false), 4)
    );

    let sign_in = async |bank: Institution, username: &str, password: &str| {
        let body =
            json!({"token": token, "institution": bank.id(), "username": username, "password": password});
        link_api(&sandbox, "sign-in", body).await
    };
    assert_eq!(
        code(&link_api(&sandbox, "connect", json!({"token": token, "account": 0})).await),
        "INVALID_FIELD"
    );
    assert_eq!(
        code(&sign_in(Institution::Tartan, "me", "secret").await),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        code(&sign_in(Institution::Down, "", "").await),
        "INSTITUTION_DOWN"
    );
    let persona = Persona::Good;
    // A bank in trouble says that a login is wrong, fails a right one, and then works.
    let at_degraded = async |password| sign_in(Institution::Degraded, persona.username(), password).await;
    for (password, answer) in [
        ("secret", "INVALID_CREDENTIALS"),
        (persona.password(), "INSTITUTION_NOT_RESPONDING"),
        ("secret", "INVALID_CREDENTIALS"),
        (persona.password(), ""),
    ] {
        assert_eq!(code(&at_degraded(password).await), answer);
    }
    let signed_in = at_degraded(persona.password()).await;
    assert_eq!(signed_in["accounts"].as_array().unwrap().len(), 2);
    let connected = link_api(&sandbox, "connect", json!({"token": token, "account": 1})).await;
    assert_eq!(connected["accounts"][0]["meta"]["number"], "1111");
    assert!(
        connected["public_token"]
            .as_str()
            .unwrap()
            .starts_with("public-sandbox-")
    );
    assert_eq!(
        code(&link_api(&sandbox, "open", json!({"token": token})).await),
        "INVALID_LINK_TOKEN"
    );
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_nobody_is_in_before() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let token = link(&sandbox).await;
    let send_code =
        async |typed: &str| link_api(&sandbox, "code", json!({"token": token, "code": typed})).await;
    let connect = json!({"token": token, "account": 0});
    assert_eq!(
        code(&send_code("1234").await),
        "INVALID_MFA",
        "nobody asked for it"
    );
    let login = json!({"token": token, "institution": Institution::Tartan.id(),
        "username": Persona::Good.username(), "password": "mfa_device"});
    let asked = link_api(&sandbox, "sign-in", login).await;
    assert!(
        asked["code_to"].is_string() && asked["accounts"].is_null(),
        "{asked}"
    );
    assert_eq!(code(&send_code("1235").await), "INVALID_MFA");
    assert_eq!(
        code(&link_api(&sandbox, "connect", connect.clone()).await),
        "INVALID_FIELD"
    );
    assert!(send_code("1234").await["accounts"].is_array());
    assert!(link_api(&sandbox, "connect", connect).await["public_token"].is_string());
}

#[tokio::test]
async fn an_expired_or_unknown_token_opens_nothing() {
    let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let token = link(&sandbox).await;
    sandbox.clock().advance(std::time::Duration::from_hours(4));
    for token in [token.as_str(), "link-sandbox-unknown", "", "\"quoted\""] {
        let opened = link_api(&sandbox, "open", json!({"token": token})).await;
        assert_eq!(code(&opened), "INVALID_LINK_TOKEN", "{token}");
        assert!(opened["link_session_id"].is_string());
    }
}

#[tokio::test]
async fn an_oauth_bank_sends_the_person_back_with_a_state_that_must_be_right() {
    let sandbox = Sandbox::builder()
        .redirect_uri("https://app.example/back")
        .start()
        .await
        .unwrap();
    let token = link(&sandbox).await;
    let bank = Institution::PlatypusOAuth.id();
    let sent = link_api(
        &sandbox,
        "oauth",
        json!({"token": token, "institution": bank, "webview": true}),
    )
    .await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let page = client.get(sent["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let state = sent["url"].as_str().unwrap().split_once("state=").unwrap().1;
    assert!(page.text().await.unwrap().contains(state));

    let decide = async |decision: &str| {
        let form = format!("state={state}&username=custom_ratio_bad&decision={decision}");
        let request = client.post(format!("{}/link/bank", sandbox.url())).body(form);
        let response = request
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await
            .unwrap();
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    let open = async |received: &str| {
        link_api(&sandbox, "open", json!({"token": token, "received": received})).await
    };
    let received = format!("https://app.example/back?oauth_state_id={state}");
    assert_eq!(
        code(&open(&received).await),
        "INVALID_FIELD",
        "the person has not been at the bank yet"
    );
    assert_eq!(decide("deny").await, received);
    assert_eq!(
        open(&received).await["returned"]["error"]["error_code"],
        "ACCESS_NOT_GRANTED"
    );
    assert_eq!(decide("allow").await, received);
    for wrong in [
        "https://app.example/back",
        "https://app.example/other?oauth_state_id=STATE",
        "https://app.example/back?oauth_state_id=STATE&more=1",
        "https://app.example/back?oauth_state_id=STATE#part",
        "https%3A%2F%2Fapp.example%2Fback%3Foauth_state_id%3DSTATE",
    ] {
        assert_eq!(
            code(&open(&wrong.replace("STATE", state)).await),
            "INVALID_FIELD",
            "{wrong}"
        );
    }
    assert_eq!(
        code(&open("https://app.example/back?oauth_state_id=other").await),
        "INCORRECT_OAUTH_NONCE"
    );
    assert_eq!(
        open(&received).await["returned"]["accounts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert!(
        link_api(&sandbox, "connect", json!({"token": token, "account": 0})).await["public_token"]
            .is_string()
    );
}

#[tokio::test]
async fn without_a_redirect_uri_the_bank_leads_back_to_the_link_page() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let token = link(&sandbox).await;
    let body = json!({"token": token, "institution": Institution::PlatypusOAuth.id(), "webview": true});
    let sent = link_api(&sandbox, "oauth", body).await;
    let state = sent["url"].as_str().unwrap().split_once("state=").unwrap().1;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let request = client.post(format!("{}/link/bank", sandbox.url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let response = request
        .body(format!("state={state}&decision=allow"))
        .send()
        .await
        .unwrap();
    let back = reqwest::Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(back.path(), "/link/v2/stable/link.html");
    let received = back
        .query_pairs()
        .find(|(name, _)| name == "receivedRedirectUri")
        .unwrap()
        .1
        .into_owned();
    let opened = link_api(&sandbox, "open", json!({"token": token, "received": received})).await;
    assert_eq!(opened["returned"]["accounts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_repair_knows_its_bank_and_dies_after_half_an_hour() {
    let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    sandbox.break_link(&bank).unwrap();
    let (_, repair) = caller
        .post(&format!("/banks/{bank}:requestLink"), json!({}))
        .await;
    let opened = link_api(&sandbox, "open", json!({"token": repair["linkToken"]})).await;
    assert_eq!(
        (&opened["repair"], &opened["institution"]["name"]),
        (&json!(true), &json!("Tartan Bank"))
    );
    sandbox.clock().advance(std::time::Duration::from_mins(30));
    assert_eq!(
        code(&link_api(&sandbox, "open", json!({"token": repair["linkToken"]})).await),
        "INVALID_LINK_TOKEN"
    );
}

#[tokio::test]
async fn the_pages_say_that_they_are_stand_ins() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let page = reqwest::get(format!(
        "{}/link/v2/stable/link.html?isWebview=true&token=x",
        sandbox.url()
    ))
    .await
    .unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'self'")
    );
    assert!(page.text().await.unwrap().contains("Stand-in for Plaid Link"));
    let script = reqwest::get(format!("{}/link/v2/stable/link-initialize.js", sandbox.url()))
        .await
        .unwrap();
    assert!(script.text().await.unwrap().contains("stand-in"));
}
