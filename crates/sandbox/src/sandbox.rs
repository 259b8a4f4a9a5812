//! The running sandbox and the handle that holds it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::builder::Builder;
use crate::clock::Clock;
use crate::contract::Contract;
use crate::documents::Document;
use crate::plaid::{Institution, Persona, Plaid};
use crate::session::Rotation;
use crate::users::{NewUser, User};
use crate::world::World;
use crate::world::banks::{Bank, LinkStatus, Verification};
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

/// What the handle, the listener and the background share.
pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) document: Document,
    pub(crate) contract: Contract,
    world: Mutex<World>,
    broken: Mutex<Vec<String>>,
}

impl Shared {
    pub(crate) fn new(
        url: String,
        clock: Clock,
        document: Document,
        contract: Contract,
        world: World,
    ) -> Self {
        Self {
            url,
            clock,
            document,
            contract,
            world: Mutex::new(world),
            broken: Mutex::new(Vec::new()),
        }
    }

    /// The state, with all that has become due settled.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.settle(self.clock.now());
        world
    }

    pub(crate) fn broke_contract(&self, what: String) {
        self.broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
    }
}

/// The stand-in knows no bank or user with this id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub(crate) String);

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the sandbox knows no {}", self.0)
    }
}

impl std::error::Error for Unknown {}

impl Sandbox {
    /// Starts to set one up; see [`Builder`] for what can be set.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens, without a trailing slash: `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The client id it accepts.
    pub fn client_id(&self) -> String {
        self.shared.world().settings.client_id.clone()
    }

    /// The client secret it accepts, where the document asks for one.
    pub fn client_secret(&self) -> String {
        self.shared.world().settings.client_secret.clone()
    }

    /// Its time, to be read and advanced.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// A new user who has passed KYC, has a wallet, and is signed in.
    pub fn user(&self) -> User {
        self.new_user().create()
    }

    /// Sets up another user than [`Sandbox::user`] gives.
    pub fn new_user(&self) -> NewUser {
        NewUser::new(self.shared.clone())
    }

    /// Signs a user in again, with a fresh session token.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn sign_in(&self, user_id: &str) -> Result<User, Unknown> {
        User::sign_in(&self.shared, user_id).ok_or_else(|| Unknown(format!("user {user_id:?}")))
    }

    /// Decides the check of a user's identity. Banks that waited for it get their verdict.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn decide_kyc(&self, user_id: &str, kyc: Kyc) -> Result<(), Unknown> {
        let now = self.shared.clock.now();
        let mut world = self.shared.world();
        let user = world
            .users
            .get_mut(user_id)
            .ok_or_else(|| Unknown(format!("user {user_id:?}")))?;
        user.kyc = kyc;
        user.updated = now;
        world.kyc_decided(user_id, now);
        Ok(())
    }

    /// The person in front of Plaid Link: good credentials at the first bank, unless told otherwise.
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
        self.change_bank(bank_id, |bank| bank.link = LinkStatus::LoginRequired)
    }

    /// Ends verification well at once: the bank is ACTIVE and APPROVED.
    ///
    /// # Errors
    ///
    /// When there is no such bank.
    pub fn approve(&self, bank_id: &str) -> Result<(), Unknown> {
        self.change_bank(bank_id, |bank| {
            bank.link = LinkStatus::Active;
            bank.verification = Verification::Approved;
        })
    }

    /// Ends verification badly at once: the bank is DECLINED.
    ///
    /// # Errors
    ///
    /// When there is no such bank.
    pub fn decline(&self, bank_id: &str) -> Result<(), Unknown> {
        self.change_bank(bank_id, |bank| bank.verification = Verification::Declined)
    }

    fn change_bank(&self, id: &str, change: impl FnOnce(&mut Bank)) -> Result<(), Unknown> {
        let now = self.shared.clock.now();
        if self.shared.world().set_bank(id, now, change) {
            Ok(())
        } else {
            Err(Unknown(format!("bank {id:?}")))
        }
    }

    /// Puts a user under review: from then on everything but reading answers 403.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn flag(&self, user_id: &str) -> Result<(), Unknown> {
        self.set_flags(user_id, vec!["F0000".to_owned()])
    }

    /// Ends a user's review.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn unflag(&self, user_id: &str) -> Result<(), Unknown> {
        self.set_flags(user_id, Vec::new())
    }

    fn set_flags(&self, id: &str, flags: Vec<String>) -> Result<(), Unknown> {
        let mut world = self.shared.world();
        let user = world
            .users
            .get_mut(id)
            .ok_or_else(|| Unknown(format!("user {id:?}")))?;
        user.flags = flags;
        Ok(())
    }

    /// Says when answers carry a new session token.
    pub fn rotate_tokens(&self, rotation: Rotation) {
        self.shared.world().sessions.rotation = rotation;
    }

    /// The purchases as they happened and what they booked.
    pub fn ledger(&self) -> Ledger {
        let world = self.shared.world();
        Ledger {
            transfers: world.transfers.clone(),
            entries: world.ledger.clone(),
        }
    }

    /// Answers that broke the document although they should not have. Each was sent as a loud 500 instead.
    pub fn contract_violations(&self) -> Vec<String> {
        self.shared
            .broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Stops accepting, lets requests that are under way finish, and returns when all is down.
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
