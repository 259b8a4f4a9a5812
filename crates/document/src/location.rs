//! The location of a place: file, pointer, line and column.

use std::fmt;

use crate::format::Format;
use crate::pointer;
use crate::store::{Payload, Store};

/// A location in a document.
///
/// # Examples
/// ```
/// use openapi_document::Document;
///
/// let document = Document::read(b"{\n  \"openapi\": \"3.0.0\",\n  \"paths\": {\"/a\": {}}\n}")?;
/// let location = document.location("/paths/~1a").unwrap();
/// assert_eq!((location.line, location.column), (3, 13));
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Location {
    /// The file, as references name it: relative to the document. `None` means the document's first file.
    pub file: Option<String>,
    /// The JSON pointer within the file.
    pub pointer: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
}

/// Displays as `file#pointer`, the form of a reference.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.file.as_deref().unwrap_or_default(), self.pointer)
    }
}

/// Offsets of the lines of a text, in bytes, and counts of the characters before some offsets. The counts keep column
/// lookup fast, because a whole document may be a single line.
#[derive(Debug)]
pub(crate) struct Lines {
    starts: Vec<usize>,
    /// Number of characters before each [`BLOCK`].
    characters: Vec<usize>,
}

/// Size of a block in bytes. Characters are counted one by one only within a block.
const BLOCK: usize = 4_096;

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            characters.extend(characters.last().map(|before| before + begun(block)));
        }
        Self {
            starts: std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect(),
            characters,
        }
    }

    /// The line and column of an offset, both counted from one.
    pub(crate) fn position(&self, text: &str, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let column = self.before(text, offset) - self.before(text, self.starts[line - 1]);
        (line, column + 1)
    }

    /// Number of characters before an offset.
    fn before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + begun(&text.as_bytes()[block * BLOCK..offset])
    }
}

/// Number of characters that begin in these bytes of a text.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Returns the offset of a JSON pointer's target in the text of its file, in bytes. This is the offset of its key, if
/// it has one.
pub(crate) fn offset(store: &Store, format: Format, pointer: &str) -> Option<usize> {
    let text = &store.text;
    let mut slot = store.root();
    // The starting point of the search: the last key with a known offset, and the indices of the steps after it.
    let mut from = 0;
    let mut is_behind_key = false;
    let mut left: Vec<usize> = Vec::new();
    let mut known = match format {
        Format::Json => Some(skip_space(text, 0)),
        Format::Yaml => offset_of(store, format, slot),
    };
    for step in pointer::steps(pointer)? {
        let (first, index) = match store.slots[slot as usize].payload {
            Payload::Object { first, len, order } => {
                let member = store.member_at(first, len, order, &step)?;
                (first, member - first)
            }
            Payload::Array { first, len } => {
                let index = u32::try_from(pointer::index(&step)?)
                    .ok()
                    .filter(|it| *it < len)?;
                (first, index)
            }
            _ => return None,
        };
        slot = first + index;
        known = offset_of(store, format, slot);
        if known.is_none()
            && index as usize >= FAR
            && let Some(start) = object_start(store, text, slot)
        {
            (from, is_behind_key) = (start, false);
            left.clear();
            known = Some(start);
            continue;
        }
        let key = store.slots[slot as usize].key;
        match key.offset().filter(|_| known.is_some()) {
            Some(start) => {
                (from, is_behind_key) = (start + key.len() + 1, true);
                left.clear();
            }
            None => left.push(index as usize),
        }
    }
    match (known, format) {
        (Some(known), _) => Some(known),
        (None, Format::Json) => search(text, from, is_behind_key, &left),
        (None, Format::Yaml) => None,
    }
}

/// Returns the offset of a node, if it is known. For YAML it is known for every node; for JSON, for members whose key
/// has no escapes.
fn offset_of(store: &Store, format: Format, slot: u32) -> Option<usize> {
    let slot = &store.slots[slot as usize];
    match format {
        Format::Yaml => (slot.start != u32::MAX).then_some(slot.start as usize),
        // The key begins with its quote. A key is never at offset 0, so the default span is distinguishable.
        Format::Json => slot.key.offset()?.checked_sub(1),
    }
}

/// Distance in items from the first one, beyond which an item is searched by the keys inside it.
const FAR: usize = 16;

/// Returns the offset of an object, derived from the offset of its first key, if the offsets of all keys are known.
fn object_start(store: &Store, text: &str, slot: u32) -> Option<usize> {
    let Payload::Object { first, len, .. } = store.slots[slot as usize].payload else {
        return None;
    };
    let members = &store.slots[first as usize..(first + len) as usize];
    let keys: Option<Vec<usize>> = members.iter().map(|it| it.key.offset()?.checked_sub(1)).collect();
    let before = text.get(..keys?.into_iter().min()?)?.trim_end();
    before.ends_with('{').then(|| before.len() - 1)
}

/// Searches JSON for the child with these indices, starting at the closing quote of a key or at a value. The text must
/// be valid JSON.
fn search(text: &str, from: usize, is_behind_key: bool, indices: &[usize]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = skip_space(text, from);
    if is_behind_key {
        at = skip_space(text, at + 1);
    }
    for (depth, index) in indices.iter().enumerate() {
        let is_object = match bytes.get(at)? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        at = skip_space(text, at + 1);
        for _ in 0..*index {
            at = skip_space(text, skip_member(text, at, is_object)?);
            // Skip the comma.
            at = skip_space(text, at + 1);
        }
        let is_last = depth + 1 == indices.len();
        if is_object && !is_last {
            at = skip_space(text, skip_value(text, at)?);
            at = skip_space(text, at + 1);
        }
    }
    (at < bytes.len()).then_some(at)
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().iter().skip(at);
    at + rest.take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Returns the offset after a member or an item.
fn skip_member(text: &str, at: usize, is_object: bool) -> Option<usize> {
    if !is_object {
        return skip_value(text, at);
    }
    let colon = skip_space(text, skip_value(text, at)?);
    skip_value(text, skip_space(text, colon + 1))
}

/// Returns the offset after a value.
fn skip_value(text: &str, mut at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'{' | b'[' => {
                open += 1;
                at += 1;
            }
            b'}' | b']' => {
                open = open.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' if open == 0 => return None,
            byte if byte.is_ascii_whitespace() || matches!(byte, b',' | b':') => {
                at += 1;
                continue;
            }
            _ => {
                let word = bytes[at..]
                    .iter()
                    .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'-' | b'.'));
                at += word.count().max(1);
            }
        }
        if open == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn columns_count_characters_however_long_a_line_is() {
        let text = "é-€".repeat(2 * BLOCK) + "\n" + &"ü".repeat(BLOCK);
        let lines = Lines::of(&text);
        for (offset, _) in text.char_indices().step_by(97) {
            let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
            let line = text[..offset].matches('\n').count() + 1;
            let column = text[start..offset].chars().count() + 1;
            assert_eq!(lines.position(&text, offset), (line, column), "{offset}");
        }
    }

    #[test]
    fn an_item_far_from_the_first_is_found_by_its_keys() {
        let item = |index: usize| match index % 3 {
            0 => format!(r#"{{ "b": [{index}], "a": {{"c": {index}}}}}"#),
            1 => format!(r#"{{"\u0061": {index}, "c": 0}}"#),
            _ => format!("[{index}]"),
        };
        let items: Vec<String> = (0..60).map(item).collect();
        let text = format!(r#"{{"all": [{}]}}"#, items.join(" , "));
        let document = Document::read_schema(text.clone()).unwrap();
        for (index, item) in items.iter().enumerate() {
            let at = text.find(item).unwrap();
            let location = document.location(&format!("/all/{index}")).unwrap();
            assert_eq!((location.line, location.column), (1, at + 1), "{item}");
        }
        let at = text.find(r"[45]").unwrap();
        let location = document.location("/all/45/b/0").unwrap();
        assert_eq!(location.column, at + 2);
    }
}
