//! The results of the engine's gate for one pair: the findings that a message shows, and those that were downgraded.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use openapi_drift::{Document, Finding, Level, Options, compare};

use crate::exit::{Exit, Outcome};
use crate::files::write_whole;
use crate::text::escape;

/// Compare two documents, and print the breaking findings that no message shows
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The document that callers were built from
    base: PathBuf,
    /// The document that is served now
    revision: PathBuf,
    /// Write the report as JSON to this file
    #[arg(long)]
    report: Option<PathBuf>,
    /// Exit with 1 where the engine was sure and the judge says otherwise
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let read = |path: &Path| -> anyhow::Result<Document> {
        Document::read(std::fs::read(path)?).map_err(|error| anyhow!("{}: {error}", path.display()))
    };
    let (base, revision) = (read(&args.base)?, read(&args.revision)?);
    let report = compare(&base, &revision, &Options::default());
    if let Some(file) = &args.report {
        write_whole(file, &serde_json::to_string(&report)?)?;
    }
    let mut fallen = 0;
    for finding in report.findings.iter().filter(|it| has_fallen(it)) {
        fallen += 1;
        writeln!(out, "fell: {}", told(finding))?;
    }
    let faults = report.questions.internal_faults;
    writeln!(
        out,
        "{} breaking findings with a message, {fallen} fell, {faults} internal faults",
        report.counts.breaking
    )?;
    Ok(if args.strict && faults > 0 {
        Exit::Found
    } else {
        Exit::Success
    })
}

/// Whether a finding has a breaking rule, but was downgraded because no message shows it.
pub(crate) fn has_fallen(finding: &Finding) -> bool {
    let by_rule = openapi_drift::rule(&finding.rule);
    finding.level == Level::Risky && by_rule.is_some_and(|it| it.level == Level::Breaking)
}

/// Describes a downgraded finding on one line.
pub(crate) fn told(finding: &Finding) -> String {
    let why = finding.undecided.as_deref().unwrap_or_default();
    let at = finding.operations.first().map_or_else(String::new, |it| {
        format!("{} {} {}", it.endpoint.method, it.endpoint.path, it.at)
    });
    format!(
        "{}: {} ({}): {}",
        finding.rule,
        escape(&finding.title),
        escape(&at),
        escape(why)
    )
}
