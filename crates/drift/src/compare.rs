//! The comparison: what exists in both documents is paired, and each part is compared by its own rules.

use serde_json::json;

use crate::document::Document;
use crate::endpoints::{Endpoint, Endpoints, Pairs, nameless};
use crate::findings::{Drift, Findings};
use crate::options::{Operation, Options, Scope};
use crate::report::{Direction, Level, Questions, Report, Side, Touched, Witness};
use crate::rule::Rule;

/// The catalogue's parts, one per module that finds drift.
pub(crate) const RULES: &[&[&Rule]] = &[&[&REMOVED, &ADDED]];

pub(crate) const REMOVED: Rule = Rule {
    id: "operation-removed",
    level: Level::Breaking,
    explanation: "An operation that callers use is gone: every request to it is refused.",
};

pub(crate) const ADDED: Rule = Rule {
    id: "operation-added",
    level: Level::Additive,
    explanation: "An operation is new; no old caller knows it.",
};

/// Compares what staging serves now with what was pinned.
pub fn compare(pinned: &Document, staging: &Document, options: &Options) -> Report {
    let mut findings = Findings::default();
    let (old, new) = (Endpoints::of_paths(pinned), Endpoints::of_paths(staging));
    let pairs = Pairs::new(&old, &new);
    for endpoint in pairs.removed {
        if !in_scope(options, endpoint) {
            continue;
        }
        let drift = Drift {
            rule: &REMOVED,
            cause: endpoint.label(),
            title: format!("{} is gone", endpoint.label()),
            direction: Some(Direction::Request),
            pinned_at: Some(endpoint.operation.at.clone()),
            staging_at: None,
            witness: Some(Witness {
                value: json!({"method": endpoint.method, "path": endpoint.path}),
                accepted_by: Side::Pin,
                rejected_by: Side::Staging,
                because: "staging declares no such operation".to_owned(),
            }),
            undecided: None,
        };
        findings.add(drift, Some(touched(options, endpoint)));
    }
    for endpoint in pairs.added {
        if !in_scope(options, endpoint) {
            continue;
        }
        let drift = Drift {
            rule: &ADDED,
            cause: endpoint.label(),
            title: format!("{} is new", endpoint.label()),
            direction: None,
            pinned_at: None,
            staging_at: Some(endpoint.operation.at.clone()),
            witness: None,
            undecided: None,
        };
        findings.add(drift, Some(touched(options, endpoint)));
    }
    Report::new(findings.into_list(), Questions::default())
}

fn named<'o>(options: &'o Options, endpoint: &Endpoint<'_>) -> Option<&'o Operation> {
    let Scope::Operations(list) = &options.scope else {
        return None;
    };
    let path = nameless(&endpoint.path);
    list.iter()
        .find(|it| it.method.eq_ignore_ascii_case(&endpoint.method) && nameless(&it.path) == path)
}

/// Whether the comparison looks at an operation; see [`Scope`].
fn in_scope(options: &Options, endpoint: &Endpoint<'_>) -> bool {
    let Scope::Operations(list) = &options.scope else {
        return true;
    };
    let path = nameless(&endpoint.path);
    list.iter().any(|it| nameless(&it.path) == path)
}

fn touched(options: &Options, endpoint: &Endpoint<'_>) -> Touched {
    let own = endpoint.operation.text("operationId").map(str::to_owned);
    Touched {
        method: endpoint.method.clone(),
        path: endpoint.path.clone(),
        name: named(options, endpoint).and_then(|it| it.name.clone()).or(own),
        status: None,
        at: String::new(),
        message: None,
    }
}
