//! The control API at `/_sandbox`. It offers the methods of the handle over HTTP, for tests in other languages and for
//! people.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::operation::ANY;
use crate::plaid::{Institution, Persona, Plaid, TestLogin, link_api};
use crate::session::Rotation;
use crate::shared::{Shared, Unknown, no_user};
use crate::users::{NewUser, User};
use crate::world::banks::{LinkStatus, Verification};
use crate::world::users::Kyc;

/// The commands that `GET /_sandbox` lists.
const GUIDE: [(&str, &str); 16] = [
    (
        "POST /_sandbox/users",
        "{\"kyc\": \"APPROVED\"}: a new user with a wallet and a session token",
    ),
    ("POST /_sandbox/users/{id}/session", "a fresh session token"),
    (
        "PUT /_sandbox/users/{id}/kyc",
        "{\"kyc\": \"NOT_STARTED|IN_REVIEW|APPROVED|DECLINED\"}",
    ),
    (
        "PUT, DELETE /_sandbox/users/{id}/flag",
        "under review: everything but reading answers 403",
    ),
    ("PUT /_sandbox/banks/{id}/{state}", "broken, approved or declined"),
    (
        "POST /_sandbox/plaid",
        "{\"linkToken\", \"persona\": \"good|bad\", \"institution\": \"ins_...\"}: a public token",
    ),
    ("GET, POST /_sandbox/clock", "{\"advanceSeconds\": 300}"),
    (
        "PUT /_sandbox/rotation",
        "{\"rotation\": \"never|whenHalfSpent|everyAnswer|everyAnswerRevokingTheOld\"}",
    ),
    (
        "POST /_sandbox/faults",
        "{\"operation\": \"POST /v1/...\", \"kind\": \"resetAfter\", \"times\": 1, \"delayMilliseconds\": 0}: all may be left out",
    ),
    ("DELETE /_sandbox/faults", "forgets them all"),
    ("PUT /_sandbox/faults/random", "{\"perMille\": 100}"),
    (
        "POST /_sandbox/refuse",
        "{\"milliseconds\": 500}: closes the port for a while",
    ),
    (
        "POST /_sandbox/webhooks",
        "{\"url\": \"http://127.0.0.1:...\"}: hears of every event; gives the secret",
    ),
    ("GET /_sandbox/ledger", "purchases and bookings"),
    ("GET /_sandbox/requests", "what reached an operation"),
    ("GET /_sandbox/violations", "answers that broke the document"),
];

type Shares = State<Arc<Shared>>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(guide))
        .route("/users", post(new_user))
        .route("/users/{id}/session", post(session))
        .route("/users/{id}/kyc", put(kyc))
        .route("/users/{id}/flag", put(flag).delete(unflag))
        .route("/banks/{id}/{state}", put(bank))
        .route("/plaid", post(plaid))
        .route("/clock", get(clock).post(advance))
        .route("/rotation", put(rotation))
        .route("/faults", post(inject).delete(clear))
        .route("/faults/random", put(random))
        .route("/refuse", post(refuse))
        .route("/webhooks", post(webhook))
        .route("/ledger", get(ledger))
        .route("/requests", get(requests))
        .route("/violations", get(violations))
        .fallback(async || {
            (
                StatusCode::NOT_FOUND,
                Json(json!({"error": "see GET /_sandbox for what there is"})),
            )
        })
}

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        (StatusCode::NOT_FOUND, Json(json!({"error": self.to_string()}))).into_response()
    }
}

/// Lists the commands, one on each line, so that people can read them.
async fn guide(State(shared): Shares) -> ([(HeaderName, &'static str); 1], String) {
    let commands: serde_json::Map<_, _> = GUIDE
        .iter()
        .map(|(name, what)| ((*name).to_owned(), json!(what)))
        .collect();
    let logins: Vec<_> = TestLogin::all().map(|one| link_api::login(&one)).collect();
    let world = shared.world();
    let guide = json!({
        "url": shared.url,
        "time": shared.clock.to_string(),
        "clientId": world.settings.client_id,
        "clientSecret": world.settings.client_secret,
        "logins": logins,
        "banks": Institution::ALL.map(Institution::name),
        "operations": shared.contract().operations().map(crate::contract::Operation::name).collect::<Vec<_>>(),
        "control": commands,
        "faultKinds": Fault::samples(),
    });
    (
        [(header::CONTENT_TYPE, "application/json")],
        format!("{guide:#}\n"),
    )
}

#[derive(Deserialize)]
struct WantedUser {
    kyc: Option<Kyc>,
}

#[derive(Deserialize)]
struct WantedKyc {
    kyc: Kyc,
}

fn told(user: &User) -> Json<Value> {
    Json(json!({"id": user.id(), "sessionToken": user.session_token(), "walletId": user.wallet_id()}))
}

async fn new_user(State(shared): Shares, wanted: Option<Json<WantedUser>>) -> Json<Value> {
    let new = NewUser::new(shared);
    told(&match wanted.and_then(|Json(wanted)| wanted.kyc) {
        Some(kyc) => new.kyc(kyc).create(),
        None => new.create(),
    })
}

async fn session(State(shared): Shares, Path(id): Path<String>) -> Result<Json<Value>, Unknown> {
    User::sign_in(&shared, &id)
        .map(|user| told(&user))
        .ok_or_else(|| no_user(&id))
}

async fn kyc(
    State(shared): Shares,
    Path(id): Path<String>,
    Json(wanted): Json<WantedKyc>,
) -> Result<(), Unknown> {
    shared.decide_kyc(&id, wanted.kyc)
}

async fn flag(State(shared): Shares, Path(id): Path<String>) -> Result<(), Unknown> {
    shared.set_flags(&id, vec!["F0000".to_owned()])
}

async fn unflag(State(shared): Shares, Path(id): Path<String>) -> Result<(), Unknown> {
    shared.set_flags(&id, Vec::new())
}

async fn bank(State(shared): Shares, Path((id, state)): Path<(String, String)>) -> Result<(), Unknown> {
    let change = match state.as_str() {
        "broken" => (Some(LinkStatus::LoginRequired), None),
        "approved" => (Some(LinkStatus::Active), Some(Verification::Approved)),
        "declined" => (None, Some(Verification::Declined)),
        _ => {
            return Err(Unknown(format!(
                "state {state:?} of a bank; there are broken, approved and declined"
            )));
        }
    };
    shared.change_bank(&id, |bank| {
        bank.link = change.0.unwrap_or(bank.link);
        bank.verification = change.1.unwrap_or(bank.verification);
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Completion {
    link_token: String,
    #[serde(default)]
    persona: Persona,
    institution: Option<String>,
}

async fn plaid(State(shared): Shares, Json(completion): Json<Completion>) -> Result<Json<Value>, Response> {
    let institution = match &completion.institution {
        None => Institution::default(),
        Some(id) => {
            Institution::of_id(id).ok_or_else(|| Unknown(format!("institution {id:?}")).into_response())?
        }
    };
    let completed = Plaid {
        shared,
        persona: completion.persona,
        institution,
    }
    .complete(&completion.link_token);
    let told = completed.map(|public_token| Json(json!({ "publicToken": public_token })));
    told.map_err(|refusal| {
        (StatusCode::CONFLICT, Json(json!({"error": refusal.to_string()}))).into_response()
    })
}

async fn clock(State(shared): Shares) -> Json<Value> {
    Json(json!({"time": shared.clock.to_string()}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(shared): Shares, Json(sent): Json<Advance>) -> Json<Value> {
    shared.clock.advance(Duration::from_secs(sent.advance_seconds));
    clock(State(shared)).await
}

#[derive(Deserialize)]
struct WantedRotation {
    rotation: Rotation,
}

async fn rotation(State(shared): Shares, Json(wanted): Json<WantedRotation>) {
    shared.world().sessions.rotation = wanted.rotation;
}

#[derive(Deserialize)]
struct Inject {
    operation: Option<String>,
    // Deserialized separately, since flattening would accept a misspelt field.
    #[serde(flatten)]
    fault: serde_json::Map<String, Value>,
}

async fn inject(State(shared): Shares, Json(sent): Json<Inject>) -> Result<(), Response> {
    let fault: Fault = serde_json::from_value(Value::Object(sent.fault)).map_err(|error| {
        (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": format!("this is no fault: {error}")})),
        )
            .into_response()
    })?;
    shared
        .inject(sent.operation.as_deref().unwrap_or(ANY), fault)
        .map_err(IntoResponse::into_response)
}

async fn clear(State(shared): Shares) {
    shared.clear_faults();
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AtRandom {
    per_mille: u16,
}

async fn random(State(shared): Shares, Json(sent): Json<AtRandom>) {
    shared.faults_at_random(sent.per_mille);
}

#[derive(Deserialize)]
struct Refuse {
    milliseconds: u64,
}

async fn refuse(State(shared): Shares, Json(sent): Json<Refuse>) {
    shared.refuse_for(Duration::from_millis(sent.milliseconds));
}

#[derive(Deserialize)]
struct NewWebhook {
    url: String,
}

async fn webhook(State(shared): Shares, Json(sent): Json<NewWebhook>) -> Json<Value> {
    let now = shared.clock.now();
    let secret = shared.world().register_webhook(&sent.url, now);
    Json(json!({ "secret": secret }))
}

async fn ledger(State(shared): Shares) -> Json<Value> {
    let ledger = shared.ledger();
    let transfers = ledger.transfers().iter().map(|transfer| {
        json!({
            "id": transfer.id, "user": transfer.user, "bank": transfer.bank, "wallet": transfer.wallet,
            "amount": transfer.amount.to_string(), "currency": transfer.currency,
            "fiat": transfer.fiat.as_str(), "crypto": transfer.crypto.as_str(),
        })
    });
    let transfers: Vec<_> = transfers.collect();
    Json(json!({"transfers": transfers, "entries": ledger.entries().len(), "balanced": ledger.is_balanced()}))
}

async fn requests(State(shared): Shares) -> Json<Value> {
    let seen = shared.seen();
    Json(
        seen.iter()
            .map(|seen| json!({"operation": seen.operation, "status": seen.status}))
            .collect(),
    )
}

async fn violations(State(shared): Shares) -> Json<Vec<String>> {
    Json(shared.broken())
}
