//! JSON pointers (RFC 6901), as `$ref` uses them.

use serde_json::Value;

/// One path segment or key as it stands in a JSON pointer: `~` and `/` escaped.
///
/// ```
/// assert_eq!(ratio_spec::escape("/v1/users"), "~1v1~1users");
/// ```
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What `#/a/b` points to in `root`.
pub(crate) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(&pointer_of(reference)?)
}

/// The JSON pointer that `#/a/b` holds. Percent-encoding in the fragment is undone, as RFC 6901 says.
pub(crate) fn pointer_of(reference: &str) -> Option<String> {
    decode(reference.strip_prefix('#')?)
}

/// The components kind and name that `#/components/<kind>/<name>…` leads into.
pub(crate) fn component(reference: &str) -> Option<(String, String)> {
    let path = pointer_of(reference)?;
    let mut parts = path.strip_prefix("/components/")?.split('/');
    let kind = parts.next()?.to_owned();
    let name = parts.next()?.replace("~1", "/").replace("~0", "~");
    Some((kind, name))
}

fn decode(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_undoes_percent_and_tilde_escapes() {
        assert_eq!(
            component("#/components/schemas/a~1b%20c"),
            Some(("schemas".to_owned(), "a/b c".to_owned()))
        );
        assert_eq!(component("#/paths/~1x"), None);
        assert_eq!(component("other.json#/components/schemas/A"), None);
        assert_eq!(component("#/components/schemas/%zz"), None);
    }
}
