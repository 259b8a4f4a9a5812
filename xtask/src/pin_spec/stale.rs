//! Entries of `pin.toml` whose place the new document does not have, each with its line.

use std::collections::BTreeMap;
use std::path::Path;

use openapi_document::Node;
use openapi_drift::Document;
use ratio_spec::Pin;
use serde::Deserialize;
use toml::Spanned;

use super::operations;
use crate::check_spec::{nameless, shown};

/// Describes each stale entry and its remedy, in the order of the file.
pub(super) fn entries(document: &Document, pin: &Pin, path: &Path) -> Vec<String> {
    let mut stale = vanished_operations(document, pin);
    stale.extend(vanished_properties(document, pin));
    stale.sort();
    let told = stale
        .into_iter()
        .map(|(line, what)| format!("{}:{line}: {what}", shown(path)));
    told.collect()
}

fn vanished_operations(document: &Document, pin: &Pin) -> Vec<(usize, String)> {
    let has = operations(document);
    let mut stale = Vec::new();
    for wanted in pin.operations() {
        let is = |(method, path): &&(String, String)| *method == wanted.method && *path == wanted.path;
        if has.iter().any(|it| is(&it)) {
            continue;
        }
        // A path with renamed parameters only has to be rewritten, not removed.
        let renamed = has
            .iter()
            .find(|(method, path)| *method == wanted.method && nameless(path) == nameless(&wanted.path));
        let operation = format!("{} {}", wanted.method, wanted.path);
        let what = match renamed {
            Some((_, path)) => format!("{operation} is now written {path}"),
            None => format!("{operation} is gone: remove the entry `{}`", wanted.name),
        };
        stale.push((wanted.line, what));
    }
    stale
}

/// The tables whose keys are places of the document, `Schema.property`.
#[derive(Default, Deserialize)]
struct Tables {
    #[serde(default, rename = "domain-types")]
    domain_types: BTreeMap<Spanned<String>, toml::Value>,
    #[serde(default, rename = "enum-names")]
    enum_names: BTreeMap<Spanned<String>, toml::Value>,
}

fn vanished_properties(document: &Document, pin: &Pin) -> Vec<(usize, String)> {
    // The pin was parsed before, so its text is valid TOML.
    let tables: Tables = toml::from_str(pin.text()).unwrap_or_default();
    let line = |offset: usize| pin.text()[..offset].matches('\n').count() + 1;
    // If the schemas are not an object, a later step reports the document as broken.
    let schemas = document
        .root()
        .pointer("/components/schemas")
        .filter(|it| it.is_object());
    if schemas.is_none() {
        return Vec::new();
    }
    let property = |key: &str| {
        let (schema, property) = key.split_once('.')?;
        schemas?.get(schema)?.get("properties")?.get(property)
    };
    let mut stale = Vec::new();
    for (table, keys, fits, kind) in [
        (
            "domain-types",
            tables.domain_types.keys(),
            is_text as fn(Node<'_>) -> bool,
            "a text",
        ),
        ("enum-names", tables.enum_names.keys(), may_be_enum, "an enum"),
    ] {
        for key in keys {
            let name = key.get_ref();
            let what = match property(name) {
                None => "is gone",
                Some(found) if fits(found) => continue,
                Some(_) => "is no longer",
            };
            let kind = if what == "is gone" {
                String::new()
            } else {
                format!(" {kind}")
            };
            let what = format!("`{name}` {what}{kind}: remove it from [{table}], or name its new place");
            stale.push((line(key.span().start), what));
        }
    }
    stale
}

fn is_text(property: Node<'_>) -> bool {
    property.text("type") == Some("string")
}

/// Whether the values of a property or of its items may be an enum, either directly or through a reference or
/// composition.
fn may_be_enum(property: Node<'_>) -> bool {
    let refers = |node: Node<'_>| {
        ["enum", "$ref", "allOf", "anyOf", "oneOf"]
            .iter()
            .any(|key| node.get(key).is_some())
    };
    refers(property) || property.get("items").is_some_and(refers)
}
