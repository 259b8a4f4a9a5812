//! How a parameter is written on the wire, and whether that changed.

use crate::comparison::Comparison;
use crate::place::Place;
use crate::report::Side;
use crate::structure::media::MediaType;
use crate::structure::parameters::{Parameter, is_primitive};

/// How both write a parameter, when that differs for the values it can have.
pub(crate) fn differs<'d>(
    comparison: &Comparison<'d>,
    old: &Parameter<'d>,
    new: &Parameter<'d>,
) -> Option<(String, String)> {
    let primitive = [(Side::Pin, old), (Side::Staging, new)]
        .into_iter()
        .all(|(side, parameter)| {
            let schema = parameter
                .schema()
                .and_then(|it: Place<'d>| it.follow(comparison.document(side)).ok());
            schema.is_some_and(|schema| is_primitive(schema.value))
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
    let explode = parameter
        .place
        .value
        .get("explode")
        .and_then(serde_json::Value::as_bool);
    let explode = explode.unwrap_or(style == "form");
    // Only these styles have both forms.
    let both_forms = matches!(style, "form" | "simple" | "matrix" | "label");
    match (both_forms, explode) {
        (true, true) => format!("{style}, exploded"),
        (true, false) => format!("{style}, not exploded"),
        (false, _) => style.to_owned(),
    }
}
