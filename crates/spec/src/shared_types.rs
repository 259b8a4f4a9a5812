//! Types that the generator took for two different schemas, since both would have been called the same.
//!
//! An inline schema has no name in the document. The generator makes one of the place, and where a type of that name is
//! there already, it uses that one without a look at what it holds: code that compiles, and reads another thing.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;
use syn::{Fields, Item};

use crate::collisions::place;
use crate::names::NameProblem;
use crate::pointer::pointer_of;

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
    let places: BTreeMap<String, String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some((item.ident.to_string(), place(&item.attrs)?)),
            Item::Enum(item) => Some((item.ident.to_string(), place(&item.attrs)?)),
            _ => None,
        })
        .collect();
    let holds = |fields: &Fields, of: Option<&str>| {
        for field in fields {
            let own = place(&field.attrs);
            let Some(at) = own.as_deref().or(of) else { continue };
            for name in names(field.ty.to_token_stream()) {
                if let Some(from) = places.get(&name)
                    && !is_of(document, at, from)
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

/// Whether the type from the place `from` may stand for a schema at the place `at`: it is a part of it, it is what a
/// `$ref` in there leads to, or a schema in there says the same.
fn is_of(document: &Value, at: &str, from: &str) -> bool {
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
                open.extend(map.values());
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
