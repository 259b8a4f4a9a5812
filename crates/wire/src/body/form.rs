//! `application/x-www-form-urlencoded` bodies (<https://url.spec.whatwg.org/#application/x-www-form-urlencoded>),
//! including the styles that a media type's `encoding` assigns to properties.

use std::collections::HashSet;

use openapi_document::view::{Encoding, MediaName, MediaType, ParameterIn, Style};
use openapi_document::{Document, Node};
use serde_json::Value;

use super::Unread;
use super::fields::Fields;
use crate::percent::form_decoded;
use crate::schema::{names_within, property_names};
use crate::style::{self, CannotWrite, Form, PairsByName, Raw};
use crate::types::{Step, Types, types_at};
use crate::written::{Written, written};

/// Splits a form or a query into pairs of names and values, which stay escaped.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|it| !it.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// Reads a form. Declared properties follow their styles; other pairs are plain text.
pub(super) fn read(document: &Document, media_type: &MediaType<'_>, text: &str) -> Result<Fields, Unread> {
    let malformed = || Unread::Malformed("its escapes are no UTF-8".to_owned());
    let pairs = PairsByName::new(pairs(text));
    let schema = media_type.schema();
    let declared = schema
        .as_ref()
        .map_or_else(Vec::new, |it| property_names(document, it.node));
    let (mut fields, mut inside) = (Fields::default(), HashSet::new());
    let fitting = |name: &str, found: Vec<Written>, encoding: Option<&Encoding<'_>>| {
        let way = [Step::Property(name.to_owned())];
        let types = schema
            .as_ref()
            .map_or(Types::ALL, |it| types_at(document, it.node, &way));
        let may_be_json = types.has(Types::OBJECT) && !has_style(encoding);
        let json = match (is_said_to_be_json(encoding), may_be_json) {
            (None, true) if types.has(Types::STRING) => Json::Too,
            (None, true) if types.has(Types::ARRAY) => Json::Object,
            (Some(true), _) | (None, true) => Json::Only,
            _ => Json::Never,
        };
        fitting(found, types, json)
    };
    for name in &declared {
        let encoding = Encoding::of(media_type, name);
        let form = form_of(encoding.as_ref(), name);
        // The members of an exploded object are pairs of their own.
        let within = schema
            .as_ref()
            .filter(|_| has_style(encoding.as_ref()) && form.explode && form.style == Style::Form)
            .map_or_else(Vec::new, |it| names_within(document, it.node, name));
        let found = style::read(&form, &Raw::Pairs(&pairs), &within).ok_or_else(malformed)?;
        let values = fitting(name, found, encoding.as_ref());
        if values.iter().any(|it| matches!(it, Written::Members(_))) {
            inside.extend(within);
        }
        fields.push(name.clone(), values);
    }
    let mut others = Vec::new();
    let is_declared = |name: &str| declared.binary_search_by(|it| (**it).cmp(name)).is_ok();
    for (name, raw) in pairs.iter() {
        let name = name.ok_or_else(malformed)?;
        let base = name.split('[').next().unwrap_or_default();
        let is_deep = is_declared(base)
            && Encoding::of(media_type, base).is_some_and(|it| it.here.text("style") == Some("deepObject"));
        if !is_declared(name) && !is_deep && !inside.contains(name) {
            others.push((
                name.to_owned(),
                Written::Text(form_decoded(raw).ok_or_else(malformed)?),
            ));
        }
    }
    for (name, value) in style::grouped(others) {
        // A single text may be a list of one.
        let list = match &value {
            Written::Text(_) => Some(Written::List(vec![value.clone()])),
            _ => None,
        };
        let values = fitting(&name, [value].into_iter().chain(list).collect(), None);
        fields.push(name, values);
    }
    Ok(fields)
}

/// Whether a property's text is JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Json {
    Only,
    /// It is if it is an object: the items of a list are fields of their own.
    Object,
    /// It may be, but the property may be a string as well.
    Too,
    Never,
}

/// Selects the readings of a property's text that fit the property's types, or else the first reading. JSON that the
/// property may have beside a string is the second reading.
fn fitting(mut found: Vec<Written>, types: Types, json: Json) -> Vec<Written> {
    let value = match found.first() {
        Some(Written::Text(text)) if json != Json::Never => serde_json::from_str(text).ok(),
        _ => None,
    };
    let value = value.filter(|it: &Value| json != Json::Object || it.is_object());
    if let Some(value) = value.map(Written::Json) {
        if json != Json::Too {
            return vec![value];
        }
        found.insert(1, value);
    }
    let is_scalar = [Types::STRING, Types::INTEGER, Types::BOOLEAN]
        .iter()
        .any(|it| types.has(*it));
    let wanted = |it: &Written| match it {
        Written::Text(_) => is_scalar,
        Written::List(_) => types.has(Types::ARRAY),
        Written::Members(_) => types.has(Types::OBJECT),
        Written::Json(_) => true,
    };
    if found.iter().any(wanted) {
        found.retain(wanted);
    } else {
        found.truncate(1);
    }
    found
}

/// Whether a property is written as JSON; `None` where no media type is said.
fn is_said_to_be_json(encoding: Option<&Encoding<'_>>) -> Option<bool> {
    let types = encoding?.content_types()?;
    Some(types.iter().any(MediaName::is_json))
}

fn has_style(encoding: Option<&Encoding<'_>>) -> bool {
    encoding.is_some_and(|it| ["style", "explode"].iter().any(|key| it.here.says(key).is_some()))
}

fn form_of<'n>(encoding: Option<&Encoding<'_>>, name: &'n str) -> Form<'n> {
    let style = encoding
        .and_then(|it| it.here.text("style"))
        .and_then(Style::named);
    let style = style.unwrap_or(Style::Form);
    let explode = encoding
        .and_then(|it| it.here.says("explode"))
        .and_then(Node::as_bool);
    Form {
        name,
        style,
        explode: explode.unwrap_or(style.explodes_by_default()),
        allow_reserved: false,
    }
}

/// Writes an object as a form.
pub(super) fn write(_: &Document, media_type: &MediaType<'_>, value: &Value) -> Result<String, CannotWrite> {
    let mut pairs = Vec::new();
    for (name, member) in value.as_object().ok_or(CannotWrite::SCALAR)? {
        let encoding = Encoding::of(media_type, name);
        let form = form_of(encoding.as_ref(), name);
        let is_json = is_said_to_be_json(encoding.as_ref()).unwrap_or_else(|| member.is_object());
        let is_text = encoding
            .as_ref()
            .is_some_and(|it| it.here.says("contentType").is_some());
        if member.is_object() && is_text && !is_json && !has_style(encoding.as_ref()) {
            return Err(CannotWrite::UNKNOWN);
        }
        let member = if is_json && !has_style(encoding.as_ref()) {
            Written::Text(member.to_string())
        } else {
            let is_composite = |it: &Value| it.is_array() || it.is_object();
            let is_nested = member.as_array().is_some_and(|it| it.iter().any(is_composite));
            written(member).ok_or(if is_nested {
                CannotWrite::NESTED
            } else {
                CannotWrite::NULL
            })?
        };
        pairs.push(style::write(ParameterIn::Query, &form, &member)?.text(ParameterIn::Query));
    }
    pairs.retain(|it| !it.is_empty());
    Ok(pairs.join("&"))
}
