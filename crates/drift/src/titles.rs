//! Completes the titles of a report once all findings are known. Each title names the operation or the component that
//! changed, and no two titles are equal.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Document;

use crate::diff::label::{is_shared, label};
use crate::report::{Direction, Finding};
use crate::rules::operations::REMOVED;

/// A detail that may distinguish a finding from another one with the same title.
type Detail<'a> = dyn Fn(&Finding) -> Option<String> + 'a;

/// Completes the titles of a report about two documents.
pub(crate) fn complete(findings: &mut [Finding], base: &Document, revision: &Document) {
    for finding in &mut *findings {
        let because = finding.witness.as_mut().map(|it| &mut it.because);
        let texts = std::iter::once(&mut finding.title).chain(&mut finding.also);
        texts.chain(because).for_each(shorten);
        if let Some((old, new)) = swapped(finding, base, revision) {
            finding.title = format!("`{new}` is where `{old}` was: {}", finding.title);
        }
        if let Some(operations) = operations(finding) {
            finding.title = format!("{operations}: {}", finding.title);
        }
    }
    let details: [&Detail<'_>; 8] = [
        &|it| it.direction.map(direction),
        &|it| Some(format!("in {}", label(base, it.base_at.as_deref()?))),
        &|it| Some(format!("in {}", label(revision, it.revision_at.as_deref()?))),
        &|it| {
            it.operations.first().map(|it| {
                format!(
                    "{} at `{}`",
                    operation(&it.endpoint.method, &it.endpoint.path),
                    it.at
                )
            })
        },
        &|it| Some(format!("`{}`", within_schema(it.base_at.as_deref()?)?)),
        &|it| Some(format!("`{}`", within_schema(it.revision_at.as_deref()?)?)),
        &|it| Some(format!("`{}`", it.base_at.as_deref()?)),
        &|it| Some(format!("`{}`", it.revision_at.as_deref()?)),
    ];
    for detail in details {
        tell_apart(findings, detail);
    }
}

/// The names of two components, if a title names one that did not change: the reference to it leads to the other one now.
/// Findings that were merged for this cause say so already.
fn swapped<'f>(finding: &'f Finding, base: &Document, revision: &Document) -> Option<(&'f str, &'f str)> {
    let split = |at: &'f str| {
        let inside = at.strip_prefix("/components/schemas/")?;
        Some(inside.split_at(inside.find('/').unwrap_or(inside.len())))
    };
    let old_at = finding.base_at.as_deref()?;
    let ((old, old_rest), (new, new_rest)) = (split(old_at)?, split(finding.revision_at.as_deref()?)?);
    let is_place_alike = old_rest == new_rest || new_rest.is_empty();
    let is_named = finding
        .title
        .strip_prefix('`')
        .is_some_and(|it| it.starts_with(old));
    let is_told = finding.title.contains("` is where `");
    (old != new && is_place_alike && is_named && !is_told && base.at(old_at) == revision.at(old_at))
        .then_some((old, new))
}

/// The operations that a title has to name, unless the finding concerns a component or already names the operation.
fn operations(finding: &Finding) -> Option<String> {
    let first = finding
        .operations
        .first()
        .filter(|_| finding.rule != REMOVED.id)?;
    let is_component =
        |at: &str| at.starts_with("/components/schemas/") || !at.starts_with('/') && is_shared(at);
    let places = || [&finding.base_at, &finding.revision_at].into_iter().flatten();
    let first = operation(&first.endpoint.method, &first.endpoint.path);
    if places().next().is_some() && places().all(|at| is_component(at)) || finding.title.contains(&first) {
        return None;
    }
    let all: BTreeSet<(&str, &str)> = finding
        .operations
        .iter()
        .map(|it| (&*it.endpoint.method, &*it.endpoint.path))
        .collect();
    Some(match all.len() {
        1 => first,
        several => format!("{first} and {} more", several - 1),
    })
}

/// Length in bytes of a text that is shown in full, and the number of characters that are shown of a longer one. The
/// messages that prove a finding contain its names and values in full.
const LONGEST: usize = 4_096;
const SHOWN: usize = 1_000;

/// Shortens a text that quotes a very long name or value, and says how long it was.
fn shorten(text: &mut String) {
    if text.len() > LONGEST
        && let Some((end, _)) = text.char_indices().nth(SHOWN)
    {
        *text = format!("{}… ({} bytes)", &text[..end], text.len());
    }
}

/// The path from the whole schema of a message part to a location inside it.
fn within_schema(at: &str) -> Option<&str> {
    Some(at.split_once("/schema/")?.1)
}

/// Maximum number of characters of a path in a title; the finding also lists the operation in full.
const LONGEST_PATH: usize = 400;

fn operation(method: &str, path: &str) -> String {
    match path.char_indices().nth(LONGEST_PATH) {
        Some((end, _)) => format!("{method} {}…", &path[..end]),
        None => format!("{method} {path}"),
    }
}

fn direction(direction: Direction) -> String {
    match direction {
        Direction::Request => "in requests".to_owned(),
        Direction::Response => "in answers".to_owned(),
    }
}

/// Adds a detail to equal titles if it differs between them.
fn tell_apart(findings: &mut [Finding], detail: &Detail<'_>) {
    let mut alike: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        alike.entry(&finding.title).or_default().push(index);
    }
    let alike: Vec<Vec<usize>> = alike.into_values().filter(|list| list.len() > 1).collect();
    for list in alike {
        let details: Vec<Option<String>> = list.iter().map(|index| detail(&findings[*index])).collect();
        if details.iter().all(|it| *it == details[0]) {
            continue;
        }
        for (index, detail) in list.into_iter().zip(details) {
            let title = &mut findings[index].title;
            // Both documents may give the same detail.
            if let Some(detail) = detail.map(|it| format!(" ({it})"))
                && !title.ends_with(&detail)
            {
                title.push_str(&detail);
            }
        }
    }
}
