//! A stand-in for Ratio's staging environment and for Plaid Link.
//!
//! Staging needs credentials, a telephone and a bank; this needs nothing. It is stateful (users, banks, wallets,
//! tokens, money), holds every request and every answer to an OpenAPI document, and listens on the loopback interface
//! only. Use it as a library in tests, or run `cargo run -p ratio-sandbox`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! use ratio_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::builder().start().await.unwrap();
//! println!("{} speaks to client {}", sandbox.url(), sandbox.client_id());
//! sandbox.shutdown().await;
//! # }
//! ```

mod background;
mod builder;
mod clock;
mod contract;
mod control;
pub mod documents;
mod exchange;
mod faults;
mod money;
pub mod operation;
mod operations;
mod plaid;
mod problem;
mod random;
mod routes;
mod sandbox;
mod server;
mod session;
mod shared;
mod users;
mod world;

pub use builder::{Builder, StartError};
pub use clock::{Clock, InvalidTime};
pub use documents::{Document, InvalidDocument};
pub use faults::Fault;
pub use money::{Cents, InvalidAmount};
pub use plaid::{Institution, Persona, Plaid};
pub use sandbox::Sandbox;
pub use session::Rotation;
pub use shared::{Seen, Unknown};
pub use users::{NewUser, User};
pub use world::ach::{Transfer, TransferKind, TransferStatus};
pub use world::ledger::{Account, Entry, Ledger};
pub use world::links::LinkRefusal;
pub use world::users::Kyc;
