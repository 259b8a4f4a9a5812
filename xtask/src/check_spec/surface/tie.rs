//! Which finding a change of the generated API follows from: the generator names its items after the document's places.

use std::collections::BTreeSet;

use super::Surface;
use crate::check_spec::report::Finding;

/// Notes on every change the findings it follows from, and on every finding the changes it leads to.
pub(crate) fn tie(surface: &mut Surface, findings: &mut [Finding]) {
    for change in &mut surface.changes {
        let path: Vec<String> = change.item.split("::").map(plain).collect();
        for finding in findings.iter_mut() {
            if follows(&path, finding) {
                change.findings.push(finding.id.clone());
                finding.rust.push(change.headline());
            }
        }
    }
}

/// Whether an item with these names belongs to the place of the finding.
fn follows(item: &[String], finding: &Finding) -> bool {
    let names: BTreeSet<String> = finding
        .operations
        .iter()
        // The client sets headers itself: no signature has them.
        .filter(|o| !o.at.starts_with("/headers/"))
        .filter_map(|o| o.name.as_deref())
        .map(plain)
        .collect();
    let of_operation = item.last().is_some_and(|last| names.contains(last))
        && finding.direction != Some(openapi_drift::Direction::Response);
    of_operation
        || [&finding.pinned_at, &finding.staging_at]
            .into_iter()
            .flatten()
            .any(|pointer| place_of(pointer).is_some_and(|place| names_of_item(item, &place)))
}

/// The component of a pointer, and the property below it where there is one.
fn place_of(pointer: &str) -> Option<(String, Option<String>)> {
    let mut steps = pointer.strip_prefix("/components/schemas/")?.split('/');
    let component = plain(steps.next()?);
    let property = (steps.next() == Some("properties"))
        .then(|| steps.next().map(plain))
        .flatten();
    Some((component, property))
}

/// `types::Wallet::network` is named after `Wallet` and `network`; a type of its own for a property's
/// values, `types::WalletNetwork`, carries both names in one.
fn names_of_item(item: &[String], (component, property): &(String, Option<String>)) -> bool {
    let after_types = match item {
        [first, rest @ ..] if first == "types" => rest,
        all => all,
    };
    match (after_types, property) {
        ([only], None) => only == component,
        ([ty, part, ..], Some(property)) => {
            (ty == component && part == property) || *ty == format!("{component}{property}")
        }
        ([ty], Some(property)) => *ty == format!("{component}{property}"),
        ([ty, ..], None) => ty == component,
        ([], _) => false,
    }
}

/// A name without case and punctuation: `linkToken`, `link_token` and `LinkToken` are one.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
