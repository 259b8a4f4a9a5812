//! Numbers beyond the range of `f64`, which `serde_json` refuses.

use crate::number::Repr;

/// The numbers of a JSON text that are out of range.
#[derive(Default)]
pub(crate) struct Large {
    /// The position of each among all numbers, in ascending order, and its value.
    found: Vec<(usize, Repr)>,
    /// Number of numbers that were read.
    read: usize,
}

impl Large {
    /// Finds the numbers that are out of range. Returns the text with a small number of the same length in the place of
    /// each, so that all positions stay.
    pub(crate) fn of(text: &str) -> (Self, String) {
        let mut large = Self::default();
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
            let (before, here) = rest.split_at(start);
            plain.push_str(before);
            let is_text = here.starts_with('"');
            let (token, after) = here.split_at(if is_text {
                end_of_text(here)
            } else {
                end_of_number(here)
            });
            match Repr::large(token).filter(|_| !is_text) {
                Some(value) => {
                    large.found.push((large.read, value));
                    plain.push_str("1.");
                    plain.extend(std::iter::repeat_n('0', token.len() - 2));
                }
                None => plain.push_str(token),
            }
            large.read += usize::from(!is_text);
            rest = after;
        }
        plain.push_str(rest);
        large.read = 0;
        (large, plain)
    }

    /// The value of the next number, if it is out of range.
    pub(crate) fn next(&mut self) -> Option<Repr> {
        let position = self.read;
        self.read += 1;
        let index = self.found.binary_search_by_key(&position, |it| it.0).ok()?;
        Some(self.found[index].1)
    }
}

/// The length of the string literal at the start of a text.
fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the number at the start of a text.
fn end_of_number(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}
