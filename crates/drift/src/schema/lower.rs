//! From schemas as written to formulas: one conjunct per keyword.

use std::collections::BTreeSet;
use std::rc::Rc;

use num_traits::Signed as _;
use serde_json::{Map as JsonMap, Value};

use super::definitions::Definitions;
use super::node::{Arena, DefId, Lit, Node, NodeId, Strict, Text};
use super::number::{self, Num};
use super::source::{Closing, Dialect, Mode, Reading, Source};
use super::types::{Kind, Kinds};
use crate::options::Nullable;
use crate::report::Direction;

/// Schemas nested deeper than this without a reference are read through one, so that no stack overflows.
const DEEPEST: usize = 48;
/// Values nested deeper than this are not read.
const DEEPEST_VALUE: usize = 64;
/// Longer lists of alternatives stay undecided.
pub(super) const WIDEST: usize = 4_096;

/// A schema as written, and how it is to be read.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    pub(super) source: usize,
    pub(super) value: &'d Value,
    pub(super) mode: Mode,
    pub(super) depth: usize,
}

impl<'d> At<'d> {
    fn of(self, value: &'d Value, mode: Mode) -> Self {
        Self {
            value,
            mode,
            depth: self.depth + 1,
            ..self
        }
    }

    fn inside(self, value: &'d Value) -> Self {
        self.of(value, self.mode.inside())
    }

    pub(super) fn beside(self, value: &'d Value) -> Self {
        self.of(value, self.mode.beside())
    }

    fn negated(self, value: &'d Value) -> Self {
        self.of(value, self.mode.open())
    }
}

/// Everything that lowering reads and fills.
pub(super) struct Lowering<'d> {
    pub(super) arena: Arena,
    pub(super) sources: Vec<Source<'d>>,
    pub(super) reading: Reading,
    pub(super) definitions: Definitions<'d>,
}

impl<'d> Lowering<'d> {
    /// The formula of a schema.
    pub(super) fn schema(&mut self, at: At<'d>) -> NodeId {
        let map = match at.value {
            Value::Bool(false) => return Arena::FALSE,
            Value::Object(map) if !map.is_empty() => map,
            // What is no schema at all admits everything.
            _ => return Arena::TRUE,
        };
        if at.depth > DEEPEST {
            return self.definition(at);
        }
        if let Some(Value::String(reference)) = map.get("$ref")
            && self.sources[at.source].dialect == Dialect::OpenApi30
        {
            return self.reference(at, map, reference);
        }
        if at.mode.closing == Closing::Closed {
            return self.closed(at, map);
        }
        self.conjunction(at, map)
    }

    fn definition(&mut self, at: At<'d>) -> NodeId {
        let def = self.definitions.define(At { depth: 0, ..at });
        self.arena.reference(def)
    }

    /// The formula of a schema that is referred to, read when it is first needed.
    pub(super) fn body(&mut self, id: DefId) -> NodeId {
        let definition = self.definitions.get(id);
        if let Some(body) = definition.body {
            return body;
        }
        let at = definition.at;
        let body = self.schema(at);
        self.definitions.set_body(id, body);
        body
    }

    fn opaque(&mut self, text: &str, why: &str) -> NodeId {
        let opaque = self.definitions.opaque(text, why);
        self.arena.opaque(opaque)
    }

    /// A schema of which only that it equals itself is known.
    pub(super) fn opaque_schema(&mut self, at: At<'d>, why: &str) -> NodeId {
        let text = self.definitions.identity(at, &self.sources[at.source]);
        self.opaque(&text, why)
    }

    /// What in an object of keywords is not read here, though it changes what the others mean.
    fn unread(&self, at: At<'d>, map: &'d JsonMap<String, Value>) -> Option<&'static str> {
        let source = &self.sources[at.source];
        if source.dialect == Dialect::OpenApi30 {
            return None;
        }
        if source.depends_on_the_way {
            return Some("what a `$dynamicRef` means depends on the way that leads to it");
        }
        if map
            .get("$schema")
            .is_some_and(|dialect| !is_known_dialect(dialect))
        {
            return Some("its `$schema` names another dialect");
        }
        (source.dialect == Dialect::JsonSchema && map.contains_key("dependencies"))
            .then_some("`dependencies` is of an earlier dialect, and read by some validators only")
    }

    fn reference(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, reference: &str) -> NodeId {
        match self.sources[at.source].resolve(reference, map) {
            Some(value) if !value.is_object() => self.schema(at.of(value, at.mode)),
            Some(value) => self.definition(at.of(value, at.mode)),
            None => self.opaque_schema(at, "a reference leads out of the document or to nothing"),
        }
    }

    /// The formula of all keywords of an object, as `beside` others.
    pub(super) fn conjunction(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>) -> NodeId {
        if let Some(why) = self.unread(at, map) {
            return self.opaque_schema(at, why);
        }
        let mut parts = Vec::new();
        self.kinds_and_values(at, map, &mut parts);
        self.numbers(at, map, &mut parts);
        self.strings(map, &mut parts);
        self.objects(at, map, &mut parts);
        self.arrays(at, map, &mut parts);
        self.applicators(at, map, &mut parts);
        self.unevaluated(at, map, &mut parts);
        let node = self.arena.and(parts);
        let lenient = self.reading.nullable == Nullable::Lenient;
        if self.sources[at.source].dialect == Dialect::OpenApi30
            && lenient
            && map.get("nullable") == Some(&Value::Bool(true))
        {
            let null = self.arena.kind(Kind::Null);
            return self.arena.or([node, null]);
        }
        node
    }

    fn kinds_and_values(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        let mut names: Vec<&str> = match map.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let typed = !names.is_empty() || matches!(map.get("type"), Some(Value::Array(_)));
        let nullable = self.sources[at.source].dialect == Dialect::OpenApi30
            && map.get("nullable") == Some(&Value::Bool(true));
        if typed && nullable {
            names.push("null");
        }
        if typed {
            let mut nodes = Vec::new();
            for name in &names {
                let kind = match *name {
                    "null" => Kind::Null,
                    "boolean" => Kind::Bool,
                    "number" | "integer" => Kind::Number,
                    "string" => Kind::String,
                    "array" => Kind::Array,
                    "object" => Kind::Object,
                    unknown => {
                        let why = "a `type` is none that JSON knows";
                        let node = self.opaque(&format!("type {unknown}"), why);
                        nodes.push(node);
                        continue;
                    }
                };
                let mut node = self.arena.kind(kind);
                if *name == "integer" && !names.contains(&"number") {
                    let whole = self
                        .arena
                        .lit(Lit::Multiple(Rc::new(Num::from_integer(1.into()))));
                    node = self.arena.and([node, whole]);
                }
                nodes.push(node);
            }
            let node = self.arena.or(nodes);
            parts.push(node);
        }
        if let Some(value) = map.get("const") {
            let node = self.value(value);
            parts.push(node);
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            let slip = names.contains(&"array")
                && names.iter().all(|it| matches!(*it, "array" | "null"))
                && !values.is_empty()
                && values
                    .iter()
                    .all(|value| !matches!(value, Value::Array(_) | Value::Null))
                && self.sources[at.source].dialect != Dialect::JsonSchema;
            let composite = values.iter().filter(|it| it.is_array() || it.is_object());
            let node = if composite.count() > WIDEST {
                self.opaque_schema(at, "it lists too many values")
            } else {
                self.values(values)
            };
            // An `enum` put on an array was meant for its items.
            parts.push(if slip {
                self.arena.lit(Lit::Rest(0, node))
            } else {
                node
            });
        }
    }

    /// Exactly these values.
    fn values(&mut self, values: &[Value]) -> NodeId {
        let (mut kinds, mut texts, mut numbers) = (Kinds::NONE, Vec::new(), Vec::new());
        let (mut yes, mut no) = (false, false);
        let mut composite = Vec::new();
        for value in values {
            kinds = kinds.or(Kind::of(value).only());
            match value {
                Value::Null => {}
                Value::Bool(b) => {
                    yes |= *b;
                    no |= !*b;
                }
                Value::String(text) => texts.push(self.arena.text(text)),
                Value::Number(n) => match number::exact(n) {
                    Some(n) => numbers.push(n),
                    None => {
                        composite.push(self.opaque(&n.to_string(), "a number is too large to compute with"));
                    }
                },
                Value::Array(_) | Value::Object(_) => composite.push(self.value(value)),
            }
        }
        let scalar = kinds.and(Kind::Array.only().or(Kind::Object.only()).not());
        let mut parts = vec![self.arena.kinds(scalar)];
        if yes != no {
            parts.push(self.arena.lit(Lit::Bool(yes)));
        }
        texts.sort_unstable();
        texts.dedup();
        if !texts.is_empty() {
            parts.push(self.arena.lit(Lit::StrIn(texts.into())));
        }
        numbers.sort_unstable();
        numbers.dedup();
        if kinds.has(Kind::Number) {
            parts.push(self.arena.lit(Lit::NumIn(numbers.into())));
        }
        let scalar = self.arena.and(parts);
        self.arena.or(composite.into_iter().chain([scalar]))
    }

    /// Exactly this value.
    pub(super) fn value(&mut self, value: &Value) -> NodeId {
        self.value_at(value, 0)
    }

    fn value_at(&mut self, value: &Value, depth: usize) -> NodeId {
        if depth > DEEPEST_VALUE {
            return self.opaque(&value.to_string(), "a value is nested too deep");
        }
        match value {
            Value::Array(items) => {
                let mut parts = vec![
                    self.arena.kind(Kind::Array),
                    self.arena.lit(Lit::MinItems(items.len() as u64)),
                    self.arena.lit(Lit::MaxItems(items.len() as u64)),
                ];
                for (index, item) in items.iter().enumerate() {
                    let item = self.value_at(item, depth + 1);
                    parts.push(self.arena.lit(Lit::Item(index as u64, item)));
                }
                self.arena.and(parts)
            }
            Value::Object(map) => {
                let mut parts = vec![self.arena.kind(Kind::Object)];
                let mut names = Vec::new();
                for (name, value) in map {
                    let name = self.arena.text(name);
                    let value = self.value_at(value, depth + 1);
                    names.push(name);
                    parts.push(self.arena.lit(Lit::Has(name)));
                    parts.push(self.arena.lit(Lit::Prop(name, value)));
                }
                let others = self.names_except(names, &[]);
                parts.push(self.arena.lit(Lit::Names(others, Arena::FALSE)));
                self.arena.and(parts)
            }
            scalar => self.values(std::slice::from_ref(scalar)),
        }
    }

    fn numbers(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        let mut push = |this: &mut Self, lit: Lit| {
            let node = this.arena.lit(lit);
            parts.push(node);
        };
        let mut too_large = false;
        let mut read = |key: &str| match map.get(key) {
            Some(Value::Number(n)) => {
                let n = number::exact(n);
                too_large |= n.is_none();
                n.map(Rc::new)
            }
            _ => None,
        };
        let (min, max) = (read("minimum"), read("maximum"));
        let (over, under) = (read("exclusiveMinimum"), read("exclusiveMaximum"));
        let step = read("multipleOf");
        let strict = |key: &str| match map.get(key) {
            Some(Value::Bool(true)) => Strict::Yes,
            _ => Strict::No,
        };
        if let Some(n) = min {
            push(self, Lit::NumMin(n, strict("exclusiveMinimum")));
        }
        if let Some(n) = max {
            push(self, Lit::NumMax(n, strict("exclusiveMaximum")));
        }
        if let Some(n) = over {
            push(self, Lit::NumMin(n, Strict::Yes));
        }
        if let Some(n) = under {
            push(self, Lit::NumMax(n, Strict::Yes));
        }
        let no_step = step.as_ref().is_some_and(|n| !n.is_positive());
        if let Some(n) = step
            && !no_step
        {
            push(self, Lit::Multiple(n));
        }
        let integer = match map.get("type") {
            Some(Value::String(name)) => name == "integer",
            Some(Value::Array(names)) => names.iter().any(|it| it == "integer"),
            _ => false,
        };
        if integer && self.sources[at.source].dialect != Dialect::JsonSchema {
            let bounds = match map.get("format").and_then(Value::as_str) {
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                Some("int64") => Some((i64::MIN, i64::MAX)),
                _ => None,
            };
            if let Some((min, max)) = bounds {
                push(
                    self,
                    Lit::NumMin(Rc::new(Num::from_integer(min.into())), Strict::No),
                );
                push(
                    self,
                    Lit::NumMax(Rc::new(Num::from_integer(max.into())), Strict::No),
                );
            }
        }
        for (is_so, why) in [
            (too_large, "a number is too large to compute with"),
            (no_step, "a `multipleOf` is not above zero"),
        ] {
            if is_so {
                let node = self.opaque_schema(at, why);
                parts.push(node);
            }
        }
    }

    fn strings(&mut self, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        if let Some(n) = count(map, "minLength") {
            parts.push(self.arena.lit(Lit::MinLen(n)));
        }
        if let Some(n) = count(map, "maxLength") {
            parts.push(self.arena.lit(Lit::MaxLen(n)));
        }
        if let Some(Value::String(pattern)) = map.get("pattern") {
            let pattern = self.arena.text(pattern);
            parts.push(self.arena.lit(Lit::Pattern(pattern)));
        }
        if self.reading.formats
            && let Some(Value::String(format)) = map.get("format")
        {
            let format = self.arena.text(format);
            parts.push(self.arena.lit(Lit::Format(format)));
        }
    }

    fn objects(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        let properties = map.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let node = self.schema(at.inside(schema));
            let name = self.arena.text(name);
            parts.push(self.arena.lit(Lit::Prop(name, node)));
        }
        if let Some(Value::Array(required)) = map.get("required") {
            for name in required.iter().filter_map(Value::as_str) {
                if !hidden(properties, name, at.mode.direction) {
                    let name = self.arena.text(name);
                    parts.push(self.arena.lit(Lit::Has(name)));
                }
            }
        }
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        for (pattern, schema) in patterns.into_iter().flatten() {
            let node = self.schema(at.inside(schema));
            let names = self.names_like(pattern);
            parts.push(self.arena.lit(Lit::Names(names, node)));
        }
        if let Some(rest) = map.get("additionalProperties") {
            let node = self.schema(at.inside(rest));
            let names = properties
                .into_iter()
                .flatten()
                .map(|(name, _)| self.arena.text(name))
                .collect();
            let patterns: Vec<&str> = patterns
                .into_iter()
                .flatten()
                .map(|(it, _)| it.as_str())
                .collect();
            let others = self.names_except(names, &patterns);
            parts.push(self.arena.lit(Lit::Names(others, node)));
        }
        if let Some(names) = map.get("propertyNames") {
            let names = self.schema(at.negated(names));
            let others = self.arena.not(names);
            parts.push(self.arena.lit(Lit::Names(others, Arena::FALSE)));
        }
        if let Some(n) = count(map, "minProperties") {
            parts.push(self.arena.lit(Lit::MinProps(n)));
        }
        if let Some(n) = count(map, "maxProperties") {
            parts.push(self.arena.lit(Lit::MaxProps(n)));
        }
        let dependent = map.get("dependentRequired").and_then(Value::as_object);
        for (name, needs) in dependent.into_iter().flatten() {
            let lacks = self.lacks(name);
            let needs: Vec<_> = needs
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let has: Vec<_> = needs
                .into_iter()
                .map(|name| {
                    let name = self.arena.text(name);
                    self.arena.lit(Lit::Has(name))
                })
                .collect();
            let has = self.arena.and(has);
            parts.push(self.arena.or([lacks, has]));
        }
        let dependent = map.get("dependentSchemas").and_then(Value::as_object);
        for (name, schema) in dependent.into_iter().flatten() {
            let lacks = self.lacks(name);
            let node = self.schema(at.beside(schema));
            parts.push(self.arena.or([lacks, node]));
        }
    }

    /// What no object with this property satisfies, and every other value does.
    pub(super) fn lacks(&mut self, name: &str) -> NodeId {
        let name = self.arena.text(name);
        self.arena.lit(Lit::Lacks(name))
    }

    fn names_like(&mut self, pattern: &str) -> NodeId {
        let pattern = self.arena.text(pattern);
        let string = self.arena.kind(Kind::String);
        let like = self.arena.lit(Lit::Pattern(pattern));
        self.arena.and([string, like])
    }

    /// The strings that are none of these names and match none of these patterns.
    pub(super) fn names_except(&mut self, mut names: Vec<Text>, patterns: &[&str]) -> NodeId {
        names.sort_unstable();
        names.dedup();
        let mut parts = vec![self.arena.kind(Kind::String)];
        if names.is_empty() && patterns.is_empty() {
            return Arena::TRUE;
        }
        if !names.is_empty() {
            parts.push(self.arena.lit(Lit::StrNotIn(names.into())));
        }
        for pattern in patterns {
            let pattern = self.arena.text(pattern);
            parts.push(self.arena.lit(Lit::NotPattern(pattern)));
        }
        self.arena.and(parts)
    }

    fn arrays(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        let prefix = map.get("prefixItems").and_then(Value::as_array);
        for (index, schema) in prefix.into_iter().flatten().enumerate() {
            let node = self.schema(at.inside(schema));
            parts.push(self.arena.lit(Lit::Item(index as u64, node)));
        }
        if let Some(items @ (Value::Object(_) | Value::Bool(_))) = map.get("items") {
            let node = self.schema(at.inside(items));
            let from = prefix.map_or(0, Vec::len) as u64;
            parts.push(self.arena.lit(Lit::Rest(from, node)));
        }
        if let Some(n) = count(map, "minItems") {
            parts.push(self.arena.lit(Lit::MinItems(n)));
        }
        if let Some(n) = count(map, "maxItems") {
            parts.push(self.arena.lit(Lit::MaxItems(n)));
        }
        if map.get("uniqueItems") == Some(&Value::Bool(true)) {
            parts.push(self.arena.lit(Lit::Unique));
        }
        if let Some(contains) = map.get("contains") {
            let node = self.schema(at.negated(contains));
            let min = count(map, "minContains").unwrap_or(1);
            parts.push(self.arena.lit(Lit::AtLeast(0, node, min)));
            if let Some(max) = count(map, "maxContains") {
                parts.push(self.arena.lit(Lit::AtMost(0, node, max)));
            }
        }
    }

    fn applicators(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        for key in ["$ref", "$dynamicRef"] {
            if let Some(Value::String(reference)) = map.get(key) {
                let at = At {
                    mode: at.mode.beside(),
                    ..at
                };
                let node = self.reference(at, map, reference);
                parts.push(node);
            }
        }
        for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let node = self.schema(at.beside(part));
            parts.push(node);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(branches) = self.branches(at, map, key) else {
                continue;
            };
            let node = if key == "oneOf" {
                self.arena.one_of(branches)
            } else {
                self.arena.or(branches)
            };
            let width = match self.arena.get(node) {
                Node::Or(parts) | Node::OneOf(parts) => parts.len(),
                _ => 0,
            };
            parts.push(if width > WIDEST {
                self.opaque_schema(at, "it has too many alternatives")
            } else {
                node
            });
        }
        if let Some(schema) = map.get("not") {
            let node = self.schema(at.negated(schema));
            let not = self.arena.not(node);
            parts.push(not);
        }
        if let Some(condition) = map.get("if") {
            let condition = self.schema(at.negated(condition));
            let otherwise = self.arena.not(condition);
            if let Some(then) = map.get("then") {
                let then = self.schema(at.beside(then));
                parts.push(self.arena.or([otherwise, then]));
            }
            if let Some(then) = map.get("else") {
                let then = self.schema(at.beside(then));
                parts.push(self.arena.or([condition, then]));
            }
        }
    }

    fn branches(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, key: &str) -> Option<Vec<NodeId>> {
        let branches = map.get(key)?.as_array()?;
        Some(
            branches
                .iter()
                .map(|branch| self.schema(at.beside(branch)))
                .collect(),
        )
    }
}

/// Whether a `$schema` names a dialect whose keywords mean what they mean here.
pub(super) fn is_known_dialect(name: &Value) -> bool {
    name.as_str().is_none_or(|name| {
        matches!(
            name.trim_end_matches('#'),
            "https://json-schema.org/draft/2020-12/schema"
                | "https://spec.openapis.org/oas/3.1/dialect/base"
                | "https://spec.openapis.org/oas/3.1/dialect/2024-10-25"
                | "https://spec.openapis.org/oas/3.1/dialect/2024-11-10"
        )
    })
}

/// A count as a keyword has it; `2.0` counts too.
pub(super) fn count(map: &JsonMap<String, Value>, key: &str) -> Option<u64> {
    let value = map.get(key)?;
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number in range"
        )]
        (float.fract() == 0.0 && (0.0..=9e15).contains(&float)).then_some(float as u64)
    })
}

/// Whether a property is not sent in this direction, so that nobody can require it.
fn hidden(properties: Option<&JsonMap<String, Value>>, name: &str, direction: Option<Direction>) -> bool {
    let key = match direction {
        Some(Direction::Request) => "readOnly",
        Some(Direction::Response) => "writeOnly",
        None => return false,
    };
    properties
        .and_then(|all| all.get(name))
        .is_some_and(|property| property.get(key) == Some(&Value::Bool(true)))
}

/// The names that a schema speaks of, to tell what its producer emits.
#[derive(Debug, Default, Clone)]
pub(super) struct Declared<'d> {
    pub(super) names: BTreeSet<&'d str>,
    pub(super) patterns: BTreeSet<&'d str>,
    /// Names that must be there, so that they are sent though nothing declares them.
    pub(super) required: BTreeSet<&'d str>,
    /// It says of what schema further properties are, so that they are declared as well.
    pub(super) further: bool,
}
