//! Writes, reads and judges HTTP messages under an OpenAPI document.
//!
//! A [`Contract`] judges messages against a document. It reads a message from bytes as the document describes it, and
//! returns a [`Judgement`]. This contains the content of each part, every reason to refuse the message, and every
//! undecided question. [`write_request`] and [`write_response`] create messages that conform to the document.
//!
//! The judge shares no code with the drift engine, so that it can check the engine's findings independently.

mod body;
mod contract;
mod judgement;
mod message;
mod percent;
mod route;
mod schema;
mod security;
mod shared;
mod style;
mod types;
mod write;
mod written;

pub use body::chosen;
pub use contract::Contract;
pub use judgement::{Cause, Doubt, Judgement, Part, Read, Refusal, Verdict};
pub use message::{Granted, Request, Response};
pub use route::Route;
pub use schema::Direction;
pub use shared::SharedContract;
pub use style::CannotWrite;
pub use types::Step;
pub use write::{WriteError, base_path, write_header, write_request, write_request_by, write_response};
pub use written::Written;

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
