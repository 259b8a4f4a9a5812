//! An empty database for tests, with one customer and a clock that can be put forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ratio_bank::SessionToken;
use tempfile::TempDir;

use crate::clock::Clock;
use crate::customers::Customers;
use crate::database::Database;
use crate::seal::{Seal, SealKey};

pub(crate) struct Scratch {
    pub(crate) database: Database,
    pub(crate) seal: Seal,
    pub(crate) customer_id: String,
    /// Seconds.
    ahead: Arc<AtomicU32>,
    _folder: TempDir,
}

impl Scratch {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.db");
        let ahead = Arc::new(AtomicU32::new(0));
        let clock = Clock::ahead_by({
            let ahead = Arc::clone(&ahead);
            move || ahead.load(Ordering::Relaxed)
        });
        let database = Database::open(path.to_str().unwrap(), &clock).await.unwrap();
        let seal = Seal::new(&SealKey::random());
        let customers = Customers {
            database: database.clone(),
            seal: seal.clone(),
        };
        let token = SessionToken::new("a");
        let (customer_id, _) = customers.sign_in("user", "wallet", &token).await.unwrap();
        Self {
            database,
            seal,
            customer_id,
            ahead,
            _folder: folder,
        }
    }

    pub(crate) fn pass(&self, seconds: u32) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
}
