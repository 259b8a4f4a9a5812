//! How schemas are read: what a document leaves open, and which values a schema stands for at one place.

use openapi_document::Node;

use crate::options::Nullable;
use crate::report::Direction;
use crate::schema::reader::Unsent;

/// The choices where a document leaves its meaning open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) nullable: Nullable,
    /// Whether `format` refuses strings. It is an annotation in OpenAPI.
    pub(super) formats: bool,
}

/// Which values a schema stands for at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Closing {
    /// The schema stands for every value that it admits (open world).
    Open,
    /// Closed world: a producer emits only declared properties, here and further in.
    Closed,
    /// Closed world further in; another schema closes the object here.
    Inner,
}

/// The steps into a value that several schemas declare together; the default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Shared(u32);

impl Shared {
    pub(super) fn nth(index: usize) -> Self {
        Self(u32::try_from(index + 1).expect("fewer than 2^32 schemas"))
    }

    pub(super) fn index(self) -> Option<usize> {
        self.0.checked_sub(1).map(|index| index as usize)
    }
}

/// How a schema is read at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Mode {
    pub(super) direction: Option<Direction>,
    pub(super) closing: Closing,
    /// The names that do not travel in the value.
    pub(super) unsent: Unsent,
    /// A schema that inherits from this one was chosen, so that the discriminator here has nothing left to choose.
    pub(super) is_chosen: bool,
    /// A `oneOf` is read as an `anyOf`: a value may be of several alternatives.
    pub(super) takes_overlaps: bool,
    /// The steps that other schemas of the same value declare, too, where something else closes it.
    pub(super) shared: Shared,
}

impl Mode {
    pub(super) fn closing(self, closing: Closing) -> Self {
        Self {
            closing,
            shared: Shared::default(),
            ..self
        }
    }

    /// The mode for the value of a property or an item.
    pub(super) fn inside(self) -> Self {
        self.closing(match self.closing {
            Closing::Open => Closing::Open,
            Closing::Closed | Closing::Inner => Closing::Closed,
        })
    }

    pub(super) fn open(self) -> Self {
        self.closing(Closing::Open)
    }

    pub(super) fn taking_overlaps(self, takes_overlaps: bool) -> Self {
        Self {
            takes_overlaps,
            ..self
        }
    }
}

/// A schema as written, and how it is to be read.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    /// The index of its document.
    pub(super) source: usize,
    pub(super) node: Node<'d>,
    pub(super) mode: Mode,
    pub(super) depth: usize,
}

impl<'d> At<'d> {
    fn of(self, node: Node<'d>, mode: Mode) -> Self {
        Self {
            node,
            mode,
            depth: self.depth + 1,
            ..self
        }
    }

    /// A schema that speaks of the value of a property or an item, of which some names do not travel.
    pub(super) fn inside(self, node: Node<'d>, unsent: Unsent) -> Self {
        let mode = Mode {
            unsent,
            is_chosen: false,
            ..self.mode.inside()
        };
        self.of(node, mode)
    }

    /// The same place, from where a schema is met that this one inherits from.
    pub(super) fn inheriting(self) -> Self {
        let mode = Mode {
            is_chosen: true,
            ..self.mode
        };
        Self { mode, ..self }
    }

    /// A part of a schema that inherits from it.
    pub(super) fn inherited(self, node: Node<'d>) -> Self {
        self.inheriting().beside(node)
    }

    /// A schema that a tag chooses in place of this one; one that is a name for this one has nothing left to choose.
    pub(super) fn instead(self, node: Node<'d>, unsent: Unsent, is_name: bool) -> Self {
        let mode = Mode {
            unsent,
            is_chosen: is_name || node.id() == self.node.id(),
            ..self.mode
        };
        self.of(node, mode)
    }

    /// A schema that speaks of the same value.
    pub(super) fn beside(self, node: Node<'d>) -> Self {
        self.of(node, self.mode)
    }

    /// A schema that also says what is not: nobody emits by it, and if it takes more, the whole may take less.
    pub(super) fn negated(self, node: Node<'d>) -> Self {
        self.of(node, self.mode.open().taking_overlaps(false))
    }

    /// The same schema, whose alternatives exclude each other where they are of a `oneOf`.
    pub(super) fn to_the_letter(self) -> Self {
        Self {
            mode: self.mode.taking_overlaps(false),
            ..self
        }
    }

    /// The same schema beside others that declare some of the same steps.
    pub(super) fn sharing(self, shared: Shared) -> Self {
        let mode = Mode { shared, ..self.mode };
        Self { mode, ..self }
    }

    /// The same schema, as if it stood for every value that it admits.
    pub(super) fn open(self) -> Self {
        self.closing(Closing::Open)
    }

    pub(super) fn closing(self, closing: Closing) -> Self {
        Self {
            mode: self.mode.closing(closing),
            ..self
        }
    }
}
