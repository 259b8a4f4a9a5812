//! Security: every caller's way in must survive. Alternatives are an OR of ANDs; schemes compare by meaning.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::{Located, Node};
use serde_json::json;

use crate::comparison::{Comparison, Pair};
use crate::findings::{Drift, Proof};
use crate::report::{Direction, Level, Side};
use crate::rule::Rule;
use crate::rules::{message, parameters};

pub(crate) const RULES: &[&Rule] = &[
    &REQUIRED,
    &ALTERNATIVE_LOST,
    &SCOPE_REQUIRED,
    &ALTERNATIVE_ADDED,
    &FLOW,
];

const REQUIRED: Rule = Rule {
    id: "security-required",
    level: Level::Breaking,
    explanation: "An operation that anyone may call asks for credentials.",
};
const ALTERNATIVE_LOST: Rule = Rule {
    id: "security-alternative-lost",
    level: Level::Breaking,
    explanation: "Credentials that suffice at the pin no longer do.",
};
const SCOPE_REQUIRED: Rule = Rule {
    id: "security-scope-required",
    level: Level::Breaking,
    explanation: "The same credentials need a scope that the pin does not ask for.",
};
const ALTERNATIVE_ADDED: Rule = Rule {
    id: "security-alternative-added",
    level: Level::Additive,
    explanation: "Another way in is open.",
};
const FLOW: Rule = Rule {
    id: "security-flow-changed",
    level: Level::Risky,
    explanation: "An OAuth flow is gone or has other URLs: callers may not get a token as they used to.",
};

/// One security requirement: its schemes with their scopes. An empty one needs nothing.
type Alternative = BTreeMap<String, BTreeSet<String>>;

/// The ways into an operation, and where they are declared.
fn ways<'d>(comparison: &Comparison<'d>, side: Side, pair: &Pair<'d>) -> (Vec<Alternative>, String) {
    let document = comparison.document(side);
    let place = pair.side(side).here.get("security").or_else(|| {
        Located::root(document)
            .get("security")
            .filter(|_| !pair.calls_back)
    });
    let Some(place) = place else {
        return (vec![Alternative::new()], String::new());
    };
    let alternatives = place.items().map(|item| {
        item.node
            .members()
            .map(|(name, scopes)| {
                let scopes = scopes.items().filter_map(Node::as_str);
                (
                    meaning(comparison, side, name),
                    scopes.map(str::to_owned).collect(),
                )
            })
            .collect()
    });
    let mut alternatives: Vec<Alternative> = alternatives.collect();
    if alternatives.is_empty() {
        alternatives.push(Alternative::new());
    }
    (alternatives, place.at)
}

/// The credential that a scheme asks for, whatever the scheme is called.
fn meaning(comparison: &Comparison<'_>, side: Side, name: &str) -> String {
    let document = comparison.document(side);
    let schemes = Located::root(document)
        .get("components")
        .and_then(|it| it.get("securitySchemes"));
    let Some(scheme) = schemes.and_then(|it| it.get(name)?.follow(document).ok()) else {
        return format!("the undeclared scheme `{name}`");
    };
    let text = |key: &str| scheme.text(key).unwrap_or("?");
    match text("type") {
        "apiKey" if text("in") == "header" => format!("the header `{}`", text("name").to_ascii_lowercase()),
        "apiKey" => format!("the {} key `{}`", text("in"), text("name")),
        "http" => format!("HTTP {}", text("scheme").to_ascii_lowercase()),
        "oauth2" => "OAuth 2".to_owned(),
        "openIdConnect" => format!("OpenID Connect of {}", text("openIdConnectUrl")),
        "mutualTLS" => "mutual TLS".to_owned(),
        other => format!("`{other}`"),
    }
}

fn label(alternative: &Alternative) -> String {
    let parts: Vec<String> = alternative
        .iter()
        .map(|(scheme, scopes)| match scopes.len() {
            0 => scheme.clone(),
            _ => format!(
                "{scheme} ({})",
                scopes.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        })
        .collect();
    if parts.is_empty() {
        "no credentials".to_owned()
    } else {
        parts.join(" and ")
    }
}

/// Whether who brings `brought` passes where `asked` is asked.
fn suffices(brought: &Alternative, asked: &Alternative) -> bool {
    asked
        .iter()
        .all(|(scheme, scopes)| brought.get(scheme).is_some_and(|own| scopes.is_subset(own)))
}

/// Keys that callers of the base send as required parameters anyway, whatever its security says.
fn carried<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) -> Vec<String> {
    let list = parameters::of(comparison, Side::Base, &pair.base, &pair.touched(None, ""));
    let required = list.iter().filter(|parameter| parameter.required);
    required
        .map(|parameter| match parameter.location {
            "header" => format!("the header `{}`", parameter.name.to_ascii_lowercase()),
            location => format!("the {location} key `{}`", parameter.name),
        })
        .collect()
}

/// Compares the ways into one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let (old, base_at) = ways(comparison, Side::Base, pair);
    let (new, revision_at) = ways(comparison, Side::Revision, pair);
    if old == new {
        return;
    }
    let carried = carried(comparison, pair);
    let with_parameters = |way: &Alternative| -> Alternative {
        let mut brought = way.clone();
        brought.extend(carried.iter().map(|scheme| (scheme.clone(), BTreeSet::new())));
        brought
    };
    let offered = new.iter().map(label).collect::<Vec<_>>().join(", or ");
    let file = |drift: Drift| {
        drift
            .base(&base_at)
            .revision(&revision_at)
            .flows(Direction::Request)
    };
    for way in &old {
        let brought = with_parameters(way);
        if new.iter().any(|asked| suffices(&brought, asked)) {
            continue;
        }
        let (rule, title) = if way.is_empty() {
            (&REQUIRED, format!("credentials are now required: {offered}"))
        } else if new
            .iter()
            .any(|asked| asked.keys().all(|scheme| way.contains_key(scheme)))
        {
            (
                &SCOPE_REQUIRED,
                format!("{} no longer suffices: {offered} is asked", label(way)),
            )
        } else {
            (
                &ALTERNATIVE_LOST,
                format!("{} no longer suffices: {offered} is asked", label(way)),
            )
        };
        let drift = file(Drift::new(rule, title.clone(), title));
        let proof = Proof::refused_request(format!("it brings {}, and {offered} is asked", label(way)));
        comparison.prove(drift, pair, pair.touched(None, ""), proof, |it| {
            let mut message = message::request(it, Side::Base, pair, None);
            message.insert("credentials".to_owned(), json!(way));
            message
        });
    }
    for way in &new {
        if !old.iter().any(|known| suffices(&with_parameters(known), way))
            || (way.is_empty() && !old.contains(way))
        {
            let title = format!("{} suffices as well", label(way));
            // What replaced a way that is gone is told there.
            if old
                .iter()
                .all(|known| new.iter().any(|asked| suffices(known, asked)))
            {
                let drift = file(Drift::new(&ALTERNATIVE_ADDED, title.clone(), title));
                comparison.report(drift, pair.touched(None, ""));
            }
        }
    }
}

/// Compares the flows of OAuth schemes that keep their name.
pub(crate) fn compare_flows(comparison: &mut Comparison<'_>) {
    let schemes = |side: Side| {
        Located::root(comparison.document(side))
            .get("components")
            .and_then(|it| it.get("securitySchemes"))
    };
    let (Some(old), Some(new)) = (schemes(Side::Base), schemes(Side::Revision)) else {
        return;
    };
    for (name, base) in old.members() {
        let Some(revision) = new.get(name) else { continue };
        let (Some(before), Some(after)) = (base.get("flows"), revision.get("flows")) else {
            continue;
        };
        for (flow, was) in before.members() {
            let is = after.get(flow);
            let urls = ["authorizationUrl", "tokenUrl", "refreshUrl"];
            let title = match &is {
                None => format!("the OAuth flow `{flow}` of `{name}` is gone"),
                Some(is) if urls.iter().any(|url| was.text(url) != is.text(url)) => {
                    format!("the OAuth flow `{flow}` of `{name}` has other URLs")
                }
                Some(_) => continue,
            };
            let mut drift = Drift::new(&FLOW, title.clone(), title)
                .base(&was.at)
                .flows(Direction::Request);
            drift.revision_at = is.map(|it| it.at);
            comparison.findings.of(drift);
        }
    }
}
