//! The document that the sandbox serves: its operations, the requests that they accept, and their responses.
//!
//! [`openapi_wire`] judges messages by the document. This module adds the vendor's part: the codes of its refusals, and
//! responses in the form of the document.

mod answer;
mod future_version;
mod parts;
mod request;
mod scalar;

use openapi_document::Node;
use openapi_document::view::{self, Parameter, ParameterIn, SecurityScheme, shape};
use openapi_wire::Contract as Judge;
use percent_encoding::percent_decode_str;

pub(crate) use answer::Spoken;
pub(crate) use future_version::FutureVersion;

use crate::documents::{Document, InvalidDocument};

/// A document, prepared to judge messages.
pub(crate) struct Contract<'d> {
    judge: Judge<'d>,
}

/// One operation of the document.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'c> {
    judge: &'c Judge<'c>,
    declared: &'c view::Operation<'c>,
}

/// The target of a method and a path.
pub(crate) enum Route<'c> {
    /// An operation, with the values of its path parameters in order.
    Operation(Operation<'c>, Vec<String>),
    /// The path exists, but only with these methods.
    OtherMethods(Vec<&'c str>),
    Nowhere,
}

impl<'d> Contract<'d> {
    /// The contract of a document. The document keeps the results of compiling its schemas.
    pub(crate) fn of(document: &'d Document) -> Self {
        Self {
            judge: document.contract().contract(),
        }
    }

    /// Checks that the sandbox can serve the document.
    pub(crate) fn check(&self) -> Result<(), InvalidDocument> {
        let paths = self.judge.document().root().get("paths");
        if paths.is_some_and(Node::is_object) {
            return Ok(());
        }
        Err(InvalidDocument(
            "the API document has no `paths` object; nothing could be served".to_owned(),
        ))
    }

    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        match self.judge.route(method, path) {
            openapi_wire::Route::Operation(declared, texts) => {
                let value =
                    |(_, text): (String, String)| percent_decode_str(&text).decode_utf8_lossy().into_owned();
                let values = texts.into_iter().map(value).collect();
                Route::Operation(self.operation(declared), values)
            }
            openapi_wire::Route::NoSuchMethod(others) => {
                Route::OtherMethods(others.into_iter().map(|it| &*it.method).collect())
            }
            openapi_wire::Route::NoSuchPath => Route::Nowhere,
        }
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.judge.operations().iter().map(|it| self.operation(it))
    }

    /// The operation of a method and a path template such as `GET /v1/users/{userId}`. The names of its parameters are
    /// ignored.
    pub(crate) fn named(&self, name: &str) -> Option<Operation<'_>> {
        let (method, path) = name.split_once(' ')?;
        let named = format!("{} {}", method.to_uppercase(), shape(path));
        self.operations().find(|operation| operation.shape() == named)
    }

    fn operation<'c>(&'c self, declared: &'c view::Operation<'c>) -> Operation<'c> {
        Operation {
            judge: &self.judge,
            declared,
        }
    }
}

impl<'c> Operation<'c> {
    fn document(self) -> &'c openapi_document::Document {
        self.judge.document()
    }

    /// The shape, such as `POST /v1/users/{}/banks:requestLink`. It is the same in every document with this operation.
    pub(crate) fn shape(self) -> String {
        format!("{} {}", self.declared.method, shape(&self.declared.path))
    }

    /// The name, such as `POST /v1/users/{userId}/banks:requestLink`, as the document writes it.
    pub(crate) fn name(self) -> String {
        self.declared.label()
    }

    /// The path template, as the document writes it.
    pub(crate) fn path(self) -> &'c str {
        &self.declared.path
    }

    /// Whether the document requires the header.
    pub(crate) fn requires_header(self, name: &str) -> bool {
        let is_it = |it: Parameter<'_>| {
            it.place == ParameterIn::Header && it.required && it.name.eq_ignore_ascii_case(name)
        };
        let parameters = self.declared.parameters(self.document());
        parameters.into_iter().flatten().any(is_it)
    }

    /// Whether at least one alternative of its `security` names a bearer token.
    pub(crate) fn wants_bearer(self) -> bool {
        let is_bearer = |name: &str| {
            let scheme = SecurityScheme::named(self.document(), name).and_then(Result::ok);
            let scheme = scheme.and_then(|scheme| scheme.here.text("scheme"));
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
        };
        let ways = self.declared.security(self.document()).unwrap_or_default();
        ways.iter()
            .any(|way| way.schemes.iter().any(|(name, _)| is_bearer(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_has_thirty_operations_and_the_later_document_seven() {
        let count = |document: &Document| Contract::of(document).operations().count();
        assert_eq!(count(&Document::earlier()), 30);
        assert_eq!(count(&Document::later()), 7);
    }

    #[test]
    fn the_path_of_the_server_stands_in_front() {
        let document =
            r#"{"openapi": "3.0.0", "servers": [{"url": "https://h/api/"}], "paths": {"/x": {"get": {}}}}"#;
        let document = Document::parse(document).unwrap();
        let contract = Contract::of(&document);
        assert!(matches!(contract.route("GET", "/api/x"), Route::Operation(..)));
        assert!(
            matches!(contract.route("POST", "/api/x"), Route::OtherMethods(methods) if methods == ["GET"])
        );
        assert!(matches!(contract.route("GET", "/x"), Route::Nowhere));
    }

    #[test]
    fn a_method_missing_at_the_best_template_is_not_looked_for_at_a_vaguer_one() {
        let document = Document::earlier();
        assert!(matches!(
            Contract::of(&document).route("DELETE", "/v1/webhooks/events"),
            Route::OtherMethods(_)
        ));
    }

    #[test]
    fn an_encoded_verb_or_slash_belongs_to_the_value() {
        let document = Document::later();
        let contract = Contract::of(&document);
        let reached = |path: &str| match contract.route("GET", path) {
            Route::Operation(operation, values) => (operation.name(), values),
            _ => panic!("{path} leads nowhere"),
        };
        let bank = "GET /v1/users/{userId}/banks/{bankId}".to_owned();
        for (sent, value) in [("x%3ArequestLink", "x:requestLink"), ("a%2Fb", "a/b")] {
            let values = vec!["u".to_owned(), value.to_owned()];
            assert_eq!(
                reached(&format!("/v1/users/u/banks/{sent}")),
                (bank.clone(), values)
            );
        }
    }
}
