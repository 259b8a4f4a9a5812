//! Headers of answers and of parts.

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
    /// Its name as written; headers have no case.
    pub name: &'d str,
}

impl<'d> Header<'d> {
    /// Whether an answer always carries it.
    pub fn required(&self) -> bool {
        self.here.is_true("required")
    }

    /// Whether items and members are written apart.
    pub fn explode(&self) -> bool {
        self.here.is_true("explode")
    }

    /// The schema of its value.
    pub fn schema(&self) -> Option<Located<'d>> {
        self.here.get("schema")
    }

    /// The media type that its value is written in, where that is no style.
    pub fn content(&self) -> Option<MediaType<'d>> {
        media_type::all(&self.here).into_iter().next()
    }
}

/// The headers of an answer or a part, in document order. `Content-Type` is none of them, as OpenAPI says.
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
