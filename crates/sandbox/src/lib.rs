//! A stand-in for Ratio's staging environment and for Plaid Link.
//!
//! Staging needs credentials, a telephone and a bank; this needs nothing. It is stateful (users, banks, tokens,
//! money), holds every request and every answer to an OpenAPI document, and listens on the loopback interface
//! only. Use it as a library in tests, or run `cargo run -p ratio-sandbox`.
//!
//! # The story of a bank
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ratio_sandbox::Sandbox;
//! use serde_json::{Value, json};
//!
//! let sandbox = Sandbox::builder().start().await?;
//! let user = sandbox.user();
//! let post = async |path: &str, body: Value| -> Result<Value, reqwest::Error> {
//!     let request = reqwest::Client::new().post(format!("{}/v1/users/{}{path}", sandbox.url(), user.id()));
//!     let request = request.header("ratio-client-id", sandbox.client_id()).bearer_auth(user.session_token());
//!     request.json(&body).send().await?.json().await
//! };
//!
//! let link = post("/banks:requestLink", json!({})).await?;
//! let public_token = sandbox.plaid().complete(link["linkToken"].as_str().unwrap())?; // a person in Plaid Link
//! let bank = post("/banks:activateLink", json!({ "publicToken": public_token })).await?;
//! let bank = bank["bankAccount"]["id"].as_str().unwrap();
//!
//! let order = json!({
//!     "fiatAmount": "20.00", "cryptoCurrency": "ETH", "walletId": user.wallet_id(), "type": "STANDARD",
//! });
//! sandbox.break_link(bank)?;
//! let refused = post(&format!("/banks/{bank}/ach"), order).await?;
//! assert_eq!(refused["code"], "PLAID_LOGIN_ERROR");
//! assert!(sandbox.ledger().transfers().is_empty());
//! # Ok(()) }
//! ```
//!
//! # What a test can do
//!
//! | | |
//! |---|---|
//! | speak another document | [`Builder::document`], [`Document`] |
//! | hold and advance the time | [`Builder::clock`], [`Clock::advance`] |
//! | let things go wrong | [`Sandbox::inject`], [`Fault`], [`operation`], [`Sandbox::refuse_connections`] |
//! | be someone else | [`Sandbox::new_user`], [`Plaid::persona`], [`Plaid::institution`] |
//! | change a bank or a user | [`Sandbox::break_link`], [`Sandbox::approve`], [`Sandbox::decline`], [`Sandbox::flag`] |
//! | count money and requests | [`Sandbox::ledger`], [`Sandbox::request_count`] |
//!
//! All of it is there over HTTP as well: `GET /_sandbox` says how.
//!
//! # The contract
//!
//! A request that breaks the document is refused in the vendor's shape and with its codes: `MISSING_PUBLIC_TOKEN`,
//! `INVALID_BODY`, `NOT_FOUND_ENDPOINT`. The status is the best one that the document declares, for an undeclared status
//! would be a lie about the contract; only what the vendor is known to answer without declaring it (403 for a user under
//! review, an injected fault) is exempt. An answer tells what the document has room for, and is judged by the document
//! before it goes out: one that broke it would be answered as a loud 500 and kept in [`Sandbox::contract_violations`].
//! An operation that only the document knows answers with the least it may. Documents of OpenAPI 3.0, 3.1 and 3.2 are
//! spoken. Parameters are read in the style that the document gives them, bodies by their media type, and a `format` counts
//! where it is known. What nobody can judge (XML, bytes) is let through and told in the log. An answer is JSON: where the
//! document declares another media type only, its body is not judged.
//!
//! # Plaid Link
//!
//! `/link/v2/stable/link.html?isWebview=true&token=<link token>` walks a person through it and navigates to
//! `plaidlink://`; `/link/v2/stable/link-initialize.js` gives a page in a browser `Plaid.create`. Both lie where Plaid's
//! own do, below [`Sandbox::url`]. With the password `mfa_device` the bank asks for a code, which is `1234`, as in Plaid's
//! own sandbox.
//!
//! # Where it is only a stand-in
//!
//! What the vendor leaves open is decided here: exactly 50 dollars succeed; 123.45 is accepted and fails at once, without
//! a booking; limits count accepted purchases of a rolling day; prices are fixed; every user is the same made-up person.
//! Nobody signs in or registers here: [`Sandbox::user`] makes a user who has done both, and those operations answer as any
//! that only the document knows.

mod background;
mod bounded_map;
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
