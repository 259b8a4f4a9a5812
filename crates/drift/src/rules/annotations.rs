//! Annotations that callers rely on: formats, encodings, defaults and open enums. No value is refused because of them.

use openapi_document::Node;

use crate::containment::{Schemas, Verdict, World};
use crate::diff::face::Face;
use crate::diff::label::{is_shared, label};
use crate::diff::node::Local;
use crate::diff::pair::{Both, label_of, shown};
use crate::instance::told;
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::format::{FORMAT, FORMAT_NARROWED};
use crate::rules::lifecycle;
use crate::schema::alike::Alike;
use crate::schema::ast::Types;
use crate::schema::keywords::{EXTENSIBLE_ENUM, SUNSET};

pub(crate) const RULES: &[&Rule] = &[
    &FORMAT,
    &FORMAT_NARROWED,
    &ENCODING,
    &MEDIA_TYPE,
    &SCHEMA,
    &ENUM_LOST,
    &ENUM_ADDED,
    &DEFAULT,
    &DEFAULT_DOCUMENTED,
    &PROPERTY_DEPRECATED,
];

const ENCODING: Rule = Rule {
    id: "content-encoding-changed",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The reader decodes a text from another encoding than the one in which it is sent (`contentEncoding`, or the format `byte`).",
    mend: "Decode the text as the sender's document says, or agree on one encoding with the vendor.",
    readings: &[14],
};
const MEDIA_TYPE: Rule = Rule {
    id: "content-media-type-changed",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The reader expects another media type inside a text than the one that is sent (`contentMediaType`).",
    mend: "Check the code that opens the contents of this text.",
    readings: &[14],
};
const SCHEMA: Rule = Rule {
    id: "content-schema-changed",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The contents of a text have another schema (`contentSchema`), so code that decodes them may meet values that it does not know.",
    mend: "Compare the two schemas, and check the code that decodes the text.",
    readings: &[14],
};
const ENUM_LOST: Rule = Rule {
    id: "extensible-enum-value-lost",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "An open list of values (`x-extensible-enum`) no longer names one of its values.",
    mend: "Stop sending the value, and do not wait for it.",
    readings: &[14],
};
const ENUM_ADDED: Rule = Rule {
    id: "extensible-enum-value-added",
    level: Level::Additive,
    affects: Affects::Both,
    explanation: "An open list of values (`x-extensible-enum`) names one more value. Its readers already accept any value.",
    mend: "Nothing to do.",
    readings: &[14],
};
const DEFAULT: Rule = Rule {
    id: "request-default-changed",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The service assumes another value if callers leave one out.",
    mend: "Send the value explicitly wherever the old default is meant.",
    readings: &[14],
};
const DEFAULT_DOCUMENTED: Rule = Rule {
    id: "request-default-documented",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "The document now says which value the service assumes if callers leave one out. It said nothing before.",
    mend: "Nothing to do if the service always behaved like this. Otherwise send the value explicitly.",
    readings: &[14],
};
const PROPERTY_DEPRECATED: Rule = Rule {
    id: "property-deprecated",
    level: Level::Additive,
    affects: Affects::Developers,
    explanation: "A property is marked as deprecated. It still works, but new code should not use it.",
    mend: "Plan to stop using the property.",
    readings: &[14],
};

/// Compares the annotations of two schemas.
pub(crate) fn compare(both: &Both<'_, '_>) -> Vec<Local> {
    let mut found = Vec::new();
    formats(both, &mut found);
    contents(both, &mut found);
    open_enums(both, &mut found);
    defaults(both, &mut found);
    deprecation(both, &mut found);
    found
}

/// Compares the schemas of a text's contents. Validators ignore them, but callers that decode the text rely on them.
pub(crate) fn content_schema<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
    let of = |face: &Face<'d>| face.parts.iter().find_map(|part| part.get("contentSchema"));
    let (old, new) = (of(both.base), of(both.revision));
    if !both.may_be(Types::STRING) {
        return None;
    }
    let label = label_of(both, Side::Base);
    let (old, new) = match (&old, &new, both.direction()) {
        (Some(old), Some(new), _) => (old, new),
        // Only the reader decodes the text.
        (Some(lost), None, Direction::Response) => {
            let title = format!("what {label} holds is no longer described");
            return Some(
                both.local_at(&SCHEMA, title, &lost.at, &both.revision.home, "")
                    .noting(),
            );
        }
        (None, Some(added), Direction::Request) => {
            let title = format!("what {label} holds is described for the first time");
            return Some(
                both.local_at(&SCHEMA, title, &both.base.home, &added.at, "")
                    .noting(),
            );
        }
        _ => return None,
    };
    if Alike::new(both.documents.into()).are(old.node, new.node) {
        return None;
    }
    let base = schemas.lower(Side::Base, old.node, both.direction());
    let revision = schemas.lower(Side::Revision, new.node, both.direction());
    let mut holds = |one, other| schemas.contains(one, other, World::Open) == Verdict::Proved;
    if holds(base, revision) && holds(revision, base) {
        return None;
    }
    let title = format!("what {label} holds is described otherwise");
    Some(both.local_at(&SCHEMA, title, &old.at, &new.at, "").noting())
}

/// Where an annotation is said: beside a reference to a component it describes the use, not the component.
struct Said<'n> {
    label: String,
    base_at: &'n str,
    revision_at: &'n str,
}

impl<'n> Said<'n> {
    fn of(both: &Both<'n, '_>, key: &str) -> Self {
        let beside = |face: &'n Face<'_>| -> Option<&'n str> {
            let at = &*face.parts.iter().find(|part| part.says(key).is_some())?.at;
            let is_inside = at
                .strip_prefix(&*face.home)
                .is_some_and(|it| it.is_empty() || it.starts_with('/'));
            (is_shared(&face.home) && !is_inside).then_some(at)
        };
        let (old, new) = (beside(both.base), beside(both.revision));
        let own = |document, at: Option<&str>| at.map(|at| label(document, at));
        Self {
            label: own(both.documents.0, old)
                .or_else(|| own(both.documents.1, new))
                .unwrap_or_else(|| label_of(both, Side::Base)),
            base_at: old.unwrap_or(&both.base.home),
            revision_at: new.unwrap_or(&both.revision.home),
        }
    }

    fn local(&self, both: &Both<'_, '_>, rule: &'static Rule, title: String) -> Local {
        let local = both.local_at(rule, title, self.base_at, self.revision_at, "");
        local.noting()
    }
}

/// Pairs of formats in which the second covers each text or number of the first (JSON Schema 2020-12, validation,
/// section 7.3; OpenAPI's registry of formats).
const WIDER: [(&str, &str); 12] = [
    ("float", "double"),
    ("int8", "int16"),
    ("int16", "int32"),
    ("int32", "int64"),
    ("int32", "double"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("uri", "uri-reference"),
    ("uri", "iri"),
    ("uri-reference", "iri-reference"),
    ("iri", "iri-reference"),
    ("url", "uri"),
];

/// Whether a reader of the format `read` can read values in the format `sent`.
fn reads(read: &str, sent: &str) -> bool {
    read == sent
        || WIDER
            .iter()
            .any(|(narrow, wide)| *narrow == sent && reads(read, wide))
}

/// The format, if it describes values. In OpenAPI 3.0, `byte` and `binary` stand for an encoding and a media type.
fn format_of<'d>(face: &Face<'d>) -> Option<&'d str> {
    let format = face.annotation("format").and_then(Node::as_str)?;
    // Some authors repeat the type as the format.
    let says_nothing = matches!(
        format,
        "byte" | "base64" | "base64url" | "binary" | "string" | "number" | "integer" | "boolean"
    );
    (!says_nothing).then_some(format)
}

/// The encoding in which bytes are written as text, in lower case.
fn encoding_of(face: &Face<'_>) -> Option<String> {
    let said = face.annotation("contentEncoding").and_then(Node::as_str);
    said.map(str::to_ascii_lowercase)
        .or_else(|| match face.annotation("format").and_then(Node::as_str)? {
            "byte" | "base64" => Some("base64".to_owned()),
            "base64url" => Some("base64url".to_owned()),
            _ => None,
        })
}

/// The media type of a text's contents.
fn media_type_of(both: &Both<'_, '_>, face: &Face<'_>) -> Option<String> {
    let is_text = both.node.carrier.is_text();
    let said = face.annotation("contentMediaType").and_then(Node::as_str);
    let said = said.map(str::to_ascii_lowercase);
    // In a text carrier, bytes without a type are the default.
    said.filter(|it| !is_text || it != "application/octet-stream")
        .or_else(|| {
            let format = face.annotation("format").and_then(Node::as_str);
            // In a text carrier, binary contents are written as they are.
            (format == Some("binary") && !is_text).then(|| "application/octet-stream".to_owned())
        })
}

/// Whether both sides list types and have none in common. Only the change of type is reported then.
fn differ_in_type(both: &Both<'_, '_>) -> bool {
    match (&both.sent().types, &both.read().types) {
        // On the wire, a text may be read as any type that is written in the same way.
        (Some(sent), Some(read)) => !both.node.carrier.is_text() && sent.and(*read).is_empty(),
        _ => false,
    }
}

fn formats(both: &Both<'_, '_>, found: &mut Vec<Local>) {
    let (sent, read) = (format_of(both.sent()), format_of(both.read()));
    // `int32` and `int64` are bounds of values, and are compared as such.
    let is_bound = |format| matches!(format, "int32" | "int64");
    let may_have_format = both.may_be(Types::STRING) || both.may_be(Types::NUMBER);
    if sent == read || !may_have_format || differ_in_type(both) {
        return;
    }
    let said = Said::of(both, "format");
    let Some(wanted) = read.filter(|read| sent.is_none_or(|sent| !reads(read, sent))) else {
        let Some(sent) = sent.filter(|it| !is_bound(it)) else {
            return;
        };
        let label = &said.label;
        let title = match both.direction() {
            Direction::Request => format!("{label} need not be of the format `{sent}` any more"),
            Direction::Response => format!("{label} is of the format `{sent}` now"),
        };
        return found.push(said.local(both, &FORMAT_NARROWED, title));
    };
    if is_bound(wanted) {
        return;
    }
    let title = misread(both, &said.label, wanted, sent, "a format");
    found.push(said.local(both, &FORMAT, title));
}

fn contents(both: &Both<'_, '_>, found: &mut Vec<Local>) {
    if differ_in_type(both) || !both.may_be(Types::STRING) {
        return;
    }
    // An encoding or media type that only the format states is reported as a change of format.
    let rule_of = |rule: &'static Rule, key: &str| {
        let is_said = [both.sent(), both.read()]
            .iter()
            .any(|it| it.annotation(key).is_some());
        if is_said { rule } else { &FORMAT }
    };
    let key_of = |rule: &Rule, key| if rule.id == FORMAT.id { "format" } else { key };
    let (sent, read) = (encoding_of(both.sent()), encoding_of(both.read()));
    if let Some(wanted) = read.as_deref().filter(|_| sent != read) {
        let rule = rule_of(&ENCODING, "contentEncoding");
        let said = Said::of(both, key_of(rule, "contentEncoding"));
        let title = misread(both, &said.label, wanted, sent.as_deref(), "an encoding");
        found.push(said.local(both, rule, title));
    }
    let (sent, read) = (media_type_of(both, both.sent()), media_type_of(both, both.read()));
    if let Some(wanted) = read.as_deref().filter(|_| sent != read) {
        let rule = rule_of(&MEDIA_TYPE, "contentMediaType");
        let said = Said::of(both, key_of(rule, "contentMediaType"));
        let title = misread(both, &said.label, wanted, sent.as_deref(), "a media type");
        found.push(said.local(both, rule, title));
    }
}

/// The title for a value that is read as `wanted` and sent as something else.
fn misread(both: &Both<'_, '_>, label: &str, wanted: &str, sent: Option<&str>, what: &str) -> String {
    let was = sent.map_or_else(|| format!("without {what}"), |sent| format!("as `{sent}`"));
    match both.direction() {
        Direction::Request => format!("{label} is read as `{wanted}`, sent {was}"),
        Direction::Response => format!("{label} comes {was}, read as `{wanted}`"),
    }
}

fn open_enums<'d>(both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let listed = |face: &Face<'d>| -> Option<Vec<Node<'d>>> {
        let list = face.annotation(EXTENSIBLE_ENUM)?;
        Some(list.items().collect())
    };
    let (Some(old), Some(new)) = (listed(both.base), listed(both.revision)) else {
        return;
    };
    let said = Said::of(both, EXTENSIBLE_ENUM);
    let what = &said.label;
    let without = |these: &[Node<'d>], those: &[Node<'d>]| -> Vec<Node<'d>> {
        let alone = these.iter().copied().filter(|it| !those.contains(it));
        alone.collect()
    };
    let (lost, added) = (without(&old, &new), without(&new, &old));
    if !lost.is_empty() {
        let values = shown(lost.into_iter().map(told));
        found.push(said.local(
            both,
            &ENUM_LOST,
            format!("{what} no longer names {values} among its values"),
        ));
    }
    if !added.is_empty() {
        let values = shown(added.into_iter().map(told));
        found.push(said.local(
            both,
            &ENUM_ADDED,
            format!("{what} also names {values} among its values"),
        ));
    }
}

/// Compares the default of a value that senders may leave out. A required value is never left out, and the default of
/// an item or of a whole body has no effect.
fn defaults(both: &Both<'_, '_>, found: &mut Vec<Local>) {
    // Each of several subschemas may state a default.
    let (before, after) = (
        both.base.annotations("default"),
        both.revision.annotations("default"),
    );
    // If a whole is compared with one of several alternatives, its default is reported where all of them are compared.
    if both.direction() == Direction::Response || !both.node.may_be_absent || both.node.whole.is_some() {
        return;
    }
    let gone = before.iter().find(|it| !after.contains(it));
    let new = after.iter().find(|it| !before.contains(it));
    let said = Said::of(both, "default");
    let what = &said.label;
    let shown = |it: &Node<'_>| shown(std::iter::once(told(*it)));
    let (rule, title) = match (gone, new) {
        (None, None) => return,
        (None, Some(new)) if before.is_empty() => (
            &DEFAULT_DOCUMENTED,
            format!("{what} is said to be {} when it is left out", shown(new)),
        ),
        (None, Some(new)) => (
            &DEFAULT,
            format!("{what} is also said to be {} when it is left out", shown(new)),
        ),
        (Some(gone), None) => (
            &DEFAULT,
            format!(
                "{what} is no longer said to be {} when it is left out",
                shown(gone)
            ),
        ),
        (Some(gone), Some(new)) => (
            &DEFAULT,
            format!(
                "{what} is assumed to be {} when it is left out, no longer {}",
                shown(new),
                shown(gone)
            ),
        ),
    };
    found.push(said.local(both, rule, title));
}

/// Compares the keyword `deprecated` and the date after which a part stops working.
fn deprecation(both: &Both<'_, '_>, found: &mut Vec<Local>) {
    let says = |face: &Face<'_>| face.annotation("deprecated").and_then(Node::as_bool) == Some(true);
    if !says(both.base) && says(both.revision) {
        let said = Said::of(both, "deprecated");
        let title = format!("{} is deprecated", said.label);
        found.push(said.local(both, &PROPERTY_DEPRECATED, title));
    }
    let dates = (both.base.annotation(SUNSET), both.revision.annotation(SUNSET));
    if dates.0 != dates.1 {
        let said = Said::of(both, SUNSET);
        let sunset = lifecycle::sunset(dates.0, dates.1, &said.label);
        found.extend(sunset.map(|(rule, title)| said.local(both, rule, title)));
    }
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn a_reader_of_a_wider_format_reads_the_narrower_one() {
        assert!(reads("double", "float"));
        assert!(reads("iri-reference", "url"));
        assert!(!reads("float", "double"));
        assert!(!reads("date", "date-time"));
    }
}
