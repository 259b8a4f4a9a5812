//! Random small documents: one operation with a value in most parts of its messages, and a revision of one part.

use serde_json::{Value, json};

/// A document, and a revision in which one part differs.
pub(super) fn pair(random: &mut fastrand::Rng) -> (Value, Value) {
    let version = if random.bool() { "3.0.3" } else { "3.1.0" };
    let base = operation(random, version);
    let other = operation(random, version);
    let mut revision = base.clone();
    let part = random
        .choice(["parameters", "requestBody", "responses"])
        .unwrap_or("responses");
    match random.u8(..4) {
        0 if part == "parameters" => {
            let index = random.usize(..4);
            revision[part][index] = other[part][index].clone();
        }
        0 => revision[part] = other[part].clone(),
        _ => nudge(random, version, &mut revision[part]),
    }
    let document = |operation: Value| {
        json!({
            "openapi": version, "info": {"title": "t", "version": "1"}, "paths": {"/x/{p}": {"post": operation}}
        })
    };
    (document(base), document(revision))
}

/// Changes one schema slightly: removes a keyword, or replaces the schema by a scalar.
fn nudge(random: &mut fastrand::Rng, version: &str, part: &mut Value) {
    let mut places = Vec::new();
    schemas(part, &mut String::new(), &mut places);
    let Some(place) = random.choice(places) else {
        return;
    };
    let other = scalar(random, version);
    let Some(schema) = part.pointer_mut(&place) else {
        return;
    };
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    let droppable: Vec<String> = members
        .keys()
        .filter(|key| !["type", "properties", "items", "oneOf", "anyOf", "allOf"].contains(&key.as_str()))
        .cloned()
        .collect();
    match random.choice(droppable) {
        Some(key) if random.bool() => {
            members.shift_remove(&key);
        }
        _ if random.u8(..3) == 0 && members.contains_key("properties") => {
            members.insert("required".to_owned(), json!(["b"]));
        }
        _ => *schema = other,
    }
}

/// Pointers of the schemas in a part.
fn schemas(value: &Value, at: &mut String, found: &mut Vec<String>) {
    let own = at.len();
    match value {
        Value::Object(members) => {
            let is_schema = ["type", "oneOf", "anyOf", "allOf"]
                .iter()
                .any(|key| members.contains_key(*key));
            if is_schema {
                found.push(at.clone());
            }
            for (key, value) in members {
                at.push('/');
                at.push_str(&openapi_document::pointer::escape(key));
                schemas(value, at, found);
                at.truncate(own);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                at.push_str(&format!("/{index}"));
                schemas(value, at, found);
                at.truncate(own);
            }
        }
        _ => {}
    }
}

fn operation(random: &mut fastrand::Rng, version: &str) -> Value {
    let mut parameter = |name: &str, place: &str| {
        let mut parameter = json!({
            "name": name, "in": place, "required": place == "path" || random.bool(), "schema": text(random, version)
        });
        if parameter["schema"]["type"] == "array" {
            parameter["explode"] = json!(random.bool());
            if place == "query" && random.u8(..3) == 0 {
                parameter["style"] = json!("pipeDelimited");
                parameter["explode"] = json!(false);
            }
        }
        parameter
    };
    let parameters = [
        parameter("p", "path"),
        parameter("q", "query"),
        parameter("h", "header"),
        parameter("c", "cookie"),
    ];
    let body = content(random, version);
    let answer = content(random, version);
    json!({
        "parameters": parameters,
        "requestBody": {"required": random.bool(), "content": body},
        "responses": {"200": {
            "description": "d", "content": answer,
            "headers": {"X-H": {"required": random.bool(), "schema": text(random, version)}}
        }}
    })
}

fn content(random: &mut fastrand::Rng, version: &str) -> Value {
    match random.u8(..6) {
        0 => json!({"application/x-www-form-urlencoded": {"schema": form(random, version)}}),
        1 => json!({"multipart/form-data": {"schema": form(random, version)}}),
        2 => json!({"text/plain": {"schema": scalar(random, version)}}),
        _ => json!({"application/json": {"schema": schema(random, version, 0)}}),
    }
}

fn form(random: &mut fastrand::Rng, version: &str) -> Value {
    let mut form =
        json!({"type": "object", "properties": {"a": text(random, version), "b": text(random, version)}});
    closed(random, &mut form);
    form
}

/// A schema whose values a style can write: a scalar, or a list of scalars.
fn text(random: &mut fastrand::Rng, version: &str) -> Value {
    match random.u8(..4) {
        0 => list(random, scalar, version),
        _ => scalar(random, version),
    }
}

fn list(
    random: &mut fastrand::Rng,
    items: impl Fn(&mut fastrand::Rng, &str) -> Value,
    version: &str,
) -> Value {
    let mut list = json!({"type": "array", "items": items(random, version)});
    match random.u8(..5) {
        0 => list["minItems"] = json!(random.u8(1..=2)),
        1 => list["maxItems"] = json!(random.u8(1..=2)),
        2 => list["uniqueItems"] = json!(true),
        _ => {}
    }
    list
}

fn schema(random: &mut fastrand::Rng, version: &str, depth: usize) -> Value {
    let deeper = depth + 1;
    match random.u8(..8) {
        0 | 1 if depth < 2 => {
            let (a, b) = (schema(random, version, deeper), schema(random, version, deeper));
            let mut object = json!({"type": "object", "properties": {"a": a, "b": b}});
            closed(random, &mut object);
            object
        }
        2 if depth < 2 => list(random, |random, version| schema(random, version, deeper), version),
        3 if depth < 2 => {
            let keyword = random.choice(["oneOf", "anyOf", "allOf"]).unwrap_or("oneOf");
            json!({ keyword: [schema(random, version, deeper), schema(random, version, deeper)] })
        }
        _ => scalar(random, version),
    }
}

fn closed(random: &mut fastrand::Rng, object: &mut Value) {
    let required: Vec<&str> = ["a", "b"].into_iter().filter(|_| random.u8(..3) == 0).collect();
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    if random.u8(..3) == 0 {
        object["additionalProperties"] = json!(false);
    }
}

fn scalar(random: &mut fastrand::Rng, version: &str) -> Value {
    let mut schema = match random.u8(..10) {
        0 | 1 => json!({"type": "integer"}),
        2 => json!({"type": "integer", "minimum": random.i8(-1..=1), "maximum": random.i8(1..=2)}),
        3 => json!({"type": "number"}),
        4 => json!({"type": "boolean"}),
        5 => json!({"type": "string", "minLength": random.u8(1..=2)}),
        6 => json!({"type": "string", "maxLength": random.u8(1..=2)}),
        7 => json!({"type": "string", "pattern": random.choice(["^a", "b$", "^[0-9]+$"]).unwrap_or("^a")}),
        8 => {
            let all = ["a", "ab", "1", "true"];
            let listed: Vec<&str> = all.into_iter().filter(|_| random.bool()).collect();
            json!({"type": "string", "enum": if listed.is_empty() { vec!["a"] } else { listed }})
        }
        _ => json!({"type": "string"}),
    };
    if random.u8(..6) == 0 && schema.get("enum").is_none() {
        if version.starts_with("3.0") {
            schema["nullable"] = json!(true);
        } else {
            schema["type"] = json!([schema["type"], "null"]);
        }
    }
    schema
}
