//! The session token that all clones of a session share, and how a newer one replaces it.

use std::cmp::Ordering;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::token::SessionToken;

/// The token of one session.
///
/// Ratio may answer any request with a new one. Answers overtake each other, so a token is replaced by a newer one only:
/// by its `iat` and `exp` when both are JWTs, by the order of the requests when that does not decide. The claims are read,
/// not verified: the token came over TLS, and Ratio judges it.
#[derive(Debug)]
pub(crate) struct TokenStore {
    state: Mutex<State>,
    /// The generation that the hook heard of last. Held while it runs, so that a store sees tokens in order.
    told: Mutex<u64>,
}

#[derive(Debug)]
struct State {
    token: SessionToken,
    /// The token as it is sent, or nothing when no header can hold it.
    bearer: Option<HeaderValue>,
    age: Option<Age>,
    /// How many tokens there were before this one.
    generation: u64,
    /// The request whose answer brought the token.
    by: u64,
    sent: u64,
}

/// When a JWT was issued and when it ends, in seconds since 1970, which may have a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Age {
    iat: Option<f64>,
    exp: Option<f64>,
}

impl Age {
    /// Which of two tokens is newer, where their claims tell.
    fn compare(self, other: Self) -> Option<Ordering> {
        [(self.iat, other.iat), (self.exp, other.exp)]
            .into_iter()
            .filter_map(|(mine, theirs)| mine?.partial_cmp(&theirs?))
            .find(|order| order.is_ne())
    }
}

/// What a request is sent with, and its place in the order of requests.
pub(crate) struct Ticket {
    bearer: Option<HeaderValue>,
    order: u64,
}

impl Ticket {
    /// The value of the header `Authorization`.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
        self.bearer.clone().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "the session token has a character that no header can hold",
            )
        })
    }
}

impl TokenStore {
    pub(crate) fn new(token: SessionToken) -> Self {
        Self {
            state: Mutex::new(State {
                bearer: bearer(token.reveal()),
                age: age(token.reveal()),
                token,
                generation: 0,
                by: 0,
                sent: 0,
            }),
            told: Mutex::new(0),
        }
    }

    /// The newest token known.
    pub(crate) fn token(&self) -> SessionToken {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .token
            .clone()
    }

    /// The newest token known, for a request that is about to be sent.
    pub(crate) fn ticket(&self) -> Ticket {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sent += 1;
        Ticket {
            bearer: state.bearer.clone(),
            order: state.sent,
        }
    }

    /// Takes over the token that came with the answer to `ticket`'s request, if it is newer than the present one.
    pub(crate) fn refresh(&self, ticket: &Ticket, token: &str, hook: impl FnOnce(&SessionToken)) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if token == state.token.reveal() {
                state.by = state.by.max(ticket.order);
                return;
            }
            let age = age(token);
            let newer = match age.zip(state.age).and_then(|(new, old)| new.compare(old)) {
                Some(order) => order.is_gt(),
                None => ticket.order > state.by,
            };
            if !newer {
                return;
            }
            state.token = SessionToken::new(token);
            state.bearer = bearer(token);
            state.age = age;
            state.generation += 1;
            state.by = ticket.order;
        }
        // Outside the lock of the state, so that the hook may ask the session for its token.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, generation) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.token.clone(), state.generation)
        };
        if generation != *told {
            *told = generation;
            hook(&token);
        }
    }
}

/// The claims of a JWT that tell its age; nothing for an opaque token.
fn age(token: &str) -> Option<Age> {
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let age: Age = serde_json::from_slice(&payload).ok()?;
    (age.iat.is_some() || age.exp.is_some()).then_some(age)
}

/// The token as the value of a header, which does not print.
fn bearer(token: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(iat: u64) -> String {
        let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{iat},"exp":{}}}"#, iat + 300));
        format!("h.{payload}.s{iat}")
    }

    fn refresh(tokens: &TokenStore, ticket: &Ticket, token: &str) {
        tokens.refresh(ticket, token, |_| {});
    }

    #[test]
    fn a_slow_answer_never_brings_back_an_older_token() {
        let tokens = TokenStore::new(SessionToken::new(jwt(1)));
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &fast, &jwt(3));
        refresh(&tokens, &slow, &jwt(2));
        assert_eq!(tokens.token().reveal(), jwt(3));
    }

    #[test]
    fn a_newer_token_wins_even_if_an_older_request_brought_it() {
        let tokens = TokenStore::new(SessionToken::new(jwt(1)));
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &fast, &jwt(2));
        refresh(&tokens, &slow, &jwt(3));
        assert_eq!(tokens.token().reveal(), jwt(3));
    }

    #[test]
    fn opaque_tokens_follow_the_order_of_the_requests() {
        let tokens = TokenStore::new(SessionToken::new("a"));
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &fast, "c");
        refresh(&tokens, &slow, "b");
        assert_eq!(tokens.token().reveal(), "c");
        refresh(&tokens, &tokens.ticket(), "d");
        assert_eq!(tokens.token().reveal(), "d");
    }

    #[test]
    fn a_hook_hears_of_new_tokens_only_and_may_ask_for_them() {
        let tokens = TokenStore::new(SessionToken::new("a"));
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        let heard = Mutex::new(Vec::new());
        let hear = |token: &SessionToken| {
            assert_eq!(tokens.token().reveal(), token.reveal());
            heard.lock().unwrap().push(token.reveal().to_owned());
        };
        tokens.refresh(&fast, "c", hear);
        tokens.refresh(&slow, "b", hear);
        assert_eq!(*heard.lock().unwrap(), ["c"]);
    }

    #[test]
    fn a_token_that_comes_again_is_no_news_and_still_outlives_older_ones() {
        let tokens = TokenStore::new(SessionToken::new("a"));
        let (first, second, third) = (tokens.ticket(), tokens.ticket(), tokens.ticket());
        let heard = Mutex::new(0);
        let hear = |_: &SessionToken| *heard.lock().unwrap() += 1;
        tokens.refresh(&first, "b", hear);
        tokens.refresh(&third, "b", hear);
        assert_eq!(*heard.lock().unwrap(), 1);
        tokens.refresh(&second, "older", hear);
        assert_eq!(tokens.token().reveal(), "b");
    }

    #[test]
    fn claims_are_compared_where_both_tokens_have_them() {
        let age = |iat, exp| Age { iat, exp };
        let compare = |new: Age, old: Age| new.compare(old);
        assert_eq!(
            compare(age(Some(2.5), None), age(Some(2.0), Some(9.0))),
            Some(Ordering::Greater)
        );
        assert_eq!(
            compare(age(None, Some(9.0)), age(Some(2.0), Some(8.0))),
            Some(Ordering::Greater)
        );
        assert_eq!(
            compare(age(Some(2.0), Some(7.0)), age(Some(2.0), Some(8.0))),
            Some(Ordering::Less)
        );
        assert_eq!(compare(age(Some(2.0), None), age(None, Some(8.0))), None);
        assert_eq!(
            compare(age(Some(2.0), Some(8.0)), age(Some(2.0), Some(8.0))),
            None
        );
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_told_before_anything_is_sent() {
        let tokens = TokenStore::new(SessionToken::new("a\r\nratio-client-id: b"));
        let error = tokens.ticket().authorization().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!error.may_have_executed());
    }

    #[test]
    fn what_is_not_a_jwt_has_no_age() {
        for opaque in ["", "a", "a.b", "a.b.c", "a.e30.c", "a.b.c.d", "..", "h.!!.s"] {
            assert_eq!(age(opaque), None, "{opaque}");
        }
        let read = Age {
            iat: Some(7.0),
            exp: Some(307.0),
        };
        assert_eq!(age(&jwt(7)), Some(read));
    }
}
