//! The gate: a breaking finding must be shown by a message that one document accepts. The other document must refuse
//! the message at the finding's place, or read another value there.
//!
//! The message is written and judged by `openapi-wire`, which shares no code with the comparison.

mod judging;
pub(crate) mod passage;
mod place;
mod showing;
mod writing;

use std::collections::HashSet;
use std::sync::Arc;

use openapi_document::Document;
use openapi_document::view::Operation;
use openapi_wire::Contract;
use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair};
use crate::containment::Schemas;
use crate::report::{Finding, Level, Side, Touched};
use crate::rules::{by_witness, discriminators, malformed, object, references};
use passage::Outcome;
use writing::required_headers;

const UNTAGGED: &str = "whether its message is refused cannot be told: it leaves out what a discriminator looks for, and OpenAPI does not say what holds then";

const OPEN_BOUND: &str = "whether its message is refused cannot be told: its number is the bound that a slip excludes, as another finding says";

const UNREAD: &str = "whether its message is refused cannot be told: a part of the operation cannot be read, as another finding says";

/// A message as values, and the finding that it should show.
pub(crate) struct Claim<'c, 'd> {
    pub(crate) pair: &'c Pair<'d>,
    /// The document that allows the message.
    pub(crate) accepted_by: Side,
    /// The place that the other document refuses: a JSON pointer into the message, empty for the operation itself.
    pub(crate) at: &'c str,
    /// Whether the other document lacks the operation itself.
    pub(crate) is_removal: bool,
    /// Whether the body is the list of all items of a stream, not a single item.
    pub(crate) is_list: bool,
    /// The key of the response, where the message is a response.
    pub(crate) status: Option<&'c str>,
    pub(crate) message: &'c Map<String, Value>,
}

/// Judges a message that should show the finding at `index`. Returns whether the finding is shown or still open.
pub(crate) fn judge<'d>(comparison: &mut Comparison<'d>, index: usize, claim: &Claim<'_, 'd>) -> bool {
    let headers = required_headers(comparison, claim);
    let gate = Gate {
        schemas: &comparison.schemas,
        claim,
        headers,
    };
    let outcome = gate.outcome();
    let stands = !matches!(outcome, Outcome::Untagged | Outcome::Contradicted(_));
    let passage = comparison.passages.entry(index).or_default();
    passage.tried += 1;
    let length = match &outcome {
        Outcome::Shown(message) => message.length(),
        _ => 0,
    };
    passage.note(outcome);
    comparison.charge_text(length);
    stands
}

/// Checks each breaking finding by its message, and lowers those that no message shows to risky. Returns the number of
/// findings that the engine got wrong or has no message for.
///
/// Where a part of the operation cannot be read, OpenAPI does not define its messages. Engine and judge may then
/// disagree without a fault.
pub(crate) fn settle(comparison: &mut Comparison<'_>) -> usize {
    let mut faults = 0;
    let unread: HashSet<(Arc<str>, Arc<str>)> = comparison
        .findings
        .iter()
        .filter(|it| [malformed::MALFORMED.id, references::UNRESOLVED.id].contains(&&*it.rule))
        .flat_map(|it| &it.operations)
        .map(address)
        .collect();
    let open_bounds: HashSet<String> = comparison
        .findings
        .iter()
        .filter_map(malformed::open_bound)
        .map(str::to_owned)
        .collect();
    let mut untagged = Vec::new();
    for index in 0..comparison.findings.len() {
        let passage = comparison.passages.remove(&index).unwrap_or_default();
        let finding = comparison.findings.get_mut(index);
        if finding.level != Level::Breaking {
            continue;
        }
        let why = match passage.outcome {
            Some(Outcome::Shown(_)) if is_at_open_bound(finding, &open_bounds) => OPEN_BOUND.to_owned(),
            Some(Outcome::Shown(message)) => {
                if let Some(witness) = &mut finding.witness {
                    witness.message = Some(message);
                }
                continue;
            }
            Some(Outcome::Untagged) => {
                untagged.push(index);
                // The witness lacks a tag. Under a strict reading of the alternatives, it may be a value that no sender
                // can produce.
                finding.witness = None;
                UNTAGGED.to_owned()
            }
            Some(Outcome::Open(why)) => format!("whether its message is refused cannot be told: {why}"),
            Some(Outcome::Contradicted(_)) | None
                if finding.operations.iter().any(|it| unread.contains(&address(it))) =>
            {
                UNREAD.to_owned()
            }
            Some(Outcome::Contradicted(why)) => {
                faults += 1;
                format!("the independent check did not confirm its message: {why}")
            }
            None => {
                faults += 1;
                "no message that shows it was found".to_owned()
            }
        };
        finding.level = Level::Risky;
        finding.undecided = Some(why);
    }
    comparison.findings.fold(&untagged, discriminators::OPTIONAL.id);
    comparison.findings.rename(discriminators::OPTIONAL.id, |it| {
        it.undecided.as_deref() == Some(UNTAGGED) && object::ABSENT.contains(&&*it.rule)
    });
    faults
}

/// Whether a finding rests on nothing but whether a bound is excluded, where that is open.
fn is_at_open_bound(finding: &Finding, open_bounds: &HashSet<String>) -> bool {
    let mut places = [&finding.base_at, &finding.revision_at].into_iter().flatten();
    by_witness::OF_VALUES.contains(&&*finding.rule) && places.any(|at| open_bounds.contains(at))
}

/// The method and the path of an operation.
fn address(touched: &Touched) -> (Arc<str>, Arc<str>) {
    let endpoint = &touched.endpoint;
    (Arc::clone(&endpoint.method), Arc::clone(&endpoint.path))
}

/// One message, to be judged by both documents.
struct Gate<'c, 'd> {
    schemas: &'c Schemas<'d>,
    claim: &'c Claim<'c, 'd>,
    /// Headers that the response must have.
    headers: Vec<(String, Value)>,
}

impl<'d> Gate<'_, 'd> {
    pub(super) fn contract(&self, side: Side) -> &Contract<'d> {
        &self.schemas.contracts()[side.index()]
    }

    pub(super) fn writer(&self) -> (&'d Document, &Operation<'d>) {
        let side = self.claim.accepted_by;
        (self.contract(side).document(), self.claim.pair.side(side))
    }

    pub(super) fn reader(&self) -> (&'d Document, &Operation<'d>) {
        let side = self.claim.accepted_by.other();
        (self.contract(side).document(), self.claim.pair.side(side))
    }
}
