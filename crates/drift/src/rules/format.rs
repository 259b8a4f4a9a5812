//! The rule on formats, which schemas, parameters and headers share.

use crate::report::Level;
use crate::rule::Rule;

pub(crate) const FORMAT: Rule = Rule {
    id: "format-changed",
    level: Level::Risky,
    explanation: "The reader expects another format of a text or number: formats are no constraint, yet parsers rely on them.",
};
