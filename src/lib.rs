//! Link a user's bank to Ratio through Plaid.

mod device_fingerprint;
mod loopback;
mod open_enum;
pub mod plaid;
mod token;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use device_fingerprint::{DeviceFingerprint, MobileDevice};
pub use token::{PublicToken, SessionToken};

pub(crate) use loopback::is_loopback;
