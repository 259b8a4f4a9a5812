//! The functions of the fuzz targets, and the checks of their outcome.
//!
//! The targets of cargo-fuzz call these functions, and so do the tests that replay the seeds on a stable toolchain.
//! Each function panics if a promise is broken.

mod answers;
mod compare;
mod containment;
mod documents;
mod fetched;
mod linking;
mod messages;
mod mutate;
mod parts;
mod settings;
mod webhook;

pub use mutate::{mutated, mutated_json};
pub use parts::{PARTING, parts};

/// A fuzz target: its name and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("answers", answers::answers),
    ("compare", compare::compare),
    ("containment", containment::containment),
    ("documents", documents::documents),
    ("drift_toml", settings::drift_toml),
    ("fetch_headers", fetched::headers),
    ("fetched", fetched::fetched),
    ("messages", messages::messages),
    ("navigation", linking::navigation),
    ("pin_toml", settings::pin_toml),
    ("sdk_payloads", linking::sdk_payloads),
    ("webhook", webhook::webhook),
];

/// Runs the target with this name.
///
/// # Panics
/// If a promise is broken, or if there is no such target.
pub fn attack(target: &str, bytes: &[u8]) {
    let known = TARGETS.iter().find(|(name, _)| *name == target);
    let (_, attack) = known.unwrap_or_else(|| panic!("there is no target `{target}`"));
    attack(bytes);
}
