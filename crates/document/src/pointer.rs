//! JSON pointers (RFC 6901).

use std::borrow::Cow;

use crate::uri;

/// Escapes `~` and `/` in one step of a pointer.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::pointer::escape("/v1/users"), "~1v1~1users");
/// ```
pub fn escape(step: &str) -> String {
    join("", step).split_off(1)
}

/// Removes the escapes from one step of a pointer.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::pointer::unescape("~1v1~1a~0b"), "/v1/a~b");
/// ```
pub fn unescape(step: &str) -> Cow<'_, str> {
    if !step.contains('~') {
        return Cow::Borrowed(step);
    }
    let mut before = String::with_capacity(step.len());
    let mut parts = step.split('~');
    before.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (escaped, rest) = match part.as_bytes().first() {
            Some(b'0') => ('~', &part[1..]),
            Some(b'1') => ('/', &part[1..]),
            _ => ('~', part),
        };
        before.push(escaped);
        before.push_str(rest);
    }
    Cow::Owned(before)
}

/// Appends one step to a pointer and returns the result.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::pointer::join("/paths", "/v1/users"), "/paths/~1v1~1users");
/// ```
pub fn join(base: &str, step: &str) -> String {
    let mut at = String::with_capacity(base.len() + 1 + step.len());
    at.push_str(base);
    push(&mut at, step);
    at
}

/// Appends one step to a pointer.
///
/// # Examples
/// ```
/// let mut at = "/paths".to_owned();
/// openapi_document::pointer::push(&mut at, "/v1/users");
/// assert_eq!(at, "/paths/~1v1~1users");
/// ```
pub fn push(at: &mut String, step: &str) {
    at.push('/');
    for c in step.chars() {
        match c {
            '~' => at.push_str("~0"),
            '/' => at.push_str("~1"),
            c => at.push(c),
        }
    }
}

/// Length of the longest step that a place contains in full, in bytes, and of the longest one behind [`LONG_PLACE`].
const LONG_STEP: usize = 1_024;
const SHORT_STEP: usize = 96;
/// Length of a place behind which steps are shortened sooner.
const LONG_PLACE: usize = 2_048;
/// Mark of a shortened step.
const CUT: char = '…';
/// Number of characters that remain of a shortened step.
const SHOWN: usize = 16;

/// Appends the step to a member to the place of a node. Each node below a long name would repeat it, so a very long step
/// is shortened: it ends with the slot of the member, by which it is found again.
pub(crate) fn push_to_place(at: &mut String, step: &str, slot: u32) {
    let longest = if at.len() > LONG_PLACE {
        SHORT_STEP
    } else {
        LONG_STEP
    };
    if step.len() > longest {
        let shown = step
            .char_indices()
            .nth(SHOWN)
            .map_or(step, |(end, _)| &step[..end]);
        push(at, &format!("{shown}{CUT}{slot}"));
    } else {
        push(at, step);
    }
}

/// Appends the step to a member to the place of a node and returns the result.
pub(crate) fn join_place(base: &str, step: &str, slot: u32) -> String {
    let mut at = String::with_capacity(base.len() + 1 + step.len().min(LONG_STEP));
    at.push_str(base);
    push_to_place(&mut at, step, slot);
    at
}

/// What is shown of a shortened step, and the slot of its member.
pub(crate) fn shortened(step: &str) -> Option<(&str, u32)> {
    let (shown, slot) = step.rsplit_once(CUT)?;
    Some((shown, slot.parse().ok()?))
}

/// The unescaped steps of a pointer, or `None` if the text is not a pointer.
///
/// # Examples
/// ```
/// use openapi_document::pointer::steps;
///
/// assert_eq!(steps("/a~1b/0").unwrap().collect::<Vec<_>>(), ["a/b", "0"]);
/// assert_eq!(steps("").unwrap().count(), 0);
/// assert!(steps("a").is_none());
/// ```
pub fn steps(pointer: &str) -> Option<impl Iterator<Item = Cow<'_, str>>> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    Some(pointer.split('/').skip(1).map(unescape))
}

/// Decodes the pointer in a URI fragment, given without `#` (RFC 6901, section 6). Returns `None` if the
/// percent-escapes are not UTF-8, or if the fragment is not a pointer, such as the name of an anchor.
///
/// # Examples
/// ```
/// use openapi_document::pointer::of_fragment;
///
/// assert_eq!(of_fragment("/components/schemas/a%20b").unwrap(), "/components/schemas/a b");
/// assert_eq!(of_fragment("anchor"), None);
/// ```
pub fn of_fragment(fragment: &str) -> Option<Cow<'_, str>> {
    uri::percent_decoded(fragment).filter(|it| it.is_empty() || it.starts_with('/'))
}

/// Parses a step as an array index. Leading zeros and signs are not allowed.
pub(crate) fn index(step: &str) -> Option<usize> {
    let is_canonical = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| is_canonical)
}
