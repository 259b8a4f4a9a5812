//! Which behaviour stands behind which operation of the document.

use crate::world::{Call, Outcome, World};

/// What an operation does.
pub(crate) type Behaviour = fn(&mut World, &Call) -> Outcome;

/// An operation by method and path, with the names of its path's parameters left out.
const BEHAVIOURS: [(&str, Behaviour); 33] = [
    ("POST /v1/auth/cryptoWallet:start", World::start_wallet_login),
    ("POST /v1/auth/cryptoWallet:authenticate", World::wallet_login),
    ("POST /v1/auth/otp/sms:send", World::send_sms_otp),
    ("POST /v1/auth/otp/sms:authenticate", World::sms_login),
    ("POST /v1/auth/otp/email:send", World::send_email_otp),
    ("POST /v1/auth/otp/email:authenticate", World::email_login),
    ("GET /v1/crypto/prices", World::crypto_prices),
    ("GET /v1/partner/sessions/{}", World::partner_session),
    (
        "POST /v1/partner/auth/cryptoWallet:start",
        World::start_wallet_login,
    ),
    (
        "POST /v1/partner/auth/cryptoWallet:authenticate",
        World::partner_login,
    ),
    ("GET /v1/users/{}", World::get_user),
    ("POST /v1/users", World::create_user),
    ("POST /v1/users/{}/kyc", World::submit_kyc),
    ("POST /v1/users/{}/idv", World::request_idv),
    ("GET /v1/users/{}/wallets", World::list_wallets),
    ("POST /v1/users/{}/wallets", World::connect_wallet),
    ("GET /v1/users/{}/wallets/{}", World::get_wallet),
    ("POST /v1/users/{}/wallets/{}", World::update_wallet),
    // By 2023-06-23 a wallet is changed by PATCH, and a bank and an activity item are read on their own.
    ("PATCH /v1/users/{}/wallets/{}", World::update_wallet),
    ("GET /v1/users/{}/banks/{}", World::get_bank),
    ("GET /v1/users/{}/activity/{}", World::get_activity),
    ("DELETE /v1/users/{}/banks/{}", World::delete_bank),
    ("POST /v1/users/{}/banks/{}/ach", World::initiate_ach),
    ("GET /v1/users/{}/activity", World::list_activity),
    ("POST /v1/users/{}/banks:requestLink", World::request_bank_link),
    ("POST /v1/users/{}/banks:activateLink", World::activate_bank_link),
    (
        "POST /v1/users/{}/banks/{}:requestLink",
        World::request_bank_relink,
    ),
    ("GET /v1/webhooks/events", World::webhook_events),
    ("GET /v1/webhooks/{}", World::get_webhook),
    ("PATCH /v1/webhooks/{}", World::update_webhook),
    ("DELETE /v1/webhooks/{}", World::delete_webhook),
    ("GET /v1/webhooks", World::list_webhooks),
    ("POST /v1/webhooks", World::create_webhook),
];

/// The behaviour of an operation; `None` for one that only the document knows.
pub(crate) fn behaviour(shape: &str) -> Option<Behaviour> {
    BEHAVIOURS
        .iter()
        .find(|(known, _)| *known == shape)
        .map(|(_, behaviour)| *behaviour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::contract::Contract;

    #[test]
    fn every_operation_of_both_documents_has_a_behaviour() {
        for document in [Document::earlier(), Document::later()] {
            for operation in Contract::of(&document).operations() {
                assert!(behaviour(&operation.shape()).is_some(), "{}", operation.shape());
            }
        }
    }
}
