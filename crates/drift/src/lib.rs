//! Compare two OpenAPI documents by what they mean for callers, and report drift with proof.
//!
//! Pure: no network, no files, no clock. The same two documents give the same bytes out.

pub mod document;
pub mod report;
mod schema;
