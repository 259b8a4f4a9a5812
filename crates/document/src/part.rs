//! The kind of OpenAPI object at a place, as far as its pointer shows it.

use crate::pointer;

/// A kind of OpenAPI object, or a map or list of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Components,
    /// A schema, or a part of one.
    Schema,
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
    /// A map or list of this kind.
    Many(&'static Part),
}

impl Part {
    /// The kind of object at a [`Located::at`](crate::Located::at), or `None` if OpenAPI does not define one there.
    pub(crate) fn at(place: &str) -> Option<Self> {
        let pointer = if place.starts_with('/') {
            place
        } else {
            place.split_once('#')?.1
        };
        let mut steps = pointer::steps(pointer)?;
        let mut here = match &*steps.next()? {
            "components" => Self::Components,
            "paths" | "webhooks" => Self::Many(&Self::PathItem),
            _ => return None,
        };
        for step in steps {
            if here == Self::Schema {
                break;
            }
            here = here.below(&step)?;
        }
        Some(here)
    }

    fn below(self, step: &str) -> Option<Self> {
        Some(match (self, step) {
            (Self::Many(part), _) => *part,
            (Self::Callback, _) if !step.starts_with("x-") => Self::PathItem,
            (Self::Components, "schemas") => Self::Many(&Self::Schema),
            (Self::Components | Self::Operation, "responses") => Self::Many(&Self::Response),
            (Self::Components | Self::Operation | Self::PathItem, "parameters") => {
                Self::Many(&Self::Parameter)
            }
            (Self::Components | Self::MediaType | Self::Parameter | Self::Header, "examples") => {
                Self::Many(&Self::Example)
            }
            (Self::Components, "requestBodies") => Self::Many(&Self::RequestBody),
            (Self::Components | Self::Response | Self::Encoding, "headers") => Self::Many(&Self::Header),
            (Self::Components, "securitySchemes") => Self::Many(&Self::SecurityScheme),
            (Self::Components | Self::Response, "links") => Self::Many(&Self::Link),
            (Self::Components | Self::Operation, "callbacks") => Self::Many(&Self::Callback),
            (Self::Components, "pathItems") => Self::Many(&Self::PathItem),
            (Self::Components, "mediaTypes")
            | (Self::Parameter | Self::Header | Self::RequestBody | Self::Response, "content") => {
                Self::Many(&Self::MediaType)
            }
            (
                Self::PathItem,
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" | "query",
            ) => Self::Operation,
            (Self::PathItem, "additionalOperations") => Self::Many(&Self::Operation),
            (Self::Operation, "requestBody") => Self::RequestBody,
            (Self::Parameter | Self::Header | Self::MediaType, "schema")
            | (Self::MediaType, "itemSchema") => Self::Schema,
            (Self::MediaType | Self::Encoding, "encoding") => Self::Many(&Self::Encoding),
            _ => return None,
        })
    }

    fn told(self) -> &'static str {
        match self {
            Self::Components => "the components",
            Self::Schema => "a schema",
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
            Self::Many(Self::Schema) => "a map of schemas",
            Self::Many(_) => "several parts",
        }
    }

    /// Explains why the object at a place has another kind than this. The text completes a sentence that names the
    /// reference. `None` if the kind is right, or not known.
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
    use super::Part;

    #[test]
    fn a_place_says_which_object_stands_there() {
        for (place, part) in [
            ("/components/schemas/Pet", Some(Part::Schema)),
            ("/components/schemas/Pet/properties/a", Some(Part::Schema)),
            ("/components/schemas", Some(Part::Many(&Part::Schema))),
            ("/components/parameters/Owner", Some(Part::Parameter)),
            ("/components/parameters/Owner/schema/items", Some(Part::Schema)),
            ("/paths/~1pets/get/parameters/0", Some(Part::Parameter)),
            (
                "/paths/~1pets/get/responses/200/content/a~1b/schema",
                Some(Part::Schema),
            ),
            (
                "/paths/~1pets/get/callbacks/done/{$url}/post/requestBody",
                Some(Part::RequestBody),
            ),
            ("/webhooks/done/post", Some(Part::Operation)),
            ("other.yaml#/components/headers/Limit", Some(Part::Header)),
            ("other.yaml#/Pet", None),
            ("/components/x-own/Pet", None),
            ("/x-own/Pet", None),
            ("", None),
        ] {
            assert_eq!(Part::at(place), part, "{place}");
        }
    }

    #[test]
    fn a_part_refuses_another_one_and_what_it_does_not_know_it_takes() {
        assert_eq!(
            Part::Schema.refuses("/components/parameters/Owner").as_deref(),
            Some("it leads to a parameter where a schema belongs")
        );
        assert_eq!(Part::Schema.refuses("/components/schemas/Pet/items"), None);
        assert_eq!(Part::Schema.refuses("pet.yaml#"), None);
    }
}
