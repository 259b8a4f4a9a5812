//! A schema as data: its keywords, in the same form for all dialects.
//!
//! Subschemas are nodes of the document, which are read separately. Lists stay in the document.

use std::rc::Rc;

use openapi_document::{Items, Members, Node, Number};

use crate::report::Direction;
use crate::schema::discriminator::Discriminator;

/// A schema as written at one location.
#[derive(Debug)]
pub(crate) struct Schema<'d> {
    pub(crate) keywords: Box<[Keyword<'d>]>,
    /// Whether null is accepted, regardless of the keywords.
    pub(crate) adds_null: bool,
}

impl<'d> Schema<'d> {
    /// The properties that the schema declares itself.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (&'d str, Node<'d>)> {
        let all = self.keywords.iter().filter_map(|it| match it {
            Keyword::Properties(all) => Some(all.clone()),
            _ => None,
        });
        all.flatten()
    }

    pub(crate) fn pattern_properties(&self) -> impl Iterator<Item = (&'d str, Node<'d>)> {
        let all = self.keywords.iter().filter_map(|it| match it {
            Keyword::PatternProperties(all) => Some(all.iter().copied()),
            _ => None,
        });
        all.flatten()
    }

    pub(crate) fn discriminator(&self) -> Option<&Rc<Discriminator<'d>>> {
        self.keywords.iter().find_map(|it| match it {
            Keyword::Discriminator(own) => Some(own),
            _ => None,
        })
    }

    /// Whether the schema has alternatives itself.
    pub(crate) fn has_alternatives(&self) -> bool {
        let mut all = self.keywords.iter();
        all.any(|it| matches!(it, Keyword::AnyOf(_) | Keyword::OneOf(_)))
    }

    /// Whether the schema is only a wrapper of the single entry of a list.
    pub(crate) fn is_wrapper(&self) -> bool {
        let mut speaking = self.keywords.iter().filter(|it| it.speaks());
        match (speaking.next(), speaking.next()) {
            (Some(Keyword::AllOf(parts) | Keyword::AnyOf(parts) | Keyword::OneOf(parts)), None) => {
                parts.clone().len() == 1
            }
            _ => false,
        }
    }

    pub(crate) fn prefix_items(&self) -> u64 {
        let mut all = self.keywords.iter();
        let len = all.find_map(|it| match it {
            Keyword::PrefixItems(all) => Some(all.clone().len() as u64),
            _ => None,
        });
        len.unwrap_or(0)
    }

    /// The reference, if the schema has no other keyword that restricts values. The inner option is its target, if
    /// any.
    #[expect(
        clippy::option_option,
        reason = "a reference that leads nowhere is one all the same"
    )]
    pub(crate) fn lone_reference(&self) -> Option<Option<Node<'d>>> {
        let mut speaking = self.keywords.iter().filter(|it| it.speaks());
        match (speaking.next(), speaking.next()) {
            (Some(Keyword::Reference(target)), None) if !self.adds_null => Some(*target),
            _ => None,
        }
    }

    /// Whether the schema is a reference without other keywords. It may still add null if `may_add_null`.
    pub(crate) fn is_reference_alone(&self, may_add_null: bool) -> bool {
        matches!(*self.keywords, [Keyword::Reference(_)]) && (may_add_null || !self.adds_null)
    }

    /// Whether a property with this schema is not sent in a direction.
    pub(crate) fn is_unsent(&self, direction: Direction) -> bool {
        self.keywords.iter().any(|it| match direction {
            Direction::Request => matches!(it, Keyword::ReadOnly),
            Direction::Response => matches!(it, Keyword::WriteOnly),
        })
    }

    /// The subschemas that apply to all values of a property or of items, except for those that only count items.
    pub(crate) fn inside(&self) -> Vec<Node<'d>> {
        let mut all = Vec::new();
        for keyword in &self.keywords {
            match keyword {
                Keyword::Properties(named) => all.extend(named.clone().values()),
                Keyword::PatternProperties(named) => all.extend(named.iter().map(|(_, schema)| *schema)),
                Keyword::PrefixItems(items) => all.extend(items.clone()),
                Keyword::EveryProperty(_, schema)
                | Keyword::AdditionalProperties(schema)
                | Keyword::UnevaluatedProperties(schema)
                | Keyword::Items(schema)
                | Keyword::UnevaluatedItems(schema) => all.push(*schema),
                _ => {}
            }
        }
        all
    }

    /// The subschemas that all apply to the same value. An alternative without others is one of them.
    pub(crate) fn parts(&self) -> Vec<Node<'d>> {
        let mut all = Vec::new();
        for keyword in &self.keywords {
            match keyword {
                Keyword::Reference(target) => all.extend(*target),
                Keyword::AllOf(parts) => all.extend(parts.clone()),
                Keyword::AnyOf(list) | Keyword::OneOf(list) if list.clone().len() == 1 => {
                    all.extend(list.clone());
                }
                _ => {}
            }
        }
        all
    }

    /// All subschemas, for the same value or for values inside it, including negations and mere conditions.
    pub(crate) fn all(&self) -> Vec<Node<'d>> {
        let mut all = [self.in_place(), self.inside()].concat();
        for keyword in &self.keywords {
            match keyword {
                Keyword::Not(schema)
                | Keyword::PropertyNames(schema)
                | Keyword::Contains(schema, ..)
                | Keyword::Conditional {
                    condition: schema, ..
                } => all.push(*schema),
                _ => {}
            }
        }
        all
    }

    /// Whether no keyword restricts the values.
    pub(crate) fn is_silent(&self) -> bool {
        !self.keywords.iter().any(Keyword::speaks)
    }

    /// The subschemas that apply to the same value, except for negations and mere conditions.
    pub(crate) fn in_place(&self) -> Vec<Node<'d>> {
        let mut all = Vec::new();
        for keyword in &self.keywords {
            keyword.in_place(&mut all);
        }
        all
    }
}

impl<'d> Keyword<'d> {
    /// Adds the subschemas that apply to the same value, except for negations and mere conditions.
    pub(crate) fn in_place(&self, all: &mut Vec<Node<'d>>) {
        match self {
            Self::Reference(target) => all.extend(*target),
            Self::AllOf(parts) | Self::AnyOf(parts) | Self::OneOf(parts) => all.extend(parts.clone()),
            Self::Conditional { then, otherwise, .. } => all.extend(then.iter().chain(otherwise).copied()),
            Self::DependentSchemas(parts) => all.extend(parts.clone().values()),
            _ => {}
        }
    }

    /// Whether the keyword limits a value by itself, without a schema for what is inside it.
    pub(crate) fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::Minimum(_)
                | Self::Maximum(_)
                | Self::MultipleOf(_)
                | Self::MinLength(_)
                | Self::MaxLength(_)
                | Self::Pattern(_)
                | Self::MinProperties(_)
                | Self::MaxProperties(_)
                | Self::MinItems(_)
                | Self::MaxItems(_)
                | Self::UniqueItems
        )
    }

    /// Whether the keyword is about values that are no objects, or about a type that is not known here.
    pub(crate) fn is_of_other_types(&self) -> bool {
        matches!(
            self,
            Self::Boolean(_)
                | Self::Reference(None)
                | Self::DynamicReference(..)
                | Self::Unread(_)
                | Self::UnknownType(_)
                | Self::Const(_)
                | Self::Enum(_)
                | Self::EnumOfItems(_)
                | Self::Minimum(_)
                | Self::Maximum(_)
                | Self::MultipleOf(_)
                | Self::MinLength(_)
                | Self::MaxLength(_)
                | Self::Pattern(_)
                | Self::PrefixItems(_)
                | Self::Items(_)
                | Self::MinItems(_)
                | Self::MaxItems(_)
                | Self::UniqueItems
                | Self::Contains(..)
                | Self::UnevaluatedItems(_)
        )
    }

    /// Whether the keyword restricts the values.
    pub(crate) fn speaks(&self) -> bool {
        !matches!(self, Self::ReadOnly | Self::WriteOnly | Self::Annotation(..))
    }
}

/// One keyword of a schema.
#[derive(Clone, Debug)]
pub(crate) enum Keyword<'d> {
    /// `true` accepts every value, `false` none.
    Boolean(bool),
    /// A reference and its target, if it can be resolved.
    Reference(Option<Node<'d>>),
    /// A reference whose target depends on the way that leads to it: its target without a way, and the name of its
    /// anchor.
    DynamicReference(Option<Node<'d>>, &'d str),
    /// The reason why the schema cannot be read.
    Unread(String),

    /// The accepted types.
    Types(Types),
    /// A type that JSON does not have.
    UnknownType(&'d str),
    /// The only accepted value.
    Const(Node<'d>),
    /// The only accepted values.
    Enum(Items<'d>),
    /// The only accepted values of items: an `enum` of scalars beside `type: array`.
    EnumOfItems(Items<'d>),

    /// The bound, and whether it is excluded.
    Minimum(Bound<'d>),
    /// The bound, and whether it is excluded.
    Maximum(Bound<'d>),
    MultipleOf(Number<'d>),
    MinLength(u64),
    MaxLength(u64),
    Pattern(&'d str),

    Properties(Members<'d>),
    /// The patterns that not every name matches.
    PatternProperties(Rc<[(&'d str, Node<'d>)]>),
    /// A pattern that every name matches, so that its schema applies to all properties.
    EveryProperty(&'d str, Node<'d>),
    AdditionalProperties(Node<'d>),
    PropertyNames(Node<'d>),
    MinProperties(u64),
    MaxProperties(u64),
    Required(Items<'d>),
    DependentRequired(Members<'d>),
    DependentSchemas(Members<'d>),
    UnevaluatedProperties(Node<'d>),

    PrefixItems(Items<'d>),
    Items(Node<'d>),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    /// At least and at most this many items match the schema.
    Contains(Node<'d>, u64, Option<u64>),
    UnevaluatedItems(Node<'d>),

    AllOf(Items<'d>),
    AnyOf(Items<'d>),
    OneOf(Items<'d>),
    Not(Node<'d>),
    Conditional {
        condition: Node<'d>,
        then: Option<Node<'d>>,
        otherwise: Option<Node<'d>>,
    },

    /// The values of a property, and the schema that each of them selects.
    Discriminator(Rc<Discriminator<'d>>),

    ReadOnly,
    WriteOnly,
    /// Another keyword, which restricts nothing, and its value.
    Annotation(&'d str, Node<'d>),
}

/// A bound of numbers, and whether it is excluded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound<'d> {
    Written(Number<'d>, bool),
    /// The bound of an integer's format.
    OfFormat(i64),
}

/// A set of the types that `type` names. An integer is also a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const INTEGER: Self = Self(4);
    pub(crate) const NUMBER: Self = Self(8 | 4);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    pub(crate) const ALL: Self = Self(127);

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    /// Whether all types of another set are in this one.
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}
