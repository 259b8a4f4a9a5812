//! The session token that all clones of a session share, and the rules by which a newer one replaces it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::claims::Claims;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::token::SessionToken;
use crate::tolerant::says_nothing;

/// The rotating token of one user. All clones of a store, and all sessions made from it, share the token.
///
/// A service that makes a session per request should keep one store per user. A token that arrives with one response is
/// then used for the next request.
///
/// ```
/// use ratio_bank::{Client, Environment, SessionToken, UserId};
///
/// let client = Client::builder(Environment::Staging).client_id("the-product").build()?;
/// let one = client.session(UserId::new("the-user")?, SessionToken::new("eyJ…"));
/// let other = client.session_with(one.token_store().clone());
///
/// one.set_token(SessionToken::new("another"));
/// assert_eq!(other.token().reveal(), "another");
/// # Ok::<(), ratio_bank::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenStore(Arc<Shared>);

/// Ratio may answer any request with a new token. The response to a request that carried the current token brings its
/// successor.
///
/// Responses can overlap, so a response to a request that carried an earlier token may arrive late. Its token is newer
/// only by `iat` and `exp` if both tokens are JWTs, or else by the order of the requests.
struct Shared {
    user: UserId,
    state: Mutex<State>,
    /// The generation that was last passed to the hook. The lock is held while the hook runs, so that the hook sees
    /// tokens in order.
    told: Mutex<u64>,
}

struct State {
    token: SessionToken,
    /// The value of the `Authorization` header, or `None` if the token has a character that no header can hold.
    bearer: Option<HeaderValue>,
    claims: Option<Claims>,
    /// Number of tokens that came before this one.
    generation: u64,
    /// The request whose response brought the token, or `None` if the caller set it.
    by: Option<u64>,
    /// Number of requests sent so far.
    sent: u64,
    /// Value of `sent` when the caller last set a token. Tokens in the responses to those requests belong to another
    /// sign-in, so they are ignored.
    sent_before: u64,
}

/// The credentials for one request, and its place in the order of requests.
pub(crate) struct Ticket {
    bearer: Option<HeaderValue>,
    order: u64,
    generation: u64,
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

    fn carried(&self, token: &str) -> bool {
        let carried = self.bearer.as_ref().map(HeaderValue::as_bytes);
        carried.and_then(|bearer| bearer.strip_prefix(SCHEME.as_bytes())) == Some(token.as_bytes())
    }
}

impl TokenStore {
    /// Makes a store that holds the token of a user's session: the first one, or the newest one that was saved.
    ///
    /// ```
    /// use ratio_bank::{Client, Environment, SessionToken, TokenStore, UserId};
    ///
    /// let signed_in = TokenStore::new(UserId::new("the-user")?, SessionToken::new("eyJ…"));
    /// // For each request of that user:
    /// # let client = Client::builder(Environment::Staging).client_id("the-product").build()?;
    /// let session = client.session_with(signed_in.clone());
    /// # Ok::<(), ratio_bank::Error>(())
    /// ```
    pub fn new(user: UserId, token: SessionToken) -> Self {
        Self(Arc::new(Shared {
            user,
            state: Mutex::new(State {
                bearer: bearer(token.reveal()),
                claims: Claims::of(token.reveal()),
                token,
                generation: 0,
                by: None,
                sent: 0,
                sent_before: 0,
            }),
            told: Mutex::new(0),
        }))
    }

    /// The user to whom the token belongs.
    pub(crate) fn user(&self) -> &UserId {
        &self.0.user
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest token known.
    pub(crate) fn token(&self) -> SessionToken {
        self.state().token.clone()
    }

    /// Replaces the token with one that did not come with a response. Tokens in the responses to earlier requests are
    /// ignored from now on.
    pub(crate) fn set(&self, token: SessionToken) {
        let mut state = self.state();
        // A service that sets the same stored token for each request must not interrupt the rotation.
        if token.reveal() == state.token.reveal() {
            return;
        }
        let sent = state.sent;
        state.sent_before = sent;
        state.replace(token, None);
    }

    /// Issues a ticket with the newest token for a request that is about to be sent.
    pub(crate) fn ticket(&self) -> Ticket {
        let mut state = self.state();
        state.sent += 1;
        Ticket {
            bearer: state.bearer.clone(),
            order: state.sent,
            generation: state.generation,
        }
    }

    /// Takes over the token from the response to `ticket`'s request, if it is newer than the current one.
    pub(crate) fn refresh(&self, ticket: &Ticket, token: &str, hook: impl FnOnce(&SessionToken)) {
        if !self.state().take(ticket, token) {
            return;
        }
        // Run the hook without the lock on the state, so that the hook may ask the session for its token.
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, generation, is_brought) = {
            let state = self.state();
            (state.token.clone(), state.generation, state.by.is_some())
        };
        if generation != *told && is_brought {
            *told = generation;
            // A panic in the hook must not lose the response of the call.
            if catch_unwind(AssertUnwindSafe(|| hook(&token))).is_err() {
                tracing::error!(target: "ratio_bank", "the hook for new session tokens panicked: the newest was not stored");
            }
        }
    }
}

impl State {
    fn replace(&mut self, token: SessionToken, by: Option<u64>) {
        self.bearer = bearer(token.reveal());
        self.claims = Claims::of(token.reveal());
        self.token = token;
        self.generation += 1;
        self.by = by;
    }

    /// Replaces the current token if the given one is newer, and returns whether it did.
    fn take(&mut self, ticket: &Ticket, token: &str) -> bool {
        if ticket.order <= self.sent_before {
            return false;
        }
        if token == self.token.reveal() {
            self.by = self.by.max(Some(ticket.order));
            return false;
        }
        // A response that repeats the token of its request brings no new token.
        if ticket.carried(token) {
            return false;
        }
        let newer = if ticket.generation == self.generation {
            true
        } else {
            let order = Claims::of(token)
                .zip(self.claims)
                .and_then(|(new, old)| new.compare(old));
            order.map_or(Some(ticket.order) > self.by, std::cmp::Ordering::is_gt)
        };
        if newer {
            self.replace(SessionToken::new(token), Some(ticket.order));
        }
        newer
    }
}

impl fmt::Debug for TokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenStore").finish_non_exhaustive()
    }
}

const REFRESH: HeaderName = HeaderName::from_static("ratio-authentication-refresh");

const SCHEME: &str = "Bearer ";

/// Maximum length of a token. Common servers read 8 KiB of a header line, so they would refuse a longer token.
const LONGEST: usize = 8 * 1024 - "authorization: Bearer \r\n".len();

/// The error for a response whose header for a new session token holds something other than a token.
#[derive(Debug, PartialEq)]
pub(crate) struct NoToken;

/// Returns the session token in a response: one `b64token` of RFC 6750, and not a word such as `null` or `undefined`.
pub(crate) fn brought(headers: &HeaderMap) -> Result<Option<&str>, NoToken> {
    let mut values = headers.get_all(REFRESH).iter();
    let token = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| NoToken)?.trim(),
        (Some(_), Some(_)) => return Err(NoToken),
    };
    let is_of_token =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    let unpadded = token.trim_end_matches('=');
    let is_word = says_nothing(unpadded) || unpadded.eq_ignore_ascii_case(SCHEME.trim());
    if is_word || token.len() > LONGEST || !unpadded.bytes().all(is_of_token) {
        return Err(NoToken);
    }
    Ok(Some(token))
}

/// The token as a header value that is marked as sensitive, so that it does not print.
fn bearer(token: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("{SCHEME}{token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn jwt(iat: u64) -> String {
        let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{iat},"exp":{}}}"#, iat + 300));
        format!("h.{payload}.s{iat}")
    }

    fn store(token: impl Into<String>) -> TokenStore {
        TokenStore::new(UserId::new("u-1").unwrap(), SessionToken::new(token))
    }

    fn refresh(tokens: &TokenStore, ticket: &Ticket, token: &str) {
        tokens.refresh(ticket, token, |_| {});
    }

    #[test]
    fn the_successor_of_the_present_token_wins_whatever_its_claims() {
        let tokens = store(jwt(5));
        for successor in [jwt(3), "opaque".to_owned(), jwt(5), jwt(4)] {
            refresh(&tokens, &tokens.ticket(), &successor);
            assert_eq!(tokens.token().reveal(), successor);
        }
    }

    #[test]
    fn a_slow_answer_never_brings_back_an_older_token() {
        let tokens = store(jwt(1));
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &fast, &jwt(3));
        refresh(&tokens, &slow, &jwt(2));
        assert_eq!(tokens.token().reveal(), jwt(3));
    }

    #[test]
    fn a_newer_token_wins_even_if_an_older_request_brought_it() {
        let tokens = store(jwt(1));
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &fast, &jwt(2));
        refresh(&tokens, &slow, &jwt(3));
        assert_eq!(tokens.token().reveal(), jwt(3));
    }

    #[test]
    fn opaque_tokens_follow_the_order_of_the_requests() {
        let tokens = store("a");
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &fast, "c");
        refresh(&tokens, &slow, "b");
        assert_eq!(tokens.token().reveal(), "c");
        refresh(&tokens, &tokens.ticket(), "d");
        assert_eq!(tokens.token().reveal(), "d");
    }

    #[test]
    fn an_opaque_token_of_a_later_request_comes_after_that_of_an_earlier_one() {
        let tokens = store("a");
        let (first, second, third) = (tokens.ticket(), tokens.ticket(), tokens.ticket());
        for (ticket, token) in [(first, "b"), (second, "c"), (third, "d")] {
            refresh(&tokens, &ticket, token);
            assert_eq!(tokens.token().reveal(), token);
        }
    }

    #[test]
    fn an_answer_that_repeats_its_requests_token_brings_nothing() {
        let tokens = store("a");
        let (first, second) = (tokens.ticket(), tokens.ticket());
        refresh(&tokens, &first, "b");
        refresh(&tokens, &second, "a");
        assert_eq!(tokens.token().reveal(), "b");
    }

    #[test]
    fn a_token_that_the_caller_set_outlives_what_was_on_its_way() {
        let tokens = store(jwt(1));
        let before = tokens.ticket();
        tokens.set(SessionToken::new(jwt(2)));
        refresh(&tokens, &before, &jwt(9));
        assert_eq!(tokens.token().reveal(), jwt(2));
        let same = tokens.ticket();
        tokens.set(SessionToken::new(jwt(2)));
        refresh(&tokens, &same, &jwt(1));
        assert_eq!(
            tokens.token().reveal(),
            jwt(1),
            "what is set already is not set again"
        );
        refresh(&tokens, &tokens.ticket(), &jwt(3));
        assert_eq!(tokens.token().reveal(), jwt(3));
    }

    #[test]
    fn a_hook_hears_of_new_tokens_only_and_may_ask_for_them() {
        let tokens = store("a");
        let (slow, fast) = (tokens.ticket(), tokens.ticket());
        let heard = Mutex::new(Vec::new());
        let hear = |token: &SessionToken| {
            assert_eq!(tokens.token().reveal(), token.reveal());
            heard.lock().unwrap().push(token.reveal().to_owned());
        };
        tokens.refresh(&fast, "c", hear);
        tokens.refresh(&slow, "b", hear);
        tokens.set(SessionToken::new("x"));
        assert_eq!(*heard.lock().unwrap(), ["c"]);
        tokens.refresh(&tokens.ticket(), "d", hear);
        assert_eq!(*heard.lock().unwrap(), ["c", "d"]);
    }

    #[test]
    fn a_hook_does_not_hear_of_a_token_that_the_caller_set() {
        let tokens = store("a");
        tokens.set(SessionToken::new("x"));
        let heard = Mutex::new(0);
        tokens.refresh(&tokens.ticket(), "x", |_| *heard.lock().unwrap() += 1);
        assert_eq!(*heard.lock().unwrap(), 0);
    }

    #[test]
    fn a_hook_may_set_the_token() {
        let tokens = store("a");
        tokens.refresh(&tokens.ticket(), "b", |_| tokens.set(SessionToken::new("x")));
        assert_eq!(tokens.token().reveal(), "x");
    }

    #[test]
    fn a_token_that_comes_again_is_no_news_and_still_outlives_older_ones() {
        let tokens = store("a");
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
    fn a_token_that_no_header_can_hold_is_told_before_anything_is_sent() {
        let tokens = store("a\r\nratio-client-id: b");
        let error = tokens.ticket().authorization().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!error.may_have_executed());
    }

    #[test]
    fn only_one_token_as_it_is_written_is_brought() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(REFRESH, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            brought(&headers).map(|token| token.map(str::to_owned))
        };
        assert_eq!(read(&[]), Ok(None));
        for token in [jwt(1), "opaque".into(), "a-._~+/b==".into(), "x".repeat(LONGEST)] {
            assert_eq!(read(&[&token]), Ok(Some(token.clone())));
        }
        let long = "x".repeat(LONGEST + 1);
        for none in [
            &[""][..],
            &["  "],
            &["null"],
            &["NULL"],
            &["undefined"],
            &["None"],
            &["Bearer eyJ"],
            &["bearer"],
            &["=="],
            &["a=b"],
            &["a, b"],
            &["a,b"],
            &["[a]"],
            &["\"a\""],
            &["a;b"],
            &["t\u{f6}ken"],
            &["[object Object]"],
            &["a", "b"],
            &["a", "a"],
            &[&long],
        ] {
            assert_eq!(read(none), Err(NoToken), "{none:?}");
        }
    }
}
