//! Schemas around a single one: a list of one part or alternative without other keywords means the same as its entry.

use openapi_document::Node;

use super::keywords::is_prose;

/// Maximum number of nested schemas around one that are looked through.
pub(super) const MOST_WRAPPERS: usize = 8;

/// The only part or alternative of a schema without other keywords.
pub(super) fn wrapped(schema: Node<'_>) -> Option<Node<'_>> {
    let mut speaking = schema.members().filter(|(key, _)| !is_prose(key));
    match (speaking.next()?, speaking.next()) {
        (("allOf" | "anyOf" | "oneOf", parts), None) if parts.items().len() == 1 => parts.at(0),
        _ => None,
    }
}

/// The reference that a schema consists of, and the schema that has it.
pub(crate) fn reference_of(mut schema: Node<'_>) -> Option<(Node<'_>, &str)> {
    for _ in 0..MOST_WRAPPERS {
        if let Some(reference) = schema.text("$ref") {
            return Some((schema, reference));
        }
        schema = wrapped(schema)?;
    }
    None
}
