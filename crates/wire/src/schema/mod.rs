//! Schemas in the judge: applied to a value as they stand in the document, keyword by keyword.
//!
//! The meaning of each keyword is implemented here a second time, independently of the drift engine, so that the two
//! implementations can check each other. `evaluation.rs` applies a schema. `assertions.rs`, `objects.rs`,
//! `arrays.rs`, `alternatives.rs` and `references.rs` contain the keywords.

mod alternatives;
mod answer;
mod arrays;
mod assertions;
mod borrowed;
mod dialect;
mod discriminator;
mod equality;
mod evaluation;
mod judge;
mod kept;
mod keywords;
mod marks;
mod names;
mod objects;
mod pattern;
mod reasons;
mod references;
mod scopes;
mod tags;
mod travelling;
mod unevaluated;

pub(crate) use judge::{Judge, Reading};
pub(crate) use keywords::is_name;
pub(crate) use names::{has_further, names_within, property_names};
pub(crate) use reasons::MOST_REASONS;

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
