//! Adds the tags that a value leaves out. OpenAPI does not define which schema applies then ([Discriminator
//! Object](https://spec.openapis.org/oas/v3.1.1#discriminator-object)).

use openapi_document::{Document, Node};
use serde_json::{Map, Value};

use super::Direction;
use super::judge::Judge;
use super::travelling::in_place;

/// Maximum number of tags that are tried for one schema. Some documents have thousands, and the tags of one schema
/// are similar to each other.
const MOST_CHOICES: usize = 32;

/// Adds the tags that the discriminators of a value's schemas require and that the value lacks.
pub(super) struct Tagging<'j, 'd> {
    pub(super) judge: &'j mut Judge,
    pub(super) document: &'d Document,
    pub(super) direction: Direction,
    /// The index of the choice to take among those that accept the value; the last one is taken if there are fewer.
    pub(super) skip: usize,
    /// Whether some discriminator had a choice at that index.
    pub(super) is_next: bool,
}

impl<'d> Tagging<'_, 'd> {
    /// Returns the value with each missing tag for which some choice accepts the result; `None` if no tag is added.
    pub(super) fn completed(&mut self, schemas: Vec<Node<'d>>, value: &Value) -> Option<Value> {
        if schemas.is_empty() {
            return None;
        }
        match value {
            Value::Object(members) => {
                let schemas = in_place(self.document, schemas);
                self.object(&schemas, members).map(Value::Object)
            }
            Value::Array(items) => {
                let schemas = in_place(self.document, schemas);
                let mut completed = None;
                for (index, item) in items.iter().enumerate() {
                    let inside = schemas.iter().filter_map(|schema| {
                        let prefix = schema.get("prefixItems").and_then(|it| it.at(index));
                        prefix.or_else(|| schema.get("items"))
                    });
                    if let Some(item) = self.completed(inside.collect(), item) {
                        completed.get_or_insert_with(|| items.clone())[index] = item;
                    }
                }
                completed.map(Value::Array)
            }
            _ => None,
        }
    }

    fn object(&mut self, schemas: &[Node<'d>], members: &Map<String, Value>) -> Option<Map<String, Value>> {
        let mut whole = members.clone();
        let mut is_changed = false;
        for (name, value) in members {
            let inside = schemas.iter().filter_map(|schema| {
                let declared = schema.get("properties").and_then(|it| it.get(name));
                declared.or_else(|| schema.get("additionalProperties"))
            });
            if let Some(value) = self.completed(inside.collect(), value) {
                whole.insert(name.clone(), value);
                is_changed = true;
            }
        }
        for schema in schemas {
            let property = schema.get("discriminator").and_then(|it| it.text("propertyName"));
            let Some(property) = property.filter(|it| !whole.contains_key(*it)) else {
                continue;
            };
            let mut fitting = self.tagged(*schema, property, &whole);
            self.is_next |= fitting.len() > self.skip;
            if let Some(tagged) = fitting.pop() {
                whole = tagged;
                is_changed = true;
            }
        }
        is_changed.then_some(whole)
    }

    /// The object with each tag whose selected schema accepts the result, up to the wanted index.
    fn tagged(
        &mut self,
        schema: Node<'d>,
        property: &str,
        members: &Map<String, Value>,
    ) -> Vec<Map<String, Value>> {
        let mut fitting = Vec::new();
        let selection = self.judge.selection(self.document, schema, property);
        for choice in selection.choices.iter().take(MOST_CHOICES) {
            let (Some(tag), Some(chosen)) = (choice.tags.first(), self.document.stored(choice.schema)) else {
                continue;
            };
            let mut tagged = members.clone();
            tagged.insert(property.to_owned(), tag.clone().into());
            let whole = Value::Object(tagged.clone());
            if self.judge.admits(self.document, chosen, self.direction, &whole) == Ok(true) {
                fitting.push(tagged);
            }
            if fitting.len() > self.skip {
                break;
            }
        }
        fitting
    }
}
