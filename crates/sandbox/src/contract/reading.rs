//! Texts as the values they stand for: a query, a form and a header do not say whether `7` is a number.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::answer::STEPS;
use super::schema::resolve;

/// A name with more brackets is not taken apart any further.
const BRACKETS: usize = 16;

/// Reads texts by the schemas of one document, looking at no more of them than a sane document needs.
pub(super) struct Reading<'a> {
    document: &'a Value,
    left: Cell<u32>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self {
            document,
            left: Cell::new(STEPS),
        }
    }

    /// Pairs of a form or a query as an object: `items[0][price]=7` lies where its brackets say.
    pub(super) fn object(&self, schema: &Value, pairs: &[(String, String)]) -> Value {
        let mut tree = Map::new();
        for (name, text) in pairs {
            let path: Vec<&str> = name
                .splitn(BRACKETS, '[')
                .map(|part| part.strip_suffix(']').unwrap_or(part))
                .collect();
            plant(&mut tree, &path, text);
        }
        self.typed(schema, Value::Object(tree))
    }

    /// Texts become numbers, truths and lists where `schema` means those.
    pub(super) fn typed(&self, schema: &Value, sent: Value) -> Value {
        let kinds = self.kinds(schema);
        let means = |kind: &str| kinds.contains(&kind);
        let items = || {
            self.part(schema, &|part| part.get("items"))
                .unwrap_or(&Value::Null)
        };
        let listed = |all: Vec<Value>| all.into_iter().map(|one| self.typed(items(), one)).collect();
        match sent {
            Value::Array(all) => listed(all),
            Value::Object(map) if means("array") && map.keys().all(|key| is_index(key)) => {
                let all = map.into_iter().flat_map(|(_, one)| match one {
                    Value::Array(all) => all,
                    one => vec![one],
                });
                listed(all.collect())
            }
            Value::Object(map) => {
                let property = |name: &str| {
                    self.part(schema, &|part| part.get("properties")?.get(name))
                        .or_else(|| self.part(schema, &|part| part.get("additionalProperties")))
                        .unwrap_or(&Value::Null)
                };
                let told = map.into_iter().map(|(name, value)| {
                    let value = self.typed(property(&name), value);
                    (name, value)
                });
                Value::Object(told.collect())
            }
            Value::String(text) if means("string") || kinds.is_empty() => Value::String(text),
            Value::String(text) if means("array") && !means("object") => listed(vec![Value::String(text)]),
            Value::String(text) => scalar(&text),
            other => other,
        }
    }

    /// Every type that a value for this schema may have, as far as the schema says.
    pub(super) fn kinds<'s>(&self, schema: &'s Value) -> Vec<&'s str>
    where
        'a: 's,
    {
        let mut found = Vec::new();
        self.each(schema, &mut |part| {
            found.extend(part.get("type").and_then(Value::as_str));
            if part.get("type").is_none() && part.get("properties").is_some() {
                found.push("object");
            }
            None::<()>
        });
        found
    }

    /// What `look` finds first in a schema or in the schemas it is put together from.
    pub(super) fn part<'s>(
        &self,
        schema: &'s Value,
        look: &dyn Fn(&'s Value) -> Option<&'s Value>,
    ) -> Option<&'s Value>
    where
        'a: 's,
    {
        self.each(schema, &mut |part| look(part))
    }

    /// Hands a schema and all that it is put together from to `visit`, until that finds something.
    fn each<'s, T>(&self, schema: &'s Value, visit: &mut dyn FnMut(&'s Value) -> Option<T>) -> Option<T>
    where
        'a: 's,
    {
        let mut waiting = vec![schema];
        while let Some(next) = waiting.pop() {
            let left = self.left.get().checked_sub(1)?;
            self.left.set(left);
            let Some(schema) = resolve(self.document, next) else {
                continue;
            };
            if let Some(found) = visit(schema) {
                return Some(found);
            }
            let parts = ["anyOf", "oneOf", "allOf"]
                .into_iter()
                .filter_map(|keyword| schema.get(keyword)?.as_array());
            waiting.extend(parts.flatten().rev());
        }
        None
    }
}

fn plant(tree: &mut Map<String, Value>, path: &[&str], text: &str) {
    match path {
        [] => {}
        [name] => match tree.get_mut(*name) {
            None => {
                tree.insert((*name).to_owned(), text.into());
            }
            Some(Value::Array(all)) => all.push(text.into()),
            Some(one) => *one = Value::Array(vec![one.take(), text.into()]),
        },
        [name, rest @ ..] => {
            let inner = tree.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            // Both `a=1` and `a[b]=1`: the first word counts.
            if let Value::Object(inner) = inner {
                plant(inner, rest, text);
            }
        }
    }
}

fn is_index(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number, a boolean or null, if the text is one.
pub(super) fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value,
        _ => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(schema: &Value, form: &str) -> Value {
        let pairs: Vec<_> = url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        Reading::of(&Value::Null).object(schema, &pairs)
    }

    #[test]
    fn a_form_becomes_the_object_that_its_schema_means() {
        let schema = json!({"type": "object", "properties": {
            "name": {"type": "string"},
            "amount": {"type": "integer"},
            "live": {"anyOf": [{"type": "boolean"}]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
            "extra": {"type": "object", "additionalProperties": {"type": "string"}},
        }});
        let form =
            "name=7&amount=7&live=true&tags[]=1&tags[]=2&items[0][price]=1.5&items[1][price]=2&extra[a]=1";
        assert_eq!(
            read(&schema, form),
            json!({
                "name": "7", "amount": 7, "live": true, "tags": ["1", "2"],
                "items": [{"price": 1.5}, {"price": 2}], "extra": {"a": "1"},
            })
        );
        assert_eq!(read(&schema, "tags=1")["tags"], json!(["1"]));
        assert_eq!(read(&schema, "tags=1&tags=2")["tags"], json!(["1", "2"]));
    }

    #[test]
    fn what_is_no_number_stays_a_text_to_be_refused() {
        let schema = json!({"properties": {"amount": {"type": "integer"}}});
        assert_eq!(read(&schema, "amount=many"), json!({"amount": "many"}));
    }

    #[test]
    fn a_form_of_brackets_ends() {
        let name = "a[".repeat(10_000);
        assert!(read(&json!({}), &format!("{name}=1&a=2&a[b]=3")).is_object());
    }

    #[test]
    fn a_schema_in_circles_ends() {
        let (again, name) = (json!({"$ref": "#/components/schemas/Loop"}), "a[b]".to_owned());
        let document =
            json!({"components": {"schemas": {"Loop": {"allOf": [again, again], "oneOf": [again]}}}});
        let read = Reading::of(&document).object(&again, &[(name, "1".to_owned())]);
        assert_eq!(read, json!({"a": {"b": "1"}}));
    }
}
