//! Reads, verifies, selects and prepares an OpenAPI document for code generation.
//!
//! The steps, each of which can be used on its own:
//!
//! 1. [`Source`] reads bytes from a file, a string or (feature `fetch`) a URL, parses them as JSON or (feature `yaml`)
//!    YAML with `openapi-document`, and computes their SHA-256.
//! 2. [`Pin`] reads `pin.toml`: the digest of the document, and the operations that are called.
//! 3. [`select`] keeps those operations and everything that they reach.
//! 4. [`prepare`] runs named passes that repair what the generator cannot handle.
//! 5. `generate` (feature `generate`) generates the Rust source of the client.
//!
//! ```
//! use ratio_spec::{Pin, Source, prepare, select};
//!
//! let document = r#"{
//!   "openapi": "3.0.0", "info": { "title": "Echo", "version": "1" },
//!   "paths": { "/ping": { "get": { "responses": { "204": { "description": "pong" } } } } }
//! }"#;
//! let source = Source::from_bytes("echo.json", document.as_bytes().to_vec())?;
//! let pin = Pin::parse(
//!     "pin.toml",
//!     &format!(
//!         r#"
//!         [document]
//!         file = "echo.json"
//!         source = "https://echo.example/openapi.json"
//!         retrieved = "2022-11-30T00:00:00Z"
//!         sha256 = "{}"
//!
//!         [[operation]]
//!         method = "GET"
//!         path = "/ping"
//!         name = "ping"
//!         "#,
//!         source.sha256()
//!     ),
//! )?;
//! pin.verify(&source)?;
//! let selected = select(&source, &pin)?;
//! let prepared = prepare(&source, selected, &pin)?;
//! assert_eq!(prepared.operations()[0].name, "ping");
//! # Ok::<(), ratio_spec::Error>(())
//! ```

mod bundle;
#[cfg(feature = "generate")]
mod collisions;
mod error;
#[cfg(feature = "fetch")]
pub mod fetch;
mod folder;
#[cfg(feature = "generate")]
mod generate;
mod names;
mod pin;
mod prepare;
mod reference;
mod select;
#[cfg(feature = "generate")]
mod shared_types;
mod source;

pub use bundle::bundle;
pub use error::{Error, ErrorKind};
pub use folder::Folder;
#[cfg(feature = "generate")]
pub use generate::generate;
pub use pin::{Operation, Pin};
pub use prepare::{OpenEnum, PASSES, Pass, Prepared, PreparedOperation, prepare};
pub use select::select;
pub use source::{Limits, Source, sha256};
