//! A desktop window that shows Plaid Link and links the bank that comes out of it.
//!
//! Ratio and Plaid are stand-ins on this machine. A product asks its own service for the link, as `examples/service`
//! answers it, and hands what the window saw to that service; here one process is both, so that the story is whole.

mod ending;
mod seen;
mod window;

use ratio_bank::{Client, Environment, SessionToken, UserId};
use ratio_sandbox::Sandbox;

/// Where the bank's own page sends the person back to. The window sees it first, so nobody has to serve it.
const REDIRECT_URI: &str = "https://app.example/oauth-return";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let (sandbox, session, link) = runtime.block_on(async {
        let sandbox = Sandbox::builder().redirect_uri(REDIRECT_URI).start().await?;
        let user = sandbox.user();
        let client = Client::builder(Environment::at(sandbox.url())?)
            .client_id(sandbox.client_id())
            .plaid_page(format!("{}/link/v2/stable/link.html", sandbox.url()).parse()?)
            .build()?;
        let session = client.session(UserId::new(user.id())?, SessionToken::new(user.session_token()));
        let link = session.request_bank_link().await?;
        Ok::<_, Box<dyn std::error::Error>>((sandbox, session, link))
    })?;
    println!("Ratio and Plaid are stand-ins at {}", sandbox.url());
    println!("choose Tartan Bank and log in as custom_ratio_good / pass_good");
    window::run(runtime, sandbox, session, link)
}
