//! Attributes changes of the generated API to findings. The generator names its items after the places of the document.

use std::collections::BTreeMap;

use openapi_drift::{Direction, Touched};
use openapi_drift_cli::report::{ApiDiff, Finding, Kind};
use ratio_spec::Pin;

/// Adds to every change the findings that cause it.
pub(crate) fn attribute(api_diff: &mut ApiDiff, findings: &[Finding], pin: &Pin) {
    // The names of enums in pin.toml, by the normalized names of their places.
    let named: BTreeMap<String, String> = pin
        .enum_names()
        .iter()
        .map(|(place, name)| (plain(place), plain(name)))
        .collect();
    for change in &mut api_diff.changes {
        // A trait implementation belongs to its type.
        let item = change.item.rsplit(" for ").next().unwrap_or_default();
        let path: Vec<String> = item.split("::").map(plain).collect();
        for finding in findings {
            if leads_to(finding, change.kind) && follows(&path, finding, &named) {
                change.findings.push(finding.id.clone());
            }
        }
    }
}

/// Whether a finding can cause this kind of change. A removed part cannot add an item, and a new part cannot remove
/// one.
fn leads_to(finding: &Finding, kind: Kind) -> bool {
    let ends = |words: &[&str]| words.iter().any(|word| finding.rule.ends_with(word));
    match kind {
        Kind::Removed => !ends(&["-added"]),
        Kind::Added => !ends(&["-lost", "-removed", "-refused", "-gone"]),
        Kind::Changed => true,
    }
}

/// Whether an item with these names belongs to the place of the finding.
fn follows(item: &[String], finding: &Finding, named: &BTreeMap<String, String>) -> bool {
    if item.first().is_some_and(|first| first == "session") {
        let touched = finding.operations.iter().filter(|it| in_signature(finding, it));
        let mut methods = touched.filter_map(|it| it.endpoint.name.as_deref()).map(plain);
        return methods.any(|method| item.last() == Some(&method));
    }
    places(finding)
        .iter()
        .any(|place| is_named_after(item, place, named))
}

/// Whether the place at which an operation meets a finding affects its arguments or its result. The client itself
/// handles headers and credentials, and all errors have one type. A change in a component is reported at the component.
fn in_signature(finding: &Finding, touched: &Touched) -> bool {
    let within = |at: &Option<String>| {
        at.as_deref()
            .is_some_and(|at| at.starts_with("/components/schemas/"))
    };
    if within(&finding.base_at) || within(&finding.revision_at) {
        return false;
    }
    let success = touched
        .status
        .as_deref()
        .is_some_and(|status| status.starts_with('2'));
    let argument = ["/body", "/query", "/path_parameters"]
        .iter()
        .any(|part| touched.at.starts_with(part));
    match finding.direction {
        _ if finding.rule.starts_with("operation-") => true,
        Some(Direction::Response) => success,
        Some(Direction::Request) => argument,
        None => false,
    }
}

/// The component of a place, and the property below it if there is one.
type Place = (String, Option<String>);

/// The places of a finding. If one document has the property and the other only its container, only the property
/// counts.
fn places(finding: &Finding) -> Vec<Place> {
    let found: Vec<Place> = [&finding.base_at, &finding.revision_at]
        .into_iter()
        .flatten()
        .filter_map(|pointer| place_of(pointer))
        .collect();
    let precise: Vec<Place> = found.iter().filter(|place| place.1.is_some()).cloned().collect();
    if precise.is_empty() { found } else { precise }
}

fn place_of(pointer: &str) -> Option<Place> {
    let mut steps = pointer.strip_prefix("/components/schemas/")?.split('/');
    let component = plain(steps.next()?);
    let property = (steps.next() == Some("properties"))
        .then(|| steps.next().map(plain))
        .flatten();
    Some((component, property))
}

/// Whether an item is named after a place. `types::Wallet::network` is named after `Wallet` and `network`. A separate
/// type for a property's values has both names, `types::WalletNetwork`, or its name in pin.toml.
fn is_named_after(item: &[String], (component, property): &Place, named: &BTreeMap<String, String>) -> bool {
    let [module, ty, parts @ ..] = item else {
        return false;
    };
    if module != "types" && module != "enums" {
        return false;
    }
    let Some(property) = property else {
        return ty == component;
    };
    let joined = format!("{component}{property}");
    let field = ty == component && parts.first() == Some(property);
    field || *ty == joined || named.get(&joined) == Some(ty)
}

/// A name without case and punctuation: `linkToken`, `link_token` and `LinkToken` become equal.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
