//! Decides whether a message shows an edit, because other parts of the document may hide it.

use openapi_document::view::Operation;
use openapi_drift::{Document, Side};
use serde_json::Value;

use super::edit::{Edit, ShownBy};
use super::place::{Place, places};
use crate::messages::{Called, Focus, Instances, Judged, Message, Outcome, Size, candidates, messages, sent};

/// The writer and the reader of a message.
struct Exchange<'e, 'd> {
    writer: &'e Judged<'d>,
    reader: &'e Judged<'d>,
    /// The reader with non-exclusive alternatives, to recognize a refusal that arises only because several
    /// alternatives match.
    lenient: &'e Judged<'e>,
    called: Called,
    written_by: Operation<'d>,
    at: &'e str,
    sends_request: bool,
    shown_by: ShownBy,
}

/// The reason why no message of the operation at a pointer shows an edit; `None` if one does.
pub(super) fn hidden(
    base: &Judged<'_>,
    revision: &Judged<'_>,
    at: &str,
    place: Option<&Place>,
    edit: &Edit,
) -> Option<&'static str> {
    let (writer, reader) = match (edit.shown_by, edit.writer) {
        (ShownBy::Document, _) => return None,
        (ShownBy::Filled, _) => (base, base),
        (ShownBy::Lost, _) | (_, Side::Base) => (base, revision),
        (_, Side::Revision) => (revision, base),
    };
    let Some((called, written_by)) = writer.operation(at) else {
        return Some("the operation is not there to write a message");
    };
    let together = together(reader.value);
    let Ok(lenient) = Document::read(together.to_string()) else {
        return Some("the edited document cannot be read");
    };
    let exchange = Exchange {
        writer,
        reader,
        lenient: &Judged::new(&lenient, &together),
        called,
        written_by,
        at,
        sends_request: (called == Called::Path) == (edit.writer == Side::Base),
        shown_by: edit.shown_by,
    };
    let is_seen = match place {
        Some(place) => exchange.is_seen_at(place, [base.value, revision.value]),
        None => exchange.is_seen_beside(edit),
    };
    if is_seen || (edit.shown_by != ShownBy::Filled && exchange.is_shown_by_any(None)) {
        return None;
    }
    Some(match edit.shown_by {
        ShownBy::Filled => "no message fills the place",
        ShownBy::Lost => "no message is lost",
        _ => "no message shows it",
    })
}

impl Exchange<'_, '_> {
    /// Whether a value at the place shows the edit.
    fn is_seen_at(&self, place: &Place, documents: [&Value; 2]) -> bool {
        documents.into_iter().any(|document| {
            let instances = Instances::new(document, self.sends_request);
            let Some(schema) = document.pointer(&place.at) else {
                return false;
            };
            let values = match self.shown_by {
                ShownBy::Filled => {
                    let sizes = [Size::Minimal, Size::Maximal].into_iter();
                    sizes.filter_map(|size| instances.of(schema, size)).collect()
                }
                _ => candidates(instances, schema),
            };
            self.is_shown_by_one(place, &values)
        })
    }

    /// Whether a value of the parameter shows an edit of how it is written.
    fn is_seen_beside(&self, edit: &Edit) -> bool {
        if self.shown_by != ShownBy::Misread {
            return false;
        }
        let edited = edit.changes.last().map_or("", |it| it.0.as_str());
        let instances = Instances::new(self.writer.value, true);
        let places = places(self.writer, self.called, &self.written_by);
        let own = places
            .iter()
            .filter(|it| it.way.is_empty() && it.reference.as_ref().unwrap_or(&it.at).starts_with(edited));
        own.into_iter().any(|place| {
            let schema = self.writer.value.pointer(&place.at).unwrap_or(&Value::Null);
            self.is_shown_by_one(place, &candidates(instances, schema))
        })
    }

    fn is_shown_by_one(&self, place: &Place, values: &[Value]) -> bool {
        values.iter().any(|value| {
            self.is_shown_by_any(Some(Focus {
                spot: &place.spot,
                way: &place.way,
                value,
            }))
        })
    }

    fn is_shown_by_any(&self, focus: Option<Focus<'_>>) -> bool {
        let messages = messages(
            self.writer,
            self.called,
            &self.written_by,
            self.sends_request,
            focus,
        );
        messages.iter().any(|it| self.is_shown_by(it))
    }

    fn is_shown_by(&self, message: &Message) -> bool {
        match (self.shown_by, self.outcome(self.reader, message)) {
            (ShownBy::Filled, outcome) => outcome != Outcome::Unsendable,
            (ShownBy::Misread, Outcome::ReadOtherwise) => true,
            (_, Outcome::Refused) => self.outcome(self.lenient, message) == Outcome::Refused,
            _ => false,
        }
    }

    fn outcome(&self, reader: &Judged<'_>, message: &Message) -> Outcome {
        let read_by = reader.operation(self.at);
        let read_by = read_by.as_ref().map(|(called, operation)| (*called, operation));
        let written_by = (self.called, &self.written_by);
        sent(self.writer, written_by, reader, read_by, message)
    }
}

/// The document with every `oneOf` replaced by `anyOf`.
fn together(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let has_both = members.contains_key("anyOf");
            let renamed = members.iter().map(|(key, value)| {
                let is_list = key == "oneOf" && value.is_array() && !has_both;
                let key = if is_list { "anyOf" } else { key };
                (key.to_owned(), together(value))
            });
            renamed.collect()
        }
        Value::Array(items) => items.iter().map(together).collect(),
        scalar => scalar.clone(),
    }
}
