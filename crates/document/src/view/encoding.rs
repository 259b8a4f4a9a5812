//! The encoding of form properties.

use super::defect::Defect;
use super::header::{self, Header};
use super::media_name::MediaName;
use super::media_type::MediaType;
use crate::document::Document;
use crate::located::Located;

/// The encoding of one property of a form.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Encoding<'d> {
    /// The encoding object.
    pub here: Located<'d>,
}

impl<'d> Encoding<'d> {
    /// The encoding that a media type declares for a property, if any.
    pub fn of(media_type: &MediaType<'d>, property: &str) -> Option<Self> {
        let here = media_type.here.get("encoding")?.get(property)?;
        Some(Self { here })
    }

    /// The media types in which the property may be sent.
    pub fn content_types(&self) -> Option<Vec<MediaName>> {
        let text = self.here.text("contentType")?;
        Some(text.split(',').map(MediaName::parse).collect())
    }

    /// The headers of the property's part.
    pub fn headers(&self, document: &'d Document) -> Vec<Result<Header<'d>, Defect>> {
        header::all(document, &self.here)
    }
}
