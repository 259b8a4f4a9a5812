//! The kind of part that OpenAPI requires at each place of a document.

use openapi_document::view::{ParameterIn, Status, Style};
use openapi_document::{Holds, Kind as Json, Node, Part, Version};

use crate::schema::ast::Types;

/// The kind of part that OpenAPI expects at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expected {
    Anything,
    Text,
    /// One of a fixed set of words.
    Word(Words),
    Flag,
    Number,
    NumberOrFlag,
    /// A number above zero.
    Positive,
    /// An integer that is not negative.
    Count,
    Texts,
    /// The name of a type or a list of such names.
    TypeOrTypes,
    Values,
    /// An object of this kind.
    One(Part),
    List(Part),
    Map(Part),
    MapOfText,
    MapOfTexts,
    /// A schema. A list of schemas is an error of the author that leaves the schema undecided.
    Items,
    /// The `content` of a parameter or header, which has one media type.
    SoleContent,
    /// The schema of a parameter or header that also has `content`, where a schema is not allowed.
    BesideContent,
    /// A response whose key is not a status.
    NoStatus,
}

/// A field that allows only certain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Words {
    ParameterIn,
    Style,
    HeaderStyle,
    SchemeType,
    SchemeIn,
    Type,
}

impl Words {
    fn has(self, word: &str) -> bool {
        match self {
            Self::ParameterIn => ParameterIn::named(word).is_some(),
            Self::Style => Style::named(word).is_some(),
            Self::HeaderStyle => word == "simple",
            Self::SchemeType => {
                matches!(word, "apiKey" | "http" | "oauth2" | "openIdConnect" | "mutualTLS")
            }
            Self::SchemeIn => matches!(word, "header" | "query" | "cookie"),
            Self::Type => Types::named(word).is_some(),
        }
    }
}

impl From<Holds> for Expected {
    fn from(holds: Holds) -> Self {
        match holds {
            // Examples are not read.
            Holds::Map(Part::Example) => Self::Anything,
            Holds::One(part) => Self::One(part),
            Holds::List(part) => Self::List(part),
            Holds::Map(part) => Self::Map(part),
        }
    }
}

impl Expected {
    /// What belongs under a key of this. A key that OpenAPI does not name may hold anything.
    pub(super) fn under(self, key: &str) -> Self {
        match self {
            Self::Map(Part::Response | Part::Callback) if key.starts_with("x-") => Self::Anything,
            Self::Map(Part::Response) if Status::parse(key).is_none() => Self::NoStatus,
            Self::Map(part) => Self::One(part),
            Self::MapOfText => Self::Text,
            Self::MapOfTexts | Self::One(Part::SecurityRequirement) => Self::Texts,
            _ if key == "$ref" => Self::Text,
            Self::Items => Self::One(Part::Schema).under(key),
            Self::One(part) => {
                let holds = || part.under(key).map_or(Self::Anything, Self::from);
                Self::field(part, key).unwrap_or_else(holds)
            }
            _ => Self::Anything,
        }
    }

    /// The plain value that belongs under a key of an object of this kind.
    fn field(part: Part, key: &str) -> Option<Self> {
        Some(match (part, key) {
            (Part::Schema, _) => return Self::of_schema(key),
            (Part::Operation | Part::Parameter | Part::Header, "deprecated")
            | (Part::Parameter | Part::Header | Part::RequestBody, "required")
            | (Part::Parameter, "allowEmptyValue")
            | (Part::Parameter | Part::Header | Part::Encoding, "explode" | "allowReserved") => Self::Flag,
            (Part::Parameter, "in") => Self::Word(Words::ParameterIn),
            (Part::Header, "style") => Self::Word(Words::HeaderStyle),
            (Part::Parameter | Part::Encoding, "style") => Self::Word(Words::Style),
            (Part::SecurityScheme, "type") => Self::Word(Words::SchemeType),
            (Part::SecurityScheme, "in") => Self::Word(Words::SchemeIn),
            (Part::Operation, "operationId")
            | (Part::Parameter, "name")
            | (Part::Link, "operationId" | "operationRef")
            | (Part::Encoding, "contentType")
            | (Part::SecurityScheme, "name" | "scheme" | "openIdConnectUrl")
            | (Part::Server, "url")
            | (Part::ServerVariable, "default")
            | (Part::Discriminator, "propertyName") => Self::Text,
            (Part::ServerVariable, "enum") => Self::Texts,
            (Part::Discriminator, "mapping") => Self::MapOfText,
            _ => return None,
        })
    }

    /// The same as a version of OpenAPI has it: a flag beside a bound is of 3.0.
    pub(super) fn of_version(self, version: Version) -> Self {
        match self {
            Self::NumberOrFlag if version != Version::V3_0 => Self::Number,
            other => other,
        }
    }

    fn of_schema(key: &str) -> Option<Self> {
        Some(match key {
            "type" => Self::TypeOrTypes,
            "items" => Self::Items,
            "required" => Self::Texts,
            "enum" => Self::Values,
            "dependentRequired" => Self::MapOfTexts,
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" => Self::Count,
            "multipleOf" => Self::Positive,
            "minimum" | "maximum" => Self::Number,
            "exclusiveMinimum" | "exclusiveMaximum" => Self::NumberOrFlag,
            "uniqueItems" | "nullable" | "readOnly" | "writeOnly" | "deprecated" => Self::Flag,
            "pattern" | "format" | "contentEncoding" | "contentMediaType" | "$id" | "$anchor" | "$schema"
            | "$dynamicRef" | "$dynamicAnchor" => Self::Text,
            _ => return None,
        })
    }

    /// The part that each entry of a list of this kind must be.
    pub(super) fn item(self) -> Self {
        match self {
            Self::List(part) => Self::One(part),
            Self::Texts => Self::Text,
            Self::TypeOrTypes => Self::Word(Words::Type),
            Self::Items => Self::One(Part::Schema),
            _ => Self::Anything,
        }
    }

    pub(super) fn takes(self, node: Node<'_>) -> bool {
        match node.kind() {
            Json::String(text) => match self {
                Self::Word(words) => words.has(text),
                Self::TypeOrTypes => Words::Type.has(text),
                _ => matches!(self, Self::Anything | Self::Text),
            },
            Json::Bool(_) => matches!(
                self,
                Self::Anything | Self::Flag | Self::NumberOrFlag | Self::One(Part::Schema) | Self::Items
            ),
            Json::Number(number) => match self {
                Self::Positive => number.cmp_written("0").is_gt(),
                Self::Count => number.as_count().is_some(),
                _ => matches!(self, Self::Anything | Self::Number | Self::NumberOrFlag),
            },
            Json::Array(_) => matches!(
                self,
                Self::Anything | Self::Texts | Self::TypeOrTypes | Self::Values | Self::Items | Self::List(_)
            ),
            Json::Object(_) => !matches!(
                self,
                Self::Text
                    | Self::Word(_)
                    | Self::Flag
                    | Self::Number
                    | Self::NumberOrFlag
                    | Self::Positive
                    | Self::Count
                    | Self::Texts
                    | Self::TypeOrTypes
                    | Self::Values
                    | Self::List(_)
                    | Self::NoStatus
            ),
            Json::Null => self == Self::Anything,
        }
    }

    /// Whether a part is as expected and has no parts of its own to check.
    pub(super) fn is_all_said_by(self, node: Node<'_>) -> bool {
        self == Self::Anything || !matches!(node.kind(), Json::Array(_) | Json::Object(_)) && self.takes(node)
    }

    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::Text | Self::Word(_) => "a text",
            Self::Flag => "true or false",
            Self::Number => "a number",
            Self::NumberOrFlag => "a number, or true or false",
            Self::Positive => "a number above zero",
            Self::Count => "an integer that is not negative",
            Self::TypeOrTypes => "a text or a list of texts",
            Self::Texts => "a list of texts",
            Self::Values | Self::List(_) => "a list",
            Self::One(Part::Schema) | Self::Items => "a schema",
            _ => "an object",
        }
    }
}
