//! One file of a document: its text, its nodes and their locations.

use std::sync::OnceLock;

use crate::error::ReadError;
use crate::format::Format;
use crate::limits::Limits;
use crate::location::{self, Lines, Location};
use crate::pointer;
use crate::store::{Payload, Store, position};

/// One file of a document.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) index: u32,
    /// The path of the file, relative to the root of the document's files.
    pub(crate) name: String,
    /// The prefix of its places before their JSON pointers: empty in the document's first file, `name#` in others.
    pub(crate) prefix: String,
    pub(crate) format: Format,
    pub(crate) store: Store,
    /// Members whose key occurs more than once in their object.
    pub(crate) duplicates: Vec<u32>,
    lines: OnceLock<Lines>,
}

impl File {
    /// Reads JSON if the bytes begin like JSON, else YAML.
    pub(crate) fn read(index: usize, name: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Self, ReadError> {
        if bytes.len() > limits.bytes {
            return Err(ReadError::TooLarge {
                bytes: bytes.len(),
                limit: limits.bytes,
            });
        }
        // In UTF-16 and UTF-32, text begins with a byte order mark, or has a zero byte in its first ASCII character.
        if bytes.starts_with(b"\xff\xfe")
            || bytes.starts_with(b"\xfe\xff")
            || bytes.iter().take(2).any(|it| *it == 0)
        {
            return Err(ReadError::not_json("it is UTF-16 or UTF-32; save it as UTF-8"));
        }
        let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.to_vec(),
            None => bytes,
        };
        let format = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => return Err(ReadError::not_json("it is empty")),
            Some(b'<') => {
                let why = "it begins with `<`, as web pages and XML do";
                return Err(ReadError::not_json(why));
            }
            Some(b'{' | b'[') => Format::Json,
            Some(_) => Format::Yaml,
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let why = format!("not UTF-8 from byte {}", error.utf8_error().valid_up_to());
            match format {
                Format::Json => ReadError::not_json(why),
                Format::Yaml => ReadError::not_yaml(why),
            }
        })?;
        let mut built = match format {
            Format::Json => crate::json::read(&text, limits)?,
            Format::Yaml => yaml(&text, limits)?,
        };
        Ok(Self {
            index: position(index),
            name: name.to_owned(),
            prefix: if index == 0 {
                String::new()
            } else {
                // Escape the name as references do, so that the first `#` ends the name.
                format!("{}#", name.replace('%', "%25").replace('#', "%23"))
            },
            format,
            duplicates: std::mem::take(&mut built.duplicates),
            store: built.into_store(text),
            lines: OnceLock::new(),
        })
    }

    /// Whether a text occurs anywhere in the file. Strings with escapes are also searched in decoded form.
    pub(crate) fn mentions(&self, key: &str) -> bool {
        self.store.mentions(key)
    }

    /// The pointers of members whose key occurs more than once in their object, in document order.
    pub(crate) fn duplicate_keys(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.duplicates.is_empty() {
            return found;
        }
        let mut open = vec![(self.store.root(), String::new())];
        while let Some((at, pointer)) = open.pop() {
            if self.duplicates.contains(&at) {
                found.push(pointer.clone());
            }
            let inside = match self.store.slots[at as usize].payload {
                Payload::Array { first, len } | Payload::Object { first, len, .. } => first..first + len,
                _ => continue,
            };
            let is_list = matches!(self.store.slots[at as usize].payload, Payload::Array { .. });
            for (index, slot) in inside.enumerate().rev() {
                let key = self.store.text_of(self.store.slots[slot as usize].key);
                let step = if is_list { &index.to_string() } else { key };
                open.push((slot, pointer::join(&pointer, step)));
            }
        }
        found
    }

    /// The location of the start of the file.
    pub(crate) fn start(&self) -> Location {
        Location {
            file: (self.index != 0).then(|| self.name.clone()),
            pointer: String::new(),
            line: 1,
            column: 1,
        }
    }

    /// Returns the location of a JSON pointer, or `None` if it leads nowhere.
    pub(crate) fn location(&self, pointer: &str) -> Option<Location> {
        let offset = location::offset(&self.store, self.format, pointer)?;
        let lines = self.lines.get_or_init(|| Lines::of(&self.store.text));
        let (line, column) = lines.position(&self.store.text, offset);
        Some(Location {
            pointer: pointer.to_owned(),
            line,
            column,
            ..self.start()
        })
    }
}

#[cfg(feature = "yaml")]
fn yaml(text: &str, limits: &Limits) -> Result<crate::store::Built, ReadError> {
    crate::yaml::read(text, limits)
}

#[cfg(not(feature = "yaml"))]
fn yaml(_: &str, _: &Limits) -> Result<crate::store::Built, ReadError> {
    let why = "it does not begin with `{`; YAML is read with the feature `yaml` only";
    Err(ReadError::not_json(why))
}
