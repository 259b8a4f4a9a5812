//! Resolves URI references (RFC 3986, section 5.2) and decodes fragments.

use std::borrow::Cow;

/// The five components of a URI reference.
#[derive(Clone, Copy, Default)]
struct Parts<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
}

/// Splits a reference without its fragment (RFC 3986, appendix B).
fn parts(reference: &str) -> Parts<'_> {
    let mut parts = Parts::default();
    let mut rest = reference;
    if let Some((scheme, after)) = rest.split_once(':')
        && is_scheme(scheme)
    {
        (parts.scheme, rest) = (Some(scheme), after);
    }
    if let Some((before, query)) = rest.split_once('?') {
        (rest, parts.query) = (before, Some(query));
    }
    if let Some(after) = rest.strip_prefix("//") {
        let end = after.find('/').unwrap_or(after.len());
        (parts.authority, rest) = (Some(&after[..end]), &after[end..]);
    }
    parts.path = rest;
    parts
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether a reference has a scheme or a host, so that its target does not depend on the base.
pub(crate) fn is_absolute(reference: &str) -> bool {
    let parts = parts(reference);
    parts.scheme.is_some() || parts.authority.is_some()
}

/// Splits a reference from its fragment. The fragment has no `#`.
pub(crate) fn split_fragment(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// Resolves a reference without fragment against a base.
pub(crate) fn join(base: &str, reference: &str) -> String {
    let (own, base) = (parts(reference), parts(base));
    let without_dots = |path: &str| without_dots(path);
    let (scheme, authority, path, query) = if own.scheme.is_some() {
        (own.scheme, own.authority, without_dots(own.path), own.query)
    } else if own.authority.is_some() {
        (base.scheme, own.authority, without_dots(own.path), own.query)
    } else if own.path.is_empty() {
        (
            base.scheme,
            base.authority,
            base.path.to_owned(),
            own.query.or(base.query),
        )
    } else if own.path.starts_with('/') {
        (base.scheme, base.authority, without_dots(own.path), own.query)
    } else {
        let folder = match base.path.rfind('/') {
            Some(end) => &base.path[..=end],
            None if base.authority.is_some() => "/",
            None => "",
        };
        let path = without_dots(&format!("{folder}{}", own.path));
        (base.scheme, base.authority, path, own.query)
    };
    let mut uri = String::new();
    if let Some(scheme) = scheme {
        uri.push_str(&scheme.to_ascii_lowercase());
        uri.push(':');
    }
    if let Some(authority) = authority {
        uri.push_str("//");
        uri.push_str(&authority.to_ascii_lowercase());
    }
    uri.push_str(&normalized(&path));
    if let Some(query) = query {
        uri.push('?');
        uri.push_str(&normalized(query));
    }
    uri
}

/// Removes `.` and `..` from a path (RFC 3986, section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let is_rooted = path.starts_with('/');
    let mut steps = path.split('/').skip(usize::from(is_rooted)).peekable();
    while let Some(step) = steps.next() {
        let is_last = steps.peek().is_none();
        match step {
            "." | ".." => {
                if step == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            step => kept.push(step),
        }
    }
    let root = if is_rooted { "/" } else { "" };
    format!("{root}{}", kept.join("/"))
}

/// Normalizes percent-escapes: decodes unreserved characters, and writes the other escapes in upper case (RFC 3986,
/// section 6.2.2).
fn normalized(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        match rest
            .get(at + 1..at + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            Some(_) => {
                out.push_str(&rest[at..at + 3].to_ascii_uppercase());
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes the percent-escapes of a text, or returns `None` if the result is not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) if byte == b'%' => {
                bytes.push(escaped);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3986, section 5.4.
    #[test]
    fn references_resolve_as_the_examples_of_the_rfc() {
        for (reference, target) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
        ] {
            assert_eq!(join("http://a/b/c/d;p?q", reference), target, "{reference}");
        }
    }

    #[test]
    fn one_uri_has_one_spelling() {
        assert_eq!(
            join("HTTP://Host/a", "%7eb/%c3%A9/%2F"),
            "http://host/~b/%C3%A9/%2F"
        );
        assert_eq!(join("http://host/a", "100%"), "http://host/100%");
    }

    #[test]
    fn escapes_that_are_none_stay_and_those_that_are_no_text_refuse() {
        assert_eq!(percent_decoded("a%20b%+1%zz%").unwrap(), "a b%+1%zz%");
        assert_eq!(percent_decoded("%C3%A9").unwrap(), "é");
        assert_eq!(percent_decoded("%ff"), None);
    }
}
