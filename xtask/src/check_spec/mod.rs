//! `cargo xtask check-spec`: has staging drifted away from the pin?

mod api_diff;
mod args;
mod check;
mod document;
mod excerpt;
mod format;
mod help;
mod output;
mod policy;
mod replay;
mod report;
mod unfetched;

use std::path::{Path, PathBuf};

use openapi_document::Node;
use ratio_spec::Pin;

use api_diff::Operations;
pub(crate) use api_diff::generate;
pub(crate) use api_diff::{nameless, source_of};
pub(crate) use args::{Args, Network};
pub(crate) use check::{Settings, check};
#[cfg(test)]
pub(crate) use document::sha256;
pub(crate) use document::{Arrived, Beside, Loaded, Location, bring, load, pinned, shown};
pub(crate) use format::{Detail, Format};
pub(crate) use output::write_atomically;
pub(crate) use policy::Policy;
use report::Report;
pub(crate) use report::{FailOn, Scope};

use crate::exit::{Exit, Failure, Outcome};
use crate::printer::Printer;
use crate::{clock, workspace};
use ratio_spec::fetch::{Headers, redacted};

/// Most keys told that a document names twice.
const MOST_KEYS: usize = 20;

pub(crate) fn run(args: &Args, printer: &mut Printer) -> Outcome {
    let judged = judge(args, printer);
    if let (Err(failure), Format::Github) = (&judged, args.format) {
        format::unable(failure, printer.out())?;
    }
    let report = judged?;
    output::deliver(&report, args.format, &args.reports, printer)?;
    Ok(if report.failed { Exit::Found } else { Exit::Success })
}

/// Everything up to the finished report.
fn judge(args: &Args, printer: &mut Printer) -> Result<Report, Failure> {
    let in_spec = |given: &Option<PathBuf>, name| {
        given
            .clone()
            .unwrap_or_else(|| workspace::root().join("spec").join(name))
    };
    let pin = read_pin(&in_spec(&args.pin, "pin.toml"))?;
    if let Some(given) = args.policy.as_deref().filter(|given| !given.exists()) {
        return Err(Failure::usage(anyhow::anyhow!(
            "{}: there is no such policy",
            redacted(&shown(given))
        )));
    }
    let policy = read_policy(&in_spec(&args.policy, "drift.toml"))?;
    let headers = args.network.headers()?;

    let pinned = match &args.pinned {
        Some(path) => match bring(
            &Location::File(path.clone()),
            &headers,
            None,
            args.network.limits(),
        )? {
            Arrived::Bytes {
                source,
                bytes,
                beside,
                ..
            } => load(source, bytes, None, beside)?,
            Arrived::Unchanged => unreachable!("a file carries no tag"),
        },
        None => document::pinned(&pin)?,
    };
    let location = match &args.staging {
        Some(location) => location.clone(),
        None => pin.source().parse().map_err(|error: String| {
            Failure::usage(anyhow::anyhow!("{}: `source`: {error}", pin.origin()))
        })?,
    };
    let staging = fetch_staging(args, &pin, &pinned, &location, &headers, printer)?;
    if args.scope == Scope::Bank {
        refuse_unknown(&pinned, &staging, &pin)?;
    }
    for (loaded, word) in [(&pinned, "pin"), (&staging, "staging")] {
        let keys = loaded.document.duplicate_keys();
        for pointer in keys.iter().take(MOST_KEYS) {
            printer.note(&format!("the {word} names {pointer} twice; the last one counts"));
        }
        if let Some(more) = keys.len().checked_sub(MOST_KEYS).filter(|more| *more > 0) {
            printer.note(&format!("the {word} names {more} more keys twice"));
        }
    }
    warn_of_another_api(&staging, &pin, printer);
    let settings = Settings {
        scope: args.scope,
        fail_on: args.fail_on,
        replay: !args.no_replay,
        today: args.today.unwrap_or_else(clock::today),
    };
    let spinner = printer.spinner("comparing");
    let report = check(&pinned, &staging, &pin, &policy, &settings);
    drop(spinner);
    Ok(report?)
}

fn fetch_staging(
    args: &Args,
    pin: &Pin,
    pinned: &Loaded,
    location: &Location,
    headers: &Headers,
    printer: &mut Printer,
) -> Result<Loaded, Failure> {
    // The pin's tag says something about the pin's bytes and about the place they came from only.
    let from_source = matches!(location, Location::Remote(address) if address.as_str() == pin.source());
    let etag = pin.etag().filter(|_| from_source && args.pinned.is_none());
    let spinner = printer.spinner("fetching staging's document");
    let arrived = bring(location, headers, etag, args.network.limits());
    drop(spinner);
    match arrived? {
        Arrived::Bytes {
            source,
            bytes,
            etag,
            beside,
        } => load(source, bytes, etag, beside),
        Arrived::Unchanged => {
            printer.note("the server says that the document is unchanged since it was pinned");
            load(
                pin.source().to_owned(),
                pinned.bytes.clone(),
                etag.map(str::to_owned),
                Beside::Nowhere,
            )
        }
    }
}

/// An operation that neither document has is watched by nobody, whatever `pin.toml` says.
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

/// Reads `pin.toml`; a path that leads nowhere may be an address in the wrong place.
///
/// # Errors
/// When it cannot be read or says something that cannot be.
pub(crate) fn read_pin(path: &Path) -> Result<Pin, Failure> {
    std::fs::metadata(path)
        .map_err(|error| Failure::usage(anyhow::anyhow!("{}: {error}", redacted(&shown(path)))))?;
    Pin::read(path).map_err(Failure::usage)
}

/// A document that has nothing of what the client calls is more likely the wrong one than the end of the API; what
/// follows is still reported as what it is.
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

/// Reads the policy against the catalogue of rules.
///
/// # Errors
/// When it says something that cannot be.
pub(crate) fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let rules: Vec<&str> = openapi_drift::rules().iter().map(|rule| rule.id).collect();
    Policy::read(path, &shown(path), &rules).map_err(|error| {
        Failure::usage(error).hint("`cargo xtask check-spec --help` shows how entries are written")
    })
}
