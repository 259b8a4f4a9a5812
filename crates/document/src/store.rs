//! Storage for the nodes of one file. All nodes are in one list, the children of a node are adjacent, and strings are
//! ranges of the file's text.

#[cfg(feature = "yaml")]
use std::collections::HashSet;

use crate::hash::{self, mix};
use crate::limits::Limits;
use crate::number::{Number, Repr};
use crate::pointer;

/// Maximum number of members that are searched linearly. Larger objects have a sorted list of their keys.
const FEW: usize = 12;

/// A string: a range of the file's text, or of the separate buffer for strings that are written with escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

/// The bit that marks a range of the separate buffer.
const BESIDE: u32 = 1 << 31;

impl Span {
    /// The offset in the file's text, in bytes, or `None` if the string was written with escapes.
    pub(crate) fn offset(self) -> Option<usize> {
        (self.start & BESIDE == 0).then_some(self.start as usize)
    }

    pub(crate) fn len(self) -> usize {
        self.len as usize
    }
}

/// The content of a node. Its children are the `len` slots that start at `first`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// A number that is exact.
    Exact(Span),
    String(Span),
    Array {
        first: u32,
        len: u32,
    },
    Object {
        first: u32,
        len: u32,
        /// The start of the sorted list of its keys in [`Store::orders`], if it has more than [`FEW`] members.
        order: u32,
    },
}

/// One node, with its key if it is a member of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) payload: Payload,
    /// The hash of the value, which is the same for equal values.
    pub(crate) hash: u64,
    pub(crate) key: Span,
    /// The offset in the text, in bytes. It is set for YAML only; in JSON, the offset is searched when it is needed.
    pub(crate) start: u32,
}

/// All nodes of one file.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) text: String,
    beside: String,
    pub(crate) slots: Vec<Slot>,
    orders: Vec<u32>,
}

impl Store {
    pub(crate) fn text_of(&self, span: Span) -> &str {
        let from = if span.start & BESIDE == 0 {
            &self.text
        } else {
            &self.beside
        };
        let start = (span.start & !BESIDE) as usize;
        &from[start..start + span.len()]
    }

    /// Whether a text occurs anywhere in the file.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.text.contains(text) || self.beside.contains(text)
    }

    /// The slot of the member `key` of the object with these children.
    pub(crate) fn member(&self, first: u32, len: u32, order: u32, key: &str) -> Option<u32> {
        let own = |slot: u32| self.text_of(self.slots[slot as usize].key);
        if len as usize <= FEW {
            // Most keys already differ in their lengths, for which their text is not needed.
            let has_key = |slot: u32| self.slots[slot as usize].key.len() == key.len() && own(slot) == key;
            return (first..first + len).find(|slot| has_key(*slot));
        }
        let order = &self.orders[order as usize..(order + len) as usize];
        let found = order.binary_search_by(|slot| own(*slot).cmp(key)).ok()?;
        Some(order[found])
    }

    /// The slot of a member, given the step of a place that leads to it.
    pub(crate) fn member_at(&self, first: u32, len: u32, order: u32, step: &str) -> Option<u32> {
        self.member(first, len, order, step).or_else(|| {
            let (shown, slot) = pointer::shortened(step)?;
            let is_member = (first..first + len).contains(&slot);
            let is_meant = is_member && self.text_of(self.slots[slot as usize].key).starts_with(shown);
            is_meant.then_some(slot)
        })
    }

    /// The root, which is the last slot.
    pub(crate) fn root(&self) -> u32 {
        u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
    }
}

/// A builder of a [`Store`].
pub(crate) struct Builder<'t> {
    text: &'t str,
    beside: String,
    slots: Vec<Slot>,
    /// Nodes that are complete, but whose parents are not.
    pending: Vec<Slot>,
    orders: Vec<u32>,
    /// Slots of members whose key occurs more than once. The last occurrence counts.
    pub(crate) duplicates: Vec<u32>,
}

/// The result of a builder: a store without its text.
pub(crate) struct Built {
    beside: String,
    slots: Vec<Slot>,
    orders: Vec<u32>,
    pub(crate) duplicates: Vec<u32>,
}

impl Built {
    pub(crate) fn into_store(self, text: String) -> Store {
        Store {
            text,
            beside: self.beside,
            slots: self.slots,
            orders: self.orders,
        }
    }
}

/// Converts an offset. It fits in 31 bits because of the limit on the size of the text.
#[expect(
    clippy::cast_possible_truncation,
    reason = "limits keep every position below 2³¹"
)]
pub(crate) fn position(at: usize) -> u32 {
    at as u32
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            beside: String::new(),
            // A typical document has about one node per twenty bytes.
            slots: Vec::with_capacity(text.len() / 20 + 1),
            pending: Vec::new(),
            orders: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    pub(crate) fn finish(mut self, root: Slot) -> Built {
        self.slots.push(root);
        self.slots.shrink_to_fit();
        Built {
            beside: self.beside,
            slots: self.slots,
            orders: self.orders,
            duplicates: self.duplicates,
        }
    }

    /// Whether another value may be added.
    pub(crate) fn has_room(&self) -> bool {
        self.slots.len() + self.pending.len() < Limits::MOST_VALUES
    }

    /// Returns the span of a string. A string that is not part of the file's text is copied to the separate buffer.
    pub(crate) fn span(&mut self, text: &str) -> Span {
        let start = (text.as_ptr().addr()).wrapping_sub(self.text.as_ptr().addr());
        if start <= self.text.len() && start + text.len() <= self.text.len() {
            return Span {
                start: position(start),
                len: position(text.len()),
            };
        }
        let start = position(self.beside.len()) | BESIDE;
        self.beside.push_str(text);
        Span {
            start,
            len: position(text.len()),
        }
    }

    pub(crate) fn text_of(&self, span: Span) -> &str {
        let start = (span.start & !BESIDE) as usize;
        let range = start..start + span.len();
        if span.start & BESIDE == 0 {
            &self.text[range]
        } else {
            &self.beside[range]
        }
    }

    pub(crate) fn null() -> Slot {
        slot(Payload::Null, mix(1, 1))
    }

    pub(crate) fn bool(value: bool) -> Slot {
        slot(Payload::Bool(value), mix(2, u64::from(value)))
    }

    pub(crate) fn number(&mut self, value: &Repr<String>) -> Slot {
        let (payload, value) = match value {
            Repr::Unsigned(value) => (Payload::Unsigned(*value), Repr::Unsigned(*value)),
            Repr::Signed(value) => (Payload::Signed(*value), Repr::Signed(*value)),
            Repr::Float(value) => (Payload::Float(*value), Repr::Float(*value)),
            Repr::Exact(text) => (Payload::Exact(self.span(text)), Repr::Exact(text.as_str())),
        };
        slot(payload, Number(value).hash())
    }

    pub(crate) fn string(&mut self, text: &str) -> Slot {
        let hash = mix(hash::text(text), 5);
        slot(Payload::String(self.span(text)), hash)
    }

    /// Returns the mark to pass to [`Builder::array`] or [`Builder::object`] at the end of the node that begins here.
    pub(crate) fn begin(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn push(&mut self, slot: Slot) {
        self.pending.push(slot);
    }

    pub(crate) fn array(&mut self, mark: usize) -> Slot {
        let first = position(self.slots.len());
        let len = position(self.pending.len() - mark);
        let mut hash = mix(6, u64::from(len));
        for item in &self.pending[mark..] {
            hash = mix(hash, item.hash);
        }
        self.slots.extend(self.pending.drain(mark..));
        slot(Payload::Array { first, len }, hash)
    }

    /// The children of a complete node.
    #[cfg(feature = "yaml")]
    pub(crate) fn children(&self, first: u32, len: u32) -> &[Slot] {
        &self.slots[first as usize..(first + len) as usize]
    }

    /// Adds merged members to the object that began at `mark`. The object's own members take precedence, then the
    /// members that were added first.
    #[cfg(feature = "yaml")]
    pub(crate) fn merge(&mut self, mark: usize, members: Vec<Slot>) {
        if members.is_empty() {
            return;
        }
        let mut known: HashSet<&str> = self.pending[mark..]
            .iter()
            .map(|it| self.text_of(it.key))
            .collect();
        let is_new = members
            .iter()
            .map(|it| known.insert(self.text_of(it.key)))
            .collect::<Vec<_>>();
        let new = members.into_iter().zip(is_new).filter(|(_, is_new)| *is_new);
        self.pending.extend(new.map(|(member, _)| member));
    }

    /// Completes an object. If a key occurs more than once, its last value counts, at the place of its first
    /// occurrence, as in most readers.
    pub(crate) fn object(&mut self, mark: usize) -> Slot {
        let first = position(self.slots.len());
        let repeated = if self.pending.len() - mark <= FEW {
            self.settle_few(mark)
        } else {
            self.settle_many(mark)
        };
        let members = &self.pending[mark..];
        let len = position(members.len());
        self.duplicates
            .extend(repeated.into_iter().map(|index| first + index));
        let mut hash = mix(7, u64::from(len));
        for member in members {
            // Use a sum, so that the order of members does not matter.
            let key = hash::text(self.text_of(member.key));
            hash = hash.wrapping_add(mix(key, member.hash));
        }
        let mut order = 0;
        if members.len() > FEW {
            let mut sorted: Vec<u32> = (0..len).collect();
            sorted.sort_unstable_by_key(|index| self.text_of(members[*index as usize].key));
            order = position(self.orders.len());
            self.orders.extend(sorted.into_iter().map(|index| first + index));
        }
        self.slots.extend(self.pending.drain(mark..));
        slot(Payload::Object { first, len, order }, mix(hash, 8))
    }

    /// Keeps one member of each key, and returns the indices of the repeated keys.
    fn settle_few(&mut self, mark: usize) -> Vec<u32> {
        let mut repeated = Vec::new();
        let mut at = mark + 1;
        while at < self.pending.len() {
            let key = self.text_of(self.pending[at].key);
            let before = (mark..at).find(|other| self.text_of(self.pending[*other].key) == key);
            match before {
                Some(before) => {
                    let last = self.pending.remove(at);
                    self.pending[before] = last;
                    repeated.push(position(before - mark));
                }
                None => at += 1,
            }
        }
        repeated
    }

    fn settle_many(&mut self, mark: usize) -> Vec<u32> {
        let members = &self.pending[mark..];
        let mut sorted: Vec<usize> = (0..members.len()).collect();
        sorted.sort_by_key(|index| self.text_of(members[*index].key));
        let same = |a: usize, b: usize| self.text_of(members[a].key) == self.text_of(members[b].key);
        if !sorted.windows(2).any(|pair| same(pair[0], pair[1])) {
            return Vec::new();
        }
        // The sort is stable, so the first and last member of each run are the first and last in the file.
        let mut counts: Vec<Option<usize>> = (0..members.len()).map(Some).collect();
        let mut is_repeated = vec![false; members.len()];
        for run in sorted.chunk_by(|a, b| same(*a, *b)).filter(|run| run.len() > 1) {
            for index in run {
                counts[*index] = None;
            }
            counts[run[0]] = Some(run[run.len() - 1]);
            is_repeated[run[0]] = true;
        }
        let mut repeated = Vec::new();
        let mut kept = Vec::with_capacity(members.len());
        for (index, counting) in counts.iter().enumerate() {
            if let Some(counting) = counting {
                if is_repeated[index] {
                    repeated.push(position(kept.len()));
                }
                kept.push(members[*counting]);
            }
        }
        self.pending.truncate(mark);
        self.pending.extend(kept);
        repeated
    }
}

/// A slot without a key or an offset.
fn slot(payload: Payload, hash: u64) -> Slot {
    Slot {
        payload,
        hash,
        key: Span::default(),
        start: u32::MAX,
    }
}
