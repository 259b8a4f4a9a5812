//! Command-line arguments that several commands share.

use std::collections::HashSet;
use std::env::VarError;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::anyhow;
use clap::ValueEnum;
use jiff::civil::Date;
use ratio_spec::fetch::{Header, HeaderError, Headers, Limits, redacted};

use crate::accept::{Choice, accept};
use crate::document::Access;
use crate::exit::{Exit, Failure, Outcome};
use crate::files;
use crate::format::Format;
use crate::output;
use crate::printer::Printer;
use crate::report::{FailOn, Report};
use crate::untrusted::Untrusted;

/// How a comparison is judged.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Judging")]
pub struct Judging {
    /// From which level on drift fails the build
    #[arg(long, value_enum, default_value_t)]
    pub fail_on: FailOn,
    /// The day on which acceptances are judged, YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub today: Option<Date>,
}

/// Which findings are accepted, until when and why.
#[derive(clap::Args, Clone, Debug)]
pub struct Accepting {
    /// The findings, by the ids that reports print
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub ids: Vec<String>,
    /// Accept every finding that fails the build
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// The last day on which the acceptance holds, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub until: Date,
    /// Why the drift is fine, for those who come after you
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

impl Accepting {
    /// Writes the acceptances to the policy's file, and prints how many there were.
    ///
    /// # Errors
    /// The errors of [`accept`].
    pub fn write(&self, policy: &Path, report: &Report, printer: &mut Printer) -> Outcome {
        let choice = if self.all {
            Choice::All
        } else {
            Choice::Ids(self.ids.clone())
        };
        let written = accept(policy, report, &choice, &self.reason, self.until)?;
        output::accepted(written, policy, printer);
        Ok(Exit::Success)
    }
}

/// What is printed and written.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Reports")]
pub struct Reports {
    /// The format printed to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also write a report to a file, such as html=drift.html; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub files: Vec<FileReport>,
}

impl Reports {
    /// Checks that each report has its own file, since otherwise the later report would replace the earlier one.
    /// Different spellings of one path count as the same file.
    ///
    /// # Errors
    /// When two reports would go to the same file.
    pub fn check(&self) -> Result<(), Failure> {
        let mut taken = HashSet::new();
        for file in &self.files {
            if !taken.insert(files::identity(&file.path)) {
                let name = redacted(&file.path.display().to_string());
                let what =
                    anyhow!("two reports would be written to {name}, and the later one replace the other");
                return Err(Failure::usage(what).hint("give each report a file of its own"));
            }
        }
        Ok(())
    }
}

/// How documents are fetched.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Fetching")]
pub struct Network {
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

/// A report that is written to a file.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The format of the report.
    pub format: Format,
    /// The path of the file.
    pub path: PathBuf,
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
    /// Combines the options with the headers in the environment variable `variable`, which has one header per line.
    ///
    /// # Errors
    /// When the variable holds text that is not a header.
    pub fn access(&self, variable: &'static str) -> Result<Access, Failure> {
        let environment = match std::env::var(variable) {
            Ok(text) => Ok(Some(text)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(HeaderError::NotText),
        };
        let headers = environment
            .and_then(|environment| Headers::new(self.headers.clone(), environment.as_deref()))
            .map_err(|error| Failure::usage(anyhow::Error::new(error).context(variable)))?;
        let limits = Limits {
            total: self.timeout,
            connect: self.connect_timeout,
            retries: self.retries,
            ..Limits::default()
        };
        Ok(Access {
            headers,
            limits,
            variable,
        })
    }
}

/// Parses a day, for acceptances and `--today`.
///
/// # Errors
/// When the text is not a day.
pub fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "not a day, such as 2027-01-31")
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if !duration.is_zero() && number <= 3600.0 => Ok(duration),
        _ => Err("not between 0 and 3600 seconds".to_owned()),
    }
}
