//! Linking a bank, from the first click to Ratio's confirmation.
//!
//! 1. [`begin`](Service::begin_link) requests a link token from Ratio and stores the run, sealed.
//! 2. The app shows Plaid Link and reports the result, as a navigation or as an SDK's JSON.
//! 3. [`report`](Service::report) stores a success *before* acting on it, then finishes the run.
//! 4. A run stays unfinished if a process dies or Ratio is unavailable. It is finished later: by
//!    [`finish_left_over`](Service::finish_left_over) at start and from time to time, or by the customer's next visit.

use std::time::Duration;

use ratio_bank::plaid::{LinkExit, LinkSuccess, Navigation};
use ratio_bank::{CallOptions, LinkRecord, LinkToken, Polling, PublicToken};
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use crate::customers::Customer;
use crate::links::{Claim, Link, State};
use crate::problem::Problem;
use crate::ratio;
use crate::service::Service;

/// Maximum number of attempts at a repair before it counts as failed.
const MOST_ATTEMPTS: i64 = 20;

/// Minimum time for one call. A shorter one could end before its connection is made.
const SHORTEST_DEADLINE: Duration = Duration::from_secs(6);

/// A run in progress, as it is stored under seal. Another process can restore it from this.
#[derive(Serialize, Deserialize)]
struct InFlight {
    record: LinkRecord,
    token: String,
}

/// The result of Plaid Link that the app received.
pub(crate) enum Report {
    /// The customer completed Plaid Link.
    Connected(LinkSuccess),
    /// The customer left Plaid Link.
    Left(LinkExit),
    /// Another event on the way, which needs no action.
    Passing,
}

impl Report {
    fn name(&self) -> &'static str {
        match self {
            Self::Connected(_) => "connected",
            Self::Left(_) => "left",
            Self::Passing => "passing",
        }
    }
}

impl From<Navigation> for Report {
    fn from(navigation: Navigation) -> Self {
        match navigation {
            Navigation::Connected(success) => Self::Connected(success),
            Navigation::Exit(exit) => Self::Left(exit),
            _ => Self::Passing,
        }
    }
}

impl Service {
    /// Starts a run: for a new bank, or to repair `repairs_bank`.
    pub(crate) async fn begin_link(
        &self,
        customer: &Customer,
        repairs_bank: Option<&str>,
    ) -> Result<Link, Problem> {
        let talk = self.talk_as(&customer.id).await?;
        let asked = match repairs_bank {
            None => talk.session.request_bank_link().await,
            Some(bank) => talk.session.request_bank_relink(&ratio::bank(bank)?).await,
        };
        let link = talk.end(asked).await??;
        let in_flight = InFlight {
            record: link.record().clone(),
            token: link.token().to_owned(),
        };
        let in_flight = serde_json::to_vec(&in_flight).expect("a link in the making is plain data");
        let link = self.links().begin(&customer.id, repairs_bank, &in_flight).await?;
        tracing::info!(link = link.id, "a link was begun");
        Ok(link)
    }

    /// The token and addresses of a run that the customer may still be in.
    pub(crate) async fn in_flight(&self, link: &Link) -> Result<LinkToken, Problem> {
        let bytes = match link.state {
            State::Open | State::Left => self.links().in_flight(&link.id).await?,
            _ => None,
        };
        let bytes = bytes.ok_or_else(|| Problem::not_found("this link is over"))?;
        let InFlight { record, token } = serde_json::from_slice(&bytes)
            .map_err(|_| Problem::not_found("this link was begun by another version of the service"))?;
        Ok(LinkToken::restore(record, token).on_page(self.plaid_page()?))
    }

    /// Processes a result of Plaid Link once, however often it is reported, and returns the state of the run.
    pub(crate) async fn report(&self, link: &Link, report: Report) -> Result<Link, Problem> {
        tracing::info!(link = link.id, report = report.name(), "the app reports");
        match report {
            Report::Connected(success) => {
                let token = success.public_token.as_ref().map(PublicToken::reveal);
                if token.is_none() && link.repairs_bank.is_none() {
                    return Err(Problem::bad_request(
                        "a new bank needs the public token that Plaid Link gave",
                    ));
                }
                self.links().connect(&link.id, token).await?;
                self.finish_detached(&link.id).await;
            }
            Report::Left(exit) => {
                // The app sends the code. It is stored as it is shown, since any text may come in its place.
                let code = exit.error.and_then(|error| error.error_code);
                let code = code.map_or("CANCELLED".to_owned(), |code| code.to_string());
                self.links().leave(&link.id, &code).await?;
            }
            Report::Passing => {}
        }
        self.links().find(&link.customer_id, &link.id).await
    }

    /// Finishes a run, even if the app disconnects meanwhile.
    async fn finish_detached(&self, id: &str) {
        let span = tracing::info_span!("finish_link", link = id);
        let (service, id) = (self.clone(), id.to_owned());
        let finishing = async move {
            // The success is already stored, so a later visit tries again.
            match service.finish(&id).await {
                Ok(()) => tracing::info!("a link is as far as it can be for now"),
                Err(problem) => tracing::warn!(code = problem.code, "a link is not finished yet"),
            }
        };
        let finishing = self.tasks().spawn(finishing.instrument(span));
        let _ = finishing.await;
    }

    /// Finishes the runs of all customers that no replica is finishing.
    pub async fn finish_left_over(&self) {
        self.finish_left_over_of(None).await;
    }

    pub(crate) async fn finish_left_over_of(&self, customer_id: Option<&str>) {
        match self.links().unfinished(customer_id).await {
            Ok(ids) => {
                for id in ids {
                    self.finish_detached(&id).await;
                }
            }
            Err(problem) => tracing::warn!(code = problem.code, "could not look for unfinished links"),
        }
    }

    /// Completes a connected run, unless another replica is doing it.
    async fn finish(&self, id: &str) -> Result<(), Problem> {
        let Some(claim) = self.links().claim(id, self.config().claim_seconds).await? else {
            return Ok(());
        };
        match self.confirm(&claim).await {
            Ok(()) => {
                self.links().finish(id).await?;
            }
            Err(problem) if problem.status.is_client_error() && !is_passing(&problem) => {
                self.links().fail(&claim, &problem.code).await?;
            }
            Err(problem) if problem.code == "NOT_READY" && claim.attempts >= MOST_ATTEMPTS => {
                self.links().fail(&claim, &problem.code).await?;
            }
            Err(problem) => {
                self.links().release(&claim).await?;
                return Err(problem);
            }
        }
        Ok(())
    }

    /// Asks Ratio to confirm the bank.
    async fn confirm(
        &self,
        Claim {
            link,
            public_token,
            attempts,
        }: &Claim,
    ) -> Result<(), Problem> {
        let talk = self.talk_as(&link.customer_id).await?;
        // All calls together end before the claim does, since another replica makes its own then.
        let claim = Duration::from_secs(self.config().claim_seconds.unsigned_abs());
        let session = talk
            .session
            .clone()
            .with_options(CallOptions::new().deadline((claim / 4).max(SHORTEST_DEADLINE)));
        if let Some(bank) = &link.repairs_bank {
            // The bank keeps its access, so activation after a repair would be refused. Wait until the bank works.
            let repaired = session
                .wait_for_bank(&ratio::bank(bank)?, Polling::default().deadline(claim / 2))
                .await;
            talk.end(repaired).await??;
            return Ok(());
        }
        // An earlier attempt may have sent this token to Ratio, and may still be under way there. A customer has one
        // bank, so an existing bank is the one from this token.
        let is_linked = async || {
            let user = session.get_user().await;
            let banks = talk.end(user).await??.connected_bank_accounts;
            Ok::<_, Problem>(!banks.is_empty())
        };
        let is_repeated = *attempts > 1;
        if is_repeated && is_linked().await? {
            return Ok(());
        }
        let token = PublicToken::new(public_token.clone().unwrap_or_default());
        let activated = session.activate_bank_link(token).await;
        let Err(error) = talk.end(activated).await? else {
            return Ok(());
        };
        // The refusal may be due to the earlier attempt.
        if is_repeated && !error.may_have_executed() && is_linked().await? {
            return Ok(());
        }
        Err(error.into())
    }
}

/// Whether a refusal may be temporary: the customer is signed out, or there were too many requests.
fn is_passing(problem: &Problem) -> bool {
    problem.is_signed_out() || problem.retry_after.is_some() || problem.status.as_u16() == 429
}
