//! The formats a report is printed in.

mod github;
mod html;
mod junit;
mod markdown;
mod phrases;
mod sarif;
mod text;

use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;

pub(crate) use super::api_diff::Kind;
use super::report::Report;
use crate::untrusted::is_unsafe;
pub(crate) use github::unable;
pub(crate) use phrases::value_line;

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For programs: see spec/report.schema.json
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Detail {
    /// One line for each finding that fails the build.
    Least,
    /// What may hurt in full, what is new in a line, what is cosmetic as a number.
    #[default]
    Usual,
    /// Everything in full.
    Most,
}

impl Format {
    /// Writes the report; the same report gives the same bytes.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub(crate) fn write(self, report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, detail, out),
            Self::Json => json(report, out),
            Self::Markdown => markdown::write(report, out),
            Self::Github => github::write(report, out),
            Self::Sarif => sarif::write(report, out),
            Self::Junit => junit::write(report, out),
            Self::Html => html::write(report, out),
        }
    }
}

/// Writes JSON in which characters that something acts on are escaped: they can only stand within strings.
pub(crate) fn json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut safe = String::new();
    let text = serde_json::to_string_pretty(value)?;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let command = c == '#' && chars.peek() == Some(&'#');
        if c != '\n' && (command || is_unsafe(c)) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    writeln!(out, "{safe}")
}
