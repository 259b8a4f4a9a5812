//! Finds types that the generator used for two different schemas, because both would have the same name.
//!
//! An inline schema has no name in the document, so the generator derives one from its place. If a type with that name
//! already exists, the generator uses it without comparing the schemas. The resulting code compiles, but reads another
//! type.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::{Map, Value};
use syn::{Fields, ImplItem, Item};

use crate::collisions::place;
use crate::names::{NameProblem, type_name};
use crate::prepare::PreparedOperation;
use crate::reference::pointer_of;
use openapi_document::pointer::escape;

/// Checks code that was generated from a document described by its places. Refuses it if a schema is represented by the
/// type of another place whose schema differs.
///
/// # Errors
/// When there is such a type. The error has both places.
pub(crate) fn check(document: &Value, items: &[Item]) -> Result<(), NameProblem> {
    for item in items {
        if let Item::Mod(module) = item {
            let content = module.content.as_ref().map(|(_, content)| content.as_slice());
            check(document, content.unwrap_or_default())?;
        }
    }
    let places = places_of(items);
    let holds = |fields: &Fields, of: Option<&str>| {
        for field in fields {
            // A `$ref` has no description of its own, so its type may come from any part of the whole.
            let own = place(&field.attrs);
            let own = own.as_deref().map(|own| (own, Part::Itself));
            let Some((at, part)) = own.or(of.map(|of| (of, Part::Any))) else {
                continue;
            };
            for name in names(field.ty.to_token_stream()) {
                if let Some(from) = places.get(&name)
                    && !is_of(document, (at, part), from)
                {
                    return Err(NameProblem::Twice {
                        what: "type",
                        name,
                        first: Some(from.clone()),
                        second: Some(at.to_owned()),
                    });
                }
            }
        }
        Ok(())
    };
    for item in items {
        match item {
            Item::Struct(item) => holds(&item.fields, place(&item.attrs).as_deref())?,
            Item::Enum(item) => {
                let whole = place(&item.attrs);
                for variant in &item.variants {
                    holds(
                        &variant.fields,
                        place(&variant.attrs).or(whole.clone()).as_deref(),
                    )?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The place from which each type was generated.
fn places_of(items: &[Item]) -> BTreeMap<String, String> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some((item.ident.to_string(), place(&item.attrs)?)),
            Item::Enum(item) => Some((item.ident.to_string(), place(&item.attrs)?)),
            _ => None,
        })
        .collect()
}

/// Makes the same check for the inline schemas of operations' requests and responses, whose types are named after the
/// operation.
///
/// # Errors
/// When a schema is represented by the type of another place whose schema differs. The error has both places.
pub(crate) fn check_operations(
    document: &Value,
    operations: &[PreparedOperation],
    items: &[Item],
) -> Result<(), NameProblem> {
    let types = items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let places = places_of(types.map(|(_, content)| content.as_slice()).unwrap_or_default());
    let mentioned = signatures(items);
    for operation in operations {
        for (hint, at) in inline_schemas(document, operation) {
            let title = document
                .pointer(&at)
                .and_then(|schema| schema.get("title")?.as_str());
            let name = type_name(title.unwrap_or(&hint));
            if let Some(from) = places.get(&name)
                && mentioned.contains(&name)
                && !is_of(document, (&at, Part::Itself), from)
            {
                return Err(NameProblem::Twice {
                    what: "type",
                    name,
                    first: Some(from.clone()),
                    second: Some(at),
                });
            }
        }
    }
    Ok(())
}

/// The identifiers in the signatures of methods.
fn signatures(items: &[Item]) -> BTreeSet<String> {
    let methods = items.iter().filter_map(|item| match item {
        Item::Impl(item) => Some(&item.items),
        _ => None,
    });
    let signatures = methods.flatten().filter_map(|member| match member {
        ImplItem::Fn(method) => Some(names(method.sig.to_token_stream())),
        _ => None,
    });
    signatures.flatten().collect()
}

/// The places of an operation's inline schemas, with the names that the generator derives for them.
fn inline_schemas(document: &Value, operation: &PreparedOperation) -> Vec<(String, String)> {
    let item = format!("/paths/{}", escape(&operation.path));
    let place = format!("{item}/{}", operation.method.to_ascii_lowercase());
    // Follow the `$ref` of a parameter or a body.
    let behind = |place: String| {
        let reference = document
            .pointer(&place)
            .and_then(|value| value.get("$ref")?.as_str());
        reference.and_then(pointer_of).unwrap_or(place)
    };
    let mut found = Vec::new();
    let mut content = |hint: &str, holder: &str| {
        let media = document
            .pointer(&format!("{holder}/content"))
            .and_then(Value::as_object);
        for media_type in media.into_iter().flat_map(Map::keys) {
            found.push((
                format!("{}-{hint}", operation.name),
                format!("{holder}/content/{}/schema", escape(media_type)),
            ));
        }
    };
    content("body", &behind(format!("{place}/requestBody")));
    let responses = document
        .pointer(&format!("{place}/responses"))
        .and_then(Value::as_object);
    for status in responses.into_iter().flat_map(Map::keys) {
        content("response", &format!("{place}/responses/{}", escape(status)));
    }
    for holder in [&item, &place] {
        let list = document
            .pointer(&format!("{holder}/parameters"))
            .and_then(Value::as_array);
        for index in 0..list.map_or(0, Vec::len) {
            let parameter = behind(format!("{holder}/parameters/{index}"));
            let name = document
                .pointer(&parameter)
                .and_then(|value| value.get("name")?.as_str());
            found.push((
                format!("{}-{}", operation.name, name.unwrap_or_default()),
                format!("{parameter}/schema"),
            ));
        }
    }
    found.retain(|(_, at)| {
        document
            .pointer(at)
            .is_some_and(|schema| schema.get("$ref").is_none())
    });
    found
}

/// The identifiers in a type.
fn names(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) => vec![ident.to_string()],
            TokenTree::Group(group) => names(group.stream()),
            _ => Vec::new(),
        })
        .collect()
}

/// The part of the schema at a place from which a type may come.
#[derive(Clone, Copy)]
enum Part {
    /// The schema itself and the schemas of which it is composed.
    Itself,
    /// Any schema inside it.
    Any,
}

/// Keywords for the schemas of which a schema is composed, and for those of its items and values.
const TAKEN_UP: [&str; 6] = ["allOf", "anyOf", "oneOf", "not", "items", "additionalProperties"];

/// Whether the type from the place `from` may represent a schema at the place `at`. This holds if `from` is part of the
/// schema, or is the target of a `$ref` of which the schema is composed, or if one of those schemas is equal to it.
fn is_of(document: &Value, (at, part): (&str, Part), from: &str) -> bool {
    let within = |whole: &str| {
        from.strip_prefix(whole)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within(at) {
        return true;
    }
    let (Some(here), Some(there)) = (document.pointer(at), document.pointer(from)) else {
        // The place was invented by the generator, for example for a merged schema.
        return true;
    };
    let there = without_prose(there);
    let mut seen = BTreeSet::new();
    let mut open = vec![here];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str).and_then(pointer_of) {
                    if within(&reference) {
                        return true;
                    }
                    if seen.insert(reference.clone()) {
                        open.extend(document.pointer(&reference));
                    }
                }
                if without_prose(value) == there {
                    return true;
                }
                match part {
                    // The schemas of properties have types of their own.
                    Part::Itself => open.extend(TAKEN_UP.iter().filter_map(|key| map.get(*key))),
                    Part::Any => open.extend(map.values()),
                }
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

/// Removes the parts of a schema on which no type depends.
fn without_prose(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, value)| {
                !(matches!(key.as_str(), "description" | "title" | "example")
                    && (value.is_string() || *key == "example"))
            })
            .map(|(key, value)| (key.clone(), without_prose(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_prose).collect(),
        other => other.clone(),
    }
}
