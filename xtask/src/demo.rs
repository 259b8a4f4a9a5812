//! `cargo xtask demo`: runs the whole process on this machine, with the real client and the sandbox.

use std::fmt::Display;
use std::time::Duration;

use anstyle::Style;
use anyhow::{Context as _, anyhow, ensure};
use clap::Parser;
use ratio_bank::plaid::Navigation;
use ratio_bank::{
    AchKind, AchOrder, BankId, Client, CryptoCurrency, Environment, LinkToken, Polling, Session,
    SessionToken, UserId, WalletId,
};
use ratio_sandbox::{Document, Sandbox};

use crate::check_spec;
use openapi_drift_cli::exit::{Exit, Outcome};
use openapi_drift_cli::printer::{BOLD, DIM, GOOD, Printer};

/// Link a bank, lose it, relink it and pay from it, then find drift: all on this machine
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

/// Prints the steps of the demo.
struct Teller<'a>(&'a mut Printer);

impl Teller<'_> {
    fn chapter(&mut self, title: &str) -> anyhow::Result<()> {
        self.0.line("")?;
        Ok(self.0.say(&[(BOLD, title)])?)
    }

    fn step(&mut self, call: &str, outcome: &str) -> anyhow::Result<()> {
        let call = format!("{call:<34} ");
        let parts = [
            (Style::new(), "  "),
            (GOOD, "✓ "),
            (Style::new(), &call),
            (DIM, outcome),
        ];
        Ok(self.0.say(&parts)?)
    }
}

pub(crate) fn run(_: &Args, printer: &mut Printer) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the demo's runtime cannot start")?;
    let later = runtime.block_on(async {
        let mut teller = Teller(printer);
        let sandbox = Sandbox::builder().start().await?;
        let listens = format!("A stand-in for Ratio and for Plaid listens at {}", sandbox.url());
        teller.0.line(&listens)?;
        link_and_pay(&sandbox, &mut teller).await?;
        sandbox.shutdown().await;

        teller.chapter("Seven months later, the vendor serves another document under the same version")?;
        anyhow::Ok(Sandbox::builder().document(Document::later()).start().await?)
    })?;
    find_drift(&later, printer)?;
    runtime.block_on(later.shutdown());
    Ok(Exit::Success)
}

async fn link_and_pay(sandbox: &Sandbox, teller: &mut Teller<'_>) -> anyhow::Result<()> {
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

    teller.chapter("A bank is linked")?;
    let link = session.request_bank_link().await?;
    teller.step("request_bank_link", "a link token, good for 4 hours")?;
    teller.step("link.webview_url", "Plaid Link opens in a webview")?;
    let success = play_plaid(sandbox, &link)?;
    teller.step("Navigation::parse", "plaidlink://connected, with a public token")?;
    let bank = session
        .activate_bank_link(success)
        .await?
        .id
        .context("the bank has no id")?;
    teller.step("activate_bank_link", "linked, and in review")?;
    let account = wait(sandbox, &session, &bank).await?;
    let (link, verification) = (shown(account.link_status), shown(account.verification_status));
    teller.step("wait_for_bank", &format!("{link} and {verification}"))?;

    teller.chapter("The person buys")?;
    let item = session.initiate_ach(&bank, &order).await?;
    teller.step(
        "initiate_ach",
        &format!(
            "49.99 dollars of ETH, {}",
            shown(item.fiat.and_then(|fiat| fiat.status))
        ),
    )?;

    teller.chapter("The bank wants to see the person again")?;
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
    teller.step("initiate_ach", &format!("refused: {refused}"))?;
    let relink = session.request_bank_relink(&bank).await?;
    teller.step("request_bank_relink", "a link token, good for 30 minutes")?;
    let success = play_plaid(sandbox, &relink)?;
    session.finish_bank_link(relink.record(), success).await?;
    teller.step("finish_bank_link", "repaired; nothing to activate")?;
    session.initiate_ach(&bank, &order).await?;
    teller.step("initiate_ach", "49.99 dollars of ETH, again")?;

    teller.chapter("The bank is unlinked")?;
    session.delete_bank(&bank).await?;
    let left = session.get_user().await?.connected_bank_accounts.len();
    ensure!(left == 0, "{left} banks are left after the only one was deleted");
    teller.step("delete_bank", "gone")?;

    let ledger = sandbox.ledger();
    ensure!(
        ledger.transfers().len() == 2,
        "{} purchases instead of two",
        ledger.transfers().len()
    );
    ensure!(ledger.is_balanced(), "the books do not balance");
    teller.step("the stand-in's books", "two purchases, each once; balanced")
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

fn find_drift(later: &Sandbox, printer: &mut Printer) -> Outcome {
    #[derive(Parser)]
    struct CheckSpec {
        #[command(flatten)]
        args: check_spec::Args,
    }
    let staging = format!("{}/v1/api-docs", later.url());
    let command = ["check-spec", "--staging", &staging];
    printer.line(&format!("  $ cargo xtask {}", command.join(" ")))?;
    printer.line("")?;
    let args = CheckSpec::try_parse_from(command)
        .context("check-spec takes other arguments")?
        .args;
    let exit = check_spec::run(&args, printer)?;
    if exit != Exit::Found {
        return Err(anyhow!("the later document differs, and check-spec did not say so").into());
    }
    Ok(exit)
}
