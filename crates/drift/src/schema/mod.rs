//! Schemas as data, each of which is read only once.
//!
//! The module knows the keywords ([`keywords`]) and their spelling in each dialect ([`parse`]). It resolves schemas
//! ([`ast`], [`reader`]), removes the properties that are not sent ([`unsent`]), and finds the schema that a tag selects
//! ([`discriminator`]), also where it stands in schemas that add nothing ([`wrapper`]). It says what a schema without a `type` means in a text ([`meant`]). It also compares parts of documents
//! for equality ([`canonical`], [`alike`]).

pub(crate) mod alike;
pub(crate) mod ast;
pub(crate) mod canonical;
pub(crate) mod discriminator;
pub(crate) mod keywords;
mod meant;
pub(crate) mod parse;
pub(crate) mod reader;
pub(crate) mod unsent;
pub(crate) mod wrapper;
