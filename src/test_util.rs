//! Tools for a service's unit tests: a [`Fake`] that replaces Ratio, and values that are otherwise made only from
//! Ratio's responses.
//!
//! The fake replaces only the HTTP exchange. The code above it is the same as in production: the retry table, the
//! reading of responses, and the knowledge after a failure. For end-to-end tests over real sockets, see the crate
//! `ratio-sandbox`.
//!
//! ```
//! use ratio_bank::{BankId, types::{BankAccount, User}};
//! use ratio_bank::test_util::{Fake, Reply};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ratio_bank::Error> {
//! let mut account = BankAccount::default();
//! account.id = Some(BankId::new("b-1")?);
//! let mut user = User::default();
//! user.connected_bank_accounts = vec![account];
//!
//! let fake = Fake::new();
//! fake.reply("get_user", Reply::connection_lost());
//! fake.reply("get_user", Reply::ok(&user));
//! assert!(!fake.session().get_bank(&BankId::new("b-1")?).await?.is_ready());
//! assert_eq!(fake.calls(), ["get_user", "get_user"], "a read is tried again");
//! # Ok(()) }
//! ```

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::Response;
use serde::Serialize;

use crate::ach_order::{AchKind, AchOrder};
use crate::activity::rfc3339;
use crate::client::{Client, ClientBuilder};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, LastRead};
use crate::find_order::FoundOrders;
use crate::generated::enums::FundingMethod;
use crate::generated::{operations, types};
use crate::id::{ActivityId, BankId, UserId};
use crate::link::{LinkKind, LinkRecord};
use crate::receipt::Receipt;
use crate::retry::Outcome;
use crate::session::Session;
use crate::token::SessionToken;

/// A fake of Ratio within the process, without a server or socket. Clones share replies and calls.
#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    replies: HashMap<&'static str, VecDeque<Reply>>,
    calls: Vec<&'static str>,
}

impl Fake {
    /// Makes a fake without replies.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reply to the next request of an operation. Replies to the same operation are used in the order in which
    /// they were added. An operation has the name of its method; `activity` is named `list_activity`, as in the pin.
    ///
    /// # Panics
    /// When there is no operation of this name.
    pub fn reply(&self, operation: &str, reply: Reply) {
        let known = operations::ALL.iter().find(|known| known.name == operation);
        let known = known.unwrap_or_else(|| {
            let names: Vec<_> = operations::ALL.iter().map(|known| known.name).collect();
            panic!("`{operation}` is no operation; there are {}", names.join(", "))
        });
        self.state()
            .replies
            .entry(known.name)
            .or_default()
            .push_back(reply);
    }

    /// The operation of each request so far, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.state().calls.clone()
    }

    /// Starts to configure a client that uses this fake. Its pauses have no length, except those that a reply asks for.
    ///
    /// ```
    /// # fn main() -> Result<(), ratio_bank::Error> {
    /// let client = ratio_bank::test_util::Fake::new().client().max_attempts(1).build()?;
    /// # Ok(()) }
    /// ```
    pub fn client(&self) -> ClientBuilder {
        Client::builder(Environment::Staging)
            .client_id("fake")
            .random(|| 0)
            .on_fake(self.clone())
    }

    /// Makes a session of the user `fake-user`.
    ///
    /// # Panics
    /// When the HTTP client cannot be set up on this machine.
    pub fn session(&self) -> Session {
        let client = self.client().build().expect("a client can be set up");
        let user = UserId::new("fake-user").expect("it is an id");
        client.session(user, SessionToken::new("fake-token"))
    }

    /// Records a request and returns its reply.
    pub(crate) fn take(&self, operation: &'static str) -> Reply {
        let mut state = self.state();
        state.calls.push(operation);
        let reply = state.replies.get_mut(operation).and_then(VecDeque::pop_front);
        // Release the lock first, so that a test that expects the panic can still read the calls.
        drop(state);
        reply.unwrap_or_else(|| panic!("the fake has no reply left to `{operation}`"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake")
            .field("calls", &self.calls())
            .finish_non_exhaustive()
    }
}

/// The reaction of a [`Fake`] to one request.
pub struct Reply(Said);

enum Said {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// No response came.
    Nothing(Outcome),
}

impl Reply {
    /// Answers with success and this body: a value of [`types`], or any JSON.
    ///
    /// ```
    /// use ratio_bank::{test_util::Reply, types::{ActivityItem, InitiateAchResponse}};
    ///
    /// let mut made = InitiateAchResponse::default();
    /// made.activity_item = Some(ActivityItem::default());
    /// let reply = Reply::ok(&made);
    /// ```
    ///
    /// # Panics
    /// When the value cannot be written as JSON.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::answer(200, serde_json::to_vec(body).expect("the body can be JSON"))
    }

    /// Answers with an error of this status and code, such as `PLAID_LOGIN_ERROR`.
    ///
    /// ```
    /// # use ratio_bank::{BankId, test_util::{Fake, Reply}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), ratio_bank::Error> {
    /// let fake = Fake::new();
    /// fake.reply("request_bank_relink", Reply::refused(422, "SOME_CODE"));
    /// let error = fake.session().request_bank_relink(&BankId::new("b-1")?).await.unwrap_err();
    /// assert_eq!((error.status(), error.code()), (Some(422), Some("SOME_CODE")));
    /// # Ok(()) }
    /// ```
    pub fn refused(status: u16, code: &str) -> Self {
        let body = serde_json::json!({ "code": code, "message": "the fake refuses" });
        Self::answer(status, body.to_string())
    }

    /// Answers with this status and exactly these bytes.
    pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self(Said::Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        })
    }

    /// Adds a header to a response, such as `retry-after` or `ratio-authentication-refresh`. A reply without a response
    /// ignores it.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Said::Answer { headers, .. } = &mut self.0 {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// Simulates a failed connection: nothing was sent.
    pub fn no_connection() -> Self {
        Self(Said::Nothing(Outcome::NotSent))
    }

    /// Simulates a timeout. It is reported at once.
    pub fn timeout() -> Self {
        Self(Said::Nothing(Outcome::TimedOut))
    }

    /// Simulates a connection that is lost before a response comes.
    pub fn connection_lost() -> Self {
        Self(Said::Nothing(Outcome::Lost))
    }

    /// The response as the HTTP client would return it, or the outcome of an attempt without a response.
    ///
    /// # Panics
    /// When the status or a header is not valid in HTTP.
    pub(crate) fn response(self) -> Result<Response, Outcome> {
        match self.0 {
            Said::Nothing(outcome) => Err(outcome),
            Said::Answer {
                status,
                headers,
                body,
            } => {
                let mut response = http::Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                let response = response.body(body).expect("a status and headers of HTTP");
                Ok(Response::from(response))
            }
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// Builds an [`Error`] for tests of code that handles errors.
///
/// ```
/// use ratio_bank::{ErrorKind, test_util::ErrorBuilder};
///
/// let error = ErrorBuilder::new(ErrorKind::Timeout).operation("initiate_ach").may_have_executed().build();
/// assert!(error.is_timeout() && error.may_have_executed());
/// ```
#[derive(Debug)]
#[must_use]
pub struct ErrorBuilder(Error);

impl ErrorBuilder {
    /// Makes an error of this kind, without any other details.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Error::new(kind, "made for a test"))
    }

    /// Sets the operation or method.
    pub fn operation(self, operation: &'static str) -> Self {
        Self(self.0.of(operation))
    }

    /// Sets the status of the response and, if given, its code.
    pub fn answered(self, status: u16, code: Option<&str>) -> Self {
        Self(self.0.answered(status, code.map(str::to_owned), None))
    }

    /// Sets the time that Ratio asks the client to wait.
    pub fn retry_after(self, wait: Duration) -> Self {
        Self(self.0.retry_after_of(Some(wait)))
    }

    /// Marks the request as possibly executed.
    pub fn may_have_executed(self) -> Self {
        Self(self.0.executed_maybe(true))
    }

    /// Sets the item of the order that Ratio accepted.
    pub fn activity_id(self, id: ActivityId) -> Self {
        Self(self.0.receipt(Some(Receipt::Activity(id))))
    }

    /// Sets the bank of the link that Ratio activated.
    pub fn bank_id(self, id: BankId) -> Self {
        Self(self.0.receipt(Some(Receipt::Bank(id))))
    }

    /// Sets the bank as it was last read.
    pub fn last_account(self, account: types::BankAccount) -> Self {
        Self(self.0.last_read(Some(LastRead::Account(account))))
    }

    /// Returns the error.
    pub fn build(self) -> Error {
        self.0
    }
}

/// Makes the record of a link in progress: of a relink if a bank is given.
/// [`LinkToken::restore`](crate::LinkToken::restore) makes a link token from it.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use ratio_bank::{LinkKind, LinkToken, UserId, test_util::link_record};
///
/// let record = link_record(UserId::new("u-1")?, None, UNIX_EPOCH);
/// let link = LinkToken::restore(record, "link-sandbox-1");
/// assert_eq!((link.kind(), link.expires_at()), (LinkKind::New, UNIX_EPOCH));
/// # Ok::<(), ratio_bank::InvalidId>(())
/// ```
pub fn link_record(user: UserId, bank: Option<BankId>, expires_at: SystemTime) -> LinkRecord {
    LinkRecord {
        user,
        kind: if bank.is_some() {
            LinkKind::Relink
        } else {
            LinkKind::New
        },
        bank,
        expires_at,
    }
}

/// Makes a possible result of [`Session::find_order`].
///
/// ```
/// use ratio_bank::{test_util::found_orders, types::ActivityItem};
///
/// assert!(found_orders(vec![ActivityItem::default()], Vec::new()).into_one().is_some());
/// ```
pub fn found_orders(same: Vec<types::ActivityItem>, possible: Vec<types::ActivityItem>) -> FoundOrders {
    FoundOrders { same, possible }
}

/// The activity item that Ratio lists for an accepted order, with the values of its response. [`Session::find_order`]
/// recognizes it.
///
/// It is JSON, so it does not depend on the document from which this crate was built.
///
/// ```
/// # use std::time::{Duration, UNIX_EPOCH};
/// use ratio_bank::test_util::{Fake, Reply, activity_item};
/// use ratio_bank::{AchKind, AchOrder, ActivityId, BankId, CryptoCurrency, WalletId};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (bank, wallet) = (BankId::new("b-1")?, WalletId::new("w-1")?);
/// let order = AchOrder::new("49.99".parse()?, CryptoCurrency::Eth, wallet, AchKind::Standard);
/// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
///
/// let fake = Fake::new();
/// fake.reply("initiate_ach", Reply::connection_lost());
/// let error = fake.session().initiate_ach(&bank, &order).await.unwrap_err();
/// assert!(error.may_have_executed());
///
/// let taken = activity_item(&ActivityId::new("i-1")?, &bank, &order, now);
/// fake.reply("list_activity", Reply::ok(&json!({ "items": [taken] })));
/// let found = fake.session().find_order(&bank, &order, now).await?;
/// assert_eq!(found.into_one().and_then(|item| item.id), ActivityId::new("i-1").ok());
/// # Ok(()) }
/// ```
pub fn activity_item(
    id: &ActivityId,
    bank: &BankId,
    order: &AchOrder,
    created_at: SystemTime,
) -> serde_json::Value {
    let created_at = rfc3339(created_at);
    let method = match order.kind {
        AchKind::Standard => FundingMethod::ACH_ORIGINATED_STANDARD,
        AchKind::Instant => FundingMethod::ACH_ORIGINATED_INSTANT,
    };
    serde_json::json!({
        "id": id,
        "createTime": created_at,
        "updateTime": created_at,
        "fiat": {
            "amount": order.amount,
            "currency": "USD",
            "direction": "DEBIT",
            "status": "PENDING",
            "fundingMethod": method,
            "bankAccount": { "id": bank },
        },
        "crypto": {
            "currency": order.currency,
            "direction": "CREDIT",
            "status": "PENDING",
            "wallet": {
                "id": order.wallet,
                "address": "an-address",
                "network": "ETHEREUM",
                "createTime": created_at,
                "updateTime": created_at,
            },
        },
    })
}
