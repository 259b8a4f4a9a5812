//! A service that links its customers' banks to Ratio, as a product would run it.
//!
//! Start with `linking.rs` for the flow, `links.rs` for the states that make it safe, and `ratio.rs` for the use of the
//! `ratio-bank` client. `README.md` explains how to run it.

mod api;
mod bank;
mod bank_updates;
mod buying;
mod clock;
mod config;
mod cookie;
mod customers;
mod database;
mod headers;
mod health;
mod linking;
mod links;
mod metrics;
mod moving;
mod orders;
mod origin;
mod pages;
mod problem;
mod random;
mod ratio;
mod routes;
#[cfg(test)]
mod scratch;
mod seal;
mod sent;
mod service;
mod settling;
mod webhooks;

pub use clock::Clock;
pub use config::{Config, Credentials, Guest, Secret};
pub use moving::move_database;
pub use seal::{BadKey, SealKey};
pub use service::Service;
