//! Tables of messages: how each value is written in each place, what each text is read as, and what each schema takes.
#![expect(clippy::too_many_lines, reason = "a table has as many lines as it has rows")]

mod bodies;
mod bytes;
mod contracts;
mod schemas;
mod styles;
mod tags;
mod ways_in;

use openapi_document::Document;
use openapi_wire::{Judgement, Request};
use serde_json::{Value, json};

/// A document with one operation, a POST at `path`.
fn document(version: &str, path: &str, operation: &Value, components: &Value) -> Document {
    let text = json!({"openapi": version, "paths": {path: {"post": operation}}, "components": components});
    Document::read(text.to_string()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn post(target: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Request {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Request {
        method: "POST".to_owned(),
        target: Some(target.to_owned()),
        headers: headers.iter().map(header).collect(),
        body: body.map(<[u8]>::to_vec),
        granted: None,
    }
}

/// All that a document has against a message, with their places.
fn told(judgement: &Judgement) -> String {
    let refusals = judgement
        .refusals
        .iter()
        .map(|it| format!("{}{}: {}", it.part, it.pointer, it.why));
    let doubts = judgement
        .doubts
        .iter()
        .map(|it| format!("open: {}: {}", it.part, it.why));
    refusals.chain(doubts).collect::<Vec<_>>().join("; ")
}
