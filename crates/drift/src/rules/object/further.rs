//! Names that neither side declares, and those of maps and patterns.

use std::collections::HashSet;

use serde_json::Value;

use super::about::takes_without;
use super::declared::{declared_in, is_free};
use super::names::{
    REQUEST_ADDED, REQUEST_LOST, REQUEST_REFUSED, RESPONSE_ADDED, RESPONSE_LOST, RESPONSE_REFUSED,
};
use crate::containment::{Carrier, Inside, SchemaId, Schemas, Verdict};
use crate::diff::face::{Additional, Face};
use crate::diff::node::{Claim, Decision, Local};
use crate::diff::pair::{Both, label_of, shown};
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::by_witness::{self, UNDECIDED};

pub(super) const REQUEST_UNDECLARED: Rule = Rule {
    id: "request-undeclared-name-refused",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The reader refuses properties that the sender's document does not declare, or restricts their values.",
    mend: "Send only declared properties.",
    readings: &[3],
};
pub(super) const RESPONSE_UNDECLARED: Rule = Rule {
    id: "response-undeclared-name",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message may have properties that neither document declares, and its readers forbid them.",
    mend: "Ignore unknown properties.",
    readings: &[3],
};

/// Adds the drift of undeclared names. Each object has one open set of them, whichever keyword opens or closes it.
pub(super) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (sent, read) = (both.sent(), both.read());
    // A refused name that was declared already shows that the object is closed.
    let refusals = [REQUEST_REFUSED.id, RESPONSE_REFUSED.id];
    if found.iter().any(|it| refusals.contains(&it.drift.rule.id)) {
        return;
    }
    if let Some(local) = further_refused(schemas, both) {
        found.push(local);
        return;
    }
    if both.node.whole.is_some() {
        return;
    }
    let is_map = |face: &Face<'d>| matches!(face.additional, Additional::Like(_));
    let is_open = |face: &Face<'d>| matches!(face.additional, Additional::Unsaid | Additional::Any);
    // The further names or patterns that one side describes and the other does not.
    let only = |face: &Face<'d>, other: &Face<'d>| {
        if is_map(other) {
            None
        } else if is_map(face) {
            Some("further names".to_owned())
        } else {
            names_like(face, other)
        }
    };
    let of = |what: &str| what_of(both, Side::Base, what);
    let (rule, title) = match both.direction() {
        Direction::Request => match (only(sent, read), only(read, sent)) {
            (Some(lost), _) if is_open(read) => (&REQUEST_LOST, format!("{} are no longer known", of(&lost))),
            (None, Some(new)) => (&REQUEST_ADDED, format!("{} are new", of(&new))),
            _ if sent.refuses_names && is_open(read) && !read.limits_names() => {
                let title = format!("{} are no longer refused", of("names that nobody declares"));
                (&REQUEST_ADDED, title)
            }
            _ => return,
        },
        Direction::Response => match (only(read, sent), only(sent, read)) {
            (Some(lost), _) => (&RESPONSE_LOST, format!("{} are gone", of(&lost))),
            (None, Some(new)) if is_open(read) => (&RESPONSE_ADDED, format!("{} are new", of(&new))),
            _ => return,
        },
    };
    found.push(both.local(rule, title));
}

/// The drift of undeclared names that the reader refuses, or whose values it does not accept.
fn further_refused<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
    let (sent, read) = (both.sent(), both.read());
    let limits_any = read.limits_names() || read.limits_company;
    // The comparison of the schemas of two maps reports every drift of their names.
    if !limits_any || sent.is_map() && read.is_map() || !both.node.carrier.proves() {
        return None;
    }
    let is_free = is_free(sent);
    // An object that declares no name may have any, so that the verdict of the whole pair says more. So it does if
    // names are refused only for what comes with them.
    let is_told = !read.limits_names() || is_free && both.direction() == Direction::Request;
    if is_told && !both.proved() {
        return None;
    }
    let but = excepted(schemas, both);
    let source = both.node.source();
    // One alternative may accept what another refuses.
    let mut open = None;
    let refused = both.node.readers.iter().find_map(|target| {
        match schemas.contains_further(source, *target, &but) {
            Verdict::Refuted(refutation) => return Some((*target, refutation)),
            Verdict::Undecided(why) => open = Some(why),
            Verdict::Proved => {}
        }
        None
    });
    let Some((target, mut refutation)) = refused else {
        // An undecided pair says so by itself.
        return open.filter(|_| both.proved()).map(|why| {
            let what = what_of(both, Side::Base, "whether names that nobody declares are refused");
            let mut local = both.local(&UNDECIDED, format!("{what} is not decided"));
            local.drift.undecided = Some(why);
            local
        });
    };
    // The empty name is shown only if no other name shows the drift, since it is invisible between backticks.
    if refutation.witness.get("").is_some() {
        let named: Vec<&str> = but.iter().copied().chain([""]).collect();
        if let Verdict::Refuted(other) = schemas.contains_further(source, target, &named) {
            refutation = other;
        }
    }
    let name = undeclared_in(schemas, both, target, &refutation.witness)?;
    let is_declared = !is_free && schemas.can_hold(source, Inside::Property(&name));
    let is_held = !schemas.never_holds(both.node.target(), &name);
    if is_declared && (is_held || both.proved()) {
        // The comparison of both maps' schemas reports this drift.
        return None;
    }
    // Without a schema for further names, their values do not matter, but what comes with them.
    let is_about_values = is_held && (read.declares_further() || !read.unions.is_empty());
    let of = |what: &str| what_of(both, Side::Revision, what);
    let declared = match &sent.additional {
        Additional::Like(_) => None,
        _ => names_like(sent, read),
    };
    let declared = declared.unwrap_or_else(|| "further names".to_owned());
    let (rule, title) = match (both.direction(), is_declared, is_about_values) {
        (Direction::Request, true, _) => {
            let limit = by_witness::limit_of_name(both, &label_of(both, Side::Revision), &name);
            let title = limit.unwrap_or_else(|| format!("{} are refused", of(&declared)));
            (&REQUEST_REFUSED, title)
        }
        (Direction::Request, false, false) => {
            let what = of("names that nobody declares");
            (
                &REQUEST_UNDECLARED,
                format!(
                    "{what} {} refused, such as `{name}`",
                    if is_held { "may be" } else { "are" }
                ),
            )
        }
        (Direction::Request, false, true) => {
            let value = shown(refutation.witness.get(&name).cloned().into_iter());
            let title = format!(
                "{} may no longer be {value}, as `{name}` shows",
                of("further names")
            );
            (&REQUEST_UNDECLARED, title)
        }
        (Direction::Response, true, _) => {
            let limit = by_witness::limit_of_name(both, &label_of(both, Side::Revision), &name);
            let title = limit.unwrap_or_else(|| format!("{} are new and were forbidden", of(&declared)));
            (&RESPONSE_REFUSED, title)
        }
        (Direction::Response, false, false) => {
            let what = of("names that were forbidden");
            (&RESPONSE_UNDECLARED, format!("{what} may come, such as `{name}`"))
        }
        (Direction::Response, false, true) => {
            let title = format!("{} may be anything now", of("further names"));
            (&by_witness::RESPONSE_VALUE, title)
        }
    };
    let witness = both.witness(schemas, &refutation.witness, &refutation.because)?;
    let mut local = both.local(rule, title);
    local.drift.witness = Some(witness);
    // This drift does not depend on the proof for declared names. It explains a verdict whose witness is an object.
    let of_objects = match &both.node.decision {
        Decision::Refuted(Some(own)) => own.witness.is_object(),
        // A deeper pair explains its own refutation.
        Decision::Refuted(None) => true,
        _ => false,
    };
    if of_objects && (is_declared || is_free) {
        local.claim = Claim::Refusal;
    }
    Some(local)
}

/// Describes the names that match patterns of one side only.
fn names_like(face: &Face<'_>, other: &Face<'_>) -> Option<String> {
    let known: HashSet<&str> = other.patterns.iter().map(|(pattern, _)| *pattern).collect();
    let patterns = face.patterns.iter().map(|(pattern, _)| *pattern);
    let patterns: Vec<&str> = patterns.filter(|it| !known.contains(it)).collect();
    (!patterns.is_empty()).then(|| format!("names like {}", shown(patterns.into_iter())))
}

/// The names about which nothing is asked when names are undeclared.
fn excepted<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<&'d str> {
    let (sent, read) = (both.sent(), both.read());
    // Names that only the reader declares are excluded, in any alternative. If the pair is refuted, names that the
    // sender declares are excluded too.
    let mut declared = |ids: &[SchemaId], side: Side| {
        let written = ids.iter().flat_map(|id| schemas.written(*id)).collect();
        declared_in(schemas.reader(), side, written)
    };
    let mut but = declared(&both.node.readers, both.node.reader());
    if !both.proved() {
        but.extend(declared(&both.node.senders, both.node.sender()));
        but.extend(sent.names());
    }
    but.extend(read.names());
    if both.proved() {
        but.retain(|name| !sent.says(name));
    }
    but.retain(|name| !sent.required.contains(name) && (sent.says(name) || !read.refuses(name)));
    but.into_iter().collect()
}

/// Describes some names of the object, with the label that the object has on one side.
fn what_of(both: &Both<'_, '_>, side: Side, what: &str) -> String {
    let label = label_of(both, side);
    if label.starts_with('`') {
        format!("{label}: {what}")
    } else {
        format!("{what} in {label}")
    }
}

/// Maximum number of members in all copies of a value, each without one name.
const MOST_COPIED: usize = 100_000;

/// The undeclared name in a value without which the reader accepts the value.
fn undeclared_in<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    target: SchemaId,
    value: &Value,
) -> Option<String> {
    let members = value.as_object()?;
    let (sent, read) = (both.sent(), both.read());
    let is_undeclared = |name: &str| !sent.declares(name) && (!read.declares(name) || read.refuses(name));
    let undeclared = members.keys().map(String::as_str).filter(|it| is_undeclared(it));
    let first = undeclared.clone().next();
    // Each attempt copies the value.
    let mut alone = undeclared.take(MOST_COPIED / members.len().max(1) + 1);
    // An object without names may have no written form, so that nothing can be left out.
    let is_alone = members.len() == 1 && both.node.carrier != Carrier::Json;
    let one = alone.find(|name| {
        if is_alone {
            schemas.never_holds(target, name)
        } else {
            takes_without(schemas, target, value, |it| it == *name)
        }
    });
    let any = || first.filter(|_| takes_without(schemas, target, value, is_undeclared));
    one.or_else(any).map(str::to_owned)
}
