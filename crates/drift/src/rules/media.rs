//! Media types and ranges, compared as HTTP compares them (RFC 9110, section 12.5.1).

use std::fmt;

use openapi_document::{Located, pointer};

/// `application/json`, `application/*`, `application/vnd.x+json; version=2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MediaType {
    kind: String,
    subtype: String,
    /// Sorted; without `charset=utf-8`, which says nothing for text as sent today.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a media type; anything that is none is kept as it is and covers itself only.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let (kind, subtype) = match essence.split_once('/') {
            Some((kind, subtype)) => (kind.trim().to_owned(), subtype.trim().to_owned()),
            None if essence == "*" => ("*".to_owned(), "*".to_owned()),
            None => (essence, String::new()),
        };
        let mut parameters: Vec<(String, String)> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| {
                (
                    name.trim().to_ascii_lowercase(),
                    value.trim().trim_matches('"').to_ascii_lowercase(),
                )
            })
            .filter(|(name, value)| !(name == "charset" && matches!(value.as_str(), "utf-8" | "utf8")))
            .collect();
        parameters.sort();
        Self {
            kind,
            subtype,
            parameters,
        }
    }

    /// Whether every message of type `other` is one of this type.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let kind = self.kind == "*" || self.kind == other.kind;
        let subtype = self.subtype == "*" || self.subtype == other.subtype || {
            // `application/json` reads what `application/problem+json` says: the suffix promises the syntax.
            let suffix = other.subtype.rsplit_once('+').map(|(_, suffix)| suffix);
            suffix == Some(self.subtype.as_str())
        };
        let parameters = self.parameters.iter().all(|it| other.parameters.contains(it));
        kind && subtype && parameters
    }

    /// Whether it stands for several types: `text/*`.
    pub(crate) fn is_range(&self) -> bool {
        self.kind == "*" || self.subtype == "*"
    }

    /// Whether messages of this type are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.subtype == "json" || self.subtype.ends_with("+json")
    }

    /// Whether messages of this type are XML.
    pub(crate) fn is_xml(&self) -> bool {
        self.subtype == "xml" || self.subtype.ends_with("+xml") && self.kind != "image"
    }

    /// Whether messages of this type are the fields of a form.
    pub(crate) fn is_form(&self) -> bool {
        self.kind == "multipart" || self.is_urlencoded()
    }

    pub(crate) fn is_urlencoded(&self) -> bool {
        self.kind == "application" && self.subtype == "x-www-form-urlencoded"
    }

    /// Whether messages of this type are text or bytes that say nothing of JSON.
    pub(crate) fn is_bytes(&self) -> bool {
        let in_text = self.kind == "text" && !self.subtype.contains("yaml");
        in_text && !self.is_json() && !self.is_xml()
            || matches!(self.kind.as_str(), "image" | "audio" | "video" | "font")
            || self.kind == "application"
                && matches!(self.subtype.as_str(), "octet-stream" | "pdf" | "zip" | "gzip")
    }

    pub(crate) fn is_plain_text(&self) -> bool {
        self.kind == "text" && self.subtype == "plain"
    }

    /// A type within the range, for a witness.
    pub(crate) fn concrete(&self) -> String {
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", _) => "application/json".to_owned(),
            ("text", "*") => "text/plain".to_owned(),
            ("image", "*") => "image/png".to_owned(),
            (kind, "*") => format!("{kind}/json"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.subtype.is_empty() {
            write!(f, "/{}", self.subtype)?;
        }
        for (name, value) in &self.parameters {
            write!(f, "; {name}={value}")?;
        }
        Ok(())
    }
}

/// The entries of a `content` map.
pub(crate) fn entries<'d>(content: Option<&Located<'d>>) -> Vec<(MediaType, Located<'d>)> {
    let members = content.into_iter().flat_map(Located::entries);
    members
        .map(|(text, place)| (MediaType::parse(text), place))
        .collect()
}

/// The media type to send a message of an entry in: as the document writes it, or one within a range.
pub(crate) fn sendable((media, place): &(MediaType, Located<'_>)) -> String {
    let key = place.at.rsplit('/').next().unwrap_or_default();
    if media.is_range() {
        media.concrete()
    } else {
        pointer::unescape(key).into_owned()
    }
}

/// Whether two entries of `content` maps are spelled alike: a document may list two spellings of one type.
pub(crate) fn are_spelled_alike(one: &Located<'_>, other: &Located<'_>) -> bool {
    let key = |at: &str| at.rsplit('/').next().map(str::to_owned);
    key(&one.at) == key(&other.at)
}

/// The entry that a message of an entry's type falls under: the one spelled alike, else the same type, else the narrowest
/// that covers it.
pub(crate) fn find<'e, 'd>(
    entries: &'e [(MediaType, Located<'d>)],
    (wanted, place): &(MediaType, Located<'d>),
) -> Option<&'e (MediaType, Located<'d>)> {
    let same = entries.iter().find(|(_, own)| are_spelled_alike(own, place));
    same.or_else(|| entries.iter().find(|(own, _)| own == wanted))
        .or_else(|| {
            entries
                .iter()
                .find(|(own, _)| !own.is_range() && own.covers(wanted))
        })
        .or_else(|| {
            entries
                .iter()
                .find(|(own, _)| own.kind != "*" && own.covers(wanted))
        })
        .or_else(|| entries.iter().find(|(own, _)| own.covers(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_covers_what_is_in_it() {
        let covers = |a, b| MediaType::parse(a).covers(&MediaType::parse(b));
        assert!(covers("application/JSON", "application/json; charset=UTF-8"));
        assert!(covers("application/json; charset=utf-8", "application/json"));
        assert!(covers("application/*", "application/json"));
        assert!(covers("*/*", "text/plain"));
        assert!(covers("application/json", "application/problem+json"));
        assert!(!covers("application/problem+json", "application/json"));
        assert!(!covers("application/json", "application/*"));
        assert!(!covers("text/*", "application/json"));
        assert!(covers("application/x", "application/x; version=2"));
        assert!(!covers("application/x; version=1", "application/x; version=2"));
    }
}
