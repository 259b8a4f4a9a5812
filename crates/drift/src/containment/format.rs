//! Formats, if they are asserted: the checks of the validator, and examples to start from.

use serde_json::{Value, json};

/// Strings that few formats accept.
pub(super) const STRANGE: &[&str] = &["", " ", "\\", "a b", "~", "%", "[", "{", "-", "1", "é", "\u{7f}"];

/// Whether a text has a format. An unknown format accepts everything.
pub(super) fn admits(format: &str, text: &str) -> bool {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(&json!({ "format": format }))
        .is_ok_and(|checker| checker.is_valid(&Value::from(text)))
}

/// Examples of a format.
pub(super) fn examples(format: &str) -> &'static [&'static str] {
    match format {
        "date-time" => &["2024-02-29T12:00:00Z", "1963-06-19T08:30:06.283185Z"],
        "date" => &["2024-02-29", "1963-06-19"],
        "time" => &["12:00:00Z", "08:30:06.283185+01:00"],
        "duration" => &["P1D", "PT1H30M", "P4W"],
        "email" | "idn-email" => &["a@b.co", "first.last@example.com"],
        "hostname" | "idn-hostname" => &["a", "www.example.com"],
        "ipv4" => &["192.0.2.1"],
        "ipv6" => &["::1", "2001:db8::1"],
        "uri" | "iri" => &["a:b", "https://example.com/path?query#fragment"],
        "uri-reference" | "iri-reference" => &["a", "/path", "https://example.com/"],
        "uri-template" => &["/a/{b}", "a"],
        "uuid" => &["00000000-0000-4000-8000-000000000000"],
        "json-pointer" => &["/a", "/a/0/b~1c"],
        "relative-json-pointer" => &["0", "1/a"],
        "regex" => &["a", "^[a-z]+$"],
        _ => &["a"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_of_their_format() {
        for format in [
            "date-time",
            "date",
            "time",
            "duration",
            "email",
            "idn-email",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "uri",
            "iri",
            "uri-reference",
            "iri-reference",
            "uri-template",
            "uuid",
            "json-pointer",
            "relative-json-pointer",
            "regex",
        ] {
            for text in examples(format) {
                assert!(admits(format, text), "{text} as {format}");
            }
            // A longer example is needed if a schema also has a minimum length or a pattern.
            assert!(examples(format).iter().any(|it| it.len() > 2), "{format}");
            assert!(STRANGE.iter().any(|it| !admits(format, it)), "{format}");
        }
        for text in STRANGE.iter().chain(examples("nobody-knows")) {
            assert!(admits("nobody-knows", text));
        }
    }
}
