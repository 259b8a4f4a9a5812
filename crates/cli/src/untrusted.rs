//! Text from outside: from a document, a server, a path, an environment variable or an argument.
//!
//! A terminal executes control characters, and other characters mislead readers because they reorder or hide text. The
//! runner of a workflow executes commands in the output: `::error::` at the start of a line, `##[error]` and `##vso[…]`
//! anywhere (<https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>). All text that may
//! contain these is printed as [`Untrusted`], which displays them in escaped form.

use std::fmt::{self, Write as _};

/// Text from outside. It is displayed as one line that neither a terminal nor a runner interprets.
#[derive(Clone, Copy)]
pub struct Untrusted<'t> {
    text: &'t str,
    most: usize,
}

impl<'t> Untrusted<'t> {
    /// Wraps a text without a limit on its length.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            most: usize::MAX,
        }
    }

    /// Limits the displayed text to `most` characters, followed by an ellipsis.
    #[must_use]
    pub fn up_to(self, most: usize) -> Self {
        Self { most, ..self }
    }
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.most;
        let mut chars = self.text.chars().peekable();
        // A runner skips spaces before a command, and reads commands only at the start of a line. The text may be at
        // such a start.
        let mut command = self.text.trim_start().starts_with("::");
        while let Some(c) = chars.next() {
            if left == 0 {
                return f.write_char('…');
            }
            left -= 1;
            let opens = c == '#' && chars.peek() == Some(&'#') || c == ':' && std::mem::take(&mut command);
            if opens || is_unsafe(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Joins untrusted lines with our own line breaks.
pub fn lines<'t>(lines: impl IntoIterator<Item = &'t str>) -> String {
    let lines = lines.into_iter().map(|line| Untrusted::new(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a character is unsafe to print: a control character, one that hides or reorders text, or one that XML does
/// not allow.
pub fn is_unsafe(c: char) -> bool {
    let reorders =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks_lines = matches!(c, '\u{2028}' | '\u{2029}');
    // The `Default_Ignorable_Code_Point`s of Unicode, except joiners and variation selectors, which scripts and emoji
    // need. Also interlinear annotation characters.
    let hides = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    let is_no_character = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    c.is_control() || reorders || breaks_lines || hides || is_no_character
}

#[cfg(test)]
mod tests {
    use super::Untrusted;

    fn shown(text: &str) -> String {
        Untrusted::new(text).to_string()
    }

    #[test]
    fn a_document_cannot_write_terminal_commands() {
        assert_eq!(shown("\u{1b}[2Jgone\r\nnext"), "\\u{1b}[2Jgone\\u{d}\\u{a}next");
        assert_eq!(shown("\u{9b}1m\u{7f}\u{85}"), "\\u{9b}1m\\u{7f}\\u{85}");
        assert_eq!(
            shown("\u{202e}reversed \u{2028}next"),
            "\\u{202e}reversed \\u{2028}next"
        );
        assert_eq!(
            shown("\u{feff}hi\u{200b}dden \u{e0041}"),
            "\\u{feff}hi\\u{200b}dden \\u{e0041}"
        );
        assert_eq!(
            shown("a\u{3164}b\u{115f}\u{34f}\u{180e}\u{e0100}"),
            "a\\u{3164}b\\u{115f}\\u{34f}\\u{180e}\\u{e0100}"
        );
        assert_eq!(shown("\u{fffe}\u{ffff}\u{1fffe}"), "\\u{fffe}\\u{ffff}\\u{1fffe}");
        assert_eq!(shown("Zürich → 東京 👩‍👧 ❤️"), "Zürich → 東京 👩‍👧 ❤️");
    }

    #[test]
    fn a_document_cannot_write_commands_of_a_runner() {
        assert_eq!(shown("x\n::error::y"), "x\\u{a}::error::y");
        assert_eq!(shown(" ::stop-commands::x"), " \\u{3a}:stop-commands::x");
        assert_eq!(
            shown("see ##[error] ###[group]"),
            "see \\u{23}#[error] \\u{23}\\u{23}#[group]"
        );
        assert_eq!(shown("##vso[task]"), "\\u{23}#vso[task]");
        assert_eq!(shown("types::User and #/paths"), "types::User and #/paths");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(Untrusted::new("abcdef").up_to(3).to_string(), "abc…");
        assert_eq!(Untrusted::new("abc").up_to(3).to_string(), "abc");
    }
}
