//! `cargo xtask bench`: measurements as ratios, which depend little on the machine.

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
