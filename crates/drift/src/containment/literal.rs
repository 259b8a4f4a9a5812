//! Literals: the atomic statements about values of one kind.

use std::rc::Rc;

use super::formula::{FormulaId, Text};
use super::number::Num;
use super::types::Kind;

/// An atomic statement about values of one kind. `D` below is a formula over strings that selects names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Literal {
    Bool(bool),

    NumMin(Rc<Num>, Strict),
    NumMax(Rc<Num>, Strict),
    Multiple(Rc<Num>),
    NotMultiple(Rc<Num>),
    NumIn(Rc<[Num]>),
    NumNotIn(Rc<[Num]>),

    /// Lengths count code points.
    MinLen(u64),
    MaxLen(u64),
    Pattern(Text),
    NotPattern(Text),
    StrIn(Rc<[Text]>),
    StrNotIn(Rc<[Text]>),
    Format(Text),
    NotFormat(Text),
    /// The string is the canonical text of a number that satisfies the formula. The negation: the string is not a
    /// text of such a number in any spelling.
    Spells(FormulaId),
    Unspells(FormulaId),

    MinItems(u64),
    MaxItems(u64),
    /// The item at this index, if present, satisfies the formula.
    Item(u64, FormulaId),
    /// All items from this index on satisfy the formula.
    Rest(u64, FormulaId),
    /// Among the items from the index on, at least or at most this many satisfy the formula.
    AtLeast(u64, FormulaId, u64),
    AtMost(u64, FormulaId, u64),
    Unique,
    NotUnique,

    Has(Text),
    Lacks(Text),
    /// The property, if present, satisfies the formula.
    Prop(Text, FormulaId),
    /// Every property whose name is in D satisfies the formula.
    Names(FormulaId, FormulaId),
    /// Some property whose name is in D satisfies the formula.
    SomeName(FormulaId, FormulaId),
    MinProps(u64),
    MaxProps(u64),
}

/// Whether a bound itself is excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Strict {
    No,
    Yes,
}

impl Literal {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::NumMin(..)
            | Self::NumMax(..)
            | Self::Multiple(_)
            | Self::NotMultiple(_)
            | Self::NumIn(_)
            | Self::NumNotIn(_) => Kind::Number,
            Self::MinLen(_)
            | Self::MaxLen(_)
            | Self::Pattern(_)
            | Self::NotPattern(_)
            | Self::StrIn(_)
            | Self::StrNotIn(_)
            | Self::Format(_)
            | Self::NotFormat(_)
            | Self::Spells(_)
            | Self::Unspells(_) => Kind::String,
            Self::MinItems(_)
            | Self::MaxItems(_)
            | Self::Item(..)
            | Self::Rest(..)
            | Self::AtLeast(..)
            | Self::AtMost(..)
            | Self::Unique
            | Self::NotUnique => Kind::Array,
            Self::Has(_)
            | Self::Lacks(_)
            | Self::Prop(..)
            | Self::Names(..)
            | Self::SomeName(..)
            | Self::MinProps(_)
            | Self::MaxProps(_) => Kind::Object,
        }
    }
}
