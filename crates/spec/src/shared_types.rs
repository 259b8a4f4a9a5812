//! Types that the generator took for two different schemas, since both would have been called the same.
//!
//! An inline schema has no name in the document. The generator makes one of the place, and where a type of that name is
//! there already, it uses that one without a look at what it holds: code that compiles, and reads another thing.

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

/// Refuses code that was generated from a document described by its places, if a place of the document is served by the
/// type of another place whose schema differs.
///
/// # Errors
/// When there is such; with both places.
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
            // What is a `$ref` has no description of its own, and may be any part of the whole.
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

/// The place that each type comes from.
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

/// The same of what operations take and answer with inline: the generator calls the type after the operation.
///
/// # Errors
/// When a place is served by the type of another whose schema differs; with both places.
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

/// The places of an operation's inline schemas, with the names that the generator makes of them.
fn inline_schemas(document: &Value, operation: &PreparedOperation) -> Vec<(String, String)> {
    let item = format!("/paths/{}", escape(&operation.path));
    let place = format!("{item}/{}", operation.method.to_ascii_lowercase());
    // What stands behind the `$ref` of a parameter or a body.
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

/// The identifiers of a type.
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

/// How much of the schema at a place a type may come from.
#[derive(Clone, Copy)]
enum Part {
    /// The schema itself and what it is made of.
    Itself,
    /// Whatever stands in it.
    Any,
}

/// The keywords whose schemas stand for the schema itself, or for the items and values that it is a container of.
const TAKEN_UP: [&str; 6] = ["allOf", "anyOf", "oneOf", "not", "items", "additionalProperties"];

/// Whether the type from the place `from` may stand for a schema at the place `at`: it is a part of it, it is what a
/// `$ref` leads to that the schema is made of, or a schema that it is made of says the same.
fn is_of(document: &Value, (at, part): (&str, Part), from: &str) -> bool {
    let within = |whole: &str| {
        from.strip_prefix(whole)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within(at) {
        return true;
    }
    let (Some(here), Some(there)) = (document.pointer(at), document.pointer(from)) else {
        // A place of the generator's own, such as a schema that it merged.
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
                    // Whatever stands in a property has a type of its own.
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

/// A schema without what no type depends on.
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
