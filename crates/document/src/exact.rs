//! Numbers that `serde_json` rounds to the nearest `f64`, or refuses because they are beyond its range.

use crate::number::Repr;

/// Number of digits that every `f64` holds. With an exponent of two digits they are also within its range.
const HELD: usize = 15;

/// Whether a JSON text may have a number that no `f64` holds. Such a number has many digits in a row, or three or more in
/// its exponent, so only every third byte is looked at.
pub(crate) fn may_occur(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let start_of = |end: usize| end - bytes[..end].iter().rev().take_while(|it| is_part(it)).count();
    let begins_number = |start: usize| {
        let before = bytes[..start].strip_suffix(b"-").unwrap_or(&bytes[..start]);
        matches!(
            before.last(),
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b':' | b',' | b'[')
        )
    };
    let mut at = 2;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_digit() {
            let start = start_of(at);
            at += bytes[at..].iter().take_while(|it| is_part(it)).count();
            let sign = usize::from(start > 0 && matches!(bytes[start - 1], b'+' | b'-'));
            let is_long = match &bytes[..start - sign] {
                [mantissa @ .., b'e' | b'E'] => at - start > 2 && begins_number(start_of(mantissa.len())),
                _ => at - start > HELD && begins_number(start),
            };
            if is_long {
                return true;
            }
        }
        at += 3;
    }
    false
}

/// The numbers of a JSON text that `serde_json` does not hold.
#[derive(Default)]
pub(crate) struct Exact {
    /// The position of each among all numbers, in ascending order, and its value.
    found: Vec<(usize, Repr<String>)>,
    /// Number of numbers that were read.
    read: usize,
}

impl Exact {
    /// Finds these numbers. Returns the text with a small number of the same length in the place of each that is out of
    /// range, so that all positions stay.
    pub(crate) fn of(text: &str) -> (Self, String) {
        let mut exact = Self::default();
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
            let (before, here) = rest.split_at(start);
            plain.push_str(before);
            if here.starts_with('"') {
                let (token, after) = here.split_at(end_of_text(here));
                plain.push_str(token);
                rest = after;
                continue;
            }
            let (token, after) = here.split_at(end_of_number(here));
            if is_json(token) && token.parse::<f64>().is_ok_and(f64::is_infinite) {
                plain.push_str("1.");
                plain.extend(std::iter::repeat_n('0', token.len() - 2));
            } else {
                plain.push_str(token);
            }
            let is_held = token.parse::<u64>().is_ok() || token.parse::<i64>().is_ok();
            let value = Repr::read(token).filter(|it| !is_held && !matches!(it, Repr::Float(_)));
            exact.found.extend(value.map(|it| (exact.read, it)));
            exact.read += 1;
            rest = after;
        }
        plain.push_str(rest);
        exact.read = 0;
        (exact, plain)
    }

    /// The value of the next number, if `serde_json` does not hold it.
    pub(crate) fn next(&mut self) -> Option<Repr<String>> {
        let position = self.read;
        self.read += 1;
        let index = self.found.binary_search_by_key(&position, |it| it.0).ok()?;
        Some(self.found[index].1.clone())
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

/// Whether a decimal is written as JSON allows it: without needless zeros at its start, and with digits around its point.
fn is_json(decimal: &str) -> bool {
    let unsigned = decimal.strip_prefix('-').unwrap_or(decimal);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let fraction = unsigned[whole..].strip_prefix('.').map(digits);
    (whole == 1 || whole > 1 && !unsigned.starts_with('0')) && fraction != Some(0)
}
