//! Hears of changes in the API from the answers themselves: `cargo run --example observe_drift`.
//!
//! The stand-in answers with fields and values that the pinned document does not know. Each call succeeds all the same,
//! and the hook tells what was new, without anybody's data.

use ratio_bank::{Client, Environment, SessionToken, UserId};
use ratio_sandbox::{Fault, Sandbox, operation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::builder().start().await?;
    let user = sandbox.user();
    let pin = ratio_bank::pin();
    println!("built from {} ({})", pin.source(), pin.sha256());

    let client = Client::builder(Environment::at(sandbox.url())?)
        .client_id(sandbox.client_id())
        .on_drift(|event| {
            let value = event.value.as_deref().unwrap_or_default();
            println!("{} {} at {:?} {value}", event.operation, event.kind, event.path);
        })
        .build()?;
    let session = client.session(UserId::new(user.id())?, SessionToken::new(user.session_token()));

    for fault in [Fault::extra_fields(), Fault::unknown_enum(), Fault::status(418)] {
        sandbox.inject(operation::GET_USER, fault)?;
        match session.get_user().await {
            Ok(_) => println!("the call succeeded"),
            Err(error) => println!("the call failed: {error}"),
        }
    }
    Ok(())
}
