//! How a command ends: CI tells "a figure is wrong" from "could not measure" by the exit code alone.

use std::fmt;
use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Measured, and nothing is wrong.
    Success = 0,
    /// Measured, and something is wrong: a missed threshold, a wrong answer.
    Found = 1,
    /// The command line is wrong.
    Usage = 2,
    /// It could not be measured.
    Unable = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What every command returns; an error other than [`Misuse`] means that the work could not be done.
pub(crate) type Outcome = anyhow::Result<Exit>;

/// The caller has to change the command line.
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
