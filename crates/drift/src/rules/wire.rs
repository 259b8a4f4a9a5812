//! How a value is written on the wire: by a style, as a field of a form, as JSON or as plain text.

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
    pub(crate) fn of_field(form: &MediaType, encoding: Option<&Located<'_>>) -> Self {
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
    pub(crate) fn of_items<'d>(
        self,
        comparison: &Comparison<'d>,
        side: Side,
        property: &Located<'d>,
    ) -> Self {
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
            (Style::DeepObject, _)
            | (Style::Matrix | Style::Label, Shape::Number | Shape::String | Shape::List(1)) => {
                name.to_owned()
            }
            (_, Shape::Number | Shape::String | Shape::List(1)) => PLAIN.to_owned(),
            // RFC 6570: a list is written as a,b either way.
            (Style::Simple, Shape::List(_)) => name.to_owned(),
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

    /// Whether OpenAPI defines how values of a shape are written.
    fn writes(&self, shape: Shape) -> bool {
        match self {
            Self::Styled { style, .. } => *style != Style::DeepObject || shape == Shape::Members,
            Self::Content(media) => !media.is_range() && media.carrier().proves(),
            Self::Field => true,
        }
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

impl Misread {
    /// What became of the value, as the end of a sentence that names it.
    pub(crate) fn told(&self) -> String {
        format!("is written as {}, no longer as {}", self.after, self.before)
    }
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
        let carrier = if writing.writes(shape) {
            writing.carrier()
        } else {
            Carrier::Json
        };
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

    /// Whether the value is read in a range that contains the media type in which it is sent. That matters only where a
    /// message states the media type.
    pub(crate) fn is_in_range(&self) -> bool {
        let types = (self.sent().1, self.read().1);
        matches!(types, (Writing::Content(sent), Writing::Content(read)) if read.covers(sent))
    }

    /// The first shape of which a value is written in one way and read in another.
    pub(crate) fn misread(&self, comparison: &mut Comparison<'d>) -> Option<Misread> {
        let (sent, read) = (self.sent(), self.read());
        if sent.1 == read.1 {
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
            // OpenAPI does not say how one side writes what both schemas accept.
            let is_open = !(sent.1.writes(shape) && read.1.writes(shape));
            let as_text = as_text || is_open && self.sample(comparison, read, shape).is_some();
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

    /// Whether a number is sent as a text by its stated media type, and its reader expects JSON other than numbers. It
    /// may then read that text.
    pub(crate) fn states_a_text(&self, comparison: &mut Comparison<'d>) -> bool {
        let (sent, read) = (self.sent(), self.read());
        sent.1.carrier() != Carrier::Json
            && self.carrier(comparison) == Carrier::Json
            && self.sample(comparison, read, Shape::Number).is_none()
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
