//! Responses as a later version of the API might give them. A careful client can read them, but they do not match the
//! document.

use openapi_document::{Document, Node};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Operation;
use super::parts::{Parts, Steps};

/// The way in which a response departs from its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FutureVersion {
    UnknownEnum,
    ExtraFields,
    MissingOptional,
}

/// A value that no enum lists.
const UNKNOWN: &str = "ADDED_LATER";

impl Operation<'_> {
    pub(crate) fn answer_as(self, status: u16, body: &mut Value, version: FutureVersion) {
        let responses = self.responses();
        let answer = super::answer::declared(&responses, status);
        if let Some(schema) = answer.and_then(super::answer::schema) {
            let later = Later {
                document: self.document(),
                version,
                steps: Steps::default(),
            };
            later.change(&[schema], body, 0);
        }
    }
}

struct Later<'d> {
    document: &'d Document,
    version: FutureVersion,
    steps: Steps,
}

impl<'d> Later<'d> {
    fn change(&self, schemas: &[Node<'d>], value: &mut Value, depth: usize) {
        if !self.steps.step(depth) {
            return;
        }
        let parts = Parts::of(self.document, schemas, &self.steps, &|all| all);
        match value {
            Value::String(text)
                if self.version == FutureVersion::UnknownEnum && parts.get("enum").is_some() =>
            {
                UNKNOWN.clone_into(text);
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.change(&parts.items(index), item, depth + 1);
                }
            }
            Value::Object(fields) => {
                let properties = parts.properties();
                if properties.is_empty() {
                    return;
                }
                if self.version == FutureVersion::MissingOptional {
                    let required = parts.required();
                    fields.retain(|name, _| required.contains(&name.as_str()));
                }
                for (name, field) in fields.iter_mut() {
                    if let Some((_, schemas)) = properties.iter().find(|(own, _)| own == name) {
                        self.change(schemas, field, depth + 1);
                    }
                }
                if self.version == FutureVersion::ExtraFields {
                    fields.insert("addedLater".to_owned(), json!({"nested": [1, null, "text"]}));
                }
            }
            _ => {}
        }
    }
}
