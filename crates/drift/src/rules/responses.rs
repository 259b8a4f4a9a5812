//! Responses: their statuses, ranges and `default`, and the contents of each.

use std::rc::Rc;

use crate::comparison::{AnswerStatus, Comparison, Pair};
use crate::findings::{Drift, Proof};
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::statuses::{Entry, Statuses, has_no_body};
use crate::rules::{bodies, headers, links, message};

pub(crate) const RULES: &[&Rule] = &[
    &SUCCESS_REPLACED,
    &SUCCESS_ADDED,
    &STATUS_ADDED,
    &STATUS_LOST,
    &STATUS_NARROWED,
    &CALLBACK_SUCCESS,
    &CALLBACK_STATUS,
    &CALLBACK_STATUS_ADDED,
];

const SUCCESS_REPLACED: Rule = Rule {
    id: "response-success-replaced",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "The service no longer gives any of the success statuses that callers know, so they cannot tell success from failure.",
    mend: "Treat the new status as success.",
    readings: &[7],
};
const SUCCESS_ADDED: Rule = Rule {
    id: "response-success-added",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The service may give a success status that callers do not know, beside one that they know.",
    mend: "Treat the new status as success, too.",
    readings: &[7],
};
const STATUS_ADDED: Rule = Rule {
    id: "response-status-added",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The service may give an error, a redirect or another status that callers do not know.",
    mend: "Check that your code handles the status.",
    readings: &[7],
};
const STATUS_LOST: Rule = Rule {
    id: "response-status-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "The document no longer lists a status that callers may wait for.",
    mend: "Do not wait for this status.",
    readings: &[7],
};
const STATUS_NARROWED: Rule = Rule {
    id: "response-status-narrowed",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A range of statuses or `default` covers fewer statuses than before.",
    mend: "Nothing to do.",
    readings: &[7],
};
const CALLBACK_SUCCESS: Rule = Rule {
    id: "callback-success-refused",
    level: Level::Breaking,
    affects: Affects::Receivers,
    explanation: "The service accepts none of the success statuses that we may give to its call, so it takes our success for a failure.",
    mend: "Answer with a status that the service accepts.",
    readings: &[8],
};
const CALLBACK_STATUS: Rule = Rule {
    id: "callback-status-refused",
    level: Level::Risky,
    affects: Affects::Receivers,
    explanation: "The service no longer accepts a status that we may give to its call, but it accepts another one.",
    mend: "Answer with a status that the service accepts.",
    readings: &[8],
};
const CALLBACK_STATUS_ADDED: Rule = Rule {
    id: "callback-status-added",
    level: Level::Additive,
    affects: Affects::Receivers,
    explanation: "The service accepts one more status as our answer to its call.",
    mend: "Nothing to do.",
    readings: &[8],
};

/// The response statuses of one operation in both documents.
struct Answers<'a, 'd> {
    pair: &'a Rc<Pair<'d>>,
    direction: Direction,
    old: Statuses<'d>,
    new: Statuses<'d>,
}

/// Compares the responses of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    let answers = Answers {
        pair,
        direction: pair.answers(),
        old: Statuses::of(pair, Side::Base),
        new: Statuses::of(pair, Side::Revision),
    };
    let flow = answers.direction.flow(&answers.old, &answers.new);
    let is_unheard = answers.direction == Direction::Request && flow.read.entries.is_empty();
    // A service that lists no responses to its call accepts any.
    if !is_unheard {
        let is_replaced = answers.success_replaced(comparison);
        let told = |entry: &Entry<'d>| is_replaced && entry.is_success();
        for (index, entry) in flow.read.entries.iter().enumerate() {
            if let Some((_, is_partly_sent)) = flow.read.beyond(index, flow.sent)
                && !told(entry)
            {
                answers.unsent(comparison, entry, is_partly_sent);
            }
        }
        for (index, entry) in flow.sent.entries.iter().enumerate() {
            if let Some((code, is_partly_read)) = flow.sent.beyond(index, flow.read)
                && !told(entry)
            {
                answers.unread(comparison, entry, code, is_partly_read);
            }
        }
    }
    answers.compare_each(comparison);
}

impl<'d> Answers<'_, 'd> {
    /// Reports statuses of an entry that are sent and that the reader does not know, such as `code`.
    fn unread(&self, comparison: &mut Comparison<'d>, entry: &Entry<'d>, code: u16, is_partly_read: bool) {
        let (direction, written) = (self.direction, entry.written);
        let label = self.pair.label();
        let (rule, title) = match (direction, is_partly_read) {
            (Direction::Response, false) => (added(entry), format!("the answer {written} is new")),
            (Direction::Response, true) => {
                let title =
                    format!("the answer {written} admits statuses that were not declared, such as {code}");
                (added(entry), title)
            }
            (Direction::Request, false) => {
                let title = format!("the answer {written} to {label} is no longer taken");
                (&CALLBACK_STATUS, title)
            }
            (Direction::Request, true) => {
                let title = format!(
                    "the answer {written} to {label} is no longer taken with each of its statuses, such as {code}"
                );
                (&CALLBACK_STATUS, title)
            }
        };
        let drift = self.drift(
            comparison,
            (rule, title),
            direction.sender(),
            entry,
            is_partly_read,
        );
        let because = match direction {
            Direction::Request => format!("no answer {code} to its call is declared"),
            Direction::Response => format!("no answer {code} is declared"),
        };
        self.prove(comparison, drift, direction.sender(), entry, code, because);
    }

    /// Reports statuses of an entry that the reader knows and that are never sent.
    fn unsent(&self, comparison: &mut Comparison<'d>, entry: &Entry<'d>, is_partly_sent: bool) {
        let (direction, written) = (self.direction, entry.written);
        let (rule, title) = match direction {
            Direction::Response if is_partly_sent => {
                let title = format!("the answer {written} comes as fewer statuses");
                (&STATUS_NARROWED, title)
            }
            Direction::Response => (&STATUS_LOST, format!("the answer {written} is gone")),
            Direction::Request => {
                let title = format!("the answer {written} to {} is taken as well", self.pair.label());
                (&CALLBACK_STATUS_ADDED, title)
            }
        };
        let drift = self.drift(
            comparison,
            (rule, title),
            direction.reader(),
            entry,
            is_partly_sent,
        );
        comparison.report(drift, self.pair.touched(Some(written), ""));
    }

    /// The drift of an entry that only one side has, or of those of its statuses that only this side has.
    fn drift(
        &self,
        comparison: &Comparison<'d>,
        (rule, title): (&'static Rule, String),
        side: Side,
        entry: &Entry<'d>,
        is_partial: bool,
    ) -> Drift {
        let shape = comparison.shape(side, entry.place.node);
        Drift::new(rule, format!("{} {is_partial} {shape}", entry.written), title)
            .on(side, &entry.place.at)
            .flows(self.direction)
    }

    /// Reports a drift, shown by a response with `code` as `side` describes it.
    fn prove(
        &self,
        comparison: &mut Comparison<'d>,
        drift: Drift,
        side: Side,
        entry: &Entry<'d>,
        code: u16,
        because: String,
    ) {
        let touched = self.pair.touched(Some(entry.written), "");
        let proof = Proof {
            accepted_by: side,
            rejected_by: side.other(),
            because,
            at: None,
            is_list: false,
        };
        comparison.prove(drift, self.pair, touched.clone(), proof, |it| {
            let place = it.follow(side, entry.place.clone(), &touched);
            let place = place.unwrap_or_else(|| entry.place.clone());
            message::answer(it, side, self.pair, code, &place)
        });
    }

    /// Reports that no success status of the base is left, as one finding and not as a loss and a gain. Returns whether
    /// this is so.
    fn success_replaced(&self, comparison: &mut Comparison<'d>) -> bool {
        let (old, new) = (&self.old, &self.new);
        let successes = |statuses: &Statuses<'d>| -> Vec<Entry<'d>> {
            let successes = statuses.entries.iter().filter(|it| it.is_success());
            successes.cloned().collect()
        };
        let (known, now) = (successes(old), successes(new));
        let Some(gone) = known.first() else { return false };
        if (200..300).any(|code| old.describes(code) && new.describes(code)) {
            return false;
        }
        let listed = |entries: &[Entry<'d>]| {
            let written: Vec<&str> = entries.iter().map(|it| it.written).collect();
            written.join(", ")
        };
        let (rule, title) = match (self.direction, now.as_slice()) {
            (Direction::Response, []) => (
                &SUCCESS_REPLACED,
                format!(
                    "the answer {} is gone and no other success is declared",
                    listed(&known)
                ),
            ),
            (Direction::Response, now) => (
                &SUCCESS_REPLACED,
                format!(
                    "success is answered with {}, no longer with {}",
                    listed(now),
                    listed(&known)
                ),
            ),
            (Direction::Request, []) => (
                &CALLBACK_SUCCESS,
                format!(
                    "no success is taken as our answer, {} no more than another",
                    listed(&known)
                ),
            ),
            (Direction::Request, now) => (
                &CALLBACK_SUCCESS,
                format!(
                    "success is to be answered with {}, no longer with {}",
                    listed(now),
                    listed(&known)
                ),
            ),
        };
        let came = now.first();
        let shapes = [(Side::Base, Some(gone)), (Side::Revision, came)].map(|(side, it)| {
            it.map(|it| comparison.shape(side, it.place.node))
                .unwrap_or_default()
        });
        let mut drift =
            Drift::new(rule, format!("{title} {}", shapes.join(" ")), title).flows(self.direction);
        drift.base_at = Some(gone.place.at.to_string());
        drift.revision_at = came.map(|it| it.place.at.to_string());
        let (side, entry, because) = match (self.direction, came) {
            (Direction::Response, Some(came)) => (
                Side::Revision,
                came,
                format!("no answer {} is declared", came.written),
            ),
            (Direction::Response, None) => {
                let because = "this answer is never given, nor any other success".to_owned();
                (Side::Base, gone, because)
            }
            (Direction::Request, _) => (
                Side::Base,
                gone,
                format!("no answer {} to its call is declared", gone.written),
            ),
        };
        let code = (200..300).find(|code| entry.status.covers(*code)).unwrap_or(200);
        self.prove(comparison, drift, side, entry, code, because);
        true
    }

    /// Compares each response with its counterpart on the other side, once for each pair of places.
    fn compare_each(&self, comparison: &mut Comparison<'d>) {
        for (base, revision, code) in self.old.paired(&self.new) {
            let (base, revision) = (&self.old.entries[base], &self.new.entries[revision]);
            let narrower = if base.status <= revision.status {
                base
            } else {
                revision
            };
            let status = AnswerStatus {
                written: narrower.written.into(),
                code,
            };
            let touched = self.pair.touched(Some(narrower.written), "");
            // Both are followed first, so that a reference that is unresolved in both is noted for both.
            let base = comparison.follow(Side::Base, base.place.clone(), &touched);
            let revision = comparison.follow(Side::Revision, revision.place.clone(), &touched);
            let (Some(base), Some(revision)) = (base, revision) else {
                continue;
            };
            if comparison.unchanged.same(base.node, revision.node) {
                continue;
            }
            headers::compare(comparison, self.pair, &status, &base, &revision);
            links::compare(comparison, self.pair, narrower.written, &base, &revision);
            if &*self.pair.base.method != "HEAD" && !has_no_body(code) {
                bodies::compare_answers(comparison, self.pair, &status, &base, &revision);
            }
        }
    }
}

fn added(entry: &Entry<'_>) -> &'static Rule {
    if entry.is_success() {
        &SUCCESS_ADDED
    } else {
        &STATUS_ADDED
    }
}
