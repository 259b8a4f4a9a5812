//! `cargo eval bench`: figures that depend on the machine, expressed as ratios that do not.

mod check_spec;
mod drift;
mod read;

use std::io::Write;

use crate::exit::Outcome;

/// Measure speed and memory, as ratios within one run
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    CheckSpec(check_spec::Args),
    Drift(drift::Args),
    Read(read::Args),
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    match &args.what {
        What::CheckSpec(args) => check_spec::run(args, out),
        What::Drift(args) => drift::run(args, out),
        What::Read(args) => read::run(args, out),
    }
}
