//! `cargo xtask pin-spec`: makes what the vendor serves now the document that the client is built from.

mod commit;

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use jiff::Timestamp;
use openapi_document::Node;
use openapi_drift::Document;
use openapi_drift_cli::args::Network;
use openapi_drift_cli::exit::{Exit, Failure, Outcome};
use openapi_drift_cli::output;
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::report::FailOn;
use openapi_drift_cli::{Arrived, Format, Loaded, Location, Policy, Unread, bring, clock, load};
use ratio_spec::Pin;

use crate::check_spec::{
    HEADERS, Scope, Settings, check, load_here, location, nameless, pinned, read_pin, shown, source_of,
};
use crate::workspace;

use commit::{DOCUMENT, NewPin};

/// Fetch the vendor's document, show what it does to callers, and make it the pin
///
/// Exit codes: 0 pinned or up to date, 1 with --check when the pin is behind, 2 pin.toml has to be edited first,
/// 3 the document could not be had or no client can be built from it.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Where the document comes from: staging, production, sandbox, a URL, a file, or - for standard input
    /// [default: the source in pin.toml]
    #[arg(long, value_name = "WHERE", value_parser = location)]
    from: Option<Location>,
    /// Write nothing; exit with 1 when the pin is behind
    #[arg(long)]
    check: bool,
    /// The file that says what is pinned [default: spec/pin.toml]
    #[arg(long, value_name = "FILE")]
    pin: Option<PathBuf>,
    /// When the document was fetched, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    retrieved: Option<Timestamp>,
    #[command(flatten)]
    network: Network,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse()
        .map_err(|_| "not a time of RFC 3339, such as 2026-11-24T09:00:00Z")
}

pub(crate) fn run(args: &Args, printer: &mut Printer) -> Outcome {
    let path = args
        .pin
        .clone()
        .unwrap_or_else(|| workspace::root().join("spec/pin.toml"));
    let pin = read_pin(&path)?;
    let old = pinned(&pin)?;
    let Some(new) = fetched(args, &pin, printer)? else {
        printer.note("the server says that the document is unchanged since it was pinned");
        return Ok(Exit::Success);
    };
    if new.origin.sha256 == old.origin.sha256 && pin.document().ends_with(DOCUMENT) {
        // A tag that was not known spares the next fetch.
        let tagged = new.etag.is_some() && new.etag.as_deref() != pin.etag() && from_source(args, &pin);
        if args.check || !tagged {
            printer.note("the pin is up to date");
            return Ok(Exit::Success);
        }
    } else {
        show(&old, &new, &pin, printer)?;
        suggest(&old.document, &new.document, printer);
        refuse_vanished(&new, &pin, &path)?;
        source_of(&new, &pin, true).map_err(|why| {
            Failure::unable(anyhow!("no client can be built from {}: {why}", new.origin.source)).hint(
                "the pin stays as it is: edit pin.toml where it is named, else the document needs a pass in crates/spec",
            )
        })?;
        if args.check {
            return Ok(Exit::Found);
        }
    }
    let (source, left_out) = match &args.from {
        Some(Location::Remote(address)) => address.without_secrets(),
        _ => (pin.source().to_owned(), false),
    };
    if left_out {
        printer.warning(
            "the query of the address is left out of pin.toml, since it may hold a secret that would be built into the \
             crate: name the whole address with --from the next time too",
        );
    }
    let next = NewPin {
        document: &new.bytes,
        source: &source,
        retrieved: &args.retrieved.map_or_else(clock::now, |time| time.to_string()),
        sha256: &new.origin.sha256,
        // The tag is that of the whole address.
        etag: new.etag.as_deref().filter(|_| !left_out),
    };
    next.commit(&path, &mut |_| Ok(())).map_err(|error| {
        Failure::unable(anyhow!("{}: {error}", shown(&path))).hint("the pin is whole: run the command again")
    })?;
    printer.note(&format!(
        "pinned {} with sha256 {}",
        new.origin.source, new.origin.sha256
    ));
    Ok(Exit::Success)
}

/// Whether the document is asked for where the pinned one came from: its tag means nothing elsewhere.
fn from_source(args: &Args, pin: &Pin) -> bool {
    match &args.from {
        None => true,
        Some(Location::Remote(address)) => address.as_str() == pin.source(),
        Some(_) => false,
    }
}

/// The new document, as JSON; nothing when the server says that it has not changed.
fn fetched(args: &Args, pin: &Pin, printer: &mut Printer) -> Result<Option<Loaded>, Failure> {
    let source = match &args.from {
        Some(location) => location.clone(),
        None => location(pin.source())
            .map_err(|error| Failure::usage(anyhow!("{}: `source`: {error}", pin.origin())))?,
    };
    let access = args.network.access(HEADERS)?;
    let etag = pin.etag().filter(|_| from_source(args, pin));
    let spinner = printer.spinner("fetching the document");
    let arrived = bring(&source, &access, etag);
    drop(spinner);
    let Arrived::New(unread) = arrived? else {
        return Ok(None);
    };
    let loaded = load_here(*unread)?;
    if serde_json::from_slice::<serde::de::IgnoredAny>(&loaded.bytes).is_ok() {
        return Ok(Some(loaded));
    }
    // The build script that every service compiles reads no YAML. The server's tag is that of other bytes.
    let mut json = serde_json::to_vec_pretty(&loaded.document.root()).map_err(anyhow::Error::from)?;
    json.push(b'\n');
    printer.note("the document is YAML; it is pinned as JSON");
    load(Unread::alone(loaded.origin.source, json, None)).map(Some)
}

fn show(old: &Loaded, new: &Loaded, pin: &Pin, printer: &mut Printer) -> Result<(), Failure> {
    let settings = Settings {
        scope: Scope::Bank,
        fail_on: FailOn::Never,
        replay: false,
        today: clock::today(),
    };
    let report = check(old, new, pin, &Policy::default(), &settings)?;
    output::show(&report, Format::Text, printer)?;
    Ok(())
}

/// Names the lines of `pin.toml` whose operation the document no longer has.
fn refuse_vanished(new: &Loaded, pin: &Pin, path: &Path) -> Result<(), Failure> {
    let has = operations(&new.document);
    let gone: Vec<String> = pin
        .operations()
        .iter()
        .filter(|wanted| {
            !has.iter()
                .any(|(method, path)| *method == wanted.method && *path == wanted.path)
        })
        .map(|wanted| {
            // A path whose parameters have new names is written anew, not removed.
            let renamed = has
                .iter()
                .find(|(method, path)| *method == wanted.method && nameless(path) == nameless(&wanted.path));
            let place = format!(
                "{}:{}: {} {}",
                shown(path),
                wanted.line,
                wanted.method,
                wanted.path
            );
            match renamed {
                Some((_, path)) => format!("{place} is now written {path}"),
                None => format!("{place} is gone: remove the entry `{}`", wanted.name),
            }
        })
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(anyhow!(
        "{} lacks operations that the client calls",
        new.origin.source
    ))
    .details(gone)
    .hint("edit these entries of pin.toml, and run the command again"))
}

/// Offers the entry for each operation on banks that is new.
fn suggest(old: &Document, new: &Document, printer: &mut Printer) {
    let known: Vec<(String, String)> = operations(old)
        .into_iter()
        .map(|(method, path)| (method, nameless(&path)))
        .collect();
    for (method, path) in operations(new) {
        if path.contains("/banks") && !known.contains(&(method.clone(), nameless(&path))) {
            printer.note_with(
                &format!("{method} {path} is new; to call it, add to pin.toml:"),
                &[
                    "[[operation]]".to_owned(),
                    format!("method = \"{method}\""),
                    format!("path   = {path:?}"),
                    "name   = \"…\"".to_owned(),
                ],
            );
        }
    }
}

/// Method and path of every operation, methods in capitals.
fn operations(document: &Document) -> Vec<(String, String)> {
    const METHODS: [&str; 8] = [
        "get", "put", "post", "delete", "options", "head", "patch", "trace",
    ];
    let mut list = Vec::new();
    let paths = document.root().get("paths").into_iter();
    for (path, item) in paths.flat_map(Node::members) {
        for method in METHODS {
            if item.get(method).is_some() {
                list.push((method.to_ascii_uppercase(), path.to_owned()));
            }
        }
    }
    list
}
