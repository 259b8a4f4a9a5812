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
  A finding at or above --fail-on that the policy does not accept. By default this is a breaking
  finding: a client that was built from BASE sends a request that REVISION refuses, or gets a
  response that it cannot read.

How do I accept a finding?
  `openapi-drift accept BASE REVISION ID --until DAY --reason …` adds an entry to drift.toml. You
  can also paste the entry that the report prints below a finding:
      [[accept]]
      rule    = \"response-property-lost\"
      at      = \"/components/schemas/Pet/properties/tag\"
      reason  = \"we never show the tag\"
      expires = 2027-01-31
  The entry is valid until that day. Reports warn 14 days before it ends, and when an entry
  matches no finding any more. Under [levels], `\"rule\" = \"risky\"` changes the level of a rule.

What do I do when it fails?
  Exit 1: Read the help and the witness of each breaking finding. Release a client that can handle
          the change, or accept the finding.
  Exit 2: The command line or the policy is wrong. The message names file, line and column.
  Exit 3: Nothing was compared. The message says why.

The variable OPENAPI_DRIFT_HEADERS may contain headers for the server of a document, one on each
line. Other users of the machine cannot see them there. HTTPS_PROXY and NO_PROXY are honoured.";

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
