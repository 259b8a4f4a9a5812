//! One user's session: its operations, and the steps of linking a bank.

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

    /// Describes the person's device for Ratio's fraud checks (`ratio-device-fingerprint`). This applies to the
    /// returned session and its clones.
    #[must_use]
    pub fn with_device(mut self, fingerprint: DeviceFingerprint) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    /// Replaces settings of the client. This applies to the returned session and its clones.
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

    /// Replaces the token with one that did not come with a response: the person signed in again, or another process
    /// received a newer one. Responses to earlier requests no longer change the token, and the hook for new tokens is
    /// not called. Setting the current token again has no effect.
    ///
    /// ```
    /// # fn f(session: ratio_bank::Session) {
    /// session.set_token(ratio_bank::SessionToken::new("eyJ…"));
    /// # }
    /// ```
    pub fn set_token(&self, token: SessionToken) {
        self.tokens.set(token);
    }

    /// The store that holds the token, for another session of this user: [`Client::session_with`].
    pub fn token_store(&self) -> &TokenStore {
        &self.tokens
    }

    /// The user.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Requests a token that links a bank.
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

    /// Requests a token that repairs a linked bank that requires the person to log in again.
    ///
    /// After Plaid's success, no activation is needed. [`finish_bank_link`](Self::finish_bank_link) handles both cases.
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

    /// Finishes a new link with the result of Plaid Link: a [`PublicToken`], or the success that carries it.
    ///
    /// The bank is not ready yet: call [`wait_for_bank`](Self::wait_for_bank). Since the token is valid for one use,
    /// the request is not sent again once it may have arrived.
    ///
    /// A success that does not conform to the pin is returned as far as it can be read.
    ///
    /// # Errors
    /// When there is no public token, or Ratio refuses ([`is_already_linked`](Error::is_already_linked)) or cannot be
    /// reached; see [`Error::may_have_executed`]. If Ratio activated the link, but the response is incomplete or not
    /// even the bank's id can be read, [`Error::bank_id`] returns the id if it was received.
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

    /// Removes a bank from the user.
    ///
    /// A bank that Ratio does not know (404 with the code `NOT_FOUND_BANK`) counts as deleted if an earlier attempt of
    /// this call may have deleted it. Otherwise the 404 is an error.
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
        // The document promises a body with the 204, but the real response is empty. Both are accepted.
        self.send(
            operation,
            |client| async move { client.delete_bank(user, id).await },
        )
        .await
        .map(drop)
    }

    /// Buys coins with money from a linked bank. Since this moves money, the request is not sent again once it may have
    /// arrived.
    ///
    /// If the future is dropped, the outcome stays open, as after an error that may have been executed. A success that
    /// does not conform to the pin is returned as far as it can be read, at least with the item's id.
    ///
    /// # Errors
    /// When Ratio refuses ([`is_login_required`](Error::is_login_required)) or cannot be reached. If
    /// [`Error::may_have_executed`] is true, do not order again, but [search for the order](Self::find_order). If Ratio
    /// accepted the order, but the response is incomplete or cannot be read, [`Error::activity_id`] returns the item's
    /// id if it was received.
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

    /// Reads the user, with all linked banks and their status.
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

    /// Reads one linked bank and its status. The pin has no operation for a single bank, so this reads the user with
    /// all banks.
    ///
    /// # Errors
    /// When the bank is not among the user's ([`Error::is_not_found`]), and the errors of [`get_user`](Self::get_user).
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId) -> Result<(), ratio_bank::Error> {
    /// let ready = session.get_bank(&bank).await?.is_ready();
    /// # Ok(()) }
    /// ```
    pub async fn get_bank(&self, bank: &BankId) -> Result<types::BankAccount, Error> {
        self.read_bank(bank).await?.ok_or_else(|| missing("get_bank"))
    }

    /// Finishes a link after Plaid's success: activates a new link, or reads a repaired bank again. It does not wait
    /// until the bank is ready; call [`wait_for_bank`](Self::wait_for_bank) afterwards.
    ///
    /// # Errors
    /// When the link is another user's, and the errors of [`activate_bank_link`](Self::activate_bank_link) and
    /// [`get_user`](Self::get_user). If the repaired bank is not among the user's, [`Error::is_not_found`] is true.
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
            // The bank keeps its link, and Ratio would answer a second activation with 409.
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
    /// A read with a transient failure (no connection, a lost connection, a timeout, 429, a 5xx) counts as one of the
    /// reads. If its response asks for a longer pause than the interval, that pause is used. Dropping the future stops
    /// the wait.
    ///
    /// # Errors
    /// When the bank was declined ([`Error::is_declined`]), or is not ready after the last read or by the deadline
    /// ([`ErrorKind::NotReady`]). In the latter case it may require a login ([`Error::is_login_required`]) or be
    /// missing ([`Error::is_not_found`]). [`Error::last_account`] is the bank as it was last read, and the error's
    /// source is the reason why the last read failed. Also when Ratio refuses; see [`Error`].
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

    /// Polls until the outcome is known. Returns `None` if all reads were made, or if the next one would be too late.
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

    /// Reads the bank, or returns `None` if the user does not have it.
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

    /// Reads the value of a success. If it does not conform to the pin, it is read with `otherwise`.
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

    /// Sends a once-only operation and returns the object that it created, which `of` extracts from the response.
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

/// The findings while waiting for a bank.
#[derive(Default)]
struct Seen {
    last_read: Option<LastRead>,
    /// The reason why the last read failed.
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
