//! The schemas that apply to one value: a schema, the targets of its references, and its parts.

use std::cell::Cell;
use std::collections::HashSet;

use openapi_document::{Document, Node, Version};

/// Maximum number of schemas that are visited for one response, since the references of a document may be cyclic.
const STEPS: u32 = 20_000;
/// Maximum nesting of a value. A deeper one is an error or an attack.
const DEPTH: usize = 64;

/// The remaining steps for one response.
pub(super) struct Steps(Cell<u32>);

impl Default for Steps {
    fn default() -> Self {
        Self(Cell::new(STEPS))
    }
}

impl Steps {
    /// Takes a step, and returns whether another schema may be visited.
    pub(super) fn step(&self, depth: usize) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0 && depth < DEPTH
    }
}

/// The schemas that apply to one value.
pub(super) struct Parts<'d>(Vec<Node<'d>>);

impl<'d> Parts<'d> {
    /// Collects `schemas` and, through references and `allOf`, their parts. Of the alternatives of an `anyOf` or
    /// `oneOf`, it collects those that `choose` selects.
    pub(super) fn of(
        document: &'d Document,
        schemas: &[Node<'d>],
        steps: &Steps,
        choose: &dyn Fn(Vec<Node<'d>>) -> Vec<Node<'d>>,
    ) -> Self {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut open: Vec<Node<'d>> = schemas.iter().rev().copied().collect();
        while let Some(schema) = open.pop() {
            if !seen.insert(schema.id()) || !steps.step(0) {
                continue;
            }
            let mut next = Vec::new();
            if let Some(reference) = schema.text("$ref") {
                next.extend(document.resolve_schema(schema, reference).ok().map(|it| it.node));
                // In OpenAPI 3.0 nothing counts beside a reference.
                if document.version() == Version::V3_0 {
                    open.extend(next);
                    continue;
                }
            }
            found.push(schema);
            next.extend(schema.get("allOf").into_iter().flat_map(Node::items));
            for key in ["oneOf", "anyOf"] {
                if let Some(alternatives) = schema.get(key).and_then(Node::as_array) {
                    next.extend(choose(alternatives.collect()));
                }
            }
            open.extend(next.into_iter().rev());
        }
        Self(found)
    }

    /// The values of a keyword in all parts.
    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = Node<'d>> {
        self.0.iter().filter_map(move |part| part.get(key))
    }

    /// The value of a keyword in the first part that has it.
    pub(super) fn get(&self, key: &str) -> Option<Node<'d>> {
        self.all(key).next()
    }

    /// The types that the first part with a `type` allows. Without one, schemas with properties are objects.
    pub(super) fn kinds(&self) -> Vec<&'d str> {
        match self.get("type") {
            Some(kind) => match kind.as_str() {
                Some(name) => vec![name],
                None => kind.items().filter_map(Node::as_str).collect(),
            },
            None if self.get("properties").is_some() => vec!["object"],
            None => Vec::new(),
        }
    }

    /// Every property with all schemas that apply to it, in document order.
    pub(super) fn properties(&self) -> Vec<(&'d str, Vec<Node<'d>>)> {
        let mut found: Vec<(&str, Vec<Node<'_>>)> = Vec::new();
        for (name, property) in self.all("properties").flat_map(Node::members) {
            match found.iter_mut().find(|(own, _)| *own == name) {
                Some((_, all)) => all.push(property),
                None => found.push((name, vec![property])),
            }
        }
        found
    }

    /// The names that some part requires.
    pub(super) fn required(&self) -> Vec<&'d str> {
        let lists = self.all("required").flat_map(Node::items);
        lists.filter_map(Node::as_str).collect()
    }

    /// The schemas that apply to an item.
    pub(super) fn items(&self, index: usize) -> Vec<Node<'d>> {
        let of = |part: &Node<'d>| {
            let own = part.get("prefixItems").and_then(|it| it.at(index));
            own.or_else(|| part.get("items").filter(|it| !it.is_array()))
        };
        self.0.iter().filter_map(of).collect()
    }

    /// The values of an `enum` that is written on a list and meant for its items. The vendor writes it so, and no list
    /// can be one of the values.
    pub(super) fn values_of_items(&self) -> Option<Node<'d>> {
        self.get("enum")
            .filter(|values| self.kinds().contains(&"array") && !values.items().any(Node::is_array))
    }
}
