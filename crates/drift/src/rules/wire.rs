//! How values are written on the wire: by a style, as a field of a form, as JSON or as plain text.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::view::Style;
use openapi_document::{Located, Node};
use serde_json::Value;

use crate::comparison::Comparison;
use crate::containment::{Among, Carrier, Parting, Schemas, Shape, Styled, TextPlace, Verdict, World};
use crate::diff::face::Face;
use crate::report::{Direction, Side};
use crate::rules::media::MediaType;
use crate::schema::ast::Types;

/// How one document writes the values of a parameter, a header or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// In a media type of its own.
    Content(MediaType),
    /// Under a style.
    Styled {
        location: Location,
        style: Style,
        explode: bool,
        /// Whether commas and semicolons may be written unescaped.
        is_reserved: bool,
    },
    /// As the default for form fields: objects as JSON, items as separate fields.
    Field,
}

/// The location of a text, as far as it limits the values that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Path,
    Header,
    Pairs,
}

impl Writing {
    /// The writing of a parameter.
    pub(crate) fn of_parameter(place: &Located<'_>, location: &str) -> Self {
        if let Some(media) = content(place) {
            return Self::Content(media);
        }
        let (location, standard) = match location {
            "path" => (Location::Path, Style::Simple),
            "header" => (Location::Header, Style::Simple),
            _ => (Location::Pairs, Style::Form),
        };
        let style = place.text("style").and_then(Style::named).unwrap_or(standard);
        Self::styled(place, location, style)
    }

    /// The writing of a text in a path, where it stands as it is.
    pub(crate) fn of_text_in_path() -> Self {
        Self::Styled {
            location: Location::Path,
            style: Style::Simple,
            explode: false,
            is_reserved: false,
        }
    }

    /// The writing of a response header.
    pub(crate) fn of_header(place: &Located<'_>) -> Self {
        // The only style of a header is `simple`.
        content(place).map_or_else(
            || Self::styled(place, Location::Header, Style::Simple),
            Self::Content,
        )
    }

    /// The writing of a field of a form.
    fn of_field(form: &MediaType, encoding: Option<&Located<'_>>) -> Self {
        let Some(encoding) = encoding else {
            return Self::Field;
        };
        // A text that is no media type says nothing.
        if let Some(media) = encoding.text("contentType").filter(|it| it.contains('/')) {
            // If the sender may choose among several types, the first one stands for all.
            return Self::Content(MediaType::parse(media.split(',').next().unwrap_or(media)));
        }
        let says = |key: &str| encoding.says(key).is_some();
        if form.is_urlencoded() && (says("style") || says("explode")) {
            let style = encoding
                .text("style")
                .and_then(Style::named)
                .unwrap_or(Style::Form);
            return Self::styled(encoding, Location::Pairs, style);
        }
        Self::Field
    }

    /// The same writing, for a property. The media type of a list is that of each item, and items are texts by default.
    fn of_items<'d>(self, comparison: &Comparison<'d>, side: Side, property: &Located<'d>) -> Self {
        let followed = property.clone().follow(comparison.document(side));
        let is_list = followed.is_ok_and(|it| it.text("type") == Some("array"));
        match self {
            Self::Content(media) if is_list && media.is_plain_text() => Self::Field,
            writing => writing,
        }
    }

    fn styled(place: &Located<'_>, location: Location, style: Style) -> Self {
        let explode = place.says("explode").and_then(Node::as_bool);
        Self::Styled {
            location,
            style,
            explode: explode.unwrap_or(style.explodes_by_default()),
            is_reserved: location == Location::Pairs && place.is_true("allowReserved"),
        }
    }

    /// The carrier of the values.
    pub(crate) fn carrier(&self) -> Carrier {
        match self {
            Self::Content(media) => media.carrier(),
            Self::Styled {
                location,
                style,
                explode,
                is_reserved,
            } => Carrier::Styled(Styled {
                spells_empty: !explode || *style == Style::Simple,
                place: match location {
                    // In the style `matrix`, a semicolon and the name precede the text, so that even an empty text
                    // makes a segment.
                    Location::Path if *style != Style::Matrix => TextPlace::Segment,
                    Location::Header => TextPlace::Header,
                    Location::Path | Location::Pairs => TextPlace::Named,
                },
                parting: match (location, style) {
                    (Location::Header, _) => Parting::Comma,
                    (_, Style::SpaceDelimited) if !explode => Parting::Space,
                    (_, Style::PipeDelimited) if !explode => Parting::Bar,
                    (_, Style::Label) if *explode => Parting::Dot,
                    (_, Style::SpaceDelimited | Style::PipeDelimited) => Parting::Escaped,
                    _ if *is_reserved => Parting::CommaOrSemicolon,
                    _ => Parting::Escaped,
                },
                is_deep: *style == Style::DeepObject,
            }),
            Self::Field => Carrier::Field,
        }
    }

    /// Describes how values of a shape are written. Equal descriptions mean equal notations.
    fn told(&self, shape: Shape) -> String {
        let (style, explode) = match self {
            Self::Content(media) if media.is_json() => {
                // A number has the same text in JSON.
                let is_plain = shape == Shape::Number;
                return if is_plain {
                    PLAIN.to_owned()
                } else {
                    "JSON".to_owned()
                };
            }
            Self::Content(media) if media.carrier() == Carrier::Text => {
                let is_plain = matches!(shape, Shape::Number | Shape::String);
                return if is_plain {
                    PLAIN.to_owned()
                } else {
                    media.to_string()
                };
            }
            Self::Content(media) => return media.to_string(),
            Self::Field if shape == Shape::Members => return "JSON".to_owned(),
            Self::Field => (Style::Form, true),
            Self::Styled { style, explode, .. } => (*style, *explode),
        };
        let name = name(style);
        match (style, shape) {
            // A single item is written like a plain value.
            (Style::DeepObject, Shape::List(1))
            | (Style::Matrix | Style::Label, Shape::Number | Shape::String | Shape::List(1)) => {
                name.to_owned()
            }
            (_, Shape::Number | Shape::String | Shape::List(1)) => PLAIN.to_owned(),
            // RFC 6570: a list is written as a,b either way.
            (Style::Simple, Shape::List(_)) | (Style::DeepObject, _) => name.to_owned(),
            // Exploded, these styles have no separator of their own.
            (Style::SpaceDelimited | Style::PipeDelimited, _) if explode => "form, exploded".to_owned(),
            (_, _) if explode => format!("{name}, exploded"),
            (_, _) => format!("{name}, not exploded"),
        }
    }

    /// The single text of a value. `None` if the value may have several, or if the name of the parameter is part of the
    /// text.
    fn text_of(&self, schemas: &Schemas<'_>, value: &Value) -> Option<String> {
        match self {
            Self::Content(media) if media.is_json() => Some(value.to_string()),
            Self::Styled { style, .. } if *style != Style::Matrix => {
                let text = schemas.text_of(self.carrier(), value)?;
                let sign = if *style == Style::Label { "." } else { "" };
                Some(format!("{sign}{text}"))
            }
            Self::Content(_) | Self::Styled { .. } | Self::Field => None,
        }
    }

    /// Whether a comma splits a text that is read as a list.
    pub(crate) fn parts_texts(&self) -> bool {
        matches!(self, Self::Styled { location, explode, .. } if !explode || *location != Location::Pairs)
    }

    /// Whether any text can be read. JSON, and styles with a sign before the value, refuse texts without it.
    fn reads_any_text(&self) -> bool {
        match self {
            Self::Content(media) => !media.is_json(),
            Self::Styled { style, .. } => !matches!(style, Style::Matrix | Style::Label | Style::DeepObject),
            Self::Field => true,
        }
    }
}

const PLAIN: &str = "a plain value";
const DIFFERENTLY: &str = "is encoded differently";
const IN_MORE_WAYS: &str = "may come in more ways";
const RESERVED: &str = "no longer has reserved characters as they are";
const ALSO_RESERVED: &str = "may also have reserved characters as they are";

fn content(place: &Located<'_>) -> Option<MediaType> {
    let (media, _) = place.get("content")?.members().next()?;
    Some(MediaType::parse(media))
}

fn name(style: Style) -> &'static str {
    match style {
        Style::Matrix => "matrix",
        Style::Label => "label",
        Style::Simple => "simple",
        // In cookies both styles separate items in the same way. They differ only in escaping.
        Style::Form | Style::Cookie => "form",
        Style::SpaceDelimited => "spaceDelimited",
        Style::PipeDelimited => "pipeDelimited",
        Style::DeepObject => "deepObject",
    }
}

/// Whether all values of a schema are numbers and booleans.
pub(crate) fn is_plain<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    schema: &Located<'d>,
    direction: Direction,
) -> bool {
    let face = Face::of(comparison.schemas.reader(), side, schema, direction);
    let others = |types: Types| types.without(Types::NUMBER.or(Types::BOOLEAN));
    face.types.is_some_and(|types| others(types).is_empty())
}

/// How each side writes a value, and its schemas. Without a schema, any text is sent and any value is read.
pub(crate) struct Written<'a, 'd> {
    pub(crate) base: (&'a Writing, Option<&'a Located<'d>>),
    pub(crate) revision: (&'a Writing, Option<&'a Located<'d>>),
    pub(crate) direction: Direction,
}

/// A value that is written in one way and read in another.
pub(crate) struct Misread {
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) value: Value,
    /// Whether the reader may read it, at least as another text. Otherwise it reads another value or none.
    pub(crate) as_text: bool,
}

/// One side, its writing and its schema.
type End<'a, 'd> = (Side, &'a Writing, Option<&'a Located<'d>>);

impl<'d> Written<'_, 'd> {
    fn sent(&self) -> End<'_, 'd> {
        let (writing, schema) = self.direction.flow(self.base, self.revision).sent;
        (self.direction.sender(), writing, schema)
    }

    fn read(&self) -> End<'_, 'd> {
        let (writing, schema) = self.direction.flow(self.base, self.revision).read;
        (self.direction.reader(), writing, schema)
    }

    /// A sample of a shape that the given side can write.
    fn sample(
        &self,
        comparison: &mut Comparison<'d>,
        (side, writing, schema): End<'_, 'd>,
        shape: Shape,
    ) -> Option<Value> {
        let Some(schema) = schema else {
            let is_any = shape == Shape::String || side == self.direction.reader();
            return is_any.then(|| "a".into());
        };
        let carrier = writing.carrier();
        let id = comparison
            .schemas
            .lower_carried(side, schema.node, self.direction, carrier);
        comparison.schemas.sample_of(id, shape)
    }

    /// Whether the reader is known to refuse the single text of a value.
    fn refuses_text_of(&self, comparison: &mut Comparison<'d>, value: &Value) -> bool {
        let (side, writing, schema) = self.read();
        let Some(schema) = schema else { return false };
        let (schemas, carrier) = (&mut comparison.schemas, writing.carrier());
        let Some(text) = self.sent().1.text_of(schemas, value) else {
            return false;
        };
        let id = schemas.lower_carried(side, schema.node, self.direction, carrier);
        schemas.accepts(id, &Value::from(text)) == Ok(false)
    }

    /// The first shape of which a value is written in one way and read in another.
    pub(crate) fn misread(&self, comparison: &mut Comparison<'d>) -> Option<Misread> {
        let (sent, read) = (self.sent(), self.read());
        if sent.1 == read.1 {
            return None;
        }
        // A media type is read as one of a range that contains it.
        if let (Writing::Content(sent), Writing::Content(read)) = (sent.1, read.1)
            && read.covers(sent)
        {
            return None;
        }
        // A list of one item may be written differently even if no value has two items.
        for shape in [
            Shape::String,
            Shape::Number,
            Shape::List(2),
            Shape::List(1),
            Shape::Members,
        ] {
            let (before, after) = (self.base.0.told(shape), self.revision.0.told(shape));
            if before == after {
                continue;
            }
            let Some(value) = self.sample(comparison, sent, shape) else {
                continue;
            };
            let as_text = read.1.reads_any_text()
                && self.sample(comparison, read, Shape::String).is_some()
                && !self.refuses_text_of(comparison, &value);
            // If the reader accepts neither a value of this shape nor a text, the types changed and not the notation.
            if !as_text && self.sample(comparison, read, shape).is_none() && read.1.told(shape) != "JSON" {
                continue;
            }
            return Some(Misread {
                before,
                after,
                value,
                as_text,
            });
        }
        None
    }

    /// The carrier in which the schemas are compared, where no value is misread. A reader of JSON reads the text of a
    /// number as a number.
    pub(crate) fn carrier(&self, comparison: &mut Comparison<'d>) -> Carrier {
        let (side, _, schema) = self.sent();
        let is_json = self.read().1.carrier() == Carrier::Json;
        if is_json && schema.is_some_and(|it| is_plain(comparison, side, it, self.direction)) {
            return Carrier::Json;
        }
        self.base.0.carrier()
    }

    /// Whether a text that is sent may contain a comma.
    fn sends_commas(&self, comparison: &mut Comparison<'d>) -> bool {
        let (side, writing, schema) = self.sent();
        let Some(schema) = schema else { return true };
        let among = Among {
            place: TextPlace::Named,
            parting: Parting::Comma,
        };
        let schemas = &mut comparison.schemas;
        let [whole, parted] = [writing.carrier(), Carrier::Item(among)]
            .map(|it| schemas.lower_carried(side, schema.node, self.direction, it));
        schemas.contains(whole, parted, World::Closed) != Verdict::Proved
    }

    /// How the reader of plain values became wider, if it is proved to accept every value that is sent.
    pub(crate) fn became(&self, comparison: &mut Comparison<'d>, carrier: Carrier) -> Option<Became> {
        let became = self.seen(comparison)?;
        let ((sender, _, sent), (reader, _, read)) = (self.sent(), self.read());
        let schemas = &mut comparison.schemas;
        let [sent, read] = [(sender, sent?), (reader, read?)]
            .map(|(side, schema)| schemas.lower_carried(side, schema.node, self.direction, carrier));
        let is_read = schemas.contains(sent, read, World::Closed) == Verdict::Proved;
        // A list of at most one item reads the same texts, except those that a comma splits.
        let is_wider = |it: &mut Schemas<'d>| it.contains(read, sent, World::Closed) != Verdict::Proved;
        (is_read && (became == Became::PartedList || is_wider(schemas))).then_some(became)
    }

    /// How the reader of plain values differs, by samples.
    fn seen(&self, comparison: &mut Comparison<'d>) -> Option<Became> {
        let (sent, read) = (self.sent(), self.read());
        let sends = |it: &mut Comparison<'d>, shape| self.sample(it, sent, shape).is_some();
        let reads = |it: &mut Comparison<'d>, shape| self.sample(it, read, shape).is_some();
        let plain = !sends(comparison, Shape::List(2)) && !sends(comparison, Shape::Members);
        if !plain {
            return None;
        }
        let reads_lists = reads(comparison, Shape::List(2));
        if reads_lists || reads(comparison, Shape::List(1)) {
            let parts = read.1.parts_texts()
                && sends(comparison, Shape::String)
                && !reads(comparison, Shape::String)
                && self.sends_commas(comparison);
            if parts {
                return Some(Became::PartedList);
            } else if reads_lists {
                return Some(Became::List);
            }
        }
        let widens = !sends(comparison, Shape::String) && reads(comparison, Shape::String);
        widens.then_some(Became::Text)
    }
}

/// The wider reading of a plain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Became {
    /// A number or boolean is read as any text.
    Text,
    /// A single value is read as a list of one item.
    List,
    /// The same, and a comma in a text splits it into several items.
    PartedList,
}

impl MediaType {
    /// The carrier of a body's values, apart from the fields of a form.
    pub(crate) fn carrier(&self) -> Carrier {
        if self.is_json() {
            Carrier::Json
        } else if self.is_xml() {
            Carrier::Xml
        } else if self.is_bytes() {
            Carrier::Text
        } else {
            Carrier::Json
        }
    }
}

/// The fields of a form that are not written by default, and those that are misread.
pub(crate) struct Fields {
    pub(crate) carrier: Carrier,
    pub(crate) misread: Vec<(String, Misread)>,
    /// Fields whose media types or headers changed.
    pub(crate) changed: Vec<(String, &'static str)>,
    /// Parts that may lack a header which their reader requires, each with the name of the header.
    pub(crate) lacking: Vec<(String, String)>,
    /// Fields that are read in all media types in which they are sent, and in others too.
    pub(crate) widened: Vec<(String, &'static str)>,
}

/// The carrier of a form, as one document writes its fields.
pub(crate) fn form<'d>(
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
                .map(|it| (it, DIFFERENTLY)),
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
        let found = written.misread(comparison);
        let headers = part_headers(comparison, (old.as_ref(), new.as_ref()), direction);
        let media = direction.flow(PartTypes::of(old.as_ref()), PartTypes::of(new.as_ref()));
        let is_reserved =
            |it: &Option<Located<'d>>| it.as_ref().is_some_and(|it| it.is_true("allowReserved"));
        let reserved = direction.flow(is_reserved(&old), is_reserved(&new));
        let reserved = (form.is_urlencoded() && reserved.sent != reserved.read).then_some(reserved.sent);
        if let Some(mut found) = found {
            // A part states its own media type, so a reader of another type may still read it.
            found.as_text |= writings.iter().any(|it| matches!(it, Writing::Content(_)));
            misread.push((name.to_owned(), found));
        } else if let PartHeaders::Lacking(header) = headers {
            lacking.push((name.to_owned(), header));
        } else if !media.read.cover(&media.sent) || headers == PartHeaders::Changed {
            changed.push((name.to_owned(), DIFFERENTLY));
        } else if !media.sent.cover(&media.read) || headers == PartHeaders::Widened {
            widened.push((name.to_owned(), IN_MORE_WAYS));
        } else if let Some(is_refused) = reserved {
            let (list, what) = if is_refused {
                (&mut changed, RESERVED)
            } else {
                (&mut widened, ALSO_RESERVED)
            };
            list.push((name.to_owned(), what));
        }
        let carrier = written.carrier(comparison);
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

/// The most important difference between the headers of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PartHeaders {
    Same,
    /// The part may lack this header, which its reader requires.
    Lacking(String),
    Changed,
    /// The reader describes another header, or does not require one that is always sent.
    Widened,
}

fn part_headers<'d>(
    comparison: &Comparison<'d>,
    (old, new): (Option<&Located<'d>>, Option<&Located<'d>>),
    direction: Direction,
) -> PartHeaders {
    type Headers<'d> = BTreeMap<String, Located<'d>>;
    let of = |side: Side, encoding: Option<&Located<'d>>| -> Headers<'d> {
        let headers = encoding.and_then(|it| it.get("headers"));
        let entries = headers.iter().flat_map(Located::entries);
        let entries = entries.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        entries
            .map(|(name, place)| {
                let followed = place.clone().follow(comparison.document(side));
                (name.to_ascii_lowercase(), followed.unwrap_or(place))
            })
            .collect()
    };
    let said = |side: Side, header: &Located<'d>| {
        ["schema", "content", "explode", "$ref"].map(|key| {
            header
                .says(key)
                .map(|it| comparison.shape(side, it))
                .unwrap_or_default()
        })
    };
    let flow = direction.flow(of(Side::Base, old), of(Side::Revision, new));
    let is_required = |header: Option<&Located<'_>>| header.is_some_and(|it| it.is_true("required"));
    let mut found = PartHeaders::Same;
    let names: BTreeSet<&String> = flow.sent.keys().chain(flow.read.keys()).collect();
    for name in names {
        let (sent, read) = (flow.sent.get(name), flow.read.get(name));
        if is_required(read) && !is_required(sent) {
            return PartHeaders::Lacking(name.clone());
        }
        let is_read = match (sent, read) {
            (Some(sent), Some(read)) => said(direction.sender(), sent) == said(direction.reader(), read),
            (sent, _) => sent.is_none(),
        };
        if !is_read {
            found = PartHeaders::Changed;
        } else if found == PartHeaders::Same && (sent.is_none() || is_required(sent) != is_required(read)) {
            found = PartHeaders::Widened;
        }
    }
    found
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

    /// Whether a reader of these types reads the other ones.
    fn cover(&self, sent: &Self) -> bool {
        let is_covered = |it: &MediaType| self.others.iter().any(|own| own.covers(it));
        (self.has_default || !sent.has_default) && sent.others.iter().all(is_covered)
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
