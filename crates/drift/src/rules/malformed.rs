//! Parts whose type is not the one that OpenAPI requires, and unresolved references where nothing was compared. These
//! parts are not read, so their meaning is undecided.
//!
//! See readings 11 and 15 in `docs/readings.md`.

use std::rc::Rc;

use openapi_document::view::{METHODS, same_shape};
use openapi_document::{Kind as Json, Located, Node, Part, Version};

use super::expected::Expected;
use super::unread::{Found, Walk};
use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::options::Scope;
use crate::report::{Endpoint, Finding, Level, Side, Touched};
use crate::rule::{Affects, Rule};

pub(crate) const RULES: &[&Rule] = &[&MALFORMED];

pub(crate) const MALFORMED: Rule = Rule {
    id: "part-malformed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "A part of one document does not have the type that OpenAPI requires, or lacks something that OpenAPI requires. It is not read, so its meaning is unknown.",
    mend: "Tell the vendor, and compare the place by hand.",
    readings: &[11, 15],
};

fn is_told(node: Node<'_>) -> &'static str {
    match node.kind() {
        Json::String(_) => "a text",
        Json::Bool(true) => "true",
        Json::Bool(false) => "false",
        Json::Number(_) => "a number",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
        _ => "null",
    }
}

/// Reports each malformed part that only one document has, with the operations that reach it. Also notes the unresolved
/// references that the comparison of both documents did not meet.
pub(crate) fn report(comparison: &mut Comparison<'_>) {
    let pairs: Vec<Rc<Pair<'_>>> = std::mem::take(&mut comparison.pairs);
    let operations = |side| pairs.iter().map(move |pair| pair.side(side));
    let unread =
        [Side::Base, Side::Revision].map(|side| Walk::all(comparison.document(side), operations(side)));
    for side in [Side::Base, Side::Revision] {
        in_place_of_operations(comparison, side);
        let document = comparison.document(side);
        let other = &unread[side.other().index()];
        let is_known = |at: &str| comparison.dangling.has(side, at);
        let all = unread[side.index()].beyond(other, is_known);
        if all.is_empty() {
            continue;
        }
        Walk::each(document, operations(side), &all, |found, numbers| {
            let touched = |number: usize| pairs[number].touched(None, "");
            match found {
                Found::Malformed(here, expected) => {
                    comparison.report_each(malformed(side, here, *expected), numbers, touched);
                }
                Found::Unresolved(_, unresolved) => numbers.for_each(|it| {
                    comparison.dangling.note(side, unresolved.clone(), &touched(it));
                }),
            }
        });
    }
}

/// Reports other values in place of a path item, its operations or all paths, since the intended operations are
/// unknown.
fn in_place_of_operations(comparison: &mut Comparison<'_>, side: Side) {
    let (document, other) = (comparison.document(side), comparison.document(side.other()));
    let is_wrong =
        |it: &Located<'_>, expected: Expected| !expected.takes(it.node) && other.at(&it.at) != Some(it.node);
    let touched = |method: &str, path: &str| Touched::new(Endpoint::new(method, path, None), "");
    let Some(paths) = Located::root(document).get("paths") else {
        return;
    };
    if is_wrong(&paths, Expected::One(Part::PathItem)) {
        comparison.report(
            malformed(side, &paths, Expected::One(Part::PathItem)),
            touched("*", "*"),
        );
    }
    for (path, item) in paths.members() {
        let is_compared = match &comparison.options.scope {
            Scope::All => true,
            Scope::Operations(list) => list.iter().any(|it| same_shape(&it.path, path)),
        };
        // A reference may stand for all paths.
        if !is_compared || path == "$ref" {
            continue;
        }
        let mut parts = vec![(&item, "*", Expected::One(Part::PathItem))];
        let members: Vec<_> = item.members().collect();
        parts.extend(members.iter().filter_map(|(key, part)| match *key {
            "$ref" => Some((part, "*", Expected::Text)),
            "additionalOperations" if document.version() == Version::V3_2 => {
                Some((part, "*", Expected::Map(Part::Operation)))
            }
            method if METHODS.iter().any(|it| it.eq_ignore_ascii_case(method)) => {
                Some((part, method, Expected::One(Part::Operation)))
            }
            _ => None,
        }));
        for (part, method, expected) in parts {
            if is_wrong(part, expected) {
                let touched = touched(&method.to_ascii_uppercase(), path);
                comparison.report(malformed(side, part, expected), touched);
            }
        }
    }
}

/// The drift of a part that is not what OpenAPI requires.
fn malformed(side: Side, here: &Located<'_>, expected: Expected) -> Drift {
    let at = &here.at;
    let why = match (expected, here.node.kind()) {
        (Expected::Word(_) | Expected::TypeOrTypes, Json::String(_)) => {
            "it is no word that OpenAPI has there, and is not read".to_owned()
        }
        (Expected::SoleContent, _) => {
            "it lists several media types where one belongs, and the first is read".to_owned()
        }
        (Expected::BesideContent, _) => {
            "it stands beside `content`, which alone says how it is written, and is not read".to_owned()
        }
        (Expected::Number, Json::Bool(_)) if is_exclusion(at) => format!(
            "it is {} where OpenAPI has a number, and is read as OpenAPI 3.0 has it",
            is_told(here.node)
        ),
        (Expected::NoStatus, _) => {
            "its key is no status, no range such as `4XX` and not `default`, and it is not read".to_owned()
        }
        _ => format!(
            "it is {} where OpenAPI has {}, and is not read",
            is_told(here.node),
            expected.told()
        ),
    };
    unread(side, at, why)
}

/// Whether a pointer ends in a keyword that is a flag in OpenAPI 3.0 and a number in later versions.
fn is_exclusion(at: &str) -> bool {
    at.ends_with("/exclusiveMinimum") || at.ends_with("/exclusiveMaximum")
}

/// The schema of a finding about such a flag in a later version. Whether the schema takes the bound itself is then open.
pub(crate) fn open_bound(finding: &Finding) -> Option<&str> {
    let at = finding.base_at.as_ref().or(finding.revision_at.as_ref())?;
    let at = Some(at).filter(|at| finding.rule == MALFORMED.id && is_exclusion(at))?;
    at.rsplit_once('/').map(|(schema, _)| schema)
}

/// The drift of a body that one document does not describe, since it lists no media type.
pub(crate) fn without_media_type(side: Side, body: &Located<'_>) -> Drift {
    let why = "it lists no media type, so that nothing is known of the body".to_owned();
    unread(side, &body.at, why)
}

fn unread(side: Side, at: &str, why: String) -> Drift {
    Drift::new(&MALFORMED, at, format!("`{at}`: {why}"))
        .undecided(why)
        .on(side, at)
}
