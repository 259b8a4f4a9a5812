//! One operation of a document with everything that it refers to. Edits are compared in it, so that thousands of them
//! take minutes.

use openapi_document::pointer;
use openapi_document::{Kind, Node};
use openapi_drift::Document;
use serde_json::{Map, Value, json};

/// Converts a node to a value.
pub(crate) fn value(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => value.into(),
        Kind::Number(number) => {
            let whole = || {
                let unsigned = number.as_u64().map(Value::from);
                unsigned.or_else(|| number.as_i64().map(Value::from))
            };
            let whole = number.is_written_as_integer().then(whole).flatten();
            whole.unwrap_or_else(|| number.as_f64().into())
        }
        Kind::String(text) => text.into(),
        Kind::Array(items) => items.map(value).collect(),
        Kind::Object(members) => members.map(|(key, node)| (key, value(node))).collect(),
    }
}

/// The source of an excerpt: an operation, by its group, its path and its method.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    group: &'static str,
    path: String,
    method: String,
}

/// The operations of a document's paths and webhooks.
pub(crate) fn sources(document: &Value) -> Vec<Source> {
    let mut found = Vec::new();
    for group in ["paths", "webhooks"] {
        for (path, item) in document
            .get(group)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let methods = item.as_object().into_iter().flatten().map(|(key, _)| key);
            let methods = methods.filter(|it| openapi_document::view::METHODS.contains(&it.as_str()));
            found.extend(methods.map(|method| Source {
                group,
                path: path.clone(),
                method: method.clone(),
            }));
        }
    }
    found
}

/// The document with one operation only; `None` if the operation depends on parts that an excerpt does not contain.
pub(crate) fn excerpt(document: &Value, source: &Source) -> Option<Value> {
    let item = document.get(source.group)?.get(&source.path)?.as_object()?;
    let of_other_methods = |key: &str| key != source.method && openapi_document::view::METHODS.contains(&key);
    let item: Map<_, _> = item
        .iter()
        .filter(|(key, _)| !of_other_methods(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut kept = Map::new();
    for key in ["openapi", "jsonSchemaDialect", "info", "servers", "security"] {
        if let Some(value) = document.get(key) {
            kept.insert(key.to_owned(), value.clone());
        }
    }
    kept.insert("paths".to_owned(), json!({}));
    let mut left = vec![Value::Object(item.clone())];
    kept.insert(source.group.to_owned(), json!({ source.path.as_str(): item }));
    let mut components = Map::new();
    if let Some(schemes) = document.pointer("/components/securitySchemes") {
        components.insert("securitySchemes".to_owned(), schemes.clone());
    }
    while let Some(value) = left.pop() {
        let mut references = Vec::new();
        collect(&value, &mut references);
        for reference in references {
            let mut steps = pointer::steps(reference.strip_prefix('#')?)?;
            let (Some(group), Some(kind), Some(name)) = (steps.next(), steps.next(), steps.next()) else {
                return None;
            };
            if group != "components" {
                return None;
            }
            let kept = components
                .entry(kind.as_ref())
                .or_insert_with(|| json!({}))
                .as_object_mut()?;
            if !kept.contains_key(name.as_ref()) {
                let component = document
                    .get("components")?
                    .get(kind.as_ref())?
                    .get(name.as_ref())?;
                kept.insert(name.into_owned(), component.clone());
                left.push(component.clone());
            }
        }
    }
    kept.insert("components".to_owned(), components.into());
    let excerpt = Value::Object(kept);
    Document::read(excerpt.to_string()).ok().map(|_| excerpt)
}

/// Collects every reference in a value, including those of discriminators.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value) {
                    ("$ref", Value::String(reference)) => found.push(reference.clone()),
                    ("mapping", Value::Object(mapping)) => {
                        for target in mapping.values().filter_map(Value::as_str) {
                            let is_pointer = target.starts_with('#');
                            found.push(if is_pointer {
                                target.to_owned()
                            } else {
                                format!("#{}", pointer::join("/components/schemas", target))
                            });
                        }
                    }
                    ("example" | "examples", _) => {}
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
        _ => {}
    }
}
