//! Bodies of requests and responses: their presence, their media types and their schemas.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use openapi_document::{Located, Node};
use serde_json::{Map, Value, json};

use crate::comparison::{AnswerStatus, Comparison, Pair, Slot};
use crate::findings::Drift;
use crate::flow::Flow;
use crate::report::{Direction, Level, Side, Touched};
use crate::rule::{Affects, Rule};
use crate::rules::media::{self, Charsets, Entry, Sample};
use crate::rules::presence::{self, Presence};
use crate::rules::{content, malformed, message, uncompared};

pub(crate) const RULES: &[&Rule] = &[
    &MEDIA_TYPE_REFUSED,
    &MEDIA_TYPE_ADDED,
    &ANSWER_MEDIA_TYPE_LOST,
    &ANSWER_MEDIA_TYPE_ADDED,
    &CALL_MEDIA_TYPE_UNREADABLE,
    &CALL_MEDIA_TYPE_LOST,
    &RANGE_NARROWED,
    &MEDIA_TYPE_CHANGED,
    &CHARSET_MISREAD,
    &CHARSET_CHANGED,
];

const MEDIA_TYPE_REFUSED: Rule = Rule {
    id: "request-media-type-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader no longer accepts a media type in which the body may be sent.",
    mend: "Send the body in a media type that is still accepted.",
    readings: &[6],
};
const MEDIA_TYPE_ADDED: Rule = Rule {
    id: "request-media-type-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "The reader accepts the body in one more media type.",
    mend: "Nothing to do.",
    readings: &[6],
};
const ANSWER_MEDIA_TYPE_LOST: Rule = Rule {
    id: "response-media-type-lost",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "The response is no longer available in a media type that callers ask for.",
    mend: "Ask for another media type, and read it.",
    readings: &[6],
};
const ANSWER_MEDIA_TYPE_ADDED: Rule = Rule {
    id: "response-media-type-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "The response is available in one more media type. Old callers do not ask for it.",
    mend: "Nothing to do.",
    readings: &[6],
};
const CALL_MEDIA_TYPE_UNREADABLE: Rule = Rule {
    id: "response-media-type-unreadable",
    level: Level::Breaking,
    affects: Affects::Receivers,
    explanation: "A webhook or callback may come in a media type that its receivers do not read. They cannot ask for another one.",
    mend: "Read the new media type before the vendor sends it.",
    readings: &[6, 8],
};
const RANGE_NARROWED: Rule = Rule {
    id: "response-media-range-narrowed",
    level: Level::Cosmetic,
    affects: Affects::Nobody,
    explanation: "A message comes only in some of the media types of a range. Whoever reads the range reads these, too.",
    mend: "Nothing to do.",
    readings: &[6],
};
const CALL_MEDIA_TYPE_LOST: Rule = Rule {
    id: "response-media-type-never-sent",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message no longer comes in a media type that its readers know, but it still comes in another one that they know.",
    mend: "Remove the code for this media type once nothing needs it.",
    readings: &[6],
};
const MEDIA_TYPE_CHANGED: Rule = Rule {
    id: "media-type-changed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "A body comes under another media type that its reader treats alike, for example JSON under another name or with other parameters.",
    mend: "Check code that compares the `Content-Type` literally.",
    readings: &[6],
};
const CHARSET_MISREAD: Rule = Rule {
    id: "charset-misread",
    level: Level::Breaking,
    affects: Affects::Both,
    explanation: "A text is written in one charset and read in another, so that every character outside ASCII is misread.",
    mend: "Use the charset that the reader expects.",
    readings: &[6],
};
const CHARSET_CHANGED: Rule = Rule {
    id: "charset-changed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "The charset of a body changed, or only one document states it. A reader that relies on it may misread the text.",
    mend: "Set and check the charset explicitly.",
    readings: &[6],
};

/// Compares the request bodies of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    let touched = pair.touched(None, "/body");
    let old = message::body(comparison, Side::Base, &pair.base, &touched);
    let new = message::body(comparison, Side::Revision, &pair.revision, &touched);
    let is_unread = |side: Side, read: &Option<Located<'d>>| {
        read.is_none() && pair.side(side).here.get("requestBody").is_some()
    };
    if is_unread(Side::Base, &old) || is_unread(Side::Revision, &new) {
        return;
    }
    if let (Some(old), Some(new)) = (&old, &new)
        && comparison.unchanged.same(old.node, new.node)
    {
        return;
    }
    let says = |it: &Option<Located<'d>>| {
        Presence::of(it.is_some(), it.as_ref().is_some_and(|it| it.is_true("required")))
    };
    let places = (old.as_ref(), new.as_ref());
    let body = Body::of_request(pair);
    body.compare_presence(comparison, (says(&old), says(&new)), places, |it| {
        message::request(it, body.direction.sender(), pair, None)
    });
    if let (Some(old), Some(new)) = places {
        body.compare_content(comparison, old, new);
    }
}

/// Compares the bodies of two responses with the same status.
pub(crate) fn compare_answers<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    status: &AnswerStatus,
    base: &Located<'d>,
    revision: &Located<'d>,
) {
    let body = Body::of_answer(pair, status);
    let has_content = |it: &Located<'d>| it.says("content").is_some_and(|it| it.members().next().is_some());
    // OpenAPI has no way to mark a response body as optional.
    let says = |it: &Located<'d>| Presence::of(has_content(it), true);
    let sent = body.direction.flow(base, revision).sent;
    let presence = (says(base), says(revision));
    body.compare_presence(comparison, presence, (Some(base), Some(revision)), |it| {
        message::answer(it, body.direction.sender(), pair, status.code, sent)
    });
    if has_content(base) && has_content(revision) {
        body.compare_content(comparison, base, revision);
    }
}

/// The bodies of requests, or of responses with one status.
struct Body<'a, 'd> {
    pair: &'a Rc<Pair<'d>>,
    status: Option<&'a AnswerStatus>,
    direction: Direction,
    /// Whether the reader asks for the media types that it reads.
    is_negotiated: bool,
}

impl<'a, 'd> Body<'a, 'd> {
    fn of_request(pair: &'a Rc<Pair<'d>>) -> Self {
        Self {
            pair,
            status: None,
            direction: pair.requests(),
            is_negotiated: false,
        }
    }

    fn of_answer(pair: &'a Rc<Pair<'d>>, status: &'a AnswerStatus) -> Self {
        Self {
            pair,
            status: Some(status),
            direction: pair.answers(),
            is_negotiated: pair.answers() == Direction::Response,
        }
    }

    /// The label of the message that carries the body.
    fn carrier(&self) -> String {
        match (self.status, self.direction) {
            (None, Direction::Request) => "the request".to_owned(),
            (None, Direction::Response) => "the call".to_owned(),
            (Some(status), Direction::Response) => format!("the answer {}", status.written),
            (Some(status), Direction::Request) => format!("our answer {}", status.written),
        }
    }

    fn touched(&self) -> Touched {
        let status = self.status.map(|it| &*it.written);
        self.pair.touched(status, "/body")
    }

    fn slot(&self, written: &str) -> Slot {
        let media = written.into();
        match self.status {
            None => Slot::RequestBody { media },
            Some(status) => Slot::AnswerBody {
                status: status.clone(),
                media,
            },
        }
    }

    fn compare_presence(
        &self,
        comparison: &mut Comparison<'d>,
        presence: (Presence, Presence),
        (base, revision): (Option<&Located<'d>>, Option<&Located<'d>>),
        message: impl FnOnce(&mut Comparison<'d>) -> Map<String, Value>,
    ) {
        if presence.0 == presence.1 {
            return;
        }
        let shape = |side: Side, it: Option<&Located<'d>>| {
            it.map(|it| comparison.shape(side, it.node)).unwrap_or_default()
        };
        let part = presence::Part {
            label: match (self.status, self.direction) {
                (None, Direction::Request) => "the request body".to_owned(),
                _ => format!("the body of {}", self.carrier()),
            },
            cause: format!("{} {}", shape(Side::Base, base), shape(Side::Revision, revision)),
            base_at: base.map(|it| it.at.to_string()),
            revision_at: revision.map(|it| it.at.to_string()),
            touched: self.touched(),
        };
        let rules = match self.status {
            None => presence::of_bodies(self.direction),
            Some(_) => presence::of_answers(self.direction),
        };
        presence::compare(
            comparison,
            self.pair,
            self.direction,
            rules,
            presence,
            part,
            message,
        );
    }

    /// Compares the media types of bodies, and the description of the body in each.
    fn compare_content(&self, comparison: &mut Comparison<'d>, base: &Located<'d>, revision: &Located<'d>) {
        let (old, new) = (
            media::entries(base.get("content").as_ref()),
            media::entries(revision.get("content").as_ref()),
        );
        // A body without any media type is not described.
        let silent = match (old.is_empty(), new.is_empty()) {
            (false, false) => None,
            (true, true) => return,
            (true, false) => Some((Side::Base, base)),
            (false, true) => Some((Side::Revision, revision)),
        };
        if let Some((side, body)) = silent {
            // A `content` of another type is reported as malformed.
            if !body.says("content").is_none_or(Node::is_object) {
                return;
            }
            return comparison.report(malformed::without_media_type(side, body), self.touched());
        }
        if !comparison.may_pair(old.len().max(new.len())) {
            let title = "so many media types are declared that these were not compared";
            return uncompared::tell(comparison, self.pair, "/body", title);
        }
        let flow = self.direction.flow(old.as_slice(), new.as_slice());
        let samples = media::samples(&old, &new);
        let index = Flow {
            sent: media::Index::of(flow.sent),
            read: media::Index::of(flow.read),
        };
        let mut paired: Vec<(usize, usize, &Sample)> = Vec::new();
        let mut alone = Flow {
            sent: Vec::new(),
            read: Vec::new(),
        };
        for sample in &samples {
            let sent = index.sent.sending(sample);
            let read = index.read.reading(sample);
            // A sender spells a type as its entry does, which is a sample of its own.
            let is_spelled = |sent: &usize| media::sendable(&flow.sent[*sent]) == sample.written;
            let sent = sent.filter(|it| flow.sent[*it].0.is_range() || is_spelled(it));
            match (sent, read) {
                (Some(sent), Some(read)) => paired.push((sent, read, sample)),
                (Some(sent), None) => alone.sent.push((sent, sample)),
                (None, Some(read)) => alone.read.push((read, sample)),
                (None, None) => {}
            }
        }
        self.take_as_json(&index.read, &mut paired, &mut alone);
        let mut met = BTreeSet::new();
        for (sent, read, sample) in &paired {
            if met.insert((*sent, *read)) {
                let entries = Flow {
                    sent: &flow.sent[*sent],
                    read: &flow.read[*read],
                };
                self.compare_entries(comparison, entries, sample);
            }
        }
        let is_sent: HashSet<usize> = paired.iter().map(|it| it.0).collect();
        let is_read: HashSet<usize> = paired.iter().map(|it| it.1).collect();
        let mut told = BTreeSet::new();
        for (index, sample) in alone.sent {
            if told.insert(index) {
                let is_known = is_sent.contains(&index);
                self.unread(comparison, (base, revision), &flow.sent[index], sample, is_known);
            }
        }
        told.clear();
        for (index, sample) in alone.read {
            let is_known = is_read.contains(&index);
            // Of a range, only a part may still be sent.
            if (!is_known || flow.read[index].0.is_range()) && told.insert(index) {
                let others = if is_known {
                    Others::Part
                } else if paired.is_empty() {
                    Others::None
                } else {
                    Others::Left
                };
                self.unsent(comparison, (base, revision), &flow.read[index], sample, others);
            }
        }
    }

    /// Pairs JSON types that have no counterpart, since a reader of the service's messages accepts JSON under any name.
    /// It reads what it does not list as the first JSON type that it lists. If it negotiates, that matters only where
    /// this type itself is no longer sent.
    fn take_as_json<'s>(
        &self,
        read: &media::Index<'_, 'd>,
        paired: &mut Vec<(usize, usize, &'s Sample)>,
        alone: &mut Flow<Vec<(usize, &'s Sample)>>,
    ) {
        if self.direction == Direction::Request {
            return;
        }
        let is_read: HashSet<usize> = paired.iter().map(|it| it.1).collect();
        let is_asked = |read: &usize| !self.is_negotiated || !is_read.contains(read);
        let new = alone.sent.iter();
        let found: Vec<_> = new
            .filter_map(|(sent, sample)| {
                let read = read.other_json(sample).filter(is_asked)?;
                Some((*sent, read, *sample))
            })
            .collect();
        let (sent, read): (HashSet<usize>, HashSet<usize>) = found.iter().map(|it| (it.0, it.1)).unzip();
        alone.sent.retain(|it| !sent.contains(&it.0));
        alone.read.retain(|it| !read.contains(&it.0));
        paired.extend(found);
    }

    fn about(
        &self,
        rule: &'static Rule,
        (base, revision): (&Located<'d>, &Located<'d>),
        cause: String,
        title: String,
    ) -> Drift {
        Drift::new(rule, cause, title)
            .base(&base.at)
            .revision(&revision.at)
            .flows(self.direction)
    }

    /// Reports that a body is sent with another media type.
    fn changed(
        &self,
        comparison: &mut Comparison<'d>,
        places: (&Located<'d>, &Located<'d>),
        (sent, _): &Entry<'d>,
        (read, _): &Entry<'d>,
    ) {
        let title = match self.direction {
            Direction::Request => format!("{} is sent as `{sent}` and taken as `{read}`", self.carrier()),
            Direction::Response => format!("{} comes as `{sent}`, no longer as `{read}`", self.carrier()),
        };
        let drift = self.about(&MEDIA_TYPE_CHANGED, places, format!("{sent} {read}"), title);
        comparison.report(drift, self.touched());
    }

    /// Compares two entries that describe the same messages.
    fn compare_entries(&self, comparison: &mut Comparison<'d>, entries: Flow<&Entry<'d>>, sample: &Sample) {
        let Flow { sent, read } = entries;
        let (base, revision) = match self.direction {
            Direction::Request => (&sent.1, &read.1),
            Direction::Response => (&read.1, &sent.1),
        };
        if !sent.0.is_range() && !read.0.covers(&sent.0) {
            self.changed(comparison, (base, revision), sent, read);
        }
        // The message has the media type as its sender spells it.
        let slot = if sent.0.is_range() {
            self.slot(&sample.written)
        } else {
            self.slot(&media::sendable(sent))
        };
        self.compare_charsets(comparison, (base, revision), sent, read, &slot);
        content::compare(comparison, self.pair, base, revision, &slot, self.direction);
    }

    fn compare_charsets(
        &self,
        comparison: &mut Comparison<'d>,
        places: (&Located<'d>, &Located<'d>),
        sent: &Entry<'d>,
        read: &Entry<'d>,
        slot: &Slot,
    ) {
        let rule = match media::charsets(&sent.0, &read.0) {
            Charsets::Same => return,
            Charsets::Unclear => &CHARSET_CHANGED,
            Charsets::Misread => &CHARSET_MISREAD,
        };
        let title = match self.direction {
            Direction::Request => format!(
                "{} is sent as `{}` and read as `{}`",
                self.carrier(),
                sent.0,
                read.0
            ),
            Direction::Response => format!("{} comes as `{}`, read as `{}`", self.carrier(), sent.0, read.0),
        };
        let cause = format!("{} {}", sent.0, read.0);
        let side = self.direction.sender();
        let text = json!("é");
        let carries = |it: &mut Comparison<'d>| {
            sent.1.get("schema").is_none_or(|schema| {
                let id = it.schemas.lower(side, schema.node, self.direction);
                it.schemas.accepts(id, &text) == Ok(true)
            })
        };
        if rule.level > Level::Breaking || !carries(comparison) {
            let drift = self.about(&CHARSET_CHANGED, places, cause, title);
            return comparison.report(drift, self.touched());
        }
        let drift = self.about(rule, places, cause, title);
        let proof = self
            .direction
            .proof("its bytes are read in another charset, as another text");
        comparison.prove(drift, self.pair, self.touched(), proof, |it| {
            message::carrying(it, side, self.pair, slot, text)
        });
    }

    /// Reports a media type in which a body may be sent and which is not read. `is_known` says that a part of the range
    /// still is.
    fn unread(
        &self,
        comparison: &mut Comparison<'d>,
        places: (&Located<'d>, &Located<'d>),
        (media, place): &Entry<'d>,
        sample: &Sample,
        is_known: bool,
    ) {
        let other = if is_known { "any other " } else { "" };
        let (rule, title) = match (self.direction, self.is_negotiated) {
            (Direction::Request, _) => (
                &MEDIA_TYPE_REFUSED,
                format!("{} is no longer taken as {other}`{media}`", self.carrier()),
            ),
            (Direction::Response, false) => (
                &CALL_MEDIA_TYPE_UNREADABLE,
                format!(
                    "{} may come as {other}`{media}`, which callers do not read",
                    self.carrier()
                ),
            ),
            (Direction::Response, true) => (
                &ANSWER_MEDIA_TYPE_ADDED,
                format!("{} also comes as {other}`{media}`", self.carrier()),
            ),
        };
        let drift = self.about(rule, places, format!("{media} {is_known}"), title);
        if self.is_negotiated {
            return comparison.report(drift, self.touched());
        }
        let proof = self
            .direction
            .proof(format!(
                "{} is not among the media types that are read",
                sample.written
            ))
            .of_media_type();
        let (side, slot) = (self.direction.sender(), self.slot(&sample.written));
        let place = &message::followed(comparison, side, place);
        let carrier = message::carrier(comparison, side, media, place);
        let schemas = &mut comparison.schemas;
        let schema = message::described(place);
        let id = schema.map(|it| schemas.lower_carried(side, it.node, self.direction, carrier));
        // By the letter of `oneOf`, a value that matches several alternatives is not sent. Others send it.
        let lenient = id.map(|id| schemas.taking_overlaps(id));
        if lenient.is_some_and(|id| schemas.is_empty(id) == Some(true)) {
            let why = "its schema accepts no value, so that nobody can say what is sent";
            return comparison.report(drift.undecided(why), self.touched());
        }
        comparison.prove(drift, self.pair, self.touched(), proof, |it| {
            let sample = |id| it.schemas.sample(id).or_else(|| it.schemas.sample(lenient?));
            let value = id.map(sample);
            let is_unbuilt = value == Some(None);
            let value = value.flatten().unwrap_or_default();
            let mut message = message::carrying(it, side, self.pair, &slot, value);
            if is_unbuilt {
                message.remove("body");
            }
            message
        });
    }

    /// Reports a media type that is read, but in which no body is sent.
    fn unsent(
        &self,
        comparison: &mut Comparison<'d>,
        places: (&Located<'d>, &Located<'d>),
        (media, _): &Entry<'d>,
        sample: &Sample,
        others: Others,
    ) {
        let is_known = others == Others::Part;
        let other = if is_known { "any other " } else { "" };
        let cause = format!("{media} {is_known}");
        match (self.direction, self.is_negotiated) {
            (Direction::Request, _) => {
                let title = format!("{} is also taken as {other}`{media}`", self.carrier());
                let drift = self.about(&MEDIA_TYPE_ADDED, places, cause, title);
                comparison.report(drift, self.touched());
            }
            // A reader of a range still receives a part of it.
            (Direction::Response, _) if is_known => {
                let title = format!("{} never comes as any other {media} any more", self.carrier());
                let drift = self.about(&RANGE_NARROWED, places, cause, title);
                comparison.report(drift, self.touched());
            }
            // The reader does not choose the type, or another type that it reads is still sent.
            (Direction::Response, is_negotiated) if !is_negotiated || others == Others::Left => {
                let title = format!("{} never comes as `{media}` any more", self.carrier());
                let drift = self.about(&CALL_MEDIA_TYPE_LOST, places, cause, title);
                comparison.report(drift, self.touched());
            }
            (Direction::Response, _) => {
                let title = format!("{} no longer comes as `{media}`", self.carrier());
                let drift = self.about(&ANSWER_MEDIA_TYPE_LOST, places, cause, title);
                let because = format!("{} is asked for and not given", sample.written);
                let (code, revision) = (self.status.map_or(200, |it| it.code), places.1);
                let proof = self.direction.proof(because).of_media_type();
                comparison.prove(drift, self.pair, self.touched(), proof, |it| {
                    message::answer(it, Side::Revision, self.pair, code, revision)
                });
            }
        }
    }
}

/// The media types that remain when a body is no longer sent in one of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    /// A part of the media type, which is a range, is still sent.
    Part,
    /// Another media type that is read is still sent.
    Left,
    /// No other media type that is read is sent.
    None,
}
