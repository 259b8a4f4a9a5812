//! Selects the part of a document that is used: some operations, and everything that they reach.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::pointer::escape;
use openapi_document::view::METHODS;
use serde_json::{Map, Value};

use crate::pin::Pin;
use crate::reference::{component, resolve};
use crate::source::Source;
use crate::{Error, ErrorKind};

/// Whether a path item of OpenAPI 3.0 can have an operation under this key.
pub(crate) fn is_method(key: &str) -> bool {
    METHODS.contains(&key) && key != "query"
}

/// Returns the document with only the pin's operations, and the components that they reach.
///
/// An invalid `$ref` matters only if one of the operations reaches it.
///
/// # Errors
/// When the document lacks an operation (the error has the line of `pin.toml`) or has something else in its place. Also
/// when an operation reaches a `$ref` that cannot be resolved, is part of a cycle, or leads out of the document.
///
/// ```
/// use ratio_spec::{Pin, Source, select};
///
/// let pin = Pin::read("../../spec/pin.toml")?;
/// let selected = select(&Source::read(pin.document())?, &pin)?;
/// assert_eq!(selected["paths"].as_object().unwrap().len(), 7);
/// assert!(selected["components"]["schemas"].get("Payroll").is_none());
/// # Ok::<(), ratio_spec::Error>(())
/// ```
pub fn select(source: &Source, pin: &Pin) -> Result<Value, Error> {
    refuse_other_formats(source)?;
    let mut document = source.to_value();
    if document
        .get("components")
        .is_some_and(|components| !components.is_object())
    {
        return Err(not_an_object(source, "/components", "value"));
    }
    let all_paths = document["paths"].take();
    let mut paths = Map::new();
    for operation in pin.operations() {
        let key = operation.method.to_ascii_lowercase();
        let item = all_paths.get(&operation.path);
        let body = item.and_then(|item| item.get(&key)).filter(|_| is_method(&key));
        let pointer = format!("/paths/{}", escape(&operation.path));
        match (item, body) {
            (Some(item), _) if !item.is_object() => return Err(not_an_object(source, &pointer, "path item")),
            (_, Some(body)) if !body.is_object() => {
                return Err(not_an_object(source, &format!("{pointer}/{key}"), "operation"));
            }
            _ => {}
        }
        let (Some(Value::Object(item)), Some(body)) = (item, body) else {
            return Err(Error::new(
                ErrorKind::MissingOperation,
                format!("{}:{}", pin.origin(), operation.line),
                format!(
                    "{} has no operation {} {}",
                    source.origin(),
                    operation.method,
                    operation.path
                ),
                "remove the operation from the list, or pin a document that has it",
            ));
        };
        let kept = paths.entry(operation.path.clone()).or_insert_with(|| {
            // Keys that are not methods (shared parameters, servers) apply to every operation of the path.
            let shared = item.iter().filter(|(key, _)| !is_method(key));
            Value::Object(shared.map(|(key, value)| (key.clone(), value.clone())).collect())
        });
        kept[&key] = body.clone();
    }
    document["paths"] = Value::Object(paths);
    prune(source, &mut document)?;
    Ok(document)
}

fn not_an_object(source: &Source, pointer: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::NotOpenApi,
        source.place(pointer),
        format!("the {what} here is not an object"),
        "mend the document there, or pin another",
    )
}

/// Refuses a document that is not OpenAPI 3, with a message about its actual format.
pub(crate) fn refuse_other_formats(source: &Source) -> Result<(), Error> {
    let root = source.root();
    let refuse =
        |problem: String, mend: &str| Err(Error::new(ErrorKind::NotOpenApi, source.place(""), problem, mend));
    match (root.get("openapi"), root.get("swagger")) {
        (Some(version), _) if version.is_string() => Ok(()),
        (_, Some(version)) => refuse(
            format!("it is Swagger {version}"),
            "convert it to OpenAPI 3.0 first",
        ),
        _ => refuse(
            "it is not an OpenAPI document: it has no `openapi` field that is a text".to_owned(),
            "check that the source is an OpenAPI document",
        ),
    }
}

/// Removes the components that are not reached.
pub(crate) fn prune(source: &Source, document: &mut Value) -> Result<(), Error> {
    let reached = reach(source, document)?;
    keep(document, &reached);
    Ok(())
}

type Components = BTreeMap<String, BTreeSet<String>>;

fn keep(document: &mut Value, reached: &Components) {
    let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) else {
        return;
    };
    for (kind, members) in components.iter_mut() {
        // Security schemes are named by `security`, not by `$ref`, so keep all of them.
        if kind == "securitySchemes" {
            continue;
        }
        if let Some(members) = members.as_object_mut() {
            members.retain(|name, _| reached.get(kind).is_some_and(|names| names.contains(name)));
        }
    }
    components.retain(|_, members| members.as_object().is_none_or(|members| !members.is_empty()));
}

/// Finds every component that the paths of `root` reach through `$ref`s. `root` is the content of `source`, or a
/// document derived from it.
fn reach(source: &Source, root: &Value) -> Result<Components, Error> {
    let mut reached = Components::new();
    // Components are queued instead of visited recursively, so that a long chain of schemas cannot overflow the stack.
    let mut queue = Vec::new();
    references(&root["paths"], "/paths", false, &mut queue);
    while let Some((pointer, reference)) = queue.pop() {
        let place = || source.place(&pointer);
        let mend = "mend the document there, or take the operation that reaches it out of pin.toml";
        let refuse = |problem: String| Error::new(ErrorKind::Reference, place(), problem, mend);
        if !reference.starts_with('#') {
            return Err(refuse(format!("`$ref` {reference:?} leads out of the document")));
        }
        let Some((kind, name)) = component(&reference) else {
            return Err(refuse(format!(
                "`$ref` {reference:?} leads outside `#/components`"
            )));
        };
        let Some(target) = resolve(root, &reference) else {
            return Err(refuse(format!("`$ref` {reference:?} leads nowhere")));
        };
        if reached.entry(kind.clone()).or_default().insert(name.clone()) {
            refuse_circle(root, &reference, target).map_err(refuse)?;
            let value = &root["components"][&kind][&name];
            refuse_endless(root, &reference, value).map_err(refuse)?;
            references(
                value,
                &format!("/components/{}/{}", escape(&kind), escape(&name)),
                false,
                &mut queue,
            );
        }
    }
    Ok(reached)
}

/// Refuses a schema that consists of itself, directly through `$ref`s or through composition. The generator would
/// resolve it until its stack overflows. A schema that contains itself in a property is allowed.
fn refuse_circle(root: &Value, start: &str, schema: &Value) -> Result<(), String> {
    let mut from: BTreeMap<String, String> = BTreeMap::new();
    let mut open = vec![(start.to_owned(), schema)];
    while let Some((at, schema)) = open.pop() {
        let mut parts = Vec::new();
        made_of(schema, &mut parts);
        for part in parts {
            if part == start {
                let mut way = vec![at.as_str()];
                while let Some(before) = from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                way.reverse();
                return Err(format!(
                    "`$ref` {start:?} leads in a circle: {}",
                    way.join(" -> ")
                ));
            }
            if !from.contains_key(part) {
                from.insert(part.to_owned(), at.clone());
                open.extend(resolve(root, part).map(|schema| (part.to_owned(), schema)));
            }
        }
    }
    Ok(())
}

/// Refuses an `allOf` inside a schema that includes the whole schema. The generator would merge them into a type that
/// contains the same `allOf`, and so on without end. Without an `allOf`, a `$ref` may lead to the schema itself,
/// because that type has a name.
fn refuse_endless(root: &Value, reference: &str, schema: &Value) -> Result<(), String> {
    let mut open: Vec<&Value> = children(schema).collect();
    while let Some(value) = open.pop() {
        let merged = value.get("allOf").and_then(Value::as_array);
        if merged.is_some_and(|branches| branches.len() > 1) && takes_up(root, value, reference) {
            return Err(format!(
                "`$ref` {reference:?} leads to a schema with an `allOf` inside that takes up the whole of it, without end"
            ));
        }
        open.extend(children(value));
    }
    Ok(())
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Object(map) => Box::new(
            map.iter()
                .filter(|(key, _)| !holds_data(key))
                .map(|(_, value)| value),
        ),
        Value::Array(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Whether a schema is composed of the target of a reference, directly or through other schemas.
fn takes_up(root: &Value, schema: &Value, reference: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    made_of(schema, &mut open);
    while let Some(part) = open.pop() {
        if part == reference {
            return true;
        }
        if seen.insert(part)
            && let Some(value) = resolve(root, part)
        {
            made_of(value, &mut open);
        }
    }
    false
}

/// Collects the `$ref`s of which a schema is composed, without those in parts of its values.
fn made_of<'v>(schema: &'v Value, into: &mut Vec<&'v str>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        into.push(reference);
        return;
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        let branches = schema.get(key).and_then(Value::as_array);
        for branch in branches.into_iter().flatten() {
            made_of(branch, into);
        }
    }
    if let Some(not) = schema.get("not") {
        made_of(not, into);
    }
}

/// Whether the value of a key is data, in which a `$ref` has no meaning.
fn holds_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "enum" | "const") || key.starts_with("x-")
}

/// Whether the value of a key is a map from names, which can be any words.
fn holds_names(key: &str) -> bool {
    matches!(
        key,
        "properties" | "patternProperties" | "responses" | "content" | "headers" | "encoding" | "callbacks"
    )
}

fn references(value: &Value, pointer: &str, names: bool, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            if let (false, Some(Value::String(reference))) = (names, map.get("$ref")) {
                found.push((pointer.to_owned(), reference.clone()));
                // In OpenAPI 3.0, all siblings of a `$ref` are ignored.
                return;
            }
            for (key, value) in map {
                if !names && holds_data(key) {
                    continue;
                }
                let pointer = format!("{pointer}/{}", escape(key));
                if !names && key == "discriminator" {
                    mapping(value, &pointer, found);
                    continue;
                }
                references(value, &pointer, !names && holds_names(key), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                references(item, &format!("{pointer}/{index}"), false, found);
            }
        }
        _ => {}
    }
}

/// Collects the targets of a discriminator's mapping, which names schemas by pointer or by bare name instead of `$ref`.
fn mapping(discriminator: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    let Some(entries) = discriminator.get("mapping").and_then(Value::as_object) else {
        return;
    };
    for (key, target) in entries {
        if let Some(target) = target.as_str() {
            let bare = !target.contains(['#', '/', '.']);
            let reference = if bare {
                format!("#/components/schemas/{}", escape(target))
            } else {
                target.to_owned()
            };
            found.push((format!("{pointer}/mapping/{}", escape(key)), reference));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pin(method: &str, path: &str) -> Pin {
        Pin::parse(
            "pin.toml",
            &format!(
                "[document]\nfile = \"d.json\"\nsource = \"https://d.example\"\nretrieved = \"now\"\nsha256 = \"{}\"\n[[operation]]\nmethod = \"{method}\"\npath = \"{path}\"\nname = \"op\"\n",
                "0".repeat(64)
            ),
        )
        .unwrap()
    }

    fn source(schemas: &Value) -> Source {
        let answer = json!({ "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } } });
        let root = json!({
            "openapi": "3.0.0",
            "paths": {
                "/a": { "parameters": [], "get": { "responses": answer }, "post": {} },
                "/b": { "get": { "responses": { "200": { "$ref": "#/components/responses/Gone" } } } },
            },
            "components": { "schemas": schemas },
        });
        Source::from_bytes("d.json", root.to_string().into_bytes()).unwrap()
    }

    fn select_a(schemas: &Value) -> Result<Value, Error> {
        select(&source(schemas), &pin("GET", "/a"))
    }

    #[test]
    fn unreached_components_are_pruned_and_may_be_broken() {
        let selected = select_a(&json!({
            "A": { "properties": { "$ref": { "$ref": "#/components/schemas/B" } } },
            "B": { "example": { "$ref": "#/nowhere" }, "properties": { "example": { "$ref": "#/components/schemas/C" } } },
            "C": { "oneOf": [], "discriminator": { "propertyName": "k", "mapping": { "d": "D", "e": "#/components/schemas/E" } } },
            "D": {}, "E": {}, "Unused": { "$ref": "#/components/schemas/Gone" },
        }))
        .unwrap();
        let names: Vec<_> = selected["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(names, ["A", "B", "C", "D", "E"]);
        assert_eq!(selected["paths"].as_object().unwrap().len(), 1);
        assert!(selected["paths"]["/a"].get("post").is_none());
        assert!(selected["paths"]["/a"].get("parameters").is_some());
    }

    #[test]
    fn a_schema_that_holds_itself_is_no_circle() {
        select_a(&json!({ "A": { "properties": { "next": { "$ref": "#/components/schemas/A" } } } }))
            .unwrap();
    }

    #[test]
    fn a_ref_chain_that_closes_on_itself_is_refused_with_its_place() {
        let error = select_a(&json!({
            "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" },
        }))
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Reference);
        assert!(error.to_string().contains("circle"), "{error}");
    }

    #[test]
    fn a_schema_that_is_composed_of_itself_is_refused_before_the_generator_is_lost_in_it() {
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let error = select_a(&json!({
                "A": { keyword: [{ "type": "object" }, { "$ref": "#/components/schemas/B" }] },
                "B": { "allOf": [{ "oneOf": [{ "$ref": "#/components/schemas/A" }] }] },
            }))
            .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Reference);
            let circle = "leads in a circle: #/components/schemas/A -> #/components/schemas/B";
            assert!(error.to_string().contains(circle), "{error}");
        }
        select_a(&json!({ "A": { "allOf": [{ "properties": { "next": { "$ref": "#/components/schemas/A" } } }] } }))
            .unwrap();
    }

    #[test]
    fn an_all_of_that_takes_up_what_it_stands_in_is_refused() {
        let merged = |name: &str| json!({ "allOf": [{ "$ref": format!("#/components/schemas/{name}") }, { "required": ["q"] }] });
        let error = select_a(&json!({ "A": { "properties": { "next": merged("B") } }, "B": { "$ref": "#/components/schemas/A" } }))
            .unwrap_err();
        assert!(error.to_string().contains("without end"), "{error}");
        // A child of a parent that lists its children is not a cycle.
        select_a(&json!({
            "A": merged("Parent"),
            "Parent": { "properties": { "children": { "items": { "$ref": "#/components/schemas/A" } } } },
        }))
        .unwrap();
    }

    #[test]
    fn a_reached_ref_that_leads_nowhere_is_refused_with_its_place() {
        let error =
            select_a(&json!({ "A": { "properties": { "b": { "$ref": "#/components/schemas/Gone" } } } }))
                .unwrap_err();
        assert_eq!(error.place(), "d.json#/components/schemas/A/properties/b");
        let error = select_a(&json!({ "A": { "$ref": "other.json#/A" } })).unwrap_err();
        assert!(error.to_string().contains("out of the document"), "{error}");
    }

    #[test]
    fn another_format_is_named_before_its_operations_are_missed() {
        for (document, says) in [
            (r#"{"swagger": "2.0"}"#, "Swagger"),
            ("{}", "not an OpenAPI document"),
            (r#"{"openapi": 3}"#, "not an OpenAPI document"),
        ] {
            let source = Source::from_bytes("d.json", document.as_bytes().to_vec()).unwrap();
            let error = select(&source, &pin("GET", "/a")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotOpenApi);
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn a_missing_operation_is_refused_with_its_line_in_the_pin() {
        for (method, path) in [("DELETE", "/a"), ("GET", "/c"), ("PARAMETERS", "/a")] {
            let error = select(&source(&json!({})), &pin(method, path)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MissingOperation);
            assert_eq!(error.place(), "pin.toml:6");
        }
    }
}
