//! `cargo xtask demo`: runs the story that `examples/demo` tells.
//!
//! It is a package of its own, so that the other commands are built without the sandbox.

use anyhow::{Context as _, anyhow};
use openapi_drift_cli::exit::{Exit, Outcome};

use crate::workspace;

/// Link a bank, lose it, relink it and pay from it, then find drift: all on this machine
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

pub(crate) fn run() -> Outcome {
    let mut demo = workspace::cargo(&["run", "--quiet", "--locked", "--package", "demo"]);
    let status = demo.status().context("cannot start cargo")?;
    if !status.success() {
        return Err(anyhow!("the demo failed: {status}").into());
    }
    Ok(Exit::Success)
}
