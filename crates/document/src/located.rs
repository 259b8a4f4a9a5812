//! A node with the way to it.

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
    /// Its place: its JSON pointer, and in another file than the document's first one `file#pointer`, as a reference
    /// would say it. [`Document::at`](crate::Document::at) finds the node again. Copies share it, for it is as long as the
    /// path that it lies in.
    pub at: Arc<str>,
}

impl fmt::Debug for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Located").field(&self.at).finish()
    }
}

impl<'d> Located<'d> {
    /// The node under `key`, if this is an object that has it.
    pub fn says(&self, key: &str) -> Option<Node<'d>> {
        self.node.get(key)
    }

    /// The node under `key` with its pointer.
    pub fn get(&self, key: &str) -> Option<Self> {
        Some(Self {
            node: self.says(key)?,
            at: pointer::join(&self.at, key).into(),
        })
    }

    /// The members of an object of keywords, without extensions (`x-…`).
    pub fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        self.entries().filter(|(key, _)| !key.starts_with("x-"))
    }

    /// The members of a map whose names are the author's: `x-…` is one of them.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        self.node.members().map(|(key, node)| {
            let at = pointer::join(&self.at, key).into();
            (key, Self { node, at })
        })
    }

    /// The members of the map under `key`, whose names are the author's.
    pub fn entries_of(&self, key: &str) -> impl Iterator<Item = (&'d str, Self)> + use<'d> {
        let map = self.get(key);
        let base = map.as_ref().map_or_else(|| "".into(), |it| Arc::clone(&it.at));
        let members = map.map(|it| it.node.members()).into_iter().flatten();
        members.map(move |(key, node)| {
            let at = pointer::join(&base, key).into();
            (key, Self { node, at })
        })
    }

    /// The items of a list.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'d, '_> {
        self.node.items().enumerate().map(|(index, node)| Self {
            node,
            at: format!("{}/{index}", self.at).into(),
        })
    }

    /// The text under `key`, if it is one.
    pub fn text(&self, key: &str) -> Option<&'d str> {
        self.node.text(key)
    }

    /// Whether `true` stands under `key`.
    pub fn is_true(&self, key: &str) -> bool {
        self.says(key).and_then(Node::as_bool) == Some(true)
    }

    /// Where it stands: file, pointer, line and column.
    pub fn location(&self) -> Location {
        let file = self.node.file;
        let pointer = self.at.strip_prefix(&*file.prefix);
        let found = pointer.and_then(|pointer| file.location(pointer));
        found.unwrap_or_else(|| file.start())
    }
}
