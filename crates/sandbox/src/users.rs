//! Users, as a test creates and holds them.

use std::sync::Arc;

use crate::shared::Shared;
use crate::world::users::{self, Kyc};
use crate::world::wallets::Wallet;

/// A user of the sandbox who is signed in.
#[derive(Clone)]
pub struct User {
    id: String,
    session_token: String,
    wallet_id: String,
}

impl User {
    /// The user's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn sign_in(shared: &Shared, id: &str) -> Option<Self> {
        let now = shared.clock.now();
        let mut world = shared.world();
        let world = &mut *world;
        let user = world.users.get(id)?;
        let wallet_id = user
            .wallets
            .first()
            .map(|wallet| wallet.id.clone())
            .unwrap_or_default();
        let session_token = world.sessions.open(id, now, &mut world.random);
        Some(Self {
            id: id.to_owned(),
            session_token,
            wallet_id,
        })
    }

    /// A session token of this user (a JWT), valid for five minutes of the sandbox's time.
    pub fn session_token(&self) -> &str {
        &self.session_token
    }

    /// The user's Ethereum wallet.
    pub fn wallet_id(&self) -> &str {
        &self.wallet_id
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("wallet_id", &self.wallet_id)
            .finish_non_exhaustive()
    }
}

/// A builder for a user.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use ratio_sandbox::{Kyc, Sandbox};
///
/// let sandbox = Sandbox::builder().start().await.unwrap();
/// let undecided = sandbox.new_user().kyc(Kyc::InReview).create();
/// assert_ne!(undecided.id(), sandbox.user().id());
/// # }
/// ```
pub struct NewUser {
    shared: Arc<Shared>,
    kyc: Kyc,
}

impl NewUser {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            kyc: Kyc::Approved,
        }
    }

    /// Sets the state of the identity check. By default, it is passed.
    #[must_use]
    pub fn kyc(mut self, kyc: Kyc) -> Self {
        self.kyc = kyc;
        self
    }

    /// Creates the user, with a wallet and a session.
    pub fn create(self) -> User {
        let now = self.shared.clock.now();
        let mut world = self.shared.world();
        let world = &mut *world;
        let id = world.random.uuid();
        let wallet = Wallet {
            id: world.random.uuid(),
            created: now,
            address: format!("0x{}", world.random.hex(20)),
        };
        let wallet_id = wallet.id.clone();
        let mut user = users::User::new(id.clone(), self.kyc, now);
        user.wallets.push(wallet);
        world.users.insert(id.clone(), user);
        let session_token = world.sessions.open(&id, now, &mut world.random);
        User {
            id,
            session_token,
            wallet_id,
        }
    }
}
