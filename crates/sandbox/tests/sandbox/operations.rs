//! The operations around the bank: activity and webhooks; and what only a document knows.

use ratio_sandbox::{Document, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::caller::{Caller, code};

async fn call(
    sandbox: &Sandbox,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Value,
) -> (u16, Value) {
    let request = reqwest::Client::new()
        .request(method, format!("{}{path}", sandbox.url()))
        .header("ratio-client-id", sandbox.client_id())
        .header("ratio-client-secret", sandbox.client_secret());
    let request = if let Some(token) = token {
        request.bearer_auth(token)
    } else {
        request
    };
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn activity_is_listed_newest_first_in_pages_and_filtered() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let caller = Caller::new(&sandbox, &user);
    let bank = caller.linked_bank().await;
    for amount in ["10", "20", "60"] {
        assert_eq!(caller.buy(&bank, amount, "STANDARD").await.0, 202);
    }
    let list = async |query: &str| {
        caller
            .send(Method::GET, &format!("/activity?{query}"), None)
            .await
            .1
    };
    let amounts = |page: &Value| {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["fiat"]["amount"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = list("pageSize=2").await;
    assert_eq!(amounts(&first), ["60.00", "20.00"]);
    let rest = list(&format!(
        "pageSize=2&pageToken={}",
        first["nextPageToken"].as_str().unwrap()
    ))
    .await;
    assert_eq!(
        (amounts(&rest), &rest["nextPageToken"]),
        (vec!["10.00".to_owned()], &Value::Null)
    );
    assert_eq!(amounts(&list("fiatStatus=FAILED").await), ["60.00"]);
    assert_eq!(amounts(&list("cryptoCurrency=SOL").await), Vec::<String>::new());
    assert_eq!(
        amounts(&list("fromCreateTime=2999-01-01T00:00:00Z").await),
        Vec::<String>::new()
    );
    assert_eq!(list("pageSize=0").await["code"], "INVALID_PAGE_SIZE");
    assert_eq!(
        list("toCreateTime=yesterday").await["code"],
        "INVALID_TO_CREATE_TIME"
    );
}

#[tokio::test]
async fn a_webhook_hears_of_a_bank_in_a_signed_message() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let webhook = json!({"url": url, "events": ["bank.updated"], "name": "Banks"});
    let (status, created) = call(&sandbox, Method::POST, "/v1/webhooks", None, webhook).await;
    assert_eq!(status, 201, "{created}");
    hears_of_a_bank(&sandbox, &listener, created["secret"].as_str().unwrap()).await;
}

#[tokio::test]
async fn a_webhook_can_be_registered_where_the_document_has_no_operation_for_it() {
    let sandbox = Sandbox::builder()
        .document(Document::later())
        .start()
        .await
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let secret = sandbox.register_webhook(&format!("http://{}/", listener.local_addr().unwrap()));
    hears_of_a_bank(&sandbox, &listener, &secret).await;
}

async fn hears_of_a_bank(sandbox: &Sandbox, listener: &tokio::net::TcpListener, secret: &str) {
    let user = sandbox.user();
    let bank = Caller { sandbox, user: &user }.linked_bank().await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut text = String::new();
    while !text.contains("\r\n\r\n") || !text.ends_with('}') {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        text.push_str(std::str::from_utf8(&part[..read]).unwrap());
    }
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
    };
    let message: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&message["event"], &message["userId"]),
        (&json!("BANK_UPDATED"), &json!(user.id()))
    );
    assert_eq!(message["data"]["id"], json!(bank));
    let signed = format!("{}.{body}", header("ratio-webhook-signature-timestamp"));
    assert_eq!(header("ratio-webhook-signature"), hmac_sha512(secret, &signed));
}

/// HMAC by its definition (RFC 2104), apart from the code that is tested.
fn hmac_sha512(key: &str, text: &str) -> String {
    use sha2::{Digest as _, Sha512};
    let mut padded = [0_u8; 128];
    padded[..key.len()].copy_from_slice(key.as_bytes());
    let inner = Sha512::new()
        .chain_update(padded.map(|b| b ^ 0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha512::new()
        .chain_update(padded.map(|b| b ^ 0x5c))
        .chain_update(inner)
        .finalize();
    outer
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn webhooks_are_made_changed_listed_and_deleted() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let send = async |method, path: &str, body| call(&sandbox, method, path, None, body).await;
    let webhook = json!({"url": "http://127.0.0.1:1/", "events": ["kyc.updated"], "name": "First"});
    let (_, made) = send(Method::POST, "/v1/webhooks", webhook).await;
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    let (_, changed) = send(
        Method::PATCH,
        &path,
        json!({"name": "Other", "events": ["bank.updated"]}),
    )
    .await;
    assert_eq!(
        (&changed["name"], &changed["events"]),
        (&json!("Other"), &json!(["bank.updated"]))
    );
    assert_eq!(
        send(Method::GET, "/v1/webhooks", Value::Null).await.1["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(send(Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(
        code(&send(Method::GET, &path, Value::Null).await),
        (404, "NOT_FOUND_WEBHOOK")
    );
    let (_, events) = send(Method::GET, "/v1/webhooks/events", Value::Null).await;
    assert_eq!(events["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_the_pin_has_and_nobody_here_calls_answers_as_it_declares() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let user = sandbox.user();
    let token = Some(user.session_token());
    let ask = async |method, path: &str, body| call(&sandbox, method, path, token, body).await;
    let otp = json!({"emailAddress": "ada@example.com"});
    let (status, sent) = ask(Method::POST, "/v1/auth/otp/email:send", otp).await;
    assert_eq!((status, sent["emailId"].is_string()), (200, true), "{sent}");
    let (status, prices) = ask(Method::GET, "/v1/crypto/prices", Value::Null).await;
    assert_eq!(status, 200, "{prices}");
    let wallets = format!("/v1/users/{}/wallets", user.id());
    let wallet = json!({"address": "0x0a", "network": "ETHEREUM"});
    assert_eq!(ask(Method::POST, &wallets, wallet).await.0, 201);
    let nameless = json!({"address": "0x0a"});
    assert_eq!(
        code(&ask(Method::POST, &wallets, nameless).await),
        (400, "MISSING_NETWORK")
    );
    assert_eq!(ask(Method::GET, &wallets, Value::Null).await.0, 200);
    assert_eq!(sandbox.contract_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_operation_that_only_the_document_knows_answers_validly() {
    let document = json!({
        "openapi": "3.0.3",
        "paths": {"/v2/things/{id}": {"get": {
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
            ],
            "responses": {
                "203": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}},
                "422": {"description": ""},
            },
        }}},
        "components": {"schemas": {"T": {"type": "object", "required": ["when", "n", "kinds"], "properties": {
            "when": {"type": "string", "format": "date-time"},
            "n": {"type": "integer", "minimum": 3},
            "kinds": {"type": "array", "minItems": 2, "items": {"type": "string", "enum": ["x", "y"]}},
            "left": {"type": "string"},
        }}}},
    });
    let document = Document::parse(document.to_string()).unwrap();
    let sandbox = Sandbox::builder().document(document).start().await.unwrap();
    let get = async |path: &str| call(&sandbox, Method::GET, path, None, Value::Null).await;
    let made_up = json!({"when": "2022-11-30T12:00:00Z", "n": 3, "kinds": ["x", "x"]});
    assert_eq!(get("/v2/things/7?tags=a&tags=b").await, (203, made_up));
    assert_eq!(code(&get("/v2/things/seven").await), (422, "INVALID_ID"));
    assert_eq!(code(&get("/v2/things/7?tags=c").await), (422, "INVALID_TAGS"));
    assert_eq!(code(&get("/v2/others").await), (404, "NOT_FOUND_ENDPOINT"));
    assert_eq!(
        code(&call(&sandbox, Method::POST, "/v2/things/7", None, json!({})).await),
        (405, "NOT_FOUND_ENDPOINT")
    );
}

#[tokio::test]
async fn a_document_of_openapi_3_1_is_spoken() {
    let document = json!({
        "openapi": "3.1.0",
        "paths": {"/things": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object", "required": ["name"],
                "properties": {"name": {"type": ["string", "null"]}, "n": {"exclusiveMinimum": 3}},
            }}}},
            "responses": {
                "200": {"description": "", "content": {"application/json": {"schema": {
                    "type": "object", "required": ["kind", "n", "left"], "properties": {
                        "kind": {"const": "thing"},
                        "n": {"type": "integer", "exclusiveMinimum": 3},
                        "left": {"type": ["null", "string"]},
                    },
                }}}},
                "400": {"description": ""},
            },
        }}},
    });
    let document = Document::parse(document.to_string()).unwrap();
    let sandbox = Sandbox::builder().document(document).start().await.unwrap();
    let post = async |body: Value| call(&sandbox, Method::POST, "/things", None, body).await;
    let (status, told) = post(json!({"name": null, "n": 4})).await;
    assert_eq!(
        (status, &told["kind"], &told["n"]),
        (200, &json!("thing"), &json!(4)),
        "{told}"
    );
    assert_eq!(code(&post(json!({"name": 1})).await), (400, "INVALID_NAME"));
    assert_eq!(
        code(&post(json!({"name": "a", "n": 3})).await),
        (400, "INVALID_N")
    );
    assert_eq!(code(&post(json!({"n": 4})).await), (400, "MISSING_NAME"));
    assert_eq!(sandbox.contract_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_carries_the_headers_that_the_document_requires() {
    let document = json!({"openapi": "3.0.0", "paths": {"/x": {"get": {"responses": {"200": {
        "description": "",
        "headers": {
            "X-Left": {"required": true, "schema": {"type": "integer", "minimum": 1}},
            "X-Kind": {"$ref": "#/components/headers/Kind"},
            "X-Perhaps": {"schema": {"type": "string"}},
        },
    }}}}}, "components": {"headers": {"Kind": {"required": true, "schema": {"enum": ["a", "b"]}}}}});
    let document = Document::parse(document.to_string()).unwrap();
    let sandbox = Sandbox::builder().document(document).start().await.unwrap();
    let answer = reqwest::get(format!("{}/x", sandbox.url())).await.unwrap();
    assert_eq!(answer.headers()["x-left"], "1");
    assert_eq!(answer.headers()["x-kind"], "a");
    assert!(!answer.headers().contains_key("x-perhaps"));
}

#[tokio::test]
async fn a_document_that_cannot_be_spoken_is_refused_at_the_start() {
    for (text, expected) in [
        (r#"{"openapi": "3.1.0", "webhooks": {}}"#, "`paths`"),
        (r#"{"openapi": "3.0.0"}"#, "`paths`"),
    ] {
        let document = Document::parse(text).unwrap();
        let error = Sandbox::builder()
            .document(document)
            .start()
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_would_break_the_document_is_loud() {
    // Two items that differ cannot be made up of one possible value.
    let impossible =
        json!({"type": "array", "minItems": 2, "uniqueItems": true, "items": {"enum": ["only"]}});
    let document = json!({"openapi": "3.0.0", "paths": {"/x": {"get": {"responses": {
        "200": {"description": "", "content": {"application/json": {"schema": impossible}}},
    }}}}});
    let document = Document::parse(document.to_string()).unwrap();
    let sandbox = Sandbox::builder().document(document).start().await.unwrap();
    let answer = call(&sandbox, Method::GET, "/x", None, Value::Null).await;
    assert_eq!(code(&answer), (500, "SANDBOX_BROKE_CONTRACT"));
    let violations = sandbox.contract_violations();
    assert!(
        violations.len() == 1 && violations[0].contains("GET /x"),
        "{violations:?}"
    );
}

#[test]
fn nothing_secret_is_printed() {
    let builder = Sandbox::builder().client_secret("hush");
    assert!(!format!("{builder:?}").contains("hush"));
}

#[tokio::test]
async fn a_document_that_goes_in_circles_ends_nothing() {
    let twice = |name: &str| json!([{"$ref": format!("#/components/schemas/{name}")}, {"$ref": format!("#/components/schemas/{name}")}]);
    let tree = json!({"type": "object", "required": ["a", "b"], "properties": {
        "a": {"$ref": "#/components/schemas/Tree"}, "b": {"$ref": "#/components/schemas/Tree"},
    }});
    let answer = |name: &str| {
        json!({"get": {"responses": {"200": {"description": "", "content": {
            "application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}},
        }}}}})
    };
    let document = json!({
        "openapi": "3.0.0",
        "paths": {"/all": answer("All"), "/one": answer("One"), "/tree": answer("Tree"), "/loop": answer("Loop")},
        "components": {"schemas": {
            "All": {"allOf": twice("All")},
            "One": {"oneOf": twice("One")},
            "Tree": tree,
            "Loop": {"$ref": "#/components/schemas/Loop"},
        }},
    });
    let document = Document::parse(document.to_string()).unwrap();
    let sandbox = Sandbox::builder().document(document).start().await.unwrap();
    for path in ["/all", "/one", "/tree", "/loop"] {
        let (status, _) = call(&sandbox, Method::GET, path, None, Value::Null).await;
        assert!(status == 200 || status == 500, "{path}: {status}");
    }
}
