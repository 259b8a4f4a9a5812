//! The command that lists the rules of the comparison.

use anyhow::anyhow;
use openapi_drift_cli::exit::{Exit, Failure, Outcome};
use openapi_drift_cli::printer::{BOLD, DIM, Printer};
use openapi_drift_cli::report::level_word;

/// List the rules, or say what one of them means
#[derive(clap::Args, Debug)]
pub(crate) struct RulesArgs {
    /// The rule, by its name in reports
    id: Option<String>,
}

pub(crate) fn run(args: &RulesArgs, printer: &mut Printer) -> Outcome {
    let mut rules = openapi_drift::rules();
    if let Some(id) = &args.id {
        rules.retain(|rule| rule.id == id);
        if rules.is_empty() {
            return Err(
                Failure::usage(anyhow!("there is no rule `{id}`")).hint("`openapi-drift rules` lists them")
            );
        }
    }
    for rule in rules {
        let level = format!(" ({})", level_word(rule.level));
        printer.say(&[(BOLD, rule.id), (DIM, &level)])?;
        printer.line(&format!("  {}", rule.explanation))?;
        if args.id.is_some() {
            printer.line(&format!("  Affected: {}.", rule.affects))?;
            printer.line(&format!("  What to do: {}", rule.mend))?;
        }
    }
    Ok(Exit::Success)
}
