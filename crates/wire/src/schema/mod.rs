//! Schemas in the judge: translated to JSON Schema 2020-12, and checked by the `jsonschema` validator.
//!
//! The meaning of each keyword is implemented here a second time, independently of the drift engine, so that the two
//! implementations can check each other.

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

/// The direction in which a value is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// In a request, which omits `readOnly` properties.
    Request,
    /// In a response, which omits `writeOnly` properties.
    Response,
}

impl Direction {
    /// The keyword that marks the properties which are not sent in this direction.
    fn unsent(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}
