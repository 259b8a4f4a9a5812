//! Runs the whole process on this machine, with the real client and the sandbox: `cargo xtask demo`.

use std::fmt::Display;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anstream::println;
use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, anyhow, ensure};
use ratio_bank::plaid::Navigation;
use ratio_bank::{
    AchKind, AchOrder, BankId, Client, CryptoCurrency, Environment, LinkToken, Polling, Session,
    SessionToken, UserId, WalletId,
};
use ratio_sandbox::{Document, Sandbox};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let sandbox = Sandbox::builder().start().await?;
    println!("A stand-in for Ratio and for Plaid listens at {}", sandbox.url());
    link_and_pay(&sandbox).await?;
    sandbox.shutdown().await;

    chapter("Seven months later, the vendor serves another document under the same version");
    let later = Sandbox::builder().document(Document::later()).start().await?;
    find_drift(&later)?;
    later.shutdown().await;
    Ok(())
}

fn chapter(title: &str) {
    let bold = Style::new().bold();
    println!("\n{bold}{title}{bold:#}");
}

fn step(call: &str, outcome: &str) {
    let (good, dim) = (AnsiColor::BrightGreen.on_default().bold(), Style::new().dimmed());
    println!("  {good}✓{good:#} {call:<34} {dim}{outcome}{dim:#}");
}

async fn link_and_pay(sandbox: &Sandbox) -> anyhow::Result<()> {
    let user = sandbox.user();
    let client = Client::builder(Environment::at(sandbox.url())?)
        .client_id(sandbox.client_id())
        .plaid_page(format!("{}/link/v2/stable/link.html", sandbox.url()).parse()?)
        .build()?;
    let session = client.session(UserId::new(user.id())?, SessionToken::new(user.session_token()));
    let order = AchOrder::new(
        "49.99".parse()?,
        CryptoCurrency::Eth,
        WalletId::new(user.wallet_id())?,
        AchKind::Standard,
    );

    chapter("A bank is linked");
    let link = session.request_bank_link().await?;
    step("request_bank_link", "a link token, good for 4 hours");
    step("link.webview_url", "Plaid Link opens in a webview");
    let success = play_plaid(sandbox, &link)?;
    step("Navigation::parse", "plaidlink://connected, with a public token");
    let bank = session
        .activate_bank_link(success)
        .await?
        .id
        .context("the bank has no id")?;
    step("activate_bank_link", "linked, and in review");
    let account = wait(sandbox, &session, &bank).await?;
    let (link, verification) = (shown(account.link_status), shown(account.verification_status));
    step("wait_for_bank", &format!("{link} and {verification}"));

    chapter("The person buys");
    let item = session.initiate_ach(&bank, &order).await?;
    step(
        "initiate_ach",
        &format!(
            "49.99 dollars of ETH, {}",
            shown(item.fiat.and_then(|fiat| fiat.status))
        ),
    );

    chapter("The bank wants to see the person again");
    sandbox
        .break_link(bank.as_str())
        .map_err(|unknown| anyhow!("{unknown}"))?;
    let Err(refused) = session.initiate_ach(&bank, &order).await else {
        return Err(anyhow!("a bank that needs a login let a purchase through"));
    };
    ensure!(
        refused.is_login_required(),
        "expected a login to be required: {refused}"
    );
    step("initiate_ach", &format!("refused: {refused}"));
    let relink = session.request_bank_relink(&bank).await?;
    step("request_bank_relink", "a link token, good for 30 minutes");
    let success = play_plaid(sandbox, &relink)?;
    session.finish_bank_link(relink.record(), success).await?;
    step("finish_bank_link", "repaired; nothing to activate");
    session.initiate_ach(&bank, &order).await?;
    step("initiate_ach", "49.99 dollars of ETH, again");

    chapter("The bank is unlinked");
    session.delete_bank(&bank).await?;
    let left = session.get_user().await?.connected_bank_accounts.len();
    ensure!(left == 0, "{left} banks are left after the only one was deleted");
    step("delete_bank", "gone");

    let ledger = sandbox.ledger();
    ensure!(
        ledger.transfers().len() == 2,
        "{} purchases instead of two",
        ledger.transfers().len()
    );
    ensure!(ledger.is_balanced(), "the books do not balance");
    step("the stand-in's books", "two purchases, each once; balanced");
    Ok(())
}

/// A status in text form. The vendor may omit it.
fn shown(status: Option<impl Display>) -> String {
    status.map_or_else(|| "no status".to_owned(), |status| status.to_string())
}

/// Plays the person's part in Plaid Link, up to the navigation that a webview sees.
fn play_plaid(sandbox: &Sandbox, link: &LinkToken) -> anyhow::Result<Navigation> {
    let token = sandbox
        .plaid()
        .complete(link.token())
        .map_err(|refused| anyhow!("{refused}"))?;
    Navigation::parse(&format!("plaidlink://connected?public_token={token}"))
        .context("the stand-in's navigation is not Plaid's")
}

/// Waits for the verification, using the sandbox's clock instead of real time.
async fn wait(
    sandbox: &Sandbox,
    session: &Session,
    bank: &BankId,
) -> anyhow::Result<ratio_bank::types::BankAccount> {
    sandbox.clock().advance(Duration::from_secs(10));
    Ok(session.wait_for_bank(bank, Polling::default()).await?)
}

/// Runs `cargo xtask check-spec` on the later document.
fn find_drift(later: &Sandbox) -> anyhow::Result<()> {
    let staging = format!("{}/v1/api-docs", later.url());
    let command = ["xtask", "check-spec", "--staging", &staging];
    println!("  $ cargo {}\n", command.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new(cargo).args(command).current_dir(workspace).status();
    let status = status.context("cannot start cargo")?;
    ensure!(
        status.code() == Some(1),
        "the later document differs, and check-spec did not say so: {status}"
    );
    Ok(())
}
