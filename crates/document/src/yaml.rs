//! Reads YAML 1.2 into nodes, from the events of `granit-parser`. The depth and the expansion of aliases are limited.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, Span as Range, Tag};

use crate::error::{Position, ReadError};
use crate::limits::Limits;
use crate::number::Repr;
use crate::store::{Builder, Built, Payload, Slot, Span, position};

/// Reads YAML.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Built, ReadError> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth + 1,
        block_nesting_limit: limits.depth + 1,
    };
    let mut composer = Composer {
        builder: Builder::new(text),
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        nodes: 0,
        merged: 0,
        most_merged: text.len(),
        limits,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, range) = event.map_err(|error| refused(&error, limits))?;
        composer.take(event, range)?;
    }
    match composer.root {
        Some(root) => Ok(composer.builder.finish(root)),
        None => Err(ReadError::not_yaml("it is empty")),
    }
}

/// Converts an error of the parser.
fn refused(error: &granit_parser::ScanError, limits: &Limits) -> ReadError {
    let at = position_of(error.marker());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => ReadError::TooDeep {
            at,
            limit: limits.depth,
        },
        kind => ReadError::NotYaml {
            why: kind.to_string(),
            at: Some(at),
        },
    }
}

fn too_repetitive(range: Range) -> ReadError {
    let at = position_of(&range.start);
    ReadError::TooRepetitive { at }
}

const NO_MAPPING: &str = "`<<` merges what is no mapping";

fn not_yaml(why: &str, range: Range) -> ReadError {
    ReadError::NotYaml {
        why: why.to_owned(),
        at: Some(position_of(&range.start)),
    }
}

fn position_of(mark: &Marker) -> Position {
    Position {
        line: mark.line(),
        column: mark.col() + 1,
    }
}

/// A complete node, with its size and height after all aliases are expanded.
#[derive(Clone, Copy)]
struct Read {
    slot: Slot,
    nodes: usize,
    height: usize,
    /// The text of a scalar, in case the node is a key.
    scalar: Option<Span>,
}

/// A sequence or mapping that is not complete yet.
struct Open {
    mark: usize,
    is_map: bool,
    /// The key of the next value.
    key: Option<Key>,
    /// The members that `<<` merges into it.
    merged: Vec<Slot>,
    anchor: usize,
    start: u32,
    nodes: usize,
    height: usize,
}

#[derive(Clone, Copy)]
enum Key {
    Named(Span, u32),
    /// The merge key `<<`: <https://yaml.org/type/merge.html>.
    Merge,
}

struct Composer<'t, 'l> {
    builder: Builder<'t>,
    open: Vec<Open>,
    root: Option<Slot>,
    anchors: HashMap<usize, Read>,
    /// Number of nodes so far, with all aliases expanded.
    nodes: usize,
    /// Number of members that `<<` has copied, and its limit.
    merged: usize,
    most_merged: usize,
    limits: &'l Limits,
}

impl<'t> Composer<'t, '_> {
    fn take(&mut self, event: Event<'t>, range: Range) -> Result<(), ReadError> {
        let start = position(range.start.byte_offset().unwrap_or_default());
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(not_yaml("a second document begins", range))
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), start, range)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(false, anchor, start, range),
            Event::MappingStart(_, anchor, _) => self.begin(true, anchor, start, range),
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Alias(anchor) => {
                let Some(read) = self.anchors.get(&anchor).copied() else {
                    return Err(not_yaml("an alias repeats what it is a part of", range));
                };
                self.count(read.nodes, range)?;
                let slot = Slot { start, ..read.slot };
                self.complete(Read { slot, ..read }, range)
            }
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: u32,
        range: Range,
    ) -> Result<(), ReadError> {
        let is_key = self
            .open
            .last()
            .is_some_and(|open| open.is_map && open.key.is_none());
        if is_key && anchor == 0 {
            // A key is a string, even if its text would be another type as a value.
            let is_merge = style == ScalarStyle::Plain && text == "<<";
            let text = if style == ScalarStyle::Plain && is_null(text) {
                "null"
            } else {
                text
            };
            let key = Key::Named(self.builder.span(text), start);
            self.key(if is_merge { Key::Merge } else { key });
            return Ok(());
        }
        let is_text = match tag.map(|tag| (tag.is_yaml_core_schema(), tag.suffix())) {
            Some((true, "null" | "bool" | "int" | "float")) => false,
            Some((true, _)) => true,
            _ => style != ScalarStyle::Plain,
        };
        let scalar = self
            .builder
            .span(if !is_text && is_null(text) { "null" } else { text });
        let resolved = if is_text {
            None
        } else {
            resolve(&mut self.builder, text)
        };
        let mut slot = resolved.unwrap_or_else(|| self.builder.string(text));
        slot.start = start;
        self.count(1, range)?;
        let read = Read {
            slot,
            nodes: 1,
            height: 0,
            scalar: Some(scalar),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, read);
        }
        self.complete(read, range)
    }

    fn begin(&mut self, is_map: bool, anchor: usize, start: u32, range: Range) -> Result<(), ReadError> {
        if self.open.len() == self.limits.depth {
            return Err(self.too_deep(range));
        }
        self.count(1, range)?;
        // An anchor that is defined again has no target until its node is complete.
        self.anchors.remove(&anchor);
        self.open.push(Open {
            mark: self.builder.begin(),
            is_map,
            key: None,
            merged: Vec::new(),
            anchor,
            start,
            nodes: 1,
            height: 0,
        });
        Ok(())
    }

    fn end(&mut self, range: Range) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let mut slot = if open.is_map {
            self.builder.merge(open.mark, open.merged);
            self.builder.object(open.mark)
        } else {
            self.builder.array(open.mark)
        };
        slot.start = open.start;
        let read = Read {
            slot,
            nodes: open.nodes,
            height: open.height + 1,
            scalar: None,
        };
        if open.anchor != 0 {
            self.anchors.insert(open.anchor, read);
        }
        self.complete(read, range)
    }

    /// Puts a node in its place: as the root, an item, a key or a value.
    fn complete(&mut self, read: Read, range: Range) -> Result<(), ReadError> {
        if self.open.len() + read.height > self.limits.depth {
            return Err(self.too_deep(range));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(read.slot);
            return Ok(());
        };
        let key = match (open.is_map, open.key) {
            (true, None) => {
                let Some(scalar) = read.scalar else {
                    return Err(not_yaml("a key is a list or a mapping", range));
                };
                open.key = Some(Key::Named(scalar, read.slot.start));
                return Ok(());
            }
            (true, Some(key)) => Some(key),
            (false, _) => None,
        };
        open.key = None;
        open.nodes = open.nodes.saturating_add(read.nodes);
        open.height = open.height.max(read.height);
        match key {
            None => self.builder.push(read.slot),
            Some(Key::Named(key, start)) => self.builder.push(Slot {
                key,
                start,
                ..read.slot
            }),
            Some(Key::Merge) => self.merge(read.slot, range)?,
        }
        Ok(())
    }

    /// Counts nodes. The nodes of an alias are counted each time it is used.
    fn count(&mut self, nodes: usize, range: Range) -> Result<(), ReadError> {
        self.nodes = self.nodes.saturating_add(nodes);
        // A node takes at least two bytes, so a document without aliases never reaches this limit.
        if self.nodes > self.limits.bytes / 2 || nodes > 1 && self.nodes > Limits::MOST_VALUES {
            return Err(too_repetitive(range));
        }
        if self.nodes > Limits::MOST_VALUES {
            let at = position_of(&range.start);
            return Err(ReadError::TooMany { at });
        }
        Ok(())
    }

    fn key(&mut self, key: Key) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some(key);
        }
    }

    /// Collects the members that `<<` adds to the open mapping, from one mapping or from a list of mappings.
    fn merge(&mut self, slot: Slot, range: Range) -> Result<(), ReadError> {
        let sources = match slot.payload {
            Payload::Object { .. } => &[slot],
            Payload::Array { first, len } => self.builder.children(first, len),
            _ => return Err(not_yaml(NO_MAPPING, range)),
        };
        let mut members = Vec::new();
        for source in sources {
            let Payload::Object { first, len, .. } = source.payload else {
                return Err(not_yaml(NO_MAPPING, range));
            };
            members.extend_from_slice(self.builder.children(first, len));
            self.merged += len as usize;
            // Members are copied, so a small file must not be able to merge a large mapping again and again.
            if self.merged > self.most_merged {
                return Err(too_repetitive(range));
            }
        }
        if let Some(open) = self.open.last_mut() {
            open.merged.append(&mut members);
        }
        Ok(())
    }

    fn too_deep(&self, range: Range) -> ReadError {
        ReadError::TooDeep {
            at: position_of(&range.start),
            limit: self.limits.depth,
        }
    }
}

/// Reads a plain scalar by the core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>). `None` means a string.
///
/// A leading zero is ignored: `010` is ten, and octal numbers begin with `0o`. A number with a leading zero that could
/// not be octal, such as `088`, is a string. YAML 1.1 reads it in this way, so such codes are often written without
/// quotes. A number that JSON cannot express is a string.
fn resolve(builder: &mut Builder<'_>, text: &str) -> Option<Slot> {
    if is_null(text) {
        return Some(Builder::null());
    }
    match text {
        "true" | "True" | "TRUE" => return Some(Builder::bool(true)),
        "false" | "False" | "FALSE" => return Some(Builder::bool(false)),
        _ => {}
    }
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    number(text).map(|it| builder.number(&it))
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn number(text: &str) -> Option<Repr<String>> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_negative = text.starts_with('-');
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            let value = u64::from_str_radix(digits, radix)
                .ok()
                .filter(|_| !digits.starts_with('+'))?;
            return signed(value, is_negative);
        }
    }
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let is_code = digits > 1 && unsigned.starts_with('0') && unsigned.contains(['8', '9']);
    if digits == unsigned.len() && is_code {
        return None;
    }
    if digits == unsigned.len()
        && let Ok(value) = unsigned.parse()
    {
        return signed(value, is_negative);
    }
    let rest = &unsigned[digits..];
    let fraction = rest
        .strip_prefix('.')
        .map_or(0, |rest| 1 + rest.bytes().take_while(u8::is_ascii_digit).count());
    let exponent = &rest[fraction..];
    let has_digits = digits > 0 || fraction > 1;
    let is_exponent = exponent.strip_prefix(['e', 'E']).is_some_and(|power| {
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !has_digits || !(exponent.is_empty() || is_exponent) {
        return None;
    }
    Repr::read(text)
}

fn signed(value: u64, is_negative: bool) -> Option<Repr<String>> {
    if !is_negative {
        return Some(Repr::Unsigned(value));
    }
    match 0_i64.checked_sub_unsigned(value) {
        Some(0) => Some(Repr::Unsigned(0)),
        Some(value) => Some(Repr::Signed(value)),
        None => Repr::read(&format!("-{value}")),
    }
}
