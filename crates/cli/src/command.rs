//! The command line of `openapi-drift`.

use std::io::{self, Write};

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use openapi_drift_cli::printer;

use crate::compare;
use crate::rules;

/// Compare two OpenAPI documents and report drift with proof
///
/// BASE is the document that callers were built from, REVISION the one that is served now. Each may be a file, a folder
/// with an openapi.yaml or openapi.json and the files that it refers to, an https address, - for standard input, or
/// REV:PATH of the git repository around the current folder.
///
/// Exit codes: 0 nothing at or above --fail-on, 1 drift, 2 wrong usage or configuration, 3 could not check.
#[derive(Debug, Parser)]
#[command(
    name = "openapi-drift",
    version,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_long_help = HELP
)]
pub(crate) struct OpenapiDrift {
    #[command(flatten)]
    pub(crate) output: printer::Options,
    #[command(flatten)]
    pub(crate) compare: compare::CompareArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Accept(Box<compare::AcceptArgs>),
    Rules(rules::RulesArgs),
    /// Print a script that completes command lines in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

const HELP: &str = "\
What fails my build?
  A finding at or above --fail-on that the policy does not accept. By default that is a breaking one: who was
  built from BASE sends a request that REVISION refuses, or gets an answer that it cannot read.

How do I accept a finding?
  `openapi-drift accept BASE REVISION ID --until DAY --reason …` adds an entry to drift.toml; so does pasting
  what the report prints below a finding that fails:
      [[accept]]
      rule    = \"response-property-lost\"
      at      = \"/components/schemas/Pet/properties/tag\"
      reason  = \"we never show the tag\"
      expires = 2027-01-31
  It stops counting after that day, and is announced from 14 days before. An entry that no longer matches
  anything is reported. Under [levels], `\"rule\" = \"risky\"` changes the level of a rule.

What do I do when it is red?
  Exit 1: read help and witness of each breaking finding; release a client that copes, or accept the finding.
  Exit 2: the command line or the policy is wrong; the message names file, line and column.
  Exit 3: nothing was compared, so nothing is known; the message says what stood in the way.

Headers for the server of a document may also stand in OPENAPI_DRIFT_HEADERS, one on each line, where other
users of the machine do not see them. HTTPS_PROXY and NO_PROXY are honoured.";

/// Writes the manual page: the command, then each of its subcommands.
///
/// # Errors
/// When `out` cannot be written to.
pub(crate) fn man(out: &mut dyn Write) -> io::Result<()> {
    let mut page = Vec::new();
    let mut command = OpenapiDrift::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for part in command.get_subcommands().filter(|it| it.get_name() != "help") {
        let man = clap_mangen::Man::new(part.clone());
        // The manual is a single page, so a section heading replaces the title of each subcommand.
        let name = part.get_name().to_ascii_uppercase();
        writeln!(page, ".SH \"{name}\"")?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    out.write_all(&page)
}
