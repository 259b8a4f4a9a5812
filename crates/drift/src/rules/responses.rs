//! Answers: their statuses, ranges and default, and their bodies.

use std::collections::BTreeSet;
use std::rc::Rc;

use openapi_document::Located;

use crate::comparison::{Comparison, Pair, Slot};
use crate::findings::{Drift, Proof};
use crate::report::{Level, Side};
use crate::rule::Rule;
use crate::rules::media::{self, MediaType};
use crate::rules::{bodies, headers, message};

pub(crate) const RULES: &[&Rule] = &[
    &SUCCESS_REPLACED,
    &SUCCESS_ADDED,
    &STATUS_ADDED,
    &STATUS_LOST,
    &CALLBACK_STATUS,
    &BODY_LOST,
    &BODY_ADDED,
    &MEDIA_TYPE_LOST,
    &MEDIA_TYPE_ADDED,
    &SCHEMA_ADDED,
    &SCHEMA_DROPPED,
];

const SUCCESS_REPLACED: Rule = Rule {
    id: "response-success-replaced",
    level: Level::Breaking,
    explanation: "None of the success statuses that the pin knows is given any more: success cannot be told.",
};
const SUCCESS_ADDED: Rule = Rule {
    id: "response-success-added",
    level: Level::Risky,
    explanation: "Staging may answer with a success status that the pin does not know, beside one it knows.",
};
const STATUS_ADDED: Rule = Rule {
    id: "response-status-added",
    level: Level::Risky,
    explanation: "Staging may answer with an error, redirect or default status that the pin does not know.",
};
const STATUS_LOST: Rule = Rule {
    id: "response-status-lost",
    level: Level::Risky,
    explanation: "Staging no longer declares a status that callers may wait for.",
};
const CALLBACK_STATUS: Rule = Rule {
    id: "callback-status-refused",
    level: Level::Breaking,
    explanation: "The service no longer takes a status with which we may answer its call.",
};
const BODY_LOST: Rule = Rule {
    id: "response-body-lost",
    level: Level::Breaking,
    explanation: "An answer that the pin describes with a body has none: there is nothing to read.",
};
const BODY_ADDED: Rule = Rule {
    id: "response-body-added",
    level: Level::Additive,
    explanation: "An answer without a body has one; old callers do not look at it.",
};
const MEDIA_TYPE_LOST: Rule = Rule {
    id: "response-media-type-lost",
    level: Level::Breaking,
    explanation: "An answer no longer comes in a media type that callers ask for.",
};
const MEDIA_TYPE_ADDED: Rule = Rule {
    id: "response-media-type-added",
    level: Level::Additive,
    explanation: "An answer also comes in a media type that the pin does not know; old callers do not ask for it.",
};
pub(crate) const SCHEMA_ADDED: Rule = Rule {
    id: "response-schema-added",
    level: Level::Additive,
    explanation: "Staging describes a body that may be anything at the pin.",
};
pub(crate) const SCHEMA_DROPPED: Rule = Rule {
    id: "response-schema-dropped",
    level: Level::Breaking,
    explanation: "Staging may answer anything where the pin describes the body.",
};

/// The answers of one side by status, in lower case: `200`, `4xx`, `default`.
struct Responses<'d> {
    side: Side,
    by_status: Vec<(String, &'d str, Located<'d>)>,
}

impl<'d> Responses<'d> {
    fn of(pair: &Pair<'d>, side: Side) -> Self {
        let responses = pair.side(side).here.get("responses");
        let members = responses.iter().flat_map(Located::members);
        Self {
            side,
            by_status: members
                .map(|(key, place)| (key.to_ascii_lowercase(), key, place))
                .collect(),
        }
    }

    fn exact(&self, status: &str) -> Option<(&'d str, Located<'d>)> {
        let found = self.by_status.iter().find(|(own, _, _)| own == status);
        found.map(|(_, written, place)| (*written, place.clone()))
    }

    /// The description of an answer with this status: under the status itself, its range, or the default.
    fn describing(&self, status: &str) -> Option<(&'d str, Located<'d>)> {
        let range = status
            .get(..1)
            .filter(|_| status != "default")
            .map(|class| format!("{class}xx"));
        self.exact(status)
            .or_else(|| self.exact(&range?))
            .or_else(|| self.exact("default"))
    }

    /// Whether some status of a range is declared by itself.
    fn within(&self, range: &str) -> bool {
        range.ends_with("xx") && self.by_status.iter().any(|(own, _, _)| own[..1] == range[..1])
    }

    fn successes(&self) -> Vec<&str> {
        let statuses = self.by_status.iter().map(|(own, _, _)| own.as_str());
        statuses.filter(|status| is_success(status)).collect()
    }
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// Answers that carry no body on the wire, whatever a document says.
fn has_no_body(method: &str, status: &str) -> bool {
    method == "HEAD" || status.starts_with('1') || matches!(status, "204" | "205" | "304")
}

/// Compares the answers of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    let old = Responses::of(pair, Side::Base);
    let new = Responses::of(pair, Side::Revision);
    if pair.calls_back {
        return our_answers(comparison, pair, &old, &new);
    }

    let replaced = success_replaced(comparison, pair, &old, &new);
    for (status, written, place) in &old.by_status {
        if new.describing(status).is_some() || new.within(status) || (replaced && is_success(status)) {
            continue;
        }
        let title = format!("the answer {written} is gone");
        let drift = Drift::new(
            &STATUS_LOST,
            format!("{status} {}", comparison.shape(old.side, place.node)),
            title,
        )
        .base(&place.at)
        .flows(pair.answers());
        comparison.report(drift, pair.touched(Some(written), ""));
    }
    for (status, written, place) in &new.by_status {
        if old.describing(status).is_some() || old.within(status) || (replaced && is_success(status)) {
            continue;
        }
        let rule = if is_success(status) {
            &SUCCESS_ADDED
        } else {
            &STATUS_ADDED
        };
        let title = format!("the answer {written} is new");
        let drift = Drift::new(
            rule,
            format!("{status} {}", comparison.shape(new.side, place.node)),
            title,
        )
        .revision(&place.at)
        .flows(pair.answers());
        let proof = Proof::unreadable_answer(format!("the pin declares no answer {written}"));
        comparison.prove(drift, pair, pair.touched(Some(written), ""), proof, |it| {
            let touched = pair.touched(Some(written), "");
            let place = it
                .follow(Side::Revision, place.clone(), &touched)
                .unwrap_or_else(|| place.clone());
            message::answer(it, Side::Revision, written, &place)
        });
    }

    paired(comparison, pair, &old, &new);
}

/// Compares each answer with what describes it on the other side, once per pair of places.
fn paired<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    old: &Responses<'d>,
    new: &Responses<'d>,
) {
    let statuses = old
        .by_status
        .iter()
        .chain(&new.by_status)
        .map(|(status, _, _)| status.as_str());
    let mut statuses: Vec<&str> = statuses.collect();
    // A range meets the statuses in it that only the other side spells out: they are their own entries here.
    statuses.sort_unstable();
    statuses.dedup();
    let mut met = BTreeSet::new();
    for status in statuses {
        let (Some((pin_key, base)), Some((staging_key, revision))) =
            (old.describing(status), new.describing(status))
        else {
            continue;
        };
        if !met.insert((base.at.clone(), revision.at.clone())) {
            continue;
        }
        let written = if pin_key.eq_ignore_ascii_case(status) {
            pin_key
        } else {
            staging_key
        };
        let touched = pair.touched(Some(written), "");
        let (Some(base), Some(revision)) = (
            comparison.follow(old.side, base, &touched),
            comparison.follow(new.side, revision, &touched),
        ) else {
            continue;
        };
        if comparison.unchanged.same(base.node, revision.node) {
            continue;
        }
        answer(comparison, pair, written, &base, &revision);
    }
}

/// Whether no success that the base knows is left; then that is one finding, not a loss and a gain.
fn success_replaced<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    old: &Responses<'d>,
    new: &Responses<'d>,
) -> bool {
    let known = old.successes();
    let still = known
        .iter()
        .any(|status| new.describing(status).is_some() || new.within(status))
        || new
            .successes()
            .iter()
            .any(|status| old.describing(status).is_some());
    if known.is_empty() || still {
        return false;
    }
    let now = new.successes();
    let title = match now.as_slice() {
        [] => format!(
            "the answer {} is gone and no other success is declared",
            known.join(", ")
        ),
        now => format!(
            "success is answered with {}, no longer with {}",
            now.join(", "),
            known.join(", ")
        ),
    };
    let gone = old.exact(known[0]);
    let came = now.first().and_then(|status| new.exact(status));
    let shapes = [(Side::Base, &gone), (Side::Revision, &came)].map(|(side, it)| {
        it.as_ref()
            .map(|(_, place)| comparison.shape(side, place.node))
            .unwrap_or_default()
    });
    let mut drift =
        Drift::new(&SUCCESS_REPLACED, format!("{title} {}", shapes.join(" ")), title).flows(pair.answers());
    drift.base_at = gone.as_ref().map(|(_, place)| place.at.clone());
    drift.revision_at = came.as_ref().map(|(_, place)| place.at.clone());
    let status = came.as_ref().or(gone.as_ref()).map(|(written, _)| *written);
    let touched = pair.touched(status, "");
    if let Some((written, place)) = came {
        let proof = Proof::unreadable_answer(format!("the pin declares no answer {written}"));
        comparison.prove(drift, pair, touched.clone(), proof, |it| {
            let place = it
                .follow(Side::Revision, place.clone(), &touched)
                .unwrap_or(place);
            message::answer(it, Side::Revision, written, &place)
        });
    } else if let Some((written, place)) = gone {
        let proof = Proof {
            accepted_by: Side::Base,
            rejected_by: Side::Revision,
            because: "staging never gives this answer, nor any other success".to_owned(),
        };
        comparison.prove(drift, pair, touched.clone(), proof, |it| {
            let place = it.follow(Side::Base, place.clone(), &touched).unwrap_or(place);
            message::answer(it, Side::Base, written, &place)
        });
    }
    true
}

/// Compares one answer with its counterpart.
fn answer<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    status: &str,
    base: &Located<'d>,
    revision: &Located<'d>,
) {
    headers::compare(comparison, pair, status, base, revision);
    if has_no_body(&pair.base.method, status) {
        return;
    }
    let old = media::entries(base.get("content").as_ref());
    let new = media::entries(revision.get("content").as_ref());
    let about = |rule, cause: String, title: String| {
        Drift::new(rule, cause, title)
            .base(&base.at)
            .revision(&revision.at)
            .flows(pair.answers())
    };
    let touched = || pair.touched(Some(status), "/body");

    match (old.is_empty(), new.is_empty()) {
        (true, true) => return,
        (true, false) => {
            let title = format!("the answer {status} has a body");
            return comparison.report(
                about(
                    &BODY_ADDED,
                    comparison.shape(Side::Revision, revision.node),
                    title,
                ),
                touched(),
            );
        }
        (false, true) => {
            let title = format!("the answer {status} has no body any more");
            let drift = about(&BODY_LOST, comparison.shape(Side::Base, base.node), title);
            let proof = Proof::unreadable_answer("there is no body, where the pin reads one");
            return comparison.prove(drift, pair, touched(), proof, |it| {
                message::answer(it, Side::Revision, status, revision)
            });
        }
        (false, false) => {}
    }

    let mut met = BTreeSet::new();
    for entry in &old {
        let (media, place) = entry;
        let served: Vec<&(MediaType, Located<'d>)> = new
            .iter()
            .filter(|(other, _)| media.covers(other) || (other.is_range() && other.covers(media)))
            .collect();
        // The one that a caller who asks for this type gets; of several, each.
        let spelled_alike = served
            .iter()
            .find(|(_, other)| media::are_spelled_alike(other, place));
        let exact = spelled_alike
            .or_else(|| served.iter().find(|(other, _)| other == media))
            .copied();
        for answered in exact.map_or_else(|| served.clone(), |one| vec![one]) {
            let (other, counterpart) = answered;
            // The one that is no range says what is sent.
            let sent = if other.is_range() { entry } else { answered };
            let slot = Slot::AnswerBody {
                status: status.into(),
                media: media::sendable(sent).into(),
            };
            if met.insert((place.at.clone(), counterpart.at.clone())) {
                bodies::contents(comparison, pair, place, counterpart, &slot, pair.answers());
            }
        }
        if served.is_empty() {
            let title = format!("the answer {status} no longer comes as {media}");
            let drift = about(
                &MEDIA_TYPE_LOST,
                format!("{media} {}", comparison.shape(Side::Base, place.node)),
                title,
            );
            let proof = Proof::unreadable_answer(format!("{media} is asked for and not given"));
            comparison.prove(drift, pair, touched(), proof, |it| {
                message::answer(it, Side::Revision, status, revision)
            });
        }
    }
    for (media, place) in &new {
        if !old
            .iter()
            .any(|(other, _)| media.covers(other) || other.covers(media))
        {
            let title = format!("the answer {status} also comes as {media}");
            let drift = about(
                &MEDIA_TYPE_ADDED,
                format!("{media} {}", comparison.shape(Side::Revision, place.node)),
                title,
            );
            comparison.report(drift, touched());
        }
    }
}

/// Our answers to a call of the service: the revision must accept every answer that the base lets us give.
fn our_answers<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    old: &Responses<'d>,
    new: &Responses<'d>,
) {
    for (status, written, place) in &old.by_status {
        if new.describing(status).is_some() || new.within(status) || new.by_status.is_empty() {
            continue;
        }
        let title = format!("the answer {written} to {} is no longer taken", pair.label());
        let drift = Drift::new(
            &CALLBACK_STATUS,
            format!("{status} {}", comparison.shape(Side::Base, place.node)),
            title,
        )
        .base(&place.at)
        .flows(pair.answers());
        let proof = Proof::refused_request(format!("staging declares no answer {written} to its call"));
        comparison.prove(drift, pair, pair.touched(Some(written), ""), proof, |it| {
            let touched = pair.touched(Some(written), "");
            let place = it
                .follow(Side::Base, place.clone(), &touched)
                .unwrap_or_else(|| place.clone());
            message::answer(it, Side::Base, written, &place)
        });
    }
    paired(comparison, pair, old, new);
}
