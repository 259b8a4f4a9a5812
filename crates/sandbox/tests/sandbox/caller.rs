//! Calls the sandbox over real sockets.

use ratio_sandbox::{Sandbox, User};
use reqwest::Method;
use serde_json::{Value, json};

/// A user's application, without the client crate.
pub(crate) struct Caller<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) user: &'a User,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, user: &'a User) -> Self {
        Self { sandbox, user }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let response = self.request(method, path, body).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            if text.is_empty() {
                Value::Null
            } else {
                serde_json::from_str(&text).unwrap()
            },
        )
    }

    pub(crate) fn request(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let url = format!("{}/v1/users/{}{path}", self.sandbox.url(), self.user.id());
        let request = reqwest::Client::new()
            .request(method, url)
            .header("ratio-client-id", self.sandbox.client_id())
            .header("ratio-client-secret", self.sandbox.client_secret())
            .bearer_auth(self.user.session_token());
        match body {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn bank(&self) -> Value {
        self.send(Method::GET, "", None).await.1["connectedBankAccounts"][0].clone()
    }

    pub(crate) async fn link(&self) -> String {
        let (status, link) = self.post("/banks:requestLink", json!({})).await;
        assert_eq!(status, 200, "{link}");
        link["linkToken"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn activate(&self, public_token: &str) -> (u16, Value) {
        self.post("/banks:activateLink", json!({ "publicToken": public_token }))
            .await
    }

    pub(crate) async fn linked_bank(&self) -> String {
        let public = self.sandbox.plaid().complete(&self.link().await).unwrap();
        let (status, bank) = self.activate(&public).await;
        assert_eq!(status, 200, "{bank}");
        bank["bankAccount"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn buy(&self, bank: &str, amount: &str, kind: &str) -> (u16, Value) {
        self.post(&format!("/banks/{bank}/ach"), self.order(amount, kind))
            .await
    }

    pub(crate) fn order(&self, amount: &str, kind: &str) -> Value {
        json!({"fiatAmount": amount, "cryptoCurrency": "ETH", "walletId": self.user.wallet_id(), "type": kind})
    }
}

/// An answer's status and code.
pub(crate) fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}
