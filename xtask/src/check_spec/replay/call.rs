//! One call of the real client, operation by operation.

use std::sync::{Arc, Mutex, PoisonError};

use ratio_bank::{
    AchKind, AchOrder, BankId, Client, CryptoCurrency, Environment, FiatAmount, PublicToken, Session,
    SessionToken, UserId, WalletId,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The operations that can be called, by the names `pin.toml` gives them.
pub(super) const KNOWN: [&str; 6] = [
    "request_bank_link",
    "activate_bank_link",
    "request_bank_relink",
    "delete_bank",
    "initiate_ach",
    "get_user",
];

/// What became of a call.
pub(super) struct Answered {
    pub(super) result: Result<(), String>,
    /// The drift that the client noticed on its way.
    pub(super) noticed: Vec<String>,
    /// Whether the message holds something that the client's types cannot say.
    pub(super) unsendable: bool,
}

/// Calls an operation of the service at `address`, with the values of `message` where the caller chooses them.
pub(super) async fn call(operation: &str, address: &str, message: Option<&Value>) -> Answered {
    let noticed = Arc::new(Mutex::new(Vec::new()));
    let sensor = Arc::clone(&noticed);
    let session = Environment::at(address).and_then(|environment| {
        Client::builder(environment)
            .client_id("replay")
            .max_attempts(1)
            .on_drift(move |event| {
                let value = event
                    .value
                    .as_deref()
                    .map_or_else(String::new, |value| format!(" `{value}`"));
                let mut seen = sensor.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push(format!("{}{value} at {:?}", event.kind, event.path));
            })
            .build()
    });
    let mut unsendable = false;
    let result = match session.map(|client| (client, UserId::new("replay-user"), BankId::new("replay-bank")))
    {
        Ok((client, Ok(user), Ok(bank))) => {
            let session = client.session(user, SessionToken::new("replay"));
            match order(message) {
                None if operation == "initiate_ach" => {
                    unsendable = true;
                    Ok(())
                }
                order => run(operation, &session, &bank, order)
                    .await
                    .map_err(|error| error.to_string()),
            }
        }
        Ok(_) => Err("the client refuses the ids".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    let noticed = noticed.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Answered {
        result,
        noticed,
        unsendable,
    }
}

async fn run(
    operation: &str,
    session: &Session,
    bank: &BankId,
    order: Option<AchOrder>,
) -> Result<(), ratio_bank::Error> {
    match (operation, order) {
        ("request_bank_link", _) => session.request_bank_link().await.map(drop),
        ("activate_bank_link", _) => session
            .activate_bank_link(PublicToken::new("replay"))
            .await
            .map(drop),
        ("request_bank_relink", _) => session.request_bank_relink(bank).await.map(drop),
        ("delete_bank", _) => session.delete_bank(bank).await,
        ("initiate_ach", Some(order)) => session.initiate_ach(bank, &order).await.map(drop),
        _ => session.get_user().await.map(drop),
    }
}

/// The order that a message asks for; what it leaves open is filled in.
fn order(message: Option<&Value>) -> Option<AchOrder> {
    let body = message.and_then(|message| message.get("body"));
    Some(AchOrder {
        amount: FiatAmount::from_cents(4999).ok()?,
        currency: chosen(body, "cryptoCurrency", CryptoCurrency::Eth)?,
        wallet: WalletId::new("replay-wallet").ok()?,
        kind: chosen(body, "type", AchKind::Standard)?,
    })
}

fn chosen<T: DeserializeOwned>(body: Option<&Value>, name: &str, otherwise: T) -> Option<T> {
    match body.and_then(|body| body.get(name)) {
        Some(value) => serde_json::from_value(value.clone()).ok(),
        None => Some(otherwise),
    }
}
