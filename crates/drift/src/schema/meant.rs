//! The types that a schema without a `type` means where its value is a text.
//!
//! By the letter, `{"maxLength": 3}` accepts the list that a text can stand for. Whoever writes it means texts. See
//! reading 1 in `docs/readings.md`.

use openapi_document::{Kind, Node};

use super::ast::{Keyword, Types};
use super::reader::Reader;

/// Maximum number of schemas that are visited for one value. Beyond it, the value is read by the letter.
const MOST: usize = 2_000;
/// Maximum number of schemas that are visited for all values.
pub(super) const MOST_IN_ALL: usize = 1_000_000;
/// Maximum nesting of schemas for one value, including references.
const DEEPEST: usize = 64;

/// The types that schemas without a `type` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) types: Types,
    /// Whether a text is read as one of these types if it can be. Under keywords of numbers or lists it may also be a
    /// string, to which they do not apply.
    pub(crate) is_certain: bool,
}

/// What schemas say of the type of a value.
#[derive(Clone, Copy)]
struct Said {
    /// The types that they accept by a `type`, their values or their alternatives.
    stated: Types,
    /// The types of which their other keywords speak.
    spoken: Types,
    /// Whether some alternative means types that it does not state, and whether all such alternatives are certain.
    alternatives: Option<bool>,
}

impl Said {
    const NOTHING: Self = Self {
        stated: Types::ALL,
        spoken: Types::NONE,
        alternatives: None,
    };

    fn meant(self) -> Option<Meant> {
        let is_stated = self.stated != Types::ALL;
        if is_stated || self.spoken.is_empty() {
            let types = self.stated;
            return self.alternatives.map(|is_certain| Meant { types, is_certain });
        }
        let is_certain = self.spoken.has(Types::STRING) || self.spoken == Types::OBJECT;
        Some(Meant {
            types: self.spoken,
            is_certain: is_certain && self.alternatives != Some(false),
        })
    }
}

impl<'d> Reader<'d> {
    /// The types that schemas for one value mean, if they or some alternatives state none.
    pub(crate) fn types_meant(&mut self, source: usize, schemas: &[Node<'d>]) -> Option<Meant> {
        let mut said = Said::NOTHING;
        let mut left = MOST.min(self.left_for_types);
        let granted = left;
        for schema in schemas {
            self.add_said((source, false), *schema, (0, &mut left), &mut said);
        }
        self.left_for_types -= granted - left;
        said.meant()
    }

    fn add_said(
        &mut self,
        (source, is_chosen): (usize, bool),
        node: Node<'d>,
        (depth, left): (usize, &mut usize),
        said: &mut Said,
    ) {
        let Some(rest) = left.checked_sub(1).filter(|_| depth < DEEPEST) else {
            return;
        };
        *left = rest;
        let schema = self.read(source, node);
        for keyword in &schema.keywords {
            let stated = match keyword {
                Keyword::Reference(target) => {
                    if let Some(target) = target {
                        self.add_said((source, is_chosen), *target, (depth + 1, &mut *left), said);
                    }
                    continue;
                }
                Keyword::AllOf(parts) => {
                    let is_chosen = is_chosen || !schema.is_wrapper();
                    for part in parts.clone() {
                        self.add_said((source, is_chosen), part, (depth + 1, &mut *left), said);
                    }
                    continue;
                }
                // A schema that inherits from one with a discriminator is none of its alternatives.
                Keyword::AnyOf(_) | Keyword::OneOf(_) if is_chosen && schema.discriminator().is_some() => {
                    continue;
                }
                Keyword::AnyOf(parts) | Keyword::OneOf(parts) => {
                    let mut any = Types::NONE;
                    for part in parts.clone() {
                        let mut own = Said::NOTHING;
                        self.add_said((source, is_chosen), part, (depth + 1, &mut *left), &mut own);
                        any = any.or(own.meant().map_or(own.stated, |it| it.types));
                        if let Some(Meant { is_certain, .. }) = own.meant() {
                            said.alternatives = Some(is_certain && said.alternatives != Some(false));
                        }
                    }
                    any
                }
                Keyword::Boolean(false) => Types::NONE,
                Keyword::Types(types) => *types,
                Keyword::Const(value) => type_of(*value),
                Keyword::Enum(values) => values.clone().map(type_of).fold(Types::NONE, Types::or),
                keyword => {
                    said.spoken = said.spoken.or(types_of(keyword));
                    continue;
                }
            };
            said.stated = said.stated.and(stated);
        }
    }
}

fn type_of(value: Node<'_>) -> Types {
    match value.kind() {
        Kind::Null => Types::NULL,
        Kind::Bool(_) => Types::BOOLEAN,
        Kind::Number(_) => Types::NUMBER,
        Kind::String(_) => Types::STRING,
        Kind::Array(_) => Types::ARRAY,
        Kind::Object(_) => Types::OBJECT,
    }
}

/// The types of values of which a keyword speaks, unless its value restricts none.
fn types_of(keyword: &Keyword<'_>) -> Types {
    let says = |schema: &Node<'_>| schema.as_bool() == Some(false) || !schema.members().is_empty();
    match keyword {
        Keyword::MinLength(_) | Keyword::MaxLength(_) | Keyword::Pattern(_) => Types::STRING,
        Keyword::Minimum(_) | Keyword::Maximum(_) | Keyword::MultipleOf(_) => Types::NUMBER,
        Keyword::Items(items) if !says(items) => Types::NONE,
        Keyword::PrefixItems(_)
        | Keyword::Items(_)
        | Keyword::MinItems(_)
        | Keyword::MaxItems(_)
        | Keyword::UniqueItems
        | Keyword::Contains(..) => Types::ARRAY,
        Keyword::Properties(all) if all.is_empty() => Types::NONE,
        Keyword::AdditionalProperties(rest) if !says(rest) => Types::NONE,
        Keyword::Required(names) if names.is_empty() => Types::NONE,
        Keyword::Properties(_)
        | Keyword::PatternProperties(_)
        | Keyword::EveryProperty(..)
        | Keyword::AdditionalProperties(_)
        | Keyword::PropertyNames(_)
        | Keyword::MinProperties(_)
        | Keyword::MaxProperties(_)
        | Keyword::Required(_)
        | Keyword::DependentRequired(_)
        | Keyword::DependentSchemas(_) => Types::OBJECT,
        _ => Types::NONE,
    }
}
