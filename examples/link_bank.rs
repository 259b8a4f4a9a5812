//! Links a bank, waits until it is verified, and buys: `cargo run --example link_bank`.
//!
//! Ratio and Plaid are stand-ins on this machine. Against Ratio's staging, give [`Environment::Staging`] and what
//! Ratio gave you, and let a person go through Plaid Link in a webview.

use ratio_bank::plaid::Navigation;
use ratio_bank::{
    AchKind, AchOrder, Client, CryptoCurrency, Environment, Polling, SessionToken, UserId, WalletId,
};
use ratio_sandbox::Sandbox;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::builder().start().await?;
    let user = sandbox.user();

    let client = Client::builder(Environment::at(sandbox.url())?)
        .client_id(sandbox.client_id())
        .build()?;
    let session = client.session(UserId::new(user.id())?, SessionToken::new(user.session_token()));

    let link = session.request_bank_link().await?;
    println!("a webview would open {:?}", link.webview_url());

    // The stand-in plays the person and the webview, which ends with this navigation.
    let navigated = format!(
        "plaidlink://connected?public_token={}",
        sandbox.plaid().complete(link.token())?
    );
    let Some(Navigation::Connected(success)) = Navigation::parse(&navigated) else {
        return Err("the person left Plaid Link".into());
    };
    let bank = session.activate_bank_link(success).await?;
    println!("activated: {bank:?}");
    let bank = bank.id.ok_or("the bank has no id")?;
    println!(
        "ready: {:?}",
        session.wait_for_bank(&bank, Polling::default()).await?
    );

    let order = AchOrder::new(
        "49.99".parse()?,
        CryptoCurrency::Eth,
        WalletId::new(user.wallet_id())?,
        AchKind::Standard,
    );
    match session.initiate_ach(&bank, &order).await {
        Ok(item) => println!("bought: {:?}", item.fiat),
        Err(error) if error.may_have_executed() => println!("look before ordering again: {error}"),
        Err(error) => println!("nothing was bought: {error}"),
    }
    Ok(())
}
