//! Percent-escapes (RFC 3986, section 2).

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but what needs no escape anywhere in a URI.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same with what is reserved left as it is, but for what parts and ends a query and the escape itself.
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

/// What cannot stand in the target of a request: it would end there, or hold no ASCII.
const TARGET: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// A path as a document writes it, as it travels: what is escaped there stays so.
pub(crate) fn travelling(path: &str) -> String {
    utf8_percent_encode(path, TARGET).to_string()
}

/// A text with all escaped that means something in a URI.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// A text as `allowReserved` has it written.
pub(crate) fn encoded_reserved(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A text with its escapes undone; `None` where they are no UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

/// A part of a query with its escapes undone, in which `+` is a space, as forms write it.
pub(crate) fn form_decoded(text: &str) -> Option<String> {
    decoded(&text.replace('+', " "))
}
