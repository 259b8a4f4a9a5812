//! The description of bodies in a media type.

use super::defect::Defect;
use super::media_name::MediaName;
use crate::document::Document;
use crate::located::Located;

/// One entry of a `content` map.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MediaType<'d> {
    /// The media type object.
    pub here: Located<'d>,
    /// The name as written.
    pub written: &'d str,
    /// The parsed name.
    pub name: MediaName,
}

impl<'d> MediaType<'d> {
    /// The media type after following references. Since OpenAPI 3.2 it may be defined under `components`.
    ///
    /// # Errors
    /// When a reference cannot be resolved.
    pub fn followed(&self, document: &'d Document) -> Result<Self, Defect> {
        Ok(Self {
            here: self.here.clone().follow(document)?,
            ..self.clone()
        })
    }

    /// The schema of a body.
    pub fn schema(&self) -> Option<Located<'d>> {
        self.here.get("schema")
    }

    /// The schema of each item of a stream (OpenAPI 3.2).
    pub fn item_schema(&self) -> Option<Located<'d>> {
        self.here.get("itemSchema")
    }
}

/// The media types of a body, a parameter or a header, in document order.
pub(super) fn all<'d>(holder: &Located<'d>) -> Vec<MediaType<'d>> {
    let entries = holder.entries_of("content");
    entries
        .map(|(written, here)| MediaType {
            here,
            written,
            name: MediaName::parse(written),
        })
        .collect()
}
