//! How properties of forms are written.

use super::defect::Defect;
use super::header::{self, Header};
use super::media_name::MediaName;
use super::media_type::MediaType;
use crate::document::Document;
use crate::located::Located;

/// How one property of a form is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Encoding<'d> {
    /// The encoding object.
    pub here: Located<'d>,
}

impl<'d> Encoding<'d> {
    /// What a media type says of a property, if anything.
    pub fn of(media_type: &MediaType<'d>, property: &str) -> Option<Self> {
        let here = media_type.here.get("encoding")?.get(property)?;
        Some(Self { here })
    }

    /// The media types that the property may be written in.
    pub fn content_types(&self) -> Option<Vec<MediaName>> {
        let text = self.here.text("contentType")?;
        Some(text.split(',').map(MediaName::parse).collect())
    }

    /// The headers of the property's part.
    pub fn headers(&self, document: &'d Document) -> Vec<Result<Header<'d>, Defect>> {
        header::all(document, &self.here)
    }
}
