//! Compares two OpenAPI documents and reports drift with proof. This crate has the command `openapi-drift`, and the
//! parts from which other commands can be built.
//!
//! The steps of a comparison, each of which can be used on its own:
//!
//! 1. [`bring`] and [`load`] read a document from a file, a folder, an address, a commit or standard input
//!    ([`Location`]).
//! 2. [`findings`] compares the documents with `openapi-drift`.
//! 3. The command adds further knowledge: a [`Replay`](report::Replay), the changes of the client's API
//!    ([`ApiDiff`](report::ApiDiff)), its own [`advice()`].
//! 4. [`judge()`] applies the [`Policy`], and determines whether the remaining findings fail the build.
//! 5. [`Format`] writes the report for people and programs. Text from documents is escaped, so that no terminal or CI
//!    runner interprets it.
//!
//! ```
//! use openapi_drift::Options;
//! use openapi_drift_cli::{Detail, Format, Policy, Settings, Unread, Words, findings, judge, load, report::FailOn};
//!
//! let document = |paths: &str| {
//!     let text = format!(r#"{{"openapi": "3.0.0", "paths": {paths}}}"#);
//!     load(Unread::alone("api.json".to_owned(), text.into_bytes(), None))
//! };
//! let base = document(r#"{"/pets": {"get": {"responses": {}}}}"#).unwrap();
//! let revision = document("{}").unwrap();
//!
//! let found = findings(&base, &revision, &Options::default());
//! let settings = Settings::new(Words::OPENAPI_DRIFT, FailOn::Breaking, "2026-11-24".parse().unwrap());
//! let report = judge((&base, &revision), found, None, &Policy::default(), &settings);
//! assert!(report.failed);
//!
//! let mut text = Vec::new();
//! Format::Text.write(&report, Detail::Least, &mut anstream::StripStream::new(&mut text))?;
//! assert!(text.starts_with(b"breaking[operation-removed]: GET /pets is gone\n"));
//! # Ok::<(), std::io::Error>(())
//! ```
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the printer makes visible what is not ours"
)]

pub mod accept;
mod advice;
pub mod args;
pub mod clock;
mod command_line;
mod document;
mod excerpt;
pub mod exit;
pub mod files;
mod format;
mod git;
mod judge;
mod location;
pub mod output;
mod policy;
pub mod printer;
pub mod report;
mod select;
mod unfetched;
pub mod untrusted;
mod words;

pub use advice::{advice, mended_by};
pub use document::{Access, Arrived, Loaded, Unread, bring, load};
pub use excerpt::{Line, Tag};
pub use format::{Detail, Format, value_line, write_safely};
pub use git::Object;
pub use judge::{Found, Settings, findings, judge};
pub use location::Location;
pub use policy::{Policy, PolicyError};
pub use select::Selection;
pub use words::Words;
