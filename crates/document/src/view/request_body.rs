//! The request body of an operation.

use super::media_type::{self, MediaType};
use crate::located::Located;

/// The body of a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestBody<'d> {
    /// The request body object, with references followed.
    pub here: Located<'d>,
}

impl<'d> RequestBody<'d> {
    pub(super) fn new(here: Located<'d>) -> Self {
        Self { here }
    }

    /// Whether every request must have a body.
    pub fn required(&self) -> bool {
        self.here.is_true("required")
    }

    /// The accepted media types, in document order.
    pub fn content(&self) -> Vec<MediaType<'d>> {
        media_type::all(&self.here)
    }
}
