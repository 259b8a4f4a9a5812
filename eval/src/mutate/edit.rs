//! An edit of a document, and the levels between which a comparison has to place it.

use openapi_document::pointer;
use openapi_drift::{Level, Side};
use serde_json::Value;

/// A level, or none at all, in increasing weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    Nothing,
    Cosmetic,
    Additive,
    Risky,
    Breaking,
}

impl Weight {
    pub(crate) fn of(level: Option<Level>) -> Self {
        match level {
            None => Self::Nothing,
            Some(Level::Cosmetic) => Self::Cosmetic,
            Some(Level::Additive) => Self::Additive,
            Some(Level::Risky) => Self::Risky,
            Some(Level::Breaking) => Self::Breaking,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Cosmetic => "cosmetic",
            Self::Additive => "additive",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

/// The change at one pointer.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Set(Value),
    Remove,
}

/// One edit.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) kind: &'static str,
    pub(crate) changes: Vec<(String, Change)>,
    pub(crate) least: Weight,
    /// The maximum level; `None` if other parts of the document may raise it.
    pub(crate) most: Option<Weight>,
    /// The side that writes the messages in which the edit is visible.
    pub(crate) writer: Side,
    /// The message that must exist for the edit to count.
    pub(crate) shown_by: ShownBy,
}

/// The message that must exist for an edit to count, because other parts of the document may hide the edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShownBy {
    /// No message: the edit concerns the document alone.
    Document,
    /// A message that has a value at the location.
    Filled,
    /// A message that its writer's document accepts and its reader's document refuses.
    Refused,
    /// The same, or a message in which the reader reads something else.
    Misread,
    /// A message that its writer could send before and cannot send now.
    Lost,
}

impl Edit {
    /// The edited document; `None` if a pointer leads nowhere.
    pub(crate) fn applied(&self, document: &Value) -> Option<Value> {
        let mut edited = document.clone();
        for (at, change) in &self.changes {
            let (parent, key) = at.rsplit_once('/')?;
            let parent = edited.pointer_mut(parent)?;
            let key = pointer::unescape(key);
            match (parent, change) {
                (Value::Object(members), Change::Set(value)) => {
                    members.insert(key.into_owned(), value.clone());
                }
                (Value::Object(members), Change::Remove) => {
                    members.shift_remove(key.as_ref())?;
                }
                (Value::Array(items), Change::Set(value)) => match key.parse::<usize>() {
                    Ok(index) if index < items.len() => items[index] = value.clone(),
                    _ => items.push(value.clone()),
                },
                (Value::Array(items), Change::Remove) => {
                    let index = key.parse::<usize>().ok().filter(|it| *it < items.len())?;
                    items.remove(index);
                }
                _ => return None,
            }
        }
        Some(edited)
    }
}
