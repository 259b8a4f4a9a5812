//! Keeps the size of a report in proportion to its documents, by limiting the repetition of long places.
//!
//! Each finding states its places in full, and every place contains the path of its operation. An operation with
//! thousands of parameters, and a path with as many names, would fill a gigabyte with copies of that path. Beyond
//! [`MOST_TOLD`], the findings of one rule in one operation are merged into one finding that lists their titles.

use std::collections::HashMap;
use std::sync::Arc;

use crate::report::{Direction, Finding, Level};

/// Maximum number of bytes of places and titles that are reported in full.
const MOST_TOLD: usize = 16 << 20;

/// The properties that merged findings share: the rule, the level, the direction, whether they are undecided, and the
/// operation.
type Kind = (String, Level, Option<Direction>, bool, Arc<str>, Arc<str>);

/// Merges findings beyond the limit into an earlier finding of their kind. The findings are in the order of the report.
pub(crate) fn sum_up(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut first: HashMap<Kind, usize> = HashMap::new();
    let mut told = 0;
    for finding in findings {
        let kind = kind(&finding);
        let known = kind.as_ref().and_then(|it| first.get(it).copied());
        if told > MOST_TOLD
            && let Some(index) = known
        {
            kept[index].also.push(finding.title);
            continue;
        }
        told += length(&finding);
        if let Some(kind) = kind {
            first.entry(kind).or_insert(kept.len());
        }
        kept.push(finding);
    }
    kept
}

/// The kind of a finding. `None` if it reaches no operation or several.
fn kind(finding: &Finding) -> Option<Kind> {
    let operation = finding.operations.first()?;
    let mut all = finding.operations.iter();
    all.all(|it| it.method == operation.method && it.path == operation.path)
        .then(|| {
            (
                finding.rule.clone(),
                finding.level,
                finding.direction,
                finding.undecided.is_some(),
                Arc::clone(&operation.method),
                Arc::clone(&operation.path),
            )
        })
}

/// The number of bytes that a finding takes in the report.
fn length(finding: &Finding) -> usize {
    let places = [&finding.base_at, &finding.revision_at].into_iter().flatten();
    let operations = finding.operations.iter().map(|it| it.path.len() + it.at.len());
    finding.title.len() + places.map(String::len).sum::<usize>() + operations.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Options, compare};

    #[test]
    fn a_long_path_is_not_told_again_for_each_of_its_thousands_of_parameters() {
        const NAMES: usize = 1_500;
        let document = |kind: &str| {
            let path: String = (0..NAMES).map(|it| format!("/{{p{it}}}")).collect();
            let parameter = |it| json!({"name": format!("p{it}"), "in": "path", "required": true, "schema": {"type": kind}});
            let parameters: Value = (0..NAMES).map(parameter).collect();
            let mut paths = serde_json::Map::new();
            paths.insert(
                path,
                json!({"get": {"parameters": parameters, "responses": {"200": {"description": ""}}}}),
            );
            Document::read(json!({"openapi": "3.1.0", "paths": paths}).to_string()).unwrap()
        };
        let report = compare(&document("string"), &document("integer"), &Options::default());
        let bytes: usize = report.findings.iter().map(length).sum();
        assert!(bytes < MOST_TOLD + (1 << 20), "{bytes} bytes");
        // No finding is lost.
        let told = report.findings.iter().map(|it| 1 + it.also.len());
        assert_eq!(told.sum::<usize>(), NAMES);
        let last = format!("p{}", NAMES - 1);
        let titles = report
            .findings
            .iter()
            .flat_map(|it| it.also.iter().chain([&it.title]));
        assert!(titles.into_iter().any(|it| it.contains(&last)));
    }
}
