//! Text that is not ours: of a document, a server, a path, an environment variable or an argument.
//!
//! A terminal obeys control characters, a reader is misled by characters that reorder or hide others, and the runner of
//! a workflow obeys the commands that it reads in the output: `::error::` where a line begins, `##[error]` and
//! `##vso[…]` anywhere (<https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>). Whatever may
//! hold some of that is printed as [`Untrusted`], which shows such text instead of passing it on.

use std::fmt::{self, Write as _};

/// Text that is not ours; it prints as one line on which nothing acts.
#[derive(Clone, Copy)]
pub struct Untrusted<'t> {
    text: &'t str,
    most: usize,
}

impl<'t> Untrusted<'t> {
    /// The text, shown whole.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            most: usize::MAX,
        }
    }

    /// Ends after so many characters, and says so by an ellipsis.
    #[must_use]
    pub fn up_to(self, most: usize) -> Self {
        Self { most, ..self }
    }
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.most;
        let mut chars = self.text.chars().peekable();
        // A runner skips spaces before a command, and reads one only where a line begins: this may be there.
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

/// Several lines, the breaks between which are ours.
pub fn lines<'t>(lines: impl IntoIterator<Item = &'t str>) -> String {
    let lines = lines.into_iter().map(|line| Untrusted::new(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a character is obeyed instead of shown, hides, reorders what is seen, or cannot be written in XML.
pub fn is_unsafe(c: char) -> bool {
    let reorders =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks_lines = matches!(c, '\u{2028}' | '\u{2029}');
    // Unicode's `Default_Ignorable_Code_Point`, but for joiners and the selectors of a glyph's form, which scripts and emoji
    // are written with; and the marks of annotations.
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
