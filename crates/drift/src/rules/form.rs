//! How the fields of a form are written, and how this changes.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Located;

use crate::comparison::Comparison;
use crate::containment::{Carrier, Styled, Verdict, World};
use crate::diff::pair::shown;
use crate::flow::Flow;
use crate::report::{Direction, Side};
use crate::rules::media::MediaType;
use crate::rules::wire::{Misread, Writing, Written};

const DIFFERENTLY: &str = "is encoded differently";
const IN_MORE_WAYS: &str = "may come in more ways";
const RESERVED: &str = "no longer has reserved characters as they are";
const ALSO_RESERVED: &str = "may also have reserved characters as they are";

/// The fields of a form that are not written by default, and those that are misread.
pub(crate) struct Fields {
    pub(crate) carrier: Carrier,
    pub(crate) misread: Vec<(String, Misread)>,
    /// Fields whose media types or headers changed, and how.
    pub(crate) changed: Vec<(String, String)>,
    /// Parts that may lack a header which their reader requires, each with the name of the header.
    pub(crate) lacking: Vec<(String, String)>,
    /// Fields that are read in all media types in which they are sent, and in others too.
    pub(crate) widened: Vec<(String, String)>,
}

/// The carrier of a form, as one document writes its fields.
pub(crate) fn carrier<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    form: &MediaType,
    place: &Located<'d>,
) -> Carrier {
    let encodings = place.get("encoding");
    let encodings: Vec<_> = encodings.iter().flat_map(Located::entries).collect();
    let mut own = Vec::new();
    for (name, encoding) in encodings {
        let Some(schema) = property(comparison, side, place, name) else {
            continue;
        };
        let writing = Writing::of_field(form, Some(&encoding));
        let carrier = writing.of_items(comparison, side, &schema).carrier();
        if carrier != Carrier::Field {
            own.push((name.to_owned(), carrier));
        }
    }
    comparison.schemas.form(own)
}

/// Compares how the fields of a form are written.
pub(crate) fn fields<'d>(
    comparison: &mut Comparison<'d>,
    form: &MediaType,
    base: &Located<'d>,
    revision: &Located<'d>,
    direction: Direction,
) -> Fields {
    let encoding = |place: &Located<'d>, name: &str| place.get("encoding").and_then(|it| it.get(name));
    let mut names: Vec<&str> = [base, revision]
        .into_iter()
        .filter_map(|place| place.says("encoding"))
        .flat_map(|it| it.members().keys())
        .collect();
    names.sort_unstable();
    names.dedup();
    let (mut own, mut misread, mut changed, mut widened) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut lacking = Vec::new();
    if form.is_multipart() {
        let bytes = parts_of_bytes(comparison, base, revision);
        let is_default = |name: &String| !names.contains(&name.as_str());
        own.extend(bytes.carriers.into_iter().filter(|(name, _)| is_default(name)));
        changed.extend(
            bytes
                .as_text
                .into_iter()
                .filter(is_default)
                .map(|it| (it, DIFFERENTLY.to_owned())),
        );
    }
    for name in names {
        let (old, new) = (encoding(base, name), encoding(revision, name));
        let schemas = (
            property(comparison, Side::Base, base, name),
            property(comparison, Side::Revision, revision, name),
        );
        let writing = |side, encoding: &Option<Located<'d>>, schema: &Option<Located<'d>>| {
            let writing = Writing::of_field(form, encoding.as_ref());
            match schema {
                Some(schema) => writing.of_items(comparison, side, schema),
                None => writing,
            }
        };
        let writings = [
            writing(Side::Base, &old, &schemas.0),
            writing(Side::Revision, &new, &schemas.1),
        ];
        let (old_schema, new_schema) = match schemas {
            (Some(old), Some(new)) => (old, new),
            // A field that only one side declares is written as that side says.
            (old, new) => {
                let writing = old.map(|_| &writings[0]).or(new.map(|_| &writings[1]));
                let carrier = writing.map_or(Carrier::Field, Writing::carrier);
                if carrier != Carrier::Field {
                    own.push((name.to_owned(), carrier));
                }
                continue;
            }
        };
        let written = Written {
            base: (&writings[0], Some(&old_schema)),
            revision: (&writings[1], Some(&new_schema)),
            direction,
        };
        let found = if written.is_in_range() {
            None
        } else {
            written.misread(comparison)
        };
        let is_text = form.is_multipart() && written.states_a_text(comparison);
        let headers = part_headers(comparison, (old.as_ref(), new.as_ref()), direction);
        let media = direction.flow(PartTypes::of(old.as_ref()), PartTypes::of(new.as_ref()));
        let reserved = reserved(form, direction.flow(old.as_ref(), new.as_ref()));
        if let Some(mut found) = found {
            // A part states its own media type, so a reader of another type may still read it.
            found.as_text |= writings.iter().any(|it| matches!(it, Writing::Content(_)));
            misread.push((name.to_owned(), found));
        } else if let PartHeaders::Lacking(header) = headers {
            lacking.push((name.to_owned(), header));
        } else if let Some(what) = is_text
            .then(|| DIFFERENTLY.to_owned())
            .or_else(|| PartTypes::refusal(&media, direction))
        {
            changed.push((name.to_owned(), what));
        } else if let PartHeaders::Changed(what) = headers {
            changed.push((name.to_owned(), what));
        } else if let Some(what) = PartTypes::widening(&media, direction) {
            widened.push((name.to_owned(), what));
        } else if headers == PartHeaders::Widened {
            widened.push((name.to_owned(), IN_MORE_WAYS.to_owned()));
        } else if let Some((is_refused, what)) = reserved {
            let list = if is_refused { &mut changed } else { &mut widened };
            list.push((name.to_owned(), what.to_owned()));
        }
        let carrier = if is_text {
            direction.flow(&writings[0], &writings[1]).sent.carrier()
        } else {
            written.carrier(comparison)
        };
        if carrier != Carrier::Field {
            own.push((name.to_owned(), carrier));
        }
    }
    Fields {
        carrier: comparison.schemas.form(own),
        misread,
        changed,
        lacking,
        widened,
    }
}

/// Whether reserved characters are no longer taken as they are in a field, and the words for it; `None` if nothing changed.
fn reserved(form: &MediaType, encodings: Flow<Option<&Located<'_>>>) -> Option<(bool, &'static str)> {
    let has = |encoding: Option<&Located<'_>>| encoding.is_some_and(|it| it.is_true("allowReserved"));
    match (has(encodings.sent), has(encodings.read)) {
        (true, false) if form.is_urlencoded() => Some((true, RESERVED)),
        (false, true) if form.is_urlencoded() => Some((false, ALSO_RESERVED)),
        _ => None,
    }
}

/// The most important difference between the headers of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PartHeaders {
    Same,
    /// The part may lack this header, which its reader requires.
    Lacking(String),
    /// A header is described otherwise, or only by the sender; the text says which.
    Changed(String),
    /// The reader describes another header, or does not require one that is always sent.
    Widened,
}

fn part_headers<'d>(
    comparison: &mut Comparison<'d>,
    (old, new): (Option<&Located<'d>>, Option<&Located<'d>>),
    direction: Direction,
) -> PartHeaders {
    /// The headers by their names in lower case, each with its name as it is written.
    type Headers<'d> = BTreeMap<String, (&'d str, Located<'d>)>;
    let of = |side: Side, encoding: Option<&Located<'d>>| -> Headers<'d> {
        let headers = encoding.and_then(|it| it.get("headers"));
        let entries = headers.iter().flat_map(Located::entries);
        let entries = entries.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        entries
            .map(|(name, place)| {
                let followed = place.clone().follow(comparison.document(side));
                (name.to_ascii_lowercase(), (name, followed.unwrap_or(place)))
            })
            .collect()
    };
    let flow = direction.flow(of(Side::Base, old), of(Side::Revision, new));
    let is_required = |header: Option<&Located<'_>>| header.is_some_and(|it| it.is_true("required"));
    let mut found = PartHeaders::Same;
    let names: BTreeSet<&String> = flow.sent.keys().chain(flow.read.keys()).collect();
    for name in names {
        let (sent, read) = (flow.sent.get(name), flow.read.get(name));
        let written = read.or(sent).map_or(name.as_str(), |(name, _)| name);
        let [sent, read] = [sent, read].map(|it| it.map(|(_, place)| place));
        if is_required(read) && !is_required(sent) {
            return PartHeaders::Lacking(written.to_owned());
        }
        let (is_read, is_wider) = match (sent, read) {
            (Some(sent), Some(read)) => header_values(comparison, sent, read, direction),
            (sent, _) => (sent.is_none(), true),
        };
        if !is_read {
            let what = if read.is_none() {
                "is gone"
            } else {
                "is described otherwise"
            };
            found = PartHeaders::Changed(format!("has changed: its header `{written}` {what}"));
        } else if found == PartHeaders::Same && (is_wider || is_required(sent) != is_required(read)) {
            found = PartHeaders::Widened;
        }
    }
    found
}

/// Whether the values of a part's header are read as they are sent, and whether more of them are read.
fn header_values<'d>(
    comparison: &mut Comparison<'d>,
    sent: &Located<'d>,
    read: &Located<'d>,
    direction: Direction,
) -> (bool, bool) {
    let value = |side: Side, header: &Located<'d>| {
        let content = header.get("content");
        let listed = content.as_ref().and_then(|it| it.members().next());
        let explode = header.is_true("explode");
        let written = (listed.as_ref().map(|(name, _)| *name), explode);
        let schema = listed.map_or_else(|| header.get("schema"), |(_, media)| media.get("schema"));
        (written, side, schema)
    };
    let (sent, read) = (value(direction.sender(), sent), value(direction.reader(), read));
    let (Some(sent_schema), Some(read_schema)) = (&sent.2, &read.2) else {
        let is_alike = sent.0 == read.0 && sent.2.is_none() && read.2.is_none();
        return (is_alike, false);
    };
    if sent.0 != read.0 {
        return (false, false);
    }
    if comparison.shape(sent.1, sent_schema.node) == comparison.shape(read.1, read_schema.node) {
        return (true, false);
    }
    let sent = comparison.schemas.lower(sent.1, sent_schema.node, direction);
    let read = comparison.schemas.lower(read.1, read_schema.node, direction);
    let mut holds = |one, other| comparison.schemas.contains(one, other, World::Closed) == Verdict::Proved;
    (holds(sent, read), !holds(read, sent))
}

/// Whether the items of a multipart body are written alike under two encodings (OpenAPI 3.2).
pub(crate) fn are_alike<'d>(
    comparison: &mut Comparison<'d>,
    (old, new): (Option<&Located<'d>>, Option<&Located<'d>>),
    direction: Direction,
) -> bool {
    let said = |side: Side, encoding: Option<&Located<'d>>| {
        let members = encoding.into_iter().flat_map(Located::members);
        let members = members.filter(|(key, _)| *key != "headers");
        let said = members.map(|(key, it)| (key, comparison.shape(side, it.node)));
        said.collect::<BTreeMap<_, _>>()
    };
    said(Side::Base, old) == said(Side::Revision, new)
        && part_headers(comparison, (old, new), direction) == PartHeaders::Same
}

/// The media types in which a part may be sent.
struct PartTypes {
    /// Whether they include JSON, plain text, or the default, which write texts and numbers alike.
    has_default: bool,
    others: Vec<MediaType>,
}

impl PartTypes {
    fn of(encoding: Option<&Located<'_>>) -> Self {
        let named = encoding.and_then(|it| it.text("contentType")).unwrap_or_default();
        let types = named.split(',').filter(|it| !it.trim().is_empty());
        let (defaults, mut others): (Vec<_>, Vec<_>) = types
            .map(MediaType::parse)
            .partition(|it| it.is_json() || it.is_plain_text());
        let has_default = others.is_empty() || !defaults.is_empty();
        // Beside plain text, JSON is a type of its own, which writes a text in quotes.
        if defaults.iter().any(MediaType::is_plain_text) {
            others.extend(defaults.into_iter().filter(MediaType::is_json));
        }
        Self { has_default, others }
    }

    /// What is said of a part that may come in a type which its reader does not read.
    fn refusal(types: &Flow<Self>, direction: Direction) -> Option<String> {
        let named = |named| match direction {
            Direction::Request => format!("is no longer taken as {named}"),
            Direction::Response => format!("may come as {named}"),
        };
        types.read.lacking(&types.sent, named, DIFFERENTLY)
    }

    /// What is said of a part whose reader reads a type in which it never comes.
    fn widening(types: &Flow<Self>, direction: Direction) -> Option<String> {
        let named = |named| match direction {
            Direction::Request => format!("is also taken as {named}"),
            Direction::Response => format!("never comes as {named} any more"),
        };
        types.sent.lacking(&types.read, named, IN_MORE_WAYS)
    }

    /// What is said if these types do not cover others: words with the names of the others, or `unnamed` without them.
    fn lacking(&self, others: &Self, named: impl Fn(String) -> String, unnamed: &str) -> Option<String> {
        let told = || self.without(others).map_or_else(|| unnamed.to_owned(), named);
        (!self.cover(others)).then(told)
    }

    /// The other types that a reader of these does not read.
    fn unread<'t>(&'t self, sent: &'t Self) -> impl Iterator<Item = &'t MediaType> {
        let is_covered = |it: &MediaType| self.others.iter().any(|own| own.covers(it));
        sent.others.iter().filter(move |it| !is_covered(it))
    }

    /// The names of the other types that a reader of these does not read.
    fn without(&self, sent: &Self) -> Option<String> {
        let unread: Vec<String> = self.unread(sent).map(MediaType::essence).collect();
        (!unread.is_empty()).then(|| shown(unread.into_iter()))
    }

    /// Whether a reader of these types reads the other ones.
    fn cover(&self, sent: &Self) -> bool {
        (self.has_default || !sent.has_default) && self.unread(sent).next().is_none()
    }
}

/// The parts of a form that hold bytes. OpenAPI 3.1 writes `{}` where 3.0 writes `format: binary`.
fn parts_of_bytes<'d>(
    comparison: &mut Comparison<'d>,
    base: &Located<'d>,
    revision: &Located<'d>,
) -> PartsOfBytes {
    let mut parts = PartsOfBytes::default();
    let Some(schema) = base.get("schema").and_then(|it| it.follow(comparison.base).ok()) else {
        return parts;
    };
    let names: Vec<&str> = schema.entries_of("properties").map(|(name, _)| name).collect();
    for name in names {
        let (Some(old), Some(new)) = (
            property(comparison, Side::Base, base, name),
            property(comparison, Side::Revision, revision, name),
        ) else {
            continue;
        };
        let is_text = |side: Side, place: &Located<'d>| {
            let place = place.clone().follow(comparison.document(side)).ok();
            place.is_some_and(|it| it.text("type") == Some("string") && it.says("contentEncoding").is_none())
        };
        let are_texts = is_text(Side::Base, &old) && is_text(Side::Revision, &new);
        let old = Bytes::of(comparison, Side::Base, &old);
        let new = Bytes::of(comparison, Side::Revision, &new);
        if old.is_some() != new.is_some() && are_texts {
            parts.as_text.push(name.to_owned());
        }
        if let (Some(old), Some(new)) = (old, new)
            && old.is_list == new.is_list
            && (old.is_silent || new.is_silent)
        {
            let carrier = if old.is_list {
                Carrier::Styled(Styled::default())
            } else {
                Carrier::Text
            };
            parts.carriers.push((name.to_owned(), carrier));
        }
    }
    parts
}

/// The parts of a form that hold bytes and have no encoding of their own.
#[derive(Default)]
struct PartsOfBytes {
    /// The parts that hold bytes in both documents, with their carriers.
    carriers: Vec<(String, Carrier)>,
    /// The parts that are bytes in one document and text in the other: `application/octet-stream` and `text/plain`.
    as_text: Vec<String>,
}

/// A part that holds bytes, or several such parts with one name.
struct Bytes {
    is_list: bool,
    /// Whether the schema says nothing about the bytes.
    is_silent: bool,
}

impl Bytes {
    fn of<'d>(comparison: &mut Comparison<'d>, side: Side, place: &Located<'d>) -> Option<Self> {
        let document = comparison.document(side);
        let place = place.clone().follow(document).ok()?;
        let items = place.get("items").filter(|_| place.text("type") == Some("array"));
        let is_list = items.is_some();
        let one = items.unwrap_or(place).follow(document).ok()?;
        let is_silent = comparison
            .schemas
            .reader()
            .read(side.index(), one.node)
            .is_silent();
        let is_binary = one.text("type") == Some("string")
            && (one.text("format") == Some("binary") || one.says("contentMediaType").is_some());
        (is_silent || is_binary).then_some(Self { is_list, is_silent })
    }
}

/// The schema of a property of a form.
pub(crate) fn property<'d>(
    comparison: &Comparison<'d>,
    side: Side,
    media: &Located<'d>,
    name: &str,
) -> Option<Located<'d>> {
    let document = comparison.document(side);
    let mut open = vec![media.get("schema")?];
    for _ in 0..64 {
        let schema = open.pop()?.follow(document).ok()?;
        if let Some(found) = schema.get("properties").and_then(|it| it.get(name)) {
            return Some(found);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            open.extend(schema.get(key).iter().flat_map(Located::items));
        }
    }
    None
}
