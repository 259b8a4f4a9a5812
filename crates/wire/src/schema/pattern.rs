//! Patterns in the form that the `jsonschema` validator accepts.

use std::borrow::Cow;

/// Writes a pattern so that the validator reads it as ECMA-262 does.
pub(super) fn written(pattern: &str) -> Cow<'_, str> {
    let braced = with_literal_braces(pattern);
    if is_translated(&braced) {
        return braced;
    }
    with_classes(&braced).into()
}

/// Whether the validator translates the classes of a pattern by itself. It leaves a pattern with look-around or a
/// back-reference as it is.
fn is_translated(pattern: &str) -> bool {
    let has_look = ["(?=", "(?!", "(?<=", "(?<!"]
        .iter()
        .any(|it| pattern.contains(it));
    let mut escaped = pattern.split('\\').skip(1);
    let refers = escaped.any(|it| it.starts_with(|c: char| matches!(c, '1'..='9' | 'k')));
    !has_look && !refers
}

const DIGIT: &str = "0-9";
const NO_DIGIT: &str = r"\x{0}-\x{2F}\x{3A}-\x{10FFFF}";
const WORD: &str = "0-9A-Za-z_";
const NO_WORD: &str = r"\x{0}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{5E}\x{60}\x{7B}-\x{10FFFF}";
const SPACE: &str = concat!(
    r"\x{9}-\x{D}\x{20}\x{A0}\x{1680}\x{2000}-\x{200A}",
    r"\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}"
);
const NO_SPACE: &str = concat!(
    r"\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}",
    r"\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}"
);
const BOUNDARY: &str = "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))";
const NO_BOUNDARY: &str = "(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))";

/// The ranges of a class that ECMA-262 and the validator read differently, by the letter of its escape.
fn ranges(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => DIGIT,
        'D' => NO_DIGIT,
        'w' => WORD,
        'W' => NO_WORD,
        's' => SPACE,
        'S' => NO_SPACE,
        _ => return None,
    })
}

/// Writes out the classes of ECMA-262, which know no characters beyond ASCII but white space.
fn with_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    let (mut is_in_class, mut is_after_class) = (false, false);
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let is_after_ranges = std::mem::take(&mut is_after_class);
        match c {
            '\\' => {
                let Some(letter) = chars.next() else {
                    out.push(c);
                    break;
                };
                match (ranges(letter), letter) {
                    (Some(ranges), _) if is_in_class => {
                        out.push_str(ranges);
                        is_after_class = true;
                    }
                    (Some(ranges), _) => {
                        out.push('[');
                        out.push_str(ranges);
                        out.push(']');
                    }
                    (None, 'b') if is_in_class => out.push_str(r"\x{8}"),
                    (None, 'b') => out.push_str(BOUNDARY),
                    (None, 'B') if !is_in_class => out.push_str(NO_BOUNDARY),
                    _ => out.extend([c, letter]),
                }
            }
            // Beside a class, a dash is no range.
            '-' if is_in_class && (is_after_ranges || is_before_ranges(&chars)) => out.push_str(r"\-"),
            '.' if !is_in_class => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '[' if !is_in_class => {
                is_in_class = true;
                out.push(c);
            }
            ']' => {
                is_in_class = false;
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn is_before_ranges(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    rest.next() == Some('\\') && rest.next().is_some_and(|it| ranges(it).is_some())
}

/// Escapes each brace in a pattern that does not begin a quantifier.
///
/// Most engines of ECMA-262 read such a brace literally ([annex
/// B](https://tc39.es/ecma262/#sec-regular-expressions-patterns)), and authors write `^{.*}$`. The validator would
/// refuse the whole pattern.
///
/// ```text
/// ^{[^}]*}$  becomes  ^\{[^}]*}$
/// a{2,3}     stays
/// ```
fn with_literal_braces(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains('{') {
        return pattern.into();
    }
    let mut out = String::with_capacity(pattern.len() + 2);
    let mut is_in_class = false;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            // `\u{1F600}` and `\p{L}` contain braces that belong to the escape.
            '\\' => escape(rest),
            _ => c.len_utf8(),
        };
        match c {
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            '{' if !is_in_class && !counts(rest) => out.push('\\'),
            _ => {}
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.into()
}

/// The length of the escape at the start of a text.
fn escape(text: &str) -> usize {
    let mut chars = text.chars();
    chars.next();
    let Some(escaped) = chars.next() else {
        return text.len();
    };
    let simple = 1 + escaped.len_utf8();
    match (escaped, chars.next()) {
        ('u' | 'p' | 'P', Some('{')) => text.find('}').map_or(simple, |end| end + 1),
        _ => simple,
    }
}

/// Whether a text begins with a quantifier: `{2}`, `{2,}` or `{2,3}`.
fn counts(text: &str) -> bool {
    let Some((inside, _)) = text[1..].split_once('}') else {
        return false;
    };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let is_number = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

#[cfg(test)]
mod tests {
    use jsonschema::Draft;
    use serde_json::json;

    use super::{with_literal_braces, written};

    #[test]
    fn classes_beside_a_look_around_are_those_of_ecma_262() {
        for (pattern, within, without) in [
            (r"^(?!x)\w$", &["a", "_"][..], &["x", "é", "ª"][..]),
            (r"^(?!x)[\w.]$", &["a", "."], &["é"]),
            (r"^(?!x)\W$", &["é", "-"], &["a", "x"]),
            (r"^(?!x)[\W_]$", &["é", "_"], &["a"]),
            (r"^(?=.)\d$", &["7"], &["৪", "a"]),
            (r"^(?=.)[^\D]$", &["7"], &["৪", "a"]),
            (r"^(?!\s*$)[^a]+$", &["é"], &["\u{feff}", " \u{3000}"]),
            (r"^(?!x)\S$", &["\u{85}", "\u{180e}"], &["\u{feff}", " "]),
            (r"^(?!x)[\S]$", &["\u{85}"], &["\u{2029}"]),
            (r"^(?!x).$", &["a"], &["\r", "\u{2028}"]),
            (r"^(?!x)[.]$", &["."], &["a"]),
            (r"^(?!x)[\w-z]$", &["-", "a"], &["`"]),
            (r"^(?!x)[+-\d]$", &["+", "-", "7"], &[",", "/"]),
            (r"(?!x)\bcat\b", &["cat", "écat", "a cat."], &["acat", "cat_"]),
            (r"^(?!x)é\Bé$", &["éé"], &[]),
            (r"^(a|b)\1\w$", &["aac"], &["abc", "aaé"]),
        ] {
            let schema = json!({"pattern": written(pattern)});
            let validator = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .build(&schema)
                .unwrap_or_else(|error| panic!("{pattern}: {error}"));
            for text in within {
                assert!(validator.is_valid(&json!(text)), "{pattern} on {text:?}");
            }
            for text in without {
                assert!(!validator.is_valid(&json!(text)), "{pattern} on {text:?}");
            }
        }
    }

    #[test]
    fn a_brace_that_counts_nothing_stands_for_itself() {
        for (pattern, read) in [
            ("{a}", r"\{a}"),
            ("^{[^}]*}$", r"^\{[^}]*}$"),
            ("/{a}/{b}", r"/\{a}/\{b}"),
            ("{", r"\{"),
            ("{,3}", r"\{,3}"),
            ("a{b", r"a\{b"),
            ("é{,}", r"é\{,}"),
        ] {
            assert_eq!(with_literal_braces(pattern), read, "{pattern}");
        }
    }

    #[test]
    fn other_braces_stay() {
        for pattern in [
            "a{2}",
            "a{2,}",
            "a{2,3}?",
            "[{]",
            r"\{a\}",
            r"\u{1F600}",
            r"\p{L}{2}",
            r"[\]{]",
            r"a\",
            "ab",
        ] {
            assert_eq!(with_literal_braces(pattern), pattern);
        }
    }
}
