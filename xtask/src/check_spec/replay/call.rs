//! Single calls of the real client, by operation.

use std::sync::{Arc, Mutex, PoisonError};

use openapi_document::view::template_names;
use ratio_bank::{
    AchKind, AchOrder, ActivityFilter, BankId, Client, CryptoCurrency, DeviceFingerprint, DriftEvent,
    DriftKind, Environment, FiatAmount, PublicToken, Session, SessionToken, UserId, WalletId,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The operations that can be called, by their names in `pin.toml`.
pub(super) const KNOWN: [&str; 7] = [
    "request_bank_link",
    "activate_bank_link",
    "request_bank_relink",
    "delete_bank",
    "initiate_ach",
    "get_user",
    "list_activity",
];

/// An id in the format that Ratio uses.
const ID: &str = "4f9b2c1e-0000-4000-8000-2d7a5c3e9b10";

/// The parts of a request that a caller may choose.
#[derive(Clone)]
pub(super) struct Inputs {
    client_id: String,
    /// Optional settings of a product, which the pin does not require.
    pub(super) client_secret: bool,
    pub(super) device: bool,
    user: UserId,
    bank: BankId,
    public_token: String,
    pub(super) order: AchOrder,
    activity: ActivityFilter,
}

/// The outcome of a call.
pub(super) struct Answered {
    /// The client's error, without the name of the operation.
    pub(super) result: Result<(), String>,
    /// The vendor's code in the client's error.
    pub(super) code: Option<String>,
    /// The drift that the client reported.
    pub(super) noticed: Vec<DriftEvent>,
}

impl Inputs {
    /// Takes values from a message if callers can choose them and the client's types can express them, and default
    /// values otherwise.
    pub(super) fn of(template: &str, message: Option<&Value>) -> Option<Self> {
        let text = |pointer: &str| {
            let value = message?.pointer(pointer)?.as_str()?;
            (!value.is_empty()).then(|| value.to_owned())
        };
        let mut parameters = template_names(template)
            .into_iter()
            .map(|name| text(&format!("/path_parameters/{name}")));
        let mut id = || parameters.next().flatten();
        let usual = |given: Option<String>| given.unwrap_or_else(|| ID.to_owned());
        let (user, bank) = (id(), id());
        let body = |name: &str| message?.get("body")?.get(name).cloned();
        Some(Self {
            client_id: usual(text("/headers/ratio-client-id")),
            client_secret: false,
            device: false,
            user: UserId::new(usual(user)).or_else(|_| UserId::new(ID)).ok()?,
            bank: BankId::new(usual(bank)).or_else(|_| BankId::new(ID)).ok()?,
            public_token: text("/body/publicToken").unwrap_or_else(|| "public-sandbox-replay".to_owned()),
            order: AchOrder::new(
                text("/body/fiatAmount")
                    .and_then(|text| text.parse().ok())
                    .or_else(|| FiatAmount::from_cents(4999).ok())?,
                chosen(body("cryptoCurrency")).unwrap_or(CryptoCurrency::Eth),
                WalletId::new(usual(text("/body/walletId")))
                    .or_else(|_| WalletId::new(ID))
                    .ok()?,
                chosen(body("type")).unwrap_or(AchKind::Standard),
            ),
            activity: activity(|name| text(&format!("/query/{name}"))),
        })
    }
}

/// The filter that sends these query parameters, as far as callers can choose them.
fn activity(query: impl Fn(&str) -> Option<String>) -> ActivityFilter {
    let mut filter = ActivityFilter::new();
    if let Some(size) = query("pageSize").and_then(|size| size.parse().ok()) {
        filter = filter.page_size(size);
    }
    if let Some(token) = query("pageToken") {
        filter = filter.page_token(token);
    }
    if let Some(wallet) = query("walletId").and_then(|id| WalletId::new(id).ok()) {
        filter = filter.wallet(&wallet);
    }
    if let Some(currency) = query("cryptoCurrency") {
        filter = filter.crypto_currency(currency);
    }
    if let Some(status) = query("cryptoStatus") {
        filter = filter.crypto_status(status.into());
    }
    if let Some(status) = query("fiatStatus") {
        filter = filter.fiat_status(status.into());
    }
    filter
}

fn chosen<T: DeserializeOwned>(value: Option<Value>) -> Option<T> {
    serde_json::from_value(value?).ok()
}

/// Calls an operation of the service at `url`.
pub(super) async fn call(operation: &str, url: &str, inputs: &Inputs) -> Answered {
    let noticed = Arc::new(Mutex::new(Vec::new()));
    let sensor = Arc::clone(&noticed);
    let client = Environment::at(url).and_then(|environment| {
        let mut builder = Client::builder(environment)
            .client_id(inputs.client_id.as_str())
            .max_attempts(1)
            .on_drift(move |event| {
                let mut seen = sensor.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push(event.clone());
            });
        if inputs.client_secret {
            builder = builder.client_secret("replay");
        }
        builder.build()
    });
    let result = match client {
        Ok(client) => {
            let mut session = client.session(inputs.user.clone(), SessionToken::new("replay"));
            if inputs.device {
                session = session.with_device(DeviceFingerprint::browser("192.0.2.1", "replay"));
            }
            run(operation, &session, inputs).await
        }
        Err(error) => Err(error),
    };
    let noticed = noticed.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Answered {
        code: result
            .as_ref()
            .err()
            .and_then(|error| error.code())
            .map(str::to_owned),
        result: result.map_err(|error| {
            let text = error.to_string();
            let named = format!("{operation}: ");
            text.strip_prefix(&named).unwrap_or(&text).to_owned()
        }),
        noticed,
    }
}

async fn run(operation: &str, session: &Session, inputs: &Inputs) -> Result<(), ratio_bank::Error> {
    match operation {
        "request_bank_link" => session.request_bank_link().await.map(drop),
        "activate_bank_link" => session
            .activate_bank_link(PublicToken::new(inputs.public_token.as_str()))
            .await
            .map(drop),
        "request_bank_relink" => session.request_bank_relink(&inputs.bank).await.map(drop),
        "delete_bank" => session.delete_bank(&inputs.bank).await,
        "initiate_ach" => session.initiate_ach(&inputs.bank, &inputs.order).await.map(drop),
        "list_activity" => {
            let mut activity = session.activity(inputs.activity.clone());
            activity.next_page().await.map(drop)
        }
        _ => session.get_user().await.map(drop),
    }
}

/// An event of the client's sensor in words.
pub(super) fn told(event: &DriftEvent) -> String {
    let value = event.value.as_deref().unwrap_or_default();
    let at = event.path.as_str();
    match event.kind {
        DriftKind::UnknownField => format!("the unknown field `{at}`"),
        DriftKind::UnknownValue => format!("the unknown value `{value}` at `{at}`"),
        DriftKind::UndeclaredStatus => format!("the undeclared status {value}"),
        DriftKind::UnreadableBody if at.is_empty() => "a body that it cannot read".to_owned(),
        DriftKind::UnreadableBody => format!("that `{at}` cannot be read"),
        _ => event.kind.to_string(),
    }
}
