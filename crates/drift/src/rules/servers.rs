//! Servers: the URLs under which an operation is found.

use std::collections::BTreeSet;

use openapi_document::{Located, Node};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::{Level, Side};
use crate::rule::Rule;

pub(crate) const RULES: &[&Rule] = &[&LOST, &ADDED];

const LOST: Rule = Rule {
    id: "server-lost",
    level: Level::Risky,
    explanation: "A server that callers may use is no longer listed.",
};
const ADDED: Rule = Rule {
    id: "server-added",
    level: Level::Additive,
    explanation: "Another server is listed.",
};

/// More expansions of one URL template than this are not told apart.
const MOST_EXPANSIONS: usize = 256;

fn place<'d>(comparison: &Comparison<'d>, side: Side, pair: &Pair<'d>) -> Option<Located<'d>> {
    let operation = pair.side(side);
    let own = operation
        .here
        .get("servers")
        .or_else(|| operation.shared_servers.clone());
    own.or_else(|| Located::root(comparison.document(side)).get("servers"))
}

/// All URLs that the servers stand for, without a slash at the end.
fn urls(servers: Option<&Located<'_>>) -> BTreeSet<String> {
    let mut urls = BTreeSet::new();
    for server in servers.into_iter().flat_map(Located::items) {
        let Some(url) = server.text("url") else { continue };
        let mut expanded = vec![url.to_owned()];
        let variables = server.get("variables");
        for (name, variable) in variables.iter().flat_map(Located::entries) {
            let listed = variable.says("enum").into_iter().flat_map(Node::items);
            let values: BTreeSet<&str> = listed.filter_map(Node::as_str).collect();
            // Without a list the variable takes anything: its name stands for that.
            if values.is_empty() || values.len().saturating_mul(expanded.len()) > MOST_EXPANSIONS {
                continue;
            }
            let slot = format!("{{{name}}}");
            expanded = expanded
                .iter()
                .flat_map(|url| values.iter().map(|value| url.replace(&slot, value)))
                .collect();
        }
        urls.extend(
            expanded
                .into_iter()
                .map(|url| url.trim_end_matches('/').to_owned()),
        );
    }
    if urls.is_empty() {
        urls.insert(String::new());
    }
    urls
}

/// Compares the servers of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let (old, new) = (
        place(comparison, Side::Base, pair),
        place(comparison, Side::Revision, pair),
    );
    if old.as_ref().map(|it| it.node) == new.as_ref().map(|it| it.node) {
        return;
    }
    let (before, after) = (urls(old.as_ref()), urls(new.as_ref()));
    let shown = |url: &str| {
        if url.is_empty() {
            "/".to_owned()
        } else {
            url.to_owned()
        }
    };
    let file = |rule, url: &str, title: String| {
        let mut drift = Drift::new(rule, url, title);
        drift.base_at = old.as_ref().map(|it| it.at.clone());
        drift.revision_at = new.as_ref().map(|it| it.at.clone());
        drift
    };
    for url in before.difference(&after) {
        let drift = file(
            &LOST,
            url,
            format!("the server {} is no longer listed", shown(url)),
        );
        comparison.report(drift, pair.touched(None, ""));
    }
    for url in after.difference(&before) {
        let drift = file(&ADDED, url, format!("the server {} is listed", shown(url)));
        comparison.report(drift, pair.touched(None, ""));
    }
}
