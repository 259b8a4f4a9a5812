//! Judges the content of a part: bytes in a media type, text in a style, and values under a schema.

use std::sync::PoisonError;

use openapi_document::view::{MediaName, MediaType};
use openapi_document::{Located, Node, Version};

use super::Contract;
use crate::body::{self, Held, Unread};
use crate::judgement::{Cause, Judgement, Part, Read, Refusal};
use crate::schema::{Direction, MOST_REASONS};
use crate::types::{Types, types_at};
use crate::written::{Written, readings};

const TOO_MANY: &str = "its text can be read in too many ways";

impl<'d> Contract<'d> {
    /// Judges a parameter or a header that is declared with a media type.
    pub(super) fn judge_content(
        &self,
        part: Part,
        content: &MediaType<'d>,
        found: &[Written],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let Some(Written::Text(text)) = found.first() else {
            judgement.refuse(part, Cause::Malformed, "it is one text, and several are there");
            return;
        };
        if !content.name.is_json() {
            let found = vec![Written::Text(text.clone())];
            self.judge_texts(part, content.schema().as_ref(), &found, direction, judgement);
            return;
        }
        match serde_json::from_str(text) {
            Ok(value) => {
                self.judge_value(&part, content.schema().as_ref(), &value, direction, judgement);
                judgement.read.insert(part, Read::Json(value));
            }
            Err(_) => judgement.refuse(part, Cause::Malformed, "it is not JSON"),
        }
    }

    /// Judges the possible readings of a text, which is accepted if the schema accepts one of them.
    pub(super) fn judge_texts(
        &self,
        part: Part,
        schema: Option<&Located<'d>>,
        found: &[Written],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let types = schema.map_or(Types::STRING, |it| types_at(self.document, it.node, &[]));
        let fits = |it: &&Written| match it {
            Written::Text(_) => types.has_scalars(),
            Written::List(_) => types.has(Types::ARRAY),
            Written::Members(_) => types.has(Types::OBJECT),
            Written::Json(_) => true,
        };
        let fitting: Vec<&Written> = found.iter().filter(fits).collect();
        let tried = if fitting.is_empty() {
            vec![&found[0]]
        } else {
            fitting
        };
        let mut first: Option<Judgement> = None;
        let mut is_cut = false;
        for written in &tried {
            let readings = readings(self.document, schema.map(|it| it.node), written);
            is_cut |= readings.is_cut;
            for value in readings.values {
                let mut own = Judgement::default();
                self.judge_value(&part, schema, &value, direction, &mut own);
                if own.refusals.is_empty() && own.doubts.is_empty() {
                    judgement.values.insert(part.clone(), value);
                    judgement.read.insert(part, Read::Text((*written).clone()));
                    return;
                }
                // An undecided reading takes precedence over a refused one.
                if first
                    .as_ref()
                    .is_none_or(|it| own.refusals.is_empty() && !it.refusals.is_empty())
                {
                    first = Some(own);
                }
            }
        }
        judgement.read.insert(part.clone(), Read::Text(tried[0].clone()));
        if is_cut {
            judgement.doubt(part, TOO_MANY);
        } else if let Some(own) = first {
            judgement.refusals.extend(own.refusals);
            judgement.doubts.extend(own.doubts);
        }
    }

    pub(super) fn judge_value(
        &self,
        part: &Part,
        schema: Option<&Located<'d>>,
        value: &serde_json::Value,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        if let Some(schema) = schema {
            self.judge_node(part, schema.node, value, direction, judgement);
        }
    }

    pub(super) fn judge_node(
        &self,
        part: &Part,
        schema: Node<'d>,
        value: &serde_json::Value,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        // The judge stays usable if another thread panicked while it held the lock.
        let mut judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        match judge.refusals(self.document, schema, direction, value, self.quotes_values) {
            Ok(refusals) => {
                if refusals.len() == MOST_REASONS {
                    judgement.doubt(part.clone(), "it is refused for more reasons than are told");
                }
                judgement.refusals.extend(refusals.into_iter().map(|it| Refusal {
                    part: part.clone(),
                    pointer: it.pointer,
                    cause: it.cause,
                    keyword: it.keyword,
                    why: it.why,
                }));
            }
            Err(why) => judgement.doubt(part.clone(), why),
        }
    }

    pub(super) fn judge_body(
        &self,
        content: &[MediaType<'d>],
        sent: Option<&str>,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let Some(sent) = sent.map(MediaName::parse) else {
            judgement.refuse(
                Part::ContentType,
                Cause::Missing,
                "a body without a media type cannot be read",
            );
            return;
        };
        let Some(media_type) = body::chosen(content, &sent, direction) else {
            let listed: Vec<_> = content.iter().map(|it| it.written).collect();
            let why = format!("{sent} is not listed; what is listed is {}", listed.join(", "));
            judgement.refuse(Part::ContentType, Cause::NotListed, why);
            return;
        };
        let media_type = match media_type.followed(self.document) {
            Ok(media_type) => media_type,
            Err(defect) => return judgement.doubt(Part::Body, defect.to_string()),
        };
        // A schema that accepts no array describes the items, as authors mean it, because the whole stream is an array.
        let meant = media_type.schema().filter(|it| {
            let is_stream = self.document.version() == Version::V3_2 && body::is_stream(&sent);
            is_stream && !types_at(self.document, it.node, &[]).has(Types::ARRAY)
        });
        if let Some(schema) = media_type.item_schema().or(meant) {
            return self.judge_stream(&schema, &sent, bytes, direction, judgement);
        }
        self.judge_held(Part::Body, &media_type, &sent, bytes, direction, judgement);
    }

    /// Judges the content of bytes in a media type.
    pub(super) fn judge_held(
        &self,
        part: Part,
        media_type: &MediaType<'d>,
        sent: &MediaName,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let schema = media_type.schema();
        match body::read(self.document, media_type, sent, bytes) {
            Ok(Held::Json(value)) => {
                self.judge_value(&part, schema.as_ref(), &value, direction, judgement);
                judgement.read.insert(part, Read::Json(value));
            }
            Ok(Held::Text(written)) => {
                self.judge_texts(part, schema.as_ref(), &[written], direction, judgement);
            }
            Ok(Held::Fields(fields)) => {
                let (found, is_cut) = fields.readings();
                let refused = judgement.refusals.len();
                self.judge_texts(part.clone(), schema.as_ref(), &found, direction, judgement);
                if is_cut && judgement.refusals.len() > refused {
                    judgement.refusals.truncate(refused);
                    judgement.doubt(part, TOO_MANY);
                }
            }
            Ok(Held::Opaque) => {
                judgement.read.insert(part, Read::Opaque);
            }
            Err(Unread::Malformed(why)) => judgement.refuse(part, Cause::Malformed, why),
            Err(Unread::CannotTell(why)) => judgement.doubt(part, why),
        }
    }

    /// Judges a stream item by item against the schema of its items.
    pub(super) fn judge_stream(
        &self,
        schema: &Located<'d>,
        sent: &MediaName,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        if body::is_events(sent) {
            return self.judge_events(schema, bytes, direction, judgement);
        }
        match body::items(sent, bytes) {
            Some(Ok(items)) => {
                for item in &items {
                    self.judge_value(&Part::Body, Some(schema), item, direction, judgement);
                }
                judgement.read.insert(Part::Body, Read::Json(items.into()));
            }
            Some(Err(why)) => judgement.refuse(Part::Body, Cause::Malformed, why),
            None => judgement.doubt(Part::Body, format!("a stream in {sent} is not judged here")),
        }
    }
    fn judge_events(
        &self,
        schema: &Located<'d>,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let events = match body::events(bytes) {
            Ok(events) => events,
            Err(why) => return judgement.refuse(Part::Body, Cause::Malformed, why),
        };
        for event in &events {
            let found = body::read_event(self.document, schema.node, event);
            self.judge_texts(Part::Body, Some(schema), &found, direction, judgement);
        }
        // The fields stay text here, because only the schema determines their types.
        let text = |(name, text): (String, String)| (name, Written::Text(text));
        let told = |event: body::Event| Written::Members(event.into_iter().map(text).collect());
        let told = Written::List(events.into_iter().map(told).collect());
        judgement.values.remove(&Part::Body);
        judgement.read.insert(Part::Body, Read::Text(told));
    }
}
