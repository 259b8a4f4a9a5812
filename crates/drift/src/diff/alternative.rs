//! Names of the alternatives of `oneOf` and `anyOf`.

use openapi_document::{Located, Node, pointer};
use serde_json::Value;

use crate::diff::pair::shown;
use crate::instance::told;

/// The name of the component that an alternative refers to.
fn component<'d>(branch: &Located<'d>) -> Option<&'d str> {
    branch.text("$ref")?.rsplit('/').next()
}

/// Describes an alternative in contrast to its siblings: by its component or title, or else by the first conditions
/// of its keywords on values.
pub(crate) fn label(branch: &Located<'_>) -> String {
    /// Maximum nesting of subschemas that are searched for a name.
    const DEEPEST: usize = 3;
    describe(branch, DEEPEST)
}

fn describe(branch: &Located<'_>, depth: usize) -> String {
    if let Some(name) = component(branch) {
        return format!("`{}`", pointer::unescape(name));
    }
    let is_name = |title: &&str| !title.is_empty() && title.chars().count() <= 60;
    if let Some(title) = branch.text("title").filter(is_name) {
        return format!("`{title}`");
    }
    let values: Vec<Value> = match (branch.node.get("const"), branch.node.get("enum")) {
        (Some(value), _) => vec![told(value)],
        (None, Some(values)) => values.items().map(told).collect(),
        (None, None) => Vec::new(),
    };
    if !values.is_empty() {
        return shown(values.into_iter());
    }
    let inside = |part: Located<'_>| (depth > 0).then(|| describe(&part, depth - 1));
    let names = names(branch.node);
    match types(branch.node).as_slice() {
        ["object"] | [] if !names.is_empty() => format!("an object with {}", shown(names.into_iter())),
        ["array"] => match branch.get("items") {
            Some(items) => array(&items),
            None => "an array".to_owned(),
        },
        ["string"] => match branch.text("format") {
            Some(format) => format!("a string of format `{format}`"),
            None => "a string".to_owned(),
        },
        [one @ ("object" | "integer")] => format!("an {one}"),
        [one] => format!("a {one}"),
        [] => {
            let parts = ["allOf", "anyOf", "oneOf"]
                .into_iter()
                .find_map(|key| branch.get(key));
            let parts: Vec<Located<'_>> = parts.iter().flat_map(Located::items).collect();
            let first = parts.first().cloned().and_then(inside);
            match (first, parts.len()) {
                (Some(first), 1) => first,
                (Some(first), count) => format!("{first} and {} more", count - 1),
                (None, _) => by_number(&branch.at),
            }
        }
        several => several.join(" or "),
    }
}

fn array(items: &Located<'_>) -> String {
    match (component(items), types(items.node).as_slice()) {
        (Some(name), _) => format!("an array of `{}`", pointer::unescape(name)),
        (None, [one]) => format!("an array of {one}s"),
        (None, _) => "an array".to_owned(),
    }
}

/// The name of an alternative that has no other description.
fn by_number(at: &str) -> String {
    let number = at.rsplit('/').next().and_then(|it| it.parse::<usize>().ok());
    number.map_or_else(|| "anything".to_owned(), |it| format!("alternative {}", it + 1))
}

/// The types that a schema lists, except null.
fn types(schema: Node<'_>) -> Vec<&str> {
    let listed = schema.get("type").map(|it| match it.as_str() {
        Some(one) => vec![one],
        None => it.items().filter_map(Node::as_str).collect(),
    });
    listed.into_iter().flatten().filter(|it| *it != "null").collect()
}

/// The properties that an object requires, or else those that it declares. A property with one value only has it
/// beside its name, because this value often is what tells the alternatives apart.
fn names(schema: Node<'_>) -> Vec<String> {
    let properties = schema.get("properties");
    let told = |name: &str| match properties.and_then(|it| it.get(name)).and_then(only) {
        Some(value) => format!("{name}: {value}"),
        None => name.to_owned(),
    };
    let required = schema.get("required").into_iter().flat_map(Node::items);
    let required: Vec<String> = required.filter_map(Node::as_str).map(told).collect();
    if !required.is_empty() {
        return required;
    }
    let declared = properties.into_iter().flat_map(Node::members);
    declared.map(|(name, _)| told(name)).collect()
}

/// The only text that a schema accepts.
fn only(schema: Node<'_>) -> Option<&str> {
    let listed = || {
        schema
            .get("enum")
            .filter(|it| it.items().len() == 1)?
            .items()
            .next()
    };
    schema.get("const").or_else(listed)?.as_str()
}

#[cfg(test)]
mod tests {
    use openapi_document::{Document, Located};

    fn label(schema: &str) -> String {
        super::label(&Located::root(&Document::read_schema(schema).unwrap()))
    }

    #[test]
    fn an_alternative_is_told_by_its_first_words() {
        assert_eq!(label(r##"{"$ref": "#/components/schemas/a~1b"}"##), "`a/b`");
        assert_eq!(label(r#"{"title": "Card", "type": "object"}"#), "`Card`");
        assert_eq!(label(r#"{"enum": ["a", 1]}"#), "`a`, `1`");
        assert_eq!(label(r#"{"type": ["string", "null"]}"#), "a string");
        assert_eq!(
            label(r#"{"type": "string", "format": "uuid"}"#),
            "a string of format `uuid`"
        );
        assert_eq!(
            label(r#"{"type": "array", "items": {"type": "integer"}}"#),
            "an array of integers"
        );
        assert_eq!(
            label(r#"{"properties": {"id": {}, "name": {}}, "required": ["id"]}"#),
            "an object with `id`"
        );
        assert_eq!(
            label(r#"{"properties": {"type": {"enum": ["card"]}, "name": {"const": 1}}}"#),
            "an object with `type: card`, `name`"
        );
        assert_eq!(
            label(r#"{"allOf": [{"type": "number"}, {"minimum": 3}]}"#),
            "a number and 1 more"
        );
        assert_eq!(label("{}"), "anything");
    }
}
