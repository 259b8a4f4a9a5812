//! Moving from a `SQLite` file to `PostgreSQL`: everything in one transaction, or nothing.
//!
//! No service may use the file meanwhile. Sealed values stay sealed, so `SEAL_KEY` stays the same.

use std::error::Error;

use sqlx::Row as _;
use sqlx::any::{Any, AnyArguments, AnyRow};
use sqlx::query::Query;

use crate::clock::Clock;
use crate::database::Database;

/// The type of a column, whose values may be null.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Bytes,
}

use Kind::{Bytes, Number, Text};

/// The tables and their columns, each table after those to which it refers. Row numbers are assigned anew, in the same
/// order.
const TABLES: [(&str, &[(&str, Kind)]); 5] = [
    (
        "customers",
        &[
            ("id", Text),
            ("ratio_user_id", Text),
            ("wallet_id", Text),
            ("session_token", Bytes),
            ("token_version", Number),
        ],
    ),
    (
        "sign_ins",
        &[
            ("cookie_sha256", Bytes),
            ("customer_id", Text),
            ("expires_at", Number),
        ],
    ),
    (
        "links",
        &[
            ("id", Text),
            ("customer_id", Text),
            ("repairs_bank", Text),
            ("state", Text),
            ("reason", Text),
            ("in_flight", Bytes),
            ("public_token", Bytes),
            ("attempts", Number),
            ("claimed_until", Number),
            ("begun_at", Number),
        ],
    ),
    (
        "orders",
        &[
            ("id", Text),
            ("customer_id", Text),
            ("bank_id", Text),
            ("wallet_id", Text),
            ("amount", Text),
            ("currency", Text),
            ("state", Text),
            ("reason", Text),
            ("item_id", Text),
            ("looks", Number),
            ("look_at", Number),
            ("placed_at", Number),
        ],
    ),
    (
        "bank_updates",
        &[
            ("signed_sha256", Bytes),
            ("ratio_user_id", Text),
            ("received_at", Number),
        ],
    ),
];

/// Copies the contents of the file `from` to the empty database at `to`, and returns the number of rows of each table.
///
/// # Errors
/// When either cannot be opened, `to` already has customers, or a row cannot be written. `to` is then unchanged.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// for (table, rows) in example_service::move_database("service.db", "postgres://service@db/service").await? {
///     println!("{table}: {rows}");
/// }
/// # Ok(()) }
/// ```
pub async fn move_database(
    from: &str,
    to: &str,
) -> Result<Vec<(&'static str, usize)>, Box<dyn Error + Send + Sync>> {
    if !std::fs::exists(from)? {
        return Err(format!("there is no file {from} to move").into());
    }
    let clock = Clock::database();
    let (from, to) = (
        Database::open(from, &clock).await?,
        Database::open(to, &clock).await?,
    );
    let mut transaction = to.pool().begin().await?;
    let there = to
        .query("SELECT 1 FROM customers LIMIT 1")
        .fetch_optional(&mut *transaction)
        .await?;
    if there.is_some() {
        return Err("the database to move to holds customers already; name an empty one".into());
    }
    let mut moved = Vec::new();
    for (table, columns) in TABLES {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let places: Vec<_> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let insert = format!("INSERT INTO {table} ({names}) VALUES ({})", places.join(", "));
        let rows = from
            .query(&format!("SELECT {names} FROM {table} ORDER BY {{row}}"))
            .fetch_all(from.pool())
            .await?;
        for row in &rows {
            let mut statement = to.query(&insert);
            for (at, (_, kind)) in columns.iter().enumerate() {
                statement = bind(statement, row, at, *kind)?;
            }
            statement.execute(&mut *transaction).await?;
        }
        moved.push((table, rows.len()));
    }
    transaction.commit().await?;
    Ok(moved)
}

type Statement = Query<'static, Any, AnyArguments>;

fn bind(statement: Statement, row: &AnyRow, at: usize, kind: Kind) -> sqlx::Result<Statement> {
    Ok(match kind {
        Text => statement.bind(row.try_get::<Option<String>, _>(at)?),
        Number => statement.bind(row.try_get::<Option<i64>, _>(at)?),
        Bytes => statement.bind(row.try_get::<Option<Vec<u8>>, _>(at)?),
    })
}
