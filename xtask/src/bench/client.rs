//! Compares the client with a hand-written call with `reqwest`: time and allocations.
//!
//! It is a bench target of `ratio-bank`, since counting allocations needs its own global allocator.

use anyhow::Context as _;

use crate::workspace;
use openapi_drift_cli::exit::{Exit, Failure, Outcome};
use openapi_drift_cli::printer::Printer;

/// Call the sandbox with our client and with bare `reqwest`, and print the ratios
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(printer: &mut Printer) -> Outcome {
    let spinner = printer.spinner("building and measuring");
    let bench = [
        "bench",
        "--quiet",
        "--locked",
        "--package",
        "ratio-bank",
        "--bench",
        "client",
    ];
    let output = workspace::cargo(&bench).output().context("cannot start cargo")?;
    drop(spinner);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(
            Failure::unable(anyhow::anyhow!("the measurement failed: {}", output.status))
                .details(said.lines().map(str::to_owned).collect()),
        );
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        printer.line(line)?;
    }
    Ok(Exit::Success)
}
