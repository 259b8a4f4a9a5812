//! `cargo xtask pin-spec`: pins the vendor's current document, from which the client is then built.

mod commit;
mod next;
mod stale;

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use jiff::Timestamp;
use openapi_document::Node;
use openapi_drift::Document;
use openapi_drift_cli::args::Network;
use openapi_drift_cli::exit::{Exit, Failure, Outcome};
use openapi_drift_cli::output;
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::report::{FailOn, Report};
use openapi_drift_cli::{Arrived, Format, Loaded, Location, Policy, Unread, bring, clock, load};
use ratio_spec::{Pin, bundle, sha256};

use crate::check_spec::{
    HEADERS, Scope, Settings, builds, check, load_here, location, nameless, pinned, read_pin, shown, vendors,
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
    /// [default: the source in pin.toml where that is an address, else staging]
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
    let mut shown_report = None;
    if new.origin.sha256 == old.origin.sha256 && pin.document().ends_with(DOCUMENT) {
        // A new `ETag` makes the next fetch cheaper.
        let tagged = new.etag.is_some() && new.etag.as_deref() != pin.etag() && from_source(args, &pin);
        if args.check || !tagged {
            printer.note("the pin is up to date");
            return Ok(Exit::Success);
        }
    } else {
        let report = show(&old, &new, &pin, printer)?;
        suggest(&old.document, &new.document, printer);
        refuse_stale(&new, &pin, &path)?;
        builds(&new, &pin).map_err(|why| {
            let error = anyhow!("no client can be built from {}: {why}", new.origin.source);
            // A reason that names a line of pin.toml can be fixed there.
            if why.starts_with(&format!("{}:", shown(Path::new(pin.origin())))) {
                return Failure::usage(error)
                    .hint("edit pin.toml where it is named, and run the command again");
            }
            Failure::unable(error).hint("the pin stays as it is: the document needs a pass in crates/spec")
        })?;
        if args.check {
            return Ok(Exit::Found);
        }
        shown_report = Some(report);
    }
    let (source, left_out) = match &args.from {
        Some(Location::Remote(address)) => address.without_secrets(),
        Some(Location::Stdin) | None => (pin.source().to_owned(), false),
        Some(_) => (new.origin.source.clone(), false),
    };
    if left_out {
        printer.warning(
            "the query of the address is left out of pin.toml, since it may hold a secret that would be built into the \
             crate: name the whole address with --from the next time too",
        );
    }
    let next = NewPin {
        document: new.document.text().as_bytes(),
        source: &source,
        retrieved: &args.retrieved.map_or_else(clock::now, |time| time.to_string()),
        sha256: &new.origin.sha256,
        // The `ETag` belongs to the complete address.
        etag: new.etag.as_deref().filter(|_| !left_out),
    };
    next.commit(&path, &mut |_| Ok(())).map_err(|error| {
        Failure::unable(anyhow!("{}: {error}", shown(&path))).hint("the pin is whole: run the command again")
    })?;
    printer.note(&format!(
        "pinned {} with sha256 {}",
        new.origin.source, new.origin.sha256
    ));
    if let Some(report) = shown_report {
        let files = [pin.document(), path].map(|file| shown(&file));
        next::steps(&report, &files, printer)?;
    }
    Ok(Exit::Success)
}

/// Whether the document comes from the address of the pinned one. Its `ETag` is valid only there.
fn from_source(args: &Args, pin: &Pin) -> bool {
    match &args.from {
        None => true,
        Some(Location::Remote(address)) => address.as_str() == pin.source(),
        Some(_) => false,
    }
}

/// Returns the new document as JSON, or `None` if the server says that it has not changed.
fn fetched(args: &Args, pin: &Pin, printer: &mut Printer) -> Result<Option<Loaded>, Failure> {
    let source = match &args.from {
        Some(location) => location.clone(),
        None => vendors(pin)?,
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
    // The build script of every service reads a single JSON file. If the document is converted, the server's `ETag` no
    // longer matches its bytes.
    let mut json = if loaded.document.has_other_files() {
        let whole = bundle(&loaded.document).map_err(|unresolved| {
            let source = &loaded.origin.source;
            Failure::unable(anyhow!(
                "{source} cannot be pinned as one document: {}: the reference {:?} cannot be followed: {}",
                unresolved.at,
                unresolved.reference,
                unresolved.why
            ))
            .hint("the pin stays as it is: all files of a document have to be at hand")
        })?;
        printer.note("the document has several files; it is pinned as one");
        serde_json::to_vec_pretty(&whole)
    } else if is_json(&loaded) {
        return Ok(Some(loaded));
    } else {
        printer.note("the document is YAML; it is pinned as JSON");
        serde_json::to_vec_pretty(&loaded.document.root())
    }
    .map_err(anyhow::Error::from)?;
    json.push(b'\n');
    load(Unread::alone(loaded.origin.source, json, None)).map(Some)
}

/// Whether the document is JSON without a byte order mark, so that it can be pinned as it is.
fn is_json(loaded: &Loaded) -> bool {
    let text = loaded.document.text();
    let is_whole = sha256(text.as_bytes()) == loaded.origin.sha256;
    is_whole && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn show(old: &Loaded, new: &Loaded, pin: &Pin, printer: &mut Printer) -> Result<Report, Failure> {
    let settings = Settings {
        scope: Scope::Bank,
        fail_on: FailOn::Never,
        replay: false,
        today: clock::today(),
    };
    let report = check(old, new, pin, &Policy::default(), &settings)?;
    output::show(&report, Format::Text, printer)?;
    Ok(report)
}

/// Refuses a document that lacks places which `pin.toml` names, and lists these lines.
fn refuse_stale(new: &Loaded, pin: &Pin, path: &Path) -> Result<(), Failure> {
    let stale = stale::entries(&new.document, pin, path);
    if stale.is_empty() {
        return Ok(());
    }
    Err(
        Failure::usage(anyhow!("{} lacks what {} names", new.origin.source, shown(path)))
            .details(stale)
            .hint("edit these entries of pin.toml, and run the command again"),
    )
}

/// Suggests an entry for each new operation on banks.
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

/// The method (in capitals) and path of every operation.
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
