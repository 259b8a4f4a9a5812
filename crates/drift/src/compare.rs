//! The comparison: what exists in both documents is paired, and each part is compared by its own rules.

use std::rc::Rc;
use std::sync::Arc;

use openapi_document::{Document, Located, ReadError, Version};
use serde_json::Value;

use crate::comparison::{Comparison, Pair};
use crate::endpoints::{Endpoint, Endpoints, Pairs, nameless};
use crate::local;
use crate::options::{Operation, Options, Scope};
use crate::report::{Report, Side, Touched};
use crate::structure::{
    bodies, callbacks, lifecycle, naming, operations, parameters, references, responses, security, servers,
};

/// Whether a document is of a version of OpenAPI that is compared here: 3.0 or 3.1.
///
/// # Errors
/// What the document is instead.
///
/// # Examples
/// ```
/// use openapi_drift::{Document, comparable};
///
/// let document = Document::read(br#"{"openapi": "3.2.0", "paths": {}}"#)?;
/// let error = comparable(&document).unwrap_err();
/// assert!(error.to_string().contains("it is OpenAPI 3.2.0, of which the additions would go unseen"));
/// # Ok::<(), openapi_drift::ReadError>(())
/// ```
pub fn comparable(document: &Document) -> Result<(), ReadError> {
    let not = |why: String| Err(ReadError::NotOpenApi(why));
    match document.version() {
        Version::V3_0 | Version::V3_1 => Ok(()),
        Version::JsonSchema => not("it is a JSON Schema by itself".to_owned()),
        // Read as 3.1, what 3.2 adds, such as the method QUERY, would go unseen.
        _ => {
            let written = document
                .root()
                .get("openapi")
                .map(Value::from)
                .unwrap_or_default();
            let written = written
                .as_str()
                .map_or_else(|| written.to_string(), str::to_owned);
            not(format!(
                "it is OpenAPI {}, of which the additions would go unseen; write it as OpenAPI 3.1",
                written.chars().take(40).collect::<String>()
            ))
        }
    }
}

/// Compares a revision of a document with the base that a client was built from; both are [`comparable`].
///
/// ```
/// use openapi_drift::{Document, Level, Options, compare};
///
/// let base = Document::read(br#"{"openapi": "3.0.3", "paths": {"/pets": {
///     "get": {"responses": {"200": {"description": "all pets"}}}
/// }}}"#)?;
/// let revision = Document::read(br#"{"openapi": "3.0.3", "paths": {}}"#)?;
///
/// let report = compare(&base, &revision, &Options::default());
/// assert_eq!(report.verdict, Some(Level::Breaking));
/// assert_eq!(report.findings[0].title, "GET /pets is gone");
/// # Ok::<(), openapi_drift::ReadError>(())
/// ```
pub fn compare(base: &Document, revision: &Document, options: &Options) -> Report {
    let mut comparison = Comparison::new(base, revision, options);
    naming::compare_versions(&mut comparison);
    paths(&mut comparison);
    if options.scope == Scope::All {
        let (old, new) = (Endpoints::of_webhooks(base), Endpoints::of_webhooks(revision));
        called_back(&mut comparison, &old, &new, None);
        security::compare_flows(&mut comparison);
    }
    let questions = local::compare(&mut comparison);
    references::report(&mut comparison);
    Report::new(comparison.findings.into_list(), questions)
}

pub(crate) fn paths(comparison: &mut Comparison<'_>) {
    let options = comparison.options;
    let (old, new) = (
        Endpoints::of_paths(comparison.base),
        Endpoints::of_paths(comparison.revision),
    );
    for (side, endpoints) in [(Side::Base, &old), (Side::Revision, &new)] {
        for (path, unresolved) in &endpoints.unresolved {
            if path_in_scope(options, path) {
                let touched = Touched {
                    method: "*".into(),
                    path: path.as_str().into(),
                    name: None,
                    status: None,
                    at: "".into(),
                    message: None,
                };
                comparison.note_dangling(side, unresolved.clone(), &touched);
            }
        }
    }
    let pairs = Pairs::new(&old, &new);
    for endpoint in pairs.removed {
        // A path item that cannot be read may still hold the operation.
        let unreadable = new
            .unresolved
            .iter()
            .any(|(path, _)| nameless(path) == nameless(&endpoint.path));
        if is_called(options, endpoint) && !unreadable {
            operations::removed(comparison, endpoint, touched(options, endpoint));
        }
    }
    for endpoint in pairs.added {
        let unreadable = old
            .unresolved
            .iter()
            .any(|(path, _)| nameless(path) == nameless(&endpoint.path));
        if is_near(options, endpoint) && !unreadable {
            operations::added(comparison, endpoint, touched(options, endpoint));
        }
        if let Some(shadowed) = operations::answering(&old, endpoint)
            && is_called(options, shadowed)
        {
            operations::shadowed(comparison, endpoint, shadowed, touched(options, shadowed));
        }
    }
    for (base, revision) in pairs.both {
        if is_called(options, base) {
            let name = touched(options, base).name;
            let pair = Pair {
                base: base.clone(),
                revision: revision.clone(),
                name,
                calls_back: false,
            };
            pair_up(comparison, &Rc::new(pair));
        }
    }
}

fn pair_up<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    security::compare(comparison, pair);
    if !pair.calls_back {
        servers::compare(comparison, pair);
    }
    let (old, new) = (&pair.base, &pair.revision);
    let shared = |endpoint: &Endpoint<'d>| endpoint.shared_parameters.as_ref().map(|it| it.node);
    if old.operation.node == new.operation.node && shared(old) == shared(new) && old.path == new.path {
        // Word for word the same; only what it refers to can differ.
        if comparison.unchanged.same(old.operation.node, new.operation.node)
            && shared(old)
                .zip(shared(new))
                .is_none_or(|(old, new)| comparison.unchanged.same(old, new))
        {
            return;
        }
    } else {
        naming::compare(comparison, pair);
        lifecycle::compare(comparison, pair);
    }
    parameters::compare(comparison, pair);
    bodies::compare(comparison, pair);
    responses::compare(comparison, pair);
    nested_callbacks(comparison, pair);
}

/// The callbacks of an operation, by name and expression.
fn nested_callbacks<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    if pair.calls_back {
        // Callbacks of callbacks exist only on paper.
        return;
    }
    let (old, new) = (
        pair.base.operation.get("callbacks"),
        pair.revision.operation.get("callbacks"),
    );
    if old.is_none() && new.is_none() {
        return;
    }
    let touched = pair.touched(None, "");
    let mut endpoints = |side: Side, callbacks: Option<Located<'d>>| {
        let mut items = Vec::new();
        for (name, callback) in callbacks.iter().flat_map(Located::members) {
            if let Some(callback) = comparison.follow(side, callback, &touched) {
                items.extend(
                    callback
                        .members()
                        .map(|(expression, item)| (format!("{name} {expression}"), item)),
                );
            }
        }
        let items = items.iter().map(|(name, item)| (name.as_str(), item.clone()));
        Endpoints::of_items(comparison.document(side), items)
    };
    let (old, new) = (endpoints(Side::Base, old), endpoints(Side::Revision, new));
    called_back(comparison, &old, &new, Some(&touched));
}

fn called_back<'d>(
    comparison: &mut Comparison<'d>,
    old: &Endpoints<'d>,
    new: &Endpoints<'d>,
    caller: Option<&Touched>,
) {
    let touched = |endpoint: &Endpoint<'d>| {
        caller.cloned().unwrap_or_else(|| Touched {
            method: endpoint.method.clone(),
            path: endpoint.path.clone(),
            name: endpoint.operation.text("operationId").map(Arc::from),
            status: None,
            at: "".into(),
            message: None,
        })
    };
    let pairs = Pairs::new(old, new);
    for endpoint in pairs.removed {
        callbacks::removed(comparison, endpoint, touched(endpoint));
    }
    for endpoint in pairs.added {
        callbacks::added(comparison, endpoint, touched(endpoint));
    }
    for (base, revision) in pairs.both {
        let name = touched(base).name;
        let pair = Pair {
            base: base.clone(),
            revision: revision.clone(),
            name,
            calls_back: true,
        };
        pair_up(comparison, &Rc::new(pair));
    }
}

fn named<'o>(options: &'o Options, endpoint: &Endpoint<'_>) -> Option<&'o Operation> {
    let Scope::Operations(list) = &options.scope else {
        return None;
    };
    let path = nameless(&endpoint.path);
    list.iter()
        .find(|it| it.method.eq_ignore_ascii_case(&endpoint.method) && nameless(&it.path) == path)
}

/// Whether an operation is one that is compared.
fn is_called(options: &Options, endpoint: &Endpoint<'_>) -> bool {
    options.scope == Scope::All || named(options, endpoint).is_some()
}

fn path_in_scope(options: &Options, path: &str) -> bool {
    let Scope::Operations(list) = &options.scope else {
        return true;
    };
    list.iter().any(|it| nameless(&it.path) == nameless(path))
}

/// Whether an operation that the revision adds is news for the scope; see [`Scope::Operations`].
fn is_near(options: &Options, endpoint: &Endpoint<'_>) -> bool {
    let Scope::Operations(list) = &options.scope else {
        return true;
    };
    let path = nameless(&endpoint.path);
    let below = |upper: &str, lower: &str| {
        lower
            .strip_prefix(upper)
            .is_some_and(|rest| rest.starts_with(['/', ':']))
    };
    let templates: Vec<String> = list.iter().map(|it| nameless(&it.path)).collect();
    templates.iter().any(|own| {
        // What holds other operations of the scope is no family: half of the API may lie below it.
        *own == path || (below(own, &path) && !templates.iter().any(|other| below(own, other)))
    })
}

fn touched(options: &Options, endpoint: &Endpoint<'_>) -> Touched {
    let own = endpoint.operation.text("operationId").map(Arc::from);
    Touched {
        method: endpoint.method.clone(),
        path: endpoint.path.clone(),
        name: named(options, endpoint)
            .and_then(|it| it.name.as_deref().map(Arc::from))
            .or(own),
        status: None,
        at: "".into(),
        message: None,
    }
}
