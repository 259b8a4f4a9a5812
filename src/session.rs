//! One user's session: its operations, and linking as a whole.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use progenitor_client::{Error as GeneratedError, ResponseValue};
use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::ach_order::AchOrder;
use crate::answer::Answer;
use crate::call;
use crate::call_options::CallOptions;
use crate::client::Client;
use crate::device_fingerprint::DeviceFingerprint;
use crate::error::{Error, ErrorKind, LastRead};
use crate::generated::{self, enums, operations, types};
use crate::id::{BankId, UserId};
use crate::link::{LinkKind, LinkRecord, LinkToken};
use crate::operation::Operation;
use crate::polling::Polling;
use crate::secret::Secret;
use crate::token::{PublicToken, SessionToken};
use crate::token_store::TokenStore;
use crate::transport::{Call, later};

pub(crate) type RefreshHook = Arc<dyn Fn(&UserId, &SessionToken) + Send + Sync>;

/// One user and their rotating token. Clones are cheap and share the token.
#[derive(Clone)]
pub struct Session {
    client: Client,
    user: UserId,
    tokens: TokenStore,
    fingerprint: Option<DeviceFingerprint>,
    options: CallOptions,
}

impl Session {
    pub(crate) fn new(client: Client, tokens: TokenStore) -> Self {
        Self {
            client,
            user: tokens.user().clone(),
            tokens,
            fingerprint: None,
            options: CallOptions::new(),
        }
    }

    /// Describes the person's device to Ratio's fraud checks (`ratio-device-fingerprint`) from now on, on this clone.
    #[must_use]
    pub fn with_device(mut self, fingerprint: DeviceFingerprint) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    /// Makes calls otherwise than the client says from now on, on this clone.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use ratio_bank::CallOptions;
    /// # async fn f(session: ratio_bank::Session) -> Result<(), ratio_bank::Error> {
    /// let impatient = CallOptions::new().max_attempts(1).deadline(Duration::from_secs(3));
    /// let user = session.clone().with_options(impatient).get_user().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The newest token known, to be stored where secrets are kept. Ratio replaces it every few minutes.
    pub fn token(&self) -> SessionToken {
        self.tokens.token()
    }

    /// Goes on with a token that did not come with an answer: the person signed in anew, or another process was handed a
    /// newer one. Answers to what was sent before change it no more, and the hook for new tokens does not hear of it. The
    /// token that the session has already changes nothing.
    ///
    /// ```
    /// # fn f(session: ratio_bank::Session) {
    /// session.set_token(ratio_bank::SessionToken::new("eyJ…"));
    /// # }
    /// ```
    pub fn set_token(&self, token: SessionToken) {
        self.tokens.set(token);
    }

    /// What holds the token, for another session of this user: [`Client::session_with`].
    pub fn token_store(&self) -> &TokenStore {
        &self.tokens
    }

    /// The user.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Asks for a token that links a bank.
    ///
    /// # Errors
    /// When Ratio refuses or cannot be reached; see [`Error`].
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session) -> Result<(), ratio_bank::Error> {
    /// let link = session.request_bank_link().await?;
    /// let _for_a_webview = link.webview_url();
    /// let _for_an_sdk = link.token();
    /// # Ok(()) }
    /// ```
    pub async fn request_bank_link(&self) -> Result<LinkToken, Error> {
        let user = self.user.in_path()?;
        let answer: types::RequestBankLinkResponse = self
            .value(&operations::REQUEST_BANK_LINK, |client| async move {
                client.request_bank_link(user).await
            })
            .await?;
        Ok(self.link(answer.link_token, None))
    }

    /// Asks for a token that repairs a linked bank which wants the person to log in again.
    ///
    /// After Plaid's success there is nothing to activate: [`finish_bank_link`](Self::finish_bank_link) knows.
    ///
    /// # Errors
    /// When Ratio refuses (status 422: no login is needed) or cannot be reached; see [`Error`].
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId) -> Result<(), ratio_bank::Error> {
    /// let link = session.request_bank_relink(&bank).await?;
    /// assert_eq!(link.kind(), ratio_bank::LinkKind::Relink);
    /// # Ok(()) }
    /// ```
    pub async fn request_bank_relink(&self, bank: &BankId) -> Result<LinkToken, Error> {
        let (user, id) = (self.user.in_path()?, bank.in_path()?);
        let answer: types::RequestBankLinkResponse = self
            .value(&operations::REQUEST_BANK_RELINK, |client| async move {
                client.request_bank_relink(user, id).await
            })
            .await?;
        Ok(self.link(answer.link_token, Some(bank.clone())))
    }

    /// Finishes a new link with what Plaid Link handed over: a [`PublicToken`], or the success that carries it.
    ///
    /// The bank is not ready yet: [`wait_for_bank`](Self::wait_for_bank). It is never sent twice, since the token is good
    /// for one use.
    ///
    /// A success that is not what the pin declares gives what can be read of it.
    ///
    /// # Errors
    /// When there is no public token, Ratio refuses ([`is_already_linked`](Error::is_already_linked)) or cannot be
    /// reached; see [`Error::may_have_executed`]. When Ratio activated the link and not even the bank's id can be read of
    /// its answer, or the answer broke off, [`Error::bank_id`] has it if it came.
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, json: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let success: ratio_bank::plaid::LinkSuccess = serde_json::from_str(json)?;
    /// let bank = session.activate_bank_link(success).await?;
    /// # Ok(()) }
    /// ```
    pub async fn activate_bank_link<T>(&self, from: T) -> Result<types::BankAccount, Error>
    where
        T: TryInto<PublicToken>,
        Error: From<T::Error>,
    {
        let user = self.user.in_path()?;
        let token: PublicToken = from.try_into()?;
        let body = types::ActivateBankLinkRequest {
            public_token: Secret::new(token.reveal()),
        };
        let body = &body;
        self.made(
            &operations::ACTIVATE_BANK_LINK,
            |client| async move { client.activate_bank_link(user, body).await },
            |answer| answer.bank_account,
        )
        .await
    }

    /// Takes a bank off the user.
    ///
    /// A bank that Ratio does not know (404 with code `NOT_FOUND_BANK`) counts as deleted if an earlier attempt of this
    /// call may have deleted it; otherwise that is an error like any.
    ///
    /// # Errors
    /// When Ratio refuses or cannot be reached; see [`Error`].
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId) -> Result<(), ratio_bank::Error> {
    /// session.delete_bank(&bank).await?;
    /// # Ok(()) }
    /// ```
    pub async fn delete_bank(&self, bank: &BankId) -> Result<(), Error> {
        let (user, id) = (self.user.in_path()?, bank.in_path()?);
        let operation = &operations::DELETE_BANK;
        // The document promises a body with the 204; the real answer is empty, and either is a success.
        self.send(
            operation,
            |client| async move { client.delete_bank(user, id).await },
        )
        .await
        .map(drop)
    }

    /// Buys coins with money from a linked bank. Money moves: it is never sent twice.
    ///
    /// A future that is dropped leaves the outcome open, as an error that may have been executed does. A success that is
    /// not what the pin declares gives what can be read of it, the item's id first.
    ///
    /// # Errors
    /// When Ratio refuses ([`is_login_required`](Error::is_login_required)) or cannot be reached. When
    /// [`Error::may_have_executed`] says so, do not order again but [look for it](Self::find_order). When Ratio took the order
    /// and its answer broke off or cannot be read, [`Error::activity_id`] has the item's id if it came.
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId, order: ratio_bank::AchOrder)
    /// # -> Result<(), ratio_bank::Error> {
    /// let item = session.initiate_ach(&bank, &order).await?;
    /// # Ok(()) }
    /// ```
    #[doc(alias = "buy")]
    #[doc(alias = "purchase")]
    pub async fn initiate_ach(&self, bank: &BankId, order: &AchOrder) -> Result<types::ActivityItem, Error> {
        let (user, id) = (self.user.in_path()?, bank.in_path()?);
        order.wallet.in_path()?;
        let body = &order.body();
        self.made(
            &operations::INITIATE_ACH,
            |client| async move { client.initiate_ach(user, id, body).await },
            |answer| answer.activity_item,
        )
        .await
    }

    /// Reads the user with all linked banks and their status.
    ///
    /// # Errors
    /// When Ratio refuses or cannot be reached; see [`Error`].
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session) -> Result<(), ratio_bank::Error> {
    /// let banks = session.get_user().await?.connected_bank_accounts;
    /// # Ok(()) }
    /// ```
    pub async fn get_user(&self) -> Result<types::User, Error> {
        let user = self.user.in_path()?;
        self.value(&operations::GET_USER, |client| async move {
            client.get_user(user).await
        })
        .await
    }

    /// Reads one linked bank and its status. The pin has no operation for one bank: the user is read with all of them.
    ///
    /// # Errors
    /// When the bank is not among the user's ([`Error::is_not_found`]), and as [`get_user`](Self::get_user).
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId) -> Result<(), ratio_bank::Error> {
    /// let ready = session.get_bank(&bank).await?.is_ready();
    /// # Ok(()) }
    /// ```
    pub async fn get_bank(&self, bank: &BankId) -> Result<types::BankAccount, Error> {
        self.read_bank(bank).await?.ok_or_else(|| missing("get_bank"))
    }

    /// Finishes a link, new or not, after Plaid's success: activates a new one, reads a repaired one again. It does not
    /// wait: [`wait_for_bank`](Self::wait_for_bank) does, after either.
    ///
    /// # Errors
    /// When the link is another user's, and as [`activate_bank_link`](Self::activate_bank_link) and
    /// [`get_user`](Self::get_user). When the repaired bank is not among the user's, [`Error::is_not_found`].
    ///
    /// ```no_run
    /// # use ratio_bank::{LinkToken, Polling, plaid::LinkSuccess};
    /// # async fn f(session: ratio_bank::Session, link: LinkToken, success: LinkSuccess)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// let bank = session.finish_bank_link(link.record(), success).await?.id.ok_or("no bank id")?;
    /// session.wait_for_bank(&bank, Polling::default()).await?;
    /// # Ok(()) }
    /// ```
    pub async fn finish_bank_link<T>(&self, link: &LinkRecord, from: T) -> Result<types::BankAccount, Error>
    where
        T: TryInto<PublicToken>,
        Error: From<T::Error>,
    {
        let invalid = |reason| Error::new(ErrorKind::InvalidInput, reason).of("finish_bank_link");
        if link.user != self.user {
            return Err(invalid(
                "the link was begun for another user; finish it with the session of that user",
            ));
        }
        match (&link.kind, &link.bank) {
            // The bank link keeps its access; to activate it again would be answered with 409.
            (LinkKind::Relink, Some(bank)) => self
                .read_bank(bank)
                .await?
                .ok_or_else(|| missing("finish_bank_link")),
            (LinkKind::Relink, None) => Err(invalid(
                "the record of a relink names no bank; pass it on as it was stored",
            )),
            (LinkKind::New, _) => self.activate_bank_link(from).await,
        }
    }

    /// Reads a bank until it is ready: link `ACTIVE`, verification `APPROVED`.
    ///
    /// A read that fails in passing (no connection, a lost one, a timeout, 429, a 5xx) counts as one of the reads, and one
    /// that asks to wait longer than the interval is waited for. Dropping the future stops it.
    ///
    /// # Errors
    /// When the bank was declined ([`Error::is_declined`]), or is not ready after the last read or by the deadline
    /// ([`ErrorKind::NotReady`]): it may want a login ([`Error::is_login_required`]) or be missing
    /// ([`Error::is_not_found`]). [`Error::last_account`] is how it stood, and the error's source why the last read failed.
    /// When Ratio refuses; see [`Error`].
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId) -> Result<(), ratio_bank::Error> {
    /// let ready = session.wait_for_bank(&bank, ratio_bank::Polling::default()).await?;
    /// # Ok(()) }
    /// ```
    pub async fn wait_for_bank(&self, bank: &BankId, polling: Polling) -> Result<types::BankAccount, Error> {
        let mut seen = Seen::default();
        let polled = tokio::time::timeout(polling.deadline, self.poll_bank(bank, polling, &mut seen)).await;
        match polled {
            Ok(Ok(Some(account))) => Ok(account),
            Ok(Err(error)) => Err(error),
            Ok(Ok(None)) | Err(_) => Err(seen.not_ready()),
        }
    }

    /// Polls until there is an end to it; nothing when all reads are made, or none would be in time.
    async fn poll_bank(
        &self,
        bank: &BankId,
        polling: Polling,
        seen: &mut Seen,
    ) -> Result<Option<types::BankAccount>, Error> {
        let deadline = later(Instant::now(), polling.deadline);
        for read in 1..=polling.attempts.max(1) {
            match self.read_bank(bank).await {
                Ok(Some(account)) => {
                    let verification = account.verification_status.as_ref();
                    if verification == Some(&enums::VerificationStatus::DECLINED) {
                        let reason = "the bank was declined: the account holder is not this user; link another account";
                        return Err(Error::new(ErrorKind::Declined, reason)
                            .last_read(Some(LastRead::Account(account)))
                            .of("wait_for_bank"));
                    }
                    if account.link_status == Some(enums::LinkStatus::ACTIVE)
                        && verification == Some(&enums::VerificationStatus::APPROVED)
                    {
                        return Ok(Some(account));
                    }
                    seen.read(LastRead::Account(account));
                }
                Ok(None) => seen.read(LastRead::Missing),
                Err(error) if error.is_passing() => seen.failed = Some(error),
                Err(error) => return Err(error),
            }
            let asked = seen.failed.as_ref().and_then(Error::retry_after);
            let pause = polling.interval.max(asked.unwrap_or_default());
            if read >= polling.attempts || later(Instant::now(), pause) >= deadline {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        Ok(None)
    }

    /// The bank as it stands, if the user has it.
    async fn read_bank(&self, bank: &BankId) -> Result<Option<types::BankAccount>, Error> {
        let banks = self.get_user().await?.connected_bank_accounts;
        Ok(banks
            .into_iter()
            .find(|account| account.id.as_ref() == Some(bank)))
    }

    fn link(&self, token: Secret, bank: Option<BankId>) -> LinkToken {
        let inner = &self.client.inner;
        LinkToken::new(
            token,
            self.user.clone(),
            bank,
            (inner.transport.clock)(),
            &inner.plaid_page,
        )
    }

    pub(crate) async fn value<T, F>(
        &self,
        operation: &Operation,
        method: impl Fn(generated::Client) -> F + Send + Sync,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<T>, GeneratedError<types::Error>>>,
    {
        self.value_or(operation, method, |_| None).await
    }

    /// The value of a success. One that is not what the pin declares is read `otherwise`, if it can be.
    pub(crate) async fn value_or<T, U, F>(
        &self,
        operation: &Operation,
        method: impl Fn(generated::Client) -> F + Send + Sync,
        otherwise: impl FnOnce(&[u8]) -> Option<U>,
    ) -> Result<U, Error>
    where
        T: DeserializeOwned + Into<U>,
        F: Future<Output = Result<ResponseValue<T>, GeneratedError<types::Error>>>,
    {
        let answer = self.send(operation, method).await?;
        let transport = &self.client.inner.transport;
        let error = match answer.value::<T>(operation, &transport.sensor) {
            Ok(value) => return Ok(value.into()),
            Err(error) => error,
        };
        otherwise(answer.json()).ok_or_else(|| transport.keep(error.of(operation.name), answer.body))
    }

    /// What an operation that is sent once has made, which is taken out `of` its answer.
    async fn made<T, M: Default, F>(
        &self,
        operation: &Operation,
        method: impl Fn(generated::Client) -> F + Send + Sync,
        of: impl Fn(T) -> Option<M>,
    ) -> Result<M, Error>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<T>, GeneratedError<types::Error>>>,
    {
        let answer = self.send(operation, method).await?;
        let transport = &self.client.inner.transport;
        answer
            .made(operation, &transport.sensor, of)
            .map_err(|error| transport.keep(error.of(operation.name), answer.body))
    }

    async fn send<T, F>(
        &self,
        operation: &Operation,
        method: impl Fn(generated::Client) -> F + Send + Sync,
    ) -> Result<Answer, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, GeneratedError<types::Error>>>,
    {
        let inner = &self.client.inner;
        let request = || {
            let mut request = call::build(&inner.base_url, &inner.transport.http, &method)?;
            if let Some(device) = &self.fingerprint {
                let mut value = HeaderValue::from_str(device.header_value()).ok()?;
                value.set_sensitive(true);
                request.headers_mut().insert("ratio-device-fingerprint", value);
            }
            Some(request)
        };
        let hear = |token: &SessionToken| {
            if let Some(hook) = &inner.on_refresh {
                hook(&self.user, token);
            }
        };
        let call = Call {
            operation,
            build: &request,
            tokens: &self.tokens,
            hear: &hear,
            policy: self.options.over(&inner.transport.policy),
        };
        inner.transport.send(call).await
    }
}

fn missing(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotReady, "the bank is not among the user's")
        .last_read(Some(LastRead::Missing))
        .of(operation)
}

/// What waiting for a bank has seen.
#[derive(Default)]
struct Seen {
    last_read: Option<LastRead>,
    /// Why the last read failed.
    failed: Option<Error>,
}

impl Seen {
    fn read(&mut self, read: LastRead) {
        *self = Self {
            last_read: Some(read),
            failed: None,
        };
    }

    fn not_ready(self) -> Error {
        let error = Error::new(
            ErrorKind::NotReady,
            "the bank is not ready yet; wait for the webhook, or ask again later",
        )
        .last_read(self.last_read)
        .of("wait_for_bank");
        match self.failed {
            Some(failed) => error.retry_after_of(failed.retry_after()).because(failed),
            None => error,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
