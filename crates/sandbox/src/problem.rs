//! A refusal in the vendor's format: `{message, createTime, code, data}`.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::told;

/// The reason why a request was refused: the closest status, a code for programs, and a sentence for readers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// Boxed to keep results small, since most outcomes are no refusals.
    pub(crate) data: Box<Value>,
    /// Whether the status is sent even if the document does not declare it, as the vendor does.
    pub(crate) undeclared: bool,
}

impl Problem {
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            data: Box::new(json!({})),
            undeclared: false,
        }
    }

    pub(crate) fn with(mut self, data: Value) -> Self {
        *self.data = data;
        self
    }

    /// Keeps the status even if the document does not declare it.
    pub(crate) fn even_if_undeclared(mut self) -> Self {
        self.undeclared = true;
        self
    }

    pub(crate) fn body(&self, now: Timestamp) -> Value {
        json!({
            "message": self.message,
            "createTime": told(now),
            "code": self.code,
            "data": self.data,
        })
    }
}

/// The statuses that are close to `status` in meaning, best first, since a document may declare only one of them.
pub(crate) fn nearest(status: u16) -> &'static [u16] {
    match status {
        400 => &[400, 422, 404, 409, 403, 401],
        401 => &[401, 403, 400, 404],
        403 => &[403, 401, 404, 400],
        404 => &[404, 400, 422, 401, 403],
        409 => &[409, 422, 400, 404, 403, 401],
        415 => &[415, 400, 422, 404, 409, 403, 401],
        422 => &[422, 400, 409, 404, 403, 401],
        _ => &[],
    }
}

/// Converts a name to the spelling of the vendor's codes: `publicToken` becomes `PUBLIC_TOKEN`.
pub(crate) fn screaming(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
                text.push('_');
            }
            text.push(c.to_ascii_uppercase());
        } else if !text.is_empty() && !text.ends_with('_') {
            text.push('_');
        }
        before = c;
    }
    text.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_spelled_as_the_vendors_codes_spell_it() {
        for (name, code) in [
            ("publicToken", "PUBLIC_TOKEN"),
            ("ratio-client-id", "RATIO_CLIENT_ID"),
            ("walletId", "WALLET_ID"),
            ("line1", "LINE1"),
            ("URL", "URL"),
            ("naïve", "NA_VE"),
        ] {
            assert_eq!(screaming(name), code);
        }
    }
}
