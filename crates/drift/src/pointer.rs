//! JSON pointers (RFC 6901).

use std::borrow::Cow;

use serde_json::Value;

use crate::member::member;

/// One step of a pointer, escaped.
pub(crate) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// One step of a pointer as it was before it was escaped.
pub(crate) fn unescape(step: &str) -> Cow<'_, str> {
    if step.contains('~') {
        Cow::Owned(step.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(step)
    }
}

/// The value that a pointer leads to, as [`Value::pointer`] finds it, which writes each step anew.
pub(crate) fn find<'v>(root: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.is_empty() {
        return Some(root);
    }
    let mut steps = pointer.strip_prefix('/')?.split('/');
    steps.try_fold(root, |here, step| match here {
        Value::Object(map) => member(map, &unescape(step)),
        Value::Array(items) => items.get(index(step)?),
        _ => None,
    })
}

/// An index is written in one way only.
fn index(step: &str) -> Option<usize> {
    let canonical = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| canonical)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_leads_where_serde_json_says() {
        let root = json!({"": 1, "a/b": {"c~d": [10, {"e": 11}]}, "~1": 2, "a": [[0]]});
        for pointer in [
            "",
            "/",
            "//",
            "a",
            "/a",
            "/a/0",
            "/a/00",
            "/a/+0",
            "/a/-",
            "/a/0/0",
            "/a/0/0/0",
            "/a/1",
            "/a~1b",
            "/a~1b/c~0d/1/e",
            "/a~1b/c~d/0",
            "/~01",
            "/~1",
            "/none",
        ] {
            assert_eq!(find(&root, pointer), root.pointer(pointer), "{pointer}");
        }
    }
}
