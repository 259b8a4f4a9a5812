//! The database: `PostgreSQL` for replicas on several machines, or one `SQLite` file for replicas on one machine.
//!
//! Both take the same statements through `sqlx`, except for the few words in braces. A single
//! `UPDATE … WHERE state = …` ensures that only one replica wins. `PostgreSQL` locks the row and checks it again once the
//! lock is free; `SQLite` allows one writer at a time.

use std::path::absolute;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Url;
use sqlx::any::{Any, AnyArguments, AnyPoolOptions, AnyRow, install_default_drivers};
use sqlx::query::Query;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tokio::time::timeout;

use crate::clock::Clock;

/// The tables of a new database, and the steps that bring an older one to the same version. The first step applies to a
/// database of version 1.
const SQLITE: (&str, &[&str]) = (
    include_str!("schema/sqlite.sql"),
    &[
        include_str!("schema/sqlite_2.sql"),
        include_str!("schema/sqlite_3.sql"),
        include_str!("schema/both_4.sql"),
    ],
);
/// The oldest `PostgreSQL` database has version 3.
const POSTGRES: (&str, &[&str]) = (
    include_str!("schema/postgres.sql"),
    &["", "", include_str!("schema/both_4.sql")],
);
/// The version of a database with the current tables.
const VERSION: i64 = 4;
/// Maximum time that a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A handle on the database; clones share its connections.
#[derive(Clone)]
pub(crate) struct Database {
    pool: AnyPool,
    dialect: Dialect,
    clock: Clock,
}

#[derive(Clone, Copy)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// Connects a pool. A pool that times out does not report the reason, so one more connection is made to find it.
async fn connect(pool: AnyPoolOptions, address: &str) -> sqlx::Result<AnyPool> {
    match pool.connect(address).await {
        Err(sqlx::Error::PoolTimedOut) => {
            let once = timeout(PATIENCE, AnyConnection::connect(address)).await;
            once.map_or(Ok(()), |connected| connected.map(drop))?;
            Err(sqlx::Error::PoolTimedOut)
        }
        connected => connected,
    }
}

impl Database {
    /// Opens a database, `postgres://…` or the path of a file, and creates its tables or updates them to the current
    /// version.
    pub(crate) async fn open(address: &str, clock: &Clock) -> sqlx::Result<Self> {
        install_default_drivers();
        let pool = AnyPoolOptions::new().acquire_timeout(PATIENCE);
        let is_postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| address.starts_with(scheme));
        let (pool, dialect) = if is_postgres {
            (
                connect(pool.max_connections(8), address).await?,
                Dialect::Postgres,
            )
        } else {
            let pool = pool.max_connections(1).after_connect(|connection, _| {
                Box::pin(async move {
                    // An order must be on disk before its money moves, even if the power fails.
                    connection
                        .execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                        .await?;
                    Ok(())
                })
            });
            (pool.connect(&file(address)?).await?, Dialect::Sqlite)
        };
        let database = Self {
            pool,
            dialect,
            clock: clock.clone(),
        };
        database.migrate().await?;
        Ok(database)
    }

    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// A statement, with the words in braces replaced for this database.
    ///
    /// `{now}` is the time by the database's clock, so that replicas whose clocks differ agree; `{row}` is a column that
    /// grows with every row.
    pub(crate) fn query(&self, text: &str) -> Query<'static, Any, AnyArguments> {
        let (now, row) = match self.dialect {
            Dialect::Sqlite => ("unixepoch()", "rowid"),
            Dialect::Postgres => (
                "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)",
                "number",
            ),
        };
        let now = match self.clock.ahead() {
            0 => now.to_owned(),
            ahead => format!("({now} + {ahead})"),
        };
        // The texts are constants of this program: values are bound and never inserted.
        sqlx::query(AssertSqlSafe(text.replace("{now}", &now).replace("{row}", row)))
    }

    /// The time by the database's clock.
    pub(crate) async fn now(&self) -> sqlx::Result<SystemTime> {
        let row = self.query("SELECT {now}").fetch_one(&self.pool).await?;
        let seconds: i64 = row.try_get(0)?;
        Ok(UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()))
    }

    /// Executes a statement that changes one row, and returns whether it did.
    pub(crate) async fn change(&self, statement: Query<'static, Any, AnyArguments>) -> sqlx::Result<bool> {
        Ok(statement.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// The first column of each row, which is an id.
    pub(crate) async fn ids(
        &self,
        statement: Query<'static, Any, AnyArguments>,
    ) -> sqlx::Result<Vec<String>> {
        let rows = statement.fetch_all(&self.pool).await?;
        rows.iter().map(|row: &AnyRow| row.try_get(0)).collect()
    }

    /// Creates or updates the tables. Two replicas may start on a new database at once, and the second one then finds
    /// the tables.
    async fn migrate(&self) -> sqlx::Result<()> {
        let (begin, (tables, steps)) = match self.dialect {
            Dialect::Sqlite => ("BEGIN IMMEDIATE", SQLITE),
            Dialect::Postgres => ("BEGIN", POSTGRES),
        };
        let mut migration = self.pool.begin_with(begin).await?;
        let version: i64 = match self.dialect {
            Dialect::Sqlite => {
                let row = migration.fetch_one("PRAGMA user_version").await?;
                row.try_get(0)?
            }
            Dialect::Postgres => {
                // The lock is held until the end of the transaction.
                migration.execute("SELECT pg_advisory_xact_lock(7236850)").await?;
                migration
                    .execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
                    .await?;
                let row = migration
                    .fetch_one("SELECT coalesce(max(version), 0) FROM schema_version")
                    .await?;
                row.try_get(0)?
            }
        };
        if version > VERSION {
            let why = format!(
                "its tables are of version {version}, and this program knows {VERSION}; start the newer program"
            );
            return Err(sqlx::Error::Configuration(why.into()));
        }
        match usize::try_from(version) {
            Ok(0) => {
                migration.execute(tables).await?;
            }
            Ok(version) => {
                for step in &steps[version - 1..] {
                    migration.execute(*step).await?;
                }
            }
            Err(error) => return Err(sqlx::Error::Configuration(error.into())),
        }
        if version < VERSION {
            let stamp = match self.dialect {
                Dialect::Sqlite => format!("PRAGMA user_version = {VERSION}"),
                Dialect::Postgres => {
                    format!("DELETE FROM schema_version; INSERT INTO schema_version VALUES ({VERSION})")
                }
            };
            migration.execute(AssertSqlSafe(stamp)).await?;
        }
        migration.commit().await
    }
}

/// The address of a `SQLite` file, which is created if it does not exist.
fn file(path: &str) -> sqlx::Result<String> {
    let url = absolute(path)
        .ok()
        .and_then(|path| Url::from_file_path(path).ok())
        .ok_or_else(|| {
            sqlx::Error::Configuration("it is neither postgres://… nor the path of a file".into())
        })?;
    Ok(format!("sqlite://{}?mode=rwc", url.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables as the first version of the service created them.
    const VERSION_1: &str = "
        CREATE TABLE customers (id TEXT PRIMARY KEY, ratio_user_id TEXT, wallet_id TEXT, session_token BLOB) STRICT;
        CREATE TABLE orders (
            id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (id), bank_id TEXT NOT NULL,
            amount TEXT NOT NULL, currency TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('sending', 'accepted', 'refused', 'unclear')),
            reason TEXT, placed_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX orders_of_customer ON orders (customer_id, placed_at);
        CREATE TABLE sign_ins (cookie_sha256 BLOB PRIMARY KEY, customer_id TEXT, expires_at INTEGER NOT NULL) STRICT;
        INSERT INTO customers VALUES ('c', 'u', 'w', x'00');
        INSERT INTO orders VALUES ('a', 'c', 'b', '25', 'ETH', 'accepted', NULL, 1);
        INSERT INTO orders VALUES ('b', 'c', 'b', '25', 'ETH', 'unclear', NULL, 2);
        INSERT INTO orders VALUES ('c', 'c', 'b', '25', 'ETH', 'sending', NULL, 3);
        PRAGMA user_version = 1;";

    async fn one(path: &str, statement: &'static str) -> sqlx::Result<()> {
        install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .connect(&file(path)?)
            .await?;
        pool.execute(statement).await?;
        pool.close().await;
        Ok(())
    }

    #[tokio::test]
    async fn orders_of_the_first_version_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a file?.db");
        let path = path.to_str().unwrap();
        one(path, VERSION_1).await.unwrap();
        for _ in 0..2 {
            let database = Database::open(path, &Clock::database()).await.unwrap();
            let rows = database
                .query(
                    "SELECT id, wallet_id, state, looks, placed_at, token_version FROM orders
                        JOIN (SELECT token_version FROM customers) AS c ORDER BY id",
                )
                .fetch_all(database.pool())
                .await
                .unwrap();
            let told: Vec<String> = rows
                .iter()
                .map(|row| {
                    let (looks, at, version): (i64, i64, i64) = (row.get(3), row.get(4), row.get(5));
                    let (id, wallet, state): (String, String, String) = (row.get(0), row.get(1), row.get(2));
                    format!("{id} {wallet} {state} {looks} {at} {version}")
                })
                .collect();
            assert_eq!(
                told,
                ["a w accepted 8 1 0", "b w unclear 8 2 0", "c w unclear 8 3 0"]
            );
            database.pool().close().await;
        }
        assert!(
            std::fs::exists(path).unwrap(),
            "the file is the one that was named"
        );
    }

    #[tokio::test]
    async fn tables_of_a_newer_program_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.db");
        let path = path.to_str().unwrap();
        one(path, "PRAGMA user_version = 1000").await.unwrap();
        let refused = Database::open(path, &Clock::database()).await.err().unwrap();
        assert!(
            refused.to_string().contains("start the newer program"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn a_new_file_has_the_tables_of_an_old_one_that_was_brought_up() {
        let folder = tempfile::tempdir().unwrap();
        let (mut columns, mut indexes) = (Vec::new(), Vec::new());
        for (name, before) in [("new.db", None), ("old.db", Some(VERSION_1))] {
            let path = folder.path().join(name);
            let path = path.to_str().unwrap();
            if let Some(before) = before {
                one(path, before).await.unwrap();
            }
            let database = Database::open(path, &Clock::database()).await.unwrap();
            let of = "SELECT name FROM pragma_table_info('orders') ORDER BY name";
            columns.push(database.ids(database.query(of)).await.unwrap());
            let of = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
                      AND tbl_name IN ('orders', 'sign_ins') ORDER BY name";
            indexes.push(database.ids(database.query(of)).await.unwrap());
        }
        assert!(columns[0] == columns[1] && columns[0].len() == 12);
        assert_eq!(indexes[0], indexes[1]);
    }
}
