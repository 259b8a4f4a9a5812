//! What a story plays on: a sandbox, the service in front of it, and an app that is signed in.

use std::collections::HashMap;
use std::env;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use example_service::{Clock, Config, SealKey, Secret, Service};
use ratio_bank::FiatAmount;
use ratio_bank::webhook::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use ratio_sandbox::{Document, Sandbox, User};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyPool, AssertSqlSafe, Executor as _, Row as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A sandbox, a customer, and one or more services on one database.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) user: User,
    /// The first service: the one that the bank's page sends people back to.
    pub(crate) service: Replica,
    /// How far the services' clock is ahead of the database's, in seconds.
    ahead: Arc<AtomicU32>,
    config: Config,
    /// What Ratio signs webhooks with.
    pub(crate) webhook_secret: String,
    database: Kept,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(|builder| builder).await
    }

    /// Sets a stage whose sandbox is as `prepare` makes it.
    pub(crate) async fn with(prepare: impl FnOnce(ratio_sandbox::Builder) -> ratio_sandbox::Builder) -> Self {
        Self::new(prepare, None, Kept::new().await).await
    }

    /// Sets a stage whose services keep what they know in a file, on whatever the stories are told.
    pub(crate) async fn on_file() -> Self {
        Self::new(|builder| builder, None, Kept::file()).await
    }

    /// Sets a stage whose services reach the server of their database at another address.
    pub(crate) async fn on(server: Option<&str>) -> Self {
        Self::new(|builder| builder, server, Kept::new().await).await
    }

    async fn new(
        prepare: impl FnOnce(ratio_sandbox::Builder) -> ratio_sandbox::Builder,
        server: Option<&str>,
        database: Kept,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = format!("http://{}", listener.local_addr().unwrap());
        // It speaks the document that the client in the service is built from.
        let pin = Document::parse(include_str!("../../../../spec/api-docs.json")).unwrap();
        let stand_in = Sandbox::builder().document(pin);
        let sandbox = prepare(stand_in.redirect_uri(format!("{public_url}/oauth-return")));
        let sandbox = sandbox.start().await.unwrap();
        let user = sandbox.user();
        let webhook_secret = sandbox.register_webhook(&format!("{public_url}/webhooks/ratio"));
        let config = Config {
            public_url,
            database: Secret::new(match (server, database.address.rsplit_once('/')) {
                (Some(server), Some((_, name))) => format!("{server}/{name}"),
                _ => database.address.clone(),
            }),
            seal_key: SealKey::random(),
            ratio_url: sandbox.url().to_owned(),
            client_id: sandbox.client_id(),
            client_secret: Some(Secret::new(sandbox.client_secret())),
            webhook_secret: Some(Secret::new(webhook_secret.as_str())),
            plaid_url: sandbox.url().to_owned(),
            claim_seconds: 60,
            guest: None,
        };
        let ahead = Arc::default();
        let service = Replica::serve(listener, config.clone(), clock(&ahead)).await;
        Self {
            sandbox,
            user,
            service,
            ahead,
            config,
            webhook_secret,
            database,
        }
    }

    /// Another service on the same database.
    pub(crate) async fn replica(&self) -> Replica {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Replica::serve(listener, self.config.clone(), clock(&self.ahead)).await
    }

    /// Another service, on another database.
    pub(crate) async fn replica_on(&self, database: &str) -> Replica {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = Config {
            database: Secret::new(database),
            ..self.config.clone()
        };
        Replica::serve(listener, config, clock(&self.ahead)).await
    }

    /// Where the services keep what they know.
    pub(crate) fn address(&self) -> String {
        self.database.address.clone()
    }

    /// Lets time pass for the services, and not for the sandbox.
    pub(crate) fn pass(&self, seconds: u32) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How many seconds have passed by [`pass`](Self::pass).
    pub(crate) fn seconds(&self) -> u32 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// How the order of this number stands in the database.
    pub(crate) async fn order_state(&self, id: u32) -> String {
        let database = self.database.open().await;
        let row = sqlx::query("SELECT state FROM orders WHERE id = $1")
            .bind(format!("{id:032x}"))
            .fetch_one(&database)
            .await
            .unwrap();
        row.get(0)
    }

    /// The id, the state and the amount in cents of each order.
    pub(crate) async fn orders(&self) -> Vec<(String, String, i64)> {
        let database = self.database.open().await;
        let rows = database
            .fetch_all("SELECT id, state, amount FROM orders")
            .await
            .unwrap();
        rows.iter()
            .map(|row| {
                let amount: FiatAmount = row.get::<String, _>(2).parse().unwrap();
                (row.get(0), row.get(1), amount.cents().cast_signed())
            })
            .collect()
    }

    /// All that the database holds: the bytes of its files, or its rows as text, in which bytes are hex.
    pub(crate) async fn stored(&self) -> Vec<u8> {
        let address = &self.database.address;
        if !address.starts_with("postgres") {
            let mut stored = std::fs::read(address).unwrap();
            stored.extend(std::fs::read(format!("{address}-wal")).unwrap());
            return stored;
        }
        let database = self.database.open().await;
        let mut stored = String::new();
        for table in ["customers", "sign_ins", "links", "orders", "bank_updates"] {
            let rows = AssertSqlSafe(format!("SELECT CAST(row AS TEXT) FROM {table} AS row"));
            for row in database.fetch_all(rows).await.unwrap() {
                stored += &row.get::<String, _>(0);
            }
        }
        stored.into_bytes()
    }

    /// Changes the database behind the services' back.
    pub(crate) async fn database_execute(&self, statement: &'static str) {
        self.database.open().await.execute(statement).await.unwrap();
    }

    /// Tells a service of an event that is signed now.
    #[expect(clippy::disallowed_methods, reason = "Ratio signs by a real clock")]
    pub(crate) async fn tell_webhook(&self, url: &str) -> StatusCode {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
            .to_string();
        let body = json!({ "event": "BANK_UPDATED", "userId": self.user.id(), "id": url }).to_string();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let told = http
            .post(format!("{url}/webhooks/ratio"))
            .header(
                SIGNATURE_HEADER,
                sign(&self.webhook_secret, &now, body.as_bytes()),
            )
            .header(TIMESTAMP_HEADER, now)
            .body(body)
            .send()
            .await;
        told.unwrap().status()
    }

    /// The environment that starts the same service as a process of its own.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE", self.database.address.clone()),
            ("SEAL_KEY", self.config.seal_key.to_base64()),
            ("RATIO_URL", self.config.ratio_url.clone()),
            ("RATIO_CLIENT_ID", self.config.client_id.clone()),
            ("RATIO_CLIENT_SECRET", self.sandbox.client_secret()),
            ("RATIO_WEBHOOK_SECRET", self.webhook_secret.clone()),
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

/// The database's clock, so far ahead.
fn clock(ahead: &Arc<AtomicU32>) -> Clock {
    let ahead = Arc::clone(ahead);
    Clock::ahead_by(move || ahead.load(Ordering::Relaxed))
}

/// A database of a stage's own: a file, or one of the server that `POSTGRES` names.
struct Kept {
    address: String,
    _folder: tempfile::TempDir,
}

impl Kept {
    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            address: folder.path().join("service.db").to_str().unwrap().to_owned(),
            _folder: folder,
        }
    }

    async fn new() -> Self {
        let mut kept = Self::file();
        if crate::ON_POSTGRES {
            if let Ok(server) = env::var("POSTGRES") {
                kept.address = create_database(&server).await;
            } else {
                let why = "no PostgreSQL: POSTGRES names none, such as postgres://user@127.0.0.1:5432";
                assert!(env::var_os("CI").is_none(), "{why}");
                eprintln!("{why}; this story is told on SQLite once more");
            }
        }
        kept
    }

    async fn open(&self) -> AnyPool {
        if self.address.starts_with("postgres") {
            connect(&self.address).await
        } else {
            connect(&format!("sqlite://{}", self.address)).await
        }
    }
}

/// One connection.
async fn connect(address: &str) -> AnyPool {
    install_default_drivers();
    let options = AnyPoolOptions::new().max_connections(1);
    options.connect(address).await.unwrap()
}

pub(crate) async fn create_database(server: &str) -> String {
    let mut name = [0; 8];
    getrandom::fill(&mut name).unwrap();
    let name = format!("story_{:016x}", u64::from_ne_bytes(name));
    let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    let connection = connect(&format!("{server}/postgres")).await;
    connection.execute(statement).await.unwrap();
    connection.close().await;
    format!("{server}/{name}")
}

/// One running service.
pub(crate) struct Replica {
    pub(crate) url: String,
    pub(crate) service: Service,
    serving: JoinHandle<()>,
}

impl Replica {
    async fn serve(listener: TcpListener, config: Config, clock: Clock) -> Self {
        let address: SocketAddr = listener.local_addr().unwrap();
        let service = Service::new(config, clock).await.unwrap();
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
    /// Reads the system's certificates, which takes longer than what many an app asks.
    pub(crate) fn http() -> reqwest::Client {
        reqwest::Client::builder().no_proxy().build().unwrap()
    }

    pub(crate) async fn sign_in(url: &str, user: &User) -> Self {
        Self::sign_in_by(Self::http(), url, user).await
    }

    /// Signs in by connections that other apps use too.
    pub(crate) async fn sign_in_by(http: reqwest::Client, url: &str, user: &User) -> Self {
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

    pub(crate) async fn status(&self, path: &str) -> StatusCode {
        let asked = self.http.get(format!("{}{path}", self.url)).send().await;
        asked.unwrap().status()
    }

    pub(crate) async fn status_signed_in(&self, path: &str) -> StatusCode {
        self.ask(Method::GET, path, None).await.0
    }

    /// The samples of the service's metrics, by name and labels.
    pub(crate) async fn metrics(&self) -> HashMap<String, u64> {
        let asked = self.http.get(format!("{}/metrics", self.url)).send().await;
        let answer = asked.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(kind, "text/plain; version=0.0.4");
        let text = answer.text().await.unwrap();
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                (sample.to_owned(), value.parse().unwrap())
            })
            .collect()
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
