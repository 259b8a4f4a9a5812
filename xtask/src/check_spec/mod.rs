//! `cargo xtask check-spec`: checks whether staging has drifted away from the pin.

mod accept;
mod advice;
mod api_diff;
mod args;
mod check;
mod document;
mod replay;

use std::path::{Path, PathBuf};

use openapi_document::Node;
use openapi_drift_cli::exit::{Failure, Outcome};
use openapi_drift_cli::output;
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::report::Report;
use openapi_drift_cli::{
    Access, Arrived, Loaded, Location, Policy, PolicyError, Unread, Words, bring, clock, load,
};
use ratio_spec::Pin;

use crate::workspace;
pub(crate) use accept::Args as AcceptArgs;
pub(crate) use accept::run as accept;
use api_diff::Operations;
pub(crate) use api_diff::generate;
pub(crate) use api_diff::{builds, nameless};
use args::Compared;
pub(crate) use args::{Args, Scope};
pub(crate) use check::{Settings, check};
pub(crate) use document::{load_here, location, pinned, shown, vendors};
use document::{load_new, shown_safely};

/// The environment variable that holds headers.
pub(crate) const HEADERS: &str = "CHECK_SPEC_HEADERS";

pub(crate) fn run(args: &Args, printer: &mut Printer) -> Outcome {
    let reports = args.reports.check();
    let policy = reports.and_then(|()| read_policy(args.compared.policy.as_deref()));
    let checked = policy.and_then(|policy| judge(&args.compared, &policy, printer));
    output::conclude(checked, &args.reports, printer)
}

/// The given file, or the default one in `spec`.
fn in_spec(given: Option<&Path>, name: &str) -> PathBuf {
    given.map_or_else(|| workspace::root().join("spec").join(name), Path::to_owned)
}

/// Performs all steps up to the finished report.
fn judge(args: &Compared, policy: &Policy, printer: &mut Printer) -> Result<Report, Failure> {
    let pin = read_pin(&in_spec(args.pin.as_deref(), "pin.toml"))?;
    let access = args.network.access(HEADERS)?;

    let pinned = match &args.pinned {
        Some(path) => load_new(bring(&Location::Path(path.clone()), &access, None)?)?,
        None => document::pinned(&pin)?,
    };
    let source = match &args.staging {
        Some(location) => location.clone(),
        None => vendors(&pin)?,
    };
    let staging = fetch_staging(args, &pin, &pinned, &source, &access, printer)?;
    if args.scope == Scope::Bank {
        refuse_unknown(&pinned, &staging, &pin)?;
    }
    output::note_duplicates([(&pinned, "pin"), (&staging, "staging")], printer);
    warn_of_another_api(&staging, &pin, printer);
    let settings = Settings {
        scope: args.scope,
        fail_on: args.judging.fail_on,
        replay: !args.no_replay,
        today: args.judging.today.unwrap_or_else(clock::today),
    };
    let spinner = printer.spinner("comparing");
    let report = check(&pinned, &staging, &pin, policy, &settings);
    drop(spinner);
    Ok(report?)
}

fn fetch_staging(
    args: &Compared,
    pin: &Pin,
    pinned: &Loaded,
    source: &Location,
    access: &Access,
    printer: &mut Printer,
) -> Result<Loaded, Failure> {
    // The pin's `ETag` is valid only for the pinned bytes and for their address.
    let from_source = matches!(source, Location::Remote(address) if address.as_str() == pin.source());
    let etag = pin.etag().filter(|_| from_source && args.pinned.is_none());
    let spinner = printer.spinner("fetching staging's document");
    let arrived = bring(source, access, etag);
    drop(spinner);
    match arrived? {
        Arrived::New(unread) => {
            printer.detail(&format!("read {} ({} bytes)", unread.source, unread.bytes.len()));
            load_here(*unread)
        }
        Arrived::Unchanged => {
            printer.note("the server says that the document is unchanged since it was pinned");
            let etag = etag.map(str::to_owned);
            load(Unread::alone(
                pin.source().to_owned(),
                pinned.document.text().into(),
                etag,
            ))
        }
    }
}

/// Refuses operations in `pin.toml` that neither document has, because they would not be checked.
fn refuse_unknown(pinned: &Loaded, staging: &Loaded, pin: &Pin) -> Result<(), Failure> {
    let known = [pinned, staging].map(|loaded| Operations::of(&loaded.document));
    let unknown: Vec<String> = pin
        .operations()
        .iter()
        .filter(|operation| !known.iter().any(|known| known.has(operation)))
        .map(|operation| {
            let place = format!("{}:{}", shown(Path::new(pin.origin())), operation.line);
            format!("{place}: {} {}", operation.method, operation.path)
        })
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(anyhow::anyhow!(
        "{} names operations that neither the pinned document nor staging's has",
        shown(Path::new(pin.origin()))
    ))
    .details(unknown)
    .hint("correct method and path as the document writes them, or remove the entry"))
}

/// Reads `pin.toml`. A path that does not exist is redacted, since it may be an address in the wrong place.
///
/// # Errors
/// When the file cannot be read or is invalid.
pub(crate) fn read_pin(path: &Path) -> Result<Pin, Failure> {
    std::fs::metadata(path)
        .map_err(|error| Failure::usage(anyhow::anyhow!("{}: {error}", shown_safely(path))))?;
    Pin::read(path).map_err(Failure::usage)
}

/// Warns about a document without any operation that the client calls: it is probably the wrong document. The findings
/// are still reported.
fn warn_of_another_api(staging: &Loaded, pin: &Pin, printer: &mut Printer) {
    let known = Operations::of(&staging.document);
    if pin.operations().iter().any(|it| known.has(it)) {
        return;
    }
    let title = staging.document.root().pointer("/info/title");
    let title = title.and_then(Node::as_str).unwrap_or("untitled");
    printer.warning(&format!(
        "{} has none of the operations that the client calls; it calls itself `{title}`: is it the right document?",
        staging.origin.source
    ));
}

/// Reads the policy with the catalogue of rules: the given file, else the repository's.
///
/// # Errors
/// When the policy is invalid, or a given file does not exist.
fn read_policy(given: Option<&Path>) -> Result<Policy, Failure> {
    match given {
        Some(path) => policy_of(path, Policy::read_existing),
        None => policy_of(&in_spec(None, "drift.toml"), Policy::read),
    }
}

fn policy_of(
    path: &Path,
    read: fn(&Path, &str, &[&str]) -> Result<Policy, PolicyError>,
) -> Result<Policy, Failure> {
    let rules: Vec<&str> = openapi_drift::rules().iter().map(|rule| rule.id).collect();
    let policy = read(path, &shown(path), &rules);
    let command = Words::CHECK_SPEC.command;
    policy.map_err(|error| {
        Failure::usage(error).hint(format!("`{command} --help` shows how entries are written"))
    })
}
