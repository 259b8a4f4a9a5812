//! The drift of one name: where it is, and the value that shows it.

use std::sync::Arc;

use openapi_document::pointer;
use serde_json::Value;

use crate::containment::{SchemaId, Schemas};
use crate::diff::face::Face;
use crate::diff::label::{is_part, label};
use crate::diff::node::{Claim, Local};
use crate::diff::pair::Both;
use crate::report::Witness;
use crate::rule::Rule;
use crate::rules::by_witness::UNDECIDED;

/// Creates a drift about one property.
pub(super) fn about<'d>(both: &Both<'_, 'd>, rule: &'static Rule, name: &str, what: &str) -> Local {
    let at = |face: &Face<'d>| Arc::clone(face.place_of(name).map_or(&face.home, |it| &it.at));
    let (base_at, revision_at) = (at(both.base), at(both.revision));
    let (base, revision) = both.documents;
    let home = if both.base.says(name) {
        label(base, &base_at)
    } else if both.revision.says(name) {
        label(revision, &revision_at)
    } else if is_part(revision, &both.revision.home) {
        format!("`{name}`")
    } else {
        format!("`{name}` of {}", label(revision, &both.revision.home))
    };
    let title = format!("{home} {what}");
    both.local_at(rule, title, &base_at, &revision_at, &pointer::join("", name))
}

/// Sets the witness of a refuting drift. Without a witness, the drift is undecided.
pub(super) fn settle(both: &Both<'_, '_>, local: &mut Local, witness: Option<Witness>, name: &str) {
    local.claim = Claim::Refusal;
    if witness.is_none() {
        local.drift.rule = &UNDECIDED;
        local.drift.undecided = Some(if both.node.carrier.writes_objects() {
            format!("no value could be built that shows it about `{name}`")
        } else {
            both.node.carrier.unproven().to_owned()
        });
        local.drift.title = format!("whether {} is not decided", local.drift.title);
    }
    // The witness is a value of the whole object, so it is shown at the object's place.
    local.drift.witness = witness;
    local.whole = true;
}

/// Whether the reader accepts an object without some of its names.
pub(super) fn takes_without(
    schemas: &mut Schemas<'_>,
    target: SchemaId,
    value: &Value,
    is_left_out: impl Fn(&str) -> bool,
) -> bool {
    let members = value.as_object().into_iter().flatten();
    let others = members.filter(|(name, _)| !is_left_out(name));
    let others = others
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    schemas.accepts(target, &Value::Object(others)) == Ok(true)
}
