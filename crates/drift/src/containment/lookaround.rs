//! Splits patterns with look-around at their ends into patterns without it.
//!
//! A look-ahead behind `^` and a look-behind before `$` are conditions on the whole text, which finite automata can
//! express one by one:
//!
//! ```text
//! ^(?!-)(?=.*\d)[a-z\d-]+(?<!-)$   becomes   ^[a-z\d-]+$  and  ^(?:.*\d)  and not  ^(?:-)  and not  (?:-)$
//! ```

use std::ops::Range;

/// A pattern, and whether the text must match it or must not.
pub(super) type Part = (String, bool);

/// Splits a pattern. A text matches it if and only if it matches the parts as they say. Look-around elsewhere stays.
pub(super) fn split(pattern: &str) -> Vec<Part> {
    let whole = || vec![(pattern.to_owned(), true)];
    if !pattern.contains("(?") {
        return whole();
    }
    let Some(tokens) = tokens(pattern) else {
        return whole();
    };
    let text = |at: usize| tokens.get(at).map(|it| &pattern[it.clone()]);
    let is_quantifier =
        |at: usize| text(at).is_some_and(|it| matches!(it, "*" | "+" | "?") || it.starts_with('{'));
    // `|` has the lowest precedence, so the condition would belong to one alternative.
    if (0..tokens.len()).any(|at| text(at) == Some("|")) {
        return whole();
    }
    let (mut from, mut to) = (0, tokens.len());
    let mut parts = Vec::new();
    if text(0) == Some("^") && !is_quantifier(1) {
        from = 1;
        while let Some((inside, wanted)) = text(from).and_then(|it| condition(it, "(?=", "(?!"))
            && !is_quantifier(from + 1)
        {
            parts.push((format!("^(?:{inside})"), wanted));
            from += 1;
        }
    }
    if to > from && text(to - 1) == Some("$") {
        to -= 1;
        while to > from
            && let Some((inside, wanted)) = text(to - 1).and_then(|it| condition(it, "(?<=", "(?<!"))
        {
            parts.push((format!("(?:{inside})$"), wanted));
            to -= 1;
        }
    }
    let rest: String = (0..tokens.len())
        .filter(|at| (from..to).contains(at) || matches!(text(*at), Some("^" | "$")))
        .filter_map(text)
        .collect();
    parts.insert(0, (rest, true));
    parts
}

/// What a look-around asks for, and whether it must be there.
fn condition<'p>(group: &'p str, is_there: &str, is_not_there: &str) -> Option<(&'p str, bool)> {
    let group = group.strip_suffix(')')?;
    let wanted = group.strip_prefix(is_there).map(|inside| (inside, true));
    wanted.or_else(|| Some((group.strip_prefix(is_not_there)?, false)))
}

/// The parts of a pattern that are not inside a group: groups, classes, escapes, counts and single characters. `None`
/// if brackets do not match.
fn tokens(pattern: &str) -> Option<Vec<Range<usize>>> {
    let mut tokens = Vec::new();
    let (mut start, mut depth, mut is_in_class) = (0, 0_usize, false);
    let mut chars = pattern.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if depth == 0 && !is_in_class {
            start = at;
        }
        match c {
            '\\' => {
                chars.next()?;
            }
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            _ if is_in_class => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 && !is_in_class {
            tokens.push(start..chars.peek().map_or(pattern.len(), |next| next.0));
        }
    }
    (depth == 0 && !is_in_class).then_some(tokens)
}

#[cfg(test)]
mod tests {
    use super::split;

    fn shown(pattern: &str) -> String {
        let parts = split(pattern).into_iter();
        let parts = parts.map(|(text, wanted)| if wanted { text } else { format!("not {text}") });
        parts.collect::<Vec<_>>().join("  ")
    }

    #[test]
    fn look_around_at_the_ends_becomes_patterns_of_their_own() {
        for (pattern, parts) in [
            (r"^(?!-)[a-z-]+(?<!-)$", "^[a-z-]+$  not ^(?:-)  not (?:-)$"),
            (r"^(?=.*[a-z])(?=.*\d).{8,}$", r"^.{8,}$  ^(?:.*[a-z])  ^(?:.*\d)"),
            (r"^(?!(a|b)$)[ab]*", "^[ab]*  not ^(?:(a|b)$)"),
            (r"^(?=a)", "^  ^(?:a)"),
            (r"x(?<=[)])$", "x$  (?:[)])$"),
            (r"^é(?<!\)é)$", r"^é$  not (?:\)é)$"),
        ] {
            assert_eq!(shown(pattern), parts, "{pattern}");
        }
    }

    #[test]
    fn other_patterns_stay() {
        for pattern in [
            "^a$",
            "(?:a)",
            "(?=a)b",
            "^a(?=b)b$",
            "^(?=a)?b",
            "^(?!a)b|c",
            "|b(?<!a)$",
            "^(?:a|(?=b))$",
            r"^\(?=a$",
            "^(?=a",
            "^[(?=a)]$",
            "(?<!a)b",
        ] {
            assert_eq!(shown(pattern), pattern);
        }
    }
}
