//! Link a user's bank to [Ratio](https://ratio.me) through Plaid, and buy crypto with money from it.
//!
//! The endpoints are generated from Ratio's OpenAPI document, pinned in this crate; [`pin`] says which one. Around them
//! stands what the document does not say: the session token that rotates, which request may be sent again, and what Plaid
//! Link hands over.
//!
//! # The story of a link
//!
//! A person signs in at Ratio in the product's app, which is not this crate's business; the app hands the session's token
//! ([`SessionToken`]) and the person's id to the service.
//!
//! 1. [`Session::request_bank_link`] gives a [`LinkToken`]. A webview opens [`LinkToken::webview_url`], an SDK takes
//!    [`LinkToken::token`].
//! 2. The person logs in at the bank. A webview is then sent to `plaidlink://connected`, which
//!    [`plaid::Navigation::parse`] reads; an SDK's JSON reads as [`plaid::LinkSuccess`].
//! 3. [`Session::activate_bank_link`] takes either, and [`Session::wait_for_bank`] waits until the bank is verified.
//! 4. [`Session::initiate_ach`] buys. When it fails with [`Error::is_login_required`], the bank wants to see the person
//!    again: [`Session::request_bank_relink`], Plaid Link once more, and no activation.
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
//! # What may be sent again
//!
//! | operation | sent again after | never after |
//! |---|---|---|
//! | `request_bank_link`, `request_bank_relink` | no connection, timeout, a lost connection, 429, 502 to 504 | other answers |
//! | `get_user`, a page of `activity` | the same, and 500 | other answers |
//! | `delete_bank` | the same as the first | other answers |
//! | `activate_bank_link`, `initiate_ach` | no connection, 429 | anything that may have arrived: [`Error::may_have_executed`] |
//!
//! A request is sent up to 3 times. The pauses have a random length: up to 0.2 s, then up to 0.4 s. Where the answer has a
//! `Retry-After`, that long is waited before such a pause, and at least 0.2 s. One of more than 20 s, or past the deadline,
//! ends the call at once: [`Error::retry_after`] tells it.
//!
//! A 404 with the code `NOT_FOUND_BANK` is a success of `delete_bank` if an earlier attempt of the same call may have deleted
//! the bank: one that was sent and not refused.
//!
//! # An order without an answer
//!
//! An order that [may have been executed](Error::may_have_executed) is not sent again: it is looked for.
//!
//! 1. Before an order is sent, the caller writes down what it says and the time.
//! 2. An answer leaves the id of an item of the user's activity, which is kept with the order.
//! 3. After an error that leaves it open, and after a process that died meanwhile, [`Session::find_order`] looks for items
//!    of that content since that time. Those of other orders are left out by their ids.
//! 4. One item is the order. None is no proof yet: look again, for about an hour. Several are a person's to decide.
//!
//! The example `service` does all of it.
//!
//! # Which session token is used
//!
//! Any answer may bring a new one (`ratio-authentication-refresh`), and answers overtake each other.
//!
//! | a token comes with the answer to a request that | and |
//! |---|---|
//! | carried the present token | replaces it |
//! | carried an earlier token | replaces it if it is newer by `iat`, then `exp`; else if its request was sent later |
//! | was sent before [`Session::set_token`] | is ignored |
//! | repeats the token that the request carried | is ignored |
//! | is no token: blank, `null`, `Bearer …`, a list, longer than a header line | is ignored and told as drift |
//!
//! # What a service hears of it
//!
//! Each call is a `tracing` span `ratio_bank.operation` of target `ratio_bank`, with `operation`, `url.template`,
//! `server.address` and `server.port`; when it is over, with `ratio_bank.attempts`, `error.type` (a status, or the kind of
//! failure) and `ratio_bank.request_id` (`x-request-id` of the last answer that had one, if it is a short token). Each attempt
//! is a span of level debug below it. The event `sending again` (info) tells of a retry and its pause; `given up` (warn) of a
//! failure that another attempt could have mended, and `why` there was none: `attempts`, `deadline`, `retry-after`, or
//! `retry budget`.
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `rustls-tls` (default) | TLS by rustls, with the certificates of the system |
//! | `native-tls` | TLS by the system's own library; turn the default off |
//! | `webhook` | verifies and reads Ratio's webhooks: module `webhook` |
//! | `test-util` | a fake in Ratio's place for unit tests: module `test_util` |
//! | `fetch-spec` | lets the build script generate from the document that `RATIO_API_DOCS` names |
//!
//! # What never prints
//!
//! Tokens, ids, names and account numbers: their types show as `[redacted]`, errors carry no body, and spans carry the
//! path's template instead of the path.

#[cfg(not(any(feature = "rustls-tls", feature = "native-tls")))]
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
/// The HTTP client below, for [`ClientBuilder::http_client`] and [`ClientBuilder::plaid_page`].
pub use reqwest;
pub use secret::Secret;
pub use session::Session;
pub use token::{PublicToken, SessionToken};
pub use token_store::TokenStore;

pub(crate) use loopback::is_loopback;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
