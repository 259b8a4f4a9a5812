//! The exit codes of commands, with which CI can distinguish drift from a failed check.

use std::fmt;
use std::process::ExitCode;

/// The meaning of an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command completed with nothing to report.
    Success = 0,
    /// The command completed and found drift, a regression or a missed threshold.
    Found = 1,
    /// The command line or a configuration file is wrong.
    Usage = 2,
    /// The command could not complete: a document was unreachable, unreadable or too large.
    Unable = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The result of every command.
pub type Outcome = Result<Exit, Failure>;

/// Maximum number of lines that are printed below a reason.
const MOST_DETAILS: usize = 50;

/// The reason why a command ended early, and its exit code.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: anyhow::Error,
    details: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// Makes a failure that the caller can fix in the command line or a configuration file.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// Makes a failure of a valid request that could not be carried out.
    pub fn unable(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Unable,
            error: error.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// Adds lines that are printed below the reason, up to a maximum number.
    #[must_use]
    pub fn details(mut self, mut details: Vec<String>) -> Self {
        if let Some(more) = details.len().checked_sub(MOST_DETAILS).filter(|more| *more > 0) {
            details.truncate(MOST_DETAILS);
            details.push(format!("… and {more} more"));
        }
        self.details = details;
        self
    }

    /// Adds a hint on how to fix the problem.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code of the command.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The lines that are printed below the reason.
    pub fn lines(&self) -> &[String] {
        &self.details
    }

    /// The hint on how to fix the problem, if there is one.
    pub fn help(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// Displays the error and its causes, joined by colons, as one line for a log.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

/// Converts other errors to [`Exit::Unable`], since they do not concern the command line.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::unable(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::unable(error)
    }
}
