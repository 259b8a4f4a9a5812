//! The remaining steps after a document was pinned.

use std::io;

use openapi_drift::Step;
use openapi_drift_cli::printer::{BOLD, DIM, Printer};
use openapi_drift_cli::report::{ApiDiff, Report, step_word};

/// Prints the changes for callers and for this repository, the commands to run, the next version and the files to
/// commit.
///
/// # Errors
/// When printing fails.
pub(super) fn steps(report: &Report, files: &[String], printer: &mut Printer) -> io::Result<()> {
    if printer.quiet() {
        return Ok(());
    }
    printer.line("")?;
    printer.say(&[(BOLD, "what is left to do")])?;
    let (mend, ours, items) = report.rust.as_ref().map_or((0, Vec::new(), 0), counted);
    let mut number = 0;
    let mut step = |printer: &mut Printer, text: &str, why: &str| {
        number += 1;
        let number = format!("  {number}. ");
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(" ({why})")
        };
        printer.say(&[(BOLD, &number), (BOLD, text), (DIM, &why)])
    };
    let changes = match (items, mend) {
        (0, _) => "no item that callers can name changes".to_owned(),
        (items, 0) => format!("{items} items change, none of which keeps callers from compiling"),
        (items, mend) => format!("{items} items change, {mend} of which may keep callers from compiling"),
    };
    step(printer, "cargo build --workspace --all-targets", &changes)?;
    for ours in ours {
        printer.line(&format!("     ours to mend: {ours}"))?;
    }
    step(
        printer,
        "cargo test --workspace",
        "and mend what the tests say of the pin",
    )?;
    if report.semver != Step::None {
        let (now, next) = versions(report.semver);
        let why = format!("{now} now; the semver step is {}", step_word(report.semver));
        step(
            printer,
            &format!("version = \"{next}\" in Cargo.toml, and a line in CHANGELOG.md"),
            &why,
        )?;
    }
    step(
        printer,
        &format!("git add {}", files.join(" ")),
        "commit both together",
    )
}

/// The number of changed items that may break callers, the changes to make in this crate, and the number of all changed
/// items.
fn counted(rust: &ApiDiff) -> (usize, Vec<String>, usize) {
    let breaks = rust.changes.iter().filter(|change| change.breaks).count();
    let ours = rust
        .changes
        .iter()
        .filter_map(|change| change.ours.clone())
        .collect();
    (breaks, ours, rust.changes.len())
}

/// The version of the workspace and the next one. Before 1.0.0, a breaking change raises the second number.
fn versions(step: Step) -> (String, String) {
    let now = env!("CARGO_PKG_VERSION");
    let mut parts = now.split(['.', '-']).map(|part| part.parse::<u64>().unwrap_or(0));
    let parts: [u64; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
    (now.to_owned(), raised(parts, step))
}

fn raised([major, minor, patch]: [u64; 3], step: Step) -> String {
    let [major, minor, patch] = match (major, step) {
        (_, Step::None) => [major, minor, patch],
        (0, Step::Major) | (1.., Step::Minor) => [major, minor + 1, 0],
        (1.., Step::Major) => [major + 1, 0, 0],
        (0, Step::Minor) | (_, Step::Patch) => [major, minor, patch + 1],
    };
    format!("{major}.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use openapi_drift::Step;

    use super::raised;

    #[test]
    fn a_break_raises_the_first_number_that_is_not_zero() {
        for (now, step, next) in [
            ([0, 1, 4], Step::Major, "0.2.0"),
            ([0, 1, 4], Step::Minor, "0.1.5"),
            ([1, 2, 3], Step::Major, "2.0.0"),
            ([1, 2, 3], Step::Minor, "1.3.0"),
            ([1, 2, 3], Step::Patch, "1.2.4"),
            ([1, 2, 3], Step::None, "1.2.3"),
        ] {
            assert_eq!(raised(now, step), next);
        }
    }
}
