//! Partner sessions: a partner's page signs a wallet in and sends the person on.

use serde_json::json;

use super::{Answer, Call, Outcome, World};
use crate::clock::told;
use crate::problem::Problem;

impl World {
    pub(crate) fn partner_login(&mut self, call: &Call) -> Outcome {
        let address = call.needed("walletAddress")?;
        call.needed("signature")?;
        let id = self.random.uuid();
        let session = json!({
            "id": id,
            "createTime": told(call.now),
            "updateTime": told(call.now),
            "depositAddress": call.text("depositAddress").unwrap_or(address),
            "depositNetwork": call.text("walletNetwork"),
        });
        self.partner_sessions.insert(id.clone(), session);
        Answer::ok(json!({"sessionId": id, "partnerUrl": format!("{}/partner/{id}", call.base)}))
    }

    pub(crate) fn partner_session(&mut self, call: &Call) -> Outcome {
        let found = self.partner_sessions.get(call.param(0));
        let found =
            found.ok_or_else(|| Problem::new(404, "NOT_FOUND_SESSION", "there is no such session"))?;
        Answer::ok(found.clone())
    }
}
