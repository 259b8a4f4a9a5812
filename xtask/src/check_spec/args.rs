//! The command line of `check-spec`.

use std::env::VarError;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use jiff::civil::Date;

use super::document::Location;
use super::format::Format;
use super::report::{FailOn, Scope};
use crate::exit::Failure;
use crate::untrusted::Untrusted;
use ratio_spec::fetch::{Header, HeaderError, Headers, Limits, redacted};

/// Compare the pinned document with the one staging serves now, and report drift with proof
///
/// Exit codes: 0 nothing at or above --fail-on, 1 drift, 2 wrong usage or configuration, 3 could not check.
#[derive(clap::Args, Debug)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Staging's document: staging, production, sandbox, a URL, a file, or - for standard input
    /// [default: the source in pin.toml]
    #[arg(long, value_name = "WHERE")]
    pub(crate) staging: Option<Location>,
    /// Compare with this document instead of the pinned one
    #[arg(long, value_name = "FILE")]
    pub(crate) pinned: Option<PathBuf>,
    /// Which operations are watched
    #[arg(long, value_enum, default_value_t)]
    pub(crate) scope: Scope,
    /// From which level on drift fails the build
    #[arg(long, value_enum, default_value_t)]
    pub(crate) fail_on: FailOn,
    /// The format printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Also write a report to a file, such as html=drift.html; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(crate) reports: Vec<FileReport>,
    /// Do not run the real client against a server that behaves as staging describes
    #[arg(long)]
    pub(crate) no_replay: bool,
    /// Accepted drift [default: spec/drift.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What the client calls [default: spec/pin.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
    /// The day on which acceptances are judged, YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) today: Option<Date>,
    #[command(flatten)]
    pub(crate) network: Network,
}

/// How documents are fetched.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Fetching")]
pub(crate) struct Network {
    /// A header for the server of the document, `Name: value`; never printed, never sent to another host
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<Header>,
    /// Seconds for the whole fetch, retries included
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// Seconds for opening a connection
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    connect_timeout: Duration,
    /// Tries after the first one when the failure may pass
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    retries: usize,
}

const HELP: &str = "\
What fails my build?
  A finding at or above --fail-on that spec/drift.toml does not accept. By default that is a breaking one:
  a deployed client sends a request that staging refuses, or gets an answer that it cannot read.

How do I accept a finding?
  Add an entry to spec/drift.toml, with the rule and one of the two places as the report prints them:
      [[accept]]
      rule    = \"response-property-lost\"
      at      = \"/components/schemas/ActivityItemCrypto/properties/fee\"
      reason  = \"we never show the fee\"
      expires = 2027-01-31
  It stops counting after that day. An entry that no longer matches anything is reported.
  Under [levels], `\"rule\" = \"risky\"` changes the level of a rule.

What do I do when it is red?
  Exit 1: staging has drifted. Read the witness and the replay of each breaking finding, run
          `cargo xtask pin-spec`, mend what no longer compiles, release by the semver step that is printed.
  Exit 2: the command line, pin.toml or drift.toml is wrong; the message names file, line and column.
  Exit 3: nothing was compared, so nothing is known; the message says what stood in the way.

Headers may also stand in CHECK_SPEC_HEADERS, one on each line, where other users of the machine do not see
them. HTTPS_PROXY and NO_PROXY are honoured.";

/// A report that goes to a file.
#[derive(Clone, Debug)]
pub(crate) struct FileReport {
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
}

impl FromStr for FileReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .ok_or("a report is written FORMAT=FILE, such as html=drift.html")?;
        let format = Format::from_str(format, true).map_err(|_| {
            let names: Vec<_> = Format::value_variants()
                .iter()
                .filter_map(|f| Some(f.to_possible_value()?.get_name().to_owned()))
                .collect();
            let format = redacted(format);
            let format = Untrusted::new(&format).up_to(20);
            format!("there is no format `{format}`; it is one of {}", names.join(", "))
        })?;
        if path.is_empty() {
            return Err("the file is missing".to_owned());
        }
        Ok(Self {
            format,
            path: PathBuf::from(path),
        })
    }
}

impl Network {
    /// The headers of the command line and of the environment.
    ///
    /// # Errors
    /// When the environment holds something that is no header.
    pub(crate) fn headers(&self) -> Result<Headers, Failure> {
        let environment = match std::env::var("CHECK_SPEC_HEADERS") {
            Ok(text) => Ok(Some(text)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(HeaderError::NotText),
        };
        environment
            .and_then(|environment| Headers::new(self.headers.clone(), environment.as_deref()))
            .map_err(|error| Failure::usage(anyhow::Error::new(error).context("CHECK_SPEC_HEADERS")))
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            total: self.timeout,
            connect: self.connect_timeout,
            retries: self.retries,
            ..Limits::default()
        }
    }
}

fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "not a day, such as 2027-01-31")
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if !duration.is_zero() && number <= 3600.0 => Ok(duration),
        _ => Err("not between 0 and 3600 seconds".to_owned()),
    }
}
