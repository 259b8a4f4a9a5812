//! Reports on their way out: to standard output, to files, to a workflow's summary.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use super::args::FileReport;
use super::format::{Detail, Format};
use super::report::Report;
use crate::printer::Printer;
use ratio_spec::fetch::redacted;

/// Prints the report and writes its files.
///
/// # Errors
/// When something cannot be written; each file is whole or as it was.
pub(crate) fn deliver(
    report: &Report,
    format: Format,
    files: &[FileReport],
    printer: &mut Printer,
) -> Result<()> {
    for file in files {
        let mut bytes = Vec::new();
        file.format
            .write(report, Detail::Most, &mut anstream::StripStream::new(&mut bytes))?;
        write_atomically(&file.path, &bytes)
            .with_context(|| format!("{} cannot be written", redacted(&file.path.display().to_string())))?;
        printer.detail(&format!("wrote {}", file.path.display()));
    }
    if format == Format::Github {
        summarize(report)?;
    }
    let detail = match (printer.quiet(), printer.verbose()) {
        (true, _) => Detail::Least,
        (_, true) => Detail::Most,
        _ => Detail::Usual,
    };
    format.write(report, detail, printer.out())?;
    Ok(())
}

/// Adds the report to the page of the workflow's run, where there is one.
fn summarize(report: &Report) -> Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .context("the file named by GITHUB_STEP_SUMMARY cannot be opened")?;
    Format::Markdown.write(report, Detail::Most, &mut file)?;
    Ok(())
}

/// Replaces a file in one step: a reader sees the old bytes or the new ones, and a crash leaves one of them.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    // A temporary file is private to its owner; a report is as public as any file made here.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |old| old.permissions().mode() & 0o777);
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is on disk once the folder is.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}
