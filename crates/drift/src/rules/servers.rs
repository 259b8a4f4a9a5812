//! Servers: the URLs under which an operation is available.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use openapi_document::view::{Operation, Server, shape, template_texts, unescaped, without_dots};
use openapi_document::{Located, Node, NodeId};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::{Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::uncompared;

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
        server.text("url")?.contains('{').then_some(())?;
        let servers = root.get("servers")?;
        let same = servers.items().find(|it| it.text("url") == server.text("url"))?;
        same.get("variables")
    })
}

/// Maximum number of servers in a list that is compared, because each is matched with each template.
const MOST_SERVERS: usize = 2_000;
/// The number of comparisons of a URL with a template that writing the URL counts as.
const WRITTEN: usize = 4;

/// The listed values of a variable.
type Values<'d> = BTreeSet<&'d str>;

/// The URLs that a server stands for. A variable without a list stays, and stands for any value. One with a long list
/// stays, too, and its values are returned beside its name.
fn expanded<'d>(root: &Located<'d>, server: &Located<'d>) -> (Vec<String>, Vec<(&'d str, Values<'d>)>) {
    let Some(url) = server.text("url") else {
        return Default::default();
    };
    let mut kept = Vec::new();
    let mut expanded = vec![url.to_owned()];
    let variables = variables(root, server);
    for (name, variable) in variables.iter().flat_map(Located::entries) {
        let listed = variable.says("enum").into_iter().flat_map(Node::items);
        let values: Values<'d> = listed.filter_map(Node::as_str).collect();
        if values.is_empty() {
            continue;
        }
        if values.len().saturating_mul(expanded.len()) > MOST_EXPANSIONS {
            kept.push((name, values));
            continue;
        }
        let slot = format!("{{{name}}}");
        expanded = expanded
            .iter()
            .flat_map(|url| values.iter().map(|value| url.replace(&slot, value)))
            .collect();
    }
    (expanded.iter().map(|url| normal(url)).collect(), kept)
}

/// The values of each variable that is not expanded, by the template of its server and its name.
fn long_lists<'d>(
    root: &Located<'d>,
    servers: Option<&Located<'d>>,
) -> BTreeMap<(String, &'d str), Values<'d>> {
    let servers = servers.into_iter().flat_map(Located::items);
    let lists = servers.flat_map(|server| {
        let template = normal(server.text("url").unwrap_or_default());
        let (_, kept) = expanded(root, &server);
        kept.into_iter()
            .map(move |(name, values)| ((template.clone(), name), values))
    });
    lists.collect()
}

/// All URLs that a list of servers stands for.
fn urls<'d>(root: &Located<'d>, servers: Option<&Located<'d>>) -> BTreeSet<String> {
    let servers = servers.into_iter().flat_map(Located::items);
    let mut urls: BTreeSet<String> = servers.flat_map(|server| expanded(root, &server).0).collect();
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
    let number = |it: &Option<Located<'d>>| it.as_ref().map_or(0, |it| it.node.items().len());
    if number(&old).max(number(&new)) > MOST_SERVERS {
        return leave_open(comparison, pair);
    }
    // Operations often share their servers, of which there may be hundreds.
    let paths = if paths.0 == paths.1 {
        Default::default()
    } else {
        paths
    };
    let id = |it: &Option<Located<'d>>| it.as_ref().map(|it| it.node.id());
    let key = (id(&old), id(&new), paths);
    let changes = if let Some(known) = comparison.servers.get(&key) {
        Rc::clone(known)
    } else {
        let lists = (old.as_ref(), new.as_ref());
        let Some(changes) = changes(comparison, &roots, lists, &key.2) else {
            return leave_open(comparison, pair);
        };
        let changes: Rc<[Change]> = changes.into();
        comparison.servers.insert(key, Rc::clone(&changes));
        changes
    };
    for change in &*changes {
        let mut drift = Drift::new(change.rule, &*change.cause, &*change.title);
        drift.base_at = old.as_ref().map(|it| it.at.to_string());
        drift.revision_at = new.as_ref().map(|it| it.at.to_string());
        comparison.report(drift, pair.touched(None, ""));
    }
}

/// Reports that the servers of an operation are too many to be compared.
fn leave_open(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let title = "so many servers are listed that they were not compared";
    uncompared::tell(comparison, pair, "", title);
}

/// The lists of servers in both documents, and the shapes of the paths below them.
pub(crate) type Key = (Option<NodeId>, Option<NodeId>, (String, String));

/// A change of the servers of an operation.
pub(crate) struct Change {
    rule: &'static Rule,
    cause: String,
    title: String,
}

/// Some URLs of requests, to find those that a template among them matches.
struct Wholes {
    all: HashSet<String>,
    templates: Vec<String>,
}

impl Wholes {
    fn of(urls: &BTreeSet<String>, path: &str) -> Self {
        // A request goes to the URL of the server followed by the path.
        let all: HashSet<String> = urls.iter().map(|it| format!("{it}{path}")).collect();
        let is_template = |it: &&String| it.contains(['{', '%']);
        let templates = all.iter().filter(is_template).cloned().collect();
        Self { all, templates }
    }

    /// The number of templates that are compared to look for some URLs.
    fn cost(&self, urls: &BTreeSet<String>, path: &str) -> usize {
        let others = urls
            .iter()
            .filter(|it| !self.all.contains(&format!("{it}{path}")));
        let each = |it: &String| {
            if it.contains('%') {
                self.all.len()
            } else {
                self.templates.len()
            }
        };
        others.map(each).sum()
    }

    fn have(&self, url: &str, path: &str) -> bool {
        let whole = format!("{url}{path}");
        let matches = |other: &String| template_texts(other, &whole).is_some();
        // A character may be written with an escape on one side only.
        let is_escaped = whole.contains('%');
        self.all.contains(&whole)
            || self.templates.iter().any(matches)
            || is_escaped && self.all.iter().any(matches)
    }
}

/// The changes of a list of servers; `None` if there are too many to compare them.
fn changes<'d>(
    comparison: &mut Comparison<'d>,
    roots: &(Located<'d>, Located<'d>),
    (old, new): (Option<&Located<'d>>, Option<&Located<'d>>),
    paths: &(String, String),
) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    let mut tell = |rule, cause: &str, title: String| {
        let cause = cause.to_owned();
        changes.push(Change { rule, cause, title });
    };
    if !comparison.may_match(0) {
        return None;
    }
    let (before, after) = (urls(&roots.0, old), urls(&roots.1, new));
    let (taken, known) = (Wholes::of(&after, &paths.1), Wholes::of(&before, &paths.0));
    let compared = taken.cost(&before, &paths.0) + known.cost(&after, &paths.1);
    if !comparison.may_match(WRITTEN * (before.len() + after.len()) + compared) {
        return None;
    }
    let shown = |url: &str| {
        if url.is_empty() {
            "/".to_owned()
        } else {
            url.to_owned()
        }
    };
    let mut is_moved = false;
    for url in &before {
        if taken.have(url, &paths.0) {
            is_moved |= paths.0 != paths.1;
        } else {
            tell(
                &LOST,
                url,
                format!("the server {} is no longer listed", shown(url)),
            );
        }
    }
    for url in &after {
        if !known.have(url, &paths.1) {
            tell(&ADDED, url, format!("the server {} is listed", shown(url)));
        }
    }
    let (old_lists, new_lists) = (long_lists(&roots.0, old), long_lists(&roots.1, new));
    for ((template, name), old) in &old_lists {
        let Some(new) = new_lists.get(&(template.clone(), *name)) else {
            continue;
        };
        let mut differ = |rule, [one, other]: [&Values<'_>; 2], how: &str| {
            let only: Vec<&str> = one.difference(other).copied().collect();
            if let Some(first) = only.first() {
                let more = match only.len() {
                    1 => String::new(),
                    all => format!(" and {} more", all - 1),
                };
                let title = format!("the server {template} {how} `{first}`{more} as `{name}`");
                tell(rule, &format!("{template} {name}"), title);
            }
        };
        differ(&LOST, [old, new], "no longer takes");
        differ(&ADDED, [new, old], "takes");
    }
    if is_moved {
        let title = "the base of the URLs moved between servers and paths, and requests go where they went";
        tell(&BASE_MOVED, "", title.to_owned());
    }
    let mut was: HashMap<String, Vec<String>> = HashMap::new();
    for (template, url) in defaults(&roots.0, old) {
        was.entry(template).or_default().push(url);
    }
    for (template, now) in defaults(&roots.1, new) {
        let before = was.get(&template).into_iter().flatten().find(|was| **was != now);
        if let Some(was) = before {
            let title = format!("the server {template} is {now} by default, no longer {was}");
            tell(&DEFAULT, &title.clone(), title);
        }
    }
    Some(changes)
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
