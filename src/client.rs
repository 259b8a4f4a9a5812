//! The client: one product at one of Ratio's environments.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::drift::{DriftEvent, Hook, Sensor};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::plaid::WEBVIEW_PAGE;
use crate::retry::{Budget, Policy};
use crate::session::{RefreshHook, Session};
use crate::token::SessionToken;
use crate::transport::Transport;

/// A product's client. Clones are cheap and share connections, retry budget and hooks.
///
/// ```
/// use ratio_bank::{Client, Environment, SessionToken, UserId};
///
/// let client = Client::builder(Environment::Staging).client_id("the-product").build()?;
/// let session = client.session(UserId::new("the-user")?, SessionToken::new("eyJ…"));
/// # Ok::<(), ratio_bank::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) base_url: String,
    pub(crate) plaid_page: Url,
    pub(crate) transport: Transport,
    pub(crate) on_refresh: Option<RefreshHook>,
}

impl Client {
    /// Starts to set up a client.
    pub fn builder(environment: Environment) -> ClientBuilder {
        ClientBuilder {
            environment,
            client_id: None,
            client_secret: None,
            policy: Policy::default(),
            body_cap: 1024 * 1024,
            raw_bodies: false,
            plaid_page: None,
            http: None,
            on_drift: None,
            on_refresh: None,
            clock: Arc::new(system_time),
            random: Arc::new(system_random),
        }
    }

    /// Speaks for one user, whose session began with `token`. Nothing is sent.
    pub fn session(&self, user: UserId, token: SessionToken) -> Session {
        Session::new(self.clone(), user, token)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder {
    environment: Environment,
    client_id: Option<String>,
    client_secret: Option<String>,
    policy: Policy,
    body_cap: usize,
    raw_bodies: bool,
    plaid_page: Option<Url>,
    http: Option<reqwest::Client>,
    on_drift: Option<Hook>,
    on_refresh: Option<RefreshHook>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl ClientBuilder {
    /// Says who the product is (`ratio-client-id`). Needed.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Proves who the product is (`ratio-client-secret`). The pin does not ask for it; later versions of the API do.
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// How long one attempt may take, 15 s unless told. Of these, making a connection may take half, 5 s at most.
    ///
    /// The runtime keeps the time: one whose only thread is busy, such as with a server that floods it with interim
    /// answers, notices late that it is over.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.policy.attempt_timeout = timeout;
        self
    }

    /// How long an operation may take with all its attempts and pauses, 60 s unless told. An attempt that would leave too
    /// little time to make a connection is not begun.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.policy.deadline = deadline;
        self
    }

    /// How often a request is sent at most, 3 times unless told. One means never again.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.policy.max_attempts = attempts.max(1);
        self
    }

    /// How many bytes of an answer are read, 1 MiB unless told.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Keeps the body of an answer in the error that comes of it, for [`Error::raw_body`]. It is off unless told: a body may
    /// hold tokens and somebody's data.
    ///
    /// ```
    /// use ratio_bank::{Client, Environment};
    ///
    /// let client = Client::builder(Environment::Staging).client_id("the-product").keep_raw_bodies(true).build()?;
    /// # Ok::<(), ratio_bank::Error>(())
    /// ```
    pub fn keep_raw_bodies(mut self, keep: bool) -> Self {
        self.raw_bodies = keep;
        self
    }

    /// Opens Plaid Link somewhere else than at Plaid, such as at a stand-in.
    pub fn plaid_page(mut self, page: Url) -> Self {
        self.plaid_page = Some(page);
        self
    }

    /// Brings its own HTTP client, with its proxies, certificates and connections.
    ///
    /// It must not follow redirects (they would carry the session elsewhere) and must not send anything again by itself:
    /// build it with [`reqwest::redirect::Policy::none`] and [`reqwest::retry::never`]. If it does all the same, what uses
    /// up a token or moves money is handed to it in a form that it cannot send twice, and an answer from another address
    /// than Ratio's is an error.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Hears what the client meets that the pin does not declare, at a bounded rate. It must neither block nor panic.
    ///
    /// The same goes out as `tracing` events of target `ratio_bank::drift`.
    pub fn on_drift(mut self, hook: impl Fn(&DriftEvent) + Send + Sync + 'static) -> Self {
        self.on_drift = Some(Arc::new(hook));
        self
    }

    /// Hears each new session token, in order, so that a service with many replicas can store it. It must neither block
    /// nor panic: it runs before the call returns what came of it.
    pub fn on_session_refresh(
        mut self,
        hook: impl Fn(&UserId, &SessionToken) + Send + Sync + 'static,
    ) -> Self {
        self.on_refresh = Some(Arc::new(hook));
        self
    }

    /// Takes the time from somewhere else, for tests.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// Takes randomness from somewhere else, for tests: uniform over all of `u64`.
    pub fn random(mut self, next: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.random = Arc::new(next);
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// When there is no client id, an id or secret cannot be a header, or TLS cannot be set up.
    ///
    /// ```
    /// use ratio_bank::{Client, Environment};
    ///
    /// assert!(Client::builder(Environment::Staging).build().is_err(), "the client id is missing");
    /// ```
    pub fn build(self) -> Result<Client, Error> {
        let invalid = |reason: &str| Error::new(ErrorKind::InvalidInput, reason);
        let id = self.client_id.filter(|id| !id.is_empty());
        let id =
            id.ok_or_else(|| invalid("there is no client id; set the one that Ratio gave to your product"))?;
        let header = |value: &str, what: &str| {
            HeaderValue::try_from(value).map_err(|_| {
                invalid(&format!(
                    "the client {what} has a character that no header can hold"
                ))
            })
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("ratio-bank/", env!("CARGO_PKG_VERSION"))),
        );
        headers.insert(HeaderName::from_static("ratio-client-id"), header(&id, "id")?);
        if let Some(secret) = &self.client_secret {
            let mut secret = header(secret, "secret")?;
            secret.set_sensitive(true);
            headers.insert(HeaderName::from_static("ratio-client-secret"), secret);
        }
        let http = match self.http {
            Some(http) => http,
            None => http_client(&self.environment, &self.policy)
                .map_err(|error| invalid("the HTTP client cannot be set up").because(error))?,
        };
        let plaid_page = match self.plaid_page {
            Some(page) => page,
            None => Url::parse(WEBVIEW_PAGE)
                .map_err(|error| invalid("the Plaid page is no URL").because(error))?,
        };
        Ok(Client {
            inner: Arc::new(Inner {
                base_url: self.environment.base_url().into_owned(),
                plaid_page,
                on_refresh: self.on_refresh,
                transport: Transport {
                    http,
                    headers,
                    policy: self.policy,
                    budget: Budget::default(),
                    sensor: Sensor::new(self.on_drift),
                    body_cap: self.body_cap,
                    raw_bodies: self.raw_bodies,
                    clock: self.clock,
                    random: self.random,
                },
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// How many headers of an answer are read. The usual hundred is little beside what gateways add, and an answer with more
/// than are read is lost, whatever it says.
const MOST_HEADERS: usize = 1024;

fn http_client(environment: &Environment, policy: &Policy) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder();
    // What stays on this machine is none of a proxy's business, and may go there without TLS.
    let builder = if environment.is_loopback() {
        builder.no_proxy()
    } else {
        builder
    };
    builder
        // A redirect would carry the session to another place, and a 307 would send a payment again.
        .redirect(reqwest::redirect::Policy::none())
        // Whether a request may be sent again is decided in one place, and that is not the connection pool.
        .retry(reqwest::retry::never())
        .connect_timeout(policy.connect_timeout())
        .http1_max_headers(MOST_HEADERS)
        // Shorter than what common load balancers keep, so that an order rarely meets a connection that closes.
        .pool_idle_timeout(Duration::from_secs(30))
        .tcp_nodelay(true)
        .build()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that is injected unless told otherwise"
)]
fn system_time() -> SystemTime {
    SystemTime::now()
}

/// Jitter needs to differ between processes, not to be unpredictable: the seed of a hash map is random enough.
fn system_random() -> u64 {
    RandomState::new().build_hasher().finish()
}
