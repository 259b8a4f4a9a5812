//! Passes that give leaves a Rust type of their own.
//!
//! A leaf becomes a `$ref` to a component that `generate` replaces by a named Rust type.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Draft, OpenEnum, schemas};
use crate::pointer::component;
use crate::{Error, ErrorKind};

/// Opens every string enum that an answer reaches. An enum that is only sent stays closed: there the
/// compiler should know every value.
pub(super) fn open_enums(draft: &mut Draft<'_>) -> Result<(), Error> {
    let answered = answered_schemas(draft);
    let names = draft.pin.enum_names().clone();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<OpenEnum> = Vec::new();
    let taken: BTreeSet<String> = schemas_of(&draft.document).keys().cloned().collect();

    let mut opened = Map::new();
    let mut add = |key: &str, schema: &Value| -> Result<Option<String>, Error> {
        let Some(values) = string_values(schema) else {
            return Ok(None);
        };
        let wanted = names.get(key).cloned();
        if wanted.is_some() {
            used.insert(key.to_owned());
        }
        let mut name = wanted.clone().unwrap_or_else(|| pascal(key));
        // An enum that is a component of its own keeps its name.
        while wanted.is_none() && key != name && taken.contains(&name) {
            name.push_str("Value");
        }
        let description = schema["description"].as_str().unwrap_or_default().to_owned();
        if let Some(twin) = open.iter_mut().find(|other| other.name == name) {
            // Places that share a name share the type: the union of their values.
            twin.values.extend(
                values
                    .into_iter()
                    .filter(|value| !twin.values.contains(value))
                    .collect::<Vec<_>>(),
            );
        } else {
            open.push(OpenEnum {
                name: name.clone(),
                description,
                values,
            });
        }
        opened.insert(name.clone(), json!({ "type": "string" }));
        Ok(Some(name))
    };

    let mut failed = Ok(());
    for (name, schema) in schemas_mut(&mut draft.document).into_iter().flatten() {
        if !answered.contains(name) {
            continue;
        }
        // The component itself, its properties, and whatever stands inline in them.
        if let Some(component) = add(name, schema)? {
            if component != *name {
                *schema = reference(&component);
            }
            continue;
        }
        each_leaf(schema, name, &mut |key, leaf| match add(key, leaf) {
            Ok(Some(component)) => *leaf = reference(&component),
            Ok(None) => {}
            Err(error) => failed = Err(error),
        });
    }
    failed?;
    if let Some(name) = names
        .keys()
        .find(|key| !used.contains(*key))
        .filter(|_| is_pinned(draft))
    {
        return Err(unknown_leaf(draft, name, "enum-names"));
    }
    open.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(all) = schemas_mut(&mut draft.document) {
        all.extend(opened);
    } else if !opened.is_empty() {
        draft.document["components"]["schemas"] = Value::Object(opened);
    }
    draft.open_enums = open;
    Ok(())
}

/// Gives the properties that the pin names their Rust type.
pub(super) fn domain_types(draft: &mut Draft<'_>) -> Result<(), Error> {
    let pinned = is_pinned(draft);
    for (key, name) in draft.pin.domain_types() {
        let leaf = key.split_once('.').and_then(|(schema, property)| {
            schemas_mut(&mut draft.document)?
                .get_mut(schema)?
                .get_mut("properties")?
                .get_mut(property)
        });
        match leaf {
            Some(leaf) if leaf["type"] == "string" => *leaf = reference(name),
            _ if pinned => return Err(unknown_leaf(draft, key, "domain-types")),
            _ => continue,
        }
        if !draft.domain_types.contains(name) {
            let all = schemas_mut(&mut draft.document).expect("the leaf was found in there");
            if all.insert(name.clone(), json!({ "type": "string" })).is_some() {
                return Err(Error::new(
                    ErrorKind::Pin,
                    draft.pin.origin(),
                    format!("[domain-types] calls {key:?} {name:?}, which is a schema of the document"),
                    "choose another name for the type",
                ));
            }
            draft.domain_types.push(name.clone());
        }
    }
    Ok(())
}

/// In the pinned document a leaf that is not there is a slip of the pin; another document may have lost it.
fn is_pinned(draft: &Draft<'_>) -> bool {
    draft.pin.verify(draft.source).is_ok()
}

fn unknown_leaf(draft: &Draft<'_>, key: &str, table: &str) -> Error {
    Error::new(
        ErrorKind::Pin,
        draft.pin.origin(),
        format!(
            "[{table}] names {key:?}, which {} does not have as such",
            draft.source.origin()
        ),
        "remove the entry, or correct it to `Schema.property`",
    )
}

/// The names of the schemas that answers of the operations reach.
fn answered_schemas(draft: &mut Draft<'_>) -> BTreeSet<String> {
    let mut queue = Vec::new();
    draft.each_operation(|operation| {
        if let Some(responses) = operation.get_mut("responses") {
            schemas::walk(responses, &mut |schema| queue.extend(target(schema)));
        }
    });
    let mut reached = BTreeSet::new();
    while let Some(name) = queue.pop() {
        let schema = schemas_of(&draft.document).get(&name).cloned();
        if reached.insert(name)
            && let Some(mut schema) = schema
        {
            schemas::walk_schema(&mut schema, &mut |inner| queue.extend(target(inner)));
        }
    }
    reached
}

fn target(schema: &Value) -> Option<String> {
    let (kind, name) = component(schema.get("$ref")?.as_str()?)?;
    (kind == "schemas").then_some(name)
}

fn schemas_of(document: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .unwrap_or(&NONE)
}

fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas")?.as_object_mut()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn string_values(schema: &Value) -> Option<Vec<String>> {
    if schema.get("type").is_some_and(|kind| kind != "string") {
        return None;
    }
    let values = schema.get("enum")?.as_array()?;
    values
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// Visits the schemas inside a schema with the key `Schema.property` that leads to each; a list's items
/// and a map's values go by the key of what holds them.
fn each_leaf(schema: &mut Value, key: &str, visit: &mut impl FnMut(&str, &mut Value)) {
    let Some(map) = schema.as_object_mut() else { return };
    for (name, property) in map
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        let key = format!("{key}.{name}");
        visit(&key, property);
        each_leaf(property, &key, visit);
    }
    for holder in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(holder) {
            visit(key, inner);
            each_leaf(inner, key, visit);
        }
    }
    for list in ["allOf", "anyOf", "oneOf"] {
        for inner in map
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            each_leaf(inner, key, visit);
        }
    }
}

/// `BankAccount.linkStatus` as the name of a type: `BankAccountLinkStatus`.
fn pascal(key: &str) -> String {
    let mut name = String::new();
    let mut upper = true;
    for c in key.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        } else {
            upper = true;
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert(0, 'V');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::super::testing::{GET_A, run};
    use super::*;

    fn document() -> Value {
        json!({
            "paths": { "/a": { "get": {
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Sent" } } } },
                "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } } },
            } } },
            "components": { "schemas": {
                "A": { "type": "object", "properties": {
                    "id": { "type": "string" },
                    "kind": { "type": "string", "enum": ["x", "y"] },
                    "tags": { "type": "array", "items": { "type": "string", "enum": ["t"] } },
                    "inner": { "$ref": "#/components/schemas/Inner" },
                    "count": { "type": "integer", "enum": [1, 2] },
                } },
                "Inner": { "type": "string", "enum": ["i"] },
                "Sent": { "type": "object", "properties": { "kind": { "type": "string", "enum": ["s"] } } },
            } },
        })
    }

    #[test]
    fn enums_of_answers_are_opened_and_those_of_requests_stay_closed() {
        let (left, open) = run("open-enums", &document(), GET_A).unwrap();
        let names: Vec<_> = open.iter().map(|open| open.name.as_str()).collect();
        assert_eq!(names, ["AKind", "ATags", "Inner"]);
        assert_eq!(open[0].values, ["x", "y"]);
        let all = &left["components"]["schemas"];
        assert_eq!(all["A"]["properties"]["kind"], reference("AKind"));
        assert_eq!(all["A"]["properties"]["tags"]["items"], reference("ATags"));
        assert_eq!(all["Inner"], json!({ "type": "string" }));
        assert!(all["Sent"]["properties"]["kind"].get("enum").is_some());
        assert!(all["A"]["properties"]["count"].get("enum").is_some());
    }

    #[test]
    fn places_that_share_a_name_share_an_enum_with_all_their_values() {
        let pin = format!("{GET_A}[enum-names]\n\"A.kind\" = \"Word\"\n\"A.tags\" = \"Word\"\n");
        let (_, open) = run("open-enums", &document(), &pin).unwrap();
        let word = open.iter().find(|open| open.name == "Word").unwrap();
        assert_eq!(word.values, ["x", "y", "t"]);
    }

    #[test]
    fn a_named_leaf_refers_to_its_type() {
        let pin = format!("{GET_A}[domain-types]\n\"A.id\" = \"AId\"\n");
        let (left, _) = run("domain-types", &document(), &pin).unwrap();
        assert_eq!(
            left["components"]["schemas"]["A"]["properties"]["id"],
            reference("AId")
        );
    }

    #[test]
    fn an_entry_of_the_pin_that_the_document_lacks_is_refused() {
        for entry in [
            "\"A.nope\" = \"AId\"",
            "\"id\" = \"AId\"",
            "\"A.count\" = \"AId\"",
            "\"A.id\" = \"Inner\"",
        ] {
            let error = run(
                "domain-types",
                &document(),
                &format!("{GET_A}[domain-types]\n{entry}\n"),
            )
            .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Pin, "{error}");
        }
        let error = run(
            "open-enums",
            &document(),
            &format!("{GET_A}[enum-names]\n\"A.id\" = \"AId\"\n"),
        )
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Pin, "{error}");
    }
}
