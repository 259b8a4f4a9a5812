//! The command `openapi-drift`, which checks whether an API has drifted away from the document that callers use.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the printer makes visible what is not ours"
)]

mod command;
mod compare;
mod rules;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use openapi_drift_cli::exit::{Exit, Outcome};
use openapi_drift_cli::output::run;
use openapi_drift_cli::printer::Printer;

use command::{Command, OpenapiDrift};

fn main() -> ExitCode {
    run("openapi-drift", || match OpenapiDrift::try_parse() {
        Ok(OpenapiDrift {
            output,
            command,
            compare,
        }) => Ok((output, move |printer: &mut Printer| {
            act(command, &compare, printer)
        })),
        Err(error) => Err(error),
    })
    .into()
}

fn act(command: Option<Command>, compare: &compare::CompareArgs, printer: &mut Printer) -> Outcome {
    match command {
        None => compare::run(compare, printer),
        Some(Command::Accept(args)) => compare::accept(&args, printer),
        Some(Command::Rules(args)) => rules::run(&args, printer),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut OpenapiDrift::command(), "openapi-drift", &mut script);
            printer.out().write_all(&script)?;
            Ok(Exit::Success)
        }
        Some(Command::Man) => {
            command::man(printer.out())?;
            Ok(Exit::Success)
        }
    }
}
