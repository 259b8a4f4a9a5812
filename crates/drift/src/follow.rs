//! References of schemas: what stands beside a `$ref` may count.

use openapi_document::{Document, Located, Unresolved, Version};

use crate::shape::is_prose;

/// Follows `$ref`s of schemas to what is no reference, or says more than one where that counts.
pub(crate) fn follow_alone<'d>(
    place: Located<'d>,
    document: &'d Document,
) -> Result<Located<'d>, Unresolved> {
    let is_old = document.version() == Version::V3_0;
    place.follow_while(document, |here| {
        let mut keys = here.node.members().keys();
        if is_old {
            // Nothing counts but null, as vendors mean it.
            !here.is_true("nullable")
        } else {
            keys.all(|key| key == "$ref" || is_prose(key))
        }
    })
}
