//! Edits of a schema at one place, each with the level that follows from the direction of its values.
//!
//! The writer of a message conforms to one document. If callers are the writers, a restriction breaks them; if
//! callers are the readers, an extension breaks them.

use openapi_document::pointer;
use openapi_drift::Side;
use serde_json::{Map, Value, json};

use super::edit::{Change, Edit, ShownBy, Weight};
use super::place::{Place, Position};
use crate::messages::{Spot, names};

/// The name of everything that an edit adds.
pub(super) const ADDED: &str = "addedByAnEdit";
/// The risky edits after which a reader misses something, unless another part of the document still provides it.
const LOST: [&str; 2] = ["enum-value-removed", "alternative-removed"];

/// All edits of a place's schema.
pub(crate) fn edits(document: &Value, place: &Place) -> Vec<Edit> {
    let Some(Value::Object(schema)) = document.pointer(&place.at) else {
        return Vec::new();
    };
    let mut edits = Edits {
        document,
        place,
        schema,
        is_3_0: document["openapi"]
            .as_str()
            .is_some_and(|it| it.starts_with("3.0")),
        found: Vec::new(),
    };
    edits.prose();
    edits.reference();
    if !place.is_entangled
        || !["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|it| schema.contains_key(*it))
    {
        edits.types();
        edits.scalars();
        edits.lists();
        edits.objects();
        edits.annotations();
    }
    edits.alternatives();
    edits.as_property();
    edits.found
}

struct Edits<'e> {
    document: &'e Value,
    place: &'e Place,
    schema: &'e Map<String, Value>,
    is_3_0: bool,
    found: Vec<Edit>,
}

use Weight::{Additive, Breaking, Cosmetic, Nothing, Risky};

impl Edits<'_> {
    fn callers_write(&self) -> bool {
        self.place.writer == Side::Base
    }

    fn push(&mut self, kind: &'static str, levels: (Weight, Option<Weight>), changes: Vec<(String, Change)>) {
        let (least, most) = levels;
        self.found.push(Edit {
            kind,
            changes,
            least,
            most: most.filter(|it| *it <= Cosmetic || !self.place.is_entangled),
            writer: self.place.writer,
            shown_by: match least {
                Nothing | Cosmetic | Additive => ShownBy::Document,
                Risky if LOST.contains(&kind) => ShownBy::Lost,
                Risky => ShownBy::Filled,
                Breaking => ShownBy::Refused,
            },
        });
    }

    /// Adds an edit of the schema itself.
    fn set(
        &mut self,
        kind: &'static str,
        levels: (Weight, Option<Weight>),
        edit: impl FnOnce(&mut Map<String, Value>),
    ) {
        let mut schema = self.schema.clone();
        edit(&mut schema);
        let change = Change::Set(Value::Object(schema));
        self.push(kind, levels, vec![(self.place.at.clone(), change)]);
    }

    /// Adds an edit that sets a keyword.
    fn put(&mut self, kind: &'static str, levels: (Weight, Option<Weight>), key: &str, value: Value) {
        self.set(kind, levels, |it| drop(it.insert(key.to_owned(), value)));
    }

    /// Adds an edit that removes a keyword.
    fn remove(&mut self, kind: &'static str, levels: (Weight, Option<Weight>), key: &str) {
        self.set(kind, levels, |it| drop(it.shift_remove(key)));
    }

    /// The levels of an edit after which fewer values are valid.
    fn narrowed(&self) -> (Weight, Option<Weight>) {
        self.by_direction((Breaking, None), (Nothing, Some(Additive)))
    }

    /// The levels of an edit after which more values are valid.
    fn widened(&self) -> (Weight, Option<Weight>) {
        self.by_direction((Nothing, Some(Additive)), (Breaking, None))
    }

    /// Selects the level for callers that write, or the level for callers that read.
    fn by_direction<T>(&self, written: T, read: T) -> T {
        if self.callers_write() { written } else { read }
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.schema.get(key).and_then(Value::as_f64)
    }

    fn prose(&mut self) {
        self.put(
            "description-changed",
            (Nothing, Some(Cosmetic)),
            "description",
            json!("Another description."),
        );
    }

    fn reference(&mut self) {
        let Some(at) = self.place.reference.clone() else {
            return;
        };
        // The keywords beside a reference would have to be merged with its target.
        let members = self.document.pointer(&at).and_then(Value::as_object);
        let is_alone = members.is_some_and(|it| it.len() == 1);
        if !self.place.is_alternative && is_alone {
            let inlined = Change::Set(Value::Object(self.schema.clone()));
            self.push(
                "schema-inlined",
                (Nothing, Some(Cosmetic)),
                vec![(at.clone(), inlined)],
            );
        }
        let own = kind_of(self.schema);
        if !self.place.is_text && own.is_some_and(|it| it != "boolean") {
            let other = pointer::join("/components/schemas", ADDED);
            let reference = json!({"$ref": format!("#{other}")});
            let changes = vec![
                (other, Change::Set(json!({"type": "boolean"}))),
                (at, Change::Set(reference)),
            ];
            self.push("reference-retargeted", (Breaking, None), changes);
        }
    }

    /// Changes the type of the schema, and removes the keywords that only the old type has.
    fn retyped(&mut self, kind: &'static str, to: &str, levels: (Weight, Option<Weight>)) {
        let is_list = self.schema.get("type").is_some_and(Value::is_array);
        let schema = self.schema;
        let mut new = Map::new();
        for key in [
            "title",
            "description",
            "nullable",
            "deprecated",
            "readOnly",
            "writeOnly",
        ] {
            new.extend(schema.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        let names_null = names(&Value::Object(schema.clone()), "type").any(|it| it == "null");
        let new_type = if is_list && names_null {
            json!([to, "null"])
        } else {
            json!(to)
        };
        new.insert("type".to_owned(), new_type);
        self.push(
            kind,
            levels,
            vec![(self.place.at.clone(), Change::Set(Value::Object(new)))],
        );
    }

    fn types(&mut self) {
        let is_plain = [
            "enum",
            "const",
            "pattern",
            "format",
            "multipleOf",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
        ]
        .iter()
        .all(|key| !self.schema.contains_key(*key));
        let Some(own) = kind_of(self.schema).filter(|_| self.schema.contains_key("type")) else {
            return;
        };
        let own = own.to_owned();
        // Removing a default together with its type would be another change.
        if self.schema.contains_key("default") {
            return;
        }
        let breaking = (Breaking, None);
        let is_text = self.place.is_text;
        match own.as_str() {
            "integer" => {
                let to_text = if is_text { self.widened() } else { breaking };
                self.retyped("integer-to-string", "string", to_text);
                if is_plain {
                    self.retyped("integer-to-number", "number", self.widened());
                }
                self.retyped("integer-to-boolean", "boolean", breaking);
            }
            "number" => {
                let to_text = if is_text { self.widened() } else { breaking };
                self.retyped("number-to-string", "string", to_text);
                if is_plain {
                    self.retyped("number-to-integer", "integer", self.narrowed());
                }
            }
            "boolean" => {
                let to_text = if is_text { self.widened() } else { breaking };
                self.retyped("boolean-to-string", "string", to_text);
                self.retyped("boolean-to-integer", "integer", breaking);
            }
            "string" if is_plain => {
                let from_text = if is_text { self.narrowed() } else { breaking };
                self.retyped("string-to-integer", "integer", from_text);
                self.retyped("string-to-boolean", "boolean", from_text);
                if !is_text {
                    self.retyped("string-to-object", "object", breaking);
                }
            }
            "array" if !is_text => self.retyped("array-to-string", "string", breaking),
            "object" if !is_text => self.retyped("object-to-array", "array", breaking),
            _ => {}
        }
    }

    fn scalars(&mut self) {
        let own = kind_of(self.schema).unwrap_or_default().to_owned();
        if self.schema.contains_key("const") {
            return;
        }
        if let Some(values) = self.schema.get("enum").and_then(Value::as_array).cloned() {
            if values.len() > 1 {
                let removed = self.by_direction((Breaking, None), (Risky, Some(Risky)));
                self.put(
                    "enum-value-removed",
                    removed,
                    "enum",
                    values[..values.len() - 1].into(),
                );
            }
            if values.iter().all(|it| it.is_string() || it.is_null()) {
                let added = self.by_direction((Nothing, Some(Additive)), (Risky, Some(Risky)));
                self.put(
                    "enum-value-added",
                    added,
                    "enum",
                    [values.as_slice(), &[json!(ADDED)]].concat().into(),
                );
            }
            let opened = self.by_direction((Nothing, Some(Additive)), (Risky, None));
            self.remove("enum-opened", opened, "enum");
            return;
        }
        match own.as_str() {
            "string" => {
                self.limits("minLength", "maxLength", 1.0);
                self.pattern();
                if !self.schema.contains_key("pattern") && !self.schema.contains_key("format") {
                    let closed = self.by_direction((Breaking, None), (Nothing, Some(Additive)));
                    self.put("enum-introduced", closed, "enum", json!(["one", "two"]));
                }
            }
            "integer" | "number" => {
                self.limits("minimum", "maximum", 1.0);
                let narrowed = self.narrowed();
                if !self.schema.contains_key("multipleOf") {
                    self.put("multiple-of-added", narrowed, "multipleOf", json!(7));
                }
            }
            _ => {}
        }
        self.format(&own);
        self.null(&own);
    }

    fn pattern(&mut self) {
        let (narrowed, widened) = (self.narrowed(), self.widened());
        if self.schema.contains_key("pattern") {
            self.remove("pattern-removed", widened, "pattern");
        } else if !self.schema.contains_key("format") {
            self.put("pattern-added", narrowed, "pattern", json!("^[0-9]{7}$"));
        }
    }

    /// Tightens, loosens, adds and removes both limits of one kind.
    fn limits(&mut self, least: &'static str, most: &'static str, by: f64) {
        let (narrowed, widened) = (self.narrowed(), self.widened());
        let (low, high) = (self.number(least), self.number(most));
        let holds_more = |low: f64, high: f64| low <= high;
        if let Some(own) = high {
            if holds_more(low.unwrap_or(f64::MIN), own - by) && (own - by >= 0.0 || least == "minimum") {
                self.put("limit-tightened", narrowed, most, shown(own - by));
            }
            self.put("limit-loosened", widened, most, shown(own + by));
            self.remove("limit-removed", widened, most);
        } else {
            let added = low.unwrap_or(3.0).max(3.0) + 2.0;
            self.put("limit-added", narrowed, most, shown(added));
        }
        if let Some(own) = low {
            if holds_more(own + by, high.unwrap_or(f64::MAX)) {
                self.put("limit-tightened", narrowed, least, shown(own + by));
            }
            if own >= by || least == "minimum" {
                self.put("limit-loosened", widened, least, shown(own - by));
            }
        }
    }

    fn format(&mut self, own: &str) {
        let format = self
            .schema
            .get("format")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let has_limits = self.schema.contains_key("minimum") || self.schema.contains_key("maximum");
        let change = |to: &'static str| {
            move |it: &mut Map<String, Value>| {
                it.insert("format".to_owned(), json!(to));
            }
        };
        let (narrowed, widened) = (self.narrowed(), self.widened());
        match (own, format.as_str()) {
            ("integer", "int32") if !has_limits => self.set("int32-to-int64", widened, change("int64")),
            ("integer", "int64") if !has_limits => self.set("int64-to-int32", narrowed, change("int32")),
            ("string", "date-time") => self.set("format-changed", (Risky, None), change("date")),
            ("string", "date") => self.set("format-changed", (Risky, None), change("date-time")),
            ("string", "uuid") => self.set("format-changed", (Risky, None), change("email")),
            _ => {}
        }
    }

    fn null(&mut self, own: &str) {
        // Null has no written form as text.
        if self.place.is_text || own.is_empty() || !self.schema.contains_key("type") {
            return;
        }
        let (narrowed, widened) = (self.narrowed(), self.widened());
        if self.is_3_0 {
            if self.schema.get("nullable") == Some(&json!(true)) {
                self.remove("null-dropped", narrowed, "nullable");
            } else {
                self.put("null-added", widened, "nullable", json!(true));
            }
            return;
        }
        match &self.schema["type"] {
            Value::String(own) => {
                let both = json!([own, "null"]);
                self.put("null-added", widened, "type", both);
            }
            Value::Array(types) if types.len() == 2 && types.contains(&json!("null")) => {
                let own = own.to_owned();
                self.put("null-dropped", narrowed, "type", json!(own));
            }
            _ => {}
        }
    }

    fn lists(&mut self) {
        if kind_of(self.schema) != Some("array") {
            return;
        }
        // In a style, a list of at most one item may be absent from the message.
        self.limits("minItems", "maxItems", 1.0);
        let (narrowed, widened) = (self.narrowed(), self.widened());
        if self.schema.get("uniqueItems") == Some(&json!(true)) {
            self.remove("unique-items-dropped", widened, "uniqueItems");
        } else {
            self.put("unique-items-added", narrowed, "uniqueItems", json!(true));
        }
    }

    fn objects(&mut self) {
        if kind_of(self.schema) != Some("object") || (self.place.is_text && !self.is_form_itself()) {
            return;
        }
        let whole = Value::Object(self.schema.clone());
        let required: Vec<String> = names(&whole, "required").map(str::to_owned).collect();
        let further = self.schema.get("additionalProperties").cloned();
        let is_open = matches!(further, None | Some(Value::Bool(true)));
        let is_closed = further == Some(json!(false));
        let has_patterns = [
            "patternProperties",
            "propertyNames",
            "unevaluatedProperties",
            "minProperties",
            "maxProperties",
        ]
        .iter()
        .any(|key| self.schema.contains_key(*key));
        if (is_open || is_closed) && !has_patterns && self.schema.contains_key("properties") {
            let with = |is_required: bool| {
                let required = required.clone();
                move |it: &mut Map<String, Value>| {
                    it["properties"][ADDED] = json!({"type": "string"});
                    if is_required {
                        let names: Vec<_> = required.iter().map(String::as_str).chain([ADDED]).collect();
                        it.insert("required".to_owned(), json!(names));
                    }
                }
            };
            // A reader of a closed object refuses a newly declared property.
            let in_answers = if is_open {
                (Nothing, Some(Additive))
            } else {
                (Breaking, None)
            };
            let added = self.by_direction((Breaking, None), in_answers);
            self.set("required-property-added", added, with(true));
            // The sender of an object without declared names may send any name.
            let is_bare = whole["properties"].as_object().is_some_and(Map::is_empty);
            let most = (!is_bare).then_some(Risky);
            let added = self.by_direction((Nothing, most), in_answers);
            self.set("optional-property-added", added, with(false));
            if is_open {
                // Another alternative may accept any name.
                let least = if self.place.is_alternative { Nothing } else { Risky };
                let closed = self.by_direction((least, None), (Nothing, Some(Additive)));
                self.put("object-closed", closed, "additionalProperties", json!(false));
            } else {
                let opened = self.by_direction((Nothing, Some(Additive)), (Risky, None));
                self.remove("object-opened", opened, "additionalProperties");
            }
        }
        if let Some(Value::Object(_)) = further
            && !has_patterns
        {
            let closed = self.by_direction((Breaking, None), (Nothing, None));
            self.put("map-closed", closed, "additionalProperties", json!(false));
        }
    }

    /// Whether the object is a form or a multipart body as a whole.
    fn is_form_itself(&self) -> bool {
        matches!(self.place.spot, Spot::Body { .. } | Spot::Answer { .. }) && self.place.way.is_empty()
    }

    fn annotations(&mut self) {
        let is_required = self.place.owner.as_ref().is_none_or(|(owner, name)| {
            let owner = self.document.pointer(owner).unwrap_or(&Value::Null);
            names(owner, "required").any(|it| it == name)
        });
        if let Some(default) = self.schema.get("default") {
            let other = match default {
                Value::Bool(own) => json!(!own),
                Value::Number(_) => json!(7),
                Value::String(_) if !self.schema.contains_key("enum") => json!(ADDED),
                _ => return,
            };
            if other != *default && !is_required && self.callers_write() {
                self.put("default-changed", (Risky, Some(Risky)), "default", other);
            }
        }
    }

    fn alternatives(&mut self) {
        for keyword in ["oneOf", "anyOf"] {
            let Some(branches) = self.schema.get(keyword).and_then(Value::as_array).cloned() else {
                continue;
            };
            let has_tag = self.schema.contains_key("discriminator");
            let says_null =
                |it: &Value| it.get("type") == Some(&json!("null")) || it.get("nullable").is_some();
            let last = branches.iter().rposition(|it| !says_null(it));
            if let Some(last) = last.filter(|_| branches.len() > 1 && !has_tag) {
                let mut left = branches.clone();
                left.remove(last);
                // The loss of an object is noticed; fewer kinds of scalars only narrow a type.
                let is_object =
                    branches[last].get("$ref").is_some() || branches[last].get("properties").is_some();
                let read = if is_object {
                    (Risky, Some(Risky))
                } else {
                    (Nothing, Some(Risky))
                };
                let removed = self.by_direction((Breaking, None), read);
                self.put("alternative-removed", removed, keyword, left.into());
            }
            if !has_tag && !self.place.is_text {
                let levels = self.widened();
                let added = json!({"type": "array", "items": {"type": "boolean"}, "minItems": 1});
                self.put(
                    "alternative-added",
                    levels,
                    keyword,
                    [branches.as_slice(), &[added]].concat().into(),
                );
            }
        }
        let mapping = self
            .schema
            .get("discriminator")
            .and_then(|it| it.get("mapping"))
            .and_then(Value::as_object);
        let Some(mapping) = mapping.filter(|it| it.len() > 1).cloned() else {
            return;
        };
        let tags: Vec<&String> = mapping.keys().collect();
        let (first, last) = (tags[0].clone(), tags[tags.len() - 1].clone());
        self.set("mapping-entry-dropped", (Risky, None), |it| {
            it["discriminator"]["mapping"]
                .as_object_mut()
                .map(|it| it.shift_remove(&last));
        });
        let target = mapping[&first].clone();
        self.set("mapping-entry-added", (Cosmetic, None), |it| {
            it["discriminator"]["mapping"][ADDED] = target.clone();
        });
        if mapping[&first] != mapping[&last] {
            self.set("mapping-entry-retargeted", (Risky, None), |it| {
                it["discriminator"]["mapping"][&last] = mapping[&first].clone();
            });
        }
    }

    /// Adds edits of the property with this schema, in the object that declares it.
    fn as_property(&mut self) {
        let Some((owner_at, name)) = self.place.owner.clone() else {
            return;
        };
        let Some(Value::Object(owner)) = self.document.pointer(&owner_at) else {
            return;
        };
        let whole = Value::Object(owner.clone());
        let required: Vec<&str> = names(&whole, "required").collect();
        let is_required = required.contains(&name.as_str());
        let rest: Vec<&str> = required.iter().copied().filter(|it| *it != name).collect();
        let further = owner.get("additionalProperties").cloned();
        let is_closed = further == Some(json!(false));
        let is_plain =
            matches!(further, None | Some(Value::Bool(_))) && !owner.contains_key("patternProperties");
        let write = self.place.writer == Side::Base;
        let mut on_owner = |kind, levels, edit: &dyn Fn(&mut Map<String, Value>)| {
            let mut owner = owner.clone();
            edit(&mut owner);
            let change = Change::Set(Value::Object(owner));
            self.push(kind, levels, vec![(owner_at.clone(), change)]);
        };
        let require = |it: &mut Map<String, Value>, names: &[&str]| {
            if names.is_empty() {
                it.shift_remove("required");
            } else {
                it.insert("required".to_owned(), json!(names));
            }
        };
        if is_plain {
            let levels = match (write, is_closed, is_required) {
                (true, true, _) | (false, _, true) => (Breaking, None),
                _ => (Risky, Some(Risky)),
            };
            on_owner("property-removed", levels, &|it| {
                it.get_mut("properties")
                    .and_then(Value::as_object_mut)
                    .map(|it| it.shift_remove(&name));
                require(it, &rest);
            });
        }
        if is_required {
            let levels = if write {
                (Nothing, Some(Additive))
            } else {
                (Breaking, None)
            };
            on_owner("property-made-optional", levels, &|it| require(it, &rest));
        } else {
            let levels = if write {
                (Breaking, None)
            } else {
                (Nothing, Some(Additive))
            };
            let names: Vec<_> = required.iter().copied().chain([name.as_str()]).collect();
            on_owner("property-made-required", levels, &|it| require(it, &names));
        }
        let is_own_message = matches!(self.place.position, Position::Webhook | Position::Callback);
        if self.place.reference.is_some() || self.place.is_entangled || is_own_message {
            return;
        }
        // The keyword that removes the property from these messages: requests omit `readOnly` properties, and
        // responses omit `writeOnly` ones.
        let is_request = matches!(self.place.spot, Spot::Body { .. } | Spot::Parameter(_));
        let (gone, kept) = if is_request {
            ("readOnly", "writeOnly")
        } else {
            ("writeOnly", "readOnly")
        };
        if !self.schema.contains_key(gone) && !self.schema.contains_key(kept) {
            let levels = if !write && is_required {
                (Breaking, None)
            } else {
                (Risky, None)
            };
            self.put("taken-out-of-this-direction", levels, gone, json!(true));
        }
    }
}

fn kind_of(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(own)) => Some(own),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).find(|it| *it != "null"),
        _ if schema.contains_key("properties") => Some("object"),
        _ if schema.contains_key("items") => Some("array"),
        _ => None,
    }
}

/// A limit as JSON, without a fraction if it is a whole number.
fn shown(limit: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a limit of a document, judged afterwards"
    )]
    if limit.fract() == 0.0 && limit.abs() < 9e15 {
        json!(limit as i64)
    } else {
        json!(limit)
    }
}
