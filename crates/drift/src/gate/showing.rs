//! Submits messages to the gate while operations are compared.

use serde_json::{Map, Value};

use super::{Claim, judge};
use crate::comparison::{Comparison, Pair};
use crate::findings::{Drift, Place, Proof};
use crate::report::{Touched, Witness};

impl<'d> Comparison<'d> {
    /// Reports a drift with a message that one document allows and the other refuses.
    pub(crate) fn prove(
        &mut self,
        drift: Drift,
        pair: &Pair<'d>,
        mut touched: Touched,
        proof: Proof,
        message: impl FnOnce(&mut Self) -> Map<String, Value>,
    ) {
        let place = self.findings.of_kind(drift, &touched);
        let Place { index, is_beside } = place;
        let is_first = self.findings.get_mut(index).operations.len() < self.options.messages.max(1);
        let is_wanted = !is_beside && (is_first || self.wants_message(index));
        if is_wanted && self.may_show(index, self.parts_of_requests(pair)) {
            let message = message(self);
            let claim = Claim {
                pair,
                accepted_by: proof.accepted_by,
                at: proof.at.unwrap_or(&touched.at),
                is_removal: false,
                is_list: proof.is_list,
                status: touched.status.as_deref(),
                message: &message,
            };
            let stands = self.show(index, &claim);
            let finding = self.findings.get_mut(index);
            if stands && finding.witness.is_none() {
                let operation = pair.side(proof.accepted_by);
                let mut value = Map::new();
                value.insert("method".to_owned(), (*operation.method).into());
                value.insert("path".to_owned(), (*operation.path).into());
                value.extend(message.clone());
                finding.witness = Some(Witness {
                    value: Value::Object(value),
                    accepted_by: proof.accepted_by,
                    rejected_by: proof.rejected_by,
                    because: proof.because,
                    message: None,
                });
            }
            if stands && is_first && self.options.messages > 0 {
                touched.message = Some(Box::new(Value::Object(message)));
            }
        }
        self.findings.touch_at(place, touched);
    }

    /// Submits a message to the gate if the finding still needs one. Returns false if the judge contradicts the
    /// finding.
    pub(crate) fn show(&mut self, index: usize, claim: &Claim<'_, 'd>) -> bool {
        self.charge(claim.message);
        !self.wants_message(index) || judge(self, index, claim)
    }
}
