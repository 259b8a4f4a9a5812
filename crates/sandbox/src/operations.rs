//! The behaviour of the operations that the sandbox implements.

use crate::world::{Call, Outcome, World};

/// The implementation of an operation.
pub(crate) type Behaviour = fn(&mut World, &Call) -> Outcome;

/// Operations by method and path, without the names of path parameters.
const BEHAVIOURS: [(&str, Behaviour); 14] = [
    ("GET /v1/users/{}", World::get_user),
    ("DELETE /v1/users/{}/banks/{}", World::delete_bank),
    ("POST /v1/users/{}/banks/{}/ach", World::initiate_ach),
    ("GET /v1/users/{}/activity", World::list_activity),
    ("POST /v1/users/{}/banks:requestLink", World::request_bank_link),
    ("POST /v1/users/{}/banks:activateLink", World::activate_bank_link),
    (
        "POST /v1/users/{}/banks/{}:requestLink",
        World::request_bank_relink,
    ),
    // Since 2023-06-23, a bank can be read on its own.
    ("GET /v1/users/{}/banks/{}", World::get_bank),
    ("GET /v1/webhooks/events", World::webhook_events),
    ("GET /v1/webhooks/{}", World::get_webhook),
    ("PATCH /v1/webhooks/{}", World::update_webhook),
    ("DELETE /v1/webhooks/{}", World::delete_webhook),
    ("GET /v1/webhooks", World::list_webhooks),
    ("POST /v1/webhooks", World::create_webhook),
];

/// The behaviour of an operation; `None` if only the document defines it.
pub(crate) fn behaviour(shape: &str) -> Option<Behaviour> {
    BEHAVIOURS
        .iter()
        .find(|(known, _)| *known == shape)
        .map(|(_, behaviour)| *behaviour)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Document;
    use crate::contract::{Contract, Operation};

    #[test]
    fn every_behaviour_stands_behind_an_operation_of_one_of_the_documents() {
        let documents = [Document::earlier(), Document::later()];
        let shapes = documents.iter().flat_map(|document| {
            let contract = Contract::of(document);
            let shapes: Vec<_> = contract.operations().map(Operation::shape).collect();
            shapes
        });
        let shapes: HashSet<_> = shapes.collect();
        for (shape, _) in BEHAVIOURS {
            assert!(shapes.contains(shape), "{shape}");
        }
    }
}
