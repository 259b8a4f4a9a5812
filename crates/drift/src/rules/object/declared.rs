//! The names that schemas declare for the same value.

use std::collections::{BTreeSet, HashSet};

use openapi_document::Node;

use crate::diff::face::{Additional, Face};
use crate::report::Side;
use crate::schema::reader::Reader;

/// Maximum number of subschemas searched for declared names.
const MOST: usize = 512;

/// Names declared in the branches of a union, which are therefore still known.
pub(crate) fn branch_names<'d>(reader: &mut Reader<'d>, side: Side, face: &Face<'d>) -> BTreeSet<&'d str> {
    declared_in(
        reader,
        side,
        face.unions.iter().flatten().map(|it| it.node).collect(),
    )
}

/// Names declared by schemas, and by their subschemas that apply to the same value.
pub(super) fn declared_in<'d>(
    reader: &mut Reader<'d>,
    side: Side,
    mut open: Vec<Node<'d>>,
) -> BTreeSet<&'d str> {
    let mut names = BTreeSet::new();
    let mut seen = HashSet::new();
    while let Some(node) = open.pop() {
        if seen.len() == MOST || !seen.insert(node.id()) {
            continue;
        }
        let schema = reader.read(side.index(), node);
        names.extend(schema.properties().map(|(name, _)| name));
        open.extend(schema.in_place());
    }
    names
}

/// Whether an object does not even list names, so that its sender may send any.
pub(super) fn is_free(face: &Face<'_>) -> bool {
    let is_open = matches!(face.additional, Additional::Unsaid | Additional::Any);
    is_open && face.is_bare() && !face.lists_names && face.unions.is_empty() && !face.declares_further()
}
