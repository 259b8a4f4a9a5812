//! The state of the stand-in: users, banks, wallets, tokens, money. It is plain data behind one lock, without I/O.

pub(crate) mod ach;
pub(crate) mod activity;
pub(crate) mod banks;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod prices;
pub(crate) mod users;
pub(crate) mod wallets;
pub(crate) mod webhooks;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

use crate::bounded_map::BoundedMap;
use crate::clock::later;
use crate::problem::Problem;
use crate::random::Random;
use crate::session::Sessions;

/// The settings of the stand-in.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// The time from activation to the verdict on the bank.
    pub(crate) verification_delay: Duration,
    /// The time from an accepted purchase to its end.
    pub(crate) settlement_delay: Duration,
    /// The URI to which an OAuth bank returns the person if the link request names none.
    pub(crate) redirect_uri: Option<String>,
}

/// All state. Each access first settles everything that is due; see [`World::settle`].
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    pub(crate) sessions: Sessions,
    pub(crate) users: BTreeMap<String, users::User>,
    pub(crate) links: BoundedMap<links::Link>,
    pub(crate) public_tokens: BoundedMap<links::Grant>,
    pub(crate) transfers: Vec<ach::Transfer>,
    pub(crate) ledger: Vec<ledger::Entry>,
    pub(crate) webhooks: Vec<webhooks::Webhook>,
    pub(crate) outbox: VecDeque<webhooks::Delivery>,
    agenda: BTreeMap<(Timestamp, u64), Due>,
    scheduled: u64,
    /// Notified when there is something new to send or to wait for.
    pub(crate) bell: Arc<Notify>,
}

/// An event that happens later.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    BankVerdict { user: String, bank: String },
    Settlement { transfer: String },
}

/// A request that matches the contract, as an operation's behaviour receives it.
pub(crate) struct Call {
    pub(crate) now: Timestamp,
    /// The path parameters in order, since documents may name them differently.
    pub(crate) path: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Value,
    /// The user of the session token in the request.
    pub(crate) signed_in: Option<String>,
}

/// The response of an operation that does not refuse.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
}

pub(crate) type Outcome = Result<Answer, Problem>;

#[expect(clippy::unnecessary_wraps, reason = "each is what a behaviour ends with")]
impl Answer {
    pub(crate) fn ok(body: Value) -> Outcome {
        Ok(Self {
            status: 200,
            body: Some(body),
        })
    }

    pub(crate) fn created(body: Value) -> Outcome {
        Ok(Self {
            status: 201,
            body: Some(body),
        })
    }

    pub(crate) fn accepted(body: Value) -> Outcome {
        Ok(Self {
            status: 202,
            body: Some(body),
        })
    }

    pub(crate) fn no_content() -> Outcome {
        Ok(Self {
            status: 204,
            body: None,
        })
    }
}

impl Call {
    pub(crate) fn param(&self, at: usize) -> &str {
        self.path.get(at).map_or("", String::as_str)
    }

    /// A field of the body as text, since a document may declare it as a number.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.body.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A field that the behaviour needs, even if the document does not require it.
    pub(crate) fn needed(&self, name: &str) -> Result<String, Problem> {
        self.text(name)
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| {
                Problem::new(
                    400,
                    format!("MISSING_{}", crate::problem::screaming(name)),
                    format!("{name} is missing"),
                )
            })
    }
}

/// The problem of a request that would store too many entries.
pub(crate) fn full(what: &str) -> Problem {
    Problem::new(429, "EXCEEDS_LIMIT", format!("the stand-in keeps no more {what}")).even_if_undeclared()
}

impl World {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let sessions = Sessions::new(random.hex(32));
        Self {
            settings,
            random,
            sessions,
            users: BTreeMap::new(),
            links: BoundedMap::default(),
            public_tokens: BoundedMap::default(),
            transfers: Vec::new(),
            ledger: Vec::new(),
            webhooks: Vec::new(),
            outbox: VecDeque::new(),
            agenda: BTreeMap::new(),
            scheduled: 0,
            bell: Arc::default(),
        }
    }

    pub(crate) fn schedule(&mut self, now: Timestamp, delay: Duration, due: Due) {
        self.scheduled += 1;
        self.agenda.insert((later(now, delay), self.scheduled), due);
        self.bell.notify_one();
    }

    /// Processes everything that is due by `now`, in order.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, _), due) = entry.remove_entry();
            match due {
                Due::BankVerdict { user, bank } => self.bank_verdict(&user, &bank, at),
                Due::Settlement { transfer } => self.settle_transfer(&transfer, at),
            }
        }
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    /// The user in the path, if the session belongs to that user. Another user's id gives the same problem as an
    /// unknown id.
    pub(crate) fn user_of(&mut self, call: &Call) -> Result<&mut users::User, Problem> {
        let id = call.param(0);
        let theirs = call.signed_in.as_deref().is_none_or(|signed_in| signed_in == id);
        self.users
            .get_mut(id)
            .filter(|_| theirs)
            .ok_or_else(|| Problem::new(404, "NOT_FOUND_USER", "there is no such user for this session"))
    }
}
