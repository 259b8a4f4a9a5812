//! A stand-in for Ratio's staging environment and for Plaid Link.
//!
//! The staging environment needs credentials, a telephone and a bank; the sandbox needs none of them. It has state
//! (users, banks, tokens, money), and checks every request and every response by an OpenAPI document. It listens on the
//! loopback interface only. Use it as a library in tests, or run `cargo run -p ratio-sandbox`.
//!
//! # Example: linking a bank and buying
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
//! | serve another document | [`Builder::document`], [`Document`] |
//! | hold and advance the time | [`Builder::clock`], [`Clock::advance`] |
//! | inject faults | [`Sandbox::inject`], [`Fault`], [`operation`], [`Sandbox::refuse_connections`] |
//! | use another user, persona or bank | [`Sandbox::new_user`], [`Plaid::persona`], [`Plaid::institution`] |
//! | change a bank or a user | [`Sandbox::break_link`], [`Sandbox::approve`], [`Sandbox::decline`], [`Sandbox::flag`] |
//! | check bookings and count requests | [`Sandbox::ledger`], [`Sandbox::request_count`] |
//!
//! All of this is also available over HTTP; `GET /_sandbox` lists the commands.
//!
//! # The contract
//!
//! A request that violates the document is refused in the vendor's format and with its codes: `MISSING_PUBLIC_TOKEN`,
//! `INVALID_BODY`, `NOT_FOUND_ENDPOINT`. The status is the closest one that the document declares, since an undeclared
//! status would contradict the contract. Exceptions are injected faults, and statuses that the vendor uses without
//! declaring them (403 for a user under review).
//!
//! A response contains the values that the document has room for, and is judged by the document before it is sent. A
//! response that violates the document is replaced by a 500 and kept in [`Sandbox::contract_violations`]. An operation
//! that only the document defines returns the minimum that the document requires.
//!
//! Documents may be of OpenAPI 3.0, 3.1 and 3.2. Parameters are read in the style that the document declares, bodies by
//! their media type, and a `format` is checked if it is known. Parts that cannot be judged (XML, bytes) are accepted
//! and logged. A response is JSON: if the document declares only another media type, its body is not judged.
//!
//! # Plaid Link
//!
//! `/link/v2/stable/link.html?isWebview=true&token=<link token>` leads a person through the visit and navigates to
//! `plaidlink://`. `/link/v2/stable/link-initialize.js` provides `Plaid.create` for a page in a browser. Both have the
//! same paths as Plaid's own, below [`Sandbox::url`]. With the password `mfa_device` the bank asks for a code, which is
//! `1234`, as in Plaid's own sandbox.
//!
//! # Differences from the vendor
//!
//! The sandbox makes its own choice where the vendor specifies nothing: exactly 50 dollars succeed; 123.45 is accepted
//! and fails at once, without a booking; limits count the accepted purchases of a rolling day; prices are fixed; every
//! user is the same fictional person. Signing in and registering are not implemented. [`Sandbox::user`] creates a user
//! who has done both, and these operations respond like all others that only the document defines.

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
