//! Patterns in the form that the `jsonschema` validator accepts.

use std::borrow::Cow;

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
pub(super) fn with_literal_braces(pattern: &str) -> Cow<'_, str> {
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
    use super::with_literal_braces;

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
