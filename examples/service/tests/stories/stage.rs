//! What a story plays on: a sandbox, the service in front of it, and an app that is signed in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use example_service::{Clock, Config, SealKey, Secret, Service};
use ratio_sandbox::{Sandbox, User};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A sandbox, a customer, and one or more services on one database.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) user: User,
    /// The first service: the one that the bank's page sends people back to.
    pub(crate) service: Replica,
    /// How far the services' clock is ahead of the machine's, in seconds.
    ahead: Arc<AtomicU64>,
    config: Config,
    folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(|builder| builder).await
    }

    /// Sets a stage whose sandbox is as `prepare` makes it.
    pub(crate) async fn with(prepare: impl FnOnce(ratio_sandbox::Builder) -> ratio_sandbox::Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = prepare(Sandbox::builder().redirect_uri(format!("{public_url}/oauth-return")));
        let sandbox = sandbox.start().await.unwrap();
        let user = sandbox.user();
        let webhook_secret = sandbox.register_webhook(&format!("{public_url}/webhooks/ratio"));
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            public_url,
            database: folder.path().join("service.db"),
            seal_key: SealKey::random(),
            ratio_url: sandbox.url().to_owned(),
            client_id: sandbox.client_id(),
            client_secret: Some(Secret::new(sandbox.client_secret())),
            webhook_secret: Some(Secret::new(webhook_secret)),
            plaid_url: sandbox.url().to_owned(),
            claim_seconds: 60,
            guest: None,
        };
        let ahead = Arc::default();
        let service = Replica::serve(listener, config.clone(), clock(&ahead));
        Self {
            sandbox,
            user,
            service,
            ahead,
            config,
            folder,
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("service.db")
    }

    /// Another service on the same database.
    pub(crate) async fn replica(&self) -> Replica {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Replica::serve(listener, self.config.clone(), clock(&self.ahead))
    }

    /// Lets time pass for the services, and not for the sandbox.
    pub(crate) fn pass(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How many seconds have passed by [`pass`](Self::pass).
    pub(crate) fn seconds(&self) -> u64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// How the order of this number stands in the database.
    pub(crate) fn order_state(&self, id: u32) -> String {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        let id = format!("{id:032x}");
        connection
            .query_row("SELECT state FROM orders WHERE id = ?1", [id], |row| row.get(0))
            .unwrap()
    }

    /// Changes the database behind the services' back.
    pub(crate) fn database_execute(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.execute(statement, []).unwrap();
    }

    /// The environment that starts the same service as a process of its own.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE", path(&self.config.database)),
            ("SEAL_KEY", self.config.seal_key.to_base64()),
            ("RATIO_URL", self.config.ratio_url.clone()),
            ("RATIO_CLIENT_ID", self.config.client_id.clone()),
            ("RATIO_CLIENT_SECRET", self.sandbox.client_secret()),
            ("PLAID_URL", self.config.plaid_url.clone()),
            ("CLAIM_SECONDS", "1".to_owned()),
            ("LISTEN", "127.0.0.1:0".to_owned()),
        ]
    }

    /// An app of the customer's, signed in at the first service.
    pub(crate) async fn app(&self) -> App {
        App::sign_in(&self.service.url, &self.user).await
    }
}

/// The machine's clock, so far ahead.
#[expect(
    clippy::disallowed_methods,
    reason = "cookies and sessions run by the machine's clock"
)]
fn clock(ahead: &Arc<AtomicU64>) -> Clock {
    let ahead = Arc::clone(ahead);
    Clock::new(move || SystemTime::now() + Duration::from_secs(ahead.load(Ordering::Relaxed)))
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// One running service.
pub(crate) struct Replica {
    pub(crate) url: String,
    pub(crate) service: Service,
    serving: JoinHandle<()>,
}

impl Replica {
    fn serve(listener: TcpListener, config: Config, clock: Clock) -> Self {
        let address: SocketAddr = listener.local_addr().unwrap();
        let service = Service::new(config, clock).unwrap();
        let router = service.router();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url: format!("http://{address}"),
            service,
            serving,
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A customer's app as it talks to the service.
#[derive(Clone)]
pub(crate) struct App {
    url: String,
    /// `name=value`, as the app keeps it.
    pub(crate) cookie: String,
    http: reqwest::Client,
}

impl App {
    pub(crate) async fn sign_in(url: &str, user: &User) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let credentials = json!({
            "userId": user.id(), "sessionToken": user.session_token(), "walletId": user.wallet_id(),
        });
        let answer = http
            .post(format!("{url}/api/sign-in"))
            .json(&credentials)
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.status(),
            StatusCode::NO_CONTENT,
            "{}",
            answer.text().await.unwrap()
        );
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self {
            url: url.to_owned(),
            cookie,
            http,
        }
    }

    /// The same app, talking to another replica.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header("cookie", &self.cookie);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Asks somebody who may be gone.
    pub(crate) async fn try_ask(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> reqwest::Result<StatusCode> {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header("cookie", &self.cookie);
        Ok(request.json(&body).send().await?.status())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    /// Starts a run through Plaid Link.
    pub(crate) async fn begin(&self) -> Value {
        self.post("/api/links", json!({})).await
    }

    /// The standing of the customer's banks.
    pub(crate) async fn standings(&self) -> Vec<String> {
        let answer = self.get("/api/banks").await;
        let banks = answer["banks"].as_array().unwrap();
        banks
            .iter()
            .map(|bank| bank["standing"].as_str().unwrap().to_owned())
            .collect()
    }
}
