//! Numbers that `serde_json` rounds to the nearest `f64`, or refuses because they are beyond its range.

use crate::number::Repr;

/// Number of digits that every `f64` holds. With an exponent of two digits they are also within its range.
const HELD: usize = 15;

/// Whether a JSON text may have a number that `serde_json` does not hold. Such a number has many digits in a row, or three
/// or more in its exponent, so only every third byte is looked at. A string with such a number counts, too.
pub(crate) fn may_occur(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let start_of = |end: usize| end - bytes[..end].iter().rev().take_while(|it| is_part(it)).count();
    let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b':' | b',' | b'[');
    let mut at = 2;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_digit() {
            let mut start = start_of(at);
            at += bytes[at..].iter().take_while(|it| is_part(it)).count();
            let mut least = HELD;
            let unsigned = bytes[..start]
                .strip_suffix(b"-")
                .or(bytes[..start].strip_suffix(b"+"));
            if let [mantissa @ .., b'e' | b'E'] = unsigned.unwrap_or(&bytes[..start]) {
                least = 2;
                start = start_of(mantissa.len());
            }
            let digits = at - start_of(at);
            start -= usize::from(bytes[..start].ends_with(b"-"));
            if digits > least && bytes[..start].last().is_none_or(is_between) {
                let token = &text[start..];
                if exact(&token[..end_of_number(token)]).is_some() {
                    return true;
                }
            }
        }
        at += 3;
    }
    false
}

/// The value of a number that `serde_json` does not hold.
fn exact(token: &str) -> Option<Repr<String>> {
    let is_held = token.parse::<u64>().is_ok() || token.parse::<i64>().is_ok();
    Repr::read(token).filter(|it| !is_held && !matches!(it, Repr::Float(_)))
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
        let mut numbers = Self::default();
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
            numbers.found.extend(exact(token).map(|it| (numbers.read, it)));
            numbers.read += 1;
            rest = after;
        }
        plain.push_str(rest);
        numbers.read = 0;
        (numbers, plain)
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
