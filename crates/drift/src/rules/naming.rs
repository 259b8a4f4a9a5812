//! Parts of an operation that do not travel: its id, its prose and its tags.

use openapi_document::{Document, Kind, Node, Version};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::Level;
use crate::rule::{Affects, Rule};
use crate::schema::keywords::{KeyRole, is_prose};

pub(crate) const RULES: &[&Rule] = &[&OPERATION_ID, &PROSE, &VERSION];

const OPERATION_ID: Rule = Rule {
    id: "operation-id-changed",
    level: Level::Cosmetic,
    affects: Affects::Developers,
    explanation: "An operation has another `operationId`. Generated code would name its method differently.",
    mend: "Nothing to do until the client is generated again.",
    readings: &[9],
};
const PROSE: Rule = Rule {
    id: "prose-changed",
    level: Level::Cosmetic,
    affects: Affects::Nobody,
    explanation: "Descriptions, examples, tags or extensions differ.",
    mend: "Nothing to do.",
    readings: &[14],
};

const VERSION: Rule = Rule {
    id: "openapi-version-changed",
    level: Level::Cosmetic,
    affects: Affects::Nobody,
    explanation: "The document uses another version of OpenAPI. The meaning of its schemas is compared as usual.",
    mend: "Nothing to do.",
    readings: &[12],
};

/// Reports once that the documents use different versions of OpenAPI, which changes their notation throughout.
pub(crate) fn compare_versions(comparison: &mut Comparison<'_>) {
    let versions = [comparison.base, comparison.revision].map(Document::version);
    if versions[0] == versions[1] {
        return;
    }
    let [old, new] = versions.map(|it| match it {
        Version::V3_0 => "3.0",
        Version::V3_1 => "3.1",
        Version::V3_2 => "3.2",
        _ => "another version",
    });
    let title = format!("the document is written in OpenAPI {new}, no longer in {old}");
    let drift = Drift::new(&VERSION, "", title)
        .base("/openapi")
        .revision("/openapi");
    comparison.findings.of(drift);
}

/// Compares the parts that do not travel.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let (old, new) = (&pair.base.here, &pair.revision.here);
    let ids = (old.text("operationId"), new.text("operationId"));
    if ids.0 != ids.1 {
        let shown = |id: Option<&str>| id.map_or("nothing".to_owned(), |id| format!("`{id}`"));
        let title = format!(
            "{} was called {} and is called {}",
            pair.label(),
            shown(ids.0),
            shown(ids.1)
        );
        let drift = Drift::new(&OPERATION_ID, title.clone(), title)
            .base(&old.at)
            .revision(&new.at);
        comparison.report(drift, pair.touched(None, ""));
    }
    if prose_differs(old.node, new.node, KeyRole::Keywords) {
        let drift = Drift::new(&PROSE, "", "descriptions, examples, tags or extensions differ")
            .base(&old.at)
            .revision(&new.at);
        comparison.report(drift, pair.touched(None, ""));
    }
}

/// Whether the prose differs in any part that both documents have.
fn prose_differs(old: Node<'_>, new: Node<'_>, role: KeyRole) -> bool {
    if old == new {
        return false;
    }
    match (old.kind(), new.kind()) {
        (Kind::Object(mut old), Kind::Object(new)) => {
            let prose = |key: &str| role == KeyRole::Keywords && is_prose(key);
            let known = old.clone();
            let differs = |(key, before): (&str, Node<'_>)| match new.get(key) {
                Some(after) if prose(key) => before != after,
                Some(after) => prose_differs(before, after, role.under(key)),
                None => prose(key),
            };
            old.any(differs)
                || new
                    .clone()
                    .keys()
                    .any(|key| prose(key) && !known.contains_key(key))
        }
        (Kind::Array(old), Kind::Array(new)) => old.zip(new).any(|(old, new)| prose_differs(old, new, role)),
        _ => false,
    }
}
