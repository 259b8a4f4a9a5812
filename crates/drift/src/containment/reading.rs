//! How schemas are read: the choices where a document is ambiguous, and the values that a schema stands for.

use openapi_document::Node;

use super::carrier::Carrier;
use crate::options::Nullable;
use crate::report::Direction;
use crate::schema::unsent::Unsent;

/// The choices where the meaning of a document is ambiguous.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) nullable: Nullable,
    /// Whether `format` restricts strings. It is an annotation in OpenAPI.
    pub(super) formats: bool,
}

/// The values that a schema stands for at one location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Closing {
    /// Open world: the schema stands for every value that it accepts.
    Open,
    /// Closed world: a producer emits only declared properties, here and further inside.
    Closed,
    /// Closed world further inside only; another schema closes the object here.
    Inner,
}

/// The index of an interned list; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Interned(u32);

impl Interned {
    pub(super) fn nth(index: usize) -> Self {
        Self(u32::try_from(index + 1).expect("fewer than 2^32 schemas"))
    }

    pub(super) fn index(self) -> Option<usize> {
        self.0.checked_sub(1).map(|index| index as usize)
    }
}

/// The steps into a value that several schemas declare together.
pub(super) type Shared = Interned;
/// The schema resources that were entered on the way, if a `$dynamicRef` may depend on them.
pub(super) type Scope = Interned;

/// How a schema is read at one location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Mode {
    pub(super) direction: Option<Direction>,
    pub(super) closing: Closing,
    /// The names that are not sent in the value.
    pub(super) unsent: Unsent,
    /// Whether a schema that inherits from this one was selected, so that the discriminator here selects nothing.
    pub(super) is_chosen: bool,
    /// Whether a `oneOf` is read as an `anyOf`, so that a value may match several alternatives.
    pub(super) takes_overlaps: bool,
    /// The steps that other schemas of the same value declare, too, if the value is closed elsewhere.
    pub(super) shared: Shared,
    pub(super) scope: Scope,
    /// How the value is sent. In a text, a schema without a type means the types of which its keywords speak.
    pub(super) carrier: Carrier,
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

/// A schema as written, and how it is read.
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

    /// A schema for the value of a property or an item, with the names that are not sent in it.
    pub(super) fn inside(self, node: Node<'d>, unsent: Unsent, carrier: Carrier) -> Self {
        let mode = Mode {
            unsent,
            carrier,
            is_chosen: false,
            ..self.mode.inside()
        };
        self.of(node, mode)
    }

    /// The same location, for the schemas from which this one inherits.
    pub(super) fn inheriting(self) -> Self {
        let mode = Mode {
            is_chosen: true,
            ..self.mode
        };
        Self { mode, ..self }
    }

    /// A part of this schema from which it inherits.
    pub(super) fn inherited(self, node: Node<'d>) -> Self {
        self.inheriting().beside(node)
    }

    /// A schema that a tag selects in place of this one. An alias of this one has nothing left to select.
    pub(super) fn instead(self, node: Node<'d>, unsent: Unsent, is_name: bool) -> Self {
        let mode = Mode {
            unsent,
            is_chosen: is_name || node.id() == self.node.id(),
            ..self.mode
        };
        self.of(node, mode)
    }

    /// A schema that applies to the same value.
    pub(super) fn beside(self, node: Node<'d>) -> Self {
        self.of(node, self.mode)
    }

    /// One of several alternatives, with the names that are not sent where it is chosen.
    pub(super) fn alternative(self, unsent: Unsent) -> Self {
        let mode = Mode { unsent, ..self.mode };
        Self { mode, ..self }
    }

    /// A schema under a negation. It is read in the open world and with exclusive alternatives, because the whole
    /// could accept less if this schema accepted more.
    pub(super) fn negated(self, node: Node<'d>) -> Self {
        self.of(node, self.mode.open().taking_overlaps(false))
    }

    /// The same schema, in which the alternatives of a `oneOf` exclude each other.
    pub(super) fn to_the_letter(self) -> Self {
        Self {
            mode: self.mode.taking_overlaps(false),
            ..self
        }
    }

    /// The same schema, beside others that declare some of the same steps.
    pub(super) fn sharing(self, shared: Shared) -> Self {
        let mode = Mode { shared, ..self.mode };
        Self { mode, ..self }
    }

    /// The same schema in the open world.
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
