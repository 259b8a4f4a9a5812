//! A schema as data, read once: which keywords there are ([`keywords`]), how each is written in a dialect ([`parse`]), what a
//! schema says when that is resolved ([`ast`]), which properties travel ([`reader`]), which schema a tag chooses ([`discriminator`]), and when two parts of documents are the same ([`canonical`]).

pub(crate) mod alike;
pub(crate) mod ast;
pub(crate) mod canonical;
pub(crate) mod discriminator;
pub(crate) mod keywords;
pub(crate) mod parse;
pub(crate) mod reader;
