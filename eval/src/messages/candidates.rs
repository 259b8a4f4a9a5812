//! Values near the limits of a schema, which accepts some of them and refuses others.

use serde_json::{Value, json};

use super::instance::{Instances, Size, names};

/// Maximum number of values for one schema.
const MOST: usize = 90;
/// Maximum length of a text or a list.
const LONGEST: u64 = 5_000;

/// Values near a schema's limits; its own instances come first.
pub(crate) fn candidates(instances: Instances<'_>, schema: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let Some(schema) = instances.followed(schema) else {
        return found;
    };
    let listed = schema.get("enum").and_then(Value::as_array);
    found.extend(listed.into_iter().flatten().take(30).cloned());
    found.extend(schema.get("const").cloned());
    found.extend(instances.of(schema, Size::Minimal));
    let whole = instances.of(schema, Size::Maximal);
    if let Some(Value::Object(members)) = &whole {
        let minimal = found.last().cloned().unwrap_or_default();
        let required: Vec<&str> = names(schema, "required").collect();
        for name in members.keys().take(25) {
            let mut without = members.clone();
            without.remove(name);
            found.push(Value::Object(without));
            if !required.contains(&name.as_str())
                && let (Value::Object(mut with), Some(value)) = (minimal.clone(), members.get(name))
            {
                with.insert(name.clone(), value.clone());
                found.push(Value::Object(with));
            }
        }
    }
    found.extend(whole);
    let texts = lengths(schema, "minLength", "maxLength").map(|length| json!("a".repeat(length)));
    found.extend(texts);
    if let Some(item) = schema.get("items").and_then(|it| instances.of(it, Size::Minimal)) {
        let apart = |index: usize| match &item {
            Value::String(text) => json!(format!("{text}{index}")),
            Value::Number(_) => json!(index),
            other => other.clone(),
        };
        for length in lengths(schema, "minItems", "maxItems").take_while(|it| *it < 200) {
            found.push(vec![item.clone(); length].into());
            found.push((0..length).map(apart).collect());
        }
        found.push(json!([item, item]));
        found.push(json!([apart(1), apart(2)]));
    }
    for limit in [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ] {
        match schema.get(limit) {
            Some(Value::Number(own)) if own.is_i64() => {
                let own = own.as_i64().unwrap_or_default();
                found.extend([-1, 0, 1].map(|step| json!(own.saturating_add(step))));
            }
            Some(Value::Number(own)) => {
                let own = own.as_f64().unwrap_or_default();
                found.extend([-1.0, 0.0, 1.0].map(|step| json!(own + step)));
            }
            _ => {}
        }
    }
    found.extend([
        json!("b"),
        json!("5"),
        json!(""),
        json!(0),
        json!(-7),
        json!(1_i64 << 40),
        json!(1.5),
        json!(true),
        Value::Null,
        json!([]),
        json!([1]),
        json!([true]),
        json!({}),
    ]);
    let mut apart: Vec<Value> = Vec::with_capacity(found.len());
    for value in found {
        if apart.len() < MOST && !apart.contains(&value) {
            apart.push(value);
        }
    }
    apart
}

/// The lengths at and around two limits.
fn lengths(schema: &Value, least: &str, most: &str) -> impl Iterator<Item = usize> + use<> {
    let limits = [least, most].map(|key| schema.get(key).and_then(Value::as_u64));
    let near = limits
        .into_iter()
        .flatten()
        .flat_map(|it| [it.saturating_sub(1), it, it.saturating_add(1)]);
    near.filter(|it| *it <= LONGEST)
        .filter_map(|it| usize::try_from(it).ok())
        .collect::<Vec<_>>()
        .into_iter()
}
