//! The repository's own commands: `cargo xtask help` lists them.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the printer makes visible what is not ours"
)]

mod bench;
mod check_spec;
mod clock;
mod command_line;
mod demo;
mod exit;
mod files;
mod pin_spec;
mod printer;
mod untrusted;
mod workspace;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure, Outcome};
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
    panic::set_hook(Box::new(tell));
    // What is told of a fault is said where it happens; here only the exit code is left to give.
    panic::catch_unwind(AssertUnwindSafe(run))
        .unwrap_or(Exit::Unable)
        .into()
}

fn run() -> Exit {
    let Xtask { output, command } = match Xtask::try_parse() {
        Ok(xtask) => xtask,
        Err(error) => return explain(error),
    };
    let mut printer = Printer::new(output);
    let exit = command.run(&mut printer).unwrap_or_else(|failure| {
        printer.error(&failure);
        failure.exit()
    });
    if printer.flush().is_err() && exit == Exit::Success {
        return Exit::Unable;
    }
    exit
}

/// Prints the help that was asked for, or why the command line cannot be read.
fn explain(error: clap::Error) -> Exit {
    let mut printer = Printer::new(printer::Options::default());
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let shown = printer.manual(&error.render(), !asked_for);
        return match shown.and_then(|()| printer.flush()) {
            Ok(()) if asked_for => Exit::Success,
            Ok(()) => Exit::Usage,
            Err(_) => Exit::Unable,
        };
    }
    let failure = command_line::refused(error);
    printer.error(&failure);
    failure.exit()
}

/// Says what went wrong inside this program: its message may hold text of a document like any other.
fn tell(fault: &panic::PanicHookInfo<'_>) {
    let what = fault.payload_as_str().unwrap_or("no reason given");
    let place = fault.location().map(ToString::to_string).unwrap_or_default();
    let failure = Failure::unable(anyhow::anyhow!("internal fault at {place}: {what}"))
        .hint("nothing was concluded; this is a defect of xtask, whatever it was given");
    Printer::new(printer::Options::default()).error(&failure);
}
