//! Percent-encoding (RFC 3986, section 2).

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All characters except the unreserved ones, which never need an escape in a URI.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same set without the reserved characters, except `#`, `&`, `=` and `+`, which have a meaning in a query.
const RESERVED: &AsciiSet = &VALUE
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');

/// Characters that cannot occur in a request target; non-ASCII characters are always escaped.
const TARGET: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// Encodes a path of a document for a request target. Existing escapes stay unchanged.
pub(crate) fn travelling(path: &str) -> String {
    utf8_percent_encode(path, TARGET).to_string()
}

/// Escapes all characters that have a meaning in a URI.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// Escapes a text as `allowReserved` requires.
pub(crate) fn encoded_reserved(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes a text; `None` if its escapes are not UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

/// Decodes a part of a query, in which `+` is a space, as in forms.
pub(crate) fn form_decoded(text: &str) -> Option<String> {
    decoded(&text.replace('+', " "))
}
