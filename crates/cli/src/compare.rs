//! The commands that compare two documents and that accept findings.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use openapi_drift::{Options, Scope};
use openapi_drift_cli::args::{Accepting, Judging, Network, Reports};
use openapi_drift_cli::exit::{Failure, Outcome};
use openapi_drift_cli::output;
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::report::Report;
use openapi_drift_cli::{
    Access, Arrived, Loaded, Location, Policy, Selection, Settings, Words, advice, bring, clock, findings,
    judge, load, mended_by,
};

/// The environment variable that holds headers.
const HEADERS: &str = "OPENAPI_DRIFT_HEADERS";

/// The policy file that is read if it exists and no other file was given.
const POLICY: &str = "drift.toml";

const WORDS: Words = Words::OPENAPI_DRIFT;

/// Two documents, and what is told of their difference.
#[derive(clap::Args, Debug)]
pub(crate) struct CompareArgs {
    /// The document that callers were built from
    #[arg(required = true, help_heading = "Documents")]
    base: Option<Location>,
    /// The document that is served now
    #[arg(required = true, help_heading = "Documents")]
    revision: Option<Location>,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    reports: Reports,
}

/// The parts of two documents that are compared, and the rules of judgement.
#[derive(clap::Args, Debug)]
struct How {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    judging: Judging,
    /// Accepted drift [default: drift.toml where there is one]
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    network: Network,
}

/// Accept findings of a comparison: write entries for them to the policy
///
/// Compares the documents anew; an id is as many of its digits as name one finding.
#[derive(clap::Args, Debug)]
pub(crate) struct AcceptArgs {
    /// The document that callers were built from
    base: Location,
    /// The document that is served now
    revision: Location,
    #[command(flatten)]
    accepting: Accepting,
    #[command(flatten)]
    how: How,
}

pub(crate) fn run(args: &CompareArgs, printer: &mut Printer) -> Outcome {
    let (Some(base), Some(revision)) = (&args.base, &args.revision) else {
        return Err(Failure::usage(anyhow!("two documents are compared")));
    };
    let policy = args.reports.check().and_then(|()| policy(&args.how, true));
    let checked = policy.and_then(|policy| check((base, revision), &args.how, &policy, printer));
    output::conclude(checked, &args.reports, printer)
}

pub(crate) fn accept(args: &AcceptArgs, printer: &mut Printer) -> Outcome {
    // The policy file may not exist yet.
    let accepted = policy(&args.how, false)?;
    let report = check((&args.base, &args.revision), &args.how, &accepted, printer)?;
    let file = args.how.policy.as_deref().unwrap_or(Path::new(POLICY));
    args.accepting.write(file, &report, printer)
}

/// Reads the policy. A file that was named on the command line must exist, unless entries will be added to it.
fn policy(how: &How, has_to_be: bool) -> Result<Policy, Failure> {
    let rules: Vec<&str> = openapi_drift::rules().iter().map(|rule| rule.id).collect();
    let path = how.policy.as_deref().unwrap_or(Path::new(POLICY));
    let name = path.display().to_string();
    let policy = if has_to_be && how.policy.is_some() {
        Policy::read_existing(path, &name, &rules)
    } else {
        Policy::read(path, &name, &rules)
    };
    policy.map_err(|error| Failure::usage(error).hint("`openapi-drift --help` shows how entries are written"))
}

fn check(
    (base, revision): (&Location, &Location),
    how: &How,
    policy: &Policy,
    printer: &mut Printer,
) -> Result<Report, Failure> {
    if matches!((base, revision), (Location::Stdin, Location::Stdin)) {
        return Err(Failure::usage(anyhow!(
            "both documents cannot come from standard input"
        )));
    }
    let access = how.network.access(HEADERS)?;
    let base_access = access.of_other(base, revision);
    let base = document(base, &base_access, printer)?;
    let revision = document(revision, &access, printer)?;
    output::note_duplicates([(&base, WORDS.base), (&revision, WORDS.revision)], printer);

    let mut options = Options::default();
    options.scope = how.selection.scope(&base.document, &revision.document)?;
    let mut settings = Settings::new(
        WORDS,
        how.judging.fail_on,
        how.judging.today.unwrap_or_else(clock::today),
    );
    if let Scope::Operations(operations) = &options.scope {
        settings.scope = "selected";
        printer.detail(&format!(
            "comparing {} operations that were asked for",
            operations.len()
        ));
    }
    let spinner = printer.spinner("comparing");
    let mut found = findings(&base, &revision, &options);
    drop(spinner);
    for finding in &mut found.findings {
        finding.help = advice(finding, &WORDS);
        finding.mended_by = mended_by(finding);
    }
    Ok(judge((&base, &revision), found, None, policy, &settings))
}

/// Reads a document. Headers are for the revision's server; the base gets them only if it comes from the same server.
fn document(location: &Location, access: &Access, printer: &mut Printer) -> Result<Loaded, Failure> {
    let spinner = printer.spinner("reading a document");
    let arrived = bring(location, access, None);
    drop(spinner);
    match arrived? {
        Arrived::New(unread) => {
            printer.detail(&format!("read {} ({} bytes)", unread.source, unread.bytes.len()));
            load(*unread)
        }
        Arrived::Unchanged => Err(Failure::unable(anyhow!("the server answered with no document"))),
    }
}
