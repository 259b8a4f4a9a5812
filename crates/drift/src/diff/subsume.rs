//! Structural subsumption: two schemas that are built alike are compared keyword by keyword, without a search. The
//! source is contained if its keywords imply the target's and every child pair is contained.
//!
//! A pair of any other form is left to the search.

use std::collections::BTreeMap;

use openapi_document::{Kind, Node, Version};

use crate::diff::face::{Additional, Face, Null, is_null_only};
use crate::diff::pair::Both;
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

/// Keywords that hold child schemas, or that the face has read.
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

/// Whether the pair is contained if every child pair is, alternatives aside.
pub(crate) fn proves<'d>(both: &Both<'_, 'd>, unchanged: &Unchanged<'d>) -> bool {
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

/// Whether the refutation of a child pair refutes this pair, too: no other keyword of the sender keeps its witness from
/// being sent.
pub(crate) fn lifts(sent: &Face<'_>) -> bool {
    let bounded = |key: &&str| sent.keyword(key).is_some();
    is_plain(sent) && !["maxProperties", "maxItems", "enum", "const"].iter().any(bounded)
}

/// Whether a schema has only keywords that its face has read or that are compared one by one.
fn is_plain(face: &Face<'_>) -> bool {
    let known = |key: &str, value: Node<'_>| match key {
        "items" => value.is_object(),
        key => MEMBERS.contains(&key) || WORDS.contains(&key) || is_silent(key),
    };
    let mut parts = face.parts.iter();
    let mut closing = 0;
    let readable = parts.all(|part| {
        let Some(mut members) = part.node.as_object() else {
            return false;
        };
        closing += usize::from(members.contains_key("additionalProperties"));
        members.all(|(key, value)| known(key, value))
    });
    let lexical = matches!(face.additional, Additional::Refused | Additional::Like(_));
    let declaring = || {
        let declares = face.parts.iter().filter(|part| part.says("properties").is_some());
        declares.count()
    };
    readable
        && face.unions.is_empty()
        && face.unresolved.is_empty()
        && !face.is_cut
        && face.null != Null::Mixed
        // `additionalProperties` sees only the properties declared beside it.
        && closing <= 1
        && (!lexical || declaring() <= 1)
}

/// The words of one part.
type Words<'d> = BTreeMap<&'d str, Node<'d>>;

fn words<'d>(face: &Face<'d>) -> Vec<Words<'d>> {
    let parts = face.parts.iter().filter_map(|part| part.node.as_object());
    // Null that is added to the whole is compared as such.
    let said = |index: usize, key: &str| !(key == "nullable" && index == 0 && face.null == Null::Whole);
    parts
        .enumerate()
        .map(|(index, part)| {
            part.filter(|(key, _)| WORDS.contains(key) && said(index, key))
                .collect()
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
            (Some(own), None) if own.is_array() => {
                own.items().all(|value| wanted.items().any(|it| it == value))
            }
            _ => false,
        },
        "format" if !matches!(wanted.as_str(), Some("int32" | "int64")) => true,
        key => own.get(key) == Some(wanted),
    }) && types_follow((own, from), (other, to))
}

fn types_follow((own, from): (&Words<'_>, Version), (other, to): (&Words<'_>, Version)) -> bool {
    let (Some(own), other) = (types(own, from), types(other, to)) else {
        // A schema without `type` admits every type.
        return types(other, to).is_none() && own.get("nullable") == other.get("nullable");
    };
    other.is_none_or(|other| {
        own.iter()
            .all(|name| other.contains(name) || *name == "integer" && other.contains(&"number"))
    })
}

fn types<'d>(words: &Words<'d>, version: Version) -> Option<Vec<&'d str>> {
    let mut types = match words.get("type")?.kind() {
        Kind::String(one) => vec![one],
        Kind::Array(several) => several.filter_map(Node::as_str).collect(),
        _ => vec!["?"],
    };
    let nullable = words.get("nullable").and_then(|it| it.as_bool());
    if version == Version::V3_0 && nullable == Some(true) {
        types.push("null");
    }
    Some(types)
}

fn is_null_listed(types: Option<Node<'_>>) -> bool {
    let is_null = |it: Node<'_>| it.as_str() == Some("null");
    types.is_some_and(|types| is_null(types) || types.items().any(is_null))
}

/// Whether the properties that are left out of the faces, as read-only or write-only, are the same in both schemas:
/// the search would see a difference.
fn hidden_alike<'d>(both: &Both<'_, 'd>, unchanged: &Unchanged<'d>) -> bool {
    fn hidden<'d>(face: &Face<'d>) -> BTreeMap<&'d str, Node<'d>> {
        let declared = face
            .parts
            .iter()
            .filter_map(|part| part.says("properties")?.as_object());
        declared
            .flatten()
            .filter(|(name, _)| !face.properties.contains_key(name))
            .collect()
    }
    let (old, new) = (hidden(both.base), hidden(both.revision));
    old.len() == new.len()
        && old
            .iter()
            .all(|(name, value)| new.get(name).is_some_and(|other| unchanged.same(*value, *other)))
}

/// Whether every name that may be sent may also be read, if every child pair is contained.
fn names_follow(sent: &Face<'_>, read: &Face<'_>) -> bool {
    let map = matches!(sent.additional, Additional::Like(_));
    // Closed world: a producer emits only declared properties.
    let closed = matches!(sent.additional, Additional::Refused) || (!map && declares(sent));
    let one = |face: &Face<'_>, name: &str| face.properties.get(name).is_some_and(|it| it.len() == 1);
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
    // A required property that nothing declares may have any value.
    let free = matches!(read.additional, Additional::Any | Additional::Unsaid);
    let undeclared = sent
        .required
        .iter()
        .filter(|name| !sent.properties.contains_key(*name))
        .all(|name| free && !read.properties.contains_key(name));
    sent_names && read_names && others && undeclared
}

fn declares(face: &Face<'_>) -> bool {
    face.parts.iter().any(|part| {
        let properties = part.says("properties");
        properties.is_some_and(|properties| !properties.members().is_empty())
    })
}

/// Whether a schema is its alternatives and nothing else; and whether null is added to them.
pub(crate) fn is_pure_union(face: &Face<'_>) -> bool {
    let only = |part: Node<'_>| {
        part.as_object().is_some_and(|part| {
            let mut keys = part.keys();
            keys.all(|key| matches!(key, "oneOf" | "anyOf" | "nullable" | "$ref") || is_silent(key))
        })
    };
    face.unions.len() == 1
        && face.unresolved.is_empty()
        && !face.is_cut
        && face.null != Null::Mixed
        && face.parts.iter().all(|part| only(part.node))
}

/// Whether exactly one of the alternatives must hold.
pub(crate) fn is_exclusive(face: &Face<'_>) -> bool {
    face.parts.iter().any(|part| {
        let branches = part.says("oneOf");
        branches.is_some_and(|branches| branches.items().len() > 1)
    })
}

/// Whether null is one of the alternatives or added to them.
pub(crate) fn adds_null(face: &Face<'_>) -> bool {
    face.null == Null::Whole
        || face
            .unions
            .iter()
            .flatten()
            .any(|branch| is_null_only(branch.node))
}

/// Whether no value that is sent as `sent` is one of `read`, as can be seen at once.
pub(crate) fn are_apart(sent: &Face<'_>, read: &Face<'_>) -> bool {
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
            // A required property is sent even if nothing declares it.
            .any(|name| !sent.declares(name) && !sent.required.contains(name))
}
