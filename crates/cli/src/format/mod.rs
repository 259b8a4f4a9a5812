//! The formats in which a report can be printed.

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

/// The amount of detail in the text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line for each finding that fails the build.
    Least,
    /// Breaking and risky findings in full up to a maximum size, additive ones in one line each, and the number of
    /// cosmetic ones.
    Usual {
        /// The number of columns of the terminal. Without it, lines are not wrapped.
        width: Option<usize>,
    },
    /// Everything in full.
    Most,
}

impl Format {
    /// Writes the report. The same report always gives the same bytes.
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
