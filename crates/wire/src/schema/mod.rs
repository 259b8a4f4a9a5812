//! Schemas as the judge has them: a translation to JSON Schema 2020-12 of its own, checked by the `jsonschema` validator.
//!
//! What a keyword means is written here a second time, apart from the drift engine's own reading: two readings that agree
//! are better than one that nobody checks.

mod cost;
mod dialect;
mod discriminator;
mod judge;
mod names;
mod pattern;
mod tags;
mod translate;
mod travelling;

pub(crate) use judge::{Judge, MOST_REASONS, Reading};
pub(crate) use names::{has_further, property_names};

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// In a request: what is `readOnly` does not travel.
    Request,
    /// In an answer: what is `writeOnly` does not travel.
    Response,
}

impl Direction {
    /// The flag of properties that do not travel this way.
    fn unsent(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}
