//! Translates a schema of OpenAPI 3.0, 3.1 or 3.2 to JSON Schema 2020-12.
//!
//! The translation contains only schemas that can apply to the value in question. It omits properties with names that
//! do not occur in the value, and schemas for deeper levels than the value has.

use std::collections::{BTreeSet, HashMap};

use openapi_document::{Document, Kind, Node, NodeId, Version};
use serde_json::{Map, Value, json};

use super::Direction;
use super::dialect;
use super::discriminator::{Choices, is_list};
use super::judge::Reading;
use super::pattern;
use super::travelling::Unsent;

/// Maximum number of schemas that one translation reads.
pub(super) const LARGEST: usize = 40_000;
/// Maximum nesting of schemas without a reference between them, because the validator is built recursively.
const DEEPEST: usize = 100;
/// Number of declared properties above which the names in the value are looked up in the schema, not the reverse.
const MANY_PROPERTIES: usize = 512;
/// Maximum number of required names that are kept although the value lacks them; this many are enough to refuse it.
const MANY_MISSING: usize = 1_000;

const TOO_LARGE: &str = "its schema is too large for the judge";

/// The names in the objects of a value at each depth. The number of levels is the depth of the value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Met {
    levels: Vec<BTreeSet<String>>,
    /// Whether every name is assumed to be present at each level.
    is_whole: bool,
}

impl Met {
    pub(super) fn of(value: &Value) -> Self {
        let mut met = Self::default();
        met.add(value, 1);
        met
    }

    /// An upper bound for all values of the same depth.
    pub(super) fn whole(&self) -> Self {
        Self {
            levels: vec![BTreeSet::new(); self.levels.len()],
            is_whole: true,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    fn level(&self, depth: usize) -> Option<&BTreeSet<String>> {
        depth.checked_sub(1).and_then(|index| self.levels.get(index))
    }

    /// Whether some object at a depth, counted from 1, has a name.
    fn has(&self, depth: usize, name: &str) -> bool {
        let names = self.level(depth);
        names.is_some_and(|names| self.is_whole || names.contains(name))
    }

    /// The names in the objects at a depth; `None` if every name is assumed to be present.
    fn names(&self, depth: usize) -> Option<&BTreeSet<String>> {
        self.level(depth).filter(|_| !self.is_whole)
    }

    /// Whether some object at a depth has any name.
    fn has_names(&self, depth: usize) -> bool {
        let names = self.level(depth);
        names.is_some_and(|names| self.is_whole || !names.is_empty())
    }

    /// Whether each name of another value is also present here at the same depth.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let mut levels = self.levels.iter().zip(&other.levels);
        other.levels.len() <= self.levels.len()
            && (self.is_whole || levels.all(|(own, others)| others.is_subset(own)))
    }

    /// The number of names.
    pub(super) fn len(&self) -> usize {
        self.levels.iter().map(BTreeSet::len).sum()
    }

    /// The total length of the names in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.levels.iter().flatten().map(String::len).sum()
    }

    fn add(&mut self, value: &Value, depth: usize) {
        if self.levels.len() < depth {
            self.levels.push(BTreeSet::new());
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item, depth + 1)),
            Value::Object(members) => {
                for (name, value) in members {
                    let names = &mut self.levels[depth - 1];
                    if !names.contains(name) {
                        names.insert(name.clone());
                    }
                    self.add(value, depth + 1);
                }
            }
            _ => {}
        }
    }
}

/// The values for which a schema is translated.
pub(super) struct Asked<'m> {
    pub(super) direction: Direction,
    pub(super) met: &'m Met,
    /// Maximum number of schemas to read.
    pub(super) most: usize,
}

/// Translates a schema, with all schemas that it refers to.
///
/// # Errors
/// The reason why the schema cannot be judged.
pub(super) fn translate(
    document: &Document,
    schema: Node<'_>,
    asked: &Asked<'_>,
    reading: Reading,
    unsent: &mut Unsent,
    choices: &mut Choices,
) -> Result<Value, String> {
    let mut translation = Translation {
        document,
        direction: asked.direction,
        met: asked.met,
        reading,
        unsent,
        choices,
        targets: Vec::new(),
        numbers: HashMap::new(),
        objects: Vec::new(),
        left: asked.most,
    };
    let at = Level {
        depth: 1,
        object: translation.object(schema),
        is_chosen: false,
        is_guarded: false,
    };
    let schema = translation.schema(schema, at, 0)?;
    let mut definitions = Map::new();
    while let Some((target, at)) = translation.targets.get(definitions.len()).copied() {
        let definition = translation.schema(target, at, 0)?;
        definitions.insert(definitions.len().to_string(), definition);
    }
    let mut whole = Map::new();
    whole.insert("allOf".to_owned(), Value::Array(vec![schema]));
    whole.insert("$defs".to_owned(), Value::Object(definitions));
    Ok(Value::Object(whole))
}

/// Returns a standalone JSON Schema in full, without a translation of its keywords.
///
/// # Errors
/// The reason why the schema cannot be judged.
pub(super) fn whole(schema: Node<'_>) -> Result<Value, String> {
    let mut objects = 0;
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        match node.kind() {
            Kind::Array(items) => open.extend(items),
            Kind::Object(members) => {
                objects += 1;
                if let Some(name) = node.text("$schema").filter(|it| !dialect::is_own(it)) {
                    return Err(dialect::unknown(name));
                }
                open.extend(members.values());
            }
            _ => {}
        }
    }
    if objects > LARGEST {
        return Err(TOO_LARGE.to_owned());
    }
    let mut value = value_of(schema);
    spell_out_empty_references(&mut value);
    Ok(value)
}

/// Replaces each empty reference by `#`: both mean the whole document (RFC 3986, section 4.4), but the validator
/// supports only `#`.
fn spell_out_empty_references(schema: &mut Value) {
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                for (key, value) in members {
                    match key.as_str() {
                        "$ref" if value == "" => *value = "#".into(),
                        "enum" | "const" | "default" | "examples" => {}
                        _ => open.push(value),
                    }
                }
            }
            _ => {}
        }
    }
}

/// The position in the value at which a schema is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Level {
    depth: usize,
    /// The names that are not sent there: an index into [`Translation::objects`].
    object: usize,
    /// Whether a schema that inherits from this one already applies, so that the tag selects nothing here.
    is_chosen: bool,
    /// Whether the schema is under a keyword such as `not`, where accepting more could make the whole accept less.
    is_guarded: bool,
}

struct Translation<'d, 'm> {
    document: &'d Document,
    direction: Direction,
    met: &'m Met,
    reading: Reading,
    unsent: &'m mut Unsent,
    choices: &'m mut Choices,
    /// The targets of references with their positions, and the number of each.
    targets: Vec<(Node<'d>, Level)>,
    numbers: HashMap<(NodeId, Level), usize>,
    /// The distinct sets of names that are not sent.
    objects: Vec<BTreeSet<&'d str>>,
    /// Number of schemas that may still be read.
    left: usize,
}

impl<'d> Translation<'d, '_> {
    /// The index of the set of names that are not sent in the values of a schema.
    fn object(&mut self, schema: Node<'d>) -> usize {
        let unsent = self.unsent.of(self.document, schema, self.direction);
        self.objects
            .iter()
            .position(|it| *it == unsent)
            .unwrap_or_else(|| {
                self.objects.push(unsent);
                self.objects.len() - 1
            })
    }

    /// Translates a schema that applies to a part of the value.
    fn inside(&mut self, schema: Node<'d>, at: Level, nesting: usize) -> Result<Value, String> {
        let at = Level {
            depth: at.depth + 1,
            object: self.object(schema),
            is_chosen: false,
            ..at
        };
        self.schema(schema, at, nesting + 1)
    }

    fn schema(&mut self, schema: Node<'d>, at: Level, nesting: usize) -> Result<Value, String> {
        if at.depth > self.met.depth() {
            return Ok(Value::Bool(true));
        }
        self.left = self
            .left
            .checked_sub(1)
            .filter(|_| nesting <= DEEPEST)
            .ok_or(TOO_LARGE)?;
        let Kind::Object(members) = schema.kind() else {
            return Ok(Value::Bool(schema.as_bool() != Some(false)));
        };
        let dialect = self.document.dialect(schema);
        if let Some(why) = dialect.and_then(|dialect| dialect::unjudged(dialect, schema)) {
            return Err(why);
        }
        let is_old = self.document.version() == Version::V3_0;
        let is_nullable = is_old && is_true(schema, "nullable");
        if is_old && let Some(reference) = schema.text("$ref") {
            let target = self.reference(schema, reference, at)?;
            return Ok(or_null(target, is_nullable && !self.reading.strict_null));
        }
        if is_nullable && schema.members().len() == 1 {
            // If `nullable` is the only keyword, an alternative accepts only null; any other schema accepts every
            // value.
            return Ok(Value::Bool(true));
        }
        let mut out = Map::new();
        for (key, value) in members {
            if let Some(translated) = self.keyword(schema, key, value, at, nesting)? {
                out.insert(key.to_owned(), translated);
            }
        }
        for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if is_true(schema, flag)
                && let Some(limit) = out.remove(bound)
            {
                out.insert(flag.to_owned(), limit);
            }
        }
        if is_nullable && let Some(kind) = out.get_mut("type") {
            let mut kinds = kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]);
            if !kinds.contains(&json!("null")) {
                kinds.push("null".into());
            }
            *kind = kinds.into();
        }
        let mut parts = Vec::new();
        if let Some(reference) = schema.text("$dynamicRef").filter(|_| !is_old) {
            parts.push(self.reference(schema, reference, at)?);
        }
        self.choose(schema, at, &mut out, &mut parts);
        if self.reading.takes_overlaps
            && !at.is_guarded
            && let Some(alternatives) = out.remove("oneOf")
        {
            parts.push(keywords([("anyOf", alternatives)]));
        }
        if is_kind(schema, "integer") {
            match schema.text("format") {
                Some("int32") => parts.push(json!({"minimum": i32::MIN, "maximum": i32::MAX})),
                Some("int64") => parts.push(json!({"minimum": i64::MIN, "maximum": i64::MAX})),
                _ => {}
            }
        }
        if has_enum_of_items(schema)
            && let Some(values) = out.remove("enum")
        {
            parts.push(keywords([("items", keywords([("enum", values)]))]));
        }
        let mut translated = Value::Object(out);
        if !parts.is_empty() {
            parts.push(translated);
            translated = keywords([("allOf", Value::Array(parts))]);
        }
        // An `enum` without null does not exclude the null that `type` names, just as it does not with `nullable`.
        let takes_null = is_nullable || !is_old && lists_values_beside_null(schema);
        Ok(or_null(translated, takes_null && !self.reading.strict_null))
    }

    fn keyword(
        &mut self,
        schema: Node<'d>,
        key: &str,
        value: Node<'d>,
        at: Level,
        nesting: usize,
    ) -> Result<Option<Value>, String> {
        Ok(Some(match key {
            "$ref" => match value.as_str() {
                Some(reference) => self.reference(schema, reference, at)?["$ref"].take(),
                None => return Ok(None),
            },
            "$dynamicRef" => match value.as_str() {
                Some(_) if self.document.has_dynamic_scopes() => {
                    return Err("where its `$dynamicRef` leads depends on the way".to_owned());
                }
                // It becomes a separate part of the translation, because a `$ref` may stand beside it.
                _ => return Ok(None),
            },
            "$recursiveRef" => return Err("the judge does not follow `$recursiveRef`".to_owned()),
            "$schema" => return Ok(None),
            "properties" | "patternProperties" => {
                let Kind::Object(all) = value.kind() else {
                    return Ok(None);
                };
                let mut out = Map::new();
                if key == "properties"
                    && all.len() > MANY_PROPERTIES
                    && let Some(met) = self.met.names(at.depth)
                {
                    for (name, schema) in met.iter().filter_map(|name| Some((name, value.get(name)?))) {
                        out.insert(name.clone(), self.inside(schema, at, nesting)?);
                    }
                    return Ok(Some(Value::Object(out)));
                }
                for (name, schema) in all {
                    if key == "patternProperties" {
                        let name = pattern::with_literal_braces(name).into_owned();
                        if out.contains_key(&name) {
                            return Err("two of its patterns are one".to_owned());
                        }
                        out.insert(name, self.inside(schema, at, nesting)?);
                    } else if self.met.has(at.depth, name) {
                        out.insert(name.to_owned(), self.inside(schema, at, nesting)?);
                    }
                }
                Value::Object(out)
            }
            "dependentSchemas" => {
                let Kind::Object(all) = value.kind() else {
                    return Ok(None);
                };
                let mut out = Map::new();
                for (name, schema) in all.filter(|(name, _)| self.met.has(at.depth, name)) {
                    out.insert(name.to_owned(), self.schema(schema, at, nesting + 1)?);
                }
                Value::Object(out)
            }
            // An array in `items` is the spelling of `prefixItems` in older drafts.
            "items" if value.is_array() => return Ok(None),
            "then" | "else" => self.schema(value, at, nesting + 1)?,
            "not" | "if" => self.schema(value, guarded(at), nesting + 1)?,
            "propertyNames" if !self.met.has_names(at.depth) => return Ok(None),
            "propertyNames" => {
                // A property name is not a part of any other value, and it has no parts itself.
                let at = Level {
                    depth: self.met.depth(),
                    ..guarded(at)
                };
                self.schema(value, at, nesting + 1)?
            }
            "contains" => self.inside(value, guarded(at), nesting)?,
            "items" | "additionalProperties" | "unevaluatedItems" | "unevaluatedProperties" => {
                self.inside(value, at, nesting)?
            }
            "prefixItems" => {
                let Kind::Array(all) = value.kind() else {
                    return Ok(None);
                };
                let all: Result<Vec<_>, _> = all.map(|it| self.inside(it, at, nesting)).collect();
                match all? {
                    all if all.is_empty() => return Ok(None),
                    all => Value::Array(all),
                }
            }
            "allOf" | "anyOf" | "oneOf" => {
                let Kind::Array(all) = value.kind() else {
                    return Ok(None);
                };
                let all: Result<Vec<_>, _> = all
                    .map(|it| self.alternative(schema, it, key, at, nesting))
                    .collect();
                match all? {
                    all if all.is_empty() && key == "allOf" => return Ok(None),
                    // A schema without alternatives accepts nothing.
                    all if all.is_empty() => return Ok(Some(json!([false]))),
                    all => Value::Array(all),
                }
            }
            "required" if !value.is_array() => return Ok(None),
            "required" => self.required(value, at),
            _ => return Ok(leaf(key, value)),
        }))
    }

    /// The required names: those that are sent, and of the names that the value lacks only enough to refuse it.
    fn required(&self, names: Node<'d>, at: Level) -> Value {
        let unsent = &self.objects[at.object];
        let mut left = MANY_MISSING;
        let kept: BTreeSet<&str> = names
            .items()
            .filter_map(Node::as_str)
            .filter(|name| !unsent.contains(name))
            .filter(|name| {
                let may_be_there = self.met.has(at.depth, name);
                let is_kept = may_be_there || left > 0;
                left -= usize::from(is_kept && !may_be_there);
                is_kept
            })
            .collect();
        kept.into_iter().collect()
    }

    /// Adds the schema that the tag selects, if the value has a tag. It then does not matter whether other
    /// alternatives match, too.
    fn choose(&mut self, schema: Node<'d>, at: Level, out: &mut Map<String, Value>, parts: &mut Vec<Value>) {
        let discriminator = schema.get("discriminator");
        let Some(property) = discriminator.and_then(|it| it.text("propertyName")) else {
            return;
        };
        if at.is_chosen {
            out.remove("oneOf");
            out.remove("anyOf");
            return;
        }
        let document = self.document;
        let choices = self.choices.of(document, schema, property);
        if choices.is_empty() {
            return;
        }
        if let Some(alternatives) = out.remove("oneOf") {
            parts.push(json!({"anyOf": alternatives}));
        }
        if !self.met.has(at.depth, property) {
            return;
        }
        for choice in choices.iter() {
            let Some(chosen) = document.at(&choice.place) else {
                continue;
            };
            // A schema that is only an alias of this one leads back to it.
            let leads_back = chosen.id() == schema.id() || is_name(chosen);
            let next = Level {
                object: self.object(chosen),
                is_chosen: !is_list(schema) && leads_back,
                ..at
            };
            let then = self.target(chosen, next);
            let has_tag = json!({
                "type": "object",
                "required": [property],
                "properties": {property: {"enum": choice.tags}},
            });
            parts.push(json!({"if": has_tag, "then": then}));
        }
    }

    /// Translates one schema of an `allOf`, `anyOf` or `oneOf`.
    fn alternative(
        &mut self,
        schema: Node<'d>,
        part: Node<'d>,
        key: &str,
        at: Level,
        nesting: usize,
    ) -> Result<Value, String> {
        let is_old = self.document.version() == Version::V3_0 && !self.reading.strict_null;
        if is_old && key != "allOf" && part.members().len() == 1 && is_true(part, "nullable") {
            return Ok(json!({"type": "null"}));
        }
        let at = Level {
            is_chosen: at.is_chosen || key == "allOf" && !is_name(schema),
            ..at
        };
        self.schema(part, at, nesting + 1)
    }

    fn reference(&mut self, from: Node<'d>, reference: &str, at: Level) -> Result<Value, String> {
        let target = self
            .document
            .resolve_schema(from, reference)
            .map_err(|why| format!("its reference {reference:?} cannot be followed: {why}"))?;
        Ok(self.target(target.node, at))
    }

    /// Returns a reference to the translation of a schema.
    fn target(&mut self, target: Node<'d>, at: Level) -> Value {
        let next = self.targets.len();
        let number = *self.numbers.entry((target.id(), at)).or_insert(next);
        if number == next {
            self.targets.push((target, at));
        }
        json!({ "$ref": format!("#/$defs/{number}") })
    }
}

/// The same position, under a keyword such as `not` or `if`.
fn guarded(at: Level) -> Level {
    Level {
        is_guarded: true,
        ..at
    }
}

/// Translates a keyword that contains no schema. A malformed keyword has no effect.
fn leaf(key: &str, value: Node<'_>) -> Option<Value> {
    Some(match key {
        "type" => return kinds(value),
        "exclusiveMinimum" | "exclusiveMaximum" | "minimum" | "maximum" if value.as_number().is_some() => {
            value_of(value)
        }
        "multipleOf" if value.as_number().is_some_and(|it| it.as_f64() > 0.0) => value_of(value),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        | "minContains" | "maxContains"
            if value.as_u64().is_some() =>
        {
            value_of(value)
        }
        "uniqueItems" if value.as_bool().is_some() => value_of(value),
        // The validator has an option that decides whether formats are checked.
        "pattern" => value.as_str().map(|it| pattern::with_literal_braces(it).into())?,
        "format" if value.is_string() => value_of(value),
        "enum" if value.is_array() => value_of(value),
        "const" | "dependentRequired" => value_of(value),
        _ => return None,
    })
}

/// Whether a schema is only an alias of another one.
fn is_name(schema: Node<'_>) -> bool {
    let parts = schema.get("allOf").map_or(0, |it| it.items().len());
    let mut own = schema.members().keys().filter(|key| speaks(key));
    match own.next() {
        Some("allOf") => parts == 1 && own.next().is_none(),
        Some("$ref") => own.next().is_none(),
        _ => false,
    }
}

/// Whether a keyword may refuse a value. `nullable` is handled separately.
fn speaks(key: &str) -> bool {
    let is_prose = matches!(
        key,
        "title" | "description" | "example" | "examples" | "externalDocs" | "deprecated" | "default" | "xml"
    );
    !is_prose && !key.starts_with("x-") && !matches!(key, "readOnly" | "writeOnly" | "$comment" | "nullable")
}

/// The types that a schema names; `None` if one of them is unknown, because `type` then has no effect.
fn kinds(value: Node<'_>) -> Option<Value> {
    let is_known = |name: &&str| {
        [
            "null", "boolean", "integer", "number", "string", "array", "object",
        ]
        .contains(name)
    };
    match value.kind() {
        Kind::String(name) => is_known(&name).then(|| name.into()),
        Kind::Array(names) => {
            let all: Vec<&str> = names.filter_map(Node::as_str).collect();
            let mut known: Vec<&str> = all.iter().copied().filter(is_known).collect();
            known.sort_unstable();
            known.dedup();
            (!known.is_empty() && all.iter().all(is_known)).then(|| known.into_iter().collect())
        }
        _ => None,
    }
}

/// Creates a schema from keywords. It moves their values, which `json!` would copy.
fn keywords<const N: usize>(keywords: [(&str, Value); N]) -> Value {
    let keywords = keywords.into_iter();
    Value::Object(keywords.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn or_null(schema: Value, is_nullable: bool) -> Value {
    if is_nullable {
        // Unlike an `anyOf`, this keeps the reasons of the schema unchanged.
        keywords([("if", json!({"type": "null"})), ("else", schema)])
    } else {
        schema
    }
}

fn lists_values_beside_null(schema: Node<'_>) -> bool {
    let types = schema.get("type").and_then(Node::as_array);
    let values = schema.get("enum").and_then(Node::as_array);
    types.is_some_and(|mut types| types.any(|it| it.as_str() == Some("null")))
        && values.is_some_and(|mut values| !values.any(Node::is_null))
}

fn value_of(node: Node<'_>) -> Value {
    // A node is a JSON value, so this never fails.
    serde_json::to_value(node).unwrap_or_default()
}

fn is_true(schema: Node<'_>, flag: &str) -> bool {
    schema.get(flag).and_then(Node::as_bool) == Some(true)
}

fn is_kind(schema: Node<'_>, name: &str) -> bool {
    let kind = schema.get("type");
    kind.is_some_and(|kind| kind.as_str() == Some(name) || kind.items().any(|it| it.as_str() == Some(name)))
}

/// Whether an `enum` of scalars stands beside `type: array`, where it is meant for the items.
fn has_enum_of_items(schema: Node<'_>) -> bool {
    let names_lists_only = match schema.get("type").map(Node::kind) {
        Some(Kind::String(name)) => name == "array",
        Some(Kind::Array(mut names)) => names.all(|it| matches!(it.as_str(), Some("array" | "null"))),
        _ => false,
    };
    names_lists_only
        && is_kind(schema, "array")
        && schema
            .get("enum")
            .and_then(Node::as_array)
            .is_some_and(|mut values| {
                !values.is_empty() && !values.any(|value| value.is_array() || value.is_null())
            })
}
