//! Compare two OpenAPI documents by what they mean for callers, and report drift with proof.
//!
//! Pure: no network, no files, no clock. The same two documents give the same bytes out.

mod catalogue;
mod compare;
mod comparison;
pub mod containment;
mod dialect;
mod diff;
mod findings;
mod flow;
mod gate;
mod instance;
pub mod options;
pub mod report;
pub mod rule;
mod rules;
mod schema;

mod unchanged;

pub use catalogue::rules;
pub use compare::{comparable, compare};
pub use containment::Values;
pub use openapi_document::{Document, Limits, ReadError, Version};
pub use options::{Nullable, Operation, Options, Scope};
pub use report::{
    Counts, Direction, Finding, Level, Message, Questions, Report, Side, Step, Touched, Witness,
};
pub use rule::Rule;
