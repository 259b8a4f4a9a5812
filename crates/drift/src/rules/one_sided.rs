//! Values that only one document describes. In the other one they may be anything.

use openapi_document::Located;

use crate::comparison::{Comparison, Pair, Slot};
use crate::containment::Carrier;
use crate::findings::Drift;
use crate::report::{Direction, Side, Touched, Witness};
use crate::rules::message;

/// Compares a schema that one side has with the other side, which allows anything. `about` names the drift, by whether
/// the reader has the schema, and so may refuse what the sender sends.
pub(crate) fn compare<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    (slot, direction): (&Slot, Direction),
    (side, schema, carrier): (Side, &Located<'d>, Carrier),
    about: impl FnOnce(bool) -> Drift,
) {
    let (schemas, is_restricted) = (&mut comparison.schemas, side == direction.reader());
    let id = schemas.lower_carried(side, schema.node, direction, carrier);
    let outside = schemas.outside(id);
    let touched: Touched = pair.touched_in(slot, slot.at());
    match outside {
        // A schema that allows everything is equivalent to no schema.
        Ok(None) => {}
        Ok(Some(value)) if is_restricted => {
            let proof = direction.proof("this value is not among those that are described");
            let witness = Witness {
                value: value.clone(),
                accepted_by: side.other(),
                rejected_by: side,
                because: proof.because.clone(),
                message: None,
            };
            let drift = about(true).witness(Some(witness));
            comparison.prove(drift, pair, touched, proof, |it| {
                message::carrying(it, side.other(), pair, slot, value)
            });
        }
        Err(why) if is_restricted => comparison.report(about(true).undecided(why), touched),
        _ => comparison.report(about(false), touched),
    }
}
