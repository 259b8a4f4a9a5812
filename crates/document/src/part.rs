//! The structure of OpenAPI documents: the kinds of objects, and the keys under which each kind belongs.

use crate::pointer;
use crate::view::METHODS;

/// A kind of object that OpenAPI defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names are those of OpenAPI")]
pub enum Part {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    Header,
    RequestBody,
    Response,
    MediaType,
    Encoding,
    Callback,
    Link,
    Example,
    SecurityScheme,
    SecurityRequirement,
    Server,
    ServerVariable,
    Schema,
    Discriminator,
}

/// What belongs under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// One object of this kind.
    One(Part),
    /// A list of objects of this kind.
    List(Part),
    /// A map from names to objects of this kind.
    Map(Part),
}

/// The sections of the components, and the kind of object in each.
const SECTIONS: [(&str, Part); 11] = [
    ("schemas", Part::Schema),
    ("responses", Part::Response),
    ("parameters", Part::Parameter),
    ("examples", Part::Example),
    ("requestBodies", Part::RequestBody),
    ("headers", Part::Header),
    ("securitySchemes", Part::SecurityScheme),
    ("links", Part::Link),
    ("callbacks", Part::Callback),
    ("pathItems", Part::PathItem),
    ("mediaTypes", Part::MediaType),
];

impl Part {
    /// What belongs under a key of an object of this kind; `None` if the key has no meaning or a plain value.
    ///
    /// ```
    /// use openapi_document::{Holds, Part};
    ///
    /// assert_eq!(Part::Operation.under("parameters"), Some(Holds::List(Part::Parameter)));
    /// assert_eq!(Part::Operation.under("operationId"), None);
    /// ```
    pub fn under(self, key: &str) -> Option<Holds> {
        use Holds::{List, Map, One};
        Some(match (self, key) {
            (Self::Document, "paths" | "webhooks") => Map(Self::PathItem),
            (Self::Document, "components") => One(Self::Components),
            (Self::Document | Self::Operation, "security") => List(Self::SecurityRequirement),
            (Self::Document | Self::PathItem | Self::Operation, "servers") => List(Self::Server),
            (Self::Components, key) => Map(Self::of_section(key)?),
            (Self::PathItem | Self::Operation, "parameters") => List(Self::Parameter),
            (Self::PathItem, "additionalOperations") => Map(Self::Operation),
            (Self::PathItem, method) if METHODS.iter().any(|it| it.eq_ignore_ascii_case(method)) => {
                One(Self::Operation)
            }
            (Self::Operation, "requestBody") => One(Self::RequestBody),
            (Self::Operation, "responses") => Map(Self::Response),
            (Self::Operation, "callbacks") => Map(Self::Callback),
            (Self::Callback, key) if !key.starts_with("x-") => One(Self::PathItem),
            (Self::Response | Self::Encoding, "headers") => Map(Self::Header),
            (Self::Response, "links") => Map(Self::Link),
            (Self::Response | Self::RequestBody | Self::Parameter | Self::Header, "content") => {
                Map(Self::MediaType)
            }
            (Self::Parameter | Self::Header | Self::MediaType, "examples") => Map(Self::Example),
            (Self::MediaType | Self::Encoding, "encoding") => Map(Self::Encoding),
            (Self::MediaType | Self::Encoding, "itemEncoding") => One(Self::Encoding),
            (Self::MediaType | Self::Encoding, "prefixEncoding") => List(Self::Encoding),
            (Self::Server, "variables") => Map(Self::ServerVariable),
            (Self::Parameter | Self::Header | Self::MediaType, "schema")
            | (Self::MediaType, "itemSchema")
            | (
                Self::Schema,
                "items"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "additionalProperties"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties"
                | "contentSchema",
            ) => One(Self::Schema),
            (Self::Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => List(Self::Schema),
            (
                Self::Schema,
                "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions",
            ) => Map(Self::Schema),
            (Self::Schema, "discriminator") => One(Self::Discriminator),
            _ => return None,
        })
    }

    /// The section of the components that holds objects of this kind.
    pub fn section(self) -> Option<&'static str> {
        SECTIONS
            .iter()
            .find(|(_, part)| *part == self)
            .map(|(name, _)| *name)
    }

    /// The kind of object in a section of the components.
    pub fn of_section(section: &str) -> Option<Self> {
        SECTIONS
            .iter()
            .find(|(name, _)| *name == section)
            .map(|(_, part)| *part)
    }

    fn told(self) -> &'static str {
        match self {
            Self::Document => "a document",
            Self::Components => "the components",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::Header => "a header",
            Self::RequestBody => "a request body",
            Self::Response => "a response",
            Self::MediaType => "a media type",
            Self::Encoding => "an encoding",
            Self::Callback => "a callback",
            Self::Link => "a link",
            Self::Example => "an example",
            Self::SecurityScheme => "a security scheme",
            Self::SecurityRequirement => "a security requirement",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
        }
    }
}

impl Holds {
    /// What belongs at a [`Located::at`](crate::Located::at), or `None` if OpenAPI does not define it. Everything in a
    /// schema counts as a schema, and a list counts as a map.
    pub(crate) fn at(place: &str) -> Option<Self> {
        let pointer = if place.starts_with('/') {
            place
        } else {
            place.split_once('#')?.1
        };
        let mut steps = pointer::steps(pointer)?;
        // Another file need not be a whole document, so its other keys may have another meaning.
        let first = steps
            .next()
            .filter(|it| matches!(&**it, "components" | "paths" | "webhooks"))?;
        let mut here = Part::Document.under(&first)?;
        for step in steps {
            here = match here {
                Self::One(Part::Schema) => break,
                Self::One(part) => part.under(&step)?,
                Self::List(part) | Self::Map(part) => Self::One(part),
            };
        }
        Some(match here {
            Self::List(part) => Self::Map(part),
            _ => here,
        })
    }

    fn told(self) -> &'static str {
        match self {
            Self::One(part) => part.told(),
            Self::List(Part::Schema) | Self::Map(Part::Schema) => "a map of schemas",
            Self::List(_) | Self::Map(_) => "several parts",
        }
    }

    /// Explains why something else belongs at a place. The text completes a sentence that names the reference. `None`
    /// if this belongs there, or if it is not known what does.
    pub(crate) fn refuses(self, place: &str) -> Option<String> {
        let found = Self::at(place).filter(|found| *found != self)?;
        Some(format!(
            "it leads to {} where {} belongs",
            found.told(),
            self.told()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Holds, Part};

    #[test]
    fn a_place_says_which_object_stands_there() {
        for (place, part) in [
            ("/components/schemas/Pet", Some(Holds::One(Part::Schema))),
            (
                "/components/schemas/Pet/properties/a",
                Some(Holds::One(Part::Schema)),
            ),
            ("/components/schemas", Some(Holds::Map(Part::Schema))),
            ("/components/parameters/Owner", Some(Holds::One(Part::Parameter))),
            (
                "/components/parameters/Owner/schema/items",
                Some(Holds::One(Part::Schema)),
            ),
            (
                "/paths/~1pets/get/parameters/0",
                Some(Holds::One(Part::Parameter)),
            ),
            (
                "/paths/~1pets/get/responses/200/content/a~1b/schema",
                Some(Holds::One(Part::Schema)),
            ),
            (
                "/paths/~1pets/get/callbacks/done/{$url}/post/requestBody",
                Some(Holds::One(Part::RequestBody)),
            ),
            ("/webhooks/done/post", Some(Holds::One(Part::Operation))),
            (
                "other.yaml#/components/headers/Limit",
                Some(Holds::One(Part::Header)),
            ),
            ("other.yaml#/Pet", None),
            ("/components/x-own/Pet", None),
            ("/x-own/Pet", None),
            ("", None),
        ] {
            assert_eq!(Holds::at(place), part, "{place}");
        }
    }

    #[test]
    fn a_part_refuses_another_one_and_what_it_does_not_know_it_takes() {
        assert_eq!(
            Holds::One(Part::Schema)
                .refuses("/components/parameters/Owner")
                .as_deref(),
            Some("it leads to a parameter where a schema belongs")
        );
        assert_eq!(
            Holds::One(Part::Schema).refuses("/components/schemas/Pet/items"),
            None
        );
        assert_eq!(Holds::One(Part::Schema).refuses("pet.yaml#"), None);
    }
}
