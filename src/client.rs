//! The client of one product for one of Ratio's environments.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret as _, SecretString};

use crate::drift::{DriftEvent, Hook, Sensor};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::plaid::WEBVIEW_PAGE;
use crate::retry::{Budget, Policy};
use crate::session::{RefreshHook, Session};
use crate::token::SessionToken;
use crate::token_store::TokenStore;
use crate::transport::{Server, Transport};

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
    /// Starts to configure a client.
    pub fn builder(environment: Environment) -> ClientBuilder {
        ClientBuilder {
            environment,
            client_id: None,
            client_secret: None,
            app: None,
            policy: Policy::default(),
            body_cap: 1024 * 1024,
            raw_bodies: false,
            plaid_page: None,
            http: None,
            on_drift: None,
            on_refresh: None,
            #[cfg(feature = "test-util")]
            fake: None,
            clock: Arc::new(system_time),
            random: Arc::new(system_random),
        }
    }

    /// Makes a session of one user that begins with `token`. This sends no request.
    pub fn session(&self, user: UserId, token: SessionToken) -> Session {
        self.session_with(TokenStore::new(user, token))
    }

    /// Makes a session of the user whose token `tokens` holds. All sessions of a store share its token. This sends no
    /// request.
    ///
    /// ```
    /// # use ratio_bank::{Client, Session};
    /// fn again(client: &Client, session: &Session) -> Session {
    ///     client.session_with(session.token_store().clone())
    /// }
    /// ```
    pub fn session_with(&self, tokens: TokenStore) -> Session {
        Session::new(self.clone(), tokens)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .finish_non_exhaustive()
    }
}

/// The caller's function that configures the HTTP client.
type SetUp = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// Configures a [`Client`].
#[must_use]
pub struct ClientBuilder {
    environment: Environment,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    app: Option<(String, String)>,
    policy: Policy,
    body_cap: usize,
    raw_bodies: bool,
    plaid_page: Option<Url>,
    http: Option<SetUp>,
    on_drift: Option<Hook>,
    on_refresh: Option<RefreshHook>,
    #[cfg(feature = "test-util")]
    fake: Option<crate::test_util::Fake>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl ClientBuilder {
    /// Sets the product's id (`ratio-client-id`). It is required.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Sets the product's secret (`ratio-client-secret`). The pinned version of the API does not require it; later
    /// versions do.
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.client_secret = Some(SecretString::from(secret.into()));
        self
    }

    /// Names the calling service in Ratio's logs: `user-agent: ratio-bank/0.1.0 name/version`.
    ///
    /// Name and version are HTTP tokens: letters, digits and ``!#$%&'*+-.^_`|~``.
    pub fn app_info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.app = Some((name.into(), version.into()));
        self
    }

    /// Sets the maximum time for one attempt, by default 15 s. Half of it, but at most 5 s, may be spent on making a
    /// connection.
    ///
    /// The async runtime measures the time. If its only thread is busy, for example with a server that sends very many
    /// interim responses, the timeout fires late.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.policy.attempt_timeout = timeout;
        self
    }

    /// Sets the maximum time for an operation with all its attempts and pauses, by default 60 s. An attempt does not
    /// begin if too little time is left to make a connection.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.policy.deadline = deadline;
        self
    }

    /// Sets the maximum number of times that a request is sent, by default 3. One means no retries.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.policy.max_attempts = attempts.max(1);
        self
    }

    /// Sets the maximum number of bytes that are read of a response, by default 1 MiB.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Keeps the body of a response in the error that results from it, for [`Error::raw_body`]. This is off by default,
    /// because a body may hold tokens and personal data.
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

    /// Opens Plaid Link at another address than Plaid's, such as a stand-in's.
    pub fn plaid_page(mut self, page: Url) -> Self {
        self.plaid_page = Some(page);
        self
    }

    /// Configures the underlying HTTP client: proxies, certificates, connections. The client uses the builder that
    /// `set_up` returns, but overrides three settings: no redirects, no automatic retries, and no logging of bytes.
    ///
    /// A redirect would send the session and the client's secret to another origin, and a 307 or 308 would repeat a
    /// payment. This crate decides itself which requests are sent again. The bytes contain every secret.
    ///
    /// ```
    /// use ratio_bank::{Client, Environment, reqwest::Proxy};
    ///
    /// let proxy = Proxy::https("http://proxy.example:3128")?;
    /// let client = Client::builder(Environment::Staging)
    ///     .client_id("the-product")
    ///     .http_client(|http| http.proxy(proxy))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// To reach a private gateway with a certificate that the system does not trust, add its root with
    /// [`tls_certs_merge`](reqwest::ClientBuilder::tls_certs_merge).
    pub fn http_client(
        mut self,
        set_up: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http = Some(Box::new(set_up));
        self
    }

    /// Sets a function that receives each deviation from the pin, at a bounded rate. It must not block.
    ///
    /// The same events are emitted with `tracing`, under the target `ratio_bank::drift`.
    pub fn on_drift(mut self, hook: impl Fn(&DriftEvent) + Send + Sync + 'static) -> Self {
        self.on_drift = Some(Arc::new(hook));
        self
    }

    /// Sets a function that receives each new session token, in order, so that a service with many replicas can store
    /// it. It must not block, because it runs before the call returns. If it panics, the panic is logged as an error
    /// and the call continues.
    pub fn on_session_refresh(
        mut self,
        hook: impl Fn(&UserId, &SessionToken) + Send + Sync + 'static,
    ) -> Self {
        self.on_refresh = Some(Arc::new(hook));
        self
    }

    #[cfg(feature = "test-util")]
    pub(crate) fn on_fake(mut self, fake: crate::test_util::Fake) -> Self {
        self.fake = Some(fake);
        self
    }

    /// Replaces the clock, for tests.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// Replaces the source of randomness, for tests. The values must be uniform over all of `u64`.
    pub fn random(mut self, next: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.random = Arc::new(next);
        self
    }

    /// Builds the client. This sends no request.
    ///
    /// # Errors
    /// When the client id is missing, the id or secret is not a valid header value, the app's name or version is not an
    /// HTTP token, or TLS cannot be set up.
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
        headers.insert(USER_AGENT, user_agent(self.app)?);
        headers.insert(HeaderName::from_static("ratio-client-id"), header(&id, "id")?);
        if let Some(secret) = &self.client_secret {
            let mut secret = header(secret.expose_secret(), "secret")?;
            secret.set_sensitive(true);
            headers.insert(HeaderName::from_static("ratio-client-secret"), secret);
        }
        let http = http_client(&self.environment, &self.policy, self.http)
            .map_err(|error| invalid("the HTTP client cannot be set up").because(error))?;
        let plaid_page = match self.plaid_page {
            Some(page) => page,
            None => Url::parse(WEBVIEW_PAGE)
                .map_err(|error| invalid("the Plaid page is no URL").because(error))?,
        };
        let base_url = self.environment.base_url().into_owned();
        let url = Url::parse(&base_url).map_err(|error| invalid("the base URL is none").because(error))?;
        Ok(Client {
            inner: Arc::new(Inner {
                base_url,
                plaid_page,
                on_refresh: self.on_refresh,
                transport: Transport {
                    http,
                    #[cfg(feature = "test-util")]
                    fake: self.fake,
                    headers,
                    server: Server::of(&url),
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

/// The `User-Agent` header: this crate as a product, followed by the app (RFC 9110, section 10.1.5).
fn user_agent(app: Option<(String, String)>) -> Result<HeaderValue, Error> {
    let ours = concat!("ratio-bank/", env!("CARGO_PKG_VERSION"));
    let Some((name, version)) = app else {
        return Ok(HeaderValue::from_static(ours));
    };
    let is_token = |text: &str| {
        let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        (1..=64).contains(&text.len()) && text.bytes().all(is_of_token)
    };
    let told = format!("{ours} {name}/{version}");
    match HeaderValue::try_from(told) {
        Ok(value) if is_token(&name) && is_token(&version) => Ok(value),
        _ => Err(Error::new(
            ErrorKind::InvalidInput,
            "the app's name or version is no token of HTTP; write 1 to 64 letters, digits, `-`, `.` and `_`",
        )),
    }
}

/// Maximum number of headers that are read of a response. The usual hundred can be exceeded by what gateways add, and a
/// response with more headers than the maximum is lost.
const MOST_HEADERS: usize = 1024;

fn http_client(
    environment: &Environment,
    policy: &Policy,
    set_up: Option<SetUp>,
) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        // Shorter than the idle timeout of common load balancers, so that an order rarely meets a connection that is
        // being closed.
        .pool_idle_timeout(Duration::from_secs(30))
        .tcp_nodelay(true);
    // Requests to this machine bypass proxies, and may be sent without TLS.
    let builder = if environment.is_loopback() {
        builder.no_proxy()
    } else {
        builder
    };
    let builder = match set_up {
        Some(set_up) => set_up(builder),
        None => builder,
    };
    builder
        // A redirect would send the session to another origin, and a 307 would repeat a payment.
        .redirect(reqwest::redirect::Policy::none())
        // The retry table decides whether a request is sent again; the connection pool must not.
        .retry(reqwest::retry::never())
        // Verbose logging would write each request to the log, with the session and the client's secret.
        .connection_verbose(false)
        // Shorter than an attempt, so that a failed connection can be distinguished from a missing response.
        .connect_timeout(policy.connect_timeout())
        .http1_max_headers(MOST_HEADERS)
        .build()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that is injected unless told otherwise"
)]
fn system_time() -> SystemTime {
    SystemTime::now()
}

/// Jitter must differ between calls and processes, but need not be unpredictable. The hash of no input under the fresh
/// keys of a hash map is uniform, and needs no further dependency.
fn system_random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_prints_whom_it_asks_and_no_secret() {
        let client = Client::builder(Environment::Staging)
            .client_id("the-product")
            .client_secret("hunter2")
            .build()
            .unwrap();
        let shown = format!("{client:?}");
        assert!(
            shown.starts_with("Client {") && shown.contains("https://api.staging.ratio.me"),
            "{shown}"
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn jitter_differs_between_calls_and_falls_everywhere() {
        let drawn: Vec<u64> = (0..1000).map(|_| system_random()).collect();
        let different: std::collections::HashSet<_> = drawn.iter().collect();
        assert_eq!(different.len(), drawn.len());
        for eighth in 0..8 {
            assert!(drawn.iter().any(|drawn| drawn >> 61 == eighth), "{eighth}");
        }
    }

    #[test]
    fn the_app_is_named_after_this_crate() {
        let agent = |name: &str, version: &str| user_agent(Some((name.into(), version.into())));
        let told = agent("wallet", "1.2.3-rc.1+7").unwrap();
        assert_eq!(
            told.to_str().unwrap(),
            concat!("ratio-bank/", env!("CARGO_PKG_VERSION"), " wallet/1.2.3-rc.1+7")
        );
        for (name, version) in [
            ("", "1"),
            ("a b", "1"),
            ("a", ""),
            ("a", "1\r\nx: y"),
            ("a/b", "1"),
            ("ä", "1"),
            (&"x".repeat(65), "1"),
        ] {
            assert!(agent(name, version).is_err(), "{name}/{version}");
        }
    }
}
