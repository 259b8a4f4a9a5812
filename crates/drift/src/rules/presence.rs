//! The presence of a part of a message: a parameter, a header or a body.

use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::flow::Flow;
use crate::report::{Direction, Level, Touched};
use crate::rule::{Affects, Rule};

pub(crate) const RULES: &[&Rule] = &[
    &PARAMETER_REQUIRED_ADDED,
    &PARAMETER_ADDED,
    &PARAMETER_LOST,
    &PARAMETER_BECAME_REQUIRED,
    &PARAMETER_BECAME_OPTIONAL,
    &HEADER_REQUIRED_LOST,
    &HEADER_LOST,
    &HEADER_ADDED,
    &HEADER_PROMISED,
    &REQUEST_BODY_REQUIRED_ADDED,
    &REQUEST_BODY_ADDED,
    &REQUEST_BODY_LOST,
    &REQUEST_BODY_BECAME_REQUIRED,
    &REQUEST_BODY_BECAME_OPTIONAL,
    &ANSWER_IGNORED,
    &RESPONSE_BODY_LOST,
    &RESPONSE_BODY_NEVER_SENT,
    &RESPONSE_BODY_ADDED,
    &RESPONSE_BODY_PROMISED,
];

const PARAMETER_REQUIRED_ADDED: Rule = Rule {
    id: "parameter-required-added",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a parameter that senders do not know, and refuses requests without it. The same holds for a header of our responses to the service's calls.",
    mend: "Always send the parameter.",
    readings: &[8],
};
const PARAMETER_ADDED: Rule = Rule {
    id: "parameter-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "The reader knows one more optional parameter. The same holds for a header of our responses to the service's calls.",
    mend: "Nothing to do.",
    readings: &[8],
};
const PARAMETER_LOST: Rule = Rule {
    id: "parameter-lost",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The reader no longer knows a parameter that senders may send. It probably ignores the parameter. The same holds for a header of our responses to the service's calls.",
    mend: "Ask the vendor what happens to the parameter.",
    readings: &[8],
};
const PARAMETER_BECAME_REQUIRED: Rule = Rule {
    id: "parameter-became-required",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a parameter that senders may leave out, and refuses requests without it. The same holds for a header of our responses to the service's calls.",
    mend: "Always send the parameter.",
    readings: &[8],
};
const PARAMETER_BECAME_OPTIONAL: Rule = Rule {
    id: "parameter-became-optional",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A parameter that was required may be left out. The same holds for a header of our responses to the service's calls.",
    mend: "Nothing to do.",
    readings: &[8],
};
const HEADER_REQUIRED_LOST: Rule = Rule {
    id: "response-header-required-lost",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A header that was always sent may be missing. The same holds for a parameter of the service's calls.",
    mend: "Do without the header.",
    readings: &[8],
};
const HEADER_LOST: Rule = Rule {
    id: "response-header-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "An optional header of a response is gone. The same holds for a parameter of the service's calls.",
    mend: "Remove the code that reads the header.",
    readings: &[8],
};
const HEADER_ADDED: Rule = Rule {
    id: "response-header-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A response has a header that was unknown before. The same holds for a parameter of the service's calls.",
    mend: "Nothing to do.",
    readings: &[8],
};
const HEADER_PROMISED: Rule = Rule {
    id: "response-header-became-required",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A header that was optional is now always sent. The same holds for a parameter of the service's calls.",
    mend: "Nothing to do.",
    readings: &[8],
};
const REQUEST_BODY_REQUIRED_ADDED: Rule = Rule {
    id: "request-body-required-added",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a body where it accepted none, and refuses messages without one. The same holds for our responses to the service's calls.",
    mend: "Always send a body.",
    readings: &[8],
};
const REQUEST_BODY_ADDED: Rule = Rule {
    id: "request-body-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "The reader accepts an optional body where it accepted none.",
    mend: "Nothing to do.",
    readings: &[8],
};
const REQUEST_BODY_LOST: Rule = Rule {
    id: "request-body-lost",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The reader no longer knows the body that senders send. It probably ignores the body. The same holds for our responses to the service's calls.",
    mend: "Ask the vendor what happens to the body.",
    readings: &[8],
};
const REQUEST_BODY_BECAME_REQUIRED: Rule = Rule {
    id: "request-body-became-required",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a body that senders may leave out, and refuses messages without one.",
    mend: "Always send a body.",
    readings: &[8],
};
const REQUEST_BODY_BECAME_OPTIONAL: Rule = Rule {
    id: "request-body-became-optional",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A body that was required may be left out.",
    mend: "Nothing to do.",
    readings: &[8],
};
const ANSWER_IGNORED: Rule = Rule {
    id: "callback-answer-ignored",
    level: Level::Additive,
    affects: Affects::Receivers,
    explanation: "The service no longer reads a header or the body of our responses to its calls.",
    mend: "Nothing to do.",
    readings: &[8],
};
const RESPONSE_BODY_LOST: Rule = Rule {
    id: "response-body-lost",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message that was described with a body may have none, so there is nothing to read.",
    mend: "Handle a message without a body.",
    readings: &[7, 8],
};
const RESPONSE_BODY_NEVER_SENT: Rule = Rule {
    id: "response-body-never-sent",
    level: Level::Risky,
    affects: Affects::Receivers,
    explanation: "A call of the service that could have a body never has one.",
    mend: "Remove the code that reads the body.",
    readings: &[8],
};
const RESPONSE_BODY_ADDED: Rule = Rule {
    id: "response-body-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A message that had no body has one. Old readers do not look at it.",
    mend: "Nothing to do.",
    readings: &[8],
};
const RESPONSE_BODY_PROMISED: Rule = Rule {
    id: "response-body-became-required",
    level: Level::Additive,
    affects: Affects::Receivers,
    explanation: "A call of the service that could have a body always has one.",
    mend: "Nothing to do.",
    readings: &[8],
};

/// How often a part is present, according to one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The document does not know the part.
    Never,
    /// The part may be left out.
    Maybe,
    /// The part is required.
    Always,
}

impl Presence {
    pub(crate) fn of(is_known: bool, is_required: bool) -> Self {
        match (is_known, is_required) {
            (false, _) => Self::Never,
            (true, false) => Self::Maybe,
            (true, true) => Self::Always,
        }
    }
}

/// A rule, and the phrase about the part in its title.
pub(crate) type Said = (&'static Rule, &'static str);

/// The rules for one kind of part when sender and reader disagree about its presence.
pub(crate) struct PresenceRules {
    /// The reader requires a part that the sender does not know.
    pub(crate) unknown: Said,
    /// The reader requires a part that the sender may leave out.
    pub(crate) missing: Said,
    /// The sender may send a part that the reader does not know.
    pub(crate) unread: Said,
    /// The sender never sends a part that the reader knows.
    pub(crate) unsent: Said,
    /// The sender always sends a part that the reader can do without.
    pub(crate) promised: Said,
}

impl PresenceRules {
    /// The drift of a part between its sender and its reader, and whether the reader refuses what the sender may send.
    fn drift(&self, presence: Flow<Presence>) -> Option<(Said, bool)> {
        use Presence::{Always, Maybe, Never};
        match (presence.sent, presence.read) {
            (Never, Always) => Some((self.unknown, true)),
            (Maybe, Always) => Some((self.missing, true)),
            (Maybe | Always, Never) => Some((self.unread, false)),
            (Never, Maybe) => Some((self.unsent, false)),
            (Always, Maybe) => Some((self.promised, false)),
            (Never, Never) | (Maybe, Maybe) | (Always, Always) => None,
        }
    }
}

const REQUEST_PARAMETER: PresenceRules = PresenceRules {
    unknown: (&PARAMETER_REQUIRED_ADDED, "is now required"),
    missing: (&PARAMETER_BECAME_REQUIRED, "became required"),
    unread: (&PARAMETER_LOST, "is gone"),
    unsent: (&PARAMETER_ADDED, "is new and optional"),
    promised: (&PARAMETER_BECAME_OPTIONAL, "became optional"),
};
const RESPONSE_HEADER: PresenceRules = PresenceRules {
    unknown: (&HEADER_REQUIRED_LOST, "is no longer sent"),
    missing: (&HEADER_REQUIRED_LOST, "is no longer promised"),
    unread: (&HEADER_ADDED, "is new"),
    unsent: (&HEADER_LOST, "is gone"),
    promised: (&HEADER_PROMISED, "is always sent"),
};
const REQUEST_BODY: PresenceRules = PresenceRules {
    unknown: (&REQUEST_BODY_REQUIRED_ADDED, "is now required"),
    missing: (&REQUEST_BODY_BECAME_REQUIRED, "became required"),
    unread: (&REQUEST_BODY_LOST, "is no longer read"),
    unsent: (&REQUEST_BODY_ADDED, "is new and optional"),
    promised: (&REQUEST_BODY_BECAME_OPTIONAL, "became optional"),
};
const RESPONSE_BODY: PresenceRules = PresenceRules {
    unknown: (&RESPONSE_BODY_LOST, "is gone"),
    missing: (&RESPONSE_BODY_LOST, "may be missing"),
    unread: (&RESPONSE_BODY_ADDED, "is new"),
    unsent: (&RESPONSE_BODY_NEVER_SENT, "never comes any more"),
    promised: (&RESPONSE_BODY_PROMISED, "is always sent"),
};
/// The service ignores what callers answer to it.
const IGNORED: Said = (&ANSWER_IGNORED, "is no longer read");

/// The rules on parameters.
pub(crate) fn of_parameters(direction: Direction) -> &'static PresenceRules {
    match direction {
        Direction::Request => &REQUEST_PARAMETER,
        Direction::Response => &RESPONSE_HEADER,
    }
}

/// The rules on the headers of responses.
pub(crate) fn of_headers(direction: Direction) -> &'static PresenceRules {
    match direction {
        Direction::Request => &PresenceRules {
            unread: IGNORED,
            ..REQUEST_PARAMETER
        },
        Direction::Response => &RESPONSE_HEADER,
    }
}

/// The rules on the bodies of requests.
pub(crate) fn of_bodies(direction: Direction) -> &'static PresenceRules {
    match direction {
        Direction::Request => &REQUEST_BODY,
        Direction::Response => &RESPONSE_BODY,
    }
}

/// The rules on the bodies of responses.
pub(crate) fn of_answers(direction: Direction) -> &'static PresenceRules {
    match direction {
        Direction::Request => &PresenceRules {
            unread: IGNORED,
            ..REQUEST_BODY
        },
        Direction::Response => &RESPONSE_BODY,
    }
}

/// A part of the messages of an operation, for a finding about its presence.
pub(crate) struct Part {
    /// The label of the part in titles, with its kind and its name.
    pub(crate) label: String,
    /// Identifies the root cause.
    pub(crate) cause: String,
    pub(crate) base_at: Option<String>,
    pub(crate) revision_at: Option<String>,
    pub(crate) touched: Touched,
}

/// Compares the presence of a part; `message` builds the smallest message that the sender allows.
pub(crate) fn compare<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    direction: Direction,
    rules: &PresenceRules,
    (base, revision): (Presence, Presence),
    part: Part,
    message: impl FnOnce(&mut Comparison<'d>) -> Map<String, Value>,
) {
    let Some(((rule, does), is_refused)) = rules.drift(direction.flow(base, revision)) else {
        return;
    };
    let title = format!("{} {does}", part.label);
    let mut drift = Drift::new(rule, part.cause, title).flows(direction);
    (drift.base_at, drift.revision_at) = (part.base_at, part.revision_at);
    if is_refused {
        let name = part.label.strip_prefix("the ").unwrap_or(&part.label);
        let proof = direction.proof(format!("the required {name} is missing"));
        comparison.prove(drift, pair, part.touched, proof, message);
    } else {
        comparison.report(drift, part.touched);
    }
}
