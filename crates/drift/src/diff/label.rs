//! Readable names for the location of a schema: the names of components and properties, or the part of the message
//! that it describes.

use std::fmt::Write;

use openapi_document::{Document, pointer};

/// A readable name for a location: `Wallet.network`, `Order.lines[]`, the path of properties in an inline schema, or
/// the part of a message that a schema describes.
pub(crate) fn label(document: &Document, at: &str) -> String {
    let (owner, path) = Owner::of(document, at);
    let named = |name: &str| {
        let dot = if path.is_empty() || path.starts_with('[') {
            ""
        } else {
            "."
        };
        format!("`{name}{dot}{path}`")
    };
    match owner {
        Owner::Parameter { location, name } if path.is_empty() => {
            format!("the {location} parameter `{name}`")
        }
        Owner::Header { name, status } if path.is_empty() => match status {
            Some(status) => format!("the header `{name}` of answer {status}"),
            None => format!("the header `{name}`"),
        },
        Owner::Component(name) | Owner::Parameter { name, .. } | Owner::Header { name, .. } => named(&name),
        Owner::Body(None) if path.is_empty() => "the request body".to_owned(),
        Owner::Body(Some(status)) if path.is_empty() => format!("the body of answer {status}"),
        Owner::Body(_) if path.starts_with(['[', '*']) => named("body"),
        Owner::Body(_) => format!("`{path}`"),
    }
}

/// Whether a location is the whole schema of a message part, but not a component.
pub(crate) fn is_part(document: &Document, at: &str) -> bool {
    let (owner, path) = Owner::of(document, at);
    path.is_empty() && !matches!(owner, Owner::Component(_))
}

/// The label of the first location, or of the second one if only that is a use with its own name.
pub(crate) fn label_of_use(first: (&Document, &str), second: (&Document, &str)) -> String {
    if is_use_of_first(first.1, second) {
        label(second.0, second.1)
    } else {
        label(first.0, first.1)
    }
}

/// Whether the first location is a whole component, and the second one a named use.
pub(crate) fn is_use_of_first(first: &str, second: (&Document, &str)) -> bool {
    let is_component = |at: &str| at.starts_with("/components/schemas/") && at.split('/').count() == 4;
    is_component(first) && !is_component(second.1) && !is_part(second.0, second.1)
}

/// Whether a location is in a component, or in its equivalent in another file, and not in a message of an operation.
pub(crate) fn is_shared(at: &str) -> bool {
    let in_message = || at.split('/').any(|step| step == "schema");
    at.starts_with("/components/") || other_file(at).is_some() && !in_message()
}

/// The file and the pointer of a location outside the document's first file.
fn other_file(at: &str) -> Option<(&str, &str)> {
    at.split_once('#')
        .filter(|(file, _)| !file.is_empty() && !file.starts_with('/'))
}

/// The owner of a schema.
enum Owner {
    /// A component, or its equivalent in another file.
    Component(String),
    Parameter {
        location: String,
        name: String,
    },
    Header {
        name: String,
        status: Option<String>,
    },
    /// The body of a request, or of a response with a status.
    Body(Option<String>),
}

impl Owner {
    /// The owner of the schema at a location, and the path of names from its whole schema to the location.
    fn of(document: &Document, at: &str) -> (Self, String) {
        if let Some((file, rest)) = other_file(at).filter(|_| is_shared(at)) {
            let (name, rest) = named_in_file(file, rest);
            return Self::Component(pointer::unescape(name).into_owned()).and_path(rest);
        }
        let start = other_file(at).map_or(0, |(file, _)| file.len() + 1);
        let mut ends = at
            .match_indices('/')
            .map(|(end, _)| end)
            .skip(1)
            .chain([at.len()]);
        let mut from = at[start..].find('/').map_or(at.len(), |it| start + it);
        let mut next = || {
            let end = ends.find(|end| *end > from)?;
            let step = &at[from + 1..end];
            from = end;
            Some((step, end))
        };
        let (mut owner, mut status) = (Self::Body(None), None);
        while let Some((step, _)) = next() {
            match step {
                "components" => {
                    let section = next().map(|(section, _)| section).unwrap_or_default();
                    let Some((name, end)) = next() else { break };
                    let name = pointer::unescape(name).into_owned();
                    owner = match section {
                        "schemas" => return Self::Component(name).and_path(&at[end..]),
                        "parameters" => Self::parameter(document, &at[..end], name),
                        "headers" => Self::Header { name, status: None },
                        _ => Self::Component(name),
                    };
                }
                "requestBody" => owner = Self::Body(None),
                "responses" => {
                    status = next().map(|(status, _)| pointer::unescape(status).into_owned());
                    owner = Self::Body(status.clone());
                }
                "parameters" => {
                    let Some((index, end)) = next() else { break };
                    owner = Self::parameter(document, &at[..end], index.to_owned());
                }
                "headers" => {
                    let Some((name, _)) = next() else { break };
                    let name = pointer::unescape(name).into_owned();
                    let status = status.clone();
                    owner = Self::Header { name, status };
                }
                "schema" | "itemSchema" => break,
                // The next step is a name, not a keyword.
                "paths" | "webhooks" | "content" | "encoding" => drop(next()),
                "callbacks" => drop((next(), next())),
                _ => {}
            }
        }
        owner.and_path(&at[from..])
    }

    /// The owner and the path of names to a schema within it. A definition inside a schema is an owner by itself,
    /// because its name is no part of a value.
    fn and_path(self, rest: &str) -> (Self, String) {
        let names = rest
            .rmatch_indices("/$defs/")
            .chain(rest.rmatch_indices("/definitions/"));
        let last = names.max_by_key(|(at, _)| *at);
        let Some((at, found)) = last.filter(|(at, _)| !rest[..*at].ends_with("/properties")) else {
            return (self, path(steps(rest)));
        };
        let inside = &rest[at + found.len()..];
        let (name, rest) = inside.split_at(inside.find('/').unwrap_or(inside.len()));
        let name = pointer::unescape(name).into_owned();
        (Self::Component(name), path(steps(rest)))
    }

    fn parameter(document: &Document, at: &str, otherwise: String) -> Self {
        let parameter = document.at(at);
        let text = |key: &str| parameter?.text(key).map(str::to_owned);
        Self::Parameter {
            location: text("in").unwrap_or_default(),
            name: text("name").unwrap_or(otherwise),
        }
    }
}

fn steps(rest: &str) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    rest.split('/').skip(1).map(pointer::unescape)
}

/// The names of the properties along the steps within a schema.
fn path<'p>(mut steps: impl Iterator<Item = std::borrow::Cow<'p, str>>) -> String {
    let mut out = String::new();
    let named = |out: &mut String, name: &str| {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(name);
    };
    while let Some(step) = steps.next() {
        match &*step {
            // The next step is a name or a pattern, not a keyword.
            "dependentSchemas" => {
                steps.next();
            }
            "patternProperties" => {
                steps.next();
                named(&mut out, "*");
            }
            "properties" => named(&mut out, &steps.next().unwrap_or_default()),
            "items" => out.push_str("[]"),
            "prefixItems" => {
                let _ = write!(out, "[{}]", steps.next().unwrap_or_default());
            }
            "additionalProperties" | "unevaluatedProperties" => named(&mut out, "*"),
            _ => {}
        }
    }
    out
}

/// The name of the schema at a location in another file, and the remaining steps: `Pet` for
/// `pets.yaml#/definitions/Pet/properties/name`, or for the whole of `schemas/Pet.yaml`.
fn named_in_file<'p>(file: &'p str, pointer: &'p str) -> (&'p str, &'p str) {
    let deeper = [
        "properties",
        "items",
        "prefixItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "oneOf",
    ];
    let mut starts = pointer.match_indices('/').map(|(start, _)| start);
    let is_deeper = |start: &usize| {
        let step = pointer[start + 1..].split('/').next().unwrap_or_default();
        deeper.contains(&step)
    };
    let end = starts.find(is_deeper).unwrap_or(pointer.len());
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let name = pointer[..end].rsplit_once('/').map_or(stem, |(_, name)| name);
    (name, &pointer[end..])
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    fn label(at: &str) -> String {
        let text = r#"{"openapi": "3.0.3",
            "paths": {"/parameters/{id}": {"post": {"parameters": [{"name": "status", "in": "query", "schema": {}}]}}},
            "components": {"parameters": {"Limit": {"name": "limit", "in": "query", "schema": {}}}}}"#;
        super::label(&Document::read(text.as_bytes()).unwrap(), at)
    }

    #[test]
    fn a_place_in_a_component_is_called_by_its_names() {
        assert_eq!(
            label("/components/schemas/Wallet/properties/network"),
            "`Wallet.network`"
        );
        assert_eq!(
            label("/components/schemas/A/properties/b/items/properties/c"),
            "`A.b[].c`"
        );
        assert_eq!(label("/components/schemas/Map/additionalProperties"), "`Map.*`");
        assert_eq!(label("pets.yaml#/definitions/Pet/properties/name"), "`Pet.name`");
        assert_eq!(label("schemas/Pet.yaml#/items"), "`Pet[]`");
        assert_eq!(
            label("/components/schemas/Line/prefixItems/1/items/properties/x"),
            "`Line[1][].x`"
        );
        assert_eq!(
            label("/components/schemas/A/$defs/Id/properties/text"),
            "`Id.text`"
        );
        assert_eq!(
            label("/components/schemas/A/properties/$defs/properties/b"),
            "`A.$defs.b`"
        );
        assert_eq!(
            label("/components/responses/Gone/content/x/schema/properties/code"),
            "`Gone.code`"
        );
    }

    #[test]
    fn a_place_in_a_message_is_called_by_its_property_or_its_part() {
        let body = "/paths/~1a/post/requestBody/content/application~1json/schema";
        assert_eq!(label(body), "the request body");
        assert_eq!(label(&format!("{body}/properties/y")), "`y`");
        assert_eq!(label(&format!("{body}/items/properties/y")), "`body[].y`");
        assert_eq!(label(&format!("{body}/additionalProperties")), "`body.*`");
        assert_eq!(
            label("/paths/~1a/get/responses/2XX/content/x/schema/allOf/1"),
            "the body of answer 2XX"
        );
        assert_eq!(
            label("/paths/~1a/get/responses/200/headers/X-Next/schema"),
            "the header `X-Next` of answer 200"
        );
        assert_eq!(
            label("a.yaml#/get/responses/200/content/x/schema/properties/y"),
            "`y`"
        );
        assert_eq!(
            label("/paths/~1a/get/responses/200/content/x/itemSchema/properties/y"),
            "`y`"
        );
    }

    #[test]
    fn a_parameter_is_called_by_its_name() {
        let inline = "/paths/~1parameters~1{id}/post/parameters/0/schema";
        assert_eq!(label(inline), "the query parameter `status`");
        assert_eq!(label(&format!("{inline}/items")), "`status[]`");
        assert_eq!(label(&format!("{inline}/properties/from")), "`status.from`");
        assert_eq!(
            label("/components/parameters/Limit/schema"),
            "the query parameter `limit`"
        );
    }
}
