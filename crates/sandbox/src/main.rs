//! Runs the sandbox until it is interrupted.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use lexopt::prelude::{Long, Short, ValueExt as _};
use ratio_sandbox::{Document, Institution, Persona, Sandbox, operation};
use ratio_spec::{Limits, Source};
use tracing::level_filters::LevelFilter;

const HELP: &str = "\
A stand-in for Ratio's staging environment and for Plaid Link, on the loopback interface.

Usage: ratio-sandbox [--port PORT] [--spec FILE|URL] [--seed NUMBER] [--redirect-uri URI] [--log LEVEL]

  --port PORT         where to listen [default: 8787; 0 takes a free port]
  --spec FILE|URL     the OpenAPI 3 document to speak, JSON or YAML [default: the API of 2022-11-30]; `later` is that of 2023-06-23
  --seed NUMBER       what identifiers and random faults follow from [default: 0]
  --redirect-uri URI  where an OAuth bank sends people back to when the request does not say
  --log LEVEL         off, error, warn, info (every request), debug or trace [default: warn]
  --help              this text
  --version           the version";

struct Options {
    port: u16,
    spec: Option<String>,
    seed: u64,
    redirect_uri: Option<String>,
    log: LevelFilter,
}

/// Exit codes for a wrong command line and for all other errors.
const WRONG_USAGE: u8 = 2;
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => return fail(WRONG_USAGE, &format!("{error}; see --help")),
    };
    tracing_subscriber::fmt()
        .with_max_level(options.log)
        .with_target(false)
        .with_ansi(colourful())
        .with_writer(std::io::stderr)
        .init();
    let document = match options
        .spec
        .as_deref()
        .map_or_else(|| Ok(Document::earlier()), document)
    {
        Ok(document) => document,
        Err(error) => return fail(FAILED, &error.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(FAILED, &format!("could not start: {error}")),
    };
    match runtime.block_on(run(options, document)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(FAILED, &with_cause(&*error)),
    }
}

/// Whether to use colours: only on a terminal, and only if `NO_COLOR` is not set.
fn colourful() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
}

/// Formats an error with its cause, such as `address in use`.
fn with_cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn fail(status: u8, message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "ratio-sandbox: {message}");
    ExitCode::from(status)
}

/// Parses the command line. `None` if it only asked for a text.
fn options() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options {
        port: 8787,
        spec: None,
        seed: 0,
        redirect_uri: None,
        log: LevelFilter::WARN,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = parser.value()?.parse()?,
            Long("spec") => options.spec = Some(parser.value()?.string()?),
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("redirect-uri") => options.redirect_uri = Some(parser.value()?.string()?),
            Long("log") => options.log = parser.value()?.parse()?,
            Long("help") | Short('h') => return print(HELP),
            Long("version") | Short('V') => {
                return print(concat!("ratio-sandbox ", env!("CARGO_PKG_VERSION")));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn print(text: &str) -> Result<Option<Options>, lexopt::Error> {
    writeln!(std::io::stdout(), "{text}").map_err(|error| lexopt::Error::Custom(error.into()))?;
    Ok(None)
}

async fn run(options: Options, document: Document) -> Result<(), Box<dyn std::error::Error>> {
    let mut builder = Sandbox::builder()
        .port(options.port)
        .document(document)
        .seed(options.seed)
        .verification_delay(Duration::from_secs(3))
        .settlement_delay(Duration::from_secs(3));
    if let Some(uri) = options.redirect_uri {
        builder = builder.redirect_uri(uri);
    }
    // Signals are handled before the greeting, since its reader may interrupt the program at once.
    let interrupted = interrupted()?;
    let sandbox = builder.start().await?;
    greet(&sandbox)?;
    interrupted.await;
    sandbox.shutdown().await;
    Ok(())
}

fn document(source: &str) -> Result<Document, Box<dyn std::error::Error>> {
    if source == "later" {
        return Ok(Document::later());
    }
    let source = if source.contains("://") {
        Source::fetch(source, Limits::default())
    } else {
        Source::read(source)
    }?;
    Ok(Document::read(source.origin(), source.bytes().to_vec())?)
}

fn greet(sandbox: &Sandbox) -> std::io::Result<()> {
    let user = sandbox.user();
    let url = sandbox.url();
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    writeln!(out, "  API document  {url}/v1/api-docs")?;
    writeln!(
        out,
        "  Plaid Link    {url}/link/v2/stable/link.html?isWebview=true&token=<link token>"
    )?;
    writeln!(out, "  control       {url}/_sandbox")?;
    writeln!(
        out,
        "  client        {} with secret {}",
        sandbox.client_id(),
        sandbox.client_secret()
    )?;
    writeln!(
        out,
        "  user          {} with wallet {}",
        user.id(),
        user.wallet_id()
    )?;
    writeln!(out, "banks")?;
    for bank in Institution::ALL {
        writeln!(out, "  {}", bank.name())?;
    }
    writeln!(out, "logins")?;
    for persona in Persona::ALL {
        writeln!(out, "  {} / {}", persona.username(), persona.password())?;
    }
    if sandbox.request_count(operation::REQUEST_BANK_LINK).is_err() {
        writeln!(
            out,
            "try (this document links no bank; {url}/_sandbox lists its operations)"
        )?;
        writeln!(out, "  curl {url}/_sandbox")?;
        return out.flush();
    }
    writeln!(
        out,
        "try (the token lives five minutes; {url}/_sandbox/users makes users with fresh ones)"
    )?;
    writeln!(
        out,
        "  curl -X POST {url}/v1/users/{}/banks:requestLink -H 'content-type: application/json' -d '{{}}' \\\n    \
         -H 'ratio-client-id: {}' -H 'ratio-client-secret: {}' \\\n    -H 'authorization: Bearer {}'",
        user.id(),
        sandbox.client_id(),
        sandbox.client_secret(),
        user.session_token()
    )?;
    out.flush()
}

/// Resolves at the first SIGINT or SIGTERM after this call.
fn interrupted() -> std::io::Result<impl Future<Output = ()>> {
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
