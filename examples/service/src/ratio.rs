//! Calls to Ratio on behalf of a customer.

use std::error::Error;
use std::sync::Arc;

use ratio_bank::{ActivityId, BankId, Client, Environment, Session, SessionToken, UserId, WalletId};

use crate::bank::Bank;
use crate::config::{Config, Credentials};
use crate::customers::{Customer, KeptToken};
use crate::metrics::Counts;
use crate::problem::Problem;
use crate::service::Service;

/// The single client of the service. It holds the connections and counts drift.
pub(crate) fn client(config: &Config, counts: &Arc<Counts>) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let counts = Arc::clone(counts);
    let mut builder = Client::builder(Environment::at(&config.ratio_url)?)
        .client_id(config.client_id.as_str())
        .plaid_page(format!("{}/link/v2/stable/link.html", config.plaid_url).parse()?)
        .on_drift(move |event| counts.drifted(event));
    if let Some(secret) = &config.client_secret {
        builder = builder.client_secret(secret.reveal());
    }
    Ok(builder.build()?)
}

/// A customer's session, and the customer, so that a rotated token can be stored.
pub(crate) struct Talk<'a> {
    pub(crate) session: Session,
    service: &'a Service,
    customer_id: String,
    before: KeptToken,
}

impl Talk<'_> {
    /// Ends a call: stores the token if Ratio rotated it, then returns the outcome of the call.
    pub(crate) async fn end<T>(
        &self,
        outcome: Result<T, ratio_bank::Error>,
    ) -> Result<Result<T, ratio_bank::Error>, Problem> {
        let token = self.session.token();
        if token.reveal() != self.before.token.reveal() {
            let before = self.before.clone();
            self.service
                .customers()
                .rotate(&self.customer_id, before, &token)
                .await?;
        }
        Ok(outcome)
    }
}

impl Service {
    /// Resumes a customer's session at Ratio.
    pub(crate) async fn talk_as(&self, customer_id: &str) -> Result<Talk<'_>, Problem> {
        let (customer, before) = self.customers().with_token(customer_id).await?;
        Ok(Talk {
            session: self
                .client()
                .session(user(&customer.ratio_user_id)?, before.token.clone()),
            service: self,
            customer_id: customer.id,
            before,
        })
    }

    /// Signs a customer in if Ratio confirms that the token belongs to this user. Returns the cookie.
    pub(crate) async fn sign_in(&self, credentials: &Credentials) -> Result<String, Problem> {
        let token = SessionToken::new(credentials.session_token.as_str());
        let session = self.client().session(user(&credentials.user_id)?, token);
        // A user id in a form proves nothing. Only Ratio knows to whom the token belongs.
        session.get_user().await?;
        WalletId::new(credentials.wallet_id.as_str()).map_err(Problem::bad_request)?;
        let (customer_id, cookie) = self
            .customers()
            .sign_in(&credentials.user_id, &credentials.wallet_id, &session.token())
            .await?;
        self.orders().take_up_looks(&customer_id).await?;
        Ok(cookie)
    }

    /// The customer's banks, as Ratio reports them now.
    pub(crate) async fn banks(&self, customer: &Customer) -> Result<Vec<Bank>, Problem> {
        let talk = self.talk_as(&customer.id).await?;
        let user = talk.session.get_user().await;
        let accounts = talk.end(user).await??.connected_bank_accounts;
        Ok(accounts.into_iter().filter_map(Bank::of).collect())
    }

    /// The name of the customer's bank with this id.
    pub(crate) async fn bank_name(&self, customer: &Customer, bank_id: &str) -> Result<String, Problem> {
        let banks = self.banks(customer).await?;
        let named = banks.into_iter().find(|bank| bank.id == bank_id);
        let unknown = || Problem::not_found("this bank is not linked");
        Ok(named.ok_or_else(unknown)?.name)
    }

    /// Removes a bank from the customer's account.
    pub(crate) async fn unlink(&self, customer: &Customer, bank_id: &str) -> Result<(), Problem> {
        let talk = self.talk_as(&customer.id).await?;
        let deleted = talk.session.delete_bank(&bank(bank_id)?).await;
        talk.end(deleted).await??;
        Ok(())
    }
}

fn user(id: &str) -> Result<UserId, Problem> {
    UserId::new(id).map_err(Problem::bad_request)
}

/// The id of an item as the service stores it. Ratio's answer is not checked, so `None` stands for a text that is no id,
/// and that a database may not take.
pub(crate) fn item(id: &ActivityId) -> Option<&str> {
    ActivityId::new(id.as_str()).is_ok().then(|| id.as_str())
}

/// Parses a bank's id from a form or an app.
pub(crate) fn bank(id: &str) -> Result<BankId, Problem> {
    BankId::new(id).map_err(Problem::bad_request)
}
