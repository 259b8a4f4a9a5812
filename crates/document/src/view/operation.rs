//! The operations of a document, collected from path items and references.

use std::sync::Arc;

use super::callback::{self, Callback};
use super::defect::Defect;
use super::pairing::{Pairing, pair};
use super::parameter::{self, Parameter};
use super::request_body::RequestBody;
use super::response::{self, Response};
use super::security::{self, Requirement};
use super::server::{self, Server};
use super::template::{same_shape, shape};
use crate::document::Document;
use crate::located::Located;
use crate::reference::Unresolved;
use crate::version::Version;

/// The methods for which a path item has a field. `query` was added in OpenAPI 3.2.
pub const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// One operation of a document.
#[derive(Clone, Debug)]
pub struct Operation<'d> {
    /// The method: in capitals if a path item has a field for it, else as written.
    pub method: Arc<str>,
    /// The path template as written, or the name of a webhook, or the expression of a callback.
    pub path: Arc<str>,
    /// The operation object.
    pub here: Located<'d>,
    /// The lists of the path item's parameters: that of the path item and, if it is a reference with further fields,
    /// also that of its target. The operation's own parameters override them.
    pub shared_parameters: Vec<Located<'d>>,
    /// The path item's servers. The operation's own servers replace them.
    pub shared_servers: Option<Located<'d>>,
}

impl<'d> Operation<'d> {
    /// The method and path in the usual form: `GET /pets/{id}`.
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The effective parameters, in document order: the operation's own, then those of its path item that it does not
    /// override. See [OpenAPI 3.1, Operation Object](https://spec.openapis.org/oas/v3.1.1#operation-object).
    pub fn parameters(&self, document: &'d Document) -> Vec<Result<Parameter<'d>, Defect>> {
        parameter::effective(document, self.parameter_lists())
    }

    /// The lists of parameters that apply, of which the earlier ones take precedence.
    pub fn parameter_lists(&self) -> impl Iterator<Item = Located<'d>> {
        let own = self.here.get("parameters");
        own.into_iter().chain(self.shared_parameters.iter().cloned())
    }

    /// The request body, if the operation declares one.
    pub fn request_body(&self, document: &'d Document) -> Option<Result<RequestBody<'d>, Defect>> {
        let here = self.here.get("requestBody")?;
        Some(here.follow(document).map(RequestBody::new).map_err(Defect::from))
    }

    /// Its responses, in document order.
    pub fn responses(&self, document: &'d Document) -> Vec<Result<Response<'d>, Defect>> {
        response::all(document, &self.here)
    }

    /// Its callbacks, in document order.
    pub fn callbacks(&self, document: &'d Document) -> Vec<Result<Callback<'d>, Defect>> {
        callback::all(document, &self.here)
    }

    /// The security requirements, of which a caller has to meet one: the operation's own, else those of the document.
    /// `None` if neither declares any.
    pub fn security(&self, document: &'d Document) -> Option<Vec<Requirement<'d>>> {
        let here = self
            .here
            .get("security")
            .or_else(|| Located::root(document).get("security"))?;
        Some(security::all(&here))
    }

    /// The servers of the operation: its own, else those of its path item, else those of the document.
    pub fn servers(&self, document: &'d Document) -> Vec<Server<'d>> {
        let here = self.here.get("servers").or_else(|| self.shared_servers.clone());
        server::all(here.or_else(|| Located::root(document).get("servers")).as_ref())
    }
}

/// The operations of a document, in document order.
///
/// # Examples
/// ```
/// use openapi_document::Document;
/// use openapi_document::view::Operations;
///
/// let document = Document::read(r#"{"openapi": "3.2.0", "paths": {"/pets": {
///     "get": {}, "query": {}, "additionalOperations": {"COPY": {}}
/// }}}"#)?;
/// let labels: Vec<_> = Operations::of_paths(&document).list.iter().map(|it| it.label()).collect();
/// assert_eq!(labels, ["GET /pets", "QUERY /pets", "COPY /pets"]);
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Debug, Default)]
pub struct Operations<'d> {
    /// The operations that can be read.
    pub list: Vec<Operation<'d>>,
    /// References in place of operations that cannot be followed.
    pub unread: Vec<UnreadOperations>,
}

/// A reference in place of operations that cannot be followed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnreadOperations {
    /// The path template of the operations, or `None` if it is unknown.
    pub path: Option<Arc<str>>,
    /// The method of the operations, or `None` if it is unknown.
    pub method: Option<Arc<str>>,
    /// The reference.
    pub unresolved: Unresolved,
}

impl UnreadOperations {
    /// Makes the entry for operations whose path and method are both unknown.
    pub fn anywhere(unresolved: Unresolved) -> Self {
        Self {
            path: None,
            method: None,
            unresolved,
        }
    }
}

impl<'d> Operations<'d> {
    /// The operations under `/paths`.
    ///
    /// A method in capitals, such as `GET`, is read as the field that is meant.
    ///
    /// A reference in place of a path item, an operation, or the whole map is followed, although OpenAPI does not allow
    /// all of these.
    pub fn of_paths(document: &'d Document) -> Self {
        Self::under(document, "paths")
    }

    /// The operations under `/webhooks` (since OpenAPI 3.1).
    pub fn of_webhooks(document: &'d Document) -> Self {
        Self::under(document, "webhooks")
    }

    fn under(document: &'d Document, key: &str) -> Self {
        let Some(here) = Located::root(document).get(key) else {
            return Self::default();
        };
        match here.follow(document) {
            Ok(here) => Self::of_items(document, here.members()),
            Err(unresolved) => Self {
                list: Vec::new(),
                unread: vec![UnreadOperations::anywhere(unresolved)],
            },
        }
    }

    /// The operations of a callback. The path of each is the runtime expression of its URL.
    pub fn of_callback(document: &'d Document, callback: &Callback<'d>) -> Self {
        Self::of_items(document, callback.here.members())
    }

    /// The operations of path items, each given with its template or name.
    pub fn of_items<'n>(document: &'d Document, items: impl Iterator<Item = (&'n str, Located<'d>)>) -> Self {
        let mut operations = Self::default();
        for (path, item) in items {
            // A path item may be a reference and also have fields of its own. If both have a field, OpenAPI leaves its
            // meaning open, and that of the path item counts.
            let mut places = vec![item.clone()];
            match item.follow(document) {
                Ok(target) if target.node.id() != places[0].node.id() => places.push(target),
                Ok(_) => {}
                Err(unresolved) => operations.unread.push(UnreadOperations {
                    path: Some(path.into()),
                    method: None,
                    unresolved,
                }),
            }
            operations.push_all(document, &path.into(), &places);
        }
        operations
    }

    fn push_all(&mut self, document: &'d Document, path: &Arc<str>, places: &[Located<'d>]) {
        let methods = METHODS
            .iter()
            .filter(|it| **it != "query" || document.version() == Version::V3_2);
        for method in methods {
            if let Some(here) = places.iter().find_map(|item| of_method(item, method)) {
                self.push(document, method.to_ascii_uppercase().into(), path, places, here);
            }
        }
        if document.version() != Version::V3_2 {
            return;
        }
        for item in places {
            for (method, here) in item.entries_of("additionalOperations") {
                self.push(document, method.into(), path, places, here);
            }
        }
    }

    fn push(
        &mut self,
        document: &'d Document,
        method: Arc<str>,
        path: &Arc<str>,
        places: &[Located<'d>],
        here: Located<'d>,
    ) {
        let here = match here.follow(document) {
            Ok(here) => here,
            Err(unresolved) => {
                return self.unread.push(UnreadOperations {
                    path: Some(path.clone()),
                    method: Some(method),
                    unresolved,
                });
            }
        };
        if here.node.is_object() {
            self.list.push(Operation {
                method,
                path: path.clone(),
                here,
                shared_parameters: places.iter().filter_map(|it| it.get("parameters")).collect(),
                shared_servers: places.iter().find_map(|it| it.get("servers")),
            });
        }
    }

    /// Finds the operation for a method and a path template: by the exact template, else by its shape.
    pub fn get(&self, method: &str, path: &str) -> Option<&Operation<'d>> {
        let of_method = || {
            self.list
                .iter()
                .filter(|it| it.method.eq_ignore_ascii_case(method))
        };
        let exact = of_method().find(|it| &*it.path == path);
        exact.or_else(|| of_method().find(|it| same_shape(&it.path, path)))
    }

    /// Pairs the operations of two documents by method, and first by the exact template, then by its shape. The shape
    /// ignores the names of path parameters, because they are not part of a request.
    pub fn pair(&self, other: &Self) -> Pairing {
        let exact = |it: &Operation<'_>| (it.method.clone(), it.path.to_string());
        let vague = |it: &Operation<'_>| (it.method.clone(), shape(&it.path));
        pair(&self.list, &other.list, &[&exact, &vague])
    }
}

/// The operation of a path item for a method, whose name may be in another case than OpenAPI has it.
fn of_method<'d>(item: &Located<'d>, method: &str) -> Option<Located<'d>> {
    item.get(method).or_else(|| {
        let mut members = item.members();
        let (_, here) = members.find(|(key, _)| key.eq_ignore_ascii_case(method))?;
        Some(here)
    })
}
