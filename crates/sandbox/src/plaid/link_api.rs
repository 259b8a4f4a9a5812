//! The JSON calls of the Link page, one for each step of a visit.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{CODE, Institution, TestLogin};
use crate::shared::Shared;
use crate::world::World;
use crate::world::links::{Decision, Link, LinkRefusal, Login, OAuth, Purpose};

type Answer = Json<Value>;

/// An error in Plaid's format: type, code, a message for the developer and one for the person.
fn error(kind: &str, code: &str, message: &str, display: &str) -> Value {
    json!({"error_type": kind, "error_code": code, "error_message": message, "display_message": display})
}

fn refused(refusal: LinkRefusal) -> Value {
    error(
        "INVALID_INPUT",
        "INVALID_LINK_TOKEN",
        &refusal.to_string(),
        "This link is no longer good. Go back to the application and start again.",
    )
}

/// Answers a call with what `told` returns, and with the id of the request.
fn answer(shared: &Shared, told: impl FnOnce(&mut World, Timestamp) -> Result<Value, Value>) -> Answer {
    let now = shared.clock.now();
    let mut world = shared.world();
    let request_id = world.random.hex(8);
    let mut told = told(&mut world, now).unwrap_or_else(|error| json!({ "error": error }));
    told["request_id"] = json!(request_id);
    Json(told)
}

#[derive(Deserialize)]
pub(super) struct Open {
    token: String,
    received: Option<String>,
}

/// Opens a visit, or resumes it after a bank's own page.
pub(super) async fn open(State(shared): State<Arc<Shared>>, Json(sent): Json<Open>) -> Answer {
    let now = shared.clock.now();
    let mut world = shared.world();
    let request_id = world.random.hex(8);
    let link = match world.link(&sent.token, now) {
        Ok(link) => link.clone(),
        Err(refusal) => {
            let session = world.links.get(&sent.token).map(|link| link.session.clone());
            let session = session.unwrap_or_else(|| world.random.uuid());
            return Json(
                json!({"request_id": request_id, "link_session_id": session, "error": refused(refusal)}),
            );
        }
    };
    let mut told = json!({
        "request_id": request_id,
        "link_session_id": link.session,
        "repair": link.purpose != Purpose::NewBank,
        "institutions": Institution::ALL.map(institution),
        "logins": TestLogin::all().map(|one| login(&one)).collect::<Vec<_>>(),
    });
    if let Some(bank) = world.bank_to_repair(&link) {
        told["institution"] = institution(bank);
    }
    if let Some(received) = sent.received {
        match returned(&received, &link) {
            Err(error) => told["error"] = error,
            Ok((chosen, decision)) => {
                told["institution"] = institution(chosen);
                told["returned"] = match decision {
                    Decision::Denied => json!({"error": denied()}),
                    Decision::Allowed(persona) => {
                        if let Some(link) = world.links.get_mut(&sent.token) {
                            link.login = Some(Login {
                                institution: chosen,
                                persona,
                            });
                        }
                        json!({"accounts": accounts()})
                    }
                };
            }
        }
    }
    Json(told)
}

fn institution(one: Institution) -> Value {
    json!({"id": one.id(), "name": one.name(), "kind": one.kind(), "note": one.note()})
}

pub(crate) fn login(one: &TestLogin) -> Value {
    json!({"username": one.persona.username(), "password": one.password, "outcome": one.outcome})
}

fn accounts() -> Vec<Value> {
    let one = |n| {
        let (name, mask, subtype) = super::account(n);
        json!({"name": name, "mask": mask, "subtype": subtype})
    };
    vec![one(0), one(1)]
}

fn denied() -> Value {
    error(
        "ITEM_ERROR",
        "ACCESS_NOT_GRANTED",
        "the person did not allow access at the bank",
        "You did not allow access at the bank. Try once more, or close this page.",
    )
}

/// Checks the address to which the person returned. It must be the expected one, with the state of the visit and
/// nothing else.
fn returned(received: &str, link: &Link) -> Result<(Institution, Decision), Value> {
    let invalid = |message: &str| {
        error(
            "INVALID_REQUEST",
            "INVALID_FIELD",
            message,
            "The way back from the bank is broken. Start again.",
        )
    };
    let url =
        Url::parse(received).map_err(|_| invalid("receivedRedirectUri is no URL; percent-encode it once"))?;
    let pairs: Vec<_> = url.query_pairs().collect();
    let state = match pairs.as_slice() {
        [(name, value)] if name == "oauth_state_id" => value.as_ref(),
        _ => {
            return Err(invalid(
                "receivedRedirectUri must have exactly the query parameter oauth_state_id",
            ));
        }
    };
    let oauth = link
        .oauth
        .as_ref()
        .filter(|oauth| oauth.state_id == state)
        .ok_or_else(|| {
            error(
                "OAUTH_ERROR",
                "INCORRECT_OAUTH_NONCE",
                "oauth_state_id is not of this link",
                "Start again.",
            )
        })?;
    let mut sent_to = url.clone();
    sent_to.set_query(None);
    if Url::parse(&oauth.back).ok() != Some(sent_to) || url.fragment().is_some() {
        return Err(invalid(
            "receivedRedirectUri is not the redirect URI with oauth_state_id",
        ));
    }
    match oauth.decision {
        Some(decision) => Ok((oauth.institution, decision)),
        None => Err(invalid("the person has not decided at the bank yet")),
    }
}

#[derive(Deserialize)]
pub(super) struct SignIn {
    token: String,
    institution: String,
    username: String,
    password: String,
}

pub(super) async fn sign_in(State(shared): State<Arc<Shared>>, Json(sent): Json<SignIn>) -> Answer {
    answer(&shared, |world, now| {
        signed_in(world.link(&sent.token, now).map_err(refused)?, &sent)
    })
}

/// The response of a bank to a login.
fn signed_in(link: &mut Link, sent: &SignIn) -> Result<Value, Value> {
    let institution = match Institution::of_id(&sent.institution) {
        Some(Institution::Down) => {
            return Err(error(
                "INSTITUTION_ERROR",
                "INSTITUTION_DOWN",
                "this institution is not responding",
                "This bank lets nobody in at the moment. Choose another bank, or try again later.",
            ));
        }
        None | Some(Institution::PlatypusOAuth) => {
            return Err(error(
                "INVALID_REQUEST",
                "INVALID_FIELD",
                "no such institution takes a password",
                "Start again.",
            ));
        }
        Some(institution) => institution,
    };
    let known = TestLogin::of(&sent.username, &sent.password).ok_or_else(|| {
        error(
            "ITEM_ERROR",
            "INVALID_CREDENTIALS",
            "the username or the password is wrong",
            "The username or the password is wrong. Use one of the test logins below.",
        )
    })?;
    if institution == Institution::Degraded && !std::mem::replace(&mut link.has_failed, true) {
        return Err(error(
            "INSTITUTION_ERROR",
            "INSTITUTION_NOT_RESPONDING",
            "this institution did not respond in time",
            "The bank did not answer. Try again.",
        ));
    }
    let login = Login {
        institution,
        persona: known.persona,
    };
    if known.asks_for_code() {
        link.before_code = Some(login);
        return Ok(json!({"code_to": "phone ending in 0123"}));
    }
    link.login = Some(login);
    Ok(json!({"accounts": accounts()}))
}

#[derive(Deserialize)]
pub(super) struct Code {
    token: String,
    code: String,
}

/// Checks the code that a bank requested after the password.
pub(super) async fn code(State(shared): State<Arc<Shared>>, Json(sent): Json<Code>) -> Answer {
    answer(&shared, |world, now| {
        let link = world.link(&sent.token, now).map_err(refused)?;
        if sent.code != CODE || link.before_code.is_none() {
            return Err(error(
                "ITEM_ERROR",
                "INVALID_MFA",
                "the code is wrong, or none was asked for",
                "The code is wrong. Here it is always 1234.",
            ));
        }
        link.login = link.before_code.take();
        Ok(json!({"accounts": accounts()}))
    })
}

#[derive(Deserialize)]
pub(super) struct ToBank {
    token: String,
    institution: String,
    webview: bool,
    host: Option<String>,
}

/// Sends the person to a bank's own page.
pub(super) async fn oauth(State(shared): State<Arc<Shared>>, Json(sent): Json<ToBank>) -> Answer {
    answer(&shared, |world, now| {
        let state_id = world.random.uuid();
        let link = world.link(&sent.token, now).map_err(refused)?;
        let stays = link.redirect_uri.is_none();
        link.oauth = Some(OAuth {
            state_id: state_id.clone(),
            institution: Institution::of_id(&sent.institution).unwrap_or(Institution::PlatypusOAuth),
            back: link
                .redirect_uri
                .clone()
                .unwrap_or_else(|| format!("{}/link/returned", shared.url)),
            stays,
            webview: sent.webview,
            host: sent.host,
            decision: None,
        });
        let url = format!("{}/link/bank?state={state_id}", shared.url);
        Ok(json!({"url": url, "leaves": !stays}))
    })
}

#[derive(Deserialize)]
pub(super) struct Connect {
    token: String,
    account: usize,
}

/// Completes a visit successfully.
pub(super) async fn connect(State(shared): State<Arc<Shared>>, Json(sent): Json<Connect>) -> Answer {
    answer(&shared, |world, now| {
        let login = world.link(&sent.token, now).map_err(refused)?.login;
        let login = login.ok_or_else(|| {
            error(
                "INVALID_REQUEST",
                "INVALID_FIELD",
                "nobody has signed in at a bank yet",
                "Start again.",
            )
        })?;
        let connected = world
            .connect(&sent.token, login, sent.account, now)
            .map_err(refused)?;
        Ok(json!({
            "public_token": connected.public_token,
            "accounts": [{
                "_id": connected.account.id,
                "meta": {"name": connected.account.name, "number": connected.account.mask},
                "type": "depository",
                "subtype": connected.account.subtype,
                "verification_status": null,
                "class_type": null,
            }],
        }))
    })
}

impl World {
    /// The institution of the bank that this link repairs.
    fn bank_to_repair(&self, link: &Link) -> Option<Institution> {
        let Purpose::Repair { bank } = &link.purpose else {
            return None;
        };
        let bank = self
            .users
            .get(&link.user)?
            .banks
            .iter()
            .find(|found| found.id == *bank)?;
        Some(bank.login.institution)
    }

    /// The visit to a bank's own page with this state, and its link token.
    pub(super) fn oauth(&mut self, state: &str) -> Option<(String, &mut OAuth)> {
        self.links.iter_mut().find_map(|(token, link)| {
            let oauth = link.oauth.as_mut().filter(|oauth| oauth.state_id == state)?;
            Some((token.clone(), oauth))
        })
    }
}
