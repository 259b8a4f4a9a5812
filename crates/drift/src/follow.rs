//! References of schemas: what stands beside a `$ref` may count.

use openapi_document::{Document, Located, Unresolved, Version};

use crate::shape::is_prose;

/// Follows `$ref`s of schemas to what is no reference, or says more than one where that counts.
pub(crate) fn follow_alone<'d>(
    place: Located<'d>,
    document: &'d Document,
) -> Result<Located<'d>, Unresolved> {
    let siblings_count = document.version() != Version::V3_0;
    place.follow_while(document, |here| {
        let mut keys = here.node.members().keys();
        !siblings_count || keys.all(|key| key == "$ref" || is_prose(key))
    })
}
