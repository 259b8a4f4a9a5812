//! One user's session: the six operations, and linking as a whole.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use progenitor_client::{Error as GeneratedError, ResponseValue};
use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;

use crate::ach_order::AchOrder;
use crate::answer::Answer;
use crate::call;
use crate::client::Client;
use crate::device_fingerprint::DeviceFingerprint;
use crate::error::{Error, ErrorKind};
use crate::generated::{self, enums, operations, types};
use crate::id::{BankId, UserId};
use crate::link::{LinkKind, LinkRecord, LinkToken};
use crate::operation::Operation;
use crate::polling::Polling;
use crate::rotation::Rotation;
use crate::secret::Secret;
use crate::token::{PublicToken, SessionToken};
use crate::transport::Call;

pub(crate) type RefreshHook = Arc<dyn Fn(&UserId, &SessionToken) + Send + Sync>;

/// One user and their rotating token. Clones are cheap and share the token.
#[derive(Clone)]
pub struct Session {
    client: Client,
    user: UserId,
    rotation: Arc<Rotation>,
    fingerprint: Option<DeviceFingerprint>,
}

impl Session {
    pub(crate) fn new(client: Client, user: UserId, token: SessionToken) -> Self {
        Self {
            client,
            user,
            rotation: Arc::new(Rotation::new(token)),
            fingerprint: None,
        }
    }

    /// Describes the person's device to Ratio's fraud checks (`ratio-device-fingerprint`) from now on, on this clone.
    #[must_use]
    pub fn with_device(mut self, fingerprint: DeviceFingerprint) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    /// The newest token known, to be stored where secrets are kept. Ratio replaces it every few minutes.
    pub fn token(&self) -> SessionToken {
        self.rotation.token()
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
    /// [`Error::may_have_executed`] says so, look into the user's activity before ordering again. When Ratio took the order
    /// and its answer broke off or cannot be read, [`Error::activity_id`] has the item's id if it came.
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId, order: ratio_bank::AchOrder)
    /// # -> Result<(), ratio_bank::Error> {
    /// let item = session.initiate_ach(&bank, &order).await?;
    /// # Ok(()) }
    /// ```
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

    /// Finishes a link, new or not, after Plaid's success: activates a new one, reads a repaired one again.
    ///
    /// # Errors
    /// As [`activate_bank_link`](Self::activate_bank_link) and [`wait_for_bank`](Self::wait_for_bank).
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, link: ratio_bank::LinkToken, success: ratio_bank::plaid::LinkSuccess)
    /// # -> Result<(), ratio_bank::Error> {
    /// let bank = session.finish_bank_link(link.record(), success).await?;
    /// # Ok(()) }
    /// ```
    pub async fn finish_bank_link<T>(&self, link: &LinkRecord, from: T) -> Result<types::BankAccount, Error>
    where
        T: TryInto<PublicToken>,
        Error: From<T::Error>,
    {
        match (&link.kind, &link.bank) {
            // The bank link keeps its access; to activate it again would be answered with 409.
            (LinkKind::Relink, Some(bank)) => self.wait_for_bank(bank, Polling::default()).await,
            (LinkKind::Relink, None) => Err(Error::new(
                ErrorKind::InvalidInput,
                "the record of a relink names no bank; pass it on as it was stored",
            )),
            (LinkKind::New, _) => self.activate_bank_link(from).await,
        }
    }

    /// Reads a bank until it is ready: link `ACTIVE`, verification `APPROVED`.
    ///
    /// Dropping the future stops it.
    ///
    /// # Errors
    /// When the bank was declined ([`Error::is_declined`]), or is not ready after the last read or at the deadline
    /// ([`ErrorKind::NotReady`]); when Ratio refuses or cannot be reached.
    ///
    /// ```no_run
    /// # async fn f(session: ratio_bank::Session, bank: ratio_bank::BankId) -> Result<(), ratio_bank::Error> {
    /// let ready = session.wait_for_bank(&bank, ratio_bank::Polling::default()).await?;
    /// # Ok(()) }
    /// ```
    pub async fn wait_for_bank(&self, bank: &BankId, polling: Polling) -> Result<types::BankAccount, Error> {
        tokio::time::timeout(polling.deadline, self.poll_bank(bank, polling))
            .await
            .unwrap_or_else(|_| Err(not_ready()))
    }

    async fn poll_bank(&self, bank: &BankId, polling: Polling) -> Result<types::BankAccount, Error> {
        for attempt in 1..=polling.attempts.max(1) {
            let user = self.get_user().await?;
            let found = user
                .connected_bank_accounts
                .into_iter()
                .find(|account| account.id.as_ref() == Some(bank));
            if let Some(account) = found {
                let verification = account.verification_status.as_ref();
                if verification == Some(&enums::VerificationStatus::DECLINED) {
                    return Err(Error::new(
                        ErrorKind::Declined,
                        "the bank was declined: the account holder is not this user; link another account",
                    ));
                }
                if account.link_status == Some(enums::LinkStatus::ACTIVE)
                    && verification == Some(&enums::VerificationStatus::APPROVED)
                {
                    return Ok(account);
                }
            }
            if attempt < polling.attempts {
                tokio::time::sleep(polling.interval).await;
            }
        }
        Err(not_ready())
    }

    fn link(&self, token: Secret, bank: Option<BankId>) -> LinkToken {
        let inner = &self.client.inner;
        LinkToken::new(token, bank, (inner.transport.clock)(), &inner.plaid_page)
    }

    async fn value<T, F>(
        &self,
        operation: &Operation,
        method: impl Fn(generated::Client) -> F + Send + Sync,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<ResponseValue<T>, GeneratedError<types::Error>>>,
    {
        let answer = self.send(operation, method).await?;
        let transport = &self.client.inner.transport;
        answer
            .value(operation, &transport.sensor)
            .map_err(|error| transport.keep(error.of(operation.name), answer.body))
    }

    /// What an operation that is sent once has made, which is taken out `of` its answer.
    async fn made<T, M, F>(
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
            rotation: &self.rotation,
            hear: &hear,
        };
        inner.transport.send(call).await
    }
}

fn not_ready() -> Error {
    Error::new(
        ErrorKind::NotReady,
        "the bank is not ready yet; wait for the webhook, or ask again later",
    )
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
