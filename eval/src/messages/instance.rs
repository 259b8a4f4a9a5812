//! Builds values that a schema accepts, around one location inside them.
//!
//! The result is a guess, which [`openapi_wire`] judges before it is used. Keywords therefore need not be supported
//! completely: a schema with other requirements leads to a skipped edit, but never to a wrong claim.

use openapi_document::pointer;
use openapi_drift::Document;
use openapi_drift::containment::{Options, Verdict, contains};
use serde_json::{Map, Value, json};

/// One step from a schema to a subschema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A declared property.
    Property(String),
    /// An item of a list.
    Item,
    /// A name to which only `additionalProperties` applies.
    FurtherName,
    /// A branch of `allOf`, `oneOf` or `anyOf`.
    Branch(&'static str, usize),
}

/// The name that represents all undeclared names.
const FURTHER_NAME: &str = "furtherName";

/// Maximum nesting of schemas.
const DEEPEST: usize = 24;
/// Maximum depth at which optional properties are written.
const DEEPEST_OPTIONAL: usize = 4;

/// The amount of optional content in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Minimal,
    Maximal,
}

/// Builds the values of one document's schemas.
#[derive(Clone, Copy)]
pub(crate) struct Instances<'v> {
    pub(crate) document: &'v Value,
    /// The keyword of properties that are not sent.
    pub(crate) stays_home: &'static str,
}

/// A value to be placed at the end of a path.
type Focus<'f> = Option<(&'f [Step], &'f Value)>;

impl<'v> Instances<'v> {
    /// Builds values for requests, or else for responses.
    pub(crate) fn new(document: &'v Value, is_request: bool) -> Self {
        let stays_home = if is_request { "readOnly" } else { "writeOnly" };
        Self { document, stays_home }
    }

    /// A value of a schema.
    pub(crate) fn of(self, schema: &Value, size: Size) -> Option<Value> {
        self.build(schema, None, size, 0)
    }

    /// A value of a schema with another value at the end of a path into it.
    pub(crate) fn around(self, schema: &Value, way: &[Step], value: &Value) -> Option<Value> {
        self.build(schema, Some((way, value)), Size::Minimal, 0)
    }

    /// A schema, after following its references.
    pub(crate) fn followed<'s>(self, mut schema: &'s Value) -> Option<&'s Value>
    where
        'v: 's,
    {
        for _ in 0..DEEPEST {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            schema = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }

    fn build(self, schema: &Value, focus: Focus<'_>, size: Size, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let schema = self.followed(schema)?;
        let (step, rest) = match focus {
            Some(([], value)) => return Some(value.clone()),
            Some(([step, way @ ..], value)) => (Some(step), Some((way, value))),
            None => {
                let listed = schema.get("enum").and_then(|it| it.get(0));
                if let Some(value) = schema.get("const").or(listed) {
                    return Some(value.clone());
                }
                (None, None)
            }
        };
        let mut built = None;
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let Some(branches) = schema.get(keyword).and_then(Value::as_array) else {
                continue;
            };
            let chosen = match step {
                Some(Step::Branch(own, index)) if *own == keyword => Some(*index),
                _ => None,
            };
            let branch = |index: usize| {
                let focus = rest.filter(|_| chosen == Some(index));
                self.build(branches.get(index)?, focus, size, depth + 1)
            };
            if keyword == "allOf" {
                let others = (0..branches.len()).filter(|index| chosen != Some(*index));
                for index in others.chain(chosen) {
                    built = Some(merged(built, branch(index)?));
                }
            } else {
                let index = chosen.or_else(|| (0..branches.len()).find(|index| branch(*index).is_some()))?;
                built = Some(merged(built, branch(index)?));
                if let Some((name, tag)) = tag(schema, branches.get(index)?) {
                    built = Some(merged(built, json!({ name: tag })));
                }
            }
        }
        match self.own(schema, step, rest, size, depth, built.is_some()) {
            Ok(None) => built,
            Ok(Some(own)) => Some(merged(built, own)),
            Err(Unbuilt) => None,
        }
    }

    /// The value for the schema's own keywords, without its branches; `None` if they add nothing to the branches.
    fn own(
        self,
        schema: &Value,
        step: Option<&Step>,
        rest: Focus<'_>,
        size: Size,
        depth: usize,
        has_branches: bool,
    ) -> Result<Option<Value>, Unbuilt> {
        let kind = match step {
            Some(Step::Property(_) | Step::FurtherName) => "object",
            Some(Step::Item) => "array",
            _ => match kind(schema) {
                Some(kind) => kind,
                None if has_branches => return Ok(None),
                None => "string",
            },
        };
        Ok(Some(match kind {
            "object" => self.object(schema, step, rest, size, depth).ok_or(Unbuilt)?,
            "array" => {
                let focus = rest.filter(|_| step == Some(&Step::Item));
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                let wanted = u64::from(focus.is_some() || size == Size::Maximal);
                let item = schema.get("items").unwrap_or(&Value::Bool(true));
                let count = usize::try_from(least.max(wanted).min(50)).unwrap_or(50);
                let mut items = Vec::with_capacity(count);
                for index in 0..count {
                    let focus = focus.filter(|_| index == 0);
                    items.push(self.build(item, focus, size, depth + 1).ok_or(Unbuilt)?);
                }
                Value::Array(items)
            }
            scalar => scalar_of(schema, scalar),
        }))
    }

    fn object(
        self,
        schema: &Value,
        step: Option<&Step>,
        rest: Focus<'_>,
        size: Size,
        depth: usize,
    ) -> Option<Value> {
        let empty = Map::new();
        let declared = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let required: Vec<&str> = names(schema, "required").collect();
        let mut members = Map::new();
        for name in &required {
            if !declared.contains_key(*name) {
                members.insert((*name).to_owned(), json!("a"));
            }
        }
        for (name, property) in declared {
            let is_on_the_way = matches!(step, Some(Step::Property(own)) if own == name);
            let travels = self
                .followed(property)
                .is_some_and(|it| it.get(self.stays_home) != Some(&json!(true)));
            if is_on_the_way {
                members.insert(name.clone(), self.build(property, rest, size, depth + 1)?);
            } else if travels && required.contains(&name.as_str()) {
                members.insert(name.clone(), self.build(property, None, size, depth + 1)?);
            } else if travels && size == Size::Maximal && depth < DEEPEST_OPTIONAL {
                members.extend(
                    self.build(property, None, size, depth + 1)
                        .map(|it| (name.clone(), it)),
                );
            }
        }
        match step {
            Some(Step::Property(name)) if !members.contains_key(name) => None,
            Some(Step::FurtherName) => {
                let further = schema.get("additionalProperties").unwrap_or(&Value::Bool(true));
                members.insert(
                    FURTHER_NAME.to_owned(),
                    self.build(further, rest, size, depth + 1)?,
                );
                Some(Value::Object(members))
            }
            _ => Some(Value::Object(members)),
        }
    }
}

/// The error for a schema with requirements that are not supported here.
struct Unbuilt;

/// The texts in a list such as `required`.
pub(crate) fn names<'s>(schema: &'s Value, keyword: &str) -> impl Iterator<Item = &'s str> + use<'s> {
    let list = schema.get(keyword).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// The first type of a schema that is not null.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(_)) => names(schema, "type").find(|it| *it != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

/// The property that distinguishes alternatives, and its value for one of them.
fn tag(schema: &Value, branch: &Value) -> Option<(String, String)> {
    let discriminator = schema.get("discriminator")?;
    let name = discriminator.get("propertyName")?.as_str()?;
    let reference = branch.get("$ref")?.as_str()?;
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let component = reference.rsplit('/').next()?;
    let mapped = mapping.into_iter().flatten().find(|(_, target)| {
        let target = target.as_str();
        target == Some(reference) || target == Some(component)
    });
    let tag = mapped.map_or_else(
        || pointer::unescape(component).into_owned(),
        |(tag, _)| tag.clone(),
    );
    Some((name.to_owned(), tag))
}

/// Merges two values: combines the members of objects, and otherwise uses the later value.
fn merged(before: Option<Value>, after: Value) -> Value {
    match (before, after) {
        (Some(Value::Object(mut before)), Value::Object(after)) => {
            for (name, value) in after {
                let own = before.remove(&name);
                before.insert(name, merged(own, value));
            }
            Value::Object(before)
        }
        (_, after) => after,
    }
}

fn scalar_of(schema: &Value, kind: &str) -> Value {
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    match kind {
        "null" => Value::Null,
        "boolean" => json!(false),
        "integer" | "number" => {
            let exclusive = |limit: &str, beside: &str| {
                let is_exclusive = schema.get(limit) == Some(&json!(true));
                number(limit).or_else(|| number(beside).filter(|_| is_exclusive))
            };
            let least = exclusive("exclusiveMinimum", "minimum")
                .map(|it| it + 1.0)
                .or(number("minimum"));
            let most = exclusive("exclusiveMaximum", "maximum")
                .map(|it| it - 1.0)
                .or(number("maximum"));
            let found = least.or(most.filter(|it| *it < 1.0)).unwrap_or(1.0).ceil();
            let found = match number("multipleOf") {
                Some(factor) if factor > 0.0 => (found / factor).ceil() * factor,
                _ => found,
            };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a limit of a document, judged afterwards"
            )]
            if found.fract() == 0.0 && found.abs() < 9e15 {
                json!(found as i64)
            } else {
                json!(found)
            }
        }
        _ => {
            if let Some(text) = matching(schema) {
                return text;
            }
            let text = match schema.get("format").and_then(Value::as_str) {
                Some("date") => "2020-01-02",
                Some("date-time") => "2020-01-02T03:04:05Z",
                Some("uuid") => "00000000-0000-4000-8000-000000000000",
                Some("email") => "a@example.com",
                Some("uri" | "url") => "https://example.com/a",
                _ => "a",
            };
            let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(1);
            let least = usize::try_from(least.min(5_000)).unwrap_or(1);
            match schema.get("maxLength").and_then(Value::as_u64) {
                Some(most) if (text.len() as u64) > most => json!("a".repeat(least)),
                _ => json!(format!("{text}{}", "a".repeat(least.saturating_sub(text.len())))),
            }
        }
    }
}

/// A text that matches a pattern: a witness that the schema is not empty.
fn matching(schema: &Value) -> Option<Value> {
    schema.get("pattern")?;
    let mut text = json!({"type": "string"});
    for key in ["pattern", "minLength", "maxLength"] {
        text[key] = schema.get(key).cloned().unwrap_or(Value::Null);
    }
    let texts = Document::read_schema(without_nulls(text).to_string()).ok()?;
    let nothing = Document::read_schema("false").ok()?;
    match contains(&texts, &nothing, &Options::default()).verdict {
        Verdict::Refuted(refutation) => Some(refutation.witness),
        Verdict::Proved | Verdict::Undecided(_) => None,
    }
}

fn without_nulls(mut object: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.retain(|_, value| !value.is_null());
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_built_around_a_place_behind_references_and_branches() {
        let document = json!({"components": {"schemas": {"Cat": {
            "type": "object", "required": ["kind", "age"],
            "properties": {"kind": {"type": "string"}, "age": {"type": "integer", "minimum": 3}, "lives": {"type": "integer"}}
        }}}});
        let schema = json!({"allOf": [
            {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": true}}},
            {"oneOf": [{"$ref": "#/components/schemas/Cat"}],
             "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}}}
        ]});
        let instances = Instances::new(&document, true);
        let way = [
            Step::Branch("allOf", 1),
            Step::Branch("oneOf", 0),
            Step::Property("lives".to_owned()),
        ];
        assert_eq!(
            instances.around(&schema, &way, &json!(9)),
            Some(json!({"kind": "cat", "age": 3, "lives": 9}))
        );
    }

    #[test]
    fn a_schema_that_always_holds_itself_has_no_value() {
        let document = json!({"components": {"schemas": {"Loop": {
            "type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Loop"}}
        }}}});
        let instances = Instances::new(&document, true);
        let schema = json!({"$ref": "#/components/schemas/Loop"});
        assert_eq!(instances.of(&schema, Size::Minimal), None);
    }
}
