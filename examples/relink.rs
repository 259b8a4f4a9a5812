//! Repairs a bank that wants the person to log in again: `cargo run --example relink`.
//!
//! Ratio and Plaid are stand-ins on this machine.

use ratio_bank::{
    AchKind, AchOrder, Client, CryptoCurrency, Environment, PublicToken, SessionToken, UserId, WalletId,
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
    let public_token = PublicToken::new(sandbox.plaid().complete(link.token())?);
    let bank = session
        .finish_bank_link(link.record(), public_token)
        .await?
        .id
        .ok_or("the bank has no id")?;

    // Months later, the bank asks for a new login.
    sandbox.break_link(bank.as_str())?;
    let order = AchOrder::new(
        "20".parse()?,
        CryptoCurrency::Matic,
        WalletId::new(user.wallet_id())?,
        AchKind::Standard,
    );
    let error = session
        .initiate_ach(&bank, &order)
        .await
        .err()
        .ok_or("the bank is broken")?;
    println!("{error}");
    if !error.is_login_required() {
        return Err(error.into());
    }

    let link = session.request_bank_relink(&bank).await?;
    println!(
        "a {:?} token, to be used before {:?}",
        link.kind(),
        link.expires_at()
    );
    let public_token = PublicToken::new(sandbox.plaid().complete(link.token())?);
    // Nothing is activated after a repair; the record knows, so that this line serves both kinds of links.
    println!(
        "repaired: {:?}",
        session.finish_bank_link(link.record(), public_token).await?
    );
    println!("bought: {:?}", session.initiate_ach(&bank, &order).await?.fiat);
    Ok(())
}
