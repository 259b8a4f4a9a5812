//! Reads OpenAPI documents: turns bytes into [`Node`]s within [`Limits`], and keeps the *location* of every part.
//!
//! This crate finds the keywords of a document but does not interpret schemas. It does not access files or the network.
//!
//! ```
//! use openapi_document::Document;
//!
//! let document = Document::read(br#"{"openapi": "3.1.0", "paths": {"/pets": {"get": {}}}}"#)?;
//! let paths = document.root().get("paths").unwrap();
//! assert_eq!(paths.members().keys().collect::<Vec<_>>(), ["/pets"]);
//! assert_eq!(document.location("/paths/~1pets/get").unwrap().line, 1);
//! # Ok::<(), openapi_document::ReadError>(())
//! ```

mod document;
mod error;
mod exact;
mod file;
mod follow;
mod format;
mod hash;
mod json;
mod limits;
mod loader;
mod located;
mod location;
mod node;
mod number;
mod part;
pub mod pointer;
mod reference;
mod store;
mod uri;
mod version;
pub mod view;
#[cfg(feature = "yaml")]
mod yaml;

pub use document::Document;
pub use error::{Position, ReadError};
pub use format::Format;
pub use limits::Limits;
pub use loader::Loader;
pub use located::Located;
pub use location::Location;
pub use node::{Items, Kind, Members, Node, NodeId, SlotId};
pub use number::Number;
pub use part::{Holds, Part};
pub use reference::Unresolved;
pub use version::Version;

/// The examples of the README run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
