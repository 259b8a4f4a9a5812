//! Headers of responses and of multipart parts.

use super::defect::Defect;
use super::media_type::{self, MediaType};
use crate::document::Document;
use crate::located::Located;

/// One header.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Header<'d> {
    /// The header object, with references followed.
    pub here: Located<'d>,
    /// Its name as written. Header names are case-insensitive.
    pub name: &'d str,
}

impl<'d> Header<'d> {
    /// Whether a response always has the header.
    pub fn required(&self) -> bool {
        self.here.is_true("required")
    }

    /// Whether the items of an array or the members of an object are serialized separately.
    pub fn explode(&self) -> bool {
        self.here.is_true("explode")
    }

    /// The schema of its value.
    pub fn schema(&self) -> Option<Located<'d>> {
        self.here.get("schema")
    }

    /// The media type of its value, if the value is not serialized by a style.
    pub fn content(&self) -> Option<MediaType<'d>> {
        media_type::all(&self.here).into_iter().next()
    }
}

/// The headers of a response or a part, in document order. `Content-Type` is left out, as OpenAPI requires.
pub(super) fn all<'d>(document: &'d Document, holder: &Located<'d>) -> Vec<Result<Header<'d>, Defect>> {
    let entries = holder.entries_of("headers");
    entries
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .map(|(name, here)| {
            Ok(Header {
                here: here.follow(document)?,
                name,
            })
        })
        .collect()
}
