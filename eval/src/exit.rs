//! The exit codes of the command. CI distinguishes a wrong figure from a failed measurement by the exit code alone.

use std::fmt;
use std::process::ExitCode;

/// The meaning of the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The measurement succeeded, and nothing is wrong.
    Success = 0,
    /// The measurement succeeded, and something is wrong: a missed threshold or a wrong answer.
    Found = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The measurement failed.
    Unable = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The result of every command. An error other than [`Misuse`] means that the work could not be done.
pub(crate) type Outcome = anyhow::Result<Exit>;

/// An error in the command line, which the caller has to change.
#[derive(Debug)]
pub(crate) struct Misuse {
    pub(crate) problem: String,
    pub(crate) mend: &'static str,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Misuse {}
