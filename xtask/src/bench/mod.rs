//! `cargo xtask bench`: figures that depend on the machine, as ratios that do not.

mod client;

use openapi_drift_cli::exit::Outcome;
use openapi_drift_cli::printer::Printer;

/// Measure speed and memory, as ratios within one run
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Client(client::Args),
}

pub(crate) fn run(args: &Args, printer: &mut Printer) -> Outcome {
    match &args.what {
        What::Client(client::Args {}) => client::run(printer),
    }
}
