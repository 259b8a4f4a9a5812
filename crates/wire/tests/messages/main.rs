//! Judges messages as they are sent.

mod answers;
mod bodies;
mod parameters;
mod requests;

use openapi_document::Document;
use openapi_wire::{Contract, Judgement, Request};

/// A document with one operation at `path`.
fn document(version: &str, method: &str, path: &str, operation: &str, rest: &str) -> Document {
    let text =
        format!(r#"{{"openapi": "{version}", "paths": {{"{path}": {{"{method}": {operation}}}}}{rest}}}"#);
    Document::read(text.clone()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn told(judgement: &Judgement) -> String {
    let refusals = judgement.refusals.iter().map(|it| {
        let at = if it.pointer.is_empty() {
            String::new()
        } else {
            format!(" at {}", it.pointer)
        };
        format!("{}{at}: {}", it.part, it.why)
    });
    let doubts = judgement
        .doubts
        .iter()
        .map(|it| format!("open: {}: {}", it.part, it.why));
    refusals.chain(doubts).collect::<Vec<_>>().join("; ")
}

fn get(target: &str, headers: &[(&str, &str)]) -> Request {
    Request {
        method: "GET".to_owned(),
        target: Some(target.to_owned()),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Request::default()
    }
}

fn post(content: &str, required: bool, content_type: Option<&str>, body: Option<&[u8]>) -> String {
    let operation = format!(r#"{{"requestBody": {{"required": {required}, "content": {content}}}}}"#);
    let document = document("3.1.0", "post", "/x", &operation, "");
    let request = Request {
        method: "POST".to_owned(),
        target: Some("/x".to_owned()),
        headers: content_type
            .iter()
            .map(|it| ("Content-Type".to_owned(), (*it).to_owned()))
            .collect(),
        body: body.map(<[u8]>::to_vec),
        granted: None,
    };
    told(&Contract::new(&document).request(&request))
}
