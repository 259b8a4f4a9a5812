//! The running service, and the state that its parts share.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use ratio_bank::Client;
use ratio_bank::webhook::WebhookVerifier;
use tokio_util::task::TaskTracker;

use crate::bank_updates::BankUpdates;
use crate::clock::Clock;
use crate::config::{Config, Credentials};
use crate::customers::Customers;
use crate::database::Database;
use crate::links::Links;
use crate::metrics::Counts;
use crate::orders::Orders;
use crate::problem::Problem;
use crate::seal::Seal;
use crate::{headers, ratio};

/// The service. Clones share all state.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

struct Parts {
    config: Config,
    database: Database,
    customers: Customers,
    links: Links,
    orders: Orders,
    bank_updates: BankUpdates,
    client: Client,
    webhook_verifier: Option<WebhookVerifier>,
    counts: Arc<Counts>,
    /// Tasks that continue even if no request waits for them.
    tasks: TaskTracker,
    content_security_policy: HeaderValue,
}

impl Service {
    /// Opens the database and creates the client for Ratio.
    ///
    /// # Errors
    /// When the database cannot be opened, or an address of the configuration is invalid.
    pub async fn new(config: Config, clock: Clock) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let database = Database::open(config.database.reveal(), &clock)
            .await
            .map_err(|error| format!("could not open the database that DATABASE names: {error}"))?;
        let seal = Seal::new(&config.seal_key);
        let counts = Arc::new(Counts::default());
        let policy = headers::content_security_policy(&config.plaid_url);
        Ok(Self(Arc::new(Parts {
            client: ratio::client(&config, &counts)?,
            webhook_verifier: config
                .webhook_secret
                .as_ref()
                .map(|secret| WebhookVerifier::new(secret.reveal()))
                .transpose()?,
            customers: Customers {
                database: database.clone(),
                seal: seal.clone(),
            },
            links: Links {
                database: database.clone(),
                seal,
            },
            orders: Orders {
                database: database.clone(),
            },
            bank_updates: BankUpdates {
                database: database.clone(),
            },
            database,
            counts,
            tasks: TaskTracker::new(),
            content_security_policy: HeaderValue::from_str(&policy)
                .map_err(|_| format!("PLAID_URL is not an address: {}", config.plaid_url))?,
            config,
        })))
    }

    /// Finishes the work that other processes left behind and searches for orders without a response, now and from time
    /// to time. It runs until the service is [told to stop](Self::stop), so spawn it.
    pub async fn keep_finishing(self) {
        let half_a_claim = Duration::from_millis(self.0.config.claim_seconds.unsigned_abs() * 500);
        let mut ticks = tokio::time::interval(half_a_claim);
        while !self.is_stopping() {
            ticks.tick().await;
            self.finish_left_over().await;
            self.settle_unclear_orders().await;
        }
    }

    /// Begins to stop. [`finished`](Self::finished) waits for work in progress.
    pub fn stop(&self) {
        self.0.tasks.close();
    }

    /// Waits until the outcome of each order and link in progress is stored.
    pub async fn finished(&self) {
        self.0.tasks.wait().await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.tasks.is_closed()
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(crate) fn customers(&self) -> &Customers {
        &self.0.customers
    }

    pub(crate) fn links(&self) -> &Links {
        &self.0.links
    }

    pub(crate) fn orders(&self) -> &Orders {
        &self.0.orders
    }

    pub(crate) fn bank_updates(&self) -> &BankUpdates {
        &self.0.bank_updates
    }

    /// The page that a webview opens.
    pub(crate) fn plaid_page(&self) -> Result<reqwest::Url, Problem> {
        let page = format!("{}/link/v2/stable/link.html", self.0.config.plaid_url);
        page.parse()
            .map_err(|_| Problem::not_found("PLAID_URL is not an address"))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn webhook_verifier(&self) -> Option<&WebhookVerifier> {
        self.0.webhook_verifier.as_ref()
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    pub(crate) fn content_security_policy(&self) -> &HeaderValue {
        &self.0.content_security_policy
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.config.public_url.starts_with("https://")
    }

    pub(crate) fn plaid_script(&self) -> String {
        format!("{}/link/v2/stable/link-initialize.js", self.0.config.plaid_url)
    }

    pub(crate) fn has_guests(&self) -> bool {
        self.0.config.guest.is_some()
    }

    pub(crate) fn guest(&self) -> Option<Credentials> {
        self.0.config.guest.as_ref().map(|guest| (guest.0)())
    }
}
