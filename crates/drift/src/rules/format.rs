//! The rule on formats, which schemas, parameters and headers share.

use crate::report::Level;
use crate::rule::{Affects, Rule};

pub(crate) const FORMAT: Rule = Rule {
    id: "format-changed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "The reader expects another format of a text or number. A format is only a note, but many parsers rely on it.",
    mend: "Check that your parser accepts the new format.",
    readings: &[14],
};
pub(crate) const FORMAT_NARROWED: Rule = Rule {
    id: "format-narrowed",
    level: Level::Additive,
    affects: Affects::Both,
    explanation: "A text or number that is sent has a format that its reader does not ask for, or a narrower one than the reader does.",
    mend: "Nothing to do.",
    readings: &[14],
};
