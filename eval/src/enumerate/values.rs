//! All values over a small alphabet that have the shape of a schema.

use serde_json::{Map, Value, json};

use crate::messages::Instances;

/// Maximum number of values of one schema.
const MOST: usize = 160;
/// Maximum nesting of schemas.
const DEEPEST: usize = 4;
/// Maximum number of values of a member or an item that are combined with others.
const COMBINED: usize = 5;

/// The scalars from which values are built, and the values that the schema lists.
fn scalars(schema: &Value) -> Vec<Value> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let mut found: Vec<Value> = listed.into_iter().flatten().take(8).cloned().collect();
    found.extend(schema.get("const").cloned());
    found.extend([
        json!("a"),
        json!("ab"),
        json!(1),
        json!(true),
        json!(2),
        json!(1.5),
        Value::Null,
    ]);
    found.extend([
        json!("1"),
        json!("true"),
        json!(""),
        json!(0),
        json!(-1),
        json!(false),
        json!(5_000_000_000_i64),
    ]);
    found
}

/// Values up to a depth: scalars, lists of up to two items, and objects with declared names.
pub(super) fn values(instances: Instances<'_>, schema: &Value) -> Vec<Value> {
    let mut found = at_depth(instances, schema, 0);
    found.truncate(MOST);
    found
}

fn at_depth(instances: Instances<'_>, schema: &Value, depth: usize) -> Vec<Value> {
    let Some(schema) = instances.followed(schema).filter(|_| depth < DEEPEST) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for branch in branches(schema) {
        found.extend(at_depth(instances, branch, depth + 1));
    }
    found.extend(scalars(schema));
    if let Some(items) = schema.get("items") {
        let items = at_depth(instances, items, depth + 1);
        found.push(json!([]));
        found.extend(items.iter().take(2 * COMBINED).map(|it| json!([it])));
        for (index, first) in items.iter().take(COMBINED).enumerate() {
            found.extend(
                items
                    .iter()
                    .take(COMBINED)
                    .skip(index)
                    .map(|second| json!([first, second])),
            );
        }
    }
    let declared = declared(instances, schema, depth);
    if !declared.is_empty() {
        let mut objects = vec![Map::new()];
        for (name, property) in declared.iter().take(4) {
            let mut values = at_depth(instances, property, depth + 1);
            values.truncate(if declared.len() > 2 { 3 } else { COMBINED });
            let with: Vec<_> = objects
                .iter()
                .flat_map(|object| {
                    values.iter().map(|value| {
                        let mut object = object.clone();
                        object.insert(name.clone(), value.clone());
                        object
                    })
                })
                .collect();
            objects.extend(with);
            objects.truncate(MOST);
        }
        found.extend(objects.into_iter().map(Value::Object));
    }
    let mut apart: Vec<Value> = Vec::with_capacity(found.len());
    for value in found {
        if !apart.contains(&value) {
            apart.push(value);
        }
    }
    apart
}

/// The branches of a schema for the same value.
fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "oneOf", "anyOf"].map(|keyword| schema.get(keyword).and_then(Value::as_array));
    lists.into_iter().flatten().flatten()
}

/// The properties that a schema and its branches declare.
fn declared(instances: Instances<'_>, schema: &Value, depth: usize) -> Map<String, Value> {
    let mut found = Map::new();
    if depth >= DEEPEST {
        return found;
    }
    for branch in branches(schema).filter_map(|it| instances.followed(it)) {
        found.extend(declared(instances, branch, depth + 1));
    }
    let own = schema.get("properties").and_then(Value::as_object);
    found.extend(
        own.into_iter()
            .flatten()
            .map(|(name, property)| (name.clone(), property.clone())),
    );
    found
}
