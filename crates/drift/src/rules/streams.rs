//! Streams: compares a media type that describes each item (`itemSchema`, OpenAPI 3.2) with one that describes the list of
//! all items.

use std::rc::Rc;

use openapi_document::Located;

use crate::comparison::{Comparison, Pair, Slot};
use crate::findings::{Drift, Proof};
use crate::report::{Direction, Side};
use crate::rules::{by_witness, message};

/// The schemas of two media types that describe the same thing: the whole body, or each item of a stream. At least one
/// side describes items by `itemSchema`; the other has that too, or the `items` of a list. `None` where one side describes
/// items and the other the whole.
pub(crate) type Described<'d> = (Option<Located<'d>>, Option<Located<'d>>);

pub(crate) fn described<'d>(
    comparison: &Comparison<'d>,
    base: &Located<'d>,
    revision: &Located<'d>,
) -> Option<Described<'d>> {
    let whole = |media: &Located<'d>| media.get("schema");
    let item = |side: Side, media: &Located<'d>| {
        let listed = |whole: Located<'d>| {
            let whole = whole.follow(comparison.document(side)).ok()?;
            // With `prefixItems`, the first items have other schemas.
            whole.get("items").filter(|_| whole.says("prefixItems").is_none())
        };
        media.get("itemSchema").or_else(|| listed(whole(media)?))
    };
    if !is_stream(base) && !is_stream(revision) {
        return Some((whole(base), whole(revision)));
    }
    let items = (item(Side::Base, base), item(Side::Revision, revision));
    let is_lost = |item: &Option<Located<'d>>, media: &Located<'d>| item.is_none() && whole(media).is_some();
    (!is_lost(&items.0, base) && !is_lost(&items.1, revision)).then_some(items)
}

/// Whether a media type describes the items of a stream, and not the whole.
pub(crate) fn is_stream(media: &Located<'_>) -> bool {
    media.get("schema").is_none() && media.get("itemSchema").is_some()
}

/// Compares the conditions of one document on the list of all items, such as its length, with the other document, which
/// describes the items only and allows any number of them.
pub(crate) fn compare_wholes<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    (base, revision): (&Located<'d>, &Located<'d>),
    slot: &Slot,
    direction: Direction,
) {
    let flow = direction.flow(base, revision);
    // The media type with the schema of the list.
    let listing = if flow.sent.says("schema").is_some() {
        flow.sent
    } else {
        flow.read
    };
    let (is_read, list, stream) = match (flow.sent.says("schema"), flow.read.says("schema")) {
        (None, Some(list)) => (true, list, flow.sent),
        (Some(list), None) => (false, list, flow.read),
        _ => return,
    };
    let Some(item) = stream.says("itemSchema") else {
        return;
    };
    let (sender, reader) = (direction.sender(), direction.reader());
    let (of_list, of_stream) = if is_read {
        (reader, sender)
    } else {
        (sender, reader)
    };
    let listed = Located {
        node: list,
        at: "".into(),
    }
    .follow(comparison.document(of_list))
    .ok()
    .and_then(|it| it.says("items"));
    // A schema that is not a list was meant for each item.
    let Some(listed) = listed else {
        return;
    };
    let whole = comparison.schemas.lower(of_list, list, direction);
    let item = comparison.schemas.lower(of_stream, item, direction);
    let own = comparison.schemas.lower(of_list, listed, direction);
    let Some(value) = comparison.schemas.refused_list([item, own], whole) else {
        return;
    };
    let told = match value.as_array() {
        Some(items) if items.is_empty() => "no item at all".to_owned(),
        _ => format!("items such as {}", by_witness::brief(&value)),
    };
    let (rule, title) = match (direction, is_read) {
        (Direction::Request, true) => (&by_witness::REQUEST_VALUE, format!("no longer takes {told}")),
        (Direction::Request, false) => (&by_witness::REQUEST_WIDENED, format!("also takes {told}")),
        (Direction::Response, true) => (&by_witness::RESPONSE_VALUE, format!("may hold {told}")),
        (Direction::Response, false) => (
            &by_witness::RESPONSE_NARROWED,
            format!("never holds {told} any more"),
        ),
    };
    let drift = Drift::new(
        rule,
        format!("items of {} {}", base.at, revision.at),
        format!("{} {title}", slot.label()),
    )
    .base(&base.at)
    .revision(&revision.at)
    .flows(direction);
    let touched = pair.touched_in(slot, slot.at());
    if !is_read {
        return comparison.report(drift, touched);
    }
    if listing.says("itemSchema").is_some() {
        let why = "both a list and its items are described, and OpenAPI does not say which of them holds";
        return comparison.report(drift.undecided(why), touched);
    }
    let proof = Proof {
        is_list: true,
        ..direction.proof("the schema of the list of all items refuses it")
    };
    comparison.prove(drift, pair, touched, proof, |it| {
        message::carrying(it, sender, pair, slot, value)
    });
}
