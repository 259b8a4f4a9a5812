//! Judges a response against its operation: the status, the headers and the body.

use openapi_document::view::{Header, Operation, Response as Declared, Status, Style};

use super::Contract;
use super::forms::joined_header;
use crate::judgement::{Cause, Judgement, Part};
use crate::message::{Response, header};
use crate::schema::Direction;
use crate::style::{self, Form, Raw};

impl<'d> Contract<'d> {
    pub(super) fn judge_response(
        &self,
        operation: &Operation<'d>,
        response: &Response,
        direction: Direction,
    ) -> Judgement {
        let mut judgement = Judgement::default();
        let (mut declared, mut unread) = (Vec::new(), Vec::new());
        let written = operation.here.entries_of("responses").map(|(written, _)| written);
        let written = written.filter(|it| !it.starts_with("x-"));
        for (written, answer) in written.zip(operation.responses(self.document)) {
            match (answer, Status::parse(written)) {
                (Ok(answer), _) => declared.push(answer),
                (Err(defect), Some(status)) => unread.push((status, defect)),
                (Err(defect), None) => judgement.doubt(Part::Status, defect.to_string()),
            }
        }
        let answer = Declared::declared_for(&declared, response.status);
        // Only the entry that describes this status counts.
        unread.retain(|(status, _)| {
            status.covers(response.status) && answer.is_none_or(|it| *status < it.status)
        });
        if let Some((_, defect)) = unread.iter().min_by_key(|(status, _)| *status) {
            judgement.doubt(Part::Status, defect.to_string());
            return judgement;
        }
        let Some(answer) = answer else {
            let why = format!("{} is not declared", response.status);
            judgement.refuse(Part::Status, Cause::NotListed, why);
            return judgement;
        };
        for header in answer.headers(self.document) {
            match header {
                Ok(header) => self.judge_header(&header, response, direction, &mut judgement),
                Err(defect) => judgement.doubt(Part::Status, defect.to_string()),
            }
        }
        let content = answer.content();
        let has_none = operation.method.eq_ignore_ascii_case("head")
            || matches!(response.status, 100..=199 | 204 | 304)
            || content.is_empty();
        match &response.body {
            _ if has_none => {}
            None => judgement.refuse(Part::Body, Cause::Missing, "a body is declared"),
            Some(bytes) => {
                let sent = header(&response.headers, "content-type").next();
                self.judge_body(&content, sent, bytes, direction, &mut judgement);
            }
        }
        judgement
    }

    fn judge_header(
        &self,
        declared: &Header<'d>,
        response: &Response,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let part = Part::Header(declared.name.to_ascii_lowercase());
        let Some(text) = joined_header(&response.headers, declared.name) else {
            if declared.required() {
                judgement.refuse(part, Cause::Missing, "it is required");
            }
            return;
        };
        let form = Form {
            name: declared.name,
            style: Style::Simple,
            explode: declared.explode(),
            allow_reserved: false,
        };
        let found = style::read(&form, &Raw::Header(&text), &[]).unwrap_or_default();
        match declared.content() {
            Some(content) => self.judge_content(part, &content, &found, direction, judgement),
            None => self.judge_texts(part, declared.schema().as_ref(), &found, direction, judgement),
        }
    }
}
