//! A node together with its place.

use std::fmt;
use std::sync::Arc;

use crate::location::Location;
use crate::node::Node;
use crate::pointer;

/// A node and its place.
///
/// # Examples
/// ```
/// use openapi_document::{Document, Located};
///
/// let document = Document::read(br##"{"openapi": "3.0.0", "components": {"schemas": {
///     "Cat": {"$ref": "#/components/schemas/Pet"}, "Pet": {"type": "object"}
/// }}}"##)?;
/// let schemas = Located::root(&document).get("components").and_then(|it| it.get("schemas")).unwrap();
/// let pet = schemas.get("Cat").unwrap().follow(&document).unwrap();
/// assert_eq!(&*pet.at, "/components/schemas/Pet");
/// assert_eq!(pet.text("type"), Some("object"));
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Clone)]
pub struct Located<'d> {
    /// The node.
    pub node: Node<'d>,
    /// Its place: a JSON pointer, or `file#pointer` in another file than the document's first one, in the form of a
    /// reference. A name of more than 1,024 bytes is shortened in it, behind 2,048 bytes also one of more than 96.
    /// [`Document::at`](crate::Document::at) finds the node again. Copies share the text, which may be long.
    pub at: Arc<str>,
}

impl fmt::Debug for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Located").field(&self.at).finish()
    }
}

impl<'d> Located<'d> {
    /// The value of the member `key`, if this is an object that has it.
    pub fn says(&self, key: &str) -> Option<Node<'d>> {
        self.node.get(key)
    }

    /// The value of the member `key`, with its place.
    pub fn get(&self, key: &str) -> Option<Self> {
        let node = self.says(key)?;
        let at = pointer::join_place(&self.at, key, node.slot).into();
        Some(Self { node, at })
    }

    /// The members of an object with fixed fields, without extensions (`x-…`).
    pub fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        self.entries().filter(|(key, _)| !key.starts_with("x-"))
    }

    /// The members of a map. Its keys are chosen by the author, so `x-…` is a normal key.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        self.node.members().map(|(key, node)| {
            let at = pointer::join_place(&self.at, key, node.slot).into();
            (key, Self { node, at })
        })
    }

    /// The members of the map under `key`. Its keys are chosen by the author.
    pub fn entries_of(&self, key: &str) -> impl Iterator<Item = (&'d str, Self)> + use<'d> {
        let map = self.get(key);
        let base = map.as_ref().map_or_else(|| "".into(), |it| Arc::clone(&it.at));
        let members = map.map(|it| it.node.members()).into_iter().flatten();
        members.map(move |(key, node)| {
            let at = pointer::join_place(&base, key, node.slot).into();
            (key, Self { node, at })
        })
    }

    /// The items of an array.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'d, '_> {
        self.node.items().enumerate().map(|(index, node)| Self {
            node,
            at: format!("{}/{index}", self.at).into(),
        })
    }

    /// The string under `key`, if it is one.
    pub fn text(&self, key: &str) -> Option<&'d str> {
        self.node.text(key)
    }

    /// Whether the value under `key` is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.says(key).and_then(Node::as_bool) == Some(true)
    }

    /// Its location: file, pointer, line and column.
    pub fn location(&self) -> Location {
        let file = self.node.file;
        let pointer = self.at.strip_prefix(&*file.prefix);
        let found = pointer.and_then(|pointer| file.location(pointer));
        found.unwrap_or_else(|| file.start())
    }
}
