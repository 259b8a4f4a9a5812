//! The payloads of Link on success, on exit and for events, from any SDK or a webview.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::fields::{self, Fields};
use super::values::{
    AccountType, ErrorCode, ErrorType, EventName, ExitStatus, TransferStatus, VerificationStatus, ViewName,
};
use crate::token::PublicToken;

/// The person linked a bank, or repaired a link.
///
/// Pass it to [`activate_bank_link`](crate::Session::activate_bank_link) after a *new* link. After a relink, no
/// activation is needed: read the bank again.
#[non_exhaustive]
pub struct LinkSuccess {
    /// The one-time token; absent in flows that do not link a bank.
    pub public_token: Option<PublicToken>,
    /// The bank.
    pub institution: Option<Institution>,
    /// The accounts that the person shared.
    pub accounts: Vec<Account>,
    /// The id of this run of Link. Handle each session once, since events may arrive late or twice.
    pub link_session_id: Option<String>,
    /// The state of a transfer, if Link itself moved money.
    pub transfer_status: Option<TransferStatus>,
}

/// The person left Link without linking.
#[non_exhaustive]
pub struct LinkExit {
    /// The last error; absent if the person just left.
    pub error: Option<LinkError>,
    /// The step at which the person left.
    pub status: Option<ExitStatus>,
    /// The bank, if one was chosen.
    pub institution: Option<Institution>,
    /// The id of this run of Link.
    pub link_session_id: Option<String>,
    /// The id of the last request, for a support case with Plaid.
    pub request_id: Option<String>,
}

/// An event while the person is in Link.
#[non_exhaustive]
pub struct LinkEvent {
    /// The kind of event.
    pub name: EventName,
    /// The current screen.
    pub view_name: Option<ViewName>,
    /// The error.
    pub error: Option<LinkError>,
    /// The step at which the person left.
    pub exit_status: Option<ExitStatus>,
    /// The bank.
    pub institution: Option<Institution>,
    /// The text that the person typed to find the bank.
    pub institution_search_query: Option<String>,
    /// Whether Link repairs an existing link.
    pub is_update_mode: Option<bool>,
    /// The kind of second factor.
    pub mfa_type: Option<String>,
    /// The reason why a bank was suggested.
    pub match_reason: Option<String>,
    /// The path through Link that was chosen.
    pub selection: Option<String>,
    /// The id of this run of Link.
    pub link_session_id: Option<String>,
    /// The id of the last request, for a support case with Plaid.
    pub request_id: Option<String>,
    /// The time of the event, in the SDK's format.
    pub timestamp: Option<String>,
}

/// An error in Link.
///
/// All fields are absent if the payload suggests an error that cannot be read, or if a success was passed as an exit.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct LinkError {
    /// The category of the error.
    pub error_type: Option<ErrorType>,
    /// The reason.
    pub error_code: Option<ErrorCode>,
    /// The message for developers.
    pub error_message: Option<String>,
    /// The message for the person, if there is one.
    pub display_message: Option<String>,
}

/// A bank, as Plaid describes it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Institution {
    /// Plaid's identifier, such as `ins_127287`.
    pub id: Option<String>,
    /// The name of the bank.
    pub name: Option<String>,
}

/// An account that the person shared.
#[derive(Clone)]
#[non_exhaustive]
pub struct Account {
    /// Plaid's identifier.
    pub id: Option<String>,
    /// The name that the bank shows.
    pub name: Option<String>,
    /// The last digits of its number.
    pub mask: Option<String>,
    /// The category of the account.
    pub account_type: Option<AccountType>,
    /// The kind within the category, such as `checking`.
    pub subtype: Option<String>,
    /// The progress of the proof of ownership.
    pub verification_status: Option<VerificationStatus>,
}

/// Link succeeded, but without a public token: there is nothing to activate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingPublicToken;

impl fmt::Display for MissingPublicToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "what Plaid Link handed over carries no public token, so there is no bank link to activate",
        )
    }
}

impl std::error::Error for MissingPublicToken {}

impl TryFrom<LinkSuccess> for PublicToken {
    type Error = MissingPublicToken;

    fn try_from(success: LinkSuccess) -> Result<Self, Self::Error> {
        success.public_token.ok_or(MissingPublicToken)
    }
}

impl LinkSuccess {
    pub(super) fn read(fields: &Fields) -> Self {
        let mut accounts: Vec<_> = accounts(fields).into_iter().map(Account::read).collect();
        if accounts.is_empty() && fields.has(&["account_id", "account_name"]) {
            accounts.push(Account::of_single(fields));
        }
        Self {
            public_token: fields.text(PUBLIC_TOKEN).map(PublicToken::new),
            institution: Institution::read(fields),
            accounts,
            link_session_id: link_session_id(fields),
            transfer_status: fields.open(&["transfer_status", "transferStatus"]),
        }
    }
}

impl LinkExit {
    /// Whether the person simply left without an error. A payload that cannot be understood does not count as this.
    pub fn is_cancelled(&self) -> bool {
        self.error.is_none()
    }

    /// Whether the link token was expired or used, so that a new one is needed.
    pub fn needs_new_link_token(&self) -> bool {
        self.error
            .as_ref()
            .is_some_and(|error| error.error_code == Some(ErrorCode::INVALID_LINK_TOKEN))
    }

    pub(super) fn read(fields: &Fields) -> Self {
        // An app that confuses its callbacks may pass a success here. The person then linked a bank and did not just
        // leave.
        let is_success = fields.has(PUBLIC_TOKEN) || !accounts(fields).is_empty();
        let is_something_else = is_success || fields.has_unread_metadata();
        let error = LinkError::read(fields).or_else(|| is_something_else.then(LinkError::default));
        Self {
            error,
            status: fields.open(&["status", "exit_status", "exitStatus"]),
            institution: Institution::read(fields),
            link_session_id: link_session_id(fields),
            request_id: request_id(fields),
        }
    }
}

impl LinkEvent {
    pub(super) fn read(fields: &Fields) -> Self {
        Self {
            name: fields
                .open(&["event_name", "eventName", "name"])
                .unwrap_or_else(|| EventName::from("")),
            view_name: fields.open(&["view_name", "viewName"]),
            error: LinkError::read(fields),
            exit_status: fields.open(&["exit_status", "exitStatus"]),
            institution: Institution::read(fields),
            institution_search_query: fields.text(&["institution_search_query", "institutionSearchQuery"]),
            is_update_mode: fields
                .text(&["is_update_mode", "isUpdateMode"])
                .and_then(|truth| truth.to_ascii_lowercase().parse().ok()),
            mfa_type: fields.text(&["mfa_type", "mfaType"]),
            match_reason: fields.text(&["match_reason", "matchReason"]),
            selection: fields.text(&["selection"]),
            link_session_id: link_session_id(fields),
            request_id: request_id(fields),
            timestamp: fields.text(&["timestamp"]),
        }
    }
}

impl LinkError {
    /// Reads an error object under any name, else the error fields of the payload itself. Otherwise, if a field
    /// suggests an error, returns an error without details.
    fn read(fields: &Fields) -> Option<Self> {
        let object = fields.error_likes().find_map(|error| {
            let error = Fields::of_error(fields::object(error)?);
            let read = Self::of_fields(&error);
            let error_type = read.error_type.clone().or_else(|| error.open(&["type"]));
            Self { error_type, ..read }.if_told()
        });
        let unread = || {
            let first = fields.error_likes().next()?;
            let text = first
                .as_str()
                .filter(|text| !text.trim_start().starts_with(['{', '[']));
            Some(Self {
                error_message: text.map(str::to_owned),
                ..Self::default()
            })
        };
        object
            .or_else(|| Self::of_fields(fields).if_told())
            .or_else(unread)
    }

    fn of_fields(fields: &Fields) -> Self {
        Self {
            error_type: fields.open(&["error_type", "errorType"]),
            error_code: fields.open(&["error_code", "errorCode", "code"]),
            error_message: fields.text(&["error_message", "errorMessage", "message"]),
            display_message: fields.text(&[
                "display_message",
                "error_display_message",
                "displayMessage",
                "errorDisplayMessage",
            ]),
        }
    }

    fn if_told(self) -> Option<Self> {
        let told = self.error_type.is_some()
            || self.error_code.is_some()
            || self.error_message.is_some()
            || self.display_message.is_some();
        told.then_some(self)
    }
}

impl Institution {
    fn read(fields: &Fields) -> Option<Self> {
        let nested = fields.object(&["institution"]).map(Fields::of_payload);
        let nested = |names: &[&str]| nested.as_ref()?.text(names);
        let institution = Self {
            id: nested(&["institution_id", "institutionId", "id"])
                .or_else(|| fields.text(&["institution_id", "institutionId"])),
            name: nested(&["name", "institution_name", "institutionName"])
                .or_else(|| fields.text(&["institution_name", "institutionName"])),
        };
        (institution.id.is_some() || institution.name.is_some()).then_some(institution)
    }
}

impl Account {
    /// Reads an account in either form: `{id, name, mask}` from the SDKs, or `{_id, meta: {name, number}}` from the
    /// webview.
    fn read(account: Map<String, Value>) -> Self {
        let fields = Fields::of_payload(account);
        let meta = Fields::of_payload(fields.object(&["meta"]).unwrap_or_default());
        Self {
            id: fields.text(&["id", "_id"]),
            name: fields.text(&["name"]).or_else(|| meta.text(&["name"])),
            mask: fields.text(&["mask"]).or_else(|| meta.text(&["number", "mask"])),
            account_type: fields.open(&["type"]),
            subtype: fields.text(&["subtype"]),
            verification_status: fields.open(&["verification_status", "verificationStatus"]),
        }
    }

    /// Reads the parameters that carried a single account before `accounts` was introduced.
    fn of_single(fields: &Fields) -> Self {
        Self {
            id: fields.text(&["account_id"]),
            name: fields.text(&["account_name"]),
            mask: None,
            account_type: None,
            subtype: None,
            verification_status: None,
        }
    }
}

const PUBLIC_TOKEN: &[&str] = &["public_token", "publicToken"];

/// The accounts, under their current name or the name for a single account.
fn accounts(fields: &Fields) -> Vec<Map<String, Value>> {
    fields.objects(&["accounts", "account"])
}

fn link_session_id(fields: &Fields) -> Option<String> {
    fields.text(&["link_session_id", "linkSessionId", "linkSessionID"])
}

fn request_id(fields: &Fields) -> Option<String> {
    fields.text(&[
        "request_id",
        "requestId",
        "requestID",
        "link_request_id",
        "plaid_api_request_id",
    ])
}

/// Reads an SDK's payload, or a string with its JSON: many apps encode it twice.
///
/// The error does not name the unexpected value, as a derived one would, because it may be a public token.
fn payload<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
    let payload = Value::deserialize(deserializer)?;
    match fields::object(&payload) {
        Some(payload) => Ok(Fields::of_payload(payload)),
        None => Err(D::Error::custom(
            "what Plaid Link hands over is a JSON object; pass it on as the SDK gave it",
        )),
    }
}

impl<'de> Deserialize<'de> for LinkSuccess {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        payload(deserializer).map(|payload| Self::read(&payload))
    }
}

impl<'de> Deserialize<'de> for LinkExit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        payload(deserializer).map(|payload| Self::read(&payload))
    }
}

impl<'de> Deserialize<'de> for LinkEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        payload(deserializer).map(|payload| Self::read(&payload))
    }
}

// No `Debug` output contains values that identify a person, an account or a session.

impl fmt::Debug for LinkSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSuccess")
            .field("public_token", &self.public_token)
            .field("accounts", &self.accounts.len())
            .field("transfer_status", &self.transfer_status)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LinkExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkExit")
            .field("error", &self.error)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LinkEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkEvent")
            .field("name", &self.name)
            .field("view_name", &self.view_name)
            .field("error", &self.error)
            .field("exit_status", &self.exit_status)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkError")
            .field("error_type", &self.error_type)
            .field("error_code", &self.error_code)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Institution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Institution").finish_non_exhaustive()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("account_type", &self.account_type)
            .finish_non_exhaustive()
    }
}
