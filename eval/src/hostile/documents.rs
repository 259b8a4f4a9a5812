//! The hostile documents, each built around one part whose cost grows faster than its text.

mod operations;
mod schemas;

use std::fmt;

use serde_json::{Map, Value, json};

/// The pinned document, by which the bank's operations are called.
const PINNED: &str = include_str!("../../../spec/api-docs.json");

#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    Request,
    Answer,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Answer => "answer",
        })
    }
}

/// The document into which the hostile part is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// One operation, compared without replay.
    Any,
    /// The pinned document: its operations are replayed, and Rust code for callers is generated from it.
    Bank,
}

/// One kind of hostile document.
pub(super) struct Hostile {
    pub(super) name: String,
    pub(super) host: Host,
    /// Whether the document is nested deeper than the limit, so that refusing it is correct.
    pub(super) too_deep: bool,
    /// Whether the document is small enough for an unoptimized build.
    pub(super) is_small: bool,
    part: Part,
}

enum Part {
    Schema(Box<dyn Fn(bool) -> Schema>),
    /// Changes the whole document, in one direction only.
    Document(Box<Change>),
}

/// Makes a document hostile. The flag requests the second of two documents that differ in a leaf.
type Change = dyn Fn(&mut Value, bool);

/// A schema, and the components that it refers to.
struct Schema {
    root: Value,
    components: Map<String, Value>,
}

impl From<Value> for Schema {
    fn from(root: Value) -> Self {
        Self {
            root,
            components: Map::new(),
        }
    }
}

/// The innermost schema, which differs in the second of two documents.
fn leaf(changed: bool) -> Value {
    json!({"type": if changed { "integer" } else { "string" }})
}

fn tower(levels: usize, changed: bool, around: impl Fn(Value, usize) -> Value) -> Value {
    (0..levels).fold(leaf(changed), around)
}

/// Component `L{level}`, or the leaf after the last one.
fn level(level: usize) -> Value {
    json!({"$ref": format!("#/components/schemas/L{level}")})
}

/// `levels` components, each built around a reference to the next one.
fn chain(levels: usize, changed: bool, around: impl Fn(Value) -> Value) -> Schema {
    let mut components: Map<String, Value> = (0..levels)
        .map(|index| (format!("L{index}"), around(level(index + 1))))
        .collect();
    components.insert(format!("L{levels}"), leaf(changed));
    Schema {
        root: level(0),
        components,
    }
}

pub(super) fn plain(host: Host) -> String {
    document(host).to_string()
}

fn document(host: Host) -> Value {
    match host {
        Host::Any => json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {}}}}},
                "responses": {"200": {
                    "description": "",
                    "content": {"application/json": {"schema": {"type": "object", "properties": {}}}},
                }},
            }}},
            "components": {"schemas": {}},
        }),
        Host::Bank => serde_json::from_str(PINNED).expect("the pinned document is JSON"),
    }
}

/// The host with the hostile part; `None` if a whole document is the same in both directions.
pub(super) fn holding(hostile: &Hostile, direction: Direction, changed: bool) -> Option<String> {
    let mut document = document(hostile.host);
    match &hostile.part {
        Part::Schema(make) => {
            let Schema { root, components } = make(changed);
            let at = match (hostile.host, direction) {
                (Host::Any, Direction::Request) => {
                    "/paths/~1a/post/requestBody/content/application~1json/schema/properties"
                }
                (Host::Any, Direction::Answer) => {
                    "/paths/~1a/post/responses/200/content/application~1json/schema/properties"
                }
                (Host::Bank, Direction::Request) => "/components/schemas/InitiateAchRequest/properties",
                (Host::Bank, Direction::Answer) => "/components/schemas/User/properties",
            };
            document.pointer_mut(at)?["x"] = root;
            document
                .pointer_mut("/components/schemas")?
                .as_object_mut()?
                .extend(components);
        }
        Part::Document(change) => match direction {
            Direction::Request => change(&mut document, changed),
            Direction::Answer => return None,
        },
    }
    Some(document.to_string())
}

fn schema<S: Into<Schema>>(name: impl Into<String>, make: impl Fn(bool) -> S + 'static) -> Hostile {
    Hostile {
        name: name.into(),
        host: Host::Any,
        too_deep: false,
        is_small: true,
        part: Part::Schema(Box::new(move |changed| make(changed).into())),
    }
}

/// A leaf inside `levels` schemas.
fn nested(
    name: impl Into<String>,
    levels: usize,
    around: impl Fn(Value, usize) -> Value + 'static,
) -> Hostile {
    schema(name, move |changed| tower(levels, changed, &around))
}

/// A leaf behind `levels` components, each of which refers to the next.
fn linked(name: impl Into<String>, levels: usize, around: impl Fn(Value) -> Value + 'static) -> Hostile {
    schema(name, move |changed| chain(levels, changed, &around))
}

fn whole(name: impl Into<String>, host: Host, change: impl Fn(&mut Value, bool) + 'static) -> Hostile {
    Hostile {
        name: name.into(),
        host,
        too_deep: false,
        is_small: true,
        part: Part::Document(Box::new(change)),
    }
}

fn in_bank(hostile: Hostile) -> Hostile {
    Hostile {
        host: Host::Bank,
        is_small: false,
        name: format!("{}, replayed", hostile.name),
        ..hostile
    }
}

fn large(hostile: Hostile) -> Hostile {
    Hostile {
        is_small: false,
        ..hostile
    }
}

pub(super) fn all() -> Vec<Hostile> {
    let mut all = schemas::applicators();
    all.extend(schemas::wide().into_iter().map(large));
    all.extend(schemas::chained().into_iter().map(large));
    all.extend(operations::judged().into_iter().map(large));
    all.extend(operations::many().into_iter().map(large));
    all.extend(operations::shared().into_iter().map(large));
    all.extend(
        operations::multiplied()
            .into_iter()
            .chain(schemas::computed())
            .map(large),
    );
    all.extend(
        schemas::spread()
            .into_iter()
            .chain(operations::reached())
            .map(large),
    );
    all.extend(schemas::patterned().into_iter().map(large));
    all.extend(
        schemas::repeated()
            .into_iter()
            .chain(operations::repeated())
            .map(large),
    );
    all.push(large(operations::calling()));
    all.extend(schemas::regular_expressions());
    all.extend(operations::replayed());
    all
}
