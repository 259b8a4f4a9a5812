//! A schema as data, read only once: the keywords ([`keywords`]), their spelling in a dialect ([`parse`]), the
//! resolved schema ([`ast`]), the properties that are sent ([`reader`]), the schema that a tag selects
//! ([`discriminator`]), and the equality of parts of documents ([`canonical`], [`alike`]).

pub(crate) mod alike;
pub(crate) mod ast;
pub(crate) mod canonical;
pub(crate) mod discriminator;
pub(crate) mod keywords;
pub(crate) mod parse;
pub(crate) mod reader;
