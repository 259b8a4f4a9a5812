//! Security: each requirement that callers can satisfy must survive, and the service's calls must bring the credentials
//! that their receiver checks. Requirements are an OR of ANDs; schemes are compared by meaning.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use openapi_document::Located;
use openapi_document::view::{Parameter, ParameterIn};
use serde_json::{Map, Value, json};

use crate::comparison::{Comparison, Pair};
use crate::diff::pair::shown;
use crate::findings::Drift;
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::credentials::{
    AUTHORIZATION, Alternative, CERTIFICATE, Index, Way, contains, contains_exactly, credential, has_scopes,
    is_authorization, label, listed, number, suffices, ways,
};
use crate::rules::{lifecycle, message, parameters, uncompared};

/// The number of credentials that one counts as where it is read.
const READ: usize = 4;

pub(crate) const RULES: &[&Rule] = &[
    &REQUIRED,
    &ALTERNATIVE_LOST,
    &SCOPE_REQUIRED,
    &ROLE_REQUIRED,
    &CERTIFICATE_REQUIRED,
    &ALTERNATIVE_ADDED,
    &READ_AS_ANOTHER,
    &IGNORED,
    &FLOW,
    &FLOW_ADDED,
    &CALL_LOST,
    &CALL_ADDED,
    &CALL_NARROWED,
];

const REQUIRED: Rule = Rule {
    id: "security-required",
    level: Level::Breaking,
    affects: Affects::Callers,
    explanation: "An operation that anyone could call requires credentials.",
    mend: "Send credentials.",
    readings: &[10],
};
const ALTERNATIVE_LOST: Rule = Rule {
    id: "security-alternative-lost",
    level: Level::Breaking,
    affects: Affects::Callers,
    explanation: "Credentials that were enough are no longer accepted.",
    mend: "Send credentials that are accepted.",
    readings: &[10],
};
const SCOPE_REQUIRED: Rule = Rule {
    id: "security-scope-required",
    level: Level::Breaking,
    affects: Affects::Callers,
    explanation: "The same credentials need a scope that was not required.",
    mend: "Ask for a token with this scope.",
    readings: &[10],
};
const ROLE_REQUIRED: Rule = Rule {
    id: "security-role-required",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "The same credentials need a role that was not named. A message does not show the roles of its sender, so it proves nothing.",
    mend: "Check that your account has the role.",
    readings: &[10],
};
const CERTIFICATE_REQUIRED: Rule = Rule {
    id: "security-certificate-required",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "The service asks for a client certificate (mutual TLS). It is checked before any message is sent, so no message proves it.",
    mend: "Get a certificate from the vendor.",
    readings: &[10],
};
const ALTERNATIVE_ADDED: Rule = Rule {
    id: "security-alternative-added",
    level: Level::Additive,
    affects: Affects::Callers,
    explanation: "The service accepts other credentials, or needs fewer credentials or scopes.",
    mend: "Nothing to do.",
    readings: &[10],
};
const READ_AS_ANOTHER: Rule = Rule {
    id: "security-credential-read-as-another",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "A credential is sent in the same header as before, but is read as one of another kind, such as a token of OAuth as any bearer token. The message is accepted, but the service may not know the credential.",
    mend: "Ask the vendor whether your credentials stay valid.",
    readings: &[10],
};
const IGNORED: Rule = Rule {
    id: "security-credential-ignored",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "Callers may send a credential or none, and the service no longer asks for the one that they send. The message is accepted, but perhaps as one of an unknown caller.",
    mend: "Ask the vendor how callers are known now.",
    readings: &[10],
};
const FLOW: Rule = Rule {
    id: "security-flow-changed",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "An OAuth flow is gone, has other URLs, or no longer offers a scope that is required, so callers may not get a token.",
    mend: "Check how your tokens are issued.",
    readings: &[10],
};
const FLOW_ADDED: Rule = Rule {
    id: "security-flow-added",
    level: Level::Additive,
    affects: Affects::Callers,
    explanation: "Tokens are also issued by another OAuth flow.",
    mend: "Nothing to do.",
    readings: &[10],
};
const CALL_LOST: Rule = Rule {
    id: "callback-security-lost",
    level: Level::Risky,
    affects: Affects::Receivers,
    explanation: "The service's calls no longer have a credential that was promised, so a receiver that checks it refuses them.",
    mend: "Ask the vendor how these calls are now authenticated.",
    readings: &[8, 10],
};
const CALL_ADDED: Rule = Rule {
    id: "callback-security-added",
    level: Level::Additive,
    affects: Affects::Receivers,
    explanation: "The service's calls have a credential that was not promised before.",
    mend: "Nothing to do.",
    readings: &[8, 10],
};

const CALL_NARROWED: Rule = Rule {
    id: "callback-security-narrowed",
    level: Level::Additive,
    affects: Affects::Receivers,
    explanation: "The service's calls had one of several credentials, and one of these never comes any more.",
    mend: "Nothing to do.",
    readings: &[8, 10],
};

/// Credentials that requests of one side contain as required parameters in any case, whatever its security says.
fn carried<'d>(comparison: &mut Comparison<'d>, side: Side, pair: &Pair<'d>) -> Vec<String> {
    let operation = pair.side(side);
    let list = parameters::of(comparison, side, operation, &pair.touched(None, ""));
    let required = list.iter().filter(|parameter| parameter.required);
    required
        .map(|parameter| credential(parameter.location, parameter.name))
        .collect()
}

/// The security requirements of an operation, and the place where they are declared.
///
/// OpenAPI describes the header `Authorization` by security schemes only. Authors who require it as a parameter ask for
/// it beside every scheme that is not sent in it.
fn asked<'d>(comparison: &mut Comparison<'d>, side: Side, pair: &Pair<'d>) -> (Vec<Way<'d>>, String) {
    let (mut ways, at) = ways(comparison, side, pair);
    let declared = pair.side(side).parameters(comparison.document(side));
    let requires = |it: &Parameter<'_>| {
        it.required && it.place == ParameterIn::Header && it.name.eq_ignore_ascii_case("authorization")
    };
    if declared.iter().flatten().any(requires) {
        for way in &mut ways {
            if !way.asked.keys().any(|it| is_authorization(it)) {
                way.asked.insert(AUTHORIZATION.to_owned(), BTreeSet::new());
            }
        }
    }
    (ways, at)
}

/// Compares the security requirements of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let number = [Side::Base, Side::Revision].map(|side| number(comparison, side, pair));
    if !comparison.may_ask(READ * number.iter().sum::<usize>()) {
        return leave_open(comparison, pair);
    }
    let (old, base_at) = asked(comparison, Side::Base, pair);
    let (new, revision_at) = asked(comparison, Side::Revision, pair);
    let places = (base_at.as_str(), revision_at.as_str());
    let (old, new) = (Index::of(&old), Index::of(&new));
    if !comparison.may_ask(old.cost(new.ways) + new.cost(old.ways)) {
        return leave_open(comparison, pair);
    }
    let flow = pair.requests().flow(&old, &new);
    let is_alike = old
        .ways
        .iter()
        .map(|it| &it.asked)
        .eq(new.ways.iter().map(|it| &it.asked));
    let mut carried = |side: Side| {
        if is_alike {
            Vec::new()
        } else {
            carried(comparison, side, pair)
        }
    };
    let carried = [carried(Side::Base), carried(Side::Revision)];
    let brought_by = |side: Side, way: &Way<'d>| -> Alternative {
        let mut brought = way.asked.clone();
        let carried = carried[side.index()].iter();
        brought.extend(carried.map(|scheme| (scheme.clone(), BTreeSet::new())));
        brought
    };
    let sender = pair.requests().sender();
    deprecation(comparison, pair, &old, &new);
    // In the order of their names, so that requirements in another order have the same title.
    let offered = LazyCell::new(|| {
        let offered: BTreeSet<&Alternative> = flow.read.ways.iter().map(|it| &it.asked).collect();
        listed(offered.into_iter().map(label), ", or ")
    });
    let (mut is_lost, mut is_reread) = (false, false);
    for way in flow.sent.ways.iter().filter(|way| !way.is_unknown) {
        let brought = brought_by(sender, way);
        if flow.read.passes(&brought) {
            is_reread |= kept(comparison, pair, places, (way, &brought), (flow.sent, flow.read));
        } else {
            is_lost = true;
            lost(
                comparison,
                pair,
                places,
                (way, &brought),
                (flow.read.ways, &offered),
            );
        }
    }
    // A lost requirement is reported together with its replacement.
    if is_lost {
        return;
    }
    match pair.requests() {
        Direction::Request => {
            for way in new.ways.iter().filter(|way| !way.is_unknown) {
                let brought = brought_by(Side::Revision, way);
                let taken = || old.satisfied(&brought);
                let is_another = || read_as_another(way, &brought, &taken(), |_| false).is_some();
                if !old.passes(&brought) || !is_reread && is_another() {
                    let title = format!("{} suffices as well", label(&way.asked));
                    file(comparison, pair, &ALTERNATIVE_ADDED, places, title);
                }
            }
        }
        Direction::Response => {
            let known = |ways: &Index<'_, 'd>, way: &Way<'d>| {
                way.is_unknown || ways.has_unknown() || ways.asks(&way.asked)
            };
            let mut is_new = false;
            for way in new.ways.iter().filter(|way| !known(&old, way)) {
                is_new = true;
                let title = format!("the call brings {}", label(&way.asked));
                file(comparison, pair, &CALL_ADDED, places, title);
            }
            let gone = old
                .ways
                .iter()
                .filter(|way| !way.asked.is_empty() && !known(&new, way));
            for way in gone.filter(|_| !is_new) {
                let title = format!("the call never brings {}", label(&way.asked));
                file(comparison, pair, &CALL_NARROWED, places, title);
            }
        }
    }
}

/// Reports that the security requirements of an operation are too many to be compared.
fn leave_open(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let title = "so many credentials may be asked for that they were not compared";
    uncompared::tell(comparison, pair, "/credentials", title);
}

/// Compares what becomes of a security requirement that the sender satisfies and that still suffices. Says whether its
/// credentials are read as others.
fn kept<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    places: (&str, &str),
    (way, brought): (&Way<'d>, &Alternative),
    (sent, read): (&Index<'_, 'd>, &Index<'_, 'd>),
) -> bool {
    let taken = read.satisfied(brought);
    compare_flows(comparison, pair, way, &taken);
    let is_new = |it: &Way<'d>| !sent.asks(&it.asked);
    let is_request = pair.requests() == Direction::Request;
    let other = is_request.then(|| read_as_another(way, brought, &taken, is_new));
    let other = other.flatten();
    if let Some(other) = other {
        let title = format!("{} is now read as {}", label(&way.asked), label(&other.asked));
        file(comparison, pair, &READ_AS_ANOTHER, places, title);
    }
    // Where a credential was the only way, it is reported that none is needed now.
    let may_lack = || {
        let mut ways = sent.ways.iter();
        ways.any(|it| it.asked.is_empty() && !it.is_unknown)
    };
    let is_read = || read.has_unknown() || taken.iter().any(|it| !it.asked.is_empty());
    if is_request && !way.asked.is_empty() && may_lack() && !is_read() {
        let title = format!("{} is no longer asked for, nor needed", label(&way.asked));
        file(comparison, pair, &IGNORED, places, title);
    }
    other.is_some()
}

/// The first of the requirements that a sent one satisfies, if each of them reads its credentials as others.
///
/// A token that already was a second way in is no other one, whoever issues it; a key is.
fn read_as_another<'w, 'd>(
    way: &Way<'d>,
    brought: &Alternative,
    taken: &[&'w Way<'d>],
    is_new: impl Fn(&Way<'d>) -> bool,
) -> Option<&'w Way<'d>> {
    // A declared key in `Authorization` is that key, and need not be another credential.
    let asks_for_key = |it: &Way<'d>| it.schemes.iter().any(|it| it.meaning == AUTHORIZATION);
    let known = if asks_for_key(way) {
        contains_exactly
    } else {
        contains
    };
    let is_another = |it: &&&'w Way<'d>| {
        let mut asked = it.asked.clone();
        // A parameter asks for the header, whatever it contains.
        if !asks_for_key(it) && brought.keys().any(|own| is_authorization(own)) {
            asked.remove(AUTHORIZATION);
        }
        (asks_for_key(way) || asks_for_key(it) || is_new(it)) && !known(brought, &asked)
    };
    // Where no credential is needed, one that is sent may still be read.
    let mut reading = taken
        .iter()
        .filter(|it| way.asked.is_empty() || !it.asked.is_empty());
    let first = reading.clone().next()?;
    reading.all(|it| is_another(&it)).then_some(*first)
}

/// Compares the deprecation of security schemes (OpenAPI 3.2).
fn deprecation<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    old: &Index<'_, 'd>,
    new: &Index<'_, 'd>,
) {
    for way in old.ways {
        for before in &way.schemes {
            if let Some(after) = new.counterpart(before, way) {
                let what = format!("the security scheme `{}`", before.name);
                let places = (&before.here, &after.here);
                lifecycle::compare_deprecation(comparison, places, &what, pair.touched(None, ""));
            }
        }
    }
}

fn drift(pair: &Pair<'_>, rule: &'static Rule, (base_at, revision_at): (&str, &str), title: String) -> Drift {
    Drift::new(rule, title.clone(), title)
        .base(base_at)
        .revision(revision_at)
        .flows(pair.requests())
}

fn file<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    rule: &'static Rule,
    places: (&str, &str),
    title: String,
) {
    let drift = drift(pair, rule, places, title);
    comparison.report(drift, pair.touched(None, ""));
}

/// Reports a security requirement that the sender satisfies and the reader no longer accepts.
fn lost<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    places: (&str, &str),
    (way, brought): (&Way<'d>, &Alternative),
    (asked, offered): (&[Way<'d>], &str),
) {
    if pair.requests() == Direction::Response {
        let title = format!(
            "the call brings {}, where {offered} is checked",
            label(&way.asked)
        );
        return file(comparison, pair, &CALL_LOST, places, title);
    }
    let but_for_certificate = |it: &Way<'d>| {
        let mut asked = it.asked.clone();
        asked.remove(CERTIFICATE);
        suffices(brought, &asked)
    };
    let no_longer = || {
        format!(
            "{} no longer suffices where {offered} is asked",
            label(&way.asked)
        )
    };
    let mut with_certificate = asked.iter().filter(|it| it.asked.contains_key(CERTIFICATE));
    if with_certificate.any(but_for_certificate) {
        return file(comparison, pair, &CERTIFICATE_REQUIRED, places, no_longer());
    }
    // Only tokens have scopes. For other schemes the same list names roles.
    let names_roles =
        |(meaning, roles): (&String, &BTreeSet<String>)| !has_scopes(meaning) && !roles.is_empty();
    let but_for_roles = |it: &Way<'d>| {
        let mut asked = it.asked.clone();
        for (meaning, roles) in &mut asked {
            if !has_scopes(meaning) {
                roles.clear();
            }
        }
        suffices(brought, &asked)
    };
    let mut with_roles = asked.iter().filter(|it| it.asked.iter().any(names_roles));
    if with_roles.any(but_for_roles) {
        return file(comparison, pair, &ROLE_REQUIRED, places, no_longer());
    }
    let (rule, title) = if way.asked.is_empty() {
        (&REQUIRED, format!("credentials are now required, {offered}"))
    } else if asked
        .iter()
        .any(|it| it.asked.keys().all(|scheme| brought.contains_key(scheme)))
    {
        (&SCOPE_REQUIRED, no_longer())
    } else {
        (&ALTERNATIVE_LOST, no_longer())
    };
    let drift = drift(pair, rule, places, title);
    let proof = Direction::Request.proof(format!("it brings {}, and {offered} is asked", label(&way.asked)));
    comparison.prove(drift, pair, pair.touched(None, ""), proof, |it| {
        let mut message = message::request(it, Side::Base, pair, None);
        let is_of_scheme = |meaning: &&String| way.schemes.iter().any(|it| it.meaning == **meaning);
        let credentials: Map<String, Value> = way
            .asked
            .iter()
            .filter(|(meaning, _)| is_of_scheme(meaning))
            .map(|(meaning, scopes)| (meaning.clone(), json!(scopes)))
            .collect();
        message.insert("credentials".to_owned(), credentials.into());
        message
    });
}

/// Describes a URL that differs.
fn told_url(key: &str, before: &Located<'_>, after: &Located<'_>) -> Option<String> {
    let said = |it: &Located<'_>| it.text(key).map(|url| shown(std::iter::once(url)));
    match (said(before), said(after)) {
        (old, new) if old == new => None,
        (Some(old), Some(new)) => Some(format!("`{key}` is {new}, was {old}")),
        (None, Some(new)) => Some(format!("`{key}` is {new}, and was not told")),
        (old, None) => old.map(|old| format!("`{key}` is no longer {old}")),
    }
}

/// Compares the OAuth flows of a requirement that still suffices with the one of `taken` that differs least.
fn compare_flows<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>, way: &Way<'d>, taken: &[&Way<'d>]) {
    let direction = pair.requests();
    let changes = taken.iter().map(|other| match direction.sender() {
        Side::Base => changed_flows(way, other),
        Side::Revision => changed_flows(other, way),
    });
    let weight = |changes: &Vec<FlowChange>| {
        let lost = changes.iter().filter(|it| it.rule.id == FLOW.id).count();
        (lost, changes.len())
    };
    let Some(least) = changes.min_by_key(weight) else {
        return;
    };
    for change in least {
        let mut drift = Drift::new(change.rule, change.title.clone(), change.title).flows(direction);
        (drift.base_at, drift.revision_at) = (Some(change.base_at), change.revision_at);
        comparison.report(drift, pair.touched(None, ""));
    }
}

struct FlowChange {
    rule: &'static Rule,
    title: String,
    base_at: String,
    revision_at: Option<String>,
}

/// The differences between the OAuth flows of two requirements.
fn changed_flows<'d>(base: &Way<'d>, revision: &Way<'d>) -> Vec<FlowChange> {
    const URLS: [&str; 4] = [
        "authorizationUrl",
        "tokenUrl",
        "refreshUrl",
        "deviceAuthorizationUrl",
    ];
    let mut found = Vec::new();
    for scheme in &base.schemes {
        let Some(after) = revision.counterpart(scheme, base) else {
            continue;
        };
        let (name, before, after) = (scheme.name, &scheme.here, &after.here);
        for (key, what) in [
            ("openIdConnectUrl", "the OpenID Connect provider"),
            ("oauth2MetadataUrl", "the OAuth server"),
        ] {
            found.extend(told_url(key, before, after).map(|url| FlowChange {
                rule: &FLOW,
                title: format!("{what} of `{name}`: {url}"),
                base_at: before.at.to_string(),
                revision_at: Some(after.at.to_string()),
            }));
        }
        let flows = |scheme: &Located<'d>| {
            let flows = scheme.get("flows");
            let members = flows.iter().flat_map(Located::members);
            members.collect::<Vec<_>>()
        };
        let (old, new) = (flows(before), flows(after));
        for (flow, is) in &new {
            if old.iter().all(|(own, _)| own != flow) {
                found.push(FlowChange {
                    rule: &FLOW_ADDED,
                    title: format!("the OAuth flow `{flow}` of `{name}` is offered"),
                    base_at: before.at.to_string(),
                    revision_at: Some(is.at.to_string()),
                });
            }
        }
        for (flow, was) in old {
            let is = new.iter().find(|(own, _)| *own == flow).map(|(_, is)| is);
            let Some(is) = is else {
                found.push(FlowChange {
                    rule: &FLOW,
                    title: format!("the OAuth flow `{flow}` of `{name}` is gone"),
                    base_at: was.at.to_string(),
                    revision_at: Some(after.at.to_string()),
                });
                continue;
            };
            let change = |title| FlowChange {
                rule: &FLOW,
                title,
                base_at: was.at.to_string(),
                revision_at: Some(is.at.to_string()),
            };
            let urls = URLS.iter().filter_map(|key| told_url(key, &was, is));
            let urls: Vec<String> = urls.collect();
            if !urls.is_empty() {
                let urls = urls.join(", ");
                found.push(change(format!("the OAuth flow `{flow}` of `{name}`: {urls}")));
            }
            let offers = |place: &Located<'d>, scope: &str| {
                place
                    .says("scopes")
                    .is_some_and(|scopes| scopes.get(scope).is_some())
            };
            let asked = revision.asked.get(&scheme.meaning);
            for scope in asked.into_iter().flatten() {
                if offers(&was, scope) && !offers(is, scope) {
                    found.push(change(format!(
                        "the OAuth flow `{flow}` of `{name}` no longer offers the scope `{scope}`, which is asked"
                    )));
                }
            }
        }
    }
    found
}
