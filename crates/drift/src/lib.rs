//! Compares two OpenAPI documents by their meaning for callers, and reports drift with proof.
//!
//! The comparison is pure: it uses no network, no files and no clock. The same two documents give the same report.
//!
//! In this example, callers of the API send names of up to 100 characters, as their base document allows:
//!
//! ```
//! use openapi_drift::{Document, Level, Options, Side, compare};
//!
//! let pets = |limit: u32| {
//!     let schema = format!(r#"{{"type": "object", "properties": {{"name": {{"type": "string", "maxLength": {limit}}}}}}}"#);
//!     let body = format!(r#"{{"content": {{"application/json": {{"schema": {schema}}}}}}}"#);
//!     let post = format!(r#"{{"operationId": "addPet", "requestBody": {body}, "responses": {{}}}}"#);
//!     Document::read(format!(r#"{{"openapi": "3.0.3", "paths": {{"/pets": {{"post": {post}}}}}}}"#))
//! };
//! let (base, revision) = (pets(100)?, pets(10)?);
//!
//! let report = compare(&base, &revision, &Options::default());
//! assert_eq!((report.verdict, report.counts.breaking), (Some(Level::Breaking), 1));
//!
//! // One finding for one cause: where, who meets it, and a value that proves it.
//! let finding = &report.findings[0];
//! assert!(finding.base_at.as_deref().unwrap().ends_with("/schema/properties/name"));
//! assert_eq!(finding.operations[0].endpoint.name.as_deref(), Some("addPet"));
//! let witness = finding.witness.as_ref().unwrap();
//! assert_eq!((witness.accepted_by, witness.rejected_by), (Side::Base, Side::Revision));
//! assert!(witness.value.as_str().unwrap().len() > 10);
//!
//! // The other way round, callers may send more than before, and nothing breaks them.
//! let report = compare(&revision, &base, &Options::default());
//! assert_eq!(report.verdict, Some(Level::Additive));
//! # Ok::<(), openapi_drift::ReadError>(())
//! ```
//!
//! `docs/engine.md` describes how the engine reaches a verdict, and `docs/readings.md` how it reads documents where
//! OpenAPI is ambiguous. [`Options`] selects the operations to compare, and [`rules`] lists the kinds of drift. The
//! command-line tool is `openapi-drift`, in the crate `openapi-drift-cli`.

mod catalogue;
mod compare;
mod comparison;
pub mod containment;
mod dangling;
mod dialect;
mod diff;
mod findings;
mod flow;
mod gate;
mod instance;
mod listing;
pub mod options;
pub mod report;
pub mod rule;
mod rules;
mod scc;
mod schema;
mod titles;
mod unchanged;

pub use catalogue::{rule, rules};
pub use compare::{comparable, compare};
pub use containment::Values;
pub use openapi_document::{Document, Limits, ReadError, Version};
pub use options::{Nullable, Operation, Options, Scope};
pub use report::{
    Counts, Direction, Endpoint, Finding, Level, Message, Questions, Report, Side, Step, Touched, Witness,
};
pub use rule::{Affects, Rule};
