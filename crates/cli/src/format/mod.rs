//! The formats a report is printed in.

mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod phrases;
mod sarif;
mod text;

use std::io::{self, Write};

use clap::ValueEnum;

use crate::report::Report;

pub(crate) use github::unable;
pub use json::write_safely;
pub(crate) use markdown::unable as unable_summary;
pub use phrases::value_line;

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    Text,
    /// For programs: the schema is report.schema.json
    Json,
    /// For a comment, an issue or a step summary
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
    /// For code scanning
    Sarif,
    /// For test report viewers
    Junit,
    /// One self-contained page
    Html,
}

/// How much of a report its text shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line for each finding that fails the build.
    Least,
    /// What may hurt in full as far as a person reads on, what is new in a line, what is cosmetic as a number.
    Usual {
        /// Columns of the terminal that it goes to; lines are not wrapped elsewhere.
        width: Option<usize>,
    },
    /// Everything in full.
    Most,
}

impl Format {
    /// Writes the report; the same report gives the same bytes.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write(self, report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, detail, out),
            Self::Json => json::write(report, out),
            Self::Markdown => markdown::write(report, out),
            Self::Github => github::write(report, out),
            Self::Sarif => sarif::write(report, out),
            Self::Junit => junit::write(report, out),
            Self::Html => html::write(report, out),
        }
    }
}
