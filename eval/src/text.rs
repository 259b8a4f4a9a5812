//! Text from collected documents on a terminal.

/// Makes control characters visible, because the names in an error may come from a document. Line feeds stay
/// unchanged.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}
