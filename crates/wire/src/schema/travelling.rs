//! `readOnly` and `writeOnly`. A property that is not sent in a direction is removed before the value is judged, so
//! that it has no effect, even in closed objects.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use openapi_document::{Document, Node, NodeId, Version};
use serde_json::Value;

use super::Direction;

/// Maximum number of schemas that are visited for one value.
const MOST: usize = 2_000;

/// The schemas that apply to the same value as these, through references and in-place applicators.
pub(super) fn in_place<'d>(
    document: &'d Document,
    schemas: impl IntoIterator<Item = Node<'d>>,
) -> Vec<Node<'d>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open: Vec<Node<'d>> = schemas.into_iter().collect();
    while let Some(schema) = open.pop() {
        if found.len() == MOST || !schema.is_object() || !seen.insert(schema.id()) {
            continue;
        }
        found.push(schema);
        open.extend(document.schema_target(schema));
        if document.version() == Version::V3_0 && schema.text("$ref").is_some() {
            continue;
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            open.extend(schema.get(key).into_iter().flat_map(Node::items));
        }
        for key in ["then", "else"] {
            open.extend(schema.get(key));
        }
        let dependent = schema.get("dependentSchemas").into_iter();
        open.extend(dependent.flat_map(|it| it.members().values().collect::<Vec<_>>()));
    }
    found
}

/// The names of properties that are not sent: an index into the sets of [`Unsent`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Names(usize);

/// Caches which properties of a document are not sent.
#[derive(Default)]
pub(super) struct Unsent {
    /// The distinct sets of names except the empty one, and the index of each.
    sets: Vec<Arc<BTreeSet<String>>>,
    numbers: HashMap<Arc<BTreeSet<String>>, Names>,
    of: HashMap<(NodeId, Direction), Names>,
    /// Whether the document mentions the keyword of a direction.
    is_said: HashMap<Direction, bool>,
    /// Whether a schema itself declares such a property.
    declares: HashMap<(NodeId, Direction), bool>,
}

impl Unsent {
    fn is_said(&mut self, document: &Document, direction: Direction) -> bool {
        let is_said = self.is_said.entry(direction);
        *is_said.or_insert_with(|| document.mentions(direction.unsent()))
    }

    /// The names of the properties that are not sent, as declared by this schema or by others that apply to the same
    /// value.
    pub(super) fn of(&mut self, document: &Document, schema: Node<'_>, direction: Direction) -> Names {
        if !self.is_said(document, direction) {
            return Names::default();
        }
        let key = (schema.id(), direction);
        if let Some(known) = self.of.get(&key) {
            return *known;
        }
        let names = self.names(document, &in_place(document, [schema]), direction);
        let names: Arc<BTreeSet<String>> = Arc::new(names.into_iter().map(str::to_owned).collect());
        let next = Names(self.sets.len() + 1);
        let number = match self.numbers.get(&names) {
            _ if names.is_empty() => Names::default(),
            Some(number) => *number,
            None => {
                self.numbers.insert(Arc::clone(&names), next);
                self.sets.push(names);
                next
            }
        };
        self.of.insert(key, number);
        number
    }

    /// Whether a set contains a name.
    pub(super) fn contains(&self, names: Names, name: &str) -> bool {
        let set = names.0.checked_sub(1).and_then(|index| self.sets.get(index));
        set.is_some_and(|set| set.contains(name))
    }

    fn names<'d>(
        &mut self,
        document: &'d Document,
        in_place: &[Node<'d>],
        direction: Direction,
    ) -> BTreeSet<&'d str> {
        let flag = direction.unsent();
        let mut names = BTreeSet::new();
        for schema in in_place {
            let declares = self.declares.entry((schema.id(), direction)).or_insert(true);
            if !*declares {
                continue;
            }
            *declares = false;
            for (name, property) in schema.get("properties").into_iter().flat_map(Node::members) {
                if says(document, property, flag) {
                    *declares = true;
                    names.insert(name);
                }
            }
        }
        names
    }
}

/// Whether a property's schema has a flag, by itself or through `$ref` and `allOf`. One of several alternatives does
/// not count, because it may not apply.
fn says(document: &Document, property: Node<'_>, flag: &str) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![property];
    while let Some(schema) = open.pop() {
        if seen.len() == MOST || !seen.insert(schema.id()) {
            continue;
        }
        if schema.get(flag).and_then(Node::as_bool) == Some(true) {
            return true;
        }
        open.extend(document.schema_target(schema));
        open.extend(schema.get("allOf").into_iter().flat_map(Node::items));
        for alternatives in ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)) {
            open.extend(alternatives.items().filter(|_| alternatives.items().len() == 1));
        }
    }
    false
}

/// Removes the properties that are not sent from a value. The values of a standalone JSON Schema are never sent.
pub(super) fn travelling<'v>(
    document: &Document,
    schema: Node<'_>,
    direction: Direction,
    value: &'v Value,
    unsent: &mut Unsent,
) -> Cow<'v, Value> {
    if document.version() == Version::JsonSchema || !unsent.is_said(document, direction) {
        return Cow::Borrowed(value);
    }
    match strip(document, vec![schema], direction, value, unsent) {
        Some(value) => Cow::Owned(value),
        None => Cow::Borrowed(value),
    }
}

/// The value without the properties that are not sent; `None` if nothing changes.
fn strip<'d>(
    document: &'d Document,
    schemas: Vec<Node<'d>>,
    direction: Direction,
    value: &Value,
    known: &mut Unsent,
) -> Option<Value> {
    match value {
        Value::Object(members) if !schemas.is_empty() => {
            let schemas = in_place(document, schemas);
            let unsent = known.names(document, &schemas, direction);
            let mut kept = None;
            for (name, value) in members {
                if unsent.contains(name.as_str()) {
                    kept.get_or_insert_with(|| members.clone()).remove(name);
                    continue;
                }
                let inside = schemas.iter().filter_map(|schema| {
                    let declared = schema.get("properties").and_then(|it| it.get(name));
                    declared.or_else(|| schema.get("additionalProperties"))
                });
                if let Some(value) = strip(document, inside.collect(), direction, value, known) {
                    kept.get_or_insert_with(|| members.clone())
                        .insert(name.clone(), value);
                }
            }
            kept.map(Value::Object)
        }
        Value::Array(items) if !schemas.is_empty() => {
            let schemas = in_place(document, schemas);
            let mut kept = None;
            for (index, value) in items.iter().enumerate() {
                let inside = schemas.iter().filter_map(|schema| {
                    let prefix = schema.get("prefixItems").and_then(|it| it.at(index));
                    prefix.or_else(|| schema.get("items"))
                });
                if let Some(value) = strip(document, inside.collect(), direction, value, known) {
                    kept.get_or_insert_with(|| items.clone())[index] = value;
                }
            }
            kept.map(Value::Array)
        }
        _ => None,
    }
}
