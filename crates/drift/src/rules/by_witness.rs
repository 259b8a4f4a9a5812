//! Drifts that no deeper pair explains. They are named by the witness that shows them.

use std::collections::BTreeSet;

use openapi_document::Node;
use serde_json::Value;

use crate::containment::{Carrier, Refutation};
use crate::diff::face::Face;
use crate::diff::limits;
use crate::diff::node::{Claim, Local};
use crate::diff::pair::{Both, label_of, shown};
use crate::instance::{instance, told};
use crate::report::{Direction, Level, Side, Witness};
use crate::rule::{Affects, Rule};
use crate::schema::ast::Types;
use crate::schema::reader::Reader;

pub(crate) const RULES: &[&Rule] = &[
    &REQUEST_TYPE,
    &REQUEST_VALUE,
    &REQUEST_ENUM_CLOSED,
    &REQUEST_WIDENED,
    &RESPONSE_TYPE,
    &RESPONSE_VALUE,
    &RESPONSE_ENUM_OPENED,
    &RESPONSE_NARROWED,
    &UNDECIDED,
    &REWRITTEN,
    &NOTHING,
    &RENAMED,
];

/// The rules by which a value is refused though its type is not.
pub(crate) const OF_VALUES: [&str; 2] = [REQUEST_VALUE.id, RESPONSE_VALUE.id];

/// The rules that tell a limit.
pub(crate) const OF_LIMITS: [&str; 4] = [
    REQUEST_VALUE.id,
    RESPONSE_VALUE.id,
    REQUEST_WIDENED.id,
    RESPONSE_NARROWED.id,
];

/// The rule of union alternatives; a value that is always null now has lost its alternatives, too.
pub(super) const ALTERNATIVE_LOST: Rule = Rule {
    id: "response-alternative-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message is never one of the known alternatives any more.",
    mend: "Remove the code for this alternative.",
    readings: &[4],
};
const REQUEST_TYPE: Rule = Rule {
    id: "request-type-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader no longer accepts any value of a type that callers may send.",
    mend: "Send a value of an accepted type.",
    readings: &[1, 12],
};
pub(crate) const REQUEST_VALUE: Rule = Rule {
    id: "request-value-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader refuses some values that callers may send, for example because a limit is lower.",
    mend: "Keep to the new limit.",
    readings: &[1, 3],
};
const REQUEST_ENUM_CLOSED: Rule = Rule {
    id: "request-enum-closed",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader accepts only listed values where callers may send others.",
    mend: "Send only the listed values.",
    readings: &[1],
};
pub(crate) const REQUEST_WIDENED: Rule = Rule {
    id: "request-widened",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "The reader accepts values that callers could not send before.",
    mend: "Nothing to do.",
    readings: &[1],
};
pub(crate) const RESPONSE_TYPE: Rule = Rule {
    id: "response-type-unreadable",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message may contain a value of a type that its readers do not accept there.",
    mend: "Read the new type, too.",
    readings: &[1, 12],
};
pub(crate) const RESPONSE_VALUE: Rule = Rule {
    id: "response-value-unreadable",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message may contain values that its readers exclude.",
    mend: "Read the new values, too.",
    readings: &[1, 3],
};
pub(crate) const RESPONSE_ENUM_OPENED: Rule = Rule {
    id: "response-enum-opened",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message may contain values of the same type that are not in the list that its readers know.",
    mend: "Check that your code continues with a value that it does not know.",
    readings: &[1],
};
pub(crate) const RESPONSE_NARROWED: Rule = Rule {
    id: "response-narrowed",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A message promises more: some values that were possible never come.",
    mend: "Nothing to do.",
    readings: &[1],
};
pub(crate) const UNDECIDED: Rule = Rule {
    id: "schema-undecided",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "Two schemas differ, and the comparison could not decide whether this affects anyone. The finding says why.",
    mend: "Compare the two places by hand.",
    readings: &[12, 15],
};
pub(crate) const REWRITTEN: Rule = Rule {
    id: "schema-rewritten",
    level: Level::Cosmetic,
    affects: Affects::Nobody,
    explanation: "A schema is written differently and accepts the same values.",
    mend: "Nothing to do.",
    readings: &[12],
};
pub(crate) const NOTHING: Rule = Rule {
    id: "schema-admits-nothing",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "No value satisfies a schema of one document, so this document has an error there and nothing follows from it.",
    mend: "Tell the vendor.",
    readings: &[15],
};
pub(crate) const RENAMED: Rule = Rule {
    id: "component-renamed",
    level: Level::Cosmetic,
    affects: Affects::Developers,
    explanation: "A component has another name. Generated code would name its type differently.",
    mend: "Nothing to do until the client is generated again.",
    readings: &[12],
};

/// The drift of a refutation that no deeper pair explains.
pub(crate) fn refuted<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>, refutation: &Refutation) -> Local {
    let (value, read) = (&refutation.witness, both.read());
    let what = label_of(both, Side::Base);
    let type_refused = !is_typed(read, value, both.node.carrier);
    let named = without(reader, both, both.node.reader(), value);
    let (rule, title) = match both.direction() {
        Direction::Request if type_refused => (
            &REQUEST_TYPE,
            format!("{what} no longer takes {}", type_of(value)),
        ),
        Direction::Request if read.values.is_some() && both.sent().values.is_none() => {
            let listed = read.values.as_deref().unwrap_or_default();
            (
                &REQUEST_ENUM_CLOSED,
                format!(
                    "{what} now takes only {}",
                    shown(listed.iter().copied().map(told))
                ),
            )
        }
        Direction::Request => {
            let title = limit(both, &what, value)
                .or_else(|| Some(format!("{what} no longer takes {}", named?)))
                .unwrap_or_else(|| format!("{what} no longer takes {}", brief_part(refutation)));
            (&REQUEST_VALUE, title)
        }
        Direction::Response if type_refused => (&RESPONSE_TYPE, format!("{what} may be {}", type_of(value))),
        Direction::Response if is_outside_enum(read, value) => (
            &RESPONSE_ENUM_OPENED,
            format!("{what} may be other than the listed values"),
        ),
        Direction::Response => {
            let does = if refutation.part().is_some() { "have" } else { "be" };
            let title = limit(both, &what, value)
                .or_else(|| Some(format!("{what} may be {}", named?)))
                .unwrap_or_else(|| format!("{what} may {does} {}", brief_part(refutation)));
            (&RESPONSE_VALUE, title)
        }
    };
    let mut local = both.local(rule, title);
    local.claim = Claim::Refusal;
    local.drift.witness = Some(Witness {
        value: value.clone(),
        accepted_by: both.node.sender(),
        rejected_by: both.node.reader(),
        because: refutation.because.clone(),
        message: None,
    });
    local
}

/// The drift of a value that is beyond a limit of one side: of the reader's if `is_refusal`. `None` if something else
/// explains the value.
pub(crate) fn beyond_limits<'d>(
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
    refutation: &Refutation,
    is_refusal: bool,
) -> Option<Local> {
    limits::broken(&both.base.limits, &both.revision.limits, &refutation.witness)?;
    let local = if is_refusal {
        refuted(reader, both, refutation)
    } else {
        more(reader, both, refutation)
    };
    OF_LIMITS.contains(&local.drift.rule.id).then_some(local)
}

/// The drift of a schema that allows no value, in the document of one side.
pub(crate) fn nothing(both: &Both<'_, '_>, side: Side) -> Local {
    let is = match side {
        Side::Base => "was",
        Side::Revision => "is",
    };
    let title = format!("no value at all {is} allowed for {}", label_of(both, side));
    let mut local = both.local(&NOTHING, title);
    // Of what is sent both ways, each is told as it is met.
    local.drift.cause = format!("{} {:?}", local.drift.cause, both.direction());
    local
}

/// The drift of a pair that stayed undecided.
pub(crate) fn undecided(both: &Both<'_, '_>, reason: &str) -> Local {
    let what = label_of(both, Side::Base);
    let mut local = both.local(
        &UNDECIDED,
        format!("{what} differs, and what follows is not decided"),
    );
    local.drift.undecided = Some(reason.to_owned());
    local
}

/// The drift of a pair that is contained while the reverse is refuted: the target accepts more than the source sends.
pub(crate) fn more<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>, refutation: &Refutation) -> Local {
    let what = label_of(both, Side::Base);
    // If only null is left, everything that was declared is lost.
    let is_null = |face: &Face<'_>| {
        let has_others = |values: &[Node<'_>]| values.iter().any(|it| !it.is_null());
        let lists_others = face.values.as_deref().map(has_others);
        let is_typed = face.types.map(|types| !types.is_empty());
        (face.nullable || lists_others.is_some()) && lists_others.or(is_typed) == Some(false)
    };
    if both.direction() == Direction::Response && is_null(both.sent()) && !is_null(both.read()) {
        return both
            .local(&ALTERNATIVE_LOST, format!("{what} is always null now"))
            .widening();
    }
    let value = if is_typed(both.sent(), &refutation.witness, both.node.carrier) {
        // What one alternative lacks, another one may have.
        let is_whole = both.node.whole.is_none();
        let named = is_whole.then(|| without(reader, both, both.node.sender(), &refutation.witness));
        named.flatten().unwrap_or_else(|| {
            let lacking = refutation.part().is_none().then(|| lacking(refutation));
            brief(&refutation.witness) + &lacking.unwrap_or_default()
        })
    } else {
        type_of(&refutation.witness).to_owned()
    };
    // If the sender lists values and the reader does not, the list is reported instead of a single value.
    let listed = both
        .sent()
        .values
        .as_deref()
        .filter(|_| both.read().values.is_none());
    if let Some(limit) = limit(both, &what, &refutation.witness) {
        let rule = match both.direction() {
            Direction::Request => &REQUEST_WIDENED,
            Direction::Response => &RESPONSE_NARROWED,
        };
        return both.local(rule, limit).widening();
    }
    let local = match (both.direction(), listed) {
        (Direction::Request, None) => both.local(&REQUEST_WIDENED, format!("{what} also takes {value}")),
        (Direction::Request, Some(_)) => both.local(
            &REQUEST_WIDENED,
            format!("{what} also takes more than the listed values, such as {value}"),
        ),
        (Direction::Response, None) => {
            both.local(&RESPONSE_NARROWED, format!("{what} is never {value} any more"))
        }
        // If one schema became several alternatives, the list applies to the alternative that contains it.
        (Direction::Response, Some(listed)) => {
            let own = label_of(both, Side::Revision);
            // A label of a map has no property name, so the label in the other document is used.
            let what = if own.contains('*') { what } else { own };
            let listed = shown(listed.iter().copied().map(told));
            both.local(
                &RESPONSE_NARROWED,
                format!("{what} is now always one of {listed}"),
            )
        }
    };
    local.widening()
}

/// The drift of a pair that is contained, where the reverse is neither proved nor refuted.
pub(crate) fn perhaps_more(both: &Both<'_, '_>) -> Local {
    let what = label_of(both, Side::Base);
    match both.direction() {
        Direction::Request => both.local(
            &REQUEST_WIDENED,
            format!("{what} takes all that it took, and perhaps more"),
        ),
        Direction::Response => both.local(
            &RESPONSE_NARROWED,
            format!("{what} is as it was, and perhaps less varied"),
        ),
    }
}

/// Describes the limit that a value keeps on one side only.
fn limit(both: &Both<'_, '_>, what: &str, value: &Value) -> Option<String> {
    if let Some(limit) = limits::broken(&both.base.limits, &both.revision.limits, value) {
        return Some(format!("{what}: {limit}"));
    }
    let mut names = value.as_object()?.keys();
    names.find_map(|name| limit_of_name(both, what, name))
}

/// Describes the limit that a name keeps on one side only.
pub(crate) fn limit_of_name(both: &Both<'_, '_>, what: &str, name: &str) -> Option<String> {
    let [old, new] = [both.base, both.revision].map(|it| &it.limits_of_names);
    let limit = limits::broken(old, new, &Value::from(name))?;
    Some(format!("names in {what}: {limit}"))
}

/// Describes a value by what the schema of one side lacks for it: its type, or the required properties that the value
/// does not have. `None` if neither explains why the schema does not accept the value.
fn without<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>, side: Side, value: &Value) -> Option<String> {
    let face = both.face(side);
    let mut union = vec![face.clone()];
    if let [alternatives] = face.unions.as_slice() {
        let alternatives = alternatives.iter();
        union = alternatives
            .map(|it| Face::of(reader, side, it, both.direction()))
            .collect();
    }
    if union.iter().any(|it| it.nullable) && value.is_null() {
        return None;
    }
    union.retain(|it| is_typed(it, value, both.node.carrier));
    if union.is_empty() {
        return Some(type_of(value).to_owned());
    }
    let members = value.as_object()?;
    let lacks = |face: &Face<'d>| -> BTreeSet<&'d str> {
        let required = face.required.iter().copied();
        required.filter(|name| !members.contains_key(*name)).collect()
    };
    let lacking = union.iter().map(lacks).reduce(|own, other| &own & &other)?;
    let names: Vec<&str> = lacking.into_iter().collect();
    (!names.is_empty()).then(|| format!("an object without {}", shown(names.into_iter())))
}

/// Whether the reader lists the type of a value, or lists no types.
pub(crate) fn is_typed(read: &Face<'_>, value: &Value, carrier: Carrier) -> bool {
    let Some(types) = read.types else { return true };
    // On the wire each scalar is a text, and a text may be a list of one item.
    let is_text =
        carrier.is_text() && types.has(Types::STRING) || carrier.joins_lists() && types.has(Types::ARRAY);
    if is_text && !value.is_array() && !value.is_object() && !value.is_null() {
        return true;
    }
    if value.is_null() {
        return read.nullable;
    }
    types.has(types_of(value))
}

/// The narrowest type of a value.
pub(crate) fn types_of(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(number) if number.as_f64().is_some_and(|it| it.fract() == 0.0) => Types::INTEGER,
        Value::Number(_) => Types::NUMBER,
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

/// Whether a value is not among the listed ones, one of which has its type.
pub(crate) fn is_outside_enum(read: &Face<'_>, value: &Value) -> bool {
    read.values.as_ref().is_some_and(|values| {
        let values = || values.iter().map(|it| instance(*it));
        values().all(|other| other != *value)
            && values().any(|other| std::mem::discriminant(&other) == std::mem::discriminant(value))
    })
}

pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.as_f64().is_some_and(|it| it.fract() != 0.0) => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The part of a witness that is refused, and where it is; the whole witness if no part is the cause.
pub(crate) fn brief_part(refutation: &Refutation) -> String {
    let value = match refutation.part() {
        Some((at, part)) => format!("{} at `{at}`", brief(part)),
        None => brief(&refutation.witness),
    };
    value + &lacking(refutation)
}

/// The property that is required beside those of a refused object, such as by `dependentRequired` or under a condition.
fn lacking(refutation: &Refutation) -> String {
    let missing = refutation.missing().map(|name| format!(" without `{name}`"));
    missing.unwrap_or_default()
}

pub(crate) fn brief(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => {
            const MOST: usize = 60;
            let text = value.to_string();
            let shown: String = text.chars().take(MOST).collect();
            let rest = if shown.len() < text.len() { "…" } else { "" };
            format!("`{shown}{rest}`")
        }
        // An empty text is invisible between backticks.
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        other => shown(std::iter::once(other.clone())),
    }
}
