//! Where schemas come from: a document with its dialect, how it is read, and where its references lead.

use std::borrow::Cow;

use serde_json::Value;

use super::node::Map;
use crate::options::Nullable;
use crate::report::Direction;

/// The language that schemas are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Dialect {
    /// Siblings of `$ref` are ignored, `nullable` counts. Keywords of later versions are read as they are meant.
    OpenApi30,
    /// JSON Schema 2020-12 with OpenAPI's `readOnly`, `writeOnly` and integer formats.
    OpenApi31,
    /// JSON Schema 2020-12.
    JsonSchema,
}

/// How what the documents leave open is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) nullable: Nullable,
    /// Whether `format` refuses strings. It is an annotation in OpenAPI.
    pub(super) formats: bool,
}

/// Which values a schema stands for at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Closing {
    /// All that it admits.
    Open,
    /// What a producer emits that names what it emits, here and further in.
    Closed,
    /// The same, where another schema says what is emitted here.
    Inner,
}

/// How a schema is read at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Mode {
    pub(super) direction: Option<Direction>,
    pub(super) closing: Closing,
}

impl Mode {
    pub(super) fn closing(self, closing: Closing) -> Self {
        Self { closing, ..self }
    }

    /// For the value of a property or an item.
    pub(super) fn inside(self) -> Self {
        self.closing(match self.closing {
            Closing::Open => Closing::Open,
            Closing::Closed | Closing::Inner => Closing::Closed,
        })
    }

    /// For a schema that speaks of the same value beside others.
    pub(super) fn beside(self) -> Self {
        self.closing(match self.closing {
            Closing::Open => Closing::Open,
            Closing::Closed | Closing::Inner => Closing::Inner,
        })
    }

    pub(super) fn open(self) -> Self {
        self.closing(Closing::Open)
    }
}

/// One document.
pub(super) struct Source<'d> {
    pub(super) root: &'d Value,
    pub(super) dialect: Dialect,
    /// `$anchor` and `$dynamicAnchor` of the whole document, where it has no second `$id`.
    anchors: Map<&'d str, &'d Value>,
    /// The document's own `$id`, without a fragment.
    id: Option<&'d str>,
    /// It redefines what references are relative to: they are left to the judge.
    pub(super) many_ids: bool,
}

impl<'d> Source<'d> {
    pub(super) fn new(root: &'d Value, dialect: Dialect) -> Self {
        let mut source = Self {
            root,
            dialect,
            anchors: Map::default(),
            id: None,
            many_ids: false,
        };
        if dialect != Dialect::OpenApi30 {
            source.id = root
                .get("$id")
                .and_then(Value::as_str)
                .map(|id| id.trim_end_matches('#'));
            source.scan();
        }
        source
    }

    fn scan(&mut self) {
        let mut open = vec![self.root];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items),
                Value::Object(map) => {
                    for key in ["$anchor", "$dynamicAnchor"] {
                        if let Some(Value::String(anchor)) = map.get(key) {
                            self.anchors.entry(anchor).or_insert(value);
                        }
                    }
                    if !std::ptr::eq(value, self.root) && map.get("$id").is_some_and(Value::is_string) {
                        self.many_ids = true;
                    }
                    // What stands in `enum` and `const` is data.
                    open.extend(
                        map.iter()
                            .filter(|(key, _)| !matches!(key.as_str(), "enum" | "const"))
                            .map(|(_, value)| value),
                    );
                }
                _ => {}
            }
        }
    }

    /// The schema that a reference names; `None` when it is not in this document.
    pub(super) fn resolve(&self, reference: &str) -> Option<&'d Value> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if !base.is_empty() && Some(base) != self.id {
            return None;
        }
        let fragment = percent_decoded(fragment)?;
        if fragment.is_empty() || fragment.starts_with('/') {
            return self.root.pointer(&fragment);
        }
        self.anchors.get(&*fragment).copied()
    }
}

fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) if byte == b'%' => {
                bytes.push(escaped);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
