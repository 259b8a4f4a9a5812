//! The names that a schema declares.

use openapi_document::{Document, Node, Version};

/// Schemas that one question looks at.
const MOST: usize = 2_000;

/// The names of the properties that a schema declares, through references and `allOf`, `anyOf` and `oneOf`; sorted.
pub(crate) fn property_names(document: &Document, schema: Node<'_>) -> Vec<String> {
    let mut names = std::collections::BTreeSet::new();
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if seen.len() == MOST || !seen.insert(schema.id()) {
            continue;
        }
        if let Some(reference) = schema.text("$ref") {
            open.extend(document.resolve(schema, reference).ok().map(|it| it.node));
            if document.version() == Version::V3_0 {
                continue;
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            open.extend(schema.get(key).into_iter().flat_map(Node::items));
        }
        let properties = schema.get("properties").into_iter().flat_map(Node::members);
        names.extend(properties.map(|(name, _)| name.to_owned()));
    }
    names.into_iter().collect()
}
