//! The place of a finding within a message.

use openapi_document::Document;
use openapi_document::pointer::unescape;
use openapi_document::view::{Operation, template_names};
use openapi_wire::Part;

use super::Gate;

/// The place of a finding: a part of a message, and the steps into its value.
pub(super) struct Place {
    pub(super) part: Where,
    pub(super) inside: Vec<String>,
}

pub(super) enum Where {
    /// The target of the request, with its path parameters.
    Address,
    /// The operation as a whole.
    Operation,
    /// The body and its media type.
    Body,
    /// The media type of the body, whatever the body contains.
    MediaType,
    /// A parameter or header with one of these names, in any location.
    Parameter(Vec<String>),
}

impl Place {
    pub(super) fn holds(&self, part: &Part) -> bool {
        match (&self.part, part) {
            (Where::Address, Part::Target | Part::Path(_))
            | (Where::Operation, Part::Target | Part::Security | Part::Status | Part::ContentType)
            | (Where::Body, Part::Body)
            | (Where::MediaType, Part::ContentType) => true,
            // A finding inside the body is not about its media type.
            (Where::Body, Part::ContentType) => self.inside.is_empty(),
            (
                Where::Parameter(names),
                Part::Path(own) | Part::Query(own) | Part::Header(own) | Part::Cookie(own),
            ) => names.iter().any(|name| name.eq_ignore_ascii_case(own)),
            _ => false,
        }
    }

    /// Whether a pointer leads to the place, to a value around it or to a value inside it; `*` stands for any step.
    pub(super) fn touches(&self, pointer: &str) -> bool {
        let steps = pointer.split('/').skip(1).map(unescape);
        steps
            .zip(&self.inside)
            .all(|(step, own)| own == "*" || *own == step)
    }
}

impl Gate<'_, '_> {
    pub(super) fn place(&self) -> Place {
        let mut steps = self
            .claim
            .at
            .split('/')
            .skip(1)
            .map(|it| unescape(it).into_owned());
        let (group, name) = (steps.next(), steps.next());
        let mut inside: Vec<String> = steps.collect();
        let part = match (group.as_deref(), name) {
            (None, _) if self.claim.is_removal => Where::Address,
            (None, _) => Where::Operation,
            (Some("body"), step) => {
                inside.splice(0..0, step);
                Where::Body
            }
            (Some("headers"), Some(name)) if name.eq_ignore_ascii_case("content-type") => Where::MediaType,
            (Some("path_parameters"), Some(name)) => {
                let index = |(_, operation): (&Document, &Operation<'_>), name: &str| {
                    template_names(&operation.path).iter().position(|it| *it == name)
                };
                let index = index(self.writer(), &name).or_else(|| index(self.reader(), &name));
                let own = |operation: &Operation<'_>| {
                    let names = template_names(&operation.path);
                    index.and_then(|index| names.get(index).map(|it| (*it).to_owned()))
                };
                let (writer, reader) = (own(self.writer().1), own(self.reader().1));
                Where::Parameter([Some(name), writer, reader].into_iter().flatten().collect())
            }
            (Some(_), name) => Where::Parameter(name.into_iter().collect()),
        };
        Place { part, inside }
    }

    pub(super) fn is_in_path(&self, name: &str) -> bool {
        let has =
            |(_, operation): (&Document, &Operation<'_>)| template_names(&operation.path).contains(&name);
        has(self.writer()) || has(self.reader())
    }
}
