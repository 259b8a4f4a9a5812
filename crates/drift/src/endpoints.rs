//! The operations of a document, however they are spread over path items and references.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use openapi_document::{Document, Located, Unresolved};

pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation, in one document.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint<'d> {
    /// In capitals.
    pub(crate) method: Arc<str>,
    /// The path template as written, or the name of a webhook or the expression of a callback.
    pub(crate) path: Arc<str>,
    pub(crate) operation: Located<'d>,
    /// The path item's, which the operation's own override.
    pub(crate) shared_parameters: Option<Located<'d>>,
    /// The path item's servers, unless the operation has its own.
    pub(crate) servers: Option<Located<'d>>,
}

/// Which operation a request reaches: the method, and the template without the names of its parameters.
pub(crate) type EndpointKey = (String, Arc<str>);

impl Endpoint<'_> {
    pub(crate) fn key(&self) -> EndpointKey {
        (nameless(&self.path), self.method.clone())
    }

    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The endpoints of a document in document order, by key.
#[derive(Debug, Default)]
pub(crate) struct Endpoints<'d> {
    pub(crate) list: Vec<Endpoint<'d>>,
    /// Path items that cannot be read, with their templates.
    pub(crate) unresolved: Vec<(String, Unresolved)>,
    by_key: HashMap<EndpointKey, usize>,
}

impl<'d> Endpoints<'d> {
    /// The operations under `/paths`.
    pub(crate) fn of_paths(document: &'d Document) -> Self {
        let paths = Located::root(document).get("paths");
        Self::of_items(document, paths.iter().flat_map(Located::members))
    }

    /// The operations under `/webhooks` (OpenAPI 3.1).
    pub(crate) fn of_webhooks(document: &'d Document) -> Self {
        let webhooks = Located::root(document).get("webhooks");
        Self::of_items(document, webhooks.iter().flat_map(Located::members))
    }

    /// The operations of path items, each with its template or name.
    pub(crate) fn of_items<'n>(
        document: &'d Document,
        items: impl Iterator<Item = (&'n str, Located<'d>)>,
    ) -> Self {
        let mut endpoints = Self::default();
        for (path, item) in items {
            // A path item may be a reference and hold operations of its own beside it.
            let mut places = vec![item.clone()];
            match item.follow(document) {
                Ok(target) if target.at != places[0].at => places.push(target),
                Ok(_) => {}
                Err(unresolved) => endpoints.unresolved.push((path.to_owned(), unresolved)),
            }
            for method in METHODS {
                let found = places.iter().find_map(|item| Some((item, item.get(method)?)));
                let Some((item, operation)) = found.filter(|(_, operation)| operation.node.is_object())
                else {
                    continue;
                };
                endpoints.push(Endpoint {
                    method: method.to_ascii_uppercase().into(),
                    path: path.into(),
                    operation,
                    shared_parameters: item.get("parameters"),
                    servers: item.get("servers"),
                });
            }
        }
        endpoints
    }

    fn push(&mut self, endpoint: Endpoint<'d>) {
        // Two templates that differ in names only are the same path; the first one answers.
        self.by_key.entry(endpoint.key()).or_insert(self.list.len());
        self.list.push(endpoint);
    }

    pub(crate) fn get(&self, key: &EndpointKey) -> Option<&Endpoint<'d>> {
        self.by_key.get(key).map(|&index| &self.list[index])
    }
}

/// The template with `{}` for every parameter: their names are no part of what travels.
pub(crate) fn nameless(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str("{}");
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The names of a template's parameters, in order.
pub(crate) fn template_names(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

/// Pairs two lists by key: those of both, those only in the first, those only in the second; in document order.
pub(crate) struct Pairs<'a, 'd> {
    pub(crate) both: Vec<(&'a Endpoint<'d>, &'a Endpoint<'d>)>,
    pub(crate) removed: Vec<&'a Endpoint<'d>>,
    pub(crate) added: Vec<&'a Endpoint<'d>>,
}

impl<'a, 'd> Pairs<'a, 'd> {
    pub(crate) fn new(base: &'a Endpoints<'d>, revision: &'a Endpoints<'d>) -> Self {
        let mut pairs = Self {
            both: Vec::new(),
            removed: Vec::new(),
            added: Vec::new(),
        };
        let mut met = HashSet::new();
        for endpoint in &base.list {
            let key = endpoint.key();
            match revision.get(&key) {
                Some(other) => pairs.both.push((endpoint, other)),
                None => pairs.removed.push(endpoint),
            }
            met.insert(key);
        }
        pairs.added.extend(
            revision
                .list
                .iter()
                .filter(|endpoint| !met.contains(&endpoint.key())),
        );
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_loses_only_its_names() {
        assert_eq!(
            nameless("/users/{userId}/banks/{bankId}:requestLink"),
            "/users/{}/banks/{}:requestLink"
        );
        assert_eq!(nameless("/a/{b"), "/a/{b");
        assert_eq!(
            template_names("/users/{userId}/banks/{bankId}:requestLink"),
            ["userId", "bankId"]
        );
    }
}
