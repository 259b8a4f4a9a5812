//! Link a user's bank to [Ratio](https://ratio.me) through Plaid, and buy crypto with money from it.
//!
//! The endpoints are generated from Ratio's OpenAPI document, which is pinned in this crate; [`pin`] says which
//! version. The crate adds what the document does not describe: the rotation of the session token, the rules for
//! retries, and the values that Plaid Link returns.
//!
//! Calls run on [Tokio](https://tokio.rs), in a runtime with I/O and time enabled (`enable_all`). In another runtime they
//! panic.
//!
//! # How a bank is linked
//!
//! A person signs in at Ratio in the product's app, which this crate does not cover. The app passes the session's token
//! ([`SessionToken`]) and the person's id to the service.
//!
//! 1. [`Session::request_bank_link`] returns a [`LinkToken`]. A webview opens [`LinkToken::webview_url`]; an SDK takes
//!    [`LinkToken::token`].
//! 2. The person logs in at the bank. A webview is then sent to `plaidlink://connected`, which
//!    [`plaid::Navigation::parse`] reads. The JSON of an SDK can be read as [`plaid::LinkSuccess`].
//! 3. [`Session::activate_bank_link`] accepts either, and [`Session::wait_for_bank`] waits until the bank is verified.
//! 4. [`Session::initiate_ach`] buys. If it fails with [`Error::is_login_required`], the person has to log in at the
//!    bank again: call [`Session::request_bank_relink`] and open Plaid Link once more. No activation follows.
//!
//! ```no_run
//! use ratio_bank::{AchKind, AchOrder, Client, CryptoCurrency, Environment, Polling, SessionToken, UserId, WalletId};
//! use ratio_bank::plaid::Navigation;
//!
//! # async fn story(jwt: String, navigated: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder(Environment::Staging).client_id("the-product").build()?;
//! let session = client.session(UserId::new("the-user")?, SessionToken::new(jwt));
//!
//! let link = session.request_bank_link().await?;
//! let _for_a_webview = link.webview_url();
//!
//! let Some(Navigation::Connected(success)) = Navigation::parse(navigated) else { return Ok(()) };
//! let bank = session.activate_bank_link(success).await?.id.ok_or("no bank id")?;
//! session.wait_for_bank(&bank, Polling::default()).await?;
//!
//! let order = AchOrder::new(
//!     "49.99".parse()?,
//!     CryptoCurrency::Eth,
//!     WalletId::new("the-wallet")?,
//!     AchKind::Standard,
//! );
//! match session.initiate_ach(&bank, &order).await {
//!     Ok(_) => {}
//!     Err(error) if error.is_login_required() => drop(session.request_bank_relink(&bank).await?),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Which requests are sent again
//!
//! | operation | sent again after | not sent again after |
//! |---|---|---|
//! | `request_bank_link`, `request_bank_relink` | no connection, timeout, a lost connection, 429, 502 to 504 | any other |
//! | `get_user`, a page of `activity` | the same, and 500 | any other |
//! | `delete_bank` | the same as the first | any other |
//! | `activate_bank_link`, `initiate_ach` | no connection, 429 | anything that may have arrived: [`Error::may_have_executed`] |
//!
//! A request is sent up to 3 times. The pauses have a random length: up to 0.2 s, then up to 0.4 s. If the response has
//! a `Retry-After`, the client waits that long, and at least 0.2 s, before such a pause. A `Retry-After` of more than
//! 20 s, or one past the deadline, ends the call at once: [`Error::retry_after`] returns it.
//!
//! For `delete_bank`, a 404 with the code `NOT_FOUND_BANK` counts as a success if an earlier attempt of the same call
//! may have deleted the bank: an attempt that was sent and not refused.
//!
//! # An order without a response
//!
//! An order that [may have been executed](Error::may_have_executed) must not be sent again. Search for it instead.
//!
//! 1. Before an order is sent, store its content and the time.
//! 2. After a response, store the id of the activity item with the order.
//! 3. After an error that leaves the outcome open, or after the process died, [`Session::find_order`] finds items with
//!    that content since that time. Exclude the items of other orders by their ids.
//! 4. A single item is the order. No item is not yet a proof: search again, for about an hour. If there are several, a
//!    person has to decide.
//!
//! The example `service` implements all of these steps.
//!
//! # Which session token is used
//!
//! Any response may bring a new token (`ratio-authentication-refresh`), and responses can overtake each other.
//!
//! | a token in the response to a request that | has this effect |
//! |---|---|
//! | carried the current token | it replaces the current token |
//! | carried an earlier token | it replaces the current token if newer by `iat`, then `exp`; else if its request was later |
//! | was sent before [`Session::set_token`] | it is ignored |
//! | carried the same token | it is ignored |
//! | (any, with a value that is no token: blank, `null`, `Bearer …`, a list, too long) | it is ignored and reported as drift |
//!
//! # Tracing
//!
//! Each call is a `tracing` span `ratio_bank.operation` with the target `ratio_bank`. Its fields are `operation`,
//! `url.template`, `server.address` and `server.port`. When the call ends, the span gets `ratio_bank.attempts`,
//! `error.type` (a status, or the kind of failure) and `ratio_bank.request_id` (`x-request-id` of the last response
//! that had one, if it is a short token).
//!
//! Each attempt is a child span of level debug. The event `sending again` (info) reports a retry and its pause. The
//! event `given up` (warn) reports a transient failure that is not retried; its field `why` is `attempts`, `deadline`,
//! `retry-after` or `retry budget`.
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `rustls-tls` (default) | TLS by rustls, with the certificates of the system |
//! | `native-tls` | TLS by the system's own library; turn the default off |
//! | `loopback` | no TLS, for a tool that only calls a stand-in on its own machine; turn the default off |
//! | `webhook` | verifies and reads Ratio's webhooks: module `webhook` |
//! | `test-util` | a fake in Ratio's place for unit tests: module `test_util` |
//! | `fetch-spec` | lets the build script generate from the document that `RATIO_API_DOCS` names |
//!
//! # What is never printed
//!
//! Tokens, ids, names and account numbers are never printed: their types show as `[redacted]`, errors print no body,
//! and spans carry the path's template instead of the path.

#[cfg(not(any(feature = "rustls-tls", feature = "native-tls", feature = "loopback")))]
compile_error!(
    "ratio-bank has no TLS to reach Ratio with: enable its feature `rustls-tls`, which is on by default, or `native-tls`"
);

mod ach_order;
mod activity;
mod activity_item;
mod answer;
mod bank_account;
mod call;
mod call_options;
mod claims;
mod client;
pub mod codes;
mod device_fingerprint;
mod drift;
mod environment;
mod error;
mod find_order;
mod generated;
mod id;
mod link;
mod loopback;
mod open_enum;
mod operation;
mod pin;
pub mod plaid;
mod polling;
mod reader;
mod receipt;
mod retry;
mod secret;
mod session;
#[cfg(feature = "test-util")]
pub mod test_util;
mod timestamp;
mod token;
mod token_store;
mod told_item;
mod tolerant;
mod transport;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use ach_order::{AchKind, AchOrder, CryptoCurrency, FiatAmount, InvalidAmount};
pub use activity::{Activity, ActivityFilter};
pub use call_options::CallOptions;
pub use client::{Client, ClientBuilder};
pub use device_fingerprint::{DeviceFingerprint, MobileDevice};
pub use drift::{DriftEvent, DriftKind};
pub use environment::{BaseUrl, Environment};
pub use error::{Error, ErrorKind};
pub use find_order::FoundOrders;
pub use generated::{enums, types};
pub use id::{ActivityId, BankId, InvalidId, UserId, WalletId};
pub use link::{LinkKind, LinkRecord, LinkToken};
pub use pin::{Pin, pin};
pub use polling::Polling;
/// The underlying HTTP client, for [`ClientBuilder::http_client`] and [`ClientBuilder::plaid_page`].
pub use reqwest;
pub use secret::Secret;
pub use session::Session;
pub use token::{PublicToken, SessionToken};
pub use token_store::TokenStore;

pub(crate) use loopback::is_loopback;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
