//! Compare two OpenAPI documents by what they mean for callers, and report drift with proof.
//!
//! Pure: no network, no files, no clock. The same two documents give the same bytes out.

mod compare;
mod comparison;
pub mod document;
mod endpoints;
mod findings;
mod local;
mod located;
mod member;
pub mod options;
mod pointer;
mod read;
pub mod report;
pub mod rule;
mod schema;
mod shape;
mod structure;
mod unchanged;

pub use compare::compare;
pub use document::{Document, DocumentError, Limits, Version};
pub use options::{Nullable, Operation, Options, Scope};
pub use report::{Counts, Direction, Finding, Level, Questions, Report, Side, Step, Touched, Witness};
pub use rule::{Rule, rules};
pub use schema::{Refusal, Values, containment};
