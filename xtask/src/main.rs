//! The repository's own commands: `cargo xtask help` lists them.

mod bench;
mod check_spec;
mod clock;
mod demo;
mod exit;
mod fetch;
mod pin_spec;
mod printer;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Exit, Outcome};
use crate::printer::Printer;

/// The repository's own commands.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
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
            Self::PinSpec(args) => pin_spec::run(&args, printer),
            Self::Demo(args) => demo::run(&args, printer),
            Self::Generate => check_spec::generate::run(printer),
        }
    }
}

fn main() -> ExitCode {
    let Xtask { output, command } = Xtask::parse();
    let mut printer = Printer::new(output);
    let exit = command.run(&mut printer).unwrap_or_else(|failure| {
        printer.error(&failure);
        failure.exit()
    });
    if printer.flush().is_err() && exit == Exit::Success {
        return Exit::Unable.into();
    }
    exit.into()
}
