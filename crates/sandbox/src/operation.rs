//! Names of operations, for faults and for counting requests: method and path, as Ratio's document writes them.
//!
//! Any operation of the served document has such a name. The names of its path parameters are ignored.

/// Every operation.
pub const ANY: &str = "*";
/// Asks for a link token for a new bank.
pub const REQUEST_BANK_LINK: &str = "POST /v1/users/{userId}/banks:requestLink";
/// Activates a new bank by its public token.
pub const ACTIVATE_BANK_LINK: &str = "POST /v1/users/{userId}/banks:activateLink";
/// Asks for a link token to repair a bank.
pub const REQUEST_BANK_RELINK: &str = "POST /v1/users/{userId}/banks/{bankId}:requestLink";
/// Reads one bank; not in the earlier document.
pub const GET_BANK: &str = "GET /v1/users/{userId}/banks/{bankId}";
/// Unlinks a bank.
pub const DELETE_BANK: &str = "DELETE /v1/users/{userId}/banks/{bankId}";
/// Buys crypto with money from a bank.
pub const INITIATE_ACH: &str = "POST /v1/users/{userId}/banks/{bankId}/ach";
/// Reads a user, their banks included.
pub const GET_USER: &str = "GET /v1/users/{userId}";
/// Lists a user's activity.
pub const LIST_ACTIVITY: &str = "GET /v1/users/{userId}/activity";
