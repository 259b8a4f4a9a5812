//! Signing in: a first factor (wallet or e-mail), then a code by SMS. Every code is 123456 and every signature is good.

use serde_json::json;

use super::users::phone_mask;
use super::{Answer, Call, Outcome, World};
use crate::bounded_map::BoundedMap;
use crate::problem::Problem;

/// The code that every one-time password here is.
pub(crate) const OTP: &str = "123456";

/// One-time passwords that were sent, and who is behind an address that signed in before.
#[derive(Default)]
pub(crate) struct Logins {
    /// By e-mail or phone id: the address it was sent to.
    sent: BoundedMap<String>,
    /// By e-mail address or wallet address: the user, or a name kept for one who does not exist yet.
    known: BoundedMap<String>,
}

impl Logins {
    /// Gives what was kept for someone without a user to the user they became.
    pub(crate) fn hand_over(&mut self, from: &str, to: &str) {
        for (_, user) in self.known.iter_mut().filter(|(_, user)| *user == from) {
            to.clone_into(user);
        }
    }
}

impl World {
    pub(crate) fn start_wallet_login(&mut self, call: &Call) -> Outcome {
        let address = call.needed("walletAddress")?;
        Answer::ok(
            json!({"challenge": format!("sign in to the stand-in with {address}: {}", self.random.hex(8))}),
        )
    }

    pub(crate) fn wallet_login(&mut self, call: &Call) -> Outcome {
        let address = call.needed("walletAddress")?;
        call.needed("signature")?;
        self.first_factor(&address, call)
    }

    pub(crate) fn send_email_otp(&mut self, call: &Call) -> Outcome {
        let address = call.needed("emailAddress")?;
        let id = self.random.uuid();
        self.logins.sent.insert(id.clone(), address);
        Answer::ok(json!({ "emailId": id }))
    }

    pub(crate) fn email_login(&mut self, call: &Call) -> Outcome {
        let address = self.spend_otp(call, "emailId")?;
        self.first_factor(&address, call)
    }

    pub(crate) fn send_sms_otp(&mut self, call: &Call) -> Outcome {
        let number = call.needed("phoneNumber")?;
        let id = self.random.uuid();
        let mask = phone_mask(&number);
        self.logins.sent.insert(id.clone(), number);
        Answer::ok(json!({"phoneId": id, "phoneMask": mask}))
    }

    /// The second factor. It answers with the user, if this person has one by now.
    pub(crate) fn sms_login(&mut self, call: &Call) -> Outcome {
        let phone = self.spend_otp(call, "phoneId")?;
        let by_phone = || {
            self.users
                .values()
                .find(|user| user.profile.phone == phone)
                .map(|user| user.id.clone())
        };
        let user = call
            .signed_in
            .clone()
            .or_else(by_phone)
            .unwrap_or_else(|| phone.clone());
        let token = self.sessions.open(&user, call.now, &mut self.random);
        let mut told = json!({ "sessionJwt": token });
        if let Some(user) = self.users.get(&user) {
            told["user"] = user.json();
        }
        Answer::ok(told)
    }

    fn first_factor(&mut self, address: &str, call: &Call) -> Outcome {
        let fresh = format!("pending-{}", self.random.uuid());
        let known = self.logins.known.get(address).cloned();
        let user = known.unwrap_or_else(|| {
            self.logins.known.insert(address.to_owned(), fresh.clone());
            fresh
        });
        let token = self.sessions.open(&user, call.now, &mut self.random);
        let mut told = json!({ "sessionJwt": token });
        if let Some(user) = self.users.get(&user) {
            told["userMask"] = user.mask();
        }
        Answer::ok(told)
    }

    /// The address a one-time password was sent to, if it is the right one. It works once.
    fn spend_otp(&mut self, call: &Call, id: &str) -> Result<String, Problem> {
        let right = call.needed("otp")? == OTP;
        let id = call.needed(id)?;
        let address = if right { self.logins.sent.remove(&id) } else { None };
        address.ok_or_else(|| {
            Problem::new(
                401,
                "INVALID_OTP",
                format!("the code is wrong; here it is always {OTP}"),
            )
        })
    }
}
