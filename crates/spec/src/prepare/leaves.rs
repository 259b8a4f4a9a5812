//! Passes that give leaves their own Rust type.
//!
//! A leaf is replaced with a `$ref` to a component, which `generate` replaces with a named Rust type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::operations::operation_place;
use super::{Draft, OpenEnum, schemas};
use crate::names::type_name;
use crate::reference::component;
use crate::{Error, ErrorKind, Pin};
use openapi_document::pointer::escape;
use openapi_document::{Holds, Part};

/// Opens every string enum that a response reaches. An enum that is only sent stays closed, so that the compiler knows
/// every value.
pub(super) fn open_enums(draft: &mut Draft<'_>) -> Result<(), Error> {
    let answered = answered_schemas(draft);
    let mut names = EnumNames::new(draft, &answered);
    let mut open: Vec<OpenEnum> = Vec::new();
    let mut opened = Map::new();
    let mut add = |key: &str, place: &str, schema: &mut Value| -> Result<(), Error> {
        let Some(values) = string_values(schema) else {
            return Ok(());
        };
        let is_nullable = is_nullable(schema);
        let is_own = place == schema_place(key) && !is_nullable;
        let name = names.choose(key, place, is_own)?;
        let description = schema["description"].as_str().unwrap_or_default().to_owned();
        if let Some(twin) = open.iter_mut().find(|other| other.name == name) {
            // Places with the same name share one type with the union of their values.
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
        let text = json!({ "type": "string" });
        // A component whose type has the wanted name already is opened in its place.
        *schema = if is_own && type_name(key) == name {
            text
        } else {
            let opened_as = reference(&name);
            opened.insert(name, text);
            if is_nullable {
                json!({ "nullable": true, "allOf": [opened_as] })
            } else {
                opened_as
            }
        };
        Ok(())
    };

    let mut failed = Ok(());
    // A schema itself, its properties, and all inline schemas in them.
    let mut open_all = |key: &str, place: &str, schema: &mut Value| {
        let mut visit = |key: &str, place: &str, leaf: &mut Value| {
            if let Err(error) = add(key, place, leaf) {
                failed = Err(error);
            }
        };
        visit(key, place, schema);
        each_leaf(schema, key, place, &mut visit);
    };
    for (name, schema) in schemas_mut(&mut draft.document).into_iter().flatten() {
        if answered.contains(name) {
            open_all(name, &schema_place(name), schema);
        }
    }
    for operation in draft.pin.operations() {
        let place = operation_place(operation);
        each_answer(&mut draft.document, &place, |place, schema| {
            open_all(&operation.name, place, schema);
        });
    }
    failed?;
    if let Some(key) = names.unused().filter(|_| is_pinned(draft)) {
        return Err(unknown_leaf(draft, key, "enum-names"));
    }
    draft.added.extend(names.places());
    open.sort_by(|a, b| a.name.cmp(&b.name));
    let components = draft.document.as_object_mut().filter(|_| !opened.is_empty());
    let components = components.map(|document| document.entry("components").or_insert(json!({})));
    let components = components.and_then(Value::as_object_mut);
    let schemas = components.map(|components| components.entry("schemas").or_insert(json!({})));
    if let Some(all) = schemas.and_then(Value::as_object_mut) {
        all.append(&mut opened);
    }
    draft.open_enums = open;
    Ok(())
}

/// The names of open enums: from the pin, else derived from their place. Different places have different names.
struct EnumNames<'a> {
    pin: &'a Pin,
    used: BTreeSet<String>,
    /// The schemas of the document by type name, and whether they are opened themselves.
    taken: BTreeMap<String, Vec<(String, bool)>>,
    /// The key and the place for which each name is used.
    given: BTreeMap<String, (String, String)>,
}

impl<'a> EnumNames<'a> {
    fn new(draft: &Draft<'a>, answered: &BTreeSet<String>) -> Self {
        let mut taken: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for (name, schema) in schemas_of(&draft.document) {
            let is_enum = string_values(schema).is_some() && !is_nullable(schema);
            let opens = answered.contains(name) && is_enum;
            taken
                .entry(type_name(name))
                .or_default()
                .push((name.clone(), opens));
        }
        Self {
            pin: draft.pin,
            used: BTreeSet::new(),
            taken,
            given: BTreeMap::new(),
        }
    }

    /// Chooses the name for the enum with the key `Schema.property`. If `is_own`, the type of the component with this key
    /// becomes the enum, so its name is free.
    fn choose(&mut self, key: &str, place: &str, is_own: bool) -> Result<String, Error> {
        let pinned = self.pin.enum_names();
        let own = is_own.then_some(key);
        let name = if let Some(wanted) = pinned.get(key) {
            self.used.insert(key.to_owned());
            if let Some((other, _)) = self.others(own, &type_name(wanted)).find(|(_, opens)| !opens) {
                return Err(is_a_schema(
                    self.pin,
                    "enum-names",
                    key,
                    wanted,
                    &schema_place(other),
                ));
            }
            wanted.clone()
        } else {
            let mut name = type_name(key);
            while self.others(own, &name).next().is_some()
                || pinned.values().any(|pinned| *pinned == name)
                || self.given.get(&name).is_some_and(|(owner, _)| owner != key)
            {
                name.push_str("Value");
            }
            name
        };
        self.given
            .insert(name.clone(), (key.to_owned(), place.to_owned()));
        Ok(name)
    }

    /// The schemas with this type name, except `own`.
    fn others<'s>(
        &'s self,
        own: Option<&'s str>,
        name: &str,
    ) -> impl Iterator<Item = &'s (String, bool)> + use<'s, 'a> {
        let of_that_name = self.taken.get(name).into_iter().flatten();
        of_that_name.filter(move |(other, _)| own != Some(other))
    }

    /// A key in the pin that the document does not have.
    fn unused(&self) -> Option<&'a str> {
        let mut keys = self.pin.enum_names().keys();
        keys.find(|key| !self.used.contains(*key)).map(String::as_str)
    }

    /// The names with their places.
    fn places(self) -> impl Iterator<Item = (String, String)> {
        self.given.into_iter().map(|(name, (_, place))| (name, place))
    }
}

/// Gives the properties in the pin their Rust type.
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
                return Err(is_a_schema(
                    draft.pin,
                    "domain-types",
                    key,
                    name,
                    &schema_place(name),
                ));
            }
            let (schema, property) = key.split_once('.').unwrap_or_default();
            let place = format!("{}/properties/{}", schema_place(schema), escape(property));
            draft.added.insert(name.clone(), place);
            draft.domain_types.push(name.clone());
        }
    }
    Ok(())
}

fn is_a_schema(pin: &Pin, table: &str, key: &str, name: &str, place: &str) -> Error {
    Error::new(
        ErrorKind::Pin,
        pin.origin(),
        format!("[{table}] calls {key:?} {name:?}, which is what #{place} is called in Rust"),
        "choose another name for the type",
    )
}

/// Whether the document is the pinned one. A leaf that is missing there is a mistake in the pin; another document may
/// have removed it.
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

/// The names of the schemas that the operations' responses reach.
fn answered_schemas(draft: &mut Draft<'_>) -> BTreeSet<String> {
    let mut queue = Vec::new();
    draft.each_operation(|operation| {
        if let Some(responses) = operation.get_mut("responses") {
            let holds = Holds::Map(Part::Response);
            schemas::walk(responses, holds, "", &mut |_, schema| {
                queue.extend(target(schema));
            });
        }
    });
    let mut reached = BTreeSet::new();
    while let Some(name) = queue.pop() {
        let schema = schemas_of(&draft.document).get(&name).cloned();
        if reached.insert(name)
            && let Some(mut schema) = schema
        {
            let holds = Holds::One(Part::Schema);
            schemas::walk(&mut schema, holds, "", &mut |_, inner| {
                queue.extend(target(inner));
            });
        }
    }
    reached
}

/// Visits the schema of each response of the operation at a JSON pointer.
fn each_answer(document: &mut Value, at: &str, mut visit: impl FnMut(&str, &mut Value)) {
    let responses = document
        .pointer_mut(at)
        .and_then(|operation| operation.get_mut("responses"));
    for (status, response) in responses.and_then(Value::as_object_mut).into_iter().flatten() {
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        for (media, body) in content.into_iter().flatten() {
            if let Some(schema) = body.get_mut("schema") {
                visit(
                    &format!("{at}/responses/{status}/content/{}/schema", escape(media)),
                    schema,
                );
            }
        }
    }
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

fn schema_place(name: &str) -> String {
    format!("/components/schemas/{}", escape(name))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The values of an enum of strings. `null` is one that a nullable enum lists besides.
///
/// Alternatives that are all strings are an enum of all their values: `oneOf` of constants, or `anyOf` of known values
/// and any string.
fn string_values(schema: &Value) -> Option<Vec<String>> {
    let is_string = |schema: &Value| schema.get("type").is_none_or(|kind| kind == "string");
    if !is_string(schema) {
        return None;
    }
    let mut values: Vec<String> = Vec::new();
    if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
        for value in listed.iter().filter(|value| !value.is_null()) {
            values.push(value.as_str()?.to_owned());
        }
    } else {
        for branch in alternatives(schema) {
            match string_values(branch) {
                Some(more) => values.extend(more),
                None if branch.get("type").is_some() && is_string(branch) => {}
                None => return None,
            }
        }
    }
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    (!values.is_empty()).then_some(values)
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["oneOf", "anyOf"].into_iter();
    lists.filter_map(|list| schema.get(list)?.as_array()).flatten()
}

fn is_nullable(schema: &Value) -> bool {
    schema["nullable"] == true || alternatives(schema).any(is_nullable)
}

/// Visits the schemas inside a schema with their keys `Schema.property` and their JSON pointers. The items of a list,
/// the values of a map, and alternatives have the key of their container.
fn each_leaf(schema: &mut Value, key: &str, at: &str, visit: &mut impl FnMut(&str, &str, &mut Value)) {
    let Some(map) = schema.as_object_mut() else { return };
    for (name, property) in map
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        let (key, at) = (
            format!("{key}.{name}"),
            format!("{at}/properties/{}", escape(name)),
        );
        visit(&key, &at, property);
        each_leaf(property, &key, &at, visit);
    }
    for holder in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(holder) {
            let at = format!("{at}/{holder}");
            visit(key, &at, inner);
            each_leaf(inner, key, &at, visit);
        }
    }
    for list in ["allOf", "anyOf", "oneOf"] {
        let branches = map.get_mut(list).and_then(Value::as_array_mut);
        for (index, inner) in branches.into_iter().flatten().enumerate() {
            let at = format!("{at}/{list}/{index}");
            visit(key, &at, inner);
            each_leaf(inner, key, &at, visit);
        }
    }
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
    fn an_enum_of_an_answer_is_opened_wherever_it_stands() {
        let [list, one, other] = ["l", "o", "p"].map(|value| json!({ "enum": [value] }));
        let nullable = json!({ "nullable": true, "enum": ["n", null] });
        let answer = json!({ "type": "object", "properties": {
            "inline": one, "texts": { "anyOf": [one, other, { "type": "string" }] }, "all": { "allOf": [one] }, "any": { "anyOf": [one, other, { "type": "integer" }] },
            "nulls": { "type": "array", "items": nullable }, "list": { "$ref": "#/components/schemas/List" },
            "null": { "$ref": "#/components/schemas/Null" }, "no": { "enum": [null] },
        } });
        let document = json!({
            "paths": { "/a": { "get": { "responses": {
                "200": { "content": { "application/json": { "schema": answer } } },
            } } } },
            "components": { "schemas": {
                "List": { "type": "array", "items": list },
                "Null": { "nullable": true, "enum": ["n"] },
            } },
        });
        let (left, open) = run("open-enums", &document, GET_A).unwrap();
        let open: Vec<_> = open
            .iter()
            .map(|open| (open.name.as_str(), &open.values[..]))
            .collect();
        let two = ["o".to_owned(), "p".to_owned()];
        let [list, one, null] = ["l", "o", "n"].map(|value| [value.to_owned()]);
        assert_eq!(
            open,
            [
                ("ListValue", &list[..]),
                ("NullValue", &null),
                ("ReadAAll", &one),
                ("ReadAAny", &two),
                ("ReadAInline", &one),
                ("ReadANulls", &null),
                ("ReadATexts", &two),
            ]
        );
        let answer = left
            .pointer("/paths/~1a/get/responses/200/content/application~1json/schema/properties")
            .unwrap();
        let or_null = |name: &str| json!({ "nullable": true, "allOf": [reference(name)] });
        assert_eq!(answer["inline"], reference("ReadAInline"));
        assert_eq!(answer["texts"], reference("ReadATexts"));
        assert_eq!(answer["all"]["allOf"][0], reference("ReadAAll"));
        assert_eq!(answer["any"]["anyOf"][1], reference("ReadAAny"));
        assert_eq!(answer["nulls"]["items"], or_null("ReadANulls"));
        let all = &left["components"]["schemas"];
        assert_eq!(all["List"]["items"], reference("ListValue"));
        assert_eq!(all["Null"], or_null("NullValue"));
    }

    #[test]
    fn a_document_without_components_may_have_an_enum_in_an_answer() {
        let schema = json!({ "properties": { "kind": { "enum": ["x"] } } });
        let document = json!({ "paths": { "/a": { "get": { "responses": {
            "200": { "content": { "application/json": { "schema": schema } } },
        } } } } });
        let (left, open) = run("open-enums", &document, GET_A).unwrap();
        assert_eq!(open[0].name, "ReadAKind");
        assert_eq!(
            left["components"]["schemas"]["ReadAKind"],
            json!({ "type": "string" })
        );
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
