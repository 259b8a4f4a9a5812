//! `cargo xtask accept`: writes acceptances for findings of `check-spec`.

use openapi_drift_cli::Policy;
use openapi_drift_cli::args::Accepting;
use openapi_drift_cli::exit::Outcome;
use openapi_drift_cli::printer::Printer;

use super::args::Compared;
use super::{in_spec, judge, policy_of};

/// Accept findings of check-spec: write entries for them to the policy
///
/// Compares the documents anew; an id is as many of its digits as name one finding.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    accepting: Accepting,
    #[command(flatten)]
    compared: Compared,
}

pub(crate) fn run(args: &Args, printer: &mut Printer) -> Outcome {
    let file = in_spec(args.compared.policy.as_deref(), "drift.toml");
    // The file may not exist yet.
    let report = judge(&args.compared, &policy_of(&file, Policy::read)?, printer)?;
    args.accepting.write(&file, &report, printer)
}
