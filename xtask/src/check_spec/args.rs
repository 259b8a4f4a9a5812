//! The command line of `check-spec`.

use std::path::PathBuf;

use openapi_drift_cli::Location;
use openapi_drift_cli::args::{Judging, Network, Reports};

use super::document::location;

/// Which operations are watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scope {
    /// The operations that the client calls, as listed in pin.toml
    #[default]
    Bank,
    /// Every operation of both documents
    All,
}

impl Scope {
    /// The name on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::All => "all",
        }
    }
}

/// Compare the pinned document with the one staging serves now, and report drift with proof
///
/// Exit codes: 0 nothing at or above --fail-on, 1 drift, 2 wrong usage or configuration, 3 could not check.
#[derive(clap::Args, Debug)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) compared: Compared,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

/// What is compared, and how that is judged.
#[derive(clap::Args, Debug)]
pub(crate) struct Compared {
    /// Staging's document: staging, production, sandbox, a URL, a file, or - for standard input
    /// [default: the source in pin.toml where that is an address, else staging]
    #[arg(long, value_name = "WHERE", value_parser = location)]
    pub(crate) staging: Option<Location>,
    /// Compare with this document instead of the pinned one
    #[arg(long, value_name = "FILE")]
    pub(crate) pinned: Option<PathBuf>,
    /// Which operations are watched
    #[arg(long, value_enum, default_value_t)]
    pub(crate) scope: Scope,
    /// Do not run the real client against a server that behaves as staging describes
    #[arg(long)]
    pub(crate) no_replay: bool,
    /// What the client calls [default: spec/pin.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Accepted drift [default: spec/drift.toml]
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: Network,
}

const HELP: &str = "\
What fails my build?
  A finding at or above --fail-on that spec/drift.toml does not accept. By default this is a
  breaking finding: a deployed client sends a request that staging refuses, or gets a response
  that it cannot read.

How do I accept a finding?
  `cargo xtask accept ID --until DAY --reason …` adds an entry to spec/drift.toml. You can also
  paste the entry that the report prints below a finding:
      [[accept]]
      rule    = \"response-property-lost\"
      at      = \"/components/schemas/ActivityItemCrypto/properties/fee\"
      reason  = \"we never show the fee\"
      expires = 2027-01-31
  The entry is valid until that day. Reports warn 14 days before it ends, and when an entry
  matches no finding any more. Under [levels], `\"rule\" = \"risky\"` changes the level of a rule.

What do I do when it fails?
  Exit 1: Staging has drifted. Read the witness and the replay of each breaking finding. Run
          `cargo xtask pin-spec`, correct the code that no longer compiles, and release with the
          semver step that is printed.
  Exit 2: The command line, pin.toml or drift.toml is wrong. The message names file, line and
          column.
  Exit 3: Nothing was compared. The message says why.

The variable CHECK_SPEC_HEADERS may contain headers, one on each line. Other users of the machine
cannot see them there. HTTPS_PROXY and NO_PROXY are honoured.";
