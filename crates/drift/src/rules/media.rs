//! Media types and ranges, compared as HTTP compares them (RFC 9110, sections 8.3.1 and 12.5.1).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt;

use openapi_document::Located;
use openapi_document::view::MediaName;

/// A media type or range, such as `application/json`, `application/*` or `application/vnd.x+json;version=2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MediaType {
    /// The name without its charset, with the values of parameters in lower case.
    name: MediaName,
    /// The charset that the name states, in lower case.
    charset: Option<String>,
}

impl MediaType {
    /// Parses a media type. A text that is not a media type is kept as it is, and covers only itself.
    pub(crate) fn parse(text: &str) -> Self {
        let name = MediaName::parse(text);
        let mut plain = name.essence();
        for (key, value) in name.parameters().filter(|(key, _)| *key != "charset") {
            plain = format!("{plain};{key}=\"{}\"", value.to_ascii_lowercase());
        }
        Self {
            charset: name.parameter("charset").map(str::to_ascii_lowercase),
            name: MediaName::parse(&plain),
        }
    }

    /// Whether every message of type `other` also has this type, whatever the charsets.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.name.covers(&other.name)
    }

    /// Whether it is a range, such as `text/*`.
    pub(crate) fn is_range(&self) -> bool {
        self.name.is_range()
    }

    /// Whether its name denotes JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.name.is_json()
    }

    /// Whether its messages are XML.
    pub(crate) fn is_xml(&self) -> bool {
        let essence = self.name.essence();
        essence.ends_with("/xml") || essence.ends_with("+xml") && !essence.starts_with("image/")
    }

    /// Whether its messages are URL-encoded form fields.
    pub(crate) fn is_urlencoded(&self) -> bool {
        self.name.essence() == "application/x-www-form-urlencoded"
    }

    /// Whether its messages consist of several parts.
    pub(crate) fn is_multipart(&self) -> bool {
        self.name.essence().starts_with("multipart/")
    }

    /// Whether its messages are text or bytes other than JSON.
    pub(crate) fn is_bytes(&self) -> bool {
        const BYTES: [&str; 4] = ["octet-stream", "pdf", "zip", "gzip"];
        let essence = self.name.essence();
        let (kind, subtype) = essence.split_once('/').unwrap_or_default();
        match kind {
            // The data of events is mostly JSON.
            "text" => !(subtype.contains("yaml") || self.is_events() || self.is_json() || self.is_xml()),
            "image" | "audio" | "video" | "font" => true,
            "application" => BYTES.contains(&subtype),
            _ => false,
        }
    }

    /// Whether its messages are server-sent events.
    pub(crate) fn is_events(&self) -> bool {
        self.name.essence() == "text/event-stream"
    }

    /// The type without its parameters.
    pub(crate) fn essence(&self) -> String {
        self.name.essence()
    }

    pub(crate) fn is_plain_text(&self) -> bool {
        self.name.essence() == "text/plain"
    }

    /// Whether the bytes of its messages are a text in some charset.
    pub(crate) fn is_text(&self) -> bool {
        let essence = self.name.essence();
        essence.starts_with("text/") || essence.ends_with("/xml") || essence.ends_with("+xml")
    }

    /// The charset that it states.
    pub(crate) fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A text that is not a media type has no subtype.
        f.write_str(self.name.essence().trim_end_matches('/'))?;
        let charset = self.charset.as_deref().map(|charset| ("charset", charset));
        self.name
            .parameters()
            .chain(charset)
            .try_for_each(|(name, value)| match value {
                "" => write!(f, "; {name}"),
                value => write!(f, "; {name}={value}"),
            })
    }
}

/// An entry of a `content` map.
pub(crate) type Entry<'d> = (MediaType, Located<'d>);

/// The entries of a `content` map.
pub(crate) fn entries<'d>(content: Option<&Located<'d>>) -> Vec<Entry<'d>> {
    let members = content.into_iter().flat_map(Located::entries);
    members
        .map(|(text, place)| (MediaType::parse(text), place))
        .collect()
}

/// The key of an entry as its document spells it.
fn spelled(place: &Located<'_>) -> String {
    place.node.key().to_owned()
}

/// The media type in which a message of an entry is sent: as the document spells it, or a type within the range.
pub(crate) fn sendable((media, place): &Entry<'_>) -> String {
    if media.is_range() {
        within(&media.name.essence(), &[]).unwrap_or_else(|| "application/octet-stream".to_owned())
    } else {
        spelled(place)
    }
}

/// Common types that can stand for a range.
const COMMON: [&str; 22] = [
    "application/json",
    "application/xml",
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "text/plain",
    "text/html",
    "text/csv",
    "text/markdown",
    "image/png",
    "image/gif",
    "image/jpeg",
    "image/webp",
    "audio/mpeg",
    "audio/ogg",
    "video/mp4",
    "video/ogg",
    "font/woff2",
    "font/ttf",
    "model/obj",
    "model/stl",
    "message/http",
];

/// A type within a range (`image/*`) that none of `others` covers or reads as JSON.
fn within(range: &str, others: &[MediaType]) -> Option<String> {
    let kind = range.split('/').next().unwrap_or_default();
    let own = (1..=others.len() + 1).map(|n| format!("{kind}/vnd.example{n}"));
    let common = COMMON.iter().map(|it| (*it).to_owned());
    let invented = own.filter(|_| kind != "*");
    common
        .filter(|it| kind == "*" || it.split('/').next() == Some(kind))
        .chain(invented)
        .find(|it| {
            let media = MediaType::parse(it);
            let is_met = |other: &MediaType| other.covers(&media) || other.is_json() && media.is_json();
            !others.iter().any(is_met)
        })
}

/// A type in which messages travel. It stands for all types that two `content` maps treat in the same way.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// The type as it is written.
    pub(crate) written: String,
    media: MediaType,
}

/// Types that distinguish the entries of two `content` maps: each listed type and, for each range, a type that no
/// narrower entry covers.
pub(crate) fn samples(base: &[Entry<'_>], revision: &[Entry<'_>]) -> Vec<Sample> {
    let all = || base.iter().chain(revision);
    let mut written: Vec<String> = all()
        .filter(|(media, _)| !media.is_range())
        .map(|(_, place)| spelled(place))
        .collect();
    for (range, _) in all().filter(|(media, _)| media.is_range()) {
        let narrower: Vec<MediaType> = all()
            .map(|(media, _)| media)
            .filter(|media| range.covers(media) && !media.covers(range))
            .cloned()
            .collect();
        written.extend(within(&range.name.essence(), &narrower));
    }
    let mut met = HashSet::new();
    let distinct = written.into_iter().filter(|it| met.insert(it.clone()));
    distinct
        .map(|written| Sample {
            media: MediaType::parse(&written),
            written,
        })
        .collect()
}

/// The name and the value of a parameter.
type MediaParameter<'e> = (&'e str, &'e str);

/// The entries of a `content` map, indexed by all properties that match a message.
pub(crate) struct Index<'e, 'd> {
    entries: &'e [Entry<'d>],
    by_key: HashMap<String, usize>,
    by_type: HashMap<&'e MediaType, usize>,
    by_name: HashMap<&'e MediaName, usize>,
    /// The first entry for each type and subtype that is not a range.
    by_essence: HashMap<String, usize>,
    /// Entries by type, subtype and their first parameter. Each media type that an entry covers has this parameter too.
    by_parameter: HashMap<(String, Option<MediaParameter<'e>>), Vec<usize>>,
    /// The first entry whose messages are JSON.
    json: Option<usize>,
}

impl<'e, 'd> Index<'e, 'd> {
    pub(crate) fn of(entries: &'e [Entry<'d>]) -> Self {
        let mut index = Self {
            entries,
            by_key: HashMap::new(),
            by_type: HashMap::new(),
            by_name: HashMap::new(),
            by_essence: HashMap::new(),
            by_parameter: HashMap::new(),
            json: entries.iter().position(|it| it.0.is_json()),
        };
        for (at, (media, place)) in entries.iter().enumerate() {
            index.by_key.entry(spelled(place)).or_insert(at);
            index.by_type.entry(media).or_insert(at);
            index.by_name.entry(&media.name).or_insert(at);
            let essence = media.name.essence();
            if !media.is_range() {
                index.by_essence.entry(essence.clone()).or_insert(at);
            }
            let alike = index
                .by_parameter
                .entry((essence, media.name.parameters().next()));
            alike.or_default().push(at);
        }
        index
    }

    /// The entry in whose media type a sender writes a message: the same spelling, else the same name, else the narrowest
    /// range. A sender adds no parameters to a listed type.
    pub(crate) fn sending(&self, sample: &Sample) -> Option<usize> {
        self.exact(sample).or_else(|| self.range(sample))
    }

    /// The entry by which a reader reads a message: the same spelling, else the same name, else a less specific type,
    /// else the same type with other parameters, else the narrowest range.
    pub(crate) fn reading(&self, sample: &Sample) -> Option<usize> {
        let media = &sample.media;
        let (kind, subtype) = (media.name.kind(), media.name.subtype());
        let narrow = |at: &usize| (self.entries[*at].0.name.parameters().count(), Reverse(*at));
        self.exact(sample)
            .or_else(|| {
                let listed = self.covering(kind, subtype, media);
                listed
                    .chain(self.covering("*", subtype, media))
                    .max_by_key(narrow)
            })
            .or_else(|| self.by_essence.get(&media.name.essence()).copied())
            .or_else(|| self.range(sample))
    }

    fn exact(&self, sample: &Sample) -> Option<usize> {
        let found = self.by_key.get(&sample.written);
        let found = found.or_else(|| self.by_type.get(&sample.media));
        found.or_else(|| self.by_name.get(&sample.media.name)).copied()
    }

    fn range(&self, sample: &Sample) -> Option<usize> {
        let ranges = [sample.media.name.kind(), "*"];
        ranges
            .into_iter()
            .find_map(|kind| self.covering(kind, "*", &sample.media).min())
    }

    /// The entries of a type and subtype that cover a media type.
    fn covering<'s>(
        &'s self,
        kind: &str,
        subtype: &str,
        media: &'s MediaType,
    ) -> impl Iterator<Item = usize> + use<'s, 'e, 'd> {
        let essence = format!("{kind}/{subtype}");
        let first = media.name.parameters().map(Some).chain([None]);
        let alike = first.filter_map(move |first| self.by_parameter.get(&(essence.clone(), first)));
        let alike = alike.flatten().copied();
        alike.filter(|at| self.entries[*at].0.covers(media))
    }

    /// The JSON entry that a reader of responses accepts in place of `sample`.
    pub(crate) fn other_json(&self, sample: &Sample) -> Option<usize> {
        self.json.filter(|_| sample.media.is_json())
    }
}

/// Whether bodies of a type are forms, whose parts have encodings of their own.
pub(crate) fn is_form(written: &str) -> bool {
    let essence = MediaName::parse(written).essence();
    essence.starts_with("multipart/") || essence == "application/x-www-form-urlencoded"
}

/// Whether bodies of a type are bytes that are not read as JSON, text or a form.
pub(crate) fn is_opaque(written: &str) -> bool {
    let media = MediaType::parse(written);
    !media.is_json() && !media.is_text() && !is_form(written)
}

/// The outcome of writing a text in one charset and reading it in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charsets {
    /// It is read as it was written.
    Same,
    /// It may be read as another text.
    Unclear,
    /// All characters outside ASCII are read as other text.
    Misread,
}

/// Compares the charset in which texts are sent with the one in which they are read.
///
/// JSON is always UTF-8 (RFC 8259, section 8.1). UTF-8 and the Latin charsets include ASCII.
pub(crate) fn charsets(sent: &MediaType, read: &MediaType) -> Charsets {
    let spelled = |media: &MediaType| -> Option<String> {
        let charset = media.charset()?;
        Some(match charset {
            "utf8" => "utf-8".to_owned(),
            "ascii" => "us-ascii".to_owned(),
            "latin1" => "iso-8859-1".to_owned(),
            other => other.to_owned(),
        })
    };
    let (from, to) = (spelled(sent), spelled(read));
    let is_utf8 = |charset: &Option<String>| charset.as_deref().is_none_or(|it| it == "utf-8");
    if from == to || is_utf8(&from) && is_utf8(&to) {
        return Charsets::Same;
    }
    if !sent.is_text() || sent.is_json() {
        return Charsets::Unclear;
    }
    let is_latin = |charset: &str| charset.starts_with("iso-8859-") || charset.starts_with("windows-125");
    match (from.as_deref(), to.as_deref()) {
        (Some("us-ascii"), Some(to)) if is_latin(to) => Charsets::Same,
        // These have most letters in common, such as the one that shows a misread text.
        (Some(from), Some(to)) if is_latin(from) && is_latin(to) => Charsets::Unclear,
        (Some("us-ascii"), Some("utf-8") | None) => Charsets::Same,
        // If one side leaves the charset open, the message states it.
        (None, _) | (_, None) => Charsets::Unclear,
        _ => Charsets::Misread,
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    use super::*;

    #[test]
    fn a_range_covers_what_is_in_it_and_a_type_no_other() {
        let covers = |a, b| MediaType::parse(a).covers(&MediaType::parse(b));
        assert!(covers("application/JSON", "application/json; charset=UTF-8"));
        assert!(covers("application/json; charset=utf-8", "application/json"));
        assert!(covers("application/*", "application/json"));
        assert!(covers("*/*", "text/plain"));
        assert!(!covers("application/json", "application/problem+json"));
        assert!(!covers("application/json", "application/*"));
        assert!(!covers("text/*", "application/json"));
        assert!(covers("application/x", "application/x; version=2"));
        assert!(!covers("application/x; version=1", "application/x; version=2"));
    }

    #[test]
    fn an_entry_is_found_by_spelling_then_name_then_type_then_range() {
        let document = Document::read(
            r#"{"openapi": "3.0.3", "content": {
                "*/*": {}, "application/*": {}, "application/x;v=2": {}, "application/x": {}, "application/X": {},
                "application/y;a=1": {}, "application/y;a=1;b=2": {}, "application/y;b=2": {}, "application/*;v=7": {}
            }}"#,
        )
        .unwrap();
        let entries = entries(Located::root(&document).get("content").as_ref());
        let found = |written: &str| {
            let media = MediaType::parse(written);
            let written = written.to_owned();
            let found = Index::of(&entries).reading(&Sample { written, media });
            found.map(|it| spelled(&entries[it].1))
        };
        assert_eq!(found("application/X").as_deref(), Some("application/X"));
        assert_eq!(found("application/x; V=2").as_deref(), Some("application/x;v=2"));
        assert_eq!(found("application/x; v=3").as_deref(), Some("application/x"));
        assert_eq!(found("application/z").as_deref(), Some("application/*"));
        assert_eq!(found("application/z;v=7").as_deref(), Some("application/*"));
        assert_eq!(
            found("application/y;a=1;b=2;c=3").as_deref(),
            Some("application/y;a=1;b=2")
        );
        assert_eq!(
            found("application/y;b=2;c=3").as_deref(),
            Some("application/y;b=2")
        );
        assert_eq!(found("application/y").as_deref(), Some("application/y;a=1"));
        assert_eq!(found("text/plain").as_deref(), Some("*/*"));
    }

    #[test]
    fn the_sample_of_a_range_is_none_of_the_types_listed_beside_it() {
        assert_eq!(
            within("image/*", &[MediaType::parse("image/png")]).as_deref(),
            Some("image/gif")
        );
        assert_eq!(
            within("chemical/*", &[]).as_deref(),
            Some("chemical/vnd.example1")
        );
    }

    #[test]
    fn charsets_that_hold_each_other_misread_nothing() {
        let read = |sent, read| charsets(&MediaType::parse(sent), &MediaType::parse(read));
        assert_eq!(read("text/plain; charset=utf8", "text/plain"), Charsets::Same);
        assert_eq!(
            read("text/plain; charset=US-ASCII", "text/plain; charset=iso-8859-1"),
            Charsets::Same
        );
        assert_eq!(
            read(
                "text/plain; charset=iso-8859-1",
                "text/plain; charset=windows-1252"
            ),
            Charsets::Unclear
        );
        assert_eq!(
            read("text/plain; charset=iso-8859-1", "text/plain; charset=utf-8"),
            Charsets::Misread
        );
        assert_eq!(
            read("text/plain", "text/plain; charset=iso-8859-1"),
            Charsets::Unclear
        );
        assert_eq!(
            read("application/json; charset=latin1", "application/json"),
            Charsets::Unclear
        );
    }
}
