//! Runs the service: next to Ratio when `RATIO_URL` is set, next to a stand-in of its own otherwise.

use std::error::Error;
use std::net::SocketAddr;

use example_service::{Clock, Config, Credentials, Guest, SealKey, Secret, Service};
use ratio_sandbox::Sandbox;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let listener = TcpListener::bind(Config::listen_from_env()?).await?;
    let address = listener.local_addr()?;
    let config = if std::env::var_os("RATIO_URL").is_some() {
        Config::from_env()?
    } else {
        with_a_stand_in(address).await?
    };
    let service = Service::new(config, Clock::system())?;
    tokio::spawn(service.clone().keep_finishing());

    println!("listening on http://{address}");
    axum::serve(listener, service.router())
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

/// Starts a stand-in for Ratio and Plaid that lives as long as the process, and what fits it.
async fn with_a_stand_in(address: SocketAddr) -> Result<Config, Box<dyn Error + Send + Sync>> {
    let public_url = format!("http://{address}");
    // Leaked on purpose: it is to live as long as we do, and the guests need it all the time.
    let sandbox: &'static Sandbox = Box::leak(Box::new(
        Sandbox::builder()
            .redirect_uri(format!("{public_url}/oauth-return"))
            .start()
            .await?,
    ));
    // Its customers are gone when it stops, so the database need not stay either.
    let database = std::env::temp_dir().join(format!("example-service-{}.db", std::process::id()));
    println!(
        "no RATIO_URL: a stand-in for Ratio and Plaid runs at {}",
        sandbox.url()
    );
    println!(
        "open {public_url} and be a made-up customer; at the bank, log in as custom_ratio_good / pass_good"
    );
    let webhook_secret = sandbox.register_webhook(&format!("{public_url}/webhooks/ratio"));
    Ok(Config {
        public_url,
        database,
        seal_key: SealKey::random(),
        ratio_url: sandbox.url().to_owned(),
        client_id: sandbox.client_id(),
        client_secret: Some(Secret::new(sandbox.client_secret())),
        webhook_secret: Some(Secret::new(webhook_secret)),
        plaid_url: sandbox.url().to_owned(),
        claim_seconds: 60,
        guest: Some(Guest::new(move || {
            let user = sandbox.user();
            Credentials {
                user_id: user.id().to_owned(),
                session_token: user.session_token().to_owned(),
                wallet_id: user.wallet_id().to_owned(),
            }
        })),
    })
}
