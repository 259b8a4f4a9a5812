//! What the stand-in knows: users, banks, wallets, tokens, money. Plain state behind one lock; no I/O in here.

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

/// How the stand-in is set up.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// From activation to the verdict on the bank.
    pub(crate) verification_delay: Duration,
    /// From an accepted purchase to its end.
    pub(crate) settlement_delay: Duration,
    /// Where an OAuth bank sends the person back to when the request for a link did not say.
    pub(crate) redirect_uri: Option<String>,
}

/// All state. Whoever holds it first settles what has become due, see [`World::settle`].
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
    /// Rung when there is something new to send or to wait for.
    pub(crate) bell: Arc<Notify>,
}

/// Something that happens later.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    BankVerdict { user: String, bank: String },
    Settlement { transfer: String },
}

/// A request that kept the contract, as an operation's behaviour sees it.
pub(crate) struct Call {
    pub(crate) now: Timestamp,
    /// The path's parameters, in order: documents may name them as they like.
    pub(crate) path: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Value,
    /// The user whose session token was sent.
    pub(crate) signed_in: Option<String>,
}

/// What an operation answers when it does not refuse.
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

    /// A field of the body as text: a document may have made a number of it.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.body.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A field that behaviour cannot do without, even where the document does not require it.
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

/// What is refused to whoever keeps adding.
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

    /// Lets everything happen that has become due by `now`, in order.
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

    /// The user in the path, if the session is theirs. Another's user looks the same as no user.
    pub(crate) fn user_of(&mut self, call: &Call) -> Result<&mut users::User, Problem> {
        let id = call.param(0);
        let theirs = call.signed_in.as_deref().is_none_or(|signed_in| signed_in == id);
        self.users
            .get_mut(id)
            .filter(|_| theirs)
            .ok_or_else(|| Problem::new(404, "NOT_FOUND_USER", "there is no such user for this session"))
    }
}
