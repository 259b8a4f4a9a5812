//! The repository's own commands: `cargo xtask help` lists them.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the printer makes visible what is not ours"
)]

mod bench;
mod check_spec;
mod demo;
mod pin_spec;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use openapi_drift_cli::exit::Outcome;
use openapi_drift_cli::output::run;
use openapi_drift_cli::printer::{self, Printer};

/// The repository's own commands.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    disable_help_subcommand = false
)]
struct Xtask {
    #[command(flatten)]
    output: printer::Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Bench(bench::Args),
    CheckSpec(Box<check_spec::Args>),
    Accept(Box<check_spec::AcceptArgs>),
    PinSpec(Box<pin_spec::Args>),
    Demo(demo::Args),
    /// Generate a client from a task on standard input, for check-spec and pin-spec
    #[command(name = check_spec::generate::COMMAND, hide = true)]
    Generate,
}

impl Command {
    fn run(self, printer: &mut Printer) -> Outcome {
        match self {
            Self::Bench(args) => bench::run(&args, printer),
            Self::CheckSpec(args) => check_spec::run(&args, printer),
            Self::Accept(args) => check_spec::accept(&args, printer),
            Self::PinSpec(args) => pin_spec::run(&args, printer),
            Self::Demo(demo::Args {}) => demo::run(),
            Self::Generate => check_spec::generate::run(printer),
        }
    }
}

fn main() -> ExitCode {
    run("xtask", || {
        let Xtask { output, command } = Xtask::try_parse()?;
        Ok((output, |printer: &mut Printer| command.run(printer)))
    })
    .into()
}
