//! Configures and starts a sandbox.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::contract::Contract;
use crate::documents::{Document, InvalidDocument};
use crate::sandbox::Sandbox;
use crate::server::{self, Door};
use crate::shared::Shared;
use crate::world::{Settings, World};
use crate::{background, routes};

/// The settings of a sandbox that is about to start.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
/// use ratio_sandbox::{Clock, Document, Sandbox};
///
/// let sandbox = Sandbox::builder()
///     .document(Document::later())
///     .clock(Clock::still_at("2023-06-23T12:00:00Z").unwrap())
///     .verification_delay(Duration::from_secs(5))
///     .start()
///     .await
///     .unwrap();
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[derive(Clone)]
pub struct Builder {
    port: u16,
    seed: u64,
    document: Document,
    clock: Option<Clock>,
    settings: Settings,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 0,
            document: Document::earlier(),
            clock: None,
            settings: Settings {
                client_id: "6f1c2b9e-3d54-4a7b-8c10-5e2f9a6d7b01".to_owned(),
                client_secret: "sandbox-client-secret".to_owned(),
                verification_delay: Duration::ZERO,
                settlement_delay: Duration::ZERO,
                redirect_uri: None,
            },
        }
    }
}

impl Builder {
    /// Sets the loopback port to listen on. By default, it is a free port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the seed of identifiers, tokens and random faults. By default, it is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the API document that the sandbox serves. By default, it is [`Document::earlier`].
    #[must_use]
    pub fn document(mut self, document: Document) -> Self {
        self.document = document;
        self
    }

    /// Sets the clock. By default, it ticks with the system's time.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the client id that the sandbox accepts.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.settings.client_id = id.into();
        self
    }

    /// Sets the client secret that the sandbox accepts.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.client_secret = secret.into();
        self
    }

    /// Sets how long a bank stays `IN_REVIEW` after activation. By default, this is zero: the activation still returns
    /// `INACTIVE` and `IN_REVIEW`, and the next request returns the verdict.
    #[must_use]
    pub fn verification_delay(mut self, delay: Duration) -> Self {
        self.settings.verification_delay = delay;
        self
    }

    /// Sets how long a purchase stays `PENDING`. By default, this is zero, with the same meaning as for verification.
    #[must_use]
    pub fn settlement_delay(mut self, delay: Duration) -> Self {
        self.settings.settlement_delay = delay;
        self
    }

    /// Sets the URI to which an OAuth bank returns the person if the link request names none. In the earlier document,
    /// it cannot name one. Without a URI, the bank's page returns to the Link page itself.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.settings.redirect_uri = Some(uri.into());
        self
    }

    /// Starts to listen. The sandbox is ready when this returns.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound, or the document has no paths.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        Contract::of(&self.document).check()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let bound = |source| StartError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        let world = World::new(self.settings, self.seed);
        let clock = self.clock.unwrap_or_else(Clock::ticking);
        let (refusing, asked) = watch::channel(false);
        let (closed, door) = watch::channel(false);
        let url = format!("http://{address}");
        let doors = (refusing, door);
        let shared = Arc::new(Shared::new(url, clock, self.document, world, self.seed, doors));
        let (stop, stopped) = watch::channel(false);
        let router = routes::router(shared.clone());
        let tasks = vec![
            tokio::spawn(server::serve(
                listener,
                router,
                Door { asked, closed },
                stopped.clone(),
            )),
            tokio::spawn(background::run(shared.clone(), stopped)),
        ];
        Ok(Sandbox {
            shared,
            address,
            stop,
            tasks,
        })
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Leaves out the secret and the document.
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// The reason why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The port is in use or not permitted.
    Bind {
        /// The address to listen on.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The document cannot be served.
    Document(InvalidDocument),
}

impl From<InvalidDocument> for StartError {
    fn from(error: InvalidDocument) -> Self {
        Self::Document(error)
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bind { address, .. } => write!(
                f,
                "could not listen on {address}; choose another port, or 0 for a free one"
            ),
            Self::Document(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind { source, .. } => Some(source),
            Self::Document(_) => None,
        }
    }
}
