//! The reasons of a schema against a value, with their places.

use std::fmt::{self, Write};

use openapi_document::pointer;
use serde_json::Value;

use crate::judgement::Cause;

/// Maximum number of reasons reported for one value.
pub(crate) const MOST_REASONS: usize = 100;
/// Maximum number of characters in a reason that quotes a value.
const LONGEST: usize = 160;
/// Maximum number of values of an `enum` in a reason.
const MOST_LISTED: usize = 3;

/// One objection of a schema to a value.
pub(crate) struct Reason {
    pub(crate) pointer: String,
    pub(crate) cause: Cause,
    pub(crate) keyword: Option<String>,
    pub(crate) why: String,
}

/// A step from a value to a part of it.
#[derive(Clone, Copy)]
pub(super) enum Step<'v> {
    Member(&'v str),
    Item(usize),
}

/// Collects reasons.
#[derive(Default)]
pub(super) struct Reasons<'v> {
    /// `None` while a refusal is no reason: nobody asked, or it is one of several alternatives.
    pub(super) told: Option<Vec<Reason>>,
    /// Whether the reasons contain the value, which may be a secret.
    pub(super) are_quoted: bool,
    /// The way to the part of the value that is judged.
    pub(super) path: Vec<Step<'v>>,
}

impl Reasons<'_> {
    /// Whether further reasons are collected.
    pub(super) fn is_open(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.len() < MOST_REASONS)
    }

    /// Adds a reason against the value at the current path.
    pub(super) fn add(
        &mut self,
        cause: Cause,
        keyword: &'static str,
        quote: impl FnOnce(&mut Cut) -> fmt::Result,
    ) {
        let pointer = self.pointer();
        let plain = || format!("its schema refuses it by `{keyword}`");
        self.push(pointer, cause, keyword, plain, quote);
    }

    /// Adds the reason that a required property is missing.
    pub(super) fn add_missing(&mut self, name: &str) {
        let pointer = pointer::join(&self.pointer(), name);
        let plain = || "it is required".to_owned();
        self.push(pointer, Cause::Missing, "required", plain, |out| {
            write!(out, "{} is a required property", Value::from(name))
        });
    }

    fn push(
        &mut self,
        pointer: String,
        cause: Cause,
        keyword: &'static str,
        plain: impl FnOnce() -> String,
        quote: impl FnOnce(&mut Cut) -> fmt::Result,
    ) {
        if !self.is_open() {
            return;
        }
        let why = if self.are_quoted { Cut::of(quote) } else { plain() };
        self.told.get_or_insert_default().push(Reason {
            pointer,
            cause,
            keyword: Some(keyword.to_owned()),
            why,
        });
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            out = match step {
                Step::Member(name) => pointer::join(&out, name),
                Step::Item(index) => format!("{out}/{index}"),
            };
        }
        out
    }
}

/// A text that is cut where it becomes too long. What follows is not even written.
pub(super) struct Cut {
    text: String,
    left: usize,
}

impl Cut {
    fn of(write: impl FnOnce(&mut Self) -> fmt::Result) -> String {
        let mut cut = Self {
            text: String::new(),
            left: LONGEST,
        };
        if write(&mut cut).is_err() {
            cut.text.push('…');
        }
        cut.text
    }
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if let Some((end, _)) = text.char_indices().nth(self.left) {
            self.text.push_str(&text[..end]);
            self.left = 0;
            return Err(fmt::Error);
        }
        self.left -= text.chars().count();
        self.text.push_str(text);
        Ok(())
    }
}

/// Writes names as `'a', 'b'`, with the verb that follows.
pub(super) fn unexpected(out: &mut Cut, what: &str, names: &[impl fmt::Display]) -> fmt::Result {
    write!(out, "{what} are not allowed (")?;
    for (index, name) in names.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(out, "{comma}'{name}'")?;
    }
    let verb = if names.len() == 1 { "was" } else { "were" };
    write!(out, " {verb} unexpected)")
}

/// Writes the values of an `enum`, the first ones if they are many.
pub(super) fn listed(out: &mut Cut, values: impl ExactSizeIterator<Item = impl fmt::Display>) -> fmt::Result {
    let count = values.len();
    let shown = if count > MOST_LISTED {
        MOST_LISTED - 1
    } else {
        count
    };
    for (index, value) in values.take(shown).enumerate() {
        let before = match index {
            0 => "",
            _ if index == count - 1 => " or ",
            _ => ", ",
        };
        write!(out, "{before}{value}")?;
    }
    if shown < count {
        write!(out, " or {} other candidates", count - shown)?;
    }
    Ok(())
}

/// Writes a number of things: `1 item`, `2 items`.
pub(super) fn counted(out: &mut Cut, count: u64, one: &str, many: &str) -> fmt::Result {
    write!(out, "{count} {}", if count == 1 { one } else { many })
}
