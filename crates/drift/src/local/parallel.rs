//! What can be said of a pair without a search: where both schemas are built alike and the words of the one are
//! implied by the other's, all that is sent is taken if that holds of each deeper pair.
//!
//! Whatever is not plainly so is left to the search.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::Version;
use crate::local::both::Both;
use crate::local::view::{Additional, Null, View, is_null_only};
use crate::shape::is_prose;
use crate::unchanged::Unchanged;

/// Keywords about a value as a whole.
const WORDS: [&str; 18] = [
    "type",
    "nullable",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// Keywords that say where to read on, or that the view has read.
const MEMBERS: [&str; 8] = [
    "properties",
    "required",
    "additionalProperties",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
    "$ref",
];

/// Keywords that admit and refuse nothing.
const SILENT: [&str; 9] = [
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "xml",
    "$schema",
    "$defs",
    crate::shape::SUNSET,
];

pub(crate) fn is_silent(key: &str) -> bool {
    SILENT.contains(&key) || is_prose(key)
}

/// Whether all that is sent is taken where it is so in each deeper pair, alternatives aside.
pub(crate) fn proves(both: &Both<'_, '_>, unchanged: &Unchanged<'_>) -> bool {
    let (sent, read) = (both.sent(), both.read());
    is_plain(sent)
        && is_plain(read)
        && (sent.null != Null::Whole || read.null == Null::Whole)
        && words_follow(both)
        && hidden_alike(both, unchanged)
        && read.required.is_subset(&sent.required)
        && names_follow(sent, read)
        && matches!(
            (sent.items.as_slice(), read.items.as_slice()),
            (_, []) | ([_], [_])
        )
}

/// Whether a value that a deeper pair refutes shows that this pair is refuted, too: it can be sent with nothing in
/// its way.
pub(crate) fn lifts(sent: &View<'_>) -> bool {
    let bounded = |key: &&str| sent.keyword(key).is_some();
    is_plain(sent) && !["maxProperties", "maxItems", "enum", "const"].iter().any(bounded)
}

/// Nothing but keywords that the view has read or that are compared word by word.
fn is_plain(view: &View<'_>) -> bool {
    let known = |key: &str, value: &Value| match key {
        "items" => value.is_object(),
        key => MEMBERS.contains(&key) || WORDS.contains(&key) || is_silent(key),
    };
    let mut parts = view.parts.iter();
    let mut closing = 0;
    let readable = parts.all(|part| {
        let Value::Object(part) = part.value else {
            return false;
        };
        closing += usize::from(part.contains_key("additionalProperties"));
        part.iter().all(|(key, value)| known(key, value))
    });
    let lexical = matches!(view.additional, Additional::Refused | Additional::Like(_));
    let declaring = || {
        let declares = view.parts.iter().filter(|part| part.says("properties").is_some());
        declares.count()
    };
    readable
        && view.unions.is_empty()
        && view.unresolved.is_empty()
        && !view.is_cut
        && view.null != Null::Mixed
        // What refuses further names speaks of the names beside it only.
        && closing <= 1
        && (!lexical || declaring() <= 1)
}

/// The words of one part.
type Words<'d> = BTreeMap<&'d str, &'d Value>;

fn words<'d>(view: &View<'d>) -> Vec<Words<'d>> {
    let parts = view.parts.iter().filter_map(|part| part.value.as_object());
    // Null that is added to the whole is compared as such.
    let said = |index: usize, key: &str| !(key == "nullable" && index == 0 && view.null == Null::Whole);
    parts
        .enumerate()
        .map(|(index, part)| {
            let words = part
                .iter()
                .filter(|(key, _)| WORDS.contains(&key.as_str()) && said(index, key));
            words.map(|(key, value)| (key.as_str(), value)).collect()
        })
        .filter(|words: &Words<'d>| !words.is_empty())
        .collect()
}

fn words_follow(both: &Both<'_, '_>) -> bool {
    let versions = (both.documents.0.version(), both.documents.1.version());
    let (sent, read) = (words(both.sent()), words(both.read()));
    if versions.0 != versions.1 {
        // The same words are read differently: null beside an enum, and exclusive bounds.
        let differs = |words: &Words<'_>| {
            let null = words.get("nullable").is_some() || is_null_listed(words.get("type").copied());
            let values = words.contains_key("enum") || words.contains_key("const");
            let untyped = words.contains_key("nullable") && !words.contains_key("type");
            let exclusive = ["exclusiveMinimum", "exclusiveMaximum"]
                .iter()
                .any(|key| words.contains_key(key));
            null && values || untyped || exclusive
        };
        if sent.iter().chain(&read).any(differs) {
            return false;
        }
    }
    let widened = |words: &Words<'_>| words.contains_key("nullable") && !words.contains_key("type");
    let dialect = |sent: bool| match (sent, both.direction()) {
        (true, crate::report::Direction::Request) | (false, crate::report::Direction::Response) => versions.0,
        _ => versions.1,
    };
    let (from, to) = (dialect(true), dialect(false));
    sent.iter()
        .all(|own| !widened(own) || read.iter().any(|other| other == own))
        && read
            .iter()
            .all(|other| sent.iter().any(|own| follows((own, from), (other, to))))
}

/// Whether what has the words `own` also has the words `other`.
fn follows((own, from): (&Words<'_>, Version), (other, to): (&Words<'_>, Version)) -> bool {
    if own == other && from == to {
        return true;
    }
    other.iter().all(|(key, wanted)| match *key {
        "type" | "nullable" => true,
        "enum" => match (own.get("enum"), own.get("const")) {
            (Some(Value::Array(own)), None) => {
                let wanted = wanted.as_array();
                own.iter()
                    .all(|value| wanted.is_some_and(|all| all.contains(value)))
            }
            _ => false,
        },
        "format" if !matches!(wanted.as_str(), Some("int32" | "int64")) => true,
        key => own.get(key) == Some(wanted),
    }) && types_follow((own, from), (other, to))
}

fn types_follow((own, from): (&Words<'_>, Version), (other, to): (&Words<'_>, Version)) -> bool {
    let (Some(own), other) = (types(own, from), types(other, to)) else {
        // Without a type of its own it is of any.
        return types(other, to).is_none() && own.get("nullable") == other.get("nullable");
    };
    other.is_none_or(|other| {
        own.iter()
            .all(|name| other.contains(name) || *name == "integer" && other.contains(&"number"))
    })
}

fn types<'d>(words: &Words<'d>, version: Version) -> Option<Vec<&'d str>> {
    let mut types = match words.get("type")? {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["?"],
    };
    if version == Version::V3_0 && words.get("nullable") == Some(&&Value::Bool(true)) {
        types.push("null");
    }
    Some(types)
}

fn is_null_listed(types: Option<&Value>) -> bool {
    match types {
        Some(Value::Array(types)) => types.iter().any(|it| it == "null"),
        Some(one) => one == "null",
        None => false,
    }
}

/// What is read-only or write-only is no part of the views; it must not differ where the search would see it.
fn hidden_alike(both: &Both<'_, '_>, unchanged: &Unchanged<'_>) -> bool {
    fn hidden<'d>(view: &View<'d>) -> BTreeMap<&'d str, &'d Value> {
        let declared = view
            .parts
            .iter()
            .filter_map(|part| part.says("properties")?.as_object());
        declared
            .flatten()
            .filter(|(name, _)| !view.properties.contains_key(name.as_str()))
            .map(|(name, value)| (name.as_str(), value))
            .collect()
    }
    let (old, new) = (hidden(both.pinned), hidden(both.staging));
    old.len() == new.len()
        && old
            .iter()
            .all(|(name, value)| new.get(name).is_some_and(|other| unchanged.same(value, other)))
}

/// Whether every name that may be sent may also be read, given that of the deeper pairs.
fn names_follow(sent: &View<'_>, read: &View<'_>) -> bool {
    let map = matches!(sent.additional, Additional::Like(_));
    // Who names what is sent sends nothing else.
    let closed = matches!(sent.additional, Additional::Refused) || (!map && declares(sent));
    let one = |view: &View<'_>, name: &str| view.properties.get(name).is_some_and(|it| it.len() == 1);
    let sent_names = sent.properties.keys().all(|name| {
        if read.properties.contains_key(name) {
            return one(sent, name) && one(read, name);
        }
        match read.additional {
            Additional::Refused => false,
            Additional::Like(_) => one(sent, name),
            Additional::Any | Additional::Unsaid => true,
        }
    });
    let read_names = read
        .properties
        .keys()
        .filter(|name| !sent.properties.contains_key(*name))
        .all(|name| closed || (map && one(read, name)));
    let others = match read.additional {
        Additional::Any | Additional::Unsaid => true,
        Additional::Refused => closed,
        Additional::Like(_) => closed || map,
    };
    // What must be there though nothing declares it may be anything.
    let free = matches!(read.additional, Additional::Any | Additional::Unsaid);
    let undeclared = sent
        .required
        .iter()
        .filter(|name| !sent.properties.contains_key(*name))
        .all(|name| free && !read.properties.contains_key(name));
    sent_names && read_names && others && undeclared
}

fn declares(view: &View<'_>) -> bool {
    view.parts.iter().any(|part| {
        let properties = part.says("properties").and_then(Value::as_object);
        properties.is_some_and(|properties| !properties.is_empty())
    })
}

/// Whether a schema is its alternatives and nothing else; and whether null is added to them.
pub(crate) fn is_pure_union(view: &View<'_>) -> bool {
    let only = |part: &Value| {
        part.as_object().is_some_and(|part| {
            part.keys()
                .all(|key| matches!(key.as_str(), "oneOf" | "anyOf" | "nullable" | "$ref") || is_silent(key))
        })
    };
    view.unions.len() == 1
        && view.unresolved.is_empty()
        && !view.is_cut
        && view.null != Null::Mixed
        && view.parts.iter().all(|part| only(part.value))
}

/// Whether exactly one of the alternatives must hold.
pub(crate) fn is_exclusive(view: &View<'_>) -> bool {
    view.parts.iter().any(|part| {
        let branches = part.says("oneOf").and_then(Value::as_array);
        branches.is_some_and(|branches| branches.len() > 1)
    })
}

/// Whether null is one of the alternatives or added to them.
pub(crate) fn adds_null(view: &View<'_>) -> bool {
    view.null == Null::Whole
        || view
            .unions
            .iter()
            .flatten()
            .any(|branch| is_null_only(branch.value))
}

/// Whether no value that is sent as `sent` is one of `read`, as can be seen at once.
pub(crate) fn are_apart(sent: &View<'_>, read: &View<'_>) -> bool {
    if sent.nullable && read.nullable || sent.null == Null::Mixed || sent.is_cut || read.is_cut {
        return false;
    }
    let (Some(own), Some(other)) = (&sent.types, &read.types) else {
        return false;
    };
    let number = |name: &str| matches!(name, "integer" | "number");
    let overlap = own
        .iter()
        .any(|name| other.contains(name) || number(name) && other.iter().any(|name| number(name)));
    if !overlap {
        return true;
    }
    let objects = own.len() == 1 && other.len() == 1 && own.contains("object");
    let closed = declares(sent) && sent.unions.is_empty() && !matches!(sent.additional, Additional::Like(_));
    objects
        && closed
        && is_plain(sent)
        && read
            .required
            .iter()
            // What is required is sent though nothing declares it.
            .any(|name| !sent.declares(name) && !sent.required.contains(name))
}
