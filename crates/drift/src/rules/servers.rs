//! Servers: the URLs under which an operation is available.

use std::collections::BTreeSet;

use openapi_document::view::{Operation, Server, shape, template_texts, unescaped, without_dots};
use openapi_document::{Located, Node};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::{Level, Side};
use crate::rule::{Affects, Rule};

pub(crate) const RULES: &[&Rule] = &[&LOST, &ADDED, &DEFAULT, &BASE_MOVED];

const LOST: Rule = Rule {
    id: "server-lost",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "A server that callers may use is no longer listed.",
    mend: "Use a server that is listed.",
    readings: &[9],
};
const ADDED: Rule = Rule {
    id: "server-added",
    level: Level::Additive,
    affects: Affects::Callers,
    explanation: "One more server is listed.",
    mend: "Nothing to do.",
    readings: &[9],
};
const DEFAULT: Rule = Rule {
    id: "server-default-changed",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "A variable in a server's URL has another default, so callers that rely on it call another server of the list.",
    mend: "Set the variable explicitly.",
    readings: &[9],
};
const BASE_MOVED: Rule = Rule {
    id: "server-base-moved",
    level: Level::Cosmetic,
    affects: Affects::Nobody,
    explanation: "A part of the servers' URLs moved to the paths, or from the paths to the servers. Every request has the same URL as before.",
    mend: "Nothing to do.",
    readings: &[9],
};

/// Maximum number of URLs into which one template is expanded. A variable that would exceed it is kept unexpanded.
const MOST_EXPANSIONS: usize = 256;

/// The list of servers that applies to an operation.
fn place<'d>(comparison: &Comparison<'d>, side: Side, pair: &Pair<'d>) -> Option<Located<'d>> {
    let operation = pair.side(side);
    let own = operation
        .here
        .get("servers")
        .or_else(|| operation.shared_servers.clone());
    own.or_else(|| Located::root(comparison.document(side)).get("servers"))
}

/// The path of an operation on its first server. It identifies the operation whether the base path is written in the
/// server URL or in the paths.
///
/// See reading 9 in `docs/readings.md`.
pub(crate) fn path_on_server<'d>(
    document: &'d openapi_document::Document,
    operation: &Operation<'d>,
) -> String {
    let servers = operation.servers(document);
    let base = servers.first().map(Server::base_path).unwrap_or_default();
    format!("{base}{}", operation.path)
}

/// Normalizes a URL for comparison (RFC 3986, section 6.2): the host is in lower case, without the default port of its
/// scheme. Trailing slashes and segments that lead back are removed.
fn normal(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let Some((scheme, rest)) = url.split_once("://") else {
        // A relative URL leads back from the location of the document, so its segments stay.
        let is_relative = !url.starts_with('/');
        return if is_relative { url.to_owned() } else { trimmed(url) };
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = scheme.to_ascii_lowercase();
    // Names of variables keep their case, since they are not part of the host.
    let mut lower = String::with_capacity(host.len());
    let mut is_name = false;
    for c in host.chars() {
        is_name = c == '{' || is_name && c != '}';
        lower.push(if is_name { c } else { c.to_ascii_lowercase() });
    }
    let implied = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let host = lower.strip_suffix(implied).unwrap_or(&lower);
    format!("{scheme}://{host}{}", trimmed(&unescaped(path)))
}

fn trimmed(path: &str) -> String {
    without_dots(path).trim_end_matches('/').to_owned()
}

/// The variables of a server. If it declares none, those apply that the document declares for the same URL elsewhere.
fn variables<'d>(root: &Located<'d>, server: &Located<'d>) -> Option<Located<'d>> {
    server.get("variables").or_else(|| {
        let servers = root.get("servers")?;
        let same = servers.items().find(|it| it.text("url") == server.text("url"))?;
        same.get("variables")
    })
}

/// The URLs that a server stands for. A variable without a list stays, and stands for any value.
fn expanded<'d>(root: &Located<'d>, server: &Located<'d>) -> Vec<String> {
    let Some(url) = server.text("url") else {
        return Vec::new();
    };
    let mut expanded = vec![url.to_owned()];
    let variables = variables(root, server);
    for (name, variable) in variables.iter().flat_map(Located::entries) {
        let listed = variable.says("enum").into_iter().flat_map(Node::items);
        let values: BTreeSet<&str> = listed.filter_map(Node::as_str).collect();
        if values.is_empty() || values.len().saturating_mul(expanded.len()) > MOST_EXPANSIONS {
            continue;
        }
        let slot = format!("{{{name}}}");
        expanded = expanded
            .iter()
            .flat_map(|url| values.iter().map(|value| url.replace(&slot, value)))
            .collect();
    }
    expanded.iter().map(|url| normal(url)).collect()
}

/// All URLs that a list of servers stands for.
fn urls<'d>(root: &Located<'d>, servers: Option<&Located<'d>>) -> BTreeSet<String> {
    let servers = servers.into_iter().flat_map(Located::items);
    let mut urls: BTreeSet<String> = servers.flat_map(|server| expanded(root, &server)).collect();
    if urls.is_empty() {
        urls.insert(String::new());
    }
    urls
}

/// The default URL of each server template that has variables.
fn defaults<'d>(root: &Located<'d>, servers: Option<&Located<'d>>) -> Vec<(String, String)> {
    let servers = servers.into_iter().flat_map(Located::items);
    let mut defaults: Vec<(String, String)> = Vec::new();
    for server in servers {
        let (Some(template), Some(variables)) = (server.text("url"), variables(root, &server)) else {
            continue;
        };
        let mut url = template.to_owned();
        for (name, variable) in variables.entries() {
            if let Some(default) = variable.text("default") {
                url = url.replace(&format!("{{{name}}}"), default);
            }
        }
        defaults.push((normal(template), normal(&url)));
    }
    defaults
}

/// Compares the servers of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let (old, new) = (
        place(comparison, Side::Base, pair),
        place(comparison, Side::Revision, pair),
    );
    let roots = (Located::root(comparison.base), Located::root(comparison.revision));
    let paths = if template_texts(&pair.revision.path, &pair.base.path).is_some() {
        // A template that matches a path takes the place of that path.
        Default::default()
    } else {
        (shape(&pair.base.path), shape(&pair.revision.path))
    };
    let is_declared_alike = roots.0.says("servers") == roots.1.says("servers");
    if paths.0 == paths.1
        && is_declared_alike
        && old.as_ref().map(|it| it.node) == new.as_ref().map(|it| it.node)
    {
        return;
    }
    let (before, after) = (urls(&roots.0, old.as_ref()), urls(&roots.1, new.as_ref()));
    let drift = |rule, cause: &str, title: String| {
        let mut drift = Drift::new(rule, cause, title);
        drift.base_at = old.as_ref().map(|it| it.at.to_string());
        drift.revision_at = new.as_ref().map(|it| it.at.to_string());
        drift
    };
    let shown = |url: &str| {
        if url.is_empty() {
            "/".to_owned()
        } else {
            url.to_owned()
        }
    };
    // A request goes to the URL of the server followed by the path.
    let is_among = |url: &str, path: &str, others: &BTreeSet<String>, other_path: &str| {
        let whole = format!("{url}{path}");
        let mut others = others.iter().map(|it| format!("{it}{other_path}"));
        others.any(|other| other == whole || template_texts(&other, &whole).is_some())
    };
    let mut is_moved = false;
    for url in &before {
        if is_among(url, &paths.0, &after, &paths.1) {
            is_moved |= paths.0 != paths.1;
        } else {
            let title = format!("the server {} is no longer listed", shown(url));
            comparison.report(drift(&LOST, url, title), pair.touched(None, ""));
        }
    }
    for url in &after {
        if !is_among(url, &paths.1, &before, &paths.0) {
            let title = format!("the server {} is listed", shown(url));
            comparison.report(drift(&ADDED, url, title), pair.touched(None, ""));
        }
    }
    if is_moved {
        let title = "the base of the URLs moved between servers and paths, and requests go where they went";
        comparison.report(drift(&BASE_MOVED, "", title.to_owned()), pair.touched(None, ""));
    }
    let was = defaults(&roots.0, old.as_ref());
    for (template, now) in defaults(&roots.1, new.as_ref()) {
        let Some((_, was)) = was.iter().find(|(own, was)| *own == template && *was != now) else {
            continue;
        };
        let title = format!("the server {template} is {now} by default, no longer {was}");
        comparison.report(drift(&DEFAULT, &title.clone(), title), pair.touched(None, ""));
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn hosts_have_no_case_and_schemes_imply_ports() {
        assert_eq!(normal("HTTPS://API.Example:443/V1/"), "https://api.example/V1");
        assert_eq!(normal("http://h:80"), "http://h");
        assert_eq!(normal("https://h:80"), "https://h:80");
        assert_eq!(
            normal("https://{Region}.H.io/{Path}"),
            "https://{Region}.h.io/{Path}"
        );
        assert_eq!(normal("/v1/"), "/v1");
        assert_eq!(normal("https://h/api/../v1"), "https://h/v1");
        assert_eq!(normal("https://h/v1/.."), "https://h");
        assert_eq!(normal("../v1"), "../v1");
    }
}
