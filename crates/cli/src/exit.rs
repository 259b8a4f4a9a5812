//! How a command ends: CI tells "staging drifted" from "could not look" by the exit code alone.

use std::fmt;
use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing to report.
    Success = 0,
    /// Done, and what was looked for is there: drift, a regression, a missed threshold.
    Found = 1,
    /// The command line or a configuration file is wrong.
    Usage = 2,
    /// It could not be done: unreachable, unreadable, too large.
    Unable = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What every command returns.
pub type Outcome = Result<Exit, Failure>;

/// Most lines that are printed below a reason.
const MOST_DETAILS: usize = 50;

/// Why a command ended early, and with which code.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: anyhow::Error,
    details: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// The caller has to change the command line or a configuration file.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// Nothing is wrong with what was asked, yet it could not be done.
    pub fn unable(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Unable,
            error: error.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// Adds what is printed below the reason, line by line, as far as somebody may want to read it.
    #[must_use]
    pub fn details(mut self, mut details: Vec<String>) -> Self {
        if let Some(more) = details.len().checked_sub(MOST_DETAILS).filter(|more| *more > 0) {
            details.truncate(MOST_DETAILS);
            details.push(format!("… and {more} more"));
        }
        self.details = details;
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With which code the command ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What is printed below the reason, line by line.
    pub fn lines(&self) -> &[String] {
        &self.details
    }

    /// How to mend it, where that is known.
    pub fn help(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// The error and what caused it, joined by colons: one line for a log.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

/// An error that says nothing about the command line means that the work could not be done.
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
