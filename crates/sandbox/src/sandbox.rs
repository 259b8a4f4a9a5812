//! The running sandbox and its handle.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::builder::Builder;
use crate::clock::Clock;
use crate::faults::Fault;
use crate::plaid::{Institution, Persona, Plaid};
use crate::session::Rotation;
use crate::shared::{Seen, Shared, Unknown, no_user};
use crate::users::{NewUser, User};
use crate::world::banks::{LinkStatus, Verification};
use crate::world::ledger::Ledger;
use crate::world::users::Kyc;

/// A stand-in for Ratio and for Plaid Link, listening on the loopback interface until it is dropped.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use ratio_sandbox::Sandbox;
///
/// let sandbox = Sandbox::builder().start().await.unwrap();
/// let user = sandbox.user();
/// let response = reqwest::Client::new()
///     .post(format!("{}/v1/users/{}/banks:requestLink", sandbox.url(), user.id()))
///     .header("ratio-client-id", sandbox.client_id())
///     .bearer_auth(user.session_token())
///     .send()
///     .await
///     .unwrap();
/// assert_eq!(response.status(), 200);
/// # }
/// ```
pub struct Sandbox {
    pub(crate) shared: Arc<Shared>,
    pub(crate) address: SocketAddr,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Returns a builder for a sandbox; see [`Builder`] for its settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL, without a trailing slash: `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The client id it accepts.
    pub fn client_id(&self) -> String {
        self.shared.world().settings.client_id.clone()
    }

    /// The client secret that it accepts, if the document requires one.
    pub fn client_secret(&self) -> String {
        self.shared.world().settings.client_secret.clone()
    }

    /// The clock, which can be read and advanced.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Creates a user who has passed KYC, has a wallet, and is signed in.
    pub fn user(&self) -> User {
        self.new_user().create()
    }

    /// Returns a builder for a user that differs from [`Sandbox::user`].
    pub fn new_user(&self) -> NewUser {
        NewUser::new(self.shared.clone())
    }

    /// Signs a user in again, with a fresh session token.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn sign_in(&self, user_id: &str) -> Result<User, Unknown> {
        User::sign_in(&self.shared, user_id).ok_or_else(|| no_user(user_id))
    }

    /// Decides the identity check of a user. Banks that waited for it get their verdict.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn decide_kyc(&self, user_id: &str, kyc: Kyc) -> Result<(), Unknown> {
        self.shared.decide_kyc(user_id, kyc)
    }

    /// The person in front of Plaid Link. By default, it has good credentials at the first bank.
    pub fn plaid(&self) -> Plaid {
        Plaid {
            shared: self.shared.clone(),
            persona: Persona::default(),
            institution: Institution::default(),
        }
    }

    /// Makes a bank ask for a new login (`LOGIN_REQUIRED`). Purchases then fail with `PLAID_LOGIN_ERROR`.
    ///
    /// # Errors
    ///
    /// When there is no such bank.
    pub fn break_link(&self, bank_id: &str) -> Result<(), Unknown> {
        self.shared
            .change_bank(bank_id, |bank| bank.link = LinkStatus::LoginRequired)
    }

    /// Ends verification successfully at once: the bank is ACTIVE and APPROVED.
    ///
    /// # Errors
    ///
    /// When there is no such bank.
    pub fn approve(&self, bank_id: &str) -> Result<(), Unknown> {
        self.shared.change_bank(bank_id, |bank| {
            bank.link = LinkStatus::Active;
            bank.verification = Verification::Approved;
        })
    }

    /// Ends verification with a refusal at once: the bank is DECLINED.
    ///
    /// # Errors
    ///
    /// When there is no such bank.
    pub fn decline(&self, bank_id: &str) -> Result<(), Unknown> {
        self.shared
            .change_bank(bank_id, |bank| bank.verification = Verification::Declined)
    }

    /// Puts a user under review. From then on, every request except reads returns 403.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn flag(&self, user_id: &str) -> Result<(), Unknown> {
        self.shared.set_flags(user_id, vec!["F0000".to_owned()])
    }

    /// Ends a user's review.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn unflag(&self, user_id: &str) -> Result<(), Unknown> {
        self.shared.set_flags(user_id, Vec::new())
    }

    /// Sets when responses carry a new session token.
    pub fn rotate_tokens(&self, rotation: Rotation) {
        self.shared.world().sessions.rotation = rotation;
    }

    /// Registers a webhook for every event, and returns the secret that signs its messages.
    ///
    /// A service registers its own webhook by `POST /v1/webhooks`. The bank operations of 2023-06-23 alone have no such
    /// operation. Messages are `{userId, event, id, data}`, sent once, and only to this machine.
    /// `ratio-webhook-signature` is the lower-case hexadecimal HMAC-SHA512 of timestamp, a full stop and body.
    /// `ratio-webhook-signature-timestamp` is the timestamp, in milliseconds of Unix time.
    pub fn register_webhook(&self, url: &str) -> String {
        let now = self.shared.clock.now();
        self.shared.world().register_webhook(url, now)
    }

    /// Injects a fault into the next request to an operation; see [`operation`](crate::operation) for names.
    ///
    /// Faults are queued: each request takes the oldest one that applies to it.
    ///
    /// # Errors
    ///
    /// When the document has no such operation.
    pub fn inject(&self, operation: &str, fault: Fault) -> Result<(), Unknown> {
        self.shared.inject(operation, fault)
    }

    /// Makes about `per_mille` of a thousand requests fail, each in a way that follows from the seed.
    pub fn inject_at_random(&self, per_mille: u16) {
        self.shared.faults_at_random(per_mille);
    }

    /// Removes every fault that has not happened yet, including the random ones.
    pub fn clear_faults(&self) {
        self.shared.clear_faults();
    }

    /// Refuses new connections and closes open ones, until it is called with `false`.
    ///
    /// The port is closed meanwhile, as if the service were down. This returns when the change is complete.
    pub async fn refuse_connections(&self, refuse: bool) {
        self.shared.refuse(refuse).await;
    }

    /// The latest requests that reached an operation of the document, oldest first, at most ten thousand.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.seen()
    }

    /// The number of requests that reached an operation, with or without a response.
    ///
    /// # Errors
    ///
    /// When the document has no such operation.
    pub fn request_count(&self, operation: &str) -> Result<usize, Unknown> {
        self.shared.request_count(operation)
    }

    /// The accepted purchases and their bookings.
    pub fn ledger(&self) -> Ledger {
        self.shared.ledger()
    }

    /// Responses that violated the document because of an error. Each was replaced by a 500.
    pub fn contract_violations(&self) -> Vec<String> {
        self.shared.broken()
    }

    /// Stops accepting requests, lets those in progress finish, and returns when everything has stopped.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        for task in std::mem::take(&mut self.tasks) {
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.shared.url)
            .finish_non_exhaustive()
    }
}
