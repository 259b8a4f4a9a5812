//! JSON pointers (RFC 6901).

/// One step of a pointer, escaped.
pub(crate) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// `base` and one more step.
pub(crate) fn join(base: &str, step: &str) -> String {
    let mut at = String::with_capacity(base.len() + 1 + step.len());
    at.push_str(base);
    at.push('/');
    for c in step.chars() {
        match c {
            '~' => at.push_str("~0"),
            '/' => at.push_str("~1"),
            c => at.push(c),
        }
    }
    at
}
