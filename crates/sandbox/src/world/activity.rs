//! A user's purchases, in pages.

use jiff::Timestamp;
use serde_json::json;

use super::ach::Transfer;
use super::{Answer, Call, Outcome, World};
use crate::problem::{Problem, screaming};

const PAGE: usize = 25;
const MOST: usize = 100;

impl World {
    pub(crate) fn list_activity(&mut self, call: &Call) -> Outcome {
        let user = self.user_of(call)?.id.clone();
        let filter = Filter::read(call)?;
        let found: Vec<_> = self
            .transfers
            .iter()
            .rev()
            .filter(|t| t.user == user && filter.admits(t))
            .collect();
        let page: Vec<_> = found
            .iter()
            .skip(filter.from)
            .take(filter.size)
            .map(|transfer| transfer.json())
            .collect();
        let mut told = json!({ "items": page });
        if found.len() > filter.from + filter.size {
            told["nextPageToken"] = json!((filter.from + filter.size).to_string());
        }
        Answer::ok(told)
    }
}

struct Filter {
    from: usize,
    size: usize,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    wallet: Option<String>,
    currency: Option<String>,
    crypto: Option<String>,
    fiat: Option<String>,
}

impl Filter {
    fn read(call: &Call) -> Result<Self, Problem> {
        let text = |name: &str| call.query.get(name).filter(|text| !text.is_empty());
        let refuse = |name: &str, why: &str| {
            Problem::new(
                400,
                format!("INVALID_{}", screaming(name)),
                format!("{name} {why}"),
            )
        };
        let number = |name: &str, unset: usize| match text(name) {
            None => Ok(unset),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| refuse(name, "is not a number that was given out")),
        };
        let time = |name: &str| match text(name) {
            None => Ok(None),
            Some(text) => text
                .parse::<Timestamp>()
                .map(Some)
                .map_err(|_| refuse(name, "is no time of RFC 3339")),
        };
        let size = number("pageSize", PAGE)?;
        if !(1..=MOST).contains(&size) {
            return Err(refuse("pageSize", "must be from 1 to 100"));
        }
        let from = number("pageToken", 0)?.min(usize::MAX / 2);
        let [wallet, currency, crypto, fiat] =
            ["walletId", "cryptoCurrency", "cryptoStatus", "fiatStatus"].map(|name| text(name).cloned());
        Ok(Self {
            from,
            size,
            since: time("fromCreateTime")?,
            until: time("toCreateTime")?,
            wallet,
            currency,
            crypto,
            fiat,
        })
    }

    fn admits(&self, transfer: &Transfer) -> bool {
        let is =
            |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        self.since.is_none_or(|since| transfer.created >= since)
            && self.until.is_none_or(|until| transfer.created <= until)
            && is(&self.wallet, &transfer.wallet)
            && is(&self.currency, &transfer.currency)
            && is(&self.crypto, transfer.crypto.as_str())
            && is(&self.fiat, transfer.fiat.as_str())
    }
}
