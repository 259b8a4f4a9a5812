//! Session tokens: the user who is signed in, the lifetime, and the replacement of a token.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::bounded_map::BoundedMap;
use crate::clock::later;
use crate::problem::Problem;
use crate::random::Random;

/// Determines when a response carries a new session token in `ratio-authentication-refresh`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rotation {
    /// Never: a token simply expires.
    Never,
    /// When the token of the request has used up half its lifetime.
    #[default]
    WhenHalfSpent,
    /// With every response. The older token stays valid until it expires.
    EveryAnswer,
    /// With every response, and the token of the request is refused from then on.
    EveryAnswerRevokingTheOld,
}

/// The vendor's lifetimes: 5 minutes for a token, and 10 idle minutes for a session.
const TOKEN_LIFE: Duration = Duration::from_mins(5);
const IDLE_LIFE: Duration = Duration::from_mins(10);

pub(crate) struct Sessions {
    key: String,
    pub(crate) rotation: Rotation,
    open: BoundedMap<Session>,
    revoked: BoundedMap<()>,
}

struct Session {
    user: String,
    last_seen: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// A token that was accepted.
pub(crate) struct SignedIn {
    pub(crate) user: String,
    claims: Claims,
}

impl Sessions {
    pub(crate) fn new(key: String) -> Self {
        Self {
            key,
            rotation: Rotation::default(),
            open: BoundedMap::default(),
            revoked: BoundedMap::default(),
        }
    }

    /// Opens a session and returns its first token.
    pub(crate) fn open(&mut self, user: &str, now: Timestamp, random: &mut Random) -> String {
        let sid = random.uuid();
        self.open.insert(
            sid.clone(),
            Session {
                user: user.to_owned(),
                last_seen: now,
            },
        );
        self.mint(user, &sid, now, random)
    }

    fn mint(&self, user: &str, sid: &str, now: Timestamp, random: &mut Random) -> String {
        let claims = Claims {
            sub: user.to_owned(),
            sid: sid.to_owned(),
            jti: random.uuid(),
            iat: now.as_second(),
            exp: later(now, TOKEN_LIFE).as_second(),
        };
        let claims = serde_json::to_vec(&claims).expect("claims are strings and integers");
        let signed = format!(
            "{}.{}",
            BASE64.encode(br#"{"alg":"HS256","typ":"JWT"}"#),
            BASE64.encode(claims)
        );
        let signature = BASE64.encode(self.mac(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(self.key.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(signed.as_bytes());
        mac
    }

    /// Checks the value of an `Authorization` header.
    pub(crate) fn check(&mut self, header: Option<&str>, now: Timestamp) -> Result<SignedIn, Problem> {
        let invalid = || Problem::new(401, "INVALID_AUTHORIZATION", "the session token is not valid");
        let header = header.ok_or_else(|| {
            Problem::new(
                401,
                "MISSING_AUTHORIZATION",
                "the header Authorization: Bearer <session token> is missing",
            )
        })?;
        let (scheme, token) = header.split_once(' ').ok_or_else(invalid)?;
        let claims = self
            .read(token.trim())
            .filter(|_| scheme.eq_ignore_ascii_case("bearer"))
            .ok_or_else(invalid)?;
        let expired = || Problem::new(401, "EXPIRED_AUTHORIZATION", "the session is over; sign in again");
        if claims.exp <= now.as_second() {
            return Err(expired());
        }
        if self.revoked.get(&claims.jti).is_some() {
            return Err(invalid());
        }
        let session = self.open.get_mut(&claims.sid).ok_or_else(invalid)?;
        if later(session.last_seen, IDLE_LIFE) <= now {
            return Err(expired());
        }
        session.last_seen = now;
        Ok(SignedIn {
            user: session.user.clone(),
            claims,
        })
    }

    fn read(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        self.mac(signed)
            .verify_slice(&BASE64.decode(signature).ok()?)
            .ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
    }

    /// The token to send back, if one is due or requested.
    pub(crate) fn rotate(
        &mut self,
        signed_in: &SignedIn,
        asked: bool,
        now: Timestamp,
        random: &mut Random,
    ) -> Option<String> {
        let claims = &signed_in.claims;
        let half_spent = (now.as_second() - claims.iat) * 2 >= claims.exp - claims.iat;
        match self.rotation {
            _ if asked => {}
            Rotation::Never => return None,
            Rotation::WhenHalfSpent if !half_spent => return None,
            Rotation::WhenHalfSpent | Rotation::EveryAnswer => {}
            Rotation::EveryAnswerRevokingTheOld => {
                self.revoked.insert(claims.jti.clone(), ());
            }
        }
        Some(self.mint(&signed_in.user, &claims.sid, now, random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> (Sessions, Random, Timestamp, String) {
        let mut random = Random::new(1);
        let mut sessions = Sessions::new("key".to_owned());
        let now: Timestamp = "2022-11-30T12:00:00Z".parse().unwrap();
        let token = sessions.open("user", now, &mut random);
        (sessions, random, now, token)
    }

    fn code(sessions: &mut Sessions, header: &str, now: Timestamp) -> Option<String> {
        sessions
            .check(Some(header), now)
            .err()
            .map(|problem| problem.code.into_owned())
    }

    #[test]
    fn a_token_lives_five_minutes() {
        let (mut sessions, _, now, token) = start();
        let header = format!("Bearer {token}");
        assert_eq!(
            code(&mut sessions, &header, later(now, Duration::from_secs(299))),
            None
        );
        let over = code(&mut sessions, &header, later(now, Duration::from_mins(5)));
        assert_eq!(over.as_deref(), Some("EXPIRED_AUTHORIZATION"));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let (mut sessions, _, now, token) = start();
        for bad in [
            format!("Bearer {token}x"),
            format!("Basic {token}"),
            "Bearer".into(),
            "Bearer a.b.c".into(),
        ] {
            assert_eq!(
                code(&mut sessions, &bad, now).as_deref(),
                Some("INVALID_AUTHORIZATION"),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_rotated_token_works_and_the_old_one_dies_only_if_told_so() {
        for (rotation, old_is_refused) in [
            (Rotation::EveryAnswer, false),
            (Rotation::EveryAnswerRevokingTheOld, true),
        ] {
            let (mut sessions, mut random, now, token) = start();
            sessions.rotation = rotation;
            let old = format!("Bearer {token}");
            let signed_in = sessions.check(Some(&old), now).ok().unwrap();
            let new = sessions.rotate(&signed_in, false, now, &mut random).unwrap();
            assert_ne!(new, token);
            assert_eq!(code(&mut sessions, &format!("Bearer {new}"), now), None);
            assert_eq!(code(&mut sessions, &old, now).is_some(), old_is_refused);
        }
    }

    #[test]
    fn a_token_is_replaced_when_half_its_life_is_over() {
        let (mut sessions, mut random, now, token) = start();
        let header = format!("Bearer {token}");
        for (after, rotates) in [(149, false), (150, true)] {
            let now = later(now, Duration::from_secs(after));
            let signed_in = sessions.check(Some(&header), now).ok().unwrap();
            assert_eq!(
                sessions.rotate(&signed_in, false, now, &mut random).is_some(),
                rotates
            );
        }
    }
}
