//! Parameters: their places in a request, and the serialization of their values.

use std::collections::HashSet;

use super::defect::Defect;
use super::media_type::{self, MediaType};
use crate::document::Document;
use crate::located::Located;
use crate::node::Node;

/// The place of a parameter in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterIn {
    /// A segment of the path.
    Path,
    /// A name and value in the query.
    Query,
    /// The whole query (OpenAPI 3.2).
    QueryString,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

impl ParameterIn {
    /// Parses the field `in`.
    pub fn named(text: &str) -> Option<Self> {
        Some(match text {
            "path" => Self::Path,
            "query" => Self::Query,
            "querystring" => Self::QueryString,
            "header" => Self::Header,
            "cookie" => Self::Cookie,
            _ => return None,
        })
    }
}

/// The serialization style of a value (RFC 6570, as restricted by OpenAPI).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// `;id=5`.
    Matrix,
    /// `.5`.
    Label,
    /// `5`.
    Simple,
    /// `id=5`.
    Form,
    /// Items separated by spaces.
    SpaceDelimited,
    /// Items separated by `|`.
    PipeDelimited,
    /// `id[name]=5`.
    DeepObject,
    /// Like `form`, with cookie syntax (OpenAPI 3.2).
    Cookie,
}

impl Style {
    /// Parses the field `style`.
    pub fn named(text: &str) -> Option<Self> {
        Some(match text {
            "matrix" => Self::Matrix,
            "label" => Self::Label,
            "simple" => Self::Simple,
            "form" => Self::Form,
            "spaceDelimited" => Self::SpaceDelimited,
            "pipeDelimited" => Self::PipeDelimited,
            "deepObject" => Self::DeepObject,
            "cookie" => Self::Cookie,
            _ => return None,
        })
    }

    /// The style of a parameter without the field `style`.
    pub fn default_in(place: ParameterIn) -> Self {
        match place {
            ParameterIn::Path | ParameterIn::Header => Self::Simple,
            ParameterIn::Query | ParameterIn::QueryString | ParameterIn::Cookie => Self::Form,
        }
    }

    /// Whether OpenAPI defines this style for a place ([Style
    /// Values](https://spec.openapis.org/oas/v3.2.0.html#style-values)).
    ///
    /// # Examples
    /// ```
    /// use openapi_document::view::{ParameterIn, Style};
    ///
    /// assert!(Style::Label.is_of(ParameterIn::Path));
    /// assert!(!Style::Label.is_of(ParameterIn::Query));
    /// ```
    pub fn is_of(self, place: ParameterIn) -> bool {
        match place {
            ParameterIn::Path => matches!(self, Self::Matrix | Self::Label | Self::Simple),
            ParameterIn::Query => matches!(
                self,
                Self::Form | Self::SpaceDelimited | Self::PipeDelimited | Self::DeepObject
            ),
            ParameterIn::Header => self == Self::Simple,
            ParameterIn::Cookie => matches!(self, Self::Form | Self::Cookie),
            ParameterIn::QueryString => false,
        }
    }

    /// The default of `explode`: whether items and members are serialized separately.
    pub fn explodes_by_default(self) -> bool {
        matches!(self, Self::Form | Self::Cookie)
    }
}

/// One parameter of an operation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parameter<'d> {
    /// The parameter object, with references followed.
    pub here: Located<'d>,
    /// Its name as written.
    pub name: &'d str,
    /// Its place in a request.
    pub place: ParameterIn,
    /// Whether every request must have it. A path parameter is always required.
    pub required: bool,
    /// The style of its value, unless [`Parameter::content`] is given.
    pub style: Style,
    /// Whether items and members are serialized separately.
    pub explode: bool,
}

impl<'d> Parameter<'d> {
    /// Reads a parameter object.
    ///
    /// # Errors
    /// When it has no name, or an unknown place or style.
    pub fn read(here: Located<'d>) -> Result<Self, Defect> {
        let name = here
            .text("name")
            .ok_or_else(|| Defect::malformed(&here, "the parameter has no name"))?;
        let place = here.text("in").and_then(ParameterIn::named);
        let place =
            place.ok_or_else(|| Defect::malformed(&here, "the parameter does not say where it travels"))?;
        let style = match here.text("style") {
            Some(style) => {
                Style::named(style).ok_or_else(|| Defect::malformed(&here, "OpenAPI knows no such style"))?
            }
            None => Style::default_in(place),
        };
        let explode = here.says("explode").and_then(Node::as_bool);
        Ok(Self {
            name,
            place,
            required: place == ParameterIn::Path || here.is_true("required"),
            style,
            explode: explode.unwrap_or(style.explodes_by_default()),
            here,
        })
    }

    /// The identity of a parameter within an operation: its place and name. Header names are case-insensitive.
    pub fn key(&self) -> (ParameterIn, String) {
        match self.place {
            ParameterIn::Header => (self.place, self.name.to_ascii_lowercase()),
            _ => (self.place, self.name.to_owned()),
        }
    }

    /// The schema of its value.
    pub fn schema(&self) -> Option<Located<'d>> {
        self.here.get("schema")
    }

    /// The media type of its value, if the value is not serialized by a style.
    pub fn content(&self) -> Option<MediaType<'d>> {
        media_type::all(&self.here).into_iter().next()
    }
}

/// The effective parameters; see [`Operation::parameters`](super::Operation::parameters).
pub(super) fn effective<'d>(
    document: &'d Document,
    lists: impl Iterator<Item = Located<'d>>,
) -> Vec<Result<Parameter<'d>, Defect>> {
    let items = lists.flat_map(|list| list.items().collect::<Vec<_>>());
    let mut parameters: Vec<Result<Parameter<'d>, Defect>> = items
        .map(|item| {
            item.follow(document)
                .map_err(Defect::from)
                .and_then(Parameter::read)
        })
        .collect();
    // A list must not contain the same parameter twice. If it does, the first one counts.
    let mut known = HashSet::new();
    parameters.retain(|it| {
        it.as_ref()
            .map_or(true, |parameter| known.insert(parameter.key()))
    });
    parameters
}

#[cfg(test)]
mod tests {
    use super::super::Operations;
    use super::*;

    #[test]
    fn an_operation_overrides_its_path_items_parameters_by_name_and_place() {
        let document = Document::read(
            r##"{"openapi": "3.0.0", "paths": {"/a/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "schema": {"type": "string"}},
                    {"name": "X-Key", "in": "header", "required": true},
                    {"name": "id", "in": "query"},
                    {"$ref": "#/nowhere"}
                ],
                "get": {"parameters": [{"name": "x-key", "in": "header"}, {"in": "query"}]}
            }}}"##,
        )
        .unwrap();
        let operations = Operations::of_paths(&document);
        let read: Vec<_> = operations.list[0]
            .parameters(&document)
            .into_iter()
            .map(|it| {
                it.map(|it| (it.place, it.name, it.required))
                    .map_err(|it| it.to_string())
            })
            .collect();
        assert_eq!(
            read,
            [
                Ok((ParameterIn::Header, "x-key", false)),
                Err("/paths/~1a~1{id}/get/parameters/1: the parameter has no name".to_owned()),
                Ok((ParameterIn::Path, "id", true)),
                Ok((ParameterIn::Query, "id", false)),
                Err(
                    "/paths/~1a~1{id}/parameters/3: the reference \"#/nowhere\" cannot be followed: \
                     there is nothing at the place it names"
                        .to_owned()
                ),
            ]
        );
    }

    #[test]
    fn of_a_parameter_that_is_named_twice_the_first_counts() {
        let document = Document::read(
            r#"{"openapi": "3.0.0", "paths": {"/a": {"get": {"parameters": [
                {"name": "q", "in": "query", "required": true}, {"name": "q", "in": "query"},
                {"name": "X-Q", "in": "header", "required": true}, {"name": "x-q", "in": "header"}
            ]}}}}"#,
        )
        .unwrap();
        let operations = Operations::of_paths(&document);
        let parameters = operations.list[0].parameters(&document);
        let required: Vec<bool> = parameters.iter().flatten().map(|it| it.required).collect();
        assert_eq!(required, [true, true]);
    }

    #[test]
    fn styles_and_explode_have_the_defaults_of_their_places() {
        for (place, style, explode) in [
            ("path", Style::Simple, false),
            ("header", Style::Simple, false),
            ("query", Style::Form, true),
            ("cookie", Style::Form, true),
        ] {
            let text = format!(r#"{{"openapi": "3.0.0", "x": {{"name": "a", "in": "{place}"}}}}"#);
            let document = Document::read(text).unwrap();
            let parameter = Parameter::read(Located::root(&document).get("x").unwrap()).unwrap();
            assert_eq!((parameter.style, parameter.explode), (style, explode), "{place}");
        }
    }
}
