//! Path templates: their shapes, and the paths that match them.
//!
//! A character of a path may be written literally or percent-escaped, such as `~` and `%7E`. Both forms are equivalent
//! in a request ([RFC 3986, section 6.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2)).

use std::borrow::Cow;

/// A byte of a path, which may be percent-escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Plain(u8),
    /// An escaped byte that would have a special meaning if it were literal.
    Escaped(u8),
}

/// The bytes with a special meaning: they separate segments, enclose a parameter, end a path or begin an escape.
const MEANING: &[u8] = b"/{}?#%";

/// The first byte of a text after decoding, and the length of its spelling.
fn unit(text: &[u8]) -> Option<(Unit, usize)> {
    let digit = |at: usize| {
        let digit = char::from(*text.get(at)?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let first = *text.first()?;
    match (first, digit(1), digit(2)) {
        (b'%', Some(high), Some(low)) if MEANING.contains(&(high << 4 | low)) => {
            Some((Unit::Escaped(high << 4 | low), 3))
        }
        (b'%', Some(high), Some(low)) => Some((Unit::Plain(high << 4 | low), 3)),
        _ => Some((Unit::Plain(first), 1)),
    }
}

/// The length of the prefix of a text that equals a literal, regardless of escapes.
fn taken(literal: &str, text: &str) -> Option<usize> {
    if !literal.contains('%') && !text.contains('%') {
        return text.starts_with(literal).then_some(literal.len());
    }
    let (mut literal, mut rest) = (literal.as_bytes(), text.as_bytes());
    while let Some((wanted, length)) = unit(literal) {
        let (found, step) = unit(rest)?;
        if found != wanted {
            return None;
        }
        (literal, rest) = (&literal[length..], &rest[step..]);
    }
    Some(text.len() - rest.len()).filter(|at| text.is_char_boundary(*at))
}

/// The rest of a path after a literal prefix, regardless of escapes. `None` if the path does not begin with the
/// literal.
///
/// # Examples
/// ```
/// use openapi_document::view::after;
///
/// assert_eq!(after("/shop one", "/shop%20one/pets"), Some("/pets"));
/// assert_eq!(after("/a/b", "/a%2Fb/pets"), None);
/// ```
pub fn after<'p>(literal: &str, path: &'p str) -> Option<&'p str> {
    path.get(taken(literal, path)?..)
}

/// Decodes the unnecessary escapes in the path of a template. Its query is not changed.
///
/// # Examples
/// ```
/// use openapi_document::view::unescaped;
///
/// assert_eq!(unescaped("/%7Euser/a%20b/{id}%3Alock"), "/~user/a b/{id}:lock");
/// assert_eq!(unescaped("/a%2fb?q=%26"), "/a%2Fb?q=%26");
/// ```
pub fn unescaped(path: &str) -> Cow<'_, str> {
    let (written, query) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    if !written.contains('%') {
        return Cow::Borrowed(path);
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), written.as_bytes());
    while let Some((unit, length)) = unit(rest) {
        match unit {
            Unit::Plain(byte) => bytes.push(byte),
            Unit::Escaped(_) => bytes.extend(rest[..length].iter().map(u8::to_ascii_uppercase)),
        }
        rest = &rest[length..];
    }
    // If the decoded bytes are not UTF-8, keep the path as it is.
    String::from_utf8(bytes).map_or(Cow::Borrowed(path), |text| Cow::Owned(text + query))
}

/// The shape of a template: `{}` in place of every parameter, and no unnecessary escapes. It is the part that requests
/// depend on.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::view::shape("/users/{userId}/banks/{id}%3Alink"), "/users/{}/banks/{}:link");
/// ```
pub fn shape(path: &str) -> String {
    let path = unescaped(path);
    let mut out = String::with_capacity(path.len());
    let mut rest = &*path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str("{}");
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Whether two templates have the same shape, so that they differ at most in parameter names and escapes.
pub fn same_shape(one: &str, other: &str) -> bool {
    one == other || shape(one) == shape(other)
}

/// The names of a template's parameters, in order.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::view::template_names("/users/{userId}/banks/{id}:link"), ["userId", "id"]);
/// ```
pub fn template_names(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

/// The texts in a path in place of a template's parameters, in order. `None` if the path does not match the template.
///
/// Matching is done segment by segment. A parameter takes at least one character and no slash. It ends at the first
/// place where the following literal can begin, or at the end of its segment.
///
/// # Examples
/// ```
/// use openapi_document::view::template_texts;
///
/// assert_eq!(template_texts("/users/{id}/banks/{bank}:link", "/users/7/banks/a:b:link"), Some(vec!["7", "a:b"]));
/// assert_eq!(template_texts("/users/{id}", "/users/"), None);
/// ```
pub fn template_texts<'p>(template: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let (mut templates, mut segments) = (template.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (templates.next(), segments.next()) {
            (None, None) => return Some(found),
            (Some(template), Some(segment)) => found.extend(segment_texts(template, segment)?),
            _ => return None,
        }
    }
}

fn segment_texts<'p>(template: &str, segment: &'p str) -> Option<Vec<&'p str>> {
    let parameter = |text: &str| text.split_once('{').is_some_and(|(_, rest)| rest.contains('}'));
    let (mut template, mut rest) = (template, segment);
    let mut found = Vec::new();
    while parameter(template) {
        let (before, open) = template.split_once('{')?;
        let (_, after) = open.split_once('}')?;
        rest = &rest[taken(before, rest)?..];
        let (literal, is_last) = match after.split_once('{').filter(|_| parameter(after)) {
            Some((literal, _)) => (literal, false),
            None => (after, true),
        };
        // A literal must begin at a character boundary, and not within an escape.
        let mut end = 0;
        loop {
            let escape = unit(rest.as_bytes().get(end..)?)?.1;
            end += escape.max(rest[end..].chars().next()?.len_utf8());
            let length = taken(literal, &rest[end..]);
            if length.is_some_and(|length| !is_last || end + length == rest.len()) {
                break;
            }
        }
        found.push(&rest[..end]);
        (template, rest) = (after, &rest[end..]);
    }
    (taken(template, rest) == Some(rest.len())).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::template_texts;

    #[test]
    fn a_template_matches_paths_of_its_form() {
        for (template, path, texts) in [
            ("/users/{id}", "/users/me", Some(vec!["me"])),
            ("/users/{id}:{act}", "/users/me:lock", Some(vec!["me", "lock"])),
            ("/users/{id}:lock", "/users/a:b:lock", Some(vec!["a:b"])),
            ("/users/{id}:lock", "/users/me", None),
            ("/users/{id}:lock", "/users/:lock", None),
            ("/users/{id}", "/users/me/banks", None),
            ("/users/{id}", "/users/", None),
            ("/users/{id}", "/users/{other}", Some(vec!["{other}"])),
            ("/{a}-{b}.{c}", "/x-y.z.é", Some(vec!["x", "y", "z.é"])),
            ("/{a}{b}", "/éx", Some(vec!["é", "x"])),
            ("/{a}{b}", "/é", None),
            ("/{a", "/{a", Some(vec![])),
            ("/a", "/b", None),
            ("/a%20b/{id}%3Alock", "/a b/7:lock", Some(vec!["7"])),
            ("/a b/{id}:lock", "/a%20b/7%3alock", Some(vec!["7"])),
            ("/{id}:lock", "/a%2Cb:lock", Some(vec!["a%2Cb"])),
            ("/{a}7", "/%27", None),
            ("/{a}7", "/%277", Some(vec!["%27"])),
            ("/%7Ba%7D", "/{a}", None),
            ("/a/b", "/a%2Fb", None),
            ("/{a}%C3%A9{b}", "/xéy", Some(vec!["x", "y"])),
            ("/{a}é", "/x%C3%A9", Some(vec!["x"])),
            ("/%C3", "/é", None),
            ("/100%", "/100%25", None),
        ] {
            assert_eq!(template_texts(template, path), texts, "{template} {path}");
        }
    }
}
