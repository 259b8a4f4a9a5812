//! The database: one `SQLite` file that every replica on the machine opens.
//!
//! `rusqlite` with `SQLite` built in: one small crate over the C library, no server, no runtime of its
//! own. (`sqlx` would bring the same C library plus a pool, a driver layer and macros, for five small
//! tables.) `SQLite` takes one writer at a time, which is what makes "only one replica wins" a single
//! `UPDATE … WHERE state = …`. A product on several machines would keep these statements and put
//! `PostgreSQL` behind them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

/// A handle on the database; clones share one connection.
#[derive(Clone)]
pub(crate) struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Opens the file, creating it and its tables when it is new.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let mut connection = Connection::open(path)?;
        // Another replica may be writing: wait for it instead of failing.
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // An order must be on disk before its money moves, even when the power goes.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;

        // Two replicas may start on a new file at once; the second finds the tables there.
        let migration = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = migration.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            0 => migration.execute_batch(include_str!("schema.sql"))?,
            1 => migration.execute_batch(include_str!("schema_2.sql"))?,
            _ => {}
        }
        migration.pragma_update(None, "user_version", version.max(2))?;
        migration.commit()?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs statements on a thread that may block.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || {
            // A panic in earlier work left no transaction behind: rusqlite rolls back on drop.
            work(&mut database.0.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .expect("statements do not panic and are not cancelled")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as the first version of the service made it.
    const ORDERS_1: &str = "
        CREATE TABLE customers (id TEXT PRIMARY KEY, ratio_user_id TEXT, wallet_id TEXT, session_token BLOB) STRICT;
        CREATE TABLE orders (
            id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (id), bank_id TEXT NOT NULL,
            amount TEXT NOT NULL, currency TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('sending', 'accepted', 'refused', 'unclear')),
            reason TEXT, placed_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX orders_of_customer ON orders (customer_id, placed_at);
        INSERT INTO customers VALUES ('c', 'u', 'w', x'00');
        INSERT INTO orders VALUES ('a', 'c', 'b', '25', 'ETH', 'accepted', NULL, 1);
        INSERT INTO orders VALUES ('b', 'c', 'b', '25', 'ETH', 'unclear', NULL, 2);
        INSERT INTO orders VALUES ('c', 'c', 'b', '25', 'ETH', 'sending', NULL, 3);
        PRAGMA user_version = 1;";

    #[test]
    fn orders_of_the_first_version_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.db");
        Connection::open(&path).unwrap().execute_batch(ORDERS_1).unwrap();
        for _ in 0..2 {
            let database = Database::open(&path).unwrap();
            let connection = database.0.lock().unwrap();
            let rows: String = connection
                .query_row(
                    "SELECT group_concat(concat_ws(' ', id, wallet_id, state, looks, placed_at), ', ') FROM orders",
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(rows, "a w accepted 8 1, b w unclear 8 2, c w unclear 8 3");
            let version: i64 = connection
                .pragma_query_value(None, "user_version", |row| row.get(0))
                .unwrap();
            assert_eq!(version, 2);
        }
    }
}
