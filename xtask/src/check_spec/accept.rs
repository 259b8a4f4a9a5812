//! `cargo xtask accept`: writes acceptances of what `check-spec` found.

use jiff::civil::Date;
use openapi_drift_cli::accept::{Choice, accept};
use openapi_drift_cli::args::day;
use openapi_drift_cli::exit::{Exit, Outcome};
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::{Policy, output};

use super::args::Compared;
use super::{in_spec, judge, policy_of};

/// Accept findings of check-spec: write entries for them to the policy
///
/// Compares the documents anew; an id is as many of its digits as name one finding.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The findings, by the ids that reports print
    #[arg(value_name = "ID", required_unless_present = "all")]
    ids: Vec<String>,
    /// Accept every finding that fails the build
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// The last day on which the acceptance holds, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Date,
    /// Why the drift is fine, for those who come after you
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    compared: Compared,
}

pub(crate) fn run(args: &Args, printer: &mut Printer) -> Outcome {
    let file = in_spec(args.compared.policy.as_deref(), "drift.toml");
    // It may be yet to be made.
    let report = judge(&args.compared, &policy_of(&file, Policy::read)?, printer)?;
    let choice = if args.all {
        Choice::All
    } else {
        Choice::Ids(args.ids.clone())
    };
    let written = accept(&file, &report, &choice, &args.reason, args.until)?;
    output::accepted(written, &file, printer);
    Ok(Exit::Success)
}
