//! Runs the service with Ratio if `RATIO_URL` is set, and otherwise with a stand-in of its own.
//! `move FILE postgres://…` moves its data instead.

mod arguments;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;
use example_service::{Clock, Config, Credentials, Guest, SealKey, Secret, Service, move_database};
use ratio_sandbox::Sandbox;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::arguments::{Arguments, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-service: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments = Arguments::parse();
    if let Some(Command::Move { from, to }) = &arguments.command {
        for (table, rows) in move_database(from, to).await? {
            println!("{table}: {rows}");
        }
        return Ok(());
    }
    let address = arguments.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("could not listen on {address}: {error}; LISTEN names another place"))?;
    let address = listener.local_addr()?;
    // Signals are handled before the greeting, since its reader may stop the program at once.
    let told_to_stop = told_to_stop()?;
    let (public_url, database) = (arguments.public_url(address), arguments.database());
    let config = arguments
        .config(address)
        .map_err(|error| format!("SEAL_KEY cannot be used: {error}"))?;
    // The data of a stand-in is deleted together with it.
    let made_up = std::env::temp_dir().join(format!("example-service-{}.db", std::process::id()));
    let stands_alone = config.is_none();
    let config = if let Some(config) = config {
        config
    } else {
        let database = database.unwrap_or_else(|| Secret::new(made_up.to_string_lossy()));
        with_a_stand_in(public_url, database).await?
    };
    let service = Service::new(config, Clock::database()).await?;
    tokio::spawn(service.clone().keep_finishing());

    println!("listening on http://{address}");
    let stopping = service.clone();
    axum::serve(listener, service.router())
        .with_graceful_shutdown(async move {
            told_to_stop.await;
            stopping.stop();
        })
        .await?;
    service.finished().await;
    if stands_alone {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = made_up.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
    Ok(())
}

/// Resolves at the first interrupt or, on Unix, at the first request to terminate.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Starts a stand-in for Ratio and Plaid that lives as long as the process, and returns the configuration for it.
async fn with_a_stand_in(
    public_url: String,
    database: Secret,
) -> Result<Config, Box<dyn Error + Send + Sync>> {
    // Leaked on purpose, since it has to live as long as the process and the guests always need it.
    let sandbox: &'static Sandbox = Box::leak(Box::new(
        Sandbox::builder()
            .redirect_uri(format!("{public_url}/oauth-return"))
            .start()
            .await?,
    ));
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
