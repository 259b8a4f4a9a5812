//! How parameters and headers are written on the wire: as text, whatever the type of their values.

use openapi_document::{Kind, Located, Node};

use crate::comparison::Comparison;
use crate::report::Side;
use crate::rules::media::MediaType;
use crate::rules::parameters::{Parameter, is_primitive};

/// How both write a parameter, when that differs for the values it can have.
pub(crate) fn differs<'d>(
    comparison: &Comparison<'d>,
    old: &Parameter<'d>,
    new: &Parameter<'d>,
) -> Option<(String, String)> {
    let primitive = [(Side::Base, old), (Side::Revision, new)]
        .into_iter()
        .all(|(side, parameter)| {
            let schema = parameter
                .schema()
                .and_then(|it: Located<'d>| it.follow(comparison.document(side)).ok());
            schema.is_some_and(|schema| is_primitive(schema.node))
        });
    let (before, after) = (form(old, primitive), form(new, primitive));
    (before != after).then_some((before, after))
}

fn form(parameter: &Parameter<'_>, primitive: bool) -> String {
    if let Some((media, _)) = parameter.content() {
        return MediaType::parse(media).to_string();
    }
    let standard = if matches!(parameter.location, "query" | "cookie") {
        "form"
    } else {
        "simple"
    };
    let style = parameter.place.text("style").unwrap_or(standard);
    if primitive {
        // One value reads the same in all styles but those that put a sign before it.
        return match style {
            "matrix" | "label" => style.to_owned(),
            _ => "plain value".to_owned(),
        };
    }
    let explode = parameter.place.says("explode").and_then(Node::as_bool);
    let explode = explode.unwrap_or(style == "form");
    // Only these styles have both forms.
    let both_forms = matches!(style, "form" | "simple" | "matrix" | "label");
    match (both_forms, explode) {
        (true, true) => format!("{style}, exploded"),
        (true, false) => format!("{style}, not exploded"),
        (false, _) => style.to_owned(),
    }
}

/// The way a reader reads the text of one value, where JSON would tell the types apart.
pub(crate) enum ReadAs<'d> {
    /// The value is read as any text: a number or boolean is one.
    Any,
    /// The value is read as a list of one, whose item has this schema.
    Item(Located<'d>),
}

/// How the text of a value of schema `base` is read under `revision`, where that differs from comparing JSON values.
pub(crate) fn as_read<'d>(
    comparison: &Comparison<'d>,
    base: &Located<'d>,
    revision: &Located<'d>,
) -> Option<ReadAs<'d>> {
    let sent = base.clone().follow(comparison.base).ok()?;
    let read = revision.clone().follow(comparison.revision).ok()?;
    one_of(&sent, &read)
}

/// Whether a header of an answer, which the revision sends and the base reads, is read as any text.
pub(crate) fn is_any_text<'d>(
    comparison: &Comparison<'d>,
    base: &Located<'d>,
    revision: &Located<'d>,
) -> bool {
    let read = base.clone().follow(comparison.base);
    let sent = revision.clone().follow(comparison.revision);
    matches!((sent, read), (Ok(sent), Ok(read)) if matches!(one_of(&sent, &read), Some(ReadAs::Any)))
}

fn one_of<'d>(sent: &Located<'d>, read: &Located<'d>) -> Option<ReadAs<'d>> {
    const CONSTRAINTS: [&str; 9] = [
        "enum",
        "const",
        "pattern",
        "minLength",
        "maxLength",
        "allOf",
        "oneOf",
        "anyOf",
        "not",
    ];
    if !is_primitive(sent.node) {
        return None;
    }
    // Null is no text, whichever way a version of OpenAPI writes that it may be sent.
    let (mut sent_types, read_types) = (types(sent), types(read));
    sent_types.retain(|name| *name != "null");
    if sent_types.iter().all(|name| read_types.contains(name)) {
        return None;
    }
    if read_types.contains(&"string") {
        return CONSTRAINTS
            .iter()
            .all(|key| read.node.get(key).is_none())
            .then_some(ReadAs::Any);
    }
    let least = read.says("minItems").and_then(Node::as_u64).unwrap_or(0);
    read.get("items")
        .filter(|_| read_types.contains(&"array") && least <= 1)
        .map(ReadAs::Item)
}

fn types<'d>(schema: &Located<'d>) -> Vec<&'d str> {
    match schema.says("type").map(Node::kind) {
        Some(Kind::String(one)) => vec![one],
        Some(Kind::Array(several)) => several.filter_map(Node::as_str).collect(),
        _ => Vec::new(),
    }
}
