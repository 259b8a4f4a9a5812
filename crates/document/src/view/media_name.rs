//! Names of media types.

use std::fmt;

/// The parsed name of a media type or media range (RFC 9110, section 8.3.1). Type and subtype are case-insensitive, and
/// parameters are identified by name.
///
/// # Examples
/// ```
/// use openapi_document::view::MediaName;
///
/// let json = MediaName::parse("Application/JSON; charset=UTF-8");
/// assert_eq!(json.essence(), "application/json");
/// assert_eq!(json.parameter("charset"), Some("UTF-8"));
/// assert_eq!(json, MediaName::parse("application/json;charset=\"UTF-8\""));
/// assert!(MediaName::parse("application/*").covers(&json));
/// assert_eq!(MediaName::parse("application/problem+json").suffix(), Some("json"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaName {
    kind: String,
    subtype: String,
    /// The parameters, sorted by lower-case name.
    parameters: Vec<(String, String)>,
}

impl MediaName {
    /// Parses a name. An invalid name is accepted, but equals no valid name.
    pub fn parse(text: &str) -> Self {
        let mut parts = split_outside_quotes(text).into_iter();
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        // Some documents write `*` for the range of all media types.
        let rest = if essence == "*" { "*" } else { "" };
        let (kind, subtype) = essence.split_once('/').unwrap_or((&essence, rest));
        let mut parameters: Vec<(String, String)> = parts
            .filter(|part| !part.trim().is_empty())
            .map(|part| {
                // A part without a value is not a valid parameter, but it still distinguishes two names.
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                let value = value.trim();
                let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let value = quoted.map_or_else(|| value.to_owned(), unquoted);
                (name.trim().to_ascii_lowercase(), value)
            })
            .collect();
        parameters.sort();
        Self {
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            parameters,
        }
    }

    /// The type, in lower case: the part before the slash.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The subtype, in lower case: the part after the slash.
    pub fn subtype(&self) -> &str {
        &self.subtype
    }

    /// The type and subtype, in lower case, without parameters.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }

    /// The structured suffix: the part after the last `+` of the subtype, such as `json`.
    pub fn suffix(&self) -> Option<&str> {
        self.subtype.rsplit_once('+').map(|(_, suffix)| suffix)
    }

    /// The value of a parameter, by its lower-case name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(own, _)| own == name)?;
        Some(&found.1)
    }

    /// The parameters, sorted by lower-case name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether it is a range: `*/*` or `type/*`.
    pub fn is_range(&self) -> bool {
        self.subtype == "*"
    }

    /// Whether its name says that bodies are JSON: `application/json`, `text/json` or any `+json`.
    pub fn is_json(&self) -> bool {
        self.subtype == "json" || self.suffix() == Some("json")
    }

    /// Whether `other` is the same media type or in this range, and has all of this name's parameters.
    pub fn covers(&self, other: &Self) -> bool {
        (self.kind == "*" || self.kind == other.kind)
            && (self.subtype == "*" || self.subtype == other.subtype)
            && self.parameters.iter().all(|it| other.parameters.contains(it))
    }
}

impl fmt::Display for MediaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)?;
        self.parameters.iter().try_for_each(|(name, value)| {
            if value.is_empty() {
                return write!(f, ";{name}");
            }
            if value.bytes().all(is_token) {
                return write!(f, ";{name}={value}");
            }
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, ";{name}=\"{quoted}\"")
        })
    }
}

/// Whether a parameter value with this byte needs no quotes (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::MediaName;

    #[test]
    fn parameters_are_read_as_http_writes_them() {
        let name = MediaName::parse("text/plain; a=\"x;y=\\\"z\\\"\";B=2 ; charset=utf-8");
        assert_eq!(name.parameter("a"), Some("x;y=\"z\""));
        assert_eq!(name.parameter("b"), Some("2"));
        assert_eq!(name.parameters().count(), 3);
        assert_eq!(MediaName::parse("nonsense").essence(), "nonsense/");
    }

    #[test]
    fn what_has_no_value_tells_two_names_apart() {
        let plain = MediaName::parse("application/json");
        let compact = MediaName::parse("application/json; Compact");
        assert_ne!(plain, compact);
        assert_eq!(compact.to_string(), "application/json;compact");
        assert!(plain.covers(&compact) && !compact.covers(&plain));
        assert_eq!(MediaName::parse("application/json;"), plain);
    }

    #[test]
    fn a_name_that_is_written_reads_as_itself() {
        for text in [
            "text/plain;a=\"x;y\";b=\"\\\"\\\\\"",
            "application/json;charset=utf-8",
            "application/json;a=\"\"",
            "multipart/form-data;boundary=\"a b\"",
            "a/b;c;d=é",
        ] {
            let name = MediaName::parse(text);
            assert_eq!(MediaName::parse(&name.to_string()), name, "{text}");
        }
    }

    #[test]
    fn a_range_covers_what_says_at_least_as_much() {
        let covers = |wide: &str, narrow: &str| MediaName::parse(wide).covers(&MediaName::parse(narrow));
        assert!(covers("*/*", "text/plain"));
        assert!(covers("text/*", "text/plain;charset=utf-8"));
        assert!(covers("text/plain", "text/plain;charset=utf-8"));
        assert!(!covers("text/plain;charset=utf-8", "text/plain"));
        assert!(!covers("text/*", "application/json"));
    }
}
