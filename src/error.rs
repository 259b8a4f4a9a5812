//! The error of a call, and what is known about its effects.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::ach_order::InvalidAmount;
use crate::generated::enums::LinkStatus;
use crate::generated::types::BankAccount;
use crate::id::{ActivityId, BankId, InvalidId};
use crate::open_enum::shown;
use crate::plaid::{InvalidRedirect, MissingPublicToken};
use crate::receipt::Receipt;

/// The reason why a call failed.
///
/// It never prints a body, a secret or an id, so it can be logged as it is.
///
/// ```
/// # async fn buy(session: ratio_bank::Session, bank: ratio_bank::BankId, order: ratio_bank::AchOrder) {
/// match session.initiate_ach(&bank, &order).await {
///     Ok(item) => println!("bought, {:?}", item.fiat.and_then(|fiat| fiat.status)),
///     Err(error) if error.is_login_required() => println!("the bank has to be linked again"),
///     Err(error) if error.may_have_executed() => println!("look for the order before trying again: {error}"),
///     Err(error) => println!("nothing was bought: {error}"),
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    /// This crate's own description of the failure and its remedy.
    reason: String,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    retry_after: Option<Duration>,
    may_have_executed: bool,
    receipt: Option<Receipt>,
    raw_body: Option<Vec<u8>>,
    last_read: Option<LastRead>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The state of the bank at the last read.
pub(crate) enum LastRead {
    /// The bank with its state.
    Account(BankAccount),
    /// The user did not have the bank.
    Missing,
}

/// The kind of failure that an [`Error`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting is wrong; nothing was sent.
    InvalidInput,
    /// No connection could be made; nothing was sent.
    Connect,
    /// No response came in time.
    Timeout,
    /// The connection was lost before the whole response came.
    ConnectionLost,
    /// The response was an error.
    Status,
    /// The response cannot be read.
    Unreadable,
    /// There are more pages than the limit, so not everything was searched.
    PageLimit,
    /// The bank was not ready in time, or does not exist yet. It may be ready later.
    NotReady,
    /// The bank was declined because the account holder is not the user. Waiting does not change this.
    Declined,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            reason: reason.into(),
            status: None,
            code: None,
            message: None,
            retry_after: None,
            may_have_executed: false,
            receipt: None,
            raw_body: None,
            last_read: None,
            source: None,
        }))
    }

    pub(crate) fn invalid(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::InvalidInput, source.to_string()).because(source)
    }

    pub(crate) fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    pub(crate) fn of(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn answered(mut self, status: u16, code: Option<String>, message: Option<String>) -> Self {
        self.0.status = Some(status);
        self.0.code = code;
        self.0.message = message;
        self
    }

    pub(crate) fn retry_after_of(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn executed_maybe(mut self, may_have_executed: bool) -> Self {
        self.0.may_have_executed |= may_have_executed;
        self
    }

    pub(crate) fn receipt(mut self, receipt: Option<Receipt>) -> Self {
        self.0.receipt = receipt;
        self
    }

    pub(crate) fn raw(mut self, body: Vec<u8>) -> Self {
        self.0.raw_body = Some(body);
        self
    }

    pub(crate) fn last_read(mut self, last_read: Option<LastRead>) -> Self {
        self.0.last_read = last_read;
        self
    }

    /// Whether the failure is transient: Ratio or the network had a problem, or there were too many calls.
    pub(crate) fn is_passing(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::ConnectionLost => true,
            ErrorKind::Status => matches!(self.0.status, Some(408 | 429 | 499 | 500..)),
            _ => false,
        }
    }

    /// The value of the span field `error.type`: the status of a refusal, else the kind. OpenTelemetry requires that it
    /// has few values.
    pub(crate) fn error_type(&self) -> Cow<'static, str> {
        let kind = match (self.0.kind, self.0.status) {
            (ErrorKind::Status, Some(status)) => return Cow::Owned(status.to_string()),
            (ErrorKind::Status, None) => "status",
            (ErrorKind::InvalidInput, _) => "invalid_input",
            (ErrorKind::Connect, _) => "connect",
            (ErrorKind::Timeout, _) => "timeout",
            (ErrorKind::ConnectionLost, _) => "connection_lost",
            (ErrorKind::Unreadable, _) => "unreadable",
            (ErrorKind::PageLimit, _) => "page_limit",
            (ErrorKind::NotReady, _) => "not_ready",
            (ErrorKind::Declined, _) => "declined",
        };
        Cow::Borrowed(kind)
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, such as `initiate_ach`, or a method that uses several operations, such as
    /// `wait_for_bank`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the response.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Ratio's error code, such as `PLAID_LOGIN_ERROR`. New codes may be added.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Ratio's own message. It may hold personal data, so it is not printed with the error.
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The time that Ratio asks the client to wait. A date in the past gives zero. It can be up to [`u64::MAX`]
    /// seconds, so use a checked addition.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the request may have been executed although the call failed. This holds if the request, or an earlier
    /// attempt, may have reached Ratio, and no response rules out that it was executed.
    ///
    /// It is false if nothing was sent, and after a refusal: a 4xx or a redirect that asks for the same request
    /// elsewhere (307 and 308). The statuses 408 and 499 are not refusals, because gateways send them when a service is
    /// late. It is true in all other cases: no response, a partial response, a 5xx, or a success that cannot be read.
    ///
    /// For [`initiate_ach`](crate::Session::initiate_ach) this means that money may be on its way. Do not order again;
    /// [`find_order`](crate::Session::find_order) finds out what happened.
    pub fn may_have_executed(&self) -> bool {
        self.0.may_have_executed
    }

    /// The activity item of an order that Ratio accepted, although the rest of its response could not be read or was
    /// lost.
    ///
    /// The order is being executed: store the id with the order, and do not order again.
    pub fn activity_id(&self) -> Option<&ActivityId> {
        match &self.0.receipt {
            Some(Receipt::Activity(id)) => Some(id),
            _ => None,
        }
    }

    /// The bank of a link that Ratio activated, although the rest of its response could not be read or was lost.
    pub fn bank_id(&self) -> Option<&BankId> {
        match &self.0.receipt {
            Some(Receipt::Bank(id)) => Some(id),
            _ => None,
        }
    }

    /// The bank as it was last read, if waiting ended before it was ready.
    ///
    /// When the last read failed, [`source`](StdError::source) is its error.
    pub fn last_account(&self) -> Option<&BankAccount> {
        match &self.0.last_read {
            Some(LastRead::Account(account)) => Some(account),
            _ => None,
        }
    }

    /// The body of the response, as far as it was received, if
    /// [`ClientBuilder::keep_raw_bodies`](crate::ClientBuilder::keep_raw_bodies) is on.
    ///
    /// It may hold tokens and personal data, so it is not printed with the error. The caller is responsible for keeping
    /// it safe.
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.0.raw_body.as_deref()
    }

    /// Whether the bank requires the person to log in again. If so, request a relink. This is true if Ratio said so, or
    /// if the bank had this status when it was last read.
    pub fn is_login_required(&self) -> bool {
        let status = self
            .last_account()
            .and_then(|account| account.link_status.as_ref());
        self.code() == Some("PLAID_LOGIN_ERROR") || status == Some(&LinkStatus::LOGIN_REQUIRED)
    }

    /// Whether the person already has a linked bank. A person can have only one: to replace it, delete it first.
    pub fn is_already_linked(&self) -> bool {
        self.code() == Some("ALREADY_EXISTS_BANK")
            || (self.status() == Some(409) && self.operation() == Some("activate_bank_link"))
    }

    /// Whether the session is missing, invalid or expired. If so, sign in again.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Whether the bank was declined because the account holder is not the user. Another account has to be linked.
    pub fn is_declined(&self) -> bool {
        self.kind() == ErrorKind::Declined
    }

    /// Whether there were too many calls.
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    /// Whether no response came in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the requested object does not exist: Ratio said so, or the bank was not among the user's banks when they
    /// were last read.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404) || matches!(self.0.last_read, Some(LastRead::Missing))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&inner.reason)?;
        if let Some(status) = inner.status {
            write!(f, " (status {status}")?;
            if let Some(code) = &inner.code {
                write!(f, ", code {}", shown(code))?;
            }
            f.write_str(")")?;
        }
        if inner.may_have_executed {
            f.write_str("; it may have been carried out all the same")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("reason", &inner.reason)
            .field("status", &inner.status)
            .field("code", &inner.code.as_deref().map(shown))
            .field("retry_after", &inner.retry_after)
            .field("may_have_executed", &inner.may_have_executed)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<InvalidId> for Error {
    fn from(invalid: InvalidId) -> Self {
        Self::invalid(invalid)
    }
}

impl From<InvalidAmount> for Error {
    fn from(invalid: InvalidAmount) -> Self {
        Self::invalid(invalid)
    }
}

impl From<MissingPublicToken> for Error {
    fn from(missing: MissingPublicToken) -> Self {
        Self::invalid(missing)
    }
}

impl From<InvalidRedirect> for Error {
    fn from(invalid: InvalidRedirect) -> Self {
        Self::invalid(invalid)
    }
}

/// Passing a public token as it is cannot fail.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ratio_said_is_told_to_who_asks_and_does_not_print() {
        let said = |message: Option<&str>| {
            let error = Error::new(ErrorKind::Status, "Ratio refused the request");
            error.answered(409, Some("SOME_CODE".to_owned()), message.map(str::to_owned))
        };
        assert_eq!(said(None).vendor_message(), None);
        let error = said(Some("of Ada Lovelace"));
        assert_eq!((error.status(), error.code()), (Some(409), Some("SOME_CODE")));
        assert_eq!(error.vendor_message(), Some("of Ada Lovelace"));
        assert!(!format!("{error} {error:?}").contains("Ada"));
    }

    #[test]
    fn each_predicate_is_true_of_its_own_errors_alone() {
        let answered = |status| Error::new(ErrorKind::Status, "").answered(status, None, None);
        for (error, is) in [
            (Error::new(ErrorKind::Timeout, ""), "timeout"),
            (Error::new(ErrorKind::Declined, ""), "declined"),
            (Error::new(ErrorKind::Connect, ""), ""),
            (answered(401), "unauthorized"),
            (answered(404), "not found"),
            (answered(429), "rate limited"),
            (answered(409), ""),
            (answered(409).of("activate_bank_link"), "already linked"),
            (answered(500), ""),
        ] {
            let told = [
                ("timeout", error.is_timeout()),
                ("declined", error.is_declined()),
                ("unauthorized", error.is_unauthorized()),
                ("not found", error.is_not_found()),
                ("rate limited", error.is_rate_limited()),
                ("already linked", error.is_already_linked()),
                ("login required", error.is_login_required()),
            ];
            let told: Vec<&str> = told.iter().filter(|it| it.1).map(|it| it.0).collect();
            assert_eq!(told.concat(), is, "{error:?}");
        }
    }
}
