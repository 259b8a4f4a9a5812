//! Output of reports: to standard output, to files, and to the summary of a workflow.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe};

use anyhow::{Context, Result, anyhow};
use ratio_spec::fetch::redacted;

use crate::args::Reports;
use crate::command_line;
use crate::document::Loaded;
use crate::exit::{Exit, Failure, Outcome};
use crate::files;
use crate::format::{self, Detail, Format};
use crate::printer::{self, Printer};
use crate::report::Report;

/// Maximum number of duplicate keys that are reported.
const MOST_KEYS: usize = 20;

/// Runs a command. Invalid arguments, panics and failed output are reported like any other failure, and also determine
/// the exit code.
pub fn run<F>(name: &'static str, parse: impl FnOnce() -> clap::error::Result<(printer::Options, F)>) -> Exit
where
    F: FnOnce(&mut Printer) -> Outcome,
{
    panic::set_hook(Box::new(move |fault| tell(name, fault)));
    // The panic hook reports a panic when it occurs. Here only the exit code remains to be set.
    let ran = panic::catch_unwind(AssertUnwindSafe(|| {
        let (options, act) = match parse() {
            Ok(parsed) => parsed,
            Err(error) => return command_line::explain(error),
        };
        let mut printer = Printer::new(options);
        let exit = act(&mut printer).unwrap_or_else(|failure| {
            printer.error(&failure);
            failure.exit()
        });
        if printer.flush().is_err() && exit == Exit::Success {
            return Exit::Unable;
        }
        exit
    }));
    ran.unwrap_or(Exit::Unable)
}

/// Reports a panic of this program. Its message is escaped, because it may contain text from a document.
fn tell(name: &str, fault: &panic::PanicHookInfo<'_>) {
    let what = fault.payload_as_str().unwrap_or("no reason given");
    let place = fault.location().map(ToString::to_string).unwrap_or_default();
    let failure = Failure::unable(anyhow::anyhow!("internal fault at {place}: {what}")).hint(format!(
        "nothing was concluded; this is a defect of {name}, whatever it was given"
    ));
    Printer::new(printer::Options::default()).error(&failure);
}

/// Prints a note for each key that occurs twice in a document: the last occurrence counts.
pub fn note_duplicates<'l>(
    documents: impl IntoIterator<Item = (&'l Loaded, &'l str)>,
    printer: &mut Printer,
) {
    for (loaded, word) in documents {
        let keys = loaded.document.duplicate_keys();
        for pointer in keys.iter().take(MOST_KEYS) {
            printer.note(&format!("the {word} names {pointer} twice; the last one counts"));
        }
        if let Some(more) = keys.len().checked_sub(MOST_KEYS).filter(|more| *more > 0) {
            printer.note(&format!("the {word} names {more} more keys twice"));
        }
    }
}

/// Prints how many acceptances were written.
pub fn accepted(written: usize, policy: &std::path::Path, printer: &mut Printer) {
    let policy = redacted(&policy.display().to_string());
    match written {
        0 => printer.note("there is nothing to accept"),
        1 => printer.note(&format!("wrote one acceptance to {policy}; commit it")),
        more => printer.note(&format!("wrote {more} acceptances to {policy}; commit them")),
    }
}

/// Prints and writes the result of a check, and returns how the command ends.
///
/// # Errors
/// The failure of the check, after it was written in the requested format; and when output fails.
pub fn conclude(checked: Result<Report, Failure>, reports: &Reports, printer: &mut Printer) -> Outcome {
    let failure = match checked {
        Ok(report) => {
            deliver(&report, reports, printer)?;
            match (report.compared, report.failed) {
                (0, _) => nothing(&report),
                (_, true) => return Ok(Exit::Found),
                (_, false) => return Ok(Exit::Success),
            }
        }
        Err(failure) => {
            if reports.format == Format::Github {
                summarize(&mut |out| format::unable_summary(&failure, out))?;
            }
            failure
        }
    };
    if reports.format == Format::Github {
        format::unable(&failure, printer.out())?;
    }
    Err(failure)
}

/// Makes the failure for a report about no operations, which would otherwise look like a report without drift.
fn nothing(report: &Report) -> Failure {
    let base = &report.base.source;
    Failure::unable(anyhow!(
        "no operation could be compared: {base} has none that was asked for"
    ))
    .hint("nothing is known of the drift; check that it is the right document")
}

/// Prints the report and writes its files.
///
/// # Errors
/// When output fails. Each file is then either complete or unchanged.
fn deliver(report: &Report, reports: &Reports, printer: &mut Printer) -> Result<()> {
    for file in &reports.files {
        let mut bytes = Vec::new();
        file.format
            .write(report, Detail::Most, &mut anstream::StripStream::new(&mut bytes))?;
        files::write(&file.path, &bytes)
            .with_context(|| format!("{} cannot be written", redacted(&file.path.display().to_string())))?;
        printer.detail(&format!("wrote {}", file.path.display()));
    }
    if reports.format == Format::Github {
        summarize(&mut |out| Format::Markdown.write(report, Detail::Most, out))?;
    }
    show(report, reports.format, printer)
}

/// Prints a report, in the amount of detail that the printer's options ask for.
///
/// # Errors
/// When it cannot be written.
pub fn show(report: &Report, format: Format, printer: &mut Printer) -> Result<()> {
    let detail = match (printer.quiet(), printer.verbose()) {
        (true, _) => Detail::Least,
        (_, true) => Detail::Most,
        _ => Detail::Usual {
            width: printer.width(),
        },
    };
    format.write(report, detail, printer.out())?;
    Ok(())
}

/// Appends to the summary page of the workflow's run, if there is one.
fn summarize(write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .context("the file named by GITHUB_STEP_SUMMARY cannot be opened")?;
    write(&mut file)?;
    Ok(())
}
