//! Decides whether two parts of documents are the same, except for prose, order of members, and names of components.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use openapi_document::{Document, Kind, Node, NodeId, Version};

use super::discriminator::Discriminator;
use super::keywords::{KeyRole, Role, is_prose, is_set, refuses_nothing, role, says_nothing, set};

/// Whether two parts are equal except for prose and order of members. Collects the references in them.
pub(crate) fn same_words<'d>(a: Node<'d>, b: Node<'d>, role: KeyRole, references: &mut Vec<&'d str>) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Object(own), Kind::Object(other)) => {
            let counts =
                |(key, value): &(&str, Node<'_>)| role != KeyRole::Keywords || !says_nothing(key, *value);
            let mut matched = 0;
            for (key, value) in own.filter(counts) {
                let Some(other) = other.get(key) else { return false };
                if matches!(key, "$ref" | "$dynamicRef") && role == KeyRole::Keywords {
                    let Some(reference) = value.as_str().filter(|it| other.as_str() == Some(*it)) else {
                        return false;
                    };
                    references.push(reference);
                } else if role == KeyRole::Keywords && is_set(key) {
                    if !same_set(key, value, other) {
                        return false;
                    }
                } else if !same_words(value, other, role.under(key), references) {
                    return false;
                }
                matched += 1;
            }
            matched == other.filter(counts).count()
        }
        (Kind::Array(own), Kind::Array(other)) => {
            own.len() == other.len() && own.zip(other).all(|(a, b)| same_words(a, b, role, references))
        }
        _ => a == b,
    }
}

/// Whether a keyword whose order has no meaning has the same values twice.
pub(super) fn same_set(key: &str, a: Node<'_>, b: Node<'_>) -> bool {
    if a == b {
        return true;
    }
    let (Some(own), Some(other)) = (set(key, a), set(key, b)) else {
        return false;
    };
    // The sums tell most lists apart without sorting them.
    let sum = |values: &[Node<'_>]| {
        values
            .iter()
            .fold(0, |sum: u64, it| sum.wrapping_add(Node::hash(*it)))
    };
    if own.len() == other.len() {
        return sum(&own) == sum(&other) && by_hash(own) == by_hash(other);
    }
    // A value may be listed twice.
    let [mut own, mut other] = [own, other].map(by_hash);
    own.dedup();
    other.dedup();
    own == other
}

/// Maximum number of values of a set whose order does not count. Longer ones keep it.
const MOST_SORTED: usize = 10_000;

/// Values in an order that does not depend on that of the document. Equal values have equal hashes.
fn by_hash(mut values: Vec<Node<'_>>) -> Vec<Node<'_>> {
    if values.len() <= MOST_SORTED {
        values.sort_by_cached_key(|it| Node::hash(*it));
    }
    values
}

fn write_set(values: Vec<Node<'_>>, out: &mut String) {
    out.push('[');
    for value in by_hash(values) {
        let _ = write!(out, "{value},");
    }
    out.push_str("],");
}

/// The keywords of a schema itself, each with its value, without its subschemas.
pub(crate) fn own_keywords(schema: Node<'_>) -> impl Iterator<Item = String> {
    schema.members().filter_map(|(key, value)| {
        let holds_schemas = matches!(
            key,
            "items" | "additionalProperties" | "allOf" | "oneOf" | "anyOf" | "$ref" | "prefixItems"
        );
        let is_own = !holds_schemas && !matches!(role(key), Role::Prose | Role::Names);
        is_own.then(|| format!("{key}: {value}"))
    })
}

/// A schema as text that does not depend on order and prose, with the targets of its references.
pub(crate) struct Canonical<'d> {
    pub(crate) text: String,
    /// The targets of its references, in the order of the text.
    pub(crate) references: Vec<Node<'d>>,
    document: &'d Document,
}

impl<'d> Canonical<'d> {
    pub(crate) fn of(schema: Node<'d>, number: usize, document: &'d Document) -> Self {
        // Schemas have the same meaning in 3.1 and 3.2.
        let version = match document.version() {
            Version::V3_2 => Version::V3_1,
            version => version,
        };
        let mut writer = Self {
            text: format!("{version:?} "),
            references: Vec::new(),
            document,
        };
        writer.schema(schema);
        // Names that are defined within one document have no meaning in another one.
        let named = ["\"$id\":", "\"$dynamicRef\":"]
            .iter()
            .any(|it| writer.text.contains(it));
        if named || document.has_ids() && writer.text.contains("\"$ref\":") {
            let _ = write!(writer.text, " of {number}");
        }
        writer
    }

    fn schema(&mut self, schema: Node<'d>) {
        match schema.kind() {
            Kind::Object(members) => {
                self.text.push('{');
                let speaks =
                    |(key, value): &(&str, Node<'_>)| !refuses_nothing(key) && !says_nothing(key, *value);
                for (key, value) in sorted(members.filter(speaks)) {
                    let refers = key == "$ref" || key == "$dynamicRef" && !self.document.has_dynamic_scopes();
                    if refers
                        && let Some(reference) = value.as_str()
                        && let Ok(target) = self.document.resolve_schema(schema, reference)
                    {
                        self.references.push(target.node);
                        let _ = write!(self.text, "{key},");
                        continue;
                    }
                    self.quote(key);
                    self.text.push(':');
                    if let Some(values) = set(key, value) {
                        write_set(values, &mut self.text);
                        continue;
                    }
                    match role(key) {
                        Role::Names => self.map_of_schemas(value),
                        Role::Data => {
                            let _ = write!(self.text, "{value}");
                        }
                        _ => self.schema(value),
                    }
                    self.text.push(',');
                }
                if let Some(discriminator) = Discriminator::of(self.document, schema) {
                    self.tags(&discriminator);
                }
                self.text.push('}');
            }
            Kind::Array(items) => {
                self.text.push('[');
                for item in items {
                    self.schema(item);
                    self.text.push(',');
                }
                self.text.push(']');
            }
            _ => {
                let _ = write!(self.text, "{schema}");
            }
        }
    }

    fn tags(&mut self, discriminator: &Discriminator<'d>) {
        self.text.push_str("tag ");
        self.quote(discriminator.property);
        let mut tags: Vec<_> = discriminator.tags.iter().collect();
        tags.sort_unstable_by(|one, other| one.value.cmp(&other.value));
        for tag in tags {
            self.quote(&tag.value);
            self.references.push(tag.target.node);
        }
    }

    fn map_of_schemas(&mut self, node: Node<'d>) {
        let Kind::Object(members) = node.kind() else {
            return self.schema(node);
        };
        self.text.push('{');
        for (key, schema) in sorted(members) {
            self.quote(key);
            self.schema(schema);
            self.text.push(',');
        }
        self.text.push('}');
    }

    /// Writes a text between quotes, so that it cannot be confused with the text around it.
    fn quote(&mut self, text: &str) {
        if text.bytes().any(|byte| matches!(byte, b'"' | b'\\')) {
            let _ = write!(self.text, "{text:?}");
        } else {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
        }
    }
}

fn sorted<'d>(members: impl Iterator<Item = (&'d str, Node<'d>)>) -> Vec<(&'d str, Node<'d>)> {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable_by_key(|(key, _)| *key);
    members
}

/// A text that is the same for two values exactly if they differ only in prose, order of members, and names of
/// components. Local references are replaced by their targets as long as the text has fewer than `most` bytes.
pub(crate) fn shape(document: &Document, node: Node<'_>, most: usize) -> String {
    let mut writer = Writer {
        document,
        longest: LONGEST.min(most),
        open: Vec::new(),
        out: String::new(),
    };
    writer.write(node, KeyRole::Keywords);
    writer.out
}

/// A short text that differs for different shapes.
pub(crate) fn digest(shape: &str) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, shape).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(0), half(1))
}

/// Length in bytes beyond which references are kept as written. Two copies of such a large part are still recognized
/// if their references are the same.
const LONGEST: usize = 1 << 16;
/// Nesting of references beyond which they are kept as written. Following a chain of references writes nothing, so its
/// cost is not limited by [`LONGEST`].
const DEEPEST: usize = 64;

struct Writer<'d> {
    document: &'d Document,
    /// Length of the text from which references are kept as written.
    longest: usize,
    /// The targets that are being written. A reference to one of them inside itself is kept as written.
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
                    // In 3.0, only `nullable` has an effect beside a reference, as vendors use it.
                    if node.get("nullable").and_then(Node::as_bool) == Some(true) {
                        self.out.push('?');
                    }
                    return;
                }
                self.out.push('{');
                let is_keyword = role == KeyRole::Keywords;
                let mut members: Vec<(&str, Node<'_>)> = members.collect();
                members.sort_unstable_by_key(|(key, _)| *key);
                for (key, value) in members {
                    if is_keyword && says_nothing(key, value) {
                        continue;
                    }
                    self.out.push_str(key);
                    self.out.push(':');
                    let is_keyword = role == KeyRole::Keywords;
                    if is_keyword && let Some(values) = set(key, value) {
                        write_set(values, &mut self.out);
                        continue;
                    }
                    let target = reference.filter(|_| key == "$ref");
                    if target.is_none_or(|reference| !self.write_target(node, reference)) {
                        if is_keyword && matches!(key, "allOf" | "anyOf" | "oneOf") && value.is_array() {
                            self.write_sorted(value, role);
                        } else {
                            self.write(value, role.under(key));
                        }
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

    /// Writes the schemas of a list in the order of their own texts.
    fn write_sorted(&mut self, list: Node<'_>, role: KeyRole) {
        let start = self.out.len();
        let mut texts = Vec::new();
        for item in list.items() {
            let from = self.out.len();
            self.write(item, role);
            texts.push(self.out[from..].to_owned());
        }
        texts.sort_unstable();
        self.out.truncate(start);
        self.out.push('[');
        for text in texts {
            self.out.push_str(&text);
            self.out.push(',');
        }
        self.out.push(']');
    }

    /// Writes the target of a reference, if possible.
    fn write_target(&mut self, from: Node<'_>, reference: &str) -> bool {
        if self.out.len() >= self.longest || self.open.len() == DEEPEST {
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
        shape(&document, document.root().get("part").unwrap(), LONGEST)
    }

    #[test]
    fn prose_and_order_do_not_shape() {
        let a = json!({"type": "object", "description": "x", "properties": {"title": {"type": "string", "title": "T"}}});
        let b = json!({"properties": {"title": {"type": "string"}}, "type": "object", "x-y": 1});
        assert_eq!(shape_of(&a), shape_of(&b));
        let one_of = |a: Value, b: Value| json!({"oneOf": [a, b]});
        assert_eq!(shape_of(&one_of(a.clone(), b.clone())), shape_of(&one_of(b, a)));
    }

    #[test]
    fn words_are_the_same_whatever_their_prose_and_order() {
        let one = r##"{"title": "T", "type": "object", "properties": {"a": {"$ref": "#/x"}, "b": {}}}"##;
        for (other, is_same) in [
            (
                r##"{"properties": {"b": {"title": "B"}, "a": {"$ref": "#/x"}}, "type": "object"}"##,
                true,
            ),
            (
                r##"{"properties": {"b": {}, "a": {"$ref": "#/y"}}, "type": "object"}"##,
                false,
            ),
            (
                r##"{"properties": {"a": {"$ref": "#/x"}}, "type": "object"}"##,
                false,
            ),
            (r##"{"properties": {"a": {"$ref": "#/x"}, "b": {}}}"##, false),
        ] {
            let document =
                Document::read(format!(r#"{{"openapi": "3.1.0", "a": {one}, "b": {other}}}"#)).unwrap();
            let [a, b] = ["a", "b"].map(|part| document.root().get(part).unwrap());
            let mut references = Vec::new();
            for (one, other) in [(a, b), (b, a)] {
                assert_eq!(
                    same_words(one, other, KeyRole::Keywords, &mut references),
                    is_same,
                    "{other}"
                );
            }
            assert!(!is_same || references == ["#/x", "#/x"]);
        }
    }

    #[test]
    fn the_order_of_sets_and_keywords_without_effect_have_no_meaning() {
        let one =
            r#"{"type": ["string"], "enum": ["a", "b"], "allOf": [{"minLength": 1}, {"pattern": "x"}]}"#;
        let other = r#"{"type": "string", "enum": ["b", "a"], "nullable": false, "minLength": 0, "allOf": [{"pattern": "x"}, {"minLength": 1}]}"#;
        let part = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(shape_of(&part(one)), shape_of(&part(other)));
        let text = |part: &str| canonical(part).0;
        let sets = |set: &str| format!(r#"{{"required": {set}, "type": "object"}}"#);
        assert_eq!(text(&sets(r#"["a", "b"]"#)), text(&sets(r#"["b", "a"]"#)));
        assert_ne!(text(&sets(r#"["a", "b"]"#)), text(&sets(r#"["b"]"#)));
        for (one, other, is_same) in [
            (r#"["a", "b"]"#, r#"["b", "a"]"#, true),
            (r#"["a", "b"]"#, r#"["b", "b"]"#, false),
            (r#"["a", "b"]"#, r#"["b"]"#, false),
        ] {
            let document = Document::read(format!(
                r#"{{"openapi": "3.1.0", "a": {{"enum": {one}}}, "b": {{"enum": {other}, "uniqueItems": false}}}}"#
            ));
            let document = document.unwrap();
            let [a, b] = ["a", "b"].map(|part| document.root().get(part).unwrap());
            assert_eq!(
                same_words(a, b, KeyRole::Keywords, &mut Vec::new()),
                is_same,
                "{other}"
            );
        }
    }

    #[test]
    fn the_order_of_so_many_values_has_no_meaning() {
        for (count, is_same) in [(MOST_SORTED, true), (MOST_SORTED + 1, false)] {
            let [one, other]: [Vec<usize>; 2] = [(0..count).collect(), (0..count).rev().collect()];
            let [one, other] =
                [one, other].map(|it| Document::read_schema(json!({"enum": it}).to_string()).unwrap());
            let same = same_words(one.root(), other.root(), KeyRole::Keywords, &mut Vec::new());
            assert_eq!(same, is_same, "{count}");
        }
    }

    #[test]
    fn keywords_of_a_schema_itself_are_those_that_hold_no_schemas() {
        let part = r#"{"title": "T", "type": "array", "items": {}, "properties": {"a": {}}, "minItems": 1, "allOf": [{}]}"#;
        let document = Document::read(format!(r#"{{"openapi": "3.1.0", "part": {part}}}"#)).unwrap();
        let own: Vec<String> = own_keywords(document.root().get("part").unwrap()).collect();
        assert_eq!(own, [r#"type: "array""#, "minItems: 1"]);
    }

    /// The canonical text of a schema in a document with the components `A` and `B`, and its references.
    fn canonical(part: &str) -> (String, Vec<String>) {
        let root = format!(
            r#"{{"openapi": "3.0.3", "part": {part}, "components": {{"schemas": {{
                "A": {{"properties": {{"kind": {{}}, "sort": {{}}}}}},
                "B": {{"properties": {{"kind": {{}}, "sort": {{}}}}, "type": "object"}}
            }}}}}}"#
        );
        let document = Document::read(root).unwrap();
        let canonical = Canonical::of(document.root().get("part").unwrap(), 0, &document);
        let targets = canonical.references.iter().map(ToString::to_string);
        (canonical.text, targets.collect())
    }

    #[test]
    fn the_order_of_keywords_and_of_properties_has_no_meaning() {
        assert_eq!(
            canonical(r#"{"type": "object", "properties": {"a": {"title": "x"}, "b": {"type": "string"}}}"#),
            canonical(r#"{"properties": {"b": {"type": "string"}, "a": {}}, "type": "object"}"#),
        );
    }

    /// Each part is separated from the next one, so that no two schemas have the same text.
    #[test]
    fn each_part_of_a_schema_is_in_its_texts() {
        let part = json!({
            "title": "T",
            "type": ["string"],
            "minLength": 1,
            "properties": {"b": {"enum": ["x"]}, "a\"": {"const": [1, {"k": "v"}]}},
            "allOf": [{"pattern": "p"}, true],
            "items": {"$ref": "#/components/schemas/A"},
        });
        let (text, references) = canonical(&part.to_string());
        let own = r#"V3_0 {"allOf":[{"pattern":"p",},true,],"items":{$ref,},"minLength":1,"properties":{"a\""{"const":[1,{"k":"v"}],},"b"{"enum":["x",],},},"type":["string",],}"#;
        assert_eq!(text, own);
        assert_eq!(references.len(), 1);
        let shape = r##"{allOf:[true,{pattern:"p",},],items:{properties:{next:{$ref:"#/components/schemas/A",},},},minLength:1,properties:{a":{const:[1,{k:"v",},],},b:{enum:["x",],},},type:["string",],}"##;
        assert_eq!(shape_of(&part), shape);
    }

    #[test]
    fn schemas_that_differ_have_different_texts() {
        let all = [
            r#"{"properties": {"a": {"type": "string"}}}"#,
            r#"{"properties": {"b": {"type": "string"}}}"#,
            r#"{"properties": {"a": {"type": "string"}, "b": {}}}"#,
            r#"{"properties": {"a": {"type": "integer"}}}"#,
            r#"{"properties": {"a": {"properties": {"a": {"type": "string"}}}}}"#,
            r#"{"patternProperties": {"a": {"type": "string"}}}"#,
            r#"{"properties": {"a": {"items": {"type": "string"}}}}"#,
            r#"{"properties": {"a": {"items": {}, "type": "string"}}}"#,
            r#"{"anyOf": [{"type": "string"}, {"minLength": 1}]}"#,
            r#"{"anyOf": [{"type": "string", "minLength": 1}]}"#,
            r#"{"allOf": [{"type": "string"}, {"minLength": 1}]}"#,
            r#"{"const": ["a", "b"]}"#,
            r#"{"const": ["a,b"]}"#,
            r#"{"const": "a"}"#,
            r#"{"pattern": "a"}"#,
            r#"{"pattern": "\"a"}"#,
            r#"{"pattern": "\\a"}"#,
            r#"{"enum": ["a", "b"]}"#,
            r#"{"enum": ["a"], "minLength": 1}"#,
            r##"{"items": {"$ref": "#/components/schemas/A"}}"##,
            r##"{"not": {"$ref": "#/components/schemas/A"}}"##,
        ];
        let texts: std::collections::HashSet<String> = all.iter().map(|it| canonical(it).0).collect();
        assert_eq!(texts.len(), all.len());
    }

    #[test]
    fn a_property_called_like_a_keyword_is_no_name_within_its_document() {
        let document = |name: &str| {
            let part = json!({"type": "object", "properties": {"$id": {"type": "string"}}, "$id": name});
            Document::read_schema(part.to_string()).unwrap()
        };
        let text = |document: &Document, at: &str, number| {
            Canonical::of(document.root().pointer(at).unwrap(), number, document).text
        };
        let own = Document::read_schema(r#"{"properties": {"$id": {"type": "string"}}}"#).unwrap();
        assert_eq!(text(&own, "", 0), text(&own, "", 1));
        assert_ne!(
            text(&document("http://a.test/"), "", 0),
            text(&document("http://a.test/"), "", 1)
        );
    }

    #[test]
    fn what_stands_beside_a_reference_counts_since_3_1() {
        let text = |version: &str, part: &str| {
            let root = format!(
                r#"{{"openapi": "{version}", "part": {part}, "components": {{"schemas": {{"A": {{"type": "string"}}}}}}}}"#
            );
            let document = Document::read(root).unwrap();
            shape(&document, document.root().get("part").unwrap(), LONGEST)
        };
        let alone = r##"{"$ref": "#/components/schemas/A", "description": "x"}"##;
        let short = r##"{"$ref": "#/components/schemas/A", "maxLength": 3}"##;
        assert_eq!(text("3.0.3", alone), text("3.0.3", short));
        assert_ne!(text("3.1.0", alone), text("3.1.0", short));
        assert_eq!(text("3.1.0", alone), r#"{type:["string",],}"#);
        assert_eq!(text("3.1.0", short), r#"{$ref:{type:["string",],},maxLength:3,}"#);
    }

    #[test]
    fn the_order_of_a_mapping_has_no_meaning() {
        let text = |property: &str, mapping: &str| {
            canonical(&format!(
                r##"{{
                    "oneOf": [{{"$ref": "#/components/schemas/A"}}, {{"$ref": "#/components/schemas/B"}}],
                    "discriminator": {{"propertyName": "{property}", "mapping": {{{mapping}}}}}
                }}"##
            ))
        };
        let (a, b) = (
            r##""a": "#/components/schemas/A""##,
            r##""b": "#/components/schemas/B""##,
        );
        let both = text("kind", &format!("{a}, {b}"));
        assert_eq!(both, text("kind", &format!("{b}, {a}")));
        assert_ne!(both, text("kind", a));
        assert_ne!(
            text("kind", a),
            text("kind", r##""other": "#/components/schemas/A""##)
        );
        assert_ne!(both, text("sort", &format!("{a}, {b}")));
    }

    #[test]
    fn nullable_beside_a_reference_shapes_where_it_means_null() {
        let to = |nullable: bool| json!({"$ref": "#/components/schemas/Name", "nullable": nullable});
        let name = shape_of(&json!({"$ref": "#/components/schemas/Name"}));
        assert_eq!(shape_of(&to(true)), format!("{name}?"));
        assert_eq!(shape_of(&to(false)), name);
    }

    #[test]
    fn a_property_called_like_prose_does() {
        let with = json!({"properties": {"description": {"type": "string"}}});
        let without = json!({"properties": {}});
        assert_ne!(shape_of(&with), shape_of(&without));
        for key in ["enum", "default", "x-extensible-enum"] {
            let data = |title: Value| json!({key: [title]});
            assert_ne!(
                shape_of(&data(json!({"title": 1}))),
                shape_of(&data(json!({}))),
                "{key}"
            );
        }
    }

    #[test]
    fn each_item_of_a_list_shapes() {
        let items = |name: &str| json!({"prefixItems": [{"$ref": format!("#/components/schemas/{name}")}]});
        assert_eq!(shape_of(&items("Name")), shape_of(&items("Label")));
        assert_ne!(shape_of(&items("Name")), shape_of(&items("A")));
        // Both uses of one component are replaced.
        let twice = |name: &str| json!({"prefixItems": [items(name), items(name)]});
        assert_eq!(shape_of(&twice("Name")), shape_of(&twice("Label")));
        let numbers = |all: Value| shape_of(&json!({"const": all}));
        assert_ne!(numbers(json!([1, 2])), numbers(json!([12])));
        assert_ne!(numbers(json!([[1], 2])), numbers(json!([[1, 2]])));
    }

    #[test]
    fn names_of_components_do_not_and_cycles_end() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        assert_eq!(shape_of(&to("Name")), shape_of(&to("Label")));
        assert!(shape_of(&to("A")).contains("#/components/schemas/A"));
        assert_ne!(shape_of(&to("A")), shape_of(&to("Name")));
    }
}
