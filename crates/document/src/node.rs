//! A handle to a value of a document.

use std::fmt::{self, Write as _};

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use crate::file::File;
use crate::number::{Number, Repr};
use crate::pointer;
use crate::store::{Payload, Slot};

/// A JSON value of a document: a handle that is cheap to copy.
///
/// Two nodes are equal if they hold the same JSON value. The order of members and the spelling of numbers do not
/// matter.
///
/// # Examples
/// ```
/// use openapi_document::{Document, Kind};
///
/// let document = Document::read(br#"{"openapi": "3.0.0", "a": {"x": 1, "y": [2]}, "b": {"y": [2], "x": 1.0}}"#)?;
/// let (a, b) = (document.root().get("a").unwrap(), document.root().get("b").unwrap());
/// assert_eq!(a, b);
/// assert!(matches!(a.kind(), Kind::Object(members) if members.len() == 2));
/// assert_eq!(a.pointer("/y/0").unwrap().to_string(), "2");
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Node<'d> {
    pub(crate) file: &'d File,
    pub(crate) slot: u32,
}

/// The identity of a node. Two nodes with the same id are the same place in the same document, or a place in YAML and
/// an alias of it. Ids differ between runs, so do not sort by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(usize);

/// The storage position of a node, which can be kept without borrowing the document.
/// [`Document::stored`](crate::Document::stored) finds the node again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotId {
    file: u32,
    slot: u32,
}

/// The kind of a node, with its content.
#[derive(Clone, Debug)]
pub enum Kind<'d> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number<'d>),
    /// A string.
    String(&'d str),
    /// An array.
    Array(Items<'d>),
    /// An object.
    Object(Members<'d>),
}

impl<'d> Node<'d> {
    /// The root of the file.
    pub(crate) fn root(file: &'d File) -> Self {
        let slot = file.store.root();
        Self { file, slot }
    }

    /// The node at a storage position.
    pub(crate) fn stored(files: &'d [File], id: SlotId) -> Self {
        Self {
            file: &files[id.file as usize],
            slot: id.slot,
        }
    }

    /// The node at a storage position; `None` if there is none.
    pub(crate) fn find(files: &'d [File], id: SlotId) -> Option<Self> {
        let file = files.get(id.file as usize)?;
        file.store.slots.get(id.slot as usize)?;
        Some(Self { file, slot: id.slot })
    }

    fn slot(self) -> &'d Slot {
        &self.file.store.slots[self.slot as usize]
    }

    /// The key of the node, if it is a member of an object; otherwise empty.
    pub fn key(self) -> &'d str {
        self.file.store.text_of(self.slot().key)
    }

    /// The kind of the node, with its content.
    pub fn kind(self) -> Kind<'d> {
        let file = self.file;
        match self.slot().payload {
            Payload::Null => Kind::Null,
            Payload::Bool(value) => Kind::Bool(value),
            Payload::Unsigned(value) => Kind::Number(Number(Repr::Unsigned(value))),
            Payload::Signed(value) => Kind::Number(Number(Repr::Signed(value))),
            Payload::Float(value) => Kind::Number(Number(Repr::Float(value))),
            Payload::Exact(span) => Kind::Number(Number(Repr::Exact(file.store.text_of(span)))),
            Payload::String(span) => Kind::String(file.store.text_of(span)),
            Payload::Array { first, len } => Kind::Array(Items {
                file,
                next: first,
                end: first + len,
            }),
            Payload::Object { first, len, order } => Kind::Object(Members {
                file,
                first,
                len,
                order,
                next: first,
            }),
        }
    }

    /// The identity of this place.
    pub fn id(self) -> NodeId {
        NodeId(std::ptr::from_ref(self.slot()).addr())
    }

    /// The storage position in the document.
    pub fn slot_id(self) -> SlotId {
        SlotId {
            file: self.file.index,
            slot: self.slot,
        }
    }

    /// Whether the node is in another file than the document's first one.
    pub fn is_in_other_file(self) -> bool {
        self.file.index != 0
    }

    /// A hash that is the same for equal values, on every machine. Different values may share it.
    pub fn hash(self) -> u64 {
        self.slot().hash
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.slot().payload, Payload::Null)
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        matches!(self.slot().payload, Payload::Object { .. })
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        matches!(self.slot().payload, Payload::Array { .. })
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        matches!(self.slot().payload, Payload::String(_))
    }

    /// Its value, if it is a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Its value, if it is a string.
    pub fn as_str(self) -> Option<&'d str> {
        match self.kind() {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Its value, if it is a number.
    pub fn as_number(self) -> Option<Number<'d>> {
        match self.kind() {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Its value, if it is an integer that fits.
    pub fn as_u64(self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// Its value, if it is a number that counts something.
    pub fn as_count(self) -> Option<u64> {
        self.as_number()?.as_count()
    }

    /// Its members, if it is an object.
    pub fn as_object(self) -> Option<Members<'d>> {
        match self.kind() {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Its items, if it is an array.
    pub fn as_array(self) -> Option<Items<'d>> {
        match self.kind() {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The value of the member `key`, if this is an object that has it.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.as_object()?.get(key)
    }

    /// The string value of the member `key`, if it is one.
    pub fn text(self, key: &str) -> Option<&'d str> {
        self.get(key)?.as_str()
    }

    /// The item at `index`, if this is an array that has it.
    pub fn at(self, index: usize) -> Option<Node<'d>> {
        self.as_array()?.nth(index)
    }

    /// The members of an object, in document order. Empty for any other kind.
    pub fn members(self) -> Members<'d> {
        self.as_object().unwrap_or(Members {
            file: self.file,
            first: 0,
            len: 0,
            order: 0,
            next: 0,
        })
    }

    /// The items of an array. Empty for any other kind.
    pub fn items(self) -> Items<'d> {
        self.as_array().unwrap_or(Items {
            file: self.file,
            next: 0,
            end: 0,
        })
    }

    /// The target of a JSON pointer (RFC 6901) that starts at this node.
    pub fn pointer(self, pointer: &str) -> Option<Node<'d>> {
        pointer::steps(pointer)?.try_fold(self, |here, step| here.step(&step))
    }

    /// The target of one unescaped step of a JSON pointer.
    pub(crate) fn step(self, step: &str) -> Option<Node<'d>> {
        match self.kind() {
            Kind::Object(members) => members.at_step(step),
            Kind::Array(mut items) => items.nth(pointer::index(step)?),
            _ => None,
        }
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        if std::ptr::eq(self.file, other.file) && self.slot == other.slot {
            return true;
        }
        if self.hash() != other.hash() {
            return false;
        }
        match (self.kind(), other.kind()) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Bool(own), Kind::Bool(other)) => own == other,
            (Kind::Number(own), Kind::Number(other)) => own == other,
            (Kind::String(own), Kind::String(other)) => own == other,
            (Kind::Array(own), Kind::Array(other)) => own.len() == other.len() && own.eq(other),
            (Kind::Object(mut own), Kind::Object(other)) => {
                own.len() == other.len() && own.all(|(key, value)| other.get(key) == Some(value))
            }
            _ => false,
        }
    }
}

impl Eq for Node<'_> {}

impl std::hash::Hash for Node<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(Node::hash(*self));
    }
}

/// Displays as compact JSON, with all digits of every number, so that different values are displayed differently.
impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = |index: usize| if index == 0 { "" } else { "," };
        match self.kind() {
            Kind::Null => f.write_str("null"),
            Kind::Bool(value) => value.fmt(f),
            Kind::Number(number) => number.fmt(f),
            Kind::String(text) => quoted(text, f),
            Kind::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.enumerate() {
                    write!(f, "{}{item}", comma(index))?;
                }
                f.write_char(']')
            }
            Kind::Object(members) => {
                f.write_char('{')?;
                for (index, (key, value)) in members.enumerate() {
                    f.write_str(comma(index))?;
                    quoted(key, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

/// Displays a text as JSON.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind() {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(value),
            Kind::Number(number) => number.serialize(serializer),
            Kind::String(text) => serializer.serialize_str(text),
            Kind::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&item)?;
                }
                list.end()
            }
            Kind::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, &value)?;
                }
                map.end()
            }
        }
    }
}

/// The members of an object, in document order.
#[derive(Clone)]
pub struct Members<'d> {
    file: &'d File,
    first: u32,
    len: u32,
    order: u32,
    next: u32,
}

impl<'d> Members<'d> {
    /// The value of the member `key`, even if the iteration has passed it.
    pub fn get(&self, key: &str) -> Option<Node<'d>> {
        let slot = self.file.store.member(self.first, self.len, self.order, key)?;
        Some(Node {
            file: self.file,
            slot,
        })
    }

    /// The value of the member to which the step of a place leads.
    fn at_step(&self, step: &str) -> Option<Node<'d>> {
        let slot = self
            .file
            .store
            .member_at(self.first, self.len, self.order, step)?;
        Some(Node {
            file: self.file,
            slot,
        })
    }

    /// Whether there is a member `key`.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether no members are left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The remaining keys, in document order.
    pub fn keys(self) -> impl ExactSizeIterator<Item = &'d str> {
        self.map(|(key, _)| key)
    }

    /// The remaining values, in document order.
    pub fn values(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        self.map(|(_, value)| value)
    }
}

impl<'d> Iterator for Members<'d> {
    type Item = (&'d str, Node<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.first + self.len {
            return None;
        }
        let slot = self.next;
        self.next += 1;
        let key = self.file.store.text_of(self.file.store.slots[slot as usize].key);
        Some((
            key,
            Node {
                file: self.file,
                slot,
            },
        ))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.first + self.len - self.next) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Members<'_> {}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct Items<'d> {
    file: &'d File,
    next: u32,
    end: u32,
}

impl Items<'_> {
    /// Whether no items are left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'d> Iterator for Items<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        self.nth(0)
    }

    fn nth(&mut self, index: usize) -> Option<Node<'d>> {
        if index >= self.len() {
            self.next = self.end;
            return None;
        }
        let slot = self.next + crate::store::position(index);
        self.next = slot + 1;
        Some(Node {
            file: self.file,
            slot,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.next) as usize;
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Items<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.next == self.end {
            return None;
        }
        self.end -= 1;
        Some(Node {
            file: self.file,
            slot: self.end,
        })
    }
}

impl ExactSizeIterator for Items<'_> {}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
