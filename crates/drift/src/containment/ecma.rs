//! Reads a pattern in the syntax of ECMA-262 by translating it to that of `regex-syntax`.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use regex_syntax::hir::Hir;

/// Maximum number of look-arounds in one pattern.
const LOOKS: usize = 64;

/// White space as ECMA-262 defines it.
const SPACE: &str =
    r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// The last element that was read within a class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A character that can start a range.
    Character,
    /// The dash of a range.
    Dash,
    /// A class escape.
    Class,
    Other,
}

/// A look-around as it is written.
pub(super) struct WrittenLook {
    pub(super) is_ahead: bool,
    pub(super) wanted: bool,
    pub(super) inside: String,
}

/// The beginning of the name of the empty group that stands for a look-around, before its index.
pub(super) const LOOK: &str = "look";

/// Maximum length of a pattern in bytes. A longer one would take seconds to parse, only to have too many states.
const LONGEST: usize = 2 << 20;

/// Parses a pattern. Each look-around becomes an empty group that is named after its index in `looks`.
pub(super) fn parse(pattern: &str, looks: &mut Vec<WrittenLook>) -> Option<Hir> {
    if pattern.len() > LONGEST {
        return None;
    }
    let translated = translate(pattern, looks)?;
    let mut parser = regex_syntax::ParserBuilder::new().nest_limit(100).build();
    parser.parse(&translated).ok()
}

/// Adds a look-around.
fn look(
    (is_ahead, wanted): (bool, bool),
    inside: String,
    looks: &mut Vec<WrittenLook>,
    out: &mut String,
) -> Option<()> {
    write!(out, "(?P<{LOOK}{}>)", looks.len()).ok()?;
    looks.push(WrittenLook {
        is_ahead,
        wanted,
        inside,
    });
    (looks.len() <= LOOKS).then_some(())
}

/// Adds a word boundary, or a place that is none: between a word character and another one, or between two alike.
fn word_boundary(is_one: bool, looks: &mut Vec<WrittenLook>, out: &mut String) -> Option<()> {
    for (before, start) in [(true, "(?:"), (false, "|")] {
        out.push_str(start);
        look((false, before), r"\w".to_owned(), looks, out)?;
        look((true, before != is_one), r"\w".to_owned(), looks, out)?;
    }
    out.push(')');
    Some(())
}

/// The text up to the parenthesis that closes a group, which is consumed.
fn until_closed(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let (mut inside, mut depth, mut in_class) = (String::new(), 0_usize, false);
    loop {
        let c = chars.next()?;
        match c {
            '\\' => {
                inside.push(c);
                inside.push(chars.next()?);
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class && depth == 0 => return Some(inside),
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        inside.push(c);
    }
}

/// Translates a pattern to the syntax of `regex-syntax`, where the two differ.
fn translate(pattern: &str, looks: &mut Vec<WrittenLook>) -> Option<String> {
    let mut chars = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut in_class = false;
    let mut last = Last::Other;
    while let Some(c) = chars.next() {
        let before = last;
        // The end of a range cannot start another one.
        last = if before == Last::Dash {
            Last::Other
        } else {
            Last::Character
        };
        match c {
            '\\' if !in_class && matches!(chars.peek(), Some('b' | 'B')) => {
                word_boundary(chars.next() == Some('b'), looks, &mut out)?;
            }
            '\\' => {
                if in_class && chars.peek().is_some_and(|c| is_class(*c)) {
                    last = Last::Class;
                }
                escape(&mut chars, &mut out)?;
            }
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                if chars.next_if_eq(&']').is_some() {
                    // `[]` matches nothing and `[^]` anything.
                    out.push_str(if negated {
                        r"[\x{0}-\x{10FFFF}]"
                    } else {
                        r"[^\x{0}-\x{10FFFF}]"
                    });
                } else {
                    out.push_str(if negated { "[^" } else { "[" });
                    in_class = true;
                    last = Last::Other;
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // Set operators have no special meaning in ECMA-262.
            '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            // The meaning of `[\w-a-z]` depends on the flag with which the pattern is compiled.
            '-' if before == Last::Class
                && chars
                    .clone()
                    .take(2)
                    .take_while(|c| *c != ']')
                    .any(|c| matches!(c, '-' | '\\')) =>
            {
                return None;
            }
            // Outside of classes, and at the end of a class, it is literal in either case.
            '-' if before == Last::Character && !is_before_class(&chars) => {
                last = Last::Dash;
                out.push('-');
            }
            '-' => out.push_str(r"\-"),
            '.' if !in_class => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '(' if !in_class && chars.next_if_eq(&'?').is_some() => match chars.next()? {
                ':' => out.push_str("(?:"),
                sign @ ('=' | '!') => {
                    let inside = until_closed(&mut chars)?;
                    look((true, sign == '='), inside, looks, &mut out)?;
                }
                '<' => {
                    if let Some(sign) = chars.next_if(|it| matches!(it, '=' | '!')) {
                        let inside = until_closed(&mut chars)?;
                        look((false, sign == '='), inside, looks, &mut out)?;
                    } else {
                        // A named group.
                        out.push('(');
                        chars.by_ref().find(|it| *it == '>');
                    }
                }
                _ => return None,
            },
            '{' if !in_class => {
                // Without a count it is a literal brace, even `{,5}`, which other dialects read as a count.
                let rest: String = chars.clone().take_while(|c| *c != '}').collect();
                let counted = chars.clone().nth(rest.chars().count()) == Some('}')
                    && rest.starts_with(|c: char| c.is_ascii_digit())
                    && rest.chars().all(|c| c.is_ascii_digit() || c == ',')
                    && rest.matches(',').count() <= 1;
                out.push_str(if counted { "{" } else { r"\{" });
                if counted {
                    out.push_str(&rest);
                    out.push('}');
                    chars.nth(rest.chars().count());
                }
            }
            c => out.push(c),
        }
    }
    (!in_class).then_some(out)
}

/// Whether a class escape follows.
fn is_before_class(rest: &Peekable<Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    rest.next() == Some('\\') && rest.next().is_some_and(is_class)
}

/// Whether this letter after a backslash stands for a class of characters.
fn is_class(letter: char) -> bool {
    matches!(letter, 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'p' | 'P')
}

fn escape(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    // The class has its own brackets even within a class, so that an adjacent dash stays literal.
    let class = |inside: &str, negated: bool| format!("[{}{inside}]", if negated { "^" } else { "" });
    match chars.next()? {
        'd' => out.push_str(&class("0-9", false)),
        'D' => out.push_str(&class("0-9", true)),
        'w' => out.push_str(&class("0-9A-Za-z_", false)),
        'W' => out.push_str(&class("0-9A-Za-z_", true)),
        's' => out.push_str(&class(SPACE, false)),
        'S' => out.push_str(&class(SPACE, true)),
        'n' => out.push_str(r"\n"),
        'r' => out.push_str(r"\r"),
        't' => out.push_str(r"\t"),
        'v' => out.push_str(r"\x0B"),
        'f' => out.push_str(r"\x0C"),
        // Outside of a class it is a word boundary, which is read elsewhere.
        'b' => out.push_str(r"\x08"),
        'c' => {
            let letter = chars.next().filter(char::is_ascii_alphabetic)?;
            write!(out, r"\x{{{:X}}}", u32::from(letter) % 32).ok()?;
        }
        '0' if !chars.peek().is_some_and(char::is_ascii_digit) => out.push_str(r"\x00"),
        'x' => {
            let code = hex(chars, 2)?;
            write!(out, r"\x{{{code:X}}}").ok()?;
        }
        'u' => {
            let code = if chars.next_if_eq(&'{').is_some() {
                number(&until_brace(chars)?)?
            } else {
                let high = hex(chars, 4)?;
                if (0xD800..0xDC00).contains(&high) {
                    (chars.next()? == '\\' && chars.next()? == 'u').then_some(())?;
                    let low = hex(chars, 4)?;
                    (0xDC00..0xE000).contains(&low).then_some(())?;
                    0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)
                } else {
                    high
                }
            };
            char::from_u32(code)?;
            write!(out, r"\x{{{code:X}}}").ok()?;
        }
        kind @ ('p' | 'P') => {
            (chars.next()? == '{').then_some(())?;
            let name = until_brace(chars)?;
            write!(out, r"\{kind}{{{name}}}").ok()?;
        }
        // No automaton can express a back-reference, and other letters have no meaning.
        c if c.is_ascii_alphanumeric() => return None,
        // Written as a code point, because `\<` and `\>` have another meaning in `regex-syntax`.
        c => write!(out, r"\x{{{:X}}}", u32::from(c)).ok()?,
    }
    Some(())
}

/// The text before the next closing brace, which is consumed.
fn until_brace(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut inside = String::new();
    loop {
        match chars.next()? {
            '}' => return Some(inside),
            c => inside.push(c),
        }
    }
}

fn hex(chars: &mut Peekable<Chars<'_>>, digits: usize) -> Option<u32> {
    let text: String = chars.by_ref().take(digits).collect();
    (text.len() == digits).then(|| number(&text))?
}

/// A number that consists of hexadecimal digits only.
fn number(digits: &str) -> Option<u32> {
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
