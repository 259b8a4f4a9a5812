//! The session token that all clones of a session share, and how a newer one replaces it.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::token::SessionToken;

/// The token of one session.
///
/// Ratio may answer any request with a new one. Answers overtake each other, so a token is replaced by a newer one only:
/// by its `iat` and `exp` when both are JWTs, by the order of the requests when that does not decide. The claims are read,
/// not verified: the token came over TLS, and Ratio judges it.
#[derive(Debug)]
pub(crate) struct Rotation {
    state: Mutex<State>,
    /// Held while a hook runs, so that a store sees tokens in order.
    told: Mutex<u64>,
}

#[derive(Debug)]
struct State {
    token: SessionToken,
    age: Option<Age>,
    /// The request whose answer brought the token.
    by: u64,
    sent: u64,
}

/// When a JWT was issued and when it ends, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Age {
    #[serde(default)]
    iat: u64,
    #[serde(default)]
    exp: u64,
}

/// The token a request is sent with, and its place in the order of requests.
pub(crate) struct Ticket {
    pub(crate) token: SessionToken,
    order: u64,
}

impl Rotation {
    pub(crate) fn new(token: SessionToken) -> Self {
        let age = age(token.reveal());
        Self {
            state: Mutex::new(State {
                token,
                age,
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
            token: state.token.clone(),
            order: state.sent,
        }
    }

    /// Takes over the token that came with the answer to `ticket`'s request, if it is newer than the present one.
    pub(crate) fn refresh(&self, ticket: &Ticket, token: &str, hook: impl FnOnce(&SessionToken)) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let age = age(token);
            let newer = match (age, state.age) {
                (Some(new), Some(old)) if new != old => new > old,
                _ => ticket.order > state.by,
            };
            if !newer {
                return;
            }
            state.token = SessionToken::new(token);
            state.age = age;
            state.by = ticket.order;
        }
        // Outside the lock of the state, so that the hook may ask the session for its token.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, by) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.token.clone(), state.by)
        };
        if by != *told {
            *told = by;
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
    (age.iat > 0 || age.exp > 0).then_some(age)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(iat: u64) -> String {
        let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{iat},"exp":{}}}"#, iat + 300));
        format!("h.{payload}.s{iat}")
    }

    fn refresh(rotation: &Rotation, ticket: &Ticket, token: &str) {
        rotation.refresh(ticket, token, |_| {});
    }

    #[test]
    fn a_slow_answer_never_brings_back_an_older_token() {
        let rotation = Rotation::new(SessionToken::new(jwt(1)));
        let (slow, fast) = (rotation.ticket(), rotation.ticket());
        refresh(&rotation, &fast, &jwt(3));
        refresh(&rotation, &slow, &jwt(2));
        assert_eq!(rotation.token().reveal(), jwt(3));
    }

    #[test]
    fn a_newer_token_wins_even_if_an_older_request_brought_it() {
        let rotation = Rotation::new(SessionToken::new(jwt(1)));
        let (slow, fast) = (rotation.ticket(), rotation.ticket());
        refresh(&rotation, &fast, &jwt(2));
        refresh(&rotation, &slow, &jwt(3));
        assert_eq!(rotation.token().reveal(), jwt(3));
    }

    #[test]
    fn opaque_tokens_follow_the_order_of_the_requests() {
        let rotation = Rotation::new(SessionToken::new("a"));
        let (slow, fast) = (rotation.ticket(), rotation.ticket());
        refresh(&rotation, &fast, "c");
        refresh(&rotation, &slow, "b");
        assert_eq!(rotation.token().reveal(), "c");
        refresh(&rotation, &rotation.ticket(), "d");
        assert_eq!(rotation.token().reveal(), "d");
    }

    #[test]
    fn a_hook_hears_of_new_tokens_only_and_may_ask_for_them() {
        let rotation = Rotation::new(SessionToken::new("a"));
        let (slow, fast) = (rotation.ticket(), rotation.ticket());
        let heard = Mutex::new(Vec::new());
        let hear = |token: &SessionToken| {
            assert_eq!(rotation.token().reveal(), token.reveal());
            heard.lock().unwrap().push(token.reveal().to_owned());
        };
        rotation.refresh(&fast, "c", hear);
        rotation.refresh(&slow, "b", hear);
        assert_eq!(*heard.lock().unwrap(), ["c"]);
    }

    #[test]
    fn what_is_not_a_jwt_has_no_age() {
        for opaque in ["", "a", "a.b", "a.b.c", "a.e30.c", "a.b.c.d", "..", "h.!!.s"] {
            assert_eq!(age(opaque), None, "{opaque}");
        }
        assert_eq!(age(&jwt(7)), Some(Age { iat: 7, exp: 307 }));
    }
}
