//! The comparison: pairs the operations of both documents, and compares each pair part by part.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use openapi_document::view::{Operation, Operations, Pairing, UnreadOperations, pair, same_shape, shape};
use openapi_document::{Document, Located, ReadError, Version};

use crate::comparison::{Comparison, Pair};
use crate::diff;
use crate::gate;
use crate::options::{self, Options, Scope};
use crate::report::{self, Endpoint, Report, Side, Touched};
use crate::rules::templates::Templates;
use crate::rules::{
    bodies, callbacks, departures, lifecycle, malformed, naming, operations, parameters, references,
    responses, security, servers, uncompared,
};
use crate::titles;

/// Whether the comparison supports the document's version: OpenAPI 3.0, 3.1 or 3.2.
///
/// # Errors
/// A description of the document that says why it is not supported.
///
/// # Examples
/// ```
/// use openapi_drift::{Document, comparable};
///
/// let document = Document::read(br#"{"openapi": "3.2.0", "paths": {}}"#)?;
/// assert!(comparable(&document).is_ok());
///
/// let error = comparable(&Document::read_schema("{}")?).unwrap_err();
/// assert!(error.to_string().contains("it is a JSON Schema by itself"));
/// # Ok::<(), openapi_drift::ReadError>(())
/// ```
pub fn comparable(document: &Document) -> Result<(), ReadError> {
    match document.version() {
        Version::V3_0 | Version::V3_1 | Version::V3_2 => Ok(()),
        _ => Err(ReadError::NotOpenApi("it is a JSON Schema by itself".to_owned())),
    }
}

/// Compares a revision of a document with the base that a client was built from. Both must be [`comparable`].
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
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || compared(base, revision, options));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(report)) => report,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // Without a thread of its own, the comparison uses the stack of the caller.
            Err(_) => compared(base, revision, options),
        }
    })
}

/// What is told of an operation that is not compared.
const OTHERS_DIFFER: &str = "so many parts of operations differ that those of this one were not compared";

/// Size of the stack in bytes. Schemas are walked recursively, as deep as documents may be nested. The operating
/// system allocates only the part that is used.
const STACK: usize = 128 << 20;

fn compared(base: &Document, revision: &Document, options: &Options) -> Report {
    let mut comparison = Comparison::new(base, revision, options);
    naming::compare_versions(&mut comparison);
    paths(&mut comparison);
    if options.scope == Scope::All {
        let (old, new) = (Called::of_webhooks(base), Called::of_webhooks(revision));
        called_back(&mut comparison, &old, &new, None);
    }
    let mut questions = diff::compare(&mut comparison);
    malformed::report(&mut comparison);
    references::report(&mut comparison);
    questions.internal_faults += gate::settle(&mut comparison);
    comparison.findings.drop_unwritten();
    let mut findings = comparison.findings.into_list();
    report::order(&mut findings);
    titles::complete(&mut findings, base, revision);
    Report::new(findings, questions)
}

pub(crate) fn paths(comparison: &mut Comparison<'_>) {
    let options = comparison.options;
    let (old, new) = (
        Operations::of_paths(comparison.base),
        Operations::of_paths(comparison.revision),
    );
    for (side, operations) in [(Side::Base, &old), (Side::Revision, &new)] {
        for unread in operations.unread.iter().filter(|it| may_be_called(options, it)) {
            note_unread(comparison, side, unread, None);
        }
    }
    let Paths { pairing, twins } = pair_paths(comparison, &old, &new);
    let old_templates = Templates::new(&old, |_| true);
    let new_templates = Templates::new(&new, |index| !twins.contains(&index));
    let (unread_old, unread_new) = (Unread::of(&old.unread), Unread::of(&new.unread));
    let mut gone = Vec::new();
    for operation in pairing.removed.into_iter().map(|index| &old.list[index]) {
        if !is_called(options, operation) || unread_new.may_hold(operation) {
            continue;
        }
        let touched = touched(options, operation);
        if let Some(general) = operations::generalizing(comparison, &new_templates, operation, &touched) {
            operations::generalized(comparison, operation, general, touched.clone());
            let pair = Pair {
                base: operation.clone(),
                revision: general.clone(),
                endpoint: touched.endpoint,
                calls_back: false,
            };
            pair_up(comparison, &Rc::new(pair));
        } else {
            gone.push(operation);
        }
    }
    let added: Vec<&Operation<'_>> = pairing.added.into_iter().map(|index| &new.list[index]).collect();
    for operation in &added {
        if let Some(shadowed) = operations::answering(
            comparison,
            &old_templates,
            operation,
            &touched(options, operation),
        ) && is_called(options, shadowed)
        {
            operations::shadowed(comparison, operation, shadowed, touched(options, shadowed));
        }
    }
    let is_empty = new.list.is_empty() && new.unread.is_empty();
    let (departures, added) = departures::of(&gone, added, is_empty);
    for departure in departures {
        operations::removed(comparison, &departure, |operation| touched(options, operation));
    }
    for operation in added {
        if is_near(options, operation) && !unread_old.may_hold(operation) {
            operations::added(comparison, operation, touched(options, operation));
        }
    }
    for (base, revision) in pairing.both {
        let (base, revision) = (&old.list[base], &new.list[revision]);
        if is_called(options, base) {
            let pair = Pair {
                base: base.clone(),
                revision: revision.clone(),
                endpoint: Arc::new(endpoint_in_scope(options, base)),
                calls_back: false,
            };
            pair_up(comparison, &Rc::new(pair));
        }
    }
}

/// The paths, by their shape, and the methods of operations behind references that cannot be followed. `None` stands for
/// any. There may be thousands.
struct Unread(HashSet<(Option<String>, Option<Arc<str>>)>);

impl Unread {
    fn of(unread: &[UnreadOperations]) -> Self {
        let keys = unread
            .iter()
            .map(|it| (it.path.as_deref().map(shape), it.method.clone()));
        Self(keys.collect())
    }

    /// Whether an operation may be behind such a reference, and therefore is not listed.
    fn may_hold(&self, operation: &Operation<'_>) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let paths = [None, Some(shape(&operation.path))];
        let methods = [None, Some(Arc::clone(&operation.method))];
        paths.into_iter().any(|path| {
            methods
                .iter()
                .any(|it| self.0.contains(&(path.clone(), it.clone())))
        })
    }
}

/// Records a reference in place of operations, together with these operations or with the operation whose callbacks
/// they are.
fn note_unread(
    comparison: &mut Comparison<'_>,
    side: Side,
    unread: &UnreadOperations,
    caller: Option<&Touched>,
) {
    let any = || Arc::from("*");
    let touched = caller.cloned().unwrap_or_else(|| {
        let (method, path) = (unread.method.clone(), unread.path.clone());
        let endpoint = Endpoint::new(method.unwrap_or_else(any), path.unwrap_or_else(any), None);
        Touched::new(endpoint, "")
    });
    comparison
        .dangling
        .note(side, unread.unresolved.clone(), &touched);
}

/// The keys by which operations are paired: the method, and two names of the location.
type Keys = (String, String, String);

/// The operations under the paths.
struct Paths {
    pairing: Pairing,
    /// New operations whose templates have the same shape as one that is in both documents. The old one answers the
    /// requests that both match, since it did so before.
    twins: HashSet<usize>,
}

/// Pairs the operations under the paths. The first key contains the server's base path and the path, because a part
/// of the path may move from one to the other. The second key is only the path, because hosts and base paths change.
/// Exact spellings take precedence over shapes, and a shape pairs nothing if one of its templates is in both documents.
///
/// See reading 9 in `docs/readings.md`.
fn pair_paths<'d>(comparison: &Comparison<'d>, old: &Operations<'d>, new: &Operations<'d>) -> Paths {
    let placed = |side: Side, operations: &Operations<'d>| -> Vec<Keys> {
        let document = comparison.document(side);
        let placed = operations.list.iter().map(|it| {
            let path = servers::path_on_server(document, it);
            (it.method.to_string(), path, it.path.to_string())
        });
        placed.collect()
    };
    let by_url = |it: &Keys| (it.0.clone(), it.1.clone());
    let by_path = |it: &Keys| (it.0.clone(), it.2.clone());
    let by_shape_of_url = |it: &Keys| (it.0.clone(), shape(&it.1));
    let by_shape = |it: &Keys| (it.0.clone(), shape(&it.2));
    let (old, new) = (placed(Side::Base, old), placed(Side::Revision, new));
    let exactly = pair(&old, &new, &[&by_url, &by_path]);
    let same = exactly.both.iter().map(|(_, index)| &new[*index]);
    let settled: HashSet<(String, String)> =
        same.flat_map(|it| [by_shape_of_url(it), by_shape(it)]).collect();
    let is_settled = |it: &Keys| settled.contains(&by_shape_of_url(it)) || settled.contains(&by_shape(it));
    let unless_settled = |it: &Keys, key: (String, String)| if is_settled(it) { by_path(it) } else { key };
    let pairing = pair(
        &old,
        &new,
        &[
            &by_url,
            &by_path,
            &|it| unless_settled(it, by_shape_of_url(it)),
            &|it| unless_settled(it, by_shape(it)),
        ],
    );
    let added = pairing.added.iter().copied();
    let twins = added.filter(|index| is_settled(&new[*index])).collect();
    Paths { pairing, twins }
}

fn pair_up<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    comparison.pairs.push(Rc::clone(pair));
    security::compare(comparison, pair);
    if !pair.calls_back {
        servers::compare(comparison, pair);
    }
    let (old, new) = (&pair.base, &pair.revision);
    let shared = || {
        let (old, new) = (&old.shared_parameters, &new.shared_parameters);
        old.iter().map(|it| it.node).zip(new.iter().map(|it| it.node))
    };
    let is_alike = old.here.node == new.here.node
        && old.shared_parameters.len() == new.shared_parameters.len()
        && shared().all(|(old, new)| old == new);
    if is_alike && old.path == new.path {
        // The text of both is identical, so that only the targets of references can differ.
        if comparison.unchanged.same(old.here.node, new.here.node)
            && shared().all(|(old, new)| comparison.unchanged.same(old, new))
        {
            return;
        }
    } else {
        naming::compare(comparison, pair);
        lifecycle::compare(comparison, pair);
    }
    if !comparison.may_pair(0) {
        return uncompared::tell(comparison, pair, "", OTHERS_DIFFER);
    }
    parameters::compare(comparison, pair);
    bodies::compare(comparison, pair);
    responses::compare(comparison, pair);
    nested_callbacks(comparison, pair);
}

/// Compares the callbacks of an operation, which are identified by name and expression.
fn nested_callbacks<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let (old, new) = (
        pair.base.here.get("callbacks"),
        pair.revision.here.get("callbacks"),
    );
    if old.is_none() && new.is_none() {
        return;
    }
    if pair.calls_back {
        return callbacks::nested(comparison, pair, old.as_ref(), new.as_ref());
    }
    let number = |side: Side, callbacks: &Option<Located<'d>>| -> usize {
        let all = callbacks.iter().flat_map(Located::members);
        let followed = all.filter_map(|(_, it)| it.follow(comparison.document(side)).ok());
        followed.map(|it| it.node.members().len()).sum()
    };
    let calls = number(Side::Base, &old) + number(Side::Revision, &new);
    if !comparison.may_call(calls) {
        return callbacks::leave_open(comparison, pair);
    }
    let touched = pair.touched(None, "");
    let called = |side: Side, callbacks: Option<Located<'d>>| {
        let document = comparison.document(side);
        let mut called = Called::default();
        for (name, callback) in callbacks.iter().flat_map(Located::members) {
            let callback = match callback.follow(document) {
                Ok(callback) => callback,
                Err(unresolved) => {
                    called.unread.push(UnreadOperations::anywhere(unresolved));
                    continue;
                }
            };
            for (expression, item) in callback.members() {
                let label = format!("{name} {expression}");
                let items = std::iter::once((label.as_str(), item));
                let operations = Operations::of_items(document, items);
                let target = callbacks::target(expression);
                called
                    .targets
                    .extend(operations.list.iter().map(|_| target.clone()));
                called.list.extend(operations.list);
                called.unread.extend(operations.unread);
            }
        }
        called
    };
    let (old, new) = (called(Side::Base, old), called(Side::Revision, new));
    called_back(comparison, &old, &new, Some(&touched));
}

/// The requests that the service sends.
#[derive(Default)]
struct Called<'d> {
    list: Vec<Operation<'d>>,
    /// The target of each request, as its document writes it.
    targets: Vec<String>,
    unread: Vec<UnreadOperations>,
}

impl<'d> Called<'d> {
    fn of_webhooks(document: &'d Document) -> Self {
        let Operations { list, unread } = Operations::of_webhooks(document);
        Self {
            targets: list.iter().map(|it| it.path.to_string()).collect(),
            list,
            unread,
        }
    }

    /// Pairs by name and target, and then by the target alone, because the name of a callback is not sent.
    ///
    /// See reading 8 in `docs/readings.md`.
    fn pair(&self, other: &Self) -> Pairing {
        let keys = |it: &Self| -> Vec<Keys> {
            let both = it.list.iter().zip(&it.targets);
            both.map(|(it, target)| (it.method.to_string(), it.path.to_string(), target.clone()))
                .collect()
        };
        let by_label = |it: &Keys| (it.0.clone(), it.1.clone());
        let by_target = |it: &Keys| (it.0.clone(), it.2.clone());
        pair(&keys(self), &keys(other), &[&by_label, &by_target])
    }
}

fn called_back<'d>(
    comparison: &mut Comparison<'d>,
    old: &Called<'d>,
    new: &Called<'d>,
    caller: Option<&Touched>,
) {
    let touched = |operation: &Operation<'d>| {
        let own = || Touched::new(endpoint(operation, own_name(operation)), "");
        caller.cloned().unwrap_or_else(own)
    };
    for (side, operations) in [(Side::Base, old), (Side::Revision, new)] {
        for unread in &operations.unread {
            note_unread(comparison, side, unread, caller);
        }
    }
    let pairing = old.pair(new);
    let (unread_old, unread_new) = (Unread::of(&old.unread), Unread::of(&new.unread));
    for operation in pairing.removed.into_iter().map(|index| &old.list[index]) {
        if !unread_new.may_hold(operation) {
            callbacks::removed(comparison, operation, touched(operation));
        }
    }
    for operation in pairing.added.into_iter().map(|index| &new.list[index]) {
        if !unread_old.may_hold(operation) {
            callbacks::added(comparison, operation, touched(operation));
        }
    }
    for (base, revision) in pairing.both {
        let (base, revision) = (&old.list[base], &new.list[revision]);
        let pair = Pair {
            base: base.clone(),
            revision: revision.clone(),
            endpoint: Arc::new(endpoint(base, touched(base).endpoint.name.clone())),
            calls_back: true,
        };
        pair_up(comparison, &Rc::new(pair));
    }
}

fn named<'o>(options: &'o Options, operation: &Operation<'_>) -> Option<&'o options::Operation> {
    let Scope::Operations(list) = &options.scope else {
        return None;
    };
    let same = |it: &&options::Operation| {
        it.method.eq_ignore_ascii_case(&operation.method) && same_shape(&it.path, &operation.path)
    };
    let mut exact = list.iter().filter(same);
    exact
        .clone()
        .find(|it| *it.path == *operation.path)
        .or_else(|| exact.next())
}

/// Whether an operation is in the scope of the comparison.
fn is_called(options: &Options, operation: &Operation<'_>) -> bool {
    options.scope == Scope::All || named(options, operation).is_some()
}

/// Whether an operation in the scope may be behind a reference that cannot be followed.
fn may_be_called(options: &Options, unread: &UnreadOperations) -> bool {
    let Scope::Operations(list) = &options.scope else {
        return true;
    };
    let (path, method) = (unread.path.as_deref(), unread.method.as_deref());
    list.iter().any(|it| {
        path.is_none_or(|path| same_shape(&it.path, path))
            && method.is_none_or(|method| it.method.eq_ignore_ascii_case(method))
    })
}

/// Whether an added operation is reported for the scope; see [`Scope::Operations`].
fn is_near(options: &Options, operation: &Operation<'_>) -> bool {
    let Scope::Operations(list) = &options.scope else {
        return true;
    };
    let path = shape(&operation.path);
    let below = |upper: &str, lower: &str| {
        lower
            .strip_prefix(upper)
            .is_some_and(|rest| rest.starts_with(['/', ':']))
    };
    let templates: Vec<String> = list.iter().map(|it| shape(&it.path)).collect();
    templates.iter().any(|own| {
        // A path above other paths of the scope is ignored here, because half of the API may be below it.
        *own == path || (below(own, &path) && !templates.iter().any(|other| below(own, other)))
    })
}

fn touched(options: &Options, operation: &Operation<'_>) -> Touched {
    Touched::new(endpoint_in_scope(options, operation), "")
}

/// The operation with its name in the scope, or else its own.
fn endpoint_in_scope(options: &Options, operation: &Operation<'_>) -> Endpoint {
    let name = named(options, operation).and_then(|it| it.name.clone());
    endpoint(operation, name.or_else(|| own_name(operation)))
}

fn own_name(operation: &Operation<'_>) -> Option<String> {
    operation.here.text("operationId").map(str::to_owned)
}

fn endpoint(operation: &Operation<'_>, name: Option<String>) -> Endpoint {
    Endpoint::new(Arc::clone(&operation.method), Arc::clone(&operation.path), name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    /// A document with one response whose schema has this many levels, each of them a component.
    fn nested(levels: usize, leaf: &str) -> Document {
        let name = |level: usize| format!("#/components/schemas/L{level}");
        let mut schemas: Map<String, Value> = (0..levels)
            .map(|level| {
                let next = json!({"$ref": name(level + 1)});
                let own = json!({"type": "object", "required": ["a"], "properties": {"a": next}});
                (format!("L{level}"), own)
            })
            .collect();
        schemas.insert(format!("L{levels}"), json!({ "type": leaf }));
        let content = json!({"application/json": {"schema": {"$ref": name(0)}}});
        let document = json!({
            "openapi": "3.1.0",
            "paths": {"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}},
            "components": {"schemas": schemas},
        });
        Document::read(document.to_string()).unwrap()
    }

    #[test]
    fn a_difference_deeper_than_any_message_is_undecided() {
        for levels in [900, 1_100, 3_000] {
            let (base, revision) = (nested(levels, "string"), nested(levels, "integer"));
            let report = compare(&base, &revision, &Options::default());
            assert!(!report.findings.is_empty(), "{levels} levels");
            assert!(
                report.findings.iter().all(|it| it.undecided.is_some()),
                "{levels} levels"
            );
        }
    }
}
