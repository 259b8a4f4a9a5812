//! The property names that a schema declares.

use openapi_document::{Document, Node, Version};

/// Maximum number of schemas that one call visits.
const MOST: usize = 2_000;

/// The names of the properties that a schema declares, including those behind references and in `allOf`, `anyOf` and
/// `oneOf`; sorted.
pub(crate) fn property_names(document: &Document, schema: Node<'_>) -> Vec<String> {
    let mut names = std::collections::BTreeSet::new();
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if seen.len() == MOST || !seen.insert(schema.id()) {
            continue;
        }
        open.extend(document.schema_target(schema));
        if document.version() == Version::V3_0 && schema.text("$ref").is_some() {
            continue;
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            open.extend(schema.get(key).into_iter().flat_map(Node::items));
        }
        let properties = schema.get("properties").into_iter().flat_map(Node::members);
        names.extend(properties.map(|(name, _)| name.to_owned()));
    }
    names.into_iter().collect()
}

/// Whether a schema allows members that it does not name: it is a map, or an object without further keywords for
/// members.
pub(crate) fn has_further(document: &Document, schema: Node<'_>) -> bool {
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if seen.len() == MOST || !seen.insert(schema.id()) {
            continue;
        }
        let further = schema.get("additionalProperties");
        let is_map = further.is_some_and(|it| it.is_object() || it.as_bool() == Some(true));
        let says_none = further.is_none() && schema.get("properties").is_none();
        if is_map || says_none && schema.text("type") == Some("object") {
            return true;
        }
        open.extend(document.schema_target(schema));
        open.extend(schema.get("allOf").into_iter().flat_map(Node::items));
    }
    false
}
