//! HTTP messages under an OpenAPI document: written, read and judged as they travel.
//!
//! A [`Contract`] is a document as a judge. It takes a message as bytes, takes it apart as the document says, and answers
//! with a [`Judgement`]: what it read by part, every reason to refuse, and what nobody can tell. What a client or a server
//! that keeps to the document would send comes from [`write_request`] and [`write_response`].
//!
//! The judge shares no code with the drift engine whose claims it checks.

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
pub use write::{WriteError, write_header, write_request, write_request_by, write_response};
pub use written::Written;

/// The examples of the README run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
