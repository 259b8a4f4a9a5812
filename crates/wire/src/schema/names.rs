//! The property names that a schema declares.

use std::collections::{BTreeSet, HashSet};

use openapi_document::{Document, Node, Version};

use super::discriminator::selected;

/// Maximum number of schemas that one call visits.
const MOST: usize = 2_000;

/// The names of the properties that a schema declares or requires, including those behind references, in `allOf`, `anyOf`
/// and `oneOf`, and of the schemas that its discriminator selects; sorted.
pub(crate) fn property_names(document: &Document, schema: Node<'_>) -> Vec<String> {
    let mut names = BTreeSet::new();
    for part in parts(document, schema) {
        let declared = part
            .get("properties")
            .into_iter()
            .flat_map(|it| it.members().keys());
        let required = part.get("required").into_iter().flat_map(Node::items);
        names.extend(declared.chain(required.filter_map(Node::as_str)));
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The names that the schemas of a property mention.
pub(crate) fn names_within(document: &Document, schema: Node<'_>, property: &str) -> Vec<String> {
    let properties = parts(document, schema).filter_map(|it| it.get("properties"));
    let own = properties.filter_map(|it| it.get(property));
    let names: BTreeSet<_> = own.flat_map(|it| property_names(document, it)).collect();
    names.into_iter().collect()
}

/// A schema, its parts and alternatives, and the schemas that its discriminator selects, behind references, too.
fn parts<'d>(document: &'d Document, schema: Node<'d>) -> impl Iterator<Item = Node<'d>> {
    let mut seen = HashSet::new();
    let mut open = vec![schema];
    std::iter::from_fn(move || {
        loop {
            let schema = open.pop()?;
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
            open.extend(selected(document, schema));
            return Some(schema);
        }
    })
}

/// Whether a schema allows members that it does not name: it is a map, or an object without further keywords for
/// members.
pub(crate) fn has_further(document: &Document, schema: Node<'_>) -> bool {
    let mut seen = HashSet::new();
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
