//! The state that the handle, the listener, the pages and the background share, and the methods that change it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::contract::{Contract, Operation};
use crate::documents::Document;
use crate::faults::{Fault, Faults, Trouble};
use crate::operation::ANY;
use crate::world::World;
use crate::world::banks::Bank;
use crate::world::ledger::Ledger;
use crate::world::users::Kyc;

pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) document: Document,
    world: Mutex<World>,
    faults: Mutex<Faults>,
    seen: Mutex<Journal>,
    broken: Mutex<VecDeque<String>>,
    /// Whether connections should be refused, and whether they are.
    refusing: watch::Sender<bool>,
    door: watch::Receiver<bool>,
}

/// A request that reached an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// Method and path, as the served document writes them.
    pub operation: String,
    /// The status of the response; `None` if there was no response.
    pub status: Option<u16>,
}

/// The latest requests, and the total number of each kind.
#[derive(Default)]
struct Journal {
    latest: VecDeque<Seen>,
    counts: HashMap<String, usize>,
}

/// Maximum number of requests that are kept. It is enough for any test, and limits a sandbox that runs for days.
const LATEST: usize = 10_000;

/// The error for a name that the stand-in does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub(crate) String);

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the sandbox knows no {}", self.0)
    }
}

impl std::error::Error for Unknown {}

/// Locks a mutex. After a panic elsewhere, later requests must still work.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(
        url: String,
        clock: Clock,
        document: Document,
        world: World,
        seed: u64,
        (refusing, door): (watch::Sender<bool>, watch::Receiver<bool>),
    ) -> Self {
        Self {
            url,
            clock,
            document,
            world: Mutex::new(world),
            faults: Mutex::new(Faults::new(seed)),
            seen: Mutex::default(),
            broken: Mutex::default(),
            refusing,
            door,
        }
    }

    /// The contract of its document.
    pub(crate) fn contract(&self) -> Contract<'_> {
        Contract::of(&self.document)
    }

    /// The state, after everything that is due has been settled.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = locked(&self.world);
        world.settle(self.clock.now());
        world
    }

    pub(crate) fn change_bank(&self, id: &str, change: impl FnOnce(&mut Bank)) -> Result<(), Unknown> {
        let now = self.clock.now();
        if self.world().set_bank(id, now, change) {
            Ok(())
        } else {
            Err(Unknown(format!("bank {id:?}")))
        }
    }

    pub(crate) fn set_flags(&self, id: &str, flags: Vec<String>) -> Result<(), Unknown> {
        let mut world = self.world();
        world.users.get_mut(id).ok_or_else(|| no_user(id))?.flags = flags;
        Ok(())
    }

    pub(crate) fn decide_kyc(&self, id: &str, kyc: Kyc) -> Result<(), Unknown> {
        let now = self.clock.now();
        let mut world = self.world();
        let user = world.users.get_mut(id).ok_or_else(|| no_user(id))?;
        user.kyc = kyc;
        user.updated = now;
        world.kyc_decided(id, now);
        Ok(())
    }

    pub(crate) fn inject(&self, operation: &str, fault: Fault) -> Result<(), Unknown> {
        let shape = if operation == ANY {
            None
        } else {
            Some(named(&self.contract(), operation)?.shape())
        };
        locked(&self.faults).inject(shape, fault);
        Ok(())
    }

    pub(crate) fn faults_at_random(&self, per_mille: u16) {
        locked(&self.faults).at_random(per_mille);
    }

    pub(crate) fn clear_faults(&self) {
        locked(&self.faults).clear();
    }

    pub(crate) fn trouble(&self, operation: Operation<'_>) -> Trouble {
        locked(&self.faults).next(&operation.shape())
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let world = self.world();
        Ledger {
            transfers: world.transfers.clone(),
            entries: world.ledger.clone(),
        }
    }

    pub(crate) fn saw(&self, operation: Operation<'_>, status: Option<u16>) {
        let operation = operation.name();
        if let Some(status) = status {
            tracing::info!(status, "{operation}");
        } else {
            tracing::info!("{operation} is left without an answer");
        }
        let mut journal = locked(&self.seen);
        *journal.counts.entry(operation.clone()).or_default() += 1;
        journal.latest.push_back(Seen { operation, status });
        if journal.latest.len() > LATEST {
            journal.latest.pop_front();
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        locked(&self.seen).latest.iter().cloned().collect()
    }

    pub(crate) fn request_count(&self, operation: &str) -> Result<usize, Unknown> {
        let journal = locked(&self.seen);
        if operation == ANY {
            return Ok(journal.counts.values().sum());
        }
        let name = named(&self.contract(), operation)?.name();
        Ok(journal.counts.get(&name).copied().unwrap_or_default())
    }

    pub(crate) fn broke_contract(&self, what: String) {
        let mut broken = locked(&self.broken);
        broken.push_back(what);
        if broken.len() > LATEST {
            broken.pop_front();
        }
    }

    pub(crate) fn broken(&self) -> Vec<String> {
        locked(&self.broken).iter().cloned().collect()
    }

    /// Asks the listener to close or to open, and waits until it has done so.
    pub(crate) async fn refuse(&self, refuse: bool) {
        let mut door = self.door.clone();
        self.refusing.send_replace(refuse);
        // An error means that the listener is gone, which refuses connections as well.
        let _ = door.wait_for(|closed| *closed == refuse).await;
    }

    /// Refuses connections for a period of real time, since a caller over the network cannot ask again to end it.
    pub(crate) fn refuse_for(self: Arc<Self>, a_while: Duration) {
        tokio::spawn(async move {
            // Lets the response to this request be sent first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.refuse(true).await;
            tokio::time::sleep(a_while).await;
            self.refuse(false).await;
        });
    }
}

fn named<'c>(contract: &'c Contract<'c>, name: &str) -> Result<Operation<'c>, Unknown> {
    let unknown = || Unknown(format!("operation {name:?} in the document it speaks"));
    contract.named(name).ok_or_else(unknown)
}

pub(crate) fn no_user(id: &str) -> Unknown {
    Unknown(format!("user {id:?}"))
}
