//! The shape of a part of a document: its text without prose. Two copies of one thing have the same shape.

use std::fmt::Write as _;

use openapi_document::{Document, Kind, Node, NodeId, Version};

/// Keys whose values say nothing about what travels.
pub(crate) fn is_prose(key: &str) -> bool {
    matches!(
        key,
        "description" | "summary" | "title" | "example" | "examples" | "externalDocs" | "$comment" | "tags"
    ) || key.starts_with("x-") && key != SUNSET && key != EXTENSIBLE_ENUM
}

/// An extension that is a promise to callers: a date after which something stops working.
pub(crate) const SUNSET: &str = "x-sunset";

/// An extension that callers lean on: the values of an enum that may get more.
pub(crate) const EXTENSIBLE_ENUM: &str = "x-extensible-enum";

/// Keys whose members are named by the author, so that one of them may be called `description`.
pub(crate) fn names_its_members(key: &str) -> bool {
    matches!(
        key,
        "properties"
            | "patternProperties"
            | "$defs"
            | "definitions"
            | "dependentSchemas"
            | "dependentRequired"
            | "mapping"
            | "headers"
            | "content"
            | "responses"
            | "callbacks"
            | "encoding"
            | "variables"
            | "schemas"
    )
}

/// Keys whose values are data: nothing in them is prose or a reference.
pub(crate) fn holds_data(key: &str) -> bool {
    matches!(key, "enum" | "const" | "default" | "required" | EXTENSIBLE_ENUM)
}

/// A text that is the same for two values exactly when they differ in prose, order of members and names of components
/// only: local references are written out.
pub(crate) fn shape(document: &Document, node: Node<'_>) -> String {
    let mut writer = Writer {
        document,
        open: Vec::new(),
        out: String::new(),
    };
    writer.write(node, KeyRole::Keywords);
    writer.out
}

/// Past this many bytes references are kept as written: two copies of so large a thing are still told to be copies
/// when their references agree.
const LONGEST: usize = 1 << 16;

/// The role that the keys of an object play.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyRole {
    /// The keys of an object are OpenAPI's.
    Keywords,
    /// The keys of an object are the author's.
    Names,
    /// The object is data, and so is all in it.
    Data,
}

impl KeyRole {
    /// The role of the keys in the value under `key`.
    pub(crate) fn under(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Keywords if holds_data(key) => Self::Data,
            Self::Keywords if names_its_members(key) => Self::Names,
            Self::Keywords | Self::Names => Self::Keywords,
        }
    }
}

struct Writer<'d> {
    document: &'d Document,
    /// What is referred to and being written out: a reference to it inside itself is kept as written.
    open: Vec<NodeId>,
    out: String,
}

impl Writer<'_> {
    fn write(&mut self, node: Node<'_>, role: KeyRole) {
        match node.kind() {
            Kind::Object(members) => {
                let reference = node.text("$ref").filter(|_| role == KeyRole::Keywords);
                let is_alone = self.document.version() == Version::V3_0
                    || node.members().keys().all(|key| key == "$ref" || is_prose(key));
                if let Some(reference) = reference.filter(|_| is_alone)
                    && self.write_target(node, reference)
                {
                    // In 3.0 nothing counts beside a reference but null, as vendors mean it.
                    if self.document.version() == Version::V3_0
                        && node.get("nullable").and_then(Node::as_bool) == Some(true)
                    {
                        self.out.push('?');
                    }
                    return;
                }
                self.out.push('{');
                let mut members: Vec<(&str, Node<'_>)> = members.collect();
                members.sort_unstable_by_key(|(key, _)| *key);
                for (key, value) in members {
                    if role == KeyRole::Keywords && is_prose(key) {
                        continue;
                    }
                    self.out.push_str(key);
                    self.out.push(':');
                    let target = reference.filter(|_| key == "$ref");
                    if target.is_none_or(|reference| !self.write_target(node, reference)) {
                        self.write(value, role.under(key));
                    }
                    self.out.push(',');
                }
                self.out.push('}');
            }
            Kind::Array(items) => {
                self.out.push('[');
                for item in items {
                    self.write(item, role);
                    self.out.push(',');
                }
                self.out.push(']');
            }
            _ => {
                let _ = write!(self.out, "{node}");
            }
        }
    }

    /// Writes out what a reference names, when that can be done.
    fn write_target(&mut self, from: Node<'_>, reference: &str) -> bool {
        if self.out.len() > LONGEST {
            return false;
        }
        let Ok(target) = self.document.resolve(from, reference) else {
            return false;
        };
        if self.open.contains(&target.node.id()) {
            return false;
        }
        self.open.push(target.node.id());
        self.write(target.node, KeyRole::Keywords);
        self.open.pop();
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The shape of a part of a document with some components.
    fn shape_of(part: &Value) -> String {
        let root = json!({"openapi": "3.0.0", "part": part, "components": {"schemas": {
            "A": {"properties": {"next": {"$ref": "#/components/schemas/A"}}},
            "B": {"properties": {"next": {"$ref": "#/components/schemas/B"}}},
            "Name": {"type": "string", "description": "x"},
            "Label": {"description": "y", "type": "string"},
        }}});
        let document = Document::read(root.to_string()).unwrap();
        shape(&document, document.root().get("part").unwrap())
    }

    #[test]
    fn prose_and_order_do_not_shape() {
        let a = json!({"type": "object", "description": "x", "properties": {"title": {"type": "string", "title": "T"}}});
        let b = json!({"properties": {"title": {"type": "string"}}, "type": "object", "x-y": 1});
        assert_eq!(shape_of(&a), shape_of(&b));
    }

    #[test]
    fn what_stands_beside_a_reference_counts_since_3_1() {
        let text = |version: &str, part: &str| {
            let root = format!(
                r#"{{"openapi": "{version}", "part": {part}, "components": {{"schemas": {{"A": {{"type": "string"}}}}}}}}"#
            );
            let document = Document::read(root).unwrap();
            shape(&document, document.root().get("part").unwrap())
        };
        let alone = r##"{"$ref": "#/components/schemas/A", "description": "x"}"##;
        let short = r##"{"$ref": "#/components/schemas/A", "maxLength": 3}"##;
        assert_eq!(text("3.0.3", alone), text("3.0.3", short));
        assert_ne!(text("3.1.0", alone), text("3.1.0", short));
        assert_eq!(text("3.1.0", alone), r#"{type:"string",}"#);
    }

    #[test]
    fn a_property_called_like_prose_does() {
        let with = json!({"properties": {"description": {"type": "string"}}});
        let without = json!({"properties": {}});
        assert_ne!(shape_of(&with), shape_of(&without));
        let data = |title: Value| json!({"enum": [title]});
        assert_ne!(shape_of(&data(json!({"title": 1}))), shape_of(&data(json!({}))));
    }

    #[test]
    fn names_of_components_do_not_and_cycles_end() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        assert_eq!(shape_of(&to("Name")), shape_of(&to("Label")));
        assert!(shape_of(&to("A")).contains("#/components/schemas/A"));
        assert_ne!(shape_of(&to("A")), shape_of(&to("Name")));
    }
}
