//! The targets of `$dynamicRef`, which depend on the schema resources that were entered on the way ([JSON Schema
//! 2020-12, section 7.1](https://json-schema.org/draft/2020-12/json-schema-core#section-7.1)).

use std::rc::Rc;

use openapi_document::{Node, NodeId};

use super::Lowering;
use crate::containment::formula::Map;
use crate::containment::reading::{At, Mode, Scope};
use crate::schema::ast::{Keyword, Schema};

/// Maximum number of different scopes; the dynamic references in further ones stay undecided.
const MOST: usize = 4_096;

/// The dynamic scopes that were met, and the schemas as they are read in them.
#[derive(Default)]
pub(super) struct Scopes<'d> {
    /// The document and its resources in the order in which they were entered first, for each scope.
    all: Vec<(usize, Vec<usize>)>,
    ids: Map<(usize, Vec<usize>), Scope>,
    read: Map<(NodeId, Scope), Rc<Schema<'d>>>,
}

impl<'d> Lowering<'d> {
    /// The same location, after its resource is entered.
    pub(super) fn entered(&mut self, at: At<'d>) -> At<'d> {
        let document = self.reader.document(at.source);
        if !document.has_dynamic_scopes() {
            return at;
        }
        let resource = document.resource(at.node);
        let known = self.resources(at.mode.scope);
        if known.contains(&resource) {
            return at;
        }
        let key = (at.source, [known, &[resource]].concat());
        let scopes = &mut self.scopes;
        let next = Scope::nth(scopes.all.len());
        let scope = match scopes.ids.get(&key) {
            Some(known) => *known,
            None if scopes.all.len() == MOST => Scope::default(),
            None => {
                scopes.all.push(key.clone());
                scopes.ids.insert(key, next);
                next
            }
        };
        let mode = Mode { scope, ..at.mode };
        At { mode, ..at }
    }

    fn resources(&self, scope: Scope) -> &[usize] {
        scope.index().map_or(&[], |index| &self.scopes.all[index].1)
    }

    /// The schema at a location, with its dynamic references as references to their targets.
    pub(super) fn read(&mut self, at: At<'d>) -> Rc<Schema<'d>> {
        let schema = self.reader.read(at.source, at.node);
        let is_dynamic = |it: &Keyword<'d>| matches!(it, Keyword::DynamicReference(..));
        if at.mode.scope == Scope::default() || !schema.keywords.iter().any(is_dynamic) {
            return schema;
        }
        let key = (at.node.id(), at.mode.scope);
        if let Some(known) = self.scopes.read.get(&key) {
            return Rc::clone(known);
        }
        let keywords = schema.keywords.iter().map(|keyword| match keyword {
            Keyword::DynamicReference(target, anchor) => Keyword::Reference(self.target(at, *target, anchor)),
            other => other.clone(),
        });
        let schema = Rc::new(Schema {
            keywords: keywords.collect(),
            adds_null: schema.adds_null,
        });
        self.scopes.read.insert(key, Rc::clone(&schema));
        schema
    }

    /// The target of a dynamic reference: the anchor of the resource that was entered first among those that have one,
    /// if the reference leads to such an anchor at all.
    fn target(&self, at: At<'d>, target: Option<Node<'d>>, anchor: &str) -> Option<Node<'d>> {
        let target = target?;
        if target.text("$dynamicAnchor") != Some(anchor) {
            return Some(target);
        }
        let document = self.reader.document(at.source);
        let mut resources = self.resources(at.mode.scope).iter();
        let outermost = resources.find_map(|it| document.dynamic_anchor(*it, anchor));
        Some(outermost.unwrap_or(target))
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::json;

    use super::MOST;
    use crate::containment::Carrier;
    use crate::containment::engine::{Beside, Engine, Question};
    use crate::containment::reading::Reading;
    use crate::containment::verdict::{Verdict, World};
    use crate::options::Nullable;

    #[test]
    fn beyond_so_many_scopes_a_dynamic_reference_may_lead_anywhere() {
        let strings = json!({"$id": "http://a.test/strings", "$ref": "list", "$defs": {
            "own": {"$dynamicAnchor": "item", "type": "string"},
            "list": {"$id": "list", "type": "array", "items": {"$dynamicRef": "#item"},
                "$defs": {"any": {"$dynamicAnchor": "item"}}}}});
        let [list, strings] = [json!({"type": "array"}), strings]
            .map(|it| Document::read_schema(it.to_string()).expect("a schema"));
        let reading = Reading {
            nullable: Nullable::Lenient,
            formats: false,
        };
        let [source, target] = [(0, &list), (1, &strings)].map(|(source, document)| Question {
            source,
            schema: document.root(),
            beside: Beside::default(),
            direction: None,
            carrier: Carrier::Json,
            takes_overlaps: false,
        });
        for (known, is_decided) in [(MOST - 2, true), (MOST - 1, false)] {
            let mut engine = Engine::new([&list, &strings], reading, 10_000);
            engine.solver.lowering.scopes.all.resize(known, (0, Vec::new()));
            let verdict = engine.contains(source, target, World::Open);
            assert_eq!(
                matches!(verdict, Verdict::Refuted(_)),
                is_decided,
                "{known}: {verdict:?}"
            );
            assert!(verdict != Verdict::Proved, "{known}");
        }
    }
}
