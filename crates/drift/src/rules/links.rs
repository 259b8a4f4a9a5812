//! Links of responses: the operations to which the values of a response lead. A link does not travel, yet callers may
//! follow it.

use std::collections::{BTreeSet, HashMap};

use openapi_document::Located;
use openapi_document::view::shape;

use crate::comparison::{Comparison, Pair};
use crate::diff::pair::shown;
use crate::findings::Drift;
use crate::report::{Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::uncompared;

pub(crate) const RULES: &[&Rule] = &[&LOST, &CHANGED, &ADDED];

const LOST: Rule = Rule {
    id: "response-link-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A response no longer says to which operation its values lead (`links`).",
    mend: "Check code that follows the link.",
    readings: &[14],
};
const CHANGED: Rule = Rule {
    id: "response-link-changed",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The values of a response lead to another operation, or are passed to it differently (`links`).",
    mend: "Check code that follows the link.",
    readings: &[14],
};
const ADDED: Rule = Rule {
    id: "response-link-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A response now says that its values lead to an operation (`links`).",
    mend: "Nothing to do.",
    readings: &[14],
};

/// Compares the links of one response by name.
pub(crate) fn compare<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    status: &str,
    base: &Located<'d>,
    revision: &Located<'d>,
) {
    let touched = pair.touched(Some(status), "");
    let mut links = |side: Side, response: &Located<'d>| {
        let entries: Vec<_> = response.entries_of("links").collect();
        let followed = entries
            .into_iter()
            .map(|(name, place)| (name, comparison.follow(side, place, &touched)));
        followed.collect::<Vec<_>>()
    };
    let (old, new) = (links(Side::Base, base), links(Side::Revision, revision));
    let number = old.len().max(new.len());
    if number > 0 && !comparison.may_pair(number) {
        let title = "so many links are declared that these were not compared";
        return uncompared::tell(comparison, pair, "/links", title);
    }
    // Of links with the same name, the first one counts.
    let by_name = |list: &[(&'d str, Option<Located<'d>>)]| -> HashMap<&'d str, Option<Located<'d>>> {
        list.iter().rev().cloned().collect()
    };
    let (old_names, new_names) = (by_name(&old), by_name(&new));
    for (name, before) in &old {
        let after = new_names.get(name).cloned();
        let (rule, title) = match (before, &after) {
            // An unresolved link is unknown, so it is not compared.
            (None, _) | (_, Some(None)) => continue,
            (Some(_), None) => (&LOST, format!("the link `{name}` of the answer {status} is gone")),
            (Some(before), Some(Some(after))) => {
                let shapes = [(Side::Base, before), (Side::Revision, after)]
                    .map(|(side, place)| comparison.shape(side, place.node));
                if shapes[0] == shapes[1] || leads_alike(comparison, before, after) {
                    continue;
                }
                let keys = before.entries().chain(after.entries()).map(|(key, _)| key);
                let keys: BTreeSet<&str> = keys
                    .filter(|key| before.node.get(key) != after.node.get(key))
                    .collect();
                let keys = shown(keys.into_iter());
                (
                    &CHANGED,
                    format!("the link `{name}` of the answer {status} leads elsewhere: other {keys}"),
                )
            }
        };
        let at = before.as_ref().map_or(&base.at, |it| &it.at);
        let after_at = after.flatten().map_or_else(|| revision.at.clone(), |it| it.at);
        let drift = Drift::new(rule, format!("{name} {}", pair.label()), title)
            .base(at)
            .revision(&after_at)
            .flows(pair.answers());
        comparison.report(drift, touched.clone());
    }
    for (name, place) in &new {
        if let (false, Some(place)) = (old_names.contains_key(name), place) {
            let title = format!("the link `{name}` of the answer {status} is new");
            let drift = Drift::new(&ADDED, format!("{name} {}", pair.label()), title)
                .base(&base.at)
                .revision(&place.at)
                .flows(pair.answers());
            comparison.report(drift, touched.clone());
        }
    }
}

/// Whether two links are equivalent, one with the id of an operation and the other with its place.
fn leads_alike<'d>(comparison: &Comparison<'d>, before: &Located<'d>, after: &Located<'d>) -> bool {
    let says_alike = |key: &str| before.node.get(key) == after.node.get(key);
    if !["parameters", "requestBody", "server"]
        .into_iter()
        .all(says_alike)
    {
        return false;
    }
    let referred = |side: Side, link: &Located<'d>| {
        let reference = link.text("operationRef")?;
        comparison.document(side).resolve(link.node, reference).ok()
    };
    let (old, new) = (referred(Side::Base, before), referred(Side::Revision, after));
    let id_of = |link: &Located<'d>, found: Option<&Located<'d>>| {
        let own = link.text("operationId");
        own.or_else(|| found?.text("operationId")).map(str::to_owned)
    };
    match (&old, &new) {
        (Some(old), Some(new)) => shape(&old.at) == shape(&new.at),
        (None, None) => false,
        _ => {
            let id = id_of(before, old.as_ref());
            id.is_some() && id == id_of(after, new.as_ref())
        }
    }
}
