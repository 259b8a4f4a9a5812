//! The locations in an operation's messages that a schema describes.

use std::collections::HashMap;

use openapi_document::Located;
use openapi_document::pointer;
use openapi_document::view::{MediaType, Operation, ParameterIn, RequestBody};
use openapi_drift::Side;
use openapi_wire::Part;
use serde_json::Value;

use crate::messages::{Called, Instances, Judged, Spot, Step};

/// The kind of location of a schema in messages: the columns of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Position {
    Operation,
    Path,
    Query,
    Header,
    Cookie,
    Form,
    Part,
    Text,
    Json,
    Answer,
    AnswerHeader,
    Webhook,
    Callback,
}

impl Position {
    pub(crate) const ALL: [Self; 13] = [
        Self::Operation,
        Self::Path,
        Self::Query,
        Self::Header,
        Self::Cookie,
        Self::Form,
        Self::Part,
        Self::Text,
        Self::Json,
        Self::Answer,
        Self::AnswerHeader,
        Self::Webhook,
        Self::Callback,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Form => "form",
            Self::Part => "part",
            Self::Text => "text",
            Self::Json => "json",
            Self::Answer => "answer",
            Self::AnswerHeader => "ans.hdr",
            Self::Webhook => "webhook",
            Self::Callback => "callback",
        }
    }
}

/// A schema in an operation's messages.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) position: Position,
    /// The document to which the sender of the message conforms.
    pub(crate) writer: Side,
    /// Whether values are written as text there.
    pub(crate) is_text: bool,
    pub(crate) spot: Spot,
    pub(crate) way: Vec<Step>,
    /// Pointer to the schema, after following its reference.
    pub(crate) at: String,
    /// Pointer to the reference, if there is one.
    pub(crate) reference: Option<String>,
    /// Pointer to the object schema that declares it as a property, and the name of the property.
    pub(crate) owner: Option<(String, String)>,
    /// Whether other parts of the document affect this place: branches on the path, or another place of the same
    /// schema.
    pub(crate) is_entangled: bool,
    /// Whether it is in a branch of `oneOf` or `anyOf`.
    pub(crate) is_alternative: bool,
    /// Pointers to the schemas that apply to the value, including this one.
    parts: Vec<String>,
}

/// Maximum nesting of properties and items.
const DEEPEST: usize = 7;
/// Maximum number of places in one part of a message.
const MOST: usize = 120;

/// All places in the messages of an operation.
pub(crate) fn places(judged: &Judged<'_>, called: Called, operation: &Operation<'_>) -> Vec<Place> {
    let (request_by, answer_by) = match called {
        Called::Path => (Side::Base, Side::Revision),
        // The service sends the request, and its callers send the response.
        Called::Webhook | Called::Callback => (Side::Revision, Side::Base),
    };
    let (mut all, mut is_cut) = (Vec::new(), false);
    let mut add = |position: Position, writer, is_text: bool, spot: Spot, schema: Option<Located<'_>>| {
        let position = match called {
            Called::Path => position,
            Called::Webhook => Position::Webhook,
            Called::Callback => Position::Callback,
        };
        let is_request = matches!(spot, Spot::Parameter(_) | Spot::Body { .. });
        let root = Place {
            position,
            writer,
            is_text,
            spot,
            way: Vec::new(),
            at: String::new(),
            reference: None,
            owner: None,
            is_entangled: false,
            is_alternative: false,
            parts: Vec::new(),
        };
        let mut walk = Walk {
            instances: Instances::new(judged.value, is_request),
            is_flat: is_text,
            found: Vec::new(),
            open: Vec::new(),
            is_cut: false,
        };
        if let Some(schema) = schema {
            walk.visit(root, &schema.at);
        }
        is_cut |= walk.is_cut;
        all.extend(walk.found);
    };
    for parameter in operation.parameters(judged.document).into_iter().flatten() {
        let name = parameter.name.to_owned();
        let (position, part) = match parameter.place {
            ParameterIn::Path => (Position::Path, Part::Path(name)),
            ParameterIn::Query => (Position::Query, Part::Query(name)),
            ParameterIn::Header => (Position::Header, Part::Header(name.to_ascii_lowercase())),
            ParameterIn::Cookie => (Position::Cookie, Part::Cookie(name)),
            ParameterIn::QueryString => continue,
        };
        let content = parameter.content();
        let is_text = content.as_ref().is_none_or(|it| !it.name.is_json());
        let schema = parameter.schema().or_else(|| content.and_then(|it| it.schema()));
        add(position, request_by, is_text, Spot::Parameter(part), schema);
    }
    let body = operation.request_body(judged.document).and_then(Result::ok);
    for media_type in body.iter().flat_map(RequestBody::content) {
        let spot = Spot::Body {
            media: media_type.written.to_owned(),
        };
        if let Some((position, is_text)) = body_position(&media_type, Position::Json) {
            add(position, request_by, is_text, spot, media_type.schema());
        }
    }
    for answer in operation.responses(judged.document).into_iter().flatten() {
        let status = answer.here.at.to_string();
        for header in answer.headers(judged.document).into_iter().flatten() {
            let content = header.content();
            let is_text = content.as_ref().is_none_or(|it| !it.name.is_json());
            let spot = Spot::AnswerHeader {
                status: status.clone(),
                name: header.name.to_owned(),
            };
            let schema = header.schema().or_else(|| content.and_then(|it| it.schema()));
            add(Position::AnswerHeader, answer_by, is_text, spot, schema);
        }
        for media_type in answer.content().into_iter().filter(|_| has_body(answer.written)) {
            let spot = Spot::Answer {
                status: status.clone(),
                media: media_type.written.to_owned(),
            };
            if let Some((_, is_text)) = body_position(&media_type, Position::Answer) {
                add(Position::Answer, answer_by, is_text, spot, media_type.schema());
            }
        }
    }
    for place in &mut all {
        // The places that were left out may have the same schema.
        place.is_entangled |= is_cut;
    }
    all
}

/// Marks the places, each with its operation, whose schema also occurs at another place.
pub(crate) fn entangle(places: &mut [(String, Place)]) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for (_, place) in places.iter() {
        *times.entry(place.at.clone()).or_default() += 1;
    }
    for (_, place) in places {
        place.is_entangled |= times[&place.at] > 1;
    }
}

/// Whether responses with a status may have a body. Some have none, regardless of the document (RFC 9110, sections
/// 15.2, 15.3.5 and 15.4.5).
pub(super) fn has_body(status: &str) -> bool {
    !matches!(status, "204" | "304") && !status.starts_with('1')
}

/// The position under which a body of a media type is counted, and whether its values are written as text.
fn body_position(media_type: &MediaType<'_>, json: Position) -> Option<(Position, bool)> {
    match media_type.name.essence().as_str() {
        "application/x-www-form-urlencoded" => Some((Position::Form, true)),
        essence if essence.starts_with("multipart/") => Some((Position::Part, true)),
        _ if media_type.name.is_json() => Some((json, false)),
        essence if essence.starts_with("text/") && !essence.ends_with("/xml") => Some((Position::Text, true)),
        _ => None,
    }
}

struct Walk<'v> {
    instances: Instances<'v>,
    /// Whether this is a form or a style, where the values inside an object are written by separate rules.
    is_flat: bool,
    found: Vec<Place>,
    /// Pointers to the schemas on the path.
    open: Vec<String>,
    /// Whether a place was left out.
    is_cut: bool,
}

impl Walk<'_> {
    fn visit(&mut self, place: Place, pointer: &str) {
        let Some((at, is_reference)) = self.followed(pointer) else {
            return;
        };
        if self.found.len() >= MOST || self.open.contains(&at) {
            self.is_cut |= self.found.len() >= MOST;
            return;
        }
        let schema = self.instances.document.pointer(&at).unwrap_or(&Value::Null);
        let mut parts = place.parts.clone();
        self.add_parts(&at, &mut parts);
        // A flag in any schema for the value applies to the value.
        let stays_home = |part: &String| {
            let part = self.instances.document.pointer(part);
            part.and_then(|it| it.get(self.instances.stays_home)) == Some(&Value::Bool(true))
        };
        if !schema.is_object() || parts.iter().any(stays_home) {
            return;
        }
        let place = Place {
            at: at.clone(),
            reference: is_reference.then(|| pointer.to_owned()),
            parts,
            ..place
        };
        self.found.push(place.clone());
        let consuming = |it: &&Step| !matches!(it, Step::Branch(..));
        let depth = place.way.iter().filter(consuming).count();
        if depth >= DEEPEST || (self.is_flat && depth >= 2) {
            self.is_cut |= depth >= DEEPEST;
            return;
        }
        self.open.push(at.clone());
        // Keywords that describe the same members or items under a condition.
        let is_conditional = [
            "not",
            "if",
            "dependentSchemas",
            "patternProperties",
            "propertyNames",
            "contains",
        ]
        .iter()
        .any(|key| schema.get(*key).is_some());
        let branches: Vec<(&str, usize)> = ["allOf", "oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| Some((key, schema.get(key)?.as_array()?.len())))
            .collect();
        let has_branches = !branches.is_empty();
        let child = |step: Step, owner: Option<(String, String)>| {
            let keyword = match &step {
                Step::Property(name) => pointer::join("/properties", name),
                Step::Item => "/items".to_owned(),
                _ => String::new(),
            };
            let is_in_place = matches!(step, Step::Branch(..));
            let parts = place.parts.iter().filter(|_| is_in_place || !keyword.is_empty());
            let parts = parts.map(|part| format!("{part}{keyword}")).collect();
            let is_branch = |keyword: &str| matches!(step, Step::Branch(own, _) if own == keyword);
            let mut way = place.way.clone();
            way.push(step.clone());
            Place {
                way,
                owner,
                is_entangled: place.is_entangled || is_conditional || has_branches,
                is_alternative: place.is_alternative || is_branch("oneOf") || is_branch("anyOf"),
                parts,
                ..place.clone()
            }
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        for name in properties.into_iter().flatten().map(|(name, _)| name) {
            let below = pointer::join(&pointer::join(&at, "properties"), name);
            let owner = Some((at.clone(), name.clone()));
            self.visit(child(Step::Property(name.clone()), owner), &below);
        }
        for (keyword, step) in [("items", Step::Item), ("additionalProperties", Step::FurtherName)] {
            if schema.get(keyword).is_some_and(Value::is_object) {
                self.visit(child(step, None), &pointer::join(&at, keyword));
            }
        }
        for (keyword, count) in branches {
            for index in 0..count {
                let below = pointer::join(&pointer::join(&at, keyword), &index.to_string());
                self.visit(child(Step::Branch(keyword, index), None), &below);
            }
        }
        self.open.pop();
    }

    /// Adds a schema, and completes the schemas for the same value by their references and their `allOf` parts.
    fn add_parts(&self, at: &str, parts: &mut Vec<String>) {
        /// Maximum number of schemas for one value; an edit is unlikely to concern further ones.
        const MOST_PARTS: usize = 64;
        let mut open = std::mem::take(parts);
        open.push(at.to_owned());
        while let Some(part) = open.pop().filter(|_| parts.len() < MOST_PARTS) {
            let Some(schema) = self
                .instances
                .document
                .pointer(&part)
                .filter(|_| !parts.contains(&part))
            else {
                continue;
            };
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|it| pointer::of_fragment(it.strip_prefix('#')?));
            open.extend(target.map(std::borrow::Cow::into_owned));
            let members = schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
            open.extend((0..members).map(|index| format!("{part}/allOf/{index}")));
            parts.push(part);
        }
    }

    /// The location of a schema after following its references, and whether there were any.
    fn followed(&self, pointer: &str) -> Option<(String, bool)> {
        let mut at = pointer.to_owned();
        for step in 0..20 {
            let schema = self.instances.document.pointer(&at)?;
            match schema.get("$ref").and_then(Value::as_str) {
                None => return Some((at, step > 0)),
                Some(reference) => {
                    at = openapi_document::pointer::of_fragment(reference.strip_prefix('#')?)?.into_owned();
                }
            }
        }
        None
    }
}
